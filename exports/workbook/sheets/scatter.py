"""Scatter chart of EV per secured MW against contracted AI share, with the fitted line."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from exports.workbook.writer.cells import Sheet, TableRange
from exports.workbook.writer.charts import SMALL, axis, cells, insert
from exports.workbook.writer.style import BITCOIN_COLOUR, LINE_COLOUR, PIVOT_COLOUR
from valuation.groups import BITCOIN, PIVOT
from valuation.regression.ols import Regression

if TYPE_CHECKING:
    from exports.workbook.writer.context import ScreenBook

COLUMNS_WIDE = 10
SIZE = (660, 520)


def insert_scatter(book: ScreenBook, sheet: Sheet, line: Regression, *, at: tuple[int, int]) -> None:
    """Native chart with its upper left corner at a cell; log scale, on which the fitted line is straight."""
    area, curve = book.ranges["line"], book.ranges["curve"]
    chart = book.workbook.add_chart({"type": "scatter"})
    tickers = list(line.sample.index)
    groups = [book.table["group"][book.row_of[t]] for t in tickers]
    for group, colour in ((PIVOT, PIVOT_COLOUR), (BITCOIN, BITCOIN_COLOUR)):
        # The sample is in the order of the screen: pivots first, so that each group is one range.
        rows = [k for k, g in enumerate(groups) if g == group]
        if rows:
            chart.add_series(_points(area, group, colour, rows, tickers))
    chart.add_series(
        {
            "name": "fitted line",
            "categories": cells(curve, "share"),
            "values": cells(curve, "fitted"),
            "marker": {"type": "none"},
            "line": {"color": LINE_COLOUR, "width": 1.5, "dash_type": "dash"},
        }
    )
    powers = line.sample["ln_value"] / math.log(2)
    lowest, highest = 2 ** math.floor(powers.min()), 2 ** math.ceil(powers.max())
    chart.set_x_axis(axis("AI share of revenue, contracted (%)", num_format="0%", min=0, max=1.1, major_unit=0.2))
    chart.set_y_axis(
        axis("EV / secured MW ($m per MW, log scale)", area=True, num_format="0.0#")
        # The major unit of a logarithmic axis is a factor; without it LibreOffice counts in tens.
        | {"log_base": 2, "major_unit": 2, "min": lowest, "max": highest, "crossing": lowest}
    )
    insert(sheet, chart, at, SIZE, f"EV per secured MW and contracted AI share, n = {line.n}")


def _points(area: TableRange, group: str, colour: str, rows: list[int], tickers: list[str]) -> dict[str, object]:
    first, last = min(rows), max(rows)
    return {
        "name": group,
        "categories": cells(area, "share", first, last),
        "values": cells(area, "value", first, last),
        "marker": {"type": "circle", "size": 7, "fill": {"color": colour}, "border": {"color": "#FFFFFF"}},
        "data_labels": {
            "value": True,
            "custom": [{"value": tickers[k]} for k in range(first, last + 1)],
            "position": "right",
            "font": SMALL,
        },
    }
