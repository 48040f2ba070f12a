"""A history that can be read and not written: nothing is written beside it, and what a writer left is read or told."""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import threading
from pathlib import Path

import pytest
from sqlalchemy import text

from screener.errors import NotKnown, StoreError
from screener.store import Store, database
from tests.screener.store.conftest import NOW


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    """An empty history that is closed."""
    path = tmp_path_factory.mktemp("history") / "history.sqlite"
    Store.open(path, NOW).close()
    return path


@pytest.fixture
def history(whole, tmp_path) -> Path:
    return Path(shutil.copy(whole, tmp_path / "history.sqlite"))


@pytest.fixture
def written(history):
    """A history of which the last row stands in the log of a process that is at work."""
    writer = sqlite3.connect(history)
    writer.execute("INSERT INTO deliveries VALUES ('abc', 'email', '2026-10-09 22:30:00.000000')")
    writer.commit()
    assert history.with_name("history.sqlite-wal").stat().st_size > 0
    yield history
    writer.close()


def count(path: Path) -> int:
    engine = database.engine(database.address(path), read_only=True)
    try:
        with database.reading(engine) as connection:
            return connection.execute(text("SELECT count(*) FROM deliveries")).scalar_one()
    finally:
        engine.dispose()


def test_a_closed_history_is_read_and_nothing_stands_beside_it_afterwards(history):
    assert count(history) == 0
    assert [path.name for path in history.parent.iterdir()] == ["history.sqlite"]
    history.with_name("history.sqlite-wal").touch()  # an empty log holds nothing
    assert count(history) == 0


def test_what_another_process_wrote_last_is_read(written):
    assert count(written) == 1


def test_a_log_without_its_index_is_told(written, tmp_path):
    copy = tmp_path / "copy"
    copy.mkdir()
    for end in ("", "-wal"):
        shutil.copy(f"{written}{end}", copy / f"history.sqlite{end}")
    with pytest.raises(StoreError, match=r"what was written last stands in history\.sqlite-wal, which cannot be read"):
        count(copy / "history.sqlite")


def test_a_connection_serves_several_threads_and_writes_nothing(history):
    engine = database.engine(database.address(history), read_only=True)
    told = []
    try:
        with database.reading(engine) as connection:
            ask = lambda: told.append(connection.execute(text("SELECT count(*) FROM runs")).scalar_one())  # noqa: E731
            other = threading.Thread(target=ask)
            other.start()
            other.join()
        with pytest.raises(StoreError, match="readonly"), database.reading(engine) as connection:
            connection.execute(text("DELETE FROM runs"))
    finally:
        engine.dispose()
    assert told == [0]


@pytest.mark.parametrize(
    ("closed", "read_only"),
    [((), False), (("history.sqlite",), True), (("folder",), True), (("history.sqlite", "folder"), True)],
)
def test_a_history_is_read_only_where_its_file_or_its_folder_cannot_be_written(history, monkeypatch, closed, read_only):
    names = {"history.sqlite": history, "folder": history.parent}
    shut = [names[name] for name in closed]
    monkeypatch.setattr(os, "access", lambda path, how: how != os.W_OK or Path(path) not in shut)
    assert database.is_read_only(database.address(history)) is read_only
    assert database.is_read_only(database.address(history.with_name("none.sqlite"))) is False
    assert database.is_read_only(database.address("postgresql://me@host/name")) is False


@pytest.mark.parametrize(
    ("message", "of_the_disk"),
    [("history x: database or disk is full", True), ("history x: unable to open database file", True),
     ("history x: attempt to write a readonly database", True), ("history x: file is not a database", False)],
)  # fmt: skip
def test_which_errors_are_of_the_disk(message, of_the_disk):
    assert database.is_of_the_disk(StoreError(message)) is of_the_disk


def test_a_history_whose_files_cannot_be_made_is_read_and_says_why_it_is_not_written(history, monkeypatch):
    made = database.engine

    def full(url, *, read_only=False):
        if not read_only:
            raise StoreError("history x: database or disk is full; free some space")
        return made(url, read_only=True)

    monkeypatch.setattr(database, "engine", full)
    with Store.open(history, NOW, create=False) as store:
        assert store.runs() == []
        with pytest.raises(StoreError, match="disk is full"):
            store.mark(None, NOW, void=True, person="Ann", why="a wrong close")
    with pytest.raises(StoreError, match="disk is full"):
        Store.open(history, NOW)


def test_an_error_that_is_not_of_the_disk_is_raised_and_a_history_that_is_not_there_is_none(history, monkeypatch):
    other = history.with_name("other.sqlite")
    other.write_bytes(b"no database" * 100)
    with pytest.raises(StoreError, match="it is another kind of file"):
        Store.open(other, NOW, create=False)
    with pytest.raises(NotKnown, match="no history at"):
        Store.open(history.with_name("none.sqlite"), NOW, create=False)
    empty = history.with_name("empty.sqlite")
    empty.touch()
    with pytest.raises(NotKnown, match="no history at"):
        Store.open(empty, NOW, create=False)


def test_sqlite_s_own_check_finds_a_damaged_file(history):
    with Store.open(history, NOW, create=False) as store:
        assert store.fault() == ""
    content = bytearray(history.read_bytes())
    content[4096 : 4096 + 200] = b"\xff" * 200
    history.write_bytes(content)
    with Store(database.address(history), read_only=True) as store:
        try:
            said = store.fault()
        except StoreError as error:
            said = str(error)
    assert re.search("page 2|malformed", said, re.IGNORECASE)  # in the words of this version of SQLite
