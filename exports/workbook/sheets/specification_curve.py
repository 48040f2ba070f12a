"""Specification curve: the gap under every definition, sorted, with the choices behind each beneath it.

In the manner of Simonsohn, Simmons & Nelson (2020): every dot of the upper chart is one definition, and the marks under
it in the lower chart say which choices made it.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from exports.commentary.gap import curve_unsaid
from exports.commentary.labels import UNSURE
from exports.commentary.numbers import p_text
from exports.workbook.writer.cells import Column, Grid, Sheet, points, steady, wrapped
from exports.workbook.writer.charts import PIXELS_A_ROW, SMALL, axis, cells, formula, insert
from exports.workbook.writer.context import CURVE, FIRST, Book
from exports.workbook.writer.style import BITCOIN_COLOUR, MUTED, NAVY, PIVOT_COLOUR, WHISKER_COLOUR
from valuation.gap.estimate import GAP_DENOMINATORS, STATISTICS
from valuation.gap.specification_curve import VARIED
from valuation.groups import RULES

RESULT, AXES = "Result, of the run", "Choices: a mark where the definition makes it"
# Short enough to stand in one line beside the lower chart.
TITLES = {
    "median": "Medians",
    "geometric_mean": "Geometric means",
    "aggregate": "Aggregates",
    "share20": "Pivot: AI share 20%",
    "share50": "Pivot: AI share 50%",
    "signed": "Pivot: any contract",
    "mw25": "Pivot: 25 MW of AI",
    "trailing10": "Pivot: trailing 10%",
    "net_bitcoin": "Bitcoin netted",
    "net_restricted_cash": "Restricted netted",
    "prepayments_as_debt": "Prepayments as debt",
    "if_converted": "If-converted",
}
CHOICES: tuple[tuple[str, Any, str], ...] = (
    *(("denominator", name, f"EV / {name} MW") for name in GAP_DENOMINATORS),
    *(("statistic", name, TITLES.get(name, name)) for name in STATISTICS),
    *(("rule", name, TITLES.get(name, name)) for name in RULES),
    *((name, True, TITLES.get(name, name)) for name in VARIED),
)
COLUMNS = (
    Column("rank", "Rank", "count", 7, RESULT),
    Column("ratio", "Gap (x)", "ratio", 8.5, RESULT),
    Column("low", "Interval low (x)", "ratio", 8.5, RESULT),
    Column("high", "Interval high (x)", "ratio", 8.5, RESULT),
    Column("p", "p, permu-tation", "p_value", 8.5, RESULT),
    Column("n_pivot", "n pivot", "count", 7, RESULT),
    Column("n_bitcoin", "n bitcoin", "count", 7, RESULT),
    Column("below", "Down to interval low (x)", "ratio", 8.5, "For the charts"),
    Column("above", "Up to interval high (x)", "ratio", 8.5, "For the charts"),
    Column("sure", "Gap, interval above 1 (x)", "ratio", 8.5, "For the charts"),
    Column("unsure", "Gap, interval not above 1 (x)", "ratio", 8.5, "For the charts"),
    Column("headline", "Gap, headline (x)", "ratio", 8.5, "For the charts"),
    *(Column(f"choice_{k}", title, "mark", 6.5, AXES) for k, (_, _, title) in enumerate(CHOICES)),
)
NAMES = (
    Column("x", "For the lower chart: place", "count"),
    Column("y", "Line", "count"),
    Column("name", "Choice", "small"),
)
CURVE_ROWS, CHOICE_ROWS = 18, 16
WIDTH = 1470
# Part of the width of the lower chart that the names of the choices take.
NAME_SHARE = 0.24


def grids(book: Book) -> dict[str, Grid]:
    """Where the definitions stand: under words and charts."""
    top = FIRST + len(wrapped(_said(book))) + CURVE_ROWS + CHOICE_ROWS + 6
    done = Grid(CURVE, COLUMNS, top, len(_rows(book)))
    return {"definitions": done, "choices": Grid(CURVE, NAMES, done.last + 5, len(CHOICES))}


def write(book: Book) -> None:
    """Write the sheet; the page to print is words and charts, the definitions stand beneath it."""
    sheet, grid, study = book.sheet(CURVE), book.grids["definitions"], book.studies.gap
    book.top(
        sheet, CURVE, "The gap under every definition: denominator x statistic x group rule x switches of the bridge."
    )
    for col, column in enumerate(COLUMNS):
        sheet.page.set_column(col, col, column.width)
    after = sheet.lines(FIRST - 2, _said(book), head="What can and cannot be said, in the run")
    measured = len(study.curve.measured)
    if measured:
        _chart(book, sheet, grid, measured, at=(after + 1, 0))
        _matrix(book, sheet, grid, measured, at=(after + 1 + CURVE_ROWS, 0))
    last_printed = grid.first - 4
    sheet.words(grid.first - 3, 0, "Every definition, of the run", "section")
    sheet.header(grid, widths=False, height=110)
    for k, column in enumerate(COLUMNS):
        if column.kind == "mark":
            sheet.words(grid.first - 1, k, column.title, "header_up")
    for k, row in enumerate(_rows(book)):
        _definition(sheet, grid, k, row)
    _names(sheet, book.grids["choices"], measured)
    sheet.lines(book.grids["choices"].last + 2, _notes(book))
    book.finish(sheet, freeze=(FIRST - 2, 0), repeat=(0, 3), last=(last_printed, len(COLUMNS) - 1))
    sheet.page.fit_to_pages(1, 1)


def _rows(book: Book) -> list[dict[str, Any]]:
    """Measured definitions by ratio, then those that cannot be measured."""
    frame = book.studies.gap.curve.frame
    measured = frame["low"].notna()
    ordered = frame[measured].sort_values("ratio", kind="stable")
    return pd.concat([ordered, frame[~measured]]).to_dict("records")


def _definition(sheet: Sheet, grid: Grid, k: int, row: dict[str, Any]) -> None:
    r, measured = grid.first + k, not math.isnan(row["low"])
    at = lambda key: grid.at(key, k)  # noqa: E731
    sheet.static(r, 0, float(k + 1) if measured else None, "count", unknown="")
    for key, name in (("ratio", "ratio"), ("low", "low"), ("high", "high"), ("p", "p_value")):
        sheet.static(r, grid.index(key), row[name] if measured else None, grid.kind(key))
    for key in ("n_pivot", "n_bitcoin"):
        sheet.static(r, grid.index(key), float(row[key]), "count")
    if measured:
        low, middle, high = (steady(row[key]) for key in ("low", "ratio", "high"))
        sheet.formula(r, grid.index("below"), f"{at('ratio')}-{at('low')}", middle - low, "ratio")
        sheet.formula(r, grid.index("above"), f"{at('high')}-{at('ratio')}", high - middle, "ratio")
        key = "sure" if row["low"] > 1 else "unsure"
        sheet.formula(r, grid.index(key), at("ratio"), row["ratio"], "ratio")
        if row["is_headline"]:
            sheet.formula(r, grid.index("headline"), at("ratio"), row["ratio"], "ratio")
    for c, (name, value, _) in enumerate(CHOICES):
        if row[name] == value:
            sheet.static(r, grid.index(f"choice_{c}"), float(len(CHOICES) - c), "mark")


def _names(sheet: Sheet, grid: Grid, measured: int) -> None:
    """Where the lower chart writes the names of the choices: left of the first definition."""
    sheet.words(grid.first - 2, 0, "Names of the choices, for the lower chart", "section")
    sheet.header(grid, widths=False)
    for c, (_, _, title) in enumerate(CHOICES):
        sheet.static(grid.first + c, 0, _left(measured), "count")
        sheet.static(grid.first + c, 1, float(len(CHOICES) - c), "count")
        sheet.text(grid.first + c, 2, title, "small")


def _left(measured: int) -> float:
    """The left end of both charts' axis: room for the names."""
    return -float(math.ceil(NAME_SHARE / (1 - NAME_SHARE) * measured))


