"""Returns measured by hand, the Sharpe ratio deflated as the paper prints it, Newey-West as statsmodels has it."""

from __future__ import annotations

import math
from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.screening.newey_west import mean_test
from valuation.screening.performance import (
    EULER_GAMMA,
    luckiest,
    performance,
    probabilistic_sharpe,
    sharpe_probability,
)

WEEKS = pd.date_range("2026-01-09", periods=5, freq="W-FRI")


def test_performance_by_hand():
    returns = pd.Series([0.10, -0.20, -0.10, 0.50, -0.05], index=WEEKS)
    found = performance(returns, start=pd.Timestamp("2026-01-02"))
    wealth = 1.1 * 0.8 * 0.9 * 1.5 * 0.95
    mean = 0.25 / 5
    spread = math.sqrt(sum((r - mean) ** 2 for r in returns) / 4)
    assert found.total == pytest.approx(wealth - 1)
    assert found.annual == pytest.approx(wealth ** (52 / 5) - 1)
    assert found.volatility == pytest.approx(spread * math.sqrt(52))
    assert found.sharpe == pytest.approx(mean / spread * math.sqrt(52))
    assert found.drawdown == pytest.approx(0.8 * 0.9 - 1)
    assert (found.peak, found.trough) == (WEEKS[0], WEEKS[2])


def test_a_fall_from_the_start_counts():
    found = performance(pd.Series([-0.3, 0.1, 0.1, 0.1, 0.1], index=WEEKS), start=pd.Timestamp("2026-01-02"))
    assert found.drawdown == pytest.approx(-0.3)
    assert (found.peak, found.trough) == (pd.Timestamp("2026-01-02"), WEEKS[0])


def test_one_return_two_and_none():
    import warnings

    with warnings.catch_warnings():
        warnings.simplefilter("error")
        one = performance(pd.Series([-0.1], index=WEEKS[:1]), start=pd.Timestamp("2026-01-02"))
        two = performance(pd.Series([0.1, 0.3], index=WEEKS[:2]), start=pd.Timestamp("2026-01-02"), per_year=4)
        none = performance(pd.Series([], dtype=float), start=pd.Timestamp("2026-01-02"))
    assert (one.n, one.total, one.annual) == (1, pytest.approx(-0.1), pytest.approx(0.9**52 - 1))
    assert np.isnan([one.volatility, one.sharpe]).all()
    assert two.volatility == pytest.approx(math.sqrt(0.02) * 2)
    assert two.sharpe == pytest.approx(0.2 / math.sqrt(0.02) * 2)
    assert two.annual == pytest.approx(1.43**2 - 1)
    assert (none.n, none.total, none.drawdown, none.peak) == (0, 0.0, 0.0, pd.Timestamp("2026-01-02"))
    assert np.isnan([none.annual, none.volatility, none.sharpe, none.skewness, none.kurtosis]).all()


def test_moments_as_scipy_has_them():
    from scipy import stats

    x = np.random.default_rng(2).standard_t(5, 80) / 50
    found = performance(pd.Series(x, index=pd.RangeIndex(80)), start=-1)
    assert found.skewness == pytest.approx(stats.skew(x))
    assert found.kurtosis == pytest.approx(stats.kurtosis(x, fisher=False))


def test_the_example_of_bailey_and_lopez_de_prado():
    """Section "A numerical example" of the 2014 paper: SR0 about 0.1132 a day, deflated Sharpe ratio about 0.9004."""
    sharpe = 2.5 / math.sqrt(250)
    threshold = luckiest(100, 0.5 / 250)
    assert threshold == pytest.approx(0.1132, abs=5e-5)
    assert probabilistic_sharpe(sharpe, threshold, 1250, -3, 10) == pytest.approx(0.9004, abs=5e-5)


def test_the_formula_by_hand():
    x = pd.Series(np.random.default_rng(4).normal(0.01, 0.05, 60), index=pd.RangeIndex(60))
    found = sharpe_probability(x, trials=7)
    normal = NormalDist()
    mean, n = x.mean(), 60
    second = ((x - mean) ** 2).mean()
    skew, kurtosis = ((x - mean) ** 3).mean() / second**1.5, ((x - mean) ** 4).mean() / second**2
    sharpe = mean / math.sqrt(second * n / (n - 1))
    quantiles = normal.inv_cdf(1 - 1 / 7), normal.inv_cdf(1 - 1 / (7 * math.e))
    threshold = math.sqrt(1 / (n - 1)) * ((1 - 0.5772156649) * quantiles[0] + 0.5772156649 * quantiles[1])
    z = (sharpe - threshold) * math.sqrt(n - 1) / math.sqrt(1 - skew * sharpe + (kurtosis - 1) / 4 * sharpe**2)
    assert found.threshold == pytest.approx(threshold)
    assert found.probability == pytest.approx(normal.cdf(z))
    assert pytest.approx(0.5772156649) == EULER_GAMMA


def test_more_trials_deflate_more_and_one_trial_does_not():
    x = pd.Series(np.random.default_rng(4).normal(0.01, 0.05, 60), index=pd.RangeIndex(60))
    found = [sharpe_probability(x, trials).probability for trials in (1, 2, 10, 100)]
    assert found == sorted(found, reverse=True)
    assert sharpe_probability(x, 1).threshold == 0.0
    # Of two standard normals the higher one is at 1 / sqrt(pi) = 0.56; the formula gives it roughly.
    assert luckiest(2, 1.0) == pytest.approx(0.56, abs=0.05)
    assert luckiest(2, 4.0) == pytest.approx(2 * luckiest(2, 1.0))


def test_it_is_called_what_it_is():
    x = pd.Series(np.random.default_rng(4).normal(0.01, 0.05, 60), index=pd.RangeIndex(60))
    known, unknown = sharpe_probability(x, 7), sharpe_probability(x, None)
    assert (known.name, known.trials) == ("deflated Sharpe ratio", 7)
    assert (unknown.name, unknown.trials, unknown.threshold) == ("probabilistic Sharpe ratio", None, 0.0)
    assert unknown.probability > known.probability
    assert str(known).endswith("(7 trials, n = 60)")
    assert str(unknown).endswith("(number of trials not known, n = 60)")


def test_the_threshold_is_the_expected_highest_of_the_trials():
    """Simulated: the mean of the best of N standard normals, which the formula approximates."""
    rng = np.random.default_rng(8)
    for trials in (5, 20, 100):
        best = rng.normal(size=(20_000, trials)).max(axis=1).mean()
        assert luckiest(trials, 1.0) == pytest.approx(best, rel=0.03)


@pytest.mark.parametrize(("overlap", "lags"), [(1, 3), (4, 3), (9, 8)])
def test_newey_west_of_a_mean_as_statsmodels(overlap, lags):
    from scipy import stats
    from statsmodels.regression.linear_model import OLS

    x = np.random.default_rng(7).normal(0.2, 1, 60).cumsum() / 10
    x = np.append(x, np.nan)
    found = mean_test(x, overlap=overlap)
    fit = OLS(x[:-1], np.ones(60)).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True}, use_t=True)
    assert found.lags == lags
    assert found.std_error == pytest.approx(fit.bse[0])
    assert found.df == 60 // overlap - 1  # dates that share no data
    assert found.p_value == pytest.approx(2 * stats.t.sf(abs(fit.tvalues[0]), found.df))


@pytest.mark.parametrize(("n", "overlap"), [(9, 1), (20, 9)])
def test_too_short_a_series_is_not_tested(n, overlap):
    with pytest.raises(NotEstimable, match=f"over {n} dates"):
        mean_test(np.arange(float(n)), overlap=overlap)
