"""Balance sheets from Yahoo: the universe's items and units, never another currency, never before they were fetched."""

from __future__ import annotations

import time

import pandas as pd
import pytest

from screener.sources.fetched import FACT_COLUMNS
from screener.sources.yahoo import fetching as yahoo

NOW = pd.Timestamp("2026-10-06 12:00", tz="UTC")
TODAY = pd.Timestamp("2026-10-06")
SINCE = pd.Timestamp("2026-09-06")


def fetch(*tickers: str, now: pd.Timestamp = NOW, until: pd.Timestamp = TODAY):
    return yahoo.fetch(list(tickers), SINCE, until, now=now)


def value(got, ticker: str, item: str, period: str) -> float:
    rows = got.facts
    mine = rows[(rows["ticker"] == ticker) & (rows["item"] == item) & (rows["period_end"] == pd.Timestamp(period))]
    return float(mine["value"].item())


def told(got, symbol: str) -> list[tuple[str, str]]:
    return [(failure.what, failure.kind) for failure in got.failures if failure.symbol == symbol]


def test_cash_and_debt_are_those_of_the_reviewed_file(here, miners):
    got = fetch(*miners.companies["ticker"])
    assert list(got.facts.columns) == FACT_COLUMNS
    key = ["ticker", "item", "period_end"]
    own = miners.facts.sort_values("published_on", kind="stable").drop_duplicates(key, keep="last")
    both = got.facts[got.facts["item"].isin(["cash", "debt_total", "restricted_cash"])].merge(own, on=key)
    assert len(both) > 100
    assert both["value_x"].to_numpy() == pytest.approx(both["value_y"].to_numpy())
    assert (both["unit_x"] == both["unit_y"]).all()
    assert set(got.facts["confidence"]) == {"medium"}
    assert value(got, "RIOT", "cash", "2026-06-30") == 585_404_000


def test_leases_are_not_debt_and_restricted_cash_stays_apart(here):
    here.yahoo.sheet("CORZ", "2026-09-30", cash=5e8, debt=3.5e9, leases=4e8, restricted=2e8, shares=3.3e8)
    got = fetch("CORZ")
    assert value(got, "CORZ", "debt_total", "2026-09-30") == pytest.approx(3.1e9)
    assert value(got, "CORZ", "cash", "2026-09-30") == pytest.approx(5e8)
    assert value(got, "CORZ", "restricted_cash", "2026-09-30") == pytest.approx(2e8)
    assert value(got, "CORZ", "shares_outstanding", "2026-09-30") == pytest.approx(3.3e8)
    newest = got.facts[got.facts["period_end"] == pd.Timestamp("2026-09-30")]
    debt = newest.loc[newest["item"] == "debt_total", "evidence"].item()
    assert debt == "Yahoo's TotalDebt (carrying value) less CapitalLeaseObligations 400,000,000"


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("America/New_York", "2026-10-07 00:30"),  # half past eight in the evening of the 6th
        ("America/Los_Angeles", "2026-10-07 05:00"),  # ten in the evening of the 6th, one at night in New York
        ("Europe/Berlin", "2026-10-06 22:35"),  # half past midnight of the 7th, still the 6th in New York
    ],
)
def test_figures_count_from_the_earlier_of_the_day_here_and_in_new_york(here, monkeypatch, zone, moment):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        evening = pd.Timestamp(moment, tz="UTC")
        got = fetch("RIOT", now=evening)
    finally:
        monkeypatch.undo()
        time.tzset()
    assert set(got.facts["published_on"]) == {TODAY}
    assert got.retrieved_at == evening


def test_a_past_date_asks_for_no_statements(here):
    got = fetch("RIOT", until=pd.Timestamp("2026-10-05"))
    assert got.facts.empty
    assert not [request for request in here.proxy.requests if "timeseries" in request.path]


