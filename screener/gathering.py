"""The data of a run in one shape: the universe's rows, with those of a source or of the ledger laid over them."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pandas as pd

from screener.errors import NotKnown
from screener.sources import bundled, registry
from screener.sources.combine import DIFFERENCE_COLUMNS
from screener.sources.fetched import CLOSE_COLUMNS, COINS, PROVIDER_COLUMNS, Failure, stack
from screener.sources.gate import passing
from screener.sources.gate.closes import KNOWN_FROM, KNOWN_UNTIL, known
from screener.sources.gate.held import Held, frame
from screener.sources.gate.held import on as held_on
from screener.sources.registry import BUNDLED
from screener.sources.source import Source
from screener.universes import Universe
from screener.universes.overlay import CONFLICT_COLUMNS

BITCOIN = COINS[0]
# Frames that are the universe's own, whatever the source.
AS_FILED = ("companies", "contracts", "contract_terms", "phases", "instruments", "transactions", "debt", "raises",
            "estimates", "deals", "comparables", "claims", "renames", "network", "sites", "events")  # fmt: skip
CHANGED_COLUMNS = ["source", "ticker", "date", "before", "now", "held", "seen_at"]
WEEK_ENDS_ON = 4  # Friday: before it a live week may still get a later close


@dataclass(frozen=True)
class InputData:
    """Everything that a command, a study, a history, a backtest or a portfolio reads.

    Attributes
    ----------
    companies, facts, closes, splits, contracts, contract_terms, phases, instruments, transactions, debt, raises,
    estimates, deals, comparables, claims, renames, network, sites, events : DataFrame
        The columns of `universes.schema`; `file` and `line` say where a row comes from: a file of the universe, or
        the source's name and NaN.
    benchmarks : mapping of str
        Tickers of the universe's funds and coins by their part: market, miners, ...
    none_of : tuple of str
        Items that are zero where a company has no row of them (`Universe.none_of`).
    differences : DataFrame
        Where source and universe disagree: `combine.DIFFERENCE_COLUMNS`.
    failures : tuple of Failure
        What was asked for and not got, symbol by symbol.
    source : str
        Where the rows beside the universe's own come from: `bundled` (none), `ledger` (what sources told before; nobody
        is asked), or the name of a live source.
    fell_back : str
        Why stored data stand in for a live source; empty where they do not.
    retrieved_at : Timestamp or None
        UTC time at which the live source's rows were last asked for.
    changed : DataFrame
        Closes that a source told differently later: source, ticker, date, before, now, held, seen_at.
    provider : DataFrame
        The source's own enterprise values, for comparison only.
    waiting_days : tuple of int
        For each figure of filings that waits for a person's review, the days since it was seen, longest first.
    proposed : int
        How many of the facts are proposals that nobody accepted.
    daily : DataFrame
        Daily closes on the share basis of the last day, of the symbols that `add_daily_closes` asked for.
    daily_failures : tuple of Failure
    conflicts : DataFrame
        Facts of an overlay that differ from the bundled universe: `overlay.CONFLICT_COLUMNS`.
    held : DataFrame
        What the gate held back, and what it let through with a warning: `gate.held.HELD_COLUMNS`. In `closes`,
        `known_from` is the day from which a close is used (later than its own where a later close confirmed it).
    """

    companies: pd.DataFrame
    facts: pd.DataFrame
    closes: pd.DataFrame
    splits: pd.DataFrame
    contracts: pd.DataFrame
    contract_terms: pd.DataFrame
    phases: pd.DataFrame
    instruments: pd.DataFrame
    transactions: pd.DataFrame
    debt: pd.DataFrame
    raises: pd.DataFrame
    estimates: pd.DataFrame
    deals: pd.DataFrame
    comparables: pd.DataFrame
    claims: pd.DataFrame
    renames: pd.DataFrame
    network: pd.DataFrame
    sites: pd.DataFrame
    events: pd.DataFrame
    benchmarks: Mapping[str, str]
    differences: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=DIFFERENCE_COLUMNS))
    failures: tuple[Failure, ...] = ()
    source: str = BUNDLED
    fell_back: str = ""
    retrieved_at: pd.Timestamp | None = None
    provider: pd.DataFrame = field(default_factory=lambda: stack([], PROVIDER_COLUMNS))
    changed: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CHANGED_COLUMNS))
    waiting_days: tuple[int, ...] = ()
    proposed: int = 0
    daily: pd.DataFrame = field(default_factory=lambda: stack([], CLOSE_COLUMNS))
    daily_failures: tuple[Failure, ...] = ()
    conflicts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CONFLICT_COLUMNS))
    held: pd.DataFrame = field(default_factory=lambda: frame([]))
    none_of: tuple[str, ...] = ()

    @classmethod
    def of(cls, universe: Universe) -> InputData:
        """The rows of a universe's own files that pass the gate, without any source."""
        return cls.as_filed(universe).passed()

    @classmethod
    def as_filed(cls, universe: Universe) -> InputData:
        """The rows of a universe's own files as they stand, to lay others over: no run reads them before `passed`."""
        own = bundled.fetch(universe)
        return cls(
            facts=own.facts,
            closes=own.closes,
            splits=own.splits,
            **{name: getattr(universe, name) for name in AS_FILED},
            benchmarks=universe.settings.get("benchmarks", {}),
            conflicts=universe.conflicts,
            none_of=universe.none_of,
        )

    def passed(self, before: Collection[Held] = ()) -> InputData:
        """The same through the gate: what cannot be is held back and told (`held`).

        Parameters
        ----------
        before : collection of Held
            What was held back on the way here.
        """
        found = passing.judge(self.closes, self.facts, self.network, self.splits, self.companies["ticker"], before)
        return replace(self, closes=found.closes, facts=found.facts, network=found.network, held=found.held)

    @property
    def live(self) -> Source | None:
        """The live source whose rows are in it; None where there is none."""
        return registry.find(self.source)

    @property
    def miners(self) -> list[str]:
        """Tickers of the companies in the statistics, in order."""
        return sorted(self.companies.loc[self.companies["role"] != "comparable", "ticker"])

    @property
    def last_reviewed_close(self) -> pd.Timestamp:
        """The last close in the universe's own files; NaT where there is none."""
        return self.closes.loc[self.closes["line"].notna(), "date"].max()

    @cached_property
    def _wide(self) -> pd.DataFrame:
        """Closes as traded, (dates, tickers) without coins, which trade on Sundays; of two of a day the later row."""
        rows = self.closes[~self.closes["ticker"].isin(COINS)]
        rows = rows.drop_duplicates(["date", "ticker"], keep="last")
        return rows.pivot(index="date", columns="ticker", values="close_usd").sort_index()

    def _known(self, until: pd.Timestamp) -> pd.DataFrame:
        """`_wide` up to a day, without closes that were held back on it."""
        wide = self._wide[self._wide.index <= until]
        if KNOWN_FROM not in self.closes:
            return wide
        rows = self.closes[~self.closes["ticker"].isin(COINS) & (self.closes["date"] <= until)]
        held = rows[(rows[KNOWN_FROM] > until) | (rows[KNOWN_UNTIL] <= until)]
        if held.empty:
            return wide
        wide = wide.copy()
        for row in held.itertuples(index=False):
            wide.at[row.date, row.ticker] = np.nan
        return wide

    def weeks(self, since: pd.Timestamp, until: pd.Timestamp) -> pd.DatetimeIndex:
        """Dates of the weekly history within [since, until]: those of the universe's own closes, and after the last of
        them the week ends of the live source.

        A day on which few companies have a close is not a week of the sector: see `_quoted_days`.
        """
        from valuation.events import week_ends

        own = pd.DatetimeIndex(np.sort(self.closes.loc[self.closes["line"].notna(), "date"].unique()))
        companies = self._wide.reindex(columns=self.companies["ticker"]).dropna(how="all")
        own = own[own.isin(_quoted_days(companies))]
        later = week_ends(companies).index
        later = later[later > own.max()] if len(own) else later
        friday = later + pd.to_timedelta(WEEK_ENDS_ON - later.day_of_week, unit="D")
        dates = own.append(later[friday <= until])
        return dates[(dates >= since) & (dates <= until)].as_unit("ns")

    def some_weeks(self, since: pd.Timestamp, until: pd.Timestamp) -> pd.DatetimeIndex:
        """`weeks`, of which there must be one.

        Raises
        ------
        NotKnown
            No weekly close in the span.
        """
        dates = self.weeks(since, until)
        if dates.empty:
            raise NotKnown(f"no weekly close between {since:%Y-%m-%d} and {until:%Y-%m-%d}")
        return dates

    def adjusted_closes(self, until: pd.Timestamp, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """Closes up to a day, on the share basis of that day (dates, tickers).

        Parameters
        ----------
        tickers : sequence of str, optional
            Of these alone, and on the dates on which one of them has a close; every ticker by default.
        """
        from valuation.events import adjust_for_splits

        wide = self._known(until)
        if tickers is not None:
            wide = wide[[name for name in tickers if name in wide]]
        wide = wide.dropna(how="all").dropna(axis=1, how="all")
        return adjust_for_splits(wide, self.splits[self.splits["first_day_on_new_basis"] <= until])

    def weekly_closes(self, until: pd.Timestamp, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """The same at each week's end."""
        from valuation.events import week_ends

        return week_ends(self.adjusted_closes(until, tickers))

    def bitcoin(self, until: pd.Timestamp) -> pd.Series:
        """Bitcoin in USD by date up to a day: of the source where it has the day, else of the network file."""
        own = self.network.dropna(subset="btc_usd").set_index("date")["btc_usd"]
        quoted = known(self.closes[self.closes["ticker"] == BITCOIN], until).set_index("date")["close_usd"]
        both = pd.concat([own, quoted]) if len(quoted) else own
        both = both[~both.index.duplicated(keep="last")].sort_index()
        return both[both.index <= until].rename("btc_usd")

    def known_on(self, as_of: pd.Timestamp) -> InputData:
        """The same without what a source says of itself on a later day (its enterprise values are of the retrieval) and
        without conflicts with rows published later, and with what is held back on that day alone."""
        held = held_on(self.held, as_of)
        if len(held) < len(self.held):
            return replace(self, held=held).known_on(as_of)
        later = self.conflicts["published_on"] > as_of
        if later.any():
            return replace(self, conflicts=self.conflicts[~later]).known_on(as_of)
        if self.retrieved_at is None or as_of >= self.retrieved_at.tz_localize(None).normalize() - pd.Timedelta(days=1):
            return self
        return replace(self, provider=self.provider[:0])


def _quoted_days(closes: pd.DataFrame) -> pd.DatetimeIndex:
    """Days on which at least half of the companies that have a close in that month have one.

    One company's last close before a change of its ticker, on a Monday, is no weekly close of the others.
    """
    has = closes.notna()
    of_month = has.groupby(closes.index.to_period("M")).transform("any")
    return closes.index[2 * has.sum(axis=1) >= of_month.sum(axis=1)]
