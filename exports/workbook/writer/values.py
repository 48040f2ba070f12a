"""Values as cells hold them: unknown, other units, dates as serial numbers, texts of a length that a spreadsheet takes."""

from __future__ import annotations

from typing import Any

import pandas as pd

UNKNOWN, NOT_MEANINGFUL, NOT_REPORTED, UNBOUNDED = "n/a", "n.m.", "n.r.", "unbounded"
MILLION = 1e6
LONGEST_TEXT = 32_000  # Excel's own limit is a little more; a longer text is cut with a mark
EPOCH = pd.Timestamp("1899-12-30")  # day 0 of a spreadsheet


def is_unknown(value: Any) -> bool:
    """True for None, NaN and NaT."""
    return value is None or value != value  # noqa: PLR0124 NaN and NaT alone differ from themselves


def steady(value: float) -> float:
    """A computed number to twelve digits: the last bits of a matrix product depend on the processor's make, and the
    same screen must give the same bytes everywhere. A difference of two such numbers is taken after this."""
    return float(f"{value:.12g}")


def meaning(status: str) -> str:
    """`not_meaningful` or `ok`: for figures that show n.m. and no fill by status."""
    return status if status == "not_meaningful" else "ok"


def cause_text(status: str, cause: str) -> str:
    """A status with its cause: `missing: capex unknown`."""
    return f"{status.replace('_', ' ')}{': ' if cause else ''}{cause}"


def scaled(value: Any, unit: float = MILLION) -> Any:
    """A value in other units; unknown stays unknown."""
    return value if is_unknown(value) else value / unit


def as_number(value: Any, kind: str) -> float:
    """A figure as the file holds it: of a date its serial number."""
    return (pd.Timestamp(value) - EPOCH) / pd.Timedelta(days=1) if kind == "date" else float(value)


def cell_text(value: Any) -> str:
    """A text as a cell takes it: empty where unknown, cut with a mark where a spreadsheet would not hold it."""
    text = "" if is_unknown(value) else str(value)
    return text if len(text) <= LONGEST_TEXT else text[: LONGEST_TEXT - 1] + "…"


def day(value: Any) -> str:
    """A date as ISO text, empty where unknown."""
    return "" if is_unknown(value) else f"{pd.Timestamp(value):%Y-%m-%d}"


def serial(value: pd.Timestamp) -> int:
    """Serial number of a date, as a formula that returns a date gives it."""
    return (value - EPOCH).days
