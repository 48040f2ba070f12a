"""Renamed tickers: under which symbol a company trades on a day, and which company a symbol stands for on a day.

renames.csv dates each change; companies.csv lists further former tickers without a day. The universe's own ticker stands for
its company on every day. A former symbol stands for it until the change, and afterwards as long as nobody else bears it; a
later symbol stands for it from the change on, since before that day it was somebody else's. Filings are told apart by CIK,
whatever the ticker (`sources.edgar.identity`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pandas as pd

from valuation.comparison.changes import Snapshot

if TYPE_CHECKING:
    from screener.universes import Universe

COLUMNS = ["old", "new", "first_day_under_new"]
NEVER, EVER = pd.Timestamp.max, pd.Timestamp.min
# Days after a change in which a close of the old symbol may still be the company's: sources differ by some days.
SETTLING = pd.Timedelta(days=10)


@dataclass(frozen=True)
class Meant:
    """What a symbol stands for: a company of the universe, or nobody in it; and what to say about it."""

    ticker: str = ""
    note: str = ""


@dataclass(frozen=True)
class Renames:
    """The changes of ticker of a universe's companies.

    Attributes
    ----------
    spans : dict
        By symbol that is no ticker of the universe: (company, first day, last day), of which a day may be unbounded.
    current : dict
        Company's ticker by the universe, to (symbol that it trades under since its last change, first day of it).
    taken : dict
        Symbol to the first day on which a close of somebody else's is known under it.
    """

    tickers: frozenset[str] = frozenset()
    spans: Mapping[str, tuple[tuple[str, pd.Timestamp, pd.Timestamp], ...]] = field(default_factory=dict)
    current: Mapping[str, tuple[str, pd.Timestamp]] = field(default_factory=dict)
    taken: Mapping[str, pd.Timestamp] = field(default_factory=dict)

    @classmethod
    def of(cls, companies: pd.DataFrame, renames: pd.DataFrame, closes: pd.DataFrame | None = None) -> Renames:
        """The changes of ticker of a universe.

        Parameters
        ----------
        companies : DataFrame
            companies.csv: ticker, and former_tickers separated by semicolons.
        renames : DataFrame
            renames.csv: old, new, first_day_under_new.
        closes : DataFrame, optional
            date, ticker: closes of a former symbol long after the change are somebody else's.
        """
        tickers = list(dict.fromkeys(companies["ticker"].dropna()))
        rows = renames.dropna(subset=COLUMNS).sort_values("first_day_under_new", kind="stable")
        changes = list(rows[COLUMNS].itertuples(index=False, name=None))
        spans: dict[str, list[tuple[str, pd.Timestamp, pd.Timestamp]]] = {}
        current: dict[str, tuple[str, pd.Timestamp]] = {}
        for ticker in tickers:
            for symbol, first, last in _lineage(ticker, changes):
                if symbol != ticker:
                    spans.setdefault(symbol, []).append((ticker, first, last))
                if last == NEVER:
                    current[ticker] = (symbol, first)
        for ticker, symbol in _undated(companies):
            if symbol not in spans:
                spans[symbol] = [(ticker, EVER, NEVER)]
        spans = {symbol: sorted(found, key=lambda span: span[1]) for symbol, found in spans.items()}
        taken = {} if closes is None else _taken(spans, closes)
        return cls(frozenset(tickers), {symbol: tuple(found) for symbol, found in spans.items()}, current, taken)

    @classmethod
    def of_universe(cls, universe: Universe) -> Renames:
        """The changes of ticker of a loaded universe."""
        return cls.of(universe.companies, universe.renames, universe.prices)

    def company(self, symbol: str, on: pd.Timestamp) -> Meant:
        """Which company a symbol stands for on a day."""
        if symbol in self.tickers:
            return Meant(symbol)
        spans = self.spans.get(symbol, ())
        for ticker, first, last in spans:
            if first <= on <= last:
                return Meant(ticker, f"{symbol} is {ticker} today")
        said = ""
        for ticker, first, last in reversed(spans):
            if on < first:
                said = f"{symbol} stands for {ticker} from {first:%Y-%m-%d} on: not taken for it on {on:%Y-%m-%d}"
            elif symbol in self.taken and self.taken[symbol] <= on:
                since = f"{self.taken[symbol]:%Y-%m-%d}"
                return Meant(
                    "", f"{symbol} was {ticker} to {last:%Y-%m-%d}; somebody else trades under it since {since}"
                )
            else:
                changed = last + pd.Timedelta(days=1)
                return Meant(ticker, f"{symbol} is {ticker} today (renamed on {changed:%Y-%m-%d})")
        return Meant("", said)

    def asked(self, tickers: Iterable[str], on: pd.Timestamp) -> dict[str, str]:
        """The symbol under which each company is to be asked for on a day, to the universe's ticker."""
        out = {}
        for ticker in tickers:
            symbol, first = self.current.get(ticker, (ticker, EVER))
            out[symbol if first <= on else ticker] = ticker
        return out

    def hint(self, symbol: str) -> str:
        """What to ask for in place of a symbol that is no ticker of the universe; empty where it never was one's."""
        for ticker, first, last in self.spans.get(symbol, ()):
            if first != EVER:
                return f"; {symbol} was {ticker} until {first:%Y-%m-%d}: ask for {ticker}"
            if last == NEVER:
                return f"; {symbol} is {ticker} today: ask for {ticker}"
            return f"; {symbol} is {ticker} since {last + pd.Timedelta(days=1):%Y-%m-%d}"
        return ""


