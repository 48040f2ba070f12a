"""The Excel workbook of a screen: same screen, same bytes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from exports.tables.record import RECORD_SHEET
from exports.workbook.sheets import record
from exports.workbook.writer import context
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.file import workbook_file
from exports.workbook.writer.input_register import ABOUT, REGISTER
from exports.workbook.writer.paper import LETTER
from exports.workbook.writer.ranges import sheet_name
from exports.workbook.writer.sheet_list import LINKING, SHEETS, present
from exports.workbook.writer.worksheet import PlainWorksheet
from valuation.report import Report

if TYPE_CHECKING:
    from valuation.company_profile import CompanyProfile
    from valuation.comparison.changes import Changes

# Summary counts cells of all others, Brief reads Summary: their tables are placed last. Assumptions shows which of its
# cells a formula reads: it is written last.
PLACED_LAST, WRITTEN_LAST = (context.SUMMARY, context.BRIEF), (context.ASSUMPTIONS,)


def write(
    result: Report,
    path: Path,
    changes: Changes | None = None,
    profiles: Sequence[CompanyProfile] = (),
    *,
    paper: str = LETTER,
) -> None:
    """Write the workbook of a screen to `path`, completely or not at all.

    Parameters
    ----------
    result : Report
    path : Path
        Written under a temporary name in the same folder, then renamed.
    changes : Changes, optional
        Since the previous run: the workbook then has a sheet of them.
    profiles : sequence of CompanyProfile, optional
        Companies that get a sheet of their own, in this order; the report then holds net asset values.
    paper : str
        `letter` or `a4`.

    Raises
    ------
    OSError
        The folder cannot be written.

    Notes
    -----
    Every formula is stored with the value of the screen. No clock is read: the document is dated as of the
    screen, so the same screen gives the same bytes.
    """
    with workbook_file(
        path,
        manifest=result.manifest,
        price_line=result.price_line,
        as_of=result.as_of,
        paper=paper,
        title=f"{result.title}, as of {result.as_of:%Y-%m-%d}",
        subject="Enterprise value per megawatt",
        category="Valuation",
    ) as workbook:
        sheets = present(
            studies=result.studies is not None, nav=result.nav is not None, changes=changes is not None,
            mining=result.sector.mining,
        )  # fmt: skip
        modules = {sheet.name: import_module(sheet.home) for sheet in sheets}
        pages, companies = {}, import_module("exports.workbook.companies.page") if profiles else None
        if companies is not None:
            pages = companies.names(
                [one.ticker for one in profiles], [*SHEETS, context.COMPANY_WEEKS, REGISTER, RECORD_SHEET]
            )
        hidden = {sheet.name for sheet in sheets if sheet.hidden}
        shown = [sheet.name for sheet in sheets if not sheet.hidden]
        weeks = [context.COMPANY_WEEKS] if profiles else []
        for name in (*shown, *pages.values(), *weeks, *(sheet.name for sheet in sheets if sheet.hidden)):
            page = workbook.add_worksheet(sheet_name(name), worksheet_class=PlainWorksheet)
            if name in hidden:
                page.hide()
        book = ScreenBook(result, workbook, changes, profiles)
        for name in _with_last(modules, PLACED_LAST):
            book.ranges |= modules[name].ranges(book) if hasattr(modules[name], "ranges") else {}
        for name in _with_last([name for name in modules if name not in WRITTEN_LAST], LINKING):
            modules[name].write(book)
        if companies is not None:
            _companies(book, companies, pages)
        for name in WRITTEN_LAST:
            modules[name].write(book)
        if len(pages) == 1:
            workbook.get_worksheet_by_name(*pages.values()).activate()
        about = {key: str(result.manifest[key]) for key in ABOUT}
        written = tuple(workbook.worksheets())
        page = workbook.add_worksheet(REGISTER, worksheet_class=PlainWorksheet)
        book.register.write(page, book.styles, about, written)
        record.write(book, workbook.add_worksheet(RECORD_SHEET, worksheet_class=PlainWorksheet))


def _companies(book: ScreenBook, companies: ModuleType, pages: Mapping[str, str]) -> None:
    """The sheet of each company, and the weeks behind their charts."""
    weeks = import_module("exports.workbook.companies.weeks")
    book.ranges |= weeks.ranges(book)
    weeks.write(book)
    for ticker, profile in book.profiles.items():
        companies.write(book, profile, pages[ticker])


def _with_last(names: Iterable[str], last: tuple[str, ...]) -> list[str]:
    """The names, some of them at the end."""
    every = list(names)
    return [*(name for name in every if name not in last), *(name for name in last if name in every)]
