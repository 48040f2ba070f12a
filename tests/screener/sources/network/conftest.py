"""A local mempool.space and blockchain.info, and a ledger."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

import pytest

from screener.ledger import Ledger
from screener.sources.http import Http
from tests.loopback.network import Network
from tests.loopback.proxy import Proxy

NOW = datetime(2026, 10, 5, 9, 0, tzinfo=UTC)


@pytest.fixture
def network(tmp_path, monkeypatch):
    """Both hosts, with this process led to them."""
    hosts = Network(NOW)
    with Proxy(hosts.hosts, tmp_path) as proxy:
        for name, value in proxy.environment.items():
            monkeypatch.setenv(name, value)
        hosts.proxy = proxy
        yield hosts
        assert proxy.strangers == []


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.sqlite") as opened:
        yield opened


@pytest.fixture
def connect():
    """Connections that hardly wait before a repeat, and long enough for an answer on a busy machine."""
    return partial(Http, agent="tests", pace_seconds=0.0, timeout=20.0, wait=(0.01, 0.02))
