"""A workbook of `screener run` read back: which of its inputs somebody changed, and what cannot be taken."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import pandas as pd

from exports.workbook.writer.input_register import (
    ABOUT,
    COLUMNS,
    FIRST,
    FIXED,
    FORMULAS,
    LAYOUT,
    REGISTER,
    TITLE,
    linked,
)
from screener.errors import OverridesError, Problem
from screener.overrides.override import NOT_REPORTED, UNKNOWN, Override, Value, can_be_taken, fault, shown
from screener.workbooks import SUFFIXES, Cell, Sheet, is_formula, position, read_sheets

# A spreadsheet keeps fifteen digits of what it saves.
SAME = 1e-12
ROW_IS = " | "
OTHER_ROW = "its row now holds"
EPOCH = pd.Timestamp("1899-12-30")
# A register names ranges of formulas of our own sheets; one beyond this many cells is not ours.
MOST_CELLS = 1_000_000
DAMAGED = "the register of inputs is damaged; run again and change that workbook"


@dataclass(frozen=True)
class ReadBack:
    """What somebody changed in a workbook.

    Attributes
    ----------
    file, universe, run_id, version : str
        The workbook, and the run that wrote it.
    as_of : Timestamp
    overrides : tuple of Override
        What a run can take.
    refused : tuple of Problem
        Values that no run takes: text, a blank, a negative MW.
    not_taken : tuple of Problem
        Changed cells that are no input of a run, with the reason.
    """

    file: str
    universe: str
    run_id: str
    version: str
    as_of: pd.Timestamp
    overrides: tuple[Override, ...]
    refused: tuple[Problem, ...]
    not_taken: tuple[Problem, ...]


@dataclass(frozen=True)
class _Entry:
    sheet: str
    cell: str
    row_is: str
    words: str
    what: str
    subject: str
    item: str
    scale: float
    value: Any
    changed: Any
    reason: str


def read_back(path: Path, *, by: str = "", when: str = "", why: str = "") -> ReadBack:
    """Compare every input of a workbook with the value that the run wrote.

    Parameters
    ----------
    path : Path
        As `screener run` wrote it, or as Excel or LibreOffice saved it since.
    by, when, why : str
        Who changed it, the day of reading, and the reason: kept with each override.

    Raises
    ------
    NotKnown
        No such file.
    OverridesError
        No workbook, one without a register of inputs, or one of another layout.
    """
    book = _open(path, formulas=True)
    try:
        about, entries, formulas = _register(path.name, book)
        as_of = pd.Timestamp(about["as_of"])
        return _compared(path, book, about, as_of, entries, formulas, by=by, when=when, why=why)
    except OverridesError:
        raise
    except (ValueError, TypeError, LookupError, OverflowError) as fault:
        raise OverridesError(f"{path.name}: {DAMAGED} ({type(fault).__name__}: {str(fault)[:200]})") from None


def _compared(
    path: Path,
    book: dict[str, Sheet],
    about: dict[str, str],
    as_of: pd.Timestamp,
    entries: list[_Entry],
    formulas: list[tuple[str, str]],
    *,
    by: str,
    when: str,
    why: str,
) -> ReadBack:
    """Every entry of the register beside its cell now."""
    computed: list[dict[str, Sheet]] = []

    def now(sheet: str, cell: str) -> Any:
        """The value of a cell; of a formula, what it was last computed to."""
        value = book[sheet].at(cell)
        if is_formula(value):
            if not computed:
                computed.append(_open(path, formulas=False))
            value = computed[0][sheet].at(cell)
        return value

    overrides: list[Override] = []
    refused: list[Problem] = []
    not_taken: list[Problem] = []
    moved: set[str] = set()
    for entry in entries:
        place = linked(str(entry.changed)) if entry.changed is not None else (entry.sheet, entry.cell)
        if place is None or place[0] not in book:
            words = f"{entry.words}: the cell was deleted"
            not_taken.append(_problem(path, f"{entry.sheet}!{entry.cell}", "", words))
            moved.add(entry.sheet)
            continue
        sheet, cell = place
        if place != (entry.sheet, entry.cell):
            moved.add(entry.sheet)
        value = now(sheet, cell)
        if _same(value, entry.value):
            continue
        here = f"{sheet}!{cell}"
        if entry.row_is and _row_is(book[sheet], cell, entry.row_is) != entry.row_is:
            words = f"{entry.words}: {OTHER_ROW} {_row_is(book[sheet], cell, entry.row_is)!r}; undo the sorting"
            refused.append(_problem(path, here, "", words))
            continue
        if entry.what == FIXED or not can_be_taken(entry.what, entry.item):
            reason = entry.reason or "this version knows no such input"
            not_taken.append(_problem(path, here, _told(value), f"{entry.words}: {reason}"))
            continue
        old, is_date = _figure(entry.value, None), isinstance(value, (datetime, pd.Timestamp)) or _is_date(entry)
        new, wrong = _taken(value, is_date)
        if is_date and isinstance(old, float):
            old = _day(old)
        one = Override(
            here, entry.words, entry.what, entry.subject, entry.item, entry.scale, old, new, as_of, by, when, why
        )
        wrong = wrong or fault(one.what, one.item, one.value, one.subject)
        if wrong:
            refused.append(_problem(path, here, _told(value), f"{entry.words}: expected {wrong}"))
        else:
            overrides.append(one)
    not_taken += _overwritten(path, book, formulas, moved)
    return ReadBack(
        path.name, about["universe"], about["run_id"], about["version"], as_of,
        tuple(overrides), tuple(refused), tuple(not_taken),
    )  # fmt: skip


def _open(path: Path, *, formulas: bool) -> dict[str, Sheet]:
    if path.suffix.lower() not in SUFFIXES:
        raise OverridesError(f"{path.name}: a workbook ends in {' or '.join(SUFFIXES)}")
    return read_sheets(path, OverridesError, formulas=formulas)


def _register(file: str, book: dict[str, Sheet]) -> tuple[dict[str, str], list[_Entry], list[tuple[str, str]]]:
    """What the run says of itself, its inputs, and the ranges of its formulas by sheet."""
    if REGISTER not in book:
        raise OverridesError(
            f"{file}: the workbook holds no register of its inputs, so it is not known what was changed: it was "
            "not written by `screener run`, or by an older version; run again and change that workbook"
        )
    rows = _filled(book[REGISTER])
    head = rows[0] if rows else ("", None)
    if head[0] != TITLE or head[1] != LAYOUT:
        raise OverridesError(
            f"{file}: the register of inputs has another layout ({head[1]}) than this version reads ({LAYOUT}); "
            "run again with this version and change that workbook"
        )
    about = {str(row[0]): "" if row[1] is None else str(row[1]) for row in rows[1 : 1 + len(ABOUT)]}
    if list(about) != list(ABOUT) or not re.fullmatch(r"\d{4}-\d\d-\d\d", about["as_of"]):
        raise OverridesError(f"{file}: {DAMAGED}")
    entries: list[_Entry] = []
    body = iter(rows[FIRST:])
    for row in body:
        if row[0] == FORMULAS:
            break
        texts = ["" if value is None else value for value in row]
        sheet, cell, row_is, words, what, subject, item = map(str, texts[:7])
        meaning = (what, subject, item, float(texts[7] or 1.0))
        entries.append(_Entry(sheet, cell, row_is, words, *meaning, row[8], row[9], str(texts[10])))
    return about, entries, [(str(row[0]), str(row[1])) for row in body if row[0]]


def _overwritten(
    path: Path, book: dict[str, Sheet], formulas: list[tuple[str, str]], moved: set[str]
) -> Iterator[Problem]:
    """Formulas that somebody wrote a value over."""
    for sheet, ranges in formulas:
        if sheet not in book:
            yield _problem(path, sheet, "", "the sheet was deleted")
            continue
        if sheet in moved:
            yield _problem(
                path, sheet, "", "rows or columns were inserted, so it is not known whether a formula was changed"
            )
            continue
        for area in ranges.split():
            for place in _cells(area):
                value = book[sheet].values.get(place)
                if not is_formula(value):
                    words = "it is a formula and no input: change the inputs that it reads"
                    yield _problem(path, f"{sheet}!{Cell(*place, None).address}", _told(value), words)


def _filled(sheet: Sheet) -> list[list[Any]]:
    """The rows of a register in `COLUMNS`, None where a cell is empty, blank rows between them included."""
    rows: list[list[Any]] = []
    for cells in sheet.rows:
        if cells[0].row - len(rows) > MOST_CELLS:
            raise ValueError("rows far below the others")
        rows += [[None] * len(COLUMNS) for _ in range(cells[0].row - len(rows))]
        for cell in cells:
            if cell.column <= len(COLUMNS):
                rows[-1][cell.column - 1] = cell.value
    return rows


def _cells(area: str) -> Iterator[tuple[int, int]]:
    """Row and column of every cell of an area such as `B3:D9`, row by row."""
    from openpyxl.utils.cell import range_boundaries

    first_column, first_row, last_column, last_row = range_boundaries(area)
    if None in (first_column, first_row, last_column, last_row):
        raise ValueError(f"{area!r} is no area of cells")
    if (last_column - first_column + 1) * (last_row - first_row + 1) > MOST_CELLS:
        raise ValueError(f"{area!r} is larger than any sheet of a run")
    return ((row, col) for row in range(first_row, last_row + 1) for col in range(first_column, last_column + 1))


def _problem(path: Path, place: str, value: str, words: str) -> Problem:
    return Problem(path.name, None, place, value, "", words)


def _same(now: Any, was: Any) -> bool:
    """Whether a cell holds what the run wrote; spreadsheets keep fifteen digits, and an empty text as no text."""
    now, was = ("" if value is None else value for value in (now, was))
    a, b = _figure(now, None), _figure(was, None)
    if a is not None and b is not None:
        return math.isclose(a, b, rel_tol=SAME, abs_tol=1e-15)
    return a is None and b is None and str(now).strip() == str(was).strip()


def _figure(value: Any, otherwise: Any) -> Any:
    """A number, or a date as its serial number; `otherwise` for a text."""
    if isinstance(value, bool):
        return float(value)
    if isinstance(value, (datetime, pd.Timestamp)):
        return (pd.Timestamp(value) - EPOCH) / pd.Timedelta(days=1)
    return float(value) if isinstance(value, (int, float)) else otherwise


def _taken(value: Any, is_date: bool) -> tuple[Value, str]:
    """A cell's value as that of an override, and what was expected where it is none."""
    if value is None or value == "":
        return None, f"a figure, or {UNKNOWN} where it is unknown; a blank cell counts as nothing and not as unknown"
    if isinstance(value, str):
        text = value.strip()
        return None, "" if text in (UNKNOWN, NOT_REPORTED) else f"a {'date' if is_date else 'number'}, or {UNKNOWN}"
    if isinstance(value, bool):
        return float(value), ""
    number = _figure(value, None)
    if number is None:
        return None, "a number"
    return (_day(number) if is_date else number), ""


def _is_date(entry: _Entry) -> bool:
    return entry.item.endswith("_on")


def _day(serial: float) -> pd.Timestamp:
    return (EPOCH + pd.Timedelta(days=serial)).normalize()


def _row_is(sheet: Sheet, cell: str, like: str) -> str:
    row, _ = position(cell)
    first = ["" if value is None else str(value) for value in (sheet.values.get((row, col)) for col in (1, 2))]
    return ROW_IS.join(first) if ROW_IS in like else first[0]


def _told(value: Any) -> str:
    if isinstance(value, (datetime, pd.Timestamp)):
        return f"{value:%Y-%m-%d}"
    if value is None:
        return "blank"
    return shown(float(value)) if isinstance(value, (int, float)) else str(value)
