"""Where every figure of a screen came from: each fact used, with source, date and place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from screener.gathering import BITCOIN, InputData
from screener.known.balances import ROLLED_FORWARD
from screener.overrides.override import Override, shown, unit_of
from screener.point_in_time import UsedRows
from screener.sources import registry
from screener.sources.registry import BUNDLED
from valuation.contracts.phases import BOOK
from valuation.fundamentals.forward import CONSENSUS, FISCAL_YEAR
from valuation.inputs import Inputs
from valuation.replaceable import CONTRACT, FACT, INSTRUMENT, MARKET, UNIT

COLUMNS = [
    "ticker", "item", "value", "unit", "period_end", "published_on",
    "source", "source_url", "confidence", "evidence",
]  # fmt: skip
UNITS = {"cash_usd": "usd", "debt_usd": "usd", "shares": "shares", "btc": "btc"}


def facts_used(data: InputData, inputs: Inputs, used: UsedRows) -> pd.DataFrame:
    """Every fact behind a screen: items in force, revenue quarters, closes, transactions, instruments, contracts.

    Returns
    -------
    DataFrame
        `COLUMNS`; `source` is file:line of the universe, or the live source.
    """
    parts = [
        fact_rows(data.facts.iloc[used.facts]),
        fact_rows(data.facts.iloc[used.quarters]),
        _closes(data, inputs, used),
        _transactions(data, used),
        _instruments(inputs),
        _contracts(inputs),
    ]
    out = pd.concat([part for part in parts if len(part)], ignore_index=True)
    out = _overridden(out, used)
    return out.sort_values(["ticker", "item", "period_end"], kind="stable", ignore_index=True)


def _overridden(facts: pd.DataFrame, used: UsedRows) -> pd.DataFrame:
    """The facts with a person's figures in place of those that they replaced, and of the transactions since."""
    every = [one.override for one in used.overridden if not one.refused]
    if not every:
        return facts
    facts = _terms_overridden(facts, every)
    taken = [one for one in every if one.what in (FACT, MARKET)]
    if not taken:
        return facts
    replaced = {(one.subject or BITCOIN, one.item) for one in taken}
    items = facts["item"].str.partition(": transaction, ")[0]
    keep = [key not in replaced for key in zip(facts["ticker"], items, strict=True)]
    units = dict(zip(zip(facts["ticker"], items, strict=True), facts["unit"], strict=True))
    rows = pd.DataFrame(
        [
            {
                "ticker": one.subject or BITCOIN,
                "item": one.item,
                "value": one.value,
                "unit": units.get((one.subject or BITCOIN, one.item), unit_of(one.item)),
                "period_end": one.as_of,
                "published_on": one.as_of,
                "source": one.source,
                "source_url": "",
                "confidence": "",
                "evidence": f"a person's figure, in place of {shown(one.old)} at {one.cell}: {one.meaning}",
            }
            for one in taken
        ]
    )
    return pd.concat([facts[keep], rows[COLUMNS].astype({"value": float})], ignore_index=True)


def _terms_overridden(facts: pd.DataFrame, overrides: Sequence[Override]) -> pd.DataFrame:
    """The facts with the person named as source of changed terms, and MW in the unit that the person says."""
    facts = facts.copy()
    for one in overrides:
        if one.what == UNIT:
            rows = (facts["ticker"] == one.subject) & (facts["item"] == one.item)
            facts.loc[rows, "unit"] = "mw_critical_it" if one.value else "mw"
            facts.loc[rows, "source"] = one.source
        elif one.what == CONTRACT:
            facts.loc[facts["item"] == f"contract: {one.subject}", "source"] = one.source
        elif one.what == INSTRUMENT:
            ticker, _, name = one.subject.partition(" | ")
            rows = (facts["ticker"] == ticker) & facts["item"].str.contains(f": {name}", regex=False)
            facts.loc[rows, "source"] = one.source
    return facts


def place(frame: pd.DataFrame) -> pd.Series:
    """Where each row comes from: file:line, or the name of a live source."""
    line = frame["line"]
    text = frame["file"].astype(object) + ":" + line.fillna(0).astype(int).astype(str)
    return text.where(line.notna(), frame["file"].astype(object))


