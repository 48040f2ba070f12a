"""Event studies on planted prices: the market model against statsmodels, flags and excess returns by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.events.planted import FRIDAYS, TICKERS, announced, announced_raises, prices
from valuation import events
from valuation.errors import NotEstimable


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
    out = events.raises(
        announced_raises(
            ("A", "2025-01-02", "equity", np.nan, None),
            ("A", "2025-01-02", "convertible", 4e8, "yes"),
            ("B", "2025-01-03", "pref", 1e8, "no"),
            ("B", "2025-01-03", "debt", 2e9, "yes"),
            ("C", "2025-01-03", "atm", 5e8, "yes"),
            ("D", "2025-01-03", "atm_used", 1e8, None),
            ("E", "2025-01-05", "debt", 2e9, None),
            ("E", "2025-01-06", "facility", 1e9, "no"),
            ("G", "2025-01-07", "other", 1e8, None),
        )
    )
    assert out[["ticker", "kind", "headline", "after_close"]].to_numpy().tolist() == [
        ["A", "convertible", "convertible, $400.0m", True],
        ["B", "equity", "pref, $100.0m", False],  # one of the day's announcements came before the close
        ["C", "at-the-market", "atm, $500.0m", True],
        ["E", "project and other debt", "debt, $2.0bn", False],
        ["E", "project and other debt", "facility, $1.0bn", False],
    ]


def test_a_raise_whose_announcement_is_not_on_file_is_named():
    deals = pd.DataFrame(
        [
            ("A", "2025-01-10", "convertible_issue_and_buyback", "net 10m"),  # announced eight days before
            ("A", "2025-03-10", "convertible_issue", ""),  # 67 days after the announcement
            ("B", "2025-01-01", "equity_issue", "ATM July 1 to August 8: 10m shares"),  # before its announcement
            ("C", "2025-01-04", "preferred_issue", ""),
            ("C", "2025-01-04", "bitcoin_sale", ""),
        ],
        columns=["ticker", "date", "kind", "evidence"],
    )
    told = events.raises(
        announced_raises(("A", "2025-01-02", "convertible", 4e8, "no"), ("B", "2025-01-03", "atm", 5e8, "no"))
    )
    out = events.without_announcement(deals.assign(date=pd.to_datetime(deals["date"])), told)
    assert out[["ticker", "kind", "reason"]].to_numpy().tolist() == [
        ["B", "at-the-market", "day of the announcement not on file"],
        ["C", "equity", "day of the announcement not on file"],
        ["A", "convertible", "day of the announcement not on file"],
    ]
    assert out.columns.tolist() == ["ticker", "date", "kind", "headline", "reason"]
    assert out.index.tolist() == [0, 1, 2]
    assert out["headline"].tolist() == ["equity issue", "preferred issue", "convertible issue"]


def test_day_0_of_an_announcement_after_the_close_is_the_next_session():
    days = pd.bdate_range("2025-01-02", periods=60)
    friday, monday = days[days.day_of_week == 4][4], days[days.day_of_week == 0][4]
    closes = pd.DataFrame(10.0, index=days, columns=list("ABCDEF"))
    closes.loc[monday:, "A"] = 8.0  # what was announced on Friday evening shows on Monday
    told = announced(("A", f"{friday:%Y-%m-%d}")).assign(kind="equity")
    late = events.excess_around(closes, told.assign(after_close=True), frequency="daily")
    early = events.excess_around(closes, told.assign(after_close=False), frequency="daily")
    unknown = events.excess_around(closes, told, frequency="daily")
    assert late.events.iloc[0][["close_date", "excess[0]"]].tolist() == [monday, pytest.approx(-0.2)]
    for study in (early, unknown):
        assert study.events.iloc[0][["close_date", "excess[0]"]].tolist() == [friday, pytest.approx(0.0)]
    assert "1 of 1 came after the close" in late.caveats[0]
    assert "0 of 1 came after the close" in unknown.caveats[0]
    # On weekly closes a Friday evening belongs to the week after, a Thursday evening to its own.
    weekly = closes[closes.index.day_of_week == 4]
    for day, expected in ((friday, monday + pd.Timedelta(days=4)), (friday - pd.Timedelta(days=1), friday)):
        one = told.assign(date=day, after_close=True)
        assert events.excess_around(weekly, one).events.iloc[0]["close_date"] == expected


def test_a_confounder_after_the_close_confounds_the_next_session():
    days = pd.bdate_range("2025-01-02", periods=200)
    closes, coin = prices(2, days)
    found = announced(("A", f"{days[160]:%Y-%m-%d}"))
    other = announced(("A", f"{days[158]:%Y-%m-%d}")).assign(kind="financing")
    for late, expected in ((False, ""), (True, f"financing {days[158]:%Y-%m-%d}")):
        out = events.study(closes, coin, found, frequency="daily", confounders=other.assign(after_close=late))
        assert out.events["confounded"].tolist() == [expected]


def test_the_estimation_window_leaves_out_the_companys_own_earlier_events():
    """Least squares by statsmodels on the weeks that are left, and nothing of the weeks that are out."""
    from statsmodels.regression.linear_model import OLS

    closes, coin = prices(4)
    at, before = 100, (60, 75)
    found = announced(*[("A", f"{FRIDAYS[k]:%Y-%m-%d}") for k in (*before, at)], ("B", f"{FRIDAYS[80]:%Y-%m-%d}"))
    out = events.study(closes, coin, found)
    mine = out.events.set_index(["ticker", "close_date"]).loc[("A", FRIDAYS[at])]
    returns, bitcoin = closes.pct_change(), coin.pct_change()
    rows = np.arange(at - 4 - 51, at - 4 + 1)
    rows = rows[~np.isin(rows, [60, 61, 75, 76])]  # windows [0] and [0,+1] of both
    peers = returns.drop(columns="A").mean(axis=1)
    design = np.column_stack([np.ones(len(rows)), peers.iloc[rows], bitcoin.iloc[rows]])
    fit = OLS(returns["A"].iloc[rows].to_numpy(), design).fit()
    assert mine[["alpha", "beta_peers", "beta_bitcoin"]].tolist() == pytest.approx(fit.params.tolist())
    assert mine["sigma"] == pytest.approx(np.sqrt(fit.scale))
    assert (mine["n_estimation"], mine["own_events"]) == (48, 4)
    loud = closes.copy()
    loud.loc[FRIDAYS[75] :, "A"] *= 3  # the return of an earlier event week is out of every later estimate
    again = events.study(loud, coin, found).events.set_index(["ticker", "close_date"]).loc[("A", FRIDAYS[at])]
    assert again["sigma"] == pytest.approx(mine["sigma"])
    assert "(2 to 4 weeks of 2 of 4 events)" in out.method
    other = out.events.set_index("ticker").loc["B"]
    assert (other["own_events"], other["n_estimation"]) == (0, 52)


def test_an_event_with_too_few_weeks_beside_its_own_events_is_excluded():
    closes, coin = prices(5)
    many = [("A", f"{FRIDAYS[k]:%Y-%m-%d}") for k in range(48, 97, 3)]
    out = events.study(closes, coin, announced(*many, ("A", f"{FRIDAYS[101]:%Y-%m-%d}")))
    reasons = out.left_out.set_index("date")["reason"]
    assert reasons[FRIDAYS[101]] == "18 weeks known before it without the 34 of its own earlier events, 26 needed"


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
