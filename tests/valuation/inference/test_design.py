"""Tests by HC3 and HC2 at their bounds: degrees of freedom, intervals, units, and samples that cannot answer."""

from __future__ import annotations

import numpy as np
import pytest

from tests.valuation.inference.lines import LINE, sample
from valuation import inference
from valuation.errors import NotEstimable


def test_five_observations_have_three_degrees_of_freedom():
    from statsmodels.regression.linear_model import OLS

    y, x = sample(5, 3)
    fit = OLS(y, x).fit(cov_type="HC3", use_t=True)
    out = inference.hc3_t(y, x, 1)
    assert (out.df, out.draws, out.exact) == (3, 0, True)
    assert (out.p_value, out.low, out.high) == pytest.approx((fit.pvalues[1], *fit.conf_int()[1]))


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
