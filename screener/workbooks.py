"""Cells of an xlsx workbook: the one reader, with one clear error for a file that cannot be read."""

from __future__ import annotations

import warnings
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

from screener.errors import InputError, NotKnown, Problem

SUFFIXES = (".xlsx", ".xlsm")


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


def read_cells(
    path: Path, wanted: Callable[[str], bool], error: type[InputError] = InputError
) -> dict[str, list[list[Cell]]]:
    """The cells that hold something, by sheet, a list a row; rows without any are left out.

    Parameters
    ----------
    wanted : callable
        Whether a sheet of that name is read.
    error : type
        Of the error that is raised, a kind of InputError.

    Raises
    ------
    NotKnown
        No such file.
    InputError
        The file is damaged, encrypted or no workbook.
    """
    from openpyxl import load_workbook

    with _refusing(path, error):
        book = load_workbook(path, read_only=True, data_only=True)
        try:
            return {sheet.title: _rows(sheet) for sheet in book.worksheets if wanted(sheet.title)}
        finally:
            book.close()


def read_whole(path: Path, error: type[InputError], *, data_only: bool) -> Any:
    """A workbook as openpyxl holds it, cell by cell; formulas, or what they were last computed to (`data_only`).

    Errors are those of `read_cells`.
    """
    from openpyxl import load_workbook

    with _refusing(path, error):
        return load_workbook(path, data_only=data_only)


@contextmanager
def _refusing(path: Path, error: type[InputError]) -> Iterator[None]:
    """Whatever openpyxl makes of a damaged file, as one error."""
    from zipfile import BadZipFile

    from openpyxl.utils.exceptions import InvalidFileException

    if not path.is_file():
        raise NotKnown(f"no file {str(path)!r}")
    damaged = (BadZipFile, InvalidFileException, LookupError, ValueError, TypeError, AttributeError, OSError, EOFError,
               RuntimeError, SyntaxError, zlib.error)  # fmt: skip
    try:
        with warnings.catch_warnings():
            # openpyxl warns of drawings and validations that it does not keep; nothing is written back.
            warnings.simplefilter("ignore")
            yield
    except damaged as fault:
        problem = Problem(path.name, None, "", "", f"a workbook that can be opened ({type(fault).__name__}: {fault})")
        raise error.of(path.name, [problem]) from None


def _rows(sheet: Any) -> list[list[Cell]]:
    rows = ([Cell(c.row, c.column, c.value) for c in row if c.value is not None] for row in sheet.iter_rows())
    return [row for row in rows if row]