def test_another_currency_is_never_mixed_in(here):
    here.yahoo.currency["CANG"] = "CNY"
    here.yahoo.sheet("CANG", "2026-09-30", cash=3e8, debt=2e8, shares=3.6e7)
    got = fetch("RIOT", "CANG")
    assert set(got.facts["ticker"]) == {"RIOT"}
    failure = next(f for f in got.failures if f.symbol == "CANG" and f.what == "statements")
    assert failure.kind == "bad_answer"
    assert "reported in CNY, not in USD" in failure.message


def test_an_untold_currency_is_no_dollar(here):
    here.yahoo.fail("MARA", "empty", "summary")
    got = fetch("RIOT", "MARA")
    assert told(got, "MARA") == [("statements", "bad_answer")]
    assert set(got.facts["ticker"]) == {"RIOT"}


def test_cash_without_debt_is_not_used(here):
    here.yahoo.sheet("CLSK", "2026-09-30", cash=9e8, shares=2.6e8)
    got = fetch("CLSK")
    newest = got.facts[got.facts["period_end"] == pd.Timestamp("2026-09-30")]
    assert list(newest["item"]) == ["shares_outstanding"]
    failure = next(f for f in got.failures if f.symbol == "CLSK")
    assert (failure.what, failure.kind) == ("statements", "partial")
    assert "the sheet of 2026-09-30 has no TotalDebt" in failure.message


def test_a_count_from_before_a_split_is_not_used(here):
    """American Bitcoin's sheet of 30 June stands before the 1-for-15 of 7 July; Yahoo may have restated it or not."""
    got = fetch("ABTC")
    counts = got.facts[got.facts["item"] == "shares_outstanding"]
    assert pd.Timestamp("2026-06-30") not in set(counts["period_end"])
    assert told(got, "ABTC") == [("shares_outstanding", "partial")]
    assert value(got, "ABTC", "cash", "2026-06-30") == 18_354_000


def test_a_count_is_not_used_where_the_splits_are_not_known(here):
    here.yahoo.fail("MARA", "429", "chart")
    got = fetch("RIOT", "MARA")
    assert told(got, "MARA") == [("closes", "rate_limited"), ("shares_outstanding", "partial")]
    assert value(got, "MARA", "cash", "2026-06-30") > 0


def test_a_period_that_has_not_ended_is_refused(here):
    here.yahoo.sheet("RIOT", "2026-12-31", cash=1e8, debt=1e8, shares=4e8)
    got = fetch("RIOT")
    assert got.facts["period_end"].max() <= TODAY
    assert told(got, "RIOT") == [("statements", "bad_answer")]


@pytest.mark.parametrize(
    ("fault", "endpoint", "kind"),
    [
        ("empty", "sheet", "empty"),
        ("404", "sheet", "empty"),
        ("429", "sheet", "rate_limited"),
        ("500", "sheet", "bad_answer"),
        ("truncated", "sheet", "bad_answer"),
        ("dropped", "sheet", "unreachable"),
        ("429", "summary", "rate_limited"),
        ("404", "summary", "empty"),
        ("500", "summary", "bad_answer"),
        ("truncated", "summary", "bad_answer"),
    ],
)
def test_a_statement_that_fails_is_told_by_its_kind_and_leaves_the_closes(here, fault, endpoint, kind):
    here.yahoo.fail("MARA", fault, endpoint)
    got = fetch("RIOT", "MARA")
    assert told(got, "MARA") == [("statements", kind)]
    assert set(got.facts["ticker"]) == {"RIOT"}
    assert set(got.closes["ticker"]) >= {"RIOT", "MARA"}
    assert told(got, "RIOT") == []


def test_a_bad_answer_is_not_remembered(here):
    here.yahoo.fail("MARA", "empty", "sheet")
    assert told(fetch("MARA"), "MARA") == [("statements", "empty")]
    here.yahoo.faults.clear()
    assert told(fetch("MARA"), "MARA") == []
