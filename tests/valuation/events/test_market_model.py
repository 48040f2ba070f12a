"""The market model step by step: steps that do not exist or are unknown, standardised errors, correlations of events."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.events.planted import FRIDAYS, announced, prices
from valuation import events
from valuation.events.market_model import _fit, _left_out, _residual_correlation, _windows_of
from valuation.events.timing import TIMINGS


def on(*places: tuple[str, int], dates: pd.DatetimeIndex = FRIDAYS) -> pd.DataFrame:
    return announced(*[(ticker, f"{dates[at]:%Y-%m-%d}") for ticker, at in places])


def test_residuals_and_forecasts_are_standardised_as_by_statsmodels():
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(3)
    x, y = rng.normal(size=(14, 2)), rng.normal(size=14)
    y[4], x[7, 1] = np.nan, np.nan
    design = np.column_stack([np.ones(14), x])
    used = np.array([0, 1, 2, 3, 5, 6, 8, 9, 10])
    found = _fit(y[None], design[None], 11)
    model = OLS(y[used], design[used]).fit()
    assert found.n.tolist() == [9]
    np.testing.assert_allclose(found.beta[0], model.params)
    assert found.sigma[0] == pytest.approx(np.sqrt(model.scale))
    np.testing.assert_allclose(found.scaled[0, used], model.get_influence().resid_studentized_internal)
    ahead = model.get_prediction(design[11:])
    np.testing.assert_allclose(found.scaled[0, 11:], (y[11:] - ahead.predicted_mean) / ahead.se_obs)
    assert np.isnan(found.scaled[0, [4, 7]]).all()
    assert np.isnan(found.abnormal[0, [4, 7]]).all()


def test_a_factor_that_does_not_move_or_a_price_on_the_line_cannot_be_estimated():
    rng = np.random.default_rng(4)
    x = rng.normal(size=12)
    design = np.stack([np.column_stack([np.ones(12), x, still]) for still in (np.full(12, 0.5), rng.normal(size=12))])
    y = np.stack([rng.normal(size=12), 2 * x])
    assert _fit(y, design, 12).estimable.tolist() == [False, False]
    assert _fit(y[:1], design[1:], 12).estimable.tolist() == [True]


def test_an_estimation_window_that_begins_before_the_first_return_is_shorter():
    closes, coin = prices()
    found = events.study(closes, coin, on(("A", 55), ("B", 54), ("C", 30), ("D", 29))).events.set_index("ticker")
    # 52 weeks end 4 before the event: of those of the 56th close the first has no return, of the 55th none before it.
    assert found["n_estimation"].to_dict() == {"A": 51, "B": 50, "C": 26}
    own = events.study(closes, coin, on(("A", 1), ("A", 55)))
    assert own.events[["n_estimation", "own_events"]].to_numpy().tolist() == [[49, 2]]
    assert own.left_out["reason"].tolist() == ["0 weeks known before it, 26 needed"]


def test_a_window_that_is_not_over_is_unknown():
    closes, coin = prices()
    row = events.study(closes, coin, on(("A", 119))).events.iloc[0]
    assert np.isfinite([row["car[0]"], row["se[0]"], row["t[0]"]]).all()
    assert np.isnan([row["car[0,+1]"], row["t[0,+1]"]]).all()
    closes.loc[FRIDAYS[119], list("BCDE")] = np.nan  # three other miners are no peers
    out = events.study(closes, coin, on(("A", 119)))
    assert out.left_out["reason"].tolist() == ["no return in any event window: not over yet, or no close"]


def test_weeks_without_five_peers_are_not_estimated_on():
    from statsmodels.regression.linear_model import OLS

    closes, coin = prices()
    closes.loc[FRIDAYS[60], list("BCD")] = np.nan  # two returns each are gone, and four peers are left
    found = events.study(closes, coin, on(("A", 100))).events.iloc[0]
    rows = [at for at in range(45, 97) if at not in (60, 61)]
    returns = closes.pct_change(fill_method=None)
    design = np.column_stack(
        [np.ones(50), returns.drop(columns="A").mean(axis=1).iloc[rows], coin.pct_change().iloc[rows]]
    )
    assert found["n_estimation"] == 50
    fit = OLS(returns["A"].iloc[rows].to_numpy(), design).fit()
    assert found[["alpha", "beta_peers", "beta_bitcoin"]].tolist() == pytest.approx(fit.params.tolist())


def test_without_coins_the_peers_alone_explain():
    from statsmodels.regression.linear_model import OLS

    closes, _ = prices()
    out = events.study(closes, None, on(("A", 100), ("H", 90)))
    returns = closes.pct_change()
    row, rows = out.events.iloc[1], np.arange(45, 97)
    design = np.column_stack([np.ones(52), returns.drop(columns="A").mean(axis=1).iloc[rows]])
    fit = OLS(returns["A"].iloc[rows].to_numpy(), design).fit()
    assert row[["alpha", "beta_peers"]].tolist() == pytest.approx(fit.params.tolist())
    assert np.isnan(row["beta_bitcoin"])
    assert "(equal-weighted); estimated" in out.method
    flat = closes.assign(A=1.0)
    told = events.study(flat, None, on(("A", 100))).left_out["reason"].item()
    assert told == "it or its peers did not move in the weeks before"
    told = events.study(flat, prices()[1], on(("A", 100))).left_out["reason"].item()
    assert told == "it, its peers or bitcoin did not move in the weeks before"


def test_windows_of_events_within_the_dates():
    placed = pd.DataFrame({"column": [0, 2, -1, 1, 2], "position": [0, 4, 2, 5, 1]})
    # Five dates; the third event is of no company, the fourth has no close yet.
    found = _windows_of(placed, (5, 3), (-1, 1))
    assert found.astype(int).T.tolist() == [[1, 1, 0, 0, 0], [0, 0, 0, 0, 0], [1, 1, 1, 1, 1]]


@pytest.mark.parametrize(
    ("dropped", "told"),
    [([0, 0], "none had one"), ([0, 1, 3], "1 to 3 weeks of 2 of 3 events"), ([2, 2], "2 weeks of 2 of 2 events")],
)
def test_steps_left_out_in_words(dropped, told):
    assert _left_out(pd.Series(dropped), TIMINGS["weekly"]) == told


@pytest.mark.parametrize(("shared", "known"), [(10, True), (9, False)])
def test_events_correlate_on_the_dates_that_both_know(shared, known):
    rng = np.random.default_rng(5)
    residual = rng.normal(size=(2, 14))
    at = np.stack([np.arange(14), np.arange(3, 17)])
    residual[1, : 11 - shared] = np.nan  # of eleven dates in common
    first, second = residual[0, 14 - shared :], residual[1, 11 - shared : 11]
    expected = (first @ second) / np.sqrt((first @ first) * (second @ second))
    found = _residual_correlation(residual, at, 20)
    assert found[0, 1] == pytest.approx(expected if known else np.nan, nan_ok=True)
    assert found[1, 0] == pytest.approx(found[0, 1], nan_ok=True)
    assert found[0, 0] == pytest.approx(1.0)


def test_the_tests_of_all_and_of_clean_events():
    closes, coin = prices(6)
    found = on(("A", 80), ("B", 84), ("C", 88), ("D", 92), ("E", 96), ("F", 96), ("F", 97))
    other = on(("A", 80)).assign(kind="financing")
    out = events.study(closes, coin, found, confounders=other)
    rows = out.tests.set_index(["window", "sample"])
    kept = out.events[~out.events["ticker"].isin(["A", "F"])]
    for window in ("[0]", "[0,+1]"):
        for sample, frame in (("all", out.events), ("clean", kept)):
            row, car, t = rows.loc[(window, sample)], frame[f"car{window}"], frame[f"t{window}"]
            assert (row["n"], row["df"]) == (len(frame), len(frame) - 1)
            assert row["mean"] == pytest.approx(car.mean())
            assert row["bmp"] == pytest.approx(t.mean() / (t.std() / np.sqrt(len(t))))
            assert np.isfinite([row["kp_p"], row["rank_p"]]).all()
    assert rows.at[("[0]", "all"), "rank"] != rows.at[("[0,+1]", "all"), "rank"]
    assert "in the same week" in out.caveats[1]
    days = pd.bdate_range("2025-01-02", periods=200)
    daily = events.study(*prices(2, days), on(("A", 160), dates=days), frequency="daily")
    assert "within a day" in daily.caveats[1]


def test_the_rank_test_ranks_standardised_returns():
    closes, coin = prices(6)
    places = [("A", 80), ("B", 84), ("C", 88)]
    out = events.study(closes, coin, on(*places))
    returns, bitcoin = closes.pct_change(), coin.pct_change()
    scaled = []
    for ticker, at in places:
        rows = np.r_[at - 55 : at - 3, at]
        design = np.column_stack(
            [np.ones(53), returns.drop(columns=ticker).mean(axis=1).iloc[rows], bitcoin.iloc[rows]]
        )
        y = returns[ticker].iloc[rows].to_numpy()
        beta = np.linalg.lstsq(design[:52], y[:52], rcond=None)[0]
        inverse = np.linalg.inv(design[:52].T @ design[:52])
        leverage = np.einsum("ti,ij,tj->t", design, inverse, design)
        scaled.append((y - design @ beta) / np.sqrt(np.r_[1 - leverage[:52], 1 + leverage[52]]))
    known = events.corrado(np.array(scaled), np.arange(53) == 52)
    row = out.tests.set_index(["window", "sample"]).loc[("[0]", "all")]
    assert (row["rank"], row["rank_p"]) == pytest.approx((known.statistic, known.p_value))


def test_events_are_taken_by_date_however_they_are_listed():
    closes, coin = prices()
    found = announced(("B", "2025-09-05"), ("B", "2025-09-03"), ("A", "2025-10-03")).set_index(pd.Index([5, 5, 1]))
    out = events.study(closes, coin, found)
    assert list(zip(out.events["ticker"], out.events["date"].dt.day, strict=True)) == [("B", 3), ("A", 3)]
    assert out.left_out["reason"].tolist() == ["same close as the event of 2025-09-03"]
    assert out.left_out.index.tolist() == [0]
    assert out.events.columns.tolist() == [
        "ticker", "date", "kind", "headline", "after_close", "close_date", "n_estimation", "own_events", "alpha",
        "beta_peers", "beta_bitcoin", "sigma", "car[0]", "se[0]", "t[0]",
        "car[0,+1]", "se[0,+1]", "t[0,+1]", "confounded", "overlaps",
    ]  # fmt: skip
    assert out.events.index.tolist() == [0, 1]
