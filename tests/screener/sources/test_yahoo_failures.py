"""What goes wrong on the way to Yahoo has a kind, symbol by symbol, and never looks like an empty company."""

from __future__ import annotations

import socket
import sys
import time
import warnings

import pandas as pd
import pytest

from screener.errors import BadAnswer, RateLimited, Unreachable
from screener.sources.yahoo import client, prices
from screener.sources.yahoo import fetching as yahoo
from tests.loopback.yahoo import EVERY

NOW = pd.Timestamp("2026-10-06 12:00", tz="UTC")
UNTIL = pd.Timestamp("2026-10-05")
SINCE = pd.Timestamp("2026-09-01")
FIVE = ["RIOT", "MARA", "IREN", "WULF", "HUT"]


def closes(*tickers: str, others=()):
    return yahoo.fetch(list(tickers), SINCE, UNTIL, others=others, now=NOW)


def asked(here, symbol: str) -> int:
    return sum(request.path.endswith(f"chart/{symbol}") for request in here.proxy.requests)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        ("empty", "empty"),
        ("404", "empty"),
        ("429", "rate_limited"),
        ("500", "bad_answer"),
        ("truncated", "bad_answer"),
        ("cut", "unreachable"),
        ("dropped", "unreachable"),
        ("page", "bad_answer"),
    ],
)
@pytest.mark.parametrize("failing", ["RIOT", "HUT"])  # the first, which is asked alone, and the last
def test_one_symbol_that_fails_leaves_the_others_standing(here, fault, kind, failing):
    here.yahoo.fail(failing, fault, "chart")
    got = closes(*FIVE)
    assert set(got.closes["ticker"]) == set(FIVE) - {failing}
    assert [(f.symbol, f.what, f.kind) for f in got.failures] == [(failing, "closes", kind)]
    assert got.failures[0].message


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
    assert len(charts) <= 2 * (client.GIVE_UP_AFTER + client.WORKERS)


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
    monkeypatch.setattr(client, "BUDGET_SECONDS", -1.0)
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
