"""Numbers as readers see them: figures with the mark of their status, intervals and p-values."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

MARKS = {"stale": "s", "proxy": "p"}


def number(value: Any, shape: str = "{:.2f}") -> str:
    """A number in `shape`, or n/a where it is unknown."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return "n/a"
    if isinstance(value, float) and math.isinf(value):
        return "unbounded"
    return shape.format(value)


def marked(value: Any, status: str, shape: str = "{:.2f}", scale: float = 1.0) -> str:
    """A number with the mark of its status: s stale, p proxy; n.m. where it means nothing."""
    if status == "not_meaningful":
        return "n.m."
    if status == "missing" or pd.isna(value):
        return "n/a"
    return shape.format(value / scale) + MARKS.get(status, "")


def p_text(p: float) -> str:
    """`= 0.034`, or `< 0.001` where three digits would read as certainty."""
    return "< 0.001" if p < 0.001 else f"= {p:.3f}"


def p_number(value: float) -> str:
    """A p-value for a column: three digits, `< 0.001`, or n/a."""
    return "n/a" if math.isnan(value) else p_text(value).removeprefix("= ")


def span(low: float, high: float, shape: str = "{:.2f}") -> str:
    """`1.86 to 7.08`."""
    return f"{number(low, shape)} to {number(high, shape)}"
