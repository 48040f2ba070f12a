"""yfinance as it stands after its first use in a process."""

from __future__ import annotations

from screener.sources.pace import Pace
from screener.sources.yahoo import client


def test_yfinance_asks_through_our_session_from_its_first_use_on():
    """As a process that has just started: nothing here lets yfinance begin anew."""
    with client.opened() as yf:
        session = yf.data.YfData()._session
    assert isinstance(session.pace, Pace)
    with client.opened() as yf:
        assert yf.data.YfData()._session is session  # with its cookie and its kept connections
