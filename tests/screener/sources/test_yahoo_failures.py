"""What goes wrong on the way to Yahoo has a kind, symbol by symbol, and never looks like an empty company."""

from __future__ import annotations

import gc
import socket
import sys
import time
import tracemalloc
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pandas as pd
import pytest

from screener.errors import BadAnswer, RateLimited, UniverseError, Unreachable
from screener.ledger import Ledger
from screener.sources.pace import Pace
from screener.sources.refused import PAUSE_SECONDS, Refused
from screener.sources.told import outcomes
from screener.sources.yahoo import asking, client, prices, timing
from screener.sources.yahoo import fetching as yahoo
from tests.loopback.proxy import Answer
from tests.loopback.yahoo import EVERY

NOW = pd.Timestamp("2026-10-06 12:00", tz="UTC")
UNTIL = pd.Timestamp("2026-10-05")
SINCE = pd.Timestamp("2026-09-01")
FIVE = ["RIOT", "MARA", "IREN", "WULF", "HUT"]


def closes(*tickers: str, others=(), since=SINCE):
    return yahoo.fetch(list(tickers), since, UNTIL, others=others, now=NOW)


def asked(here, symbol: str) -> int:
    return sum(request.path.endswith(f"chart/{symbol}") for request in here.proxy.requests)


@dataclass(frozen=True)
class Case:
    """One fault of a chart.

    `answer` is a fault of the transport, `alter` changes the chart's one result. `left_out` are the days whose closes
    are not used; without it, none of the symbol's is. `first`: how many answers fail before the rest is fine.
    """

    fault: str
    outcome: str
    kind: str
    ended: str
    answer: str = ""
    alter: Callable[[dict[str, Any]], None] | None = None
    left_out: tuple[str, ...] | None = None
    first: int | None = None


FRIDAY = pd.Timestamp("2026-09-25")


def bars(result: dict[str, Any]) -> dict[str, list[Any]]:
    return result["indicators"]["quote"][0]


def place(result: dict[str, Any], day: pd.Timestamp = FRIDAY) -> int:
    """Where a chart has the bar of a day."""
    days = pd.to_datetime(result["timestamp"], unit="s", utc=True).tz_convert("America/New_York")
    return list(days.strftime("%Y-%m-%d")).index(f"{day:%Y-%m-%d}")


def closing(value: float | None) -> Callable[[dict[str, Any]], None]:
    """A chart with that close on the Friday."""

    def alter(result: dict[str, Any]) -> None:
        at = place(result)
        for name in ("open", "high", "low", "close"):
            bars(result)[name] = [value if n == at else bar for n, bar in enumerate(bars(result)[name])]
        adjusted = result["indicators"]["adjclose"][0]
        adjusted["adjclose"] = [value if n == at else bar for n, bar in enumerate(adjusted["adjclose"])]

    return alter


def also(seconds: int, factor: float) -> Callable[[dict[str, Any]], None]:
    """A chart with one bar more, so much later than the Friday's and so much higher."""

    def alter(result: dict[str, Any]) -> None:
        at = place(result)
        result["timestamp"] = [*result["timestamp"], result["timestamp"][at] + seconds]
        for name, values in bars(result).items():
            bars(result)[name] = [*values, values[at] * (1 if name == "volume" else factor)]
        adjusted = result["indicators"]["adjclose"][0]
        adjusted["adjclose"] = [*adjusted["adjclose"], adjusted["adjclose"][at] * factor]

    return alter


def echoing(symbol: str) -> Callable[[dict[str, Any]], None]:
    return lambda result: result["meta"].update(symbol=symbol)


def quoted_in(currency: str | None) -> Callable[[dict[str, Any]], None]:
    return lambda result: result["meta"].update(currency=currency)


