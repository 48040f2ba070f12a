"""A chart as inline SVG: once for wide pages and once for phones, so that its texts stay readable on both."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from exports.html.charts.labels import Box, beside, spread, width
from exports.html.charts.scales import Scale, days, scale_of
from exports.html.text import escape
from exports.tables.charts import ChartSpec, Series
from exports.tables.formats import day

FONT = 12.0
MARK = 4.5
ROW = 22.0
SHAPES = {"mining": "diamond", "other": "square"}  # of a role's points; else a circle: never colour alone


@dataclass(frozen=True)
class Canvas:
    """Size of a drawing and what fits on it."""

    name: str
    wide: float
    high: float
    x_ticks: int
    y_ticks: int


CANVASES = (Canvas("wide", 760, 400, 8, 7), Canvas("narrow", 358, 380, 4, 6))


def figure(chart: ChartSpec) -> str:
    """The figure: title, legend, both drawings, what it shows in words, source and date; nothing without points."""
    if chart.empty:
        return ""
    drawings = "\n".join(_drawing(chart, canvas) for canvas in CANVASES)
    return (
        f'<figure class="chart" id="chart-{escape(chart.name)}">\n'
        f"<figcaption><strong>{escape(chart.title)}</strong></figcaption>\n{_legend(chart)}{drawings}\n"
        f'<p class="dim">Source: {escape(chart.source)}. Data as of {day(chart.as_of)}.</p>\n</figure>'
    )


def _legend(chart: ChartSpec) -> str:
    """What each mark stands for; lines are named at their ends."""
    named = [one for one in chart.series if one.name and one.kind != "line" and _known(one)]
    if not named:
        return ""
    items = "".join(
        f'<li><svg class="key" viewBox="0 0 16 12" aria-hidden="true">{_key(one)}</svg>{escape(one.name)}</li>'
        for one in named
    )
    return f'<ul class="legend">{items}</ul>\n'


def _key(one: Series) -> str:
    if one.kind == "band":
        return f'<rect class="band r-{one.role}" x="0" y="1" width="16" height="10"/>'
    if one.kind == "ranges":
        return f'<path class="range r-{one.role}" d="M0 6H16"/>'
    return _mark(one.role, 8, 6)


def _drawing(chart: ChartSpec, canvas: Canvas) -> str:
    rows = chart.x.scale == "names"
    parts, high = _rows(chart, canvas) if rows else (_plot(chart, canvas), canvas.high)
    return (
        f'<svg class="{canvas.name}" viewBox="0 0 {canvas.wide:g} {high:g}" role="img" '
        f'aria-label="{escape(f"{chart.title}. {chart.text}")}">\n' + "\n".join(parts) + "\n</svg>"
    )


def _plot(chart: ChartSpec, canvas: Canvas) -> list[str]:
    """Two axes of figures or of time, bands and lines under points, labels last."""
    every = list(chart.series)
    x_values = [v for one in every for v in _numbers(one.x, chart)]
    y_values = [v for one in every for values in (one.y, one.low, one.high) for v in values]
    top, bottom = 26.0, canvas.high - (44.0 if chart.x.title else 24.0)
    y = scale_of(chart.y, [float(v) for v in y_values], bottom, top, canvas.y_ticks)
    left = 10 + max(width(text, FONT) for text in y.labels)
    ends = [one for one in every if one.kind == "line" and one.name and _known(one)]
    longest = max((width(part, FONT) for one in ends for part in _broken(one.name)), default=0.0)
    right = canvas.wide - (longest + 12 if ends else 12.0)
    x = scale_of(chart.x, x_values, left, right, canvas.x_ticks)
    parts = [*_y_axis(chart, y, left, right), *_x_axis(chart, x, bottom, canvas)]
    for kind in ("band", "ranges", "line"):
        for one in every:
            if one.kind == kind:
                parts += _shape(one, chart, x, y)
    parts += _points(chart, x, y, Box(left + 2, top, right, bottom - 2))
    return [*parts, *_line_ends(ends, chart, x, y, right, top, bottom)]


def _y_axis(chart: ChartSpec, y: Scale, left: float, right: float) -> list[str]:
    parts = [f'<text class="axis" x="0" y="{FONT:g}">{escape(chart.y.title)}</text>']
    for tick, text in zip(y.ticks, y.labels, strict=True):
        at = y.at(tick)
        parts.append(f'<path class="grid" d="M{left:.1f} {at:.1f}H{right:.1f}"/>')
        parts.append(f'<text class="end" x="{left - 6:.1f}" y="{at + 4:.1f}">{escape(text)}</text>')
    if chart.y.reference is not None:
        parts.append(f'<path class="reference" d="M{left:.1f} {y.at(chart.y.reference):.1f}H{right:.1f}"/>')
    return parts


def _x_axis(chart: ChartSpec, x: Scale, bottom: float, canvas: Canvas) -> list[str]:
    parts = [f'<path class="rule" d="M{x.start:.1f} {bottom:.1f}H{x.end:.1f}"/>']
    free = -math.inf
    for tick, text in zip(x.ticks, x.labels, strict=True):
        at, half = x.at(tick), width(text, FONT) / 2
        centre = min(max(at, half), canvas.wide - half)
        parts.append(f'<path class="rule" d="M{at:.1f} {bottom:.1f}v4"/>')
        if centre - half > free:
            parts.append(f'<text class="middle" x="{centre:.1f}" y="{bottom + 17:.1f}">{escape(text)}</text>')
            free = centre + half + 4
    middle = (x.start + x.end) / 2
    if chart.x.title:
        half = width(chart.x.title, FONT) / 2
        centre = min(max(middle, half), canvas.wide - half)
        parts.append(f'<text class="middle axis" x="{centre:.1f}" y="{bottom + 37:.1f}">{escape(chart.x.title)}</text>')
    return parts


def _shape(one: Series, chart: ChartSpec, x: Scale, y: Scale) -> list[str]:
    at = _numbers(one.x, chart)
    if one.kind == "ranges":
        return [
            f'<path class="range r-{one.role}" d="M{x.at(a):.1f} {y.at(low):.1f}V{y.at(high):.1f}"/>'
            for a, low, high in zip(at, one.low, one.high, strict=True)
            if not math.isnan(low) and not math.isnan(high)
        ]
    if one.kind == "line":
        runs = _runs(at, one.y)
        d = "".join("M" + "L".join(f"{x.at(a):.1f} {y.at(v):.1f}" for a, v in run) for run in runs)
        return [f'<path class="line r-{one.role}" d="{d}"/>'] if d else []
    parts = []
    for run in _runs(at, one.low, one.high):
        there = "L".join(f"{x.at(a):.1f} {y.at(high):.1f}" for a, _, high in run)
        back = "L".join(f"{x.at(a):.1f} {y.at(low):.1f}" for a, low, _ in reversed(run))
        parts.append(f'<path class="band r-{one.role}" d="M{there}L{back}Z"/>')
    return parts


def _points(chart: ChartSpec, x: Scale, y: Scale, area: Box) -> list[str]:
    """Every marker, then the labels of all series at once, for they share the room."""
    parts, places, names, roles = [], [], [], []
    for one in chart.series:
        if one.kind != "points":
            continue
        labels = one.labels or [""] * len(one.x)
        for a, v, label in zip(_numbers(one.x, chart), one.y, labels, strict=True):
            if not math.isnan(v) and not math.isnan(a):
                place = (x.at(a), y.at(v))
                parts.append(_mark(one.role, *place))
                if label:
                    places.append(place)
                    names.append(label)
                    roles.append(one.role)
    placed = beside(places, names, area, size=FONT, radius=MARK + 1)
    for found, place, role in zip(placed, places, roles, strict=True):
        if found is None:
            continue
        box = found.box
        middle, base = (box.left + box.right) / 2, box.bottom - 0.3 * FONT
        if found.leader:
            nearest = (min(max(place[0], box.left), box.right), min(max(place[1], box.top), box.bottom))
            parts.append(f'<path class="leader" d="M{place[0]:.1f} {place[1]:.1f}L{nearest[0]:.1f} {nearest[1]:.1f}"/>')
        parts.append(f'<text class="middle name t-{role}" x="{middle:.1f}" y="{base:.1f}">{escape(found.text)}</text>')
    return parts


def _line_ends(
    ends: Sequence[Series], chart: ChartSpec, x: Scale, y: Scale, right: float, top: float, bottom: float
) -> list[str]:
    """The name of each line at its end, pushed apart."""
    last = [next((a, v) for a, v in zip(reversed(_numbers(one.x, chart)), reversed(list(one.y)), strict=True)
                 if not math.isnan(v)) for one in ends]  # fmt: skip
    lines = max((len(_broken(one.name)) for one in ends), default=1)
    places = spread([y.at(v) for _, v in last], lines * FONT * 1.15 + 2, top, bottom)
    parts = []
    for one, place in zip(ends, places, strict=True):
        texts = _broken(one.name)
        for k, text in enumerate(texts):
            base = place + 4 + (k - (len(texts) - 1) / 2) * FONT * 1.15
            parts.append(f'<text class="name t-{one.role}" x="{right + 6:.1f}" y="{base:.1f}">{escape(text)}</text>')
    return parts


def _broken(name: str) -> list[str]:
    """A name on two lines where it is long."""
    words = name.split()
    if len(name) <= 12 or len(words) == 1:
        return [name]
    cut = min(range(1, len(words)), key=lambda k: max(len(" ".join(words[:k])), len(" ".join(words[k:]))))
    return [" ".join(words[:cut]), " ".join(words[cut:])]


def _rows(chart: ChartSpec, canvas: Canvas) -> tuple[list[str], float]:
    """A row a name: ranges and points along a horizontal axis of figures."""
    names = list(dict.fromkeys(str(name) for one in chart.series for name in one.x))
    left = 10 + max(width(name, FONT) for name in names)
    top, bottom = 10.0, 10.0 + ROW * len(names)
    values = [float(v) for one in chart.series for part in (one.y, one.low, one.high) for v in part]
    x = scale_of(chart.y, values, left, canvas.wide - 16, canvas.x_ticks)
    at = {name: top + ROW * (k + 0.5) for k, name in enumerate(names)}
    parts = [f'<path class="grid" d="M{x.at(tick):.1f} {top:.1f}V{bottom:.1f}"/>' for tick in x.ticks]
    parts += [
        f'<text class="end" x="{left - 6:.1f}" y="{place + 4:.1f}">{escape(name)}</text>' for name, place in at.items()
    ]
    if chart.y.reference is not None:
        parts.append(f'<path class="reference" d="M{x.at(chart.y.reference):.1f} {top:.1f}V{bottom:.1f}"/>')
    for one in chart.series:
        for k, name in enumerate(one.x):
            place = at[str(name)]
            if one.kind == "ranges":
                low, high = one.low[k], one.high[k]
                if not math.isnan(low) and not math.isnan(high):
                    parts.append(
                        f'<path class="range r-{one.role}" d="M{x.at(low):.1f} {place:.1f}H{x.at(high):.1f}"/>'
                    )
            elif not math.isnan(one.y[k]):
                parts.append(_mark(one.role, x.at(one.y[k]), place))
    horizontal = ChartSpec(chart.name, chart.title, chart.y, chart.x, (), chart.text, chart.source, chart.as_of)
    return [*parts, *_x_axis(horizontal, x, bottom, canvas)], bottom + 44


def _mark(role: str, x: float, y: float) -> str:
    shape = SHAPES.get(role, "circle")
    if shape == "circle":
        return f'<circle class="mark r-{role}" cx="{x:.1f}" cy="{y:.1f}" r="{MARK:g}"/>'
    if shape == "square":
        return f'<rect class="mark r-{role}" x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>'
    return f'<path class="mark r-{role}" d="M{x:.1f} {y - 5.5:.1f}l5.5 5.5l-5.5 5.5l-5.5 -5.5Z"/>'


def _runs(*columns: Sequence[float]) -> Iterator[list[tuple[float, ...]]]:
    """Stretches of points without an unknown one."""
    run: list[tuple[float, ...]] = []
    for point in zip(*columns, strict=True):
        if any(math.isnan(v) for v in point):
            if run:
                yield run
            run = []
        else:
            run.append(tuple(map(float, point)))
    if run:
        yield run


def _known(one: Series) -> bool:
    return any(not math.isnan(v) for v in (*one.y, *one.low))


def _numbers(values: Sequence[Any], chart: ChartSpec) -> list[float]:
    """Places on the horizontal axis: days on one of time."""
    if chart.x.scale == "time":
        return [days(pd.Timestamp(value)) for value in values]
    return [float(value) for value in values]
