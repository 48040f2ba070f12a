"""Backlog: contracted revenue after the as-of date by contract and calendar year, by counterparty, concentration."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd
from xlsxwriter.utility import xl_rowcol_to_cell

from exports.workbook.sheets import concentration
from exports.workbook.sheets.nav_common import BUSINESSES, Scheduled, analysis, scheduled, serial, start
from exports.workbook.writer import charts
from exports.workbook.writer.cells import (
    MILLION,
    Column,
    Record,
    Sheet,
    TableRange,
    cell,
    is_unknown,
    paragraphs,
    scaled,
)
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import BACKLOG, ScreenBook
from valuation.contracts.arithmetic import DAYS_PER_YEAR
from valuation.contracts.book import MINERS
from valuation.contracts.terms import CLOUD, LEASE, elapsed_value

FIRST = 8
EDGE_ROW, MID_YEAR_ROW = 4, 5  # of the year columns: first day of the rest of the year, years to its midpoint
NAMED, CHARTED = 7, 14
TERMS, YEARS = "Owner's share", "Revenue after the as-of date ($m)"
SINCE, EARNED = "Years since the start (years)", "Revenue earned by then ($m)"
COLOURS = ("#1F3864", "#2E75B6", "#9DC3E6", "#E08A1E", "#F4B183", "#70AD47", "#A9D18E", "#A5A5A5")


def _columns(years: tuple[int, ...]) -> tuple[Column, ...]:
    edges = [*map(str, years), str(years[-1] + 1), "next", "last"]
    return (
        Column("ticker", "Ticker", width=8),
        Column("contract", "Contract", width=36),
        Column("who", "Counterparty", "small", 24),
        Column("business", "Business", "small", 10),
        Column("counted", "Counted in the sector (1 = yes)", "flag", 8),
        Column("value", "Total value ($m)", "money", 10, TERMS),
        Column("start", "Start", "date", 10, TERMS),
        Column("term", "Term (years)", "years", 7, TERMS),
        Column("escalator", "Escalator (%)", "percent", 8, TERMS),
        Column("margin", "NOI or EBITDA margin (%)", "percent", 8.5, TERMS),
        Column("first", "First-year revenue ($m)", "money", 9, TERMS),
        Column("forward", "Next twelve months ($m)", "money", 9.5, TERMS),
        Column("last", "Last contract year ($m)", "money", 9, TERMS),
        *(Column(f"y{year}", str(year), "money", 7.5, YEARS) for year in years),
        Column("sum", "Sum of years ($m)", "money", 9.5, YEARS),
        Column("tie", "Less backlog ($m)", "money", 8.5, YEARS),
        *(Column(f"t_{edge}", f"To {edge}", "years", 7, SINCE) for edge in edges),
        *(Column(f"e_{edge}", f"By {edge}", "money", 8, EARNED) for edge in edges),
    )


@lru_cache(maxsize=4)
def _cached_columns(years: tuple[int, ...]) -> tuple[Column, ...]:
    return _columns(years)


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of contracts by year, their sums, and concentration."""
    plan = scheduled(book)
    columns = _cached_columns(tuple(plan.years))
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
    _edges(book, sheet, area, plan)
    if not plan.rows:
        sheet.label(area.first, 1, "no contract signed", "note")
    values = _earned(book, plan)
    for k, contract in enumerate(plan.rows):
        line, earned = sheet.record(area, k), values["earned"][k]
        _terms(book, line, contract, earned)
        _years(book, line, contract, plan, values["since"][k], earned)
    _sums(book, sheet, plan)
    last = concentration.write(book, sheet)
    last = sheet.notes(last + 2, _notes(book))
    # The steps behind the years are grouped and hidden; they are not printed.
    first_step = area.index(f"t_{plan.years[0]}")
    sheet.page.set_column(first_step, len(area.columns) - 1, 8, None, {"level": 1, "hidden": True})
    sheet.page.set_h_pagebreaks([book.ranges["book"].first - 2, book.ranges["names"].first - 2])
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, 3), last=(last, len(area.columns) - 1))


