"""Assumptions: as-of date, bitcoin price, group rule, switches, assumed numbers with sources, and the manifest."""

from __future__ import annotations

import json
from typing import Any

from exports.commentary.labels import overrides_in_words
from exports.workbook.sheets.screen import rule_kind
from exports.workbook.writer import input_register
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.citations import cited, section
from exports.workbook.writer.context import ASSUMPTIONS, MARKET_ROW, SWITCH_ROW, VALUE_COLUMN, ScreenBook
from exports.workbook.writer.input_register import Meaning, fixed
from exports.workbook.writer.style import ASSUMPTION_FILL
from exports.workbook.writer.texts import paragraphs
from valuation.assumptions import describe
from valuation.metrics import METRICS
from valuation.replaceable import ASSUMPTION, MARKET, RULE, SWITCH

HEADERS = ("What", "Value", "Unit", "Source", "In this workbook")
WIDTHS = (62, 20, 16, 60, 40)
SOURCE_COLUMN = 3
KINDS = {"seed": "seed", "days": "count", "draws": "count", "USD per MW": "count", "hours a year": "count"}
DATE = fixed("facts are those known on the date of the run: run again with --as-of")
INPUT, FIXED = "input", "fixed at run time; run again to change it"


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, screen, rule = book.sheet(ASSUMPTIONS), book.screen, book.screen.rule
    book.heading(sheet, ASSUMPTIONS, "Yellow cells are inputs: change one and the workbook follows.")
    sheet.set_widths(WIDTHS)
    for col, title in enumerate(HEADERS):
        sheet.label(MARKET_ROW - 2, col, title, "header_left" if col != VALUE_COLUMN else "header")
    sheet.label(MARKET_ROW - 1, 0, "As-of date, market and group rule", "section")
    bitcoin = screen.facts.loc[screen.facts["item"] == "btc_usd", ["source", "period_end"]]
    price = "; ".join(f"{r.source}, {r.period_end:%Y-%m-%d}" for r in bitcoin.itertuples())
    as_of = f"{INPUT} of backlog only: facts are those known at run time"
    _row(sheet, MARKET_ROW, "As-of date", screen.as_of, "date", "date", "the run", as_of, DATE)
    means = input_register.of(MARKET, "", "btc_usd")
    _row(sheet, MARKET_ROW + 1, "Bitcoin price", screen.btc_usd, "price", "USD per BTC", price, INPUT, means)
    metric = METRICS.get(rule.metric)
    title = f"Threshold of the group rule {rule.name}: {metric.title if metric else rule.metric} at least"
    unit, source = metric.unit.replace("_", " ") if metric else "count", f"{rule.title}; {section(7)}"
    means = input_register.of(RULE, rule.name, "threshold")
    if rule.members:
        sheet.text(MARKET_ROW + 2, 0, f"Groups: {rule.title}; listed in universe.toml, no threshold")
    else:
        _row(sheet, MARKET_ROW + 2, title, rule.threshold, rule_kind(rule.metric), unit, source, INPUT, means)
    sheet.label(SWITCH_ROW - 1, 0, "Switches of the EV bridge (1 = yes, 0 = no)", "section")
    yes_or_no = {"validate": "list", "source": [1, 0], "error_title": "Switch", "error_message": "1 for yes, 0 for no"}
    for item in describe(screen.switches):
        row = book.row_on_assumptions(item["name"])
        means = input_register.of(SWITCH, "", item["name"])
        _row(sheet, row, item["title"], float(item["value"]), "flag", item["unit"], item["source"], INPUT, means)
        sheet.page.data_validation(row, VALUE_COLUMN, row, VALUE_COLUMN, dict(yes_or_no))
    heading = None
    for item in describe(screen.assumptions):
        kind = KINDS.get(item["unit"], "plain")
        effect = INPUT if book.drives_formulas(item["name"]) else FIXED
        row = book.row_on_assumptions(item["name"])
        if item["section"] != heading:
            heading = item["section"]
            sheet.label(row - 1, 0, f"Assumptions: {heading.lower()}", "section")
        means = input_register.of(ASSUMPTION, "", item["name"])
        _row(sheet, row, item["title"], item["value"], kind, item["unit"], item["source"], effect, means)
    first = book.row_on_assumptions(f"run_{next(iter(book.run_totals))}")
    sheet.label(first - 1, 0, "Totals at run time, to detect a changed input", "section")
    for key, (name, area, _) in book.run_totals.items():
        row, unit = book.row_on_assumptions(f"run_{key}"), METRICS[name].unit if name in METRICS else "usd"
        sheet.text(row, 0, f"{METRICS[name].title if name in METRICS else 'Net asset value (DCF)'}, all companies")
        sheet.static(row, VALUE_COLUMN, book.run_total(key), "money")
        sheet.text(row, VALUE_COLUMN + 1, {"usd": "$m", "mw": "MW"}.get(unit, "sum of fractions"), "small")
        sheet.text(row, VALUE_COLUMN + 2, book.ranges[area].sheet, "small")
    last = _manifest(book, sheet, row + 2)
    notes = paragraphs("""
        - A changed input moves values, groups, medians and the regression line. Intervals, standard errors and statuses
          are fixed at run time.
        - Same inputs give the same bytes: the run id is the hash of everything in the manifest.
    """)
    last = sheet.notes(last + 1, notes)
    repeat, corner = (0, MARKET_ROW - 2), (last, len(HEADERS) - 1)
    book.finish(sheet, freeze=(MARKET_ROW - 1, 1), repeat=repeat, last=corner)


def _row(
    sheet: Sheet, row: int, title: str, value: Any, kind: str, unit: str, source: str, effect: str, means: Meaning
) -> None:
    sheet.text(row, 0, title)
    fill = ASSUMPTION_FILL if effect.startswith(INPUT) else ""
    sheet.input(row, VALUE_COLUMN, value, kind, fill=fill, means=means, words=f"{title} ({unit})", row_is=title)
    for col, text in enumerate((unit, cited(source), effect), start=2):
        sheet.text(row, col, text, "small_wrap" if col == SOURCE_COLUMN else "small")
    sheet.fit_height(row, (cited(source), WIDTHS[SOURCE_COLUMN]))


def _manifest(book: ScreenBook, sheet: Sheet, row: int) -> int:
    """Manifest of the run, a line per entry; switches and assumptions stand above."""
    sheet.label(row, 0, "Manifest of the run", "section")
    shown = {k: v for k, v in book.screen.manifest.items() if k not in ("switches", "assumptions")}
    for key, value in shown.items():
        entries = value.items() if isinstance(value, dict) else [("", value)]
        if key == "overrides":
            entries = [("", text) for text in overrides_in_words(book.screen.manifest)]
        if key == "held_back":
            entries = [("", f"{one['ticker']} {one['title']}".strip()) for one in value] or [("", None)]
        for name, entry in entries:
            row += 1
            sheet.text(row, 0, f"{key} {name}".replace("_", " ").strip())
            text = "none" if entry is None or entry == "" else entry if isinstance(entry, str) else json.dumps(entry)
            sheet.text(row, 1, text, "small")
    return row + 1
