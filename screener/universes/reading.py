"""One CSV file of a universe as one frame: columns, dates and numbers, with each problem by line.

The usual path parses once with pandas; lines are counted only where a file has comments, quoted newlines or faults.
Texts and dates are converted once for each different one: a price file repeats its tickers and days many times.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections import deque
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from screener.errors import InputError, Problem, did_you_mean, nearest
from screener.readers import csv_rows
from screener.universes.schema import DATE, NUMBER, File

DATE_FORMAT = "%Y-%m-%d"
# The form is checked apart: pandas would take 2026-1-5 for the 5th of January too.
DATE_FORM = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
YEARS = (1990, 2100)
# Problems of one column and kind; a column with more has one fault that a person mends at once.
MOST_TOLD = 1_000


@dataclass(frozen=True)
class Table:
    """A file as read: schema columns and any further ones as text, then `file` and `line`; its problems and notes.

    A problem leaves NaN or NaT in its cell. A note is something to know that does not hinder the screen, such as a
    column that the schema does not have.
    """

    frame: pd.DataFrame
    problems: list[Problem]
    notes: list[Problem] = field(default_factory=list)


def read(file: File, content: bytes | None) -> Table:
    """Parse a file.

    Parameters
    ----------
    file : File
        Its schema.
    content : bytes or None
        None where the folder has no such file.
    """
    if content is None:
        missing = [Problem(file.name, None, "", "", "the file: a universe must have it")] if file.required else []
        return Table(empty(file), missing)
    if not content.strip():
        return Table(empty(file), [Problem(file.name, 1, "", "", "a header row; the file is empty")])
    try:
        text = csv_rows.decoded(file.name, content)
    except InputError as error:
        return Table(empty(file), list(error.problems))
    skipped = _comment_lines(text)
    body = text if not skipped else "\n".join(text.split("\n")[skipped:])
    raw, lines, problems = _cells(file, body, skipped)
    if raw is None:
        return Table(empty(file), problems)
    present = {str(name).strip() for name in raw.columns}
    raw, more, notes = _columns(file, raw, skipped + 1)
    frame, faults = _convert(file, raw, lines, present)
    frame["file"] = file.name
    frame["line"] = lines
    return Table(frame, problems + more + faults, notes)


def _comment_lines(text: str) -> int:
    """How many lines at the top start with `#`."""
    count = 0
    for line in text.split("\n"):
        if not line.lstrip('"').startswith("#"):
            break
        count += 1
    return count


def _cells(file: File, body: str, skipped: int) -> tuple[pd.DataFrame | None, np.ndarray, list[Problem]]:
    """Text cells and the line each row starts on."""
    try:
        raw = pd.read_csv(io.StringIO(body), dtype=str, keep_default_na=False, na_values=[""], skip_blank_lines=False)
        if _plain(raw, body):
            return raw, np.arange(len(raw)) + 2 + skipped, []
    except (ValueError, OverflowError):  # pandas' errors of parsing are of the former
        pass
    return _slowly(file, body, skipped)


def _plain(raw: pd.DataFrame, body: str) -> bool:
    """Whether each row is one line with a cell a column, so that nothing was filled, renamed or cut in silence.

    pandas fills short rows with blanks, renames doubled columns and (2.2) ends a cell at a NUL. As no cell of the last
    column is blank, there is no blank row either.
    """
    one_line_a_row = len(raw) == body.rstrip("\r\n").count("\n")
    if not one_line_a_row or "\0" in body or "\r" in body.replace("\r\n", "\n") or not raw.shape[1]:
        return False
    if raw.shape[1] > csv_rows.MOST_COLUMNS or not _quotes_in_pairs(body):
        return False
    header = next(csv.reader([body.partition("\n")[0]]), [])
    full = raw.iloc[:, -1].notna().all() and isinstance(raw.index, pd.RangeIndex)
    return bool(full) and len(set(header)) == len(header)


def _quotes_in_pairs(body: str) -> bool:
    """Whether a strict reader takes every quote; pandas joins what stands behind a closing quote to the cell in silence."""
    if '"' not in body:
        return True
    try:
        deque(csv.reader(io.StringIO(body, newline=""), strict=True), maxlen=0)
    except csv.Error:
        return False
    return True


def _slowly(file: File, body: str, skipped: int) -> tuple[pd.DataFrame | None, np.ndarray, list[Problem]]:
    """The same row by row, for quoted newlines and rows with too many or too few fields."""
    header: list[str] | None = None
    rows, lines, problems = [], [], []
    cut = 0
    try:
        for line, row in csv_rows.rows(file.name, body):
            if any(cell.strip() for cell in row):
                if header is None:
                    header = row
                elif len(row) == len(header):
                    rows.append([cell or np.nan for cell in row])
                    lines.append(line + skipped)
                else:
                    cut += 1
                    if cut <= MOST_TOLD:
                        expected = f"{len(header)} fields as in the header, there are {len(row)}"
                        problems.append(Problem(file.name, line + skipped, "", "", expected))
    except InputError as error:
        problems += [replace(problem, line=(problem.line or 0) + skipped) for problem in error.problems]
    problems += _further(file, "", cut)
    if header is None:
        return None, np.array([]), [*problems, Problem(file.name, skipped + 1, "", "", "a header row")]
    raw = pd.DataFrame(np.array(rows, dtype=object).reshape(-1, len(header)), columns=header, dtype=object)
    return raw, np.array(lines, dtype=np.int64), problems


def _columns(file: File, raw: pd.DataFrame, header_line: int) -> tuple[pd.DataFrame, list[Problem], list[Problem]]:
    """The schema's columns, blank where the file has none, then its others; problems and notes of the header.

    Only required columns must be there, so that a folder stays clean when the schema gains an optional column.
    """
    raw = raw.rename(columns=lambda name: str(name).strip())
    raw = raw.loc[:, raw.columns != ""].copy()  # a spreadsheet pads with columns without a name
    missing = [name for name in file.columns if name not in raw.columns]
    unknown = [str(name) for name in raw.columns.unique() if name not in file.columns]
    problems = []
    for name in missing:
        if file.columns[name].required:
            near = nearest(name, unknown)
            hint = f"; the file has {near}" if near else ""
            problems.append(Problem(file.name, header_line, name, "", f"a column of this name{hint}"))
        raw[name] = np.nan
    notes = [
        Problem(file.name, header_line, name, "", "", f"unknown column, not used{did_you_mean(name, missing)}")
        for name in unknown
    ]
    doubled = raw.columns[raw.columns.duplicated()].unique()
    problems += [Problem(file.name, header_line, name, "", "the column once, it is there twice") for name in doubled]
    return raw.loc[:, ~raw.columns.duplicated()], problems, notes


def _convert(file: File, raw: pd.DataFrame, lines: np.ndarray, present: set[str]) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    out: dict[str, pd.Series] = {}
    for name in [*file.columns, *raw.columns.difference(list(file.columns), sort=False)]:
        column, cells = file.columns.get(name), raw[name].to_numpy(dtype=object)
        expected = ""
        if column is not None and column.kind == NUMBER:
            values = pd.to_numeric(raw[name], errors="coerce").to_numpy(dtype=float)
            blank = pd.isna(cells)
            values = np.where(np.isfinite(values), values, np.nan)
            wrong = np.isnan(values) & ~blank
            expected = "a number, such as 1234.5, without unit or separators"
        else:
            codes, texts = pd.factorize(cells)
            blank = codes < 0
            if column is not None and column.kind == DATE:
                values = np.append(_dates(texts), np.datetime64("NaT", "ns"))[codes]
                wrong = np.isnat(values) & ~blank
                expected = f"a date as YYYY-MM-DD, from {YEARS[0]} to {YEARS[1]}"
            else:
                values = np.array([*(text.strip() for text in texts), np.nan], dtype=object)[codes]
                wrong = np.array([*map(_is_odd, texts), False])[codes]
                expected = f"a text of at most {csv_rows.MOST_CELL:,} characters without control characters"
        out[name] = pd.Series(values, dtype=values.dtype)
        problems += _problems(file, name, cells, lines, wrong, expected)
        if column is not None and column.required and name in present:
            problems += _problems(file, name, cells, lines, blank, f"a value: {column.about}")
    return pd.DataFrame(out), problems


def _is_odd(text: str) -> bool:
    return len(text) > csv_rows.MOST_CELL or bool(csv_rows.control_character(text))


def _dates(texts: np.ndarray) -> np.ndarray:
    """Days in nanoseconds, NaT where a text is no date as YYYY-MM-DD within the years that a universe can hold."""
    return np.array([_day(text) for text in texts], dtype="datetime64[D]").astype("datetime64[ns]")


def _day(text: str) -> dt.date | None:
    try:
        day = dt.date.fromisoformat(text) if DATE_FORM.fullmatch(text) else None
    except ValueError:
        return None
    # Nanoseconds end in 2262; a mistyped year must be a problem, not an overflow.
    return day if day is not None and YEARS[0] <= day.year <= YEARS[1] else None


def _problems(
    file: File, name: str, cells: np.ndarray, lines: np.ndarray, wrong: np.ndarray, expected: str
) -> list[Problem]:
    places = np.flatnonzero(wrong)
    told = [
        Problem(file.name, int(lines[i]), name, "" if pd.isna(cells[i]) else str(cells[i]), expected)
        for i in places[:MOST_TOLD]
    ]
    return told + _further(file, name, len(places))


def _further(file: File, name: str, count: int) -> list[Problem]:
    """That there are more problems of one kind than are told."""
    if count <= MOST_TOLD:
        return []
    return [Problem(file.name, None, name, "", "", f"{count - MOST_TOLD:,} further rows with the same fault")]


def empty(file: File) -> pd.DataFrame:
    """A file without a row."""
    kinds = {NUMBER: "float64", DATE: "datetime64[ns]"}
    columns = {name: pd.Series(dtype=kinds.get(c.kind, "object")) for name, c in file.columns.items()}
    return pd.DataFrame(columns | {"file": pd.Series(dtype="object"), "line": pd.Series(dtype="int64")})
