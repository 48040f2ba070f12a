"""The data of a run, from one place: the universe and the sources asked for."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.errors import SourceError
from screener.sources import Failure, Fetched, bundled
from screener.sources.combine import DIFFERENCE_COLUMNS, combine
from screener.sources.plausible import plausible
from screener.universes import Universe

SOURCES = ("auto", "bundled", "yahoo")
PROBE_SECONDS = 5.0
PRICE_HISTORY_DAYS = 30
MOST_HISTORY_DAYS = 365


@dataclass(frozen=True)
class InputData:
    """Facts, closes and splits of a run, and how they were come by.

    `facts` and `closes` say in `file` and `line` where each row comes from: a file of the universe, or the source.
    """

    facts: pd.DataFrame
    closes: pd.DataFrame
    splits: pd.DataFrame
    differences: pd.DataFrame
    failures: tuple[Failure, ...]
    source: str
    fell_back: str
    retrieved_at: pd.Timestamp | None
    provider: pd.DataFrame


def load_inputs(universe: Universe, as_of: pd.Timestamp, source: str, tell: Callable[[str], None]) -> InputData:
    """Facts and closes from the source asked for; auto falls back to the bundled ones and says why."""
    fell_back = ""
    if source in ("auto", "yahoo"):
        from screener.sources import yahoo

        tell("asking whether Yahoo can be reached")
        if source == "yahoo" or yahoo.reachable(PROBE_SECONDS):
            try:
                return _with_live(universe, _fetch_yahoo(universe, as_of, tell))
            except SourceError as error:
                if source == "yahoo":
                    raise
                fell_back = str(error)
        else:
            fell_back = f"Yahoo gave no answer within {PROBE_SECONDS:.0f} seconds"
    own = bundled.fetch(universe)
    nothing = pd.DataFrame(columns=DIFFERENCE_COLUMNS)
    return InputData(own.facts, own.closes, own.splits, nothing, (), own.source, fell_back, None, own.provider)


def _fetch_yahoo(universe: Universe, as_of: pd.Timestamp, tell: Callable[[str], None]) -> Fetched:
    from screener.sources import yahoo

    # Back to the last reviewed closes: a day that both know shows whether it is the same security on the same basis.
    reviewed = universe.prices[universe.prices["date"] <= as_of].groupby("ticker")["date"].max()
    since = min([as_of - pd.Timedelta(days=PRICE_HISTORY_DAYS), *reviewed])
    since = max(since, as_of - pd.Timedelta(days=MOST_HISTORY_DAYS))
    return yahoo.fetch(list(universe.companies["ticker"]), since=since, until=as_of, progress=tell)


def _with_live(universe: Universe, answered: Fetched) -> InputData:
    live = plausible(universe, answered)
    facts, closes, splits, differences = combine(universe, live)
    return InputData(
        facts, closes, splits, differences, live.failures, live.source, "", live.retrieved_at, live.provider
    )


def weeks(universe: Universe, since: pd.Timestamp, until: pd.Timestamp) -> pd.DatetimeIndex:
    """The dates of the universe's weekly closes within [since, until]."""
    dates = pd.DatetimeIndex(np.sort(universe.prices["date"].unique()))
    return dates[(dates >= since) & (dates <= until)]
