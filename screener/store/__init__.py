"""The history: what was fetched and what was computed, kept in SQLite or PostgreSQL and never changed.

with Store.open(None, now) as store:
    with store.exclusive():
        store.record(screen, data, kind="weekly", now=now)
    changes = compare(store.snapshot("previous", "miners"), store.snapshot("latest", "miners"))
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from sqlalchemy import insert, select

from screener import private
from screener.errors import NotKnown, StoreError
from screener.store import database, migrations, reading, schema, voids
from screener.store.reading import LATEST, PREVIOUS, Run
from screener.store.record import Record, record, seen
from screener.store.writing import Saved, Writer

if TYPE_CHECKING:
    import pandas as pd

    from screener.gathering import InputData
    from screener.universes import Universe
    from valuation.comparison.changes import Snapshot
    from valuation.screen import Screen

__all__ = ["LATEST", "PREVIOUS", "Record", "Run", "Saved", "Store", "Writer", "record", "seen"]

log = logging.getLogger(__name__)


class Store:
    """A history of runs and of what was fetched; made by `Store.open`."""

    def __init__(self, url: database.URL, *, read_only: bool = False, reason: StoreError | None = None) -> None:
        self.place = database.shown(url)
        self._reason = reason
        self._engine = database.engine(url, read_only=read_only)

    @classmethod
    def open(cls, named: str | Path | None, now: datetime, *, create: bool = True) -> Store:
        """Open a history, bringing its schema up to date.

        Parameters
        ----------
        named : str, Path or None
            A file, `sqlite:///file` or `postgresql://user:password@host/name`; None is the user's own.
        now : datetime
            Aware; kept as the time of a migration.
        create : bool
            False where a history that is not there is an error and not a beginning; one that can be read and not
            written is then opened all the same, to be read.

        Raises
        ------
        StoreError
            It cannot be opened, or a newer toolkit wrote it.
        NotKnown
            create=False and there is none.
        """
        url = database.address(named)
        if url.get_backend_name() == "sqlite":
            path = Path(str(url.database))
            with database.told(url):
                if create:
                    private.make_folder(path.parent)
                    private.make_file(path)
                elif not path.exists():
                    raise _no_history(str(path))
        reason = None
        if create or not database.is_read_only(url):
            try:
                return cls._opened(url, now, create=create)
            except StoreError as error:
                if create or not database.is_of_the_disk(error):
                    raise
                reason = error
        return cls._opened(url, now, create=False, read_only=True, reason=reason)

    @classmethod
    def _opened(
        cls,
        url: database.URL,
        now: datetime,
        *,
        create: bool,
        read_only: bool = False,
        reason: StoreError | None = None,
    ) -> Store:
        """A store; `reason` is why it can only be read, where that is not a question of permissions."""
        store = cls(url, read_only=read_only, reason=reason)
        try:
            store._migrate(now, create=create, read_only=read_only)
        except BaseException:
            store.close()
            raise
        return store

    def _migrate(self, now: datetime, *, create: bool = True, read_only: bool = False) -> None:
        with database.reading(self._engine) as connection:
            needed, version = migrations.needed(connection), migrations.version(connection)
        if not create and version == 0:
            raise _no_history(self.place)
        if not needed or read_only:
            return
        try:
            if self._engine.dialect.name == "sqlite":
                with database.told(self._engine.url), self._engine.connect() as connection:
                    raw = connection.connection.dbapi_connection
                    raw.execute("PRAGMA journal_mode = WAL")  # type: ignore[union-attr]
            with database.writing(self._engine) as connection:
                migrations.apply(connection, now)
        except StoreError:
            if create:
                raise
            # A history of an older version that can be read and not written: a reader's role, a full disk.
            log.info("%s is read as version %d", self.place, version)

    def close(self) -> None:
        """Give the connections back."""
        self._engine.dispose()

    def __enter__(self) -> Store:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @contextmanager
    def exclusive(self) -> Iterator[Writer]:
        """The right to work on this history, and the means to add to it.

        Raises
        ------
        Busy
            Another process has it.
        """
        with database.exclusive(self._engine):
            yield Writer(self._engine)

    def runs(self, universe: str | None = None, *, void: bool = False) -> list[Run]:
        """Every run that counts, the latest last; with `void`, the void ones too."""
        with database.reading(self._engine) as connection:
            return reading.runs(connection, universe, void=void)

    def find(self, named: str, universe: str, *, void: bool = False) -> Run:
        """The run of that name; see `reading.find`."""
        with database.reading(self._engine) as connection:
            return reading.find(connection, named, universe, void=void)

    def find_void(self, named: str, universe: str) -> Run:
        """The void run of that name; see `reading.find_void`."""
        with database.reading(self._engine) as connection:
            return reading.find_void(connection, named, universe)

    def mark(self, run: Run, now: datetime, *, void: bool, person: str, why: str) -> None:
        """Mark a run void, or no longer void; see `voids.mark`."""
        if self._reason is not None:
            raise self._reason
        self._migrate(now)
        with database.writing(self._engine) as connection:
            voids.mark(connection, run.run_id, now, void=void, person=person, why=why)

    def before(self, universe: str, as_of: date) -> Run | None:
        """The last run before a date."""
        with database.reading(self._engine) as connection:
            return reading.before(connection, universe, as_of)

    def snapshot(self, named: str | Run, universe: str = "") -> Snapshot:
        """A run as it was stored."""
        with database.reading(self._engine) as connection:
            run = named if isinstance(named, Run) else reading.find(connection, named, universe)
            return reading.snapshot(connection, run)

    def line(self, run: Run) -> tuple[pd.DataFrame, float, float] | None:
        """The sample, level and p of a run's regression; see `reading.line`."""
        with database.reading(self._engine) as connection:
            return reading.line(connection, run)

    def series(self, metric: str, universe: str) -> pd.DataFrame:
        """One metric through time."""
        with database.reading(self._engine) as connection:
            return reading.series(connection, metric, universe)

    def run_ids(self) -> set[str]:
        """The ids of all runs."""
        with database.reading(self._engine) as connection:
            return set(connection.execute(select(schema.runs.c.run_id)).scalars())

    def fault(self) -> str:
        """What is wrong with the file itself, by SQLite's own check; empty where nothing is."""
        if self._engine.dialect.name != "sqlite":
            return ""
        with database.reading(self._engine) as connection:
            said = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar_one()
        return "" if said == "ok" else str(said)

    def delivered(self, run_id: str) -> set[str]:
        """The channels on which a run was told of."""
        table = schema.deliveries
        with database.reading(self._engine) as connection:
            return set(connection.execute(select(table.c.channel).where(table.c.run_id == run_id)).scalars())

    def finished(self, channel: str) -> set[str]:
        """The ids of the runs that were told of on a channel."""
        table = schema.deliveries
        with database.reading(self._engine) as connection:
            return set(connection.execute(select(table.c.run_id).where(table.c.channel == channel)).scalars())

    def mark_delivered(self, run_id: str, channel: str, now: datetime) -> None:
        """Keep that a run was told of on a channel."""
        with database.writing(self._engine) as connection:
            connection.execute(insert(schema.deliveries).values(run_id=run_id, channel=channel, at=now))


def _no_history(place: str) -> NotKnown:
    return NotKnown(f"no history at {place} yet: `screener weekly` or `screener run --store` begins one")


def keep(writer: Writer, universe: Universe, screen: Screen, data: InputData, kind: str, now: datetime) -> Saved:
    """Keep what was gathered for a screen, then the screen.

    Raises
    ------
    WrongDate
        It is dated beyond its closes or beyond a clock; nothing was kept.
    VoidRun
        It is a run that is void.
    StoreError
    """
    from screener.store import dating

    dating.require_right(screen, kind, now)
    writer.remember(seen(universe, data), now)
    return writer.save(record(screen), kind, now)
