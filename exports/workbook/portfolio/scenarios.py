"""Scenarios: change of each position and P&L of the portfolio by scenario."""

from __future__ import annotations

from exports.tables.portfolio.scenarios import DERIVED
from exports.workbook.portfolio.context import RISK, SCENARIOS, TOP, PortfolioBook, guarded, of_net, plain
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.style import ASSUMPTION_FILL
from exports.workbook.writer.values import is_unknown
from valuation.portfolio.kinds import AT_CLOSE, AT_NOTIONAL, CASH, DERIVATIVES, OPTION
from valuation.portfolio.stress import BY_BETA, StressResult

SUMMARY = ("Scenario", "", "", "P&L (USD)", "Of net value", "No result", "Method")
BASE = (
    Column("account", "Account", width=24),
    Column("ticker", "Ticker", width=20),
    Column("value", "Value (USD)", "count", 12),
    Column("price", "Price (USD)", "price", 10),
)
SHOCK_LABEL = "Change of the bitcoin price (input of the scenario by beta)"


def _columns(scenarios: tuple[StressResult, ...]) -> tuple[Column, ...]:
    columns = list(BASE)
    for k, scenario in enumerate(scenarios):
        section = f"{scenario.name}, by {scenario.method}"
        columns += [
            Column(f"after{k}", "Price after (USD)", "price", 10, section),
            Column(f"change{k}", "Change", "percent", 9, section),
            Column(f"pnl{k}", "P&L (USD)", "count", 12, section),
        ]
    return tuple(columns)


def place(book: PortfolioBook) -> None:
    """Cell addresses: summary above, positions below."""
    scenarios = book.report.scenarios
    first = TOP + len(scenarios) + 9
    book.ranges["scenarios"] = TableRange(SCENARIOS, _columns(scenarios), first, len(book.positions))
    book.cells["shock"] = cell(TOP + len(scenarios) + 3, 3, sheet=SCENARIOS)


def write(book: PortfolioBook) -> None:
    """Write the sheet."""
    sheet, area, scenarios = book.sheet(SCENARIOS), book.ranges["scenarios"], book.report.scenarios
    book.heading(sheet, SCENARIOS, "Prices by beta are formulas, all others are fixed at run time (blue italics).")
    sheet.set_widths([c.width for c in area.columns])
    _summary(book, sheet, area, scenarios)
    sheet.header(area, widths=False, height=36)
    for i in range(area.count):
        _position(book, sheet.record(area, i), i)
    last = sheet.notes(area.last + 2, _notes(book))
    book.finish(
        sheet, freeze=(area.first, 2), last=(last, len(area.columns) - 1), repeat=(area.first - 2, area.first - 1)
    )


def _summary(book: PortfolioBook, sheet: Sheet, area: TableRange, scenarios: tuple[StressResult, ...]) -> None:
    for at, head in enumerate(SUMMARY):
        sheet.label(TOP, at, head, "header_left" if at < 3 else "header")
    for k, scenario in enumerate(scenarios):
        row, span = TOP + 1 + k, area.span(f"pnl{k}")
        kinds = book.ranges["positions"].link_span("kind")
        only_cash = f'AND(COUNTIF({span},"n/a")>0,COUNT({span})=COUNTIF({kinds},"{CASH}"))'
        pnl = f'IF({only_cash},"n/a",SUM({span}))'
        sheet.text(row, 0, scenario.title, bold=True)
        sheet.text(row, 6, scenario.method)
        sheet.formula(row, 3, pnl, plain(scenario.pnl_usd), "count")
        share = f'IF(ISNUMBER({cell(row, 3)}),{of_net(cell(row, 3), book.cells["net"])},"n/a")'
        sheet.formula(row, 4, share, plain(scenario.pnl), "percent")
        sheet.formula(row, 5, f'COUNTIF({area.span(f"pnl{k}")},"n/a")', float(len(scenario.untold)), "count")
    row = TOP + len(scenarios) + 3
    sheet.text(row, 0, SHOCK_LABEL)
    shock = book.report.manifest["shock"]
    sheet.input(row, 3, shock, "percent", fill=ASSUMPTION_FILL)


def _position(book: PortfolioBook, record: Record, i: int) -> None:
    held, positions = book.positions[i], book.ranges["positions"]
    record.text("account", held["account"], "name")
    record.text("ticker", held["ticker"], "name")
    record.formula("value", positions.link("value", i), held["value_usd"], status=held["status"])
    record.formula("price", positions.link("price_usd", i), held["price_usd"])
    value, price, beta = record.at("value"), record.at("price"), _beta(book, held)
    for k, scenario in enumerate(book.report.scenarios):
        result = scenario.positions.iloc[i]
        after, change = record.at(f"after{k}"), record.at(f"change{k}")
        new, moved, pnl = (plain(result[name]) for name in ("price_after", "change", "pnl_usd"))
        if held["kind"] == CASH:
            record.formula(f"change{k}", "0", 0.0)
            record.formula(f"after{k}", price, held["price_usd"])
        elif scenario.method == BY_BETA and beta and not is_unknown(moved):
            record.formula(f"change{k}", f"MAX(-1,{beta}*{book.cells['shock'].partition('!')[2]})", moved)
            record.formula(f"after{k}", guarded(f"{price}*(1+{change})", price, change), new)
        else:
            # To the last digit: the return under it may be a small difference of two prices.
            record.static(f"after{k}", result["price_after"], exact=True)
            fraction = f'IF(N({price})<>0,{guarded(f"{after}/{price}-1", after, price)},"n/a")'
            record.formula(f"change{k}", fraction, moved)
        if held["kind"] in AT_NOTIONAL:
            exposure = positions.link("exposure", i)
            record.formula(f"pnl{k}", guarded(f"{exposure}*{change}", exposure, change), pnl)
        elif held["kind"] == OPTION:
            # By prices, since an option worth nothing has no fraction to change by.
            quantity = positions.link("quantity", i)
            record.formula(f"pnl{k}", guarded(f"{quantity}*({after}-{price})", after, price), pnl)
        else:
            record.formula(f"pnl{k}", guarded(f"{value}*{change}", value, change), pnl)


def _beta(book: PortfolioBook, held: dict) -> str:
    """Address of a name's beta to bitcoin on Risk; empty where there is none."""
    found = book.report.risk
    name = held["exposure_to"]
    if found is None or name not in found.names.index or held["kind"] not in AT_CLOSE:
        return ""
    area = book.ranges["names"]
    return f"'{RISK}'!{area.at('beta', list(found.names.index).index(name))}"


def _notes(book: PortfolioBook) -> list[str]:
    why: dict[str, set[str]] = {}
    for scenario in book.report.scenarios:
        for at, row in scenario.untold.iterrows():
            why.setdefault(row["why"], set()).add(book.positions[at]["ticker"])
    return [
        "By beta: each name's beta to bitcoin times the shock, never below -100%. Betas are past averages, not bounds.",
        "By net asset value: prices follow the scenario's net asset value (DCF) at constant price to net asset value; a "
        "guarantor pays the part that it covers.",
        *([f"{DERIVED} Fixed at run time."] if any(row["kind"] in DERIVATIVES for row in book.positions) else []),
        "By revaluation: one group's EV changes by the ratio of medians; shares, convertibles and warrants share it.",
        *(f"No result, {reason}: {', '.join(sorted(names))}." for reason, names in why.items()),
    ]
