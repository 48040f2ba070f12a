"""Every fault of EDGAR's answers: its outcome in words, no wrong figure, the ledger whole, and the next update completes."""

from __future__ import annotations

import shutil
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pandas as pd
import pytest

from screener.ledger import Ledger
from screener.sources.edgar import update
from screener.sources.edgar.client import SOURCE
from tests.screener.sources.edgar.faults import CASES

pytestmark = pytest.mark.takes(60)
BEFORE = datetime(2026, 8, 20, 12, tzinfo=UTC)
NOW = datetime(2026, 8, 28, 12, tzinfo=UTC)
LATER = NOW + timedelta(minutes=61)
TICKERS = ["RIOT", "WULF"]
KEY = ["ticker", "item", "period_end", "accession", "kind", "value"]


@pytest.fixture
def two(miners):
    """Two companies; the first is the one whose answers fail."""
    return replace(miners, companies=miners.companies[miners.companies["ticker"].isin(TICKERS)].reset_index(drop=True))


def report(sec) -> str:
    """RIOT files a report, so that all two questions are due."""
    return sec.file("RIOT", "10-Q", "2026-08-27", "2026-07-31", "2026-08-27T20:31:12.000Z", cash=77_000_000)


def rows(ledger) -> set[tuple]:
    return set(ledger.items()[KEY].itertuples(index=False, name=None))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory):
    """A folder for the ledger after the first update, and for what an undisturbed second one keeps."""
    return tmp_path_factory.mktemp("shelf")


@pytest.fixture
def ledger(at_sec, two, shelf, tmp_path):
    """A ledger after a first update, before the report."""
    if not (shelf / "before.sqlite").exists():
        with Ledger.open(shelf / "before.sqlite") as first:
            update.update(two, first, BEFORE)
    shutil.copy(shelf / "before.sqlite", tmp_path / "ledger.sqlite")
    with Ledger.open(tmp_path / "ledger.sqlite") as made:
        yield made


def undisturbed(two, shelf) -> set[tuple]:
    """Rows that a second update keeps where nothing goes wrong."""
    path = shelf / "after.sqlite"
    if not path.exists():
        shutil.copy(shelf / "before.sqlite", path)
        with Ledger.open(path) as other:
            update.update(two, other, NOW)
    with Ledger.open(path) as other:
        return rows(other)


@pytest.mark.parametrize("case", CASES, ids=[case.id for case in CASES])
def test_a_fault_has_its_outcome_and_leaves_no_wrong_figure(at_sec, two, ledger, shelf, case):
    before = rows(ledger)
    accession = report(at_sec.sec)
    right = undisturbed(two, shelf)
    assert {row[2] for row in right - before} == {pd.Timestamp("2026-07-31")}
    at_sec.sec.fail("RIOT", *case.answers, what=case.what)

    outcomes = update.update(two, ledger, NOW)

    subject = accession if case.what == "document" else "RIOT"
    told = [o for o in outcomes if (o.what, o.subject) == (case.what, subject)]
    assert [(o.ended, o.kind, o.requests) for o in told] == [(case.ended, case.kind, case.requests)]
    assert case.message in told[0].message
    assert told[0].body is None or case.ended == "ok"
    assert "\n" not in told[0].message
    if case.ended == "failed" and case.what != "document" and case.message != "refused: ":
        assert "the answer of 2026-08-20 stands (8 days old)" in told[0].message
    assert before <= rows(ledger) <= right
    pause = ledger.paused(SOURCE, NOW)
    assert (0.0 if pause is None else round((pause[0] - pd.Timestamp(NOW)).total_seconds() / 60, 1)) == pytest.approx(
        case.pause, abs=0.3
    )
    others = [o for o in outcomes if o.subject == "WULF"]
    assert [o.ended for o in others] == (["failed"] if case.pause else ["ok"])
    assert sqlite3.connect(ledger.path).execute("PRAGMA integrity_check").fetchone() == ("ok",)

    at_sec.sec.mend()
    update.update(two, ledger, LATER)
    if case.what == "document" and case.kind == "bad_answer":
        update.update(two, ledger, NOW + timedelta(hours=21))  # what could not be read is not asked for again at once
    if case.ended == "none":
        return  # the source has said that it has nothing
    assert rows(ledger) == right
