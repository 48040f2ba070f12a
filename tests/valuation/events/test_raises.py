"""Excess returns around raises: bounds of windows and days, correlated events, what is shown and said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.events.planted import FRIDAYS, announced, announced_raises, prices
from valuation import events
from valuation.events import findings
from valuation.events.raises import instrument
from valuation.events.result import EventStudies
from valuation.findings import CAN, CANNOT, NOTE

NAN = np.nan


def raised(*places: tuple[str, int, str]) -> pd.DataFrame:
    frame = announced(*[(ticker, f"{FRIDAYS[at]:%Y-%m-%d}") for ticker, at, _ in places])
    return frame.assign(kind=[kind for *_, kind in places])


@pytest.mark.parametrize(
    ("kind", "evidence", "expected"),
    [
        ("equity_issue", "ATM July 1 to August 8", "at-the-market"), ("equity_issue", "  atm of May", "at-the-market"),
        ("equity_issue", "priced", "equity"), ("convertible_issue", "ATM, and a note", "convertible"),
        ("preferred_issue", "", "equity"), ("atm", "", "at-the-market"), ("senior_notes", "", "project and other debt"),
        ("bitcoin_sale", "ATM", ""),
    ],
)  # fmt: skip
def test_instruments_of_deals(kind, evidence, expected):
    assert instrument(kind, evidence) == expected


def test_a_day_is_after_the_close_where_one_says_so_and_none_says_before():
    told = announced_raises(
        ("A", "2025-01-02", "equity", 1e8, "yes"), ("A", "2025-01-02", "debt", 1e8, None),
        ("B", "2025-01-02", "equity", 1e8, None), ("C", "2024-12-30", "debt", 1e8, "no"),
    )  # fmt: skip
    out = events.raises(told)
    assert out[["ticker", "after_close"]].to_numpy().tolist() == [["C", False], ["A", True], ["B", False]]
    assert out.index.tolist() == [0, 1, 2]


@pytest.mark.parametrize(("days", "dated"), [(0, True), (45, True), (46, False), (-1, False)])
def test_an_announcement_dates_a_closing_up_to_45_days_later(days, dated):
    deal = pd.DataFrame(
        {"ticker": ["A"], "date": [FRIDAYS[9] + pd.Timedelta(days=days)], "kind": "debt", "evidence": NAN}
    )
    out = events.without_announcement(deal, raised(("A", 9, "project and other debt")))
    assert len(out) == (0 if dated else 1)


def test_a_window_may_begin_with_the_first_close_and_end_with_the_last():
    closes, _ = prices()
    out = events.excess_around(
        closes[:12], raised(("A", 1, "equity"), ("B", 11, "equity"), ("C", 0, "equity"), ("Z", 5, "equity"))
    )
    rows = out.events.set_index("ticker")
    held = closes.iloc[1] / closes.iloc[0] - 1
    assert rows.at["A", "excess[0]"] == pytest.approx(held["A"] - held.drop("A").mean())
    assert rows.loc["A", ["excess[-1,0]"]].isna().all()
    for ticker, window, first, last in (("A", "[0,+1]", 0, 2), ("A", "[0,+3]", 0, 4), ("A", "[0,+6]", 0, 7),
                                        ("B", "[-1,0]", 9, 11)):  # fmt: skip
        held = closes.iloc[last] / closes.iloc[first] - 1
        assert rows.at[ticker, f"excess{window}"] == pytest.approx(held[ticker] - held.drop(ticker).mean())
    assert np.isnan(rows.at["B", "excess[0,+1]"])
    assert out.left_out[["ticker", "reason"]].to_numpy().tolist() == [
        ["Z", "no closes of this ticker"], ["C", "no close of it, or of 5 other miners, around the event"],
    ]  # fmt: skip
    assert out.left_out.index.tolist() == [0, 1]
    assert out.events.columns.tolist() == [
        "ticker", "date", "kind", "headline", "after_close", "close_date", "excess[-1,0]", "excess[0]", "excess[0,+1]",
        "excess[0,+3]", "excess[0,+6]", "confounded", "overlaps",
    ]  # fmt: skip
    assert out.events.index.tolist() == [0, 1]


def test_events_whose_windows_overlap_are_shrunk_by_the_part_that_they_share():
    closes, _ = prices(8)
    closes["B"] = closes["A"] * (1 + 0.02 * np.random.default_rng(1).normal(size=len(closes)))
    found = raised(
        ("A", 60, "equity"), ("B", 60, "equity"), ("C", 61, "equity"), ("D", 90, "equity"), ("E", 20, "debt")
    )
    out = events.excess_around(closes, found)
    returns = closes.pct_change().iloc[1:]
    apart = pd.DataFrame({name: returns[name] - returns.drop(columns=name).mean(axis=1) for name in "ABCD"})
    r = np.corrcoef(apart.to_numpy().T)
    rows = out.tests.set_index(["instrument", "window", "sample"])
    # C is a week later: of two weeks it shares one with A and B, of four weeks three, of one none; D shares none.
    for window, part in (("[-1,0]", 1 / 2), ("[0]", 0.0), ("[0,+3]", 3 / 4)):
        row = rows.loc[("equity", window, "all")]
        assert row["mean_correlation"] == pytest.approx((r[0, 1] + part * (r[0, 2] + r[1, 2])) / 6)
        values = out.events.loc[out.events["kind"] == "equity", f"excess{window}"]
        t = values.mean() / (values.std() / 2)
        shrink = max(row["mean_correlation"], 0)
        assert row["t"] == pytest.approx(t * np.sqrt((1 - shrink) / (1 + 3 * shrink)))
        assert (row["n"], row["df"], row["positive"]) == (4, 3, (values > 0).mean())
    assert rows.loc[("all", "[0]", "all"), ["n", "df"]].tolist() == [5, 4]
    assert rows.loc[("convertible", "[0]", "all"), ["n", "df"]].tolist() == [0, 0]
    assert "Weeks +1, +3 and +6 stand for" in out.method
    daily = events.excess_around(prices(2, pd.bdate_range("2025-01-02", periods=60))[0], found[:0], frequency="daily")
    assert "stand for" not in daily.method


def test_clean_raises_are_neither_confounded_nor_overlapping():
    closes, _ = prices()
    found = raised(
        ("A", 60, "equity"), ("A", 62, "equity"), ("B", 60, "equity"), ("C", 60, "equity"), ("D", 60, "equity"),
        ("E", 60, "equity"),
    )  # fmt: skip
    other = announced(("B", f"{FRIDAYS[60]:%Y-%m-%d}")).assign(kind="results")
    out = events.excess_around(closes, found, confounders=other)
    rows = out.tests.set_index(["instrument", "window", "sample"])
    clean = out.events.loc[out.events["ticker"].isin(list("CDE")), "excess[0]"]
    assert (rows.at[("equity", "[0]", "all"), "n"], rows.at[("equity", "[0]", "clean"), "n"]) == (6, 3)
    assert rows.at[("equity", "[0]", "clean"), "mean"] == pytest.approx(clean.mean())


def test_the_summary_shows_all_instruments_together():
    closes, coin = prices()
    of_raises = events.excess_around(closes, raised(("A", 60, "equity"), ("B", 61, "debt")))
    (shown,) = of_raises.summary.tables
    assert len(shown.frame) == 5 * 2
    assert all(str(name).startswith("all [") for name in shown.frame.index)
    assert "t_p" in shown.frame
    of_contracts = events.study(closes, coin, announced(("A", "2025-09-03"), ("B", "2025-09-10")))
    (shown,) = of_contracts.summary.tables
    assert shown.frame.index.tolist() == ["[0] all", "[0] clean", "[0,+1] all", "[0,+1] clean"]
    assert {"bmp_p", "kp_p", "rank_p"} <= set(shown.frame)
    both = EventStudies(
        of_contracts, of_raises, of_raises.events, "Yahoo", "weekly", FRIDAYS[-1], ("One had no close",)
    )
    assert both.frame.index.unique().tolist() == ["announcements", "raises"]
    assert both.frame.index.names == ["study"]
    assert (both.findings[-1].kind, both.findings[-1].text) == (NOTE, "One had no close.")
    alone = EventStudies(None, of_raises, of_raises.events, "Yahoo", "weekly", FRIDAYS[-1], ())
    assert alone.frame.index.unique().tolist() == ["raises"]
    assert EventStudies(None, None, of_raises.events, "Yahoo", "weekly", FRIDAYS[-1], ()).frame.empty


def rows_of(**changes: list) -> pd.DataFrame:
    known = {"instrument": ["equity", "equity", "convertible", "all"], "sample": ["all", "clean", "all", "all"],
             "window": "[0]", "n": [9, 2, 4, 3], "mean": [-0.05, 0.03, 0.01, -0.02],
             "t_p": [0.02, 0.04, 0.8, 0.001]}  # fmt: skip
    return pd.DataFrame(known | changes)


def test_instruments_significant_after_the_adjustment_and_small_samples():
    # Of three tests 0.02 x 3 is above 5%, and 0.0166 x 3 is not.
    none = findings.raises(rows_of())
    assert [one.kind for one in none] == [CANNOT]
    assert "of 3 tests the smallest has p = 0.020 (equity, all, [0]), p = 0.060 after Holm's adjustment" in none[0].text
    assert none[0].figures == {"p": 0.02, "tests": 3, "mean": -0.05}
    (held,) = findings.raises(rows_of(t_p=[0.05 / 3, 0.4, 0.8, 0.001]))
    assert (held.kind, held.p) == (CAN, pytest.approx(0.05))
    few = findings.raises(rows_of(n=[3, 2, 4, 3]))[-1]
    assert few.text == "Small sample: equity (n = 3); 4 dated raises are needed for a test."
    (nothing,) = findings.raises(rows_of(t_p=[NAN, NAN, NAN, 0.001]))
    assert nothing.text == "Estimate not available: no instrument has 4 raises with closes around them."


def test_announcements_with_and_without_the_two_largest():
    rows = pd.DataFrame(
        {"window": ["[0]", "[0]", "[0,+1]", "[0,+1]"], "sample": ["all", "clean"] * 2, "n": [4, 2, 4, 2],
         "positive": [0.75, 0.5, 1.0, 1.0], "mean": [0.1, 0.02, 0.5, 0.5], "median": [0.08, 0.02, 0.5, 0.5],
         "kp_p": [0.2] * 4, "rank_p": [0.3] * 4}
    )  # fmt: skip
    each = pd.DataFrame({"ticker": list("ABCD"), "car[0]": [0.3, -0.02, 0.04, 0.08], "car[0,+1]": 0.5})
    found = findings.announcements(each, rows, "weekly")
    assert found[0].text == (
        "In window [0] 75% of 4 announcements outperformed the market model; mean abnormal return +10.0%, median +8.0%."
    )
    assert found[0].figures == {"positive": 0.75, "n": 4, "mean": 0.1, "median": 0.08}
    assert found[1].text == "Excluding the two largest (A and D), the mean is +1.0%."
    assert found[1].figures["n"] == 2
    assert len(found) == 5
    assert (
        len(findings.announcements(each[:2], rows, "daily")) == 3
    )  # nobody is left without the two, and days are days
    one = findings.announcements(each[:1], rows.assign(n=1), "weekly")
    assert one[0].kind == CAN
    (none,) = findings.announcements(each[:0], rows.assign(n=0), "weekly")
    assert (none.kind, none.figures) == (CANNOT, {"n": 0})
