"""Cells of a worksheet: inputs, figures fixed at run time, formulas stored with the value that the screen computed.

A formula without a stored value is blank in previews, on phones and in `pandas.read_excel` until somebody
recalculates it. Unknown is the text `n/a`, never 0; a ratio that is not meaningful is `n.m.`; an item that only
companies which have it report, and this one does not, is `n.r.` and adds nothing. No defined names: a formula that
shows its cells can be traced with Excel's auditing tools, and names break when a sheet is copied.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any

from xlsxwriter.utility import xl_rowcol_to_cell

from exports.commentary.wording import in_force
from exports.workbook.writer.input_register import WORKED_OUT, Meaning, Register
from exports.workbook.writer.ranges import TableRange, sheet_name
from exports.workbook.writer.style import COLOURS, INK, LEFT, MUTED, Styles
from exports.workbook.writer.texts import wrapped
from exports.workbook.writer.values import (
    NOT_MEANINGFUL,
    NOT_REPORTED,
    UNBOUNDED,
    UNKNOWN,
    as_number,
    cell_text,
    is_unknown,
    steady,
)
from exports.workbook.writer.worksheet import PlainWorksheet

# Excel's own limits; a longer address stays text.
LONGEST_LINK, MOST_LINKS = 2079, 60_000
SHOWN_LINK = 60
SMALL_PRINT = 1.2  # characters of small print to a unit of column width
ROW_IS = " | "  # between the first two texts of a row, in the register of inputs
# Columns of text and the style of their headers.
TEXT_HEADERS = {"text": "header_left", "small": "header_small", "small_wrap": "header_small"}
WRAPPED = ("small_wrap", "wrap")
# A reference to a cell of the sheet that the formula stands on.
OWN_CELL = re.compile(r"(?<![!:$\w])\$?[A-Z]{1,3}\$?[0-9]+\b")


class Sheet:
    """Writes cells of one worksheet, and registers its inputs where the workbook has a register."""

    def __init__(
        self,
        worksheet: PlainWorksheet,
        styles: Styles,
        links: list[int] | None = None,
        register: Register | None = None,
        *,
        source: str = "",
    ) -> None:
        self.page, self.styles, self.source = worksheet, styles, source
        self._links = [0] if links is None else links
        self._register = register

    def label(self, row: int, col: int, text: Any, style: str) -> None:
        """Text in a named style: title, header, note."""
        shown = cell_text(text)
        self.page.stored[row, col] = shown
        self.page.write_string(row, col, shown, self.styles.named(style))

    def text(
        self,
        row: int,
        col: int,
        text: Any,
        look: str = "text",
        *,
        colour: str = INK,
        fill: str = "",
        bold: bool = False,
    ) -> None:
        """Text in a table; never a formula or a link, whatever it starts with."""
        shown = cell_text(text)
        self.page.stored[row, col] = shown
        self.page.write_string(row, col, shown, self.styles.text(look, colour=colour, fill=fill, bold=bold))

    def input(
        self,
        row: int,
        col: int,
        value: Any,
        kind: str,
        *,
        status: str = "ok",
        note: str = "",
        unknown: str = UNKNOWN,
        fill: str = "",
        italic: bool = False,
        means: Meaning = WORKED_OUT,
        words: str = "",
        row_is: str = "",
    ) -> None:
        """An input: a hard-coded figure with its source as a note; `unknown` in grey where there is no figure.

        Parameters
        ----------
        italic : bool
            A figure fixed at run time, which is no input and is not registered.
        means, words, row_is
            What the register of inputs says of the cell: its meaning, the same in words, and the first texts of its row.
        """
        written = unknown if is_unknown(value) else value if isinstance(value, str) else as_number(value, kind)
        if self._register is not None and not italic:
            self._register.add(self.page, row, col, row_is, words, means, written)
        if is_unknown(value):
            self.label(row, col, unknown, "unknown")
        elif isinstance(written, str):
            self.text(row, col, value, colour=COLOURS["input"], fill=fill)
        else:
            style = self.styles.number(kind, COLOURS["input"], status=status, fill=fill, italic=italic)
            # Dates are all as wide as one another, and a link to one shows the whole day.
            self.page.figures.add(col, style, 1.0 if kind == "date" else written)
            self.page.stored[row, col] = float(math.floor(written)) if kind == "date" else written
            self.page.write_number(row, col, written, style)
        if note:
            self.page.write_comment(row, col, note, {"width": 330, "height": 30 + 13 * (len(note) // 55 + 1)})

    def static(
        self,
        row: int,
        col: int,
        value: Any,
        kind: str,
        *,
        unknown: str = UNKNOWN,
        status: str = "ok",
        exact: bool = False,
    ) -> None:
        """A figure fixed at run time, which no formula of the sheet computes again; an infinite one as `unbounded`.

        `exact` keeps the last digits, for figures whose small differences the sheet takes.
        """
        if status == "not_meaningful":
            self.label(row, col, NOT_MEANINGFUL, "unknown")
        elif isinstance(value, float) and math.isinf(value):
            self.label(row, col, UNBOUNDED, "unknown")
        else:
            value = steady(value) if isinstance(value, (float, int)) and not exact else value
            self.input(row, col, value, kind, unknown=unknown, status=status, italic=True)

    def formula(
        self,
        row: int,
        col: int,
        formula: str,
        value: Any,
        kind: str = "text",
        *,
        status: str = "ok",
        unknown: str = UNKNOWN,
        presentation: bool = False,
        bold: bool = False,
        style: Any = None,
        array: bool = False,
    ) -> None:
        """A formula with its value; green where it only links to other sheets, black where it computes.

        Parameters
        ----------
        value : float, str or None
            What the screen computed; unknown is stored as `unknown`, and as `n.m.` where the status says so; an infinite
            one, a link to a fixed figure, as `unbounded`.
        presentation : bool
            On a page for presentation: one dark colour instead of the colour code.
        array : bool
            An array formula (Ctrl+Shift+Enter), which takes whole columns where a usual formula takes one cell.
        """
        if status == "not_meaningful":
            value = NOT_MEANINGFUL
        elif is_unknown(value):
            value = unknown
        elif not isinstance(value, str):
            value = UNBOUNDED if math.isinf(value) else steady(value)
        if style is None:
            linked = "!" in formula and not OWN_CELL.search(formula)
            colour = INK if presentation else COLOURS["link" if linked else "formula"]
            if kind == "text":
                style = self.styles.text("text", colour=colour, bold=bold)
            else:
                status = "ok" if isinstance(value, str) else status
                style = self.styles.number(kind, colour, status=status, bold=bold)
        if kind != "text" and not isinstance(value, str):
            self.page.figures.add(col, style, value)
        self.page.stored[row, col] = value
        if array:
            self.page.write_array_formula(row, col, row, col, f"={formula}", style, value)
        else:
            self.page.write_formula(row, col, f"={formula}", style, value)

    def url(self, row: int, col: int, address: Any) -> None:
        """A web address as a link; as text where Excel could not open it."""
        address = "" if is_unknown(address) else str(address)
        linkable = address.startswith(("http://", "https://")) and len(address) <= LONGEST_LINK
        if linkable and self._links[0] < MOST_LINKS:
            self._links[0] += 1
            shown = address if len(address) <= SHOWN_LINK else address[: SHOWN_LINK - 1] + "…"
            self.page.write_url(row, col, address, self.styles.named("link"), string=shown)
        else:
            self.text(row, col, address, "small")

    def static_table(self, area: TableRange, rows: Iterable[Mapping[str, Any]]) -> None:
        """Rows of figures fixed at run time and of text, each by the number format of its column; the first one bold."""
        for k, row in enumerate(rows):
            record = self.record(area, k)
            for place, column in enumerate(area.columns):
                if column.key not in row:
                    continue
                value = row[column.key]
                if column.kind == "date":
                    record.input(column.key, value)
                elif column.kind in LEFT:
                    record.text(column.key, value, column.kind, fit=column.kind in WRAPPED, bold=place == 0)
                else:
                    record.static(column.key, None if is_unknown(value) else float(value))

    def internal(self, row: int, col: int, sheet: str, text: str = "") -> None:
        """A link to another sheet of the workbook."""
        sheet = sheet_name(sheet)
        quoted = sheet.replace("'", "''")
        self.page.write_url(row, col, f"internal:'{quoted}'!A1", self.styles.named("link"), string=text or sheet)

    def set_widths(self, widths: Iterable[float]) -> None:
        """Column widths in characters, from the first column on: the one place that sets them."""
        for col, width in enumerate(widths):
            self.page.set_column(col, col, width)

    def filter(self, area: TableRange) -> None:
        """Filter buttons on the header of a table."""
        self.page.autofilter(area.first - 1, 0, area.last, len(area.columns) - 1)

    def record(self, area: TableRange, k: int) -> Record:
        """Record k of a table, to be written by column key."""
        return Record(self, area, k)

    def header(self, area: TableRange, *, widths: bool = True, height: float = 36, section: bool = True) -> None:
        """Header of a table in the row above its first record, groups of columns in the row above that."""
        head = area.first - 1
        self.page.set_row(head, height)
        previous = ""
        if widths:
            self.set_widths([column.width for column in area.columns])
        for col, column in enumerate(area.columns):
            self.label(head, col, column.title, TEXT_HEADERS.get(column.kind, "header"))
            if section and column.section:
                # Center across selection: text in the first cell, blanks of the same format after it.
                text = column.section if column.section != previous else ""
                if text:
                    self.page.write_string(head - 1, col, text, self.styles.named("spanner"))
                else:
                    self.page.write_blank(head - 1, col, None, self.styles.named("spanner"))
            previous = column.section

    def fit_height(self, row: int, *cells: tuple[str, float]) -> None:
        """A row tall enough for wrapped small print in columns of the widths given; Excel alone would not find it."""
        lines = max(math.ceil(len(text) / (SMALL_PRINT * width)) for text, width in cells)
        if lines > 1:
            self.page.set_row(row, 11.5 * lines)

    def grey_out(self, first: tuple[int, int], last: tuple[int, int]) -> None:
        """Grey font by rule for n/a, n.m. and n.r., so that a cell filled in later takes its own colour."""
        top = xl_rowcol_to_cell(*first)
        texts = ",".join(f'{top}="{text}"' for text in (UNKNOWN, NOT_MEANINGFUL, NOT_REPORTED))
        rule = {"type": "formula", "criteria": f"=OR({texts})", "format": self.styles.font_colour(MUTED)}
        self.page.conditional_format(*first, *last, rule)

    def notes(self, row: int, notes: list[str], *, head: str = "Notes") -> int:
        """Notes under a table, in lines that fit the page; the row after the last."""
        self.label(row, 0, head, "note_head")
        shown = wrapped(in_force().texts(notes))
        for i, note in enumerate(shown, start=1):
            self.label(row + i, 0, note, "note")
        return row + len(shown) + 1


class Record:
    """One record of a table: cells and addresses by column key; number formats are the columns'."""

    def __init__(self, sheet: Sheet, area: TableRange, k: int) -> None:
        self.sheet, self.area, self.k, self.row = sheet, area, k, area.first + k
        self._first = ["", ""]

    def at(self, key: str) -> str:
        """Address of a cell of this record, for a formula on the same sheet."""
        return self.area.at(key, self.k)

    def company(self, ticker: str, name: Any) -> None:
        """Ticker and company name in the first two columns."""
        self._first = [cell_text(ticker), cell_text(name)]
        self.sheet.text(self.row, 0, ticker, bold=True)
        self.sheet.text(self.row, 1, name, "name")

    def text(self, key: str, text: Any, look: str = "text", *, fit: bool = False, bold: bool = False) -> None:
        """Text; `fit` makes the row tall enough for it."""
        col = self.area.index(key)
        if col < len(self._first):
            self._first[col] = cell_text(text)
        self.sheet.text(self.row, col, text, look, bold=bold)
        if fit:
            self.sheet.fit_height(self.row, (str(text), self.area.columns[col].width))

    def input(self, key: str, value: Any, **more: Any) -> None:
        """An input; options of `Sheet.input`. Company or contract and the column's title are its words."""
        col = self.area.index(key)
        named = more.get("means", WORKED_OUT).subject or self._first[0]
        words = f"{named}: {self.area.columns[col].title}" if named else self.area.columns[col].title
        first = {"words": words, "row_is": ROW_IS.join(self._first) if any(self._first) else ""}
        self.sheet.input(self.row, col, value, self.area.kind(key), **(first | more))

    def static(self, key: str, value: Any, **more: Any) -> None:
        """A figure fixed at run time; options of `Sheet.static`."""
        self.sheet.static(self.row, self.area.index(key), value, self.area.kind(key), **more)

    def formula(self, key: str, formula: str, value: Any, *, kind: str = "", **more: Any) -> None:
        """A formula with its value; `kind` where it is not the column's; options of `Sheet.formula`."""
        self.sheet.formula(self.row, self.area.index(key), formula, value, kind or self.area.kind(key), **more)
