"""Weekly history of the gap: table, line with its band of intervals, and number of companies by group."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import pandas as pd

from exports.commentary.labels import GROUP_TITLES
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.charts import PIXELS_A_ROW, axis, cells, formula, insert
from exports.workbook.writer.context import GAP, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import BITCOIN_COLOUR, LINE_COLOUR, NAVY, PIVOT_COLOUR, WHISKER_COLOUR
from exports.workbook.writer.values import steady
from valuation.gap.hodges_lehmann import LEAST_MEMBERS
from valuation.groups import BITCOIN, GROUP_NAMES, PIVOT

if TYPE_CHECKING:
    from valuation.gap.history import GapHistory

WEEKS = (
    Column("week", "Week", "date"),
    Column("note", "Reason for no estimate", "small"),
    Column("n_pivot", "n pivot, fixed at run", "count"),
    Column("n_bitcoin", "n bitcoin, fixed at run", "count"),
    Column("ratio", "Gap, typical ratio, fixed at run (x)", "ratio"),
    Column("low", "Interval low, fixed at run (x)", "ratio"),
    Column("high", "Interval high, fixed at run (x)", "ratio"),
    Column("p", "p, fixed at run", "p_value"),
    Column("level", "Level reached, fixed at run (%)", "percent"),
    Column("band_low", "Band low, all weeks at once, fixed at run (x)", "ratio"),
    Column("band_high", "Band high, all weeks at once, fixed at run (x)", "ratio"),
    Column("below", "Ratio less interval low (x)", "ratio"),
    Column("above", "Interval high less ratio (x)", "ratio"),
    Column("stayed", "Gap, present throughout, fixed at run (x)", "ratio"),
    Column("stayed_pivot", "n pivot, present throughout, fixed at run", "count"),
    Column("stayed_bitcoin", "n bitcoin, present throughout, fixed at run", "count"),
    Column("changes", "Entries, exits, changes of group", "small"),
)
SHOWN = (
    ("low", "low"), ("high", "high"), ("p", "p_value"), ("level", "level_reached"), ("band_low", "band_low"),
    ("band_high", "band_high"),
)  # fmt: skip
# The axis ends here: groups of three have very wide intervals, against which the line would be flat.
LARGEST = 16
SMALLEST = 0.25
SIZE = (840, 19 * PIXELS_A_ROW)
SMALL_SIZE = (840, 9 * PIXELS_A_ROW)
DAYS_A_QUARTER = 91.3125


def table_range(history: GapHistory | None, first: int) -> TableRange:
    """Where the weeks stand."""
    return TableRange(GAP, WEEKS, first, 0 if history is None else len(history.frame))


def write_history(sheet: Sheet, where: TableRange, history: GapHistory) -> None:
    """One row per week; a week without three companies in each group has the reason and no number."""
    sheet.label(where.first - 2, 0, "Headline gap by week, point in time", "section")
    sheet.header(where, widths=False, height=58)
    moved, stayed = changes(history.membership), history.throughout.frame
    for k, row in enumerate(history.frame.rename_axis("week").reset_index().to_dict("records")):
        record = sheet.record(where, k)
        record.input("week", row["week"], italic=True)
        record.text("note", missing(row), "small")
        for key in ("n_pivot", "n_bitcoin"):
            record.static(key, float(row[key]))
        for key, name in (("ratio", "ratio"), *SHOWN):
            record.static(key, row[name], unknown="")
        same = stayed.loc[row["week"]]
        record.static("stayed", same["ratio"], unknown="")
        for group in (PIVOT, BITCOIN) if row["week"] >= history.throughout.start else ():
            record.static(f"stayed_{group}", float(same[f"n_{group}"]))
        record.text("changes", moved.get(row["week"], ""), "small")
        if not math.isnan(row["low"]):
            low, ratio, high = (steady(row[key]) for key in ("low", "ratio", "high"))
            record.formula("below", f"{record.at('ratio')}-{record.at('low')}", ratio - low)
            record.formula("above", f"{record.at('high')}-{record.at('ratio')}", high - ratio)


def changes(membership: pd.DataFrame) -> dict[pd.Timestamp, str]:
    """Entries, exits and changes of group by week, with the reason: `RIOT, CLSK to the AI group (signed)`."""
    told: dict[pd.Timestamp, list[str]] = {}
    for (week, before, after, reason), part in membership.groupby(
        ["as_of", "group_before", "group_after", "reason"], sort=False
    ):
        where = f"to the {GROUP_NAMES[after]}" if after in GROUP_NAMES else f"out of the {GROUP_NAMES[before]}"
        told.setdefault(week, []).append(f"{', '.join(part['ticker'])} {where} ({reason})")
    return {week: "; ".join(texts) for week, texts in told.items()}


def missing(record: Mapping[str, Any]) -> str:
    """Why a week has no gap; empty where it has one."""
    sizes = {"the AI group": int(record["n_pivot"]), "the mining group": int(record["n_bitcoin"])}
    empty = [name for name, n in sizes.items() if n == 0]
    if empty:
        return f"no company in {'either group' if len(empty) == 2 else empty[0]}"
    if math.isnan(record["ratio"]):
        return f"fewer than {LEAST_MEMBERS} in {min(sizes, key=lambda name: sizes[name])}"
    return ""


def insert_history(
    book: ScreenBook,
    sheet: Sheet,
    where: TableRange,
    history: GapHistory,
    at: tuple[int, int],
    size: tuple[int, int] = SIZE,
) -> None:
    """Gap by week with its band of intervals, on a logarithmic axis."""
    if history.measured.empty:
        return
    chart = book.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    weeks = cells(where, "week")
    # The band is one thick bar a week: an area would fall to zero where nothing was measured. The line stands on a
    # second axis of the same scale, which is drawn over the first.
    band = {
        "type": "custom", "plus_values": formula(where, "above"), "minus_values": formula(where, "below"),
        "end_style": 0, "line": {"color": WHISKER_COLOUR, "width": 3.25, "transparency": 65},
    }  # fmt: skip
    unseen = {"type": "none"}
    chart.add_series(
        {"name": "interval", "categories": weeks, "values": cells(where, "ratio"), "marker": unseen,
         "line": {"none": True}, "y_error_bars": band}
    )  # fmt: skip
    chart.add_series(
        {"name": "gap, AI group over mining group", "categories": weeks, "values": cells(where, "ratio"),
         "marker": unseen, "line": {"color": NAVY, "width": 1.75}, "y2_axis": True}
    )  # fmt: skip
    if len(history.throughout.measured):
        stayed = {"color": LINE_COLOUR, "width": 1.5, "dash_type": "round_dot"}
        chart.add_series(
            {"name": f"the {len(history.throughout.companies)} companies present throughout", "categories": weeks,
             "values": cells(where, "stayed"), "marker": unseen, "line": stayed, "y2_axis": True}
        )  # fmt: skip
    if history.frame["band_low"].notna().any():
        for key in ("band_low", "band_high"):
            edge = {"color": BITCOIN_COLOUR, "width": 1, "dash_type": "dash"}
            chart.add_series(
                {"name": f"band for all weeks at once ({history.level:.0%})", "categories": weeks,
                 "values": cells(where, key), "marker": unseen, "line": edge, "y2_axis": True}
            )  # fmt: skip
    seen = history.frame[["ratio", "low", "high", "band_low", "band_high"]]
    lowest = max(SMALLEST, 2.0 ** math.floor(math.log2(seen.min().min())))
    highest = min(LARGEST, 2.0 ** math.ceil(math.log2(seen.max().max())))
    chart.set_x_axis(_time(history))
    scale = {"log_base": 2, "major_unit": 2, "min": lowest, "max": highest, "crossing": lowest}
    chart.set_y_axis(axis("ratio (x), log scale", area=True, num_format='0.0#"x"') | scale)
    chart.set_y2_axis(axis(num_format=";;;", major_tick_mark="none", line={"none": True}) | scale)
    title = f"Headline gap since January 2024, point in time; bars: {history.level:.0%} interval of each week"
    # The edges of the band are one entry of the legend.
    second_edge = 4 if len(history.throughout.measured) else 3
    insert(sheet, chart, at, size, title, without=(0, second_edge) if history.checks is not None else (0,))


def insert_sizes(book: ScreenBook, sheet: Sheet, where: TableRange, history: GapHistory, at: tuple[int, int]) -> None:
    """Number of companies by group and week."""
    chart = book.workbook.add_chart({"type": "scatter", "subtype": "straight"})
    for group, colour in (("pivot", PIVOT_COLOUR), ("bitcoin", BITCOIN_COLOUR)):
        chart.add_series(
            {"name": GROUP_TITLES[group], "categories": cells(where, "week"), "values": cells(where, f"n_{group}"),
             "marker": {"type": "none"}, "line": {"color": colour, "width": 1.5}}
        )  # fmt: skip
    chart.set_x_axis(_time(history))
    chart.set_y_axis(axis("companies", area=True, num_format="0", min=0))
    insert(sheet, chart, at, SMALL_SIZE, "Number of companies by group", legend="right")


def _time(history: GapHistory) -> dict[str, object]:
    first, last = ((day - pd.Timestamp("1899-12-30")).days for day in history.frame.index[[0, -1]])
    return axis("week", num_format="mmm yy", min=first, max=last + 7, major_unit=DAYS_A_QUARTER)
