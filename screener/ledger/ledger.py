"""The ledger's file: opened by sqlite3 alone, so that a screen need not load a database library; added to in one
transaction an answer, so that a kill at any point leaves whole answers or none."""

from __future__ import annotations

import hashlib
import os
import sqlite3
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Any

import numpy as np
import pandas as pd

from screener import private
from screener.errors import NotKnown, StoreError
from screener.ledger import schema
from screener.ledger.cells import decoded, encoded, equal, time
from screener.ledger.changed import changed_closes, no_changes
from screener.lock import Lock
from screener.sources import clocks
from screener.sources.told import OK, Outcome, Told

BUSY_SECONDS = 30
PLACE = "SCREENER_LEDGER"
# Two machines with one ledger may differ so much.
CLOCKS_DIFFER = timedelta(minutes=10)
# Words of SQLite of a file that is not what it was when it was written.
DAMAGED = ("malformed", "not a database")


def default_path() -> Path:
    """The user's own ledger: SCREENER_LEDGER, else in the user's data folder."""
    named = os.environ.get(PLACE, "")
    if named:
        return Path(named).expanduser()
    import platformdirs

    return platformdirs.user_data_path("miner-screener") / "ledger.sqlite"


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


@dataclass(frozen=True)
class Answer:
    """A raw answer as it was kept."""

    body: bytes
    seen_at: pd.Timestamp
    sha256: str


