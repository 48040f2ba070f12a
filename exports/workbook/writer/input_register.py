"""The register of a workbook's inputs: each blue cell with its meaning and its value at run time, on a sheet nobody sees.

`screener overrides read` compares the cells with it. A row holds a formula that is 1 where the cell is no longer as the
run wrote it: spreadsheets move its reference with the cell, so that an inserted row loses nothing, and Summary counts the
changed cells by adding them up. The sheet is very hidden: spreadsheets keep it, and their menus do not list it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xlsxwriter.utility import xl_rowcol_to_cell

from exports.commentary.wording import in_force
from exports.workbook.writer.style import COLOURS, Styles
from exports.workbook.writer.worksheet import PlainWorksheet, said

if TYPE_CHECKING:
    from xlsxwriter.worksheet import Worksheet

REGISTER = "Register"
# Number of the layout below; a reader refuses one that it does not know.
TITLE, LAYOUT = "Register of inputs, layout", 1
ABOUT = ("universe", "as_of", "run_id", "version")
# Columns from FIRST on (zero-based row), one row an input; then, after a row that says FORMULAS, sheets and their formulas.
COLUMNS = ("sheet", "cell", "row_is", "words", "what", "subject", "item", "scale", "value", "changed", "reason")
FIRST, CHANGED = 6, COLUMNS.index("changed")
FORMULAS = "formulas"
LONGEST = 30_000  # characters of a text

FIXED = "fixed"


@dataclass(frozen=True)
class Meaning:
    """What an input cell stands for in a run.

    Attributes
    ----------
    what : str
        fact, unit (1 where a fact's MW are critical IT), market, contract, instrument, assumption, switch, rule; or fixed
        where a run cannot take a changed value.
    subject : str
        Ticker, contract, or ticker and instrument.
    item : str
        The item or column of the run that the cell holds.
    scale : float
        What the run's figure is divided by on the sheet.
    reason : str
        Why a run cannot take it.
    counts : bool
        False where no figure of the run depends on the cell.
    """

    what: str = FIXED
    subject: str = ""
    item: str = ""
    scale: float = 1.0
    reason: str = "the run computes it from other inputs"
    counts: bool = True


WORKED_OUT = Meaning()
LISTED = Meaning(
    reason="Data lists facts, no formula reads it: change the figure on the sheet that uses it", counts=False
)
OF_QUARTERS = Meaning(reason="it follows from the revenue of reported quarters: change it in financials.csv")
CHOICE = Meaning(reason="it chooses what the charts show", counts=False)
AXIS = Meaning(reason="it is a point of a two-way table's axis", counts=False)


def of(what: str, subject: str, item: str, scale: float = 1.0) -> Meaning:
    """The meaning of an input that a run can take."""
    return Meaning(what, subject, item, scale, "")


def fixed(reason: str) -> Meaning:
    """The meaning of an input that a run cannot take, and why."""
    return Meaning(reason=reason)


@dataclass(frozen=True)
class Entry:
    """An input cell as written: where, the first texts of its row, what it is in words, its meaning and its value."""

    sheet: str
    row: int
    col: int
    row_is: str
    words: str
    meaning: Meaning
    value: float | str


class Register:
    """The inputs of a workbook, in the order in which they are written."""

    def __init__(self) -> None:
        self.entries: list[Entry] = []

    def add(self, page: Worksheet, row: int, col: int, row_is: str, words: str, meaning: Meaning, value: Any) -> None:
        """Take note of an input cell; not of one on what the sector has not, on which no figure rests."""
        if in_force().drops(meaning.item):
            return
        self.entries.append(Entry(page.get_name(), row, col, row_is, words, meaning, value))

    def write(self, page: PlainWorksheet, styles: Styles, about: dict[str, str], pages: Iterable[Worksheet]) -> None:
        """Write the register on its own sheet, the last one of the workbook, and hide it."""
        blue = styles.number("plain", COLOURS["input"], italic=True)
        black = styles.number("flag", COLOURS["formula"])
        page.worded = False  # items are the program's own names; what cells show is put in words here
        page.write_string(0, 0, TITLE)
        page.write_number(0, 1, LAYOUT, blue)
        for k, key in enumerate(ABOUT, start=1):
            page.write_string(k, 0, key)
            page.write_string(k, 1, about[key])
        for col, title in enumerate(COLUMNS):
            page.write_string(FIRST - 1, col, title)
        row = FIRST
        for entry in self.entries:
            meaning, address = entry.meaning, xl_rowcol_to_cell(entry.row, entry.col)
            texts = (
                entry.sheet,
                address,
                said(entry.row_is),
                said(entry.words),
                meaning.what,
                meaning.subject,
                meaning.item,
            )
            for col, text in enumerate(texts):
                if text:
                    page.write_string(row, col, text)
            page.write_number(row, 7, meaning.scale, blue)
            if isinstance(entry.value, str):
                page.write_string(row, 8, said(entry.value))
            else:
                page.write_number(row, 8, entry.value, blue)
            if meaning.counts:
                link = f"'{entry.sheet}'!{xl_rowcol_to_cell(entry.row, entry.col, row_abs=True, col_abs=True)}"
                page.write_formula(row, CHANGED, f"=IF({link}=I{row + 1},0,1)", black, 0)
            if meaning.reason:
                page.write_string(row, 10, meaning.reason)
            row += 1
        page.write_string(row, 0, FORMULAS)
        for other in pages:
            for text in _in_pieces(blocks(formula_cells(other))):
                row += 1
                page.write_string(row, 0, other.get_name())
                page.write_string(row, 1, text)
        page.very_hidden()


def count_of_changed() -> str:
    """Formula of the number of inputs that are no longer as the run wrote them."""
    letter = xl_rowcol_to_cell(0, CHANGED)[:-1]
    return f"SUM('{REGISTER}'!${letter}:${letter})"


def formula_cells(page: Worksheet) -> list[tuple[int, int]]:
    """Row and column, zero-based, of every formula of a sheet."""
    return [
        (row, col)
        for row, cells in sorted(page.table.items())
        for col, one in sorted(cells.items())
        if type(one).__name__ in ("Formula", "ArrayFormula")
    ]


def blocks(cells: Iterable[tuple[int, int]]) -> list[str]:
    """Cells, ascending, as few ranges: runs along a row, joined with those of the same columns on the rows above."""
    runs: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for row, first, last in _runs(cells):
        spans = runs.setdefault((first, last), [])
        if spans and spans[-1][1] == row - 1:
            spans[-1] = (spans[-1][0], row)
        else:
            spans.append((row, row))
    return [
        f"{xl_rowcol_to_cell(top, first)}:{xl_rowcol_to_cell(bottom, last)}"
        for (first, last), spans in runs.items()
        for top, bottom in spans
    ]


def _runs(cells: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int, int]]:
    row, first, last = -1, -1, -1
    for here, col in cells:
        if here == row and col == last + 1:
            last = col
            continue
        if row >= 0:
            yield row, first, last
        row, first, last = here, col, col
    if row >= 0:
        yield row, first, last


def _in_pieces(ranges: list[str]) -> Iterator[str]:
    """Ranges in texts that a cell can hold."""
    text = ""
    for one in ranges:
        if len(text) + len(one) + 1 > LONGEST:
            yield text
            text = ""
        text += f"{' ' if text else ''}{one}"
    if text:
        yield text


LINK = re.compile(r"IF\(\s*(?:'((?:[^']|'')+)'|([^'!(]+))!\$?([A-Z]{1,3})\$?(\d+)\s*=")


def linked(formula: str) -> tuple[str, str] | None:
    """Sheet and cell to which a register's formula points now; None where it points nowhere."""
    found = LINK.search(formula)
    if found is None or "#REF" in formula:
        return None
    return (found[1] or found[2]).replace("''", "'"), f"{found[3]}{found[4]}"