WEEK = 7 * 86_400
CASES = [
    Case("an empty chart", "no close, as of an unknown symbol", "empty", "none", "empty"),
    Case("HTTP 404", "no close, as of an unknown symbol", "empty", "none", "404"),
    Case("HTTP 429", "no close; not repeated", "rate_limited", "failed", "429"),
    Case("HTTP 429 with a time to wait", "no close; not repeated", "rate_limited", "failed", "429_wait"),
    Case("HTTP 500", "no close; asked twice", "bad_answer", "failed", "500"),
    Case("HTTP 500 with JSON", "no close; asked twice", "bad_answer", "failed", "500_json"),
    Case("HTTP 500, then an answer", "the closes of the answer", "", "ok", "500", first=2, left_out=()),
    Case("half a JSON", "no close; asked twice", "bad_answer", "failed", "truncated"),
    Case("half a JSON, then all of it", "the closes of the whole answer", "", "ok", "truncated", first=1, left_out=()),
    Case("the connection ends in the answer", "no close; asked twice", "unreachable", "failed", "cut"),
    Case("the connection ends before it", "no close; asked twice", "unreachable", "failed", "dropped"),
    Case("a consent page with status 200", "no close; asked twice", "bad_answer", "failed", "page"),
    Case("the last session left out", "the other closes, told as partial", "partial", "ok", "partial",
         left_out=("2026-10-05",)),
    Case("a close that is null", "the other closes, told as partial", "partial", "ok", alter=closing(None),
         left_out=("2026-09-25",)),
    Case("a close of zero", "the other closes, told as partial", "partial", "ok", alter=closing(0.0),
         left_out=("2026-09-25",)),
    Case("a close below zero", "the other closes, told as partial", "partial", "ok", alter=closing(-19.5),
         left_out=("2026-09-25",)),
    Case("a day told twice, the same", "every close", "", "ok", alter=also(3600, 1.0), left_out=()),
    Case("a day told twice, differently", "the first of the two, all that yfinance passes on", "", "ok",
         alter=also(3600, 1.3), left_out=()),
    Case("a bar of a session to come", "the closes up to today, told as partial", "partial", "ok",
         alter=also(3 * WEEK, 1.0), left_out=()),
    Case("the chart of another symbol", "no close", "bad_answer", "failed", alter=echoing("MSTR")),
    Case("a chart in another currency", "no close; not converted", "bad_answer", "failed", alter=quoted_in("CAD")),
    Case("a chart without a currency", "no close; not converted", "bad_answer", "failed", alter=quoted_in(None)),
]  # fmt: skip


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.fault)
@pytest.mark.parametrize("failing", ["RIOT", "HUT"])  # the first, which is asked alone, and the last
def test_one_symbol_that_fails_leaves_the_others_standing(here, case, failing):
    right = closes(*FIVE).closes.set_index(["ticker", "date"])["close_usd"]
    if case.answer:
        here.yahoo.fail(failing, case.answer, "chart")
    if case.first is not None:
        here.yahoo.first[failing, "chart"] = case.first
    if case.alter:
        here.yahoo.alter[failing] = case.alter
    here.proxy.requests.clear()
    got = closes(*FIVE)
    found = got.closes.set_index(["ticker", "date"])["close_usd"]
    if case.left_out is None:
        expected = right.drop(failing, level="ticker")
    else:
        expected = right.drop([(failing, pd.Timestamp(day)) for day in case.left_out])
    pd.testing.assert_series_equal(found.sort_index(), expected.sort_index())
    told = [(failing, "closes", case.kind)] if case.kind else []
    assert [(f.symbol, f.what, f.kind) for f in got.failures] == told
    ends = {outcome.subject: outcome for outcome in outcomes(got)}
    assert {symbol: (o.ended, o.kind) for symbol, o in ends.items()} == {
        **dict.fromkeys(FIVE, ("ok", "")),
        failing: (case.ended, case.kind),
    }
    assert bool(ends[failing].message) == bool(case.kind)
    # curl asks once more by itself where a connection that it kept is closed without an answer.
    by_curl = asking.ATTEMPTS if case.answer == "dropped" else 0
    assert 0 <= len(here.proxy.requests) - sum(outcome.requests for outcome in ends.values()) <= by_curl


def test_a_split_of_a_day_without_a_bar_is_undone_before_it(here):
    """The day of the split has no bar; closes before it are as traded, and so are those after."""
    right = closes("ABTC", since=pd.Timestamp("2026-06-01")).closes.set_index("date")["close_usd"]
    day = here.yahoo.splits["ABTC"].index[-1]
    here.yahoo.traded["ABTC"] = here.yahoo.traded["ABTC"].drop(day, errors="ignore")
    got = closes("ABTC", since=pd.Timestamp("2026-06-01")).closes.set_index("date")["close_usd"]
    pd.testing.assert_series_equal(got, right.drop(day, errors="ignore"))
    assert day in set(here.yahoo.splits["ABTC"].index)


