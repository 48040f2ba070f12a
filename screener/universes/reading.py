"""One CSV file of a universe into one frame: columns, dates and numbers, with each fault told by line.

The usual path parses once with pandas; lines are counted only where a file has comments, quoted newlines or faults.
"""

from __future__ import annotations

import csv
import difflib
import io

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.universes.schema import DATE, NUMBER, File

DATE_FORMAT = "%Y-%m-%d"
YEARS = (1990, 2100)


def read(file: File, content: bytes | None) -> tuple[pd.DataFrame, list[Problem]]:
    """Parse a file; a fault leaves NaN or NaT in its cell and a Problem in the list.

    Parameters
    ----------
    file : File
        Its schema.
    content : bytes or None
        None where the folder has no such file.

    Returns
    -------
    DataFrame
        Schema columns (and any further text columns), then `file` and `line`.
    list of Problem
    """
    if content is None:
        missing = [Problem(file.name, None, "", "", "the file: a universe must have it")] if file.required else []
        return _empty(file), missing
    if not content.strip():
        return _empty(file), [Problem(file.name, 1, "", "", "a header row; the file is empty")]
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        byte = f"byte 0x{content[error.start]:02x}"
        return _empty(file), [Problem(file.name, line, "", byte, "UTF-8; save the file as CSV UTF-8")]
    skipped = _comment_lines(text)
    body = text if not skipped else "\n".join(text.split("\n")[skipped:])
    raw, lines, problems = _cells(file, body, skipped)
    if raw is None:
        return _empty(file), problems
    present = {str(name).strip() for name in raw.columns}
    raw, more = _columns(file, raw, skipped + 1)
    frame, faults = _convert(file, raw, lines, present)
    frame["file"] = file.name
    frame["line"] = lines
    return frame, problems + more + faults


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
            blank = raw.isna().all(axis=1).to_numpy()
            lines = np.arange(len(raw)) + 2 + skipped
            return raw[~blank].reset_index(drop=True), lines[~blank], []
    except (pd.errors.ParserError, pd.errors.EmptyDataError):
        pass
    return _slowly(file, body, skipped)


def _plain(raw: pd.DataFrame, body: str) -> bool:
    """Whether each row is one line with a cell a column, so that nothing was filled, renamed or cut in silence.

    pandas fills short rows with blanks, renames doubled columns and (2.2) ends a cell at a NUL.
    """
    one_line_a_row = len(raw) == body.rstrip("\r\n").count("\n")
    if not one_line_a_row or "\0" in body or "\r" in body.replace("\r\n", "\n") or not raw.shape[1]:
        return False
    header = next(csv.reader([body.partition("\n")[0]]), [])
    full = raw.iloc[:, -1].notna().all() and isinstance(raw.index, pd.RangeIndex)
    return bool(full) and len(set(header)) == len(header)


def _slowly(file: File, body: str, skipped: int) -> tuple[pd.DataFrame | None, np.ndarray, list[Problem]]:
    """The same row by row, for quoted newlines and rows with too many or too few fields."""
    reader = csv.reader(io.StringIO(body, newline=""), strict=True)
    header: list[str] | None = None
    rows, lines, problems = [], [], []
    start = 1
    try:
        for row in reader:
            if any(cell.strip() for cell in row):
                if header is None:
                    header = row
                elif len(row) != len(header):
                    told = f"{len(header)} fields as in the header, there are {len(row)}"
                    problems.append(Problem(file.name, start + skipped, "", "", told))
                else:
                    rows.append([cell or np.nan for cell in row])
                    lines.append(start + skipped)
            start = reader.line_num + 1
    except csv.Error:
        # Not strict, an open quote would swallow the rows up to the next quote without a word.
        told = "quotes in pairs; what follows in the file could not be read"
        problems.append(Problem(file.name, start + skipped, "", "", told))
    if header is None:
        return None, np.array([]), [*problems, Problem(file.name, skipped + 1, "", "", "a header row")]
    raw = pd.DataFrame(np.array(rows, dtype=object).reshape(-1, len(header)), columns=header, dtype=object)
    return raw, np.array(lines, dtype=np.int64), problems


def _columns(file: File, raw: pd.DataFrame, header_line: int) -> tuple[pd.DataFrame, list[Problem]]:
    """Strip the header, tell missing and doubled columns, and put an empty one where one is missing."""
    raw = raw.rename(columns=lambda name: str(name).strip())
    raw = raw.loc[:, raw.columns != ""].copy()  # a spreadsheet pads with columns without a name
    problems = []
    for name in file.columns:
        if name in raw.columns:
            continue
        near = difflib.get_close_matches(name, [c for c in raw.columns if c not in file.columns], n=1)
        hint = f"; is {near[0]!r} meant?" if near else ""
        problems.append(Problem(file.name, header_line, name, "", f"a column of this name{hint}"))
        raw[name] = np.nan
    doubled = raw.columns[raw.columns.duplicated()].unique()
    problems += [Problem(file.name, header_line, name, "", "the column once, it is there twice") for name in doubled]
    return raw.loc[:, ~raw.columns.duplicated()], problems


def _convert(file: File, raw: pd.DataFrame, lines: np.ndarray, present: set[str]) -> tuple[pd.DataFrame, list[Problem]]:
    problems: list[Problem] = []
    out: dict[str, pd.Series] = {}
    for name in [*file.columns, *raw.columns.difference(list(file.columns), sort=False)]:
        column, cells = file.columns.get(name), raw[name]
        if column is not None and column.kind == NUMBER:
            values = pd.to_numeric(cells, errors="coerce").astype(float)
            wrong = (cells.notna() & ~np.isfinite(values)).to_numpy()
            problems += _told(file, name, cells, lines, wrong, "a number, such as 1234.5, without unit or separators")
            out[name] = values.where(np.isfinite(values))
        elif column is not None and column.kind == DATE:
            # The form is checked apart: pandas would take 2026-1-5 for the 5th of January too.
            formed = cells.astype(object).str.fullmatch("[0-9]{4}-[0-9]{2}-[0-9]{2}", na=True).astype(bool)
            values = pd.to_datetime(cells, format=DATE_FORMAT, errors="coerce")
            # Nanoseconds end in 2262; a mistyped year must be told, not overflow.
            values = values.where(values.dt.year.between(*YEARS)).astype("datetime64[ns]")
            wrong = (cells.notna() & (values.isna() | ~formed)).to_numpy()
            problems += _told(file, name, cells, lines, wrong, f"a date as YYYY-MM-DD, from {YEARS[0]} to {YEARS[1]}")
            out[name] = values.where(formed)
        else:
            values = cells.astype(object).where(cells.notna(), np.nan)
            out[name] = values.str.strip() if len(values) and values.notna().any() else values
        if column is not None and column.required and name in present:
            blank = cells.isna().to_numpy()
            problems += _told(file, name, cells, lines, blank, f"a value: {column.about}")
    return pd.DataFrame(out), problems


def _told(
    file: File, name: str, cells: pd.Series, lines: np.ndarray, wrong: np.ndarray, expected: str
) -> list[Problem]:
    return [
        Problem(file.name, int(lines[i]), name, "" if pd.isna(cells.iloc[i]) else str(cells.iloc[i]), expected)
        for i in np.flatnonzero(wrong)
    ]


def _empty(file: File) -> pd.DataFrame:
    kinds = {NUMBER: "float64", DATE: "datetime64[ns]"}
    columns = {name: pd.Series(dtype=kinds.get(c.kind, "object")) for name, c in file.columns.items()}
    return pd.DataFrame(columns | {"file": pd.Series(dtype="object"), "line": pd.Series(dtype="int64")})
