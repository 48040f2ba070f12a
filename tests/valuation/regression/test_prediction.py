"""The distance to the line of the others against statsmodels fitted without each company."""

from __future__ import annotations

import numpy as np
import pytest

from valuation.regression.prediction import assumptions_of_interval, distance_to_line, least_others, prediction_band


def test_each_company_against_the_line_of_the_others():
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(5)
    n = 11
    share, ln_value = rng.uniform(size=(2, n)), rng.normal(size=(2, n))
    inside = np.ones((2, n), dtype=bool)
    inside[1, [2, 7]] = False
    found = distance_to_line(ln_value, share, inside, level=0.9)
    assert list(found.n) == [11, 9]
    for date in range(2):
        for i in range(n):
            if not inside[date, i]:
                assert np.isnan([found.premium[date, i], found.low[date, i], found.high[date, i]]).all()
                continue
            others = inside[date].copy()
            others[i] = False
            design = np.column_stack([np.ones(n), share[date]])
            fit = OLS(ln_value[date, others], design[others]).fit()
            predicted = fit.get_prediction(design[[i]]).summary_frame(alpha=0.1)
            mean = predicted["mean"].iloc[0]
            half = predicted["obs_ci_upper"].iloc[0] - mean
            error = ln_value[date, i] - mean
            assert found.premium[date, i] == pytest.approx(np.expm1(error), rel=1e-9)
            assert found.low[date, i] == pytest.approx(np.expm1(error - half), rel=1e-9)
            assert found.high[date, i] == pytest.approx(np.expm1(error + half), rel=1e-9)


@pytest.mark.parametrize(
    ("share", "inside"), [(np.full(8, 0.3), np.ones(8, bool)), (np.linspace(0, 1, 8), np.arange(8) < 5)]
)
def test_no_line_no_distance(share, inside):
    found = distance_to_line(np.linspace(1, 2, 8)[None], share[None], inside[None])
    assert np.isnan(found.premium).all()


def test_a_company_that_alone_makes_the_slope_has_no_distance():
    share = np.array([[0.0] * 7 + [1.0]])
    found = distance_to_line(np.arange(8.0)[None], share, np.ones((1, 8), bool))
    assert np.isnan(found.premium[0, 7])
    assert np.isfinite(found.premium[0, :7]).all()


def test_how_many_others_a_distribution_free_interval_needs():
    """By simulation: the widest interval, from the smallest of n to the largest, misses on each side once in n + 1."""
    assert (least_others(0.95), least_others(0.9), least_others(0.99)) == (39, 19, 199)
    rng = np.random.default_rng(0)
    for n, enough in ((39, True), (20, False)):
        values, new = rng.exponential(size=(40_000, n)), rng.exponential(size=40_000)
        above, below = (new > values.max(axis=1)).mean(), (new < values.min(axis=1)).mean()
        assert [above, below] == pytest.approx([1 / (n + 1)] * 2, abs=0.004)
        assert (1 / (n + 1) <= 0.025) == enough


def test_the_sentence_on_what_an_interval_assumes():
    few = assumptions_of_interval(12, 0.95)
    assert few.startswith("Prediction intervals of companies assume normal noise of equal variance about the line")
    assert "With n = 12 no distribution-free 95% prediction interval exists" in few
    assert "at least 39 other companies (others + 1 at least 2 / 0.05), and each company has 11." in few
    assert "no distribution-free" in assumptions_of_interval(39, 0.95)
    assert "no distribution-free" not in assumptions_of_interval(40, 0.95)


def test_the_band_about_the_line_is_that_of_statsmodels():
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(11)
    share, ln_value, at = rng.uniform(size=9), rng.normal(size=9), np.linspace(0, 1, 5)
    fit = OLS(ln_value, np.column_stack([np.ones(9), share])).fit()
    frame = fit.get_prediction(np.column_stack([np.ones(5), at])).summary_frame(alpha=0.2)
    expected = np.exp(frame[["mean", "obs_ci_lower", "obs_ci_upper"]].to_numpy())
    assert prediction_band(share, ln_value, at, level=0.8) == pytest.approx(expected, rel=1e-10)


def test_six_companies_have_a_distance_and_shares_need_not_be_far_apart():
    share, ln_value = np.array([[0.01, 0.02, 0.03, 0.05, 0.06, 0.08]]), np.array([[1.0, 1.2, 0.9, 1.4, 1.1, 1.5]])
    found = distance_to_line(ln_value, share, np.ones((1, 6), bool))
    for k in range(6):
        slope, level = np.polyfit(np.delete(share[0], k), np.delete(ln_value[0], k), 1)
        assert found.premium[0, k] == pytest.approx(np.exp(ln_value[0, k] - level - slope * share[0, k]) - 1)
    assert (found.low < found.premium).all()
    assert (found.premium < found.high).all()
    at_95 = distance_to_line(ln_value, share, np.ones((1, 6), bool), level=0.95)
    np.testing.assert_array_equal(found.low, at_95.low)
    assert prediction_band(share[0], ln_value[0], np.array([0.1])).tolist() == (
        prediction_band(share[0], ln_value[0], np.array([0.1]), level=0.95).tolist()
    )


@pytest.mark.parametrize("others", [0.0, 0.1, 0.3, 0.7])
@pytest.mark.parametrize("n", [7, 9, 10, 13])
def test_a_company_alone_has_no_distance_whatever_rounding_leaves(others, n):
    share = np.full((1, n), others)
    share[0, n // 2] = 0.9
    found = distance_to_line(np.sqrt(np.arange(1.0, n + 1))[None], share, np.ones((1, n), bool))
    assert np.isnan([found.premium[0, n // 2], found.low[0, n // 2], found.high[0, n // 2]]).all()
