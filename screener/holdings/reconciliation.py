"""A file held against itself: quantity x price x unit against the value, the sum against the total, cost against cost.

Brokers round what they show and refresh price and value at different moments: a difference within half a unit of the last
decimal of each figure, or within 0.5% of the value, is none.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.errors import Problem

WITHIN = 0.005  # of the larger figure
# Costs are averages of several trades, rounded and adjusted; only a figure of another size is told.
COST_WITHIN = 5.0


def agrees(a: pd.Series, b: pd.Series, slack: pd.Series | float = 0.0) -> pd.Series:
    """Whether the sizes of two figures are the same but for rounding."""
    a, b = a.abs(), b.abs()
    return (a - b).abs() <= np.maximum(WITHIN * np.maximum(a, b), slack) + 1e-9


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


@dataclass(frozen=True)
class Total:
    """A line of a total: its value, and the kind and currency that it is of, empty for all."""

    file: str
    line: int
    column: str
    value: float
    kind: str
    currency: str
    account: str
    at: int  # place of the row within the table
    step: float = 0.01


def total_problem(total: Total, rows: pd.DataFrame, before: float) -> Problem | None:
    """A total that is the sum of no group of rows above it; None where it is one, or cannot be checked.

    Parameters
    ----------
    rows : DataFrame
        at, amount (the file's value of each row in its own currency, NaN unknown), sign of the quantity, kind_text,
        currency_text, currency, account, of the total's table; `since` is the number of the total above each row.
    before : sum over the tables above this one
    """
    if total.kind:
        rows = rows[rows["kind_text"] == total.kind]
    if total.currency:
        rows = rows[rows["currency_text"] == total.currency]
    if rows.empty or rows["amount"].isna().any():
        return None
    above = rows[rows["at"] < total.at]
    last = above[above["since"] == above["since"].max()] if len(above) else above
    mine = rows[rows["account"] == total.account] if total.account else rows
    groups = [rows, above, last, mine]
    # Shorts are summed with their sign where the file shows them without.
    signed = [float((group["amount"].abs() * group["sign"]).sum()) for group in groups if len(group)]
    sums = [*(float(group["amount"].sum()) for group in groups if len(group)), *signed]
    sums += [total_sum + before for total_sum in sums]
    slack = len(rows) * 0.5 * max(total.step, 0.01)
    size = float(rows["amount"].abs().sum())
    for found in sums:
        if abs(found - total.value) <= max(WITHIN * max(abs(total.value), 0.2 * size), slack):
            return None
    if len(set(rows["currency"])) > 1 and not total.currency:
        return None
    own = sums[0]
    why = cause(abs(total.value / own)) if own else ""
    return Problem(
        total.file, total.line, total.column, f"{total.value:,.2f}", "",
        message=f"the total of {total.value:,.2f} is not the sum of the lines, {own:,.2f}"
        + (f" ({why})" if why else "") + f"; --accept {total.line} takes the lines",
    )  # fmt: skip
