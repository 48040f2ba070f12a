"""The Excel workbook of a portfolio: same report, same bytes."""

from __future__ import annotations

from pathlib import Path

from exports.workbook.portfolio import first_page, holdings, limits, liquidity, look_through, moves, risk, scenarios
from exports.workbook.portfolio.context import SHEETS, PortfolioBook
from exports.workbook.writer.file import workbook_file
from exports.workbook.writer.paper import LETTER
from exports.workbook.writer.worksheet import PlainWorksheet
from valuation.portfolio.report import PortfolioReport

MODULES = (first_page, holdings, moves, look_through, risk, liquidity, scenarios, limits)


def write(report: PortfolioReport, path: Path, *, paper: str = LETTER) -> None:
    """Write the workbook of a portfolio to `path` for `letter` or `a4`, completely or not at all.

    Raises
    ------
    OSError
        The folder cannot be written.

    Notes
    -----
    Text from holdings files is written as text, whatever it starts with; no clock is read.
    """
    with workbook_file(
        path,
        manifest=report.manifest,
        price_line=report.price_line,
        as_of=report.as_of,
        paper=paper,
        title=f"Portfolio as of {report.as_of:%Y-%m-%d}",
        category="Portfolio",
    ) as workbook:
        for name in SHEETS:
            workbook.add_worksheet(name, worksheet_class=PlainWorksheet)
        book = PortfolioBook(report, workbook)
        for module in MODULES:
            module.place(book)
        for module in MODULES:
            module.write(book)
