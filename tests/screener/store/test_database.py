"""How long a connection waits for others, and what each database is asked to keep; no server is asked."""

from __future__ import annotations

import pytest
from sqlalchemy import event

from screener.store import database


def test_a_connection_to_a_file_waits_half_a_minute_and_keeps_what_is_written(tmp_path):
    made = database.engine(database.address(tmp_path / "history.sqlite"))
    with database.reading(made) as connection:
        kept = {name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
                for name in ("busy_timeout", "foreign_keys", "synchronous")}  # fmt: skip
    made.dispose()
    assert kept == {"busy_timeout": 30_000, "foreign_keys": 1, "synchronous": 2}  # FULL


def test_a_server_has_ten_seconds_to_answer():
    made = database.engine(database.address("postgresql://me@127.0.0.1:1/history"))
    asked: list[dict] = []

    @event.listens_for(made, "do_connect")
    def refuse(dialect: object, record: object, arguments: list, named: dict) -> None:
        asked.append(named)
        raise ConnectionError("not asked")

    with pytest.raises(ConnectionError):
        made.connect()
    assert (asked[0]["connect_timeout"], asked[0]["application_name"]) == (10, "miner-screener")
