"""A person's way into a workbook: by sheet, ticker and header, not by cell address."""

from __future__ import annotations

from typing import Any

from openpyxl import Workbook
from openpyxl.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet


def header_row(sheet: Worksheet, below: str = "") -> int:
    """The row of the first header that starts with Ticker, below the cell of column A with the text `below`."""
    started = not below
    for row in range(1, sheet.max_row + 1):
        text = sheet.cell(row, 1).value
        started = started or (isinstance(text, str) and text.startswith(below))
        if started and text == "Ticker":
            return row
    raise LookupError(f"{sheet.title}: no header below {below!r}")


def column(sheet: Worksheet, header: str, row: int) -> int:
    """The column with that header in that row."""
    found = [c for c in range(1, sheet.max_column + 1) if str(sheet.cell(row, c).value) == header]
    if len(found) != 1:
        raise LookupError(f"{sheet.title}: {len(found)} columns named {header!r} in row {row}")
    return found[0]


def cell(book: Workbook, name: str, ticker: str, header: str, below: str = "", also: str = "") -> Cell:
    """The cell of a ticker under a header; `also` is the text of column B where a ticker has several rows."""
    sheet = book[name]
    head = header_row(sheet, below)
    where = column(sheet, header, head)
    for row in range(head + 1, sheet.max_row + 1):
        if sheet.cell(row, 1).value == ticker and (not also or sheet.cell(row, 2).value == also):
            return sheet.cell(row, where)
    raise LookupError(f"{name}: no row of {ticker} {also}")


def values(book: Workbook, name: str, header: str, below: str = "") -> dict[str, Any]:
    """A column by ticker, down to the first row without one."""
    sheet = book[name]
    head = header_row(sheet, below)
    where, out = column(sheet, header, head), {}
    for row in range(head + 1, sheet.max_row + 1):
        ticker = sheet.cell(row, 1).value
        if not ticker:
            break
        out[ticker] = sheet.cell(row, where).value
    return out


def labelled(book: Workbook, name: str, label: str, col: int = 2) -> Cell:
    """The cell in column `col` of the row whose first text, in column A or B before it, is `label`."""
    sheet = book[name]
    for row in range(1, sheet.max_row + 1):
        if label in [sheet.cell(row, c).value for c in range(1, col)]:
            return sheet.cell(row, col)
    raise LookupError(f"{name}: nothing labelled {label!r}")