def _across(measured: int) -> dict[str, Any]:
    left = _left(measured)
    return {"min": left, "max": measured + 1, "crossing": left, "major_unit": 10_000, "num_format": ";;;"}


def _chart(book: Book, sheet: Sheet, grid: Grid, measured: int, *, at: tuple[int, int]) -> None:
    curve = book.studies.gap.curve
    chart = book.workbook.add_chart({"type": "scatter"})
    last = measured - 1
    whiskers = {
        "type": "custom",
        "plus_values": formula(grid, "above", measured),
        "minus_values": formula(grid, "below", measured),
    }
    rank = cells(grid, "rank", 0, last)
    bars = {**whiskers, "end_style": 0, "line": {"color": WHISKER_COLOUR, "width": 0.75, "transparency": 65}}
    chart.add_series(
        {"name": "interval", "categories": rank, "values": cells(grid, "ratio", 0, last), "marker": {"type": "none"},
         "y_error_bars": bars}
    )  # fmt: skip
    # The dots stand on a second axis of the same scale, which is drawn over the bars of the first.
    for key, name, colour, size in (
        ("unsure", f"{curve.level:.0%} interval not above 1", MUTED, 3),
        ("sure", f"{curve.level:.0%} interval above 1", PIVOT_COLOUR, 3),
        ("headline", "headline, declared before looking", BITCOIN_COLOUR, 9),
    ):
        marker = {"type": "diamond" if size > 5 else "circle", "size": size, "fill": {"color": colour}}
        series = {"name": name, "categories": rank, "values": cells(grid, key, 0, last), "y2_axis": True}
        chart.add_series(series | {"marker": {**marker, "border": {"color": colour}}})
    lowest = 2.0 ** math.floor(math.log2(curve.measured["low"].clip(lower=1 / 8).min()))
    highest = 2.0 ** math.ceil(math.log2(curve.measured["high"].clip(upper=32).max()))
    chart.set_x_axis(axis(**_across(measured)) | {"line": {"none": True}})
    scale = {"log_base": 2, "major_unit": 2, "min": lowest, "max": highest, "crossing": lowest}
    chart.set_y_axis(axis("pivot over bitcoin (x), log scale", grid=True, num_format='0.0##"x"') | scale)
    chart.set_y2_axis(axis(num_format=";;;", major_tick_mark="none", line={"none": True}) | scale)
    chart.set_plotarea({"layout": {"x": 0.06, "y": 0.12, "width": 0.92, "height": 0.76}})
    title = f"The gap under {measured} definitions, sorted; bars: {curve.level:.0%} intervals"
    insert(sheet, chart, at, (WIDTH, CURVE_ROWS * PIXELS_A_ROW), title, without=(0,))


