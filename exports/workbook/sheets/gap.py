"""Gap: the ratio of AI group to mining group by definition, its members, findings and history."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from exports.commentary.labels import plain_reason
from exports.workbook.sheets import gap_history, gap_lead, gap_tenants
from exports.workbook.sheets.gap_members import columns, write_members
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.charts import PIXELS_A_ROW, axis, cells, formula, insert
from exports.workbook.writer.citations import GAP_WORKS, section
from exports.workbook.writer.context import FIRST, GAP, STUDIES_HINT, UNITS, ScreenBook, definition
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import BAND_COLOUR, NAVY
from exports.workbook.writer.texts import commentary, paragraphs, wrapped
from exports.workbook.writer.values import is_unknown, steady
from valuation.denominators import COMPLETED_EV, Denominator, in_gap
from valuation.gap.estimate import STATISTICS, statistic_name, statistic_value
from valuation.gap.hodges_lehmann import LEAST_MEMBERS, TYPICAL
from valuation.gap.lead import LINE
from valuation.groups import BITCOIN, PIVOT

if TYPE_CHECKING:
    from valuation.gap.history import GapHistory

# Stands over the columns of the members; two of those are narrow and left to the text before them.
GAPS = (
    Column("part", "Part"),
    Column("metric", "Multiple (its unit)"),
    Column("statistic", "Ratio of AI group to mining group"),
    Column("blank", ""),
    Column("pivot", "AI group, pivot (unit left)", "per_mw"),
    Column("bitcoin", "Mining group, bitcoin (unit left)", "per_mw"),
    Column("ratio", "Gap: ratio (x)", "ratio"),
    Column("low", "Interval low, fixed at run (x)", "ratio"),
    Column("high", "Interval high, fixed at run (x)", "ratio"),
    Column("p", "p, fixed at run", "p_value"),
    Column("level", "Level reached, fixed at run (%)", "percent"),
    Column("attainable", "p, smallest attainable, fixed at run", "p_value"),
    Column("n_pivot", "n pivot", "count"),
    Column("n_bitcoin", "n bitcoin", "count"),
    Column("run", "Gap, fixed at run (x)", "ratio"),
    Column("below", "Ratio less interval low (x)", "ratio"),
    Column("above", "Interval high less ratio (x)", "ratio"),
    Column("label", "Name in the chart", "small"),
    Column("blank2", ""),
    Column("blank3", ""),
    Column("blank4", ""),
    Column("note", "Note", "small"),
)
TESTED = (
    ("low", "low"),
    ("high", "high"),
    ("p", "p_value"),
    ("level", "level_reached"),
    ("attainable", "attainable_p"),
)
HEADLINE, PER_MW, OTHER = "Headline", "Per MW", "Other"
CHART_ROWS, SIZE_ROWS = 19, 10


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Where the tables stand, from top to bottom."""
    gaps = TableRange(GAP, GAPS, FIRST, len(book.screen.gap.frame))
    lead = gap_lead.ranges(gaps.last + 4)
    rows = CHART_ROWS + (SIZE_ROWS if _history(book) is not None else 0)
    members = TableRange(GAP, columns(book), _charts_at(book, lead["terciles"]) + rows + 4, book.n)
    tenants = gap_tenants.table_range(book, members.last + 5)
    weeks = gap_history.table_range(_history(book), tenants.last + 5)
    return {"gap": gaps, **lead, "members": members, "tenants": tenants, "weeks": weeks}


def _history(book: ScreenBook) -> GapHistory | None:
    return None if book.screen.studies is None else book.studies.gap.history


def _charts_at(book: ScreenBook, above: TableRange) -> int:
    return above.last + 4 + len(wrapped(book.once(_commentary)))


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, gap = book.sheet(GAP), book.screen.gap
    lead = book.screen.lead
    first = (
        f"{lead.reason}: the line and the terciles below the ratios lead"
        if lead.leads == LINE
        else "The first row is the headline, chosen before the results"
    )
    book.heading(sheet, GAP, f"AI group (pivot) = {gap.rule.title}. {first}.")
    sheet.set_widths([c.width for c in book.ranges["members"].columns])
    _gaps(book, sheet)
    gap_lead.write(book, sheet)
    under = book.ranges["terciles"]
    sheet.notes(under.last + 2, book.once(_commentary), head="Findings and limitations, fixed at run time")
    _bars(book, sheet)
    members, weeks = book.ranges["members"], book.ranges["weeks"]
    top, right = _charts_at(book, under), 9
    breaks, last = [members.first - 3], book.ranges["tenants"].last
    write_members(book, sheet)
    gap_tenants.write(book, sheet)
    history = _history(book)
    if history is not None:
        breaks.insert(0, top - 1)
        gap_history.insert_history(book, sheet, weeks, history, (top, right))
        gap_history.insert_sizes(book, sheet, weeks, history, (top + CHART_ROWS, right))
        gap_history.write_history(sheet, weeks, history)
        breaks, last = [*breaks, weeks.first - 2], weeks.last
    sheet.page.set_h_pagebreaks(breaks)
    last = sheet.notes(last + 2, _notes(book))
    book.finish(sheet, freeze=(FIRST, 2), repeat=(0, 3), last=(last, len(members.columns) - 1))


