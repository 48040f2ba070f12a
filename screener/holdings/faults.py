"""Faults of the rows of a table, each with its place: what refuses the file, and what leaves a row out."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.holdings import currencies
from screener.holdings.grid import EMPTY_FORMULA
from screener.holdings.habits import Habit
from screener.holdings.identifiers import is_isin, looks_like_isin
from screener.holdings.kinds import BOND, CASH, FUTURE, OPTION, Kind
from screener.holdings.numbers import Numbers
from screener.holdings.reconciliation import apart
from screener.holdings.rows import MONEY, NUMBERS
from screener.holdings.tables import Table

LARGEST = 1e12
# Two prices of one row differ by less: a last price and a close.
APART = 1.5
# An amount under a name of tickers: the columns are shifted.
_AMOUNT = re.compile(r"[-+($€£]*[0-9][0-9.,'\u00a0]*[.,][0-9]+\)?-?")
_TICKER = re.compile(r"[A-Z0-9][A-Z0-9.\-/^=]{0,19}")


class Faults:
    """Collects what is wrong, each with its place: what refuses the file, and what leaves a row out."""

    def __init__(self, table: Table, raw: pd.DataFrame, file: str) -> None:
        self.table, self.raw, self.file = table, raw, file
        self.problems: list[Problem] = []
        self.left_out: list[Problem] = []
        self.lines: set[int] = set()

    def where(self, mask: pd.Series, column: str, expected: str) -> None:
        """Leave out the rows of `mask`, for what stands in the column that gave `column`."""
        if not mask.any():
            return
        name = self.table.header_text(column)
        rows = self.raw.loc[mask.to_numpy(dtype=bool), ["line", column]]
        for line, value in rows.itertuples(index=False):
            shown = "a formula without a stored value" if value == EMPTY_FORMULA else value[:60]
            self.left_out.append(Problem(self.file, int(line), name, shown, expected))
            self.lines.add(int(line))

    def leave_out(self, at: int, column: str, shown: str, message: str) -> None:
        """Leave out a row for a reason that is no cell's alone."""
        line = int(self.raw["line"].iloc[at])
        self.left_out.append(Problem(self.file, line, self.table.header_text(column), shown[:60], "", message))
        self.lines.add(line)

    def refuse(self, mask: pd.Series, column: str, shown: pd.Series, expected: str) -> None:
        for at in np.flatnonzero(mask.to_numpy(dtype=bool)):
            self.refuse_row(int(at), column, str(shown.iloc[at]), "", expected)

    def refuse_row(self, at: int, column: str, shown: str, message: str, expected: str = "") -> None:
        name = self.table.header_text(column) if column else ""
        line = int(self.raw["line"].iloc[at])
        self.problems.append(Problem(self.file, line, name, shown[:60], expected, message))


def row_faults(
    faults: Faults, raw: pd.DataFrame, numbers: dict[str, Numbers], kinds: list[Kind], kind: pd.Series,
    currency: pd.Series, table: Table,
) -> None:  # fmt: skip
    """Rows that cannot be read: no ticker, no number, no currency; each leaves its row out."""
    cash, option = kind == CASH, kind == OPTION
    symbol = raw["ticker"]
    nameless = pd.Series([found.ticker == "" for found in kinds], index=raw.index) & ~cash
    wanted = "isin" if "ticker" not in table.header.columns and "isin" in table.header.columns else "ticker"
    faults.where(nameless, wanted, "a ticker" if wanted == "ticker" else "an ISIN or a ticker")
    checked = raw["isin"].map(lambda code: looks_like_isin(code) and not is_isin(code)).astype(bool)
    faults.where(checked, "isin", "an ISIN whose check digit is right")
    strange = ~cash & ~option & ~kind.isin((BOND, FUTURE)) & ~nameless & ~symbol.str.fullmatch(_TICKER).astype(bool)
    strange |= ~cash & symbol.str.fullmatch(_AMOUNT).astype(bool)
    faults.where(strange, "ticker", "a ticker: letters, digits, point, hyphen")
    unknown = pd.Series([bool(found.unknown_word) for found in kinds], index=raw.index)
    faults.where(unknown, "kind", "a kind such as stock, ETF, option, bond, crypto, cash; --kind TICKER=KIND says it")
    for name in NUMBERS:
        faults.where(numbers[name].wrong, name, "a number")
    faults.where(numbers["price"].percent & (kind != BOND), "price", "an amount of money, not per cent")
    blank = numbers["quantity"].value.isna() & ~numbers["quantity"].wrong & ~(cash & numbers["value"].value.notna())
    blank &= ~(cash & numbers["value"].wrong)
    faults.where(blank, "quantity", "a number" if "quantity" in table.header.columns else "a column of quantities")
    contracts = kind.isin((OPTION, FUTURE)) & (numbers["quantity"].value % 1 != 0) & ~blank
    faults.where(contracts & ~numbers["quantity"].wrong, "quantity", "a whole number of contracts")
    for name in ("quantity", *MONEY):
        faults.where(numbers[name].value.abs() > LARGEST, name, f"at most {LARGEST:,.0f}")
    faults.where(~currency.map(currencies.known), "currency", "a currency code such as USD or CAD")


