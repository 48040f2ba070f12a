"""145 weeks of history: on two cores by joblib, on a local Dask cluster of two workers, and one run a week.

    python benchmarks/backfill.py

The limit is 60 s, as a user waits: the process, its imports, the cluster's joining and the writing included. The rival
is what a user would do without `backfill`: `screener run --store` for each week, timed on a sample and scaled up.
The three histories are compared row by row.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import sqlalchemy
from distributed import LocalCluster

from screener.store import database, schema

LIMIT_SECONDS = 60
SINCE, WEEKS, SAMPLE = "2024-01", 145, 5
TIMES = ("recorded_at", "seen_at", "applied_at")


def backfill(place: Path, *more: str) -> float:
    """Seconds of a whole process."""
    command = [sys.executable, "-m", "screener", "backfill", "--since", SINCE, "--database", str(place), "--quiet"]
    start = time.perf_counter()
    subprocess.run([*command, *more], check=True)
    return time.perf_counter() - start


def one_by_one(place: Path, days: list[str]) -> float:
    """Seconds of as many `screener run --store`."""
    start = time.perf_counter()
    for day in days:
        command = ["run", "--source", "bundled", "--as-of", day, "--store", "--database", str(place), "--quiet"]
        subprocess.run(
            [sys.executable, "-m", "screener", *command, "--out", str(place.parent)], check=True,
            stdout=subprocess.DEVNULL,
        )  # fmt: skip
    return time.perf_counter() - start


def rows(place: Path) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table without the times of writing."""
    engine = database.engine(database.address(place))
    out = {}
    with database.reading(engine) as connection:
        for name, table in schema.metadata.tables.items():
            columns = [c for c in table.c if c.name not in TIMES]
            out[name] = [tuple(row) for row in connection.execute(
                sqlalchemy.select(*columns).order_by(*table.primary_key.columns))]  # fmt: skip
    engine.dispose()
    return out


def results(place: Path) -> dict[str, str]:
    """The hash of every stored result by date."""
    engine = database.engine(database.address(place))
    with database.reading(engine) as connection:
        query = sqlalchemy.select(schema.runs.c.as_of, schema.runs.c.result_sha256).order_by(schema.runs.c.as_of)
        out = {str(day): result for day, result in connection.execute(query)}
    engine.dispose()
    return out


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        there = Path(folder)
        joblib = backfill(there / "joblib.sqlite", "--workers", "2")
        kept = rows(there / "joblib.sqlite")
        assert len(kept["runs"]) == WEEKS, len(kept["runs"])
        figures = sum(map(len, kept.values()))
        megabytes = (there / "joblib.sqlite").stat().st_size / 1e6
        print(f"{WEEKS} weeks, {figures:,} rows, {megabytes:.0f} MB")
        print(f"joblib, two processes: {joblib:.1f} s (limit {LIMIT_SECONDS})")
        with LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None, host="127.0.0.1"
        ) as cluster:
            dask = backfill(there / "dask.sqlite", "--backend", "dask", "--scheduler", cluster.scheduler_address)
        print(f"Dask, two workers: {dask:.1f} s (limit {LIMIT_SECONDS}), equal to joblib's: "
              f"{rows(there / 'dask.sqlite') == kept}")  # fmt: skip
        days = list(results(there / "joblib.sqlite"))[:: WEEKS // SAMPLE][:SAMPLE]
        single = one_by_one(there / "single.sqlite", days)
        mine = results(there / "joblib.sqlite")
        equal = all(mine[day] == result for day, result in results(there / "single.sqlite").items())
        print(
            f"one run a week: {single / len(days) * WEEKS:.0f} s (from {len(days)}), "
            f"{single / len(days) * WEEKS / joblib:.0f} times ours, equal results: {equal}"
        )


if __name__ == "__main__":
    main()
