"""Kills the weekly run and the backfill with SIGKILL at random moments, and looks at what is left. Run by a test.

    python -m tests.screener.store.killed run|fill FOLDER SEED KILLS [postgresql]

Everything is imported once, and the screens are computed once: each victim is a fork of this process, so that its life is
the writing, where something can be left half-done, and neither the imports nor the arithmetic, which leave nothing.
On PostgreSQL the history is a database of its own for each victim, on a server started here; the workbooks are files.
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
from contextlib import closing, nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path

import pandas as pd
from sqlalchemy import make_url
from sqlalchemy.exc import DBAPIError

from screener import run_config, screen, universes
from screener.config.alerts import AlertSettings
from screener.errors import Busy, NotKnown
from screener.gathering import InputData
from screener.jobs import backfill, weekly
from screener.run_config import RunConfig
from screener.store import Store
from screener.universes import Universe
from tests.screener.store.conftest import dump
from tests.screener.store.server import Server, started
from valuation.screen import Screen

NOW = datetime(2026, 1, 16, 23, 40, tzinfo=UTC)
FIRST, SECOND = date(2026, 1, 9), date(2026, 1, 16)
MOST_TRIES = 3
PATIENCE = 60  # seconds for a server to end a session
FILLED = pd.DatetimeIndex(pd.to_datetime(["2025-12-19", "2025-12-26", "2026-01-02"]))


@dataclass(frozen=True)
class Place:
    """Where a job works: a folder for its files, and the address of its history."""

    folder: Path
    history: str

    @property
    def out(self) -> Path:
        return self.folder / "out"


class Places:
    """Makes places, with nothing in them or as another one is; with a server, the histories are databases of it."""

    def __init__(self, folder: Path, server: Server | None) -> None:
        self.folder, self.server = folder, server

    def new(self, name: str, like: Place | None = None) -> Place:
        folder = self.folder / name
        if like is None:
            folder.mkdir()
        else:
            shutil.copytree(like.folder, folder)
        if self.server is None:
            return Place(folder, str(folder / "history.sqlite"))
        template = "template0" if like is None else str(make_url(like.history).database)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                return Place(folder, self.server.new(template))
            except DBAPIError:  # the session of a job that has just ended is still connected to the template
                if time.monotonic() > until:
                    raise
                time.sleep(0.05)

    def remove(self, place: Place) -> None:
        shutil.rmtree(place.folder)
        if self.server is not None:
            self.server.do(f"DROP DATABASE {make_url(place.history).database} WITH (FORCE)")


def main(name: str, folder: Path, seed: int, kills: int, server: Server | None = None) -> dict[str, object]:
    """Kill the weekly run or the backfill so many times."""
    agreed = run_config.resolve_config(_few(universes.load("miners")))
    terms = replace(agreed, assumptions=replace(agreed.assumptions, bootstrap_draws=99))
    gathered = InputData.of(terms.universe)
    screen.screens = weekly.screens = _computed_once(screen.screens)

    def run(place: Place, day: date = SECOND) -> None:
        plan = weekly.Plan("bundled", place.out)
        with Store.open(place.history, NOW) as store:
            weekly.run(store, terms, plan, AlertSettings(), lambda: NOW, as_of=day)

    def fill(place: Place) -> None:
        with Store.open(place.history, NOW) as store:
            backfill.fill(store, terms, gathered, FILLED, NOW)

    job = {"run": run, "fill": fill}[name]
    places = Places(folder, server)
    warm, seeded = places.new("warm"), places.new("seeded")
    if job is run:  # the week before, so that the killed week has something to compare with
        run(warm, FIRST)
        _fork(lambda: run(seeded, FIRST), 0)
    job(warm)  # in this process: what is imported and computed on the way is then there for every fork
    undisturbed = places.new("undisturbed", seeded)
    begun = time.perf_counter()
    _fork(lambda: job(undisturbed), 0)
    takes = time.perf_counter() - begun
    expected = _what_is_there(undisturbed)
    gc.freeze()  # or every fork looks through, and so copies, all that was loaded
    rng, faults, at_work = random.Random(seed), [], 0
    for number in range(MOST_TRIES * kills):
        if at_work == kills:
            break
        place = places.new(str(number), seeded)
        killed = _fork(lambda place=place: job(place), rng.uniform(0, takes))
        at_work += killed
        # The one undisturbed run may have been slow for want of a processor: what ends sooner is waited for less.
        takes *= 1.0 if killed else 0.9
        faults += [f"{number}: {fault}" for fault in _faults(place, expected)]
        _fork(lambda place=place: _when_free(lambda: job(place)), 0)
        if _what_is_there(place) != expected:
            faults.append(f"{number}: completed, and differs from an undisturbed run")
        places.remove(place)
    return {"killed_at_work": at_work, "faults": faults, "undisturbed_seconds": round(takes, 2)}


def _when_free(work: Callable[[], None]) -> None:
    """Do the work once a server has seen that the session of a killed process has ended."""
    until = time.monotonic() + PATIENCE
    while True:
        try:
            return work()
        except Busy:
            if time.monotonic() > until:
                raise
            time.sleep(0.05)


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


def _rows(place: Place) -> dict[str, list[tuple]]:
    """All rows of a history; none where it was not begun."""
    with suppress(NotKnown):
        Store.open(place.history, NOW, create=False).close()
        return dump(place.history)
    return {}


def _what_is_there(place: Place) -> dict[str, object]:
    """All rows of the history, and the bytes of every file that has a final name."""
    files = {p.name: p.read_bytes() for p in place.out.iterdir() if p.name[0] != "."} if place.out.exists() else {}
    return {"rows": _rows(place), "files": files}


def _faults(place: Place, expected: dict[str, object]) -> list[str]:
    found, there = [], _rows(place)
    if Path(place.history).exists():
        with closing(sqlite3.connect(place.history)) as connection:
            said = connection.execute("PRAGMA integrity_check").fetchone()[0]
        if said != "ok":
            found.append(said)
    for run in there.get("runs", []):
        for table in ("figures", "bridge_lines", "run_facts", "issues", "companies"):
            have, whole = (sum(row[0] == run[0] for row in rows[table]) for rows in (there, expected["rows"]))
            if have != whole:
                found.append(f"run {run[0]}: {have} of {whole} rows of {table}")
    for path in place.out.glob("[!.]*"):
        if not zipfile.is_zipfile(path) or zipfile.ZipFile(path).testzip() is not None:
            found.append(f"half of {path.name} bears its final name")
    return found


if __name__ == "__main__":
    with started() if sys.argv[5:] == ["postgresql"] else nullcontext() as on_server:
        print(json.dumps(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4]), on_server)))
