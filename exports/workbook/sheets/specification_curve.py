"""Specification curve: the gap under every specification, sorted, with the choices behind each below.

After Simonsohn, Simmons & Nelson (2020): every dot of the upper chart is one specification, and the marks under it in
the lower chart show its choices.
"""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from exports.tables.formats import p_value
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.charts import PIXELS_A_ROW, SMALL, axis, cells, formula, insert
from exports.workbook.writer.citations import CURVE_WORKS, section
from exports.workbook.writer.context import CURVE, FIRST, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import BITCOIN_COLOUR, MUTED, NAVY, PIVOT_COLOUR, WHISKER_COLOUR
from exports.workbook.writer.texts import commentary, paragraphs, wrapped
from exports.workbook.writer.values import steady
from valuation._words import SIGNIFICANT
from valuation.denominators import in_specifications
from valuation.gap.estimate import STATISTICS
from valuation.gap.specification_curve import VARIED
from valuation.gap.study_findings import all_specifications, shared_data

RESULT, AXES, CHARTS = "Result, fixed at run", "Choices: a mark where the specification makes it", "For the charts"
# Short enough for one line beside the lower chart.
TITLES = {
    "hodges_lehmann": "Typical ratio",
    "median": "Medians",
    "geometric_mean": "Geometric means",
    "aggregate": "Aggregates",
    "share20": "Group: share 20%",
    "share50": "Group: share 50%",
    "signed": "Group: any contract",
    "mw25": "Group: 25 MW of AI",
    "trailing10": "Group: trailing 10%",
    "net_bitcoin": "Bitcoin netted",
    "net_restricted_cash": "Restricted netted",
    "prepayments_as_debt": "Prepayments as debt",
    "if_converted": "If-converted",
}
BY_RATIO = "specifications by ratio"


def choices(book: ScreenBook) -> tuple[tuple[str, Any, str], ...]:
    """Axis, value and name of every choice in the registries."""
    return (
        *(("denominator", key, one.multiple_title) for key, one in in_specifications().items()),
        *(("statistic", name, TITLES.get(name, name)) for name in STATISTICS),
        *(("rule", name, TITLES.get(name, f"Group: {name}")) for name in book.screen.sector.known_rules),
        *((name, True, TITLES.get(name, name)) for name in VARIED),
    )


