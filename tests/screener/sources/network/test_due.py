"""Which source is asked when, and for which weeks."""

from __future__ import annotations

import threading
from types import SimpleNamespace

import pandas as pd
import pytest

from screener.sources.network import update
from tests.screener.sources.network.answers import FRIDAY, NAN, NOW, rows


def ledger(told: pd.DataFrame | None = None, *asked_: tuple) -> SimpleNamespace:
    columns = ["at", "ended", "url"]
    frame = pd.DataFrame(list(asked_), columns=columns)
    frame["at"] = pd.to_datetime(frame["at"], utc=True)
    return SimpleNamespace(network=lambda: rows() if told is None else told, asked=lambda source, by: frame)


@pytest.mark.parametrize(
    ("asked_", "is_fresh"),
    [
        ((), False),
        ((("2026-10-04 13:01", "ok", "u"),), True),
        ((("2026-10-04 13:00", "ok", "u"),), False),  # twenty hours ago
        ((("2026-10-05 08:01", "failed", "u"),), True),  # asked just now
        ((("2026-10-05 08:00", "failed", "u"),), False),
        ((("2026-10-05 07:00", "failed", "u"), ("2026-10-05 06:00", "ok", "u")), False),
        ((("2026-10-05 07:00", "none", "u"), ("2026-10-05 06:00", "ok", "u")), True),
        ((("2026-10-05 08:30", "ok", ""),), False),  # without a request
    ],
)
def test_a_source_is_asked_once_in_twenty_hours_and_an_hour_after_a_failure(asked_, is_fresh):
    assert update.fresh(ledger(None, *asked_), "mempool.space", NOW.tz_localize("UTC").to_pydatetime()) is is_fresh


def test_an_update_that_hangs_keeps_no_process_from_ending():
    threads: list[threading.Thread] = []

    def connect(_: str) -> None:
        threads.append(threading.current_thread())
        raise OSError("no connection")

    told = ledger()
    told.paused = lambda source, now: None
    asked = update.Update(told, NOW.tz_localize("UTC").to_pydatetime(), connect=connect)
    asked.begin()
    with pytest.raises(OSError, match="no connection"):
        asked.keep()
    assert [thread.daemon for thread in threads] == [True]


def test_a_source_is_asked_a_question_a_second_under_our_name():
    with update.Update(ledger(), NOW.tz_localize("UTC").to_pydatetime()).connect("mempool.space") as connection:
        assert (connection.pace.seconds, connection.title) == (1.0, "mempool.space")
        assert connection.agent.startswith("miner-screener")


def test_the_weeks_of_the_last_year_or_since_the_universe_s_first_are_wanted():
    known = rows(("mempool.space", "2026-09-25", 1.0, 1.0, NAN, 1.0), ("mempool.space", "2026-09-18", 1.0, 1.0, 1.0, NAN),
                 ("mempool.space", "2026-09-11", NAN, 1.0, 1.0, 1.0))  # fmt: skip
    found = update.missing(ledger(known), NOW, None)
    assert (found[0], found[-1], len(found)) == (pd.Timestamp("2025-10-10"), FRIDAY, 51)
    assert pd.Timestamp("2026-09-25") not in found
    own = rows(("", "2026-09-04", 1.0, 1.0, 1.0, 1.0), ("", "2026-08-28", 1.0, NAN, 1.0, 1.0)).drop(columns="source")
    assert [f"{day:%m-%d}" for day in update.missing(ledger(known), NOW, own)] == ["08-28", "09-11", "09-18", "10-02"]
    old = own.assign(date=pd.to_datetime(["2020-01-03", "2026-08-28"]))
    assert update.missing(ledger(known), NOW, old)[0] == pd.Timestamp("2023-10-06")
