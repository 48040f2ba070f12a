"""Trading sessions of the exchange: the closes of a week, and the weekly runs that are due."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pandas as pd

from screener.errors import WrongDate
from screener.schedule.when import A_YEAR, When

ZONE = ZoneInfo("America/New_York")
EXCHANGE = "XNYS"  # New York Stock Exchange; Nasdaq keeps the same sessions
# Years whose sessions are known or can be computed; a clock outside them is wrong.
FIRST_YEAR, LAST_YEAR = 1970, 2200
# A week is missed when its run was due so long ago: the entry starts every day.
GRACE = timedelta(days=2)
PERIODS = {"week": "W-SUN", "month": "M", "quarter": "Q"}


def closes(since: date, until: date) -> pd.Series:
    """The UTC time of each session's close, indexed by session, within [since, until]; half days close early."""
    found = _closes_of_years((since - timedelta(days=14)).year, until.year)
    return found[(found.index >= pd.Timestamp(since)) & (found.index <= pd.Timestamp(until))]


@functools.lru_cache(maxsize=16)
def _closes_of_years(first: int, last: int) -> pd.Series:
    """The closes of whole years: a calendar takes half a second to make, and an update asks about many filings."""
    # Imported here: 0.5 s that only a scheduled run, a backfill or an update should pay.
    import exchange_calendars

    span: dict[str, Any] = {"start": pd.Timestamp(first, 1, 1), "end": pd.Timestamp(last, 12, 31)}
    with warnings.catch_warnings():
        # What it asks of pandas is its own affair (4.13 meets a deprecation of pandas 3.1).
        warnings.simplefilter("ignore", DeprecationWarning)
        return exchange_calendars.get_calendar(EXCHANGE, **span).closes


def last_of_each(period: str, since: pd.Timestamp, until: pd.Timestamp) -> pd.DatetimeIndex:
    """The last session of each week, month or quarter within [since, until]; the last one may be of a part.

    A week whose Friday is a holiday ends with Thursday's session.
    """
    sessions = pd.DatetimeIndex(closes(since.date(), until.date()).index).as_unit("ns")
    last = pd.Series(sessions, index=sessions).groupby(sessions.to_period(PERIODS[period])).max()
    return pd.DatetimeIndex(last)


def due(now: datetime, when: When, done: Collection[date], *, catch_up: int) -> list[date]:
    """The as-of dates of the weekly runs that are due and not made, earliest first.

    Parameters
    ----------
    now : datetime, aware
    when : When
    done : dates
        As-of dates of the weekly runs made; one that lies ahead of the exchange's day was made under a wrong clock and
        stands for no week.
    catch_up : int
        How many weeks to look back; without any run made only the last one is due.

    Raises
    ------
    WrongDate
        The clock shows a year without a calendar.

    Notes
    -----
    A run is of the last session closed by its time: Friday's, or Thursday's where Friday is a holiday.
    """
    if not FIRST_YEAR <= now.year <= LAST_YEAR:
        raise WrongDate(f"this machine's clock shows the year {now.year}: correct it; nothing was done")
    today = now.astimezone(ZONE).date()
    done = {day for day in done if day <= today}
    found = _weeks(now, when, catch_up if done else 1)
    latest = max(done, default=None)
    return [day for day in found if day not in done and (latest is None or day > latest)]


def missed(now: datetime, when: When, done: Collection[date], stored: Collection[date]) -> list[date]:
    """The weeks of the last year without a run, earliest first, from the first weekly run on and up to two days ago.

    Parameters
    ----------
    now : datetime, aware
    when : When
    done, stored : dates
        As-of dates of the weekly runs made, and of all runs that count, a backfill's among them.
    """
    today = now.astimezone(ZONE).date()
    first = min((day for day in done if day <= today), default=None)
    if first is None:
        return []
    return [day for day in _weeks(now - GRACE, when, A_YEAR) if day > first and day not in stored]


def _weeks(now: datetime, when: When, weeks: int) -> list[date]:
    """The last session closed by each of the last weekly times, earliest first."""
    instants = when.before(now, weeks)
    known = closes((instants[0] - timedelta(days=14)).date(), (instants[-1] + timedelta(days=1)).date())
    found = []
    for instant in instants:
        closed = known[known <= pd.Timestamp(instant)]
        if len(closed):
            found.append(closed.index[-1].date())
    return list(dict.fromkeys(found))
