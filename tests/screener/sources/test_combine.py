"""A live answer laid over the reviewed universe: what is used, what is shown, what cannot be and is left out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener.sources.combine import combine
from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Fetched
from screener.sources.plausible import plausible

DAY = pd.Timestamp("2026-11-25")


def fact(ticker: str, item: str, period: str, value: float) -> dict:
    unit = "shares" if item == "shares_outstanding" else "usd"
    return {
        "ticker": ticker, "item": item, "period_end": pd.Timestamp(period), "published_on": DAY, "value": value,
        "unit": unit, "source_url": "", "evidence": "", "confidence": "medium",
    }  # fmt: skip


def live(facts=(), closes=(), splits=()) -> Fetched:
    return Fetched(
        source="yahoo",
        closes=pd.DataFrame(
            [{"date": pd.Timestamp(d), "ticker": t, "close_usd": c} for d, t, c in closes], columns=CLOSE_COLUMNS
        ).astype({"date": "datetime64[ns]", "close_usd": float}),
        facts=pd.DataFrame(list(facts), columns=FACT_COLUMNS).astype({"period_end": "datetime64[ns]", "value": float}),
        splits=pd.DataFrame(
            [{"ticker": t, "first_day_on_new_basis": pd.Timestamp(d), "shares_multiplier": m} for t, d, m in splits],
            columns=SPLIT_COLUMNS,
        ).astype({"first_day_on_new_basis": "datetime64[ns]"}),
        retrieved_at=pd.Timestamp("2026-11-25 21:00", tz="UTC"),
    )


def test_a_newer_period_is_added_and_a_known_one_is_not(miners):
    got = live([fact("RIOT", "cash", "2026-09-30", 4.0e8), fact("RIOT", "cash", "2026-06-30", 5.86e8)])
    facts, _, _, differences = combine(miners, got)
    added = facts[facts["file"] == "yahoo"]
    assert [(r.item, r.period_end, r.value) for r in added.itertuples()] == [("cash", pd.Timestamp("2026-09-30"), 4e8)]
    assert added["line"].isna().all()
    assert len(facts) == len(miners.facts) + 1
    assert differences.empty  # 586.0m against 585.4m is within 2%


def test_both_figures_of_a_period_are_shown_beyond_two_percent(miners):
    got = live(
        [
            fact("RIOT", "debt_total", "2026-06-30", 853_700_000 * 1.0201),
            fact("RIOT", "cash", "2026-06-30", 585_404_000 * 0.9801),
            fact("ABTC", "debt_total", "2026-06-30", 7.0e6),
        ]
    )
    facts, _, _, differences = combine(miners, got)
    assert len(facts) == len(miners.facts)
    rows = {(r.ticker, r.item): r for r in differences.itertuples()}
    assert set(rows) == {("RIOT", "debt_total"), ("ABTC", "debt_total")}
    assert rows["RIOT", "debt_total"].universe_value == 853_700_000  # principal, 10-Q
    assert rows["RIOT", "debt_total"].relative == pytest.approx(0.0201)
    assert np.isinf(rows["ABTC", "debt_total"].relative)


def test_a_live_close_stands_before_the_file_s_and_says_so(miners):
    got = live(closes=[("2026-10-05", "RIOT", 19.324), ("2026-10-06", "RIOT", 20.0)])
    _, closes, _, differences = combine(miners, got)
    mine = closes[closes["ticker"] == "RIOT"].drop_duplicates("date", keep="last").set_index("date")
    assert mine.loc["2026-10-05", ["close_usd", "file"]].tolist() == [19.324, "yahoo"]
    assert mine.loc["2026-10-02", "file"] == "prices.csv"
    assert differences.empty


def test_closes_of_one_day_apart_are_shown_but_not_for_the_rounding_of_the_file(miners):
    got = live(closes=[("2026-10-05", "RIOT", 20.0), ("2026-07-17", "CANG", 0.185)])
    rows = combine(miners, got)[3]
    assert [(r.ticker, r.item, r.universe_value, r.live_value) for r in rows.itertuples()] == [
        ("RIOT", "price_usd", 19.32, 20.0)
    ]


def test_one_split_told_twice_is_applied_once_on_the_day_of_its_closes(miners):
    got = live(splits=[("CANG", "2026-07-20", 0.1), ("RIOT", "2026-11-02", 0.5)])
    splits = combine(miners, got)[2]
    cang = splits[splits["ticker"] == "CANG"]
    assert list(cang["first_day_on_new_basis"].sort_values()) == [
        pd.Timestamp("2025-11-17"),
        pd.Timestamp("2026-07-20"),
    ]
    assert splits["shares_multiplier"][splits["ticker"] == "RIOT"].tolist() == [0.5]


def test_a_missed_split_keeps_live_closes_out(miners):
    """Yahoo shows CANG's 1.80 as traded, where 0.18 was: ten times the reviewed close."""
    got = plausible(miners, live(closes=[("2026-07-17", "CANG", 1.80), ("2026-07-24", "RIOT", 20.0)]))
    assert list(got.closes["ticker"]) == ["RIOT"]
    (failure,) = got.failures
    assert (failure.symbol, failure.what, failure.kind) == ("CANG", "closes", "bad_answer")
    assert "1.80 on 2026-07-17 against 0.18 in the universe" in failure.message


