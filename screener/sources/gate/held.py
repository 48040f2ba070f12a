"""Figures that the gate held back, or let through with a warning: one row each, with the reason and the override."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields

import numpy as np
import pandas as pd

from screener.universes.schema import CONFIRMED

# Items of closes and coins, as `provenance.facts_used` names them.
PRICE, BITCOIN_PRICE, ETHER_PRICE = "price_usd", "btc_usd", "eth_usd"


@dataclass(frozen=True)
class Held:
    """One figure that is out of proportion.

    Attributes
    ----------
    ticker, item : str
        As in `provenance.facts_used`; a week of the network has an empty ticker and the column as its item.
    date : Timestamp
        Day of the close, or end of the period.
    value : float
    place : str
        File and line, or the source.
    reason : str
        The figure, what it was held against, and what it may be.
    remedy : str
        What a person can do to have the figure used.
    known_on : Timestamp
        The first day on which the figure could have been used.
    until : Timestamp
        The first day on which this is no longer so (a later close confirmed it, or its warning has ended); NaT: open.
    used : bool
        Used with a warning; else held back.
    """

    ticker: str
    item: str
    date: pd.Timestamp
    value: float
    place: str
    reason: str
    remedy: str
    known_on: pd.Timestamp
    until: pd.Timestamp = pd.NaT
    used: bool = False


HELD_COLUMNS = [field.name for field in fields(Held)]
_DAYS = ["date", "known_on", "until"]


def frame(rows: Iterable[Held]) -> pd.DataFrame:
    """The rows as a table: `HELD_COLUMNS`."""
    table = pd.DataFrame([astuple(row) for row in rows], columns=HELD_COLUMNS)
    return table.astype({**dict.fromkeys(_DAYS, "datetime64[ns]"), "value": float, "used": bool})


def title(item: str) -> str:
    """An item in words."""
    words = {PRICE: "close", BITCOIN_PRICE: "price of bitcoin", ETHER_PRICE: "price of ether", "debt_total": "debt"}
    return words.get(item, item.replace("_", " "))


def by_a_person(rows: pd.DataFrame) -> np.ndarray:
    """Which rows a person confirmed."""
    return rows[CONFIRMED].notna().to_numpy() if CONFIRMED in rows else np.zeros(len(rows), dtype=bool)


def on(held: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """What is held back, or told, on a date."""
    open_ = held["until"].isna() | (held["until"] > as_of)
    return held[(held["known_on"] <= as_of) & open_].reset_index(drop=True)


def in_force(held: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """The rows held back that would be the figure of the date, were they not: none in use is as late.

    Parameters
    ----------
    held : DataFrame
        From `on`.
    facts : DataFrame
        `provenance.facts_used` of the date.
    """
    latest = facts.groupby(["ticker", "item"])["period_end"].max()
    keys = pd.MultiIndex.from_frame(held[["ticker", "item"]])
    used = pd.Series(latest.reindex(keys).to_numpy(), index=held.index, dtype="datetime64[ns]")
    return held[~held["used"] & (used.isna() | (held["date"] >= used))]


def messages(held: pd.DataFrame) -> list[tuple[str, str, str]]:
    """(ticker, item, words) for each figure held back, several days of one item in one."""
    found = []
    for (ticker, item), rows in held.groupby(["ticker", "item"], sort=False):
        last = rows.sort_values("date", kind="stable").iloc[-1]
        more = f"; {len(rows) - 1} earlier since {rows['date'].min():%Y-%m-%d}" if len(rows) > 1 else ""
        found.append((str(ticker), str(item), f"{last['place']}: {last['reason']}{more}. {last['remedy']}"))
    return found
