"""Quality: data checks by severity, the status of every figure, and the cause of each that is not ok."""

from __future__ import annotations

import textwrap
from collections import defaultdict
from typing import Any

import pandas as pd

from exports.commentary.labels import plain
from exports.workbook.sheets.bridge import minority_unknown
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import FIRST, QUALITY, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import FILLS, RED
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import NOT_REPORTED
from valuation._words import BOTH
from valuation.metrics import METRICS
from valuation.status import STATUSES

ISSUES = (
    Column("ticker", "Ticker", width=9),
    Column("what", "Data check", width=42),
    Column("severity", "Severity", width=8),
    Column("detail", "Detail", width=8),
)
# Heads of the table of ages by column; a date and a source take the room of the blank columns after them.
AGE_COLUMNS = {0: "Ticker", 1: "Item", 2: "State", 3: "Days", 4: "Limit", 5: "Stands for", 7: "Published",
               9: "Checked", 11: "Source", 14: "Checked against"}  # fmt: skip
FILL = {**FILLS, "missing": "#F4CCCC", "not_meaningful": "#EDEDED"}
SHORT = {"not_meaningful": "n.m."}
# Under a data check and a cause: columns of the header, and characters on a line of the long text that runs over them.
HEADED, LINE_WIDTH = 16, 150


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the matrix of statuses, which Summary counts."""
    metrics = tuple(Column(name, METRICS[name].title, "code", 8) for name in METRICS if name in book.status)
    first = FIRST + max(len(_issues(book)), 1) + 4
    columns = (Column("ticker", "Ticker"), Column("company", "Company"), *metrics)
    return {"statuses": TableRange(QUALITY, columns, first, book.n)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, issues, matrix = book.sheet(QUALITY), _issues(book), book.ranges["statuses"]
    area = TableRange(QUALITY, ISSUES, FIRST, len(issues))
    book.heading(
        sheet,
        QUALITY,
        "Data checks of this screen, most severe first; below, the status of every figure.",
    )
    sheet.header(area, height=18, section=False)
    sheet.set_widths([*(c.width for c in ISSUES), *(c.width for c in matrix.columns[len(ISSUES) :])])
    for col in range(len(ISSUES), min(HEADED, len(matrix.columns))):
        sheet.label(area.first - 1, col, "", "header")
    for k, row in enumerate(issues):
        record = sheet.record(area, k)
        for key, text in row.items():
            record.text(key, text)
        if row["severity"] == "error":
            sheet.text(record.row, area.index("severity"), row["severity"], colour=RED)
    if not len(issues):
        sheet.label(area.first, 1, "no data check failed", "note")
    sheet.filter(area)
    _matrix(book, sheet, matrix)
    sheet.page.set_h_pagebreaks([matrix.first - 2])
    last = _causes(book, sheet, matrix.last + 2, [c.key for c in matrix.columns[2:]])
    last = _ages(book, sheet, last + 1)
    last = sheet.notes(
        last + 1,
        paragraphs("""
            - ok: every input known and current. stale: an input is older than its maximum age; it is used and marked. proxy:
              a declared stand-in replaces an unknown input. stale, proxy: both.
            - missing: an input is unknown, so the figure is unknown. n.m.: known but not meaningful (no signed contract to
              divide by, enterprise value not positive). n.r.: not reported, adds nothing. stale and proxy figures enter the
              statistics, the others do not.
        """),
    )
    book.finish(sheet, freeze=(area.first, 1), repeat=(0, 1), last=(last, len(matrix.columns) - 1))


def _issues(book: ScreenBook) -> list[dict[str, Any]]:
    """Data checks in words, the rest of a long detail on rows of its own."""
    rows = []
    for row in book.screen.issues[[c.key for c in ISSUES]].to_dict("records"):
        first, *more = textwrap.wrap(plain(row["detail"]), LINE_WIDTH) or [""]
        rows.append(row | {"what": plain(row["what"]), "detail": first})
        rows += [dict.fromkeys(row, "") | {"detail": line} for line in more]
    return rows


def _matrix(book: ScreenBook, sheet: Sheet, matrix: TableRange) -> None:
    sheet.label(matrix.first - 2, 0, "Status of every figure", "section")
    sheet.page.set_row(matrix.first - 1, 96)
    for col, column in enumerate(matrix.columns):
        sheet.label(matrix.first - 1, col, column.title, "header_left" if col < 2 else "header_up")
    for i in range(book.n):
        record = sheet.record(matrix, i)
        record.company(book.tickers[i], book.companies["name"][i])
        for col, column in enumerate(matrix.columns[2:], start=2):
            status = shown_status(book, column.key, i)
            sheet.text(record.row, col, SHORT.get(status, status), "code", fill=FILL.get(status, ""))


def _ages(book: ScreenBook, sheet: Sheet, row: int) -> int:
    """Age of every company's items in force, the furthest beyond its limit first."""
    title = "Data as of: age in days of every item in force at the date of the screen, furthest beyond its limit first"
    sheet.label(row, 0, title, "section")
    sheet.page.set_row(row + 1, 22)
    for col in range(HEADED):
        sheet.label(row + 1, col, AGE_COLUMNS.get(col, ""), "header_left" if col < 2 else "header_small")
    row += 1
    for item in book.screen.freshness.itertuples(index=False):
        row += 1
        state = "stale" if item.stale else "ok"
        days = [
            "" if pd.isna(day) else f"{day:%Y-%m-%d}" for day in (item.period_end, item.published_on, item.checked_on)
        ]
        sheet.text(row, 0, item.ticker, bold=True)
        name = item.title if item.part in item.title else f"{item.title} ({item.part})"
        sheet.text(row, 1, name, "small_wrap")
        sheet.text(row, 2, state, "code", fill=FILL.get(state, ""))
        sheet.text(row, 3, f"{item.age_days:.0f}", "code")
        sheet.text(row, 4, f"{item.limit_days:.0f}", "code")
        for col, text in zip(list(AGE_COLUMNS)[5:], (*days, item.source, item.checked_against), strict=True):
            sheet.text(row, col, text, "small")
    return row + 1


