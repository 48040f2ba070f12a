"""Fixtures: a local Yahoo and a local SEC, and this process or another one led to them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pytest

from screener import universes
from screener.universes import Universe
from tests import commands
from tests.loopback.network import Network
from tests.loopback.proxy import Proxy
from tests.loopback.sec import Sec
from tests.loopback.world import CONTACT, NO_PACE
from tests.loopback.yahoo import Yahoo


@dataclass
class Live:
    """A running local Yahoo and SEC."""

    yahoo: Yahoo
    sec: Sec
    proxy: Proxy
    home: Path

    @property
    def environment(self) -> dict[str, str]:
        """For another process: led here, with a cache folder of its own and nothing else of ours."""
        return {**self.proxy.environment, "XDG_CACHE_HOME": str(self.home / "cache"), "SCREENER_YAHOO_PACE": "0"}

    def screener(self, *arguments: str, cwd: Path, **more: str) -> subprocess.CompletedProcess[str]:
        """`screener` as a user types it, warnings being errors, in a process of its own; `more` of environment."""
        return commands.screener(*arguments, cwd=cwd, environment={**self.environment, **more}, settings=NO_PACE)


@pytest.fixture(scope="session")
def miners() -> Universe:
    """The bundled universe."""
    return universes.load("miners")


@pytest.fixture
def live(miners: Universe, tmp_path: Path) -> Iterator[Live]:
    """A local Yahoo with the figures of the bundled universe, a local SEC with its companies, a local Bitcoin network."""
    yahoo, sec, network = Yahoo(miners), Sec(miners), Network(datetime.now(UTC))
    with Proxy({**yahoo.hosts, **sec.hosts, **network.hosts}, tmp_path) as proxy:
        yield Live(yahoo, sec, proxy, tmp_path)
        assert proxy.strangers == []


@pytest.fixture
def here(live: Live, monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """The same, with this process led to it, yfinance as if just started, and hardly any wait before a repeat."""
    from screener.sources.yahoo import asking, timing

    monkeypatch.setattr(asking, "WAIT_SECONDS", (0.01, 0.02))
    monkeypatch.setenv(timing.PACE_PLACE, "0")
    for name, value in live.proxy.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("XDG_CACHE_HOME", str(live.home / "cache"))
    fresh()
    yield live
    fresh()


@pytest.fixture
def at_sec(live: Live, monkeypatch: pytest.MonkeyPatch) -> Live:
    """The same, with this process led to the local SEC, a contact address, and hardly any wait before a repeat."""
    from screener.sources.edgar import client

    for name, value in {**live.proxy.environment, "SCREENER_SEC_CONTACT": CONTACT}.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(client, "PACE_SECONDS", 0.0)
    monkeypatch.setattr(client, "WAIT_SECONDS", (0.001, 0.002))
    monkeypatch.setattr(client, "TIMEOUT_SECONDS", 0.5)
    monkeypatch.setattr(client, "MOST_BYTES", 1_000_000)
    return live


def fresh() -> None:
    """Let yfinance be as if just started: it keeps its session, cookie, crumb and caches for the life of a process."""
    from yfinance import cache
    from yfinance.data import SingletonMeta

    from screener.sources.yahoo import client

    SingletonMeta._instances.clear()
    cache._TzCacheManager._tz_cache = None
    cache._CookieCacheManager._Cookie_cache = None
    client._configured = False