def test_closes_after_the_next_split_are_right_whatever_was_before(miners):
    got = plausible(
        miners,
        live(
            closes=[("2026-07-17", "CANG", 1.80), ("2026-07-24", "CANG", 1.69), ("2026-07-31", "CANG", 1.40)],
            splits=[("CANG", "2026-07-21", 0.1)],
        ),
    )
    assert [f"{day:%m-%d}" for day in got.closes["date"]] == ["07-24", "07-31"]
    assert "closes before 2026-07-21 are not used" in got.failures[0].message


@pytest.mark.parametrize(
    ("ticker", "shares", "used"),
    [
        ("RIOT", 375_300_000 * 1.1, True),  # a raise
        ("RIOT", 375_300_000 * 0.5, False),  # one of two classes
        ("RIOT", 375_300_000 * 15.0, False),  # a reverse split not taken in
        ("CANG", 36_200_000 * 1.2, True),  # 362.0m before the 10-for-1 consolidation
        ("CANG", 362_000_000 * 1.2, False),  # as if it had not been
    ],
)
def test_share_counts_out_of_proportion_are_not_used(miners, ticker, shares, used):
    got = plausible(miners, live([fact(ticker, "shares_outstanding", "2026-09-30", shares)]))
    assert (len(got.facts) == 1) is used
    assert [(f.symbol, f.what, f.kind) for f in got.failures] == (
        [] if used else [(ticker, "shares_outstanding", "bad_answer")]
    )
    if not used:
        assert f"{shares:,.0f} at 2026-09-30 against" in got.failures[0].message


def test_a_live_split_the_universe_does_not_have_yet_moves_the_expected_count(miners):
    halved = live([fact("RIOT", "shares_outstanding", "2026-11-15", 376e6 / 10)], splits=[("RIOT", "2026-11-02", 0.1)])
    assert len(plausible(miners, halved).facts) == 1
    without = replace(halved, splits=halved.splits.iloc[:0])
    assert len(plausible(miners, without).facts) == 0


def test_a_count_older_than_the_universe_s_is_nobody_s_concern(miners):
    got = plausible(miners, live([fact("RIOT", "shares_outstanding", "2026-06-30", 1.0)]))
    assert got.failures == ()


RIOT_CLOSE = 19.32  # of 2026-10-05, in the universe


@pytest.mark.parametrize(
    ("times", "used"),
    [(0.5, False), (1 / 1.5, False), (0.79, False), (0.81, True), (1.0, True), (1.2, True), (1.24, True), (1.26, False),
     (1.5, False), (2.0, False)],
)  # fmt: skip
def test_a_live_close_on_another_basis_is_not_used_from_a_quarter_on(miners, times, used):
    got = plausible(miners, live(closes=[("2026-10-05", "RIOT", RIOT_CLOSE * times)]))
    assert (len(got.closes), len(got.failures)) == ((1, 0) if used else (0, 1))


