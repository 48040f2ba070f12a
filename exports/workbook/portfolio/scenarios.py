"""Scenarios: each position's change under each what-if, and what the portfolio makes or loses."""

from __future__ import annotations

import numpy as np

from exports.workbook.portfolio.context import RISK, SCENARIOS, TOP, Book, guarded, plain
from exports.workbook.writer.cells import Column, Grid, Sheet, cell
from valuation.portfolio.positions import CASH
from valuation.portfolio.stress import BY_BETA, Scenario

SUMMARY = ("Scenario", "", "", "P&L (USD)", "Of net value", "Not told", "Method")
BASE = (
    Column("account", "Account", width=15),
    Column("ticker", "Ticker", width=14),
    Column("value", "Value (USD)", "count", 12),
    Column("price", "Price (USD)", "price", 10),
)
SHOCK_LABEL = "Bitcoin changes by (live for the scenario by beta)"


def _columns(scenarios: tuple[Scenario, ...]) -> tuple[Column, ...]:
    columns = list(BASE)
    for k, scenario in enumerate(scenarios):
        section = f"{scenario.name}, by {scenario.method}"
        columns += [
            Column(f"after{k}", "Price after (USD)", "price", 10, section),
            Column(f"change{k}", "Change", "percent", 9, section),
            Column(f"pnl{k}", "P&L (USD)", "count", 12, section),
        ]
    return tuple(columns)


def place(book: Book) -> None:
    """A summary above, positions below."""
    scenarios = book.report.scenarios
    first = TOP + len(scenarios) + 9
    book.grids["scenarios"] = Grid(SCENARIOS, _columns(scenarios), first, len(book.positions))
    book.cells["shock"] = cell(TOP + len(scenarios) + 3, 3, sheet=SCENARIOS)


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid, scenarios = book.sheet(SCENARIOS), book.grids["scenarios"], book.report.scenarios
    book.top(
        sheet, SCENARIOS, "Prices after revaluation are computed by the run (blue italics); by beta they are live."
    )
    for at, column in enumerate(grid.columns):
        sheet.page.set_column(at, at, column.width)
    _summary(book, sheet, grid, scenarios)
    sheet.header(grid, widths=False, height=36)
    for i in range(grid.count):
        _position(book, sheet, grid, i)
    last = sheet.lines(grid.last + 2, _notes(book))
    book.finish(
        sheet, freeze=(grid.first, 2), last=(last, len(grid.columns) - 1), repeat=(grid.first - 2, grid.first - 1)
    )


def _summary(book: Book, sheet: Sheet, grid: Grid, scenarios: tuple[Scenario, ...]) -> None:
    for at, head in enumerate(SUMMARY):
        sheet.words(TOP, at, head, "header_left" if at < 3 else "header")
    for k, scenario in enumerate(scenarios):
        row, pnl = TOP + 1 + k, f"SUM({grid.span(f'pnl{k}')})"
        sheet.text(row, 0, scenario.title, bold=True)
        sheet.text(row, 6, scenario.method)
        sheet.formula(row, 3, pnl, plain(scenario.pnl_usd), "count")
        share = f'IF({book.cells["net"]}>0,{cell(row, 3)}/{book.cells["net"]},"n/a")'
        sheet.formula(row, 4, share, None if np.isnan(scenario.pnl) else plain(scenario.pnl), "percent")
        sheet.formula(row, 5, f'COUNTIF({grid.span(f"pnl{k}")},"n/a")', float(len(scenario.untold)), "count")
    row = TOP + len(scenarios) + 3
    sheet.text(row, 0, SHOCK_LABEL)
    shock = book.report.manifest["shock"]
    sheet.input(row, 3, shock, "percent", fill="#FFFBD6")


def _position(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    held, row = book.positions[i], grid.first + i
    positions = book.grids["positions"]
    sheet.text(row, 0, held["account"], "name")
    sheet.text(row, 1, held["ticker"], "name")
    sheet.formula(row, 2, positions.link("value", i), held["value_usd"], "count", status=held["status"])
    sheet.formula(row, 3, positions.link("price_usd", i), held["price_usd"], "price")
    for k, scenario in enumerate(book.report.scenarios):
        told = scenario.positions.iloc[i]
        after, change = (grid.at(f"{key}{k}", i) for key in ("after", "change"))
        value, price = grid.at("value", i), grid.at("price", i)
        moved = None if np.isnan(told["change"]) else plain(told["change"])
        beta = _beta(book, held)
        if held["kind"] == CASH:
            sheet.formula(row, grid.index(f"change{k}"), "0", 0.0, "percent")
            sheet.formula(row, grid.index(f"after{k}"), price, held["price_usd"], "price")
        elif scenario.method == BY_BETA and beta and moved is not None:
            sheet.formula(
                row,
                grid.index(f"change{k}"),
                f"MAX(-1,{beta}*{book.cells['shock'].partition('!')[2]})",
                moved,
                "percent",
            )
            formula = guarded(f"{price}*(1+{change})", price, change)
            sheet.formula(row, grid.index(f"after{k}"), formula, told["price_after"], "price")
        else:
            new = None if np.isnan(told["price_after"]) else told["price_after"]
            # To the last digit: the return under it may be a small difference of two prices.
            sheet.static(row, grid.index(f"after{k}"), new, "price", exact=True)
            sheet.formula(row, grid.index(f"change{k}"), guarded(f"{after}/{price}-1", after, price), moved, "percent")
        worth = None if np.isnan(told["pnl_usd"]) else plain(told["pnl_usd"])
        sheet.formula(row, grid.index(f"pnl{k}"), guarded(f"{value}*{change}", value, change), worth, "count")


def _beta(book: Book, held: dict) -> str:
    """Address of a name's beta to bitcoin on Risk; empty where it has none."""
    found = book.report.risk
    name = held["company"] or held["ticker"]
    if found is None or name not in found.names.index or held["kind"] != "equity":
        return ""
    grid = book.grids["names"]
    return f"'{RISK}'!{grid.at('beta', list(found.names.index).index(name))}"


def _notes(book: Book) -> list[str]:
    why: dict[str, set[str]] = {}
    for scenario in book.report.scenarios:
        for at, row in scenario.untold.iterrows():
            why.setdefault(row["why"], set()).add(book.positions[at]["ticker"])
    return [
        "By beta: each name's beta to bitcoin times the shock, never below -100%. A past average, not a bound.",
        "By revaluation: the company's value changes, and its shares, convertibles and warrants share the change.",
        "Bitcoin by revaluation: only coins on the balance sheet fall. Gap: one group's EV changes by the ratio of medians. "
        "Tenant: EV x contracted AI share x the tenant's part of contracted NOI x (1 - recovered).",
        *(f"Not told, {reason}: {', '.join(sorted(names))}." for reason, names in why.items()),
    ]
