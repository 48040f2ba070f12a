"""Changes since the run before: moves with their attribution, contracts, facts, data checks.

Both runs are records, so their figures are fixed; differences and the check that the attribution adds up are formulas.
"""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from typing import Any

import pandas as pd

from exports.tables.changes import in_words
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.citations import ATTRIBUTION_WORKS
from exports.workbook.writer.context import CHANGES, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import LEFT, PIVOT_COLOUR, RED, page_setup
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION, is_unknown, scaled
from valuation.comparison.attribution import FACTORS, TITLES
from valuation.comparison.changes import Changes

PARTS = "Attribution of the change in EV per secured MW ($m per MW)"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=30),
    Column("group_before", "Group before", width=8.5),
    Column("group_after", "Group now", width=8.5),
    Column("rank_before", "Rank before", "count", 7),
    Column("rank_after", "Rank now", "count", 7),
    Column("price_before", "Before", "price", 10, "Price (USD per share)"),
    Column("price_after", "Now", "price", 10, "Price (USD per share)"),
    Column("price_change", "Change (%)", "percent", 10, "Price (USD per share)"),
    Column("ev_before", "Before", "money", 11, "Enterprise value ($m)"),
    Column("ev_after", "Now", "money", 11, "Enterprise value ($m)"),
    Column("ev_change", "Change", "money", 11, "Enterprise value ($m)"),
    Column("per_mw_before", "Before", "per_mw", 8.5, "EV / secured MW ($m)"),
    Column("per_mw_after", "Now", "per_mw", 8.5, "EV / secured MW ($m)"),
    Column("per_mw_change", "Change", "per_mw", 8.5, "EV / secured MW ($m)"),
    *(Column(name, TITLES[name], "per_mw", 8.5, PARTS) for name in FACTORS),
    Column("rest", "Sum less change (must be 0)", "per_mw", 9.5, PARTS),
    Column("status", "Status now, or why there is no attribution", "small", 44),
)
FIRST_LINE, LINE_WIDTH = 4, 190
DIGITS = 9  # of the check: the parts are sums of floating-point numbers of the size of the figures themselves
SCALES = {"usd": (MILLION, "$m"), "shares": (MILLION, "m shares")}


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """None: no other sheet reads it."""
    return {}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, changes = book.sheet(CHANGES), book.changes
    if changes is None:
        raise LookupError("this workbook has no earlier run")
    old, new = changes.before, changes.after
    sheet.label(0, 0, f"What changed: {book.screen.title}, as of {book.as_of}", "title")
    look = "warning" if book.screen.prices_are_old else "subtitle"
    sheet.label(1, 0, f"{book.screen.price_line}.", look)
    sheet.label(2, 0, f"Since the run of {old.as_of:%Y-%m-%d} ({old.run_id}); this run is {new.run_id}.", "subtitle")
    row = FIRST_LINE
    for text in in_words(changes):
        for line in textwrap.wrap(text, LINE_WIDTH, subsequent_indent="    "):
            sheet.label(row, 0, line, "answer")
            row += 1
    area = TableRange(CHANGES, COLUMNS, row + 4, len(changes.companies))
    sheet.label(row + 1, 0, "Companies", "section")
    sheet.header(area, height=36)
    for i, record in enumerate(changes.companies.itertuples()):
        _company(sheet, area, i, record, changes.attribution.frame)
    _adds_up(book, sheet, area)
    row = sheet.notes(area.last + 2, _notes(changes)) + 1
    for title, frame, columns in (
        ("Contracts, owner's share", changes.contracts, CONTRACTS),
        ("Companies", changes.names, NAMES),
        ("Facts", _facts(changes.facts), FACTS),
        ("Data checks", _checks(changes.issues), CHECKS),
    ):
        row = _section(sheet, row, title, frame, columns) + 1
    row -= 1
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


def _company(sheet: Sheet, area: TableRange, i: int, row: Any, parts: pd.DataFrame) -> None:
    record, ticker = sheet.record(area, i), str(row.Index)
    at = record.at
    record.company(ticker, row.name)
    record.text("group_before", row.group_before or "unknown", "code")
    record.text("group_after", row.group_after or "unknown", "code", bold=row.group_before != row.group_after)
    for key in ("rank", "price", "ev", "per_mw"):
        for end in ("before", "after"):
            value = scaled(getattr(row, f"{key}_{end}"), MILLION if key == "ev" else 1.0)
            record.static(f"{key}_{end}", value, exact=True)
    _difference(record, "price_change", f"{at('price_after')}/{at('price_before')}-1", row.price_change)
    for key, unit in (("ev", MILLION), ("per_mw", 1.0)):
        change = getattr(row, f"{key}_after") / unit - getattr(row, f"{key}_before") / unit
        _difference(record, f"{key}_change", f"{at(f'{key}_after')}-{at(f'{key}_before')}", change)
    part = parts.loc[ticker] if ticker in parts.index else None
    for name in FACTORS:
        record.static(name, None if part is None else part[name], exact=True)
    total = f"SUM({at(FACTORS[0])}:{at(FACTORS[-1])})"
    rest = 0.0 if part is not None and not part["cause"] else math.nan
    _difference(record, "rest", f"ROUND({total}-{at('per_mw_change')},{DIGITS})", rest)
    why = "new company" if part is None else part["cause"] or str(row.status).replace("_", " ")
    record.text("status", why, "small")


