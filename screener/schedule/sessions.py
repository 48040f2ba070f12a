"""Trading sessions of the exchange: the closes of a week, and the weekly runs that are due."""

from __future__ import annotations

import functools
import warnings
from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

import pandas as pd

from screener.schedule.when import When

EXCHANGE = "XNYS"  # New York Stock Exchange; Nasdaq keeps the same sessions
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
        As-of dates of the weekly runs made.
    catch_up : int
        How many weeks to look back; without any run made only the last one is due.

    Notes
    -----
    A run is of the last session closed by its time: Friday's, or Thursday's where Friday is a holiday.
    """
    weeks = catch_up if done else 1
    instants = when.before(now, weeks)
    known = closes((instants[0] - timedelta(days=14)).date(), (instants[-1] + timedelta(days=1)).date())
    found = []
    for instant in instants:
        closed = known[known <= pd.Timestamp(instant)]
        if len(closed):
            found.append(closed.index[-1].date())
    latest = max(done, default=None)
    return [day for day in dict.fromkeys(found) if day not in done and (latest is None or day > latest)]
