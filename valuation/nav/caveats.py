"""Caveats of a net asset value: what weakens it, a sentence each, made from its figures."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from valuation._words import listed, percent, usd
from valuation.assumptions import Assumptions
from valuation.contracts.terms import CLOUD
from valuation.errors import UnknownName
from valuation.findings import CANNOT, NOTE, Finding
from valuation.mining.economics import Mining
from valuation.nav.names import HEADLINE, UNSIGNED
from valuation.nav.parts import mining_value
from valuation.nav.sum_of_parts import Nav

# Parts of the net asset value above which a single assumption is worth a sentence.
LARGE_SHARE = 0.25
POWER_PRICE_SHOCK = 1.4
LEAST_ASSUMED_USD = 50e6


def caveats(nav: Nav, mining: Mining, ticker: str) -> tuple[Finding, ...]:
    """Caveats of one company's net asset value, gravest first; one, with the reason, where it has none.

    Parameters
    ----------
    nav : Nav
    mining : Mining
        Of the same date.
    ticker : str

    Raises
    ------
    UnknownName
        No such ticker.
    """
    tickers = nav.table.index.get_level_values("ticker")
    if ticker not in tickers:
        raise UnknownName(f"no company {ticker!r} in the net asset values")
    row = nav.table.xs(ticker, level="ticker").iloc[0]
    if pd.isna(row[f"{HEADLINE}_usd"]):
        cause = nav.causes.xs(ticker, level="ticker")[f"{HEADLINE}_usd"].iloc[0]
        return (Finding(f"No net asset value: {cause}.", CANNOT),)
    mine = nav.contracts[nav.contracts["ticker"] == ticker]
    valued = mine[mine["left_out"] == ""]
    return (
        *_price(row),
        *_unsigned(nav, row),
        *_methods(row, nav.assumptions),
        *_overhead(row),
        *_contracts(mine, valued),
        *_base_terms(valued),
        *_prepaid(valued),
        *_assumed(valued),
        *_mining(nav, mining, ticker, row),
    )


def _price(row: pd.Series) -> list[Finding]:
    found = []
    floor = {"floor_usd": row["floor_usd"], "floor_per_share": row["floor_per_share"], "price_usd": row["price_usd"]}
    if row["floor_usd"] < 0:
        text = "The execution floor is negative: signed contracts and assets held do not cover the claims."
        found.append(Finding(text, CANNOT, floor, threshold=0.0))
    elif row["price_usd"] < row["floor_per_share"]:
        text = "The price is below the execution floor: the market values signed contracts and assets held below this model."
        found.append(Finding(text, CANNOT, floor))
    share = row["implied_conversion_share"]
    if share > 1:
        text = (
            "Even if all of secured power were leased at the sector's value per leased MW, the price would not be "
            "supported."
        )
        found.append(Finding(text, CANNOT, {"implied_conversion_share": share}, threshold=1.0))
    if row["implied_probability"] > 1:
        text = "Even certain leases on all approved power would not support the price."
        found.append(Finding(text, CANNOT, {"implied_probability": row["implied_probability"]}, threshold=1.0))
    return found


def _unsigned(nav: Nav, row: pd.Series) -> list[Finding]:
    unsigned = row[list(UNSIGNED)]
    found = []
    if row[f"{HEADLINE}_usd"] > 0 and unsigned.sum() > LARGE_SHARE * row[f"{HEADLINE}_usd"]:
        a, share = nav.assumptions, unsigned.sum() / row[f"{HEADLINE}_usd"]
        text = (
            f"{percent(share)} of the net asset value is power without a lease, at assumed probabilities of "
            f"{percent(a.probability_first_deal)} (a first deal), {percent(a.probability_approved)} (other approved power), "
            f"{percent(a.probability_operating)} (in use for mining) and {percent(a.probability_pipeline)} (pipeline)."
        )
        found.append(Finding(text, CANNOT, {"unsigned_share": share}, threshold=LARGE_SHARE))
    if unsigned["pipeline_usd"] > LARGE_SHARE / 2 * abs(row[f"{HEADLINE}_usd"]):
        text = (
            f"The pipeline of {row['pipeline_mw']:,.0f} MW is the company's own count and may include power that is also "
            "counted as secured."
        )
        found.append(
            Finding(text, CANNOT, {"pipeline_mw": row["pipeline_mw"], "pipeline_usd": unsigned["pipeline_usd"]})
        )
    return found


def _methods(row: pd.Series, a: Assumptions) -> list[Finding]:
    by_cap_rate, by_dcf = row["nav_cap_rate_usd"], row["nav_dcf_usd"]
    figures = {"nav_dcf_usd": by_dcf, "nav_cap_rate_usd": by_cap_rate}
    if abs(by_cap_rate - by_dcf) <= LARGE_SHARE * abs(by_dcf):
        return []
    tax = " Income of the base term is after tax, the value after the term before tax." if a.cash_taxes else ""
    text = (
        f"By cap rate the net asset value is {usd(by_cap_rate)} against {usd(by_dcf)} by DCF: the cap rate treats the rent "
        f"as perpetual and is before tax; the DCF, our headline, keeps {percent(a.residual_share)} of the income after the "
        f"base term.{tax}"
    )
    return [Finding(text, CANNOT, figures, threshold=LARGE_SHARE)]


def _overhead(row: pd.Series) -> list[Finding]:
    if not pd.isna(row["overhead_usd"]):
        return []
    return [Finding("Overhead unknown on this date, not deducted.", CANNOT)]


def _contracts(mine: pd.DataFrame, valued: pd.DataFrame) -> list[Finding]:
    found = []
    out = mine[mine["left_out"] != ""]
    if len(out):
        names = ", ".join(f"{r.contract_id} ({r.left_out})" for r in out[["contract_id", "left_out"]].itertuples())
        text, figures = f"Excluded from the net asset value: {names}.", {"contracts": len(out)}
        cost = out["capex_to_spend_usd"].sum()
        if cost > 0:
            whose = "Its" if len(out) == 1 else "Their"
            text += f" {whose} capex to complete of {usd(cost)} is not deducted either; it is in the funding gap."
            figures["capex_to_spend_usd"] = cost
        found.append(Finding(text, CANNOT, figures))
    partly = valued[(valued["supported_share"] > 0) & (valued["supported_share"] < 1)]
    for row in partly[["contract_id", "guarantor", "supported_share", "own_class"]].itertuples():
        text = (
            f"{row.contract_id}: {row.guarantor} guarantees {percent(row.supported_share)} of the value; the rest is valued "
            f"in the tenant's own credit class ({row.own_class.replace('_', ' ')})."
        )
        found.append(Finding(text, CANNOT, {"supported_share": row.supported_share}))
    return found


def _base_terms(valued: pd.DataFrame) -> list[Finding]:
    short = valued[(valued["term_usd"] < valued["capex_to_spend_usd"]) & (valued["capex_to_spend_usd"] > 0)]
    found = []
    for row in short[["contract_id", "business", "term_usd", "capex_to_spend_usd"]].itertuples():
        needs = "another tenant" if row.business == CLOUD else "a renewal"
        text = (
            f"{row.contract_id}: the base term is valued at {usd(row.term_usd)} against {usd(row.capex_to_spend_usd)} of "
            f"capex to complete; the project depends on {needs}."
        )
        found.append(Finding(text, CANNOT, {"term_usd": row.term_usd, "capex_to_spend_usd": row.capex_to_spend_usd}))
    return found


def _prepaid(valued: pd.DataFrame) -> list[Finding]:
    ahead = valued[["credited_usd", "rent_credits_left_usd"]].sum().sum()
    if ahead <= LEAST_ASSUMED_USD:
        return []
    text = (
        f"Customers have paid {usd(ahead)} ahead, in cash or as construction cost that they credit against rent: the DCF "
        "counts the cash still to be received, so this is not counted again."
    )
    return [Finding(text, NOTE, {"credited_usd": ahead}, threshold=LEAST_ASSUMED_USD)]


def _assumed(valued: pd.DataFrame) -> list[Finding]:
    found = []
    cost, assumed = (valued[f"capex_{name}_usd"].sum() for name in ("to_spend", "assumed"))
    if assumed > LEAST_ASSUMED_USD:
        part = f"{usd(assumed)} of the {usd(cost)}" if usd(assumed) != usd(cost) else f"All of the {usd(cost)}"
        text = f"{part} capex to complete is assumed, not announced."
        figures = {"capex_assumed_usd": assumed, "capex_to_spend_usd": cost}
        found.append(Finding(text, CANNOT, figures, threshold=LEAST_ASSUMED_USD))
    stepped = valued[valued["escalator_is_assumed"]]
    if len(stepped):
        text = f"Rent escalator not disclosed, assumed: {listed(stepped['contract_id'])}."
        found.append(Finding(text, CANNOT, {"contracts": len(stepped)}))
    undated = valued[valued["first_start_is_assumed"]]
    if len(undated):
        text = f"Start date assumed: {listed(undated['contract_id'])}."
        found.append(Finding(text, CANNOT, {"contracts": len(undated)}))
    return found


def _mining(nav: Nav, mining: Mining, ticker: str, row: pd.Series) -> list[Finding]:
    status = mining.status.xs(ticker, level="ticker")["margin_usd"].iloc[0]
    if status == "missing":
        cause = mining.causes.xs(ticker, level="ticker")["margin_usd"].iloc[0]
        text = f"Mining is unknown and not included ({cause.replace('_', ' ')}). The value is not compared with others."
        return [Finding(text, CANNOT)]
    if status not in ("stale", "proxy"):
        return []
    cause = mining.causes.xs(ticker, level="ticker")["margin_usd"].iloc[0]
    text = f"Mining: {cause.replace('_', ' ')}."
    figures = {"mining_usd": row["mining_usd"]}
    if row["mining_usd"] > LARGE_SHARE * abs(row[f"{HEADLINE}_usd"]):
        i = list(nav.table.index.get_level_values("ticker")).index(ticker)
        position = nav.position.row(i)
        dearer = replace(position, mining_cost_usd=position.mining_cost_usd * POWER_PRICE_SHOCK)
        figures["mining_usd_at_dearer_power"] = then = float(mining_value(dearer, 1.0))
        text += (
            f" With power {percent(POWER_PRICE_SHOCK - 1)} more expensive, mining is valued at {usd(then)} instead of "
            f"{usd(row['mining_usd'])}."
        )
    return [Finding(text, CANNOT, figures)]
