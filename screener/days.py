"""Days as callers of the library write them: a text, a date, a Timestamp."""

from __future__ import annotations

from datetime import date
from typing import TypeAlias

import pandas as pd

from screener import clock
from screener.errors import NotKnown

Day: TypeAlias = str | date | pd.Timestamp


def as_day(value: Day) -> pd.Timestamp:
    """Midnight of a day, without a time zone.

    Raises
    ------
    NotKnown
        No date can be read from it.
    """
    try:
        day = pd.Timestamp(value)
    except (ValueError, TypeError) as error:
        raise NotKnown(f"{value!r} is not a date; expected YYYY-MM-DD") from error
    if pd.isna(day):
        raise NotKnown(f"{value!r} is not a date; expected YYYY-MM-DD")
    return day.tz_localize(None).normalize().as_unit("ns")


def today() -> pd.Timestamp:
    """The day that the machine's clock shows."""
    return pd.Timestamp(clock.now().astimezone().date()).as_unit("ns")
