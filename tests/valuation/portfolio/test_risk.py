"""Risk against other ways to compute it: quantiles, Rockafellar and Uryasev's minimum, statsmodels, covariance matrices."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.errors import NotEstimable
from valuation.portfolio.historical import expected_shortfall, value_at_risk
from valuation.portfolio.risk import beta, concentration, risk

RETURNS = st.lists(st.integers(-900, 900), min_size=5, max_size=120).map(lambda x: np.array(x) / 1000)
LEVELS = st.sampled_from([0.9, 0.95, 0.975, 0.99])


@given(RETURNS, LEVELS)
@settings(max_examples=200, deadline=None)
def test_value_at_risk_is_numpys_inverted_cdf(returns, level):
    # 1 - 0.95 is a little more than 0.05 in floating point, and with twenty returns numpy would take the next one.
    below = 1 - level - 1e-9
    assert value_at_risk(returns, level) == pytest.approx(-np.quantile(returns, below, method="inverted_cdf"))


@given(RETURNS, LEVELS)
@settings(max_examples=200, deadline=None)
def test_expected_shortfall_is_rockafellar_and_uryasevs_minimum(returns, level):
    """min over c of c + E[max(loss - c, 0)] / (1 - level), reached at one of the losses."""
    losses = -returns
    values = [c + np.maximum(losses - c, 0).mean() / (1 - level) for c in losses]
    assert expected_shortfall(returns, level) == pytest.approx(min(values), abs=1e-12)


@given(RETURNS, LEVELS)
@settings(max_examples=100, deadline=None)
def test_expected_shortfall_is_at_least_the_value_at_risk(returns, level):
    assert expected_shortfall(returns, level) >= value_at_risk(returns, level) - 1e-12


def test_twenty_returns_by_hand():
    returns = np.array([-0.10, -0.08, -0.05] + [0.01] * 17)
    assert value_at_risk(returns, 0.95) == pytest.approx(0.10)
    assert expected_shortfall(returns, 0.95) == pytest.approx(0.10)
    # ten percent of twenty is two: the second worst, and the mean of the two
    assert value_at_risk(returns, 0.90) == pytest.approx(0.08)
    assert expected_shortfall(returns, 0.90) == pytest.approx(0.09)
    # 12.5% of twenty is two and a half: the third worst, counted by half
    assert expected_shortfall(returns, 0.875) == pytest.approx((0.10 + 0.08 + 0.5 * 0.05) / 2.5)


def market(seed: int, names: int = 4, dates: int = 80) -> tuple[pd.DataFrame, dict[str, pd.Series]]:
    rng = np.random.default_rng(seed)
    common = rng.normal(0, 0.05, dates)
    r = common[:, None] * rng.uniform(0.5, 1.5, names) + rng.normal(0, 0.06, (dates, names))
    index = pd.date_range("2024-01-05", periods=dates + 1, freq="W-FRI")
    prices = pd.DataFrame(10 * np.vstack([np.ones(names), np.cumprod(1 + r, axis=0)]), index=index)
    prices.columns = [f"N{i}" for i in range(names)]
    factor = pd.Series(np.append(np.nan, common + rng.normal(0, 0.01, dates)), index=index)
    return prices, {"bitcoin": factor}


def flat(prices: pd.DataFrame) -> pd.Series:
    return pd.Series(0.0, index=prices.index)


@given(st.integers(0, 10_000), st.lists(st.integers(-900, 900).filter(bool), min_size=4, max_size=4))
@settings(max_examples=60, deadline=None)
def test_contributions_sum_to_the_total(seed, values):
    prices, factors = market(seed)
    found = risk(pd.Series(values, index=prices.columns, dtype=float), 1000.0, prices, factors, flat(prices))
    assert found.names["contribution"].sum() == pytest.approx(found.volatility)
    assert found.names["share"].sum() == pytest.approx(1)
    assert found.names["es_contribution"].sum() == pytest.approx(found.losses.at[0.95, "es"])


def test_volatility_is_that_of_the_covariance_matrix():
    prices, factors = market(1)
    values = pd.Series([500.0, -200, 300, 100], index=prices.columns)
    found = risk(values, 1000.0, prices, factors, flat(prices))
    covariance = prices.pct_change(fill_method=None).iloc[1:].cov() * 52
    weights = values / 1000
    assert found.volatility == pytest.approx(np.sqrt(weights @ covariance @ weights))
    returns = (prices.pct_change(fill_method=None) * weights).sum(axis=1).iloc[1:]
    pd.testing.assert_series_equal(found.returns, returns, check_names=False)
    worst = np.sort(returns)
    assert found.losses["var"].tolist() == pytest.approx([-worst[3], -worst[0]])  # of 80: the 4th worst, the worst
    assert found.losses["es"].tolist() == pytest.approx([-worst[:4].mean(), -worst[0]])
    assert found.losses["tail"].tolist() == [4, 1]
    assert found.losses["var_low"].isna().all()  # fewer than five in the tail
    assert (found.n, found.block, found.periods, found.per_year) == (80, 4, "weekly", 52)
    (to_coin,) = found.betas
    assert to_coin.beta == pytest.approx(np.polyfit(factors["bitcoin"].iloc[1:], returns, 1)[0])
    own = prices.pct_change(fill_method=None)["N1"].iloc[1:]
    assert found.names.at["N1", "beta_bitcoin"] == pytest.approx(np.polyfit(factors["bitcoin"].iloc[1:], own, 1)[0])
    assert found.names.loc["N1", ["value_usd", "weight", "filled"]].tolist() == [-200.0, -0.2, 0]
    assert risk(values, 0.5, prices, {}, flat(prices)).names.at["N1", "weight"] == -400.0
    assert np.isnan(risk(values, 1000.0, prices, {}, flat(prices)).names.at["N1", "beta_bitcoin"])
    marginal = weights * (covariance @ weights) / found.volatility
    pd.testing.assert_series_equal(found.names["contribution"].loc[weights.index], marginal, check_names=False)
    alone = np.sqrt(np.diag(covariance))
    assert found.names["volatility"].loc[weights.index].to_numpy() == pytest.approx(alone)


def test_betas_as_statsmodels():
    from statsmodels.regression.linear_model import OLS

    prices, factors = market(2)
    y = prices["N0"].pct_change(fill_method=None)
    x = factors["bitcoin"].where(factors["bitcoin"].index > factors["bitcoin"].index[9])
    found = beta(y, x, "bitcoin")
    both = y.notna() & x.notna()
    fit = OLS(y[both].to_numpy(), np.column_stack([np.ones(both.sum()), x[both]])).fit()
    assert (found.beta, found.std_error) == pytest.approx((fit.params[1], fit.bse[1]))
    assert found.r_squared == pytest.approx(fit.rsquared)
    assert found.n == 71


def test_a_beta_over_few_returns_or_a_still_factor_is_unknown():
    x = pd.Series(np.arange(20.0))
    assert np.isnan(beta(x, x, "f").beta)
    assert np.isnan(beta(pd.Series(np.arange(40.0)), pd.Series(np.ones(40)), "f").beta)


def test_the_slope_and_its_error_of_a_line_by_hand():
    # y = 3 + 2 x and one away from it by turns: x is -1 or 1 on thirteen dates each, the noise as often above as below.
    x = pd.Series([-1.0, 1.0] * 14)
    y = 3 + 2 * x + pd.Series([0.5, 0.5, -0.5, -0.5] * 7)
    found = beta(y, x, "f")
    assert (found.beta, found.n) == (pytest.approx(2.0), 28)
    # Residuals of 0.5 on 28 dates: 7 over 26 degrees of freedom and 28 of x'x; 7 of 119 is not explained.
    assert found.std_error == pytest.approx(np.sqrt(7 / 26 / 28))
    assert found.r_squared == pytest.approx(1 - 7 / 119)
    still = beta(y * 0 + 1, x, "f")
    assert still.beta == 0
    assert np.isnan(still.r_squared)


@pytest.mark.parametrize(("n", "known"), [(26, True), (25, False)])
def test_a_beta_needs_26_returns(n, known):
    x = pd.Series([*np.arange(float(n)), *[np.nan] * 9])
    y = 2 * x + np.where(np.arange(n + 9) % 2, 1.0, -1.0)
    y.iloc[n:], x.iloc[n + 3 :] = [5.0] * 9, [1.0] * 6
    y.iloc[n + 3 :] = np.nan
    found = beta(y, x, "f")
    assert found.n == n
    assert np.isnan(found.beta) == (not known)


def test_a_name_listed_later_takes_the_mean_of_the_field_and_says_so():
    prices, factors = market(3)
    prices.loc[prices.index[:21], "N2"] = np.nan
    field = pd.Series(0.01, index=prices.index)
    values = pd.Series([100.0, 100, 100], index=["N0", "N2", "N3"])
    found = risk(values, 400.0, prices, factors, field)
    assert dict(found.names["filled"]) == {"N0": 0, "N2": 21, "N3": 0}
    assert (found.matrix["N2"].iloc[:21] == 0.01).all()
    assert found.covered == 1


def test_a_name_with_26_returns_is_measured_and_without_a_mean_of_the_field_stands_still():
    prices, factors = market(3)
    prices.loc[prices.index[:54], "N2"] = np.nan  # 27 closes
    field = pd.Series(0.01, index=prices.index[30:])
    found = risk(pd.Series({"N2": 100.0, "N0": 50.0}), 400.0, prices, factors, field)
    assert found.left_out == {}
    assert found.names.at["N2", "filled"] == 54
    assert found.matrix["N2"].iloc[:54].tolist() == [0.0] * 29 + [0.01] * 25
    prices.loc[prices.index[54], "N2"] = np.nan
    assert list(risk(pd.Series({"N2": 100.0, "N0": 50.0}), 400.0, prices, factors, field).left_out) == ["N2"]


def test_a_name_without_returns_is_left_out_and_told():
    prices, factors = market(4)
    prices.loc[prices.index[:70], "N1"] = np.nan
    values = pd.Series([300.0, -100, 100], index=["N0", "N1", "QQ"])
    found = risk(values, 1000.0, prices, factors, flat(prices))
    assert found.left_out == {"N1": "10 returns, at least 26 are needed", "QQ": "no closes"}
    assert found.covered == pytest.approx(0.6)
    assert list(found.names.index) == ["N0"]


@pytest.mark.parametrize(
    ("values", "net", "told"),
    [
        (pd.Series({"N0": -100.0}), -100.0, "net value is -100 USD"),
        (pd.Series({"N0": -100.0}), 0.0, "net value is 0 USD"),
        (pd.Series({"QQ": 100.0}), 100.0, "no position has a history"),
    ],
)
def test_what_cannot_be_measured_is_refused(values, net, told):
    prices, factors = market(5)
    with pytest.raises(NotEstimable, match=told):
        risk(values, net, prices, factors, flat(prices))
    with pytest.raises(NotEstimable, match="10 weekly returns"):
        risk(values.abs(), 100.0, prices.iloc[:11], factors, flat(prices))
    with pytest.raises(NotEstimable, match="25 weekly returns"):
        risk(values.abs(), 100.0, prices.iloc[:26], factors, flat(prices))
    if "N0" in values:
        assert risk(values.abs(), 100.0, prices.iloc[:27], factors, flat(prices)).n == 26


def test_concentration_by_hand():
    found = concentration(pd.Series({"A": 50.0, "B": -30.0, "C": 20.0}))
    assert found["largest"] == "A"
    assert found["largest_weight"] == pytest.approx(0.5)
    assert found["hhi"] == pytest.approx(0.38)
    assert found["effective_names"] == pytest.approx(1 / 0.38)
    assert concentration(pd.Series({"A": 30.0, "B": -50.0, "C": 20.0}))["largest"] == "B"


def test_a_portfolio_that_never_moved_has_no_shares_of_its_volatility():
    dates = pd.date_range("2026-01-02", periods=40, freq="W-FRI")
    closes = pd.DataFrame(10.0, index=dates, columns=["A", "B"])
    found = risk(pd.Series({"A": 5.0, "B": 5.0}), 10.0, closes, {}, pd.Series(0.0, index=dates))
    assert (found.volatility, found.seed) == (0.0, 0)
    assert found.names["contribution"].tolist() == [0.0, 0.0]
    assert found.names["share"].isna().all()
    assert found.losses.index.tolist() == [0.95, 0.99]


def test_the_largest_contribution_comes_first_and_a_hedge_last():
    dates = pd.date_range("2026-01-02", periods=40, freq="W-FRI")
    steps = 0.05 * np.where(np.arange(40) % 3 == 0, 1.0, -0.4)
    closes = pd.DataFrame({"small": 100 * np.cumprod(1 + steps), "large": 50 * np.cumprod(1 + 2 * steps),
                           "short": 10 * np.cumprod(1 + steps)}, index=dates)  # fmt: skip
    values = pd.Series({"short": -100.0, "small": 100.0, "large": 300.0})
    found = risk(values, 1000.0, closes, {}, pd.Series(0.0, index=dates))
    assert list(found.names.index) == ["large", "small", "short"]
    # All move together: the portfolio's volatility is 0.6 + 0.1 - 0.1 times that of `small`.
    assert found.names["share"].tolist() == pytest.approx([1.0, 1 / 6, -1 / 6])
    assert found.names["contribution"].sum() == pytest.approx(found.volatility)
