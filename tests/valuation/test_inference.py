"""Small-sample kernels against plain loops, other packages and closed forms."""

from __future__ import annotations

from itertools import permutations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation import inference
from valuation.errors import NotEstimable


def sample(n: int, seed: int, *, growing: bool = False) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, n)
    noise = rng.normal(0, 0.5, n) * (0.2 + 2 * x if growing else 1.0)
    return 1.0 + 0.8 * x + noise, np.column_stack([np.ones(n), x])


def statsmodels_t(y: np.ndarray, x: np.ndarray, null: float = 0.0) -> float:
    from statsmodels.regression.linear_model import OLS

    fit = OLS(y, x).fit(cov_type="HC3", use_t=True)
    return (fit.params[1] - null) / fit.bse[1]


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
        ([1.0, 2.0, 3.0], [0.0, 1.0, 2.0], "at least 4"),
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


def test_size_at_fifteen_companies_stays_within_3_to_10_percent():
    """Shares as in the field: half near zero, half spread up to one; noise constant, and growing with the share."""
    rng = np.random.default_rng(20260116)
    x = np.r_[np.linspace(0, 0.06, 8), np.linspace(0.6, 1, 7)]
    design = np.column_stack([np.ones(15), x])
    for growing in (False, True):
        spread = 0.3 + 0.9 * x if growing else np.ones(15)
        samples = rng.normal(size=(1500, 15)) * spread
        rejected = np.mean([inference.wild_bootstrap(y, design, 1).p_value <= 0.05 for y in samples])
        assert 0.03 <= rejected <= 0.10, (growing, rejected)
