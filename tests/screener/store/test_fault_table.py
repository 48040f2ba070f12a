"""Faults of the history and of the files beside it: what may not be written, what is full, what is void."""

from __future__ import annotations

import errno
import logging
import os
import re
import resource
import shutil
import sqlite3
import stat
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy
from click.testing import CliRunner

from screener import logs
from screener.cli import cli
from screener.errors import InputError, NotKnown, ScreenerError, StoreError, VoidRun
from screener.ledger import Ledger
from screener.sources.told import Outcome, Told
from screener.store import Record, Store, record
from tests.screener.store.conftest import NOW, dump
from tests.screener.store.server import Server
from tests.screener.store.test_migrations import made_by_the_first_version
from valuation.comparison.changes import compare
from valuation.screen import Screen

NOBODY = 65534
DATES = ["2026-01-09", "2026-01-16", "2026-01-23"]


@dataclass
class Place:
    """A folder that everybody may enter, with a history of three weeks; a server, started when it is asked for."""

    folder: Path
    records: list[Record]
    ask_server: Callable[[], Server]

    @property
    def history(self) -> Path:
        return self.folder / "kept" / "history.sqlite"

    def on_server(self) -> tuple[Server, str]:
        """A history of two weeks on PostgreSQL."""
        server = self.ask_server()
        address = server.new()
        fill(address, self.records[:2])
        return server, address

    def void(self, named: str = "latest", why: str = "a wrong close", address: str | Path = "") -> str:
        with Store.open(address or self.history, NOW, create=False) as store:
            run = store.find(named, "miners", void=True)
            store.mark(run, NOW, void=True, person="Ann", why=why)
        return run.run_id


def fill(address: str | Path, records: list[Record]) -> None:
    with Store.open(address, NOW) as store, store.exclusive() as writer:
        for one in records:
            writer.save(one, "weekly", NOW)


def read(address: str | Path) -> list[str]:
    """What `history list`, `history show` and `diff` read: the dates, the figures of a run, a comparison."""
    with Store.open(address, NOW, create=False) as store:
        runs = store.runs("miners", void=True)
        last = store.snapshot(store.find("latest", "miners"))
        changes = compare(store.snapshot("previous", "miners"), last)
    assert len(last.table) > 10
    assert len(changes.attribution.frame) > 10
    return [run.as_of.isoformat() for run in runs]


def elsewhere(work: Callable[[], object], *, user: int = 0, largest_file: int = 0) -> str:
    """What the work returned, or its error, in a process of another user or with files that cannot grow further."""
    ours, theirs = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # of a fork beside threads that do nothing
        child = os.fork()
    if child == 0:
        try:
            if largest_file:
                resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
            if user and os.geteuid() == 0:
                os.setresgid(user, user, user)
                os.setresuid(user, user, user)
            said = str(work())
        except ScreenerError as error:
            said = f"{type(error).__name__}: {error}"
        except BaseException as error:
            said = f"TRACEBACK {type(error).__name__}: {error}"
        os.write(theirs, said.encode()[:4000])
        os._exit(0)
    os.close(theirs)
    with os.fdopen(ours, "rb") as answer:
        text = answer.read().decode()
    os.waitpid(child, 0)
    return text


@contextmanager
def forbidden(*paths: Path) -> Iterator[None]:
    """Files and folders that nobody may write while the block lasts."""
    modes = {path: path.stat().st_mode for path in paths}
    for path in paths:
        path.chmod(0o555 if path.is_dir() else 0o444)
    yield
    for path, mode in modes.items():
        path.chmod(mode)


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@contextmanager
def umask(value: int) -> Iterator[None]:
    before = os.umask(value)
    try:
        yield
    finally:
        os.umask(before)


def file_is_read_only(place: Place) -> None:
    with forbidden(place.history):
        assert elsewhere(lambda: read(place.history), user=NOBODY) == str(DATES)


def folder_is_read_only(place: Place) -> None:
    with forbidden(place.history.parent):
        place.history.chmod(0o666)
        assert elsewhere(lambda: read(place.history), user=NOBODY) == str(DATES)


