"""A history of 300 runs: seconds of the commands that list, show and compare them, with the start of Python.

    python benchmarks/history.py [RUNS]

The limit is 1 s each, by the clock of a machine that does nothing else and by its processor. Beside them stands what
the libraries take that are loaded in any case: pandas and SQLAlchemy. Modules are compiled before, as in an installation.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pandas as pd
from cold_start import ENVIRONMENT

from screener import run_config, screen, universes
from screener.gathering import InputData
from screener.store import Store, record

ROOT = Path(__file__).resolve().parent.parent
RUNS, REPEATS, LIMIT = 300, 5, 1.0
LAST = date(2026, 10, 2)
COMMANDS = {
    "list": ("history", "list"),
    "list all": ("history", "list", "--last", "1000"),
    "show": ("history", "show"),
    "show by date": ("history", "show", f"{LAST - timedelta(weeks=100)}"),
    "diff": ("diff",),
}


def main() -> int:
    """Fill a history and time the commands; 1 where one takes longer than the limit."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else RUNS
    with tempfile.TemporaryDirectory() as name:
        history = Path(name) / "history.sqlite"
        begun = time.perf_counter()
        fill(history, count)
        size = history.stat().st_size / 1e6
        print(f"{count} runs in {size:.0f} MB, written in {time.perf_counter() - begun:.1f} s")
        libraries = measured([sys.executable, "-c", "import pandas, sqlalchemy"])
        print(f"pandas and SQLAlchemy alone: {libraries[0]:.2f} s (processor {libraries[1]:.2f} s)")
        slow = 0
        for title, command in COMMANDS.items():
            clock, processor = measured([sys.executable, "-m", "screener", *command, "--database", str(history)])
            slow += max(clock, processor) > LIMIT
            print(f"{title}: {clock:.2f} s (processor {processor:.2f} s; limit {LIMIT:.0f} s)")
    return 1 if slow else 0


def fill(history: Path, count: int) -> None:
    """Runs of two real weeks in turn, under a date of their own each."""
    terms = run_config.resolve_config(universes.load("miners"))
    terms = replace(terms, assumptions=replace(terms.assumptions, bootstrap_draws=99))
    dates = [pd.Timestamp("2026-09-25"), pd.Timestamp(LAST)]
    records = [record(one) for one in screen.screens(terms, InputData.of(terms.universe), dates)]
    now = datetime.now(UTC)
    with Store.open(history, now) as store, store.exclusive() as writer:
        for number in range(count):
            one = records[(number - count + 1) % 2 - 1]
            day = LAST - timedelta(weeks=count - 1 - number)
            run = {**one.run, "run_id": f"{number:012x}", "as_of": day}
            writer.save(replace(one, run=run), "weekly", now)


def measured(command: list[str]) -> tuple[float, float]:
    """Least seconds of some repeats, by the clock and of the processor, after one that compiles what is not compiled."""
    found = []
    for number in range(1 + REPEATS):
        begun, before = time.perf_counter(), os.times()
        subprocess.run(command, cwd=ROOT, env=ENVIRONMENT, check=True, stdout=subprocess.DEVNULL)
        after = os.times()
        if not number:
            continue
        used = after.children_user + after.children_system - before.children_user - before.children_system
        found.append((time.perf_counter() - begun, used))
    return min(one for one, _ in found), min(one for _, one in found)


if __name__ == "__main__":
    sys.exit(main())
