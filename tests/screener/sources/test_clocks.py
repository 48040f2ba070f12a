"""The time of sources: heard in the answers to every client, and used to see that this machine's clock is wrong."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

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
