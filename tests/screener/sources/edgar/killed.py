"""Kills EDGAR's update with SIGKILL at random moments, and looks at what is left. Run by a test, led to the local SEC.

    python -m tests.screener.sources.edgar.killed FOLDER SEED KILLS

Everything is imported once; each victim is a fork of this process. Prints a JSON object: how many were killed at work, and
every fault found.
"""

from __future__ import annotations

import gc
import json
import os
import random
import signal
import sqlite3
import sys
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from screener import universes
from screener.ledger import Ledger
from screener.sources.edgar import client, update

NOW = datetime(2026, 8, 20, 12, tzinfo=UTC)
TICKERS = ["CIFR", "CLSK", "RIOT", "WULF"]
TABLES = {"filings": "ticker, accession", "items": "ticker, item, period_end, accession, kind, evidence, value"}
MOST_TRIES = 3


def main(folder: Path, seed: int, kills: int) -> dict[str, object]:
    """Kill the update so many times."""
    client.PACE_SECONDS = 0.0
    every = universes.load("miners")
    few = replace(every, companies=every.companies[every.companies["ticker"].isin(TICKERS)].reset_index(drop=True))

    def work(path: Path, now: datetime = NOW) -> None:
        with Ledger.open(path) as ledger:
            update.update(few, ledger, now)

    work(folder / "warm.sqlite")
    begun = time.perf_counter()
    _fork(lambda: work(folder / "undisturbed.sqlite"), 0)
    takes = time.perf_counter() - begun
    expected = _kept(folder / "undisturbed.sqlite")
    gc.freeze()
    rng, faults, at_work = random.Random(seed), [], 0
    for number in range(MOST_TRIES * kills):
        if at_work == kills:
            break
        path = folder / f"{number}.sqlite"
        killed = _fork(lambda path=path: work(path), rng.uniform(0.05, 1) * takes)
        at_work += killed
        takes *= 1.0 if killed else 0.9
        if path.exists():
            faults += [f"{number}: {fault}" for fault in _faults(path, expected)]
        _fork(lambda path=path: work(path, NOW + timedelta(minutes=5)), 0)
        if _kept(path) != expected:
            faults.append(f"{number}: completed, and differs from an undisturbed update")
    return {"killed_at_work": at_work, "faults": faults}


def _fork(work: Callable[[], None], kill_after: float) -> bool:
    """Do the work in a child; killed after so many seconds, if any. Whether it was killed at work."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            os._exit(code)
    if kill_after:
        time.sleep(kill_after)
        os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        return True
    if os.waitstatus_to_exitcode(status) != 0:
        raise RuntimeError("the work failed undisturbed")
    return False


def _kept(path: Path) -> dict[str, set[tuple]]:
    """Filings and items, without when they were seen."""
    connection = sqlite3.connect(path)
    try:
        names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        return {
            table: set(connection.execute(f"SELECT {columns} FROM {table}")) if table in names else set()
            for table, columns in TABLES.items()
        }
    finally:
        connection.close()


def _faults(path: Path, expected: dict[str, set[tuple]]) -> list[str]:
    """A company is there whole or not at all."""
    found = []
    connection = sqlite3.connect(path)
    said = connection.execute("PRAGMA integrity_check").fetchone()[0]
    connection.close()
    if said != "ok":
        found.append(said)
    kept = _kept(path)
    for ticker in TICKERS:
        there = [{row for row in kept[table] if row[0] == ticker} for table in TABLES]
        whole = [{row for row in expected[table] if row[0] == ticker} for table in TABLES]
        if there not in ([set(), set()], whole):
            found.append(f"{ticker}: {[len(rows) for rows in there]} of {[len(rows) for rows in whole]} rows")
    return found


if __name__ == "__main__":
    print(json.dumps(main(Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3]))))
