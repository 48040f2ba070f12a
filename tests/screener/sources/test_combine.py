"""A live answer laid over the reviewed universe: what is used and what is shown."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener.sources.combine import combine
from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Fetched, stack

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


@pytest.mark.parametrize(
    ("factor", "relative"),
    [(1.0201, 0.0201), (1.0199, None), (0.9799, 0.0201), (0.9801, None), (0.97, 0.03), (0.5, 0.5), (1.0, None)],
)
def test_a_figure_is_shown_beyond_two_percent_above_and_below(miners, factor, relative):
    rows = combine(miners, live([fact("RIOT", "debt_total", "2026-06-30", 853_700_000 * factor)]))[3]
    assert list(rows["relative"]) == ([] if relative is None else [pytest.approx(relative, abs=1e-9)])


def test_equal_figures_and_equal_closes_are_no_difference_and_none_against_none_neither(miners):
    got = live([fact("ABTC", "debt_total", "2026-06-30", 0.0)], closes=[("2026-10-05", "RIOT", 19.32)])
    assert combine(miners, got)[3].empty


def test_of_several_closes_apart_the_latest_is_shown(miners):
    closes = [("2026-10-05", "RIOT", 20.0), ("2026-09-25", "RIOT", 25.0), ("2026-10-02", "RIOT", 21.0)]
    (row,) = combine(miners, live(closes=closes))[3].itertuples()
    assert (row.period_end, row.universe_value, row.live_value) == (pd.Timestamp("2026-10-05"), 19.32, 20.0)


def test_a_source_is_held_against_the_last_published_figure_of_a_period_whatever_the_order_of_the_file(miners):
    mine = miners.facts["ticker"].eq("RIOT") & miners.facts["item"].eq("debt_total")
    last = miners.facts[mine & miners.facts["period_end"].eq("2026-06-30")].tail(1)
    restated = last.assign(published_on=last["published_on"] + pd.Timedelta(days=30), value=900e6)
    for both in (pd.concat([restated, miners.facts]), pd.concat([miners.facts, restated])):
        other = replace(miners, facts=both.reset_index(drop=True))
        (row,) = combine(other, live([fact("RIOT", "debt_total", "2026-06-30", 1e9)]))[3].itertuples()
        assert row.universe_value == 900e6


RIOT_CLOSE = 19.32  # of 2026-10-05, in the universe


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


@pytest.mark.parametrize(
    ("own", "told", "relative"),
    [
        (100.0, 102.0, None),
        (100.0, 98.0, None),
        (100.0, 102.5, 0.025),
        (100.0, 97.5, 0.025),
        (-100.0, -102.0, None),
        (-100.0, -102.5, 0.025),
        (100.0, -100.0, 2.0),
        (0.0, 0.0, None),
        (0.0, 1.0, np.inf),
        (50.0, 51.5, 0.03),
        (0.5, 1.5, 2.0),
    ],
)
def test_figures_apart_by_more_than_two_percent_of_the_universe_s_are_shown(miners, own, told, relative):
    universe = replace(miners, facts=miners.facts.assign(value=own))
    rows = combine(universe, live([fact("RIOT", "cash", "2026-06-30", told)]))[3]
    assert rows["relative"].tolist() == ([] if relative is None else [pytest.approx(relative)])


@pytest.mark.parametrize(("told", "shown"), [(0.02, False), (0.03, True)])
def test_a_close_is_compared_beyond_a_cent(miners, told, shown):
    universe = replace(miners, prices=miners.prices.assign(close_usd=0.01))
    assert len(combine(universe, live(closes=[("2026-10-05", "RIOT", told)]))[3]) == shown


def test_frames_under_one_another_are_counted_from_zero():
    rows = pd.DataFrame({"a": [1, 2], "b": [3, 4]}, index=[7, 7])
    found = stack([rows, rows.iloc[:0], rows], ["b"])
    assert found.index.tolist() == [0, 1, 2, 3]
    assert found.to_dict("list") == {"b": [3, 4, 3, 4]}
    empty = stack([rows.iloc[:0]], ["date", "close_usd", "name"])
    assert [str(kind) for kind in empty.dtypes] == ["datetime64[ns]", "float64", "object"]
