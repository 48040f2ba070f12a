"""The whole workbook of a portfolio, written at once: same report, same bytes."""

from __future__ import annotations

import io
from copy import deepcopy
from pathlib import Path

from xlsxwriter import Workbook

from exports.portfolio_book import holdings, limits, look_through, risk, scenarios
from exports.portfolio_book.layout import SHEETS, Book
from exports.tables import write_whole
from exports.workbook.book import OPTIONS
from exports.workbook.formulas import PlainWorksheet
from valuation.portfolio_report import PortfolioReport

MODULES = (holdings, look_through, risk, scenarios, limits)


def write(report: PortfolioReport, path: Path) -> None:
    """Write the workbook of a portfolio to `path`, whole or not at all.

    Raises
    ------
    OSError
        The folder cannot be written.

    Notes
    -----
    Text from holdings files is written as text, whatever it starts with; no clock is read.
    """
    target = io.BytesIO()
    with Workbook(target, deepcopy(OPTIONS)) as workbook:  # XlsxWriter changes the options it is given
        workbook.set_properties(
            {
                "title": f"Portfolio as of {report.as_of:%Y-%m-%d}",
                "category": "Portfolio",
                "author": f"miner-screener {report.manifest['version']}",
                "comments": f"Run {report.manifest['run_id']}. {report.price_line}.",
                "created": report.as_of.to_pydatetime(),
            }
        )
        for name in SHEETS:
            workbook.add_worksheet(name, worksheet_class=PlainWorksheet)
        book = Book(report, workbook)
        for module in MODULES:
            module.place(book)
        for module in MODULES:
            module.write(book)
    write_whole(Path(path), target.getvalue())
