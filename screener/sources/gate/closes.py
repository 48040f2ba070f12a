"""Closes held against those before and after them, against the other companies' move of the same days, and known splits.

A close's verdict rests on closes of its own day and earlier ones, so that a run of a past date holds back what it would
have held back that evening. A close that only a later one confirms is known from the day of the later one on.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cache

import numpy as np
import pandas as pd

from screener.sources.fetched import COINS
from screener.sources.gate import limits
from screener.sources.gate.held import BITCOIN_PRICE, ETHER_PRICE, PRICE, Held
from screener.sources.gate.moves import SMALL, Table, market_moves
from screener.sources.gate.walk import HELD, LATER, walk
from screener.universes.schema import CONFIRMED

# Days from which, and up to which, a close is used.
KNOWN_FROM, KNOWN_UNTIL = "known_from", "known_until"
ITEMS = dict(zip(COINS, (BITCOIN_PRICE, ETHER_PRICE), strict=True))
REMEDY = (
    "To use it, confirm it: a row of prices.csv, of the universe or its overlay, with this close and a source in the "
    "column confirmed; a split belongs in splits.csv"
)
COIN_REMEDY = "To use it, confirm it: a row of network.csv with this price and a source in the column confirmed"


def judge(closes: pd.DataFrame, splits: pd.DataFrame, companies: Collection[str]) -> tuple[pd.DataFrame, list[Held]]:
    """The closes that can be used, and those held back or told.

    Parameters
    ----------
    closes : DataFrame
        date, ticker, close_usd, file, line; `confirmed` where a person may have confirmed a row. Of two rows of a day the
        later one stands.
    splits : DataFrame
        `SPLIT_COLUMNS`.
    companies : collection of str
        The tickers that are each other's peers.

    Returns
    -------
    DataFrame
        The rows that are used on any date, in their order, without `confirmed` and with `known_from` and `known_until`
        (NaT: for ever).
    list of Held
    """
    closes = closes.reset_index(drop=True)
    held: list[Held] = []
    stays = np.ones(len(closes), dtype=bool)
    known_from = closes["date"].to_numpy(dtype="datetime64[ns]").copy()
    known_until = np.full(len(closes), np.datetime64("NaT", "ns"))
    table = Table.of(closes, splits, frozenset(companies))
    for at in table.large:
        held.append(_large(table, int(at)))
    for ticker in table.suspects:
        judged = _judged(table, ticker)
        held += judged.held
        stays[judged.never] = False
        for row, by in judged.confirmed.items():
            known_from[row] = closes["date"].to_numpy()[by]
        for row, by in judged.displaced.items():
            known_until[row] = closes["date"].to_numpy()[by]
    out = closes.drop(columns=CONFIRMED, errors="ignore").assign(**{KNOWN_FROM: known_from, KNOWN_UNTIL: known_until})
    return (out if stays.all() else out[stays].reset_index(drop=True)), held


def known(closes: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """The closes that are used on a date."""
    if KNOWN_FROM not in closes:
        return closes[closes["date"] <= as_of]
    until = closes[KNOWN_UNTIL]
    return closes[(closes[KNOWN_FROM] <= as_of) & (until.isna() | (until > as_of))]


@dataclass(frozen=True)
class _Judged:
    """One symbol's closes: rows never used, rows that a later one confirmed or displaced, and what is told."""

    never: list[int]
    confirmed: dict[int, int]
    displaced: dict[int, int]
    held: list[Held]


def _large(table: Table, at: int) -> Held:
    """A large move below every limit: told until a later close stands beside it."""
    series = _Series(table, str(table.ticker[at]), np.array([at - 1, at]))
    end = table.date(at + 1) if at + 1 < len(table.ticker) and table.ticker[at + 1] == table.ticker[at] else pd.NaT
    return series.unconfirmed(1, 0, end)


