"""A file of proposals: written as CSV for a spreadsheet, and read back with every cell that a spreadsheet spoilt named."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from exports.tables.machine import FORMULA_STARTS, escape_formula, write_whole
from screener.errors import InputError, Problem, ProposalError, did_you_mean
from screener.proposals.columns import (
    CHECKSUM,
    COLUMNS,
    DATES,
    ID,
    KEY,
    NUMBERS,
    SEALED,
    changed,
    checksum,
    number,
    proposal_id,
)
from screener.readers import content, csv_rows
from screener.sources.fetched import FACT_COLUMNS
from screener.universes.overlay import ACCEPTED, REJECTED

PLAIN = re.compile(r"-?\d+(\.\d+)?")
EXPONENT = re.compile(r"-?\d+([.,]\d+)?[eE][+-]?\d+")
DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
REQUIRED = tuple(dict.fromkeys([*FACT_COLUMNS, "proposal_id", *SEALED, CHECKSUM]))
# Of the required columns those whose cell may be blank.
BLANK = ("evidence", "accession", "form", "previous_value", "previous_period")


def csv_bytes(table: pd.DataFrame) -> bytes:
    """Proposals as CSV: days as YYYY-MM-DD, acceptance in UTC, figures with all digits, texts that no spreadsheet runs; the
    checksum of what a person does not change."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow([*COLUMNS, CHECKSUM])
    for row in table[COLUMNS].itertuples(index=False):
        cells = {name: _cell(name, value) for name, value in zip(COLUMNS, row, strict=True)}
        seal = checksum({name: _text(cell) for name, cell in cells.items()})
        writer.writerow([*cells.values(), seal])
    return out.getvalue().encode()


def write(table: pd.DataFrame, path: Path) -> None:
    """Write proposals, whole or not at all."""
    write_whole(path, csv_bytes(table))


def _cell(name: str, value: Any) -> str:
    if name in NUMBERS:
        return number(value)
    if value is None or value is pd.NaT or (isinstance(value, float) and np.isnan(value)):
        return ""
    if name in DATES:
        return f"{value:%Y-%m-%d}"
    if name == "accepted_at":
        stamp = pd.Timestamp(value)
        return f"{stamp.tz_convert('UTC') if stamp.tzinfo else stamp:%Y-%m-%dT%H:%M:%SZ}"
    return str(escape_formula(str(value)))


def read(path: Path) -> pd.DataFrame:
    """Proposals as a person left them.

    Returns
    -------
    DataFrame
        The file's columns (texts; `value`, `proposed_value` and `previous_value` numbers) and `line`.

    Raises
    ------
    ProposalError
        Every bad cell with its line and column: dates and figures that a spreadsheet reformatted, ids that it took for
        numbers, rows in which another column than value, decision and note was changed, decisions that are none; or a
        file without any proposal.
    """
    text = csv_rows.decoded(path.name, content.read(path, ProposalError), ProposalError)
    rows, problems = _rows(path, text)
    if not problems:
        for row in rows:
            problems += _checked(path, row)
        lines: dict[str, int] = {}
        for row in rows:
            first = lines.setdefault(row["proposal_id"], row["line"])
            if first != row["line"]:
                problems.append(_problem(path, row, "proposal_id", f"a row of its own: line {first} has the same"))
    if problems:
        raise ProposalError.of(path, problems)
    if not rows:
        raise ProposalError(f"{path}: no proposal in the file")
    out = pd.DataFrame(rows, columns=list(rows[0]))
    for name in ("value", "proposed_value", "previous_value"):
        out[name] = pd.to_numeric(out[name], errors="coerce").astype(float)
    return out


