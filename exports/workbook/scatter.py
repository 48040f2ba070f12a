"""EV per secured MW over contracted AI share: one labelled point a company, and the fitted line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from exports.workbook.formulas import Grid, Sheet
from exports.workbook.style import BITCOIN_COLOUR, FONT, LINE_COLOUR, PIVOT_COLOUR, RULE
from valuation.groups import BITCOIN, PIVOT

if TYPE_CHECKING:
    from exports.workbook.layout import Book

PIXELS_A_ROW = 20


def insert_scatter(book: Book, sheet: Sheet) -> None:
    """A native chart right of the regression; log scale, on which the fitted line is straight."""
    line, grid, curve = book.screen.regression, book.grids["line"], book.grids["curve"]
    chart = book.workbook.add_chart({"type": "scatter"})
    tickers = list(line.sample.index)
    groups = [book.table["group"][book.row_of[t]] for t in tickers]
    for group, colour in ((PIVOT, PIVOT_COLOUR), (BITCOIN, BITCOIN_COLOUR)):
        # The sample is in the order of the screen: pivots first, so that each group is one range.
        rows = [k for k, g in enumerate(groups) if g == group]
        if rows:
            chart.add_series(_points(grid, group, colour, rows, tickers))
    chart.add_series(
        {
            "name": "fitted line",
            "categories": [curve.sheet, curve.first, 1, curve.last, 1],
            "values": [curve.sheet, curve.first, 4, curve.last, 4],
            "marker": {"type": "none"},
            "line": {"color": LINE_COLOUR, "width": 1.5, "dash_type": "dash"},
        }
    )
    small = {"name": FONT, "size": 8}
    powers = line.sample["ln_value"] / math.log(2)
    chart.set_title({"name": "EV per secured MW and contracted AI share", "name_font": {"name": FONT, "size": 11}})
    chart.set_x_axis(
        {
            "name": "AI share of revenue, contracted (%)",
            "name_font": small,
            "num_font": small,
            "num_format": "0%",
            "min": 0,
            "max": 1.1,
            "major_unit": 0.2,
            "major_gridlines": {"visible": False},
            "line": {"color": RULE},
        }
    )
    chart.set_y_axis(
        {
            "name": "EV / secured MW (m USD per MW, log scale)",
            "name_font": small,
            "num_font": small,
            "num_format": "0.0##",
            "log_base": 2,
            "min": 2 ** math.floor(powers.min()),
            "max": 2 ** math.ceil(powers.max()),
            "crossing": 2 ** math.floor(powers.min()),
            "major_gridlines": {"visible": True, "line": {"color": RULE, "width": 0.5}},
            "line": {"color": RULE},
        }
    )
    chart.set_legend({"position": "bottom", "font": small})
    top = book.grids["coefficients"].first - 2
    chart.set_size({"width": 560, "height": (book.grids["members"].first - 4 - top) * PIXELS_A_ROW})
    chart.set_chartarea({"border": {"color": RULE}})
    options = {
        "object_position": 2,
        "x_offset": 8,
        "description": "EV per secured MW over contracted AI share",
    }
    sheet.page.insert_chart(top, 11, chart, options)


def _points(grid: Grid, group: str, colour: str, rows: list[int], tickers: list[str]) -> dict[str, object]:
    start, end = grid.first + min(rows), grid.first + max(rows)
    labels = [{"value": tickers[k]} for k in range(min(rows), max(rows) + 1)]
    return {
        "name": group,
        "categories": [grid.sheet, start, 4, end, 4],
        "values": [grid.sheet, start, 5, end, 5],
        "marker": {"type": "circle", "size": 7, "fill": {"color": colour}, "border": {"color": "#FFFFFF"}},
        "data_labels": {
            "value": True,
            "custom": labels,
            "position": "right",
            "font": {"name": FONT, "size": 8},
        },
    }
