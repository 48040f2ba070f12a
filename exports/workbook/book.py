"""The Excel workbook of a screen: same screen, same bytes."""

from __future__ import annotations

from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from exports.workbook.writer import context
from exports.workbook.writer.cells import PlainWorksheet
from exports.workbook.writer.context import LINKING, NAV_SHEETS, SHEETS, STUDY_SHEETS, ScreenBook
from exports.workbook.writer.file import workbook_file
from valuation.report import Report

if TYPE_CHECKING:
    from valuation.company_profile import CompanyProfile
    from valuation.comparison.changes import Changes

# Module of each sheet, imported when it is written: sheets of studies import the studies.
MODULES = {name: name.lower().replace(" ", "_") for name in SHEETS} | {context.BRIDGE: "bridge", context.MIX: "mix"}
# Sheets whose tables are placed before any sheet is written; Summary last, which counts cells of the others.
PLACED = (
    *(name for name in SHEETS if name not in (context.SUMMARY, context.DATA, context.ASSUMPTIONS)),
    context.SUMMARY,
)


def write(result: Report, path: Path, changes: Changes | None = None, profiles: Sequence[CompanyProfile] = ()) -> None:
    """Write the workbook of a screen to `path`, completely or not at all.

    Parameters
    ----------
    result : Report
    path : Path
        Written under a temporary name in the same folder, then renamed.
    changes : Changes, optional
        Since the previous run: the workbook then opens with a sheet of them.
    profiles : sequence of CompanyProfile, optional
        Companies that get a sheet of their own, in this order; the report then holds net asset values.

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
        title=f"{result.title}, as of {result.as_of:%Y-%m-%d}",
        subject="Enterprise value per megawatt",
        category="Valuation",
    ) as workbook:
        absent = {*(STUDY_SHEETS if result.studies is None else ()), *(NAV_SHEETS if result.nav is None else ())}
        names = [name for name in SHEETS if name not in absent]
        modules = {name: import_module(f"exports.workbook.sheets.{MODULES[name]}") for name in names}
        sheets = [*([context.CHANGES] if changes else []), *names, *([context.COMPANY_WEEKS] if profiles else [])]
        pages = {}
        if profiles:
            companies, weeks = (import_module(f"exports.workbook.companies.{name}") for name in ("page", "weeks"))
            pages = companies.names([one.ticker for one in profiles], [context.CHANGES, *SHEETS, context.COMPANY_WEEKS])
        for name in (*sheets, *pages.values()):
            workbook.add_worksheet(name, worksheet_class=PlainWorksheet)
        book = ScreenBook(result, workbook, profiles)
        for name in PLACED:
            if name in names:
                book.ranges |= modules[name].ranges(book)
        if changes:
            import_module("exports.workbook.sheets.changes").write(book, changes)
        for name in (n for n in names if n not in (*LINKING, context.ASSUMPTIONS)):
            modules[name].write(book)
        for name in (n for n in names if n in LINKING):
            modules[name].write(book)
        if profiles:
            book.ranges |= weeks.ranges(book)
            weeks.write(book)
        for profile in profiles:
            companies.write(book, profile, pages[profile.ticker])
        modules[context.ASSUMPTIONS].write(book)
        if len(profiles) == 1:
            workbook.get_worksheet_by_name(pages[profiles[0].ticker]).activate()