class Ledger:
    """What the sources told; made by `Ledger.open`."""

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection
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
        with _told(path):
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
        with _told(self.path):
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

    # Adding ---------------------------------------------------------------------------------------------------------

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
        with _told(self.path, writing=True), self._writing():
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
        with _told(self.path):
            lock = Lock(self.path.with_name(f"{self.path.name}.lock"))
        with lock:
            self._updating = True
            try:
                yield
            finally:
                self._updating = False

    def pause(self, source: str, until: datetime, reason: str, now: datetime) -> None:
        """Remember, over processes, that a source is not to be asked before a time."""
        with _told(self.path, writing=True), self._writing():
            self._connection.execute(
                "INSERT INTO pauses (source, at, until, reason) VALUES (?, ?, ?, ?)",
                (source, time(now), time(until), reason),
            )

    # Reading --------------------------------------------------------------------------------------------------------

    def paused(self, source: str, now: datetime) -> tuple[pd.Timestamp, str] | None:
        """Until when a source is not to be asked, and why; None where it may be.

        A pause noted at a time that is still to come was noted under a wrong clock, and does not count.
        """
        with _told(self.path):
            found = self._connection.execute(
                "SELECT until, reason FROM pauses WHERE source = ? AND until > ? AND at <= ? ORDER BY until DESC LIMIT 1",
                (source, time(now), time(now + CLOCKS_DIFFER)),
            ).fetchone()
        return None if found is None else (pd.Timestamp(found[0]), found[1])

    def answer(self, url: str) -> Answer | None:
        """The last answer of an address that was kept; None where there is none."""
        with _told(self.path):
            found = self._connection.execute(
                "SELECT body, at, asked.sha256 FROM asked JOIN answers USING (sha256) WHERE url = ? AND ended = ? "
                "ORDER BY no DESC LIMIT 1",
                (url, OK),
            ).fetchone()
        return None if found is None else Answer(zlib.decompress(found[0]), pd.Timestamp(found[1]), found[2])

    def asked(self, source: str | None = None, *, by: datetime | None = None) -> pd.DataFrame:
        """The last question of each kind and subject: source, what, subject, at, ended, kind, message, url, and `good`,
        when one of them was last answered (NaT: never).

        Parameters
        ----------
        by : datetime, optional
            Questions put by then alone: one with a later time was put under a wrong clock, and no answer to it is new.
        """
        chosen = {"source = ?": source, "at <= ?": None if by is None else time(by + CLOCKS_DIFFER)}
        chosen = {condition: value for condition, value in chosen.items() if value is not None}
        where, values = "WHERE " + " AND ".join(chosen) if chosen else "", tuple(chosen.values())
        key = "source, what, subject"
        with _told(self.path):
            last = self._frame(
                f"SELECT {key}, at, ended, kind, message, url FROM asked JOIN (SELECT max(no) AS no FROM asked {where} "
                f"GROUP BY {key}) USING (no) ORDER BY {key}",
                values,
            )
            good = self._frame(
                f"SELECT {key}, max(at) AS good FROM asked {where + ' AND' if where else 'WHERE'} ended <> 'failed' "
                f"GROUP BY {key}",
                values,
            )
        out = last.merge(good, on=["source", "what", "subject"], how="left")
        return out.assign(**{name: pd.to_datetime(out[name], utc=True, format="ISO8601") for name in ("at", "good")})

    def requests(self, since: datetime) -> dict[str, int]:
        """Requests made of each source since a time."""
        with _told(self.path):
            found = self._connection.execute(
                "SELECT source, sum(requests) FROM asked WHERE at >= ? GROUP BY source", (time(since),)
            ).fetchall()
        return {source: int(count) for source, count in found}

    def closes(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """Closes as traded, the last word of each source for each day: source, date, ticker, close_usd, seen_at."""
        return self._read("closes", tickers)

    def splits(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """Splits: source, ticker, first_day_on_new_basis, shares_multiplier, seen_at."""
        return self._read("splits", tickers)

    def items(self, tickers: Sequence[str] | None = None, source: str | None = None) -> pd.DataFrame:
        """Facts of the universe's items as sources told them: source, `ITEM_COLUMNS`, seen_at; of a figure told again
        the first row."""
        found = self._read("items", tickers)
        return found if source is None else found[found["source"] == source].reset_index(drop=True)

    def filings(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """What was filed: source, `FILING_COLUMNS`, seen_at."""
        return self._read("filings", tickers)

    def network(self) -> pd.DataFrame:
        """Days of the Bitcoin network: source, `NETWORK_COLUMNS`, seen_at."""
        return self._read("network", None)

    def provider(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """The sources' own enterprise values: source, ticker, enterprise_value_usd, seen_at."""
        return self._read("provider", tickers)

    def changed_closes(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """Closes of a day that a source told differently later: source, ticker, date, before, now, held, seen_at."""
        with _told(self.path):
            rows = self._frame(
                "SELECT * FROM closes WHERE (source, ticker, date) IN (SELECT source, ticker, date FROM closes "
                "GROUP BY source, ticker, date HAVING count(*) > 1) ORDER BY source, ticker, date, no"
            )
        rows = decoded(rows, "closes")
        before = rows.groupby(["source", "ticker", "date"])["close_usd"].shift()
        out = rows.assign(before=before, held=rows["held"].fillna(""))[before.notna()].rename(
            columns={"close_usd": "now"}
        )
        out = out if tickers is None else out[out["ticker"].isin(list(tickers))]
        return out[["source", "ticker", "date", "before", "now", "held", "seen_at"]].reset_index(drop=True)

    def _read(self, table: str, tickers: Sequence[str] | None) -> pd.DataFrame:
        where, values = "WHERE held IS NULL", tuple[str, ...]()
        if tickers is not None:
            where += f" AND ticker IN ({', '.join('?' * len(tickers))})"
            values = tuple(tickers)
        with _told(self.path):
            statement = f"SELECT * FROM {table} {where} ORDER BY no"
            found = self._frame(statement, values) if table in schema.ALL_WORDS else self._latest(table, where, values)
        return decoded(found, table)[[*schema.columns(table), "seen_at"]]

    def _latest(self, table: str, where: str, values: tuple[Any, ...]) -> pd.DataFrame:
        """The last row of each key among those chosen, in the order in which they came."""
        frame = self._frame(f"SELECT * FROM {table} {where} ORDER BY no", values)
        return frame.drop_duplicates(list(schema.KEYS[table]), keep="last").reset_index(drop=True)

    def _frame(self, statement: str, values: tuple[Any, ...] = ()) -> pd.DataFrame:
        cursor = self._connection.execute(statement, values)
        names = [part[0] for part in cursor.description]
        rows = cursor.fetchall()
        cells = list(zip(*rows, strict=True)) if rows else [()] * len(names)
        return pd.DataFrame({n: pd.Series(c, dtype=object) for n, c in zip(names, cells, strict=True)})


@contextmanager
def _told(path: Path, *, writing: bool = False) -> Iterator[None]:
    """Every fault of the file as one StoreError: which file, what, and what to do.

    Only of a write that failed on a sound file is it known that what the file held is intact: the addition was undone.
    """
    try:
        yield
    except sqlite3.Error as error:
        reason = str(error)
        intact = "; what it held is intact" if writing and not any(word in reason for word in DAMAGED) else ""
        raise StoreError(f"ledger {path}: {reason}; {_remedy(reason)}{intact}") from error
    except OSError as error:
        raise StoreError(f"ledger {path}: {error.strerror or error}; {_remedy(str(error))}") from error


def _remedy(reason: str) -> str:
    remedies = {
        "full": "free some space",
        "No space": "free some space",
        "disk I/O": "free some space, or look at the disk",
        "readonly": f"make the file and its folder writable, or name another in {PLACE}",
        "ermission": f"make the file and its folder writable, or name another in {PLACE}",
        "unable to open": f"make its folder exist and be writable, or name another in {PLACE}",
        "not a database": f"it is another kind of file: name another in {PLACE}",
        "malformed": f"restore it from a backup, or name another in {PLACE}: `screener update` fills it again",
        "locked": "another program holds it: try again",
    }
    return next(
        (remedy for word, remedy in remedies.items() if word in reason), f"see the file, or name another in {PLACE}"
    )
