"""Influence, robust lines and power against statsmodels, scipy and simulation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.regression.diagnostics import huber, influence, leave_one_out_r2, power, spearman, theil_sen


@pytest.fixture
def line() -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(11)
    x = rng.uniform(0, 1, 15)
    y = 0.5 + 1.5 * x + rng.normal(0, 0.4, 15)
    y[3] += 3
    return x, y


def test_influence_agrees_with_statsmodels_and_with_refitting(line):
    from statsmodels.regression.linear_model import OLS

    x, y = line
    mine = influence(pd.Series(x), pd.Series(y)).frame
    theirs = OLS(y, np.column_stack([np.ones(15), x])).fit().get_influence()
    np.testing.assert_allclose(mine["leverage"], theirs.hat_matrix_diag)
    np.testing.assert_allclose(mine["cooks_distance"], theirs.cooks_distance[0])
    np.testing.assert_allclose(mine["studentised_residual"], theirs.resid_studentized_internal)
    refitted = [np.polyfit(np.delete(x, i), np.delete(y, i), 1)[0] for i in range(15)]
    np.testing.assert_allclose(mine["slope_without"], refitted)


def test_theil_sen_and_spearman_agree_with_scipy(line):
    from scipy import stats

    x, y = line
    theirs = stats.theilslopes(y, x, method="joint")
    assert theil_sen(x, y) == pytest.approx((theirs[0], theirs[1]))
    rho = stats.spearmanr(x, y)
    assert spearman(x, y) == pytest.approx((rho.statistic, rho.pvalue))


def test_the_outlier_moves_the_robust_lines_less_than_least_squares(line):
    x, y = line
    ordinary = np.polyfit(x, y, 1)[0]
    clean = np.polyfit(np.delete(x, 3), np.delete(y, 3), 1)[0]
    assert abs(huber(x, y)[0] - clean) < abs(ordinary - clean)


def test_leave_one_out_r2_by_refitting(line):
    x, y = line
    line_errors, mean_errors = [], []
    for i in range(15):
        slope, intercept = np.polyfit(np.delete(x, i), np.delete(y, i), 1)
        line_errors.append(y[i] - intercept - slope * x[i])
        mean_errors.append(y[i] - np.delete(y, i).mean())
    expected = 1 - np.sum(np.square(line_errors)) / np.sum(np.square(mean_errors))
    assert leave_one_out_r2(x, y) == pytest.approx(expected)


def test_power_is_what_simulation_finds():
    rng = np.random.default_rng(2)
    x = np.linspace(0, 1, 15)
    y = 0.3 * x + rng.normal(0, 0.5, 15)
    told = power(x, y)
    design = np.column_stack([np.ones(15), x])
    noise = (y - design @ np.linalg.lstsq(design, y, rcond=None)[0]).std(ddof=2)
    drawn = told.detectable_slope * x + rng.normal(0, noise, (20000, 15))
    b = drawn @ (x - x.mean()) / ((x - x.mean()) ** 2).sum()
    residual = drawn - drawn.mean(axis=1, keepdims=True) - np.outer(b, x - x.mean())
    se = np.sqrt((residual**2).sum(axis=1) / 13 / ((x - x.mean()) ** 2).sum())
    found = np.mean(np.abs(b / se) > 2.1603686564610127)  # t(13) at 97.5%, from a printed table
    assert found == pytest.approx(0.8, abs=0.015)


def test_leave_one_out_r2_is_that_of_the_leverages_even_where_one_company_alone_has_a_share():
    # Without a company its error is its residual over 1 - leverage (Allen 1974), from the mean of the others the
    # distance to the mean of all times n / (n - 1); a company of leverage one leaves the others one x and so their mean.
    rng = np.random.default_rng(5)
    for shares in (rng.uniform(size=12), rng.integers(0, 2, 9).astype(float), np.eye(6)[0]):
        n, y = len(shares), 0.4 * shares + rng.normal(size=len(shares))
        design = np.column_stack([np.ones(n), shares])
        hat = design @ np.linalg.pinv(design)
        leverage = np.diag(hat)
        mean = (y - y.mean()) * n / (n - 1)
        alone = leverage > 1 - 1e-9
        line = np.where(alone, mean, (y - hat @ y) / np.where(alone, 1.0, 1 - leverage))
        assert leave_one_out_r2(shares, y) == pytest.approx(1 - line @ line / (mean @ mean), rel=1e-10)


def test_the_range_of_slopes_and_the_most_influential_company(line):
    x, y = line
    names = list("ABCDEFGHIJKLMNO")
    found = influence(pd.Series(x, index=names), pd.Series(y, index=names))
    slopes = [np.polyfit(np.delete(x, i), np.delete(y, i), 1)[0] for i in range(15)]
    assert found.slope_range == pytest.approx((min(slopes), max(slopes)))
    assert found.most_influential == "D"  # it lies three above the line


def test_the_huber_line_solves_its_own_equations(line):
    """Huber 1981: residuals cut at 1.345 scales have neither mean nor slope; the scale is the normalised MAD about zero."""
    x, y = line
    slope, intercept = huber(x, y)
    residual = y - intercept - slope * x
    cut = np.clip(residual / (np.median(np.abs(residual)) / 0.6744897501960817), -1.345, 1.345)
    assert [cut.sum(), cut @ x] == pytest.approx([0, 0], abs=0.02)


@pytest.mark.parametrize("sign", [1.0, -1.0])
def test_a_rank_correlation_of_one_has_a_p_of_zero_and_four_companies_have_none(sign):
    x = np.array([0.1, 0.2, 0.4, 0.7, 0.8])
    for n in range(5, 12):
        rho, p = spearman(np.arange(n), sign * np.arange(n) ** 3)
        assert rho == pytest.approx(sign)
        assert p < 1e-12
    assert np.isnan(spearman(x[:4], sign * x[:4])[1])
    rho, p = spearman(x, np.array([1.0, 3.0, 2.0, 5.0, 4.0]))
    assert rho == pytest.approx(0.8)
    assert p == pytest.approx(0.104088, abs=1e-6)  # t = 0.8 sqrt(3 / 0.36) with three degrees of freedom


@pytest.mark.parametrize(("size", "target"), [(0.05, 0.8), (0.1, 0.6)])
@pytest.mark.parametrize("slope", [0.7, -0.7])
def test_power_by_the_noncentral_t_of_scipy(size, target, slope):
    from scipy import stats
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(3)
    x = np.linspace(0, 1, 12) ** 2
    y = slope * x + rng.normal(0, 0.4, 12)
    fit = OLS(y, np.column_stack([np.ones(12), x])).fit()
    told = power(x, y, size=size, target=target) if size != 0.05 else power(x, y)
    critical = stats.t.ppf(1 - size / 2, 10)
    for effect, chance in ((told.detectable_slope, target), (fit.params[1], told.at_estimate)):
        nc = abs(effect) / fit.bse[1]
        assert stats.nct.sf(critical, 10, nc) + stats.nct.cdf(-critical, 10, nc) == pytest.approx(chance, abs=1e-9)
    assert (told.size, told.target, told.n) == (size, target, 12)
    assert told.detectable_premium == pytest.approx(np.exp(told.detectable_slope) - 1)