def folder_and_file_are_read_only(place: Place) -> None:
    before = sorted(path.name for path in place.history.parent.iterdir())
    with forbidden(place.history, place.history.parent):
        assert elsewhere(lambda: read(place.history), user=NOBODY) == str(DATES)
    assert sorted(path.name for path in place.history.parent.iterdir()) == before


def with_log_of_writes(place: Place, *, index: bool) -> None:
    """The history as a killed writer leaves it: two of its runs stand in the write-ahead log alone."""
    folder = place.folder / "killed"
    folder.mkdir()
    fill(place.history.parent / "one.sqlite", place.records[:1])
    with closing(sqlite3.connect(place.history.parent / "one.sqlite")) as holder:
        holder.execute("PRAGMA wal_autocheckpoint = 0")
        holder.execute("SELECT count(*) FROM runs").fetchone()  # keeps the log from being folded in when others close
        fill(place.history.parent / "one.sqlite", place.records[1:])
        for end in ("", "-wal", "-shm"):
            if end != "-shm" or index:
                shutil.copy(place.history.parent / f"one.sqlite{end}", folder / f"history.sqlite{end}")
    assert (folder / "history.sqlite-wal").stat().st_size > 0
    place.history.parent.rename(place.folder / "before")
    folder.rename(place.history.parent)


def killed_writer_left_its_log(place: Place) -> None:
    with_log_of_writes(place, index=True)
    with forbidden(*place.history.parent.iterdir(), place.history.parent):
        assert elsewhere(lambda: read(place.history), user=NOBODY) == str(DATES)


def log_without_its_index(place: Place) -> None:
    with_log_of_writes(place, index=False)
    with forbidden(*place.history.parent.iterdir(), place.history.parent):
        said = elsewhere(lambda: read(place.history), user=NOBODY)
    assert said.startswith("StoreError: ")
    assert "history.sqlite-wal" in said
    assert "copy both files" in said
    assert read(place.history) == DATES  # and a writer reads all of it


def old_schema_is_read_only(place: Place) -> None:
    old = place.history.with_name("old.sqlite")
    made_by_the_first_version(str(old))
    with closing(sqlite3.connect(place.history)) as whole, whole:
        whole.execute(f"ATTACH '{old}' AS old")
        for name in ("runs", "companies", "figures", "bridge_lines", "contracts", "issues", "facts", "run_facts"):
            whole.execute(f"INSERT INTO old.{name} SELECT * FROM main.{name}")
    with forbidden(old, old.parent):
        assert elsewhere(lambda: read(old), user=NOBODY) == str(DATES)
        said = elsewhere(lambda: place.void(address=old), user=NOBODY)
    assert said.startswith("StoreError: ")
    assert "writable" in said


def may_not_be_read(place: Place) -> None:
    place.history.chmod(0o600)
    said = elsewhere(lambda: read(place.history), user=NOBODY)
    assert said.startswith(f"StoreError: history {place.history}: ")
    place.history.parent.chmod(0o700)
    said = elsewhere(lambda: read(place.history), user=NOBODY)
    assert said.startswith(("StoreError: ", "NotKnown: "))
    place.history.parent.chmod(0o755)


def void_where_nothing_may_be_written(place: Place) -> None:
    with forbidden(place.history, place.history.parent):
        said = elsewhere(place.void, user=NOBODY)
    assert said.startswith("StoreError: ")
    assert "writable" in said
    assert read(place.history) == DATES


def void_on_a_full_disk(place: Place) -> None:
    before = dump(str(place.history))
    said = elsewhere(place.void, largest_file=4096)
    assert said.startswith("StoreError: ")
    assert "free some space" in said
    assert dump(str(place.history)) == before


def read_on_a_full_disk(place: Place) -> None:
    assert elsewhere(lambda: read(place.history), largest_file=1) == str(DATES)


def save_on_a_full_disk(place: Place) -> None:
    with Store.open(place.folder / "new" / "history.sqlite", NOW):
        pass
    fill(place.folder / "new" / "history.sqlite", place.records[:1])
    before = dump(str(place.folder / "new" / "history.sqlite"))
    said = elsewhere(lambda: fill(place.folder / "new" / "history.sqlite", place.records[1:]), largest_file=200_000)
    assert said.startswith("StoreError: ")
    assert "free some space" in said
    assert "what it held is intact" in said
    assert dump(str(place.folder / "new" / "history.sqlite")) == before
    fill(place.folder / "new" / "history.sqlite", place.records[1:])
    assert read(place.folder / "new" / "history.sqlite") == DATES


