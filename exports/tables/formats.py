"""How each unit is printed: scale, decimals, words of the header; and single figures in a sentence."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from valuation._words import MARKS, day, interval, is_unknown, multiple, number, p_value, per_mw_change, percent
from valuation.metrics import UNITS

__all__ = [
    "FORMATS", "LEFT_ALIGNED", "LEGEND", "MARKS", "Format", "day", "figure", "format_of", "interval", "is_unknown",
    "money", "multiple", "number", "p_number", "p_value", "per_mw", "per_mw_change", "percent", "price", "several",
    "spark", "texts", "worded",
]  # fmt: skip

UNKNOWN, NOT_MEANINGFUL, UNBOUNDED = "n/a", "n.m.", "unbounded"
LEGEND = "s stale, p proxy, sp both, n/a unknown, n.m. not meaningful"


@dataclass(frozen=True)
class Format:
    """How a unit is printed.

    Attributes
    ----------
    words : str
        The unit in a column's header; empty where each cell carries it.
    scale : float
        A printed figure is the value over this.
    decimals, finer : int
        Decimals of a column; `finer` where a figure would else print as zero, or most figures are below 1.
    """

    words: str = ""
    scale: float = 1.0
    decimals: int = 0
    finer: int = 0
    suffix: str = ""
    sign: str = ""

    def pattern(self, values: Sequence[float]) -> str:
        """The format string of a column with these values."""
        sizes = sorted(abs(value / self.scale) for value in values if value != 0)
        small = bool(sizes) and (sizes[0] < 0.5 * 10**-self.decimals or sizes[len(sizes) // 2] < 1)
        return f"{{:{self.sign},.{max(self.decimals, self.finer) if small else self.decimals}f}}{self.suffix}"


FORMATS = {
    # The units of the metric registry.
    "usd": Format("$bn", 1e9, 1, 2),
    "usd_per_share": Format("$", 1.0, 2),
    "m_usd_per_mw": Format("$m per MW", 1.0, 1, 2),
    "mw": Format("MW", 1.0, 0, 2),
    "mw_critical_it": Format("IT MW", 1.0, 0),
    "shares": Format("m", 1e6, 1),
    "multiple": Format("", 1.0, 1, 2, "x"),
    "multiple_fine": Format("", 1.0, 2, 2, "x"),
    "fraction": Format("", 0.01, 0, 0, "%"),
    "count": Format(),
    "text": Format(),
    # What tables need besides.
    "usd_fine": Format("$bn", 1e9, 2),
    "usd_m": Format("$m", 1e6, 0),
    "usd_m_bare": Format("", 1e6, 0),  # where the table's title has the unit
    "usd_m_fine": Format("$m", 1e6, 2),
    "usd_whole": Format("$", 1.0, 0),
    "usd_change": Format("$", 1.0, 0, sign="+"),
    "usd_per_kwh": Format("$/kWh", 1.0, 3),
    "m_usd_per_mw_fine": Format("$m per MW", 1.0, 2),
    "fraction_fine": Format("", 0.01, 1, 1, "%"),
    "change": Format("", 0.01, 0, 0, "%", "+"),
    "change_fine": Format("", 0.01, 1, 1, "%", "+"),
    "number": Format("", 1.0, 2),
    "number_fine": Format("", 1.0, 1),
    "signed": Format("", 1.0, 2, sign="+"),
    "signed_fine": Format("", 1.0, 3, sign="+"),
    "years": Format("years", 1.0, 1),
    "eh_per_s": Format("EH/s", 1.0, 1),
    "j_per_th": Format("J/TH", 1.0, 1),
    "p": Format(),
    "date": Format(),
    "quarter": Format(),
    "url": Format(),  # a page links to it
    "figures": Format(),  # figures of several units, printed already
}  # fmt: skip
LEFT_ALIGNED = {"text", "date", "url"}


def format_of(unit: str) -> Format:
    """The format of a unit; two decimals under its own words for one that only the metric registry knows."""
    return FORMATS.get(unit) or Format(UNITS.get(unit, unit), 1.0, 2)


def texts(
    values: Sequence[Any],
    unit: str,
    statuses: Sequence[str] | None = None,
    *,
    unknown: str = UNKNOWN,
    zero: str | None = None,
) -> list[str]:
    """A column as printed: one number of decimals, a mark for a status, n/a where unknown, n.m. where meaningless."""
    states = statuses if statuses is not None else ["ok"] * len(values)
    numbers = [float(v) for v in values if isinstance(v, (int, float)) and not is_unknown(v) and math.isfinite(v)]
    pattern = format_of(unit).pattern(numbers)
    return [_cell(value, state, unit, pattern, unknown, zero) for value, state in zip(values, states, strict=True)]


def _cell(value: Any, status: str, unit: str, pattern: str, unknown: str, zero: str | None) -> str:
    if status == "not_meaningful":
        return NOT_MEANINGFUL
    if status == "missing" or is_unknown(value):
        return unknown
    text = _plain(value, unit, pattern)
    if (
        zero is not None
        and status == "ok"
        and (value == 0 or (format_of(unit).sign and not any(c in text for c in "123456789")))
    ):
        return zero
    return text + (MARKS.get(status, "") if unit not in LEFT_ALIGNED else "")


def _plain(value: Any, unit: str, pattern: str) -> str:
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, (str, pd.Period)) or unit in LEFT_ALIGNED:
        return ("no", "yes")[value] if isinstance(value, bool) else str(value)
    if math.isinf(value):
        return UNBOUNDED
    if unit == "p":
        return p_number(value)
    text = pattern.format(value / format_of(unit).scale)
    return text.replace("-", "", 1) if text.startswith("-") and not any(c in "123456789" for c in text) else text


def figure(value: Any, unit: str, status: str = "ok") -> str:
    """One figure in a unit, as a column with it alone would print it."""
    return texts([value], unit, [status])[0]


def money(usd: float | None) -> str:
    """`$5.2bn`, `$350m`, `$12,345`; with a minus in front where negative."""
    if is_unknown(usd):
        return UNKNOWN
    assert usd is not None
    size = abs(usd)
    sign = "-" if usd < 0 else ""
    if size >= 0.9995e9:
        return f"{sign}${size / 1e9:,.1f}bn"
    if size >= 0.9995e6:
        return f"{sign}${size / 1e6:,.{0 if size >= 1e7 else 1}f}m"
    return f"{sign}${size:,.0f}"


def per_mw(m_usd: float | None) -> str:
    """`$3.6m`: millions of USD per MW, two decimals below 1."""
    return UNKNOWN if is_unknown(m_usd) else f"${m_usd:,.{2 if abs(m_usd or 0.0) < 1 else 1}f}m"


def price(usd: float | None) -> str:
    """`$12.34`."""
    if is_unknown(usd):
        return UNKNOWN
    assert usd is not None
    return f"{'-' if usd < 0 else ''}${abs(usd):,.2f}"


def worded(value: Any, unit: str, status: str = "ok") -> str:
    """A figure with its unit, as in a sentence: `$5.2bn`, `$3.6m`, `1,447 MW`, `762.4m shares`, `47%`; n/a, n.m."""
    if status == "not_meaningful":
        return NOT_MEANINGFUL
    if status == "missing" or is_unknown(value):
        return UNKNOWN
    if unit in _WORDED:
        return str(_WORDED[unit](value))
    return figure(value, unit) + _AFTER.get(unit, "")


def several(count: int, what: str, many: str = "") -> str:
    """`1 warning`, `13 warnings`."""
    return f"{count:,} {what if count == 1 else many or f'{what}s'}"


BARS = "▁▂▃▄▅▆▇█"


def spark(values: pd.Series, width: int = 60) -> str:
    """A line of bars, at most `width` of them, the last one the last value."""
    step = max(1, math.ceil(len(values) / width))
    points = values.to_numpy()[::-step][::-1]
    low, high = points.min(), points.max()
    reach = (high - low) or 1.0
    return "".join(BARS[int((v - low) / reach * (len(BARS) - 1))] for v in points)


def p_number(value: float) -> str:
    """A p-value for a column: `0.034`, `< 0.001`, `n/a`."""
    return p_value(value).removeprefix("p ").removeprefix("= ")


_WORDED = {
    "usd": money, "usd_per_share": price, "m_usd_per_mw": per_mw, "usd_whole": "${:,.0f}".format,
    "m_usd_per_mw_fine": "${:,.2f}m".format, "usd_per_kwh": "${:,.3f} per kWh".format,
}  # fmt: skip
_AFTER = {"mw": " MW", "mw_critical_it": " critical IT MW", "shares": "m shares", "j_per_th": " J/TH"}