def shown_status(book: ScreenBook, metric: str, i: int) -> str:
    """Status of a figure; `n.r.` for an item that only companies which have it report, and this one does not."""
    status = book.status[metric][i]
    optional = metric == "restricted_cash_usd" or (
        metric == "noncontrolling_interest_usd" and minority_unknown(book, i) == NOT_REPORTED
    )
    return NOT_REPORTED if status == "missing" and optional else status


def _causes(book: ScreenBook, sheet: Sheet, row: int, metrics: list[str]) -> int:
    """One line per company and cause, with every figure it affects."""
    sheet.label(row, 0, "Causes of stale, proxy and missing figures", "section")
    sheet.label(row + 1, 0, "Ticker", "header_left")
    for col in range(1, min(HEADED, len(metrics) + 2)):
        sheet.label(row + 1, col, {1: "Cause", 2: "Figures"}.get(col, ""), "header_small")
    affected: dict[tuple[int, str], list[str]] = defaultdict(list)
    for i in range(book.n):
        for name in metrics:
            if shown_status(book, name, i) in (*STATUSES[1:4], BOTH):
                for cause in plain(book.causes[name][i]).split("; "):
                    affected[i, cause].append(METRICS[name].title)
    row += 1
    for (i, cause), titles in affected.items():
        row += 1
        sheet.text(row, 0, book.tickers[i], bold=True)
        sheet.text(row, 1, cause, "small_wrap")
        sheet.fit_height(row, (cause, ISSUES[1].width))
        for line in textwrap.wrap("; ".join(titles), LINE_WIDTH):
            sheet.text(row, 2, line, "small")
            row += 1
        row -= 1
    return row + 1
