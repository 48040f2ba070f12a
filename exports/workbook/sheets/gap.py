"""Gap: the definitions with live levels and ratios; intervals and p-values as values of the run."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from exports.commentary.labels import COVERAGE, UNSURE, plain_reason
from exports.commentary.numbers import p_text
from exports.workbook.sheets import gap_history
from exports.workbook.sheets.gap_members import MEMBERS, SHORT, write_members
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, is_unknown, points, steady, wrapped
from exports.workbook.writer.charts import PIXELS_A_ROW, axis, cells, formula, insert
from exports.workbook.writer.context import FIRST, GAP, WITHOUT, Book, definition
from exports.workbook.writer.style import BAND_COLOUR, NAVY
from valuation.gap.estimate import MEASURED, STATISTICS, statistic_value
from valuation.groups import BITCOIN, PIVOT
from valuation.metrics import METRICS, UNITS

if TYPE_CHECKING:
    from valuation.gap.study import GapHistory

# Over the columns of the companies beneath; two of them are narrow and left to the words before them.
GAPS = (
    Column("part", "Part"),
    Column("metric", "Measure (its unit)"),
    Column("statistic", "Ratio of, pivot over bitcoin"),
    Column("blank", ""),
    Column("pivot", "Pivot level, live (unit left)", "per_mw"),
    Column("bitcoin", "Bitcoin level, live (unit left)", "per_mw"),
    Column("ratio", "Gap: ratio, live (x)", "ratio"),
    Column("low", "Interval low, of the run (x)", "ratio"),
    Column("high", "Interval high, of the run (x)", "ratio"),
    Column("p", "p, of the run", "p_value"),
    Column("n_pivot", "n pivot, live", "count"),
    Column("n_bitcoin", "n bitcoin, live", "count"),
    Column("run", "Gap of the run (x)", "ratio"),
    Column("below", "Down to interval low (x)", "ratio"),
    Column("above", "Up to interval high (x)", "ratio"),
    Column("label", "Name in the chart", "small"),
    Column("blank2", ""),
    Column("blank3", ""),
    Column("note", "Note", "small"),
    Column("blank4", ""),
    Column("blank5", ""),
)
HEADLINE, PER_MW, BESIDE = "Headline", "Per MW", "Revenue"
CHART_ROWS, SIZE_ROWS = 19, 10


def grids(book: Book) -> dict[str, Grid]:
    """Where the tables stand, from top to bottom."""
    gaps = Grid(GAP, GAPS, FIRST, len(book.screen.gap.frame))
    rows = CHART_ROWS + (SIZE_ROWS if _history(book) is not None else 0)
    members = Grid(GAP, MEMBERS, _charts_at(book, gaps) + rows + 4, book.n)
    return {"gap": gaps, "members": members, "weeks": gap_history.grid(_history(book), members.last + 5)}


def _history(book: Book) -> GapHistory | None:
    return None if book.screen.studies is None else book.studies.gap.history


def _charts_at(book: Book, gaps: Grid) -> int:
    return gaps.last + 4 + len(wrapped(_said(book)))


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, gap = book.sheet(GAP), book.screen.gap
    book.top(sheet, GAP, f"Pivot = {gap.rule.title}. The first row is the headline, declared before looking.")
    for col, column in enumerate(MEMBERS):
        sheet.page.set_column(col, col, column.width)
    _gaps(book, sheet)
    sheet.lines(book.grids["gap"].last + 2, _said(book), head="What can and cannot be said, in the run")
    _bars(book, sheet)
    members, weeks = book.grids["members"], book.grids["weeks"]
    top, right = _charts_at(book, book.grids["gap"]), 9
    breaks, last = [members.first - 3], members.last
    write_members(book, sheet)
    told = _history(book)
    if told is not None:
        breaks.insert(0, top - 1)
        gap_history.insert_history(book, sheet, weeks, told, (top, right))
        gap_history.insert_sizes(book, sheet, weeks, told, (top + CHART_ROWS, right))
        gap_history.write_history(sheet, weeks, told)
        breaks, last = [*breaks, weeks.first - 2], weeks.last
    sheet.page.set_h_pagebreaks(breaks)
    last = sheet.lines(last + 2, _notes(book))
    book.finish(sheet, freeze=(FIRST, 2), repeat=(0, 3), last=(last, len(MEMBERS) - 1))


def _gaps(book: Book, sheet: Sheet) -> None:
    grid, members = book.grids["gap"], book.grids["members"]
    sheet.words(grid.first - 2, 0, "How much more the market pays for companies that turned to AI", "section")
    sheet.header(grid, widths=False)
    for k, row in enumerate(book.screen.gap.frame.to_dict("records")):
        at, r = lambda key, k=k: grid.at(key, k), grid.first + k
        short, metric = SHORT[row["metric"]], METRICS[row["metric"]]
        level = "multiple" if metric.unit == "multiple" else "per_mw"
        sheet.text(r, 0, HEADLINE if k == 0 else BESIDE if level == "multiple" else PER_MW, bold=k == 0)
        sheet.text(r, 1, f"{metric.title} ({UNITS[metric.unit]})", "name", bold=k == 0)
        statistic = STATISTICS[row["statistic"]].removeprefix("ratio of ").partition(" (")[0]
        sheet.text(r, 2, statistic, bold=k == 0)
        for group in (PIVOT, BITCOIN):
            inside = members.span(f"{group}_{short}")
            sheet.formula(r, grid.index(f"n_{group}"), f"COUNT({inside})", row[f"n_{group}"], "count")
            formula = f'IF({at(f"n_{group}")}=0,"n/a",{_level(members, group, short, row["statistic"])})'
            sheet.formula(r, grid.index(group), formula, group_level(book, row, group), level)
        both = f'IF(COUNT({at("pivot")},{at("bitcoin")})=2,{at("pivot")}/{at("bitcoin")},"n/a")'
        sheet.formula(r, grid.index("ratio"), both, row["ratio"], "ratio", bold=True)
        for key, name in (("low", "low"), ("high", "high"), ("p", "p_value"), ("run", "ratio")):
            sheet.static(r, grid.index(key), row[name], grid.kind(key))
        for key, wide in (("below", f"{at('run')}-{at('low')}"), ("above", f"{at('high')}-{at('run')}")):
            end = row["low" if key == "below" else "high"]
            value = "" if is_unknown(end) else abs(steady(row["ratio"]) - steady(end))
            ends = f"COUNT({at('low')},{at('high')},{at('run')})=3"
            sheet.formula(r, grid.index(key), f'IF({ends},{wide},"")', value, "ratio")
        sheet.text(r, grid.index("label"), f"{metric.title}, {statistic}", "small")
        sheet.text(r, grid.index("note"), row["note"], "small")


def _bars(book: Book, sheet: Sheet) -> None:
    """The ratio under each definition with its interval, as whiskers."""
    grid, frame = book.grids["gap"], book.screen.gap.frame
    if frame["ratio"].isna().all():
        return
    chart = book.workbook.add_chart({"type": "bar"})
    whiskers = {"type": "custom", "plus_values": formula(grid, "above"), "minus_values": formula(grid, "below")}
    chart.add_series(
        {
            "name": "gap of the run",
            "categories": cells(grid, "label"),
            "values": cells(grid, "run"),
            "fill": {"color": BAND_COLOUR},
            "gap": 45,
            "x_error_bars": {**whiskers, "line": {"color": NAVY, "width": 1.25}},
        }
    )
    # The axis of a chart does not make room for whiskers by itself.
    furthest = math.ceil(frame[["ratio", "high"]].max().max())
    title = f"pivot over bitcoin (x), whiskers: {book.screen.gap.level:.0%} intervals"
    chart.set_x_axis(
        axis(
            title,
            grid=True,
            num_format="0",
            label_position="high",
            min=0,
            max=furthest,
            major_unit=max(1, furthest // 10),
        )
    )
    chart.set_y_axis(axis(reverse=True))
    at = (_charts_at(book, grid), 0)
    insert(
        sheet, chart, at, (760, CHART_ROWS * PIXELS_A_ROW), "The gap by definition, of the run; 1 is no gap", legend=""
    )


def _level(members: Grid, group: str, short: str, statistic: str) -> str:
    values = members.span(f"{group}_{short}")
    if statistic == "median":
        return f"MEDIAN({values})"
    if statistic == "geometric_mean":
        return f"GEOMEAN({values})"
    # Helper cells of the other group hold "", which is not above zero.
    base = members.span(f"base_{short}")
    return f'SUMIFS({members.span("ev")},{values},">0")/SUMIFS({base},{values},">0")'


def group_level(book: Book, row: dict[str, Any], group: str) -> float:
    """A group's level in the unit of the measure. The run gives none where the other group is empty; the sheet can."""
    if not is_unknown(row[f"{group}_value"]) or row[f"n_{group}"] == 0:
        return row[f"{group}_value"]
    table, (top, below) = book.screen.table, MEASURED[row["metric"]]
    mine = table[(table["group"] == group) & book.screen.gap.members[row["metric"]]]
    scale = 1.0 if row["metric"] == "ev_to_revenue" else MILLION
    value = mine[top].to_numpy(dtype=float) / scale
    return statistic_value(value, mine[below].to_numpy(dtype=float), row["statistic"])