def test_every_request_is_counted_with_its_question(here):
    """Statements take a sheet, a summary, a quote; the first question also the cookie and the crumb."""
    today = pd.Timestamp("2026-10-06")
    got = yahoo.fetch(["RIOT", "MARA", "IREN"], SINCE, today, others=(), now=NOW)
    assert {(asked.symbol, asked.what) for asked in got.asked} == {
        (symbol, what) for symbol in ("RIOT", "MARA", "IREN") for what in ("closes", "statements")
    }
    assert sum(asked.requests for asked in got.asked) == len(here.proxy.requests)
    assert min(asked.requests for asked in got.asked) >= 1


def test_what_is_fresh_is_not_asked_again(here):
    today = pd.Timestamp("2026-10-06")
    skip = {
        ("RIOT", "closes"),
        ("RIOT", "statements"),
        ("MARA", "statements"),
        ("IREN", "closes"),
        ("BTC-USD", "closes"),
    }
    got = yahoo.fetch(["RIOT", "MARA", "IREN"], SINCE, today, others=["BTC-USD"], skip=skip, now=NOW)
    # IREN's chart is asked for all the same: its splits belong to the share count of its statements.
    put = {("MARA", "closes"), ("IREN", "closes"), ("IREN", "statements")}
    assert {(asked.symbol, asked.what) for asked in got.asked} == put
    assert asked(here, "RIOT") == asked(here, "BTC-USD") == 0
    assert "shares_outstanding" in set(got.facts["item"])


def test_all_being_fresh_nothing_is_asked(here):
    today = pd.Timestamp("2026-10-06")
    skip = {("RIOT", "closes"), ("RIOT", "statements")}
    got = yahoo.fetch(["RIOT"], SINCE, today, others=(), skip=skip, now=NOW)
    assert (len(got.closes), got.failures, got.asked) == (0, (), ())
    assert here.proxy.requests == []


@pytest.mark.parametrize(("fault", "seconds"), [("429", PAUSE_SECONDS), ("429_wait", 1800.0)])
def test_a_rate_limit_asks_for_a_pause_that_the_ledger_remembers(here, tmp_path, fault, seconds):
    here.yahoo.fail(EVERY, fault, "chart")
    with Ledger.open(tmp_path / "ledger.sqlite") as ledger:

        def pause(length: float, reason: str) -> None:
            ledger.pause("yahoo", (NOW + pd.Timedelta(seconds=length)).to_pydatetime(), reason, NOW.to_pydatetime())

        with pytest.raises(RateLimited):
            yahoo.fetch(FIVE, SINCE, UNTIL, others=(), now=NOW, pause=pause)
    with Ledger.open(tmp_path / "ledger.sqlite") as another:
        until, reason = another.paused("yahoo", NOW.to_pydatetime())
    assert until == NOW + pd.Timedelta(seconds=seconds)
    assert reason == "Yahoo rate-limited the requests (HTTP 429)"


def test_one_symbol_that_is_rate_limited_is_no_reason_to_leave_yahoo_alone(here):
    here.yahoo.fail("MARA", "429", "chart")
    said = []
    yahoo.fetch(FIVE, SINCE, UNTIL, others=(), now=NOW, pause=lambda *words: said.append(words))
    assert said == []


def test_requests_keep_the_pace(here, monkeypatch):
    waited = []
    monkeypatch.setattr(Pace, "wait", lambda pace: waited.append(pace.seconds))
    monkeypatch.setenv(timing.PACE_PLACE, "0.25")
    closes("RIOT", "MARA")
    assert waited == [0.25] * len(here.proxy.requests)


@pytest.mark.parametrize("named", ["fast", "-1", "nan", "61"])
def test_a_pace_that_cannot_be_is_an_error_with_its_name(here, monkeypatch, named):
    monkeypatch.setenv(timing.PACE_PLACE, named)
    with pytest.raises(UniverseError, match=r"SCREENER_YAHOO_PACE.*expected seconds"):
        closes("RIOT")


def test_a_slow_symbol_is_given_up_in_its_time(here, monkeypatch):
    closes(*FIVE)  # time zones are known from here on: their question has a time-out of its own
    monkeypatch.setattr(prices, "TIMEOUT_SECONDS", 1.0)
    here.yahoo.fail("MARA", "slow", "chart")
    got = closes(*FIVE)
    assert [(f.symbol, f.kind) for f in got.failures] == [("MARA", "unreachable")]
    assert set(got.closes["ticker"]) == set(FIVE) - {"MARA"}


