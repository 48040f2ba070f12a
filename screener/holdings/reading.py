"""From brokers' files to holdings: every table of every file, several accounts, faults told by cell."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from screener.errors import HoldingsError, Problem
from screener.holdings.cleaning import COLUMNS, clean
from screener.holdings.grid import Grid, grids
from screener.holdings.headers import columns_of
from screener.holdings.layouts import Table, file_date, statement_tables

MOST_TOLD = 200  # faults; a file with more is the wrong file


@dataclass(frozen=True)
class Holdings:
    """Holdings as they stand in the files.

    Attributes
    ----------
    frame : DataFrame
        A row a line of a file: account, ticker, kind (equity, option or cash), description, quantity (negative is short;
        of cash the amount), cost (of the whole line, signed as the quantity), price (the broker's, of one unit), value,
        currency, file, line. NaN unknown.
    date : Timestamp or None
        The latest day that a file says it is of.
    notes : tuple of str
        What was left out or taken in a way that a reader should know.
    hashes : mapping
        SHA-256 of each file, by name.
    """

    frame: pd.DataFrame
    date: pd.Timestamp | None
    notes: tuple[str, ...] = field(default=())
    hashes: Mapping[str, str] = field(default_factory=dict)

    @property
    def files(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(dict.fromkeys(self.frame["file"]))


def read(paths: Sequence[Path], *, allow_duplicates: bool = False) -> Holdings:
    """Read holdings from one file or several, accounts kept apart.

    Parameters
    ----------
    paths : CSV or xlsx files
    allow_duplicates : bool
        Lines that are equal in every cell are lots to be added, not a mistake.

    Raises
    ------
    HoldingsError
        With every fault of every file: file, line, column, value, what was expected.
    """
    frames: list[pd.DataFrame] = []
    problems: list[Problem] = []
    notes: list[str] = []
    dates = []
    for path in paths:
        found = False
        for grid in grids(path):
            dates.append(file_date(grid))
            for table in statement_tables(grid) or _plain_tables(grid):
                found = True
                cleaned = clean(table, allow_duplicates=allow_duplicates)
                frames.append(cleaned.frame)
                problems += cleaned.problems
                notes += cleaned.notes
        if not found:
            problems.append(Problem(path.name, None, "", "", "a header with a symbol and a quantity or market value"))
    if problems:
        count = f"{len(problems)} fault{'s' if len(problems) > 1 else ''}"
        first = sorted(problems, key=lambda p: (p.file, p.line or 0, p.column))[:MOST_TOLD]
        raise HoldingsError(
            f"holdings: {count}" + (f", the first {MOST_TOLD}" if len(problems) > MOST_TOLD else ""), first
        )
    whole = pd.concat([f for f in frames if len(f)] or [pd.DataFrame(columns=COLUMNS)], ignore_index=True)
    if whole.empty:
        raise HoldingsError(f"{', '.join(p.name for p in paths)}: a header, and no holding under it")
    latest = max((d for d in dates if d is not None), default=None)
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    return Holdings(whole, latest, tuple(dict.fromkeys(notes)), hashes)


def _plain_tables(grid: Grid) -> Iterable[Table]:
    """Every header of holdings with the rows under it, up to the next header; the account of the line above."""
    found: list[tuple[int, dict[str, int], str]] = []
    account = ""
    for at, row in enumerate(grid.rows):
        columns = columns_of(row)
        if columns:
            found.append((at, columns, account))
        filled = [cell for cell in row if cell]
        if len(filled) == 1 and len(filled[0]) < 120:
            account = _account_of(filled[0]) or account
    ends = [*(at for at, _, _ in found[1:]), len(grid.rows)][: len(found)]
    for (start, header, title), end in zip(found, ends, strict=True):
        yield Table(grid, header, list(range(start + 1, end)), title)


def _account_of(title: str) -> str:
    """The account that a line above a table names: `Positions for account Individual ...123 as of ...`."""
    found = re.search(r"account\s+(.+?)(?:\s+as of\b.*)?$", title, re.IGNORECASE)
    if found:
        return found.group(1).strip()
    return title.strip() if re.search(r"\d{3}$", title) and len(title) < 60 else ""