def old_schema_on_a_full_disk(place: Place) -> None:
    old = place.history.with_name("old.sqlite")
    made_by_the_first_version(str(old))
    with Store.open(old, NOW, create=False) as store:
        assert store.runs() == []
    made_by_the_first_version(str(old.with_name("older.sqlite")))

    def look() -> list[object]:
        with Store.open(old.with_name("older.sqlite"), NOW, create=False) as store:
            return list(store.runs(void=True))

    assert elsewhere(look, largest_file=1) == "[]"


def begin_on_a_full_disk(place: Place) -> None:
    said = elsewhere(lambda: fill(place.folder / "new" / "history.sqlite", place.records[:1]), largest_file=1)
    assert said.startswith("StoreError: ")
    assert "free some space" in said
    fill(place.folder / "new" / "history.sqlite", place.records)
    assert read(place.folder / "new" / "history.sqlite") == DATES


def ledger_on_a_full_disk(place: Place) -> None:
    path = place.folder / "ledger.sqlite"
    with Ledger.open(path) as ledger:
        ledger.add(Told("yahoo", outcomes=(Outcome("closes", "RIOT"),)), NOW)
    many = tuple(Outcome("closes", f"T{n}", body=os.urandom(2000)) for n in range(100))

    def add() -> None:
        with Ledger.open(path) as ledger:
            ledger.add(Told("yahoo", outcomes=many), NOW)

    said = elsewhere(add, largest_file=path.stat().st_size)
    assert said.startswith("StoreError: ")
    assert "free some space" in said
    with Ledger.open(path) as ledger:
        assert list(ledger.asked()["subject"]) == ["RIOT"]


def log_on_a_full_disk(place: Place) -> None:
    path = place.folder / "weekly.log"
    with logs.to_file(path):
        logging.getLogger("screener").info("before")
    before = path.read_text()

    def work() -> str:
        with logs.to_file(path):
            for _ in range(1000):
                logging.getLogger("screener").info("more")
        return "done"

    assert elsewhere(work, largest_file=len(before) + 100) == "done"
    assert path.read_text().startswith(before)


def output_on_a_full_disk(place: Place) -> None:
    from exports.tables.machine import write_whole

    path = place.folder / "weeks.csv"
    write_whole(path, b"last week\n")

    def work() -> str:
        try:
            write_whole(path, b"this week\n" * 10_000)
        except OSError as error:
            return errno.errorcode[error.errno or 0]
        return "written"

    assert elsewhere(work, largest_file=1000) == "EFBIG"
    assert path.read_bytes() == b"last week\n"
    assert [one.name for one in place.folder.iterdir() if "weeks" in one.name] == ["weeks.csv"]


def created_under_an_open_umask(place: Place) -> None:
    with umask(0):
        history, log = place.folder / "a" / "b" / "history.sqlite", place.folder / "l" / "weekly.log"
        with Store.open(history, NOW) as store, store.exclusive() as writer:
            writer.save(place.records[0], "run", NOW)
            made = {path.name: permissions(path) for path in history.parent.iterdir()}
        with logs.to_file(log), Ledger.open(place.folder / "d" / "ledger.sqlite") as ledger, ledger.updating():
            logging.getLogger("screener").info("a line")
            made |= {path.name: permissions(path) for path in (place.folder / "d").iterdir()}
    assert set(made) >= {"history.sqlite", "history.sqlite-wal", "history.sqlite.lock", "ledger.sqlite"}
    assert set(made.values()) == {0o600}
    assert permissions(log) == 0o600
    folders = (history.parent, history.parents[1], log.parent, place.folder / "d")
    assert {permissions(folder) for folder in folders} == {0o700}


