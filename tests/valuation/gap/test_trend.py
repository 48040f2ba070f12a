"""Trend and break of a gap series against statsmodels and planted answers."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.gap import trend as module
from valuation.gap.trend import _autoregressive, level_break, sup_f, trend

WEEKS = pd.date_range("2024-01-05", periods=120, freq="7D")


def noisy(level: np.ndarray, seed: int, spread: float) -> pd.Series:
    return pd.Series(np.exp(level + np.random.default_rng(seed).normal(0, spread, 120)), index=WEEKS)


def test_slope_and_standard_error_agree_with_statsmodels_newey_west():
    from statsmodels.regression.linear_model import OLS

    gap = noisy(0.2 * np.arange(120) / 52, 3, 0.1)
    mine = trend(gap)
    years = (WEEKS - WEEKS[0]).days.to_numpy() / 365.25
    design = np.column_stack([np.ones(120), years])
    theirs = OLS(np.log(gap.to_numpy()), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": mine.lags, "use_correction": True}, use_t=True
    )
    assert mine.lags == 14  # 1.3 sqrt(120)
    assert mine.slope == pytest.approx(theirs.params[1], rel=1e-10)
    assert mine.std_error == pytest.approx(theirs.bse[1], rel=1e-10)
    assert mine.t_value == pytest.approx(theirs.tvalues[1], rel=1e-10)


def test_a_clear_trend_in_white_noise_is_found_and_its_interval_holds_it():
    found = trend(noisy(0.3 * np.arange(120) / 52, 5, 0.1), draws=199, seed=1)
    assert found.p_value == pytest.approx(1 / 200)
    assert found.low < 0.3 < found.high
    assert abs(found.persistence) < 0.25
    assert found.independent_weeks > 70


def test_persistence_takes_out_the_bias_of_a_detrended_autocorrelation():
    gap = noisy(0.1 * np.arange(120) / 52, 9, 0.1)
    years = (WEEKS - WEEKS[0]).days.to_numpy() / 365.25
    residual = np.log(gap.to_numpy()) - np.polyval(np.polyfit(years, np.log(gap.to_numpy()), 1), years)
    r = residual[1:] @ residual[:-1] / (residual @ residual)
    # E(r) = rho - (2 + 4 rho) / n, solved for rho.
    assert trend(gap, draws=19).persistence == pytest.approx((r + 2 / 120) / (1 - 4 / 120))


def test_the_same_trend_in_a_random_walk_is_not():
    walk = np.cumsum(np.random.default_rng(1).normal(0, 0.1, 120))
    gap = pd.Series(np.exp(0.3 * np.arange(120) / 52 + walk), index=WEEKS)
    found = trend(gap, draws=199, seed=1)
    assert found.p_value > 0.05
    assert found.independent_weeks < 20
    assert found.high - found.low > 0.25


def test_the_interval_and_the_test_agree():
    for seed in range(12):
        found = trend(noisy(0.04 * np.arange(120) / 52, seed, 0.1), draws=199, seed=1)
        assert (found.low >= 0 or found.high <= 0) == (found.p_value <= 0.05)


def test_a_planted_jump_is_found_at_its_date():
    gap = noisy(np.where(np.arange(120) < 70, np.log(1.5), np.log(3.0)), 4, 0.05)
    found = level_break(gap, draws=199, seed=1)
    assert found.date == WEEKS[70]
    assert found.before == pytest.approx(1.5, rel=0.02)
    assert found.after == pytest.approx(3.0, rel=0.02)


def test_sup_f_by_fitting_every_split():
    gap = noisy(np.where(np.arange(120) < 40, 0.0, 0.2), 6, 0.2)
    y = np.log(gap.to_numpy())
    total = ((y - y.mean()) ** 2).sum()
    f = {}
    for at in range(18, 103):  # the middle 70% of 120 dates
        within = sum(((part - part.mean()) ** 2).sum() for part in (y[:at], y[at:]))
        f[at] = (total - within) / (within / 118)
    best = max(f, key=f.get)
    found = level_break(gap, draws=19, seed=1)
    assert found.sup_f == pytest.approx(f[best])
    assert found.date == WEEKS[best]


def test_weeks_without_a_gap_are_left_out_and_order_does_not_matter():
    gap = noisy(0.1 * np.arange(120) / 52, 7, 0.1)
    holes = gap.copy()
    holes.iloc[[3, 50, 51]] = np.nan
    mixed = holes.sample(frac=1, random_state=1)
    assert trend(mixed, draws=49) == trend(holes.dropna(), draws=49)
    assert trend(mixed, draws=49).n == 117


@pytest.mark.parametrize("function", [trend, level_break])
def test_too_few_dates_or_a_gap_that_never_moves_are_told(function):
    with pytest.raises(NotEstimable, match="at least 30"):
        function(pd.Series([2.0] * 10, index=WEEKS[:10]))
    with pytest.raises(NotEstimable, match="the same on all 120"):
        function(pd.Series(2.0, index=WEEKS))


@pytest.mark.parametrize(("at", "found_at"), [(17, 18), (18, 18), (102, 102), (103, 102)])
def test_a_break_is_looked_for_in_the_middle_70_percent_alone(at, found_at):
    series = (np.arange(120) >= at).astype(float)[None, :] + 0.01 * np.sin(np.arange(120))
    assert sup_f(series)[1].tolist() == [found_at]


def test_a_short_series_keeps_two_dates_on_either_side():
    series = np.array([[0.0, 0.1, 5.0, 5.2, 5.1, 5.0]])
    between = 2 * (0.05 - 3.4) ** 2 + 4 * (5.075 - 3.4) ** 2
    within = 2 * 0.05**2 + ((np.array([5.0, 5.2, 5.1, 5.0]) - 5.075) ** 2).sum()
    f, at = sup_f(series)
    assert (f[0], at[0]) == (pytest.approx(between / (within / 4)), 2)


@pytest.mark.parametrize("rho", [-0.5, 0.3, 0.9])
def test_the_autoregressive_series_of_the_null_are_stationary_from_their_first_week_on(rho):
    shocks = np.random.default_rng(2).normal(size=400)
    residual = np.zeros(400)
    for week in range(1, 400):
        residual[week] = rho * residual[week - 1] + shocks[week]
    drawn = _autoregressive(residual, rho, 20_000, seed=1)
    assert drawn.shape == (20_000, 400)
    # Shocks of variance s2 make a stationary series of variance s2 / (1 - rho2), in every week the same.
    stationary = shocks[1:].var() / (1 - rho**2)
    assert drawn[:, [0, 1, 5, 399]].var(axis=0).tolist() == pytest.approx([stationary] * 4, rel=0.05)
    assert np.corrcoef(drawn[:, 10], drawn[:, 11])[0, 1] == pytest.approx(rho, abs=0.03)
    assert abs(drawn.mean()) < 0.02 * np.sqrt(stationary)


def newey_west(y: np.ndarray, lags: int) -> tuple[float, float]:
    """Slope per year and its Newey-West standard error on weekly dates, by statsmodels."""
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones(len(y)), 7 * np.arange(len(y)) / 365.25])
    fit = OLS(y, design).fit(cov_type="HAC", cov_kwds={"maxlags": lags, "use_correction": True})
    return fit.params[1], fit.bse[1]


@pytest.mark.parametrize(("draws", "level", "rank"), [(19, 0.95, 1), (19, 0.9, 2), (39, 0.9, 4), (18, 0.95, None)])
def test_p_and_interval_are_those_of_the_series_drawn(monkeypatch, draws, level, rank):
    gap = noisy(0.03 * np.arange(120) / 52, 8, 0.1)[:60]
    null = np.random.default_rng(6).normal(size=(draws, 60))
    monkeypatch.setattr(module, "_autoregressive", lambda residual, rho, draws, seed: null)
    slope, error = newey_west(np.log(gap.to_numpy()), 10)  # 1.3 sqrt(60)
    sizes = sorted(abs(b / se) for b, se in (newey_west(row, 10) for row in null))
    found = trend(gap, draws=draws, level=level)
    assert 0 < sum(t >= abs(slope / error) for t in sizes) < draws
    assert found.p_value == pytest.approx((1 + sum(t >= abs(slope / error) for t in sizes)) / (draws + 1))
    half = sizes[-rank] * error if rank else np.inf
    assert (found.low, found.high) == pytest.approx((slope - half, slope + half))
    # A falling gap has the same p: what counts is the size of t.
    assert trend(1 / gap, draws=draws, level=level).p_value == pytest.approx(found.p_value)


def test_the_p_of_a_break_counts_the_series_drawn_about_the_mean(monkeypatch):
    gap = noisy(np.where(np.arange(120) < 70, 0.5, 0.56), 4, 0.2)[:40]
    null, asked = np.random.default_rng(1).normal(size=(19, 40)), {}
    monkeypatch.setattr(
        module, "_autoregressive", lambda residual, rho, draws, seed: asked.update(residual=residual, rho=rho) or null
    )
    found = level_break(gap, draws=19)
    sizes = [float(sup_f(row[None])[0][0]) for row in null]
    assert 0 < sum(f >= found.sup_f for f in sizes) < 19
    assert found.p_value == pytest.approx((1 + sum(f >= found.sup_f for f in sizes)) / 20)
    y = np.log(gap.to_numpy()) - np.log(gap.to_numpy()).mean()
    assert asked["residual"] == pytest.approx(y)
    r = y[1:] @ y[:-1] / (y @ y)
    # Kendall 1954: E(r) = rho - (1 + 3 rho) / n, to first order taken back at r itself.
    assert asked["rho"] == pytest.approx(r + 1 / 40 + 3 * r / 40)


def test_the_series_drawn_are_made_of_the_shocks_less_their_mean():
    residual = np.array([1.0, 3.0, 2.0, 6.0])
    # At rho = 0.5: 3 - 0.5, 2 - 1.5, 6 - 1, of mean 8 / 3.
    shocks = np.array([2.5, 0.5, 5.0]) - 8 / 3
    drawn = _autoregressive(residual, 0.5, 50, seed=0)
    steps = np.column_stack([drawn[:, 0] * np.sqrt(0.75), drawn[:, 1:] - 0.5 * drawn[:, :-1]])
    assert sorted(set(steps.ravel().round(9))) == pytest.approx(sorted(shocks), abs=1e-8)


def test_persistence_stays_below_one():
    assert (module._capped(1.2), module._capped(0.4)) == (0.995, 0.4)


def test_weeks_in_effect_by_hand():
    found = trend(noisy(0.3 * np.arange(120) / 52, 5, 0.1), draws=19)
    assert replace(found, n=90, persistence=0.5).independent_weeks == pytest.approx(30)
    assert replace(found, n=90, persistence=0.99).independent_weeks == 1.0  # 0.45, and one at least
    assert replace(found, slope=-0.25).growth == pytest.approx(np.exp(-0.25) - 1)


@pytest.mark.parametrize("function", [trend, level_break])
def test_thirty_dates_are_enough_and_a_gap_of_zero_is_none(function):
    gap = noisy(np.full(120, -0.5), 2, 0.1)[:30]  # ratios below one
    assert function(gap).n == 30
    assert (function(gap).draws, function(gap).seed) == (999, 0)
    for fewer in (gap[:29], gap.mask(gap.index == WEEKS[3], 0.0)):
        with pytest.raises(NotEstimable, match="there are 29"):
            function(fewer)
    assert trend(gap).level == 0.95


def test_a_short_series_may_break_two_dates_before_its_end():
    assert sup_f(np.array([[0.0, 0.1, 0.0, 0.2, 5.0, 5.1]]))[1].tolist() == [4]
