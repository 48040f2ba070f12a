"""The cells of a CSV or xlsx file, row by row, as text; what a spreadsheet would run is taken as text."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from screener.errors import HoldingsError, Problem
from screener.holdings.delimiters import delimiter_of
from screener.holdings.numbers import NumberCell

MAX_ROWS = 1_000_000
MAX_CELL = 500  # characters; a longer cell is no holding
EXPECTED = "a CSV or xlsx file of holdings (see `screener portfolio value --help`)"
# What a formula without a stored value leaves; no cell of a CSV can hold it.
EMPTY_FORMULA = "\x00formula"


@dataclass(frozen=True)
class Grid:
    """Rows of texts; `line` is the row's number as the file's own program counts it.

    `formulas` are the (line, column) places of cells with a formula, column from 0; their stored values stand in `rows`.
    `delimiter` is of a text file, `hidden` and `epoch_1904` are of a sheet.
    """

    file: str
    sheet: str
    rows: list[list[str]]
    line: list[int]
    formulas: frozenset[tuple[int, int]] = frozenset()
    delimiter: str = ""
    hidden: bool = False
    epoch_1904: bool = False


def grids(path: Path) -> Iterator[Grid]:
    """The file's tables: one of a CSV, one a sheet of a workbook.

    Raises
    ------
    HoldingsError
        The file cannot be read at all.
    """
    if not path.is_file():
        raise HoldingsError(f"{path}: no such file; expected {EXPECTED}")
    content = path.read_bytes()
    if not content.strip():
        raise _refused(path, "empty")
    if content[:4] == b"PK\x03\x04":
        yield from _workbook(path)
        return
    if content[:4] == b"\xd0\xcf\x11\xe0":
        raise _refused(path, "an old .xls or an encrypted workbook; save it as .xlsx without a password")
    yield _csv(path, content)


def _refused(path: Path, what: str) -> HoldingsError:
    return HoldingsError(f"{path.name}: it is {what}", [Problem(path.name, None, "", "", EXPECTED)])


def _csv(path: Path, content: bytes) -> Grid:
    text = _decoded(content)
    if "\x00" in text:
        raise _refused(path, "not text")
    delimiter = delimiter_of(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows, lines = [], []
    try:
        for row in reader:
            rows.append([_unquoted(cell[:MAX_CELL]) for cell in row])
            lines.append(reader.line_num)
            if len(rows) > MAX_ROWS:
                raise _refused(path, f"longer than {MAX_ROWS:,} rows")
    except csv.Error as error:
        raise HoldingsError(
            f"{path.name}: not readable as CSV", [Problem(path.name, reader.line_num, "", "", f"CSV ({error})")]
        ) from None
    return Grid(path.name, "", rows, lines, delimiter=delimiter)


def _decoded(content: bytes) -> str:
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return content.decode("utf-16", errors="replace")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("cp1252", errors="replace")


def _unquoted(cell: str) -> str:
    """`="00123"`, how exports keep a spreadsheet from eating zeros, is the text within."""
    cell = _printable(cell)
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell


def _workbook(path: Path) -> Iterator[Grid]:
    import zipfile

    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=False)
        found = [(sheet.title, list(_cells(sheet))) for sheet in book.worksheets]
        hidden = {sheet.title for sheet in book.worksheets if sheet.sheet_state != "visible"}
        epoch_1904 = book.epoch.year == 1904
        book.close()
        formulas = {
            (title, number, column)
            for title, rows in found
            for number, row in rows
            for column, value in enumerate(row)
            if isinstance(value, str) and value.startswith("=")
        }
        stored = _stored(path) if formulas else {}
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError) as error:
        raise _refused(path, f"not a readable workbook ({type(error).__name__})") from None
    for title, rows in found:
        texts = []
        for number, row in rows:
            cells = []
            for column, value in enumerate(row):
                if (title, number, column) in formulas:
                    known = stored.get((title, number, column))
                    cells.append(EMPTY_FORMULA if known is None else _text(known))
                else:
                    cells.append(_text(value))
            texts.append(cells)
        places = frozenset((number, column) for sheet, number, column in formulas if sheet == title)
        lines = [number for number, _ in rows]
        yield Grid(path.name, title, texts, lines, places, hidden=title in hidden, epoch_1904=epoch_1904)


def _cells(sheet: Any) -> Iterator[tuple[int, list[Any]]]:
    for number, row in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MAX_ROWS:
            raise ValueError("too long")
        if any(value is not None for value in row):
            yield number, list(row)


def _stored(path: Path) -> dict[tuple[str, int, int], Any]:
    """What each cell showed when the workbook was saved."""
    import openpyxl

    book = openpyxl.load_workbook(path, read_only=True, data_only=True)
    found = {
        (sheet.title, number, column): value
        for sheet in book.worksheets
        for number, row in _cells(sheet)
        for column, value in enumerate(row)
        if value is not None
    }
    book.close()
    return found


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, (datetime, date)):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return NumberCell(int(value))
    if isinstance(value, (int, float)):
        return NumberCell(value)
    return _printable(str(value)[:MAX_CELL])


def _printable(text: str) -> str:
    """Without line breaks and the control characters that a terminal would obey."""
    return (text if text.isprintable() else "".join(c if c.isprintable() else " " for c in text)).strip()