def columns(book: ScreenBook) -> tuple[Column, ...]:
    """Result, columns for the charts, and a column for each choice."""
    return (
        Column("rank", "Rank", "count", 7, RESULT),
        Column("ratio", "Gap (x)", "ratio", 8.5, RESULT),
        Column("low", "Interval low (x)", "ratio", 8.5, RESULT),
        Column("high", "Interval high (x)", "ratio", 8.5, RESULT),
        Column("p", "p, permu-tation", "p_value", 8.5, RESULT),
        Column("n_pivot", "n pivot", "count", 7, RESULT),
        Column("n_bitcoin", "n bitcoin", "count", 7, RESULT),
        Column("below", "Ratio less interval low (x)", "ratio", 8.5, CHARTS),
        Column("above", "Interval high less ratio (x)", "ratio", 8.5, CHARTS),
        Column("sure", "Gap, p at most 5% (x)", "ratio", 8.5, CHARTS),
        Column("unsure", "Gap, p above 5% (x)", "ratio", 8.5, CHARTS),
        Column("headline", "Gap, headline (x)", "ratio", 8.5, CHARTS),
        *(Column(f"choice_{k}", title, "mark", 6.5, AXES) for k, (_, _, title) in enumerate(book.once(choices))),
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


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the specifications, under commentary and charts, and of the names of the choices."""
    top = FIRST + len(wrapped(book.once(_commentary))) + CURVE_ROWS + CHOICE_ROWS + 6
    done = TableRange(CURVE, columns(book), top, len(book.once(_rows)))
    return {"definitions": done, "choices": TableRange(CURVE, NAMES, done.last + 5, len(book.once(choices)))}


def write(book: ScreenBook) -> None:
    """Write the sheet; commentary and charts are printed, the specifications stand below them."""
    sheet, area = book.sheet(CURVE), book.ranges["definitions"]
    about = "The gap under every specification: denominator x statistic x group rule x switches of the bridge."
    book.heading(sheet, CURVE, about)
    after = sheet.notes(FIRST - 2, book.once(_commentary), head="Findings and limitations, fixed at run time")
    measured = len(book.studies.gap.curve.measured)
    if measured:
        _chart(book, sheet, area, measured, at=(after + 1, 0))
        _matrix(book, sheet, area, measured, at=(after + 1 + CURVE_ROWS, 0))
    last_printed = area.first - 4
    sheet.label(area.first - 3, 0, "Every specification, fixed at run time", "section")
    sheet.header(area, height=110)
    for k, column in enumerate(area.columns):
        if column.kind == "mark":
            sheet.label(area.first - 1, k, column.title, "header_up")
    made = book.once(choices)
    for k, row in enumerate(book.once(_rows)):
        _specification(sheet.record(area, k), row, made)
    _names(sheet, book.ranges["choices"], measured, made)
    sheet.notes(book.ranges["choices"].last + 2, _notes(book))
    book.finish(sheet, freeze=(FIRST - 2, 0), repeat=(0, 3), last=(last_printed, len(area.columns) - 1), pages=1)


def _rows(book: ScreenBook) -> list[dict[str, Any]]:
    """Measured specifications by ratio, then those that cannot be measured."""
    frame = book.studies.gap.curve.frame
    measured = frame["p_value"].notna()
    ordered = frame[measured].sort_values("ratio", kind="stable")
    return pd.concat([ordered, frame[~measured]]).to_dict("records")


def _specification(record: Record, row: dict[str, Any], made: tuple[tuple[str, Any, str], ...]) -> None:
    measured, at = not math.isnan(row["p_value"]), record.at
    record.static("rank", float(record.k + 1) if measured else None, unknown="")
    for key, name in (("ratio", "ratio"), ("low", "low"), ("high", "high"), ("p", "p_value")):
        record.static(key, row[name] if measured else None)
    for key in ("n_pivot", "n_bitcoin"):
        record.static(key, float(row[key]))
    if measured:
        if not math.isnan(row["low"]):
            low, ratio, high = (steady(row[key]) for key in ("low", "ratio", "high"))
            record.formula("below", f"{at('ratio')}-{at('low')}", ratio - low)
            record.formula("above", f"{at('high')}-{at('ratio')}", high - ratio)
        for key in (
            "sure" if row["p_value"] <= SIGNIFICANT else "unsure",
            *(["headline"] if row["is_headline"] else []),
        ):
            record.formula(key, at("ratio"), row["ratio"])
    for c, (name, value, _) in enumerate(made):
        if row[name] == value:
            record.static(f"choice_{c}", float(len(made) - c))


def _names(sheet: Sheet, area: TableRange, measured: int, made: tuple[tuple[str, Any, str], ...]) -> None:
    """Where the lower chart writes the names of the choices: left of the first specification."""
    sheet.label(area.first - 2, 0, "Names of the choices, for the lower chart", "section")
    sheet.header(area, widths=False)
    for c, (_, _, title) in enumerate(made):
        record = sheet.record(area, c)
        record.static("x", _left(measured))
        record.static("y", float(len(made) - c))
        record.text("name", title, "small")


def _left(measured: int) -> float:
    """The left end of both charts' axis: room for the names."""
    return -float(math.ceil(NAME_SHARE / (1 - NAME_SHARE) * measured))


def _across(measured: int) -> dict[str, Any]:
    left = _left(measured)
    return {"min": left, "max": measured + 1, "crossing": left, "major_unit": 10_000, "num_format": ";;;"}


def _chart(book: ScreenBook, sheet: Sheet, area: TableRange, measured: int, *, at: tuple[int, int]) -> None:
    curve = book.studies.gap.curve
    chart = book.workbook.add_chart({"type": "scatter"})
    last = measured - 1
    whiskers = {
        "type": "custom",
        "plus_values": formula(area, "above", measured),
        "minus_values": formula(area, "below", measured),
    }
    rank = cells(area, "rank", 0, last)
    bars = {**whiskers, "end_style": 0, "line": {"color": WHISKER_COLOUR, "width": 0.75, "transparency": 65}}
    chart.add_series(
        {"name": "interval", "categories": rank, "values": cells(area, "ratio", 0, last), "marker": {"type": "none"},
         "y_error_bars": bars}
    )  # fmt: skip
    # The dots stand on a second axis of the same scale, which is drawn over the bars of the first.
    for key, name, colour, size in (
        ("unsure", "p above 5%", MUTED, 3),
        ("sure", "p at most 5%", PIVOT_COLOUR, 3),
        ("headline", "headline, chosen before the results", BITCOIN_COLOUR, 9),
    ):
        marker = {"type": "diamond" if size > 5 else "circle", "size": size, "fill": {"color": colour}}
        series = {"name": name, "categories": rank, "values": cells(area, key, 0, last), "y2_axis": True}
        chart.add_series(series | {"marker": {**marker, "border": {"color": colour}}})
    lowest = 2.0 ** math.floor(math.log2(curve.measured[["low", "ratio"]].min(axis=1).clip(lower=1 / 8).min()))
    highest = 2.0 ** math.ceil(math.log2(curve.measured[["high", "ratio"]].max(axis=1).clip(upper=32).max()))
    chart.set_x_axis(axis(BY_RATIO, **_across(measured)) | {"line": {"none": True}})
    scale = {"log_base": 2, "major_unit": 2, "min": lowest, "max": highest, "crossing": lowest}
    chart.set_y_axis(axis("AI group over mining group (x), log scale", area=True, num_format='0.0##"x"') | scale)
    chart.set_y2_axis(axis(num_format=";;;", major_tick_mark="none", line={"none": True}) | scale)
    chart.set_plotarea({"layout": {"x": 0.06, "y": 0.12, "width": 0.92, "height": 0.76}})
    title = f"Gap under {measured} specifications, sorted; bars: {curve.level:.0%} intervals of typical ratios"
    insert(sheet, chart, at, (WIDTH, CURVE_ROWS * PIXELS_A_ROW), title, without=(0,))


def _matrix(book: ScreenBook, sheet: Sheet, area: TableRange, measured: int, *, at: tuple[int, int]) -> None:
    names, made = book.ranges["choices"], book.once(choices)
    chart = book.workbook.add_chart({"type": "scatter"})
    rank = cells(area, "rank", 0, measured - 1)
    for c, (name, _, title) in enumerate(made):
        colour = {"denominator": NAVY, "statistic": PIVOT_COLOUR, "rule": BITCOIN_COLOUR}.get(name, MUTED)
        chart.add_series(
            {
                "name": title,
                "categories": rank,
                "values": cells(area, f"choice_{c}", 0, measured - 1),
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
                "custom": [{"value": title} for _, _, title in made],
                "position": "right",
                "font": SMALL,
            },
        }
    )
    chart.set_x_axis(axis(BY_RATIO, **_across(measured)) | {"line": {"none": True}})
    chart.set_y_axis(
        axis("choice", min=0, max=len(made) + 1, major_unit=100, num_format=";;;", line={"none": True}, visible=True)
    )
    chart.set_plotarea({"layout": {"x": 0.06, "y": 0.1, "width": 0.92, "height": 0.82}})
    title = "Choices of each specification above"
    insert(sheet, chart, at, (WIDTH, CHOICE_ROWS * PIXELS_A_ROW), title, legend="")


