"""Cells of an xlsx workbook: the one reader, within limits, with one clear error for a file that cannot be read."""

from __future__ import annotations

import math
import re
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple

from screener.errors import InputError, Problem
from screener.readers import archive, content

SUFFIXES = (".xlsx", ".xlsm")
MOST_ROWS = 1_000_000
# Cells that hold something, and places between them that a row's last cell makes openpyxl fill.
MOST_CELLS = 3_000_000
MOST_PLACES = 50_000_000
MOST_SECONDS = 60.0
# A spreadsheet's numbers are doubles; openpyxl makes whole numbers of any length.
LARGEST = 1e300
ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")


class Cell(NamedTuple):
    """A cell with a value: its row and column from 1, and the value that a formula was last computed to."""

    row: int
    column: int
    value: Any

    @property
    def address(self) -> str:
        """`B12`."""
        from openpyxl.utils import get_column_letter

        return f"{get_column_letter(self.column)}{self.row}"


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet that hold something, a list a row; rows without any are left out.

    `hidden` says whether a person sees the sheet only after asking for it, `epoch_1904` whether the workbook counts days
    from 1904.
    """

    title: str
    rows: list[list[Cell]]
    hidden: bool = False
    epoch_1904: bool = False

    @cached_property
    def values(self) -> dict[tuple[int, int], Any]:
        """Value by row and column."""
        return {(cell.row, cell.column): cell.value for row in self.rows for cell in row}

    def at(self, address: str) -> Any:
        """The value at an address such as `B12`; None of an empty cell.

        Raises
        ------
        ValueError
            It is no address.
        """
        return self.values.get(position(address))


def position(address: str) -> tuple[int, int]:
    """Row and column of an address such as `$B$12`.

    Raises
    ------
    ValueError
        It is no address.
    """
    found = ADDRESS.fullmatch(address)
    if found is None:
        raise ValueError(f"{address[:40]!r} is no cell")
    from openpyxl.utils import column_index_from_string

    return int(found[2]), column_index_from_string(found[1])


def is_formula(value: Any) -> bool:
    """Whether a value that was read with `formulas` is one; openpyxl has an object for that of an array or a data table."""
    of_many = type(value).__name__ in ("ArrayFormula", "DataTableFormula")
    return of_many or (isinstance(value, str) and value.startswith("="))


def read_sheets(
    path: Path,
    error: type[InputError] = InputError,
    *,
    wanted: Callable[[str], bool] = lambda _: True,
    formulas: bool = False,
) -> dict[str, Sheet]:
    """The sheets of a workbook by name.

    Parameters
    ----------
    error : type
        Of the error that is raised, a kind of InputError.
    wanted : callable
        Whether a sheet of that name is read.
    formulas : bool
        Formulas as they are written, in place of what they were last computed to.

    Raises
    ------
    NotKnown
        No such file.
    InputError
        The file is damaged, encrypted, too large or no workbook, or a number in it is none; names sheet and cell.
    """
    return of_bytes(path.name, content.read(path, error), error, wanted=wanted, formulas=formulas)


def of_bytes(
    name: str,
    held: bytes,
    error: type[InputError] = InputError,
    *,
    wanted: Callable[[str], bool] = lambda _: True,
    formulas: bool = False,
) -> dict[str, Sheet]:
    """The sheets of a workbook from its bytes; as `read_sheets`."""
    from openpyxl import load_workbook

    stream = archive.check(name, held, error)
    place = ""
    found: dict[str, Sheet] = {}
    end = time.monotonic() + MOST_SECONDS
    try:
        with warnings.catch_warnings():
            # openpyxl warns of drawings and validations that it does not keep; nothing is written back.
            warnings.simplefilter("ignore")
            # Read only: merged areas, links and charts are not unfolded, of which one line of XML can make a million cells.
            book = load_workbook(stream, read_only=True, data_only=not formulas, keep_links=False)
            try:
                for sheet in book.worksheets:
                    place = f": sheet {sheet.title!r}"
                    if sheet.title in found:
                        raise error.one(name, "a name that no other sheet has", column=sheet.title)
                    if wanted(sheet.title):
                        rows = _rows(name, sheet, end, error)
                        hidden, since_1904 = sheet.sheet_state != "visible", book.epoch.year == 1904
                        found[sheet.title] = Sheet(sheet.title, rows, hidden, since_1904)
            finally:
                book.close()
    except InputError:
        raise
    except Exception as fault:  # openpyxl has no common error of what is damaged
        expected = f"a workbook that can be opened ({_words(fault)})"
        raise error.of(name, [Problem(f"{name}{place}", None, "", "", expected)]) from None
    if not found and not place:
        raise error.one(name, "a workbook that can be opened; it has no sheet")
    return found


def _words(fault: Exception) -> str:
    """What openpyxl says of a damaged file, in one line and short."""
    # It wraps the error that tells in one that does not.
    told = fault.__cause__ if isinstance(fault.__cause__, Exception) else fault
    if isinstance(told, RecursionError):
        return "nested too deep"
    return f"{type(told).__name__}: {' '.join(str(told).split())[:200]}"


def _rows(name: str, sheet: Any, end: float, error: type[InputError]) -> list[list[Cell]]:
    # The size that a sheet says it has may be any; its rows tell.
    sheet.reset_dimensions()
    rows: list[list[Cell]] = []
    cells = places = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), start=1):
        if number > MOST_ROWS:
            raise error.one(name, f"at most {MOST_ROWS:,} rows", column=sheet.title)
        if not values:
            continue
        row = [Cell(number, at, value) for at, value in enumerate(values, start=1) if value is not None]
        for cell in row:
            if isinstance(cell.value, (int, float)) and not _is_number(cell.value):
                raise error.one(name, "a number that a spreadsheet can hold", column=f"{sheet.title}!{cell.address}")
        cells, places = cells + len(row), places + len(values)
        if cells > MOST_CELLS or places > MOST_PLACES:
            raise error.one(name, f"at most {MOST_CELLS:,} cells", column=sheet.title)
        if time.monotonic() > end:
            raise error.one(name, f"a workbook that is read in {MOST_SECONDS:.0f} seconds", column=sheet.title)
        if row:
            rows.append(row)
    return rows


def _is_number(value: float) -> bool:
    return abs(value) < LARGEST and (isinstance(value, int) or math.isfinite(value))
