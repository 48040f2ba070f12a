"""What the sheets of worth share: contracts in order, companies in order, classes and their rates."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from exports.workbook.writer.cells import is_unknown
from valuation.contracts.credit import CLASSES
from valuation.contracts.terms import CLOUD, LEASE
from valuation.fundamentals.contract_schedule import DAYS_PER_YEAR

if TYPE_CHECKING:
    from exports.workbook.writer.context import Book
    from valuation.nav.analysis import NavAnalysis

WORDS = {LEASE: "lease", CLOUD: "GPU cloud"}
EPOCH = pd.Timestamp("1899-12-30")  # day 0 of a spreadsheet
CLASS_WORDS = {name: name.replace("_", " ") for name in CLASSES}


@dataclass(frozen=True)
class Scheduled:
    """The scheduled contracts in the order of the companies.

    Attributes
    ----------
    rows : list of dict
        Of `Calendar.contracts`.
    at : list of int
        Their positions in the calendar.
    years : list of int
        From the as-of year to the last.
    remaining : float array (rows, years), USD
    """

    rows: list[dict[str, Any]]
    at: list[int]
    years: list[int]
    remaining: np.ndarray


def worth(book: Book) -> NavAnalysis:
    """The worth of the screen; its sheets are written only where there is one."""
    found = book.screen.nav
    if found is None:
        raise ValueError("this screen holds no worth")
    return found


def scheduled(book: Book) -> Scheduled:
    """Contracts with a value and a term, by company and start."""
    calendar = worth(book).book.calendar
    frame = calendar.contracts.assign(_row=calendar.contracts["ticker"].map(book.row_of))
    frame = frame.sort_values(["_row", "start_used", "contract_id"], kind="stable")
    first = book.screen.as_of.year
    last = max([first, *calendar.years[(calendar.remaining > 0).any(axis=0)]]) if len(frame) else first
    years = list(range(first, int(last) + 1))
    at = list(frame.index)
    remaining = np.zeros((len(frame), len(years)))
    for k, year in enumerate(years):
        # Before the first start of any contract the calendar has no such year.
        if len(frame) and year >= calendar.years[0]:
            remaining[:, k] = calendar.remaining[at, year - calendar.years[0]]
    return Scheduled(frame.astype(object).to_dict("records"), at, years, remaining)


def by_company(book: Book, frame: pd.DataFrame) -> dict[str, list[Any]]:
    """A frame of one date as lists in the order of the companies."""
    ordered = frame.droplevel("as_of").reindex(book.tickers) if frame.index.nlevels > 1 else frame.reindex(book.tickers)
    return {str(column): ordered[column].tolist() for column in ordered.columns}


def contract_row(book: Book) -> dict[str, int]:
    """Record of each contract on the sheet Contracts."""
    return {record["contract_id"]: k for k, record in enumerate(book.contracts)}


def of_class(book: Book, cell: str, prefix: str) -> str:
    """A formula: the assumption `prefix` of the class that stands in a cell."""
    a, b, c = (book.assumption(f"{prefix}_{name}") for name in CLASSES)
    return f'IF({cell}="{CLASS_WORDS[CLASSES[0]]}",{a},IF({cell}="{CLASS_WORDS[CLASSES[1]]}",{b},{c}))'


def start(book: Book, record: dict[str, Any], link: int) -> str:
    """A formula: the start of a contract on the sheet Contracts, or the one that is assumed."""
    there = book.grids["contracts"]
    if not record["start_is_assumed"]:
        return there.link("start", link)
    lag = "start_lag_gpu_cloud_years" if record["business"] == CLOUD else "start_lag_lease_years"
    return f"{there.link('announced', link)}+ROUND({book.assumption(lag)}*{DAYS_PER_YEAR},0)"


def serial(day: pd.Timestamp) -> int:
    """A day as a spreadsheet counts it."""
    return (day - EPOCH).days


def known(value: Any, unknown: Any = 0.0) -> Any:
    """A value, or what stands in a sum where it is unknown."""
    return unknown if is_unknown(value) else value
