"""Whatever a name stands for, each reader tells it in one line with exit code 2: a folder, a pipe, a device, nothing."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from screener import holdings, scenarios, universes
from screener.config import assumptions_file, limits, user_file
from screener.errors import InputError, NotKnown, ScreenerError
from screener.overrides import file as overrides
from screener.proposals import file as proposals
from screener.proposals import items_file
from screener.readers import content
from screener.records.find import find_run
from screener.rules import screens
from screener.studies.claims.check import read_claims
from screener.universes import overlay
from valuation.assumptions import Assumptions

pytestmark = pytest.mark.skipif(os.name == "nt", reason="pipes and devices of a Unix system")


def _of_folder(path: Path) -> object:
    """A universe whose prices.csv is the file."""
    return universes.load(path.parent)


# Each reader, with the name that its file has.
READERS: dict[str, tuple[str, Callable[[Path], object]]] = {
    "assumptions": ("a.toml", lambda path: assumptions_file.read(path, Assumptions())),
    "assumptions of a workbook": ("a.xlsx", lambda path: assumptions_file.read(path, Assumptions())),
    "limits": ("limits.toml", limits.load_limits),
    "a scenario": ("s.toml", lambda path: scenarios.load(str(path))),
    "a screen": ("s.toml", lambda path: screens.load(str(path))),
    "settings": ("settings.toml", user_file.read),
    "overrides": ("o.toml", overrides.read),
    "an edited workbook": ("o.xlsx", overrides.read),
    "a run's workbook": ("r.xlsx", lambda path: find_run(str(path), lambda _: pytest.fail("asked the history"))),
    "a run's JSON": ("r.json", lambda path: find_run(str(path), lambda _: pytest.fail("asked the history"))),
    "holdings": ("h.csv", lambda path: holdings.read([path])),
    "proposals": ("p.csv", proposals.read),
    "items of filings": ("i.csv", items_file.read),
    "claims": ("c.csv", read_claims),
    "a file of a universe": ("prices.csv", _of_folder),
    "the settings of a universe": ("universe.toml", _of_folder),
    "a file of an overlay": ("financials.csv", lambda path: overlay.contents(path.parent)),
}
# What the name stands for, how it is made, and what is told.
KINDS: dict[str, tuple[Callable[[Path], None], str]] = {
    "a folder": (Path.mkdir, "it is a folder"),
    "a pipe": (os.mkfifo, "it is a device, a pipe or a socket"),
    "a device without end": (lambda path: path.symlink_to("/dev/zero"), "it is a device, a pipe or a socket"),
    "a link to itself": (lambda path: path.symlink_to(path), "a file that can be read"),
    "a sparse file of 2 GB": (lambda path: _sparse(path, 2**31), "a file of at most"),
}


def _sparse(path: Path, size: int) -> None:
    with path.open("wb") as file:
        file.truncate(size)


@dataclass(frozen=True)
class Case:
    """A reader, what stands under its file's name, and what comes of it."""

    reader: str
    fault: str
    outcome: str = "One line with exit code 2; nothing is read"

    @property
    def id(self) -> str:
        return f"{self.reader}: {self.fault}"

    @property
    def what(self) -> str:
        """The question of the table of faults: which file."""
        return self.reader


CASES = [Case(reader, fault) for fault in KINDS for reader in READERS]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_what_is_no_plain_file_is_told_by_every_reader(tmp_path, case):
    name, read = READERS[case.reader]
    made, told = KINDS[case.fault]
    made(tmp_path / name)
    with pytest.raises(ScreenerError) as raised:
        read(tmp_path / name)
    assert raised.value.exit_code == 2
    assert told in str(raised.value)
    assert name in str(raised.value)


@pytest.mark.parametrize("named", ["nothing.toml", "x" * 300 + ".toml", "no/such/folder.toml", "a\x00b.toml", ""])
def test_a_name_of_nothing_is_told(tmp_path, named):
    for read in (limits.load_limits, lambda path: scenarios.load(str(path)), lambda path: assumptions_file.read(
        path, Assumptions()), lambda path: holdings.read([path])):  # fmt: skip
        with pytest.raises(ScreenerError) as raised:
            read(tmp_path / named)
        assert raised.value.exit_code == 2


def test_a_file_in_place_of_a_folder_is_nothing(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(NotKnown, match="no file"):
        content.read(tmp_path / "file" / "inner.toml")


@contextlib.contextmanager
def as_nobody() -> Iterator[None]:
    """A user without rights for a while, where the tests run as root, who may read everything."""
    import pwd  # there is none on Windows

    user = os.geteuid()
    if user == 0:
        os.seteuid(pwd.getpwnam("nobody").pw_uid)
    try:
        yield
    finally:
        if user == 0:
            os.seteuid(user)


def test_a_file_without_permission_is_told():
    # Not in tmp_path, whose folders above are the tests' user's alone.
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for name, permission in (("mine.toml", 0), ("everybodys.toml", 0o444)):
            (Path(folder) / name).write_text("x")
            (Path(folder) / name).chmod(permission)
        with as_nobody():
            assert content.read(Path(folder) / "everybodys.toml")
            with pytest.raises(InputError, match=r"mine.toml: expected a file that can be read \(Permission denied\)"):
                content.read(Path(folder) / "mine.toml")


def test_a_refusal_of_the_system_is_told(tmp_path, monkeypatch):
    (tmp_path / "mine.toml").write_text("x")

    def refuse(*_: object) -> int:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(content.os, "open", refuse)
    with pytest.raises(InputError, match=r"mine.toml: expected a file that can be read \(Permission denied\)"):
        content.read(tmp_path / "mine.toml")


def test_a_file_that_goes_between_two_looks_is_nothing(tmp_path, monkeypatch):
    path = tmp_path / "mine.toml"
    path.write_text("x")
    before = os.open

    def gone(*arguments: object) -> int:
        path.unlink()
        return before(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(content.os, "open", gone)
    with pytest.raises(NotKnown, match="no file"):
        content.read(path)


def test_a_file_that_grows_while_it_is_read_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "mine.csv"
    path.write_bytes(b"x" * 10)
    before = os.fstat

    def grown(descriptor: int) -> os.stat_result:
        status = before(descriptor)
        path.write_bytes(b"x" * 100)
        return status

    monkeypatch.setattr(content.os, "fstat", grown)
    with pytest.raises(InputError, match="a file of at most 50 bytes"):
        content.read(path, most_bytes=50)
    assert content.read(path, most_bytes=100) == b"x" * 100
