"""Changes: the first sheet where there is a run before: what moved, what moved it, and what is new or gone.

Both runs are records, so their figures are values of the run; differences and the check that the attribution adds up
are formulas.
"""

from __future__ import annotations

import math
import textwrap
from typing import Any

import pandas as pd

from exports.terminal.changes import in_words
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, is_unknown, scaled
from exports.workbook.writer.context import CHANGES, Book
from exports.workbook.writer.style import PIVOT_COLOUR, RED, page_setup
from valuation.comparison.attribution import FACTORS, TITLES
from valuation.comparison.changes import Changes

PARTS = "What moved EV per secured MW (m USD per MW): the seven add up to the change"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=30),
    Column("group_before", "Group before", width=8.5),
    Column("group_after", "Group now", width=8.5),
    Column("rank_before", "Place before", "count", 7),
    Column("rank_after", "Place now", "count", 7),
    Column("price_before", "Before", "price", 10, "Price (USD per share)"),
    Column("price_after", "Now", "price", 10, "Price (USD per share)"),
    Column("price_change", "Change (%)", "percent", 10, "Price (USD per share)"),
    Column("ev_before", "Before", "money", 11, "Enterprise value ($m)"),
    Column("ev_after", "Now", "money", 11, "Enterprise value ($m)"),
    Column("ev_change", "Change", "money", 11, "Enterprise value ($m)"),
    Column("per_mw_before", "Before", "per_mw", 8.5, "EV / secured MW (m USD)"),
    Column("per_mw_after", "Now", "per_mw", 8.5, "EV / secured MW (m USD)"),
    Column("per_mw_change", "Change", "per_mw", 8.5, "EV / secured MW (m USD)"),
    *(Column(name, TITLES[name], "per_mw", 8.5, PARTS) for name in FACTORS),
    Column("rest", "Parts less change (must be 0)", "per_mw", 9.5, PARTS),
    Column("status", "Status now, or why not split", "small", 44),
)
FIRST_LINE, LINE_WIDTH = 4, 190
DIGITS = 9  # of the check: the parts are sums of floating-point numbers of the size of the figures themselves
UNITS = {"usd": (MILLION, "m USD"), "shares": (MILLION, "m shares")}


def write(book: Book, changes: Changes) -> None:
    """Write the sheet."""
    sheet = book.sheet(CHANGES)
    old, new = changes.before, changes.after
    sheet.words(0, 0, f"What changed: {book.screen.title}, as of {book.as_of}", "title")
    look = "warning" if book.screen.prices_are_old else "subtitle"
    sheet.words(1, 0, f"{book.screen.price_line}.", look)
    sheet.words(2, 0, f"Since the run of {old.as_of:%Y-%m-%d} ({old.run_id}); this is run {new.run_id}.", "subtitle")
    row = FIRST_LINE
    for text in in_words(changes):
        for line in textwrap.wrap(text, LINE_WIDTH, subsequent_indent="    "):
            sheet.words(row, 0, line, "answer")
            row += 1
    grid = Grid(CHANGES, COLUMNS, row + 4, len(changes.companies))
    sheet.words(row + 1, 0, "The companies", "section")
    sheet.header(grid, height=36)
    for i, record in enumerate(changes.companies.itertuples()):
        _company(sheet, grid, i, record, changes.attribution.frame)
    _adds_up(book, sheet, grid)
    row = sheet.lines(grid.last + 2, _notes(changes))
    row = _contracts(sheet, row + 1, changes.contracts)
    row = _names(sheet, row + 1, changes.names)
    row = _facts(sheet, row + 1, changes.facts)
    row = _issues(sheet, row + 1, changes.issues)
    page_setup(
        sheet.page,
        title=book.screen.title,
        as_of=book.as_of,
        run_id=new.run_id,
        freeze=(1, 1),
        repeat=(0, 0),
        last=(row, len(COLUMNS) - 1),
        tab=PIVOT_COLOUR,
    )


def _company(sheet: Sheet, grid: Grid, i: int, record: Any, parts: pd.DataFrame) -> None:
    row, ticker = grid.first + i, str(record.Index)
    sheet.text(row, 0, ticker, bold=True)
    sheet.text(row, 1, record.name, "name")
    moved = record.group_before != record.group_after
    sheet.text(row, 2, record.group_before or "unknown", "code")
    sheet.text(row, 3, record.group_after or "unknown", "code", bold=moved)
    for key, unit in (("rank_before", 1.0), ("rank_after", 1.0), ("price_before", 1.0), ("price_after", 1.0),
                      ("ev_before", MILLION), ("ev_after", MILLION), ("per_mw_before", 1.0),
                      ("per_mw_after", 1.0)):  # fmt: skip
        sheet.static(row, grid.index(key), scaled(getattr(record, key), unit), grid.kind(key), exact=True)
    before, after = grid.at("price_before", i), grid.at("price_after", i)
    _live(sheet, grid, i, "price_change", f"{after}/{before}-1", record.price_change)
    for key, unit in (("ev", MILLION), ("per_mw", 1.0)):
        change = getattr(record, f"{key}_after") / unit - getattr(record, f"{key}_before") / unit
        formula = f"{grid.at(f'{key}_after', i)}-{grid.at(f'{key}_before', i)}"
        _live(sheet, grid, i, f"{key}_change", formula, change)
    part = parts.loc[ticker] if ticker in parts.index else None
    for name in FACTORS:
        sheet.static(row, grid.index(name), None if part is None else part[name], grid.kind(name), exact=True)
    split = part is not None and not part["cause"]
    total = f"SUM({grid.at(FACTORS[0], i)}:{grid.at(FACTORS[-1], i)})"
    rest = 0.0 if split else math.nan
    _live(sheet, grid, i, "rest", f"ROUND({total}-{grid.at('per_mw_change', i)},{DIGITS})", rest)
    why = "new name" if part is None else part["cause"] or str(record.status).replace("_", " ")
    sheet.text(row, grid.index("status"), why, "small")


