"""What reaches a terminal: no control character of the data, no crash over a code page, a reader that leaves."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.text import Text as Line

from exports.tables.spec import Column, Page, TableSpec, Text
from exports.terminal import stream
from exports.terminal.render import console, print_page
from screener.cli.context import progress_of

ROOT = Path(__file__).resolve().parents[3]


@dataclass(frozen=True)
class Case:
    """A text of the data, the code page of the output, and what is printed for it."""

    id: str
    fault: str
    text: str
    outcome: str
    page: str = "utf-8"


def _shown(name: str, fault: str, text: str, printed: str, page: str = "utf-8") -> Case:
    return Case(name, fault, text, f"printed as {printed}", page)


CASES = [
    _shown("colour", "a colour sequence in a name", "A\x1b[31mB", "A\ufffd[31mB"),
    _shown("clear", "a sequence that clears the screen", "A\x1b[2J\x1b[HB", "A\ufffd[2J\ufffd[HB"),
    _shown("title", "a sequence that sets the window's title", "\x1b]0;x\x07B", "\ufffd]0;x\ufffdB"),
    _shown("one byte", "a sequence in one byte (C1)", "A\x9b31mB", "A\ufffd31mB"),
    _shown("bell", "a bell and a backspace", "A\x07\x08B", "A\ufffd\ufffdB"),
    _shown("return", "a carriage return, which writes over the line", "100\r999", "100\ufffd999"),
    _shown("nul", "NUL and DEL", "A\0\x7fB", "A\ufffd\ufffdB"),
    _shown("override", "marks that show a text backwards", "A\u202egpj.exe", "A\ufffdgpj.exe"),
    _shown("isolate", "marks of direction", "\u2066A\u2069\u200fB\u061c", "\ufffdA\ufffd\ufffdB\ufffd"),
    _shown("zero width", "letters of no width in a ticker", "RI\u200bOT\ufeff", "RI\ufffdOT\ufffd"),
    _shown("separators", "separators of lines and paragraphs", "A\u2028B\u2029C\x85D", "A\ufffdB\ufffdC\ufffdD"),
    _shown("tags", "invisible tags", "A\U000e0041B", "A\ufffdB"),
    _shown("feeds", "form feed and vertical tab", "A\x0c\x0bB", "A\ufffd\ufffdB"),
    _shown("letters", "letters of other scripts", "Börse 矿工 €", "Börse 矿工 €"),
    _shown("lone half", "a byte of a file's name that is no UTF-8", "caf\udce9", "caf?"),
    _shown("cp437", "a dash under the code page of DOS", "1–2 × 3…", "1-2 x 3...", "cp437"),
    _shown("cp850", "quotation marks under code page 850", "“a” ’b’", "\"a\" 'b'", "cp850"),
    _shown("cp932", "a dash and a letter under Japan's code page", "–é €", "-e EUR", "cp932"),
    _shown("cp949", "a minus under Korea's code page", "−1", "-1", "cp949"),
    _shown("cp1252", "comparisons under the code page of Windows", "≤ ≥ → −", "<= >= -> -", "cp1252"),
    _shown("latin-1", "a dash under Latin-1", "–…", "-...", "latin-1"),
    _shown("ascii", "letters under ASCII", "Börse 矿 é ²", "Borse ? e 2", "ascii"),
    _shown("ascii control", "a control character under ASCII", "A\x1bB", "A?B", "ascii"),
]


class Terminal(io.TextIOWrapper):
    """A terminal of a code page that keeps the bytes."""

    def isatty(self) -> bool:
        return True

    def told(self) -> str:
        """All that was written."""
        self.flush()
        return self.buffer.getvalue().decode(self.encoding)  # type: ignore[attr-defined]


@pytest.fixture
def streams(monkeypatch) -> None:
    """The standard streams given back after the test."""
    for name in ("stdout", "stderr"):
        monkeypatch.setattr(sys, name, getattr(sys, name))


def guarded(page: str, name: str = "stdout") -> Terminal:
    """A terminal in the place of a standard stream, guarded as `main` does."""
    terminal = Terminal(io.BytesIO(), page, newline="\n")
    setattr(sys, name, terminal)
    stream.guard(lambda text: text.replace("secret", "***"))
    return terminal


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.id)
def test_a_text_is_printed_so_that_it_can_only_be_read(case, streams):
    expected = case.outcome.removeprefix("printed as ")
    terminal = guarded(case.page)
    print(case.text)
    assert terminal.told() == f"{expected}\n"
    terminal = guarded(case.page)
    out = console()
    assert out.is_terminal
    out.print(Line(case.text))
    told = terminal.told().rstrip()
    # Five control characters rich leaves out before we see them; nothing else differs.
    assert told == expected or (set(case.text) & set("\x07\x08\x0b\x0c\r") and told in _without_marks(expected))


def _without_marks(text: str) -> set[str]:
    """The text with some of the marks that stand for control characters left out."""
    found = {text}
    for _ in range(text.count("\ufffd")):
        found |= {one[:at] + one[at + 1 :] for one in found for at, c in enumerate(one) if c == "\ufffd"}
    return found


def test_every_place_of_a_page_is_cleaned_and_its_own_styles_pass(streams):
    terminal = guarded("utf-8")
    bad = "\x1b[31mX\u202e"
    frame = pd.DataFrame({"a": [f"{bad}cell"]})
    columns = (Column("a", f"{bad}head", "text"),)
    table = TableSpec("t", frame, columns, title=f"{bad}title", notes=(f"{bad}note",))
    page = Page(title=f"{bad}page", blocks=(Text(f"{bad}text", "bad"), table), content={})
    print_page(page, console())
    told = terminal.told()
    assert "\x1b[1m" in told  # bold, of our own
    assert "\u202e" not in told
    for place in ("page", "text", "title", "head", "cell", "note"):
        assert f"\ufffd[31mX\ufffd{place}" in told


def test_progress_on_a_terminal_is_cleaned_and_no_markup(streams):
    terminal = guarded("utf-8", "stderr")
    with progress_of(False, False) as progress:
        progress("reading [/x] \x1b[2J\u202e")
    with progress_of(False, True) as progress:
        progress("reading [/x] \x1b[2J\u202e")
    assert "... reading [/x] \ufffd[2J\ufffd" in terminal.told()
    assert "\x1b[2J" not in terminal.told()


def test_secrets_are_masked_on_both_ways(streams):
    terminal = guarded("utf-8")
    print("a secret")
    console().print(Line("another secret"))
    assert terminal.told().split() == ["a", "***", "another", "***"]


@given(st.text(max_size=40), st.sampled_from(["ascii", "cp437", "cp932", "cp1252", "utf-8", "latin-1"]))
def test_any_text_is_printed_under_any_code_page(text, page):
    terminal = Terminal(io.BytesIO(), page, newline="\n")
    terminal.reconfigure(errors=stream.REPLACING)
    guard = stream.Guarded(terminal, lambda text: text, "standard output")
    guard.write(text)
    told = terminal.told()
    assert [c for c in told if stream.UNSAFE.match(c)] == []
    assert told.isprintable() or set(told) & set("\n\t") or not text.isprintable()


class Failing(io.StringIO):
    """A stream whose reader left, or whose disk is full."""

    def __init__(self, error: OSError) -> None:
        self.error = error
        super().__init__()

    def write(self, text: str) -> int:
        raise self.error


def test_a_reader_that_leaves_does_not_end_the_work():
    guard = stream.Guarded(Failing(BrokenPipeError()), str, "standard output")
    for _ in range(3):
        assert guard.write("x") == 1
    guard.flush()
    assert guard.left


def test_a_full_disk_is_told_with_the_stream_it_befell():
    guard = stream.Guarded(Failing(OSError(28, "No space left on device")), str, "standard output")
    with pytest.raises(OSError, match="No space left") as caught:
        guard.write("x")
    assert caught.value.filename == "standard output"


WITH_NO_ASCII = ("methods", "--plain")  # a long text with letters that code pages lack, which loads no library


def started(how: str, *arguments: str, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """A command in a new Python, started by a shell that treats its streams as `how` says."""
    command = f'exec "$0" -m screener "$@" {how}'
    return subprocess.run(
        ["/bin/sh", "-c", command, sys.executable, *arguments], capture_output=True, cwd=ROOT, check=False, timeout=600,
        env=os.environ | environment,
    )  # fmt: skip


@pytest.mark.parametrize(("how", "environment", "code", "said"), [
    ("", {"PYTHONIOENCODING": "cp932"}, 0, b""),
    ("", {"PYTHONIOENCODING": "ascii", "LC_ALL": "C", "TERM": "dumb", "COLUMNS": "40", "NO_COLOR": "1"}, 0, b""),
    ("", {"PYTHONIOENCODING": "cp437", "FORCE_COLOR": "1"}, 0, b""),
    (">&-", {}, 0, b""), (">&- 2>&-", {}, 0, b""), ("<&-", {}, 0, b""),
    (">/dev/full", {}, 1, b"screener: standard output: No space left on device"),
    (">/dev/full 2>/dev/full", {}, 1, b""),
])  # fmt: skip
def test_a_command_ends_with_its_own_code_whatever_its_streams_are(how, environment, code, said):
    done = started(how, *WITH_NO_ASCII, **environment)
    assert (done.returncode, b"Traceback" in done.stderr) == (code, False), done.stderr
    assert said in done.stderr
    assert not done.stderr or said
    assert b"\x1b" not in done.stdout


def test_a_reader_that_leaves_gets_its_line_and_the_command_its_code():
    command = '{ "$0" -m screener methods --plain; echo "code $?" >&2; } | head -n 1'
    done = subprocess.run(["/bin/sh", "-c", command, sys.executable], capture_output=True, cwd=ROOT, check=False)
    assert done.stdout.count(b"\n") == 1
    assert done.stderr == b"code 0\n"
