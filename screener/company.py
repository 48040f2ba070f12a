"""One company in depth: its screen, contracts, net asset value, weekly history and what changed since the week before."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pandas as pd

from screener.days import Day, as_day
from screener.gathering import InputData
from screener.pipeline import PROFILE_WEEKS, add_stages
from screener.run_config import RunConfig
from screener.screen import Valued, screen_on, value_dates
from valuation.company_profile import CompanyProfile, profile
from valuation.comparison.changes import Snapshot, compare
from valuation.fundamentals.forward import consensus_years
from valuation.nav.scenarios import Scenario
from valuation.report import Report


def company(
    config: RunConfig,
    data: InputData,
    as_of: Day,
    ticker: str,
    progress: Callable[[str], None] | None = None,
    scenarios: Sequence[Scenario] = (),
) -> tuple[Report, CompanyProfile]:
    """The report of a date with net asset values, and the profile of one of its companies.

    Parameters
    ----------
    ticker : str
        Of the universe, in capitals.
    scenarios : sequence of Scenario
        Scenarios over the net asset values of the report.

    Raises
    ------
    NotKnown
        No close by the date.
    UnknownName
        No such ticker.
    """
    day = as_day(as_of)
    weeks = profile_weeks(data, day)
    valued = value_dates(config, data, day, weeks)
    screen = screen_on(config, data, valued, day)
    report = add_stages(config, data, screen, valued, nav=True, scenarios=scenarios, progress=progress)
    (found,) = profiles(config, data, report, valued, [ticker])
    return report, found


def profile_weeks(data: InputData, day: pd.Timestamp) -> pd.DatetimeIndex:
    """The dates that a profile needs companies valued on, besides the as-of date."""
    return data.weeks(day - pd.Timedelta(weeks=PROFILE_WEEKS), day)


def profiles(
    config: RunConfig, data: InputData, report: Report, valued: Valued, tickers: Sequence[str]
) -> tuple[CompanyProfile, ...]:
    """Profiles of companies of a report with net asset values, whose dates include `profile_weeks`.

    Raises
    ------
    UnknownName
        No such ticker.
    """
    day = report.as_of
    weeks = profile_weeks(data, day)
    earlier, changes = weeks[weeks < day], None
    if len(earlier):
        changes = compare(Snapshot.of(screen_on(config, data, valued, earlier[-1])), Snapshot.of(report))
    inputs, closes = valued.on([day]).inputs, data.adjusted_closes(day)
    history = valued.on(weeks.union([day])).valuation
    years = consensus_years(inputs)
    return tuple(profile(report, inputs, history, ticker, changes, closes, data.events, years) for ticker in tickers)
