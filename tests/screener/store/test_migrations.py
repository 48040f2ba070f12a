"""The schema by its versions: what an older toolkit made is brought up to date, what a newer one made is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from screener.errors import StoreError
from screener.store import Store, database, migrations, schema
from tests.screener.store.conftest import NOW, dump

FROZEN = Path(__file__).with_name("schema_2.sql")
FIRST = Path(__file__).with_name("schema_1.sql")


def ddl(dialect: sqlalchemy.Dialect) -> str:
    parts = []
    for table in schema.metadata.sorted_tables:
        parts.append(str(CreateTable(table).compile(dialect=dialect)).strip())
        indexes = sorted(table.indexes, key=lambda index: str(index.name))
        parts += [str(CreateIndex(index).compile(dialect=dialect)).strip() for index in indexes]
    return ";\n\n".join(parts) + ";\n"


def test_the_schema_is_the_one_that_its_version_names():
    """A change of the tables without a step in `migrations.STEPS` fails here."""
    text = f"-- sqlite\n{ddl(sqlite.dialect())}\n-- postgresql\n{ddl(postgresql.dialect())}"
    assert text == FROZEN.read_text()
    assert len(migrations.STEPS) == 2


def made_by_the_first_version(address: str) -> None:
    """A history as version 1 of the schema made it, from its frozen statements."""
    engine = database.engine(database.address(address))
    of_sqlite, _, of_postgresql = FIRST.read_text().partition("-- postgresql\n")
    text = of_sqlite.removeprefix("-- sqlite\n") if engine.dialect.name == "sqlite" else of_postgresql
    with database.writing(engine) as connection:
        for statement in text.split(";\n"):
            if statement.strip():
                connection.exec_driver_sql(statement)
        connection.execute(schema.schema_versions.insert().values(version=1, applied_at=NOW))
    engine.dispose()


def test_a_history_of_the_first_version_is_opened_kept_and_can_be_marked(address, screens):
    from screener.store import record

    made_by_the_first_version(address)
    with Store.open(address, NOW) as store:
        with store.exclusive() as writer:
            writer.save(record(screens[0]), "run", NOW)
        (run,) = store.runs()
        store.mark(run, NOW, void=True, person="Ann", why="a wrong close")
        assert store.runs() == []
    assert [row[0] for row in dump(address)["schema_versions"]] == [1, 2]


def test_an_older_database_gets_the_missing_steps_once_and_keeps_its_rows(address, monkeypatch, screens):
    from screener.store import record

    with Store.open(address, NOW) as store, store.exclusive() as writer:
        writer.save(record(screens[0]), "run", NOW)
    before = dump(address)

    def third(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE runs ADD COLUMN note TEXT")

    monkeypatch.setattr(migrations, "STEPS", (*migrations.STEPS, third))
    for _ in range(2):
        with Store.open(address, NOW) as store:
            assert len(store.runs()) == 1
    after = dump(address)
    assert [row[0] for row in after.pop("schema_versions")] == [1, 2, 3]
    before.pop("schema_versions")
    assert after == before


def test_a_step_that_fails_leaves_the_database_at_its_version(address, monkeypatch):
    Store.open(address, NOW).close()

    def broken(connection: sqlalchemy.Connection) -> None:
        connection.exec_driver_sql("ALTER TABLE runs ADD COLUMN note TEXT")
        connection.exec_driver_sql("ALTER TABLE nowhere ADD COLUMN note TEXT")

    with monkeypatch.context() as patched:
        patched.setattr(migrations, "STEPS", (*migrations.STEPS, broken))
        with pytest.raises(StoreError, match="nowhere"):
            Store.open(address, NOW)
    engine = database.engine(database.address(address))
    with database.reading(engine) as connection:
        assert migrations.version(connection) == 2
        assert "note" not in {column["name"] for column in sqlalchemy.inspect(connection).get_columns("runs")}
    engine.dispose()


def test_a_newer_database_is_refused_with_the_remedy(address):
    with Store.open(address, NOW) as store, database.writing(store._engine) as connection:
        connection.execute(schema.schema_versions.insert().values(version=99, applied_at=NOW))
    with pytest.raises(StoreError, match=r"version 99.*install the newer toolkit"):
        Store.open(address, NOW)
