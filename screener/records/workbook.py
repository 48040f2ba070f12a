"""A run from its workbook, with the inputs that a person changed in it since."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from exports.tables.record import RECORD_SHEET
from screener.errors import RecordError
from screener.records.content import snapshot
from screener.workbooks import Cell, read_cells
from valuation.comparison.changes import Snapshot

EDIT_COLUMNS = ["kind", "sheet", "cell", "label", "title", "written", "found"]
# A spreadsheet keeps fifteen digits; a figure that differs by less was not typed over.
SAME = 1e-12


def read_run(path: Path) -> Snapshot:
    """The run that a workbook was written from; `edits` lists the inputs that differ from what the run wrote.

    Returns
    -------
    Snapshot
        Its figures are those of the run. `edits`: kind (`input`, `result` of a company's EV per secured MW that the
        changed inputs give, `moved` for a sheet whose rows are not where they were, in which no input is compared),
        sheet, cell, label of the row, title of the column, written, found (None: emptied, or not recalculated).

    Raises
    ------
    NotKnown
        No such file.
    RecordError
        The file cannot be opened, has no record of a run, or the record was changed; names file and sheet.
    """
    sheets = read_cells(path, lambda _: True, RecordError)
    if RECORD_SHEET not in sheets:
        expected = f"a hidden sheet {RECORD_SHEET}, as `screener run` of this version writes it; run it again"
        raise RecordError.at(path.name, "", expected)
    place = f"{path.name}: sheet {RECORD_SHEET}"
    # The first row says what the sheet is.
    text = "".join(str(cell.value) for row in sheets[RECORD_SHEET][1:] for cell in row if cell.column == 1)
    try:
        content = json.loads(text)
    except ValueError as fault:
        raise RecordError.at(place, "", f"the record as it was written; it was changed or cut ({fault})") from None
    run = snapshot(content, place)
    try:
        edits = _edits(content["cells"], content["shown"], sheets)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise RecordError.at(place, "", f"the record as it was written ({type(fault).__name__}: {fault})") from None
    return replace(run, edits=pd.DataFrame(edits, columns=EDIT_COLUMNS, dtype=object))


def _edits(written: Any, shown: Any, sheets: dict[str, list[list[Cell]]]) -> list[tuple[Any, ...]]:
    out: list[tuple[Any, ...]] = []
    for sheet, inputs in written.items():
        if not inputs:
            continue
        if sheet not in sheets:
            out.append(("moved", sheet, "", "", "", None, None))
            continue
        found = {cell.address: cell.value for row in sheets[sheet] for cell in row}
        first = {cell.row: cell.value for row in sheets[sheet] for cell in row if cell.column == 1}
        labels = {int("".join(filter(str.isdigit, address))): label for address, _, _, label in inputs if label}
        if any(str(first.get(row, "")) != label for row, label in labels.items()):
            out.append(("moved", sheet, "", "", "", None, None))
            continue
        out += [
            ("input", sheet, address, label, title, value, _plain(found.get(address)))
            for address, value, title, label in inputs
            if not _same(value, _plain(found.get(address)))
        ]
    if any(edit[0] == "input" for edit in out):
        out += _results(shown, sheets)
    return out


def _results(shown: Any, sheets: dict[str, list[list[Cell]]]) -> list[tuple[Any, ...]]:
    """EV per secured MW as the workbook shows it now, where the file holds recalculated values."""
    rows = sheets.get(shown["sheet"], [])
    found = {cell.address: cell.value for row in rows for cell in row}
    return [
        ("result", shown["sheet"], place, ticker, "EV / secured MW", None, _plain(found.get(place)))
        for ticker, place in shown["cells"].items()
    ]


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, (datetime, date)) else value


def _same(written: Any, found: Any) -> bool:
    if isinstance(written, (int, float)) and isinstance(found, (int, float)):
        return abs(written - found) <= SAME * max(abs(written), abs(found))
    return str("" if written is None else written) == str("" if found is None else found)
