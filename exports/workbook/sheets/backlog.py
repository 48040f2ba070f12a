"""Backlog: contracted revenue after the as-of date by contract and calendar year, by counterparty, concentration."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np

from exports.workbook.sheets import concentration
from exports.workbook.sheets.nav_common import BUSINESSES, Scheduled, scheduled
from exports.workbook.sheets.phases import of_contract
from exports.workbook.writer import charts
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import BACKLOG, FIRST, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION, is_unknown, scaled, serial
from valuation.contracts.book import MINERS
from valuation.contracts.terms import CLOUD, LEASE

NAMED, CHARTED = 7, 14
TERMS, YEARS = "Owner's share", "Revenue after the as-of date ($m)"
COLOURS = ("#1F3864", "#2E75B6", "#9DC3E6", "#E08A1E", "#F4B183", "#70AD47", "#A9D18E", "#A5A5A5")
# Columns that link to the sheet Contracts: its column, the contract's figure, and what marks a stand-in.
LINKS = (
    ("value", "used", "value_used_usd", ""),
    ("begin", "begin", "start_used", "start_is_assumed"),
    ("term", "term", "term_years", ""),
    ("escalator", "growth", "escalator_used", "escalator_is_assumed"),
    ("margin", "margin_used", "margin_used", "margin_is_assumed"),
    ("first", "first_year", "owned_first_year_revenue_usd", "escalator_is_assumed"),
    ("forward", "ntm", "owned_ntm_revenue_usd", ""),
)


@lru_cache(maxsize=4)
def _columns(years: tuple[int, ...]) -> tuple[Column, ...]:
    return (
        Column("ticker", "Ticker", width=8),
        Column("contract", "Contract", width=41),
        Column("who", "Counterparty", "small", 24),
        Column("business", "Business", "small", 10),
        Column("counted", "Counted in the sector (1 = yes)", "flag", 8),
        Column("value", "Total value ($m)", "money", 10, TERMS),
        Column("begin", "Start used", "date", 10, TERMS),
        Column("term", "Term (years)", "years", 7, TERMS),
        Column("escalator", "Escalator used (%)", "percent", 8, TERMS),
        Column("margin", "NOI or EBITDA margin (%)", "percent", 8.5, TERMS),
        Column("first", "First-year revenue ($m)", "money", 9, TERMS),
        Column("forward", "Next twelve months ($m)", "money", 9.5, TERMS),
        *(Column(f"y{year}", str(year), "money", 7.5, YEARS) for year in years),
        Column("sum", "Sum of years ($m)", "money", 9.5, YEARS),
        Column("tie", "Less backlog ($m)", "money", 8.5, YEARS),
    )


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of contracts by year, their sums, and concentration."""
    plan = scheduled(book)
    columns = _columns(tuple(plan.years))
    rows = TableRange(BACKLOG, columns, FIRST, len(plan.rows))
    sums = TableRange(BACKLOG, columns, rows.last + 4, NAMED + 1 + 4)
    below = sums.last + 24
    return {"backlog": rows, "backlog_sums": sums, **concentration.ranges(book, below)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area, plan = book.sheet(BACKLOG), book.ranges["backlog"], scheduled(book)
    book.heading(
        sheet,
        BACKLOG,
        "Contracted revenue after the as-of date by calendar year, at the owner's share; leases and GPU cloud separately.",
    )
    sheet.header(area, height=46)
    if not plan.rows:
        sheet.label(area.first, 1, "no contract signed", "note")
    for k, contract in enumerate(plan.rows):
        line = sheet.record(area, k)
        _terms(book, line, contract)
        _years(book, line, contract, plan)
    _sums(book, sheet, plan)
    last = concentration.write(book, sheet)
    last = sheet.notes(last + 2, _notes())
    breaks = [book.ranges[name].first - 2 for name in ("backlog_sums", "book", "names")]
    sheet.page.set_h_pagebreaks(breaks)
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, 3), last=(last, len(area.columns) - 1))


def _terms(book: ScreenBook, line: Record, contract: dict[str, Any]) -> None:
    there, link = book.ranges["contracts"], book.contract_row[contract["contract_id"]]
    line.company(contract["ticker"], contract["contract_id"])
    line.text("who", contract["counterparty_name"], "small")
    line.text("business", BUSINESSES[contract["business"]], "small")
    line.input("counted", float(contract["scope"] == MINERS))
    for key, column, name, mark in LINKS:
        value = contract[name]
        value = serial(value) if name == "start_used" else scaled(value, MILLION if name.endswith("_usd") else 1.0)
        line.formula(key, there.link(column, link), value, status="proxy" if mark and contract[mark] else "ok")


def _years(book: ScreenBook, line: Record, contract: dict[str, Any], plan: Scheduled) -> None:
    """Revenue of each year: earned by its end less earned by its beginning, over the phases of the contract."""
    left, last = plan.remaining[line.k] / MILLION, plan.years[-1]
    for j, year in enumerate(plan.years):
        before = "earned" if j == 0 else f"by_{year}"
        by_end, by_start = (of_contract(book, key, line.at("contract")) for key in (f"by_{year + 1}", before))
        line.formula(f"y{year}", f"{by_end}-{by_start}", left[j])
    total = plan.remaining[line.k].sum() / MILLION
    line.formula("sum", f"SUM({line.at(f'y{plan.years[0]}')}:{line.at(f'y{last}')})", total, bold=True)
    there = book.ranges["contracts"].link("backlog", book.contract_row[contract["contract_id"]])
    backlog = scaled(contract["owned_backlog_usd"])
    value = None if is_unknown(backlog) else round(total - backlog, 6) + 0.0
    line.formula("tie", f'IF(ISNUMBER({there}),ROUND({line.at("sum")}-{there},6),"n/a")', value)


