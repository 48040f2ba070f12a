"""Connections: SQLite with WAL and a busy timeout, PostgreSQL by URL; one error for all that can go wrong."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError, SQLAlchemyError

from screener import lock, secrets
from screener.errors import Busy, StoreError

BUSY_SECONDS = 30
CONNECT_SECONDS = 10
# Of this toolkit alone, so that another program's advisory locks on the same server do not meet ours.
LOCK_SPACE = int.from_bytes(hashlib.sha256(b"miner-screener").digest()[:4], "big", signed=True)
WORKING, WRITING = 1, 2
# Words of SQLite of a file that is not what it was when it was written: nothing is known of what it held.
DAMAGED = ("malformed", "not a database")
# Addresses in which a scheme was forgotten or misspelt, and lines of keywords as libpq takes them.
NO_FILE = re.compile(
    r"postgres(?:ql)?(?:\+\w+)?:|postgres(?:ql)?//|\s*(?:host|hostaddr|dbname|user|service)\s*=", re.IGNORECASE
)
REMEDIES = {
    "disk is full": "free some space",
    "disk I/O error": "free some space, or look at the disk",
    "readonly database": "make the file and its folder writable, or name another with --database",
    "Read-only file system": "make the file and its folder writable, or name another with --database",
    "Permission denied": "make the file and its folder writable, or name another with --database",
    "unable to open": "make its folder exist and be writable, or name another with --database",
    "malformed": "restore it from a backup, or name another with --database",
    "not a database": "it is another kind of file: name another with --database",
    "locked": "another program holds it: try again",
    "Connection refused": "start the server, or correct SCREENER_DATABASE_URL",
    "authentication failed": "correct the password in SCREENER_DATABASE_URL",
    "No space left": "free some space on the server",
}


def default_path() -> Path:
    """The history in the user's data folder."""
    import platformdirs

    return platformdirs.user_data_path("miner-screener") / "history.sqlite"


def address(database: str | Path | None) -> URL:
    """The URL of a file, of a `sqlite:///` or of a `postgresql://` URL; the user's own history where none is named.

    Raises
    ------
    StoreError
        A URL of another kind.
    """
    if database is None or str(database) == "":
        return URL.create("sqlite", database=str(default_path()))
    named = str(database)
    if "://" not in named:
        # A file of such a name would be made, with the password in it.
        if secrets.holds_secret(named) or NO_FILE.match(named):
            raise StoreError(
                "--database: an address begins with its scheme, e.g. postgresql://user@host:5432/name; a file's name "
                "holds no password"
            )
        return URL.create("sqlite", database=str(Path(named).expanduser().absolute()))
    try:
        url = make_url(named.replace("postgres://", "postgresql://", 1))
    except (ArgumentError, ValueError) as error:
        raise StoreError("--database: not a URL; e.g. postgresql://user@host:5432/name") from error
    if "@" in (url.host or ""):
        raise StoreError("--database: write an @ in the password as %40 (and / as %2F, : as %3A, # as %23)")
    kind = url.get_backend_name()
    if kind == "postgresql":
        return url.set(drivername="postgresql+psycopg")
    if kind != "sqlite" or not url.database:
        raise StoreError(f"--database: {kind} is not supported; a file, sqlite:///file or postgresql://...")
    return url


def shown(url: URL) -> str:
    """The URL as it may be printed: a file by its path, a server without its password."""
    if url.get_backend_name() == "sqlite":
        return str(url.database)
    return secrets.mask(url.render_as_string(hide_password=True).replace("+psycopg", ""))


def engine(url: URL) -> Engine:
    """An engine whose transactions are the database's own: snapshots to read, one writer at a time."""
    if url.get_backend_name() == "sqlite":
        made = create_engine(url, connect_args={"timeout": BUSY_SECONDS})
        event.listen(made, "connect", _prepare_sqlite)
        event.listen(made, "begin", _begin_sqlite)
        return made
    try:
        return create_engine(
            url,
            isolation_level="REPEATABLE READ",
            connect_args={"connect_timeout": CONNECT_SECONDS, "application_name": "miner-screener"},
        )
    except (ImportError, NoSuchModuleError) as error:
        raise StoreError('PostgreSQL needs psycopg: python -m pip install "miner-screener[postgres]"') from error


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; sqlite3 would begin late and break snapshots
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute("PRAGMA synchronous = FULL")


def _begin_sqlite(connection: Connection) -> None:
    # A writer takes its place at once: a transaction that reads first and writes later may find the file changed.
    connection.exec_driver_sql("BEGIN IMMEDIATE" if connection.get_execution_options().get("writes") else "BEGIN")


@contextmanager
def reading(made: Engine) -> Iterator[Connection]:
    """A consistent snapshot, whatever is written meanwhile."""
    with told(made.url), made.connect() as connection, connection.begin():
        yield connection


@contextmanager
def writing(made: Engine) -> Iterator[Connection]:
    """One transaction, all or nothing; a second writer waits."""
    isolation = {} if made.dialect.name == "sqlite" else {"isolation_level": "READ COMMITTED"}
    with told(made.url), made.connect() as plain:
        connection = plain.execution_options(writes=True, **isolation)
        with connection.begin():
            if made.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:a, :b)"), {"a": LOCK_SPACE, "b": WRITING})
            yield connection


@contextmanager
def exclusive(made: Engine) -> Iterator[None]:
    """The right to work on this store, for as long as the block lasts and never longer than the process lives.

    Raises
    ------
    Busy
        Another process has it. The operating system (a file lock) or the server (a lock of the session) gives it
        free when its holder dies, however it dies.
    """
    if made.dialect.name == "sqlite":
        path = Path(str(made.url.database))
        with told(made.url):
            path.parent.mkdir(parents=True, exist_ok=True)
            held = lock.Lock(path.with_name(f"{path.name}.lock"))
        with held:
            yield
        return
    # The block's own errors are none of the database's: only what this function does itself is told as such.
    key = {"a": LOCK_SPACE, "b": WORKING}
    with told(made.url):
        connection = made.connect().execution_options(isolation_level="AUTOCOMMIT")
    try:
        with told(made.url):
            got = connection.execute(text("SELECT pg_try_advisory_lock(:a, :b)"), key).scalar()
        if not got:
            raise Busy("another run is at work on this database; this one did nothing")
        yield
    finally:
        with suppress(SQLAlchemyError):  # at once; else the lock would go when the server sees that the session ended
            connection.execute(text("SELECT pg_advisory_unlock(:a, :b)"), key)
        connection.invalidate()  # the session ends, and with it the lock, whatever state the connection is in
        connection.close()


@contextmanager
def told(url: URL) -> Iterator[None]:
    """Every fault of the database as one StoreError: which database, what, and what to do."""
    try:
        yield
    except DBAPIError as error:
        raise StoreError(_message(url, str(error.orig))) from error
    except OSError as error:
        raise StoreError(_message(url, error.strerror or str(error))) from error
    except SQLAlchemyError as error:
        raise StoreError(_message(url, str(error))) from error


def _message(url: URL, reason: str) -> str:
    lines = [line.strip() for line in reason.splitlines() if line.strip()]
    said = lines[0] if lines else "no reason given"
    for word, remedy in REMEDIES.items():
        if word in reason:
            intact = "" if any(damaged in reason for damaged in DAMAGED) else "; what it held is intact"
            return f"history {shown(url)}: {said}; {remedy}{intact}"
    return f"history {shown(url)}: {said}"
