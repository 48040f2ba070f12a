"""The ledger's file: opened by sqlite3 alone, so that a screen need not load a database library; added to in one
transaction an answer, so that a kill at any point leaves whole answers or none."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import TracebackType

import numpy as np
import pandas as pd

from screener import private
from screener.errors import NotKnown, StoreError
from screener.ledger import schema
from screener.ledger.cells import encoded, equal, time
from screener.ledger.changed import changed_closes, no_changes
from screener.ledger.place import PLACE, default_path, faults_of
from screener.ledger.reading import Reading
from screener.lock import Lock
from screener.sources import clocks
from screener.sources.told import Outcome, Told

BUSY_SECONDS = 30


@dataclass(frozen=True)
class Added:
    """What an addition brought: rows by table, and the closes of days already known that were told differently.

    `changed` has ticker, date, before, now, held (why the new close is not used; empty where it is).
    """

    rows: dict[str, int]
    changed: pd.DataFrame

    @property
    def new(self) -> int:
        """Rows added in all."""
        return sum(self.rows.values())


class Ledger(Reading):
    """What the sources told; made by `Ledger.open`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        super().__init__(path, connection)
        self._updating = False

    @classmethod
    def open(cls, path: Path | None = None, *, create: bool = True) -> Ledger:
        """Open a ledger, the user's own by default.

        Raises
        ------
        StoreError
            It cannot be opened, is no ledger, or a newer toolkit wrote it.
        NotKnown
            create=False and there is none, or it is an empty file.
        """
        path = path or default_path()
        with faults_of(path):
            if not path.exists():
                if not create:
                    raise NotKnown(f"no ledger at {path} yet: `screener update` begins one")
                private.make_folder(path.parent)
                private.make_file(path)
            readable = path.exists() and not os.access(path, os.W_OK)
            address = f"{path.absolute().as_uri()}?mode={'ro' if readable or not create else 'rwc'}"
            connection = sqlite3.connect(address, uri=True, timeout=BUSY_SECONDS, isolation_level=None)
        made = cls(path, connection)
        try:
            made._prepare(create=create)
        except BaseException:
            made.close()
            raise
        return made

    def _prepare(self, *, create: bool) -> None:
        with faults_of(self.path):
            run = self._connection.execute
            version = run("PRAGMA user_version").fetchone()[0]
            if version > schema.VERSION:
                raise StoreError(
                    f"the ledger {self.path} has version {version}, this toolkit knows {schema.VERSION}: "
                    "install the newer toolkit"
                )
            if version == schema.VERSION:
                return
            if run("SELECT count(*) FROM sqlite_master").fetchone()[0]:
                raise StoreError(f"{self.path} is the database of another program: name another in {PLACE}")
            if not create:
                raise NotKnown(f"the ledger {self.path} holds nothing yet: `screener update` fills it")
            run("PRAGMA journal_mode = WAL")
            with self._writing():
                if run("PRAGMA user_version").fetchone()[0] == 0:  # another process may have been first
                    for statement in schema.statements():
                        run(statement)
                    run(f"PRAGMA user_version = {schema.VERSION}")

    def close(self) -> None:
        """Give the file back."""
        self._connection.close()

    def __enter__(self) -> Ledger:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def _writing(self) -> Iterator[None]:
        self._connection.execute("PRAGMA synchronous = FULL")
        self._connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self._connection.execute("ROLLBACK")
            raise
        self._connection.execute("COMMIT")

    def add(self, told: Told, now: datetime) -> Added:
        """Keep what a source told, whole or not at all; what it had told before is not told twice.

        Parameters
        ----------
        now : datetime
            Aware: when it was seen.

        Raises
        ------
        StoreError
            The ledger cannot be written; what it held is intact.
        WrongDate
            This machine's clock is ahead of the source's: what is kept under a day to come is unknown until then.
        """
        clocks.require_not_ahead(now)
        seen = time(now)
        with faults_of(self.path, writing=True), self._writing():
            rows, changed = {}, no_changes()
            for table in schema.TABLES:
                frame = getattr(told, table)
                if len(frame):
                    rows[table], moved = self._add(table, frame.assign(source=told.source), seen)
                    changed = moved if table == "closes" else changed
            for outcome in told.outcomes:
                self._note(told.source, outcome, seen)
        return Added(rows, changed)

    def _add(self, table: str, frame: pd.DataFrame, seen: str) -> tuple[int, pd.DataFrame]:
        kinds, key = schema.columns(table), list(schema.KEYS[table])
        compared = list(schema.COMPARED.get(table, tuple(schema.CONTENT[table])))
        frame = frame.drop_duplicates(key, keep="last").reset_index(drop=True)
        cells = pd.DataFrame({name: encoded(frame[name], kind) for name, kind in kinds.items()}, dtype=object)
        source = str(cells["source"].iloc[0])
        both = self._beside(table, cells, "WHERE source = ?", source)
        there = (both["_merge"] == "both").to_numpy()
        same = there.copy()
        for name in compared:
            same &= equal(both[name], both[f"{name}_known"], kinds[name])
        held = np.full(len(both), None, dtype=object)
        changed = no_changes()
        if table == "closes" and (there & ~same).any():
            # Held against the close in force: a word that was held back is no measure of the next.
            in_force = self._beside(table, cells, "WHERE held IS NULL AND source = ?", source)
            held, changed = changed_closes(in_force, there & ~same)
        new = np.flatnonzero(~same)
        self._insert(table, cells.iloc[new], held[new], seen)
        return len(new), changed

    def _beside(self, table: str, cells: pd.DataFrame, where: str, source: str) -> pd.DataFrame:
        """Cells with the content that the ledger holds of the same key, named `_known`."""
        keys = list(schema.KEYS[table])
        known = self._latest(table, where, (source,))[[*keys, *schema.CONTENT[table]]]
        return cells.merge(known, on=keys, how="left", suffixes=("", "_known"), indicator=True)

    def _insert(self, table: str, cells: pd.DataFrame, held: np.ndarray, seen: str) -> None:
        names = list(schema.columns(table))
        marks = ", ".join("?" * (len(names) + 2))
        values = zip([seen] * len(cells), held, *(cells[name] for name in names), strict=True)
        self._connection.executemany(
            f"INSERT INTO {table} (seen_at, held, {', '.join(names)}) VALUES ({marks})", list(values)
        )

    def _note(self, source: str, outcome: Outcome, seen: str) -> None:
        sha = None
        if outcome.body is not None:
            sha = hashlib.sha256(outcome.body).hexdigest()
            self._connection.execute(
                "INSERT OR IGNORE INTO answers VALUES (?, ?, ?)", (sha, len(outcome.body), zlib.compress(outcome.body))
            )
        self._connection.execute(
            "INSERT INTO asked (source, what, subject, at, ended, kind, message, url, sha256, requests) "
            "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
            (source, outcome.what, outcome.subject, seen, outcome.ended, outcome.kind, outcome.message, outcome.url,
             sha, outcome.requests),
        )  # fmt: skip

    @contextmanager
    def updating(self) -> Iterator[None]:
        """Hold the ledger for one update; a step of an update may ask again. Reading needs no hold.

        Raises
        ------
        Busy
            Another process updates it.
        StoreError
            No lock file can be made beside the ledger.
        """
        if self._updating:
            yield
            return
        with faults_of(self.path):
            lock = Lock(self.path.with_name(f"{self.path.name}.lock"))
        with lock:
            self._updating = True
            try:
                yield
            finally:
                self._updating = False

    def pause(self, source: str, until: datetime, reason: str, now: datetime) -> None:
        """Remember, over processes, that a source is not to be asked before a time."""
        with faults_of(self.path, writing=True), self._writing():
            self._connection.execute(
                "INSERT INTO pauses (source, at, until, reason) VALUES (?, ?, ?, ?)",
                (source, time(now), time(until), reason),
            )
