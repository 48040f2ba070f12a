"""The point-in-time rule against a plain reading of its sentence, and against hand-made traps."""

from __future__ import annotations

import numpy as np
import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.known.rule import select
from screener.splits import days, split_factor

ROWS = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 12), st.integers(0, 12)), min_size=0, max_size=25)


def plainly(rows: list[tuple[int, int, int]], key: int, t: int) -> int:
    """Among rows with published <= t the latest period; for that period the latest published; last wins a tie."""
    best = -1
    for i, (k, period, published) in enumerate(rows):
        if k != key or published > t:
            continue
        if best < 0 or (period, published) >= (rows[best][1], rows[best][2]):
            best = i
    return best


@settings(max_examples=300, deadline=None)
@given(ROWS, st.lists(st.integers(-2, 14), min_size=1, max_size=6))
def test_select_equals_the_sentence_of_the_rule(rows, dates):
    columns = np.array(rows, dtype=np.int64).reshape(-1, 3).T
    found = select(columns[0], 4, columns[1], columns[2], np.array(dates))
    expected = [[plainly(rows, key, t) for key in range(4)] for t in dates]
    assert found.tolist() == expected


def test_late_restatement_of_an_old_quarter_does_not_displace_a_newer_quarter():
    key = np.zeros(3, dtype=np.int64)
    period = np.array([100, 190, 100])
    published = np.array([130, 220, 400])
    assert select(key, 1, period, published, np.array([129, 130, 220, 500])).ravel().tolist() == [-1, 0, 1, 1]


def test_restatement_of_the_same_quarter_takes_over_on_its_day():
    key = np.zeros(2, dtype=np.int64)
    assert select(key, 1, np.array([100, 100]), np.array([130, 150]), np.array([149, 150])).ravel().tolist() == [0, 1]


def test_split_factor_counts_only_splits_between_count_and_price():
    splits = pd.DataFrame(
        {
            "ticker": ["ABTC", "CANG", "CANG"],
            "first_day_on_new_basis": pd.to_datetime(["2026-07-07", "2025-11-17", "2026-07-21"]),
            "shares_multiplier": [0.066667, 2.0, 0.1],
        }
    )
    ticker = np.array(["ABTC", "ABTC", "CANG", "CANG", "RIOT"])
    counted = days(pd.to_datetime(["2026-05-04", "2026-07-30", "2025-10-01", "2025-12-29", "2026-05-04"]))
    before = days(pd.to_datetime(["2026-07-06"] * 5))
    after = days(pd.to_datetime(["2026-07-31"] * 5))
    assert split_factor(splits, ticker, counted, before).tolist() == [1.0, 1.0, 2.0, 1.0, 1.0]
    np.testing.assert_allclose(split_factor(splits, ticker, counted, after), [0.066667, 1.0, 0.2, 0.1, 1.0], rtol=1e-12)