def _sums(book: ScreenBook, sheet: Sheet, plan: Scheduled) -> None:
    """Miners' backlog by counterparty, largest first, the others, and by business with NOI; a chart below."""
    area, sums = book.ranges["backlog"], book.ranges["backlog_sums"]
    sheet.label(
        sums.first - 2, 0, "Miners by counterparty, leases and GPU cloud together; then each separately ($m)", "section"
    )
    head = sums.first - 1
    sheet.page.set_row(head, 24)
    for key in ("contract", *(f"y{y}" for y in plan.years), "sum"):
        title = "Counterparty, or business" if key == "contract" else sums.columns[sums.index(key)].title
        sheet.label(
            head, sums.index(key), title if title.endswith(")") or key == "contract" else f"{title} ($m)", "header"
        )
    counted = np.array([r["scope"] == MINERS for r in plan.rows], dtype=bool)
    who = np.array([r["counterparty_name"] for r in plan.rows], dtype=object)
    whole = {name: plan.remaining[counted & (who == name)].sum() for name in dict.fromkeys(who[counted])}
    names = sorted(whole, key=lambda name: -whole[name])[:NAMED]
    keys = [*(f"y{y}" for y in plan.years), "sum"]
    table = (
        np.column_stack([plan.remaining, plan.remaining.sum(axis=1)]) / MILLION
        if plan.rows
        else np.zeros((0, len(keys)))
    )
    lines: list[tuple[str, Any, np.ndarray]] = []
    by_name, is_counted = area.span("who"), f"{area.span('counted')},1"
    for k in range(NAMED):
        name = names[k] if k < len(names) else ""
        here = sums.at("contract", k)
        lines.append((name, lambda key, here=here: f"SUMIFS({area.span(key)},{by_name},{here},{is_counted})",
                      table[counted & (who == name)].sum(axis=0) if name else np.zeros(len(keys))))  # fmt: skip
    named = np.isin(who, names)
    lines.append(("others", lambda key: f"SUMIFS({area.span(key)},{is_counted})-SUM({_above(sums, key, NAMED)})",
                  table[counted & ~named].sum(axis=0)))  # fmt: skip
    margins = np.array([r["margin_used"] for r in plan.rows], dtype=float)
    for business, words, profit in (
        (LEASE, "Leases, revenue", "Leases, NOI"),
        (CLOUD, "GPU cloud, revenue", "GPU cloud, EBITDA"),
    ):
        mine = counted & np.array([r["business"] == business for r in plan.rows], dtype=bool)
        kind = f'{area.span("business")},"{BUSINESSES[business]}"'
        lines.append(
            (words, lambda key, kind=kind: f"SUMIFS({area.span(key)},{kind},{is_counted})", table[mine].sum(axis=0))
        )
        cond = f'({area.span("business")}="{BUSINESSES[business]}")*({area.span("counted")}=1)*{area.span("margin")}'
        lines.append((profit, lambda key, cond=cond: f"SUMPRODUCT({cond}*{area.span(key)})",
                      (table[mine] * margins[mine][:, None]).sum(axis=0)))  # fmt: skip
    for k, (name, formula, values) in enumerate(lines):
        row = sums.first + k
        sheet.text(row, sums.index("contract"), name, bold=k > NAMED)
        if not name:
            continue
        for j, key in enumerate(keys):
            # Without contracts the table is one empty row, whose cells are no numbers.
            sheet.formula(row, sums.index(key), formula(key) if plan.rows else "0", values[j], "money")
    if plan.rows:
        _chart(book, sheet, sums, plan, len(names))


def _above(sums: TableRange, key: str, count: int) -> str:
    return f"{sums.at(key, 0)}:{sums.at(key, count - 1)}"


def _chart(book: ScreenBook, sheet: Sheet, sums: TableRange, plan: Scheduled, named: int) -> None:
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    first, last = sums.index(f"y{plan.years[0]}"), sums.index(f"y{plan.years[min(CHARTED, len(plan.years)) - 1]}")
    head = book.ranges["backlog"].first - 1
    for k in [*range(named), NAMED]:
        row = sums.first + k
        chart.add_series(
            {
                "name": [BACKLOG, row, sums.index("contract")],
                "categories": [BACKLOG, head, first, head, last],
                "values": [BACKLOG, row, first, row, last],
                "fill": {"color": COLOURS[k % len(COLOURS)]},
                "gap": 40,
            }
        )
    chart.set_x_axis(charts.axis("calendar year"))
    chart.set_y_axis(charts.axis("$m", area=True, num_format="#,##0"))
    title = "Backlog of miners by year and counterparty, leases and GPU cloud together ($m)"
    charts.insert(sheet, chart, (sums.last + 2, 1), (1100, 380), title, legend="right")


def _notes() -> list[str]:
    return paragraphs(f"""
        - Revenue of a year: revenue earned by its end less revenue earned by its start, summed over the contract's phases;
          the rent rises once a contract year. The steps are in hidden columns of the sheet Phases.
        - Blue fill: assumed (start, escalator, margin). Less backlog: sum of years less the backlog on Contracts, zero where
          it ties. Contracts without a value or a term are in no year.
        - Counted in the sector: miners with a meaningful enterprise value, and their subsidiaries; comparables are
          shown and not summed.
        - Yield: contracted NOI and EBITDA over completed EV, beside the coupon of the company's project bonds, weighted by
          principal. Funding gap: capex to spend less restricted project cash and cash, not below zero; undrawn facilities
          are not deducted here (sheet NAV). Method: {section(5)}.
    """)
