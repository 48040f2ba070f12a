"""Live tables of a company's sheet: price to EV, power, net asset value by parts and its waterfall, as links."""

from __future__ import annotations

from typing import Any

from exports.tables.company import BRIDGE_TITLES, POWER_TITLES
from exports.tables.nav import LINES
from exports.workbook.companies.lanes import Lane
from exports.workbook.sheets.nav import KEY_OF
from exports.workbook.writer import charts
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import BITCOIN_COLOUR, MUTED, PIVOT_COLOUR
from exports.workbook.writer.values import is_unknown
from valuation.company_profile import CompanyProfile

# Line of the bridge -> table and column that it links to.
BRIDGE_LINKS = {
    "price_usd": ("bridge", "price"), "basic_shares": ("bridge", "basic"), "new_shares": ("bridge", "new"),
    "diluted_shares": ("bridge", "diluted"), "equity_value_usd": ("bridge", "equity"),
    "debt_after_conversion_usd": ("bridge", "debt_after"), "finance_leases_usd": ("bridge", "leases"),
    "preferred_equity_usd": ("bridge", "preferred"), "noncontrolling_interest_usd": ("bridge", "nci"),
    "customer_prepayments_usd": ("bridge", "prepayments"), "cash_usd": ("bridge", "cash"),
    "restricted_cash_usd": ("bridge", "restricted"), "bitcoin_usd": ("bridge", "bitcoin"),
    "other_coins_usd": ("bridge", "coins"), "enterprise_value_usd": ("bridge", "ev"),
    "capex_to_spend_usd": ("multiples", "spend"), "completed_ev_usd": ("multiples", "completed"),
}  # fmt: skip
POWER_LINKS = {
    "mw_operating": ("multiples", "operating_in"), "mw_under_construction": ("multiples", "construction_in"),
    "mw_secured": ("multiples", "secured_in"), "mw_hosted": ("multiples", "hosted_in"),
    "mw_pipeline": ("multiples", "pipeline_in"), "secured_mw": ("multiples", "secured_mw"),
    "ai_contracted_it_mw": ("totals", "mw"), "ai_in_service_mw": ("totals", "service"),
}  # fmt: skip
MORE_POWER = {
    "secured_mw": "Secured, used in EV per MW", "ai_contracted_it_mw": "Contracted AI, critical IT",
    "ai_in_service_mw": "of which in service",
}  # fmt: skip
BRIDGE = (
    Column("title", "Price to EV", "name"), Column("value", "$m; shares (m); price (USD)", "money"),
    Column("share", "Per share (USD)", "price"), Column("period", "Stands for", "date"),
    Column("status", "Status", "small"),
)  # fmt: skip
POWER = (
    Column("title", "Power by class", "name"), Column("mw", "MW", "mw"), Column("basis", "Basis", "small"),
    Column("blank", "", "small"), Column("period", "Stands for", "date"),
)  # fmt: skip
PARTS = (
    Column("title", "Net asset value by parts", "name"), Column("nav", "By DCF ($m)", "money"),
    Column("cap", "By cap rate ($m)", "money"), Column("floor", "Execution floor ($m)", "money"),
    Column("share", "DCF, per share (USD)", "price"),
)  # fmt: skip
METHODS = ("nav", "cap", "floor")
# Cells of the waterfall stand beside the printed page.
HELP = 17
STEPS = tuple(Column(key, f"{key.capitalize()} ($m)", "money") for key in ("sum", "base", "up", "down"))


def link(book: ScreenBook, record: Record, key: str, source: tuple[str, str], i: int, **more: Any) -> Any:
    """A link to company i's cell of a table, with what stands there; its value."""
    area = book.ranges[source[0]]
    value = book.stored(area, source[1], i)
    if value == "":
        record.sheet.label(record.row, record.area.index(key), "n/a", "unknown")
        return "n/a"
    record.formula(key, area.link(source[1], i), value, **more)
    return value


def bridge(book: ScreenBook, lane: Lane, found: CompanyProfile, i: int) -> None:
    """Price to EV line by line."""
    rows = found.bridge.to_dict("records")
    area = lane.start(BRIDGE, len(rows))
    places = {row["line"]: k for k, row in enumerate(rows)}
    shares = area.at("value", places["diluted_shares"])
    count = book.stored(book.ranges["bridge"], "diluted", i)
    for k, row in enumerate(rows):
        record, name = lane.sheet.record(area, k), row["line"]
        bold = row["kind"] == "total" or name == "equity_value_usd"
        record.text("title", BRIDGE_TITLES[name], "name", bold=bold)
        kind = "price" if name == "price_usd" else "shares" if row["kind"] == "count" else "money"
        value = link(book, record, "value", BRIDGE_LINKS[name], i, kind=kind, status=row["status"], bold=bold)
        if row["kind"] != "count":
            here = record.at("value")
            known = not isinstance(value, str) and not isinstance(count, str)
            record.formula(
                "share", f'IF(COUNT({here},{shares})=2,{here}/{shares},"n/a")', value / count if known else None
            )
        record.input("period", row["period"], unknown="", italic=True)
        record.text("status", "" if row["status"] == "ok" else str(row["status"]).replace("_", " "), "small")


