"""One chart of Yahoo by hand: whose it is, which closes count, which splits, what is told; no request is made."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from screener.sources.http import Refused
from screener.sources.yahoo import prices
from screener.sources.yahoo.prices import Quotes

NEW_YORK = "America/New_York"
NOW = pd.Timestamp("2026-10-06 12:00", tz="UTC")
START = pd.Timestamp("2026-09-28")
BARS = {"2026-10-01": 10.0, "2026-10-02": 11.0, "2026-10-05": 12.0}


def days(*told: str) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(told).as_unit("ns")


def yahoo(
    bars: dict[str, float] = BARS,
    splits: dict[str, float] | None = None,
    volume: float | None = 500.0,
    **header: object,
) -> SimpleNamespace:
    """A module with one symbol, and the calls that were made of it."""
    calls: list[dict] = []
    index = pd.DatetimeIndex(list(bars)).tz_localize(NEW_YORK)
    chart = pd.DataFrame({"Close": list(bars.values()), "Stock Splits": 0.0}, index=index)
    if volume is not None:
        chart["Volume"] = volume + np.arange(len(bars))
    if splits:
        chart.iloc[0, 1] = 2.0
    told = pd.Series(splits or {}, dtype=float)
    told.index = pd.DatetimeIndex(told.index).tz_localize(NEW_YORK)
    about = {"symbol": "RIOT", "currency": "USD", "exchangeTimezoneName": NEW_YORK,
             "regularMarketTime": pd.Timestamp("2026-10-05 16:00", tz=NEW_YORK)} | header  # fmt: skip

    class Ticker:
        def __init__(self, symbol: str) -> None:
            calls.append({"symbol": symbol})

        def history(self, **options: object) -> pd.DataFrame:
            calls.append(options)
            return chart

        def get_history_metadata(self) -> dict:
            return {name: value for name, value in about.items() if value is not None}

        def get_splits(self, period: str) -> pd.Series:
            calls.append({"period": period})
            return told

    return SimpleNamespace(Ticker=Ticker, calls=calls)


def asked(now: pd.Timestamp = NOW, start: pd.Timestamp = START, **more: Any) -> Quotes:
    return prices.ask(yahoo(**more), "RIOT", start, now)


def test_a_chart_is_asked_for_unadjusted_and_with_its_events():
    module = yahoo()
    quotes = prices.ask(module, "RIOT", START, NOW)
    assert module.calls == [
        {"symbol": "RIOT"}, {"start": "2026-09-28", "auto_adjust": False, "actions": True, "timeout": 10.0}
    ]  # fmt: skip
    assert quotes.adjusted.to_dict() == dict(zip(days(*BARS), BARS.values(), strict=True))
    assert (quotes.symbol, quotes.zone, quotes.last_trade, quotes.faults) == (
        "RIOT", NEW_YORK, pd.Timestamp("2026-10-05"), (),
    )  # fmt: skip
    assert quotes.volume.tolist() == [500.0, 501.0, 502.0]
    assert quotes.splits.empty


@pytest.mark.parametrize(
    ("header", "why"),
    [({"symbol": "riot"}, ""), ({"symbol": None}, ""), ({"symbol": "MARA"}, "the chart of MARA in place of RIOT: not used"),
     ({"currency": "CAD"}, "quoted in CAD, not in USD: not converted, not used")],
)  # fmt: skip
def test_a_chart_of_another_symbol_or_currency_is_refused(header, why):
    if not why:
        assert len(asked(**header).adjusted) == 3
        return
    with pytest.raises(Refused) as refused:
        asked(**header)
    assert (refused.value.kind, refused.value.message) == ("bad_answer", why)


def test_splits_since_the_start_are_sorted_and_those_that_change_nothing_left_out():
    told = {"2026-10-05": 0.1, "2026-09-28": 2.0, "2026-09-27": 3.0, "2026-10-01": 1.0, "2026-10-02": 0.0,
            "2026-10-03": np.inf, "2026-10-04": -2.0}  # fmt: skip
    told = dict(sorted(told.items()))
    assert asked(splits=told).splits.to_dict() == {pd.Timestamp("2026-09-28"): 2.0, pd.Timestamp("2026-10-05"): 0.1}


@pytest.mark.parametrize(
    ("back", "period"),
    [
        (10, "1y"),
        (363, "1y"),
        (364, "2y"),
        (728, "2y"),
        (729, "5y"),
        (1823, "5y"),
        (1824, "10y"),
        (3648, "10y"),
        (3649, "max"),
    ],
)
def test_splits_are_asked_for_over_the_shortest_period_that_holds_the_start(back, period):
    module = yahoo(splits={"2026-10-01": 2.0})
    prices.ask(module, "RIOT", pd.Timestamp("2026-10-06 12:00") - pd.Timedelta(days=back), NOW)
    assert module.calls[-1] == {"period": period}


def session(end: str) -> dict:
    return {"currentTradingPeriod": {"regular": {"end": pd.Timestamp(end, tz=NEW_YORK)}}}


@pytest.mark.parametrize(
    ("now", "header", "last"),
    [
        ("2026-10-05 15:59", session("2026-10-05 16:00"), "2026-10-02"),
        ("2026-10-05 16:00", session("2026-10-05 16:00"), "2026-10-05"),
        ("2026-10-05 15:59", session("2026-10-06 16:00"), "2026-10-05"),  # tomorrow's session has no bar yet
        ("2026-10-05 15:59", {}, "2026-10-05"),
        ("2026-10-05 15:59", {"currentTradingPeriod": "closed"}, "2026-10-05"),
        ("2026-10-05 15:59", {"currentTradingPeriod": {"pre": {}}}, "2026-10-05"),
    ],
)
def test_a_session_that_runs_has_no_close_and_no_last_trade(now, header, last):
    quotes = asked(pd.Timestamp(now, tz=NEW_YORK), **header)
    assert quotes.adjusted.index[-1] == pd.Timestamp(last)
    assert len(quotes.volume) == len(quotes.adjusted)
    assert quotes.last_trade == pd.Timestamp("2026-10-05") if last == "2026-10-05" else pd.isna(quotes.last_trade)


@pytest.mark.parametrize(
    ("now", "last"),
    # The coin's day begins at midnight UTC; its price counts from the close in New York on, 20:00 UTC in summer.
    [("2026-10-05 19:59", "2026-10-02"), ("2026-10-05 20:00", "2026-10-05"), ("2026-10-06 01:00", "2026-10-05")],
)
def test_a_coin_s_price_of_a_day_counts_from_the_close_in_new_york(now, last):
    coin = {"instrumentType": "CRYPTOCURRENCY", "exchangeTimezoneName": "UTC"}
    assert asked(pd.Timestamp(now, tz="UTC"), **coin).adjusted.index[-1] == pd.Timestamp(last)


def test_without_a_close_there_is_no_chart():
    for bars in ({}, {"2026-10-05": np.nan}):
        with pytest.raises(Refused, match="no close since 2026-09-28") as refused:
            asked(bars=bars)
        assert refused.value.kind == "empty"
    with pytest.raises(Refused, match="no close since"):
        asked(pd.Timestamp("2026-10-05 12:00", tz=NEW_YORK), bars={"2026-10-05": 9.0}, **session("2026-10-05 16:00"))


def test_without_volumes_or_a_last_trade_both_are_unknown():
    quotes = asked(volume=None, regularMarketTime=1_759_000_000)
    assert quotes.volume.isna().all()
    assert len(quotes.volume) == 3
    assert pd.isna(quotes.last_trade)


def test_bars_that_cannot_be_are_left_out_and_told():
    told = pd.Series([11.0, -1.0, np.nan, 0.0, 10.0, np.inf, 13.0, 14.0, 12.0, 12.0], index=days(
        "2026-10-02", "2026-09-29", "2026-09-28", "2026-09-30", "2026-10-01", "2026-09-25", "2026-10-07", "2026-10-08",
        "2026-10-06", "2026-10-06"))  # fmt: skip
    left, faults = prices._sound(told, pd.Timestamp("2026-10-06"))
    assert left.to_dict() == dict(zip(days("2026-10-01", "2026-10-02", "2026-10-06"), (10.0, 11.0, 12.0), strict=True))
    assert left.index.is_monotonic_increasing
    assert faults == (
        "a close not above zero, 2026-09-30: left out", "a session yet to come, 2026-10-08: left out",
    )  # fmt: skip


def quotes(
    symbol: str, *told: str, last: str | None = "2026-10-05", zone: str = NEW_YORK, faults: tuple = ()
) -> Quotes:
    index = days(*told)
    nothing = pd.Series(dtype=float, index=days())
    trade = pd.NaT if last is None else pd.Timestamp(last)
    return Quotes(symbol, pd.Series(10.0, index=index), nothing, zone, trade, faults, pd.Series(1.0, index=index))


def incomplete(*charts: Quotes, since: str = "2026-09-30", until: str = "2026-10-05") -> list[tuple[str, str]]:
    found = prices.incomplete(charts, pd.Timestamp(since), pd.Timestamp(until))
    assert {(one.what, one.kind) for one in found} <= {("closes", "partial")}
    return [(one.symbol, one.message) for one in found]


WHOLE = ("2026-10-01", "2026-10-02", "2026-10-05")


@pytest.mark.parametrize(
    ("chart", "message"),
    [
        (quotes("X", *WHOLE), None),
        (quotes("X", "2026-10-02", "2026-10-05"), None),  # begun later: listed since
        (quotes("X", "2026-10-01", "2026-10-05"), "1 session left out, the last 2026-10-02"),
        (quotes("X", "2026-09-30", "2026-10-05"), "2 sessions left out, the last 2026-10-02"),
        (quotes("X", "2026-10-01", "2026-10-02"), "the last close is of 2026-10-02, the last session was 2026-10-05"),
        (quotes("X", last=None), "no close since 2026-09-30; the last session was 2026-10-05"),
        (quotes("X", "2026-09-29", "2026-10-06"), "no close since 2026-09-30; the last session was 2026-10-05"),
        (quotes("X", *WHOLE, faults=("a close not above zero, 2026-09-30: left out",)),
         "a close not above zero, 2026-09-30: left out"),
        (quotes("X", "2026-10-01", "2026-10-02", faults=("one", "two")),
         "the last close is of 2026-10-02, the last session was 2026-10-05; one; two"),
        (quotes("X", "2026-10-03", zone="UTC", last=None), None),  # of another zone
        (quotes("X", "2026-10-03", zone="UTC", last="2026-10-04"),
         "the last close is of 2026-10-03, the last session was 2026-10-04"),
        (quotes("X", "2026-10-03", zone="UTC", last="2026-10-06"), None),  # after the days asked for
        (quotes("X", zone="UTC", last="2026-09-29"), "no close from 2026-09-30 to 2026-10-05"),
    ],
)  # fmt: skip
def test_what_a_chart_lacks_beside_the_others_of_its_zone(chart, message):
    assert incomplete(quotes("A", *WHOLE), chart) == ([] if message is None else [("X", message)])


def test_the_first_and_the_last_day_asked_for_count_as_sessions():
    assert incomplete(quotes("A", "2026-09-30"), quotes("B", "2026-10-01", last=None), since="2026-09-30") == [
        ("A", "the last close is of 2026-09-30, the last session was 2026-10-05"),
        ("B", "the last close is of 2026-10-01, the last session was 2026-10-05"),
    ]
    only = quotes("A", "2026-10-01", last="2026-10-01")
    assert incomplete(only, since="2026-10-01", until="2026-10-01") == []


def test_a_split_s_own_day_is_on_its_basis_and_closes_have_seven_digits():
    splits = pd.Series([2.0, 5.0], index=days("2026-10-02", "2026-10-05"))
    assert prices.later_splits(days(*WHOLE), splits).tolist() == [10.0, 5.0, 1.0]
    told = Quotes(
        "X", pd.Series([1.23456789, 12_345.6789, 0.0123456789], index=days(*WHOLE)), splits.iloc[:0], NEW_YORK, pd.NaT
    )
    assert told.traded.tolist() == [1.234568, 12_345.68, 0.01234568]
    assert len(told.volume) == 0
