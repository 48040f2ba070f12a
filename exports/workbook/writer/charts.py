"""Fonts, axes, size and position of the charts."""

from __future__ import annotations

from typing import Any

from xlsxwriter.chart import Chart
from xlsxwriter.utility import xl_range_abs

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.ranges import TableRange
from exports.workbook.writer.style import FONT, NAVY, RULE

PIXELS_A_ROW = 20
SMALL = {"name": FONT, "size": 8}
PLAIN = {**SMALL, "bold": False}


def axis(name: str = "", *, area: bool = False, **more: Any) -> dict[str, Any]:
    """An axis: small print, a thin line, gridlines where asked for."""
    out: dict[str, Any] = {"num_font": SMALL, "line": {"color": RULE}, "major_gridlines": {"visible": False}}
    if name:
        out |= {"name": name, "name_font": PLAIN}
    if area:
        out["major_gridlines"] = {"visible": True, "line": {"color": RULE, "width": 0.5}}
    return out | more


def insert(
    sheet: Sheet,
    chart: Chart,
    at: tuple[int, int],
    size: tuple[int, int],
    title: str,
    *,
    legend: str = "bottom",
    without: tuple[int, ...] = (),
    source: str = "",
) -> None:
    """Put a chart on a sheet, its upper left corner at a cell, under its title, with source and date of the data.

    Parameters
    ----------
    size : width and height in pixels
    without : series left out of the legend, by number
    source : sheet of the figures where it is not the chart's own
    """
    dated = "; ".join(part for part in (f"sheet {source}" if source else "", sheet.source) if part)
    title = f"{title}; {dated}" if dated and dated not in title else title
    chart.set_title({"name": title, "name_font": {"name": FONT, "size": 10, "color": NAVY}, "overlay": False})
    if legend:
        chart.set_legend({"position": legend, "font": SMALL, "delete_series": list(without)})
    else:
        chart.set_legend({"none": True})
    chart.set_size({"width": size[0], "height": size[1]})
    chart.set_chartarea({"border": {"color": RULE}})
    sheet.page.insert_chart(*at, chart, {"object_position": 2, "x_offset": 4, "y_offset": 4, "description": title})


def cells(area: TableRange, key: str, first: int = 0, last: int | None = None) -> list[Any]:
    """A column's cells from record `first` to `last` as XlsxWriter names a range; all of them by default."""
    last = max(area.count, 1) - 1 if last is None else last
    return [area.sheet, area.first + first, area.index(key), area.first + last, area.index(key)]


def formula(area: TableRange, key: str, count: int | None = None) -> str:
    """A column's cells, or the first `count` of them, as a formula: for error bars."""
    col, last = area.index(key), area.first + (count or max(area.count, 1)) - 1
    return f"='{area.sheet}'!{xl_range_abs(area.first, col, last, col)}"