def _gaps(book: ScreenBook, sheet: Sheet) -> None:
    area, members = book.ranges["gap"], book.ranges["members"]
    sheet.label(area.first - 2, 0, "Valuation gap: multiple of the AI group over that of the mining group", "section")
    sheet.header(area, widths=False, height=48)
    for k, row in enumerate(book.screen.gap.frame.to_dict("records")):
        record, one = sheet.record(area, k), in_gap()[row["metric"]]
        at, kind = record.at, UNITS[one.unit][1]
        part = HEADLINE if k == 0 else PER_MW if kind == "per_mw" else OTHER
        statistic = statistic_name(row["statistic"]).lower()
        for key, text in (
            ("part", part),
            ("metric", f"{one.multiple_title} ({UNITS[one.unit][0]})"),
            ("statistic", statistic),
        ):
            record.text(key, text, "name" if key == "metric" else "text", bold=k == 0)
        for group in (PIVOT, BITCOIN):
            record.formula(f"n_{group}", f"COUNT({members.span(f'{group}_{one.key}')})", row[f"n_{group}"])
            formula = f'IF({at(f"n_{group}")}=0,"n/a",{_level(members, group, one, row["statistic"])})'
            record.formula(group, formula, group_level(book, row, group), kind=kind)
        if row["statistic"] == TYPICAL:
            record.formula("ratio", _typical(members, one.key), row["ratio"], bold=True, array=True)
        else:
            told = f"COUNT({at('pivot')},{at('bitcoin')})=2"
            if one.beside:
                told = f"AND({told},MIN({at('n_pivot')},{at('n_bitcoin')})>={LEAST_MEMBERS})"
            both = f'IF({told},{at("pivot")}/{at("bitcoin")},"n/a")'
            record.formula("ratio", both, row["ratio"], bold=True)
        record.static("run", row["ratio"])
        # Interval and test are the typical ratio's alone; beside the others they are not unknown, there are none.
        for key, name in TESTED:
            record.static(key, row[name], unknown="n/a" if row["statistic"] == TYPICAL else "")
        for key, end, wide in (
            ("below", row["low"], f"{at('run')}-{at('low')}"),
            ("above", row["high"], f"{at('high')}-{at('run')}"),
        ):
            value = "" if is_unknown(end) else abs(steady(row["ratio"]) - steady(end))
            record.formula(key, f'IF(COUNT({at("low")},{at("high")},{at("run")})=3,{wide},"")', value)
        record.text("label", f"{one.multiple_title}, {statistic}", "small")
        record.text("note", row["note"], "small")


