"""A worksheet that notes what is written on it, so that columns, rows and pages can be made to fit once all is there."""

from __future__ import annotations

import re
from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.format import Format
from xlsxwriter.utility import xl_rowcol_to_cell_fast
from xlsxwriter.worksheet import Worksheet

from exports.commentary.wording import in_force
from exports.workbook.writer.widths import LINE_HEIGHT, Figures, lines, text_digits

DEFAULT_WIDTH = 8.43  # of a column that no sheet sets
WIDEST_WORD = 16.0  # of a header: a longer one is broken
TEXT_MARGINS = 1.1  # what a cell keeps free beside a text, in plain digits
CENTRED_ACROSS = 6
# A text or the name of a sheet inside a formula.
QUOTED = re.compile(r"\"[^\"]*\"|'(?:[^']|'')+'")


def in_words(formula: str) -> str:
    """A formula whose texts and sheets are named in the words in force."""
    wording = in_force()
    if wording.plain:
        return formula
    return QUOTED.sub(lambda found: f"{found[0][0]}{said(found[0][1:-1])}{found[0][-1]}", formula)


def said(value: Any) -> Any:
    """A cell's text, or a group's code, in the words in force; what is no text stays."""
    wording = in_force()
    if wording.plain or not isinstance(value, str):
        return value
    code = wording.group(value)
    return code if code != value else wording.text(value)


