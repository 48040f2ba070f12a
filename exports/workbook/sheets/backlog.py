"""Backlog: what each contract pays after the as-of date, year by year and live; by counterparty; concentration."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from xlsxwriter.utility import xl_rowcol_to_cell

from exports.workbook.sheets import concentration
from exports.workbook.sheets.nav_common import WORDS, Scheduled, contract_row, scheduled, serial, start, worth
from exports.workbook.writer import charts
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, cell, is_unknown, scaled
from exports.workbook.writer.context import BACKLOG, Book
from valuation.contracts.book import MINERS
from valuation.contracts.terms import CLOUD, LEASE, elapsed_value
from valuation.fundamentals.contract_schedule import DAYS_PER_YEAR

FIRST = 8
EDGE_ROW, MIDDLE_ROW = 4, 5  # of the year columns: first day of what is left of the year, years to its middle
NAMED, CHARTED = 7, 14
TERMS, YEARS = "Owner's share", "Revenue after the as-of date ($m)"
SINCE, EARNED = "Years since the start at each edge (years)", "Earned by then ($m)"
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


def grids(book: Book) -> dict[str, Grid]:
    """Contracts by year, the sums under them, and concentration."""
    plan = scheduled(book)
    columns = _cached_columns(tuple(plan.years))
    rows = Grid(BACKLOG, columns, FIRST, len(plan.rows))
    sums = Grid(BACKLOG, columns, rows.last + 4, NAMED + 1 + 4)
    below = sums.last + 24
    return {"backlog": rows, "backlog_sums": sums, **concentration.grids(book, below)}


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid, plan = book.sheet(BACKLOG), book.grids["backlog"], scheduled(book)
    book.top(
        sheet,
        BACKLOG,
        "What is signed and not yet paid, by calendar year, at the owner's share; leases and GPU cloud apart.",
    )
    sheet.header(grid, height=46)
    _edges(book, sheet, grid, plan)
    if not plan.rows:
        sheet.words(grid.first, 1, "nothing signed", "note")
    links = contract_row(book)
    values = _python(book, plan)
    for k, record in enumerate(plan.rows):
        _terms(book, sheet, grid, k, record, links[record["contract_id"]], values)
        _years(book, sheet, grid, k, plan, values)
    _sums(book, sheet, plan)
    last = concentration.write(book, sheet)
    last = sheet.lines(last + 2, _notes(book))
    # The steps behind the years fold away; they print nothing.
    first_step = grid.index(f"t_{plan.years[0]}")
    sheet.page.set_column(first_step, len(grid.columns) - 1, 8, None, {"level": 1, "hidden": True})
    sheet.page.set_h_pagebreaks([book.grids["book"].first - 2, book.grids["names"].first - 2])
    book.finish(sheet, freeze=(grid.first, 2), repeat=(0, 3), last=(last, len(grid.columns) - 1))


def _edges(book: Book, sheet: Sheet, grid: Grid, plan: Scheduled) -> None:
    """First day of each piece above the steps, years to the middle of each piece above the years."""
    sheet.words(EDGE_ROW, 0, "First day of what is left of the year", "note")
    sheet.words(MIDDLE_ROW, 0, "Years from the as-of date to its middle", "note")
    as_of = book.screen.as_of
    edges = [as_of, *(as_of.replace(year=year, month=1, day=1) for year in [*plan.years[1:], plan.years[-1] + 1])]
    for k, edge in enumerate(edges):
        col = grid.index(f"t_{[*plan.years, plan.years[-1] + 1][k]}")
        if k == 0:
            sheet.formula(EDGE_ROW, col, book.assumption("as_of"), serial(as_of), "date")
        else:
            sheet.input(EDGE_ROW, col, edge, "date")
    for k, year in enumerate(plan.years):
        start = cell(EDGE_ROW, grid.index(f"t_{year}"))
        end = cell(EDGE_ROW, grid.index(f"t_{year + 1}"))
        days = ((edges[k] - as_of).days + (edges[k + 1] - as_of).days) / 2
        formula = f"(({start}-{book.assumption('as_of')})+({end}-{book.assumption('as_of')}))/2/{DAYS_PER_YEAR}"
        sheet.formula(MIDDLE_ROW, grid.index(f"y{year}"), formula, days / DAYS_PER_YEAR, "plain")


def _python(book: Book, plan: Scheduled) -> dict[str, np.ndarray]:
    """Years since the start and money earned at each edge, twelve months on, and a year before the end."""
    as_of = book.screen.as_of
    edges = [as_of, *(as_of.replace(year=y, month=1, day=1) for y in [*plan.years[1:], plan.years[-1] + 1])]
    contracts = worth(book).book.calendar.contracts.loc[plan.at]
    if contracts.empty:
        return {"since": np.zeros((0, 0)), "earned": np.zeros((0, 0))}
    start, term = contracts["start_used"], contracts["term_years"].to_numpy(dtype=float)
    at = np.column_stack([(edge - start).dt.days / DAYS_PER_YEAR for edge in edges])
    since = np.clip(at, 0.0, term[:, None])
    now = np.clip(at[:, 0], 0.0, None)
    since = np.column_stack([since, np.clip(now + 1, 0.0, term), np.clip(term - 1, 0.0, None)])
    return {"since": since, "earned": elapsed_value(contracts, since, 0.0) / MILLION}


def _terms(
    book: Book, sheet: Sheet, grid: Grid, k: int, record: dict[str, Any], link: int, values: dict[str, np.ndarray]
) -> None:
    row, at, there = grid.first + k, lambda key: grid.at(key, k), book.grids["contracts"]

    def put(key: str, formula: str, value: Any, status: str = "ok") -> None:
        sheet.formula(row, grid.index(key), formula, value, grid.kind(key), status=status)

    sheet.text(row, 0, record["ticker"], bold=True)
    sheet.text(row, 1, record["contract_id"], "name")
    sheet.text(row, 2, record["counterparty_name"], "small")
    sheet.text(row, 3, WORDS[record["business"]], "small")
    sheet.input(row, grid.index("counted"), float(record["scope"] == MINERS), "flag")
    announced = not is_unknown(record["owned_value_usd"])
    by_term = f"{there.link('revenue', link)}*{there.link('term', link)}"
    value = there.link("value", link) if announced else by_term
    put("value", value, scaled(record["value_used_usd"]), "ok" if announced else "proxy")
    put(
        "start",
        start(book, record, link),
        serial(record["start_used"]),
        "proxy" if record["start_is_assumed"] else "ok",
    )
    put("term", there.link("term", link), record["term_years"])
    put(
        "escalator",
        f"N({there.link('escalator', link)})",
        0.0 if is_unknown(record["escalator"]) else record["escalator"],
    )
    kind = "noi_margin_gpu_cloud" if record["business"] == CLOUD else "noi_margin_lease"
    stated = there.link("margin", link)
    put("margin", f"IF(ISNUMBER({stated}),{stated},{book.assumption(kind)})", record["margin_used"],
        "proxy" if record["margin_is_assumed"] else "ok")  # fmt: skip
    v, n, g = at("value"), at("term"), at("escalator")
    growth = 0.0 if is_unknown(record["escalator"]) else record["escalator"]
    total, term = record["value_used_usd"] / MILLION, record["term_years"]
    first = total * growth / np.expm1(term * np.log1p(growth)) if growth > 0 else total / term
    put("first", f"IF({g}>0,{v}*{g}/((1+{g})^{n}-1),{v}/{n})", first)
    earned = values["earned"][k]
    start_edge = f"e_{book.screen.as_of.year}"
    put("forward", f"{at('e_next')}-{at(start_edge)}", earned[-2] - earned[0])
    put("last", f"{v}-{at('e_last')}", total - earned[-1])


def _years(book: Book, sheet: Sheet, grid: Grid, k: int, plan: Scheduled, values: dict[str, np.ndarray]) -> None:
    row, at, record = grid.first + k, lambda key: grid.at(key, k), plan.rows[k]
    edges = [*plan.years, plan.years[-1] + 1]
    as_assumed = worth(book).assumptions.ramp_years > 0
    v, n, g, f = at("value"), at("term"), at("escalator"), at("first")
    since, earned = values["since"][k], values["earned"][k]
    for j, edge in enumerate([*edges, "next", "last"]):
        t_col, e_col = grid.index(f"t_{edge}"), grid.index(f"e_{edge}")
        if edge == "next":
            formula = f"MIN({n},MAX(0,({book.assumption('as_of')}-{at('start')})/{DAYS_PER_YEAR})+1)"
        elif edge == "last":
            formula = f"MAX(0,{n}-1)"
        else:
            day = xl_rowcol_to_cell(EDGE_ROW, t_col, row_abs=True)
            formula = f"MAX(0,MIN({n},({day}-{at('start')})/{DAYS_PER_YEAR}))"
        sheet.formula(row, t_col, formula, since[j], "years")
        t = at(f"t_{edge}")
        years = f"IF({g}>0,((1+{g})^INT({t})-1)/{g},INT({t}))"
        stepped = f"{f}*({years}+({t}-INT({t}))*(1+{g})^INT({t}))"
        sheet.formula(row, e_col, f"IF({t}>={n},{v},MIN({v},{stepped}))", earned[j], "money")
    for j, year in enumerate(plan.years):
        col, value = grid.index(f"y{year}"), plan.remaining[k, j] / MILLION
        if as_assumed:
            sheet.static(row, col, value, "money")
        else:
            sheet.formula(row, col, f"{at(f'e_{year + 1}')}-{at(f'e_{year}')}", value, "money")
    total = plan.remaining[k].sum() / MILLION
    ends = f"{at(f'y{plan.years[0]}')}:{at(f'y{plan.years[-1]}')}"
    sheet.formula(row, grid.index("sum"), f"SUM({ends})", total, "money", bold=True)
    there = book.grids["contracts"].link("backlog", contract_row(book)[record["contract_id"]])
    backlog = scaled(record["owned_backlog_usd"])
    counted = not (is_unknown(backlog) or record["start_is_assumed"] or as_assumed)
    tie = (
        f'IF(ISNUMBER({there}),ROUND({at("sum")}-{there},6),"n/a")'
        if counted
        else f'IF(ISNUMBER({there}),"n.m.","n/a")'
    )
    told = (round(total - backlog, 6) + 0.0) if counted else None
    sheet.formula(
        row, grid.index("tie"), tie, told, "money", status="ok" if counted or is_unknown(backlog) else "not_meaningful"
    )


def _sums(book: Book, sheet: Sheet, plan: Scheduled) -> None:
    """Miners by counterparty, largest first, the others, and by business with NOI; a chart under them."""
    grid, sums = book.grids["backlog"], book.grids["backlog_sums"]
    sheet.words(
        sums.first - 2, 0, "Miners by counterparty: leases and GPU cloud together; then each alone ($m)", "section"
    )
    head = sums.first - 1
    for key in ("contract", *(f"y{y}" for y in plan.years), "sum"):
        title = "Counterparty, or business" if key == "contract" else sums.columns[sums.index(key)].title
        sheet.words(
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
    by_name, is_counted = grid.span("who"), f"{grid.span('counted')},1"
    for k in range(NAMED):
        name = names[k] if k < len(names) else ""
        here = sums.at("contract", k)
        lines.append((name, lambda key, here=here: f"SUMIFS({grid.span(key)},{by_name},{here},{is_counted})",
                      table[counted & (who == name)].sum(axis=0) if name else np.zeros(len(keys))))  # fmt: skip
    named = np.isin(who, names)
    lines.append(("others", lambda key: f"SUMIFS({grid.span(key)},{is_counted})-SUM({_above(sums, key, NAMED)})",
                  table[counted & ~named].sum(axis=0)))  # fmt: skip
    margins = np.array([r["margin_used"] for r in plan.rows], dtype=float)
    for business, words, profit in (
        (LEASE, "Leases, revenue", "Leases, NOI"),
        (CLOUD, "GPU cloud, revenue", "GPU cloud, EBITDA"),
    ):
        mine = counted & np.array([r["business"] == business for r in plan.rows], dtype=bool)
        kind = f'{grid.span("business")},"{WORDS[business]}"'
        lines.append(
            (words, lambda key, kind=kind: f"SUMIFS({grid.span(key)},{kind},{is_counted})", table[mine].sum(axis=0))
        )
        cond = f'({grid.span("business")}="{WORDS[business]}")*({grid.span("counted")}=1)*{grid.span("margin")}'
        lines.append((profit, lambda key, cond=cond: f"SUMPRODUCT({cond}*{grid.span(key)})",
                      (table[mine] * margins[mine][:, None]).sum(axis=0)))  # fmt: skip
    for k, (name, formula, values) in enumerate(lines):
        row = sums.first + k
        sheet.text(row, sums.index("contract"), name, bold=k > NAMED)
        if not name:
            continue
        for j, key in enumerate(keys):
            # An empty book has one empty row, whose cells are no numbers.
            sheet.formula(row, sums.index(key), formula(key) if plan.rows else "0", values[j], "money")
    if plan.rows:
        _chart(book, sheet, sums, plan, len(names))


def _above(sums: Grid, key: str, count: int) -> str:
    return f"{sums.at(key, 0)}:{sums.at(key, count - 1)}"


def _chart(book: Book, sheet: Sheet, sums: Grid, plan: Scheduled, named: int) -> None:
    chart = book.workbook.add_chart({"type": "column", "subtype": "stacked"})
    first, last = sums.index(f"y{plan.years[0]}"), sums.index(f"y{plan.years[min(CHARTED, len(plan.years)) - 1]}")
    for k in [*range(named), NAMED]:
        row = sums.first + k
        chart.add_series(
            {
                "name": [BACKLOG, row, sums.index("contract")],
                "categories": [BACKLOG, book.grids["backlog"].first - 1, first, book.grids["backlog"].first - 1, last],
                "values": [BACKLOG, row, first, row, last],
                "fill": {"color": COLOURS[k % len(COLOURS)]},
                "gap": 40,
            }
        )
    chart.set_x_axis(charts.axis())
    chart.set_y_axis(charts.axis("$m", grid=True, num_format="#,##0"))
    title = "Backlog of miners by year and counterparty, leases and GPU cloud together ($m)"
    charts.insert(sheet, chart, (sums.last + 2, 1), (1100, 380), title, legend="right")


def _notes(book: Book) -> list[str]:
    ramp = worth(book).assumptions.ramp_years
    return [
        "Revenue of a year is what the contract has earned by its end less what it had earned by its beginning; the rent "
        "steps up once a contract year. The steps stand in folded columns to the right.",
        "Every contract counts in full from its first phase, since the sources give first-phase dates: early years are "
        "rather too high. Blue fill in Start: no start announced, dated by Assumptions; in Margin: assumed."
        + (f" A ramp of {ramp:g} years is assumed in this run: years are of the run." if ramp else ""),
        "Less backlog: sum of years less the backlog of sheet Contracts, zero where the start is announced. Contracts "
        "without a value or a term are in no year.",
        "Counted in the sector: miners whose enterprise value is meaningful and their subsidiaries; comparables are shown "
        "and not summed.",
    ]
