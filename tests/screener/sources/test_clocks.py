"""The time of sources: heard in the answers to every client, and used to see that this machine's clock is wrong."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest

from screener.errors import WrongDate
from screener.sources import clocks
from screener.sources.http import Http
from screener.sources.refused import Refused
from screener.sources.yahoo import asking, client
from tests.loopback.proxy import Answer, Proxy

THERE = datetime(2026, 10, 2, 22, 30, tzinfo=UTC)


def test_yahoo_is_heard_when_it_is_asked_whether_it_answers(here):
    here.proxy.now = THERE
    assert client.reachable(20)
    heard = clocks.latest()
    assert heard.source == "yahoo"
    assert timedelta(0) <= heard.now() - THERE < timedelta(minutes=5)


def test_yahoo_is_heard_in_the_answers_to_yfinance(here):
    here.proxy.now = THERE
    with client.opened() as yf:
        asking.ask_each(yf, ["RIOT"], lambda symbol: yf.Ticker(symbol).history(period="5d"), "closes", lambda _: None)
    assert clocks.latest().at == THERE


def test_a_source_over_https_is_heard_in_refusals_too(tmp_path, monkeypatch):
    with Proxy({"mempool.space": lambda _: Answer(429)}, tmp_path) as proxy:
        proxy.now = THERE
        for name, value in proxy.environment.items():
            monkeypatch.setenv(name, value)
        with Http("mempool.space", agent="tests") as http, pytest.raises(Refused):
            http.json("https://mempool.space/api/v1/mining/hashrate/3y")
    assert (clocks.latest().source, clocks.latest().at) == ("mempool.space", THERE)


@pytest.mark.parametrize(
    ("date", "age", "there"),
    [
        ("Fri, 02 Oct 2026 22:30:00 GMT", None, THERE),
        ("Fri, 02 Oct 2026 22:30:00 GMT", "90", THERE + timedelta(seconds=90)),
        ("Fri, 02 Oct 2026 22:30:00 GMT", "soon", THERE),
        ("Fri, 02 Oct 2026 22:30:00 GMT", " 90 ", THERE + timedelta(seconds=90)),
        ("Fri, 02 Oct 2026 22:30:00", None, THERE),  # without a zone it is UTC
        ("Sat, 03 Oct 2026 00:30:00 +0200", None, THERE),
        ("yesterday", None, None),
        (None, None, None),
    ],
)
def test_the_time_of_an_answer_out_of_its_headers(date, age, there):
    clocks.forget()
    clocks.hear("yahoo", date, age)
    heard = clocks.latest()
    assert (None if heard is None else (heard.source, heard.at)) == (None if there is None else ("yahoo", there))


def test_of_two_sources_the_later_clock_counts_and_both_can_be_forgotten():
    clocks.forget()
    clocks.hear("early", "Fri, 02 Oct 2026 20:30:00 GMT")
    clocks.hear("late", "Fri, 02 Oct 2026 22:30:00 GMT")
    clocks.hear("middle", "Fri, 02 Oct 2026 21:30:00 GMT")
    assert clocks.latest().source == "late"
    clocks.forget()
    assert clocks.latest() is None


@pytest.mark.parametrize(
    ("ahead", "right"), [(timedelta(0), True), (timedelta(days=1), True), (timedelta(hours=25), False)]
)
def test_what_is_told_under_a_clock_more_than_a_day_fast_is_not_kept(monkeypatch, ahead, right):
    monkeypatch.setattr(time, "monotonic", lambda: 0.0)
    clocks.forget()
    clocks.require_not_ahead(THERE + ahead)  # no source has answered
    clocks.hear("yahoo", "Fri, 02 Oct 2026 22:30:00 GMT")
    if right:
        clocks.require_not_ahead(THERE + ahead)
        return
    with pytest.raises(WrongDate, match="shows 2026-10-03 23:30 UTC, the clock of yahoo 2026-10-02 22:30 UTC"):
        clocks.require_not_ahead(THERE + ahead)
