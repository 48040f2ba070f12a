"""The rows of a table as texts by field, and which of them are no holding: blanks, totals, headings, footers, lots."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.holdings.days import days_of
from screener.holdings.kinds import plain
from screener.holdings.layouts import FIELDS
from screener.holdings.numbers import NOTHING, NumberCell
from screener.holdings.tables import Table

MONEY = ("price", "value", "cost", "unit_cost")
NUMBERS = ("quantity", *MONEY, "profit", "multiplier")
TEXTS = tuple(name for name in FIELDS if name not in NUMBERS)
POSITION, BLANK, TOTAL, WORDS, LOT, WATCHED = "position", "blank", "total", "words", "lot", "watched"
# A total by its own words; a fund whose name begins with Total has a ticker and a quantity.
_TOTAL_WORD = (
    r"(sub|grand |account |positions? |portfolio |overall |net )?totals?|summen?|gesamt(summe|wert)?|insgesamt|totaal|"
    r"totale|total g[ée]n[ée]ral|suma|net worth"
)
_TOTAL = re.compile(
    rf"({_TOTAL_WORD})( value| assets| account value| portfolio value| market value)?[ :.]*", re.IGNORECASE
)
_TOTAL_LONG = re.compile(rf"({_TOTAL_WORD})\b.*", re.IGNORECASE)
_DIGIT = re.compile("[0-9]")
_SHORT_TEXT = re.compile(r"[A-Za-z0-9.\-]{1,8}")
_DAY_ALONE = re.compile(r"[\d/.\- A-Za-z]{6,12}")


@dataclass(frozen=True)
class Rows:
    """Rows of a table: texts by field with `line`, `cells`, `length`, `filled`, `account`, `surplus`, and `state` of each.

    `length` is the number of cells, empty ones included.
    """

    frame: pd.DataFrame

    def of(self, *states: str) -> pd.DataFrame:
        return self.frame[self.frame["state"].isin(states)]

    def count(self, state: str) -> int:
        return int((self.frame["state"] == state).sum())


def rows_of(table: Table) -> Rows:
    """Texts by field, empty where a file has no such column, and what each row is."""
    cells = [table.grid.rows[at] for at in table.rows]
    columns = table.header.columns
    found = {name: table.cells(at) for name, at in columns.items()}
    frame = pd.DataFrame({name: found.get(name, [""] * len(cells)) for name in FIELDS}, dtype=object)
    for name in TEXTS:
        nothing = frame[name].str.lower().isin(NOTHING - {"na", "nan", "null", "none"})
        frame[name] = frame[name].where(~nothing, "")
    frame["line"] = [table.grid.line[at] for at in table.rows]
    frame["cells"] = pd.Series(["\x1f".join(row).rstrip("\x1f") for row in cells], dtype=object)
    frame["length"] = [len(row) for row in cells]
    frame["filled"] = [sum(map(bool, row)) for row in cells]
    header = table.grid.rows[table.header_at]
    width = max([at for at, name in enumerate(header) if name] + list(columns.values())) + 1
    frame["surplus"] = [next((cell for cell in row[width:] if cell), "") for row in cells]
    frame["first"] = pd.Series([next((cell for cell in row if cell), "") for row in cells], dtype=object)
    frame["title"] = pd.Series(table.accounts, dtype=object)
    frame["state"] = _states(frame, table)
    return Rows(frame)


def _states(raw: pd.DataFrame, table: Table) -> pd.Series:
    layout, columns = table.header.layout, table.header.columns
    ticker, name, first = raw["ticker"].str.strip(), raw["description"].str.strip(), raw["first"].str.strip()
    amounts = pd.Series(False, index=raw.index)
    for column in ("quantity", "value", "cost", "price"):
        amounts |= _has_digit(raw[column])
    quantity = _has_digit(raw["quantity"])
    named = ticker.str.fullmatch(_TOTAL) | (
        (ticker == "") & (raw["isin"] == "") & (name.str.fullmatch(_TOTAL) | first.str.fullmatch(_TOTAL))
    )
    long = ~quantity & (
        ticker.str.fullmatch(_TOTAL_LONG)
        | (
            ((ticker == "") & (raw["isin"] == ""))
            & (name.str.fullmatch(_TOTAL_LONG) | first.str.fullmatch(_TOTAL_LONG))
        )
    )
    total = (named | long).astype(bool)
    short = ticker.str.fullmatch(_SHORT_TEXT).astype(bool)
    prose = (
        (ticker.str.len() > 20)
        | ((raw["filled"] == 1) & ~short)
        | ((ticker == "") & (raw["isin"] == "") & (name == ""))
    )
    if "ticker" not in columns and "isin" in columns:
        prose = (raw["isin"] == "") & (name.str.len() > 60)
    words = ~amounts & (prose | first.str.len().gt(60))
    # Disclaimers have numbers in them, and commas that make cells of them.
    words |= (
        first.str.len().gt(40)
        & first.str.contains(r"[a-z] [a-z]", regex=True)
        & ~_plain_number(raw["quantity"])
        & ~_plain_number(raw["value"])
    )
    words |= ticker.str.upper().isin(layout.skip) | (first.str.upper().isin(layout.skip) & ~amounts)
    level = raw["level"].map(plain)
    lots = level.isin(("lot", "closedlot")) & bool(level.isin(("summary", "position")).any())
    dated = ticker.str.fullmatch(_DAY_ALONE) & ticker.str.contains("[0-9]", regex=True)
    if dated.any() and layout.name == "etrade":
        lots |= dated & ticker.map(lambda text: len(text) > 5 and bool(days_of(text))).astype(bool)
    watched = ~quantity & (raw["filled"] > 0) if layout.blank_is_watched else pd.Series(False, index=raw.index)
    masks = [raw["filled"] == 0, total, lots, words, watched & ~total]
    out = np.select([mask.astype(bool) for mask in masks], [BLANK, TOTAL, LOT, WORDS, WATCHED], POSITION)
    return pd.Series(out, index=raw.index, dtype=object)


def _has_digit(column: pd.Series) -> pd.Series:
    """Whether cells have a digit, or a formula without a stored value, which is an amount that is not known."""
    return pd.Series(
        [bool(_DIGIT.search(cell)) or cell.startswith("\x00") for cell in column], index=column.index, dtype=bool
    )


def _plain_number(column: pd.Series) -> pd.Series:
    exact = column.map(lambda cell: isinstance(cell, NumberCell))
    return (exact | column.str.fullmatch(r"[^A-Za-z]*[0-9][^A-Za-z]*")).astype(bool)