def fact_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Facts of a universe or a live source in the shape of `COLUMNS`."""
    return rows.assign(source=place(rows))[COLUMNS]


def prices_used(data: InputData, used: UsedRows) -> pd.DataFrame:
    """The close behind each company's price.

    Returns
    -------
    DataFrame
        Indexed by ticker: date, close_usd, source (`bundled` or a live one), place (the source, or file:line); only
        companies that have a close.
    """
    return _with_place(data.closes.iloc[used.closes]).set_index("ticker")


def _with_place(closes: pd.DataFrame) -> pd.DataFrame:
    source = closes["file"].astype(object).where(closes["line"].isna(), BUNDLED)
    return closes[["ticker", "date", "close_usd"]].assign(source=source, place=place(closes))


def _closes(data: InputData, inputs: Inputs, used: UsedRows) -> pd.DataFrame:
    rows = [prices_used(data, used).reset_index().assign(item="price_usd", unit="usd_per_share")]
    if used.bitcoin >= 0:
        rows.append(_with_place(data.closes.iloc[[used.bitcoin]]).assign(item="btc_usd", unit="usd_per_btc"))
    elif used.network >= 0:
        own = data.network.iloc[[used.network]]
        own = own.assign(ticker=BITCOIN, close_usd=own["btc_usd"])
        rows.append(_with_place(own).assign(item="btc_usd", unit="usd_per_btc"))
    if used.ether >= 0 and (inputs.items["eth_held"] > 0).any():
        rows.append(_with_place(data.closes.iloc[[used.ether]]).assign(item="eth_usd", unit="usd_per_eth"))
    every = pd.concat(rows, ignore_index=True)
    pages = [registry.page(source, ticker) for source, ticker in zip(every["source"], every["ticker"], strict=True)]
    return pd.DataFrame(
        {
            "ticker": every["ticker"],
            "item": every["item"],
            "value": every["close_usd"],
            "unit": every["unit"],
            "period_end": every["date"],
            "published_on": every["date"],
            "source": every["place"],
            "source_url": pd.Series(pages, index=every.index, dtype=object),
            "confidence": np.where(every["source"] != BUNDLED, "high", "medium"),
            "evidence": "last close on or before the as-of date, as traded",
        }
    )[COLUMNS]


def _transactions(data: InputData, used: UsedRows) -> pd.DataFrame:
    """Financings that moved a figure."""
    parts = []
    for item, position in used.transactions.items():
        moved, column = data.transactions.iloc[position], ROLLED_FORWARD[item]
        parts.append(
            pd.DataFrame(
                {
                    "ticker": moved["ticker"],
                    "item": f"{item}: transaction, " + moved["kind"].astype(object).str.replace("_", " "),
                    "value": moved[column],
                    "unit": UNITS[column],
                    "period_end": moved["date"],
                    "published_on": moved["published_on"],
                    "source": place(moved),
                    "source_url": moved["source_url"],
                    "confidence": "",
                    "evidence": moved["evidence"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def lists_used(data: InputData, inputs: Inputs) -> pd.DataFrame:
    """Phases of contracts, published consensus and the week of the Bitcoin network known on a date, as `COLUMNS`.

    They stand in lists of their own and not in `facts_used`. Items: `phase: CONTRACT STATUS`, `estimate: METRIC PERIOD`,
    `network: FIGURE`.

    Parameters
    ----------
    data : InputData
        Behind `inputs`.
    inputs : Inputs
        Of one date.
    """
    return pd.concat([_phases(data, inputs), _estimates(data, inputs), _network(data, inputs)], ignore_index=True)


def _phases(data: InputData, inputs: Inputs) -> pd.DataFrame:
    keys = ["contract_id", "date", "status", "published_on", "critical_it_mw"]
    rows = data.phases.merge(inputs.phases[keys].drop_duplicates(), on=keys)
    holders = dict(zip(inputs.contracts["contract_id"], inputs.contracts["ticker"], strict=True))
    # A book of several contracts is its holder's.
    for name, ticker in list(holders.items()):
        holders[f"{str(name).partition('-')[0]}{BOOK}"] = ticker
    return _listed(
        rows,
        ticker=rows["contract_id"].map(holders),
        item="phase: " + rows["contract_id"].astype(object) + " " + rows["status"].astype(object),
        value=rows["critical_it_mw"], unit="mw_critical_it", period_end=rows["date"],
        source_url=rows["source_url"], confidence=rows["confidence"], evidence=rows["evidence"],
    )  # fmt: skip


def _estimates(data: InputData, inputs: Inputs) -> pd.DataFrame:
    keys = ["ticker", "metric", "period", "published_on"]
    years = inputs.estimates["period"].str.fullmatch(FISCAL_YEAR)
    known = inputs.estimates.loc[inputs.estimates["metric"].isin(CONSENSUS) & years, keys]
    rows = data.estimates.merge(known.drop_duplicates(), on=keys)
    item = "estimate: " + rows["metric"].astype(object) + " " + rows["period"].astype(object)
    return _listed(
        rows, ticker=rows["ticker"], item=item, value=rows["value"], unit=rows["unit"], period_end=rows["published_on"],
        source_url="", confidence="", evidence=rows["source"],
    )  # fmt: skip


def _network(data: InputData, inputs: Inputs) -> pd.DataFrame:
    rows = data.network[data.network["date"].isin(inputs.market["network_date"])]
    parts = [
        _listed(
            rows, ticker=BITCOIN, item=f"network: {name}", value=rows[column], unit=unit, period_end=rows["date"],
            published_on=rows["date"], source_url="", confidence="", evidence="",
        )
        for name, column, unit in (
            ("hashrate", "hashrate_eh_per_s", "eh_per_s"), ("reward and fees a day", "reward_and_fees_btc_per_day", "btc"),
        )
    ]  # fmt: skip
    return pd.concat(parts, ignore_index=True)


def _listed(rows: pd.DataFrame, **columns: Any) -> pd.DataFrame:
    """Rows of a list in the shape of `COLUMNS`, with their place."""
    return rows.drop(columns=["source"], errors="ignore").assign(source=place(rows), **columns)[COLUMNS]


def _instruments(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.instruments
    convertible = rows["kind"] == "convertible"
    return pd.DataFrame(
        {
            "ticker": rows["ticker"],
            "item": rows["kind"].astype(object) + ": " + rows["instrument"].astype(object)
            + rows["price_usd"].map(lambda price: "" if pd.isna(price) else f" at {price:.2f}"),
            "value": rows["principal_usd"].where(convertible, rows["quantity"]),
            "unit": np.where(convertible, "usd", "shares"),
            "period_end": rows["issued_on"],
            "published_on": rows["published_on"],
            "source": place(rows),
            "source_url": rows["source_url"],
            "confidence": "",
            "evidence": rows["evidence"],
        }
    )[COLUMNS]  # fmt: skip


def _contracts(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.contracts
    return pd.DataFrame(
        {
            "ticker": rows["ticker"],
            "item": "contract: " + rows["contract_id"].astype(object),
            "value": rows["total_value_usd"],
            "unit": "usd",
            "period_end": rows["announced_on"],
            "published_on": rows["announced_on"],
            "source": place(rows),
            "source_url": rows["source_url"],
            "confidence": "",
            "evidence": rows["evidence"],
        }
    )[COLUMNS]
