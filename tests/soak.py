"""Many updates over simulated weeks while a part of the answers fails, and updates killed at work; what is left at the end.

    python -m tests.soak [--updates 200] [--faults 0.2] [--seed 1] [--kills 0] [--kills-postgres 0]

The clock is simulated and nothing waits. Before each update every question is given a fault with the probability asked
for, for all its answers or the first one: faults of the transport and of the content, from the tables of the sources'
tests. Those that only cost time (a server that hangs, or answers byte by byte) are left to these tests. Beside it a second
ledger is filled once in a while without faults. Then both are updated without faults, and hold the same. A ledger is only
ever added to, so every figure that ever stood in the first is still in it, and is held against the second.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest import mock

import numpy as np
import pandas as pd

from screener import universes
from screener.jobs import update as job
from screener.ledger import Ledger, schema
from screener.sources import http
from screener.sources.edgar import client as edgar_client
from screener.sources.network import update as network_update
from screener.sources.network import weeks
from screener.sources.yahoo import asking, timing
from screener.universes import Universe
from tests.cut_universe import cut
from tests.loopback import sec
from tests.loopback.faults import FAULTS
from tests.loopback.fixtures import fresh
from tests.loopback.network import CHARTS, HASHRATE, PRICE, REWARDS
from tests.loopback.world import World
from tests.screener.sources import test_yahoo_failures
from tests.screener.sources.network import test_faults

CUT = "2026-03-31"
BEGIN = datetime(2026, 4, 6, 21, 30, tzinfo=UTC)
STEP = timedelta(hours=27)  # longer than any time-to-live, and at every hour of the day in turn
TICKERS = ("APLD", "CIFR", "HUT", "NBIS", "RIOT", "WULF")
UNDISTURBED_EVERY = 6
SLOW = {"hanging", "dribbling"}
SEC_FAULTS = (*sorted(set(sec.FAULTS) - SLOW - {"no gzip"}), "another CIK", "another name")
YAHOO_FAULTS = ("404", "429", "429_wait", "500", "500_json", "cut", "dropped", "empty", "page", "partial", "truncated")
# A bar three weeks after the last one lies in the future only where the sources' closes go on to today.
YAHOO_ALTERED = [
    case.alter for case in test_yahoo_failures.CASES if case.alter and case.fault != "a bar of a session to come"
]
NETWORK_FAULTS = tuple(sorted(set(FAULTS) - SLOW))
NETWORK_ALTERED: dict[str, list] = {}
for _case in test_faults.CASES:
    if _case.alter:
        NETWORK_ALTERED.setdefault(_case.path, []).append(_case.alter)
# What of a row is a figure: when it was told, and the day on which a vendor's figure counts, differ by when it was got.
FIGURES = {
    "closes": ("ticker", "date", "close_usd"),
    "splits": ("ticker", "first_day_on_new_basis", "shares_multiplier"),
    "items": ("source", "ticker", "item", "period_end", "accession", "kind", "value", "unit"),
    "filings": ("ticker", "accession", "form", "filed", "accepted_at", "report_date", "url"),
}


@dataclass
class Result:
    """What a soak found.

    Attributes
    ----------
    updates, faults : int
        Updates made, and questions that were given a fault.
    requests, failed : Counter
        By source.
    rows : dict of int
        Rows of the ledger by table.
    wrong : list of str
        Figures that stood and are not those of the undisturbed ledger.
    missing : list of str
        Latest words of either ledger that the other does not have.
    """

    updates: int = 0
    faults: int = 0
    requests: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)
    rows: dict[str, int] = field(default_factory=dict)
    wrong: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)

    def lines(self) -> list[str]:
        """The counts in words."""
        return [
            f"{self.updates} updates, {self.faults:,} faults put in",
            *(f"{name}: {self.requests[name]:,} requests, {self.failed[name]:,} questions failed"
              for name in sorted(self.requests)),
            "rows: " + ", ".join(f"{table} {count:,}" for table, count in self.rows.items()),
            f"{len(self.wrong)} wrong figures, {len(self.missing)} latest words that differ",
            *self.wrong[:10], *self.missing[:10],
        ]  # fmt: skip


def soak(
    folder: Path,
    updates: int,
    share: float,
    seed: int,
    tickers: tuple[str, ...] = TICKERS,
    step: timedelta = STEP,
    undisturbed_every: int = UNDISTURBED_EVERY,
) -> Result:
    """Update so many times with that share of the questions failing, `step` apart, then without faults."""
    full = universes.load("miners")
    cut("miners", CUT, folder / "universes" / "miners")
    known = universes.load(folder / "universes" / "miners")
    few = replace(known, companies=known.companies[known.companies["ticker"].isin(tickers)].reset_index(drop=True))
    world = World(full, folder, now=BEGIN, invented=False)
    world.sec.file_balance_sheets(full, CUT)
    disturbed, undisturbed = folder / "disturbed.sqlite", folder / "undisturbed.sqlite"
    rng, found, now = random.Random(seed), Result(), BEGIN
    with world, _hasty(world):
        for number in range(updates):
            now = BEGIN + number * step
            _to(world, now)
            found.faults += _break(world, rng, share, tickers)
            _update(few, disturbed, now)
            _mend(world)
            if number % undisturbed_every == 0:
                _update(few, undisturbed, now)
        # One document is read for each list of filings: as many passes as a company may have documents waiting.
        for _ in range(2 + max(len(filer.filings) for filer in world.sec.filers.values())):
            now += STEP
            _to(world, now)
            _update(few, disturbed, now)
            _update(few, undisturbed, now)
    found.updates = updates
    _count(found, disturbed)
    found.wrong = wrong(disturbed, undisturbed)
    found.missing = apart(disturbed, undisturbed)
    return found


@contextmanager
def _hasty(world: World) -> Iterator[None]:
    """This process led to the world, without waits."""
    with mock.patch.dict(os.environ, {**world.environment(), timing.PACE_PLACE: "0"}), \
         mock.patch.object(asking, "WAIT_SECONDS", (0.001, 0.002)), \
         mock.patch.object(edgar_client, "WAIT_SECONDS", (0.001, 0.002)), \
         mock.patch.object(edgar_client, "PACE_SECONDS", 0.0), \
         mock.patch.object(edgar_client, "MOST_BYTES", 1_000_000), \
         mock.patch.object(http, "WAIT_SECONDS", (0.001, 0.002)), \
         mock.patch.object(network_update, "PACE_SECONDS", 0.0):  # fmt: skip
        try:
            yield
        finally:
            fresh()


def _update(universe: Universe, ledger: Path, now: datetime) -> None:
    fresh()
    with mock.patch.dict(os.environ, {"SCREENER_LEDGER": str(ledger)}):
        job.update(universe, now)


def _to(world: World, now: datetime) -> None:
    """Let the sources know what they know at a time."""
    world.sec.now = pd.Timestamp(now)
    world.yahoo.now = pd.Timestamp(now).tz_convert("America/New_York").tz_localize(None).normalize()
    network, first = world.network, datetime(2026, 3, 18, tzinfo=UTC)
    days = [first + timedelta(days=n) for n in range((now - first).days + 1)]
    network.now = now
    network.hashrate = {day: 900.0 + 7.0 * (n % 9) for n, day in enumerate(days)}
    network.fees = {day: 2.0 + 0.25 * (n % 5) for n, day in enumerate(days)}
    network.adjustments = [
        (day + timedelta(hours=5), 2016 * (470 + n), (1.26e14, 1.28e14)[n % 2]) for n, day in enumerate(days[::14])
    ]


def _break(world: World, rng: random.Random, share: float, tickers: tuple[str, ...]) -> int:
    """Give each question a fault with a probability; how many got one."""
    count = 0
    for ticker in tickers:
        for what in ("submissions", "companyfacts", "document"):
            if rng.random() < share:
                count += 1
                world.sec.fail(ticker, *((rng.choice(SEC_FAULTS), "") if rng.random() < 0.5 else (rng.choice(SEC_FAULTS),)),
                               what=what)  # fmt: skip
    for symbol in (*tickers, "BTC-USD"):
        for endpoint in ("chart", "sheet", "summary", "quote"):
            if rng.random() < share:
                count += 1
                if endpoint == "chart" and rng.random() < 0.5:
                    world.yahoo.alter[symbol] = _tolerant(rng.choice(YAHOO_ALTERED))
                    continue
                world.yahoo.fail(symbol, rng.choice(YAHOO_FAULTS), endpoint)
                if rng.random() < 0.5:
                    world.yahoo.first[symbol, endpoint] = 1
    for path in (HASHRATE, REWARDS, PRICE, *CHARTS.values()):
        if rng.random() < share:
            count += 1
            if path in NETWORK_ALTERED and rng.random() < 0.5:
                world.network.alter[path] = rng.choice(NETWORK_ALTERED[path])
            else:
                world.network.fail(path, rng.choice(NETWORK_FAULTS), first=1 if rng.random() < 0.5 else None)
    return count


def _tolerant(alter):
    """A change of a chart's bar of a certain Friday; another bar's where the chart does not have it."""

    def altered(result: dict) -> None:
        if not result.get("timestamp"):
            return
        last = pd.to_datetime(result["timestamp"], unit="s", utc=True).tz_convert("America/New_York")[-1]
        with mock.patch.object(test_yahoo_failures, "FRIDAY", last):
            alter(result)

    return altered


def _mend(world: World) -> None:
    world.sec.mend()
    for told in (world.yahoo, world.network):
        for faults in (told.faults, told.first, told.alter):
            faults.clear()


def _count(found: Result, path: Path) -> None:
    connection = sqlite3.connect(path)
    for source, asked, failed in connection.execute(
        "SELECT source, sum(requests), sum(ended = 'failed') FROM asked GROUP BY source"
    ):
        found.requests[source], found.failed[source] = int(asked), int(failed)
    for table in schema.TABLES:
        found.rows[table] = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]
    connection.close()


def _rows(path: Path, table: str) -> set[tuple]:
    """Every word of a table that is or was in force, as figures."""
    connection = sqlite3.connect(path)
    found = connection.execute(f"SELECT {', '.join(FIGURES[table])} FROM {table} WHERE held IS NULL").fetchall()
    connection.close()
    return {tuple(float(f"{cell:.6g}") if isinstance(cell, float) else cell for cell in row) for row in found}


def wrong(one: Path, other: Path) -> list[str]:
    """Figures that ever stood in one ledger and never in the other."""
    found = [f"{table}: {row}" for table in FIGURES for row in sorted(_rows(one, table) - _rows(other, table), key=str)]
    names = ("btc_usd", "hashrate_eh_per_s", "difficulty", "reward_and_fees_btc_per_day")
    with sqlite3.connect(one) as mine, sqlite3.connect(other) as theirs:
        for name in names:
            statement = f"SELECT date, {name} FROM network WHERE {name} IS NOT NULL"
            right: dict[int, set[float]] = {}
            for date, value in theirs.execute(statement):
                right.setdefault(date, set()).add(value)
            for date, value in mine.execute(statement):
                if not any(np.isclose(value, one, rtol=1e-9) for one in right.get(date, ())):
                    found.append(f"network: {name} of {np.datetime64(date, 'D')}: {value} against {right.get(date)}")
    return found


def words(path: Path) -> dict[str, set[tuple]]:
    """The latest words of a ledger: closes, splits, items, filings, and the weeks of the network as runs use them."""
    with Ledger.open(path, create=False) as ledger:
        frames = {table: getattr(ledger, table)() for table in FIGURES}
        # Earlier closes are the universe's own; they are asked for once, to hold them against these.
        frames["closes"] = frames["closes"][frames["closes"]["date"] > pd.Timestamp(CUT)]
        network = weeks.combined(ledger.network())
    out = {table: set(frame[list(FIGURES[table])].astype(str).itertuples(index=False, name=None))
           for table, frame in frames.items()}  # fmt: skip
    cells = network.drop(columns="source").set_index("date").round(6).reset_index()
    out["network"] = set(cells.astype(str).itertuples(index=False, name=None))
    return out


def apart(one: Path, other: Path) -> list[str]:
    """Latest words of either ledger that the other does not have."""
    mine, theirs = words(one), words(other)
    return [
        f"{table}, {whose}: {row}"
        for table in mine
        for whose, rows in (("added", mine[table] - theirs[table]), ("missing", theirs[table] - mine[table]))
        for row in sorted(rows)
    ]


def _kill_on_postgres(folder: Path, kills: int, seed: int) -> int:
    """Half of the kills hit the weekly run, half the backfill; prints what was killed and every fault."""
    failed = 0
    for name, number in (("run", kills - kills // 2), ("fill", kills // 2)):
        (folder / name).mkdir()
        command = [
            sys.executable,
            "-m",
            "tests.screener.store.killed",
            name,
            str(folder / name),
            str(seed),
            str(number),
        ]
        done = subprocess.run([*command, "postgresql"], stdout=subprocess.PIPE, text=True, check=True)
        told = json.loads(done.stdout)
        print(
            f"{name}: {told['killed_at_work']} killed at work, {len(told['faults'])} faults", *told["faults"], sep="\n"
        )
        failed += len(told["faults"]) + (told["killed_at_work"] != number)
    return 1 if failed else 0


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--updates", type=int, default=200)
    parser.add_argument("--faults", type=float, default=0.2, help="probability that a question gets a fault")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--kills", type=int, default=0, help="updates to kill at work, in place of the soak")
    parser.add_argument(
        "--kills-postgres", type=int, default=0, help="weekly runs and backfills on PostgreSQL to kill at work"
    )
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        if asked.kills_postgres:
            return _kill_on_postgres(Path(folder), asked.kills_postgres, asked.seed)
        if asked.kills:
            from tests.kills import kill_updates

            told = kill_updates(Path(folder), asked.kills, asked.seed)
            print(*told.lines(), sep="\n")
            return 1 if told.faults else 0
        found = soak(Path(folder), asked.updates, asked.faults, asked.seed)
    print(*found.lines(), sep="\n")
    return 1 if found.wrong or found.missing else 0


if __name__ == "__main__":
    sys.exit(main())
