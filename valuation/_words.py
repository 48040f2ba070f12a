"""Figures as they stand in a sentence: multiples, percentages, p-values, intervals, dollars and dates."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Any

import pandas as pd

# Level of significance of every sentence.
SIGNIFICANT = 0.05
MILLION, BILLION = 1e6, 1e9
# Marks beside a figure whose status is not ok; both where an input is old and another a stand-in.
BOTH = "stale, proxy"
MARKS = {"stale": "s", "proxy": "p", BOTH: "sp"}


def is_unknown(value: Any) -> bool:
    """True for None, NaN and NaT."""
    return value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value))


def number(value: Any, shape: str = "{:.2f}") -> str:
    """A number in `shape`; n/a where it is unknown, unbounded where it is infinite."""
    if is_unknown(value):
        return "n/a"
    if isinstance(value, float) and math.isinf(value):
        return "unbounded"
    return shape.format(value)


def multiple(value: float) -> str:
    """`3.5x`: one decimal, two below 1, none from 100 on."""
    return number(value, "{:,.0f}x" if abs(value) >= 100 else "{:.1f}x" if abs(value) >= 0.995 else "{:.2f}x")


def percent(value: float, *, signed: bool = False) -> str:
    """A fraction as `74%`, `+8.1%`: no decimal from 10% on, one below."""
    sign, whole = "+" if signed else "", is_unknown(value) or abs(value) >= 0.0995 or round(value, 3) == round(value, 2)
    return number(value, f"{{:{sign},.0%}}" if whole else f"{{:{sign}.1%}}")


def p_value(value: float) -> str:
    """`p = 0.36`, `p = 0.034`, `p < 0.001`; `p n/a` where there is none."""
    if is_unknown(value):
        return "p n/a"
    if value < 0.001:
        return "p < 0.001"
    return f"p = {value:.2f}" if value >= 0.0995 else f"p = {value:.3f}"


def interval(low: float, high: float, *, percents: bool = False) -> str:
    """`1.7x to 6.4x`, or `+30% to +450%`."""
    if percents:
        return f"{percent(low, signed=True)} to {percent(high, signed=True)}"
    return f"{multiple(low)} to {multiple(high)}"


def usd(value: float) -> str:
    """US dollars as `$8.7m` below a billion and `$1.2bn` from there on."""
    if is_unknown(value):
        return "n/a"
    sign, size = ("-" if value < 0 else ""), abs(value)
    return f"{sign}${size / BILLION:,.1f}bn" if size >= 0.9995 * BILLION else f"{sign}${size / MILLION:,.1f}m"


def per_mw_change(m_usd: float) -> str:
    """A change in m USD per MW with its sign: `+$0.05m`."""
    return f"{'-' if m_usd < 0 else '+'}${abs(m_usd):.2f}m"


def day(value: pd.Timestamp) -> str:
    """`16 January 2026`."""
    return f"{value.day} {value:%B %Y}"


def count(n: float, one: str, many: str = "") -> str:
    """`1 company`, `3 companies`."""
    return f"{int(n):,} {one if int(n) == 1 else many or one + 's'}"


def plural_verb(n: float, verb: str) -> str:
    """`rest` of several, `rests` of one."""
    return f"{verb}s" if int(n) == 1 else verb


def listed(names: Iterable[str], none: str = "none") -> str:
    """`A, B and C`."""
    every = list(names)
    if len(every) < 2:
        return every[0] if every else none
    return f"{', '.join(every[:-1])} and {every[-1]}"
