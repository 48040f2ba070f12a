"""Record: the run as it was written, on a hidden sheet, with every input cell: `screener compare` reads it.

A figure that somebody types over an input leaves no trace of the one before; the record has it.
"""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from exports.tables.machine import jsonable
from exports.tables.record import CELL_LENGTH, RECORD_SHEET, record_content
from exports.workbook.writer.cells import PlainWorksheet
from exports.workbook.writer.context import MULTIPLES, ScreenBook
from valuation.comparison.changes import Snapshot

ABOUT = (
    "The run as it was written, for `screener compare`. Nothing refers to this sheet; deleting it loses the comparison."
)


def write(book: ScreenBook) -> None:
    """Write the sheet, hidden, after all others: its figures are theirs."""
    page = book.workbook.get_worksheet_by_name(RECORD_SHEET)
    content = record_content(Snapshot.of(book.screen))
    content["cells"] = {sheet.name: _cells(sheet) for sheet in book.workbook.worksheets() if sheet is not page}
    area = book.ranges["multiples"]
    column = area.index("ev_per_mw_secured")
    places = {ticker: xl_rowcol_to_cell(area.first + i, column) for i, ticker in enumerate(book.tickers)}
    content["shown"] = {"sheet": MULTIPLES, "metric": "ev_per_mw_secured", "cells": places}
    text = json.dumps(jsonable(content), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    page.write_string(0, 0, ABOUT)
    for row, start in enumerate(range(0, len(text), CELL_LENGTH), start=1):
        page.write_string(row, 0, text[start : start + CELL_LENGTH])
    page.very_hidden()


def _cells(page: PlainWorksheet) -> list[list[Any]]:
    """Address, value, title of the column and first text of the row of each input of a sheet."""
    return [
        [xl_rowcol_to_cell(row, col), _plain(value), page.title_above(row, col), page.rows.get(row, "")]
        for (row, col), value in page.inputs.items()
    ]


def _plain(value: Any) -> Any:
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else value
