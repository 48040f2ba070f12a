"""Versioned steps from an empty database to the schema of today, each applied once, in one transaction.

An own runner of forty lines, not Alembic: the toolkit owns both ends of an append-only schema, ships its steps in the
wheel, never goes down a version, and must migrate by itself at half past six on a Friday without a configuration
folder or a command to type.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from sqlalchemy import Connection, func, inspect, select, text

from screener.errors import StoreError
from screener.store import schema

Step = Callable[[Connection], None]


def _first(connection: Connection) -> None:
    schema.metadata.create_all(connection, [t for t in schema.metadata.sorted_tables if t is not schema.voids])


def _second(connection: Connection) -> None:
    """Runs can be marked void."""
    schema.voids.create(connection)
    if connection.dialect.name == "postgresql":
        _grant_as(connection, schema.runs.name, schema.voids.name)


def _grant_as(connection: Connection, known: str, new: str) -> None:
    """Let everybody read a new table who may read a known one: a role that only reads keeps its access."""
    granted = "SELECT DISTINCT grantee FROM information_schema.role_table_grants "
    granted += "WHERE table_schema = current_schema() AND table_name = :known AND privilege_type = 'SELECT'"
    quote = connection.dialect.identifier_preparer.quote_identifier
    for role in connection.execute(text(granted), {"known": known}).scalars().all():
        who = "PUBLIC" if role == "PUBLIC" else quote(role)
        connection.exec_driver_sql(f"GRANT SELECT ON {new} TO {who}")


# Position + 1 is the version that the step leads to. A later change adds its step here (ALTER TABLE ... ADD COLUMN, or a
# table of its own) and to `schema.py`; the first step keeps to the tables as they were.
STEPS: tuple[Step, ...] = (_first, _second)


def version(connection: Connection) -> int:
    """The schema version of a database; 0 where it is empty."""
    if not inspect(connection).has_table(schema.schema_versions.name):
        return 0
    return int(connection.execute(select(func.max(schema.schema_versions.c.version))).scalar() or 0)


def needed(connection: Connection) -> bool:
    """Whether steps are missing.

    Raises
    ------
    StoreError
        The database was written by a newer toolkit.
    """
    found = version(connection)
    if found > len(STEPS):
        raise StoreError(
            f"the history has schema version {found}, this toolkit knows {len(STEPS)}: install the newer toolkit"
        )
    return found < len(STEPS)


def apply(connection: Connection, now: datetime) -> None:
    """Apply the missing steps within the caller's write transaction, which serialises two that arrive together."""
    for number in range(version(connection) + 1, len(STEPS) + 1):
        STEPS[number - 1](connection)
        connection.execute(schema.schema_versions.insert().values(version=number, applied_at=now))
