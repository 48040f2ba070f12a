"""The Excel workbook of a screen: same screen, same bytes."""

from __future__ import annotations

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING

from exports.workbook.writer import context
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.file import workbook_file
from exports.workbook.writer.paper import LETTER
from exports.workbook.writer.register import ABOUT, REGISTER
from exports.workbook.writer.registry import present
from exports.workbook.writer.worksheet import PlainWorksheet
from valuation.report import Report

if TYPE_CHECKING:
    from valuation.comparison.changes import Changes

# Summary counts cells of all others, Brief reads Summary: their tables are placed last. Assumptions shows which of its
# cells a formula reads: it is written last.
PLACED_LAST, WRITTEN_LAST = (context.SUMMARY, context.BRIEF), (context.ASSUMPTIONS,)


def write(result: Report, path: Path, changes: Changes | None = None, *, paper: str = LETTER) -> None:
    """Write the workbook of a screen to `path`, completely or not at all.

    Parameters
    ----------
    result : Report
    path : Path
        Written under a temporary name in the same folder, then renamed.
    changes : Changes, optional
        Since the previous run: the workbook then has a sheet of them.
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
        sheets = present(studies=result.studies is not None, nav=result.nav is not None, changes=changes is not None)
        modules = {sheet.name: import_module(sheet.home) for sheet in sheets}
        for sheet in sheets:
            page = workbook.add_worksheet(sheet.name, worksheet_class=PlainWorksheet)
            if sheet.hidden:
                page.hide()
        book = ScreenBook(result, workbook, changes)
        for name in _with_last(modules, PLACED_LAST):
            book.ranges |= modules[name].ranges(book) if hasattr(modules[name], "ranges") else {}
        for name in _with_last(modules, WRITTEN_LAST):
            modules[name].write(book)
        about = {key: str(result.manifest[key]) for key in ABOUT}
        written = tuple(workbook.worksheets())
        page = workbook.add_worksheet(REGISTER, worksheet_class=PlainWorksheet)
        book.register.write(page, book.styles, about, written)


def _with_last(names: Iterable[str], last: tuple[str, ...]) -> list[str]:
    """The names, some of them at the end."""
    every = list(names)
    return [*(name for name in every if name not in last), *(name for name in last if name in every)]
