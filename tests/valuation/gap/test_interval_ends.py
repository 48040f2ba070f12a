"""Ends of bootstrap and permutation intervals where draws tie, run out or lie far away, worked by hand."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from valuation.gap import permutation, ratios

DRAWN = np.array([-0.4, -0.1, 0.0, 0.05, 0.1, 0.2, 0.3, 0.5, 0.9, 1.4, 2.0])


def corrected(share: float, acceleration: float = 0.0, drawn: np.ndarray = DRAWN, level: float = 0.8) -> list[float]:
    """DiCiccio and Efron 1996, equation 3.2, with `share` of the draws below the estimate."""
    normal = NormalDist()
    bias = normal.inv_cdf(share)
    z = [bias + normal.inv_cdf(part) for part in ((1 - level) / 2, (1 + level) / 2)]
    return [float(np.quantile(drawn, normal.cdf(bias + one / (1 - acceleration * one)))) for one in z]


def ends(centre: float, acceleration: float = 0.0, drawn: np.ndarray = DRAWN, level: float = 0.8) -> list[float]:
    found = ratios._bca(drawn[None].copy(), np.array([centre]), np.array([acceleration]), level)
    return [float(end[0]) for end in found]


@pytest.mark.parametrize(("centre", "share"), [(-9.0, 0.5 / 11), (9.0, 10.5 / 11), (0.15, 5 / 11), (0.1, 4.5 / 11)])
def test_an_estimate_beyond_all_draws_counts_as_half_a_draw_from_the_end(centre, share):
    assert ends(centre) == pytest.approx(corrected(share), rel=1e-12)


def test_an_end_beyond_all_draws_is_the_last_draw():
    # Bias 1.69 and z 1.28: 1 - 0.33 x 2.97 is next to nothing, so the corrected quantile is 1.
    assert ends(9.0, acceleration=0.33)[1] == 2.0
    assert corrected(10.5 / 11, 0.33)[1] == 2.0


@pytest.mark.parametrize(
    ("centre", "away", "tied"),
    [
        (100.0, 5e-8, True), (100.0, 2e-7, False), (-100.0, 5e-8, True),  # a billionth of the estimate
        (0.1, 5e-10, True), (0.1, 1.5e-9, False), (0.0, 1e-9, True),  # and of one below one
    ],
)  # fmt: skip
def test_draws_within_a_billionth_of_the_estimate_tie_with_it(centre, away, tied):
    apart = np.arange(1.0, 5.0)
    drawn = np.sort(np.r_[centre - apart, centre - away, centre - away, centre + away, centre + 2 * apart])
    share = (4 + 1.5 if tied else 4 + 2) / 11
    assert ends(centre, drawn=drawn) == pytest.approx(corrected(share, drawn=drawn), rel=1e-12)


def test_equal_draws_on_either_side_at_the_bound_of_a_tie():
    drawn = np.array([-3.0, -2.0, -1e-9, 1e-9, 4.0])
    assert ends(0.0, drawn=drawn) == pytest.approx(corrected((2 + 1.0) / 5, drawn=drawn), rel=1e-12)


def p_of(logs: list[float], n: int) -> float:
    value = np.exp(np.array(logs))[None]
    found = permutation.permutation_ratios(
        value, np.ones_like(value), np.arange(len(logs))[None] < n, "geometric_mean", draws=99, seed=1
    )
    return float(found.p_value[0])


@pytest.mark.parametrize(
    ("logs", "as_large"),
    [
        # Of six labellings of two the true one and its mirror image are as large; so are those that swap the second with
        # the third where these are within a billionth of the difference of means, or of one.
        ([10.0, 0.0, -3e-9, -1.0], 4), ([10.0, 0.0, -3e-8, -1.0], 2), ([-10.0, 0.0, 3e-9, 1.0], 4),
        ([0.5, 0.0, -7e-10, -0.3], 4), ([0.5, 0.0, -1.5e-9, -0.3], 2),
    ],
)  # fmt: skip
def test_labellings_within_a_billionth_are_as_large(logs, as_large):
    assert p_of(logs, 2) == pytest.approx(as_large / 6)


def interval(value: list[float], level: float = 0.75) -> tuple[float, float]:
    first = np.arange(len(value)) < 1
    return permutation.permutation_interval(
        np.array(value), np.ones(len(value)), first, "median", level=level, draws=99, seed=1
    )


def test_one_against_three_by_hand():
    # x against 1, 2, 3: of four labellings that of x alone has the largest ratio of medians where x/2 or 2/x is above 3,
    # so that p is 1/4. Divided by r, x = 10 is above 6 or below 2/3 for r below 10/6 or above 15.
    assert interval([10.0, 1.0, 2.0, 3.0]) == pytest.approx((10 / 6, 15.0), rel=1e-7)
    assert interval([10.0, 1.0, 2.0, 3.0], level=0.76) == (0.0, np.inf)  # no p below 1/4
    # One of five, above all others, has a p of 0.2, which is rejected at 80% although 1 - 0.8 is less in binary.
    assert interval([10.0, 1.0, 2.0, 3.0, 4.0], level=0.8) != (0.0, np.inf)


def test_ends_beyond_a_factor_of_ten_thousand_are_none():
    # Against 1, 2 and m they are at 10 / 2m and 5m, a factor of m from the ratio of medians.
    for far in (1000.0, 9999.5):
        assert interval([10.0, 1.0, 2.0, far]) == pytest.approx((5 / far, 5 * far), rel=1e-7)
    for beyond in (10_000.5, 1e6):
        assert interval([10.0, 1.0, 2.0, beyond]) == (0.0, np.inf)


def test_the_ratio_itself_is_tested_unless_another_is_named():
    value, first = np.array([[8.0, 4.0, 1.0, 2.0, 3.0]]), np.arange(5)[None] < 2
    asked = {"draws": 99, "seed": 1}
    both = [
        permutation.permutation_statistics(value, np.ones((1, 5)), first, ("median",), **asked)["median"].p_value[0],
        permutation.permutation_ratios(value, np.ones((1, 5)), first, "median", **asked).p_value[0],
    ]
    assert both == [0.1, 0.1]  # medians 6 and 2, of ten labellings the true one alone


def test_all_members_of_a_resample_count():
    picks = np.array([[0, 0, 2], [1, 1, 1]])
    assert ratios.Resamples(picks, 3).counts.tolist() == [[2, 0, 1], [0, 3, 0]]