def _edges(book: ScreenBook, sheet: Sheet, area: TableRange, plan: Scheduled) -> None:
    """First day of each period above the steps, years to the midpoint of each period above the years."""
    sheet.label(EDGE_ROW, 0, "First day of the period", "note")
    sheet.label(MID_YEAR_ROW, 0, "Years from the as-of date to the midpoint of the period", "note")
    as_of = book.screen.as_of
    edges = _days(book, plan)
    for k, edge in enumerate(edges):
        col = area.index(f"t_{[*plan.years, plan.years[-1] + 1][k]}")
        if k == 0:
            sheet.formula(EDGE_ROW, col, book.assumption("as_of"), serial(as_of), "date")
        else:
            sheet.input(EDGE_ROW, col, edge, "date")
    for k, year in enumerate(plan.years):
        start = cell(EDGE_ROW, area.index(f"t_{year}"))
        end = cell(EDGE_ROW, area.index(f"t_{year + 1}"))
        days = ((edges[k] - as_of).days + (edges[k + 1] - as_of).days) / 2
        formula = f"(({start}-{book.assumption('as_of')})+({end}-{book.assumption('as_of')}))/2/{DAYS_PER_YEAR}"
        sheet.formula(MID_YEAR_ROW, area.index(f"y{year}"), formula, days / DAYS_PER_YEAR, "plain")


def _earned(book: ScreenBook, plan: Scheduled) -> dict[str, np.ndarray]:
    """Years since the start and revenue earned ($m) at each edge, twelve months on, and a year before the end."""
    contracts = analysis(book).book.calendar.contracts.loc[plan.at]
    if contracts.empty:
        return {"since": np.zeros((0, 0)), "earned": np.zeros((0, 0))}
    start, term = contracts["start_used"], contracts["term_years"].to_numpy(dtype=float)
    at = np.column_stack([(edge - start).dt.days / DAYS_PER_YEAR for edge in _days(book, plan)])
    since = np.clip(at, 0.0, term[:, None])
    now = np.clip(at[:, 0], 0.0, None)
    since = np.column_stack([since, np.clip(now + 1, 0.0, term), np.clip(term - 1, 0.0, None)])
    return {"since": since, "earned": elapsed_value(contracts, since, 0.0) / MILLION}


def _days(book: ScreenBook, plan: Scheduled) -> list[pd.Timestamp]:
    """The as-of date, and the first day of every year after it up to the end of the plan."""
    later = [*plan.years[1:], plan.years[-1] + 1]
    return [book.screen.as_of, *(book.screen.as_of.replace(year=year, month=1, day=1) for year in later)]


def _terms(book: ScreenBook, line: Record, contract: dict[str, Any], earned: np.ndarray) -> None:
    at, there, link = line.at, book.ranges["contracts"], book.contract_row[contract["contract_id"]]
    line.company(contract["ticker"], contract["contract_id"])
    line.text("who", contract["counterparty_name"], "small")
    line.text("business", BUSINESSES[contract["business"]], "small")
    line.input("counted", float(contract["scope"] == MINERS))
    announced = not is_unknown(contract["owned_value_usd"])
    by_term = f"{there.link('revenue', link)}*{there.link('term', link)}"
    value, status = there.link("value", link) if announced else by_term, "ok" if announced else "proxy"
    line.formula("value", value, scaled(contract["value_used_usd"]), status=status)
    status = "proxy" if contract["start_is_assumed"] else "ok"
    line.formula("start", start(book, contract, link), serial(contract["start_used"]), status=status)
    line.formula("term", there.link("term", link), contract["term_years"])
    growth = 0.0 if is_unknown(contract["escalator"]) else contract["escalator"]
    line.formula("escalator", f"N({there.link('escalator', link)})", growth)
    kind = "noi_margin_gpu_cloud" if contract["business"] == CLOUD else "noi_margin_lease"
    stated, status = there.link("margin", link), "proxy" if contract["margin_is_assumed"] else "ok"
    margin = f"IF(ISNUMBER({stated}),{stated},{book.assumption(kind)})"
    line.formula("margin", margin, contract["margin_used"], status=status)
    v, n, g = at("value"), at("term"), at("escalator")
    total, term = contract["value_used_usd"] / MILLION, contract["term_years"]
    first = total * growth / np.expm1(term * np.log1p(growth)) if growth > 0 else total / term
    line.formula("first", f"IF({g}>0,{v}*{g}/((1+{g})^{n}-1),{v}/{n})", first)
    line.formula("forward", f"{at('e_next')}-{at(f'e_{book.screen.as_of.year}')}", earned[-2] - earned[0])
    line.formula("last", f"{v}-{at('e_last')}", total - earned[-1])


