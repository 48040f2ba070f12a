"""Moves of closes on one share basis, side by side: each symbol's own and the median of the other companies."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.sources.fetched import COINS
from screener.sources.gate import limits
from screener.sources.gate.held import by_a_person
from screener.splits import days

# Below this move nothing is held back or told.
SMALL = float(np.log(limits.TOLD_MOVE))


@dataclass(frozen=True)
class Table:
    """The closes of every symbol, sorted by symbol and day (rows), and those of the companies side by side.

    Attributes
    ----------
    closes : DataFrame
    splits : list of (ticker, first day, logarithm of the multiplier)
    order : int array
        Position in `closes` of each row.
    ticker, code, day, value : arrays
    code_of : dict
        The code of a ticker.
    column : int array
        By code: the column of `wide`, -1 of coins and funds.
    log : array
        Logarithm of the close on the first share basis; NaN where no close can be that.
    market, excess : array
        The other companies' median move since the close before, and the move over it.
    marked : bool array
        Confirmed by a person.
    wide : DataFrame
        `log` of the companies by day.
    suspects : list of str
        Tickers with a close that needs a closer look.
    large : int array
        Rows of the others that moved enough to be told.
    """

    closes: pd.DataFrame
    splits: list[tuple[str, int, float]]
    order: np.ndarray
    ticker: np.ndarray
    code: np.ndarray
    code_of: dict[str, int]
    column: np.ndarray
    day: np.ndarray
    log: np.ndarray
    excess: np.ndarray
    market: np.ndarray
    marked: np.ndarray
    value: np.ndarray
    wide: pd.DataFrame
    suspects: list[str]
    large: np.ndarray

    def place(self, at: int) -> str:
        """File and line of a row, or the source that told it."""
        row = self.order[at]
        file, line = self.closes["file"].to_numpy(dtype=object)[row], self.closes["line"].to_numpy()[row]
        return str(file) if pd.isna(line) else f"{file}:{int(line)}"

    def date(self, at: int) -> pd.Timestamp:
        """The day of a row."""
        return pd.Timestamp(int(self.day[at]), unit="D").as_unit("ns")

    @classmethod
    def of(cls, closes: pd.DataFrame, splits: pd.DataFrame, companies: Collection[str]) -> Table:
        codes, names = pd.factorize(closes["ticker"].to_numpy(dtype=object))
        day = days(closes["date"])
        order = np.lexsort((np.arange(len(closes)), day, codes))
        code, day = codes[order], day[order]
        ticker = names[code] if len(names) else np.array([], dtype=object)
        value = closes["close_usd"].to_numpy(dtype=float)[order]
        with np.errstate(divide="ignore", invalid="ignore"):
            log = np.where((value > 0) & np.isfinite(value), np.log(value), np.nan)
        known_splits = [
            (name, int(first), float(np.log(multiplier)))
            for name, first, multiplier in zip(
                splits["ticker"], days(splits["first_day_on_new_basis"]), splits["shares_multiplier"], strict=True
            )
            if multiplier > 0
        ]
        code_of = {name: at for at, name in enumerate(names)}
        for name, first, step in known_splits:
            if name in code_of:
                mine = slice(*np.searchsorted(code, [code_of[name], code_of[name] + 1]))
                log[mine] += np.where(day[mine] >= first, step, 0.0)
        peer = np.array([name in companies for name in names], dtype=bool)
        coin = np.array([name in COINS for name in names], dtype=bool)
        row = pd.DataFrame({"day": day, "code": code, "log": log})[peer[code]]
        row = row.drop_duplicates(["day", "code"], keep="last").dropna()
        wide = row.pivot(index="day", columns="code", values="log")
        column = np.full(len(names), -1)
        column[wide.columns] = np.arange(wide.shape[1])
        move = np.full(len(code), np.nan)
        move[1:] = np.where(code[1:] == code[:-1], np.diff(log), np.nan)
        market = market_moves(wide, column[code], np.concatenate([[0], day[:-1]])[: len(day)], day)
        excess = move - market
        marked = by_a_person(closes)[order]
        same_day = np.concatenate([[False], (code[1:] == code[:-1]) & (day[1:] == day[:-1])])[: len(code)]
        # Below every limit a close needs no closer look: those of a week, of a coin, of one day.
        least = np.log(np.where(coin[code], limits.COIN_MOVE, limits.HELD_MOVE))
        odd = np.isnan(log) | marked | (np.abs(excess) >= np.where(same_day, np.log(limits.SAME_DAY), least))
        suspect = np.zeros(len(names), dtype=bool)
        suspect[code[odd]] = True
        large = ~suspect[code] & (np.abs(excess) >= SMALL) & (np.abs(excess) < least)
        return cls(
            closes, known_splits, order, ticker, code, code_of, column, day, log, excess, market, marked, value, wide,
            [str(names[one]) for one in np.flatnonzero(suspect)], np.flatnonzero(large),
        )  # fmt: skip


def market_moves(wide: pd.DataFrame, column: np.ndarray, before: np.ndarray, day: np.ndarray) -> np.ndarray:
    """The median move of the other companies between two days of each row; 0 where fewer than `FEWEST_PEERS` have closes
    on both, or where it is beyond `MOST_PEERS_MOVE`; 0 for coins and funds, whose `column` of `wide` is -1."""
    market = np.zeros(len(day))
    row = np.flatnonzero(column >= 0)
    if not len(row):
        return market
    at, was = wide.index.get_indexer(day[row]), wide.index.get_indexer(before[row])
    _, first, which = np.unique(was * (len(wide) + 1) + at, return_index=True, return_inverse=True)
    values = wide.to_numpy()
    moves = np.where((was[first] >= 0)[:, None], values[at[first]] - values[was[first]], np.nan)
    by_size = np.argsort(moves, axis=1)  # NaN last
    ranked = np.take_along_axis(moves, by_size, axis=1)
    places = np.argsort(by_size, axis=1)
    count = (~np.isnan(moves)).sum(axis=1)
    own = moves[which, column[row]]
    place = np.where(np.isnan(own), count[which], places[which, column[row]])
    others = count[which] - ~np.isnan(own)
    lower, upper = np.maximum((others - 1) // 2, 0), others // 2
    pick = [ranked[which, np.minimum(k + (k >= place), ranked.shape[1] - 1)] for k in (lower, upper)]
    median = (pick[0] + pick[1]) / 2
    usable = (others >= limits.FEWEST_PEERS) & (np.abs(median) <= np.log(limits.MOST_PEERS_MOVE))
    market[row] = np.where(usable, median, 0.0)
    return market
