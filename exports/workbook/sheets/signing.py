"""Signing: price and EV per secured MW around first AI contracts by week, with their permutation intervals, as charts."""

from __future__ import annotations

import math

import numpy as np

from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.charts import PIXELS_A_ROW, axis, cells, formula, insert
from exports.workbook.writer.citations import cited
from exports.workbook.writer.context import FIRST, SIGNING, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import NAVY, PIVOT_COLOUR, WHISKER_COLOUR
from exports.workbook.writer.texts import commentary, wrapped
from exports.workbook.writer.values import steady
from valuation.signing.result import SigningStudy
from valuation.signing.staggered import AFTER, BEFORE

# Measure -> how its columns and its chart name it.
CHARTED = {"price": "price", "ev_per_mw": "EV per secured MW"}
WIDTHS = (9, *(11.5,) * 16)
CHART_ROWS = 19
SIZE = (680, CHART_ROWS * PIXELS_A_ROW)


def _columns() -> tuple[Column, ...]:
    out = [Column("week", "Week", "offset")]
    for name, title in CHARTED.items():
        what = title[0].upper() + title[1:]
        out += [
            Column(f"{name}_ratio", f"{what}, signers over not yet signed, fixed at run (x)", "ratio"),
            Column(f"{name}_low", f"{what}, interval low, fixed at run (x)", "ratio"),
            Column(f"{name}_high", f"{what}, interval high, fixed at run (x)", "ratio"),
            Column(f"{name}_p", f"{what}, p, fixed at run", "p_value"),
            Column(f"{name}_events", f"{what}, n events, fixed at run", "count"),
            Column(f"{name}_below", f"{what}, ratio less interval low (x)", "ratio"),
            Column(f"{name}_above", f"{what}, interval high less ratio (x)", "ratio"),
        ]
    return tuple(out)


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell address of the weeks: below the findings and the charts."""
    study = book.studies.signing
    row = FIRST + len(wrapped(book.once(_commentary))) + CHART_ROWS + 6
    return {"signing": TableRange(SIGNING, _columns(), row, 0 if study is None else AFTER - BEFORE + 1)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, study, area = book.sheet(SIGNING), book.studies.signing, book.ranges["signing"]
    about = "First AI contract of each miner; estimates are fixed at run time."
    if study is not None:
        about += f" {len(study.used)} first contracts; weekly closes to {study.as_of:%Y-%m-%d}."
    book.heading(sheet, SIGNING, about)
    sheet.set_widths(WIDTHS)
    after = sheet.notes(FIRST - 2, book.once(_commentary), head="Findings and limitations, fixed at run time")
    if study is not None:
        _weeks(sheet, area, study)
        for at, name in enumerate(CHARTED):
            _chart(book, sheet, area, study, name, (after + 1, 8 * at))
    last = sheet.notes(area.last + 2, _notes(book))
    book.finish(sheet, freeze=(FIRST - 2, 0), repeat=(0, 3), last=(last, len(WIDTHS) - 1))


def _weeks(sheet: Sheet, area: TableRange, study: SigningStudy) -> None:
    """A row a week; a week without an estimate has none of its numbers."""
    sheet.label(
        area.first - 2, 0, "By week: change since the last close before the announcement (week -1 = 1)", "section"
    )
    sheet.header(area, widths=False, height=62)
    for k, week in enumerate(study.weeks.loc["price"].index):
        record = sheet.record(area, k)
        record.static("week", float(week))
        for name in CHARTED:
            row = study.weeks.loc[(name, week)]
            for key in ("ratio", "low", "high", "p"):
                record.static(f"{name}_{key}", None if math.isnan(row[key]) else float(row[key]), unknown="")
            record.static(f"{name}_events", float(row["events"]))
            if not (math.isnan(row["low"]) or math.isnan(row["high"])):
                low, ratio, high = (steady(row[key]) for key in ("low", "ratio", "high"))
                here = {key: record.at(f"{name}_{key}") for key in ("ratio", "low", "high")}
                record.formula(f"{name}_below", f"{here['ratio']}-{here['low']}", ratio - low)
                record.formula(f"{name}_above", f"{here['high']}-{here['ratio']}", high - ratio)


def _chart(
    book: ScreenBook, sheet: Sheet, area: TableRange, study: SigningStudy, name: str, at: tuple[int, int]
) -> None:
    """Estimate by week with the permutation interval of each week as a bar; no chart where no week has an estimate."""
    known = study.weeks.loc[name][["ratio", "low", "high"]].to_numpy(dtype=float)
    seen = known[np.isfinite(known)]
    if not len(seen):
        return
    chart = book.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    weeks, values = cells(area, "week"), cells(area, f"{name}_ratio")
    band = {
        "type": "custom", "plus_values": formula(area, f"{name}_above"), "minus_values": formula(area, f"{name}_below"),
        "end_style": 0, "line": {"color": WHISKER_COLOUR, "width": 5, "transparency": 50},
    }  # fmt: skip
    chart.add_series(
        {"name": f"{study.level:.0%} permutation interval of each week", "categories": weeks, "values": values,
         "marker": {"type": "none"}, "line": {"color": WHISKER_COLOUR, "width": 0.25}, "y_error_bars": band}
    )  # fmt: skip
    chart.add_series(
        {"name": f"{CHARTED[name]}, signers over companies not yet signed", "categories": weeks, "values": values,
         "marker": {"type": "circle", "size": 3, "fill": {"color": PIVOT_COLOUR}, "border": {"color": PIVOT_COLOUR}},
         "line": {"color": NAVY, "width": 1.75}}
    )  # fmt: skip
    chart.set_x_axis(
        axis("weeks from the first close after the announcement", num_format="0", min=BEFORE, max=AFTER, major_unit=13,
             label_position="low", crossing=BEFORE)
    )  # fmt: skip
    lowest, highest = (
        2.0 ** end(math.log2(ratio)) for end, ratio in ((math.floor, seen.min()), (math.ceil, seen.max()))
    )
    scale = {"log_base": 2, "major_unit": 2, "min": lowest, "max": highest, "crossing": lowest}
    chart.set_y_axis(axis("ratio (x), log scale, week -1 = 1", area=True, num_format='0.0#"x"') | scale)
    events = int(study.weeks.loc[(name, 0), "events"])
    what = f"{CHARTED[name][0].upper()}{CHARTED[name][1:]}"
    title = f"{what} around the first AI contract, n = {events}"
    insert(sheet, chart, at, SIZE, title)


def _commentary(book: ScreenBook) -> list[str]:
    study = book.studies.signing
    if study is None:
        return [f"Estimate not available: {book.studies.notes.get('signing', 'no first contract')}."]
    return commentary(study.findings)


def _notes(book: ScreenBook) -> list[str]:
    study = book.studies.signing
    if study is None:
        return ["The study needs a first AI contract between two weekly closes."]
    return [
        f"Method: {study.method}. B = {study.permutations:,}, seed {study.seed}, {study.level:.0%} intervals.",
        "The interval of each week stands alone; together the weeks leave it more often than each does.",
        f"Closes and contracts: {book.screen.price_line}; contracts of the universe, by the day of their announcement.",
        f"Sources: {cited('METHODS 11')}.",
    ]
