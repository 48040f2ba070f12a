"""Record: the run as it was written, on a hidden sheet, which `screener compare` reads; the inputs stand in the register."""

from __future__ import annotations

import json

from xlsxwriter.utility import xl_rowcol_to_cell

from exports.tables.machine import in_words
from exports.tables.record import CELL_LENGTH, record_content
from exports.workbook.writer.context import MULTIPLES, ScreenBook
from exports.workbook.writer.worksheet import PlainWorksheet
from valuation.comparison.changes import Snapshot

ABOUT = (
    "The run as it was written, for `screener compare`. Nothing refers to this sheet; deleting it loses the comparison."
)


def write(book: ScreenBook, page: PlainWorksheet) -> None:
    """Write the sheet, hidden, after all others: its figures are theirs."""
    content = record_content(Snapshot.of(book.screen))
    area = book.ranges["multiples"]
    column = area.index("ev_per_mw_secured")
    places = {ticker: xl_rowcol_to_cell(area.first + i, column) for i, ticker in enumerate(book.tickers)}
    content["shown"] = {"sheet": MULTIPLES, "metric": "ev_per_mw_secured", "cells": places}
    text = json.dumps(in_words(content), ensure_ascii=True, allow_nan=False, separators=(",", ":"))
    page.worded = False  # the object is in words already, and is read back
    page.write_string(0, 0, ABOUT)
    for row, start in enumerate(range(0, len(text), CELL_LENGTH), start=1):
        page.write_string(row, 0, text[start : start + CELL_LENGTH])
    page.very_hidden()
