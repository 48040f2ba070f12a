"""Kills the weekly run and the backfill with SIGKILL at random moments, and looks at what is left. Run by a test.

    python -m tests.screener.store.killed run|fill FOLDER SEED KILLS

Everything is imported once, and the screens are computed once: each victim is a fork of this process, so that its life is
the writing, where something can be left half-done, and neither the imports nor the arithmetic, which leave nothing.
Prints a JSON object: how many were killed at work, and every fault found.
"""

from __future__ import annotations

import gc
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import time
import zipfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd

from screener import run_config, screen, universes
from screener.config.alerts import AlertSettings
from screener.gathering import InputData
from screener.jobs import backfill, weekly
from screener.run_config import RunConfig
from screener.store import Store
from screener.universes import Universe
from tests.screener.store.conftest import dump
from valuation.screen import Screen

NOW = datetime(2026, 1, 16, 23, 40, tzinfo=UTC)
FIRST, SECOND = date(2026, 1, 9), date(2026, 1, 16)
MOST_TRIES = 3
FILLED = pd.DatetimeIndex(pd.to_datetime(["2025-12-19", "2025-12-26", "2026-01-02"]))


def main(name: str, folder: Path, seed: int, kills: int) -> dict[str, object]:
    """Kill the weekly run or the backfill so many times."""
    agreed = run_config.resolve_config(_few(universes.load("miners")))
    terms = replace(agreed, assumptions=replace(agreed.assumptions, bootstrap_draws=99))
    gathered = InputData.of(terms.universe)
    screen.screens = weekly.screens = _computed_once(screen.screens)

    def run(place: Path, day: date = SECOND) -> None:
        plan = weekly.Plan("bundled", place / "out")
        with Store.open(place / "history.sqlite", NOW) as store:
            weekly.run(store, terms, plan, AlertSettings(), lambda: NOW, as_of=day)

    def fill(place: Path) -> None:
        with Store.open(place / "history.sqlite", NOW) as store:
            backfill.fill(store, terms, gathered, FILLED, NOW)

    job = {"run": run, "fill": fill}[name]
    warm = folder / "warm"
    warm.mkdir()
    seeded = folder / "seeded"
    seeded.mkdir()
    if job is run:  # the week before, so that the killed week has something to compare with
        run(warm, FIRST)
        _fork(lambda: run(seeded, FIRST), 0)
    job(warm)  # in this process: what is imported and computed on the way is then there for every fork
    undisturbed = folder / "undisturbed"
    shutil.copytree(seeded, undisturbed)
    begun = time.perf_counter()
    _fork(lambda: job(undisturbed), 0)
    takes = time.perf_counter() - begun
    expected = _what_is_there(undisturbed)
    gc.freeze()  # or every fork looks through, and so copies, all that was loaded
    rng, faults, at_work = random.Random(seed), [], 0
    for number in range(MOST_TRIES * kills):
        if at_work == kills:
            break
        place = folder / str(number)
        shutil.copytree(seeded, place)
        killed = _fork(lambda place=place: job(place), rng.uniform(0, takes))
        at_work += killed
        # The one undisturbed run may have been slow for want of a processor: what ends sooner is waited for less.
        takes *= 1.0 if killed else 0.9
        faults += [f"{place.name}: {fault}" for fault in _faults(place, expected)]
        _fork(lambda place=place: job(place), 0)
        if _what_is_there(place) != expected:
            faults.append(f"{place.name}: completed, and differs from an undisturbed run")
        shutil.rmtree(place)
    return {"killed_at_work": at_work, "faults": faults, "undisturbed_seconds": round(takes, 2)}


def _computed_once(compute: Callable[..., Iterator[Screen]]) -> Callable[..., Iterator[Screen]]:
    """The same function of the dates; what it gave for them is kept."""
    kept: dict[pd.Timestamp, Screen] = {}

    def screens(terms: RunConfig, gathered: InputData, dates: Sequence[pd.Timestamp]) -> Iterator[Screen]:
        new = [day for day in dates if day not in kept]
        if new:
            kept.update(zip(new, compute(terms, gathered, new), strict=True))
        return (kept[day] for day in dates)

    return screens


def _few(universe: Universe) -> Universe:
    """Eight companies are enough to be killed over."""
    tickers = ["RIOT", "CLSK", "MARA", "IREN", "CORZ", "WULF", "CIFR", "APLD"]
    names = ("companies", "facts", "contracts", "instruments", "transactions", "events", "prices", "splits")
    frames = {name: getattr(universe, name) for name in names}
    frames["prices"] = universe.prices[universe.prices["date"] >= "2025-11-01"]
    frames["facts"] = universe.facts[universe.facts["published_on"].between("2025-03-01", "2026-02-01")]
    return replace(universe, **{n: f[f["ticker"].isin(tickers)].reset_index(drop=True) for n, f in frames.items()})


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


def _what_is_there(place: Path) -> dict[str, object]:
    """All rows of the history, and the bytes of every file that has a final name."""
    out = place / "out"
    files = {p.name: p.read_bytes() for p in out.iterdir() if not p.name.startswith(".")} if out.exists() else {}
    return {"rows": dump(str(place / "history.sqlite")), "files": files}


def _faults(place: Path, expected: dict[str, object]) -> list[str]:
    found = []
    history = place / "history.sqlite"
    if history.exists():
        with sqlite3.connect(history) as connection:
            said = connection.execute("PRAGMA integrity_check").fetchone()[0]
            if said != "ok":
                found.append(said)
            names = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
            for (run_no,) in connection.execute("SELECT run_no FROM runs") if "runs" in names else ():
                for table in ("figures", "bridge_lines", "run_facts", "issues", "companies"):
                    whole = sum(row[0] == run_no for row in expected["rows"][table])
                    there = connection.execute(f"SELECT count(*) FROM {table} WHERE run_no = ?", (run_no,)).fetchone()[
                        0
                    ]
                    if there != whole:
                        found.append(f"run {run_no}: {there} of {whole} rows of {table}")
        connection.close()
    for path in (place / "out").glob("[!.]*"):
        if not zipfile.is_zipfile(path) or zipfile.ZipFile(path).testzip() is not None:
            found.append(f"half of {path.name} bears its final name")
    return found


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]))))
