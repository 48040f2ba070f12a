"""Where cells stand: columns, tables of records and addresses as formulas name them."""

from __future__ import annotations

from dataclasses import dataclass, field

from xlsxwriter.utility import xl_col_to_name, xl_rowcol_to_cell

from exports.commentary.wording import in_force

# Criterion of COUNTIFS for a cell that holds a number: no text and no empty cell is below any. ISNUMBER over cells inside
# SUMPRODUCT says the same in Excel and LibreOffice, and Gnumeric takes it for one cell.
ANY_NUMBER = '"<1E+99"'


@dataclass(frozen=True)
class Column:
    """A column of a table: its key, header with unit, kind of number, width in characters, header group."""

    key: str
    title: str
    kind: str = "text"
    width: float = 9.0
    section: str = ""


@dataclass(frozen=True)
class TableRange:
    """Cell addresses of a table, within its sheet and from other sheets.

    `first` is the zero-based row of the first record, `count` the number of records.
    """

    sheet: str
    columns: tuple[Column, ...]
    first: int
    count: int
    _position: dict[str, int] = field(init=False, default_factory=dict, repr=False, compare=False)
    _letter: dict[str, str] = field(init=False, default_factory=dict, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sheet", sheet_name(self.sheet))
        self._position.update((c.key, i) for i, c in enumerate(self.columns))
        self._letter.update((c.key, xl_col_to_name(i)) for i, c in enumerate(self.columns))

    def index(self, key: str) -> int:
        """Zero-based column."""
        return self._position[key]

    def kind(self, key: str) -> str:
        """Number format of a column, a key of `style.NUMBERS`."""
        return self.columns[self._position[key]].kind

    def at(self, key: str, i: int) -> str:
        """Record i's cell, for a formula on the same sheet; the column is fixed."""
        return f"${self._letter[key]}{self.first + i + 1}"

    def link(self, key: str, i: int) -> str:
        """Record i's cell, for a formula on another sheet."""
        return f"'{self.sheet}'!{self.at(key, i)}"

    def span(self, key: str) -> str:
        """All of a column's cells, for a formula on the same sheet."""
        letter = self._letter[key]
        return f"${letter}${self.first + 1}:${letter}${self.first + max(self.count, 1)}"

    def link_span(self, key: str) -> str:
        """All of a column's cells, for a formula on another sheet."""
        return f"'{self.sheet}'!{self.span(key)}"

    @property
    def last(self) -> int:
        """Zero-based row of the last record (an empty table keeps one row)."""
        return self.first + max(self.count, 1) - 1


def cell(row: int, col: int, *, sheet: str = "", absolute: bool = True) -> str:
    """Address of a cell, with its sheet where it is another one."""
    address = xl_rowcol_to_cell(row, col, row_abs=absolute, col_abs=absolute)
    return f"'{sheet_name(sheet)}'!{address}" if sheet else address


def sheet_name(name: str) -> str:
    """The name of a sheet in the words in force."""
    return in_force().text(name)
