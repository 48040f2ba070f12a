"""Tests of one coefficient at their bounds: how many observations are enumerated, which samples cannot answer, where an
interval ends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from tests.valuation.inference.test_inference import sample, statsmodels_t
from valuation import inference
from valuation.errors import NotEstimable
from valuation.inference import permutation
from valuation.inference.wild import WEBB, NullTests

LINE = np.arange(8.0)
STRAIGHT = LINE + np.array([0.01, -0.02, 0.0, 0.015, -0.01, 0.02, -0.005, -0.01])


@pytest.mark.parametrize(("n", "exact", "draws"), [(18, True, 2**18), (19, False, 9999)])
def test_all_signs_up_to_eighteen_observations(n, exact, draws):
    y, x = sample(n, 1)
    for out in (inference.wild_bootstrap(y, x, 1), inference.wild_bootstrap_interval(y, x, 1)):
        assert (out.exact, out.draws, out.seed) == (exact, draws, None if exact else 0)


@pytest.mark.parametrize(("n", "exact", "draws"), [(7, True, 5040), (8, False, 9999)])
def test_all_permutations_up_to_seven_observations(n, exact, draws):
    y, x = sample(n, 1)
    out = inference.permutation_freedman_lane(y, x[:, 1], x[:, :1])
    assert (out.exact, out.draws, out.seed) == (exact, draws, None if exact else 0)


def test_webbs_points_have_mean_zero_and_variance_one():
    half, one, more = 0.7071067811865476, 1.0, 1.224744871391589
    assert WEBB.tolist() == [-more, -one, -half, half, one, more]


def test_drawn_signs_are_those_of_a_statsmodels_loop():
    y, x = sample(20, 9, growing=True)
    drawn = np.random.default_rng(4).choice(WEBB, size=(99, 20))
    centred = y - y.mean()
    larger = sum(abs(statsmodels_t(y.mean() + signs * centred, x)) >= abs(statsmodels_t(y, x)) for signs in drawn)
    assert 0 < larger < 99
    assert inference.wild_bootstrap(y, x, 1, draws=99, seed=4).p_value == pytest.approx((1 + larger) / 100)


def test_drawn_permutations_are_those_of_a_loop_however_many_at_a_time(monkeypatch):
    y, x = sample(9, 2)
    drawn = np.random.default_rng(3).permuted(np.tile(np.arange(9), (95, 1)), axis=1)
    centred = y - y.mean()
    larger = sum(abs(statsmodels_t(y.mean() + centred[order], x)) >= abs(statsmodels_t(y, x)) for order in drawn)
    assert 5 < larger < 95
    six, given = sample(6, 5)
    every = inference.permutation_freedman_lane(six, given[:, 1], given[:, :1])
    for chunk in (permutation.CHUNK_BYTES, 8 * 9 * 10):
        monkeypatch.setattr(permutation, "CHUNK_BYTES", chunk)
        out = inference.permutation_freedman_lane(y, x[:, 1], x[:, :1], draws=95, seed=3)
        assert out.p_value == pytest.approx((1 + larger) / 96)
        assert inference.permutation_freedman_lane(six, given[:, 1], given[:, :1]) == every


def test_the_sample_alone_is_as_large_as_itself():
    # A line with next to no noise: of 128 sign vectors with one sign fixed, and of all permutations, no other is as large.
    design = np.column_stack([np.ones(8), LINE])
    assert inference.wild_bootstrap(STRAIGHT, design, 1).p_value == 1 / 128
    shuffled = inference.permutation_freedman_lane(STRAIGHT[:6], LINE[:6], np.ones((6, 1)))
    assert shuffled.p_value * 720 in (1, 2)  # itself, and reversed where noise allows
    lopsided = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 40.0])
    one = inference.permutation_freedman_lane(lopsided + STRAIGHT[:6] - LINE[:6], lopsided, np.ones((6, 1)))
    assert one.p_value == pytest.approx(1 / 720)


def test_five_observations_have_three_degrees_of_freedom():
    y, x = sample(5, 3)
    out = inference.hc3_t(y, x, 1)
    assert (out.df, out.draws, out.exact) == (3, 0, True)
    assert np.isfinite([out.p_value, out.low, out.high]).all()


def test_the_interval_of_hc2_is_that_of_its_own_t():
    from scipy import stats

    y, x = sample(15, 9)
    for level, out in (
        (0.95, inference.hc2_bell_mccaffrey(y, x, 1)),
        (0.8, inference.hc2_bell_mccaffrey(y, x, 1, level=0.8)),
    ):
        half = stats.t.ppf((1 + level) / 2, out.df) * out.std_error
        assert (out.low, out.high) == pytest.approx((out.estimate - half, out.estimate + half))
        assert out.p_value == pytest.approx(2 * stats.t.sf(abs(out.estimate / out.std_error), out.df))


def test_a_single_column_without_a_constant():
    from statsmodels.regression.linear_model import OLS

    y, x = sample(9, 7)
    fit = OLS(y, x[:, 1]).fit(cov_type="HC3", use_t=True)
    out = inference.hc3_t(y, x[:, 1:], 0)
    assert (out.estimate, out.std_error, out.p_value) == pytest.approx((fit.params[0], fit.bse[0], fit.pvalues[0]))


@pytest.mark.parametrize("factor", [1e-8, 1e8, 1.0])
def test_the_unit_of_a_regressor_changes_no_test(factor):
    y, x = sample(9, 7)
    unit = x[:, 1] / np.linalg.norm(x[:, 1])
    base = inference.hc3_t(y, x, 1)
    out = inference.hc3_t(y, np.column_stack([np.ones(9), factor * unit]), 1)
    assert (out.t_value, out.p_value) == pytest.approx((base.t_value, base.p_value))


def test_a_column_of_zeros_is_collinear():
    with pytest.raises(NotEstimable, match="collinear"):
        inference.hc3_t(np.arange(6.0) ** 2, np.column_stack([np.ones(6), np.zeros(6)]), 1)


@pytest.mark.parametrize("y", [np.zeros(8), 1e6 * LINE + 1e-8 * (-1.0) ** LINE])
def test_noise_below_rounding_is_none(y):
    with pytest.raises(NotEstimable, match="no noise"):
        inference.hc3_t(y, np.column_stack([np.ones(8), LINE]), 1)


@dataclass
class Stepped:
    """Draws whose p is given by the distance of a null from the estimate: the value of the last bound passed."""

    bounds: dict[float, int]

    def as_large(self, null: float, t_squared: float) -> int:
        away = abs(null - 3.0) / 2.0
        assert t_squared == pytest.approx(away**2)
        return next(count for (_, count), (bound, _) in pairwise([*self.bounds.items(), (np.inf, 0)]) if away < bound)

    def __len__(self) -> int:
        return 100


def end(bounds: dict[float, int], level: float = 0.9) -> tuple[float, float]:
    """Ends in standard errors from the estimate 3, of standard error 2; p in percent."""
    low, high = NullTests(3.0, 2.0, lambda: [Stepped({0.0: 80} | bounds)], exact=True).interval(level)
    return (3.0 - low) / 2, (high - 3.0) / 2


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({2.5: 5}, 2.5), ({0.01: 5}, 0.01), ({0.9: 5, 1.1: 20, 3.0: 5}, 0.9),  # found at one standard error
        ({1.9: 5, 2.1: 20, 5.0: 5}, 1.9),  # and at two
        ({1.9: 10, 2.1: 20, 3.0: 5}, 1.9), ({2.2: 10, 3.0: 5}, 2.2),  # a p of exactly the size is rejected
        ({9000.0: 5}, 9000.0), ({9999.5: 5}, 9999.5), ({10_000.5: 5}, np.inf), ({}, np.inf),
    ],
)  # fmt: skip
def test_an_interval_ends_at_the_first_null_found_rejected(bounds, expected):
    assert end(bounds) == pytest.approx((expected, expected), rel=1e-8)


def test_an_interval_may_end_within_a_standard_error():
    assert end({0.4: 40, 2.5: 5}, level=0.5) == pytest.approx((0.4, 0.4), rel=1e-8)
