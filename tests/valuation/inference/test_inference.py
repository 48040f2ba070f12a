"""Small-sample kernels against plain loops, other packages and closed forms."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.inference.lines import sample, statsmodels_t
from valuation import inference
from valuation.errors import NotEstimable


@pytest.mark.parametrize("growing", [False, True])
@pytest.mark.parametrize("null", [0.0, 0.6])
def test_wild_bootstrap_equals_a_statsmodels_loop_over_every_sign(growing, null):
    y, x = sample(8, 3, growing=growing)
    restricted = (y - null * x[:, 1]).mean() + null * x[:, 1]
    drawn = np.array([
        abs(statsmodels_t(restricted + np.array(signs) * (y - restricted), x, null))
        for signs in product([1, -1], repeat=8)
    ])  # fmt: skip
    observed = abs(statsmodels_t(y, x, null))
    expected = np.mean(drawn >= observed * (1 - 1e-9))
    mine = inference.wild_bootstrap(y, x, 1, null=null)
    assert mine.p_value == pytest.approx(expected, abs=1e-10)
    assert mine.exact
    assert mine.draws == 256
    assert abs(mine.t_value) == pytest.approx(observed, rel=1e-10)


def test_hc3_with_t_agrees_with_statsmodels():
    from statsmodels.regression.linear_model import OLS

    y, x = sample(15, 5, growing=True)
    fit = OLS(y, x).fit(cov_type="HC3", use_t=True)
    mine = inference.hc3_t(y, x, 1)
    assert (mine.estimate, mine.std_error, mine.p_value) == pytest.approx((fit.params[1], fit.bse[1], fit.pvalues[1]))
    assert (mine.low, mine.high) == pytest.approx(tuple(fit.conf_int()[1]))


def test_bell_mccaffrey_df_of_two_groups_is_welch_at_equal_variances():
    # Imbens & Kolesar 2016, the Behrens-Fisher case: V = s0^2/n0 + s1^2/n1 has, under one common variance,
    # (1/n0 + 1/n1)^2 / (1/(n0^2 (n0-1)) + 1/(n1^2 (n1-1))) degrees of freedom.
    n0, n1 = 27, 3
    x = np.column_stack([np.ones(30), np.r_[np.zeros(n0), np.ones(n1)]])
    y = np.random.default_rng(1).normal(size=30)
    expected = (1 / n0 + 1 / n1) ** 2 / (1 / (n0**2 * (n0 - 1)) + 1 / (n1**2 * (n1 - 1)))
    out = inference.hc2_bell_mccaffrey(y, x, 1)
    assert out.df == pytest.approx(expected, rel=1e-10)
    assert round(out.df, 1) == 2.5  # as the paper prints it
    welch = np.sqrt(y[:n0].var(ddof=1) / n0 + y[n0:].var(ddof=1) / n1)
    assert out.std_error == pytest.approx(welch)


def test_bell_mccaffrey_df_by_the_eigenvalues_of_the_quadratic_form():
    y, x = sample(15, 9)
    hat = x @ np.linalg.inv(x.T @ x) @ x.T
    m = np.eye(15) - hat
    a = (np.linalg.inv(x.T @ x) @ x.T)[1]
    g = m @ np.diag(a / np.sqrt(1 - np.diag(hat)))
    values = np.linalg.eigvalsh(g.T @ g)
    assert inference.hc2_bell_mccaffrey(y, x, 1).df == pytest.approx(values.sum() ** 2 / (values**2).sum())


@pytest.mark.parametrize("growing", [False, True])
def test_interval_ends_are_where_the_test_turns(growing):
    y, x = sample(12, 17, growing=growing)
    out = inference.wild_bootstrap_interval(y, x, 1, level=0.9)
    width = out.high - out.low
    for end, inwards in ((out.low, 1), (out.high, -1)):
        inside = inference.wild_bootstrap(y, x, 1, null=end + inwards * 1e-6 * width).p_value
        outside = inference.wild_bootstrap(y, x, 1, null=end - inwards * 1e-6 * width).p_value
        assert inside > 0.1 >= outside
    assert out.low < out.estimate < out.high


def test_freedman_lane_equals_a_loop_over_every_permutation():
    rng = np.random.default_rng(4)
    n = 6
    given_ = np.column_stack([np.ones(n), rng.normal(size=n)])
    x = rng.uniform(0, 1, n)
    y = 0.5 * x + given_[:, 1] + rng.normal(size=n)
    full = np.column_stack([given_, x])
    fitted = given_ @ np.linalg.lstsq(given_, y, rcond=None)[0]

    def t_of(outcome: np.ndarray) -> float:
        from statsmodels.regression.linear_model import OLS

        fit = OLS(outcome, full).fit(cov_type="HC3", use_t=True)
        return abs(fit.tvalues[2])

    drawn = np.array([t_of(fitted + (y - fitted)[list(order)]) for order in permutations(range(n))])
    mine = inference.permutation_freedman_lane(y, x, given_)
    assert mine.p_value == pytest.approx(np.mean(drawn >= t_of(y) * (1 - 1e-9)))
    assert mine.exact
    assert mine.draws == 720


def test_beyond_18_webb_weights_are_drawn_with_a_seed():
    y, x = sample(20, 6)
    first = inference.wild_bootstrap(y, x, 1, draws=999, seed=1)
    assert first == inference.wild_bootstrap(y, x, 1, draws=999, seed=1)
    assert first.p_value != inference.wild_bootstrap(y, x, 1, draws=999, seed=2).p_value
    assert not first.exact
    assert 1 / 1000 <= first.p_value <= 1


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100), st.floats(-50, 50), st.sampled_from([1.0, -1.0]))
def test_p_does_not_depend_on_scale_shift_or_sign(seed, scale, shift, sign):
    y, x = sample(9, seed)
    base = inference.wild_bootstrap(y, x, 1).p_value
    turned = x * np.array([1.0, sign])
    assert inference.wild_bootstrap(scale * y + shift, turned, 1).p_value == pytest.approx(base, abs=2 / 2**9)


@pytest.mark.parametrize(
    ("y", "x", "told"),
    [
        ([1.0, 2.0, 3.0, 2.5], [0.0, 1.0, 2.0, 3.0], "4 observations and 2 coefficients leave 2 degrees"),
        ([1.0, 2.0, 3.0, 5.0, 4.0], [2.0] * 5, "collinear"),
        ([1.0, np.nan, 3.0, 5.0, 4.0], [0.0, 1, 2, 3, 4], "not finite"),
        ([1.0, 2.0, 3.0, 5.0, 4.0], [0.0, 0, 0, 0, 1], "observation 4 has leverage one"),
    ],
)
def test_samples_that_cannot_answer_say_so(y, x, told):
    design = np.column_stack([np.ones(len(x)), x])
    for method in (inference.hc3_t, inference.hc2_bell_mccaffrey, inference.wild_bootstrap):
        with pytest.raises(NotEstimable, match=told):
            method(np.array(y), design, 1)


@pytest.mark.parametrize(
    "y",
    [
        [0.0, 2.0, 4.0, 6.0, 8.0],  # a straight line
        [3.0] * 5,
    ],
)
def test_a_line_through_every_observation_is_no_evidence(y):
    design = np.column_stack([np.ones(5), [0.0, 1, 2, 3, 4]])
    for method in (inference.hc3_t, inference.hc2_bell_mccaffrey, inference.wild_bootstrap_interval):
        with pytest.raises(NotEstimable, match="no noise"):
            method(np.array(y), design, 1)


def test_bell_mccaffrey_df_with_controls_by_the_full_matrix():
    rng = np.random.default_rng(12)
    x = np.column_stack([np.ones(20), rng.normal(size=(20, 3))])
    y = rng.normal(size=20)
    inverse = np.linalg.inv(x.T @ x)
    maker = np.eye(20) - x @ inverse @ x.T
    a = (inverse @ x.T)[2]
    g = maker @ np.diag(a**2 / np.diag(maker)) @ maker
    assert inference.hc2_bell_mccaffrey(y, x, 2).df == pytest.approx(np.trace(g) ** 2 / np.trace(g @ g))


def test_every_sign_of_fifteen_equals_the_signs_written_out():
    y, x = sample(15, 8, growing=True)
    rows = np.arange(2**15)
    signs = 1.0 - 2.0 * ((rows[:, None] >> np.arange(15)) & 1)
    hat = x @ np.linalg.inv(x.T @ x) @ x.T
    a = (np.linalg.inv(x.T @ x) @ x.T)[1]
    drawn = y.mean() + signs * (y - y.mean())
    residual = drawn - drawn @ hat
    t = np.abs(drawn @ a) / np.sqrt((residual**2) @ (a / (1 - np.diag(hat))) ** 2)
    # The first row is the sample itself.
    expected = np.mean(t >= t[0] * (1 - 1e-9))
    assert inference.wild_bootstrap(y, x, 1).p_value == pytest.approx(expected, abs=1e-10)


def test_draws_made_anew_for_every_null_give_the_same_interval(monkeypatch):
    from valuation.inference import wild

    y, x = sample(25, 3, growing=True)
    kept = inference.wild_bootstrap_interval(y, x, 1, draws=499, seed=4)
    monkeypatch.setattr(wild, "KEPT_BYTES", 0)
    monkeypatch.setattr(wild, "CHUNK_BYTES", 8 * 25 * 100)
    anew = inference.wild_bootstrap_interval(y, x, 1, draws=499, seed=4)
    assert (anew.low, anew.high, anew.p_value) == pytest.approx((kept.low, kept.high, kept.p_value), rel=1e-6)


def test_a_side_that_is_never_rejected_is_unbounded():
    # Five observations have 32 sign vectors: the smallest p is 2/32, above 5%.
    y, x = sample(5, 2)
    out = inference.wild_bootstrap_interval(y, x, 1)
    assert out.p_value >= 2 / 32
    assert (out.low, out.high) == (-np.inf, np.inf)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 12), st.floats(-5, 5))
def test_adding_a_line_moves_estimate_and_interval_by_its_slope(seed, n, slope):
    y, x = sample(n, seed)
    base = inference.wild_bootstrap_interval(y, x, 1, level=0.75)
    moved = inference.wild_bootstrap_interval(y + slope * x[:, 1] + 3.0, x, 1, level=0.75)
    width = min(base.high - base.low, 1e3)
    assert moved.estimate == pytest.approx(base.estimate + slope, abs=1e-9)
    for mine, theirs in ((moved.low, base.low), (moved.high, base.high)):
        assert np.isinf(mine) == np.isinf(theirs)
        if np.isfinite(mine):
            assert mine == pytest.approx(theirs + slope, abs=1e-5 * width)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10**6), st.integers(5, 13))
def test_p_values_are_shares_above_zero(seed, n):
    y, x = sample(n, seed)
    wild = inference.wild_bootstrap(y, x, 1)
    assert 2 / 2**n <= wild.p_value <= 1
    assert wild.p_value * 2 ** (n - 1) == pytest.approx(round(wild.p_value * 2 ** (n - 1)))
    shuffled = inference.permutation_freedman_lane(y, x[:, 1], x[:, :1], draws=99, seed=1)
    assert 0 < shuffled.p_value <= 1
    for analytic in (inference.hc3_t(y, x, 1), inference.hc2_bell_mccaffrey(y, x, 1)):
        if analytic.df < 3:  # Bell-McCaffrey of a lopsided sample
            assert np.isnan(analytic.p_value)
            continue
        assert 0 < analytic.p_value <= 1
        assert analytic.low < analytic.estimate < analytic.high


def test_a_null_of_one_is_tested_as_any_other():
    y, x = sample(8, 3)
    shifted = inference.wild_bootstrap(y - x[:, 1], x, 1)
    assert inference.wild_bootstrap(y, x, 1, null=1.0).p_value == shifted.p_value
    assert inference.wild_bootstrap(y, x, 1).p_value == inference.wild_bootstrap(y, x, 1, null=0.0).p_value
