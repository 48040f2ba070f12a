"""Portfolios through time by hand, information coefficients against scipy, and what a seer and a monkey would show."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.errors import NotEstimable
from valuation.screening import backtest, information_coefficient
from valuation.screening.newey_west import MeanTest

# Three names, five closes; the third has no close on the third day.
CLOSES = np.array([[10.0, 20, 5], [11, 20, 4], [11, 25, np.nan], [12, 25, 6], [9, 30, 6]])


def test_two_trades_by_hand():
    member = np.array([[True, True, False], [False, True, True]])
    path = backtest.simulate(CLOSES, member, np.array([0, 3]), cost=0.01)
    # half each from day 0: 0.5 * 11/10 + 0.5 = 1.05, then 0.55 + 0.625 = 1.175, then 0.6 + 0.625 = 1.225
    first = [1.05, 1.175 / 1.05, 1.225 / 1.175]
    # weights have drifted to 0.6 and 0.625 of 1.225; now half in each of the last two: 30/25 and 6/6
    assert path.gross == pytest.approx([g - 1 for g in [*first, 0.5 * 1.2 + 0.5]])
    drifted = np.array([0.6, 0.625, 0]) / 1.225
    change = np.abs(np.array([0, 0.5, 0.5]) - drifted).sum()
    assert path.turnover == pytest.approx([1.0, change / 2])
    assert path.costs == pytest.approx([0.01, 0.01 * change])
    net = [first[0] * 0.99, first[1], first[2], 1.1 * (1 - 0.01 * change)]
    assert path.returns == pytest.approx([n - 1 for n in net])
    assert list(path.held) == [2, 2]


def test_a_name_without_a_close_is_not_bought_and_one_that_loses_it_keeps_the_last():
    member = np.array([[False, False, True], [False, False, True]])
    path = backtest.simulate(CLOSES, member, np.array([1, 2]), cost=0.0)
    assert path.gross == pytest.approx([0.0, 0.0, 0.0])  # held at 4 for a day without a close; then cash
    assert list(path.held) == [1, 0]
    assert path.turnover == pytest.approx([1.0, 1.0])


def test_forward_returns_by_hand():
    found = information_coefficient.forward_returns(CLOSES, np.array([0, 2, 3]), 2)
    np.testing.assert_allclose(found, [[0.1, 0.25, -0.2], [9 / 11 - 1, 0.2, np.nan], [np.nan] * 3])


def test_information_as_scipy_spearman():
    from scipy.stats import spearmanr

    rng = np.random.default_rng(1)
    score, forward = rng.normal(size=(4, 12)).round(1), rng.normal(size=(4, 12)).round(1)
    score[2, :4] = np.nan
    score[3, :8] = np.nan
    found = information_coefficient.information(score, forward)
    for i in range(3):
        assert found[i] == pytest.approx(spearmanr(score[i], forward[i], nan_policy="omit").statistic)
    assert np.isnan(found[3])  # four names are too few


def test_effective_names_between_one_and_all():
    rng = np.random.default_rng(0)
    apart = rng.normal(size=(4000, 6))
    assert information_coefficient.effective_names(apart) == pytest.approx(6, abs=0.05)
    together = np.repeat(rng.normal(size=(100, 1)), 6, axis=1)
    assert information_coefficient.effective_names(together) == pytest.approx(1)
    assert information_coefficient.effective_names(np.hstack([apart[:, :2], apart[:, :2]])) == pytest.approx(
        2, abs=0.05
    )
    assert information_coefficient.effective_names(-together) == pytest.approx(1)
    assert information_coefficient.effective_names(together[:, :1]) == 1
    assert np.isnan(information_coefficient.effective_names(together[:, :0]))


def test_effective_names_by_the_eigenvalues_of_the_correlation_matrix():
    """Participation ratio: (sum of eigenvalues)^2 over the sum of their squares."""
    rng = np.random.default_rng(3)
    returns = rng.normal(size=(200, 7)) + 0.8 * rng.normal(size=(200, 1))
    values = np.linalg.eigvalsh(np.corrcoef(returns.T))
    assert information_coefficient.effective_names(returns) == pytest.approx(values.sum() ** 2 / (values**2).sum())


def test_an_unknown_correlation_is_not_zero():
    """Two of three names never trade together: the third tells how alike names are, not nothing."""
    rng = np.random.default_rng(1)
    common = rng.normal(size=(200, 1))
    returns = np.repeat(common, 3, axis=1)
    returns[:100, 0], returns[100:, 1] = np.nan, np.nan
    assert information_coefficient.effective_names(returns) == pytest.approx(1)
    apart = np.full((60, 2), np.nan)
    apart[:30, 0], apart[30:, 1] = 0.1, 0.1
    assert np.isnan(information_coefficient.effective_names(apart))


def test_breadth_is_of_the_names_held_and_not_of_the_universe():
    rng = np.random.default_rng(5)
    returns = rng.normal(size=(3000, 8))
    returns[:, 1] = returns[:, 2] = returns[:, 0]
    held = np.zeros((4, 8), dtype=bool)
    held[0, :3] = True  # three that are one
    held[1:3, 3:7] = True  # four that are four, on two decisions
    found = information_coefficient.breadth_of(returns, held)  # the last decision holds nobody
    assert found == pytest.approx((1 + 4 + 4) / 3, abs=0.05)
    assert np.isnan(information_coefficient.breadth_of(returns, held[3:]))


def test_a_backtest_of_twins_has_the_breadth_of_one():
    """Six names held, three pairs of twins, among thirty: relative to the universe they are three bets."""
    closes = market()
    for twin, other in (("N1", "N0"), ("N3", "N2"), ("N5", "N4")):
        closes[twin] = closes[other] * 2
    score = np.tile(-np.arange(30.0), (len(closes), 1))
    found = evaluated(closes, score)
    assert (found.decisions["held"] == 6).all()
    assert found.bets.breadth == pytest.approx(3, abs=0.25)
    assert found.bets.independent == pytest.approx(found.bets.breadth * found.decisions["turnover"].sum())


def market(seed: int = 0, dates: int = 120, names: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    prices = 10 * np.exp(np.cumsum(rng.normal(0, 0.08, (dates, names)), axis=0))
    labels = [f"N{i}" for i in range(names)]
    return pd.DataFrame(prices, index=pd.date_range("2024-01-05", periods=dates, freq="W-FRI"), columns=labels)


def evaluated(closes: pd.DataFrame, score: np.ndarray, **options) -> backtest.Backtest:
    frame = pd.DataFrame(score, index=closes.index, columns=closes.columns)
    member = frame.rank(axis=1, ascending=False) <= 6
    everybody = pd.DataFrame(True, index=closes.index, columns=closes.columns)
    return backtest.evaluate(
        closes, member, frame, everybody, benchmarks={}, horizons=(1, 4), trials=5, **{"lag": 1} | options
    )


def seer(closes: pd.DataFrame, lag: int = 1) -> np.ndarray:
    """The return that follows the trade: knowledge that no screen has."""
    ahead = closes.shift(-1 - lag) / closes.shift(-lag) - 1
    return ahead.fillna(0.0).to_numpy()


@pytest.mark.parametrize("lag", [0, 1, 2])
def test_a_seer_has_a_huge_information_coefficient(lag):
    closes = market()
    found = evaluated(closes, seer(closes, lag), lag=lag)
    assert isinstance(found.information[1], MeanTest)
    assert found.information[1].mean > 0.98
    assert found.information[1].t_value > 50
    assert found.sharpe_probability.probability > 0.999
    assert found.performance[backtest.NET].total > 1000
    assert 0.2 < found.information[4].mean < 0.8


def test_a_seer_of_the_week_before_the_trade_knows_nothing():
    closes = market()
    found = evaluated(closes, seer(closes, 0), lag=1)
    assert abs(found.information[1].mean) < 0.06


def test_a_monkey_has_none():
    closes = market()
    p_values = []
    for seed in range(40):
        found = evaluated(closes, np.random.default_rng(seed).normal(size=closes.shape))
        assert abs(found.information[1].mean) < 0.08
        p_values.append(found.information[1].p_value)
    assert np.mean(np.array(p_values) < 0.05) < 0.2


def test_holding_everybody_without_costs_is_the_universe():
    closes = market()
    everybody = pd.DataFrame(True, index=closes.index, columns=closes.columns)
    found = backtest.evaluate(
        closes, everybody, everybody.astype(float), everybody, benchmarks={}, horizons=(1,), trials=1, cost=0.0
    )
    np.testing.assert_allclose(found.returns[backtest.NET], found.returns[backtest.UNIVERSE])
    equal = closes.pct_change(fill_method=None).mean(axis=1).iloc[2:]
    np.testing.assert_allclose(found.returns[backtest.UNIVERSE], equal)


def test_measuring_starts_when_somebody_is_in():
    closes = market()
    score = pd.DataFrame(1.0, index=closes.index, columns=closes.columns)
    member = pd.DataFrame(False, index=closes.index, columns=closes.columns)
    member.iloc[30:60, :3] = True
    everybody = member | True
    found = backtest.evaluate(closes, member, score, everybody, benchmarks={}, horizons=(1,), trials=1, cost=0.0)
    assert found.decisions.index[0] == closes.index[30]
    assert found.empty == len(closes) - 2 - 60
    assert (found.returns[backtest.NET].iloc[30:] == 0).all()
    assert found.bets.counted == 90


@pytest.mark.parametrize(("start", "told"), [(0, "decisions can be held"), (100, "somebody is in on the last")])
def test_too_few_decisions_are_refused(start, told):
    closes = market(dates=120 if start else 10)
    member = pd.DataFrame(False, index=closes.index, columns=closes.columns)
    member.iloc[start + 10 :] = True
    score = member.astype(float)
    with pytest.raises(NotEstimable, match=told):
        backtest.evaluate(closes, member, score, member | True, benchmarks={}, horizons=(1,), trials=1)


@given(st.integers(0, 10_000), st.floats(0, 0.02))
@settings(max_examples=40, deadline=None)
def test_costs_take_and_never_give(seed, cost):
    closes = market(seed, dates=30, names=8)
    score = np.random.default_rng(seed).normal(size=closes.shape)
    found = evaluated(closes, score, cost=cost)
    wealth = (1 + found.returns[[backtest.NET, backtest.GROSS]]).prod()
    assert wealth[backtest.NET] <= wealth[backtest.GROSS] + 1e-12
    expected = wealth[backtest.GROSS] * np.prod(1 - found.decisions["cost"])
    assert wealth[backtest.NET] == pytest.approx(expected)


@given(st.integers(0, 10_000), st.integers(15, 40))
@settings(max_examples=40, deadline=None)
def test_a_return_does_not_depend_on_later_closes(seed, known):
    closes = market(seed, dates=45, names=8)
    score = np.random.default_rng(seed).normal(size=closes.shape)
    later = closes.copy()
    later.iloc[known:] = later.iloc[known:].to_numpy()[::-1]
    a, b = evaluated(closes, score).returns, evaluated(later, score).returns
    day = closes.index[known - 1]
    pd.testing.assert_frame_equal(a.loc[:day], b.loc[:day])