def log_is_rotated_under_an_open_umask(place: Place) -> None:
    with umask(0), pytest.MonkeyPatch.context() as patch:
        patch.setattr(logs, "BYTES", 100)
        with logs.to_file(place.folder / "weekly.log"):
            for _ in range(4):
                logging.getLogger("screener").info("a line that is long enough to rotate the log of this test")
    made = [path for path in place.folder.iterdir() if path.name.startswith("weekly.log")]
    assert len(made) > 2
    assert {permissions(path) for path in made} == {0o600}


def permissions_were_chosen(place: Place) -> None:
    place.history.chmod(0o660)
    place.history.parent.chmod(0o770)
    fill(place.history, place.records)
    assert permissions(place.history) == 0o660
    assert permissions(place.history.parent) == 0o770


def file_is_empty(place: Place) -> None:
    empty = place.folder / "empty.sqlite"
    empty.touch()
    with pytest.raises(NotKnown, match=r"no history at .*empty.sqlite yet"):
        read(empty)
    assert empty.read_bytes() == b""
    fill(empty, place.records)
    assert read(empty) == DATES


def run_is_void(place: Place) -> None:
    run_id = place.void("2026-01-16")
    with Store.open(place.history, NOW) as store:
        assert [run.as_of.isoformat() for run in store.runs("miners")] == ["2026-01-09", "2026-01-23"]
        assert store.find("previous", "miners").as_of.isoformat() == "2026-01-09"
        assert store.before("miners", datetime(2026, 1, 23).date()).as_of.isoformat() == "2026-01-09"
        assert list(store.series("ev_per_mw_secured", "miners").index.strftime("%d")) == ["09", "23"]
        shown = store.find(run_id[:8], "miners", void=True)
        assert (shown.void.person, shown.void.why, shown.void.at) == ("Ann", "a wrong close", NOW)
        assert len(store.snapshot(shown).table) > 10


def void_run_is_compared(place: Place) -> None:
    run_id = place.void("2026-01-16")
    with Store.open(place.history, NOW) as store:
        for named in (run_id, run_id[:6], "2026-01-16"):
            with pytest.raises(VoidRun, match=rf"{run_id} .*void since 2026-10-09 22:30 UTC by Ann: a wrong close"):
                store.snapshot(named, "miners")


def void_and_another_run_of_one_day(place: Place) -> None:
    run_id = place.void("2026-01-16")
    other = place.records[1]
    changed = Record({**other.run, "run_id": "f" * 12, "result_sha256": "0"}, *[[]] * 6)
    fill(place.history, [changed])
    with Store.open(place.history, NOW) as store:
        assert store.find("2026-01-16", "miners").run_id == "f" * 12
        assert store.find("2026-01-16", "miners", void=True).run_id == "f" * 12
        assert store.find(run_id, "miners", void=True).void is not None
        assert store.find_void("2026-01-16", "miners").run_id == run_id
        assert store.find_void("latest", "miners").void is None


def every_run_is_void(place: Place) -> None:
    for day in DATES:
        place.void(day)
    with Store.open(place.history, NOW) as store:
        with pytest.raises(NotKnown, match="every run of miners in the history is void"):
            store.find("latest", "miners")
        with pytest.raises(NotKnown, match="no run of miners holds"):
            store.series("ev_per_mw_secured", "miners")


def void_run_is_made_again(place: Place) -> None:
    place.void("2026-01-16")
    with pytest.raises(VoidRun, match=r"its inputs are the same now: correct them, or"):
        fill(place.history, place.records)
    with Store.open(place.history, NOW) as store:
        assert len(store.runs(void=True)) == 3


def void_twice(place: Place) -> None:
    run_id = place.void("2026-01-16")
    with pytest.raises(VoidRun, match=r"void since .* by Ann: a wrong close; nothing was changed"):
        place.void(run_id, why="another reason")


def not_void(place: Place) -> None:
    with Store.open(place.history, NOW) as store, pytest.raises(VoidRun, match="is not void; nothing was changed"):
        store.mark(store.find("latest", "miners"), NOW, void=False, person="Ann", why="?")


def void_and_unvoid(place: Place) -> None:
    run_id = place.void("2026-01-16")
    with Store.open(place.history, NOW) as store:
        later = NOW + timedelta(hours=1)
        store.mark(store.find(run_id, "miners", void=True), later, void=False, person="Bob", why="it was right")
        assert len(store.runs("miners")) == 3
    marks = dump(str(place.history))["voids"]
    assert [(row[2], row[4], row[5]) for row in marks] == [
        (True, "Ann", "a wrong close"),
        (False, "Bob", "it was right"),
    ]


