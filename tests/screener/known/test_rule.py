"""The last close on or before a day, and rows that are not there."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.known.rule import as_dates, closes_on, select, take
from screener.splits import NEVER, days


def test_the_last_close_on_or_before_each_day():
    closes = pd.DataFrame(
        {"date": pd.to_datetime(["2026-01-09", "2026-01-02", "2026-01-09"]), "ticker": ["A", "A", "Z"],
         "close_usd": [11.0, 10.0, 99.0]}
    )  # fmt: skip
    t = days(pd.to_datetime(["2026-01-01", "2026-01-02", "2026-01-08", "2026-01-09"]))
    row, price, day = closes_on(closes, pd.Index(["A", "B"]), t)
    assert row.tolist() == [[-1, -1], [1, -1], [1, -1], [0, -1]]
    assert price[:, 0].tolist() == pytest.approx([np.nan, 10.0, 10.0, 11.0], nan_ok=True)
    assert np.isnan(price[:, 1]).all()
    assert day[:, 0].tolist() == [NEVER, t[1], t[1], t[3]]
    row, price, _ = closes_on(closes.iloc[:0], pd.Index(["A"]), t)
    assert (row == -1).all()
    assert np.isnan(price).all()


def test_a_higher_class_of_evidence_stands_before_a_later_publication_and_a_newer_period_before_both():
    key, dates = np.zeros(3, dtype=np.int64), np.array([10, 11, 12])
    period, published = np.array([5, 5, 6]), np.array([10, 11, 12])
    assert select(key, 1, period, published, dates, np.array([3, 1, 0])).ravel().tolist() == [0, 0, 2]
    assert select(key, 1, period, published, dates, np.array([1, 3, 0])).ravel().tolist() == [0, 1, 2]
    assert select(key, 1, period, published, dates).ravel().tolist() == [0, 1, 2]
    assert select(key[:0], 2, period[:0], published[:0], dates).tolist() == [[-1, -1]] * 3


@pytest.mark.parametrize(
    ("day", "expected"),
    [(-70, [-1, -1, -1]), (-60, [-1, -1, 3]), (-1, [-1, 1, 3]), (39, [-1, 2, 3]), (40, [0, 2, 3]), (900, [0, 2, 3])],
)
def test_each_key_has_its_own_row_on_days_before_between_and_after_all_publications(day, expected):
    """Days count from 1970, and may lie before it."""
    key, published = np.array([0, 1, 1, 2]), np.array([40, -50, 0, -60])
    for dates in ([day], [day, 35], [-200, day, 2000]):
        found = select(key, 3, published, published, np.array(dates))
        assert found[dates.index(day)].tolist() == expected


def test_what_is_not_found_is_unknown_and_no_row():
    assert take(np.array([7.0, 8.0]), np.array([1, -1, 0]), np.nan).tolist() == pytest.approx(
        [8.0, np.nan, 7.0], nan_ok=True
    )
    assert take(np.array([]), np.array([-1]), 3.0).tolist() == [3.0]
    assert pd.isna(as_dates(np.array([NEVER])))[0]
    assert as_dates(np.array([1]))[0] == np.datetime64("1970-01-02")
