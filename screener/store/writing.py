"""Adding to the history: what was seen, then the runs; nothing that stands there is touched."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Engine, func, insert, select

from screener.errors import StoreError, VoidRun
from screener.store import database, schema
from screener.store.record import Record, Row, Seen
from screener.store.voids import voids

KINDS = ("weekly", "run", "backfill")
CONTENT = ("value", "unit", "source_url", "confidence", "evidence")
OBSERVED = {"closes": ("origin", "ticker", "date"), "splits": ("origin", "ticker", "first_day_on_new_basis")}
OBSERVATION = {"closes": "close_usd", "splits": "shares_multiplier"}


@dataclass(frozen=True)
class Saved:
    """A run in the store: its id, its number, and whether it was added now or stood there before."""

    run_id: str
    run_no: int
    added: bool


class Writer:
    """Adds to a store under its lock: knows the last row of every fact and close, so that only news is added."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        with database.reading(engine) as connection:
            self._facts = _Facts(connection)
            self._observed = {name: _last_observed(connection, name) for name in OBSERVED}

    def remember(self, seen: Seen, now: datetime) -> int:
        """Keep what a source gave and the store does not hold as its last word; how many rows are new."""
        with database.writing(self._engine) as connection:
            facts = self._facts.see(seen.facts, now)
            _add(connection, "facts", facts.new)
            fresh = {name: self._news(name, getattr(seen, name), now) for name in OBSERVED}
            for name, rows in fresh.items():
                _add(connection, name, rows)
        self._facts.settle(facts)
        for name, rows in fresh.items():
            self._observed[name] |= {_key(row, OBSERVED[name]): row[OBSERVATION[name]] for row in rows}
        return len(facts.new) + sum(map(len, fresh.values()))

    def save(self, record: Record, kind: str, now: datetime) -> Saved:
        """Keep a run, whole or not at all; a run of the same inputs stands once.

        Raises
        ------
        StoreError
            The database cannot be written; or it holds another result of the very same inputs.
        VoidRun
            The run stands there and is void.
        """
        runs = schema.runs
        with database.writing(self._engine) as connection:
            same = connection.execute(
                select(runs.c.run_no, runs.c.result_sha256).where(runs.c.run_id == record.run["run_id"])
            ).first()
            if same:
                void = voids(connection).get(record.run["run_id"])
                if void is not None:
                    raise VoidRun(
                        f"run {record.run['run_id']} of {record.run['as_of']} is {void}; its inputs are the same now: "
                        f"correct them, or `screener history unvoid {record.run['run_id']} --why ...`"
                    )
                if same.result_sha256 != record.run["result_sha256"]:
                    raise StoreError(
                        f"run {record.run['run_id']} is stored with another result of the same inputs: "
                        "the computation is not reproducible on this machine; the stored run stands"
                    )
                return Saved(record.run["run_id"], same.run_no, False)
            run_no = int(connection.execute(select(func.coalesce(func.max(runs.c.run_no), 0))).scalar_one()) + 1
            facts = self._facts.see(record.facts, now)
            _add(connection, "facts", facts.new)
            connection.execute(insert(runs).values(**record.run, run_no=run_no, kind=kind, recorded_at=now))
            for name in ("companies", "figures", "bridge_lines", "contracts", "issues"):
                _add(connection, name, ({"run_no": run_no, **row} for row in getattr(record, name)))
            used = ({"run_no": run_no, "place": i, "fact_no": no} for i, no in enumerate(facts.numbers))
            _add(connection, "run_facts", used)
        self._facts.settle(facts)
        return Saved(record.run["run_id"], run_no, True)

    def _news(self, name: str, rows: list[Row], now: datetime) -> list[Row]:
        last, value = self._observed[name], OBSERVATION[name]
        latest = {_key(row, OBSERVED[name]): row for row in rows}  # of two in one answer the later stands
        return [{**row, "seen_at": now} for key, row in latest.items() if last.get(key) != row[value]]


@dataclass(frozen=True)
class _Sighting:
    """Facts of one answer placed against what is known: new rows, and the number of every row in order."""

    new: list[Row]
    numbers: list[int]
    last: dict[tuple[Any, ...], dict[int, tuple[int, tuple[Any, ...]]]]


class _Facts:
    """The last row of every fact. A key may hold several at once: two notes of one day and kind."""

    def __init__(self, connection: Connection) -> None:
        self._last: dict[tuple[Any, ...], dict[int, tuple[int, tuple[Any, ...]]]] = defaultdict(dict)
        self._next = 1
        table = schema.facts
        columns = [c for c in table.c if c.name not in ("source", "seen_at")]
        for row in connection.execute(select(*columns).order_by(table.c.fact_no)).mappings():
            self._last[_fact_key(row)][row["occurrence"]] = (row["fact_no"], _content(row))
            self._next = row["fact_no"] + 1

    def see(self, rows: list[Row], now: datetime) -> _Sighting:
        """Place an answer: a row as it last stood keeps its number, another content of a key becomes a new row."""
        by_key: dict[tuple[Any, ...], list[int]] = defaultdict(list)
        for i, row in enumerate(rows):
            by_key[_fact_key(row)].append(i)
        numbers, new, last = [0] * len(rows), [], {}
        number = self._next
        for key, positions in by_key.items():
            known = dict(self._last.get(key, {}))
            free = dict(known)
            unmatched = []
            for i in positions:
                content = _content(rows[i])
                same = next((o for o, (_, c) in free.items() if c == content), None)
                if same is None:
                    unmatched.append(i)
                else:
                    numbers[i] = free.pop(same)[0]
            for i in unmatched:
                occurrence = min(free) if free else len(known)
                free.pop(occurrence, None)
                known[occurrence] = (number, _content(rows[i]))
                new.append({**rows[i], "fact_no": number, "occurrence": occurrence, "seen_at": now})
                numbers[i] = number
                number += 1
            if unmatched:
                last[key] = known
        return _Sighting(new, numbers, last)

    def settle(self, sighting: _Sighting) -> None:
        """Take note of what was committed."""
        self._last.update(sighting.last)
        self._next += len(sighting.new)


def _fact_key(row: Any) -> tuple[Any, ...]:
    # A live source has no day of publication but the one of asking, which makes no new fact.
    published = row["published_on"] if "/" in row["origin"] else None
    return row["origin"], row["ticker"], row["item"], row["period_end"], published


def _content(row: Any) -> tuple[Any, ...]:
    if "/" in row["origin"]:
        return tuple(row[name] for name in CONTENT)
    return row["value"], row["unit"]


def _key(row: Any, names: Iterable[str]) -> tuple[Any, ...]:
    return tuple(row[name] for name in names)


def _last_observed(connection: Connection, name: str) -> dict[tuple[Any, ...], float]:
    table = schema.metadata.tables[name]
    rows = connection.execute(select(table).order_by(table.c.seen_at)).mappings()
    return {_key(row, OBSERVED[name]): row[OBSERVATION[name]] for row in rows}


def _add(connection: Connection, name: str, rows: Iterable[Row]) -> None:
    rows = list(rows)
    if rows:
        connection.execute(insert(schema.metadata.tables[name]), rows)
