"""TOML files with the line of every key, so that a problem can name its place; the one reader, within limits."""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from screener.errors import InputError, Problem
from screener.readers import content as contents

MOST_BYTES = 2**20
MOST_LINE = 100_000  # characters
MOST_DEPTH = 32  # keys and lists within one another
LARGEST_WHOLE = 2**63 - 1
YEARS = (1900, 2200)
Key = tuple[str | int, ...]
HEADER = re.compile(r"\s*(\[\[?)\s*([^\[\]]+?)\s*\]\]?\s*(?:#.*)?$")
ENTRY = re.compile(r"\s*((?:[\w-]+|\"[^\"]*\"|'[^']*')(?:\s*\.\s*(?:[\w-]+|\"[^\"]*\"|'[^']*'))*)\s*=")
PART = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'")
SIGN = re.compile(r"[\w-]+|\"[^\"]*\"|'[^']*'|\S")
# Characters of a line in which its key is looked for.
LONGEST_KEY = 2_000
DIGITS = re.compile(r"[0-9A-Fa-f_]{500}")


@dataclass(frozen=True)
class Document:
    """A TOML file: its name, its table, and the line on which each key stands.

    Attributes
    ----------
    file : str
    table : dict
    lines : dict
        Line by key, a key being the path to it, such as ("alerts", "email", "host") or ("place", 0, "noi").
    """

    file: str
    table: dict[str, Any]
    lines: dict[Key, int]

    def line(self, key: Key) -> int | None:
        """The line of a key, or of the nearest section around it."""
        return next((self.lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self.lines), None)


def read(path: Path, error: type[InputError], *, what: str = "valid TOML in UTF-8") -> Document:
    """Read a TOML file.

    Parameters
    ----------
    path : Path
    error : type
        Raised, with every problem, where the file cannot be read, is not TOML, or holds what no setting is.
    what : str
        What the file should have been, for the message.

    Raises
    ------
    NotKnown
        No such file.
    InputError
    """
    return parse(path.name, contents.read(path, error, most_bytes=MOST_BYTES), error, what=what)


def parse(
    file: str, content: bytes, error: type[InputError] = InputError, *, what: str = "valid TOML in UTF-8"
) -> Document:
    """A TOML file from its bytes.

    Raises
    ------
    InputError
        Of the type `error`: not TOML in UTF-8, nested deeper than `MOST_DEPTH`, or with a number or a date that no setting
        is: not finite, of more than 63 bits, of another century.
    """

    def refused(line: int | None, expected: str) -> InputError:
        return error.one(file, expected, line=line)

    if len(content) > MOST_BYTES:
        raise refused(None, f"a file of at most {MOST_BYTES // 2**20} MB")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise refused(1, f"{what}; this is UTF-16, save it as UTF-8")
    try:
        text = content.decode("utf-8-sig").replace("\r\n", "\n")
    except UnicodeDecodeError as fault:
        raise refused(content.count(b"\n", 0, fault.start) + 1, f"{what} ({fault})") from None
    lines = text.split("\n")
    for number, line in enumerate(lines, start=1):
        if len(line) > MOST_LINE:
            raise refused(number, f"lines of at most {MOST_LINE:,} characters")
        # tomllib's time grows with the square of the parts of a key.
        if line.count(".") > MOST_DEPTH and _parts_of_longest_key(line) > MOST_DEPTH:
            raise refused(number, f"keys of at most {MOST_DEPTH} parts")
    try:
        table = tomllib.loads(text)
    except tomllib.TOMLDecodeError as fault:
        place = re.search(r"at line (\d+)", str(fault))
        raise refused(int(place[1]) if place else len(lines), f"{what} ({fault})") from None
    except RecursionError:
        deepest = max(enumerate(lines, start=1), key=lambda one: one[1].count("[") + one[1].count("{"))
        raise refused(deepest[0], f"lists and tables nested at most {MOST_DEPTH} deep") from None
    except (ValueError, OverflowError):  # more digits than Python makes a number of
        long = next((number for number, line in enumerate(lines, start=1) if DIGITS.search(line)), None)
        raise refused(long, "whole numbers of at most 63 bits") from None
    document = Document(file, table, _lines(lines))
    problems = list(_unfit(document))
    if problems:
        raise error.of(file, sorted(problems, key=lambda problem: (problem.line or 0, problem.column)))
    return document


def _parts_of_longest_key(line: str) -> int:
    """Parts of the longest run of names with points between them."""
    longest = parts = 0
    after_point = False
    for sign in SIGN.findall(line):
        if sign == ".":
            after_point = True
        else:
            parts = parts + 1 if after_point else 1
            after_point = False
            longest = max(longest, parts)
    return longest


def _unfit(document: Document) -> Iterator[Problem]:
    """What is TOML and cannot be a setting: of the first place that is too deep, and of every value."""
    waiting: list[tuple[Key, Any]] = [((), document.table)]
    while waiting:
        key, value = waiting.pop()
        expected = ""
        if isinstance(value, (dict, list)):
            if len(key) >= MOST_DEPTH:
                what = f"lists and tables nested at most {MOST_DEPTH} deep"
                yield Problem(document.file, document.line(key), "", "", what)
                return
            inner = value.items() if isinstance(value, dict) else enumerate(value)
            waiting += [((*key, part), one) for part, one in inner]
        elif isinstance(value, float) and not math.isfinite(value):
            expected = "a finite number"
        elif isinstance(value, int) and abs(value) > LARGEST_WHOLE:
            expected = "a whole number of at most 63 bits"
        elif isinstance(value, date) and not YEARS[0] <= value.year <= YEARS[1]:
            expected = f"a date from {YEARS[0]} to {YEARS[1]}"
        if expected:
            # A whole number may have more digits than Python writes.
            shown = "" if isinstance(value, int) else str(value)
            yield Problem(document.file, document.line(key), ".".join(map(str, key)), shown, expected)


def _lines(text: Iterable[str]) -> dict[Key, int]:
    """Line of every key, the first where one seems to stand twice (text of several lines can look like a key)."""
    found: dict[Key, int] = {}
    tables: dict[Key, int] = {}
    section: Key = ()
    for number, whole in enumerate(text, start=1):
        line = whole[:LONGEST_KEY]
        if header := HEADER.match(line):
            section = _parts(header[2])
            if header[1] == "[[":
                tables[section] = tables.get(section, -1) + 1
                section = (*section, tables[section])
            found.setdefault(section, number)
        elif entry := ENTRY.match(line):
            found.setdefault((*section, *_parts(entry[1])), number)
    return found


def _parts(key: str) -> Key:
    return tuple(part.strip("\"'") for part in PART.findall(key))
