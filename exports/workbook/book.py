"""The whole workbook of a screen, written at once: same screen, same bytes."""

from __future__ import annotations

import io
from copy import deepcopy
from pathlib import Path

from xlsxwriter import Workbook

from exports.tables import write_whole
from exports.workbook import assumptions, bridge, contracts, data, gap, multiples, quality, screen, summary
from exports.workbook import changes as changed
from exports.workbook.changes import CHANGES
from exports.workbook.formulas import PlainWorksheet
from exports.workbook.layout import SHEETS, Book
from exports.workbook.style import FONT
from valuation.changes import Changes
from valuation.screen import Screen

# In the order of the sheets.
MODULES = (summary, screen, bridge, multiples, contracts, gap, data, quality, assumptions)
TABLED = (screen, bridge, multiples, contracts, gap, quality, summary)
OPTIONS = {
    "in_memory": True,
    # Text from a source never becomes a formula, a link or a number.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": FONT, "font_size": 9},
}


def write(result: Screen, path: Path, changes: Changes | None = None) -> None:
    """Write the workbook of a screen to `path`, whole or not at all.

    Parameters
    ----------
    result : Screen
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
    path = Path(path)
    target = io.BytesIO()
    with Workbook(target, deepcopy(OPTIONS)) as workbook:  # XlsxWriter changes the options it is given
        workbook.set_properties(
            {
                "title": f"{result.title}, as of {result.as_of:%Y-%m-%d}",
                "subject": "Enterprise value per megawatt",
                "category": "Valuation",
                "author": f"miner-screener {result.manifest['version']}",
                "comments": f"Run {result.manifest['run_id']}. {result.price_line}.",
                "created": result.as_of.to_pydatetime(),
            }
        )
        for name in (CHANGES, *SHEETS) if changes else SHEETS:
            workbook.add_worksheet(name, worksheet_class=PlainWorksheet)
        book = Book(result, workbook)
        for module in TABLED:
            book.grids |= module.grids(book)
        if changes:
            changed.write(book, changes)
        for module in MODULES:
            module.write(book)
    write_whole(path, target.getvalue())
