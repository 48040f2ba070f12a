"""Data: every fact behind the screen with its source."""

from __future__ import annotations

from exports.workbook.writer.cells import WRAPPED
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import DATA, FIRST, ScreenBook
from exports.workbook.writer.input_register import LISTED
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import is_unknown

COLUMNS = (
    Column("ticker", "Ticker", width=9),
    Column("item", "Item", width=36),
    Column("value", "Value (unit in the next column)", "plain", 19),
    Column("unit", "Unit", "small", 14),
    Column("period_end", "Period end or date", "date", 11),
    Column("published_on", "Published", "date", 11),
    Column("source", "File and line, or source", "small", 20),
    Column("source_url", "Link", width=38),
    Column("confidence", "Confidence", width=10),
    Column("evidence", "Evidence", "small_wrap", 54),
)


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, facts = book.sheet(DATA), book.screen.facts
    area = TableRange(DATA, COLUMNS, FIRST, len(facts))
    book.heading(sheet, DATA, f"{len(facts)} facts known on {book.as_of}; values as recorded, before any scaling.")
    sheet.header(area, height=24, section=False)
    columns = [facts[c.key].tolist() for c in COLUMNS]
    for k, values in enumerate(zip(*columns, strict=True)):
        record = sheet.record(area, k)
        for col, (column, value) in enumerate(zip(COLUMNS, values, strict=True)):
            if column.key == "source_url":
                sheet.url(record.row, col, value)
            elif column.kind == "date":
                record.input(column.key, value, means=LISTED)
            elif column.kind == "plain":
                whole = not is_unknown(value) and float(value).is_integer()
                sheet.input(record.row, col, value, "count" if whole else "plain", means=LISTED)
            elif not is_unknown(value) and value != "":
                # The item may end in a figure ("remainder at 16.81"): smaller print, rather than a figure cut off.
                look = "name" if column.key == "item" else column.kind
                record.text(column.key, value, look, fit=column.kind in WRAPPED)
    sheet.filter(area)
    notes = paragraphs(f"""
        - Value n/a: the source names the contract or instrument without a figure. Items with "transaction" are dated
          financings that roll a balance-sheet figure forward.
        - Confidence as the universe records it: high, medium or low; low confidence is also listed on Quality. Method:
          {section(2)}.
    """)
    last = sheet.notes(area.last + 2, notes)
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, area.first - 1), last=(last, len(COLUMNS) - 1))