def power(book: ScreenBook, lane: Lane, found: CompanyProfile, i: int) -> None:
    """MW by class, as reported and as used."""
    rows = [row for row in found.power.to_dict("records") if not is_unknown(row["mw"])]
    rows += [{"item": name, "basis": "gross" if name == "secured_mw" else "critical IT", "period": None}
             for name in MORE_POWER]  # fmt: skip
    area = lane.start(POWER, len(rows))
    for k, row in enumerate(rows):
        record, name = lane.sheet.record(area, k), row["item"]
        record.text("title", (POWER_TITLES | MORE_POWER)[name], "name")
        if name in POWER_LINKS:
            link(book, record, "mw", POWER_LINKS[name], i)
        else:
            record.static("mw", row["mw"], status="stale" if row["stale"] else "ok")
        record.text("basis", row["basis"], "small")
        record.input("period", row["period"], unknown="", italic=True)


def parts(book: ScreenBook, lane: Lane, found: CompanyProfile, i: int) -> TableRange | None:
    """Net asset value by parts in three ways; the range of the steps of the waterfall, None without a value."""
    companies = book.ranges["nav"]
    total = book.stored(companies, "nav", i)
    if isinstance(total, str):
        return None
    lines = [(title, names) for title, *names in LINES if _counts(book, names, i)]
    area = lane.start(PARTS, len(lines) + 3)
    steps = TableRange(area.sheet, (*(Column(f"_{k}", "") for k in range(HELP)), *STEPS), area.first, len(lines) + 1)
    for column in STEPS:
        lane.sheet.label(area.first - 1, steps.index(column.key), column.title, "header")
    shares = companies.link("shares", i)
    count = float(book.stored(companies, "shares", i))
    running = 0.0
    for k, (title, names) in enumerate(lines):
        record = lane.sheet.record(area, k)
        record.text("title", title, "name")
        first: Any = None
        for method, name in zip(METHODS, names, strict=True):
            if name:
                value = link(book, record, method, ("nav", KEY_OF[name]), i)
                first = value if method == "nav" else first
        amount = float(first) if isinstance(first, (int, float)) else 0.0
        # A line that only the floor has leaves its cell empty, of which N is an error in Gnumeric.
        here = f"N({record.at('nav')})" if names[0] else "0"
        if names[0]:
            record.formula("share", f"{here}/{shares}", amount / count)
        running = _step(lane.sheet, steps, k, here, running, amount)
    last = lane.sheet.record(area, len(lines))
    last.text("title", "Net asset value", "name", bold=True)
    per_share, ratio = lane.sheet.record(area, len(lines) + 1), lane.sheet.record(area, len(lines) + 2)
    per_share.text("title", "NAV per share (USD)", "name")
    ratio.text("title", "Price over NAV (x)", "name")
    for method in METHODS:
        link(book, last, method, ("nav", method), i, bold=True)
        link(book, per_share, method, ("nav", f"{method}_share"), i, kind="price")
        if method != "floor":
            link(book, ratio, method, ("nav", f"p_{method}"), i, kind="ratio")
    end = lane.sheet.record(steps, len(lines))
    at = last.at("nav")
    for key, formula, value in (
        ("sum", at, total), ("base", f"0*{at}", 0.0), ("up", f"MAX(0,{at})", max(0.0, total)),
        ("down", f"MAX(0,-{at})", max(0.0, -total)),
    ):  # fmt: skip
        end.formula(key, formula, value)
    return steps


def _counts(book: ScreenBook, names: list[str], i: int) -> bool:
    """Whether a line has a figure that is not zero in any of the three values."""
    found = [book.stored(book.ranges["nav"], KEY_OF[name], i) for name in names if name]
    return any(value == "n/a" or (not isinstance(value, str) and value != 0) for value in found)


def _step(sheet: Sheet, steps: TableRange, k: int, here: str, was: float, amount: float) -> float:
    """One bar of the waterfall; the sum after it."""
    record, before = sheet.record(steps, k), "0" if k == 0 else steps.at("sum", k - 1)
    # What rises or falls above the axis is the part itself, cut at zero: no difference of two sums, whose last digits differ
    # from one spreadsheet program to the next.
    total, now = was + amount, record.at("sum")
    record.formula("sum", f"{before}+{here}", total)
    record.formula("base", f"MAX(0,MIN({before},{now}))", max(0.0, min(was, total)))
    record.formula("up", f"MAX(0,MIN({here},{now}))", max(0.0, min(amount, total)))
    record.formula("down", f"MAX(0,MIN(-{here},{before}))", max(0.0, min(-amount, was)))
    return total


def waterfall(
    book: ScreenBook, sheet: Sheet, steps: TableRange, col: int, at: tuple[int, int], size: tuple[int, int]
) -> None:
    """Chart of the parts, whose names stand in a column of the sheet."""
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    names = [steps.sheet, steps.first, col, steps.last, col]
    last = {"value": True, "num_format": "#,##0;(#,##0);;", "font": charts.SMALL}
    for key, fill in (("base", {"none": True}), ("up", {"color": PIVOT_COLOUR}), ("down", {"color": BITCOIN_COLOUR})):
        series = {"name": key, "categories": names, "values": charts.cells(steps, key), "fill": fill,
                  "border": {"none": True}, "gap": 30}  # fmt: skip
        chart.add_series(series if key == "base" else series | {"data_labels": last})
    chart.set_x_axis(charts.axis("part", num_font={**charts.SMALL, "size": 7, "rotation": -45}))
    chart.set_y_axis(charts.axis("$m", num_format="#,##0", num_font={**charts.SMALL, "color": MUTED}))
    charts.insert(sheet, chart, at, size, "Net asset value (DCF) by parts ($m)", legend="", source="NAV")