def _said(book: Book) -> list[str]:
    """What the headline allows to say, and how it was come by."""
    gap = book.screen.gap
    head = gap.headline
    how = f"{gap.level:.0%} intervals: {gap.method}, B = {gap.draws:,}, seed {gap.seed}"
    how += ". p: permutation of the group labels, two-sided; n stands in each row."
    if book.screen.studies is not None:
        # Imported here: what a screen alone says needs no study.
        from exports.commentary.gap import can_be_said, cannot_be_said

        return [*points(can_be_said(book.studies.gap), cannot_be_said(book.studies.gap)), *_through_time(book), how]
    if is_unknown(head["ratio"]):
        return [f"No gap can be told: {head['note']}.", how]
    said = [
        f"Can be said: the middle pivot trades at {head['ratio']:.2f} times the middle bitcoin miner per secured MW."
    ]
    if is_unknown(head["low"]):
        return [*said, f"Cannot be said: how sure that is; {head['note']}.", how]
    sure = f"the interval starts at {head['low']:.2f}, p {p_text(head['p_value'])}"
    if head["low"] > 1 and head["p_value"] <= UNSURE:
        said.append(f"Can be said: there is a gap above 1:1; {sure}.")
    else:
        said.append(f"Cannot be said: that there is a gap at all; {sure}.")
    if head["low"] <= 2 <= head["high"]:
        said.append("Cannot be said: that it is 2:1; the interval holds that and much else.")
    else:
        said.append("Can be said: 2:1 lies outside the interval.")
    said.append(
        f"Cannot be said: that AI contracts cause it; {head['n_pivot']} and {head['n_bitcoin']} companies chose their group "
        f"themselves. With groups this small {COVERAGE}."
    )
    return [*said, how, WITHOUT]


