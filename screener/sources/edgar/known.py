"""The first day whose close could know a filing, from its acceptance time at the SEC.

A filing accepted by the close of a session (16:00 in New York, 13:00 on a half day) counts on that session, a later one on
the next session. EDGAR's own filing day does not decide: between 16:00 and 17:30 it is still that day, although the market
has closed. It only delays, where EDGAR dates a filing later than its acceptance (a federal holiday with an open market).
"""

from __future__ import annotations

import pandas as pd

from screener.schedule import sessions

TIME_UNKNOWN = "time unknown"
NEW_YORK = "America/New_York"
_LONGEST_PAUSE = pd.Timedelta(days=14)  # the exchange has never been closed for longer between two sessions of our span


def known_from(accepted_at: pd.Timestamp, filed: pd.Timestamp) -> pd.Timestamp:
    """The first day whose close could know one filing; see `known_days`."""
    accepted = pd.Series([accepted_at]) if pd.notna(accepted_at) else pd.Series([None])
    return known_days(accepted, pd.Series([filed])).iloc[0]


def known_days(accepted_at: pd.Series, filed: pd.Series) -> pd.Series:
    """The first day whose close could know each filing.

    Parameters
    ----------
    accepted_at : Series
        Acceptance times: aware, or UTC without a zone; NaT where unknown.
    filed : Series
        EDGAR's filing days.

    Returns
    -------
    Series of days
        The session by whose close the filing was accepted, or the next one; the filing day itself where no acceptance
        time is known (such a figure is marked `time unknown`), NaT where neither is known.
    """
    times = pd.to_datetime(accepted_at, utc=True).dt.as_unit("ns")
    days = pd.to_datetime(filed).dt.as_unit("ns")
    found = days.copy()
    timed = times.notna().to_numpy()
    if timed.any():
        given = times[timed]
        span = (given.min() - _LONGEST_PAUSE).date(), (given.max() + _LONGEST_PAUSE).date()
        closes = sessions.closes(*span)
        place = pd.DatetimeIndex(closes).as_unit("ns").searchsorted(pd.DatetimeIndex(given), side="left")
        session = pd.Series(pd.DatetimeIndex(closes.index).as_unit("ns")[place], index=given.index)
        found[timed] = pd.concat([session, days[timed]], axis=1).max(axis=1)
    return found


def new_york_day(accepted_at: pd.Series) -> pd.Series:
    """The calendar day in New York of each acceptance time; NaT where unknown."""
    local = pd.to_datetime(accepted_at, utc=True).dt.tz_convert(NEW_YORK)
    return local.dt.normalize().dt.tz_localize(None).dt.as_unit("ns")
