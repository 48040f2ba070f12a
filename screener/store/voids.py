"""Runs marked void: kept and shown, not compared. A mark is only ever added, with who made it, when and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, func, insert, inspect, select

from screener.errors import InputError, VoidRun
from screener.store import schema

MOST_CHARACTERS = 500


@dataclass(frozen=True)
class Void:
    """Since when a run is void, who marked it so, and why."""

    at: datetime
    person: str
    why: str

    def __str__(self) -> str:
        return f"void since {self.at:%Y-%m-%d %H:%M} UTC by {self.person}: {self.why}"


def voids(connection: Connection) -> dict[str, Void]:
    """The runs that are void, by run id; none in a history whose schema is older than the mark."""
    if not inspect(connection).has_table(schema.voids.name):
        return {}
    table = schema.voids
    last: dict[str, Void | None] = {}
    for row in connection.execute(select(table).order_by(table.c.void_no)):
        last[row.run_id] = Void(row.at, row.person, row.why) if row.is_void else None
    return {run_id: void for run_id, void in last.items() if void is not None}


def mark(connection: Connection, run_id: str, now: datetime, *, void: bool, person: str, why: str) -> None:
    """Mark a run void, or no longer void, within the caller's write transaction.

    Raises
    ------
    VoidRun
        It is void already, or is not void.
    InputError
        `person` or `why` is empty, too long, or not one line of printable characters.
    """
    for option, text in (("--by", person), ("--why", why)):
        if not text.strip() or not text.isprintable() or len(text) > MOST_CHARACTERS:
            raise InputError(f"{option}: expected one line of at most {MOST_CHARACTERS} printable characters")
    table = schema.voids
    standing = voids(connection).get(run_id)
    if (standing is not None) == void:
        raise VoidRun(f"run {run_id} is {standing or 'not void'}; nothing was changed")
    number = int(connection.execute(select(func.coalesce(func.max(table.c.void_no), 0))).scalar_one()) + 1
    row = {
        "void_no": number,
        "run_id": run_id,
        "is_void": void,
        "at": now,
        "person": person.strip(),
        "why": why.strip(),
    }
    connection.execute(insert(table).values(row))