def spread(book: ScreenBook) -> list[str]:
    """Spread of the gap over all specifications, and the joint permutation test."""
    study = book.studies.gap
    shares, total = study.curve.shares(), len(study.curve.frame)
    if shares.empty:
        return [f"None of {total} specifications has three companies in each group on this date: there is no curve."]
    row = shares.iloc[-1]
    text = (
        f"{int(row['measured'])} of {total} specifications can be measured ({study.n_distinct} distinct): gap from "
        f"{row['smallest_ratio']:.1f}x to {row['largest_ratio']:.1f}x, median {row['median_ratio']:.1f}x; "
        f"{row['share_ratio_above_one']:.0%} have a ratio above 1.0x, {row['share_significant']:.0%} with a p of at most 5%."
    )
    if study.joint is None:
        return [text]
    joint = study.joint
    test = (
        f"Joint label permutation test of all specifications: {p_value(joint.p_value)} ({joint.draws:,} permutations, "
    )
    return [text, f"{test}n = {joint.companies} companies, seed {joint.seed})."]


def _commentary(book: ScreenBook) -> list[str]:
    curve = book.studies.gap.curve
    method = f"{curve.method}; {curve.level:.0%} intervals, B = {curve.draws:,}, seed {curve.seed}. n is in each row."
    limits = commentary(
        [*all_specifications(book.studies.gap.joint, book.studies.gap.declared, book.screen.gap.basis), shared_data()]
    )
    return [*spread(book), *limits, f"{method[0].upper()}{method[1:]} Source: {CURVE_WORKS}."]


def _notes(book: ScreenBook) -> list[str]:
    return paragraphs(f"""
        - A specification with fewer than three companies in a group has no test and stands last, without a rank.
        - Switches that change no company's figures give the same gap twice: the number of distinct gaps is stated above.
        - The headline was chosen before the results: {book.studies.gap.definition}.
        - Commentary and charts are printed; the table of specifications is not. Method: {section(7)}.
    """)
