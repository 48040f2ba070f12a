"""The whole workbook of a screen, written at once: same screen, same bytes."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from exports.workbook.writer import context
from exports.workbook.writer.cells import PlainWorksheet
from exports.workbook.writer.context import OF_RESEARCH, OF_WORTH, SHEETS, Book
from exports.workbook.writer.file import bound
from valuation.report import Report

if TYPE_CHECKING:
    from valuation.comparison.changes import Changes

# The module of each sheet; imported when it is written, because the studies' sheets need the studies.
MODULES = {
    context.SUMMARY: "summary",
    context.SCREEN: "screen",
    context.BRIDGE: "bridge",
    context.MULTIPLES: "multiples",
    context.CONTRACTS: "contracts",
    context.BACKLOG: "backlog",
    context.NAV: "nav",
    context.MINING: "mining",
    context.SCENARIOS: "scenarios",
    context.GAP: "gap",
    context.CURVE: "specification_curve",
    context.REGRESSION: "regression",
    context.MIX: "mix",
    context.EVENTS: "events",
    context.DATA: "data",
    context.QUALITY: "quality",
    context.ASSUMPTIONS: "assumptions",
}
# These say where their tables stand before any sheet is written; Summary last, for it counts the lines of the others.
TABLED = (
    *(name for name in SHEETS if name not in (context.SUMMARY, context.DATA, context.ASSUMPTIONS)),
    context.SUMMARY,
)


def write(result: Report, path: Path, changes: Changes | None = None) -> None:
    """Write the workbook of a screen to `path`, whole or not at all.

    Parameters
    ----------
    result : Report
    path : Path
        Written under a temporary name in the same folder, then renamed.
    changes : Changes, optional
        Since the run before: the workbook then opens with a sheet of them.

    Raises
    ------
    OSError
        The folder cannot be written.

    Notes
    -----
    Every formula is stored with the value of the screen. No clock is read: the document is dated as of the
    screen, so the same screen gives the same bytes.
    """
    with bound(
        path,
        manifest=result.manifest,
        price_line=result.price_line,
        as_of=result.as_of,
        title=f"{result.title}, as of {result.as_of:%Y-%m-%d}",
        subject="Enterprise value per megawatt",
        category="Valuation",
    ) as workbook:
        absent = {*(OF_RESEARCH if result.studies is None else ()), *(OF_WORTH if result.nav is None else ())}
        names = [name for name in SHEETS if name not in absent]
        modules = {name: import_module(f"exports.workbook.sheets.{MODULES[name]}") for name in names}
        for name in (context.CHANGES, *names) if changes else names:
            workbook.add_worksheet(name, worksheet_class=PlainWorksheet)
        book = Book(result, workbook)
        for name in TABLED:
            if name in names:
                book.grids |= modules[name].grids(book)
        if changes:
            from exports.workbook.sheets import changes as changed

            changed.write(book, changes)
        for name in names:
            modules[name].write(book)
