"""Daily windows, which begin a day before the event: abnormal returns by statsmodels, the rank test by scipy's ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, rankdata
from statsmodels.regression.linear_model import OLS

from tests.valuation.events.planted import announced, prices
from valuation import events

DAYS = pd.bdate_range("2025-01-02", periods=200)
PLACES = (("A", 150), ("B", 160), ("C", 170))
WINDOWS = {"[-1,+1]": (-1, 1), "[0,+1]": (0, 1), "[0,+5]": (0, 5)}


@pytest.fixture(scope="module")
def world():
    closes, coin = prices(7, DAYS)
    found = announced(*[(ticker, f"{DAYS[at]:%Y-%m-%d}") for ticker, at in PLACES])
    return closes.pct_change(), coin.pct_change(), events.study(closes, coin, found, frequency="daily")


def fitted(returns: pd.DataFrame, coin: pd.Series, ticker: str, at: int):
    """120 days up to 11 before the event, and a dummy for each of the seven days from the one before it."""
    rows = np.r_[at - 130 : at - 10, at - 1 : at + 6]
    peers = returns.drop(columns=ticker).mean(axis=1)
    design = np.column_stack([np.ones(127), peers.iloc[rows], coin.iloc[rows], np.eye(127)[:, 120:]])
    return OLS(returns[ticker].iloc[rows].to_numpy(), design).fit()


def test_abnormal_returns_of_each_window_are_sums_of_the_dummies(world):
    returns, coin, study = world
    rows = study.events.set_index("ticker")
    for ticker, at in PLACES:
        fit = fitted(returns, coin, ticker, at)
        assert rows.at[ticker, "n_estimation"] == 120
        for name, (first, last) in WINDOWS.items():
            summed = np.r_[np.zeros(3), [float(first <= day <= last) for day in range(-1, 6)]]
            car, se = summed @ fit.params, np.sqrt(summed @ fit.cov_params() @ summed)
            found = rows.loc[ticker, [f"car{name}", f"se{name}", f"t{name}"]]
            assert found.tolist() == pytest.approx([car, se, car / se])


def test_the_rank_test_of_each_window_ranks_its_own_days_with_the_estimation_window(world):
    returns, coin, study = world
    each = []
    for ticker, at in PLACES:
        rows = np.r_[at - 130 : at - 10, at - 1 : at + 6]
        peers = returns.drop(columns=ticker).mean(axis=1)
        design = np.column_stack([np.ones(127), peers.iloc[rows], coin.iloc[rows]])
        y = returns[ticker].iloc[rows].to_numpy()
        past = OLS(y[:120], design[:120]).fit()
        ahead = past.get_prediction(design[120:])
        late = (y[120:] - ahead.predicted_mean) / ahead.se_obs
        each.append(np.r_[past.get_influence().resid_studentized_internal, late])
    scaled = np.array(each)
    table = study.tests.set_index(["window", "sample"])
    for name, (first, last) in WINDOWS.items():
        days = 120 + np.arange(first + 1, last + 2)
        score = rankdata(scaled[:, np.r_[:120, days]], axis=1) / (120 + len(days) + 1) - 0.5
        mean = score.sum(axis=0) / np.sqrt(3)
        z = mean[120:].sum() / np.sqrt(len(days)) / np.sqrt((mean**2).mean())
        row = table.loc[(name, "all")]
        assert (row["rank"], row["rank_p"]) == pytest.approx((z, 2 * norm.sf(abs(z))))


def test_steps_of_an_earlier_event_are_its_days_from_one_before_to_five_after():
    closes, coin = prices(7, DAYS)
    found = announced(*[("A", f"{DAYS[at]:%Y-%m-%d}") for at in (100, 170)])
    mine = events.study(closes, coin, found, frequency="daily").events.set_index("date").loc[DAYS[170]]
    assert (mine["own_events"], mine["n_estimation"]) == (7, 113)


def test_events_correlate_by_the_part_of_each_window_that_they_share():
    closes, coin = prices(9, DAYS)
    closes["B"] = closes["A"] * (1 + 0.01 * np.random.default_rng(2).normal(size=len(closes)))  # two that move together
    places = (("A", 150), ("B", 152), ("C", 170), ("D", 180))
    found = announced(*[(ticker, f"{DAYS[at]:%Y-%m-%d}") for ticker, at in places])
    study = events.study(closes, coin, found, frequency="daily")
    returns = closes.pct_change()
    residuals = {}
    for ticker, at in places[:2]:
        rows = np.arange(at - 130, at - 10)
        design = np.column_stack(
            [np.ones(120), returns.drop(columns=ticker).mean(axis=1).iloc[rows], coin.pct_change().iloc[rows]]
        )
        fit = OLS(returns[ticker].iloc[rows].to_numpy(), design).fit()
        residuals[ticker] = pd.Series(fit.get_influence().resid_studentized_internal, index=rows)
    both = pd.DataFrame(residuals).dropna()
    r = both["A"] @ both["B"] / np.sqrt((both["A"] @ both["A"]) * (both["B"] @ both["B"]))
    # Two days apart: of three days they share one, of two none, of six four; the other five pairs share none.
    table = study.tests.set_index(["window", "sample"])["mean_correlation"]
    for name, part in (("[-1,+1]", 1 / 3), ("[0,+1]", 0.0), ("[0,+5]", 4 / 6)):
        assert table[name, "all"] == pytest.approx(part * r / 6)
