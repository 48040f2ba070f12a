"""Worlds to value: the bundled universe or a few of its companies on a date, as inputs that a test may change."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import pandas as pd

from screener import point_in_time, universes
from screener.gathering import InputData
from screener.universes import Universe
from valuation.assumptions import Assumptions, Bridge
from valuation.fundamentals import company_metrics
from valuation.groups import RULES
from valuation.inputs import Inputs
from valuation.nav import analysis
from valuation.nav.analysis import NavAnalysis, NavInputs
from valuation.nav.scenarios import Scenario

JANUARY, OCTOBER = "2026-01-16", "2026-10-05"
BY_TICKER = (
    "companies", "facts", "contracts", "instruments", "transactions", "sites", "prices", "splits", "debt", "estimates",
)  # fmt: skip


@cache
def miners() -> Universe:
    return universes.load("miners")


@cache
def few(*tickers: str) -> Universe:
    """The universe with these companies alone."""
    whole = miners()
    kept = {}
    for name in BY_TICKER:
        frame = getattr(whole, name)
        kept[name] = frame[frame["ticker"].isin(tickers)].reset_index(drop=True)
    return replace(whole, **kept)


def basis(
    universe: Universe, day: str = JANUARY, assumptions: Assumptions | None = None, **switches: bool
) -> NavInputs:
    a = assumptions or Assumptions()
    inputs, _ = point_in_time.as_of_view(InputData.of(universe), [pd.Timestamp(day)], a)
    return valued(universe, inputs, a, **switches)


def valued(universe: Universe, inputs: Inputs, assumptions: Assumptions, **switches: bool) -> NavInputs:
    valuation = company_metrics.value(inputs, assumptions, Bridge(**switches), RULES["share20"])
    return NavInputs(inputs, valuation, universe.sites)


def assessed(
    universe: Universe | None = None,
    day: str = JANUARY,
    assumptions: Assumptions | None = None,
    scenario: Scenario | None = None,
    **switches: bool,
) -> NavAnalysis:
    a = assumptions or Assumptions()
    return analysis.analyse(basis(universe or miners(), day, a, **switches), a, scenario)


@cache
def january() -> NavAnalysis:
    """All companies on 16 January 2026, as assumed by default. Nobody may change it."""
    return assessed()


@cache
def october() -> NavAnalysis:
    """All companies on 5 October 2026, as assumed by default. Nobody may change it."""
    return assessed(day=OCTOBER)


def of(frame: pd.DataFrame, ticker: str) -> pd.Series:
    """A company's row of a one-date frame."""
    return frame.xs(ticker, level="ticker").iloc[0]