def _judged(table: Table, ticker: str) -> _Judged:
    mine = np.arange(*np.searchsorted(table.code, [table.code_of[ticker], table.code_of[ticker] + 1]))
    series = _Series(table, ticker, mine)
    verdicts = walk(
        len(mine),
        series.follows,
        series.can_be_confirmed,
        possible=lambda at: bool(np.isfinite(series.log[at])),
        accepted=lambda at: bool(series.accepted[at]),
    )
    rows = table.order[mine]
    return _Judged(
        never=[int(rows[at]) for at, state in enumerate(verdicts.state) if state == HELD],
        confirmed={int(rows[at]): int(rows[by]) for at, by in verdicts.by.items()},
        displaced={int(rows[at]): int(rows[by]) for at, by in verdicts.displaced.items()},
        held=list(series.told(verdicts.state, verdicts.beside, verdicts.by, verdicts.displaced)),
    )


class _Series:
    """One symbol's closes in order of days."""

    def __init__(self, table: Table, ticker: str, mine: np.ndarray) -> None:
        self.table, self.ticker, self.mine = table, ticker, mine
        self.log, self.day, self.excess = table.log[mine], table.day[mine], table.excess[mine]
        self.value, self.accepted = table.value[mine], table.marked[mine]
        self.is_coin = ticker in COINS
        self.column = table.column[[table.code_of[ticker]]]
        self.splits = [(first, log) for name, first, log in table.splits if name == ticker]
        self.doubted: set[int] = set()
        self.market = cache(self._market)
        self.limit = cache(self._limit)

    def _market(self, before: int, at: int) -> float:
        if before == at - 1:
            return float(self.table.market[self.mine[at]])
        day = self.day
        return market_moves(self.table.wide, self.column, day[[before]], day[[at]]).item()

    def move(self, before: int, at: int) -> float:
        """Logarithm of the move over the other companies' between two closes."""
        return float(self.log[at] - self.log[before] - self.market(before, at))

    def _limit(self, before: int, at: int) -> float:
        gap = int(self.day[at] - self.day[before])
        if gap == 0:
            return float(np.log(limits.SAME_DAY))
        if self.is_coin:
            return limits.widened(limits.COIN_MOVE, gap)
        return limits.widened(float(np.exp(self.shown(at))), gap)

    def shown(self, at: int) -> float:
        """Logarithm of the move from which a close is held back: what the company has shown in the year before."""
        recent = (self.day[:at] >= self.day[at] - limits.SHOWN_DAYS) & ~np.isnan(self.excess[:at])
        recent[[one for one in self.doubted if one < at]] = False
        moves = np.abs(self.excess[:at][recent])
        moves = np.sort(moves[moves < np.log(limits.MOST_HELD_MOVE)])
        least, most = np.log(limits.HELD_MOVE), np.log(limits.MOST_HELD_MOVE)
        if len(moves) < limits.FEWEST_MOVES:
            return float(least)
        return float(np.clip(limits.SHOWN_TIMES * moves[-limits.SHOWN_MOVES :].mean(), least, most))

    def is_small(self, before: int, at: int) -> bool:
        """Whether a move is below every limit, as most are."""
        return before == at - 1 and self.day[before] < self.day[at] and abs(self.excess[at]) < SMALL

    def follows(self, before: int, at: int) -> bool:
        """Whether a close is in proportion to an earlier one."""
        if self.is_small(before, at) or self._in_proportion(before, at):
            return True
        self.doubted.update((at, at + 1))  # the moves to it and from it are not what the company has shown
        return False

    def _in_proportion(self, before: int, at: int) -> bool:
        return abs(self.move(before, at)) < self.limit(before, at)

    def can_be_confirmed(self, before: int, at: int) -> bool:
        """Whether later closes can show that a move was real."""
        gap = int(self.day[at] - self.day[before])
        most = max(np.log(limits.MOST_CONFIRMED_MOVE), self.limit(before, at))
        return gap > 0 and abs(self.move(before, at)) < most and not self.by_a_split(before, at)

    def by_a_split(self, before: int, at: int) -> str:
        """What a known split near the close explains; empty where none does."""
        move, limit = self.move(before, at), self.limit(before, at)
        for first, log in self.splits:
            when = f"the split of {np.datetime64(first, 'D')}"
            if self.day[before] < first <= self.day[at] and abs(move - log) < limit:
                return f"it is not yet on the share basis of {when}"
            if 0 < first - self.day[at] <= limits.SAME_SPLIT_DAYS and abs(move + log) < limit:
                return f"it is already on the share basis of {when}"
        return ""

    def told(
        self, state: list[str], beside: list[int], by: dict[int, int], displaced: dict[int, int]
    ) -> Iterator[Held]:
        """What is held back, and what is used with a warning."""
        for at, verdict in enumerate(state):
            before = beside[at]
            if at in displaced:
                yield self._row(
                    at, f"{self._close(at)}: the closes after it are in another proportion", known=displaced[at]
                )
            if not np.isfinite(self.log[at]):
                yield self._row(at, f"{self._close(at)}: no close can be that")
            elif verdict == HELD:
                yield self._row(at, self._against(at, before))
            elif verdict == LATER:
                confirmed = by[at]
                yield self._row(at, self._against(at, before), until=self._date(confirmed))
                reason = f"{self._against(at, before, '')}; confirmed by the close of {self._date(confirmed):%Y-%m-%d}"
                end = self._date(confirmed) + pd.Timedelta(days=limits.TOLD_DAYS)
                yield self._row(at, reason, known=confirmed, until=end, used=True)
            elif before >= 0:
                yield from self._large(at, before)

    def _large(self, at: int, before: int) -> Iterator[Held]:
        """A large move that is used: with a person's word, or until a later close stands beside it."""
        out = not self.follows(before, at)
        if self.accepted[at] and out:
            reason = f"{self._against(at, before, '')}; confirmed by a person: {self._word(at)}"
            end = self._date(at) + pd.Timedelta(days=limits.TOLD_DAYS)
            yield self._row(at, reason, until=end, used=True)
        elif not out and abs(self.move(before, at)) >= np.log(limits.TOLD_MOVE):
            later = [one for one in range(at + 1, len(self.day)) if self.day[one] > self.day[at]]
            end = self._date(later[0]) if later else pd.NaT
            yield self.unconfirmed(at, before, end)

    def unconfirmed(self, at: int, before: int, end: pd.Timestamp) -> Held:
        """A large move that is used, with a warning until a later close stands beside it."""
        return self._row(at, f"{self._against(at, before, '')}; no later close confirms it yet", until=end, used=True)

    def _date(self, at: int) -> pd.Timestamp:
        return self.table.date(self.mine[at])

    def _word(self, at: int) -> str:
        return str(self.table.closes[CONFIRMED].iloc[self.table.order[self.mine[at]]])

    def _close(self, at: int) -> str:
        return f"{self.value[at]:,.4g}" if self.value[at] < 1 else f"{self.value[at]:,.2f}"

    def _against(self, at: int, before: int, end: str | None = None) -> str:
        """The close beside the one before it and the others' move, and what it may be."""
        move, market = self.log[at] - self.log[before], self.market(before, at)
        peers = f", the median of the other companies {np.exp(market):.2f} times" if market else ""
        text = (
            f"{self._close(at)} on {self._date(at):%Y-%m-%d} after {self._close(before)} on {self._date(before):%Y-%m-%d}, "
            f"{_times(move)}{peers}"
        )
        if end is not None:
            return text
        split = self.by_a_split(before, at)
        if split:
            return f"{text}: {split}"
        return f"{text} and no split is known: {_guess(move)}"

    def _row(
        self, at: int, reason: str, *, known: int | None = None, until: pd.Timestamp = pd.NaT, used: bool = False
    ) -> Held:
        return Held(
            ticker=self.ticker,
            item=ITEMS.get(self.ticker, PRICE),
            date=self._date(at),
            value=float(self.value[at]),
            place=self.table.place(self.mine[at]),
            reason=reason,
            remedy="" if used else COIN_REMEDY if self.is_coin else REMEDY,
            known_on=self._date(at if known is None else known),
            until=until,
            used=used,
        )


def _times(move: float) -> str:
    factor = float(np.exp(move))
    return f"{factor:.3g} times" if factor >= 0.01 else f"{factor:.2g} times"


def _guess(move: float) -> str:
    """What a move is likely to be where it is near a power of ten or a usual split."""
    factor = float(np.exp(abs(move)))
    power = np.log10(factor)
    if round(power) >= 1 and abs(power - round(power)) < 0.12:
        return f"off by a factor of {10 ** round(power):,}, or a split"
    return "a wrong figure, a split not told, or a real move that no later close confirms"
