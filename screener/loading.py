"""Where a run's data come from: the universe, what the ledger holds, and what a live source is asked for now."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pandas as pd

from screener import clock
from screener.days import Day, as_day
from screener.errors import InputError, NotKnown, ScreenerError, SourceError
from screener.gathering import InputData
from screener.ledger import Ledger, recorded
from screener.proposals.laid import lay
from screener.renames import Renames, under_tickers, with_older
from screener.sources import registry
from screener.sources.combine import combine
from screener.sources.fetched import COINS, Failure, Fetched
from screener.sources.gate import answer
from screener.sources.gate import closes as of_closes
from screener.sources.gate.basis import on_our_basis
from screener.sources.gate.held import Held
from screener.sources.network import weeks
from screener.sources.registry import AUTO, BUNDLED, LEDGER, PROBE_SECONDS
from screener.sources.source import Source
from screener.sources.told import EDGAR, PROPOSED
from screener.universes import Universe

ACCEPTED = "accepted"
PRICE_HISTORY_DAYS = 30
MOST_HISTORY_DAYS = 365


def load_inputs(
    universe: Universe,
    as_of: Day,
    source: str = AUTO,
    progress: Callable[[str], None] | None = None,
    *,
    facts: str = ACCEPTED,
    now: pd.Timestamp | None = None,
) -> InputData:
    """Everything that a run reads: the universe's rows, what the ledger holds, and what the source asked for gives.

    Parameters
    ----------
    source : str
        `bundled`: the universe alone. `ledger`: with what sources told before; nobody is asked, and without a ledger
        that can be read it is an error. The name of a live
        source: that one is asked, or an error. `auto`: the first live source that answers within `PROBE_SECONDS` is
        asked for what is older than its time-to-live, else the ledger stands, with the reason in `fell_back`.
    progress : callable, optional
        Called with a few words on each step.
    facts : str
        `accepted`: of filings only what a person accepted. `proposed`: also what filings in the ledger add, marked.
    now : Timestamp, optional
        Aware; the clock by default.

    Raises
    ------
    NotKnown
        No such source, or `ledger` where there is none yet.
    StoreError
        `ledger`, and it cannot be read.
    InputError
        Proposed facts of the bundled data: they stand in the ledger.
    SourceError
        The live source named gave nothing.
    """
    progress = progress or (lambda _: None)
    own, as_of = InputData.as_filed(universe), as_day(as_of)
    if source == BUNDLED:
        if facts != ACCEPTED:
            raise InputError("--facts proposed reads the ledger: use --source ledger, auto or a live source")
        return own.passed()
    named = None if source in (AUTO, LEDGER) else registry.find(source)
    now = pd.Timestamp(clock.now()) if now is None else now
    kept = _Kept(universe, now, proposed=facts == PROPOSED)
    if named is not None:
        progress(f"asking whether {named.title} can be reached")
        return kept.over(own, named.name, as_of, _ask(universe, named, kept, as_of, progress, everything=True))
    if source == LEDGER:
        return kept.over(own, LEDGER, as_of, required=True)
    reasons = []
    for chosen in registry.LIVE.values():
        if not kept.is_due(chosen, as_of):
            return kept.over(own, chosen.name, as_of)
        paused = kept.paused(chosen)
        if paused:
            reasons.append(paused)
            continue
        progress(f"asking whether {chosen.title} can be reached")
        if not chosen.reachable(PROBE_SECONDS):
            reasons.append(f"{chosen.title} gave no answer within {PROBE_SECONDS:.0f} seconds")
            continue
        try:
            return kept.over(own, chosen.name, as_of, _ask(universe, chosen, kept, as_of, progress))
        except SourceError as error:
            reasons.append(str(error))
    return replace(kept.over(own, LEDGER, as_of), fell_back="; ".join(reasons))


def ask_source(
    universe: Universe, source: Source, as_of: Day, progress: Callable[[str], None], *, now: pd.Timestamp
) -> Fetched:
    """Ask a live source for what is older than its time-to-live, and keep what it tells.

    Raises
    ------
    SourceError
        It gave nothing.
    """
    return _ask(universe, source, _Kept(universe, now), as_day(as_of), progress)


class _Kept:
    """The ledger, opened for one question at a time; one that cannot be used costs no run that did not name it, and is
    told."""

    def __init__(self, universe: Universe, now: pd.Timestamp, *, proposed: bool = False) -> None:
        self.universe, self.now, self.proposed = universe, now, proposed
        self.companies = list(universe.companies["ticker"])
        self.others = list(dict.fromkeys([*COINS, *universe.settings.get("benchmarks", {}).values()]))
        self.fault = ""

    def fresh(self, source: Source, as_of: pd.Timestamp) -> set[tuple[str, str]]:
        """The questions, (symbol, what), that need not be put to a source again."""
        try:
            with Ledger.open(create=False) as ledger:
                return recorded.fresh(
                    ledger.asked(source.name, by=self.now.to_pydatetime()), self.companies, self.others, as_of, self.now
                )
        except ScreenerError:
            return set()

    def is_due(self, source: Source, as_of: pd.Timestamp) -> bool:
        """Whether a question to a source is to be put."""
        return len(self.fresh(source, as_of)) < 2 * len(self.companies) + len(self.others)

    def paused(self, source: Source) -> str:
        """Why a source is not to be asked yet; empty where it may be."""
        try:
            with Ledger.open(create=False) as ledger:
                pause = ledger.paused(source.name, self.now.to_pydatetime())
        except ScreenerError:
            return ""
        return "" if pause is None else f"{source.title} is not asked before {pause[0]:%Y-%m-%d %H:%M} UTC: {pause[1]}"

    def pause(self, source: Source, seconds: float, reason: str) -> None:
        """Remember that a source limits requests."""
        with suppress(ScreenerError), Ledger.open() as ledger:
            now = self.now.to_pydatetime()
            ledger.pause(source.name, now + timedelta(seconds=seconds), reason, now)

    def keep(self, told: Fetched) -> None:
        """Keep what was told now; what cannot be kept is used all the same, and said."""
        try:
            with Ledger.open() as ledger:
                ledger.add(recorded.told(told), self.now.to_pydatetime())
        except ScreenerError as error:
            self.fault = str(error)

    def over(
        self,
        own: InputData,
        source: str,
        as_of: pd.Timestamp,
        fresh: Fetched | None = None,
        *,
        required: bool = False,
    ) -> InputData:
        """The universe's rows with those of the ledger, and of an answer of now, laid over them.

        Raises
        ------
        NotKnown, StoreError
            required=True and there is no ledger, or it cannot be read.
        """
        found: recorded.Recorded | None = None
        filed = pd.DataFrame()
        try:
            with Ledger.open(create=False) as ledger:
                found = recorded.fetched(ledger, source, [*self.companies, *self.others], as_of)
                filed = ledger.items(self.companies, EDGAR)
        except NotKnown:
            if required:
                raise
        except ScreenerError as error:
            if required:
                raise
            self.fault = self.fault or str(error)
        answered = recorded.joined(found.fetched if found else None, fresh, source, kept=not self.fault)
        data, held = (own, []) if answered is None else self._combined(own, answered)
        if found is not None:
            network = weeks.merged(own.network, found.network) if len(found.network) else own.network
            data = replace(data, network=network, changed=found.changed)
        if self.fault:
            told = Failure("", LEDGER, "bad_answer", self.fault)
            data = replace(data, failures=tuple(sorted([*data.failures, told])))
        return lay(self.universe, data, filed, as_of, proposed=self.proposed).passed(held)

    def _combined(self, own: InputData, answered: Fetched) -> tuple[InputData, list[Held]]:
        """The universe's rows with an answer's, and what of the answer is held back: another share basis."""
        reviewed, _ = of_closes.judge(own.closes, own.splits, self.companies)
        kept, held = on_our_basis(reviewed, answered)
        live = replace(answered, closes=kept)
        facts, closes, splits, differences = combine(self.universe, live)
        data = replace(
            own,
            facts=facts,
            closes=closes,
            splits=splits,
            differences=differences,
            failures=live.failures,
            source=live.source,
            retrieved_at=live.retrieved_at,
            provider=live.provider,
        )
        return data, held


def _ask(
    universe: Universe,
    source: Source,
    kept: _Kept,
    as_of: pd.Timestamp,
    progress: Callable[[str], None],
    *,
    everything: bool = False,
) -> Fetched:
    # Back to the last reviewed closes: a day that both know shows whether it is the same security on the same basis.
    reviewed = universe.prices[universe.prices["date"] <= as_of].groupby("ticker")["date"].max()
    since = min([as_of - pd.Timedelta(days=PRICE_HISTORY_DAYS), *reviewed])
    since = max(since, as_of - pd.Timedelta(days=MOST_HISTORY_DAYS))
    # A renamed company is asked for under the symbol that it trades under now, whatever day is screened.
    named = Renames.of(universe.companies, universe.renames)
    asked = named.asked(kept.companies, kept.now.tz_localize(None))
    fresh = set() if everything else kept.fresh(source, as_of)
    options: dict[str, Any] = {
        "since": since, "until": as_of, "progress": progress,
        "pause": lambda seconds, reason: kept.pause(source, seconds, reason),
    }  # fmt: skip
    symbols = {ticker: symbol for symbol, ticker in asked.items()}
    skip = {(symbols.get(subject, subject), what) for subject, what in fresh}
    told = under_tickers(source.fetch(list(asked), others=kept.others, skip=skip, **options), asked)
    unheard = [
        ticker for symbol, ticker in asked.items()
        if symbol != ticker and (ticker, "closes") not in fresh and ticker not in set(told.closes["ticker"])
    ]  # fmt: skip
    if unheard:
        # A source that does not know the new symbol yet may have the old one.
        try:
            older = source.fetch(unheard, others=(), skip=fresh, **options)
        except SourceError:
            pass
        else:
            told = with_older(told, older, named)
    told = answer.sound(told)
    kept.keep(told)
    return told


def add_daily_closes(
    data: InputData,
    tickers: Sequence[str],
    since: pd.Timestamp,
    until: pd.Timestamp,
    progress: Callable[[str], None] | None = None,
) -> InputData:
    """The same data with daily closes of some symbols, from the same source, on the share basis of the last day.

    Raises
    ------
    SourceError
        The source gave no close of any of them.
    """
    source = data.live
    if source is None or source.daily_closes is None:
        return data
    if progress is not None:
        progress(f"asking {source.title} for daily closes")
    today = pd.Timestamp.now("UTC").tz_localize(None)
    asked = Renames.of(data.companies, data.renames).asked(tickers, today)
    got = under_tickers(ask_daily_closes(source, list(asked), since, until, split_adjusted=True), asked)
    return replace(data, daily=got.closes, daily_failures=got.failures)


def ask_daily_closes(
    source: Source, tickers: Sequence[str], since: pd.Timestamp, until: pd.Timestamp, *, split_adjusted: bool = False
) -> Fetched:
    """Daily closes of any tickers from a source that has them, in proportion, under the tickers asked for.

    Raises
    ------
    SourceError
        No close of any of them.
    """
    assert source.daily_closes is not None
    asked = {source.symbol(ticker): ticker for ticker in tickers}
    got = source.daily_closes(list(asked), since, until, split_adjusted=split_adjusted)
    return answer.proportionate(replace(got, closes=got.closes.assign(ticker=got.closes["ticker"].map(asked))), until)


def ask_daily_volumes(source: Source, tickers: Sequence[str], since: pd.Timestamp, until: pd.Timestamp) -> pd.DataFrame:
    """Shares traded a day of any tickers: date, ticker as asked for, volume on the share basis of `until`.

    Raises
    ------
    SourceError
        No volume of any of them.
    """
    assert source.daily_volumes is not None
    asked = {source.symbol(ticker): ticker for ticker in tickers}
    got = source.daily_volumes(list(asked), since, until)
    return got.assign(ticker=got["ticker"].map(asked))