def test_what_may_pass_is_asked_twice_and_a_refusal_once(here):
    closes(*FIVE)
    here.proxy.requests.clear()
    here.yahoo.fail("RIOT", "truncated", "chart")
    here.yahoo.fail("MARA", "429", "chart")
    closes(*FIVE)
    assert asked(here, "RIOT") == 2  # ours
    assert asked(here, "MARA") == 2  # yfinance's own repeat with another cookie, and no repeat of ours
    assert asked(here, "IREN") == 1


@pytest.mark.parametrize(
    ("fault", "error", "said"),
    [
        ("429", RateLimited, "Yahoo rate-limited the requests"),
        ("dropped", Unreachable, "Yahoo cannot be reached"),
        ("404", BadAnswer, "Yahoo gave nothing usable"),
        ("empty", BadAnswer, "Yahoo gave nothing usable"),
        ("truncated", BadAnswer, "Yahoo gave nothing usable"),
    ],
)
def test_everything_failing_is_an_error_of_its_kind(here, fault, error, said):
    here.yahoo.fail(EVERY, fault)
    with pytest.raises(error, match=said) as raised:
        closes(*FIVE)
    assert raised.value.exit_code == 3
    assert raised.value.source == "yahoo"
    assert "\n" not in str(raised.value)
    assert "--source bundled" in str(raised.value)


def test_companies_without_a_close_are_an_outage_though_the_coin_has_one(here):
    for ticker in FIVE:
        here.yahoo.fail(ticker, "dropped")
    with pytest.raises(Unreachable):
        closes(*FIVE, others=["BTC-USD"])


def test_a_source_that_wants_to_be_left_alone_is(here, miners):
    here.yahoo.fail(EVERY, "429", "chart")
    with pytest.raises(RateLimited):
        closes(*miners.companies["ticker"])
    charts = [request for request in here.proxy.requests if "chart" in request.path]
    # Three refusals in a row end it; those under way in the four workers may still come, each with yfinance's repeat.
    assert len(charts) <= 2 * (asking.GIVE_UP_AFTER + timing.WORKERS)


def test_the_rest_is_told_as_not_asked(here, miners):
    tickers = list(miners.companies["ticker"])
    for ticker in tickers[1:]:
        here.yahoo.fail(ticker, "dropped", "chart")
    got = closes(*tickers)
    assert set(got.closes["ticker"]) == {tickers[0]}
    assert {f.symbol for f in got.failures} == set(tickers[1:])
    assert {f.kind for f in got.failures} == {"unreachable"}
    assert any(f.message.startswith("not asked after 3 in a row") for f in got.failures)


def test_a_run_that_takes_too_long_stops_asking(here, monkeypatch):
    monkeypatch.setattr(timing, "BUDGET_SECONDS", -1.0)
    with pytest.raises(Unreachable, match="were used up"):
        closes(*FIVE)


def test_european_visitors_pass_the_consent_pages(here):
    here.yahoo.european = True
    today = pd.Timestamp("2026-10-06")
    got = yahoo.fetch(["RIOT"], SINCE, today, others=(), now=NOW)
    assert got.failures == ()
    assert here.yahoo.consented
    assert "cash" in set(got.facts["item"])


def test_closes_come_without_a_crumb_where_its_question_is_refused(here):
    here.yahoo.fail(EVERY, "429", "crumb")
    assert closes(*FIVE).failures == ()


def test_the_client_is_set_up_to_hide_nothing_and_to_write_only_to_our_cache(here):
    import yfinance

    yfinance.config.debug.hide_exceptions = True
    closes("RIOT")
    assert yfinance.config.debug.hide_exceptions is False
    written = {path.name for path in (here.home / "cache").rglob("*.db")}
    assert {"tkr-tz.db", "cookies.db"} <= written
    assert {path.parent for path in (here.home / "cache").rglob("*.db")} == {client.cache_folder()}


def test_progress_counts_up_in_words(here):
    said = []
    yahoo.fetch(["RIOT", "MARA"], SINCE, UNTIL, others=(), progress=said.append, now=NOW)
    assert said == [f"Yahoo: closes, {n} of 2" for n in range(3)]


