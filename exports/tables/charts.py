"""The model of a chart: made once, drawn by every output that draws, with its units, source, date and text alternative."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

Scale = Literal["linear", "log", "time", "names"]
Kind = Literal["points", "line", "band", "ranges"]
# What a series stands for; every output has one colour for each.
Role = Literal["ai", "mining", "line", "other", "third", "fourth"]


@dataclass(frozen=True)
class Axis:
    """An axis: its title with the unit in it, how its figures are printed, and its scale.

    Attributes
    ----------
    unit : str
        Of `formats.FORMATS`; of a time axis nothing.
    scale : str
        linear, log, time, or names: categories in the order of the series.
    reference : float, optional
        A value to be marked by a thin line, such as a ratio of 1.
    """

    title: str
    unit: str = "number"
    scale: Scale = "linear"
    reference: float | None = None


@dataclass(frozen=True)
class Series:
    """Points of one kind.

    Attributes
    ----------
    x, y : sequence
        Dates on a time axis, names on one of names; y is NaN where a point is unknown: a line breaks there.
    low, high : sequence of float
        Ends of a band or of ranges.
    labels : sequence of str
        Name of each point, printed beside it.
    """

    name: str
    kind: Kind
    role: Role
    x: Sequence[Any]
    y: Sequence[float]
    low: Sequence[float] = ()
    high: Sequence[float] = ()
    labels: Sequence[str] = ()


@dataclass(frozen=True)
class ChartSpec:
    """One chart.

    Attributes
    ----------
    name : str
        Of letters and hyphens, unique on a page.
    text : str
        What the chart shows, in a sentence or two with its figures: read aloud in its place.
    source : str
        What the figures rest on.
    as_of : Timestamp
    """

    name: str
    title: str
    x: Axis
    y: Axis
    series: Sequence[Series]
    text: str
    source: str
    as_of: pd.Timestamp

    @property
    def empty(self) -> bool:
        """Whether there is no point to draw."""
        return not any(pd.notna(value) for one in self.series for value in (*one.y, *one.low))
