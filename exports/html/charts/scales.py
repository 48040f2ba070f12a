"""Scales of a chart: from values to places, and where the ticks stand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from exports.tables.charts import Axis
from exports.tables.formats import texts

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
LOG_STEPS = ((1.0,), (1.0, 3.0), (1.0, 2.0, 5.0), (1.0, 1.5, 2.0, 3.0, 4.0, 5.0, 7.0))
MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)
LEAST_LOG_TICKS = 3


@dataclass(frozen=True)
class Scale:
    """From values to places between `start` and `end`, with ticks in both."""

    low: float
    high: float
    start: float
    end: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    log: bool = False

    def at(self, value: float) -> float:
        """The place of a value."""
        low, high, value = (math.log(v) if self.log else v for v in (self.low, self.high, value))
        return self.start + (value - low) / (high - low) * (self.end - self.start)


def scale_of(axis: Axis, values: Sequence[float], start: float, end: float, most: int) -> Scale:
    """The scale that holds every known value, with at most about `most` ticks.

    Parameters
    ----------
    values : sequence of float
        On a time axis days since 1970. NaN and, on a log scale, values that are not positive are passed over.
    """
    known = [v for v in values if not math.isnan(v) and math.isfinite(v) and (axis.scale != "log" or v > 0)]
    if axis.reference is not None:
        known.append(axis.reference)
    low, high = (min(known), max(known)) if known else (0.0, 1.0)
    if axis.scale == "time":
        return _time(low, high, start, end, most)
    if axis.scale == "log":
        return _log(axis, low, high, start, end, most)
    low, high = (low - 0.5, high + 0.5) if _alike(low, high) else (low, high)
    step = _step((high - low) / max(most - 1, 1))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    ticks = tuple(round(step * k, 12) for k in range(first, last + 1))
    return Scale(ticks[0], ticks[-1], start, end, ticks, tuple(texts(ticks, axis.unit)))


def _alike(low: float, high: float) -> bool:
    """Whether two ends are too close for ticks of their own."""
    return math.isclose(low, high, rel_tol=1e-9, abs_tol=0.0)


def _step(size: float) -> float:
    """The smallest round step of at least a size."""
    power = 10.0 ** math.floor(math.log10(size))
    return next(step * power for step in STEPS if step * power >= size * (1 - 1e-9))


def _log(axis: Axis, low: float, high: float, start: float, end: float, most: int) -> Scale:
    """Ticks of 1, 2 and 5 times the powers of ten, finer or coarser as the room asks; a twentieth free at each end."""
    if _alike(low, high):
        low, high = low / 1.5, high * 1.5
    free = 0.05 * math.log(high / low)
    low, high = low * math.exp(-free), high * math.exp(free)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    made = [
        tuple(tick for power in powers for step in steps if low <= (tick := step * 10.0**power) <= high)
        for steps in LOG_STEPS
    ]
    fitting = [ticks for ticks in made if LEAST_LOG_TICKS <= len(ticks) <= most]
    ticks = fitting[-1] if fitting else next((t for t in made if len(t) >= LEAST_LOG_TICKS), made[-1])
    if len(ticks) < LEAST_LOG_TICKS:  # within one of these steps a log scale is as good as even
        step = _step((high - low) / most)
        while math.floor(high / step) - math.ceil(low / step) < 1:
            step = _step(0.4 * step)
        ticks = tuple(round(step * k, 12) for k in range(math.ceil(low / step), math.floor(high / step) + 1))
    return Scale(low, high, start, end, ticks, tuple(texts(ticks, axis.unit)), log=True)


def _time(low: float, high: float, start: float, end: float, most: int) -> Scale:
    """Ticks at the first days of months, quarters or years."""
    if low == high:
        low, high = low - 45, high + 45
    first, last = (pd.Timestamp(int(day), unit="D") for day in (math.floor(low), math.ceil(high)))
    months = pd.date_range(first.to_period("M").to_timestamp(), last, freq="MS")
    for step in MONTH_STEPS:
        shown = [m for m in months if (12 * m.year + m.month - 1) % step == 0 and m >= first]
        if len(shown) <= most:
            break
    form = "%Y" if step >= MONTH_STEPS[4] else "%b %Y"
    ticks = tuple(days(month) for month in shown)
    return Scale(low, high, start, end, ticks, tuple(f"{month:{form}}" for month in shown))


def days(moment: pd.Timestamp) -> float:
    """Days since 1970, NaN of an unknown date."""
    return math.nan if pd.isna(moment) else (moment - pd.Timestamp(0)) / pd.Timedelta(days=1)
