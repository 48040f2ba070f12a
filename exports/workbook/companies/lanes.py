"""Lanes of a company's sheet: two columns of headings, sentences, tables and charts that flow down a printed page."""

from __future__ import annotations

import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from exports.tables.formats import format_of
from exports.tables.spec import Block, Points, TableSpec, Text
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import UNITS, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.values import is_unknown, meaning

LABEL_WIDTH, FIGURE_WIDTH, FIGURES = 28.0, 11.5, 6
LANE = FIGURES + 1  # columns of a lane; one more is free between two lanes
LONGEST_SHRUNK = 24
CHARACTERS_OF_HEADER = 13  # small bold print across a figure
CHARACTERS = 120  # small print across a lane
LINE = 12.75  # points
PIXELS_A_LINE = 17
# Number format and scale of the units that pages use beyond those of the metric registry.
KINDS = {
    "usd": ("money", 1e6, "$m"), "usd_m": ("money", 1e6, "$m"), "usd_m_bare": ("money", 1e6, "$m"),
    "usd_m_fine": ("money", 1e6, "$m"), "usd_per_share": ("price", 1.0, "USD"), "change": ("percent", 1.0, "%"),
    "mw": ("mw", 1.0, "MW"), "mw_critical_it": ("mw", 1.0, "IT MW"), "number_fine": ("years", 1.0, ""),
    "date": ("date", 1.0, ""),
}  # fmt: skip

OWN_KINDS = {"distance": "distance"}  # of columns whose figures need a number format of their own


class Lane:
    """A lane of a company's sheet, filled from the top of a page to its end.

    Attributes
    ----------
    col : int
        First column.
    row, end : int
        Next free row, and the first row of the next page.
    heights : dict
        Heights of header rows, shared by the lanes of a sheet.
    """

    def __init__(self, book: ScreenBook, sheet: Sheet, col: int, row: int, end: int, heights: dict[int, float]) -> None:
        self.book, self.sheet, self.col, self.row, self.end = book, sheet, col, row, end
        self.heights = heights

    @property
    def left(self) -> int:
        """Rows that are still free."""
        return self.end - self.row

    def heading(self, text: str) -> None:
        """A heading, a free row above it."""
        if self.left > 3:
            self.row += 1
            self.sheet.label(self.row, self.col, text, "section")
            self.row += 1

    def sentence(self, text: str, style: str = "note") -> None:
        """A sentence, wrapped to the lane; what finds no room is cut with a mark."""
        lines = textwrap.wrap(text, CHARACTERS)
        shown = lines[: max(0, self.left)]
        if len(shown) < len(lines) and shown:
            shown[-1] = textwrap.shorten(shown[-1], CHARACTERS - 6, placeholder="") + " ..."
        for line in shown:
            self.sheet.label(self.row, self.col, line, style)
            self.row += 1

    def blocks(self, found: Sequence[Block], leave: int = 0) -> None:
        """Blocks of a page as they come, with `leave` rows kept free below."""
        for block in found:
            if isinstance(block, TableSpec):
                self.table(block, most=max(0, self.left - leave - 3))
            elif isinstance(block, Points):
                if block.lines and self.left > leave + 1:
                    self.sentence(block.title, "note_head")
                    for line in block.lines:
                        self.sentence(f"- {line}")
            elif isinstance(block, Text) and self.left > leave:
                self.sentence(_whole(block), _style(block))

    def start(self, columns: Sequence[Column], count: int) -> TableRange:
        """Header of a table, its first column the lane's; the cells of its records."""
        offset = tuple(Column(f"_{k}", "") for k in range(self.col))
        area = TableRange(self.sheet.page.get_name(), (*offset, *columns), self.row + 1, count)
        for j, column in enumerate(columns):
            look = "header_left" if j == 0 or column.kind in ("text", "small", "name") else "header"
            self.sheet.label(self.row, self.col + j, column.title, look)
        # A row belongs to both lanes, and the taller header decides.
        tall = max(len(textwrap.wrap(c.title, CHARACTERS_OF_HEADER)) for c in columns[1:])
        height = LINE * max(2.0, 0.85 * tall)
        self.sheet.page.set_row(self.row, max(height, self.heights.get(self.row, 0.0)))
        self.heights[self.row] = height
        self.row += 1 + count
        return area

    def table(self, spec: TableSpec, most: int) -> None:
        """A table of a page as figures fixed at run time, at most `most` rows of it."""
        shown = list(spec.columns)[:LANE]
        columns = [
            Column(c.key, _header(c.title, c.unit, c.words), OWN_KINDS.get(c.key, _kind(c.unit)[0])) for c in shown
        ]
        if most < 1 or spec.frame.empty:
            return
        whole = len(spec.frame)
        count = whole if whole <= most else most - 1
        states = {} if spec.status is None else {c: spec.status[c].tolist() for c in spec.status.columns}
        values = {c.key: spec.values(c.key) for c in shown}
        area = self.start(columns, count)
        for k in range(count):
            record = self.sheet.record(area, k)
            for j, (column, made) in enumerate(zip(shown, columns, strict=True)):
                value = values[column.key][k]
                if made.kind in ("text", "small", "name") or isinstance(value, str):
                    text = column.unknown if is_unknown(value) else value
                    if column.key == "source_url":
                        self.sheet.url(record.row, self.col + j, value)
                    else:
                        record.text(column.key, _short(text) if j else text, "name" if j < len(shown) - 1 else "small")
                elif made.kind == "date":
                    record.input(column.key, value, unknown=column.unknown, italic=True)
                else:
                    scale = _kind(column.unit)[1]
                    state = states.get(column.key, ["ok"] * whole)[k]
                    figure = None if is_unknown(value) or state == "missing" else float(value) / scale
                    record.static(column.key, figure, unknown=column.unknown, status=_state(state))
        if count < whole:
            self.sentence(f"and {whole - count} more")

    def chart(self, draw: Callable[[tuple[int, int], tuple[int, int]], None], rows: int) -> None:
        """A chart of so many rows, or of as many as are left."""
        rows = min(rows, self.left)
        if rows < 8:
            return
        draw((self.row, self.col), (690, rows * PIXELS_A_LINE - 8))
        self.row += rows


def _short(text: Any) -> str:
    """Text that still can be read where it is shrunk into a column of figures."""
    return str(text) if len(str(text)) <= LONGEST_SHRUNK else f"{str(text)[: LONGEST_SHRUNK - 1]}…"


def _whole(block: Text) -> str:
    """Lead and text in one line."""
    between = ": " if block.lead and block.text[:1] not in (":", " ") else ""
    return f"{block.lead}{between}{block.text}"


def _state(status: str) -> str:
    return status if status in ("stale", "proxy") else meaning(status)


def _style(block: Text) -> str:
    return {"warn": "warning", "bad": "warning", "bold": "note_head"}.get(block.style, "note")


def _kind(unit: str) -> tuple[str, float, str]:
    """Number format, scale and words of a unit."""
    if unit in KINDS:
        return KINDS[unit]
    if unit in UNITS:
        words, kind, scale = UNITS[unit]
        return kind, scale, words
    return ("text" if unit in ("text", "figures") else "plain"), format_of(unit).scale, format_of(unit).words


def _header(title: str, unit: str, words: str) -> str:
    words = _kind(unit)[2] or ("" if unit in ("text", "figures", "date") else words)
    return f"{title} ({words})" if words and words not in title else title
