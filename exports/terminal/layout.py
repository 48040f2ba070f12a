"""What the pages of the terminal share: numbers, plain tables, lines of bars."""

from __future__ import annotations

import math

import pandas as pd
from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from valuation.findings import CAN, CANNOT, TITLES

BARS = "▁▂▃▄▅▆▇█"


def table(*headers: str, left: int = 1) -> Table:
    """A plain table; the first `left` columns are text, the others numbers."""
    out = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for i, header in enumerate(headers):
        out.add_column(header, justify="left" if i < left else "right")
    return out


def dense(*headers: str, left: int = 1) -> Table:
    """A table without rules, where many columns must stand on 80 characters."""
    out = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for i, header in enumerate(headers):
        out.add_column(header, justify="left" if i < left else "right", no_wrap=True)
    return out


def small(console: Console, text: str) -> None:
    """A line of method or of what is left out."""
    console.print(Text(text, "dim"))


def warn(console: Console, text: str) -> None:
    """A line that a reader must not miss."""
    console.print(Text(text, "yellow"))


def said(console: Console, can: list[str], cannot: list[str]) -> None:
    """Findings and limitations, a point a line."""
    points(console, TITLES[CAN], can)
    points(console, TITLES[CANNOT], cannot)


def points(console: Console, title: str, lines: list[str]) -> None:
    """A heading and its points, a point a line; nothing where there are none."""
    if lines:
        console.print(f"\n[bold]{title}[/]")
    for line in lines:
        grid = Table.grid(padding=(0, 1, 0, 0))
        grid.add_row("-", Text(line))
        console.print(grid)


def spark(values: pd.Series, width: int = 60) -> str:
    """A line of bars, at most `width` of them."""
    step = max(1, math.ceil(len(values) / width))
    points = values.to_numpy()[::-step][::-1]
    low, high = points.min(), points.max()
    reach = (high - low) or 1.0
    return "".join(BARS[int((v - low) / reach * (len(BARS) - 1))] for v in points)
