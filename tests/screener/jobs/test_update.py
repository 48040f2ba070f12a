"""`screener update` over the loopback: Yahoo, the SEC and the Bitcoin network in one start, each kept or told."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from screener.ledger import Ledger
from tests.loopback.world import World

pytestmark = pytest.mark.takes(60)
SESSION = pd.Timestamp.now().normalize() - pd.Timedelta(days=2)


@pytest.fixture
def world(miners, tmp_path):
    made = World(miners, tmp_path, paced=False)
    made.yahoo.closes_on(SESSION, {"RIOT": 20.0, "BTC-USD": 90_000.0})
    with made:
        yield made


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
    assert world.asked()["sec.gov"] == asked  # it is not to be asked for ten minutes, in another process too
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
