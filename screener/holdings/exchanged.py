"""Whether the columns of quantities and prices are exchanged: their product, the value, is the same either way."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.holdings.kinds import CASH
from screener.holdings.numbers import Numbers

# Times that a price may be away from its unit cost in more than half of the rows before the quantity is looked at instead.
FAR = 3.0
NAMED = 10  # tickers in a note


def notes(numbers: dict[str, Numbers], kind: pd.Series, ticker: pd.Series, file: str) -> list[str]:
    """What says that the two are exchanged, over rows that have both; two rows at least.

    Every quantity is nearer to its unit cost than the price is, and the prices are far from it; or most quantities have
    decimals and no price has any.
    """
    quantity, price, each = (numbers[name].value.abs() for name in ("quantity", "price", "unit_cost"))
    rows = (quantity > 0) & (price > 0) & (kind != CASH)
    if rows.sum() < 2:
        return []
    names = ", ".join(dict.fromkeys(ticker[rows][:NAMED]))
    out = []
    paid = rows & (each > 0)
    with np.errstate(all="ignore"):
        by_quantity, by_price = np.log(quantity / each)[paid].abs(), np.log(price / each)[paid].abs()
    if paid.sum() > 1 and (by_quantity < by_price).all() and by_quantity.median() < np.log(FAR) < by_price.median():
        out.append(
            f"{file}: {names}: quantities are nearer to the unit costs than prices are: the columns may be exchanged"
        )
    whole = numbers["price"].step[rows] >= 1
    parts = (numbers["quantity"].step[rows] <= 0.01) & (quantity[rows] % 1 != 0)
    if whole.all() and parts.mean() > 0.5:
        out.append(f"{file}: {names}: quantities have decimals and prices have none: the columns may be exchanged")
    return out
