"""The Theil-Sen line as the median over every pair of companies."""

from __future__ import annotations

from itertools import combinations
from statistics import median

import numpy as np
import pytest

from valuation.regression.diagnostics import theil_sen


@pytest.mark.parametrize("seed", range(4))
def test_every_pair_counts_and_pairs_of_one_share_do_not(seed):
    rng = np.random.default_rng(seed)
    x, y = rng.choice([0.0, 0.1, 0.4, 0.9, 1.0], size=7), rng.normal(size=7)
    slopes = [(y[j] - y[i]) / (x[j] - x[i]) for i, j in combinations(range(7), 2) if x[i] != x[j]]
    slope, intercept = theil_sen(x, y)
    assert slope == pytest.approx(median(slopes))
    assert intercept == pytest.approx(median(b - median(slopes) * a for a, b in zip(x, y, strict=True)))


def test_two_companies_make_the_line_through_them():
    assert theil_sen(np.array([0.0, 1.0]), np.array([2.0, 5.0])) == (3.0, 2.0)