def _matrix(book: Book, sheet: Sheet, grid: Grid, measured: int, *, at: tuple[int, int]) -> None:
    names = book.grids["choices"]
    chart = book.workbook.add_chart({"type": "scatter"})
    rank = cells(grid, "rank", 0, measured - 1)
    for c, (name, _, _) in enumerate(CHOICES):
        colour = {"denominator": NAVY, "statistic": PIVOT_COLOUR, "rule": BITCOIN_COLOUR}.get(name, MUTED)
        chart.add_series(
            {
                "name": CHOICES[c][2],
                "categories": rank,
                "values": cells(grid, f"choice_{c}", 0, measured - 1),
                "marker": {"type": "square", "size": 2, "fill": {"color": colour}, "border": {"color": colour}},
            }
        )
    chart.add_series(
        {
            "name": "choices",
            "categories": cells(names, "x"),
            "values": cells(names, "y"),
            "marker": {"type": "none"},
            "data_labels": {
                "value": True,
                "custom": [{"value": title} for _, _, title in CHOICES],
                "position": "right",
                "font": SMALL,
            },
        }
    )
    chart.set_x_axis(axis(**_across(measured)) | {"line": {"none": True}})
    chart.set_y_axis(
        axis(min=0, max=len(CHOICES) + 1, major_unit=100, num_format=";;;", line={"none": True}, visible=True)
    )
    chart.set_plotarea({"layout": {"x": 0.06, "y": 0.1, "width": 0.92, "height": 0.88}})
    title = "The choices behind each definition above"
    insert(sheet, chart, at, (WIDTH, CHOICE_ROWS * PIXELS_A_ROW), title, legend="")


def spread_in_words(book: Book) -> list[str]:
    """How the gap spreads over all definitions, and whether the whole is more than chance."""
    study = book.studies.gap
    shares, total = study.curve.shares(), len(study.curve.frame)
    if shares.empty:
        return [f"None of {total} definitions has two companies in each group on this date: there is no curve."]
    row = shares.iloc[-1]
    done = study.curve.measured
    said = [
        f"{int(row['measured'])} of {total} definitions can be measured ({study.n_distinct} distinct): gap from "
        f"{row['smallest_ratio']:.2f} to {row['largest_ratio']:.2f}, middle {row['median_ratio']:.2f}; "
        f"{row['share_above_one']:.0%} have an interval above 1:1, {row['share_containing_two']:.0%} one that contains "
        f"2:1, {(done['p_value'] <= UNSURE).mean():.0%} a permutation p of at most 5%."
    ]
    if study.joint is not None:
        said.append(
            f"The curve as a whole, companies handed out to the groups at random {study.joint.draws:,} times: p "
            f"{p_text(study.joint.p_value)} (n = {study.joint.companies} companies, seed {study.joint.seed})."
        )
    return said


def _said(book: Book) -> list[str]:
    study = book.studies.gap
    curve = study.curve
    how = f"{curve.method}; {curve.level:.0%} intervals, B = {curve.draws:,}, seed {curve.seed}. n stands in each row."
    cannot = [
        *curve_unsaid(study),
        "That the definitions confirm each other: they share the same companies and prices.",
    ]
    return [*spread_in_words(book), *points([], cannot), f"{how[0].upper()}{how[1:]}"]


def _notes(book: Book) -> list[str]:
    return [
        "A definition with fewer than two companies in a group has no interval and stands last, without a number.",
        "Switches that no company's figures tell apart give the same gap twice: see how many are distinct.",
        "The definitions share companies and prices: they do not confirm each other. The headline was declared before "
        f"looking: {book.studies.gap.definition}.",
        "Printed are words and charts; the table of definitions is for the screen.",
    ]
