"""Medians of pairwise differences of many draws, against every pair written out."""

from __future__ import annotations

import numpy as np
import pytest

from valuation.gap import pairwise_median
from valuation.gap.pairwise_median import drawn_medians, first_reaching

NAN = np.nan


def plain(a: np.ndarray, b: np.ndarray, first: np.ndarray, second: np.ndarray) -> list[float]:
    """Each draw's median over a list of all its differences, each as often as its companies are drawn."""
    out = []
    for one, other in zip(first.T.astype(int), second.T.astype(int), strict=True):
        pairs = [
            x - y for x, i in zip(a, one, strict=True) for y, j in zip(b, other, strict=True) for _ in range(i * j)
        ]
        out.append(np.median(pairs) if pairs else NAN)
    return out


def test_a_median_counts_each_difference_as_often_as_its_companies_are_drawn():
    first = np.array([[2, 1, 0, 1, 1], [0, 1, 0, 2, 0]])
    second = np.array([[1, 2, 1, 1, 0], [1, 0, 1, 3, 1]])
    # By hand: 2.5, 1, each twice; 2.5 and 0.5, each twice; none; 2.5, 1, 0.5, -1 once, 3, 2 and 6 times; 1 alone.
    found = drawn_medians(np.array([3.0, 1.0]), np.array([0.5, 2.0]), first, second)
    assert found.tolist() == pytest.approx([1.75, 1.5, NAN, -0.25, 1.0], nan_ok=True)


@pytest.mark.parametrize("run", [1, 2, 3, 7, 512])
@pytest.mark.parametrize("most", [1, 3])
def test_runs_of_any_length_give_the_same_medians(monkeypatch, run, most):
    monkeypatch.setattr(pairwise_median, "RUN", run)
    rng = np.random.default_rng(run)
    for n, m in ((1, 1), (1, 6), (5, 1), (4, 7), (8, 8)):
        # Whole numbers: many differences are equal.
        for a, b in (
            (rng.normal(size=n), rng.normal(size=m)),
            (rng.integers(0, 4, n) * 1.0, rng.integers(0, 4, m) * 1.0),
        ):
            first, second = rng.integers(0, most + 1, (n, 12)), rng.integers(0, most + 1, (m, 12))
            # The differences are the same numbers, so the medians are equal to the last digit.
            assert np.array_equal(drawn_medians(a, b, first, second), plain(a, b, first, second), equal_nan=True)


def test_groups_whose_differences_fill_several_runs():
    rng = np.random.default_rng(4)
    values = rng.normal(size=60)
    first = rng.random((60, 5)) < np.array([0.5, 0.1, 0.9, 0.02, 0.0])
    found = drawn_medians(values, values, first, ~first)
    assert np.array_equal(found, plain(values, values, first, ~first), equal_nan=True)


def test_an_empty_group_has_no_median():
    nobody, drawn = np.empty((0, 3), dtype=int), np.ones((2, 3), dtype=int)
    assert np.isnan(drawn_medians(np.array([]), np.array([1.0, 2.0]), nobody, drawn)).tolist() == [True] * 3
    assert np.isnan(drawn_medians(np.array([1.0, 2.0]), np.array([]), drawn, nobody)).tolist() == [True] * 3


def test_the_row_at_which_a_count_is_reached():
    rng = np.random.default_rng(2)
    for rows in range(1, 10):
        reached = np.cumsum(rng.integers(0, 2, (rows, 40)), axis=0)
        for wanted in range(1, rows + 2):
            expected = [min(int(np.searchsorted(column, wanted)), rows - 1) for column in reached.T]
            found = first_reaching(reached, np.full(40, wanted))
            assert found.tolist() == expected
