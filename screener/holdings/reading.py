"""From brokers' files to holdings: every table of every file, several accounts, and how each file was read."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pandas as pd

from screener.errors import HoldingsError, Problem
from screener.holdings.choices import Choices
from screener.holdings.cleaning import COLUMNS, Cleaned, clean
from screener.holdings.dating import day_of
from screener.holdings.delimiters import DELIMITERS
from screener.holdings.grid import grids
from screener.holdings.kinds import CASH_TICKER
from screener.holdings.layouts import OTHER, TRADES
from screener.holdings.tables import Found, Table, tables_of
from screener.holdings.totals import check_totals

MOST_TOLD = 200  # faults; a file with more is the wrong file
ALIKE = 0.5  # of the lines of one sheet that another sheet of the book repeats


@dataclass(frozen=True)
class Reading:
    """How one table was read, for a line that says it.

    lines : filled rows under the header; positions : those held; left_out : rows that could not be read; counts : the
    others by what they are; checked : values held against quantity x price.
    """

    file: str
    layout: str
    positions: int
    lines: int
    left_out: int
    counts: Mapping[str, int]
    checked: int
    day: pd.Timestamp | None
    decimal: str
    delimiter: str
    assumed_currency: str

    def __str__(self) -> str:
        of_day = f" of {self.day:%Y-%m-%d}" if self.day is not None else ", of no stated day"
        parts = [f"{self.file} read as {self.layout}: {self.positions} position{'s' * (self.positions != 1)}{of_day}"]
        parts.append(self.decimal)
        if self.delimiter:
            parts.append(f"delimiter {DELIMITERS.get(self.delimiter, self.delimiter)}")
        if self.assumed_currency:
            parts.append(f"{self.assumed_currency} assumed where no currency is said")
        parts.append(f"{self.checked} of {self.positions} values checked")
        rest = [f"{count} {words}" for words, count in self.counts.items()]
        if rest:
            parts.append(f"other lines: {', '.join(rest)}")
        return "; ".join(parts)


@dataclass(frozen=True)
class Holdings:
    """Holdings as they stand in the files.

    Attributes
    ----------
    frame : DataFrame
        A row a line of a file. account, ticker (one spelling of a contract, BTC-USD of a coin, CASH of cash), kind (equity,
        fund, coin, cash, option, future, bond, cfd), description, isin; quantity (negative is short; of cash the amount);
        cost (of the whole line, signed as the quantity); price (the broker's, worth of one unit of quantity); unit (worth of
        one point of price of one unit: 100 of an option, 0.01 of a bond or of pence, the size of a contract); value (the
        file's own; 0 of a future, the profit of a CFD); notional (of futures and CFDs); currency; underlying, right (call,
        put), strike, expiry of an option; file, line. NaN unknown.
    date : Timestamp or None
        The latest day that a file says it is of.
    notes : tuple of str
        How each file was read, and what was left out or taken in a way that a reader should know.
    hashes : mapping
        SHA-256 of each file, by name.
    readings : tuple of Reading
    left_out : tuple of Problem
        Rows that could not be read, each with its place and reason.
    days : mapping of the day that each file says it is of
    choices : Choices
        What the user said where files leave it open.
    """

    frame: pd.DataFrame
    date: pd.Timestamp | None
    notes: tuple[str, ...] = field(default=())
    hashes: Mapping[str, str] = field(default_factory=dict)
    readings: tuple[Reading, ...] = ()
    left_out: tuple[Problem, ...] = ()
    days: Mapping[str, pd.Timestamp | None] = field(default_factory=dict)
    choices: Choices = field(default_factory=Choices)

    @property
    def files(self) -> tuple[str, ...]:
        """Their names."""
        return tuple(dict.fromkeys(self.frame["file"]))

    @property
    def rows_left_out(self) -> str:
        """How many rows could not be read, of how many; empty where every row was."""
        rows = len({(problem.file, problem.line) for problem in self.left_out})
        return f"{rows} of {rows + len(self.frame)} rows left out" if rows else ""


@dataclass
class _Part:
    """One table on its way into holdings."""

    table: Table
    cleaned: Cleaned
    day: pd.Timestamp | None


def read(paths: Sequence[Path], choices: Choices | None = None, *, allow_duplicates: bool = False) -> Holdings:
    """Read holdings from one file or several, accounts kept apart.

    Parameters
    ----------
    paths : CSV or xlsx files
    choices : what the user says where a file leaves it open
    allow_duplicates : bool
        Lines that are equal in every cell are lots to be added, not a mistake.

    Raises
    ------
    HoldingsError
        With every fault of every file: file, line, column, value, what was expected. Contradictions, ambiguities, surplus
        cells and histories of trades refuse a file; a row that cannot be read is left out and listed, unless no row can.
    """
    choices = choices or Choices(allow_duplicates=allow_duplicates)
    parts: list[_Part] = []
    problems: list[Problem] = []
    notes: list[str] = []
    for path in paths:
        of_file, wrong, said = _file(path, choices)
        parts += of_file
        problems += wrong
        notes += said
    left_out = sorted(
        (problem for part in parts for problem in part.cleaned.left_out),
        key=lambda problem: (problem.file, problem.line or 0),
    )
    whole = pd.concat(
        [part.cleaned.frame for part in parts if len(part.cleaned.frame)] or [pd.DataFrame(columns=COLUMNS)],
        ignore_index=True,
    )
    if problems or (whole.empty and left_out):
        raise _refused([*problems, *left_out])
    if whole.empty:
        raise HoldingsError(f"{', '.join(p.name for p in paths)}: a header, and no holding under it")
    readings = tuple(_reading(part) for part in parts)
    days = {part.table.grid.place: part.day for part in parts}
    latest = max((day for day in days.values() if day is not None), default=None)
    hashes = {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in paths}
    every = [*map(str, readings), *notes, *(note for part in parts for note in part.cleaned.notes)]
    found = Holdings(whole, latest, (), hashes, readings, tuple(left_out), days, choices)
    if left_out:
        each = [f"Left out: {problem}" for problem in left_out[:MOST_TOLD]]
        every = [f"{found.rows_left_out}; they are in no total", *each, *every]
    return replace(found, notes=tuple(dict.fromkeys(every)))


def _refused(problems: list[Problem]) -> HoldingsError:
    count = f"{len(problems)} fault{'s' if len(problems) > 1 else ''}"
    first = sorted(problems, key=lambda p: (p.file, p.line or 0, p.column))[:MOST_TOLD]
    return HoldingsError(
        f"holdings: {count}" + (f", the first {MOST_TOLD}" if len(problems) > MOST_TOLD else ""), first
    )


def _file(path: Path, choices: Choices) -> tuple[list[_Part], list[Problem], list[str]]:
    """The tables of a file, its faults, and what it holds that is not read."""
    parts: list[_Part] = []
    problems: list[Problem] = []
    notes: list[str] = []
    others: list[tuple[str, Found]] = []
    seen: list[str] = []
    for grid in grids(path):
        if grid.sheet and choices.sheet and grid.sheet != choices.sheet:
            seen.append(grid.sheet)
            continue
        if grid.hidden and not choices.sheet:
            if tables_of(grid).tables:
                notes.append(
                    f"{path.name}: the hidden sheet {grid.sheet!r} holds positions and was not read; --sheet reads it"
                )
            continue
        seen.append(grid.sheet)
        found = tables_of(grid)
        others.append((grid.sheet, found))
        if grid.sheet and not found.tables:
            notes.append(f"{path.name}: no holdings on the sheet {grid.sheet!r}")
        dated = day_of(grid, found, choices)
        problems += dated.problems
        notes += dated.notes
        parts += [_Part(table, clean(table, choices), dated.of(table)) for table in found.tables]
    checked = check_totals([part.cleaned.totals for part in parts], choices)
    for part, (wrong, accepted) in zip(parts, checked, strict=True):
        part.cleaned.problems += wrong
        part.cleaned.notes += accepted
    problems += [problem for part in parts for problem in part.cleaned.problems]
    if not parts:
        return parts, [*problems, _nothing(path, others, seen, choices)], []
    problems += _repeated(path, parts, choices)
    notes += [
        f"{path.name}{f' [{sheet}]' if sheet else ''}:{line}: {title}, not read"
        for sheet, found in others
        for line, title, _, _ in found.others
    ]
    return parts, problems, notes


def _nothing(path: Path, others: list[tuple[str, Found]], seen: list[str], choices: Choices) -> Problem:
    """Why a file without a table of holdings is refused."""
    if choices.sheet and choices.sheet not in seen:
        return Problem(path.name, None, "--sheet", choices.sheet, f"one of {', '.join(filter(None, seen))}")
    tables = [(holds, line, title, takes) for _, found in others for line, title, holds, takes in found.others]
    for holds in (TRADES, OTHER):
        for kind, line, title, takes in tables:
            if kind != holds:
                continue
            what = f"{title}: a history of trades, not what is held" if kind == TRADES and "trades" not in title else (
                f"{title}, not what is held"
            )  # fmt: skip
            return Problem(path.name, line, "", "", "", f"{what}; export {takes}" if takes else what)
    head = _json(path)
    if head:
        return Problem(path.name, 1, "", "", "", head)
    return Problem(path.name, None, "", "", "a header with a symbol and a quantity or market value" + _columns(path))


def _json(path: Path) -> str:
    with open(path, "rb") as file:
        head = file.read(100_000).lstrip(b"\xef\xbb\xbf \r\n\t")
    if head[:1] not in (b"{", b"["):
        return ""
    if b'"activities"' in head:
        return "Ghostfolio activities: a history of trades, not what is held; export the holdings as a table"
    return "JSON, not a table; export CSV or xlsx"


def _columns(path: Path) -> str:
    """The names of the first row that could be a header, as the end of a sentence."""
    try:
        grid = next(iter(grids(path)))
    except (HoldingsError, StopIteration):
        return ""
    for row in grid.rows[:30]:
        names = [cell for cell in row if cell]
        if len(names) > 1 and not any(any(c.isdigit() for c in name) for name in names):
            return f" (seen: {', '.join(names)[:120]})"
    return ""


def _repeated(path: Path, parts: list[_Part], choices: Choices) -> list[Problem]:
    """Two sheets with the same positions: one of them is of another day, or a copy."""
    sheets = [(part.table.grid.sheet, part.cleaned.frame) for part in parts if part.table.grid.sheet]
    for at, (name, frame) in enumerate(sheets):
        mine = set(zip(frame["ticker"], frame["quantity"], strict=True)) - {(CASH_TICKER, 0.0)}
        for other, again in sheets[:at]:
            same = mine & set(zip(again["ticker"], again["quantity"], strict=True))
            if other != name and len(mine) > 1 and len(same) > ALIKE * len(mine):
                message = f"the sheets {other!r} and {name!r} hold the same positions: --sheet NAME reads one"
                return [Problem(path.name, None, "", "", "", message)]
    return []


def _reading(part: _Part) -> Reading:
    cleaned, layout = part.cleaned, part.table.header.layout
    return Reading(
        part.table.grid.place, layout.title, len(cleaned.frame), cleaned.lines, len({p.line for p in cleaned.left_out}),
        cleaned.counts, cleaned.checked, part.day, cleaned.habit.words(), part.table.grid.delimiter, cleaned.assumed,
    )  # fmt: skip
