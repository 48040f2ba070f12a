"""Creation of a workbook file: options, document properties, and a write that is complete or not done."""

from __future__ import annotations

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from pathlib import Path
from typing import Any

import pandas as pd
from xlsxwriter import Workbook

from exports.tables.machine import write_whole
from exports.workbook.writer.paper import LETTER, lay_out
from exports.workbook.writer.style import FONT

OPTIONS = {
    "in_memory": True,
    # Text from a source never becomes a formula, a link or a number.
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
    "default_format_properties": {"font_name": FONT, "font_size": 9},
}


@contextmanager
def workbook_file(
    path: Path,
    *,
    manifest: Mapping[str, Any],
    price_line: str,
    as_of: pd.Timestamp,
    paper: str = LETTER,
    **properties: str,
) -> Iterator[Workbook]:
    """A workbook to be filled, written to `path` when the block ends: under a temporary name, then renamed.

    Parameters
    ----------
    manifest, price_line, as_of
        Version and run, source of the prices, and the date of the document. No clock is read.
    paper
        `letter` or `a4`.
    properties
        Further document properties: title, subject, category.

    Raises
    ------
    OSError
        The folder cannot be written.
    """
    target = io.BytesIO()
    # A copy: XlsxWriter takes entries out of the dictionaries that it is given.
    with Workbook(target, deepcopy(OPTIONS)) as workbook:
        workbook.set_properties(
            {
                **properties,
                "author": f"miner-screener {manifest['version']}",
                "comments": f"Run {manifest['run_id']}. {price_line}.",
                "created": as_of.to_pydatetime(),
            }
        )
        yield workbook
        for page in workbook.worksheets():
            page.widen()
            lay_out(page, paper)
    write_whole(Path(path), target.getvalue())
