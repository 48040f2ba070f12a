"""Where every figure of a screen came from: each fact used, with source, date and place."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.gathering import InputData
from screener.universes import Universe
from valuation.inputs import Inputs

COLUMNS = [
    "ticker", "item", "value", "unit", "period_end", "published_on",
    "source", "source_url", "confidence", "evidence",
]  # fmt: skip
TTM_QUARTERS = 4


def facts_used(
    universe: Universe, data: InputData, inputs: Inputs, used: pd.DataFrame, as_of: pd.Timestamp
) -> pd.DataFrame:
    """Every fact behind a screen: items in force, revenue quarters, closes, transactions, instruments, contracts.

    Returns
    -------
    DataFrame
        `COLUMNS`; `source` is file:line of the universe, or the live source.
    """
    items = data.facts.iloc[np.unique(used["row"])]
    parts = [
        fact_rows(items),
        fact_rows(_quarters_used(data.facts, inputs)),
        _closes(data, universe, inputs, as_of),
        _transactions(universe, inputs, as_of),
        _instruments(inputs),
        _contracts(inputs),
    ]
    out = pd.concat([part for part in parts if len(part)], ignore_index=True)
    return out.sort_values(["ticker", "item", "period_end"], kind="stable", ignore_index=True)


def _place(frame: pd.DataFrame) -> pd.Series:
    line = frame["line"]
    text = frame["file"].astype(object) + ":" + line.fillna(0).astype(int).astype(str)
    return text.where(line.notna(), frame["file"].astype(object))


def fact_rows(rows: pd.DataFrame) -> pd.DataFrame:
    """Facts of a universe or a live source in the shape of `COLUMNS`."""
    return rows.assign(source=_place(rows))[COLUMNS]


def _quarters_used(facts: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """The rows behind the last four quarters of revenue known."""
    from screener.point_in_time import QUARTER_ITEMS

    latest = inputs.quarters.sort_values("period_end").groupby("ticker").tail(TTM_QUARTERS)
    wanted = pd.MultiIndex.from_frame(latest[["ticker", "period_end"]])
    as_of = inputs.index.get_level_values("as_of")[0]
    mine = facts[facts["item"].isin(QUARTER_ITEMS) & (facts["published_on"] <= as_of)]
    mine = mine[pd.MultiIndex.from_frame(mine[["ticker", "period_end"]]).isin(wanted)]
    key = ["ticker", "item", "period_end"]
    return mine.sort_values("published_on", kind="stable").drop_duplicates(key, keep="last")


def prices_used(data: InputData, inputs: Inputs) -> pd.DataFrame:
    """The close behind each company's price.

    Returns
    -------
    DataFrame
        Indexed by ticker: date, close_usd, source (`yahoo`, `bundled`), place (the source, or file:line); only
        companies that have a close.
    """
    used = pd.DataFrame(
        {
            "ticker": inputs.index.get_level_values("ticker"),
            "date": inputs.periods["price_usd"].to_numpy(),
            "close_usd": inputs.items["price_usd"].to_numpy(),
        }
    ).dropna(subset="close_usd")
    return _with_place(used, data).set_index("ticker")


def _with_place(used: pd.DataFrame, data: InputData) -> pd.DataFrame:
    """Closes by ticker and date with where they come from; of two of one day the later row is the one in force."""
    rows = data.closes.drop_duplicates(["ticker", "date"], keep="last")[["ticker", "date", "file", "line"]]
    out = used.merge(rows, on=["ticker", "date"], how="left")
    return out.assign(source=np.where(out["line"].isna(), out["file"], "bundled"), place=_place(out))


def _closes(data: InputData, universe: Universe, inputs: Inputs, as_of: pd.Timestamp) -> pd.DataFrame:
    companies = prices_used(data, inputs).reset_index()
    coins = pd.concat([_bitcoin(data, universe, inputs), _ether(data, inputs, as_of)])
    rows = pd.concat([companies.assign(item="price_usd", unit="usd_per_share"), coins], ignore_index=True)
    live = rows["source"] != "bundled"
    return pd.DataFrame(
        {
            "ticker": rows["ticker"],
            "item": rows["item"],
            "value": rows["close_usd"],
            "unit": rows["unit"],
            "period_end": rows["date"],
            "published_on": rows["date"],
            "source": rows["place"],
            "source_url": ("https://finance.yahoo.com/quote/" + rows["ticker"].astype(object)).where(live, ""),
            "confidence": np.where(live, "high", "medium"),
            "evidence": "last close on or before the as-of date, as traded",
        }
    )[COLUMNS]


def _bitcoin(data: InputData, universe: Universe, inputs: Inputs) -> pd.DataFrame:
    """Bitcoin's price is of the source where it gave one for that day, else of the network file."""
    price, day = inputs.market["btc_usd"].iloc[0], inputs.market["btc_date"].iloc[0]
    if pd.isna(price):
        return pd.DataFrame()
    row = _with_place(pd.DataFrame({"ticker": ["BTC-USD"], "date": [day], "close_usd": [price]}), data)
    if row["file"].isna().all():
        own = universe.network[universe.network["date"] == day].tail(1)
        row = row.assign(source="bundled", place=_place(own).to_numpy())
    return row.assign(item="btc_usd", unit="usd_per_btc")


