"""The one reader of CSV: bytes to text, and text to rows with the line on which each begins, within limits."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from screener.errors import InputError

MOST_LINE = 1_000_000  # characters
MOST_ROWS = 1_000_000
MOST_CELLS = 8_000_000
MOST_COLUMNS = 500
MOST_CELL = 32_767  # characters, as many as a spreadsheet's cell holds
LONG = f"cells of at most {MOST_CELL:,} characters; a quote may be open"
OPEN = "quotes in pairs; the rest of the file could not be read"
UTF_16 = (b"\xff\xfe", b"\xfe\xff")
# Of the control characters a text may hold those that end a line or part columns.
CONTROL = frozenset(map(chr, [*range(0x20), 0x7F])) - frozenset("\t\n\r")


class Row(NamedTuple):
    """A row: the line on which it begins, counted from 1 as an editor counts, and its cells."""

    line: int
    cells: list[str]


def decoded(name: str, content: bytes, error: type[InputError] = InputError, *, otherwise: str = "") -> str:
    """The text of a CSV file: UTF-8, with or without a mark at its beginning.

    Parameters
    ----------
    name : str
        What the file is called in messages.
    otherwise : str
        The encoding of what is no UTF-8, such as cp1252; UTF-16 is then taken too, where its mark says so. Empty: both
        are refused.

    Raises
    ------
    InputError
        Another encoding, no text at all, or more than the limits above.
    """
    check_size(name, content, error)
    try:
        if content[:2] in UTF_16 and otherwise:
            text = content.decode("utf-16")
        else:
            text = content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        if content[:2] in UTF_16:
            expected = "UTF-16 that is whole" if otherwise else "UTF-8, this is UTF-16; save the file as CSV UTF-8"
            raise error.one(name, expected, line=None if otherwise else 1) from None
        if not otherwise:
            line = content.count(b"\n", 0, fault.start) + 1
            byte = f"byte 0x{content[fault.start]:02x}"
            expected = "UTF-8; save the file as CSV UTF-8"
            raise error.one(name, expected, line=line, value=byte) from None
        text = content.decode(otherwise, errors="replace")
    return text


def check_size(name: str, content: bytes, error: type[InputError] = InputError) -> None:
    """Refuse what is larger than any table that is read here, before anything is made of it.

    Raises
    ------
    InputError
    """
    ends = content.count(b"\n") + (content.count(b"\r") if b"\r" in content and b"\n" not in content else 0)
    told = ""
    if ends > MOST_ROWS:
        told = f"at most {MOST_ROWS:,} rows; it has {ends:,} lines"
    elif max(content.count(sign) for sign in (b",", b";", b"\t", b"|")) + ends > MOST_CELLS:
        told = f"at most {MOST_CELLS:,} cells"
    if told:
        raise error.one(name, told)
    if len(content) > MOST_LINE:
        at = np.flatnonzero(np.isin(np.frombuffer(content, dtype=np.uint8), (10, 13)))
        lengths = np.diff(np.concatenate([[-1], at, [len(content)]]))
        if lengths.max() > MOST_LINE:
            line = content.count(b"\n", 0, int(at[lengths.argmax() - 1]) + 1 if lengths.argmax() else 0) + 1
            raise error.one(name, f"lines of at most {MOST_LINE:,} characters", line=line)


def rows(
    name: str, text: str, error: type[InputError] = InputError, *, delimiter: str = ",", lenient: bool = False
) -> Iterator[Row]:
    """Every row of a text, blank ones included.

    Parameters
    ----------
    lenient : bool
        Quotes within a cell are part of it, as some programs write them. An open quote at the end is a fault in either
        case: it swallows the rows after it.

    Raises
    ------
    InputError
        An open quote, or a cell, a row or a file beyond the limits above: the rows before it have been given.
    """
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=not lenient)
    start, count = 1, 0

    def refused(expected: str) -> InputError:
        return error.one(name, expected, line=start)

    try:
        for cells in reader:
            count += 1
            if count > MOST_ROWS:
                raise refused(f"at most {MOST_ROWS:,} rows")
            if len(cells) > MOST_COLUMNS:
                raise refused(f"at most {MOST_COLUMNS:,} columns; there are {len(cells):,}")
            if max(map(len, cells), default=0) > MOST_CELL:
                raise refused(LONG)
            if lenient and reader.line_num > start and _is_open(text, start, delimiter):
                raise refused(OPEN)
            yield Row(start, cells)
            start = reader.line_num + 1
    except csv.Error as fault:
        raise refused(LONG if "field larger" in str(fault) else OPEN) from None


def _is_open(text: str, start: int, delimiter: str) -> bool:
    """Whether a quote that opens in or after line `start` is never closed: a strict reader then ends in a fault."""
    lines = io.StringIO(text, newline="")
    for _ in range(start - 1):
        next(lines, "")
    rest = lines.read()
    if rest.count('"') % 2 == 0:
        return False
    reader = csv.reader(io.StringIO(rest, newline=""), delimiter=delimiter, strict=True)
    try:
        next(reader, None)
    except csv.Error as fault:
        return "unexpected end of data" in str(fault)
    return False


def control_character(text: str) -> str:
    """The first control character of a text, as `\\x1b`; empty where there is none."""
    if CONTROL.isdisjoint(text):
        return ""
    return repr(next(c for c in text if c in CONTROL))[1:-1]
