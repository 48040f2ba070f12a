"""Number formats, font colours by origin of a figure, fills by status, and the page setup."""

from __future__ import annotations

from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format

from exports.workbook.writer.worksheet import PlainWorksheet
from valuation._words import BOTH

FONT = "Arial"
SIDES, TOP_AND_BOTTOM = (0.4, 0.4), (0.65, 0.6)  # margins of a page, inches
LAST_OF_HEADING = 3  # row of the legend under title, prices and purpose
NAVY, PALE, RULE = "#1F3864", "#EEF2F8", "#B4BFD1"
PIVOT_COLOUR, BITCOIN_COLOUR, LINE_COLOUR = "#1F5FA8", "#E08A1E", "#595959"
# Intervals: a pale fill, and a colour that is seen through.
BAND_COLOUR, WHISKER_COLOUR = "#CFE0F2", "#7FA8D6"

# Bank convention: blue input, black formula, green link to another sheet. A figure fixed at run time, which a sheet
# cannot compute again (a bootstrap interval), is hard-coded too: blue, in italics.
COLOURS = {"input": "#0000FF", "formula": "#000000", "link": "#008000"}
INK, MUTED = "#222222", "#7F7F7F"
FILLS = {"stale": "#FDE9C9", "proxy": "#DCE6F7", BOTH: "#E6DDF0"}
ASSUMPTION_FILL = "#FFFBD6"
RED, PASS = "#C00000", "#006100"

# positive; (negative); zero as a dash; text such as n/a
_NUMBER = '#,##0{d}_);(#,##0{d});"-"_);@_)'
NUMBERS = {
    "money": _NUMBER.format(d=".0"),
    "shares": _NUMBER.format(d=".0"),
    "price": _NUMBER.format(d=".00"),
    "mw": _NUMBER.format(d=""),
    "count": _NUMBER.format(d=""),
    "flag": "0_);(0);0_);@_)",
    "offset": "+0_);-0_);0_);@_)",
    "coins": _NUMBER.format(d=""),
    "per_mw": _NUMBER.format(d=".00"),
    "years": _NUMBER.format(d=".0"),
    "multiple": '#,##0.0"x"_);(#,##0.0"x");"-"_);@_)',
    # A gap has two decimals, as in every other output.
    "ratio": '#,##0.00"x"_);(#,##0.00"x");"-"_);@_)',
    "percent": '0.0%_);(0.0%);"-"_);@_)',
    # A warrant with a strike of a cent is a thousand times in the money: that it is, is all that counts.
    "distance": '[>=10]">1,000%"_);[<0](0.0%);0.0%_)',
    "whole_percent": "0%_);(0%);0%_);@_)",
    "plain": "#,##0.00##_);(#,##0.00##);0_);@_)",
    "statistic": "0.00_);(0.00);0.00_);@_)",
    "coefficient": '0.0000_);(0.0000);"-"_);@_)',
    "part": '0.000000%_);(0.000000%);"-"_);@_)',
    "date": "yyyy-mm-dd;;;@_)",
    "p_value": '[<0.001]"<0.001"_);0.000_)',
    "mark": '"■";;;@',
    "seed": "0",
    "year": "0;;;@",
}
LEFT: dict[str, dict[str, Any]] = {
    "text": {},
    "small": {"font_size": 8, "indent": 1, "font_color": INK},
    "small_wrap": {"font_size": 8, "indent": 1, "text_wrap": True},
    "wrap": {"text_wrap": True},
    "name": {"shrink": True},
    "code": {"align": "center"},
}
_HEADER = {"bold": True, "font_size": 8, "font_color": "#FFFFFF", "bg_color": NAVY, "text_wrap": True}
TITLES: dict[str, dict[str, Any]] = {
    "title": {"bold": True, "font_size": 13, "font_color": NAVY},
    "subtitle": {"font_size": 9, "font_color": MUTED},
    "warning": {"bold": True, "font_size": 9, "font_color": RED},
    "section": {"bold": True, "font_size": 11, "font_color": NAVY},
    "note": {"font_size": 8, "font_color": "#404040"},
    "note_head": {"font_size": 8, "bold": True, "font_color": NAVY},
    "answer": {"font_size": 10},
    "point": {"font_size": 10, "bold": True, "font_color": NAVY},
    "answer_bold": {"font_size": 12, "bold": True},
    "figure": {"font_size": 8, "font_color": MUTED, "text_wrap": True, "align": "center", "valign": "vcenter"},
    "link": {"font_size": 8, "font_color": "#0563C1", "underline": 1, "valign": "vcenter"},
    "header": {**_HEADER, "align": "center", "valign": "vcenter"},
    "header_left": {**_HEADER, "valign": "vcenter"},
    "header_small": {**_HEADER, "valign": "vcenter", "indent": 1},
    "header_up": {**_HEADER, "rotation": 90, "align": "center"},
    "spanner": {"bold": True, "font_size": 8, "font_color": NAVY, "bg_color": PALE, "center_across": True},
    "unknown": {"font_color": MUTED, "align": "right", "valign": "vcenter", "num_format": "@_)"},
    "ok": {"bold": True, "align": "center", "font_color": PASS},
}


