"""Limits: each beside what is used of it, live."""

from __future__ import annotations

import numpy as np
import pandas as pd

from exports.workbook.portfolio.context import LIMITS, TOP, Book
from exports.workbook.writer.cells import Column, Grid, Sheet
from exports.workbook.writer.style import RED
from valuation.portfolio.limits import BREACH, MOST, PASS, UNKNOWN

COLUMNS = (
    Column("title", "Limit", width=44),
    Column("kind", "", width=9),
    Column("limit", "Limit", "plain", 11),
    Column("used", "Used", "plain", 11),
    Column("room", "Room", "plain", 11),
    Column("state", "State", "text", 10),
    Column("detail", "Which", "small", 34),
)
KINDS = {"fraction": "percent", "count": "flag", "number": "plain"}


def place(book: Book) -> None:
    """One table."""
    book.grids["limits"] = Grid(LIMITS, COLUMNS, TOP + 1, len(book.report.limits))


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid = book.sheet(LIMITS), book.grids["limits"]
    book.top(
        sheet,
        LIMITS,
        "Blue limits are inputs: the program's examples unless --limits gave yours. Of net value unless said.",
    )
    sheet.header(grid, height=24)
    formulas = _used(book)
    for i, (name, row) in enumerate(book.report.limits.iterrows()):
        _limit(book, sheet, grid, i, row, formulas[str(name)])
    page = {"type": "cell", "criteria": "==", "value": f'"{BREACH}"', "format": book.styles.turned(RED)}
    state = grid.index("state")
    sheet.page.conditional_format(grid.first, state, grid.last, state, page)
    last = sheet.lines(grid.last + 2, _notes())
    book.finish(sheet, freeze=(grid.first, 1), last=(last, len(COLUMNS) - 1))


def _limit(book: Book, sheet: Sheet, grid: Grid, i: int, row: pd.Series, formula: str) -> None:
    line, kind = grid.first + i, KINDS[row["unit"]]
    sheet.text(line, 0, row["title"])
    sheet.text(line, 1, row["kind"], "small")
    sheet.input(line, 2, row["limit"], kind, fill="#FFFBD6")
    limit, used, room = (grid.at(key, i) for key in ("limit", "used", "room"))
    value = None if np.isnan(row["used"]) else row["used"] + 0.0
    if formula:
        sheet.formula(line, 3, formula, value, kind)
    else:
        sheet.words(line, 3, "n/a", "unknown")
    left = f"{limit}-{used}" if row["kind"] == MOST else f"{used}-{limit}"
    sheet.formula(
        line, 4, f'IF(ISNUMBER({used}),{left},"n/a")', None if np.isnan(row["room"]) else row["room"] + 0.0, kind
    )
    verdict = f'IF(ISNUMBER({room}),IF({room}>=-1E-12,"{PASS}","{BREACH}"),"{UNKNOWN}")'
    sheet.formula(line, 5, verdict, row["state"], style=book.styles.named("ok"))
    sheet.text(line, 6, row["detail"], "small")


def _used(book: Book) -> dict[str, str]:
    """The formula of what is used of each limit; empty where the run has nothing to compute it from."""
    c, names = book.cells, book.grids["names"]
    weights = names.link_span("weight")
    has_names = len(book.report.portfolio.by_name()) > 0
    risk, parties = book.report.risk, book.report.look_through.counterparties["share"].notna().any()
    net = c["net"]

    def of_net(formula: str) -> str:
        return f'IF({net}>0,({formula})/{net},"n/a")'

    btc = of_net(f"{c['btc_owned']}*{c['btc_usd']}")
    return {
        "largest_long": f"MAX({weights},0)" if has_names else "0",
        "largest_short": f"-MIN({weights},0)" if has_names else "0",
        "gross_exposure": of_net(c["gross"]),
        "net_exposure": of_net(f"{c['long']}+{c['short']}"),
        "least_cash": of_net(c["cash"]),
        "unpriced": c["unpriced"],
        "proxy_priced": f"IF({c['gross']}>0,{c['proxy']}/{c['gross']},0)",
        "largest_counterparty": c["largest_party"] if parties else "",
        "bitcoin_exposure": btc,
        "beta_bitcoin": c["beta bitcoin"] if risk and "beta bitcoin" in c else "",
        "volatility": c["volatility"] if risk else "",
        "var_95": c["var_95"] if risk else "",
        "es_95": c["es_95"] if risk else "",
    }


def _notes() -> list[str]:
    return [
        "At most: used may not exceed the limit; at least: not fall below it. Change a limit and the state follows.",
        "Which names and counterparties are the largest is as of the run.",
    ]