def _difference(record: Record, key: str, formula: str, value: float) -> None:
    """A difference as a formula, or the text n/a where one side is unknown."""
    if is_unknown(value):
        record.sheet.label(record.row, record.area.index(key), "n/a", "unknown")
    else:
        record.formula(key, formula, value)


def _adds_up(book: ScreenBook, sheet: Sheet, area: TableRange) -> None:
    span, col = area.span("rest"), area.index("rest")
    row = area.last + 1
    sheet.label(row, col - 1, "All:", "header_left")
    style = book.styles.named("ok")
    sheet.formula(row, col, f'IF(AND(MAX({span})=0,MIN({span})=0),"OK","CHECK")', "OK", style=style)
    sheet.page.conditional_format(
        row, col, row, col, {"type": "cell", "criteria": "!=", "value": '"OK"', "format": book.styles.font_colour(RED)}
    )


def _notes(changes: Changes) -> list[str]:
    return paragraphs(f"""
        - Attribution: {changes.attribution.method}. Source: {ATTRIBUTION_WORKS}.
        - Cash includes restricted cash, bitcoin other coins, debt is after conversion; other claims are finance leases,
          preferred equity, minority interest and prepayments. A convertible whose share price rises above its conversion
          price appears as more shares and less debt.
        - Rank: by EV per secured MW among the companies in the statistics, 1 the highest. Blue italics: a figure of one of
          the two runs. Black: a formula. n/a: unknown in one of the runs, never zero.
    """)


# Sections below: position, title, column of the frame and its look.
CONTRACTS = (
    (0, "Ticker", "ticker", "bold"), (1, "Counterparty", "counterparty", "name"), (2, "Change", "change", "text"),
    (6, "Announced", "announced_on", "date"), (7, "IT MW", "owned_it_mw", "mw"),
    (9, "Value ($m)", "owned_value_usd", "money"), (10, "Annual revenue ($m)", "owned_annual_revenue_usd", "money"),
    (11, "Contract", "contract_id", "small"), (14, "", "", ""),
)  # fmt: skip
NAMES = (
    (0, "Ticker", "ticker", "bold"),
    (1, "Change", "change", "text"),
    (2, "Detail", "detail", "small"),
    (14, "", "", ""),
)
FACTS = (
    (0, "Ticker", "ticker", "bold"), (1, "Item", "item", "name"), (2, "Change", "change", "text"),
    (6, "Period before", "old_period", "date"), (7, "Period now", "new_period", "date"),
    (8, "Published", "published_on", "date"), (9, "Before", "old", "plain"), (10, "Now", "new", "plain"),
    (11, "Unit", "unit", "small"), (12, "Source", "source", "small"), (15, "Link", "source_url", "url"), (20, "", "", ""),
)  # fmt: skip
CHECKS = (
    (0, "Ticker", "ticker", "bold"), (1, "Data check", "what", "name"), (2, "Change", "change", "text"),
    (6, "Detail", "detail", "small"), (20, "", "", ""),
)  # fmt: skip


def _section(
    sheet: Sheet, row: int, title: str, frame: pd.DataFrame, columns: Sequence[tuple[int, str, str, str]]
) -> int:
    """A small table under its title; the row after the last."""
    sheet.label(row, 0, f"{title}: {len(frame) or 'no change'}", "section")
    if frame.empty:
        return row + 1
    titles = {col: head for col, head, _, _ in columns}
    for col in range(max(titles) + 1):
        sheet.label(row + 1, col, titles.get(col, ""), "header_left")
    for here, record in enumerate(frame.to_dict("records"), start=row + 2):
        for col, _, key, look in columns:
            value = record.get(key)
            if look == "url":
                sheet.url(here, col, value)
            elif look in LEFT or look == "bold":
                restated = look == "text" and value == "restated"
                sheet.text(here, col, value, "text" if look == "bold" else look, bold=look == "bold" or restated)
            elif look and not (title == "Facts" and is_unknown(value)):
                sheet.static(here, col, scaled(value) if look == "money" else value, look)
    return row + 2 + len(frame)


def _facts(facts: pd.DataFrame) -> pd.DataFrame:
    """Facts in the units that the sheet shows."""
    scale = facts["unit"].map(lambda unit: SCALES.get(unit, (1.0, unit))[0]).astype(float)
    named = facts["unit"].map(lambda unit: SCALES.get(unit, (1.0, unit))[1])
    return facts.assign(old=facts["old"] / scale, new=facts["new"] / scale, unit=named)


def _checks(issues: pd.DataFrame) -> pd.DataFrame:
    """Data checks with their severity behind the change."""
    return issues.assign(change=[f"{c} ({s})" for c, s in zip(issues["change"], issues["severity"], strict=True)])
