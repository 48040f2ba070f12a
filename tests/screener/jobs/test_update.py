"""`screener update` over the loopback: Yahoo, the SEC and the Bitcoin network in one start, each kept or told."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest

from screener.ledger import Ledger
from tests import commands
from tests.loopback.network import Network
from tests.loopback.proxy import Proxy
from tests.loopback.sec import Sec
from tests.loopback.yahoo import Yahoo

pytestmark = pytest.mark.takes(60)
CONTACT = "Ann Example ann@example.com"
SESSION = pd.Timestamp.now().normalize() - pd.Timedelta(days=2)


class World:
    """Every source on one proxy, and `screener` led to it."""

    def __init__(self, universe, home: Path) -> None:
        self.yahoo, self.sec, self.network = Yahoo(universe), Sec(universe), Network(datetime.now(UTC))
        self.yahoo.closes_on(SESSION, {"RIOT": 20.0, "BTC-USD": 90_000.0})
        self.proxy = Proxy({**self.yahoo.hosts, **self.sec.hosts, **self.network.hosts}, home)
        self.home, self.ledger = home, home / "ledger.sqlite"

    def screener(self, *arguments: str, contact: str = CONTACT):
        environment = {
            **self.proxy.environment, "XDG_CACHE_HOME": str(self.home / "cache"), "SCREENER_YAHOO_PACE": "0",
            "SCREENER_LEDGER": str(self.ledger), "SCREENER_SEC_CONTACT": contact,
            "XDG_CONFIG_HOME": str(self.home / "config"),
        }  # fmt: skip
        return commands.screener(*arguments, cwd=self.home, environment=environment)

    def asked(self) -> dict[str, int]:
        """Requests so far, by the last two parts of the host's name."""
        hosts = [".".join(request.host.split(".")[-2:]) for request in self.proxy.requests]
        return pd.Series(hosts, dtype=object).value_counts().to_dict()


@pytest.fixture
def world(miners, tmp_path):
    made = World(miners, tmp_path)
    with made.proxy:
        yield made
        assert made.proxy.strangers == []


def test_one_start_keeps_prices_network_and_filings_and_a_second_asks_nobody(world):
    first = world.screener("update", "--format", "json", "--out", "first.json")
    assert (first.returncode, first.stderr) == (0, "")
    told = json.loads((world.home / "first.json").read_text())
    assert told["faults"] == {}
    sources = pd.DataFrame(told["rows"]).groupby("source")["company"].nunique().to_dict()
    assert sources == {"yahoo": 22, "edgar": 22, "mempool.space": 1, "blockchain.info": 1}
    assert max(map(len, first.stdout.splitlines())) <= 80
    with Ledger.open(world.ledger) as ledger:
        closes, items, weeks = ledger.closes(["RIOT"]), ledger.items(["RIOT"], "edgar"), ledger.network()
    assert closes.set_index("date")["close_usd"][SESSION] == 20.0
    assert "cash" in set(items["item"])
    assert weeks["date"].max() > pd.Timestamp("2026-10-05")
    before = world.asked()
    second = world.screener("update", "--format", "json", "--out", "second.json")
    assert (second.returncode, second.stderr) == (0, "")
    assert world.asked() == before
    assert json.loads((world.home / "second.json").read_text())["requests"] == {}
    assert "nothing was due" in second.stdout


def test_a_source_that_is_down_is_told_and_the_others_are_kept(world):
    world.yahoo.faults.clear()
    world.sec.faults["*", "*"] = ["403"]
    done = world.screener("update", "--format", "json", "--out", "told.json")
    rows = pd.DataFrame(json.loads((world.home / "told.json").read_text())["rows"])
    failed = rows.groupby("source")["failed"].sum().to_dict()
    assert failed["yahoo"] == 0
    assert failed["edgar"] > 0
    assert done.returncode in (0, 3)
    assert "Traceback" not in done.stderr
    asked = world.asked()["sec.gov"]
    again = world.screener("update", "--only", "filings")
    assert world.asked()["sec.gov"] == asked  # it wants to be left alone for ten minutes, in another process too
    assert "Traceback" not in again.stderr


def test_without_a_contact_prices_and_network_are_kept_and_the_line_to_set_is_told(world):
    done = world.screener("update", contact="")
    assert done.returncode == 2
    assert "SCREENER_SEC_CONTACT" in done.stderr
    assert "sec.gov" not in world.asked()
    with Ledger.open(world.ledger) as ledger:
        assert len(ledger.closes(["RIOT"]))
        assert len(ledger.network())


def test_one_part_alone(world):
    assert world.screener("update", "--only", "network").returncode == 0
    assert set(world.asked()) == {"mempool.space", "blockchain.info"}
