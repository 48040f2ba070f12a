"""One company in depth: its screen, contracts, net asset value, weekly history and what changed since the week before."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from screener.days import Day, as_day
from screener.gathering import InputData
from screener.pipeline import add_stages
from screener.run_config import RunConfig
from screener.screen import screen_on, value_dates
from valuation.company_profile import CompanyProfile, profile
from valuation.comparison.changes import Snapshot, compare
from valuation.report import Report

WEEKS = 104


def company(
    config: RunConfig,
    data: InputData,
    as_of: Day,
    ticker: str,
    progress: Callable[[str], None] | None = None,
) -> tuple[Report, CompanyProfile]:
    """The report of a date with net asset values, and the profile of one of its companies.

    Parameters
    ----------
    ticker : str
        Of the universe, in capitals.

    Raises
    ------
    NotKnown
        No close by the date.
    UnknownName
        No such ticker.
    """
    day = as_day(as_of)
    weeks = data.weeks(day - pd.Timedelta(weeks=WEEKS), day)
    valued = value_dates(config, data, day, weeks)
    screen = screen_on(config, data, valued, day)
    report = add_stages(config, data, screen, valued, nav=True, progress=progress)
    earlier = weeks[weeks < day]
    changes = None
    if len(earlier):
        before = screen_on(config, data, valued, earlier[-1])
        changes = compare(Snapshot.of(before), Snapshot.of(screen))
    today = valued.on([day])
    return report, profile(report, today.inputs, valued.valuation, ticker, changes)
