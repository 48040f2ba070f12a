"""Killed, out of disk, not allowed to write: one clear line, and a history that is intact."""

from __future__ import annotations

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing, suppress
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from screener.errors import StoreError
from screener.store import Store
from tests import commands
from tests.screener.store.conftest import NOW

ROOT = Path(__file__).resolve().parents[3]
KILLS, KILLS_POSTGRES = 50, 30
SINCE, WEEKS = "2026-04", 28  # to the last bundled close
FILL = ("--since", SINCE, "--source", "bundled", "--database")


def screener(*arguments: str, cwd: Path, largest_file: int | None = None) -> subprocess.CompletedProcess[str]:
    environment = {"XDG_STATE_HOME": str(cwd / "state")}
    return commands.screener(*arguments, cwd=cwd, environment=environment, largest_file=largest_file)


def runs_in(history: Path) -> int:
    """Through another door than the toolkit's: the file is sound, and has so many runs."""
    with closing(sqlite3.connect(history)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone()[0] == "ok"
        return connection.execute("SELECT count(*) FROM runs").fetchone()[0]


@pytest.mark.long
@pytest.mark.parametrize(("database", "kills"), [("sqlite", KILLS), ("postgresql", KILLS_POSTGRES)])
def test_killed_at_random_moments_nothing_is_half_and_the_next_run_completes(tmp_path, database, kills):
    jobs = {}
    for name, seed in (("run", 20260116), ("fill", 20260123)):
        (tmp_path / name).mkdir()
        command = [sys.executable, "-m", "tests.screener.store.killed", name, str(tmp_path / name), str(seed)]
        jobs[name] = subprocess.Popen(
            [*command, str(kills // 2), database], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
    for name, job in jobs.items():
        out, errors = job.communicate(timeout=commands.PATIENCE)
        assert job.returncode == 0, errors
        told = json.loads(out)
        assert told["faults"] == [], name
        assert told["killed_at_work"] == kills // 2, name


@pytest.mark.long
def test_a_backfill_of_two_processes_is_killed_and_goes_on_where_it_was(tmp_path):
    history = tmp_path / "history.sqlite"
    command = [
        sys.executable,
        "-m",
        "screener",
        "backfill",
        "--since",
        SINCE,
        "--source",
        "bundled",
        "--database",
        str(history),
    ]
    victim = subprocess.Popen([*command, "--workers", "2"], cwd=tmp_path, stdout=subprocess.DEVNULL)
    try:
        until = time.monotonic() + commands.PATIENCE
        while time.monotonic() < until and victim.poll() is None:
            if history.exists() and _runs_so_far(history) >= 8:
                break
            time.sleep(0.02)
        helpers = psutil.Process(victim.pid).children(recursive=True)
        assert len(helpers) >= 2
    finally:
        victim.send_signal(signal.SIGKILL)
        victim.wait()
    _, left = psutil.wait_procs(helpers, timeout=60)
    assert left == [], "the processes of a killed backfill live on"
    stored = runs_in(history)
    assert 8 <= stored < WEEKS
    done = screener("backfill", *FILL, str(history), "--workers", "1", cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert f"{WEEKS - stored} runs added, {stored} already stored" in done.stdout
    assert runs_in(history) == WEEKS


def _runs_so_far(history: Path) -> int:
    try:
        with closing(sqlite3.connect(history)) as connection:
            return connection.execute("SELECT count(*) FROM runs").fetchone()[0]
    except sqlite3.OperationalError:
        return 0


@dataclass
class Disk:
    """A folder that can be made full and read-only, and the size that a file of a command may have there."""

    folder: Path
    fill: Callable[[], None]
    largest_file: int | None
    forbid: Callable[[], None]


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Disk]:
    """A tmpfs of 8 MB where we may mount one; else a limit on the size of files, and permissions."""
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=8m", "tmpfs", str(folder)]
    if os.geteuid() == 0 and subprocess.run(mount, capture_output=True, check=False).returncode == 0:

        def fill() -> None:
            with suppress(OSError), (folder / "ballast").open("wb", buffering=0) as file:
                while True:
                    file.write(b"\0" * 4096)

        def forbid() -> None:
            subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)

        yield Disk(folder, fill, None, forbid)
        subprocess.run(["umount", "-l", str(folder)], check=True)
        return

    yield Disk(folder, lambda: None, 100_000, lambda: folder.chmod(0o555))
    folder.chmod(0o755)


def january(history: Path, *more: str) -> list[str]:
    return ["run", "--source", "bundled", "--as-of", "2026-01-16", "--store", "--database", str(history), *more]


def test_a_full_disk_is_one_clear_line_and_the_screen_is_written_all_the_same(disk, tmp_path):
    history = disk.folder / "history.sqlite"
    arguments = ["run", "--source", "bundled", "--as-of", "2026-01-09", "--store", "--database", str(history)]
    assert screener(*arguments, cwd=tmp_path).returncode == 0
    disk.fill()
    # The limit on files would stop the workbook too; the csv fits under it.
    result = screener(*january(history, "--quiet", "--format", "csv"), cwd=tmp_path, largest_file=disk.largest_file)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert str(history) in result.stderr
    assert "free some space" in result.stderr
    assert (tmp_path / "screens" / "miners_2026-01-16.csv").exists()
    (disk.folder / "ballast").unlink(missing_ok=True)
    assert runs_in(history) == 1
    assert screener(*january(history, "--quiet"), cwd=tmp_path).returncode == 0
    assert runs_in(history) == 2


def test_a_weekly_run_onto_a_full_disk_leaves_no_file_and_is_done_over(disk, tmp_path):
    history, out = tmp_path / "history.sqlite", disk.folder / "out"
    out.mkdir()
    disk.fill()
    arguments = ["weekly", "--source", "bundled", "--as-of", "2026-01-16", "--database", str(history)]
    result = screener(*arguments, "--out", str(out), cwd=tmp_path, largest_file=disk.largest_file)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert list(out.iterdir()) == []
    (disk.folder / "ballast").unlink(missing_ok=True)
    again = screener(*arguments, "--out", str(out), cwd=tmp_path)
    assert again.returncode == 0, again.stderr
    assert [path.name for path in out.iterdir()] == ["miners_2026-01-16.xlsx"]
    assert runs_in(history) == 1


def test_a_read_only_folder_is_one_clear_line_and_the_screen_is_written_all_the_same(disk, tmp_path):
    history = disk.folder / "history.sqlite"
    arguments = ["run", "--source", "bundled", "--as-of", "2026-01-09", "--store", "--database", str(history)]
    assert screener(*arguments, cwd=tmp_path).returncode == 0
    content = history.read_bytes()
    disk.forbid()
    result = screener(*january(history, "--quiet"), cwd=tmp_path)
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr
    assert str(history) in result.stderr
    assert "writable" in result.stderr
    assert (tmp_path / "screens" / "miners_2026-01-16.xlsx").exists()
    assert history.read_bytes() == content
    result = screener("weekly", "--source", "bundled", "--as-of", "2026-01-16", "--database", str(history),
                      "--out", str(disk.folder / "out"), cwd=tmp_path)  # fmt: skip
    assert result.returncode == 1
    assert len(result.stderr.splitlines()) == 1, result.stderr


def test_a_file_of_another_kind_is_refused_and_left_as_it_is(tmp_path):
    other = tmp_path / "notes.txt"
    other.write_text("not a database, and dear to its owner\n" * 100)
    with pytest.raises(StoreError, match=r"not a database.*--database$"):
        Store.open(other, NOW)
    assert other.read_text().startswith("not a database, and dear")


def test_a_folder_in_the_place_of_the_file_is_one_line(tmp_path):
    with pytest.raises(StoreError, match=str(tmp_path)):
        Store.open(tmp_path, NOW)


def test_a_history_that_another_program_holds_is_waited_for_and_then_told(tmp_path, monkeypatch):
    from screener.store import database

    history = tmp_path / "history.sqlite"
    Store.open(history, NOW).close()
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.2)
    with closing(sqlite3.connect(history, isolation_level=None)) as other, Store.open(history, NOW) as store:
        other.execute("BEGIN IMMEDIATE")
        with pytest.raises(StoreError, match="try again"):
            store.mark_delivered("abc", "email", NOW)
        other.execute("COMMIT")
        store.mark_delivered("abc", "email", NOW)
