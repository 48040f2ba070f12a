"""The day that a file says it is of: in a title, a footer, or a column of report dates."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from screener.errors import Problem
from screener.holdings.choices import Choices
from screener.holdings.days import Day, days_of, serial_day
from screener.holdings.grid import Grid
from screener.holdings.tables import Found, Table

# Words that say which day figures are of; those that say when a file was made count where nothing else does.
_OF = re.compile(
    r"\bas (?:of|at)\b|\bperiod\b|statement date|positions? for|\bstand\b|\bstichtag\b|\bper\b|\bvom\b|\bzum\b|"
    r"\bau\b|\bal\b|valuation date|report date|holdings? on|positions? on",
    re.IGNORECASE,
)  # fmt: skip
_MADE = re.compile(
    r"date|download|export|generated|created|positions?|holdings|portfolio|snapshot|depot", re.IGNORECASE
)
LONGEST = 300  # characters of a title; a longer line is a disclaimer


@dataclass
class Dated:
    """The day of a grid, of tables with a column of days, and what is open or not understood."""

    day: pd.Timestamp | None = None
    by_header: Mapping[int, pd.Timestamp] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)

    def of(self, table: Table) -> pd.Timestamp | None:
        return self.by_header.get(table.grid.line[table.header_at], self.day)


def day_of(grid: Grid, found: Found, choices: Choices) -> Dated:
    """The day of the figures; with two readings of 7/1/2026 a problem, unless the user or the layout says the order."""
    out = Dated()
    layouts = [table.header.layout for table in found.tables]
    order = choices.date_order or next((layout.dates for layout in layouts if layout.dates), "")
    place = grid.place
    said: dict[bool, list[tuple[int, str, Day]]] = {True: [], False: []}
    for at in found.outside:
        text = " ".join(cell for cell in grid.rows[at] if cell)
        if not text or len(text) > LONGEST:
            continue
        of = bool(_OF.search(text))
        days = days_of(text, order)
        if not days and (of or _MADE.search(text)):
            serial = (
                serial_day(text, epoch_1904=grid.epoch_1904) if re.search(r"date|as of|as at", text, re.I) else None
            )
            days = [serial] if serial else []
            if not days and of and re.search(r"\b20\d{2}\b", text) and not choices.day:
                message = "a day that is not understood; --holdings-date YYYY-MM-DD"
                out.problems.append(Problem(place, grid.line[at], "day", text[:60], "", message))
        if days and (of or _MADE.search(text) or len(text) < 30):
            said[of].append((grid.line[at], text, days[-1]))
    chosen = said[True] or said[False]
    if chosen:
        out.day = _latest(place, chosen, choices, out)
    by_header = {}
    for table in found.tables:
        day = _column_day(table, order, choices, out)
        if day is not None:
            by_header[table.grid.line[table.header_at]] = day
    out.by_header = by_header
    return out


def _latest(place: str, said: list[tuple[int, str, Day]], choices: Choices, out: Dated) -> pd.Timestamp | None:
    for line, text, day in said:
        if day.other is not None and not choices.day:
            message = f"{day.day:%-d %B %Y} or {day.other:%-d %B %Y}: --date-order mdy or --date-order dmy"
            out.problems.append(Problem(place, line, "day", text[:60], "", message))
    return max(pd.Timestamp(day.day) for _, _, day in said)


def _column_day(table: Table, order: str, choices: Choices, out: Dated) -> pd.Timestamp | None:
    at = table.header.columns.get("day")
    if at is None:
        return None
    texts = list(dict.fromkeys(filter(None, table.cells(at))))[:1000]
    days = [day for text in texts for day in days_of(text, order)[:1]]
    if not days or len(days) < len(texts):
        return None
    open_ = [day for day in days if day.other is not None]
    first = [pd.Timestamp(day.day) for day in days]
    generic = not table.header.layout.needs
    if generic and len(set(first)) > 1:
        return None  # days of purchases
    if open_ and not choices.day:
        # Days of one column have one order: a day past the twelfth shows it.
        both = [(day.day, day.other or day.day) for day in days]
        if all(day.other is not None for day in days):
            name = table.header_text("day")
            message = f"{both[0][0]:%-d %B %Y} or {both[0][1]:%-d %B %Y}: --date-order mdy or --date-order dmy"
            out.problems.append(Problem(table.grid.file, table.grid.line[table.rows[0]], name, texts[0], "", message))
            return None
    if len(set(first)) > 1:
        out.notes.append(
            f"{table.grid.file}: prices of {min(first):%Y-%m-%d} to {max(first):%Y-%m-%d}; the latest day counts"
        )
    return max(first)
