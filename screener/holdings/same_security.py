"""Rows of one security held against each other, and the name of an ISIN against the name in the file."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from screener.holdings import currencies
from screener.holdings.identifiers import names_by_isin, tickers_by_isin
from screener.holdings.kinds import CASH, FUTURE, Kind
from screener.holdings.layouts import GENERIC
from screener.holdings.reconciliation import apart

if TYPE_CHECKING:
    from screener.holdings.choices import Choices
    from screener.holdings.faults import Faults
    from screener.holdings.tables import Table
    from screener.holdings.units import Figures

# Rows of one table are priced within minutes of each other.
APART = 1.1
# Words that names of different companies share.
_COMMON = frozenset({
    "inc", "incorporated", "corp", "corporation", "co", "company", "ltd", "limited", "plc", "llc", "nv", "sa", "ag", "se",
    "holdings", "holding", "group", "the", "of", "and", "class", "common", "stock", "shares", "ordinary", "registered",
    "trust", "fund", "etf", "technologies", "digital",
})  # fmt: skip


def check(
    raw: pd.DataFrame, kinds: list[Kind], kind: pd.Series, figures: Figures, currency: pd.Series, table: Table,
    faults: Faults, choices: Choices,
) -> list[str]:  # fmt: skip
    """Notes on rows of one security that differ in price, and on names; contradicting market prices refuse the file."""
    ticker = pd.Series([found.ticker for found in kinds], index=raw.index, dtype=object)
    good = ~raw["line"].isin(faults.lines)
    return [
        *_two_prices(raw, ticker, kind, figures, currency, good, table, faults, choices),
        *_other_names(raw, good, table),
    ]


def _two_prices(
    raw: pd.DataFrame, ticker: pd.Series, kind: pd.Series, figures: Figures, currency: pd.Series, good: pd.Series,
    table: Table, faults: Faults, choices: Choices,
) -> list[str]:  # fmt: skip
    """A security at two prices in one table: one of the rows is of another security.

    Where the table has a column of costs, or is a broker's, its price is the market's and the file is refused; in a list
    without costs a price may be what was paid, and a note says it.
    """
    if not ticker.duplicated().any():
        return []
    price, main = figures.price, currency.map(currencies.main)
    rows = pd.DataFrame({"ticker": ticker, "kind": kind, "main": main, "price": price, "line": raw["line"]})
    rows = rows[good & (price > 0) & (figures.quantity != 0) & ~kind.isin((CASH, FUTURE))]
    again = rows[rows.duplicated(["ticker", "kind", "main"], keep=False)]
    market = table.header.layout.name != GENERIC or bool({"cost", "unit_cost"} & set(table.header.columns))
    notes = []
    for (name, _, code), group in again.groupby(["ticker", "kind", "main"], sort=False):
        first = group.iloc[0]
        ratio = group["price"] / first["price"]
        for at in group.index[apart(ratio, APART)]:
            line = int(raw.at[at, "line"])
            words = (
                f"{name}: a price of {price.at[at]:,.4g} {code}, and of {first['price']:,.4g} {code} "
                f"on line {int(first['line'])}"
            )
            place = f"{table.grid.file}:{line}"
            if not market:
                notes.append(f"{place}: {words}")
            elif choices.accepts(table.grid.file, line, str(name)):
                notes.append(f"Accepted: {place}: {words}; both stand")
            else:
                faults.refuse_row(int(at), "price", f"{price.at[at]:,.4g}", f"{words}; --accept {line} takes both")
    return notes


def _other_names(raw: pd.DataFrame, good: pd.Series, table: Table) -> list[str]:
    """Rows whose security is known by its ISIN alone, under a name that shares no word with the security's."""
    if not raw["by_isin"].any():
        return []
    notes = []
    known, names = tickers_by_isin(), names_by_isin()
    bare = good & raw["isin"].isin(known.keys()) & (raw["isin"].map(known) == raw["ticker"]) & raw["by_isin"]
    for at in np.flatnonzero((bare & (raw["description"] != "")).to_numpy(dtype=bool)):
        isin, said, line = raw["isin"].iloc[at], raw["description"].iloc[at], int(raw["line"].iloc[at])
        mine, own = _words(said), _words(names[isin]) | {known[isin].lower()}
        if mine and not any(a.startswith(b) or b.startswith(a) for a in mine for b in own):
            notes.append(
                f"{table.grid.file}:{line}: the ISIN {isin} is that of {names[isin]}, and the file's name is {said[:60]}"
            )
    return notes


def _words(name: str) -> set[str]:
    return set(re.findall(r"[a-z0-9]+", name.lower())) - _COMMON
