"""Contracts, companies and credit classes in the order and wording of the net asset value sheets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from exports.workbook.writer.values import is_unknown
from valuation.contracts.credit import CLASSES
from valuation.contracts.terms import CLOUD, LEASE

if TYPE_CHECKING:
    from exports.workbook.writer.context import ScreenBook
    from valuation.nav.analysis import NavAnalysis

BUSINESSES = {LEASE: "lease", CLOUD: "GPU cloud"}
CLASS_LABELS = {name: name.replace("_", " ") for name in CLASSES}


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


def analysis(book: ScreenBook) -> NavAnalysis:
    """Net asset values of the report; their sheets are written only where there are any."""
    if book.screen.nav is None:
        raise LookupError("this report holds no net asset values")
    return book.screen.nav


def scheduled(book: ScreenBook) -> Scheduled:
    """Contracts with a value and a term, by company and start."""
    return book.once(_scheduled)


def _scheduled(book: ScreenBook) -> Scheduled:
    calendar = analysis(book).book.calendar
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


def by_company(book: ScreenBook, frame: pd.DataFrame) -> dict[str, list[Any]]:
    """A frame of one date as lists in the order of the companies."""
    ordered = frame.droplevel("as_of").reindex(book.tickers) if frame.index.nlevels > 1 else frame.reindex(book.tickers)
    return {str(column): ordered[column].tolist() for column in ordered.columns}


def net_asset_values(book: ScreenBook) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Net asset values by company and their statuses, as `by_company` lists them; several sheets read them row by row."""
    return book.once(_net_asset_values)


def _net_asset_values(book: ScreenBook) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    nav = analysis(book).nav
    return by_company(book, nav.table), by_company(book, nav.status)


def of_class(book: ScreenBook, cell: str, prefix: str) -> str:
    """Formula: the assumption `prefix` of the credit class in a cell."""
    a, b, c = (book.assumption(f"{prefix}_{name}") for name in CLASSES)
    first, second = (CLASS_LABELS[name] for name in CLASSES[:2])
    return f'IF({cell}="{first}",{a},IF({cell}="{second}",{b},{c}))'


def known(value: Any, unknown: Any = 0.0) -> Any:
    """A value, or what stands in a sum where it is unknown."""
    return unknown if is_unknown(value) else value
