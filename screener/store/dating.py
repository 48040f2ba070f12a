"""Whether a run may be stored under its date: not long after its newest close, not ahead of any clock.

A run under a wrong clock would stand in the history as the latest for ever. A run that is not stored may have any date.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

from screener.clock import is_ahead
from screener.errors import WrongDate
from screener.schedule import sessions
from screener.sources import clocks, registry
from screener.sources.clocks import Heard
from valuation._words import count

if TYPE_CHECKING:
    import pandas as pd

    from screener.gathering import InputData
    from valuation.screen import Screen

MOST_DAYS_AFTER_CLOSE = 7
# A clock may be a little fast.
TOLERANCE = timedelta(minutes=10)
REMEDY = "Nothing was stored: correct the clock of this machine"


def require_closes(data: InputData, as_of: pd.Timestamp, now: datetime) -> None:
    """Raise where no company has a close by a date: nothing could be valued.

    Raises
    ------
    WrongDate
    """
    closes = data.closes[data.closes["ticker"].isin(data.companies["ticker"])]
    if not (closes["date"] <= as_of).any():
        raise WrongDate(
            f"the run is dated {as_of:%Y-%m-%d}, and no close of any company is known by then ({data.source}). {REMEDY}, "
            f"which shows {_time(now)}"
        )


def require_right(screen: Screen, kind: str, now: datetime) -> None:
    """Raise where a screen is dated beyond its closes, beyond this machine's clock, or beyond an answering source's.

    Parameters
    ----------
    kind : str
        Of `writing.KINDS`; of a weekly run the session has closed by the source's clock too, where it has by this one.
    now : datetime
        Aware.

    Raises
    ------
    WrongDate
    """
    day = screen.as_of.date()
    if is_ahead(day, now):
        raise WrongDate(f"the run is dated {day}, and this machine's clock shows {_time(now)}. {REMEDY}, or the date")
    heard = clocks.latest()
    if heard is not None:
        _require_not_after(heard, day, kind, now)
    age = screen.manifest["price_age_days"]
    if age is not None and age <= MOST_DAYS_AFTER_CLOSE:
        return
    manifest = screen.manifest
    closes = (
        f"no close of any company is known by then ({manifest['price_source']})"
        if age is None
        else f"its newest close is of {manifest['price_date']} ({manifest['price_source']}), {count(age, 'day')} before"
    )
    failed = f" ({manifest['fell_back']})" if manifest["fell_back"] else ""
    raise WrongDate(
        f"the run is dated {day}, and {closes}{failed}; a stored run may be dated at most {MOST_DAYS_AFTER_CLOSE} days "
        f"after its newest close. {REMEDY}, which shows {_time(now)}, or get newer closes with `screener update`"
    )


def _require_not_after(heard: Heard, day: date, kind: str, now: datetime) -> None:
    """Raise where a source's clock has not reached a date; of a weekly run, the close that this machine's clock has."""
    there, when = heard.now() + TOLERANCE, ""
    late = is_ahead(day, there)
    if kind == "weekly" and not late:
        closed = sessions.closes(day, day)
        late = len(closed) > 0 and there < closed.iloc[0] <= now
        when = ", before the close of that day's session"
    if late:
        raise WrongDate(
            f"the run is dated {day}, and the clock of {registry.title(heard.source)} shows {_time(heard.now())}{when}. "
            f"{REMEDY}, which shows {_time(now)}"
        )


def _time(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
