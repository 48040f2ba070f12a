"""The store's suite runs on SQLite and on a real PostgreSQL server, started here from a wheel, on loopback."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd
import pytest
import sqlalchemy

from screener import run_config, screen, universes
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.store import Store
from tests.screener.store.server import Server, started
from valuation.screen import Screen

NOW = datetime(2026, 10, 9, 22, 30, tzinfo=UTC)
DAYS = [pd.Timestamp(day) for day in ("2026-01-09", "2026-01-16", "2026-01-23")]


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with started() as one:
        yield one


@pytest.fixture(params=["sqlite", "postgresql"])
def address(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty history on each kind of database."""
    return empty(request, tmp_path)


def empty(request: pytest.FixtureRequest, folder: Path) -> str:
    """The address of an empty history on the kind of database that the fixture's parameter names."""
    return str(folder / "history.sqlite") if request.param == "sqlite" else request.getfixturevalue("server").new()


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
