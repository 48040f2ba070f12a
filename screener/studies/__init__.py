"""The studies of a screen's date: the gap in depth and through time, regression, revenue mix, events, first contracts."""

from __future__ import annotations

import pandas as pd

from screener.errors import NotKnown
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.screen import Valued
from screener.studies.events import event_studies
from screener.studies.gap import FIRST_WEEK, beside, definition_of, gap_history, gap_study
from screener.studies.mix import revenue_mix
from screener.studies.regression import quarter_ends, quarterly_panel, regression_study
from screener.studies.signing import signing_study
from valuation.errors import NotEstimable
from valuation.regression import study
from valuation.screen import Screen
from valuation.studies import Studies

__all__ = [
    "event_studies",
    "gap_history",
    "gap_study",
    "quarterly_panel",
    "regression_study",
    "revenue_mix",
    "run_studies",
    "signing_study",
    "study_dates",
]


def study_dates(data: InputData, as_of: pd.Timestamp) -> pd.DatetimeIndex:
    """The dates on which the studies of a screen need companies valued: the weeks and quarter ends up to its own."""
    return data.weeks(FIRST_WEEK, as_of).union(quarter_ends(as_of))


def run_studies(config: RunConfig, data: InputData, screen: Screen, valued: Valued) -> Studies:
    """The studies of a screen's date, from the same data.

    Parameters
    ----------
    valued : Valued
        The companies valued on the screen's date and on `study_dates`.
    """
    as_of, notes = screen.as_of, {}
    today = valued.on([as_of])
    history = line = happened = signed = None
    try:
        history = gap_history(config, data, FIRST_WEEK, as_of, valued=valued)
    except NotKnown as error:
        notes["history"] = str(error)
    try:
        quarters = quarterly_panel(config, data, as_of, valued=valued)
        line = study.run(screen.table, screen.status, screen.causes, config.assumptions, quarters=quarters)
    except NotEstimable as error:
        notes["line"] = str(error)
    try:
        happened = event_studies(data, as_of)
    except NotKnown as error:
        notes["events"] = str(error)
    try:
        signed = signing_study(config, data, as_of, valued=valued)
    except NotKnown as error:
        notes["signing"] = str(error)
    return Studies(
        gap=beside(config, screen, today, definition_of(config), history),
        line=line,
        mix=revenue_mix(config, data, as_of, valued=today),
        events=happened,
        signing=signed,
        notes=notes,
    )
