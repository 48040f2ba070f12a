"""What a screen of a day knows of filings: from the SEC's answer over the ledger and a person's acceptance to the value."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pandas as pd
import pytest

from screener import universes
from screener.ledger import Ledger
from screener.loading import load_inputs
from screener.proposals import decide, file
from screener.proposals.propose import propose
from screener.run_config import resolve_config
from screener.screen import value
from screener.sources.edgar import update
from tests.cut_universe import cut
from tests.edgar_documents import Fact
from tests.loopback.sec import TAGS, Sec

pytestmark = pytest.mark.takes(30)
NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ANNUAL, QUARTER = "2025-12-31", "2026-03-31"
MARCH, FRIDAY, MONDAY, JUNE = pd.to_datetime(["2026-03-31", "2026-05-08", "2026-05-11", "2026-05-29"])
AS_FIRST_FILED, RESTATED, BEFORE_CLOSE, AFTER_CLOSE = 111e6, 99e6, 488e6, 2_777e6


def filed(sec: Sec) -> None:
    """RIOT's annual report and its restatement; a report a minute before a Friday's close, and one half an hour after."""

    def cash(ticker: str, form: str, day: str, end: str, accepted: str, figure: float) -> None:
        sec.file(ticker, form, day, end, accepted, stated=[Fact(TAGS["cash"], int(figure), end)])

    cash("RIOT", "10-K", "2026-02-26", ANNUAL, "2026-02-26T15:00:00.000Z", AS_FIRST_FILED)
    cash("RIOT", "10-K/A", "2026-05-15", ANNUAL, "2026-05-15T15:00:00.000Z", RESTATED)
    cash("CIFR", "10-Q", "2026-05-08", QUARTER, "2026-05-08T19:59:00.000Z", BEFORE_CLOSE)  # 15:59 in New York
    cash("WULF", "10-Q", "2026-05-08", QUARTER, "2026-05-08T20:30:00.000Z", AFTER_CLOSE)  # 16:30 in New York


@pytest.fixture
def ledger(at_sec, miners, tmp_path, monkeypatch):
    """The ledger after an update in June, of a universe that ends in January."""
    monkeypatch.setattr(universes, "HOME", tmp_path / "home")
    monkeypatch.setenv("SCREENER_OVERLAYS", str(tmp_path / "overlays"))
    monkeypatch.setenv("SCREENER_LEDGER", str(tmp_path / "ledger.sqlite"))
    cut(miners.path, "2026-01-31", tmp_path / "home" / "miners")
    known = universes.load("miners")
    few = known.companies[known.companies["ticker"].isin(["RIOT", "CIFR", "WULF"])].reset_index(drop=True)
    for filer in at_sec.sec.filers.values():
        filer.filings, filer.facts = [], []
    filed(at_sec.sec)
    with Ledger.open() as opened:
        update.update(replace(known, companies=few), opened, NOW)
    return tmp_path / "ledger.sqlite"


def cash_on(day: pd.Timestamp, facts: str = "accepted") -> pd.Series:
    """Cash in the screen of a day, by company."""
    loaded = universes.load("miners")
    data = load_inputs(loaded, day, "ledger", facts=facts, now=pd.Timestamp(NOW))
    return value(resolve_config(loaded), data, [day]).valuation.table["cash_usd"].droplevel("as_of")


def accept_all(tmp_path) -> list[str]:
    """Propose as of June and accept every proposal by its id; the verdicts."""
    loaded = universes.load("miners")
    with Ledger.open() as opened:
        items = opened.items(source="edgar")
    data = load_inputs(loaded, JUNE, "ledger", now=pd.Timestamp(NOW))
    table = propose(resolve_config(loaded), data, items, JUNE).table
    file.write(table, tmp_path / "june.csv")
    decide.accept(tmp_path / "june.csv", "Ann Lee", NOW, only=list(table["proposal_id"]))
    return sorted(table["verdict"])


def test_what_was_accepted_counts_from_the_first_close_that_could_know_it(ledger, tmp_path):
    before = {day: cash_on(day) for day in (MARCH, FRIDAY, MONDAY)}
    assert accept_all(tmp_path) == ["newer period"] * 3 + ["restates"]
    on = {day: cash_on(day) for day in (MARCH, FRIDAY, MONDAY, JUNE)}
    # A restatement filed in May is invisible in March, and before its day.
    assert [on[day]["RIOT"] for day in on] == [AS_FIRST_FILED, AS_FIRST_FILED, AS_FIRST_FILED, RESTATED]
    assert [on[day]["CIFR"] for day in on] == [before[MARCH]["CIFR"], BEFORE_CLOSE, BEFORE_CLOSE, BEFORE_CLOSE]
    assert [on[day]["WULF"] for day in on] == [before[MARCH]["WULF"], before[FRIDAY]["WULF"], AFTER_CLOSE, AFTER_CLOSE]
    others = on[MARCH].index.difference(["RIOT", "CIFR", "WULF"])
    for day, known in before.items():
        pd.testing.assert_series_equal(on[day][others], known[others])


def test_what_is_only_proposed_counts_from_the_same_close_and_only_where_it_is_asked_for(ledger):
    accepted, proposed = ({day: cash_on(day, facts) for day in (FRIDAY, MONDAY)} for facts in ("accepted", "proposed"))
    assert proposed[FRIDAY]["CIFR"] == BEFORE_CLOSE != accepted[FRIDAY]["CIFR"]
    assert proposed[FRIDAY]["WULF"] == accepted[FRIDAY]["WULF"]
    assert proposed[MONDAY]["WULF"] == AFTER_CLOSE != accepted[MONDAY]["WULF"]
