"""The ledger: what was told is added once, a later word stands beside the earlier one, a fault costs nothing."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.errors import NotKnown, StoreError
from screener.ledger import Ledger, Outcome, Told
from screener.sources.fetched import stack
from screener.sources.told import ITEM_COLUMNS

NOW = datetime(2026, 11, 27, 22, 0, tzinfo=UTC)
LATER = NOW + timedelta(days=7)


def closes(*rows: tuple[str, str, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["ticker", "date", "close_usd"])
    return frame.assign(date=pd.to_datetime(frame["date"]))[["date", "ticker", "close_usd"]]


def item(value: float, published: str, period: str = "2026-09-30", accession: str = "a-1") -> pd.DataFrame:
    row = {
        "ticker": "RIOT", "item": "cash", "period_end": pd.Timestamp(period), "published_on": pd.Timestamp(published),
        "value": value, "unit": "usd", "source_url": "https://www.sec.gov/x", "evidence": "Cash", "confidence": "high",
        "kind": "filing", "form": "10-Q", "accession": accession, "filed": pd.Timestamp(published),
        "accepted_at": pd.Timestamp(f"{published}T20:30:00Z"), "checks": "", "needs": "",
    }  # fmt: skip
    return stack([pd.DataFrame([row])], ITEM_COLUMNS)


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite"


def test_the_same_answer_is_kept_once_and_a_new_day_is_added(place):
    with Ledger.open(place) as ledger:
        assert ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-25", 20.0))), NOW).rows == {"closes": 1}
        again = closes(("RIOT", "2026-11-25", 20.0), ("RIOT", "2026-11-26", 21.0))
        added = ledger.add(Told("yahoo", closes=again), LATER)
        assert (added.new, len(added.changed)) == (1, 0)
        held = ledger.closes()
    assert held["close_usd"].tolist() == [20.0, 21.0]
    assert held["seen_at"].dt.date.tolist() == [NOW.date(), LATER.date()]
    assert held["date"].dtype == "datetime64[ns]"


def test_a_corrected_close_is_used_and_told_and_another_basis_is_held_back(place):
    with Ledger.open(place) as ledger:
        ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-25", 20.0), ("MARA", "2026-11-25", 10.0))), NOW)
        told = closes(("RIOT", "2026-11-25", 20.4), ("MARA", "2026-11-25", 100.0))
        changed = ledger.add(Told("yahoo", closes=told), LATER).changed.set_index("ticker")
        held = ledger.closes().set_index("ticker")["close_usd"]
        history = ledger.changed_closes(["MARA", "RIOT"]).set_index("ticker")
    assert held.to_dict() == {"RIOT": 20.4, "MARA": 10.0}
    assert changed.loc["RIOT", ["before", "now", "held"]].tolist() == [20.0, 20.4, ""]
    assert changed.at["MARA", "held"] == "100 against 10 told before: another split basis or another security"
    assert history["held"].eq("").to_dict() == {"RIOT": True, "MARA": False}


@pytest.mark.parametrize("wrong", [0.1, 10.0, 100.0, -1.0, 0.0, float("inf")])
def test_an_absurd_later_close_never_displaces_the_earlier_one(place, wrong):
    with Ledger.open(place) as ledger:
        ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-25", 20.0))), NOW)
        ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-25", 20.0 * wrong))), LATER)
        assert ledger.closes()["close_usd"].tolist() == [20.0]


def test_every_word_on_a_fact_stays_since_each_was_known_on_its_day(place):
    with Ledger.open(place) as ledger:
        ledger.add(Told("edgar", items=item(100.0, "2026-11-05")), NOW)
        ledger.add(Told("edgar", items=item(100.0, "2026-11-20")), NOW)  # told again in a later answer: nothing new
        ledger.add(Told("edgar", items=item(90.0, "2026-11-25")), LATER)
        ledger.add(Told("edgar", items=item(100.0, "2026-12-01")), LATER)  # back again: a third word
        held = ledger.items(["RIOT"], "edgar")
    assert held["value"].tolist() == [100.0, 90.0, 100.0]
    assert [f"{day:%m-%d}" for day in held["published_on"]] == ["11-05", "11-25", "12-01"]
    assert str(held["accepted_at"].iloc[0]) == "2026-11-05 20:30:00+00:00"


def test_outcomes_requests_answers_and_the_last_good_one_are_kept(place):
    with Ledger.open(place) as ledger:
        good = Outcome("submissions", "RIOT", url="https://x/1", body=b"first", requests=2)
        ledger.add(Told("edgar", outcomes=[good]), NOW)
        bad = Outcome("submissions", "RIOT", "failed", "unreachable", "HTTP 503", url="https://x/1")
        ledger.add(Told("edgar", outcomes=[bad]), LATER)
        (row,) = ledger.asked("edgar").itertuples(index=False)
        answer = ledger.answer("https://x/1")
        assert ledger.answer("https://x/2") is None
        assert ledger.requests(NOW) == {"edgar": 3}
        assert ledger.requests(LATER) == {"edgar": 1}
    assert (row.ended, row.kind, row.message) == ("failed", "unreachable", "HTTP 503")
    assert (row.at, row.good) == (pd.Timestamp(LATER), pd.Timestamp(NOW))
    assert (answer.body, answer.seen_at) == (b"first", pd.Timestamp(NOW))


def test_a_pause_is_remembered_by_another_process(place):
    with Ledger.open(place) as ledger:
        ledger.pause("edgar", NOW + timedelta(minutes=10), "HTTP 403", NOW)
    with Ledger.open(place, create=False) as ledger:
        until, reason = ledger.paused("edgar", NOW + timedelta(minutes=9))
        assert (until, reason) == (pd.Timestamp(NOW + timedelta(minutes=10)), "HTTP 403")
        assert ledger.paused("edgar", NOW + timedelta(minutes=11)) is None
        assert ledger.paused("yahoo", NOW) is None


@pytest.mark.parametrize("table", ["closes", "items", "asked", "pauses"])
@pytest.mark.parametrize("act", ["UPDATE {} SET no = no", "DELETE FROM {}"])
def test_what_was_told_cannot_be_changed_or_removed_even_by_hand(place, table, act):
    with Ledger.open(place) as ledger:
        told = Told("yahoo", closes=closes(("RIOT", "2026-11-25", 20.0)), items=item(1.0, "2026-11-05"),
                    outcomes=[Outcome("closes", "RIOT")])  # fmt: skip
        ledger.add(told, NOW)
        ledger.pause("yahoo", LATER, "", NOW)
    with sqlite3.connect(place) as raw, pytest.raises(sqlite3.IntegrityError, match="only ever added to"):
        raw.execute(act.format(table))
    raw.close()


def test_a_time_without_a_zone_is_refused(place):
    with Ledger.open(place) as ledger, pytest.raises(ValueError, match="needs a zone"):
        ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-25", 20.0))), datetime(2026, 11, 27))


FAULTS = {
    "not a database": (lambda place: place.write_bytes(b"x" * 5000), "another kind of file"),
    "half a ledger": (lambda place: place.write_bytes(_whole(place)[:6000]), "restore it from a backup"),
    "a newer toolkit's": (lambda place: _version(place, 99), "install the newer toolkit"),
    "another program's": (lambda place: _foreign(place, "songs"), "database of another program"),
    "a folder": (lambda place: place.mkdir(), "make its folder exist"),
}


def _whole(place: Path) -> bytes:
    with Ledger.open(place) as ledger:
        days = pd.bdate_range("2024-01-01", "2026-11-20")
        ledger.add(Told("yahoo", closes=pd.DataFrame({"date": days, "ticker": "RIOT", "close_usd": 1.0})), NOW)
    return place.read_bytes()


def _foreign(place: Path, table: str) -> None:
    with sqlite3.connect(place) as raw:
        raw.execute(f"CREATE TABLE {table} (title TEXT)")
    raw.close()


def _version(place: Path, version: int) -> None:
    with sqlite3.connect(place) as raw:
        raw.execute(f"PRAGMA user_version = {version}")
    raw.close()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_file_that_is_no_ledger_is_told_with_a_remedy(place, fault):
    spoil, remedy = FAULTS[fault]
    spoil(place)
    with pytest.raises(StoreError, match=remedy) as caught, Ledger.open(place) as ledger:
        ledger.closes()
    assert "intact" not in str(caught.value)


def test_without_a_ledger_reading_says_so_and_makes_none(place):
    with pytest.raises(NotKnown, match="screener update"):
        Ledger.open(place, create=False)
    assert not place.exists()


def test_an_empty_file_is_a_ledger_that_holds_nothing_yet(place):
    place.write_bytes(b"")
    with pytest.raises(NotKnown, match="holds nothing yet: `screener update`"):
        Ledger.open(place, create=False)
    assert place.read_bytes() == b""
    with Ledger.open(place) as ledger:
        assert ledger.closes().empty


def test_a_write_that_fails_says_that_what_was_held_is_intact(place):
    with Ledger.open(place) as ledger:
        ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-25", 20.0))), NOW)
    with Ledger.open(place, create=False) as ledger:
        with pytest.raises(StoreError, match="what it held is intact"):
            ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-26", 20.0))), NOW)
        assert len(ledger.closes()) == 1


def test_a_ledger_that_cannot_be_written_can_still_be_read(place):
    with Ledger.open(place) as ledger:
        ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-25", 20.0))), NOW)
    os.chmod(place, 0o400)
    if os.access(place, os.W_OK):  # the superuser may write everything: open it as a reader would
        with Ledger.open(place, create=False) as ledger:
            assert len(ledger.closes()) == 1
            with pytest.raises(StoreError, match="writable"):
                ledger.add(Told("yahoo", closes=closes(("RIOT", "2026-11-26", 20.0))), NOW)
        return
    with Ledger.open(place) as ledger:
        assert len(ledger.closes()) == 1


def test_the_file_is_the_owners_alone(place):
    with Ledger.open(place):
        pass
    assert place.stat().st_mode & 0o077 == 0


KILLED = """
import os, sys
from datetime import UTC, datetime
import pandas as pd
import sqlite3
from pathlib import Path
from screener.ledger import Ledger, Told, Outcome
at = int(sys.argv[2])
count = 0
def step():
    global count
    count += 1
    if count == at:
        os._exit(9)