def rivals(faults: Faults, raw: pd.DataFrame, table: Table) -> None:
    """Two columns that may hold a field, and differ: which one counts, the file does not say."""
    for field_name, place in table.header.rivals:
        cells = table.cells(place)
        for at, cell in enumerate(cells[row] for row in raw["index"]):
            if any(c.isdigit() for c in cell) and cell != raw[field_name].iloc[at]:
                name, mine = table.grid.rows[table.header_at][place], table.header_text(field_name)
                what = "quantities" if field_name == "quantity" else mine
                which = f"{name} in column {place + 1}" if name.casefold() == mine.casefold() else name
                message = f"two columns of {what}, this one and {which} with {cell[:20]}: remove or rename one"
                faults.refuse_row(at, field_name, str(raw[field_name].iloc[at]), message)
                return


def cut_short(faults: Faults, raw: pd.DataFrame, table: Table) -> list[str]:
    """Rows of a text file that end before the others: a line is broken, and its last cell may be part of a figure.

    Only a row that lacks a quantity, a price or a value which every whole row has is doubted. Where the file writes the
    empty cells at the end of its rows it is left out; elsewhere programs and people stop after the last filled cell, and a
    note says it. A header whose first name is blank, above rows that are all shorter, is shifted.
    """
    head, length = table.grid.rows[table.header_at], raw["length"]
    width = max(at for at, name in enumerate(head) if name) + 1
    full = max(int(length.mode().max()), width)
    if not table.grid.delimiter or (length >= full).all():
        return []
    ends = [table.grid.rows[table.rows[at]][-1:] for at in raw["index"]]
    padded = any(cell == [""] for cell in ends)
    if (length < full).all():
        if padded and not head[0]:
            words = f"the header has {width} cells, the first one blank, and the rows have fewer: its names are shifted"
            faults.refuse_row(0, "", "", words)
        return []
    figures = [name for name in ("quantity", "price", "value") if name in table.header.columns]
    filled = [table.header.columns[name] for name in figures if (raw.loc[length >= full, name] != "").all()]
    notes = []
    for at in np.flatnonzero((length < full) & (length <= max(filled, default=-1))).tolist():
        words = f"the row ends after {length.iloc[at]} of {full} cells: is the line broken?"
        if padded:
            faults.leave_out(at, "ticker", raw["ticker"].iloc[at], words)
        else:
            notes.append(f"{faults.file}:{int(raw['line'].iloc[at])}: {words}")
    return notes


def other_columns(
    faults: Faults, raw: pd.DataFrame, numbers: dict[str, Numbers], habit: Habit, table: Table
) -> None:  # fmt: skip
    """Two columns of prices, or of values, that are of another size, where no third figure decides between them."""
    for field_name, place in table.header.alternatives:
        every = table.cells(place)
        cells = [every[row] for row in raw["index"]]
        other = habit.number(pd.Series(cells, index=raw.index, dtype=object)).abs()
        with np.errstate(all="ignore"):
            ratio = other / numbers[field_name].value.abs()
        for at in np.flatnonzero(apart(ratio, APART))[:1].tolist():
            name, mine = table.grid.rows[table.header_at][place], table.header_text(field_name)
            message = f"two columns of a {field_name}, {mine} and {name} with {cells[at][:20]}: remove or rename one"
            faults.refuse_row(at, field_name, str(raw[field_name].iloc[at]), message)


def undecided(faults: Faults, raw: pd.DataFrame, kinds: list[Kind]) -> None:
    """Rows between whose kinds nothing in the file decides."""
    for at, found in enumerate(kinds):
        if found.undecided:
            ticker = raw["ticker"].iloc[at]
            ways = " or ".join(f"--kind {ticker}={kind}" for kind in found.undecided)
            faults.refuse_row(
                at, "ticker", ticker, f"{ticker} is a {' and a '.join(found.undecided)} of one ticker: {ways}"
            )


def duplicates(raw: pd.DataFrame, file: str) -> list[Problem]:
    """Rows that are equal in every cell to an earlier one."""
    again = raw.duplicated("cells", keep="first")
    if not again.any():
        return []
    first = raw.drop_duplicates("cells").set_index("cells")["line"]
    remedy = "--allow-duplicates adds equal lines as lots"
    return [
        Problem(file, int(line), "", ticker, f"a line other than line {first[cells]}; {remedy}")
        for line, ticker, cells in raw.loc[again, ["line", "ticker", "cells"]].itertuples(index=False)
    ]
