"""Chart data: the confidence band of the regression line, hidden, for the chart of Brief."""

from __future__ import annotations

import numpy as np

from exports.workbook.writer.context import CHART_DATA, FIRST, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.texts import paragraphs
from valuation.regression.band import confidence_band

BAND = (
    Column("share", "AI share (%)", "whole_percent", 12),
    Column("fitted", "Line, fixed at run ($m per MW)", "per_mw", 14),
    Column("low", "Band low, fixed at run ($m per MW)", "per_mw", 14),
    Column("high", "Band high, fixed at run ($m per MW)", "per_mw", 14),
)
SHARES = np.linspace(0.0, 1.0, 21)


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Where the band stands."""
    return {"band": TableRange(CHART_DATA, BAND, FIRST, len(SHARES))}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area, line = book.sheet(CHART_DATA), book.ranges["band"], book.screen.regression
    book.heading(sheet, CHART_DATA, "Cells behind the charts of Brief.")
    sheet.header(area, height=36)
    if line is not None:
        sheet.static_table(area, confidence_band(line.sample, line.level, SHARES).to_dict("records"))
    notes = paragraphs(
        "- Confidence band of the line, HC3, t(n - 2), at each share by itself. It holds the line, not the companies."
    )
    last = sheet.notes(area.last + 2, notes)
    book.finish(sheet, freeze=(area.first, 1), repeat=(0, 3), last=(last, len(BAND) - 1))
