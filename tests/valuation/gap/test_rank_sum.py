"""Tails of the rank-sum test by listing every assignment, and beyond what can be listed by the normal formula."""

from __future__ import annotations

from itertools import combinations
from math import comb, sqrt
from statistics import NormalDist

import numpy as np
import pytest

from valuation.errors import InvalidInput
from valuation.gap import permutation
from valuation.gap.hodges_lehmann import (
    APPROXIMATE,
    EXACT,
    _cut,
    _p_value,
    _two_sided_tail,
    doubled_midranks,
    hodges_lehmann,
    rank_sum_counts,
    typical_ratio,
    without_each,
)


@pytest.mark.parametrize(("n", "m"), [(3, 4), (5, 3), (2, 6), (4, 4)])
def test_exact_tails_by_listing(n, m):
    sums = np.array([sum(chosen) for chosen in combinations(range(1, n + m + 1), n)]) - n * (n + 1) // 2
    for u in range(n * m):
        assert _two_sided_tail(u, n, m, True) == pytest.approx(min(1.0, 2 * (sums <= u).mean())), u


@pytest.mark.parametrize(("n", "m", "u"), [(20, 15, 60), (20, 15, 100), (30, 3, 10), (40, 40, 600)])
def test_tails_of_large_groups_by_the_normal_formula_with_a_continuity_correction(n, m, u):
    away = (u + 0.5 - n * m / 2) / sqrt(n * m * (n + m + 1) / 12)
    assert _two_sided_tail(u, n, m, False) == pytest.approx(2 * NormalDist().cdf(away), rel=1e-12)
    if comb(n + m, n) < 1e7 and m > 3:
        assert _two_sided_tail(u, n, m, False) == pytest.approx(_two_sided_tail(u, n, m, True), rel=0.2)
    assert _two_sided_tail(n * m // 2 + 1, n, m, False) == 1.0


@pytest.mark.parametrize(
    "values", [[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], [1.0, 1.0, 2.0, 2.0, 2.0, 9.0], [5.0, 5.0, 5.0, 5.0, 5.0, 5.0]]
)
def test_p_values_with_ties_exact_by_listing_and_by_the_normal_formula(values):
    doubled = doubled_midranks(np.array(values))
    midranks = np.array([(sum(v < x for v in values) + (sum(v <= x for v in values) + 1)) / 2 for x in values])
    assert (doubled / 2).tolist() == midranks.tolist()
    sums = np.array([midranks[list(chosen)].sum() for chosen in combinations(range(6), 2)])
    for chosen in combinations(range(6), 2):
        here = midranks[list(chosen)].sum()
        smaller = min((sums <= here + 1e-9).mean(), (sums >= here - 1e-9).mean())
        found = _p_value(int(2 * here), tuple(doubled.tolist()), 2, True)
        assert found == pytest.approx(min(1.0, 2 * smaller))
        spread = sums.std()
        about = 2 * NormalDist().cdf(-(abs(here - sums.mean()) - 0.5) / spread) if spread > 0 else 1.0
        assert _p_value(int(2 * here), tuple(doubled.tolist()), 2, False) == pytest.approx(min(1.0, about))


def test_the_cut_of_an_interval_is_the_last_tail_within_the_level():
    # Tables of the rank-sum test at 5% two-sided: U of at most 5 for 6 against 6, 2 for 5 against 5, none for 3 against 3.
    for n, m, critical in ((6, 6, 5), (5, 5, 2), (4, 4, 0), (3, 5, 0)):
        k, tail = _cut(n, m, 0.95, True)
        assert k == critical + 1
        assert tail <= 0.05 < _two_sided_tail(critical + 1, n, m, True)
    assert _cut(3, 3, 0.95, True) == (1, pytest.approx(0.1))  # the smallest there is


def test_a_tail_of_exactly_the_level_is_within_it():
    # 3 against 3: U = 0 has a tail of 2/20 = 0.1, U <= 1 of 0.2, and 1 - 0.8 is a little less in binary.
    assert _cut(3, 3, 0.8, True) == (2, pytest.approx(0.2))
    found = hodges_lehmann(np.array([4.0, 5.0, 6.0]), np.array([1.0, 2.0, 3.0]), level=0.9)
    assert (found.p, found.significant) == (pytest.approx(0.1), True)
    # Just above one half the cut is next to the middle: P(U <= 5) = 0.243 of 4 against 4, and 0.343 with 6.
    assert _cut(4, 4, 0.51, True)[0] == 6


def test_midranks_that_vary_by_one_rank_have_a_p_by_the_normal_formula():
    # One of the midranks 1.5, 1.5, 3.5, 3.5: mean 2.5, variance 1 x 3 / 3 x 1, half a rank off after the correction.
    assert _p_value(3, (3, 3, 7, 7), 1, False) == pytest.approx(2 * NormalDist().cdf(-0.5))


def test_counted_up_to_thirty_members_and_normal_beyond():
    values = np.arange(1.0, 32.0)
    assert hodges_lehmann(values[:15], values[15:30]).method == EXACT
    assert hodges_lehmann(values[:15], values[15:]).method == APPROXIMATE


def test_counts_are_kept_and_cannot_be_written_to():
    counts = rank_sum_counts((2, 4, 6), 2)
    assert counts.tolist() == [0, 0, 0, 0, 0, 0, 1, 0, 1, 0, 1, 0, 0]
    with pytest.raises(ValueError, match="read-only"):
        counts[0] = 1


@pytest.mark.parametrize(("first", "second"), [([], [1.0, 2.0]), ([1.0, 2.0], [])])
def test_no_typical_ratio_without_both_groups(first, second):
    assert np.isnan(typical_ratio(np.array(first), np.array(second)))


def test_a_group_is_a_list_of_values():
    with pytest.raises(InvalidInput, match="positive and finite"):
        hodges_lehmann(np.ones((3, 3)), np.ones(3))


@pytest.mark.parametrize(("n", "m"), [(2, 6), (6, 2)])
def test_without_each_where_there_is_no_estimate_with_all(n, m):
    assert np.isnan(without_each(np.arange(1.0, 9.0), np.arange(8) < n)).all()


def test_beyond_what_can_be_listed_p_counts_the_observed_labelling_too():
    value, first = np.r_[np.arange(100.0, 110.0), np.arange(1.0, 11.0)], np.arange(20) < 10
    found = permutation.permutation_ratios(
        value[None], np.ones((1, 20)), first[None], "geometric_mean", draws=99, seed=1
    )
    assert not found.exact[0]
    assert found.p_value[0] == pytest.approx(1 / 100)  # Phipson and Smyth 2010: never zero
    none = np.r_[np.arange(1.0, 11.0), np.arange(1.0, 11.0)]
    same = permutation.permutation_ratios(none[None], np.ones((1, 20)), first[None], "geometric_mean", draws=99, seed=1)
    assert same.p_value[0] == 1.0