real = sqlite3.connect
class Connection(sqlite3.Connection):
    def execute(self, *a):
        step(); found = super().execute(*a); step(); return found
    def executemany(self, *a):
        step(); found = super().executemany(*a); step(); return found
sqlite3.connect = lambda *a, **k: real(*a, factory=Connection, **k)
with Ledger.open(Path(sys.argv[1])) as ledger:
    for week in pd.date_range("2026-10-09", periods=3, freq="7D"):
        rows = pd.DataFrame({"date": week, "ticker": ["A", "B", "C"], "close_usd": [1.0, 2.0, 3.0]})
        told = Told("yahoo", closes=rows, outcomes=[Outcome("closes", t, body=b"x") for t in "ABC"])
        ledger.add(told, datetime(2026, 11, 1, tzinfo=UTC))
print(count)
"""


@pytest.mark.long
@pytest.mark.takes(20)
def test_a_kill_at_any_step_leaves_whole_answers_and_the_next_start_completes_them(tmp_path):
    def run(place: Path, at: int) -> subprocess.CompletedProcess[str]:
        order = [sys.executable, "-c", KILLED, str(place), str(at)]
        return subprocess.run(order, capture_output=True, text=True, timeout=120, check=False)

    whole = run(tmp_path / "whole.sqlite", 0)
    steps = int(whole.stdout)
    with Ledger.open(tmp_path / "whole.sqlite") as ledger:
        expected = ledger.closes()
    for at in np.unique(np.linspace(1, steps, 12).astype(int)):
        place = tmp_path / f"killed-{at}.sqlite"
        assert run(place, at).returncode == 9
        with Ledger.open(place) as ledger:
            per_day = ledger.closes().groupby("date").size()
            assert (per_day == 3).all()
            assert len(ledger.asked()) == (3 if len(per_day) else 0)
        assert run(place, 0).returncode == 0
        with Ledger.open(place) as ledger:
            pd.testing.assert_frame_equal(ledger.closes(), expected)


words = st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 3), st.sampled_from([1.0, 1.1, 50.0])), max_size=12)


@settings(max_examples=40, deadline=None)
@given(words)
def test_the_close_in_force_is_the_last_word_that_was_not_held_back(tmp_path_factory, told):
    """Against a plain dictionary."""
    plain: dict[tuple[str, int], float] = {}
    first = pd.Timestamp("2026-11-02")
    with Ledger.open(tmp_path_factory.mktemp("words") / "ledger.sqlite") as ledger:
        for ticker, day, value in told:
            rows = pd.DataFrame({"date": [first + pd.Timedelta(days=day)], "ticker": ticker, "close_usd": value})
            ledger.add(Told("yahoo", closes=rows), NOW)
            before = plain.get((ticker, day))
            if before is None or 1 / 1.25 <= value / before <= 1.25:
                plain[ticker, day] = value
        held = ledger.closes()
    found = {(t, (d - first).days): v for t, d, v in zip(held["ticker"], held["date"], held["close_usd"], strict=True)}
    assert found == plain
