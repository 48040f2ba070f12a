"""The Excel workbook of a screen: same screen, same bytes."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from exports.tables.record import RECORD_SHEET
from exports.workbook.writer import context
from exports.workbook.writer.cells import PlainWorksheet
from exports.workbook.writer.context import NAV_SHEETS, SHEETS, STUDY_SHEETS, ScreenBook
from exports.workbook.writer.file import workbook_file
from valuation.report import Report

if TYPE_CHECKING:
    from valuation.comparison.changes import Changes

# Module of each sheet, imported when it is written: sheets of studies import the studies.
MODULES = {name: name.lower().replace(" ", "_") for name in SHEETS} | {context.BRIDGE: "bridge", context.MIX: "mix"}
# Sheets whose tables are placed before any sheet is written; Summary last, which counts cells of the others.
PLACED = (
    *(name for name in SHEETS if name not in (context.SUMMARY, context.DATA, context.ASSUMPTIONS)),
    context.SUMMARY,
)


def write(result: Report, path: Path, changes: Changes | None = None) -> None:
    """Write the workbook of a screen to `path`, completely or not at all.

    Parameters
    ----------
    result : Report
    path : Path
        Written under a temporary name in the same folder, then renamed.
    changes : Changes, optional
        Since the previous run: the workbook then opens with a sheet of them.

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
        for name in (*((context.CHANGES,) if changes else ()), *names, RECORD_SHEET):
            workbook.add_worksheet(name, worksheet_class=PlainWorksheet)
        book = ScreenBook(result, workbook)
        for name in PLACED:
            if name in names:
                book.ranges |= modules[name].ranges(book)
        if changes:
            import_module("exports.workbook.sheets.changes").write(book, changes)
        for name in names:
            modules[name].write(book)
        import_module("exports.workbook.sheets.record").write(book)