def test_python_opens_no_socket_beyond_loopback(here):
    """The client's own connections are curl's, and all that it asked went through the local proxy (see `live`)."""
    beyond = []
    watching = True

    def watch(event, arguments):
        if watching and event == "socket.connect" and arguments[1][0] not in ("127.0.0.1", "::1"):
            beyond.append(arguments[1])

    sys.addaudithook(watch)
    try:
        closes(*FIVE)
    finally:
        watching = False
    assert beyond == []
    assert {request.host for request in here.proxy.requests} <= set(here.yahoo.hosts)
    assert {symbol for symbol in FIVE if asked(here, symbol)} == set(FIVE)


def test_reachable_where_yahoo_answers(here):
    assert client.reachable(5.0) is True
    here.yahoo.fail(EVERY, "429")
    assert client.reachable(5.0) is True


@pytest.mark.parametrize("fault", ["page", "dropped", "500"])
def test_not_reachable_where_something_else_answers(here, fault):
    here.yahoo.fail(EVERY, fault)
    assert client.reachable(5.0) is False


def test_not_reachable_where_nothing_listens(here, monkeypatch):
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        for name in ("HTTPS_PROXY", "https_proxy"):
            monkeypatch.setenv(name, f"http://127.0.0.1:{closed.getsockname()[1]}")
    assert client.reachable(5.0) is False


def test_not_reachable_where_the_authority_is_not_trusted(here, monkeypatch):
    for name in ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "SSL_CERT_FILE"):
        monkeypatch.delenv(name)
    assert client.reachable(5.0) is False


def test_a_black_hole_is_told_in_the_time_given(here):
    here.proxy.black_hole = True
    start = time.monotonic()
    assert client.reachable(0.6) is False
    assert 0.5 < time.monotonic() - start < 30.0  # 0.6 and what a busy machine adds; left alone it hangs for ever


@pytest.mark.parametrize(
    ("file", "shown"),
    [("/lib/site-packages/yfinance/utils.py", False), ("/lib/peewee.py", False), ("/own/screener/screen.py", True)],
)
def test_the_libraries_warnings_stay_away_even_where_another_thread_left_its_filters(file, shown, monkeypatch):
    seen = []
    monkeypatch.setattr(warnings, "showwarning", lambda message, *_, **__: seen.append(str(message)))
    show = warnings.showwarning
    with client.opened():
        warnings.simplefilter("always")
        warnings.warn_explicit("deprecated", FutureWarning, file, 568)
    assert seen == (["deprecated"] if shown else [])
    assert warnings.showwarning is show


def test_a_session_ends_where_nothing_has_come_for_a_while(here, monkeypatch):
    """What hangs is not waited for, though yfinance would wait for each of its own requests."""
    monkeypatch.setattr(timing, "STALLED_SECONDS", 1.0)
    here.proxy.black_hole = True
    begun = time.monotonic()
    with pytest.raises(Unreachable, match="Yahoo cannot be reached: no close of any of 5 symbols"):
        closes(*FIVE)
    assert time.monotonic() - begun < 40


def test_an_answer_without_end_is_not_held(here):
    """Eight megabytes are the most: the closes of every day since 1970 are two."""
    kind = client._capped()
    before = here.yahoo.hosts["query2.finance.yahoo.com"]
    here.proxy.hosts = {
        **here.proxy.hosts,
        "query2.finance.yahoo.com": lambda _: Answer(200, b" " * 2**20, endless=True),
    }
    with kind(impersonate="chrome") as session, pytest.raises(Refused, match="more than 8,388,608 bytes"):
        session.get(client.PROBE, timeout=30)
    here.proxy.hosts = {**here.proxy.hosts, "query2.finance.yahoo.com": before}


@pytest.mark.parametrize("answer", [Answer(200, b" " * 2**20, endless=True), Answer(200, b" " * (2**20 - 1))],
                         ids=["without end", "no JSON"])  # fmt: skip
def test_answers_that_cannot_be_used_leave_nothing_behind(here, monkeypatch, answer):
    """Five of 1 MB each, with the collector of garbage off, as it nearly is in a command."""
    monkeypatch.setattr(client, "MOST_BYTES", 2**20)
    hosts = here.proxy.hosts
    here.proxy.hosts = {
        name: lambda request, good=good: answer if "/chart/" in request.path else good(request)
        for name, good in hosts.items()
    }
    with client.opened() as yf:
        pass
    gc.disable()
    tracemalloc.start()
    try:
        with pytest.raises(BadAnswer):
            closes(*FIVE)
        yf.data.YfData.cache_get.cache_clear()
        assert tracemalloc.get_traced_memory()[0] < 2 * 2**20
    finally:
        tracemalloc.stop()
        gc.enable()
