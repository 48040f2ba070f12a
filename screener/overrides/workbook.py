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
from screener.workbooks import SUFFIXES, read_whole

# A spreadsheet keeps fifteen digits of what it saves.
SAME = 1e-12
ROW_IS = " | "
OTHER_ROW = "its row now holds"
EPOCH = pd.Timestamp("1899-12-30")


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
    book = _open(path, data_only=False)
    about, entries, formulas = _register(path.name, book)
    as_of = pd.Timestamp(about["as_of"])
    computed: list[Any] = []

    def now(sheet: str, cell: str) -> Any:
        """The value of a cell; of a formula, what it was last computed to."""
        value = book[sheet][cell].value
        if _is_formula(value):
            if not computed:
                computed.append(_open(path, data_only=True))
            value = computed[0][sheet][cell].value
        return value

    overrides: list[Override] = []
    refused: list[Problem] = []
    not_taken: list[Problem] = []
    moved: set[str] = set()
    for entry in entries:
        place = linked(str(entry.changed)) if entry.changed is not None else (entry.sheet, entry.cell)
        if place is None or place[0] not in book.sheetnames:
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


def _open(path: Path, *, data_only: bool) -> Any:
    if path.is_file() and path.suffix.lower() not in SUFFIXES:
        raise OverridesError(f"{path.name}: a workbook ends in {' or '.join(SUFFIXES)}")
    return read_whole(path, OverridesError, data_only=data_only)


def _register(file: str, book: Any) -> tuple[dict[str, str], list[_Entry], list[tuple[str, str]]]:
    """What the run says of itself, its inputs, and the ranges of its formulas by sheet."""
    if REGISTER not in book.sheetnames:
        raise OverridesError(
            f"{file}: the workbook holds no register of its inputs, so it is not known what was changed: it was "
            "not written by `screener run`, or by an older version; run again and change that workbook"
        )
    rows = list(book[REGISTER].iter_rows(max_col=len(COLUMNS), values_only=True))
    head = rows[0] if rows else ("", None)
    if head[0] != TITLE or head[1] != LAYOUT:
        raise OverridesError(
            f"{file}: the register of inputs has another layout ({head[1]}) than this version reads ({LAYOUT}); "
            "run again with this version and change that workbook"
        )
    about = {str(row[0]): "" if row[1] is None else str(row[1]) for row in rows[1 : 1 + len(ABOUT)]}
    if list(about) != list(ABOUT) or not re.fullmatch(r"\d{4}-\d\d-\d\d", about["as_of"]):
        raise OverridesError(f"{file}: the register of inputs is damaged; run again and change that workbook")
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


def _overwritten(path: Path, book: Any, formulas: list[tuple[str, str]], moved: set[str]) -> Iterator[Problem]:
    """Formulas that somebody wrote a value over."""
    for sheet, ranges in formulas:
        if sheet not in book.sheetnames:
            yield _problem(path, sheet, "", "the sheet was deleted")
            continue
        if sheet in moved:
            yield _problem(
                path, sheet, "", "rows or columns were inserted, so it is not known whether a formula was changed"
            )
            continue
        for area in ranges.split():
            for row in book[sheet][area]:
                for cell in row if isinstance(row, tuple) else (row,):
                    if not _is_formula(cell.value):
                        words = "it is a formula and no input: change the inputs that it reads"
                        yield _problem(path, f"{sheet}!{cell.coordinate}", _told(cell.value), words)


def _problem(path: Path, place: str, value: str, words: str) -> Problem:
    return Problem(path.name, None, place, value, "", words)


def _is_formula(value: Any) -> bool:
    return (isinstance(value, str) and value.startswith("=")) or type(value).__name__ in (
        "ArrayFormula",
        "DataTableFormula",
    )


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


def _row_is(sheet: Any, cell: str, like: str) -> str:
    row = sheet[cell].row
    first = ["" if sheet.cell(row, col).value is None else str(sheet.cell(row, col).value) for col in (1, 2)]
    return ROW_IS.join(first) if ROW_IS in like else first[0]


def _told(value: Any) -> str:
    if isinstance(value, (datetime, pd.Timestamp)):
        return f"{value:%Y-%m-%d}"
    if value is None:
        return "blank"
    return shown(float(value)) if isinstance(value, (int, float)) else str(value)
