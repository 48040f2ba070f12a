"""The first day whose close could know a filing: 16:00 and 17:30 in New York, daylight saving, half days and holidays."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar.known import known_days, known_from, new_york_day


@pytest.mark.parametrize(
    ("accepted", "filed", "day", "why"),
    [
        ("2025-08-07 19:59:59", "2025-08-07", "2025-08-07", "summer: 15:59:59 in New York"),
        ("2025-08-07 20:00:00", "2025-08-07", "2025-08-07", "summer: 16:00:00, by the close"),
        ("2025-08-07 20:00:01", "2025-08-07", "2025-08-08", "summer: one second after the close"),
        ("2025-12-04 20:59:00", "2025-12-04", "2025-12-04", "winter: 15:59, an hour later in UTC"),
        ("2025-12-04 21:01:00", "2025-12-04", "2025-12-05", "winter: after the close"),
        ("2026-03-06 20:30:00", "2026-03-06", "2026-03-06", "the Friday before clocks change: 15:30"),
        ("2026-03-09 20:30:00", "2026-03-09", "2026-03-10", "the Monday after: the same UTC time is 16:30"),
        ("2025-08-07 21:45:00", "2025-08-08", "2025-08-08", "17:45: EDGAR dates it the next day already"),
        ("2025-08-08 21:10:00", "2025-08-08", "2025-08-11", "Friday 17:10, dated Friday: Monday's close"),
        ("2025-08-08 22:10:00", "2025-08-11", "2025-08-11", "Friday 18:10, dated Monday"),
        ("2025-11-28 18:30:00", "2025-11-28", "2025-12-01", "half day: 13:30 is after its close"),
        ("2025-11-28 17:30:00", "2025-11-28", "2025-11-28", "half day: 12:30 is before it"),
        ("2025-11-27 15:00:00", "2025-11-28", "2025-11-28", "Thanksgiving: no session"),
        ("2025-10-13 15:00:00", "2025-10-14", "2025-10-14", "a federal holiday with an open market: EDGAR's day"),
    ],
)
def test_known_from(accepted, filed, day, why):
    assert known_from(pd.Timestamp(accepted, tz="UTC"), pd.Timestamp(filed)) == pd.Timestamp(day), why


def test_without_a_time_the_filing_day_counts():
    assert known_from(pd.NaT, pd.Timestamp("2025-08-07")) == pd.Timestamp("2025-08-07")


def test_many_at_once_are_the_same_as_one_by_one():
    accepted = pd.Series(pd.to_datetime(["2025-08-07 20:30", None, "2026-01-02 12:00"], utc=True), index=[7, 3, 5])
    filed = pd.Series(pd.to_datetime(["2025-08-07", "2025-09-01", "2026-01-02"]), index=[7, 3, 5])
    found = known_days(accepted, filed)
    assert list(found.index) == [7, 3, 5]
    assert list(found) == [known_from(a, f) for a, f in zip(accepted, filed, strict=True)]


def test_the_day_in_new_york():
    times = pd.Series(pd.to_datetime(["2025-08-08 02:00", "2025-08-08 05:00"], utc=True))
    assert list(new_york_day(times)) == [pd.Timestamp("2025-08-07"), pd.Timestamp("2025-08-08")]
