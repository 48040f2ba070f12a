"""Figures of a portfolio in sentences: dollars, power in the unit that fits, shortened names."""

from __future__ import annotations

import math

from exports.tables.formats import money, number

KW = 1000.0


def dollars(value: float, sign: str = "") -> str:
    """`$220,077`, from ten million on `$22.0m`; `sign` before what is not negative; n/a where it is unknown."""
    if math.isnan(value):
        return "n/a"
    if abs(value) >= 1e7:
        text = money(value)
        return text if value < 0 else f"{sign}{text}"
    return f"{'-' if value < 0 else sign}${abs(value):,.0f}"


def power_unit(mw: float) -> tuple[str, float]:
    """Unit that fits an amount of power, and how many of it are a MW: MW, or kW below one MW."""
    return ("MW", 1.0) if math.isnan(mw) or abs(mw) >= 1 else ("kW", KW)


def power(mw: float) -> str:
    """`4.8 MW`, or `26.5 kW` where it is below one MW."""
    unit, times = power_unit(mw)
    return number(mw * times, f"{{:,.1f}} {unit}")


def short(text: str, width: int) -> str:
    """A text of at most `width` characters."""
    return text if len(text) <= width else text[: width - 1] + "…"