def test_a_company_apart_on_many_days_is_one_failure_of_its_last_such_day(miners):
    own = miners.prices[miners.prices["ticker"] == "RIOT"].set_index("date")["close_usd"]
    days = ["2026-09-25", "2026-10-02", "2026-10-05"]
    got = plausible(miners, live(closes=[(day, "RIOT", 2 * own[pd.Timestamp(day)]) for day in reversed(days)]))
    (failure,) = got.failures
    assert f"on {days[-1]} against" in failure.message
    assert "its closes are not used" in failure.message
    assert got.closes.empty


def test_a_split_on_the_day_of_the_last_close_apart_does_not_make_that_close_right(miners):
    closes = [("2026-07-17", "CANG", 1.80), ("2026-07-31", "CANG", 1.40)]
    got = plausible(miners, live(closes=closes, splits=[("CANG", "2026-07-17", 0.1)]))
    assert got.closes.empty
    # The earlier of two later splits; another company's split says nothing.
    told = [("CANG", "2026-07-30", 0.5), ("CANG", "2026-07-21", 0.1), ("RIOT", "2026-07-18", 0.1)]
    got = plausible(miners, live(closes=closes, splits=told))
    assert "closes before 2026-07-21 are not used" in got.failures[0].message


@pytest.mark.parametrize(
    ("times", "used"), [(0.79, False), (0.81, True), (1.0, True), (2.99, True), (3.01, False), (6.0, False)]
)
def test_share_counts_are_used_between_four_fifths_and_three_times_the_reviewed_count(miners, times, used):
    got = plausible(miners, live([fact("RIOT", "shares_outstanding", "2026-09-30", 375_300_000 * times)]))
    assert len(got.facts) == used


@pytest.mark.parametrize(("days", "same"), [(-11, False), (-10, True), (0, True), (10, True), (11, False)])
def test_a_split_is_the_same_within_ten_days(miners, days, same):
    known = pd.Timestamp("2026-07-21")
    got = live(splits=[("CANG", f"{known + pd.Timedelta(days=days):%Y-%m-%d}", 0.1)])
    cang = combine(miners, got)[2].query("ticker == 'CANG'")
    assert (cang["shares_multiplier"] == 0.1).sum() == (1 if same else 2)


def test_a_live_figure_below_ours_is_shown_as_one_above_and_an_equal_one_is_not(miners):
    cash = 585_404_000
    for value, relative in ((cash * 0.97, 0.03), (cash * 1.03, 0.03), (cash / 2, 0.5), (cash, None), (0.0, 1.0)):
        rows = combine(miners, live([fact("RIOT", "cash", "2026-06-30", value)]))[3]
        assert rows["relative"].tolist() == pytest.approx([] if relative is None else [relative])
    for close, shown in ((RIOT_CLOSE * 0.97, True), (RIOT_CLOSE * 1.03, True), (RIOT_CLOSE, False)):
        assert len(combine(miners, live(closes=[("2026-10-05", "RIOT", close)]))[3]) == shown


def test_the_latest_of_several_closes_apart_is_shown_of_each_company(miners):
    own = miners.prices.set_index(["ticker", "date"])["close_usd"]
    told = [("2026-10-05", "RIOT"), ("2026-10-02", "RIOT"), ("2026-09-25", "CIFR")]
    rows = combine(miners, live(closes=[(day, t, 1.1 * own[t, pd.Timestamp(day)]) for day, t in told]))[3]
    assert {(r.ticker, f"{r.period_end:%m-%d}") for r in rows.itertuples()} == {("RIOT", "10-05"), ("CIFR", "09-25")}


def test_of_two_publications_of_a_period_the_later_is_compared_whatever_their_order(miners):
    mine = (miners.facts["ticker"] == "RIOT") & (miners.facts["item"] == "cash")
    last = miners.facts[mine & (miners.facts["period_end"] == "2026-06-30")].iloc[[-1]]
    again = last.assign(published_on=last["published_on"] + pd.Timedelta(days=30), value=2e8)
    for facts in (pd.concat([miners.facts, again]), pd.concat([again, miners.facts])):
        changed = replace(miners, facts=facts.reset_index(drop=True))
        rows = combine(changed, live([fact("RIOT", "cash", "2026-06-30", 4e8)]))[3]
        assert rows[["universe_value", "relative"]].to_numpy().tolist() == [[2e8, 1.0]]