def _ether(data: InputData, inputs: Inputs, as_of: pd.Timestamp) -> pd.DataFrame:
    """Ether's price, where a company holds any."""
    quoted = data.closes[(data.closes["ticker"] == "ETH-USD") & (data.closes["date"] <= as_of)]
    if quoted.empty or not (inputs.items["eth_held"] > 0).any():
        return pd.DataFrame()
    latest = quoted.sort_values("date", kind="stable").tail(1)[["ticker", "date", "close_usd"]]
    return _with_place(latest, data).assign(item="eth_usd", unit="usd_per_eth")


def _transactions(universe: Universe, inputs: Inputs, as_of: pd.Timestamp) -> pd.DataFrame:
    """Financings that moved a figure: dated after the row that they roll forward, known by the as-of date."""
    from screener.point_in_time import ROLLED_FORWARD

    due = universe.transactions[
        (universe.transactions["published_on"] <= as_of) & (universe.transactions["date"] <= as_of)
    ]
    units = {"cash_usd": "usd", "debt_usd": "usd", "shares": "shares", "btc": "btc"}
    parts = []
    for item, column in ROLLED_FORWARD.items():
        base = inputs.periods[item].droplevel("as_of").reindex(due["ticker"]).to_numpy()
        moved = due[(due["date"].to_numpy() > base) & due[column].fillna(0.0).ne(0).to_numpy()]
        parts.append(
            pd.DataFrame(
                {
                    "ticker": moved["ticker"],
                    "item": f"{item}: transaction, " + moved["kind"].astype(object).str.replace("_", " "),
                    "value": moved[column],
                    "unit": units[column],
                    "period_end": moved["date"],
                    "published_on": moved["published_on"],
                    "source": _place(moved),
                    "source_url": moved["source_url"],
                    "confidence": "",
                    "evidence": moved["evidence"],
                }
            )
        )
    return pd.concat(parts, ignore_index=True)[COLUMNS]


def _instruments(inputs: Inputs) -> pd.DataFrame:
    rows = inputs.instruments
    convertible = rows["kind"] == "convertible"
    return pd.DataFrame(
        {
            "ticker": rows["ticker"],
            "item": rows["kind"].astype(object) + ": " + rows["instrument"].astype(object)
            + " at " + rows["price_usd"].map("{:.2f}".format),
            "value": rows["principal_usd"].where(convertible, rows["quantity"]),
            "unit": np.where(convertible, "usd", "shares"),
            "period_end": rows["issued_on"],
            "published_on": rows["published_on"],
            "source": _place(rows),
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
            "source": _place(rows),
            "source_url": rows["source_url"],
            "confidence": "",
            "evidence": rows["evidence"],
        }
    )[COLUMNS]
