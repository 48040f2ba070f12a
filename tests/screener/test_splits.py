"""Splits at the edges of their days: a share is multiplied from the first day of the new basis, and on no other day."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.splits import NEVER, days, split_factor

SPLITS = pd.DataFrame(
    {"ticker": ["A", "A", "B"], "first_day_on_new_basis": pd.to_datetime(["2026-07-21", "2026-08-03", "2026-07-21"]),
     "shares_multiplier": [0.1, 2.0, 5.0]}
)  # fmt: skip


def factor(ticker: str, counted_on: str, quoted_on: str) -> float:
    counted, quoted = days(pd.to_datetime([counted_on])), days(pd.to_datetime([quoted_on]))
    return split_factor(SPLITS, np.array([ticker]), counted, quoted).item()


@pytest.mark.parametrize(
    ("counted_on", "quoted_on", "expected"),
    [
        ("2026-07-20", "2026-07-20", 1.0),
        ("2026-07-20", "2026-07-21", 0.1),  # quoted on the first day of the new basis
        ("2026-07-21", "2026-07-21", 1.0),  # counted on it
        ("2026-07-21", "2026-08-02", 1.0),
        ("2026-07-21", "2026-08-03", 2.0),
        ("2026-07-20", "2026-08-03", 0.2),  # both splits
        ("2026-08-03", "2026-08-03", 1.0),
        ("2026-08-03", "2026-07-20", 1.0),  # quoted before it was counted: no split lies between
    ],
)
def test_a_split_counts_from_its_first_day(counted_on, quoted_on, expected):
    assert factor("A", counted_on, quoted_on) == pytest.approx(expected, rel=1e-15)


def test_only_a_company_s_own_splits_count_and_none_for_a_count_without_a_day():
    assert factor("B", "2026-07-20", "2026-08-03") == 5.0
    assert factor("C", "2026-07-20", "2026-08-03") == 1.0
    assert split_factor(SPLITS, np.array(["A"]), np.array([NEVER]), days(pd.to_datetime(["2026-08-03"]))).item() == 1.0


def test_a_missing_day_is_before_every_other():
    assert days(pd.Series(pd.to_datetime(["1970-01-02", None]))).tolist() == [1, NEVER]
    assert days(pd.to_datetime(["1700-01-01"])).min() > NEVER
