"""Data: every fact used, a row a fact, with its source."""

from __future__ import annotations

from exports.workbook.writer.cells import Column, Grid, is_unknown
from exports.workbook.writer.context import DATA, FIRST, Book

COLUMNS = (
    Column("ticker", "Ticker", width=9),
    Column("item", "Item", width=44),
    Column("value", "Value (unit beside)", "plain", 19),
    Column("unit", "Unit", "small", 14),
    Column("period_end", "Period end or date", "date", 11),
    Column("published_on", "Published", "date", 11),
    Column("source", "File and line, or source", "small", 22),
    Column("source_url", "Link", width=50),
    Column("confidence", "Confidence", width=10),
    Column("evidence", "Evidence", "small_wrap", 90),
)


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, facts = book.sheet(DATA), book.screen.facts
    grid = Grid(DATA, COLUMNS, FIRST, len(facts))
    book.top(
        sheet,
        DATA,
        f"{len(facts)} facts known on {book.as_of} that the screen rests on; values as recorded, before any scaling.",
    )
    sheet.header(grid, height=24, section=False)
    columns = [facts[c.key].tolist() for c in COLUMNS]
    for row, record in enumerate(zip(*columns, strict=True), start=grid.first):
        for col, (column, value) in enumerate(zip(COLUMNS, record, strict=True)):
            if column.key == "source_url":
                sheet.url(row, col, value)
            elif column.kind == "date":
                sheet.input(row, col, value, "date")
            elif column.kind == "plain":
                whole = not is_unknown(value) and float(value).is_integer()
                sheet.input(row, col, value, "count" if whole else "plain")
            elif not is_unknown(value) and value != "":
                # The item may end in a figure ("remainder at 16.81"): smaller print, rather than a figure cut off.
                sheet.text(row, col, value, "name" if column.key == "item" else column.kind)
        sheet.fit(row, (str(record[-1]), COLUMNS[-1].width))
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(COLUMNS) - 1)
    last = sheet.lines(
        grid.last + 2,
        [
            "Value n/a: the source names the contract or instrument without a figure. Lines 'transaction' "
            "are dated "
            "financings that roll a balance-sheet figure forward.",
            "Confidence as the universe records it, high, medium or low; low ones are also listed on Quality.",
        ],
    )
    book.finish(sheet, freeze=(grid.first, 2), repeat=(0, grid.first - 1), last=(last, len(COLUMNS) - 1))
