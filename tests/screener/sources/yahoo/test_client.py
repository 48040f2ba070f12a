"""yfinance as it stands after its first use in a process."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from curl_cffi import requests

from screener.sources.pace import Pace
from screener.sources.yahoo import client


def test_yfinance_asks_through_our_session_from_its_first_use_on():
    """As a process that has just started: nothing here lets yfinance begin anew."""
    with client.opened() as yf:
        session = yf.data.YfData()._session
    assert isinstance(session.pace, Pace)
    with client.opened() as yf:
        assert yf.data.YfData()._session is session  # with its cookie and its kept connections


@pytest.mark.parametrize(
    ("left", "given", "passed_on"),
    [
        (None, {}, {}),
        (None, {"timeout": 30}, {"timeout": 30}),
        (7.5, {"timeout": 30}, {"timeout": 7.5}),
        (7.5, {"timeout": 5}, {"timeout": 5}),
        (7.5, {}, {"timeout": 7.5}),
        (60.0, {}, {"timeout": 10.0}),
        (60.0, {"timeout": None}, {"timeout": 10.0}),
        (60.0, {"timeout": (5, 30)}, {"timeout": 10.0}),
    ],
)
def test_no_request_outlives_its_session(monkeypatch, left, given, passed_on):
    """`left`: seconds of the session, None outside of one."""
    seen: list[dict] = []

    def answer(_: object, *arguments: object, **options: object) -> SimpleNamespace:
        seen.append({name: value for name, value in options.items() if name == "timeout"})
        return SimpleNamespace(status_code=200, headers={})

    monkeypatch.setattr(requests.Session, "request", answer)
    clock = None if left is None else SimpleNamespace(left=lambda: left)
    monkeypatch.setattr(client.counted, "clock", clock, raising=False)
    with client.opened() as yf:
        yf.data.YfData()._session.request("GET", client.PROBE, **given)
    assert seen == [passed_on]
