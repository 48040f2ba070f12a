"""Context of the sheets of a portfolio workbook: report, addresses, legend, page setup."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook

from exports.tables.portfolio.words import power_unit
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.ranges import TableRange
from exports.workbook.writer.style import Styles, page_setup
from valuation.portfolio.report import PortfolioReport

FIRST, HOLDINGS, MOVES, THROUGH, RISK, LIQUIDITY, SCENARIOS, LIMITS, RETURNS = (
    "Portfolio",
    "Holdings",
    "Moves",
    "Look-through",
    "Risk",
    "Liquidity",
    "Scenarios",
    "Limits",
    "Returns",
)
SHEETS = (FIRST, HOLDINGS, MOVES, THROUGH, RISK, LIQUIDITY, SCENARIOS, LIMITS, RETURNS)
TOP = 5  # first row under title, prices, purpose and legend
BACK = (0, 8)  # cell of the link to the first page
LEGEND = (
    "Blue: input. Blue italics: fixed at run time. Black: formula. Green: link to another sheet. Amber fill: stale. "
    "Blue fill: stand-in (proxy). n/a: unknown, in no sum."
)


class PortfolioBook:
    """The workbook of a portfolio while it is written.

    Attributes
    ----------
    report : PortfolioReport
    ranges : dict
        Cell addresses by table name: rates, positions, moves, companies, contracts, parties, names, volumes, scenarios,
        limits.
    cells : dict
        Addresses, with their sheet, of single figures that other sheets use: net, gross, long, short, cash, ...
    """

    def __init__(self, report: PortfolioReport, workbook: Workbook) -> None:
        self.report, self.workbook, self.styles = report, workbook, Styles(workbook)
        self.ranges: dict[str, TableRange] = {}
        self.cells: dict[str, str] = {}
        self.positions = report.portfolio.positions.to_dict("records")
        self.rate_row = {code: i for i, code in enumerate(report.fx.index)}

    @property
    def power(self) -> tuple[str, float]:
        """Unit of power that fits what is owned, and how many of it are a MW."""
        return power_unit(float(self.report.look_through.totals["secured_mw"]))

    def sheet(self, name: str) -> Sheet:
        """The writer of a sheet."""
        return Sheet(
            self.workbook.get_worksheet_by_name(name), self.styles, source=f"as of {self.report.as_of:%Y-%m-%d}"
        )

    def heading(self, sheet: Sheet, name: str, about: str) -> None:
        """The first lines: title and date, prices and their age, content of the sheet, legend."""
        report = self.report
        sheet.label(0, 0, f"{name}: portfolio as of {report.as_of:%Y-%m-%d}", "title")
        sheet.label(1, 0, report.price_line, "warning" if report.prices_are_old else "subtitle")
        sheet.label(2, 0, about, "subtitle")
        sheet.label(3, 0, LEGEND, "note")
        sheet.internal(*BACK, FIRST, "To the first page")

    def finish(
        self,
        sheet: Sheet,
        *,
        freeze: tuple[int, int],
        last: tuple[int, int],
        repeat: tuple[int, int] = (0, 3),
        pages: int = 0,
    ) -> None:
        """Page setup of a sheet; `pages` in height, 0 as many as it takes."""
        page_setup(
            sheet.page,
            title="Portfolio",
            as_of=f"{self.report.as_of:%Y-%m-%d}",
            run_id=str(self.report.manifest["run_id"]),
            freeze=freeze,
            repeat=repeat,
            last=last,
            pages=pages,
        )


def known(*cells: str) -> str:
    """Formula: whether all these cells hold numbers."""
    return f"COUNT({','.join(cells)})={len(cells)}"


def of_net(formula: str, net: str) -> str:
    """Formula as a fraction of net value; n/a where that is unknown or not positive."""
    return f'IF(N({net})>0,({formula})/{net},"n/a")'


def sum_known(values: str, *criteria: str) -> str:
    """Formula: the sum of the numbers that fit the criteria; n/a where there is none among them."""
    fits = ",".join(criteria)
    return f'IF(COUNTIFS({values},">-1E300",{fits})=0,"n/a",SUMIFS({values},{fits}))'


def guarded(formula: str, *cells: str) -> str:
    """Formula that gives n/a where one of these cells holds no number."""
    return f'IF({known(*cells)},{formula},"n/a")'


def plain(value: Any) -> Any:
    """A number of numpy's as Python's own; -0 as 0."""
    return value + 0.0 if isinstance(value, float) else value
