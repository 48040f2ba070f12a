"""A file held against itself: quantity x price x unit against the value, cost against cost.

Brokers round what they show and refresh price and value at different moments: a difference within half a unit of the last
decimal of each figure, or within 0.5% of the value, is none.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

WITHIN = 0.005  # of the larger figure
# Costs are averages of several trades, rounded and adjusted; only a figure of another size contradicts.
COST_WITHIN = 5.0


def agrees(a: pd.Series, b: pd.Series, slack: pd.Series | float = 0.0) -> pd.Series:
    """Whether the sizes of two figures are the same but for rounding."""
    a, b = a.abs(), b.abs()
    return (a - b).abs() <= np.maximum(WITHIN * np.maximum(a, b), slack) + 1e-9


def apart(ratio: pd.Series, times: float) -> pd.Series:
    """Whether one figure is more than so many times another, either way; False where their ratio is unknown."""
    return (ratio > times) | (ratio < 1 / times)


def rounding(quantity: pd.Series, price: pd.Series, unit: pd.Series, steps: pd.DataFrame) -> pd.Series:
    """What half a unit of the last decimal shown of quantity, price and value makes in the value."""
    return (
        steps["price"].fillna(0) / 2 * quantity.abs() * unit
        + steps["quantity"].fillna(0) / 2 * price.abs() * unit
        + steps["value"].fillna(0) / 2
    )


def cause(ratio: float) -> str:
    """What makes one figure so many times another; empty where nothing usual does."""
    size = max(ratio, 1 / ratio) if ratio > 0 else np.inf
    if 95 < size < 105:
        return "100 times: pence and pounds, per cent of par, or a contract of 100"
    if 950 < size < 1050:
        return "1,000 times: a decimal mark read as a thousands separator, or the reverse (--decimal)"
    if 9.5 < size < 10.5:
        return "10 times: a digit too many or too few, or shares of before a split"
    if 1.02 < size < 2:
        return "perhaps another currency or another day"
    return ""
