"""Event studies on planted prices: the market model against statsmodels, flags and excess returns by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation import events
from valuation.errors import NotEstimable

FRIDAYS = pd.date_range("2024-01-05", periods=120, freq="7D")
TICKERS = list("ABCDEFGH")


def prices(seed: int = 1, dates: pd.DatetimeIndex = FRIDAYS) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    coin = rng.normal(0, 0.04, len(dates))
    moves = 0.6 * coin[:, None] + rng.normal(0, 0.05, (len(dates), len(TICKERS)))
    closes = pd.DataFrame(10 * np.cumprod(1 + moves, axis=0), index=dates, columns=TICKERS)
    return closes, pd.Series(50_000 * np.cumprod(1 + coin), index=dates)


def announced(*rows: tuple[str, str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["ticker", "date"])
    return frame.assign(date=pd.to_datetime(frame["date"]), kind="contract", headline="signs")


def test_the_market_model_and_its_forecast_error_agree_with_statsmodels():
    """A dummy a window step makes its abnormal return a coefficient, with the forecast error in its covariance."""
    from statsmodels.regression.linear_model import OLS

    closes, coin = prices()
    out = events.study(closes, coin, announced(("A", "2025-10-01"))).events.iloc[0]
    at = closes.index.get_loc(pd.Timestamp("2025-10-03"))
    assert out["close_date"] == closes.index[at]
    returns, bitcoin = closes.pct_change(), coin.pct_change()
    rows = np.r_[at - 4 - 51 : at - 4 + 1, at, at + 1]
    peers = returns.drop(columns="A").mean(axis=1)
    design = np.column_stack([np.ones(54), peers.iloc[rows], bitcoin.iloc[rows], np.eye(54)[:, 52:]])
    fit = OLS(returns["A"].iloc[rows].to_numpy(), design).fit()
    assert out[["alpha", "beta_peers", "beta_bitcoin"]].tolist() == pytest.approx(fit.params[:3].tolist())
    assert out["car[0]"] == pytest.approx(fit.params[3])
    assert out["se[0]"] == pytest.approx(fit.bse[3])
    both = np.array([0, 0, 0, 1, 1])
    assert out["car[0,+1]"] == pytest.approx(both @ fit.params)
    assert out["se[0,+1]"] == pytest.approx(np.sqrt(both @ fit.cov_params() @ both))
    assert out["n_estimation"] == 52


def test_a_planted_jump_is_found_and_its_absence_is_not():
    closes, coin = prices(3)
    found = announced(*[(t, f"{d:%Y-%m-%d}") for t, d in zip("ABCDEF", FRIDAYS[[70, 75, 80, 85, 90, 95]], strict=True)])
    quiet = events.study(closes, coin, found).tests.set_index(["window", "sample"])
    for row in found.itertuples(index=False):
        closes.loc[row.date :, row.ticker] *= 1.4
    loud = events.study(closes, coin, found).tests.set_index(["window", "sample"])
    head = loud.loc[("[0]", "all")]
    assert head["mean"] == pytest.approx(0.4, abs=0.06)
    assert head["positive"] == 1.0
    assert max(head["bmp_p"], head["kp_p"], head["rank_p"]) < 0.001
    assert quiet.loc[("[0]", "all"), "bmp_p"] > 0.05


def test_confounded_and_overlapping_events_are_flagged_and_left_out_of_the_clean_sample():
    closes, coin = prices()
    found = announced(
        ("A", "2025-09-03"), ("A", "2025-09-10"), ("B", "2025-09-03"), ("C", "2025-09-03"), ("D", "2025-09-03")
    )
    other = announced(("B", "2025-09-05"), ("C", "2025-09-08"), ("D", "2025-08-29")).assign(kind="financing")
    out = events.study(closes, coin, found, confounders=other)
    flags = out.events.set_index(["ticker", "date"])[["confounded", "overlaps"]]
    assert flags.loc[("B", pd.Timestamp("2025-09-03")), "confounded"] == "financing 2025-09-05"  # the same week
    assert flags.loc["C", "confounded"].item() == ""  # the week after
    assert flags.loc["D", "confounded"].item() == ""  # the week before
    assert flags["overlaps"].to_dict() == {
        ("A", pd.Timestamp("2025-09-03")): True,
        ("A", pd.Timestamp("2025-09-10")): True,
        ("B", pd.Timestamp("2025-09-03")): False,
        ("C", pd.Timestamp("2025-09-03")): False,
        ("D", pd.Timestamp("2025-09-03")): False,
    }
    sizes = out.tests.set_index(["window", "sample"])["n"]
    assert (sizes["[0]", "all"], sizes["[0]", "clean"]) == (5, 2)
    assert "at least 4 events, there are 2" in out.tests.set_index(["window", "sample"]).at[("[0]", "clean"), "note"]


def test_events_that_cannot_be_used_are_named_with_the_reason():
    closes, coin = prices()
    closes.loc["2025-08-01":"2025-08-22", "D"] = np.nan
    found = announced(
        ("A", "2024-06-07"), ("B", "2025-09-03"), ("B", "2025-09-05"), ("Z", "2025-09-03"), ("C", "2027-01-01"),
        ("D", "2025-08-06"),
    )  # fmt: skip
    out = events.study(closes, coin, found)
    assert out.left_out.set_index(["ticker", "date"])["reason"].to_dict() == {
        ("A", pd.Timestamp("2024-06-07")): "18 weeks known before it, 26 needed",
        ("B", pd.Timestamp("2025-09-05")): "same close as the event of 2025-09-03",
        ("Z", pd.Timestamp("2025-09-03")): "no closes of this ticker",
        ("C", pd.Timestamp("2027-01-01")): "no close within 10 days of it",
        ("D", pd.Timestamp("2025-08-06")): "no return in any event window: not over yet, or no close",
    }
    assert out.events["ticker"].tolist() == ["B"]


def test_excess_returns_by_hand():
    closes = pd.DataFrame(10.0, index=FRIDAYS[:12], columns=list("ABCDEF"))
    closes.loc[FRIDAYS[4] :, "A"] = 8.0  # -20% in the week of the raise
    closes.loc[FRIDAYS[5] :, "B"] = 20.0  # a peer doubles the week after
    raised = announced(("A", "2024-02-01")).assign(kind="convertible")
    out = events.excess_around(closes, raised).events.iloc[0]
    assert out["close_date"] == FRIDAYS[4]
    assert out["excess[0]"] == pytest.approx(-0.2)
    assert out["excess[-1,0]"] == pytest.approx(-0.2)
    assert out["excess[0,+1]"] == pytest.approx(-0.2 - 1.0 / 5)
    assert out["excess[0,+6]"] == pytest.approx(-0.2 - 1.0 / 5)


def test_excess_windows_that_are_not_over_are_unknown():
    closes, _ = prices()
    out = events.excess_around(closes, announced(("A", f"{FRIDAYS[-2]:%Y-%m-%d}")).assign(kind="equity")).events.iloc[0]
    assert np.isfinite(out["excess[0,+1]"])
    assert np.isnan(out["excess[0,+3]"])


def test_raises_are_grouped_by_instrument_and_one_a_day():
    deals = pd.DataFrame(
        [
            ("A", "2025-01-02", "convertible_issue_and_buyback", "net 10m"),
            ("A", "2025-01-02", "equity_issue_and_note_repurchase", ""),
            ("B", "2025-01-03", "equity_issue", "registered direct, 10m shares"),
            ("C", "2025-01-03", "equity_issue", "ATM July 1 to August 8: 10m shares"),
            ("D", "2025-01-03", "at_the_market_sales", None),
            ("E", "2025-01-04", "preferred_issue", ""),
            ("F", "2025-01-05", "project_debt", ""),
            ("F", "2025-01-06", "loan_increase", ""),
            ("G", "2025-01-07", "bitcoin_sale", ""),
            ("G", "2025-01-08", "note_repurchase", ""),
        ],
        columns=["ticker", "date", "kind", "evidence"],
    )
    out = events.raises(deals.assign(date=pd.to_datetime(deals["date"])))
    assert list(zip(out["ticker"], out["kind"], strict=True)) == [
        ("A", "convertible"), ("B", "equity"), ("C", "at-the-market"), ("D", "at-the-market"), ("E", "equity"),
        ("F", "project and other debt"), ("F", "project and other debt"),
    ]  # fmt: skip


def test_splits_leave_returns_alone():
    closes, _ = prices()
    traded = closes.copy()
    traded.loc["2025-03-07":, "A"] /= 0.1  # one-for-ten: a tenth of the shares, ten times the price
    splits = pd.DataFrame(
        {"ticker": ["A"], "first_day_on_new_basis": [pd.Timestamp("2025-03-03")], "shares_multiplier": [0.1]}
    )
    adjusted = events.adjust_for_splits(traded, splits)
    pd.testing.assert_frame_equal(adjusted.pct_change(), closes.pct_change())
    assert adjusted["A"].iloc[-1] == traded["A"].iloc[-1]


def test_weeks_end_on_their_last_close_from_thursday_on():
    days = pd.bdate_range("2026-06-29", "2026-07-14")  # 3 July is a holiday, 14 July a Tuesday
    days = days[days != pd.Timestamp("2026-07-03")]
    ends = events.week_ends(pd.DataFrame({"A": 1.0}, index=days)).index
    assert [f"{day:%m-%d}" for day in ends] == ["07-02", "07-10"]


def test_a_daily_study_refuses_weekly_closes_and_works_on_daily_ones():
    closes, coin = prices()
    with pytest.raises(NotEstimable, match="needs daily closes; these are 7 days apart"):
        events.study(closes, coin, announced(("A", "2025-09-03")), frequency="daily")
    with pytest.raises(ValueError, match="hourly"):
        events.study(closes, coin, announced(("A", "2025-09-03")), frequency="hourly")
    days = pd.bdate_range("2025-01-02", periods=200)
    closes, coin = prices(2, days)
    closes.loc[days[160] :, "A"] *= 1.3
    out = events.study(closes, coin, announced(("A", f"{days[160]:%Y-%m-%d}")), frequency="daily").events.iloc[0]
    assert out["n_estimation"] == 120
    assert out["car[0,+1]"] == pytest.approx(0.3, abs=0.25)
    assert out["t[0,+1]"] > 2
    raised = announced(("A", f"{days[160]:%Y-%m-%d}")).assign(kind="equity")
    assert "excess[0,+30]" in events.excess_around(closes, raised, frequency="daily").events


@settings(max_examples=20, deadline=None)
@given(st.floats(0.01, 100), st.sampled_from(TICKERS))
def test_the_unit_of_a_price_changes_nothing(factor, ticker):
    closes, coin = prices()
    found = announced(("A", "2025-09-03"), ("B", "2025-03-05"), ("C", "2025-11-05"), ("A", "2025-12-05"))
    base = events.study(closes, coin, found).tests
    other = events.study(closes.assign(**{ticker: closes[ticker] * factor}), coin, found).tests
    numbers = base.select_dtypes("number").columns
    np.testing.assert_allclose(other[numbers], base[numbers], rtol=1e-6, atol=1e-9)