def _live(sheet: Sheet, grid: Grid, i: int, key: str, formula: str, value: float) -> None:
    """A difference, as a formula; the word n/a where one side is unknown, since there is nothing to take away."""
    row, col = grid.first + i, grid.index(key)
    if is_unknown(value):
        sheet.words(row, col, "n/a", "unknown")
    else:
        sheet.formula(row, col, formula, value, grid.kind(key))


def _adds_up(book: Book, sheet: Sheet, grid: Grid) -> None:
    span, col = grid.span("rest"), grid.index("rest")
    row = grid.last + 1
    sheet.words(row, col - 1, "All:", "header_left")
    style = book.styles.named("ok")
    sheet.formula(row, col, f'IF(AND(MAX({span})=0,MIN({span})=0),"OK","CHECK")', "OK", style=style)
    sheet.page.conditional_format(
        row, col, row, col, {"type": "cell", "criteria": "!=", "value": '"OK"', "format": book.styles.turned(RED)}
    )


def _notes(changes: Changes) -> list[str]:
    return [
        f"Attribution: {changes.attribution.method}.",
        "Cash with restricted cash, bitcoin with other coins, debt after conversion; other claims are finance leases, "
        "preferred equity, minorities and prepayments. A convertible that the price carries over its conversion price "
        "shows as more shares and less debt.",
        "Place: by EV per secured MW among the companies in the statistics, 1 the dearest. Blue italics: a figure of one "
        "of the two runs. Black: a formula. n/a: unknown in one of the runs, never zero.",
    ]


def _head(sheet: Sheet, row: int, title: str, count: int, columns: dict[int, str]) -> int:
    sheet.words(row, 0, f"{title}: {count or 'no change'}", "section")
    if count:
        for col in range(max(columns) + 1):
            sheet.words(row + 1, col, columns.get(col, ""), "header_left")
    return row + 2 if count else row + 1


def _contracts(sheet: Sheet, row: int, contracts: pd.DataFrame) -> int:
    columns = {0: "Ticker", 1: "Counterparty", 2: "What", 4: "", 6: "Announced", 7: "IT MW", 8: "", 9: "Value ($m)",
               10: "A year ($m)", 11: "Contract", 14: ""}  # fmt: skip
    row = _head(sheet, row, "Contracts, owner's share", len(contracts), columns)
    for record in contracts.itertuples(index=False):
        sheet.text(row, 0, record.ticker, bold=True)
        sheet.text(row, 1, record.counterparty, "name")
        sheet.text(row, 2, record.change)
        sheet.static(row, 6, record.announced_on, "date")
        sheet.static(row, 7, record.owned_it_mw, "mw")
        sheet.static(row, 9, scaled(record.owned_value_usd), "money")
        sheet.static(row, 10, scaled(record.owned_annual_revenue_usd), "money")
        sheet.text(row, 11, record.contract_id, "small")
        row += 1
    return row


def _names(sheet: Sheet, row: int, names: pd.DataFrame) -> int:
    row = _head(sheet, row, "Names", len(names), {0: "Ticker", 1: "What", 2: "Detail", 14: ""})
    for record in names.itertuples(index=False):
        sheet.text(row, 0, record.ticker, bold=True)
        sheet.text(row, 1, record.change)
        sheet.text(row, 2, record.detail, "small")
        row += 1
    return row


def _facts(sheet: Sheet, row: int, facts: pd.DataFrame) -> int:
    columns = {0: "Ticker", 1: "Item", 2: "What", 4: "", 6: "Period before", 7: "Period now", 8: "Published",
               9: "Before", 10: "Now", 11: "Unit", 12: "Source", 15: "Link", 20: ""}  # fmt: skip
    row = _head(sheet, row, "Facts", len(facts), columns)
    for record in facts.itertuples(index=False):
        unit, name = UNITS.get(record.unit, (1.0, record.unit))
        sheet.text(row, 0, record.ticker, bold=True)
        sheet.text(row, 1, record.item, "name")
        sheet.text(row, 2, record.change, bold=record.change == "restated")
        for col, value in ((6, record.old_period), (7, record.new_period), (8, record.published_on)):
            if not is_unknown(value):
                sheet.static(row, col, value, "date")
        for col, value in ((9, record.old), (10, record.new)):
            if not is_unknown(value):
                sheet.static(row, col, value / unit, "plain")
        sheet.text(row, 11, name, "small")
        sheet.text(row, 12, record.source, "small")
        sheet.url(row, 15, record.source_url)
        row += 1
    return row


def _issues(sheet: Sheet, row: int, issues: pd.DataFrame) -> int:
    row = _head(
        sheet, row, "Data problems", len(issues), {0: "Ticker", 1: "Problem", 2: "What", 4: "", 6: "Detail", 20: ""}
    )
    for record in issues.itertuples(index=False):
        sheet.text(row, 0, record.ticker, bold=True)
        sheet.text(row, 1, record.what, "name")
        sheet.text(row, 2, f"{record.change} ({record.severity})")
        sheet.text(row, 6, record.detail, "small")
        row += 1
    return row
