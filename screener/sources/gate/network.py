"""Weeks of the Bitcoin network held against the weeks before them; bitcoin's price is judged with its closes."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.sources.gate import limits
from screener.sources.gate.held import Held, by_a_person
from screener.sources.gate.walk import HELD, walk
from screener.splits import days
from screener.universes.schema import CONFIRMED

LIMITS = {
    "hashrate_eh_per_s": limits.NETWORK_MOVE,
    "difficulty": limits.NETWORK_MOVE,
    "reward_and_fees_btc_per_day": limits.REWARD_MOVE,
}
TITLES = {
    "hashrate_eh_per_s": "hashrate",
    "difficulty": "difficulty",
    "reward_and_fees_btc_per_day": "reward and fees",
}
REMEDY = "To use it, confirm it: the row in network.csv with a source in the column confirmed"


def judge(network: pd.DataFrame) -> tuple[pd.DataFrame, list[Held]]:
    """The weeks with what cannot be made unknown, and what is held back.

    Parameters
    ----------
    network : DataFrame
        The columns of network.csv, with `file` and `line`.

    Returns
    -------
    DataFrame
        As `network`, without `confirmed`.
    list of Held
    """
    marked = by_a_person(network)
    network = network.drop(columns=CONFIRMED, errors="ignore")
    held: list[Held] = []
    cells: dict[str, np.ndarray] = {}
    for name, limit in LIMITS.items():
        value = network[name].to_numpy(dtype=float)
        there = np.flatnonzero(~np.isnan(value))
        there = there[np.argsort(network["date"].to_numpy()[there], kind="stable")]
        wrong = _out_of_proportion(value[there], days(network["date"])[there], limit, marked[there])
        for at, beside in wrong:
            held.append(_row(network, name, int(there[at]), int(there[beside]) if beside >= 0 else -1))
        if wrong:
            cells[name] = value.copy()
            cells[name][there[[at for at, _ in wrong]]] = np.nan
    network = network.assign(**cells) if cells else network
    return network, held


def _out_of_proportion(value: np.ndarray, day: np.ndarray, limit: float, marked: np.ndarray) -> list[tuple[int, int]]:
    """(place, place of the value it was held against) of values that no other confirms."""
    possible = np.isfinite(value) & (value > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.where(possible, np.log(value), np.nan)
    if possible.all() and not (np.abs(np.diff(log)) >= np.log(limit)).any():
        return []

    def follows(before: int, at: int) -> bool:
        return bool(abs(log[at] - log[before]) < limits.widened(limit, int(day[at] - day[before])))

    def confirmable(before: int, at: int) -> bool:
        most = max(np.log(limits.MOST_CONFIRMED_MOVE), limits.widened(limit, int(day[at] - day[before])))
        return bool(abs(log[at] - log[before]) < most)

    found = walk(
        len(value), follows, confirmable,
        possible=lambda at: bool(possible[at]), accepted=lambda at: bool(marked[at]),
    )  # fmt: skip
    out = [(at, found.beside[at]) for at, state in enumerate(found.state) if state == HELD]
    return sorted(out + [(at, -1) for at in found.displaced])


def _row(network: pd.DataFrame, name: str, at: int, beside: int) -> Held:
    row = network.iloc[at]
    value = float(row[name])
    text = f"{TITLES[name]} {value:,.6g} on {row['date']:%Y-%m-%d}"
    if beside < 0:
        reason = f"{text} cannot be, or not before the weeks after it"
    else:
        before = network.iloc[beside]
        reason = f"{text} after {before[name]:,.6g} on {before['date']:%Y-%m-%d}, {value / before[name]:.3g} times"
    return Held(
        ticker="",
        item=name,
        date=row["date"],
        value=value,
        place=str(row["file"]) if pd.isna(row["line"]) else f"{row['file']}:{int(row['line'])}",
        reason=f"{reason}; the week before stands",
        remedy=REMEDY,
        known_on=row["date"],
    )
