"""Scatter chart of EV per secured MW against contracted AI share, with the fitted line and each company's ticker."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from exports.commentary.labels import GROUP_TITLES
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.charts import SMALL, axis, cells, insert
from exports.workbook.writer.ranges import TableRange
from exports.workbook.writer.style import BITCOIN_COLOUR, LINE_COLOUR, PIVOT_COLOUR, WHISKER_COLOUR
from valuation.groups import BITCOIN, PIVOT
from valuation.regression.ols import Regression

if TYPE_CHECKING:
    from collections.abc import Sequence

    from xlsxwriter.chart import Chart

    from exports.workbook.writer.context import ScreenBook

COLUMNS_WIDE = 10
SIZE = (660, 520)
LEAST_SHARE, GREATEST_SHARE = -0.2, 1.2  # room for tickers beside shares of 0 and 100%
# Room of the axes and titles around the plot, and the size of a ticker, in pixels.
AROUND, LABEL = (90, 130), (30, 12)
# Excel draws no more than 255 series in a chart, and more tickers than this hide one another.
MOST_NAMED = 100
# Where a ticker stands beside its point: shift of the label's centre from the point.
POSITIONS = {"right": (24, 0), "above": (0, -13), "below": (0, 13), "left": (-24, 0)}


def insert_scatter(
    book: ScreenBook,
    sheet: Sheet,
    line: Regression,
    *,
    at: tuple[int, int],
    size: tuple[int, int] = SIZE,
    band: TableRange | None = None,
) -> None:
    """Native chart with its upper left corner at a cell; log scale, on which the fitted line is straight.

    Parameters
    ----------
    band : TableRange, optional
        Columns share, low and high of the confidence band.
    """
    area, curve = book.ranges["line"], book.ranges["curve"]
    chart = book.workbook.add_chart({"type": "scatter"})
    chart.show_hidden_data()
    lowest, highest = _span(line)
    without: list[int] = []
    series = 0
    if band is not None:
        for key in ("low", "high"):
            edge = {"color": WHISKER_COLOUR, "width": 1, "dash_type": "dash"}
            chart.add_series(
                {"name": f"{line.level:.0%} confidence band of the line", "categories": cells(band, "share"),
                 "values": cells(band, key), "marker": {"type": "none"}, "line": edge}
            )  # fmt: skip
        without, series = [1], 2
    fitted = {"color": LINE_COLOUR, "width": 1.5, "dash_type": "dash" if band is None else "solid"}
    chart.add_series(
        {"name": "fitted line", "categories": cells(curve, "share"), "values": cells(curve, "fitted"),
         "marker": {"type": "none"}, "line": fitted}
    )  # fmt: skip
    series += 1
    tickers = [str(ticker) for ticker in line.sample.index]
    groups = [book.table["group"][book.row_of[ticker]] for ticker in tickers]
    if len(tickers) > MOST_NAMED:
        chart.add_series(_cloud(area, len(tickers)))
    else:
        without += _companies(chart, area, tickers, groups, _places(line, size), series)
    chart.set_x_axis(
        axis(
            "AI share of revenue, contracted (%)",
            num_format="0%;;0%",
            min=LEAST_SHARE,
            max=GREATEST_SHARE,
            major_unit=0.2,
            crossing=LEAST_SHARE,
        )
    )
    chart.set_y_axis(
        axis("EV / secured MW ($m per MW, log scale)", area=True, num_format="0.0#")
        # The major unit of a logarithmic axis is a factor; without it LibreOffice counts in tens.
        | {"log_base": 2, "major_unit": 2, "min": lowest, "max": highest, "crossing": lowest}
    )
    title = f"EV per secured MW and contracted AI share, n = {line.n}"
    insert(sheet, chart, at, size, title, without=tuple(without))


def _companies(
    chart: Chart, area: TableRange, tickers: Sequence[str], groups: Sequence[object], places: Sequence[str], series: int
) -> list[int]:
    """Add a series a company, whose ticker then has a place of its own; the series that the legend leaves out.

    `series` counts those that the chart has already.
    """
    without: list[int] = []
    named: set[object] = set()
    for k, (ticker, group, place) in enumerate(zip(tickers, groups, places, strict=True)):
        colour = {PIVOT: PIVOT_COLOUR, BITCOIN: BITCOIN_COLOUR}.get(str(group), LINE_COLOUR)
        chart.add_series(_point(area, str(group), colour, k, ticker, place))
        if group in named:
            without.append(series + k)
        named.add(group)
    return without


def _span(line: Regression) -> tuple[float, float]:
    powers = line.sample["ln_value"] / math.log(2)
    return 2.0 ** math.floor(powers.min()), 2.0 ** math.ceil(powers.max())


def _places(line: Regression, size: tuple[int, int]) -> list[str]:
    """Where each company's ticker stands so that it covers no other ticker or point, as far as there is room."""
    lowest, highest = (math.log(end) for end in _span(line))
    width, height = (whole - room for whole, room in zip(size, AROUND, strict=True))
    points = [
        (
            (share - LEAST_SHARE) / (GREATEST_SHARE - LEAST_SHARE) * width,
            (highest - value) / max(highest - lowest, 1e-9) * height,
        )
        for share, value in zip(line.sample["share"], line.sample["ln_value"], strict=True)
    ]
    taken = [(x, y, 8.0, 8.0) for x, y in points]
    out = []
    for k, (x, y) in enumerate(points):
        best, least = "right", math.inf
        for place, (dx, dy) in POSITIONS.items():
            box = (x + dx, y + dy, float(LABEL[0]), float(LABEL[1]))
            covered = sum(_overlap(box, other) for j, other in enumerate(taken) if j != k)
            if box[0] - LABEL[0] / 2 < 0 or not 0 < box[1] < height:
                covered += LABEL[0] * LABEL[1]
            if covered < least - 1e-9:
                best, least = place, covered
        dx, dy = POSITIONS[best]
        taken.append((x + dx, y + dy, float(LABEL[0]), float(LABEL[1])))
        out.append(best)
    return out


def _overlap(a: tuple[float, float, float, float], b: tuple[float, float, float, float]) -> float:
    """Common area of two boxes of centre, width and height."""
    across = min(a[0] + a[2] / 2, b[0] + b[2] / 2) - max(a[0] - a[2] / 2, b[0] - b[2] / 2)
    down = min(a[1] + a[3] / 2, b[1] + b[3] / 2) - max(a[1] - a[3] / 2, b[1] - b[3] / 2)
    return max(across, 0.0) * max(down, 0.0)


def _cloud(area: TableRange, count: int) -> dict[str, object]:
    """Every company in one series without its ticker."""
    return {
        "name": "companies",
        "categories": cells(area, "share", 0, count - 1),
        "values": cells(area, "value", 0, count - 1),
        "marker": {"type": "circle", "size": 4, "fill": {"color": LINE_COLOUR}, "border": {"none": True}},
    }


def _point(area: TableRange, group: str, colour: str, k: int, ticker: str, place: str) -> dict[str, object]:
    return {
        "name": GROUP_TITLES.get(group, group),
        "categories": cells(area, "share", k, k),
        "values": cells(area, "value", k, k),
        "marker": {"type": "circle", "size": 7, "fill": {"color": colour}, "border": {"color": "#FFFFFF"}},
        "data_labels": {"value": True, "custom": [{"value": ticker}], "position": place, "font": SMALL},
    }
