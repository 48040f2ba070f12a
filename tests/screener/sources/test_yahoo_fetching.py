"""What a screen takes of Yahoo, with charts and sheets made here: what is asked, what is put together, and outages."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from screener.errors import BadAnswer, RateLimited, SourceError, Unreachable
from screener.sources.http import Refused
from screener.sources.yahoo import fetching as yahoo
from screener.sources.yahoo import prices, statements
from screener.sources.yahoo.prices import Quotes

NOW = pd.Timestamp("2026-10-06 12:00", tz="UTC")
TODAY = pd.Timestamp("2026-10-06")
SINCE = pd.Timestamp("2026-10-01")
NO_SPLITS = pd.Series(dtype=float, index=pd.DatetimeIndex([]))


def chart(
    symbol: str,
    closes: dict[str, float] | None = None,
    splits: pd.Series = NO_SPLITS,
    volume: list[float] | None = None,
) -> Quotes:
    told = {"2026-10-02": 11.0, "2026-10-05": 12.0} if closes is None else closes
    index = pd.DatetimeIndex(list(told)).as_unit("ns")
    last = index.max() if len(index) else pd.NaT
    shares = pd.Series(volume if volume is not None else [100.0] * len(index), index=index)
    return Quotes(
        symbol, pd.Series(list(told.values()), index=index, dtype=float), splits, "America/New_York", last, (), shares
    )


@pytest.fixture
def world(monkeypatch):
    """Charts and sheets by symbol (an error is raised), and what was asked for."""
    made = SimpleNamespace(charts={}, sheets={}, asked=[], starts=set())

    @contextmanager
    def opened() -> Iterator[SimpleNamespace]:
        yield SimpleNamespace(exceptions=None, data=None)

    def given(what: str, table: dict, symbol: str) -> Any:
        made.asked.append((symbol, what))
        if isinstance(table.get(symbol), Exception):
            raise table[symbol]
        return table[symbol]

    def of_prices(_: object, symbol: str, start: pd.Timestamp, now: pd.Timestamp) -> Quotes:
        made.starts.add((start, now))
        return given("closes", {symbol: chart(symbol)} | made.charts, symbol)

    def of_sheets(_: object, symbol: str) -> statements.Sheets:
        lines = pd.DataFrame({pd.Timestamp("2026-06-30"): {"OrdinarySharesNumber": 10.0}})
        return given("statements", {symbol: statements.Sheets(symbol, lines)} | made.sheets, symbol)

    monkeypatch.setattr(yahoo.client, "opened", opened)
    monkeypatch.setattr(yahoo.asking, "WORKERS", 1)
    monkeypatch.setattr(prices, "ask", of_prices)
    monkeypatch.setattr(statements, "ask", of_sheets)
    return made


def test_companies_and_coins_are_asked_for_closes_and_companies_for_sheets(world):
    got = yahoo.fetch(["RIOT", "MARA"], SINCE, TODAY, now=NOW)
    assert world.asked == [("RIOT", "closes"), ("MARA", "closes"), ("BTC-USD", "closes"), ("ETH-USD", "closes"),
                           ("RIOT", "statements"), ("MARA", "statements")]  # fmt: skip
    assert got.closes[["date", "ticker", "close_usd"]].to_numpy().tolist() == [
        [pd.Timestamp(day), ticker, close] for day, close in (("2026-10-02", 11.0), ("2026-10-05", 12.0))
        for ticker in ("BTC-USD", "ETH-USD", "MARA", "RIOT")
    ]  # fmt: skip
    assert got.facts[["ticker", "item", "value", "published_on"]].to_numpy().tolist() == [
        ["RIOT", "shares_outstanding", 10.0, TODAY], ["MARA", "shares_outstanding", 10.0, TODAY]
    ]  # fmt: skip
    assert (got.source, got.retrieved_at) == ("yahoo", NOW)
    assert [(one.symbol, one.what) for one in got.failures] == [("MARA", "statements"), ("RIOT", "statements")]
    assert got.provider.empty


@pytest.mark.parametrize(
    ("zone", "now", "day"),
    [
        ("Europe/Berlin", "2026-10-02 23:00", "2026-10-02"),  # Saturday there, Friday evening in New York
        ("America/Los_Angeles", "2026-10-03 05:00", "2026-10-02"),  # past midnight in New York, not there
        ("Europe/Berlin", "2026-10-02 12:00", "2026-10-02"),
    ],
)
def test_figures_count_from_the_day_here_or_in_new_york_whichever_is_the_earlier(world, monkeypatch, zone, now, day):
    monkeypatch.setenv("TZ", zone)
    time.tzset()
    try:
        got = yahoo.fetch(["A"], SINCE, pd.Timestamp("2026-10-09"), now=pd.Timestamp(now, tz="UTC"))
    finally:
        monkeypatch.undo()
        time.tzset()
    assert got.facts["published_on"].tolist() == [pd.Timestamp(day)]


@pytest.mark.parametrize(
    ("until", "skip", "closes", "sheets"),
    [
        (TODAY, set(), "ABC", "AB"),
        (TODAY + pd.Timedelta(days=1), set(), "ABC", "AB"),
        (TODAY - pd.Timedelta(days=1), set(), "ABC", ""),
        (TODAY, {("A", "closes"), ("C", "closes")}, "AB", "AB"),  # without A's splits its count has no basis
        (TODAY, {("A", "closes"), ("A", "statements")}, "BC", "B"),
        (TODAY - pd.Timedelta(days=1), {("A", "closes")}, "BC", ""),
        (TODAY, {("A", "statements"), ("B", "statements")}, "ABC", ""),
    ],
)
def test_what_need_not_be_asked_again_is_not(world, until, skip, closes, sheets):
    yahoo.fetch(["A", "B"], SINCE, until, others=["C"], skip=skip, now=NOW)
    assert [symbol for symbol, what in world.asked if what == "closes"] == list(closes)
    assert [symbol for symbol, what in world.asked if what == "statements"] == list(sheets)


@pytest.mark.parametrize(
    ("since", "start"),
    [(SINCE, "2025-04-04"), (pd.Timestamp("2025-04-05"), "2025-04-04"), (pd.Timestamp("2024-01-05"), "2024-01-05")],
)
def test_charts_reach_back_over_the_splits_of_five_quarters(world, since, start):
    yahoo.fetch(["A"], since, TODAY, now=NOW)
    assert world.starts == {(pd.Timestamp(start), NOW)}
    world.starts.clear()
    yahoo.daily_closes(["A", "A"], since, TODAY, now=NOW)
    assert world.starts == {(since, NOW)}
    assert world.asked[-2:] != [("A", "closes")] * 2  # each symbol once


def test_a_count_needs_the_splits_of_its_chart_and_the_provider_s_value_is_kept_where_it_gives_one(world):
    lines = pd.DataFrame({pd.Timestamp("2026-06-30"): {"OrdinarySharesNumber": 10.0}})
    world.sheets = {"A": statements.Sheets("A", lines, 6.1e9), "B": statements.Sheets("B", lines)}
    world.charts = {"A": Refused("bad_answer", "HTTP 418")}
    got = yahoo.fetch(["B", "A"], SINCE, TODAY, now=NOW)
    assert got.facts["ticker"].tolist() == ["B"]
    assert got.provider.to_numpy().tolist() == [["A", 6.1e9]]
    assert got.provider.index.tolist() == [0]
    assert ("A", "shares_outstanding") in [(one.symbol, one.what) for one in got.failures]


def test_closes_are_of_the_days_asked_for_as_traded_or_on_today_s_basis(world):
    splits = pd.Series([0.1], index=pd.to_datetime(["2026-10-05"]))
    closes = {"2026-09-30": 90.0, "2026-10-01": 100.0, "2026-10-05": 110.0, "2026-10-06": 120.0}
    world.charts = {"A": chart("A", closes, splits)}
    until = pd.Timestamp("2026-10-05")
    assert yahoo.daily_closes(["A"], SINCE, until, now=NOW).closes["close_usd"].tolist() == [10.0, 110.0]
    adjusted = yahoo.daily_closes(["A"], SINCE, until, split_adjusted=True, now=NOW)
    assert adjusted.closes["close_usd"].tolist() == [100.0, 110.0]
    assert adjusted.splits.to_numpy().tolist() == [["A", pd.Timestamp("2026-10-05"), 0.1]]
    assert adjusted.facts.empty


def test_volumes_are_on_the_basis_of_the_last_day_and_days_without_one_are_left_out(world):
    splits = pd.Series([0.1, 2.0], index=pd.to_datetime(["2026-10-02", "2026-10-06"]))
    closes = {"2026-10-01": 9.0, "2026-10-02": 9.0, "2026-10-05": 9.0, "2026-10-06": 9.0}
    world.charts = {"A": chart("A", closes, splits, volume=[1.0, 0.0, np.nan, 50.0]), "B": chart("B")}
    got = yahoo.daily_volumes(["A", "B"], SINCE, pd.Timestamp("2026-10-05"), now=NOW)
    assert got.to_numpy().tolist() == [
        [pd.Timestamp("2026-10-01"), "A", 0.5],
        [pd.Timestamp("2026-10-02"), "B", 100.0],
        [pd.Timestamp("2026-10-05"), "B", 100.0],
    ]
    later = yahoo.daily_volumes(["A"], SINCE, pd.Timestamp("2026-10-06"), now=NOW)
    assert later["volume"].tolist() == [1.0, 50.0]


LIMITED, DOWN = Refused("rate_limited", "too many requests"), Refused("unreachable", "no route")
GONE, ODD = Refused("empty", "no such symbol"), Refused("bad_answer", "HTTP 418")


@pytest.mark.parametrize(
    ("charts", "error", "words"),
    [
        (
            {"A": ODD, "B": DOWN, "C": LIMITED},
            RateLimited,
            r"Yahoo rate-limited the requests \(HTTP 429\): no close of any of 3 symbols \(C: too many requests\); use",
        ),
        (
            {"A": ODD, "B": DOWN, "C": ODD},
            Unreachable,
            r"Yahoo cannot be reached: no close of any of 3 symbols \(B: no route\)",
        ),
        (
            {"A": ODD, "B": GONE, "C": GONE},
            BadAnswer,
            r"Yahoo gave nothing usable: no close of any of 3 symbols \(B: no such symbol\)",
        ),
        ({"A": GONE, "B": ODD, "C": ODD}, BadAnswer, r"nothing usable: no close of any of 3 symbols \(B: HTTP 418\)"),
        ({"A": GONE, "B": chart("B", {"2026-09-30": 1.0}), "C": GONE}, BadAnswer, r"\(A: no such symbol\)"),
        ({"A": GONE, "B": chart("B", {"2026-10-01": 1.0}), "C": GONE}, None, ""),
    ],
)
def test_without_a_close_of_any_company_the_commonest_reason_is_raised(world, charts, error, words):
    world.charts = charts | {"BTC-USD": chart("BTC-USD")}
    if error is None:
        assert len(yahoo.fetch(["A", "B", "C"], SINCE, TODAY, now=NOW).closes) == 5
        return
    with pytest.raises(SourceError, match=words) as raised:
        yahoo.fetch(["A", "B", "C"], SINCE, TODAY - pd.Timedelta(days=1), now=NOW)
    assert type(raised.value) is error


def test_where_no_company_is_asked_for_none_is_missed(world):
    got = yahoo.fetch(["A"], SINCE, TODAY - pd.Timedelta(days=1), skip={("A", "closes")}, now=NOW)
    assert set(got.closes["ticker"]) == {"BTC-USD", "ETH-USD"}
