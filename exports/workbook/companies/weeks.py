"""Weekly price and EV per secured MW of the companies that have a sheet, and the charts over them."""

from __future__ import annotations

import pandas as pd

from exports.workbook.writer import charts
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import COMPANY_WEEKS, FIRST, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import NAVY, PIVOT_COLOUR
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import is_unknown
from valuation.company_profile import CompanyProfile

SHOWN = {"price": ("Price (USD)", "price"), "per_mw": ("EV / secured MW ($m per MW)", "per_mw")}


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the weeks: a row a week, two columns a company."""
    columns = [Column("week", "Week", "date", 11)]
    for ticker in book.profiles:
        columns += [Column(f"{ticker}_{key}", title, kind, 10, ticker) for key, (title, kind) in SHOWN.items()]
    return {"company_weeks": TableRange(COMPANY_WEEKS, tuple(columns), FIRST, len(book.once(_weeks)))}


def _weeks(book: ScreenBook) -> pd.DatetimeIndex:
    every = pd.DatetimeIndex([])
    for profile in book.profiles.values():
        every = every.union(profile.history.index)
    return every


def weekly(profile: CompanyProfile, key: str, weeks: pd.DatetimeIndex) -> list[float]:
    """A column's figure in each week, a close adjusted for splits or EV per secured MW; NaN where the company has none."""
    if key == "price":
        figures = profile.closes.reindex(profile.history.index)
    else:
        figures = profile.history["ev_per_mw_secured"].astype(float)
    known: list[float] = figures.reindex(weeks).tolist()
    return known


def write(book: ScreenBook) -> None:
    """Write the sheet; a week without a figure is blank, as a chart reads n/a as zero."""
    sheet, area, weeks = book.sheet(COMPANY_WEEKS), book.ranges["company_weeks"], book.once(_weeks)
    book.heading(sheet, COMPANY_WEEKS, "Price and EV per secured MW by week, point in time, fixed at run time.")
    sheet.header(area, height=36)
    for k, week in enumerate(weeks):
        sheet.record(area, k).input("week", week, italic=True)
    for ticker, profile in book.profiles.items():
        for key in SHOWN:
            for k, value in enumerate(weekly(profile, key, weeks)):
                if not is_unknown(value):
                    sheet.record(area, k).static(f"{ticker}_{key}", value)
    last = sheet.notes(area.last + 2, _notes())
    book.finish(sheet, freeze=(FIRST, 1), repeat=(0, FIRST - 1), last=(last, max(len(area.columns) - 1, 8)))


def draw(book: ScreenBook, sheet: Sheet, ticker: str, key: str, at: tuple[int, int], size: tuple[int, int]) -> None:
    """Line of one company's weekly figure, with its last value."""
    area = book.ranges["company_weeks"]
    column = f"{ticker}_{key}"
    found = weekly(book.profiles[ticker], key, book.once(_weeks))
    known = [k for k, value in enumerate(found) if not is_unknown(value)]
    if not known:
        return
    custom = [None if k == known[-1] else {"delete": True} for k in range(len(found))]
    chart = book.workbook.add_chart({"type": "line"})
    chart.add_series(
        {"name": SHOWN[key][0], "categories": charts.cells(area, "week"), "values": charts.cells(area, column),
         "line": {"color": NAVY if key == "price" else PIVOT_COLOUR, "width": 1.5},
         "data_labels": {"value": True, "custom": custom, "position": "above", "num_format": "0.00",
                         "font": charts.SMALL}}
    )  # fmt: skip
    step = max(1, len(book.profiles[ticker].history) // 8)
    chart.set_x_axis(
        charts.axis(
            "week",
            text_axis=True,
            num_format="mmm yy",
            interval_unit=step,
            interval_tick=step,
            label_position="low",
            major_tick_mark="none",
        )
    )
    chart.set_y_axis(charts.axis("USD" if key == "price" else "$m per MW", area=True, num_format="0.0", min=0))
    charts.insert(sheet, chart, at, size, f"{SHOWN[key][0]} by week", legend="", source=COMPANY_WEEKS)


def _notes() -> list[str]:
    return paragraphs("""
        - Prices are closes adjusted for splits up to the as-of date. EV per secured MW is as known on each week.
        - A blank cell: not known in that week.
    """)
