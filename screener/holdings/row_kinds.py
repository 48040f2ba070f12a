"""The kind of each row of a table, from what its columns say and what one unit costs."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pandas as pd

from screener.holdings.choices import Choices
from screener.holdings.kinds import FUND_TOO, Kind, Row, kind_of, plain
from screener.holdings.numbers import Numbers
from screener.holdings.tables import Table

# Names of columns that hold a kind in one file and something else in another: an unknown word there is no fault.
LOOSE = {"type", "class", "category", "kategorie", "art"}


def kinds_of(raw: pd.DataFrame, numbers: dict[str, Numbers], table: Table, choices: Choices) -> list[Kind]:
    """The kind of each row, from its texts, its price and what one unit of it costs."""
    layout = table.header.layout
    binds = "kind" in table.header.columns and plain(table.header_text("kind")) not in LOOSE
    price, quantity, value = (numbers[name].value.to_numpy() for name in ("price", "quantity", "value"))
    cost, unit_cost = numbers["cost"].value.to_numpy(), numbers["unit_cost"].value.to_numpy()
    texts = raw[["ticker", "description", "kind", "strike", "expiry", "right", "isin", "first"]]
    out = []
    for at, (symbol, name, said, strike, expiry, right, isin, first) in enumerate(texts.itertuples(index=False)):
        unit = np.nan
        if symbol in FUND_TOO:
            with np.errstate(all="ignore"):
                tried = (price[at], value[at] / quantity[at], unit_cost[at], cost[at] / quantity[at])
            unit = next((abs(float(x)) for x in tried if np.isfinite(x)), np.nan)
        cash = symbol in layout.cash or first.upper() in layout.cash
        cash |= layout.blank_is_cash and not symbol and not isin and not np.isfinite(quantity[at])
        word = "cash" if cash else said
        # NaN is not equal to itself: of the price only what kinds ask of it goes into the cache's key.
        shown = 1.0 if price[at] == 1 else None if np.isnan(price[at]) else 2.0
        row = Row(symbol, name, word, binds or cash, shown, None if np.isnan(unit) else unit,
                  strike, expiry, right, isin)  # fmt: skip
        out.append(_kind(row, choices.kinds.get(symbol, choices.kinds.get(isin, "") if isin else "")))
    return out


@lru_cache(maxsize=20_000)
def _kind(row: Row, given: str) -> Kind:
    return kind_of(row, given)
