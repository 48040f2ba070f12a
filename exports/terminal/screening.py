"""A screening rule's answer, and the registry of metrics, in a terminal of 80 columns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from exports.commentary.numbers import MARKS
from exports.terminal.screen import WIDTH
from valuation.metrics import METRICS, UNITS, Metric
from valuation.screening.result import Screened

# How a unit is shown: scale, shape, words of the header.
SHOWN = {
    "usd": (1e9, "{:,.2f}", "bn USD"),
    "usd_per_share": (1.0, "{:,.2f}", "USD"),
    "m_usd_per_mw": (1.0, "{:,.2f}", "m USD/MW"),
    "mw": (1.0, "{:,.0f}", "MW"),
    "mw_critical_it": (1.0, "{:,.0f}", "IT MW"),
    "shares": (1e6, "{:,.1f}", "m shares"),
    "multiple": (1.0, "{:,.2f}x", ""),
    "fraction": (0.01, "{:,.0f}%", ""),
    "count": (1.0, "{:,.0f}", ""),
    "text": (1.0, "{}", ""),
}
HEADER = 13  # characters of a header's line
BETTER = {1: "more", -1: "less", 0: ""}


def print_screened(console: Console, found: Screened) -> None:
    """Who is in, of whom it cannot be told and why, what each condition did, and what was ranked by."""
    console.print(Text(f"{found.title}, as of {found.as_of:%Y-%m-%d}", "bold"))
    console.print(Text(found.price_line, "bold red" if found.prices_are_old else "dim"))
    if found.about:
        console.print(Text(found.about, "dim"))
    for table in _tables(found):
        console.print(table)
    console.print(f"[bold]{found.counts}[/].")
    if len(found.unknown):
        console.print("Neither in nor out, because something is unknown:")
        for ticker, why in found.unknown["why"].items():
            console.print(Padding(Text(f"{ticker}: {why}", "yellow"), (0, 0, 0, 2)))
    if len(found.conditions):
        console.print(_conditions(found))
    if found.ranking:
        console.print(Text(f"Ranked by {found.ranking}.", "dim"))
    if found.excluded:
        console.print(Text(f"Outside the statistics, not screened: {', '.join(found.excluded)}.", "dim"))
    console.print(Text("s stale, p proxy, n/a unknown, n.m. not meaningful: meets no comparison.", "dim"))


def _tables(found: Screened) -> list[Table]:
    """The names that are in, as many columns beside one another as a terminal holds."""
    if found.table.empty:
        return []
    columns = [_column(found, name) for name in found.table.columns]
    first = [str(ticker) for ticker in found.table.index]
    room = WIDTH - max(map(len, first)) - 1
    blocks: list[list[tuple[str, list[str]]]] = [[]]
    used = 0
    for head, cells in columns:
        width = 1 + max(len(text) for text in [*head.split("\n"), *cells])
        if used + width > room and blocks[-1]:
            blocks.append([])
            used = 0
        blocks[-1].append((head, cells))
        used += width
    return [_block(first, block) for block in blocks]


def _block(first: Sequence[str], columns: Sequence[tuple[str, list[str]]]) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("")
    for head, _ in columns:
        table.add_column(Text(head), justify="right", no_wrap=True, vertical="bottom")
    for i, ticker in enumerate(first):
        table.add_row(ticker, *(Text(cells[i]) for _, cells in columns))
    return table


def _column(found: Screened, name: str) -> tuple[str, list[str]]:
    values = found.table[name].tolist()
    if name in ("rank", "score"):
        return name, [f"{value:{'.2f' if name == 'score' else ''}}" for value in values]
    metric = METRICS.get(name)
    if metric is None:
        return wrapped(name), ["n/a" if _none(v) else v if isinstance(v, str) else f"{v:,.4g}" for v in values]
    states = found.status[name].tolist()
    unit = SHOWN[metric.unit][2]
    head = wrapped(metric.title) + (f"\n{unit}" if unit else "")
    return head, [figure(metric, value, state) for value, state in zip(values, states, strict=True)]


def figure(metric: Metric, value: Any, status: str = "ok") -> str:
    """A metric's value in the unit that a terminal shows, marked by its status."""
    if status == "not_meaningful":
        return "n.m."
    if status == "missing" or _none(value):
        return "n/a"
    scale, shape, _ = SHOWN[metric.unit]
    if metric.unit == "text":
        return str(value)
    return shape.format(value / scale) + MARKS.get(status, "")


def _none(value: Any) -> bool:
    return value is None or (isinstance(value, float) and math.isnan(value))


def wrapped(text: str, width: int = HEADER) -> str:
    """A header on as many lines as it needs, broken between words, long words too."""
    lines = [""]
    for word in text.replace("_", "_ ").split(" "):
        parts = [word[i : i + width] for i in range(0, len(word), width)] or [""]
        for part in parts:
            glue = "" if not lines[-1] or lines[-1].endswith("_") else " "
            if len(lines[-1]) + len(glue) + len(part) > width:
                lines.append(part)
            else:
                lines[-1] += glue + part
    return "\n".join(line for line in lines if line)


def _conditions(found: Screened) -> Table:
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    table.add_column("Each condition by itself", overflow="fold")
    for head in ("meet", "fail", "unknown"):
        table.add_column(head, justify="right")
    for row in found.conditions.itertuples(index=False):
        table.add_row(Text(row.condition), str(row.meet), str(row.fail), str(row.unknown))
    return table


def print_metrics(console: Console, functions: Mapping[str, str], words: Mapping[str, str]) -> None:
    """Every metric with its unit and which way is better for a buyer, then the functions of a rule."""
    table = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, header_style="bold")
    for head in ("Metric", "Title", "Unit", "Better"):
        table.add_column(head, overflow="fold")
    for metric in METRICS.values():
        table.add_row(metric.name, metric.title, UNITS[metric.unit], BETTER[metric.direction])
    console.print(table)
    console.print("\n[bold]In a rule[/] also:")
    language = Table(box=None, padding=(0, 1, 0, 0), pad_edge=False, show_header=False)
    language.add_column(no_wrap=True)
    language.add_column(overflow="fold")
    for name, about in [*words.items(), *((f"{name}()", about) for name, about in functions.items())]:
        language.add_row(name, about)
    console.print(language)
    console.print("\n`screener metrics NAME` explains one, with what it rests on.", markup=False)


def print_metric(console: Console, name: str, depth: int = 0, seen: set[str] | None = None) -> None:
    """One metric: title, unit, definition, and under it the metrics it rests on."""
    seen = set() if seen is None else seen
    metric = METRICS[name]
    seen.add(name)
    indent = (0, 0, 0, 2 * depth)
    unit = f", {UNITS[metric.unit]}" if UNITS[metric.unit] else ""
    better = f"; {BETTER[metric.direction]} is better for a buyer" if metric.direction else ""
    text = Text(name, "bold").append(f": {metric.title}{unit}{better}. {metric.definition}", "default")
    console.print(Padding(text, indent))
    facts = [item for item in metric.inputs if item not in METRICS]
    if facts:
        console.print(Padding(Text(f"from the universe: {', '.join(facts)}", "dim"), (0, 0, 0, 2 * depth + 2)))
    for item in metric.inputs:
        if item in METRICS and item not in seen:
            print_metric(console, item, depth + 1, seen)
