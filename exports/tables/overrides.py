"""Inputs that somebody changed in a workbook, as a page."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from exports.tables.formats import several
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, note

COLUMNS = (Column("cell", "Cell"), Column("meaning", "Input"), Column("old", "Run"), Column("new", "Now"))


def overrides_page(
    file: str, about: str, rows: Sequence[tuple[str, str, str, str]], refused: Sequence[str], not_taken: Sequence[str]
) -> Page:
    """What a run can take, what no run takes, and what is no input.

    Parameters
    ----------
    file, about : str
        The workbook, and the run that wrote it.
    rows : sequence of (cell, meaning, old, new)
    refused, not_taken : sequence of str
        A line a cell, with the reason.
    """
    frame = pd.DataFrame(rows, columns=[column.key for column in COLUMNS])
    blocks: list[Block] = [note(f"{about}.")]
    if rows:
        blocks.append(TableSpec("overrides", frame.set_index("cell"), COLUMNS))
    else:
        blocks.append(Text("No input that a run takes was changed."))
    for title, lines, style in (
        ("Refused", refused, "bad"),
        ("Changed, and not taken by a run", not_taken, "warn"),
    ):
        if lines:
            blocks.append(Points(f"{title}: {several(len(lines), 'cell')}", lines, style))
    content = {"workbook": file, "overrides": frame.to_dict("records"), "refused": refused, "not_taken": not_taken}
    return Page(f"{file}: {several(len(rows), 'input')} changed", blocks, content, {"overrides": frame})
