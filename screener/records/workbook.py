"""A run from its workbook, with the inputs that a person changed in it since."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pandas as pd

from exports.tables.record import RECORD_SHEET
from screener.errors import RecordError
from screener.overrides.workbook import OTHER_ROW, read_back
from screener.records.content import snapshot
from screener.workbooks import Sheet, read_sheets
from valuation.comparison.changes import Snapshot

# So many inputs of a sheet beside other rows than before: its rows were moved or sorted.
MANY = 5
EDIT_COLUMNS = ["kind", "sheet", "cell", "label", "title", "written", "found"]


def read_run(path: Path) -> Snapshot:
    """The run that a workbook was written from; `edits` lists the inputs that differ from what the run wrote.

    Returns
    -------
    Snapshot
        Its figures are those of the run. `edits`: kind (`input`; `other` for a changed cell that is no input, or holds
        what no run takes; `moved` for a sheet whose rows are not where they were; `result` of a company's EV per
        secured MW that the changed inputs give), sheet, cell, label, title (of another cell what is wrong), written,
        found (None: unknown, or not recalculated).

    Raises
    ------
    NotKnown
        No such file.
    RecordError
        The file cannot be opened, has no record of a run, or the record was changed; names file and sheet.
    """
    sheets = read_sheets(path, RecordError)
    if RECORD_SHEET not in sheets:
        expected = f"a hidden sheet {RECORD_SHEET}, as `screener run` of this version writes it; run it again"
        raise RecordError.at(path.name, "", expected)
    place = f"{path.name}: sheet {RECORD_SHEET}"
    # The first row says what the sheet is.
    text = "".join(str(cell.value) for row in sheets[RECORD_SHEET].rows[1:] for cell in row if cell.column == 1)
    try:
        content = json.loads(text)
    except ValueError as fault:
        raise RecordError.at(place, "", f"the record as it was written; it was changed or cut ({fault})") from None
    run = snapshot(content, place)
    try:
        edits = _edits(path, content["shown"], sheets)
    except (KeyError, TypeError, ValueError, AttributeError) as fault:
        raise RecordError.at(place, "", f"the record as it was written ({type(fault).__name__}: {fault})") from None
    return replace(run, edits=pd.DataFrame(edits, columns=EDIT_COLUMNS, dtype=object))


def _edits(path: Path, shown: Any, sheets: dict[str, Sheet]) -> list[tuple[Any, ...]]:
    found = read_back(path)
    out: list[tuple[Any, ...]] = []
    for one in found.overrides:
        sheet, _, cell = one.cell.rpartition("!")
        out.append(("input", sheet, cell, one.meaning, "", _plain(one.old), _plain(one.new)))
    others = [(*problem.column.rpartition("!")[::2], problem) for problem in (*found.refused, *found.not_taken)]
    per_sheet = Counter(sheet for sheet, _, problem in others if OTHER_ROW in problem.message)
    moved = [sheet for sheet, count in per_sheet.items() if count >= MANY]
    out += [("moved", sheet, "", "", "", None, None) for sheet in moved]
    out += [
        ("other", sheet, cell, "", problem.message, None, problem.value)
        for sheet, cell, problem in others
        if sheet not in moved
    ]
    if out:
        out += _results(shown, sheets)
    return out


def _results(shown: Any, sheets: dict[str, Sheet]) -> list[tuple[Any, ...]]:
    """EV per secured MW as the workbook shows it now, where the file holds recalculated values."""
    sheet = sheets.get(shown["sheet"], Sheet("", []))
    return [
        ("result", shown["sheet"], place, ticker, "EV / secured MW", None, _plain(sheet.at(place)))
        for ticker, place in shown["cells"].items()
    ]


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, (datetime, date)) else value