def _years(
    book: ScreenBook, line: Record, contract: dict[str, Any], plan: Scheduled, since: np.ndarray, earned: np.ndarray
) -> None:
    at, edges, left = line.at, [*plan.years, plan.years[-1] + 1], plan.remaining[line.k] / MILLION
    ramped = analysis(book).assumptions.ramp_years > 0
    v, n, g, f = at("value"), at("term"), at("escalator"), at("first")
    for j, edge in enumerate([*edges, "next", "last"]):
        if edge == "next":
            formula = f"MIN({n},MAX(0,({book.assumption('as_of')}-{at('start')})/{DAYS_PER_YEAR})+1)"
        elif edge == "last":
            formula = f"MAX(0,{n}-1)"
        else:
            day = xl_rowcol_to_cell(EDGE_ROW, line.area.index(f"t_{edge}"), row_abs=True)
            formula = f"MAX(0,MIN({n},({day}-{at('start')})/{DAYS_PER_YEAR}))"
        line.formula(f"t_{edge}", formula, since[j])
        t = at(f"t_{edge}")
        years = f"IF({g}>0,((1+{g})^INT({t})-1)/{g},INT({t}))"
        stepped = f"{f}*({years}+({t}-INT({t}))*(1+{g})^INT({t}))"
        line.formula(f"e_{edge}", f"IF({t}>={n},{v},MIN({v},{stepped}))", earned[j])
    for j, year in enumerate(plan.years):
        if ramped:
            line.static(f"y{year}", left[j])
        else:
            line.formula(f"y{year}", f"{at(f'e_{year + 1}')}-{at(f'e_{year}')}", left[j])
    total = plan.remaining[line.k].sum() / MILLION
    line.formula("sum", f"SUM({at(f'y{plan.years[0]}')}:{at(f'y{plan.years[-1]}')})", total, bold=True)
    there = book.ranges["contracts"].link("backlog", book.contract_row[contract["contract_id"]])
    backlog = scaled(contract["owned_backlog_usd"])
    compared = not (is_unknown(backlog) or contract["start_is_assumed"] or ramped)
    difference = f"ROUND({at('sum')}-{there},6)" if compared else '"n.m."'
    value = (round(total - backlog, 6) + 0.0) if compared else None
    status = "ok" if compared or is_unknown(backlog) else "not_meaningful"
    line.formula("tie", f'IF(ISNUMBER({there}),{difference},"n/a")', value, status=status)


def _sums(book: ScreenBook, sheet: Sheet, plan: Scheduled) -> None:
    """Miners' backlog by counterparty, largest first, the others, and by business with NOI; a chart below."""
    area, sums = book.ranges["backlog"], book.ranges["backlog_sums"]
    sheet.label(
        sums.first - 2, 0, "Miners by counterparty, leases and GPU cloud together; then each separately ($m)", "section"
    )
    head = sums.first - 1
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
    chart.set_x_axis(charts.axis())
    chart.set_y_axis(charts.axis("$m", gridlines=True, num_format="#,##0"))
    title = "Backlog of miners by year and counterparty, leases and GPU cloud together ($m)"
    charts.insert(sheet, chart, (sums.last + 2, 1), (1100, 380), title, legend="right")


def _notes(book: ScreenBook) -> list[str]:
    ramp = analysis(book).assumptions.ramp_years
    ramped = f" This run assumes a ramp of {ramp:g} years: revenue by year is fixed at run time." if ramp else ""
    return paragraphs(f"""
        - Revenue of a year: revenue earned by its end less revenue earned by its start; the rent rises once a contract
          year. The steps are in hidden columns to the right.
        - Each contract counts in full from its first phase, because the sources give first-phase dates: early years are
          overstated. Blue fill in Start: no start announced, the date is assumed; in Margin: assumed.{ramped}
        - Less backlog: sum of years less the backlog on Contracts, zero where the start is announced. Contracts without
          a value or a term are in no year.
        - Counted in the sector: miners with a meaningful enterprise value, and their subsidiaries; comparables are
          shown and not summed. Method: {section(5)}.
    """)
