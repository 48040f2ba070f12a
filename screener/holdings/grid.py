"""The cells of a CSV or xlsx file, row by row, as text; what a spreadsheet would run is taken as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

from screener import workbooks
from screener.errors import HoldingsError, NotKnown, Problem
from screener.holdings.delimiters import delimiter_of
from screener.holdings.numbers import NumberCell
from screener.readers import archive, content, csv_rows

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

    @property
    def place(self) -> str:
        """The file as faults name it, with its sheet."""
        return f"{self.file} [{self.sheet}]" if self.sheet else self.file


def grids(path: Path) -> Iterator[Grid]:
    """The file's tables: one of a CSV, one a sheet of a workbook.

    Raises
    ------
    HoldingsError
        The file cannot be read at all.
    """
    try:
        held = content.read(path, HoldingsError)
    except NotKnown:
        raise HoldingsError(f"{path}: no such file; expected {EXPECTED}") from None
    if not held.strip():
        raise _refused(path, "empty")
    if held[:4] == archive.ZIP:
        yield from _workbook(path, held)
        return
    if held[:4] == archive.OLD_OR_ENCRYPTED:
        raise _refused(path, "an old .xls or an encrypted workbook; save it as .xlsx without a password")
    yield _csv(path, held)


def _refused(path: Path, what: str) -> HoldingsError:
    return HoldingsError(f"{path.name}: it is {what}", [Problem(path.name, None, "", "", EXPECTED)])


def _csv(path: Path, held: bytes) -> Grid:
    text = csv_rows.decoded(path.name, held, HoldingsError, otherwise="cp1252")
    if "\x00" in text:
        raise _refused(path, "not text")
    delimiter = delimiter_of(text)
    rows, lines = [], []
    for line, cells in csv_rows.rows(path.name, text, HoldingsError, delimiter=delimiter, lenient=True):
        rows.append([_unquoted(cell[:MAX_CELL]) for cell in cells])
        lines.append(line)
    return Grid(path.name, "", rows, lines, delimiter=delimiter)


def _unquoted(cell: str) -> str:
    """`="00123"`, how exports keep a spreadsheet from eating zeros, is the text within."""
    cell = _printable(cell)
    return cell[2:-1] if cell.startswith('="') and cell.endswith('"') and len(cell) > 2 else cell


def _workbook(path: Path, held: bytes) -> Iterator[Grid]:
    written = workbooks.of_bytes(path.name, held, HoldingsError, formulas=True)
    has_formulas = any(workbooks.is_formula(value) for sheet in written.values() for value in sheet.values.values())
    stored = workbooks.of_bytes(path.name, held, HoldingsError) if has_formulas else written
    for title, sheet in written.items():
        texts, lines, formulas = [], [], set()
        for row in sheet.rows:
            line = row[0].row
            cells = [""] * row[-1].column
            for cell in row:
                value = cell.value
                if workbooks.is_formula(value):
                    formulas.add((line, cell.column - 1))
                    value = stored[title].values.get((line, cell.column), EMPTY_FORMULA)
                cells[cell.column - 1] = value if value is EMPTY_FORMULA else _text(value)
            texts.append(cells)
            lines.append(line)
        yield Grid(
            path.name, title, texts, lines, frozenset(formulas), hidden=sheet.hidden, epoch_1904=sheet.epoch_1904
        )


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