def _lineage(ticker: str, changes: list[tuple[str, str, pd.Timestamp]]) -> list[tuple[str, pd.Timestamp, pd.Timestamp]]:
    """The symbols of one company with their first and last days, oldest first; each change is followed once."""
    day = pd.Timedelta(days=1)
    out = [(ticker, EVER, NEVER)]
    left = list(changes)
    while True:
        symbol, first, last = out[0]
        # The latest change to this symbol by the time that it was left.
        found = [one for one in left if one[1] == symbol and one[2] <= last]
        if not found:
            break
        old, _, when = found[-1]
        left.remove(found[-1])
        out[0] = (symbol, when, last)
        out.insert(0, (old, EVER, when - day))
    while True:
        symbol, first, last = out[-1]
        found = [one for one in left if one[0] == symbol and one[2] > first]
        if not found:
            break
        _, new, when = found[0]
        left.remove(found[0])
        out[-1] = (symbol, first, when - day)
        out.append((new, when, NEVER))
    return out


def _undated(companies: pd.DataFrame) -> list[tuple[str, str]]:
    """(ticker, former ticker) of companies.csv."""
    if "former_tickers" not in companies:
        return []
    listed = companies[["ticker", "former_tickers"]].dropna()
    return [
        (ticker, one.strip().upper())
        for ticker, texts in listed.itertuples(index=False, name=None)
        for one in str(texts).split(";")
        if one.strip()
    ]


def _taken(
    spans: Mapping[str, list[tuple[str, pd.Timestamp, pd.Timestamp]]], closes: pd.DataFrame
) -> dict[str, pd.Timestamp]:
    found = {}
    for symbol, of_it in spans.items():
        last = max(until for _, _, until in of_it)
        if last == NEVER:
            continue
        later = closes.loc[closes["ticker"].eq(symbol) & (closes["date"] > last + SETTLING), "date"]
        if len(later):
            found[symbol] = later.min()
    return found


def in_tickers_of(before: Snapshot, after: Snapshot, renames: Renames) -> Snapshot:
    """An earlier run under the tickers of a later one: a company that was renamed in between is not two."""
    gone = [ticker for ticker in map(str, before.table.index) if ticker not in after.table.index]
    meant = {old: _ticker_in(after, renames, old, before.as_of) for old in gone}
    changed = {old: new for old, new in meant.items() if new and new not in before.table.index}
    if not changed:
        return before
    indexed = {
        name: getattr(before, name).rename(index=changed) for name in ("names", "table", "status", "causes", "bridge")
    }
    rows = {name: _renamed(getattr(before, name), changed) for name in ("contracts", "facts", "issues")}
    return replace(before, **indexed, **rows)


