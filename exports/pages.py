"""What the pages of the terminal share: numbers, plain tables, lines of bars."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from exports.terminal import p_text

BARS = "▁▂▃▄▅▆▇█"


def number(value: Any, shape: str = "{:.2f}") -> str:
    """A number in `shape`, or n/a where it is unknown."""
    if value is None or value is pd.NaT or (isinstance(value, float) and math.isnan(value)):
        return "n/a"
    if isinstance(value, float) and math.isinf(value):
        return "unbounded"
    return shape.format(value)


def p_number(value: float) -> str:
    """A p-value for a column: three digits, `< 0.001`, or n/a."""
    return "n/a" if math.isnan(value) else p_text(value).removeprefix("= ")


def span(low: float, high: float, shape: str = "{:.2f}") -> str:
    """`1.86 to 7.08`."""
    return f"{number(low, shape)} to {number(high, shape)}"


def table(*headers: str, left: int = 1) -> Table:
    """A plain table; the first `left` columns are text, the others numbers."""
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for i, header in enumerate(headers):
        out.add_column(header, justify="left" if i < left else "right")
    return out


def small(console: Console, text: str) -> None:
    """A line of method or of what is left out."""
    console.print(Text(text, "dim"))


def warn(console: Console, text: str) -> None:
    """A line that a reader must not miss."""
    console.print(Text(text, "yellow"))


def said(console: Console, can: list[str], cannot: list[str]) -> None:
    """What the numbers allow to say and what they do not, a point a line."""
    for title, points in (("What can be said", can), ("What cannot be said", cannot)):
        if points:
            console.print(f"\n[bold]{title}[/]")
        for point in points:
            grid = Table.grid(padding=(0, 1, 0, 0))
            grid.add_row("-", Text(point))
            console.print(grid)


def spark(values: pd.Series, width: int = 60) -> str:
    """A line of bars, at most `width` of them."""
    step = max(1, math.ceil(len(values) / width))
    points = values.to_numpy()[::-step][::-1]
    low, high = points.min(), points.max()
    reach = (high - low) or 1.0
    return "".join(BARS[int((v - low) / reach * (len(BARS) - 1))] for v in points)