def _bars(book: ScreenBook, sheet: Sheet) -> None:
    """Ratio under each definition, with its interval as whiskers."""
    area, frame = book.ranges["gap"], book.screen.gap.frame
    if frame["ratio"].isna().all():
        return
    chart = book.workbook.add_chart({"type": "bar"})
    whiskers = {"type": "custom", "plus_values": formula(area, "above"), "minus_values": formula(area, "below")}
    chart.add_series(
        {
            "name": "gap, fixed at run time",
            "categories": cells(area, "label"),
            "values": cells(area, "run"),
            "fill": {"color": BAND_COLOUR},
            "gap": 45,
            "x_error_bars": {**whiskers, "line": {"color": NAVY, "width": 1.25}},
        }
    )
    # The axis of a chart does not make room for whiskers by itself.
    furthest = math.ceil(frame[["ratio", "high"]].max().max())
    title = f"AI group over mining group (x), whiskers: {book.screen.gap.level:.0%} intervals of the typical ratios"
    chart.set_x_axis(
        axis(
            title,
            area=True,
            num_format="0",
            label_position="high",
            min=0,
            max=furthest,
            major_unit=max(1, furthest // 10),
        )
    )
    chart.set_y_axis(axis("definition", reverse=True))
    at = (_charts_at(book, book.ranges["terciles"]), 0)
    insert(
        sheet,
        chart,
        at,
        (760, CHART_ROWS * PIXELS_A_ROW),
        "Valuation gap by definition, fixed at run time; 1.0x is no gap",
        legend="",
    )


def _typical(members: TableRange, key: str) -> str:
    """Array formula of the Hodges-Lehmann ratio: median over all pairs, one company of each group, on logs.

    Empty helper cells are texts and stand in no pair: a median skips texts of an array, in Excel, LibreOffice and Gnumeric.
    """
    first, second = (members.span(f"{group}_{key}") for group in (PIVOT, BITCOIN))
    pairs = f'IF(ISNUMBER({first})*ISNUMBER(TRANSPOSE({second})),LN({first}/TRANSPOSE({second})),"")'
    return f'IF(MIN(COUNT({first}),COUNT({second}))<{LEAST_MEMBERS},"n/a",EXP(MEDIAN({pairs})))'


def _level(members: TableRange, group: str, one: Denominator, statistic: str) -> str:
    values = members.span(f"{group}_{one.key}")
    if statistic in (TYPICAL, "median"):
        return f"MEDIAN({values})"
    if statistic == "geometric_mean":
        return f"GEOMEAN({values})"
    # Helper cells of the other group hold "", which is not above zero.
    base = members.span(f"base_{one.key}")
    top = members.span("completed" if one.numerator == COMPLETED_EV else "ev")
    return f'SUMIFS({top},{values},">0")/SUMIFS({base},{values},">0")'


def group_level(book: ScreenBook, row: dict[str, Any], group: str) -> float:
    """A group's multiple; the estimate gives none where the other group is empty, the sheet does."""
    if not is_unknown(row[f"{group}_value"]) or row[f"n_{group}"] == 0:
        return row[f"{group}_value"]
    table, one = book.screen.table, in_gap()[row["metric"]]
    mine = table[(table["group"] == group) & book.screen.gap.members[one.metric]]
    value = mine[one.numerator].to_numpy(dtype=float) / one.scale
    return statistic_value(value, mine[one.denominator].to_numpy(dtype=float), row["statistic"])


def _commentary(book: ScreenBook) -> list[str]:
    """Findings on the headline, trend and method."""
    gap, studies = book.screen.gap, book.screen.studies
    found = [*commentary(gap.findings), STUDIES_HINT]
    if studies is not None:
        found = [*commentary(studies.gap.findings), *_through_time(book)]
    return [*found, f"{gap.level:.0%} intervals and p: {gap.method}. Sources: {GAP_WORKS}; {section(7)}."]


def _through_time(book: ScreenBook) -> list[str]:
    """Trend, level break and turnover of the gap with their methods, or why they are not available."""
    history = _history(book)
    if history is None:
        return [f"History not available: {book.studies.notes['history']}."]
    if history.checks is None:
        return [f"No trend estimated: {history.note}."]
    weeks = (
        f"{len(history.measured)} of {len(history.frame)} weeks measured, the last {history.frame.index[-1]:%Y-%m-%d}"
    )
    checks = history.checks
    drawn = f"B = {checks.paths:,}, seed {checks.seed}"
    method = f"Trend and break against {checks.method}, band by resampled companies: {drawn}."
    return [*([] if history.change is None else [f"{history.change}."]), method, f"{weeks}."]


def _notes(book: ScreenBook) -> list[str]:
    excluded = book.screen.gap.left_out
    excluded = excluded[excluded["metric"] == book.screen.gap.headline["metric"]]
    names = "; ".join(f"{r.ticker} ({plain_reason(r.reason, r.metric)})" for r in excluded.itertuples())
    return paragraphs(f"""
        - Statistics: {"; ".join(STATISTICS.values())}.
        - Typical ratio: median over all pairs of an AI-group and a mining company, an array formula over the members; it
          needs {LEAST_MEMBERS} companies in each group. The levels beside it are medians.
        - Interval and p belong to the typical ratio (exact rank-sum test). Level reached: of the interval, which moves in
          whole steps. p, smallest attainable: of groups of these sizes that do not overlap.
        - Multiples of revenue are on the companies of the headline. A company without contracted AI revenue has no multiple
          of it, and contracted AI MW give no gap: there is none to divide by.
          {definition("ntm_revenue_usd")}
        - In the chart through time, bars are intervals of single weeks and the dashed band holds every week at once; both
          are cut above 16x and below 0.25x. A week with fewer than {LEAST_MEMBERS} companies in a group has no mark.
        - Use = 0 excludes a company from every statistic. Gap, fixed at run: the ratio before any cell was changed.
        - Excluded from the headline: {names or "none"}.
    """)
