"""Measures of one company: its contracts, closes, GPUs, power, financings and coins."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from screener.known.lists import contracts_on
from screener.sources.gate.closes import known as closes_known
from screener.studies.claims.known import Claim, Known, filed, placed
from valuation._words import count, day, usd
from valuation.claims.verdict import Measured
from valuation.contracts.credit import classify

YEAR = pd.Timedelta(days=365)
ITEMS = {"secured_mw": ("mw_secured", "mw_operating"), "operating_mw": ("mw_operating",)}


def metric_of(name: str) -> Callable[[Known, Claim], Measured]:
    """A metric of the screen, of the claim's company."""

    def compute(known: Known, claim: Claim) -> Measured:
        status, causes = (str(frame.loc[claim.subject, name]) for frame in (known.screen.status, known.screen.causes))
        value = known.screen.table.loc[claim.subject, name]
        why = "" if status not in ("missing", "not_meaningful") else causes
        sources = known.facts([claim.subject], *ITEMS.get(name, ()))
        return Measured(float(value), n=1, status=status, causes=causes, why=why, sources=sources)

    return compute


def _contracts(known: Known, claim: Claim) -> pd.DataFrame:
    """The contracts of which a claim can speak."""
    rows = known.book.contracts
    rows = rows[(rows["ticker"] == claim.subject) & (rows["announced_on"] <= claim.said_on)]
    # Whom the statement names is read from the contracts of its own day: one of them may have ended since.
    signed = contracts_on(known.data.contracts, known.data.contract_terms, pd.DatetimeIndex([claim.said_on]))
    signed = signed[signed["ticker"] == claim.subject].reset_index(drop=True)
    names = set(classify(signed)["counterparty_name"]) if len(signed) else set()
    named = [name for name in names if str(name).lower() in claim.statement.lower()]
    return rows[rows["counterparty_name"].isin(named)] if named else rows


def _of_contracts(
    known: Known, claim: Claim, figure: Callable[[pd.DataFrame], float], column: str, assumed: str = ""
) -> Measured:
    """One figure over the contracts; unknown where a contract lacks it, proxy where a stand-in is used."""
    rows = _contracts(known, claim)
    if rows.empty:
        return Measured(why="no contract in force of which the claim can speak")
    without = rows.loc[rows[column].isna(), "contract_id"]
    ids, marked = ", ".join(rows["contract_id"]), ", ".join(without)
    sources = known.contract_facts(rows["contract_id"])
    if marked and not assumed:
        return Measured(n=len(rows), status="missing", why=f"not announced: {marked}", note=ids, sources=sources)
    value = float(figure(rows))
    status, causes = ("proxy", f"{assumed}: {marked}") if marked else ("ok", "")
    return Measured(value, n=len(rows), status=status, causes=causes, why=causes, note=ids, sources=sources)


def total_value(known: Known, claim: Claim) -> Measured:
    """Announced value of the contracts, USD."""
    return _of_contracts(known, claim, lambda rows: rows["total_value_usd"].sum(), "total_value_usd")


def annual_revenue(known: Known, claim: Claim) -> Measured:
    """Revenue a year of the contracts, USD."""

    def revenue(rows: pd.DataFrame) -> float:
        return (rows["owned_annual_revenue_usd"] / rows["owner_share"]).sum(min_count=len(rows))

    return _of_contracts(known, claim, revenue, "annual_revenue_usd", "total value over the term")


def critical_it(known: Known, claim: Claim) -> Measured:
    """Critical IT MW of the contracts."""
    return _of_contracts(known, claim, lambda rows: rows["critical_it_mw"].sum(), "critical_it_mw")


def margin(known: Known, claim: Claim) -> Measured:
    """NOI or EBITDA margin of the contracts, weighted by revenue."""

    def weighted(rows: pd.DataFrame) -> float:
        return np.average(rows["margin_used"], weights=rows["owned_annual_revenue_usd"].fillna(0.0) + 1e-9)

    return _of_contracts(known, claim, weighted, "noi_margin", "margin assumed")


def prepayment(known: Known, claim: Claim) -> Measured:
    """Prepaid part of the contracts' value."""

    def weighted(rows: pd.DataFrame) -> float:
        return np.average(rows["prepayment"], weights=rows["value_used_usd"].fillna(0.0) + 1e-9)

    return _of_contracts(known, claim, weighted, "prepayment")