def reason_is_none(place: Place) -> None:
    for why in ("", "  ", "two\nlines", "a\x1b[31mred", "x" * 501):
        with pytest.raises(InputError, match="--why: expected one line"):
            place.void(why=why)
    assert dump(str(place.history))["voids"] == []


def void_from_the_command_line(place: Place) -> None:
    def screener(*arguments: str) -> tuple[int, str]:
        done = CliRunner().invoke(cli, [*arguments, "--database", str(place.history)], catch_exceptions=True)
        return done.exit_code, done.output if done.exception is None else f"{done.output}{done.exception}"

    assert screener("history", "void", "2026-01-16")[0] == 2  # a reason is asked for
    code, said = screener("history", "void", "2026-01-16", "--why", "a wrong close", "--by", "Ann")
    assert (code, re.findall("is void", said)) == (0, ["is void"])
    code, listed = screener("history", "list")
    assert code == 0
    assert [" void " in line for line in listed.splitlines()[1:4]] == [False, True, False]
    assert "by Ann: a wrong close" in " ".join(listed.split())
    assert "It is not compared" in " ".join(screener("history", "show", "2026-01-16")[1].split())
    assert "VoidRun" in repr(CliRunner().invoke(
        cli, ["diff", "2026-01-09", "2026-01-16", "--database", str(place.history)]).exception)  # fmt: skip


def role_that_reads(place: Place) -> None:
    server, address = place.on_server()
    reader = server.role(address, "GRANT SELECT ON ALL TABLES IN SCHEMA public")
    assert read(reader) == DATES[:2]
    with pytest.raises(StoreError, match="and INSERT too to write"):
        place.void(address=reader)
    with pytest.raises(StoreError, match="and INSERT too to write"):
        fill(reader, place.records[2:])
    assert read(address) == DATES[:2]


def role_without_grants(place: Place) -> None:
    server, address = place.on_server()
    with pytest.raises(StoreError, match="needs SELECT on all its tables"):
        read(server.role(address))


def role_that_reads_an_older_schema(place: Place) -> None:
    server = place.ask_server()
    address = server.new()
    made_by_the_first_version(address)
    reader = server.role(address, "GRANT SELECT ON ALL TABLES IN SCHEMA public")
    with Store.open(reader, NOW, create=False) as store:
        assert store.runs() == []
    fill(address, place.records[:2])  # the owner's toolkit brings the schema up to date; the role keeps its access
    assert read(reader) == DATES[:2]


def server_that_only_reads(place: Place) -> None:
    server, address = place.on_server()
    name = sqlalchemy.make_url(address).database
    server.do(f"ALTER DATABASE {name} SET default_transaction_read_only = on")
    assert read(address) == DATES[:2]
    with pytest.raises(StoreError, match="may be read alone"):
        place.void(address=address)


def database_without_a_history(place: Place) -> None:
    address = place.ask_server().new()
    with pytest.raises(NotKnown, match=r"no history at postgresql://postgres:\*\*\*@127"):
        read(address)
    assert place.ask_server().url("x")  # and nothing was made there
    engine = sqlalchemy.create_engine(address.replace("postgresql:", "postgresql+psycopg:"))
    assert sqlalchemy.inspect(engine).get_table_names() == []
    engine.dispose()


@dataclass(frozen=True)
class Case:
    """A fault, its outcome in words, and what tries it."""

    fault: str
    outcome: str
    tried: Callable[[Place], None]

    @property
    def id(self) -> str:
        return self.tried.__name__

    @property
    def long(self) -> bool:
        """Tried before a release (tests/conftest.py): it needs a PostgreSQL server."""
        return self.fault.startswith("PostgreSQL")