def _through_time(book: Book) -> list[str]:
    """Trend, break and what moved the gap, with their methods; why not, where there is no telling."""
    told = _history(book)
    if told is None:
        return [f"History: {book.studies.notes['history']}."]
    if told.trend is None:
        return [f"History: no trend, {told.note}."]
    weeks = f"{len(told.measured)} of {len(told.frame)} weeks measured"
    weekly = (
        f"Weekly intervals: B = {told.draws:,}, seed {told.seed}; {weeks}, on the universe's own closes, the last of "
    )
    weekly += f"{told.frame.index[-1]:%Y-%m-%d}."
    return [f"{told.trend}.", f"{told.level_break}.", *([f"{told.change}."] if told.change else []), weekly]


def _notes(book: Book) -> list[str]:
    gap = book.screen.gap
    left = gap.left_out[gap.left_out["metric"] == gap.headline["metric"]]
    notes = [
        "Statistics: " + "; ".join(STATISTICS.values()) + ".",
        "Revenue rows: the same gap in EV over contracted AI and mining revenue a year, beside the gap per MW. "
        + definition("forward_revenue_usd"),
        "Contracted AI MW give no gap: a company that signed nothing has none to divide by.",
        "In the chart through time intervals beyond 16 or under 0.25 are cut; a week that cannot be measured has no mark.",
        "Use = 0 takes a company out of every statistic. Ratio of the run: what it was before any cell was changed.",
    ]
    out = "; ".join(f"{r.ticker} ({plain_reason(r.reason, r.metric)})" for r in left.itertuples())
    return [*notes, f"Left out of the headline: {out or 'none'}."]