class PlainWorksheet(Worksheet):
    """A worksheet whose cells are taken as they are: under formats of their own, without functions of newer Excels.

    XlsxWriter looks in every formula for thirty functions, and for characters to escape in the address and the format of
    every cell; a workbook has a hundred thousand cells. Should XlsxWriter rename `_prepare_formula` or `_write_cell`, only
    that time comes back.

    Attributes
    ----------
    texts : dict
        Text and format of each cell of text, by zero-based row and column.
    figures : Figures
    worded : bool
        Whether texts are written in the words in force; not so on a sheet that the program reads back.
    stored : dict
        What each cell shows, for links from sheets that are written later.
    printing : dict
        What `style.page_setup` asked for: title columns, header rows and whether all tables share them, last cell, pages.
    """

    worded = True

    def __init__(self) -> None:
        super().__init__()
        self.figures = Figures()
        self.texts: dict[tuple[int, int], tuple[str, Format]] = {}
        self.printing: dict[str, Any] = {}
        self.stored: dict[tuple[int, int], float | str] = {}
        self._declared: dict[int, tuple[float, Any, Any]] = {}

    def set_column(
        self, first_col: int, last_col: int, width: float, cell_format: Any = None, options: Any = None
    ) -> int:
        """Width of columns as a sheet asks for it; `widen` gives more to a column whose figures or words need more."""
        self._declared |= dict.fromkeys(range(first_col, last_col + 1), (width, cell_format, options))
        return super().set_column(first_col, last_col, width, cell_format, options)

    def write_string(self, row: int, col: int, string: str, cell_format: Any = None) -> Any:
        """A text in the words in force, noted for the fit of rows, columns and pages."""
        if self.worded:
            string = said(string)
        self.texts[row, col] = (string, cell_format)
        return super().write_string(row, col, string, cell_format)

    def write_formula(self, row: int, col: int, formula: str, cell_format: Any = None, value: Any = 0) -> Any:
        """A formula; the words that it compares or shows, and its stored text, in the words in force."""
        return super().write_formula(row, col, in_words(formula), cell_format, said(value))

    def write_array_formula(self, *args: Any) -> Any:
        """An array formula, as `write_formula`."""
        *cells, formula, cell_format, value = args
        return super().write_array_formula(*cells, in_words(formula), cell_format, said(value))

    def write_rich_string(self, row: int, col: int, *args: Any) -> Any:
        """A text in several formats in the words in force."""
        return super().write_rich_string(row, col, *map(said, args))

    def write_comment(self, row: int, col: int, comment: str, options: Any = None) -> Any:
        """A note in the words in force."""
        return super().write_comment(row, col, in_force().text(comment), options)

    def insert_chart(self, row: int, col: int, chart: Chart, options: Any = None) -> Any:
        """A chart, its titles and names in the words in force."""
        if not in_force().plain:
            for part in (chart.title, chart.x_axis["title"], chart.y_axis["title"]):
                part.name = said(part.name)
            for series in chart.series:
                series["name"] = said(series["name"])
                for label in (series.get("labels") or {}).get("custom") or ():
                    if label is not None:
                        label["value"] = said(label.get("value"))
            if options and "description" in options:
                options = {**options, "description": said(options["description"])}
        return super().insert_chart(row, col, chart, options)

    def widen(self) -> None:
        """Once all is written: columns as wide as their figures and the words of their headers in the widest usual font,
        rows as tall as their wrapped texts."""
        needs = self.figures.needs()
        for (_, col), (text, style) in self.texts.items():
            if style is not None and style.text_wrap and style.bg_color and not style.rotation:
                words = text.replace("-", "- ").split()
                widest = max((text_digits(word, style.font_size, bold=style.bold) for word in words), default=0.0)
                needs[col] = max(needs.get(col, 0.0), min(widest, WIDEST_WORD) + TEXT_MARGINS + style.indent)
        for col, needed in needs.items():
            width, cell_format, options = self._declared.get(col, (DEFAULT_WIDTH, None, None))
            if needed > width:
                self._declared[col] = (needed, cell_format, options)
                super().set_column(col, col, needed, cell_format, options)
        self._raise_rows()

    def _raise_rows(self) -> None:
        tallest: dict[int, float] = {}
        for (row, col), (text, style) in self.texts.items():
            if style is None or not style.text_wrap or style.rotation or style.text_h_align == CENTRED_ACROSS:
                continue
            room = self.width(col) - TEXT_MARGINS - style.indent
            count = lines(text, max(room, 1.0), style.font_size, bold=style.bold)
            tallest[row] = max(tallest.get(row, 0.0), count * style.font_size * LINE_HEIGHT + 2)
        for row, points in tallest.items():
            if points > self._size_row(row) * 0.75:
                self.set_row(row, points)

    def width(self, col: int) -> float:
        """Width of a column in plain digits."""
        return self._declared.get(col, (DEFAULT_WIDTH, None, None))[0]

    def pixels(self, cols: int) -> list[int]:
        """Widths of the first columns in pixels; 0 where a column is hidden."""
        return [int(self._size_col(col)) for col in range(cols)]

    def heights(self, rows: int) -> list[int]:
        """Heights of the first rows in pixels."""
        return [int(self._size_row(row)) for row in range(rows)]

    def cells(self) -> list[tuple[int, int]]:
        """Row and column of every cell that is written or has a format."""
        return [(row, col) for row, line in self.table.items() for col in line]

    def placed_charts(self) -> list[tuple[int, int, Chart]]:
        """Row and column of the upper left corner of each chart."""
        return [(chart[0], chart[1], chart[2]) for chart in self.charts]

    def _write_cell(self, row: int, col: int, cell: Any) -> None:
        """Write a cell into the file."""
        kind, style = type(cell).__name__, cell.format
        look = "" if style is None else f' s="{style._get_xf_index()}"'
        start = f'<c r="{xl_rowcol_to_cell_fast(row, col)}"{look}'
        if kind == "String":
            self.fh.write(f'{start} t="s"><v>{cell.string}</v></c>')
        elif kind in ("Number", "Datetime"):
            self.fh.write(f"{start}><v>{cell.number:.16G}</v></c>")
        elif kind == "Formula" and isinstance(cell.value, float):
            self.fh.write(f"{start}><f>{self._escape_data(cell.formula)}</f><v>{cell.value}</v></c>")
        else:
            super()._write_cell(row, col, cell)

    def _prepare_formula(self, formula: str, expand_future_functions: bool = False) -> str:
        return formula.removeprefix("=")
