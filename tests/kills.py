"""`screener update` killed with SIGKILL at points spread over its time; what is left, and what the next start makes of it.

Each command is a process of its own, led to local sources. The points lie evenly over the time that an undisturbed update
takes, each moved at random within its part.
"""

from __future__ import annotations

import csv
import random
import sqlite3
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from screener import universes
from tests.cut_universe import cut
from tests.loopback.world import World
from tests.soak import BEGIN, CUT, FIGURES, STEP, TICKERS, apart

NOW = BEGIN + 150 * STEP
MOST_TRIES = 3
TABLES = (*FIGURES, "network", "asked", "answers")


@dataclass
class Killed:
    """What came of the kills: at how many points an update was killed at work, and every fault found."""

    at_work: int = 0
    faults: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The counts in words."""
        return [f"{self.at_work} updates killed at work, {len(self.faults)} faults", *self.faults[:10]]


def kill_updates(folder: Path, kills: int, seed: int, tickers: tuple[str, ...] = TICKERS) -> Killed:
    """Kill so many updates of an empty ledger, and complete each."""
    miners = universes.load("miners")
    home = _few(cut("miners", CUT, folder / "whole"), folder / "universes" / "miners", tickers)
    assert universes.check(home) == []
    world = World(miners, folder, now=NOW, bundled=folder / "universes", invented=False, paced=False)
    world.sec.file_balance_sheets(miners, CUT)
    world.sec.now = NOW
    rng, found = random.Random(seed), Killed()
    with world:
        _update(world, "warm.sqlite")
        begun = time.perf_counter()
        _update(world, "undisturbed.sqlite")
        takes = time.perf_counter() - begun
        point = 0
        for number in range(MOST_TRIES * kills):
            if point == kills:
                break
            name = f"{number}.sqlite"
            ended = _update(world, name, kill_after=takes * (point + rng.random()) / kills)
            if ended == 0:  # the machine was faster than before
                takes *= 0.9
                continue
            point += 1
            found.at_work += 1
            path = folder / name
            before = _counts(path) if path.exists() else {}
            if before.pop("integrity", "ok") != "ok":
                found.faults.append(f"{number}: the ledger is damaged")
            if _update(world, name, later=5) != 0:
                found.faults.append(f"{number}: the next start did not succeed")
                continue
            after = _counts(path)
            found.faults += [f"{number}: {table} had {rows} rows, then {after[table]}"
                             for table, rows in before.items() if after[table] < rows]  # fmt: skip
            found.faults += [f"{number}: {difference}" for difference in apart(path, folder / "undisturbed.sqlite")]
    return found


def _few(whole: Path, target: Path, tickers: tuple[str, ...]) -> Path:
    """A universe with some companies, and of them what an update looks at."""
    target.mkdir(parents=True)
    for name in ("universe.toml", "network.csv"):
        (target / name).write_bytes((whole / name).read_bytes())
    for name in ("companies.csv", "financials.csv", "capacity.csv", "prices.csv", "splits.csv"):
        rows = list(csv.DictReader((whole / name).read_text(encoding="utf-8").splitlines()))
        with (target / name).open("w", encoding="utf-8", newline="") as out:
            writer = csv.DictWriter(out, fieldnames=list(rows[0]), lineterminator="\n")
            writer.writeheader()
            writer.writerows(row for row in rows if row["ticker"] in tickers)
    return target


def _update(world: World, ledger: str, *, kill_after: float | None = None, later: int = 0) -> int:
    """The exit code of an update."""
    world.ledger = world.home / ledger
    world.settings["now"] = (NOW + timedelta(minutes=later)).isoformat()
    done = world.screener("update", "--quiet", kill_after=kill_after)
    assert "Traceback" not in done.stderr, done.stderr
    if kill_after is None:
        assert done.returncode == 0, done.stdout + done.stderr
    return done.returncode


def _counts(path: Path) -> dict:
    """Rows by table, and what SQLite says of the file."""
    connection = sqlite3.connect(path)
    names = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    said = {"integrity": connection.execute("PRAGMA integrity_check").fetchone()[0]}
    for table in TABLES:
        if table in names:
            said[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()
    return said