READ = "`history list`, `show` and `diff` read it; nothing is written beside it"
TOLD = "one line names it and the remedy; what it held is intact"
CASES = [
    Case("the history's file may not be written", READ, file_is_read_only),
    Case("the history's folder may not be written", READ, folder_is_read_only),
    Case("neither the history nor its folder may be written", READ, folder_and_file_are_read_only),
    Case("read-only, and a killed writer left its write-ahead log", "the runs in the log are read too",
         killed_writer_left_its_log),
    Case("read-only, with a write-ahead log and without its index",
         "refused, since the last runs would be missing: copy both files", log_without_its_index),
    Case("read-only, written by an older version of the toolkit", f"{READ}; marking a run void is refused",
         old_schema_is_read_only),
    Case("the history may not be read either", "one line names it", may_not_be_read),
    Case("a run is to be marked void in a read-only history", TOLD, void_where_nothing_may_be_written),
    Case("the disk is full, and a run is marked void", TOLD, void_on_a_full_disk),
    Case("the disk is full, and the history is read", "it is read", read_on_a_full_disk),
    Case("the disk is full, and a run is stored", f"{TOLD}; the next start stores it", save_on_a_full_disk),
    Case("the disk is full, and the history is of an older version", "it is read as it is", old_schema_on_a_full_disk),
    Case("the disk is full, and a history is begun", f"{TOLD}; the next start begins it", begin_on_a_full_disk),
    Case("the disk is full, and the ledger is added to", TOLD, ledger_on_a_full_disk),
    Case("the disk is full, and the log is written", "the run goes on; earlier lines stay", log_on_a_full_disk),
    Case("the disk is full, and an output is written anew", "the earlier file stays whole", output_on_a_full_disk),
    Case("history, ledger, locks and log are made under an open umask", "0600, in folders of 0700",
         created_under_an_open_umask),
    Case("the log is rotated under an open umask", "every file of it is 0600", log_is_rotated_under_an_open_umask),
    Case("the owner gave the history other permissions", "they stay", permissions_were_chosen),
    Case("the history is an empty file", "no history yet; the next stored run begins it", file_is_empty),
    Case("a run is void", "shown with who, when and why; not in the comparison, nor in a metric's history", run_is_void),
    Case("a void run is named to be compared", "refused, with who, when and why", void_run_is_compared),
    Case("a void run and another one of the same day", "the date names the other; to let one count again, the void one",
         void_and_another_run_of_one_day),
    Case("every run is void", "said so; nothing is compared", every_run_is_void),
    Case("the inputs of a void run are screened again", "refused until they are corrected or the run counts again",
         void_run_is_made_again),
    Case("a void run is marked void again", "refused; the first reason stands", void_twice),
    Case("a run that is not void is to count again", "refused", not_void),
    Case("a void run is to count again", "it does; both marks are kept", void_and_unvoid),
    Case("a reason of no words, of two lines or with control characters", "refused; nothing is marked", reason_is_none),
    Case("a run is marked void at the command line", "listed struck out, shown with the reason, not compared",
         void_from_the_command_line),
    Case("PostgreSQL: a role that may only read", f"{READ}; writing is refused with the remedy", role_that_reads),
    Case("PostgreSQL: a role without any grant", "one line names the grant it needs", role_without_grants),
    Case("PostgreSQL: a role that may only read, before and after the schema is brought up to date",
         "it reads both", role_that_reads_an_older_schema),
    Case("PostgreSQL: a server on which nothing may be written", f"{READ}; writing is refused", server_that_only_reads),
    Case("PostgreSQL: a database without a history is read", "no history yet, and none is made",
         database_without_a_history),
]  # fmt: skip


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory, screens: list[Screen]) -> tuple[Path, list[Record]]:
    """A history of three weeks, and their records."""
    path = tmp_path_factory.mktemp("filled") / "history.sqlite"
    records = [record(screen) for screen in screens]
    fill(path, records)
    return path, records


@pytest.fixture
def place(filled: tuple[Path, list[Record]], request: pytest.FixtureRequest) -> Iterator[Place]:
    # Not in pytest's own folder, which its owner alone may enter.
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        (folder / "kept").mkdir()
        shutil.copy(filled[0], folder / "kept" / "history.sqlite")
        (folder / "kept" / "history.sqlite").chmod(0o644)
        yield Place(folder, filled[1], lambda: request.getfixturevalue("server"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_fault_has_its_outcome_and_loses_nothing(case: Case, place: Place) -> None:
    case.tried(place)
