"""EDGAR's update: how many requests it makes, what it keeps, that it stops where asked to, and that it can be resumed."""

from __future__ import annotations

import json
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from screener.cli import cli
from screener.errors import Busy, NoContact
from screener.ledger import Ledger
from screener.sources.edgar import client, update
from screener.sources.edgar.client import SOURCE, Client

pytestmark = pytest.mark.takes(60)
ROOT = Path(__file__).resolve().parents[4]
NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)


def of(universe, *tickers):
    """The universe with these companies alone."""
    return replace(
        universe, companies=universe.companies[universe.companies["ticker"].isin(tickers)].reset_index(drop=True)
    )


@pytest.fixture
def ledger(tmp_path):
    with Ledger.open(tmp_path / "ledger.sqlite") as made:
        yield made


def test_requests_of_a_first_update_a_quiet_week_and_a_results_week(at_sec, miners, ledger):
    counts = []

    def asked(now) -> list:
        before = len(at_sec.proxy.requests)
        outcomes = update.update(miners, ledger, now)
        counts.append(len(at_sec.proxy.requests) - before)
        return outcomes

    asked(NOW)
    asked(NOW + timedelta(hours=19))
    asked(NOW + timedelta(days=7))
    at_sec.sec.file("RIOT", "10-Q", "2026-09-02", "2026-07-31", "2026-09-02T20:31:12.000Z", cash=5_000_000)
    outcomes = asked(NOW + timedelta(days=14))
    asked(NOW + timedelta(days=14, hours=1))
    assert counts == [66, 0, 22, 24, 0]
    assert ledger.requests(NOW) == {SOURCE: 112}
    assert [(o.what, o.ended) for o in outcomes if o.requests and "RIOT" in o.url + o.subject][:2] == [
        ("submissions", "ok"), ("companyfacts", "ok"),
    ]  # fmt: skip
    items = ledger.items(["RIOT"])
    cash = items[(items["item"] == "cash") & (items["period_end"] == pd.Timestamp("2026-07-31"))]
    assert set(cash["kind"]) == {"filing", "companyfacts"}
    assert set(cash["value"]) == {5_000_000.0}
    agents = {request.headers["user-agent"] for request in at_sec.proxy.requests}
    assert [agent.partition(" ")[2] for agent in agents] == ["Ann Example ann@example.com"]


def test_without_a_contact_nothing_is_sent(at_sec, miners, ledger, monkeypatch, tmp_path):
    monkeypatch.delenv("SCREENER_SEC_CONTACT")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    with pytest.raises(
        NoContact, match=r'(?s)\[sec\]\ncontact = "name@example.com"\nor set SCREENER_SEC_CONTACT'
    ) as told:
        update.update(miners, ledger, NOW)
    assert told.value.exit_code == 2
    assert at_sec.proxy.requests == []
    assert ledger.asked(SOURCE).empty


def test_requests_are_paced_at_five_a_second(at_sec, miners, ledger, monkeypatch):
    monkeypatch.setattr(client, "PACE_SECONDS", 0.2)
    time, waits = [0.0], []

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        time[0] += seconds

    own = Client(ledger, "ann@example.com", NOW, clock=lambda: time[0], sleep=sleep)
    update.update(of(miners, "RIOT", "WULF"), ledger, NOW, client=own)
    assert waits == pytest.approx([0.2] * 5)


def test_the_time_of_a_run_is_limited_and_the_next_one_goes_on(at_sec, miners, ledger, monkeypatch):
    monkeypatch.setattr(client, "PACE_SECONDS", 30.0)
    time = [0.0]
    own = Client(
        ledger, "ann@example.com", NOW, clock=lambda: time[0], sleep=lambda s: time.__setitem__(0, time[0] + s)
    )
    few = of(miners, "CIFR", "CLSK", "RIOT", "WULF")
    outcomes = update.update(few, ledger, NOW, client=own)
    late = [o for o in outcomes if o.ended == "failed"]
    assert len(at_sec.proxy.requests) == 8
    assert {(o.message, o.requests) for o in late} == {("not asked: the 180 seconds of the run were used up", 0)}
    monkeypatch.setattr(client, "PACE_SECONDS", 0.0)
    update.update(few, ledger, NOW + timedelta(minutes=5))
    assert len(at_sec.proxy.requests) == 12
    assert (update.status(few, ledger, NOW)["failed"] == [False] * 4).all()


