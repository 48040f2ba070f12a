"""Tables within a file: statements that hold many sections, and the day that a file says it is of."""

from __future__ import annotations

import re
from dataclasses import dataclass

import pandas as pd

from screener.holdings.grid import Grid
from screener.holdings.headers import columns_of

_MONTH = "jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec"
_DATES = (
    re.compile(r"\b(\d{4})[-/](\d{2})[-/](\d{2})\b"),
    re.compile(r"\b(\d{2})/(\d{2})/(\d{4})\b"),
    re.compile(rf"\b({_MONTH})[a-z]*[ -](\d{{1,2}}),?[ -](\d{{4}})\b", re.IGNORECASE),
)
_SAYS_DATE = re.compile(r"as of|date downloaded|period|statement date|positions for", re.IGNORECASE)


@dataclass(frozen=True)
class Table:
    """Rows of a grid under one header: `columns` by field, `rows` as positions, the account that a title names."""

    grid: Grid
    columns: dict[str, int]
    rows: list[int]
    title: str = ""

    def header_text(self, field: str) -> str:
        """What the file calls a column."""
        at = self.columns[field]
        head = self.grid.rows[self.rows[0] - 1] if self.rows else []
        return head[at] if at < len(head) and columns_of(head) else field

    def formulas(self) -> int:
        """Cells under the header that hold formulas."""
        lines = {self.grid.line[at] for at in self.rows}
        return sum(line in lines and column in self.columns.values() for line, column in self.grid.formulas)


def statement_tables(grid: Grid) -> list[Table]:
    """Open positions and cash of a statement whose rows begin with the name of a section and Header, Data or Total.

    The layout of Interactive Brokers' activity statement. Ending cash is taken by currency.
    """
    header: list[str] = []
    positions, cash, account = [], [], ""
    columns: dict[str, int] = {}
    cash_at: dict[str, int] = {}
    header_at = 0
    for at, row in enumerate(grid.rows):
        section, kind = [*row, "", ""][:2]
        if section == "Account Information" and kind == "Data" and len(row) > 3 and row[2] == "Account":
            account = row[3]
        if section == "Open Positions" and kind == "Header":
            header, columns, header_at = row, columns_of(row), at
        elif section == "Open Positions" and kind == "Data" and columns:
            positions.append(at)
        elif section == "Cash Report" and kind == "Header":
            cash_at = {text: i for i, text in enumerate(row)}
        elif section == "Cash Report" and kind == "Data" and row[2:3] == ["Ending Cash"] and "Currency" in cash_at:
            cash.append(at)
    if not positions or not header:
        return []
    # The ordinary reader takes the rows under a header: positions first, then cash as lines of its own.
    width = len(header)
    rows = [grid.rows[header_at], *(grid.rows[at] for at in positions)]
    lines = [grid.line[header_at], *(grid.line[at] for at in positions)]
    for at in cash:
        currency, amount = grid.rows[at][cash_at["Currency"]], grid.rows[at][cash_at["Total"]]
        if len(currency) != 3:  # the summary in the base currency holds the others
            continue
        made = [""] * width
        made[columns["ticker"]], made[columns["quantity"]] = "CASH", amount
        if "currency" in columns:
            made[columns["currency"]] = currency
        rows.append(made)
        lines.append(grid.line[at])
    flat = Grid(grid.file, grid.sheet, rows, lines)
    return [Table(flat, columns, list(range(1, len(rows))), account)]


def file_date(grid: Grid) -> pd.Timestamp | None:
    """The day in a title or footer such as `as of 04:05 PM ET, 2026/11/25`; None where no line says one."""
    found = []
    for row in [*grid.rows[:15], *grid.rows[-15:]]:
        text = " ".join(cell for cell in row if cell)
        if len(text) < 300 and _SAYS_DATE.search(text):
            found += [day for day in map(_last_date, [text]) if day is not None]
    return max(found, default=None)


def _last_date(text: str) -> pd.Timestamp | None:
    iso, american, named = ([m.groups() for m in pattern.finditer(text)] for pattern in _DATES)
    days = [f"{y}-{m}-{d}" for y, m, d in iso] + [f"{y}-{m}-{d}" for m, d, y in american]
    months = _MONTH.split("|")
    days += [f"{y}-{months.index(m.lower()) + 1:02d}-{int(d):02d}" for m, d, y in named]
    parsed = pd.to_datetime(pd.Series(days, dtype=object), format="%Y-%m-%d", errors="coerce").dropna()
    return parsed.iloc[-1] if len(parsed) else None
