"""The test of a mean: how few dates are too few, by number, lags and degrees of freedom; and the formula by loops."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest

from valuation.errors import NotEstimable
from valuation.screening.newey_west import mean_test


@pytest.mark.parametrize(
    ("n", "overlap", "told"),
    [(9, 1, "cannot be tested"), (10, 1, ""), (14, 6, "cannot be tested"), (15, 6, "degree"), (20, 5, ""),
     (19, 5, "degree"), (0, 1, "cannot be tested")],
)  # fmt: skip
def test_the_fewest_dates(n, overlap, told):
    x = np.r_[np.random.default_rng(2).normal(size=n), [np.nan] * 5]
    if told:
        with pytest.raises(NotEstimable, match=told):
            mean_test(x, overlap=overlap)
    else:
        assert mean_test(x, overlap=overlap).n == n


def test_by_default_values_share_no_data():
    x = np.random.default_rng(2).normal(size=40)
    assert mean_test(x) == mean_test(x, overlap=1)
    assert mean_test(x).df == 39


@pytest.mark.parametrize(
    ("n", "overlap", "lags", "df"), [(60, 1, 3, 59), (100, 1, 4, 99), (60, 8, 7, 6), (40, 3, 3, 12), (2500, 1, 8, 2499)]
)
def test_the_standard_error_by_loops(n, overlap, lags, df):
    from scipy.stats import t as student

    x = np.random.default_rng(n).normal(0.2, 1.0, n)
    d = x - x.mean()
    total = sum(d * d)
    for k in range(1, lags + 1):
        total += 2 * (1 - k / (lags + 1)) * sum(d[i] * d[i - k] for i in range(k, n))
    found = mean_test(x, overlap=overlap)
    se = sqrt(total / (n * (n - 1)))
    assert (found.lags, found.df, found.mean, found.std_error) == (lags, df, pytest.approx(x.mean()), pytest.approx(se))
    assert found.p_value == pytest.approx(2 * student.sf(abs(x.mean() / se), df))