def test_a_pause_holds_in_another_process(at_sec, miners, ledger):
    at_sec.sec.fail("RIOT", "403")
    update.update(of(miners, "RIOT"), ledger, NOW)
    before = len(at_sec.proxy.requests)
    at_sec.sec.mend()
    code = (
        "import sys\nfrom datetime import datetime\nfrom pathlib import Path\nfrom screener import universes\n"
        "from screener.ledger import Ledger\nfrom screener.sources.edgar import update\n"
        "with Ledger.open(Path(sys.argv[1])) as ledger:\n"
        "    for one in update.update(universes.load('miners'), ledger, datetime.fromisoformat(sys.argv[2])):\n"
        "        print(one.ended, one.requests, one.message)\n"
    )
    command = [sys.executable, "-c", code, str(ledger.path), (NOW + timedelta(minutes=9)).isoformat()]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=True)
    lines = done.stdout.splitlines()
    assert len(lines) == 22
    assert {line.split(";")[0] for line in lines} == {
        "failed 0 not asked: requests of this client are refused (HTTP 403)"
    }
    assert len(at_sec.proxy.requests) == before
    update.update(of(miners, "RIOT"), ledger, NOW + timedelta(minutes=11))
    assert len(at_sec.proxy.requests) == before + 3


def test_nothing_answers(at_sec, miners, ledger, monkeypatch):
    for name in ("HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    few = of(miners, "CIFR", "CLSK", "HUT", "RIOT", "WULF")
    outcomes = update.update(few, ledger, NOW)
    assert [(o.ended, o.kind, o.requests) for o in outcomes] == [("failed", "unreachable", n) for n in (3, 3, 3, 0, 0)]
    assert "not asked: 3 in a row without an answer" in outcomes[-1].message


def test_facts_that_come_out_later_than_the_report(at_sec, miners, ledger):
    few = of(miners, "RIOT")
    update.update(few, ledger, NOW)
    at_sec.sec.file(
        "RIOT", "10-Q", "2026-08-27", "2026-07-31", "2026-08-27T20:31:12.000Z", cash=5_000_000, facts_out=False
    )
    told = {o.what: o for o in update.update(few, ledger, NOW + timedelta(days=8))}
    assert told["companyfacts"].message.startswith("filed, facts not yet out: 10-Q of 2026-08-27")
    assert update.update(few, ledger, NOW + timedelta(days=8, hours=1)) == []
    at_sec.sec.facts_come_out("RIOT")
    told = {o.what: o for o in update.update(few, ledger, NOW + timedelta(days=9))}
    assert "not yet out" not in told["companyfacts"].message
    assert set(told) == {"submissions", "companyfacts"}
    assert [o.what for o in update.update(few, ledger, NOW + timedelta(days=10))] == ["submissions"]


def test_the_figures_of_a_document_count_from_its_own_filing(at_sec, miners, ledger):
    few = of(miners, "RIOT")
    update.update(few, ledger, NOW)
    filed = at_sec.sec.file("RIOT", "10-Q", "2026-08-27", "2026-07-31", "2026-08-27T20:31:12.000Z", cash=5_000_000)
    (document,) = [o for o in update.update(few, ledger, NOW + timedelta(days=8)) if o.what == "document"]
    assert document.message.startswith("10-Q filed 2026-08-27: ")
    items = ledger.items(["RIOT"])
    of_it = items[(items["kind"] == "filing") & (items["accession"] == filed)]
    # Accepted at 16:31 in New York, after the close of the 27th.
    assert set(of_it["published_on"]) == {pd.Timestamp("2026-08-28")}
    assert set(of_it["source_url"]) == {document.url}
    assert not of_it["checks"].str.contains("time unknown").any()


def test_a_6k_without_xbrl_is_for_a_person(at_sec, miners, ledger):
    few = of(miners, "BTDR")
    update.update(few, ledger, NOW)
    at_sec.sec.file("BTDR", "6-K", "2026-08-25", "2026-08-25", "2026-08-25T11:00:00.000Z", xbrl=False)
    (told,) = [o for o in update.update(few, ledger, NOW + timedelta(days=7)) if o.what == "6-K"]
    assert told.message.startswith(
        "a new filing 6-K without XBRL, the newest filed on 2026-08-25: a person must read https"
    )
    assert told.url.startswith("https://www.sec.gov/Archives/edgar/data/1899123/")


def test_a_report_that_was_missed_is_read_on_a_later_day(at_sec, miners, ledger):
    few = of(miners, "RIOT")
    update.update(few, ledger, NOW)
    first = at_sec.sec.file("RIOT", "10-Q", "2026-08-27", "2026-07-31", "2026-08-27T20:31:12.000Z", cash=5_000_000)
    second = at_sec.sec.file("RIOT", "10-Q/A", "2026-08-28", "2026-07-31", "2026-08-28T20:31:12.000Z", cash=6_000_000)
    read = [
        [o.subject for o in update.update(few, ledger, NOW + timedelta(days=days)) if o.what == "document"]
        for days in (9, 10, 11)
    ]
    assert read == [[second], [first], []]


def test_a_company_without_a_cik_is_named(at_sec, miners, ledger):
    few = of(miners, "RIOT")
    few = replace(few, companies=few.companies.assign(cik=""))
    (told,) = update.update(few, ledger, NOW)
    assert (told.ended, told.requests) == ("none", 0)
    assert "companies.csv gives no CIK" in told.message
    assert at_sec.proxy.requests == []


def test_two_updates_at_once(at_sec, miners, ledger):
    with Ledger.open(ledger.path) as other, other.updating():
        with pytest.raises(Busy, match="another run is at work"):
            update.update(miners, ledger, NOW)
        assert at_sec.proxy.requests == []
    with ledger.updating():  # as one step of a longer update of the same process
        assert update.update(of(miners, "RIOT"), ledger, NOW)


def test_status_says_how_each_company_ended_and_how_old_it_is(at_sec, miners, ledger):
    few = of(miners, "RIOT", "WULF")
    assert set(update.status(few, ledger, NOW)["outcome"]) == {"not asked yet"}
    update.update(few, ledger, NOW)
    at_sec.sec.fail("WULF", "503")
    update.update(few, ledger, NOW + timedelta(days=2))
    riot, wulf = update.status(few, ledger, NOW + timedelta(days=3)).itertuples(index=False)
    assert (riot.source, riot.company, riot.outcome, riot.age, riot.failed) == (
        "edgar", "RIOT", "submissions: no new filing", pd.Timedelta(days=1), False,
    )  # fmt: skip
    assert (wulf.age, wulf.failed) == (pd.Timedelta(days=3), True)
    assert wulf.outcome.startswith("submissions: an error of the server (HTTP 503); the answer of 2026-08-20 stands")


@pytest.mark.skipif(not hasattr(__import__("os"), "fork"), reason="needs fork")
@pytest.mark.long
def test_a_killed_update_leaves_whole_companies_and_the_next_one_completes(at_sec, tmp_path):
    command = [sys.executable, "-m", "tests.screener.sources.edgar.killed", str(tmp_path), "7", "12"]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False, timeout=300)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    assert told["faults"] == []
    assert told["killed_at_work"] >= 6


def test_the_command_lists_filings_and_the_next_report(at_sec, miners, ledger, monkeypatch):
    update.update(of(miners, "RIOT", "BTDR"), ledger, NOW)
    monkeypatch.setenv("SCREENER_LEDGER", str(ledger.path))
    done = CliRunner().invoke(cli, ["filings", "--since", "2026-08-01"])
    assert done.exit_code == 0, done.output
    text = " ".join(done.output.split())
    assert "EDGAR was last asked on 2026-08-20 12:00 UTC." in text
    assert "RIOT 2026-08-06 8-K 2.02,9.01 results after close" in text
    assert "BTDR 2026-08-20 6-K to be read by a person" in text
    assert "https://www.sec.gov/Archives/edgar/data/1167419/000116741926000003" in text
    assert "2026-02-27" not in text
    assert max(map(len, done.output.splitlines())) <= 80
    one = CliRunner().invoke(cli, ["filings", "riot", "--since", "2026-08-01"])
    assert "BTDR" not in one.output
    assert isinstance(CliRunner().invoke(cli, ["filings", "RIOTT"]).exception, LookupError)