def _rows(path: Path, text: str) -> tuple[list[dict[str, Any]], list[Problem]]:
    """Every row as texts by column, with its line."""
    header_line = text.partition("\n")[0]
    if "proposal_id" in header_line and header_line.count(";") > header_line.count(","):
        return [], [
            Problem(
                path.name, 1, "", "", "commas between the cells, the file has semicolons; save it as CSV with commas"
            )
        ]
    rows: list[dict[str, Any]] = []
    problems: list[Problem] = []
    header: list[str] = []
    try:
        for start, cells in csv_rows.rows(path.name, text):
            if not any(cell.strip() for cell in cells):
                continue
            if not header:
                header = [cell.strip() for cell in cells]
                problems += _header(path, header, start)
            elif len(cells) != len(header):
                expected = f"{len(header)} cells as in the header, there are {len(cells)}"
                problems.append(Problem(path.name, start, "", "", expected))
            else:
                row: dict[str, Any] = {name: _text(cell) for name, cell in zip(header, cells, strict=True) if name}
                rows.append({name: "" for name in COLUMNS if name not in row} | row | {"line": start})
    except InputError as error:
        problems += error.problems
    if not header:
        problems.append(Problem(path.name, 1, "", "", "a header row as `screener facts propose` writes it"))
    return rows, problems


def _header(path: Path, header: list[str], line: int) -> Iterator[Problem]:
    for name in REQUIRED:
        if header.count(name) != 1:
            what = "a column of this name" if name not in header else "the column once, it is there twice"
            yield Problem(
                path.name, line, name, "", what + did_you_mean(name, [one for one in header if one not in COLUMNS])
            )


def _text(cell: str) -> str:
    """A cell without the apostrophe that kept it from running as a formula."""
    return (cell[1:] if cell[:1] == "'" and cell[1:].startswith(FORMULA_STARTS) else cell).strip()


def _checked(path: Path, row: dict[str, Any]) -> Iterator[Problem]:
    """What is wrong with one row."""
    wrong = False
    for name in REQUIRED:
        if not row[name] and name not in BLANK:
            wrong = True
            yield _problem(path, row, name, "a value")
    for name in ("period_end", "published_on"):
        if row[name] and not _is_day(row[name]):
            wrong = True
            yield _problem(path, row, name, "a date as YYYY-MM-DD; a spreadsheet may have reformatted it")
    for name in ("value", "proposed_value", "previous_value"):
        text = row[name]
        if text and not PLAIN.fullmatch(text):
            wrong = True
            yield _problem(path, row, name, _number_expected(text))
    if row["proposal_id"] and not ID.fullmatch(row["proposal_id"]):
        wrong = True
        number_like = EXPONENT.fullmatch(row["proposal_id"]) or PLAIN.fullmatch(row["proposal_id"])
        why = "; a spreadsheet turned it into a number" if number_like else ""
        yield _problem(path, row, "proposal_id", f"an id such as P0123456789, as it was proposed{why}")
    decision = row["decision"].lower()
    if decision not in ("", ACCEPTED, REJECTED):
        hint = did_you_mean(decision, (ACCEPTED, REJECTED))
        yield _problem(path, row, "decision", f"{ACCEPTED}, {REJECTED} or blank{hint}")
    row["decision"] = decision
    if not wrong:
        identity = proposal_id(
            row["ticker"], row["item"], pd.Timestamp(row["period_end"]), float(row["proposed_value"]), row["accession"]
        )
        if identity != row["proposal_id"]:
            fixed = ", ".join([*KEY, "accession", "proposed_value"])
            expected = f"the {fixed} of the proposal: one of them was changed; only the other columns may be edited"
            yield _problem(path, row, "proposal_id", expected)
        for name in changed(row, row[CHECKSUM]):
            expected = "the cell as it was proposed: a person may change value, decision and note alone; propose again"
            yield _problem(path, row, name, expected)


def _is_day(text: str) -> bool:
    return bool(DAY.fullmatch(text)) and not pd.isna(pd.to_datetime(text, format="%Y-%m-%d", errors="coerce"))


def _number_expected(text: str) -> str:
    if EXPONENT.fullmatch(text):
        return "all digits of the number; a spreadsheet shortened it, so digits may be lost"
    if re.fullmatch(r"[-(]?[$€]?[\d.,' \u00a0\u202f]+[)%]?", text):
        return "a number such as 1234.5, without separators, currency or percent sign"
    return "a number such as 1234.5"


def _problem(path: Path, row: dict[str, Any], column: str, expected: str) -> Problem:
    return Problem(path.name, row["line"], column, str(row[column]), expected)
