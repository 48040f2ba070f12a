"""What leads where a group is small: the gap that the regression line implies, and terciles of contracted share."""

from __future__ import annotations

from exports.workbook.sheets import regression
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import GAP, REGRESSION, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange, cell
from valuation.denominators import in_gap
from valuation.gap.estimate import HEADLINE
from valuation.gap.lead import TERCILES
from valuation.groups import PIVOT

# Both tables stand over the columns of the members.
IMPLIED = (
    Column("part", "Part"),
    Column("name", "Gap implied by the regression line on contracted AI share"),
    Column("blank", ""),
    Column("blank2", ""),
    Column("lead", "Implied gap (x)", "ratio"),
    Column("lead_low", "Interval low, fixed at run (x)", "ratio"),
    Column("lead_high", "Interval high, fixed at run (x)", "ratio"),
    Column("lead_p", "p of the slope, fixed at run", "p_value"),
    Column("mean_share", "AI group's mean share (%)", "percent"),
    Column("n", "n on the line", "count"),
)
BY_SHARE = (
    Column("part", "Part"),
    Column("name", "Tercile of contracted AI share, companies of the headline"),
    Column("blank", ""),
    Column("blank2", ""),
    Column("median", "Median EV / secured MW ($m per MW)", "per_mw"),
    Column("lowest", "Lowest share (%)", "percent"),
    Column("highest", "Highest share (%)", "percent"),
    Column("n", "n companies", "count"),
    Column("n_pivot", "n pivot", "count"),
)


def ranges(first: int) -> dict[str, TableRange]:
    """Where the two tables stand, the first record of the upper one in row `first`."""
    implied = TableRange(GAP, IMPLIED, first, 1)
    return {"implied": implied, "terciles": TableRange(GAP, BY_SHARE, implied.last + 3, len(TERCILES))}


def write(book: ScreenBook, sheet: Sheet) -> None:
    """The implied gap, linked to Regression, and one row per tercile, live over the members."""
    implied, area = book.ranges["implied"], book.ranges["terciles"]
    sheet.label(implied.first - 2, 0, "Regression line and terciles: they lead where a group is small", "section")
    _implied(book, sheet, implied)
    _terciles(book, sheet, area)


def _implied(book: ScreenBook, sheet: Sheet, area: TableRange) -> None:
    sheet.header(area, widths=False, height=36)
    record, line = sheet.record(area, 0), book.screen.lead.line
    record.text("part", "Line")
    record.text("name", "No AI share to the group's mean share", "name")
    values = {
        "lead": line and line.ratio, "lead_low": line and line.low, "lead_high": line and line.high,
        "lead_p": line and line.p, "mean_share": regression.mean_share(book),
        "n": float(sum(regression.enters(book, i) for i in range(book.n))),
    }  # fmt: skip
    for key, value in values.items():
        place = cell(regression.figure_row(book, key), regression.VALUE, sheet=REGRESSION)
        record.formula(key, place, value)


def _terciles(book: ScreenBook, sheet: Sheet, area: TableRange) -> None:
    sheet.header(area, widths=False, height=36)
    members, found = book.ranges["members"], book.screen.lead.terciles.set_index("tercile").to_dict("index")
    place, share = members.span("tercile"), members.span("share")
    value = members.span(f"x_{in_gap()[HEADLINE[0]].key}")
    for k, name in enumerate(TERCILES):
        record, row = sheet.record(area, k), found.get(name, {})
        record.text("part", "Tercile")
        record.text("name", name, "name")
        record.formula("n", f"COUNTIF({place},{k + 1})", float(row.get("n", 0)))
        pivots = f'COUNTIFS({place},{k + 1},{members.span("group")},"{PIVOT}")'
        record.formula("n_pivot", pivots, float(row.get("n_pivot", 0)))
        for key, column, function, over in (
            ("median", "median_ev_per_mw", "MEDIAN", value),
            ("lowest", "lowest_share", "MIN", share),
            ("highest", "highest_share", "MAX", share),
        ):
            taken = f'{function}(IF({place}={k + 1},{over},""))'
            record.formula(key, f'IF({record.at("n")}=0,"n/a",{taken})', row.get(column), array=True)
