"""Assumptions: market, switches, numbers of judgement, the group rule, and what the run was made of."""

from __future__ import annotations

import json
from typing import Any

from exports.workbook.sheets.screen import rule_kind
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import (
    ASSUMPTIONS,
    MARKET_ROW,
    RUN_TOTALS,
    SWITCH_ROW,
    VALUE_COLUMN,
    Book,
)
from exports.workbook.writer.style import ASSUMPTION_FILL
from valuation.assumptions import describe
from valuation.metrics import METRICS

HEADERS = ("What", "Value", "Unit", "Source", "In this workbook")
WIDTHS = (62, 20, 16, 60, 40)
KINDS = {"seed": "seed", "days": "count", "draws": "count", "USD per MW": "count", "hours a year": "count"}
FIXED = "fixed in the run; run again to change it"


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, screen = book.sheet(ASSUMPTIONS), book.screen
    book.top(sheet, ASSUMPTIONS, "Yellow cells are live: change one and the workbook follows.")
    for col, (title, width) in enumerate(zip(HEADERS, WIDTHS, strict=True)):
        sheet.page.set_column(col, col, width)
        sheet.words(MARKET_ROW - 2, col, title, "header_left" if col != VALUE_COLUMN else "header")
    sheet.words(MARKET_ROW - 1, 0, "As of, market and group rule", "section")
    bitcoin = screen.facts.loc[screen.facts["item"] == "btc_usd", ["source", "period_end"]]
    price = "; ".join(f"{r.source}, {r.period_end:%Y-%m-%d}" for r in bitcoin.itertuples())
    _row(
        sheet,
        MARKET_ROW,
        "As-of date",
        screen.as_of,
        "date",
        "date",
        "the run",
        "live in backlog only: the facts stay those of the run",
    )
    _row(sheet, MARKET_ROW + 1, "Bitcoin price", screen.btc_usd, "price", "USD per BTC", price, "live")
    metric = METRICS.get(screen.rule.metric)
    _row(
        sheet,
        MARKET_ROW + 2,
        f"Threshold of the group rule {screen.rule.name}: {metric.title if metric else screen.rule.metric} at least",
        screen.rule.threshold,
        rule_kind(screen.rule.metric),
        metric.unit.replace("_", " ") if metric else "count",
        f"METHODS 7: {screen.rule.title}",
        "live",
    )
    sheet.words(SWITCH_ROW - 1, 0, "Switches of the EV bridge (1 = yes, 0 = no)", "section")
    for item in describe(screen.switches):
        row = book.row_on_assumptions(item["name"])
        _row(sheet, row, item["title"], float(item["value"]), "flag", item["unit"], item["source"], "live")
        sheet.page.data_validation(
            row,
            VALUE_COLUMN,
            row,
            VALUE_COLUMN,
            {
                "validate": "list",
                "source": [1, 0],
                "error_title": "Switch",
                "error_message": "1 for yes, 0 for no",
            },
        )
    section = None
    for item in describe(screen.assumptions):
        kind = KINDS.get(item["unit"], "plain")
        effect = "live" if book.is_live(item["name"]) else FIXED
        row = book.row_on_assumptions(item["name"])
        if item["section"] != section:
            section = item["section"]
            sheet.words(row - 1, 0, f"Numbers of judgement: {section.lower()}", "section")
        _row(sheet, row, item["title"], item["value"], kind, item["unit"], item["source"], effect)
    first = book.row_on_assumptions(f"run_{next(iter(RUN_TOTALS))}")
    sheet.words(first - 1, 0, "Totals of the run, to tell a changed input", "section")
    for key, (name, grid, _) in RUN_TOTALS.items():
        row, unit = book.row_on_assumptions(f"run_{key}"), METRICS[name].unit
        sheet.text(row, 0, f"{METRICS[name].title}, all companies")
        sheet.static(row, VALUE_COLUMN, book.run_total(key), "money")
        sheet.text(row, VALUE_COLUMN + 1, {"usd": "$m", "mw": "MW"}.get(unit, "sum of fractions"), "small")
        sheet.text(row, VALUE_COLUMN + 2, book.grids[grid].sheet, "small")
    last = _manifest(book, sheet, row + 2)
    last = sheet.lines(
        last + 1,
        [
            "A changed cell moves values, groups, medians and the regression line. Intervals, standard "
            "errors and "
            "statuses are those of the run until it is run again.",
            "Same inputs give the same bytes: the run id is the hash of everything in the manifest.",
        ],
    )
    book.finish(
        sheet,
        freeze=(MARKET_ROW - 1, 1),
        repeat=(0, MARKET_ROW - 2),
        last=(last, len(HEADERS) - 1),
        wide=False,
    )


def _row(sheet: Sheet, row: int, title: str, value: Any, kind: str, unit: str, source: str, effect: str) -> None:
    sheet.text(row, 0, title)
    sheet.input(row, VALUE_COLUMN, value, kind, fill=ASSUMPTION_FILL if effect.startswith("live") else "")
    for col, text in enumerate((unit, source, effect), start=2):
        sheet.text(row, col, text, "small_wrap" if text is source else "small")
    sheet.fit(row, (source, WIDTHS[3]))


def _manifest(book: Book, sheet: Sheet, row: int) -> int:
    """What the run was made of, a line an entry; switches and assumptions stand above."""
    sheet.words(row, 0, "Manifest of the run", "section")
    shown = {k: v for k, v in book.screen.manifest.items() if k not in ("switches", "assumptions")}
    for key, value in shown.items():
        entries = value.items() if isinstance(value, dict) else [("", value)]
        for name, entry in entries:
            row += 1
            sheet.text(row, 0, f"{key} {name}".replace("_", " ").strip())
            text = "none" if entry is None or entry == "" else entry if isinstance(entry, str) else json.dumps(entry)
            sheet.text(row, 1, text, "small")
    return row + 1
