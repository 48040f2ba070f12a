"""Glossary: the terms of the workbook, and every figure of the metric registry with its unit."""

from __future__ import annotations

from exports.commentary.glossary import terms
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import FIRST, GLOSSARY, UNITS, ScreenBook
from exports.workbook.writer.texts import paragraphs
from valuation.metrics import METRICS

WIDTHS = (44, 110, 16)


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet = book.sheet(GLOSSARY)
    book.heading(sheet, GLOSSARY, "Terms, then every figure with its definition and unit.")
    sheet.set_widths(WIDTHS)
    row = _head(sheet, FIRST - 1, "Term", "Meaning", "")
    part = ""
    for one in terms():
        if one.part != part:
            sheet.label(row, 0, one.part, "section")
            row, part = row + 1, one.part
        row = _line(sheet, row, one.term.replace("`", ""), one.meaning.replace("`", ""), "")
    row = _head(sheet, row + 1, "Figure", "Definition", "Unit")
    for metric in METRICS.values():
        row = _line(sheet, row, metric.title, metric.definition, UNITS[metric.unit][0] if metric.unit in UNITS else "")
    last = sheet.notes(row + 1, paragraphs("- Methods behind the figures: screener methods, or docs/methods.md."))
    book.finish(sheet, freeze=(FIRST, 1), repeat=(0, 3), last=(last, len(WIDTHS) - 1))


def _head(sheet: Sheet, row: int, *titles: str) -> int:
    for col, title in enumerate(titles):
        sheet.label(row, col, title, "header_left")
    return row + 1


def _line(sheet: Sheet, row: int, term: str, meaning: str, unit: str) -> int:
    sheet.text(row, 0, term, "wrap", bold=True)
    sheet.text(row, 1, meaning, "wrap")
    sheet.text(row, 2, unit, "small")
    return row + 1
