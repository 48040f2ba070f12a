"""The decimal habit of a table: what its cells say, what its layout says, what its values say, or what the user says."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.holdings.choices import Choices
from screener.holdings.numbers import COMMA, POINT, SHOWN, NumberCell, Numbers, bare, evidence, to_numbers
from screener.holdings.reconciliation import agrees
from screener.holdings.rows import LOT, MONEY, NUMBERS, POSITION, TOTAL, Rows
from screener.holdings.tables import Table

# With so many cells of one habit for each of the other, the few are faults of their rows and not a second habit.
CLEAR = 4
UNITS = (1.0, 100.0, 0.01)


@dataclass
class Habit:
    """The decimal mark of a table and what decided it; `refused` is why it is undecided, with the line of an example."""

    decimal: str = POINT
    decided: str = ""
    refused: str = ""
    line: int | None = None
    column: str = ""
    example: str = ""

    def problems(self, file: str) -> list[Problem]:
        if not self.refused:
            return []
        return [Problem(file, self.line, self.column, self.example, "", self.refused)]

    def read(self, raw: pd.DataFrame) -> dict[str, Numbers]:
        """The numbers of rows, by field."""
        nothing = to_numbers(pd.Series("", index=raw.index, dtype=object))
        return {name: _read(raw[name], self.decimal) if raw[name].any() else nothing for name in NUMBERS}

    def number(self, column: pd.Series) -> pd.Series:
        """The figures of one column, NaN where a cell is none."""
        return _read(column, self.decimal).value

    def words(self) -> str:
        mark = "decimal point" if self.decimal == POINT else "decimal comma"
        return f"{mark} ({SHOWN[self.decimal]}{', ' + self.decided if self.decided else ''})"


def habit_of(table: Table, rows: Rows, choices: Choices) -> Habit:  # noqa: PLR0911
    """Decide the decimal mark of a table.

    --decimal, else cells that have one reading, else the layout's habit, else the reading in which quantity x price is the
    value, else the cells of columns that are not read, else the point where commas separate cells. A file with semicolons
    and nothing but such figures as 23,000, or with tabs and nothing but such as 1.234, is refused: half of the world's
    spreadsheets read them as thousands.
    """
    if choices.decimal:
        return Habit(choices.decimal, "--decimal")
    raw = rows.of(POSITION, TOTAL, LOT)
    texts = {text for name in NUMBERS for text in raw[name] if not isinstance(text, NumberCell)}
    said = evidence(map(bare, texts))
    if said.contradicts:
        few, many = sorted((said.point, said.comma))
        if many < CLEAR * few:
            return _refused(
                table, raw, "figures with a decimal point and with a decimal comma: --decimal . or --decimal ,"
            )
        return Habit(POINT if said.point > said.comma else COMMA, "most figures")
    if said.mark:
        return Habit(said.mark)
    if not said.open:
        return Habit(POINT)
    layout = table.header.layout
    if layout.decimal:
        return Habit(layout.decimal, f"as {layout.broker} writes")
    by_value = _by_value(raw)
    if by_value:
        return Habit(by_value, "quantity x price is the value")
    by_others = _by_other_columns(table, rows)
    if by_others:
        return Habit(by_others, "as figures of other columns are written")
    # 1,234 between commas or tabs is a thousand, as spreadsheets write it; 1.234 is decimal where commas separate cells.
    if table.grid.delimiter == ";" or (table.grid.delimiter in ("\t", "|") and said.open_point):
        return _refused(
            table, raw, "a number with two readings, and none in the file that has one: --decimal . or --decimal ,"
        )
    return Habit(POINT, "assumed")


def _read(column: pd.Series, decimal: str) -> Numbers:
    if any(type(text) is not str for text in column):
        codes, keys = pd.factorize(np.array([_Key(text) for text in column], dtype=object))
        texts = [key.text for key in keys]
    else:
        codes, texts = pd.factorize(column.to_numpy())
    found = to_numbers(pd.Series(texts, dtype=object), decimal)
    parts = (found.value, found.wrong, found.currency, found.step, found.percent)
    return Numbers(*(pd.Series(part.to_numpy()[codes], index=column.index) for part in parts))


class _Key:
    """A cell's text with its type: the number 40.454 of a workbook is not the text 40.454."""

    __slots__ = ("exact", "text")

    def __init__(self, text: str) -> None:
        self.text, self.exact = text, type(text) is not str

    def __hash__(self) -> int:
        return hash(self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Key) and self.text == other.text and self.exact == other.exact


def _by_value(raw: pd.DataFrame) -> str:
    """The mark with which quantity x price is the value in every row that has the three, where the other has it in none."""
    found = {}
    for decimal in (POINT, COMMA):
        quantity, price, value = (_read(raw[name], decimal).value for name in ("quantity", "price", "value"))
        known = quantity.notna() & price.notna() & value.notna()
        if not known.any():
            return ""
        right = pd.Series(False, index=raw.index)
        for unit in UNITS:
            right |= agrees(quantity * price * unit, value)
        found[decimal] = float(right[known].mean())
    if found[POINT] == 1 and found[COMMA] < 1:
        return POINT
    return COMMA if found[COMMA] == 1 and found[POINT] < 1 else ""


def _by_other_columns(table: Table, rows: Rows) -> str:
    """The mark that the figures of columns without a known name decide; a workbook's numbers have none."""
    if not table.grid.delimiter:
        return ""
    known = set(table.header.columns.values())
    cells = [
        cell for text in rows.of(POSITION)["cells"] for at, cell in enumerate(text.split("\x1f")) if at not in known
    ]
    return evidence(map(bare, set(cells))).mark


def _refused(table: Table, raw: pd.DataFrame, why: str) -> Habit:
    """Undecided, with the first cell that has two readings as an example."""
    for name in ("quantity", *MONEY):
        found = evidence_rows(raw[name])
        if found.any():
            row = raw[found].iloc[0]
            return Habit(
                refused=why, line=int(row["line"]), column=table.header_text(name), example=str(row[name])[:40]
            )
    return Habit(refused=why)


def evidence_rows(column: pd.Series) -> pd.Series:
    """Cells of a column with a point or a comma."""
    return column.str.contains(r"[0-9][.,][0-9]", regex=True).astype(bool)