class Styles:
    """Formats of one workbook, each made once."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[Any, ...], Format] = {}

    def named(self, name: str) -> Format:
        """A style of text: title, note, header, ..."""
        return self._make((name,), {**TITLES[name]})

    def font_colour(self, colour: str) -> Format:
        """A font colour alone, as a conditional format takes it."""
        key = ("font_colour", colour)
        if key not in self._made:
            self._made[key] = self._workbook.add_format({"font_color": colour})
        return self._made[key]

    def text(self, name: str = "text", *, colour: str = INK, fill: str = "", bold: bool = False) -> Format:
        """A cell of text in a table."""
        key = (name, colour, fill, bold)
        if key in self._made:
            return self._made[key]
        look = {"font_color": colour, "valign": "vcenter", **LEFT[name]}
        return self._make(key, look | ({"bg_color": fill} if fill else {}) | ({"bold": True} if bold else {}))

    def number(
        self, kind: str, colour: str, *, status: str = "ok", fill: str = "", bold: bool = False, italic: bool = False
    ) -> Format:
        """A figure: number format by kind, colour by origin, fill by status."""
        fill = FILLS.get(status, fill)
        key = ("number", kind, colour, fill, bold, italic)
        if key in self._made:
            return self._made[key]
        look = {"num_format": NUMBERS[kind], "font_color": colour, "align": "right", "valign": "vcenter"}
        chosen = (("bg_color", fill), ("bold", bold), ("italic", italic))
        return self._make(key, look | {name: value for name, value in chosen if value})

    def big(self, kind: str, colour: str) -> Format:
        """A headline figure."""
        look = {"num_format": NUMBERS[kind], "font_color": colour, "align": "center", "bold": True, "font_size": 16}
        return self._make(("big", kind, colour), look)

    def _make(self, key: tuple[Any, ...], look: dict[str, Any]) -> Format:
        if key not in self._made:
            self._made[key] = self._workbook.add_format({"font_name": FONT, "font_size": 9, **look})
        return self._made[key]


def page_setup(
    worksheet: PlainWorksheet,
    *,
    title: str,
    as_of: str,
    run_id: str,
    freeze: tuple[int, int],
    repeat: tuple[int, int],
    last: tuple[int, int],
    tab: str = NAVY,
    pages: int = 0,
    scale: int = 0,
    same_columns: bool = False,
) -> None:
    """The page: landscape, header with sheet and date, footer with run and page, panes frozen.

    Paper, scale and pages are chosen once the sheet is written (`paper.lay_out`).

    Parameters
    ----------
    freeze : (row, column) of the first cell that scrolls; its columns stand before each block of columns on paper
    repeat : first and last row above the first record; repeated on every page where a table's header is among them
    last : last row and column of the print area
    pages : pages in height; 0 as many as it takes
    scale : percent, of a sheet with page breaks of its own; 0 where `paper.lay_out` chooses
    same_columns : whether every table has the columns of the first, whose header then stands on each page
    """
    safe = title[:80].replace("&", "&&")
    worksheet.set_landscape()
    worksheet.set_margins(left=SIDES[0], right=SIDES[1], top=TOP_AND_BOTTOM[0], bottom=TOP_AND_BOTTOM[1])
    header = None if repeat[1] <= LAST_OF_HEADING else (max(repeat[0], LAST_OF_HEADING + 1), repeat[1])
    worksheet.printing = {
        "columns": max(freeze[1], 1), "header": header, "same_columns": same_columns, "last": last, "pages": pages,
        "scale": scale,
    }  # fmt: skip
    worksheet.set_header(f'&L&"{FONT},Bold"&8{safe}&C&"{FONT}"&8&A&R&"{FONT}"&8As of {as_of}', {"margin": 0.3})
    worksheet.set_footer(f'&L&"{FONT}"&8Run {run_id}&C&"{FONT}"&8Page &P of &N&R&"{FONT}"&8&F', {"margin": 0.3})
    worksheet.freeze_panes(*freeze)
    worksheet.hide_gridlines(2)
    worksheet.set_zoom(90)
    worksheet.set_tab_color(tab)