def close(known: Known, claim: Claim) -> Measured:
    """Weekly closes of the day's month: the range, and the last close on or before the day."""
    closes, month = closes_known(known.data.closes, known.until), known.day.to_period("M")
    mine = closes[(closes["ticker"] == claim.subject) & (closes["date"].dt.to_period("M") == month)]
    mine = mine[mine["date"] <= known.until].sort_values("date", kind="stable")
    if mine.empty:
        return Measured(why=f"no close in {month.strftime('%B %Y')}")
    low, high = mine["close_usd"].min(), mine["close_usd"].max()
    last = known.screen.table.loc[claim.subject, "price_usd"]
    item = f"{claim.subject} close " + mine["date"].dt.strftime("%Y-%m-%d")
    note = f"{count(len(mine), 'close')} from {day(mine['date'].iloc[0])} to {day(mine['date'].iloc[-1])}"
    return Measured(
        float(last), first=float(low), last=float(high), n=len(mine), note=note, sources=placed(mine, item, "date")
    )


def gpus(known: Known, claim: Claim) -> Measured:
    """GPUs installed, with the company's own target in the note."""
    row, target = (known.latest(claim.subject, item) for item in ("gpus_installed", "gpus_target"))
    if row.empty:
        return Measured(status="missing", why="no figure on installed GPUs published by then")
    on, value = row["period_end"].iloc[0], float(row["value"].iloc[0])
    old = (known.day - on).days > known.config.assumptions.max_age_capacity_days
    note = f"as of {day(on)}"
    if len(target):
        size, told = target["value"].iloc[0], target["published_on"].iloc[0]
        note += f"; the company's target: {size:,.0f}, published {day(told)}"
    status, causes = ("stale", "gpus_installed old") if old else ("ok", "")
    return Measured(
        value, n=1, status=status, causes=causes, note=note, sources=filed(pd.concat([row, target]))
    )  # fmt: skip


def mining_mw(known: Known, claim: Claim) -> Measured:
    """Energised power less AI in service."""
    key = (known.day, claim.subject)
    value, status, causes = (
        frame.loc[key, "mining_mw"] for frame in (known.power.table, known.power.status, known.power.causes)
    )
    sources = known.facts([claim.subject], "mw_operating", "mw_operating_ai", "mw_secured")
    why = causes if status == "missing" else ""
    return Measured(float(value), n=1, status=status, causes=causes, why=why, sources=sources)


def raised(known: Known, claim: Claim) -> Measured:
    """The financing of the year before the claim that is nearest to the claimed amount."""
    moved, told = known.data.transactions, known.data.raises
    moved = moved[moved["published_on"] <= known.day].rename(columns={"date": "on"})
    told = told[told["announced_on"] <= known.day].rename(columns={"announced_on": "on", "source": "source_url"})
    gross = moved["debt_usd"].where(moved["debt_usd"] > 0, moved["cash_usd"])
    both = pd.concat([moved.assign(usd=gross, published=moved["published_on"]),
                      told.assign(usd=told["size_usd"], published=told["on"])])  # fmt: skip
    within = (both["on"] <= claim.said_on) & (both["on"] > claim.said_on - YEAR) & (both["usd"] > 0)
    mine = both[within & (both["ticker"] == claim.subject)]
    if mine.empty:
        return Measured(why="no financing known in the year before the claim")
    off = (mine["usd"] - (claim.claimed.middle if claim.claimed.is_known else mine["usd"].max())).abs()
    best = mine.loc[[off.to_numpy().argmin() == i for i in range(len(mine))]]
    row = best.iloc[0]
    text = f"{str(row['kind']).replace('_', ' ')} of {day(row['on'])}"
    spent = row["debt_usd"] - row["cash_usd"] if row["debt_usd"] > 0 and row["cash_usd"] > 0 else 0.0
    if spent > 0:
        text += f", of which {usd(spent)} did not stay as cash"
    item = f"{claim.subject} {str(row['kind']).replace('_', ' ')}"
    return Measured(float(row["usd"]), n=len(mine), note=text, sources=placed(best, item, "published", "source_url"))


def btc_held(known: Known, claim: Claim) -> Measured:
    """Bitcoin held, rolled forward."""
    inputs, key = known.valued.inputs, (known.day, claim.subject)
    value, old = float(inputs.items.loc[key, "btc_held"]), bool(inputs.stale.loc[key, "btc_held"])
    if np.isnan(value):
        return Measured(status="missing", why="btc_held unknown")
    status, causes = ("stale", "btc_held old") if old else ("ok", "")
    sources = known.facts([claim.subject], "btc_held")
    return Measured(value, n=1, status=status, causes=causes, sources=sources)