def later_symbols(last_seen: Mapping[str, pd.Timestamp], renames: Renames) -> dict[str, str]:
    """Former symbols of a history's companies, each with the later one under which the history goes on.

    Parameters
    ----------
    last_seen : mapping
        By symbol, the last date on which the history holds it.
    """
    found = {}
    for old, on in last_seen.items():
        ticker = renames.company(old, on).ticker
        symbols = [renames.current.get(ticker, ("", EVER))[0], ticker]
        new = next((one for one in symbols if one and one != old and last_seen.get(one, on) > on), "")
        if new:
            found[old] = new
    return found


def joined(weekly: pd.DataFrame, later: Mapping[str, str]) -> pd.DataFrame:
    """A metric through time with one column a company: what stands under a former symbol goes under its later one.

    Parameters
    ----------
    weekly : DataFrame
        By as-of date, a column a ticker. Where a date has a figure under both symbols, that of the later one stands.
    later : mapping
        Former to later symbol.
    """
    out = weekly.copy()
    # The symbol that was borne last goes first, so that the older one fills what it leaves empty.
    for old in sorted(set(later) & set(out), key=lambda old: out[old].last_valid_index() or EVER, reverse=True):
        before = out.pop(old)
        out[later[old]] = out[later[old]].combine_first(before) if later[old] in out else before
    return out.reindex(columns=sorted(out.columns))


def _ticker_in(after: Snapshot, renames: Renames, old: str, on: pd.Timestamp) -> str:
    """The ticker in a later run of what bore a symbol on the day of an earlier one; empty where there is none."""
    ticker = renames.company(old, on).ticker
    symbols = [ticker, renames.current.get(ticker, ("", EVER))[0]]
    return next((symbol for symbol in symbols if symbol and symbol != old and symbol in after.table.index), "")


def _renamed(frame: pd.DataFrame, changed: Mapping[str, str]) -> pd.DataFrame:
    return frame.assign(ticker=frame["ticker"].replace(dict(changed))) if "ticker" in frame else frame


def under_tickers(told: Any, asked: Mapping[str, str]) -> Any:
    """An answer of a source (`sources.fetched.Fetched`) under the tickers of the universe, not the symbols asked."""
    if all(symbol == ticker for symbol, ticker in asked.items()):
        return told

    def back(frame: pd.DataFrame) -> pd.DataFrame:
        if "ticker" not in frame:
            return frame
        return frame.assign(ticker=frame["ticker"].map(lambda symbol: asked.get(symbol, symbol)))

    frames = {name: back(getattr(told, name)) for name in ("closes", "facts", "splits", "provider")}
    failures = tuple(
        replace(one, symbol=asked[one.symbol], message=f"{one.message} (asked for as {one.symbol})")
        if asked.get(one.symbol, one.symbol) != one.symbol
        else one
        for one in told.failures
    )
    questions = tuple(replace(one, symbol=asked.get(one.symbol, one.symbol)) for one in told.asked)
    return replace(told, **frames, failures=failures, asked=questions)


def with_older(told: Any, older: Any, renames: Renames) -> Any:
    """An answer of a source with what it has under the old symbols of companies that it does not know by the new ones.

    A symbol under which somebody trades long after the change is somebody else's: nothing of it is taken.
    """
    last = older.closes.groupby("ticker")["date"].max()
    own = [
        ticker for ticker, day in last.items()
        if ticker in renames.current and day <= renames.current[ticker][1] + SETTLING
    ]  # fmt: skip

    def mine(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[frame["ticker"].isin(own)]

    names = ("closes", "facts", "splits", "provider")
    frames = {name: _stacked(getattr(told, name), mine(getattr(older, name))) for name in names}
    failures = [one for one in told.failures if one.symbol not in own] + [
        one for one in older.failures if one.symbol in own
    ]
    return replace(told, **frames, failures=tuple(sorted(failures)), asked=(*told.asked, *older.asked))


def _stacked(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    filled = [frame for frame in (first, second) if len(frame)]
    return pd.concat(filled, ignore_index=True) if filled else first
