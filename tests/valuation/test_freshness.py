"""Ages beside limits set by hand; what a sample rests on, in words; facts that are not known yet change nothing."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.assumptions import Assumptions
from valuation.freshness import ITEMS, Basis, ages, basis, by_part, cause_of, current_data, max_age_days

AS_OF = pd.Timestamp("2026-10-05")
GIVEN = Assumptions()


def fact(ticker: str, item: str, days: int, *, published: int | None = None, **more) -> dict:
    stands_for, on = (
        AS_OF - pd.Timedelta(days=days),
        AS_OF - pd.Timedelta(days=days if published is None else published),
    )
    return {"ticker": ticker, "item": item, "period_end": stands_for, "published_on": on, "source": "f.csv:1"} | more


def frame(*rows: dict) -> pd.DataFrame:
    return pd.DataFrame(rows)


def causes(**by_ticker: str) -> pd.Series:
    return pd.Series(by_ticker)


@pytest.mark.parametrize(
    ("item", "limit"), [("price_usd", 7), ("btc_usd", 7), ("cash", 200), ("debt_total", 200), ("shares_outstanding", 200),
                        ("btc_held", 200), ("revenue_total", 200), ("mw_secured", 270), ("mw_ai_contracted_it", 270),
                        ("hashrate_eh", 270), ("contracts_reviewed_on", 120)]
)  # fmt: skip
def test_an_item_is_stale_from_the_day_after_its_limit(item, limit):
    assert max_age_days(item, GIVEN) == limit
    if item in ("hashrate_eh", "btc_usd", "contracts_reviewed_on"):
        return
    made = ages(frame(fact("A", item, limit), fact("B", item, limit + 1)), AS_OF, GIVEN, causes=causes(A="", B=""))
    assert made.set_index("ticker")["stale"].to_dict() == {"A": False, "B": True}
    assert made["age_days"].tolist() == [limit + 1, limit]  # the furthest beyond its limit first


def test_a_review_covers_every_earlier_date_and_a_limit_of_its_own_after_it():
    on = pd.Series(pd.to_datetime(["2026-10-07", "2026-06-06", "2026-06-07", None]), index=["A", "B", "C", "D"])
    made = ages(frame(fact("A", "cash", 1)), AS_OF, GIVEN, causes=causes(A="", B="", C="", D=""), reviewed_on=on)
    told = made[made["item"] == "contracts_reviewed_on"].set_index("ticker")
    assert told["age_days"].to_dict() == {"A": 0, "B": 121, "C": 120}
    assert told["stale"].to_dict() == {"A": False, "B": True, "C": False}


def test_the_row_in_force_is_of_the_latest_period_and_of_that_the_latest_published():
    rows = frame(
        fact("A", "cash", 30, published=20, source="new"), fact("A", "cash", 90, published=1, source="restated"),
        fact("A", "cash", 30, published=25, source="first"), fact("A", "debt_total", 5, published=0, source="today"),
        fact("A", "debt_total", 4, published=-1, source="tomorrow"), fact("Z", "cash", 5), fact("A", "capex", 5),
        fact("B", "cash", 100, source=None),
    )  # fmt: skip
    made = ages(rows.set_axis(range(10, 18)), AS_OF, GIVEN, causes=causes(A="", B=""))
    told = made[["ticker", "item", "age_days", "source"]].to_numpy().tolist()
    # Parts of their limit of 200 days: 0.5, 0.15, 0.025.
    assert told == [["B", "cash", 100, ""], ["A", "cash", 30, "new"], ["A", "debt_total", 5, "today"]]
    assert made.loc[1, ["title", "part", "limit_days", "stale", "marks_ev"]].tolist() == [
        "cash", "balance sheet", 200.0, False, False,
    ]  # fmt: skip


def test_the_price_of_bitcoin_stands_with_the_companies_that_it_makes_stale():
    old = "btc_held old; bitcoin price old"
    rows = frame(fact("", "btc_usd", 9, published=0), fact("", "btc_usd", 2, published=-1), fact("B", "eth_held", 9))
    made = ages(rows, AS_OF, GIVEN, causes=causes(A="", B=old, C="bitcoin price old"))
    assert made[["ticker", "item", "age_days", "marks_ev"]].to_numpy().tolist() == [
        ["B", "btc_usd", 9, True], ["C", "btc_usd", 9, True],
    ]  # fmt: skip
    fresh = ages(frame(fact("", "btc_usd", 7)), AS_OF, GIVEN, causes=causes(B="bitcoin price old"))
    assert fresh.empty  # seven days are within the limit, so it marks nothing


def test_equals_come_by_ticker_and_item_and_a_limit_of_nothing_comes_first():
    rows = frame(fact("B", "cash", 20), fact("A", "debt_total", 20), fact("A", "cash", 20), fact("C", "price_usd", 1))
    made = ages(rows, AS_OF, replace(GIVEN, max_age_price_days=0), causes=causes(A="", B="", C=""))
    assert made[["ticker", "item"]].to_numpy().tolist() == [
        ["C", "price_usd"], ["A", "cash"], ["A", "debt_total"], ["B", "cash"],
    ]  # fmt: skip
    old = frame(fact("A", "cash", 300), fact("C", "price_usd", 1))
    for limit, first in ((0, "C"), (1, "A")):  # one day of none, or of one; cash is at 1.5 times its limit
        made = ages(old, AS_OF, replace(GIVEN, max_age_price_days=limit), causes=causes(A="", C=""))
        assert made["ticker"].iloc[0] == first
    assert made.columns.tolist()[:3] == ["ticker", "item", "title"]
    today = frame(fact("B", "cash", 0), fact("A", "price_usd", 0))
    found = ages(today, AS_OF, replace(GIVEN, max_age_price_days=0), causes=causes(A="", B=""))
    assert found["ticker"].tolist() == ["A", "B"]


def test_a_line_that_few_report_is_listed_where_it_makes_ev_per_mw_stale_and_only_there():
    rows = frame(fact("A", "lease_liabilities_finance", 300), fact("B", "lease_liabilities_finance", 300))
    made = ages(rows, AS_OF, GIVEN, causes=causes(A="lease_liabilities_finance old; debt by proxy", B=""))
    assert made[["ticker", "marks_ev"]].to_numpy().tolist() == [["A", True]]


def test_what_few_report_is_not_listed_while_it_is_fresh_and_what_all_report_is():
    rows = frame(*(fact("A", item, 3) for item in ITEMS))
    made = ages(rows, AS_OF, GIVEN, causes=causes(A=""))
    assert set(made["item"]) == {
        "price_usd", "cash", "debt_total", "shares_outstanding", "restricted_cash", "btc_held", "revenue_total",
        "mw_secured", "mw_ai_contracted_it", "contracts_reviewed_on",
    }  # fmt: skip


def test_of_no_sample_nothing_is_stale():
    blank = Basis()
    counts = (blank.n, blank.n_stale, blank.n_old_closes, blank.n_stale_facts, blank.limit_days, blank.closes_old)
    assert counts == (0, 0, 0, 0, 0.0, False)


def test_a_check_is_told_from_its_own_day_on():
    checked = {"checked_against": "10-Q 0001"}
    rows = frame(
        fact("A", "cash", 9, checked_on=AS_OF, **checked),
        fact("B", "cash", 9, checked_on=AS_OF + pd.Timedelta(days=1), **checked),
    )
    made = ages(rows, AS_OF, GIVEN, causes=causes(A="", B="")).set_index("ticker")
    assert made.at["A", "checked_against"] == "10-Q 0001"
    assert made.at["A", "checked_on"] == AS_OF
    assert made.at["B", "checked_against"] == ""
    assert pd.isna(made.at["B", "checked_on"])
    unnamed = ages(rows.assign(checked_against=None), AS_OF, GIVEN, causes=causes(A="", B=""))
    assert unnamed["checked_against"].tolist() == ["", ""]
    without = ages(rows.drop(columns=["checked_on", "checked_against"]), AS_OF, GIVEN, causes=causes(A="", B=""))
    assert without["checked_on"].isna().all()
    assert set(without["checked_against"]) == {""}


@st.composite
def some_facts(draw) -> list[dict]:
    kinds = st.tuples(st.sampled_from("AB"), st.sampled_from(["cash", "mw_secured", "price_usd"]))
    lengths = st.tuples(st.integers(0, 400), st.integers(-200, 400))
    return [fact(ticker, item, age, published=published)
            for (ticker, item), (age, published) in draw(st.lists(st.tuples(kinds, lengths), max_size=12))]  # fmt: skip


@settings(deadline=None, max_examples=60)
@given(some_facts())
def test_a_fact_published_later_never_makes_a_figure_fresher(rows):
    every = [*rows, fact("A", "cash", 401)]  # at least one row, whatever is drawn
    known = [row for row in every if row["published_on"] <= AS_OF]
    made, without = (ages(frame(*some), AS_OF, GIVEN, causes=causes(A="", B="")) for some in (every, known))
    pd.testing.assert_frame_equal(made, without)
    for row in made.itertuples():
        mine = [one for one in known if (one["ticker"], one["item"]) == (row.ticker, row.item)]
        assert row.period_end == max(one["period_end"] for one in mine)
        assert row.published_on <= AS_OF


def sample(*rows: dict, **why: str):
    made = ages(frame(*rows), AS_OF, GIVEN, causes=causes(**why))
    return basis(made, why, causes(**why), AS_OF, GIVEN)


def test_the_words_on_a_sample_with_nothing_stale_are_those_of_today():
    made = sample(fact("A", "price_usd", 0), fact("B", "price_usd", 7), A="", B="debt by proxy")
    assert (made.n, made.n_stale, made.closes_old, made.stale_data) == (2, 0, False, "")
    assert made.sentence("The gap is 2.0x.") == "The gap is 2.0x."
    assert made.verb("is", "was") == "is"
    assert made.closes == "28 September 2026 to 5 October 2026"


def test_stale_facts_are_counted_with_the_oldest_of_them():
    made = sample(
        fact("A", "price_usd", 0), fact("A", "cash", 201), fact("A", "debt_total", 250), fact("B", "price_usd", 0),
        fact("B", "mw_secured", 300), fact("C", "price_usd", 0), fact("C", "cash", 900),
        A="cash old; debt_total old", B="mw_secured old; minority at book", C="",
    )  # fmt: skip
    # C's cash is older still, and no cause of its figure (nothing rests on it): it is not the oldest that counts.
    assert made.stale_data == (
        "2 of 3 EV per secured MW rest on stale facts (oldest: secured MW of 9 December 2025, B)."
    )
    assert (made.n_stale, made.n_stale_facts, made.n_old_closes, made.closes_old) == (2, 2, 0, False)
    assert made.stale == ("B (secured MW of 9 December 2025)", "A (balance sheet of 28 January 2026)")
    one = sample(fact("A", "price_usd", 0), fact("A", "cash", 201), A="cash old")
    assert (
        one.stale_data == "1 of 1 EV per secured MW rests on stale facts (oldest: balance sheet of 18 March 2026, A)."
    )


def test_on_closes_older_than_their_limit_the_words_are_dated_and_in_the_past_tense():
    old = "price older than its maximum age"
    made = sample(
        fact("A", "price_usd", 8), fact("B", "price_usd", 8), fact("B", "cash", 201), A=old, B=f"{old}; cash old"
    )
    assert made.closes_old
    assert made.verb("trades", "traded") == "traded"
    assert made.sentence("A typical company traded.") == "On the closes of 27 September 2026, a typical company traded."
    assert made.stale_data == (
        "2 of 2 EV per secured MW rest on stale data: 2 on prices older than 7 days (last close 27 September 2026), "
        "1 on stale facts (oldest: balance sheet of 18 March 2026, B)."
    )


def test_one_old_close_of_several_is_counted_and_leaves_the_sentence_in_the_present():
    made = sample(fact("A", "price_usd", 0), fact("B", "price_usd", 60), A="", B="price older than its maximum age")
    assert not made.closes_old
    assert made.stale_data == (
        "1 of 2 EV per secured MW rests on prices older than 7 days (oldest close 6 August 2026)."
    )


def test_a_stale_fact_outside_the_sample_and_a_close_of_exactly_the_limit():
    rows = frame(fact("A", "price_usd", 7), fact("A", "cash", 201), fact("C", "cash", 900), fact("A", "debt_total", 3))
    why = causes(A="cash old", C="cash old")
    made = basis(ages(rows, AS_OF, GIVEN, causes=why), ["A"], why, AS_OF, GIVEN)
    assert (made.n, made.n_stale, made.closes_old) == (1, 1, False)
    assert made.oldest == "balance sheet of 18 March 2026, A"


def test_the_closes_are_those_of_the_sample_and_of_all_where_it_is_empty():
    rows = frame(fact("A", "price_usd", 0), fact("B", "price_usd", 3), fact("C", "price_usd", 9))
    made = ages(rows, AS_OF, GIVEN, causes=causes(A="", B="", C=""))
    first = {
        names: basis(made, list(names), causes(A="", B="", C=""), AS_OF, GIVEN).first_close for names in ("AB", "A", "")
    }
    assert first == {names: AS_OF - pd.Timedelta(days=d) for names, d in (("AB", 3), ("A", 0), ("", 9))}
    old = basis(made, ["C"], causes(A="", B="", C=""), AS_OF, GIVEN)
    assert (old.closes_old, old.limit_days) == (True, 7)
    assert Basis(last_close=AS_OF).closes == Basis(first_close=AS_OF).closes == Basis().closes == "an unknown day"
    assert Basis(first_close=AS_OF, last_close=AS_OF).closes == "5 October 2026"


def test_without_a_close_nothing_is_dated():
    made = basis(
        ages(frame(fact("A", "cash", 1)), AS_OF, GIVEN, causes=causes(A="")), ["A"], causes(A=""), AS_OF, GIVEN
    )
    assert (made.first_close, made.closes_old) == (None, False)


def test_limits_follow_the_assumptions():
    strict = replace(GIVEN, max_age_price_days=0, max_age_balance_sheet_days=1)
    made = ages(frame(fact("A", "price_usd", 1), fact("A", "cash", 1)), AS_OF, strict, causes=causes(A=""))
    assert made.set_index("item")["stale"].to_dict() == {"price_usd": True, "cash": False}


def test_ages_by_part_are_those_of_the_oldest_item():
    rows = frame(
        fact("A", "cash", 3), fact("A", "debt_total", 201), fact("A", "mw_secured", 5), fact("B", "price_usd", 1)
    )
    wide = by_part(ages(rows, AS_OF, GIVEN, causes=causes(A="", B="")))
    assert wide.at["A", ("age_days", "balance sheet")] == 201
    assert wide.at["A", ("stale", "balance sheet")]
    assert wide.at["A", ("age_days", "power")] == 5
    assert not wide.at["A", ("stale", "power")]
    assert pd.isna(wide.at["B", ("age_days", "power")])
    assert not wide.at["B", ("stale", "power")]


def test_every_item_has_the_cause_that_metrics_give_it():
    assert {cause_of(item) for item in ITEMS} >= {"price older than its maximum age", "bitcoin price old", "cash old"}
    assert len({cause_of(item) for item in ITEMS}) == len(ITEMS)


def test_that_nothing_is_stale_is_said_of_many_of_one_and_of_none():
    assert current_data(Basis(n=3)) == "None of the 3 EV per secured MW in the statistics rests on stale data."
    assert current_data(Basis(n=1)) == "The EV per secured MW in the statistics does not rest on stale data."
    assert (current_data(Basis(n=0)), current_data(Basis(n=3, n_stale=1, n_stale_facts=1))) == ("", "")
