"""Limits: each limit with its use and room as formulas."""

from __future__ import annotations

import pandas as pd

from exports.workbook.portfolio.context import LIMITS, TOP, PortfolioBook, guarded, of_net, plain
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.style import ASSUMPTION_FILL, RED
from valuation.portfolio.limits import BREACH, GROSS, HOW_TO_SET, MOST, NOT_SET, ON_EXPOSURE, PASS, UNKNOWN, WEEKLY

COLUMNS = (
    Column("title", "Limit", width=44),
    Column("kind", "", width=9),
    Column("limit", "Limit", "plain", 11),
    Column("used", "Used", "plain", 11),
    Column("room", "Room", "plain", 11),
    Column("state", "State", "text", 10),
    Column("detail", "Detail", "small", 34),
)
KINDS = {"fraction": "percent", "count": "flag", "number": "plain"}


def place(book: PortfolioBook) -> None:
    """Cell addresses of the limits."""
    book.ranges["limits"] = TableRange(LIMITS, COLUMNS, TOP + 1, len(book.report.limits))


def write(book: PortfolioBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(LIMITS), book.ranges["limits"]
    book.heading(
        sheet,
        LIMITS,
        "Shares are of net value unless stated. A limit typed into a yellow cell is judged at once.",
    )
    sheet.header(area, height=24)
    formulas = _used(book)
    for i, (name, row) in enumerate(book.report.limits.iterrows()):
        _limit(book, sheet, area, i, row, (str(name), formulas[str(name)]))
    page = {"type": "cell", "criteria": "==", "value": f'"{BREACH}"', "format": book.styles.font_colour(RED)}
    state = area.index("state")
    sheet.page.conditional_format(area.first, state, area.last, state, page)
    last = sheet.notes(area.last + 2, _notes())
    book.finish(sheet, freeze=(area.first, 1), last=(last, len(COLUMNS) - 1))


def _limit(
    book: PortfolioBook, sheet: Sheet, area: TableRange, i: int, row: pd.Series, measured: tuple[str, str]
) -> None:
    name, formula = measured
    record, kind, at = sheet.record(area, i), KINDS[row["unit"]], lambda key: area.at(key, i)
    record.text("title", row["title"])
    record.text("kind", row["kind"], "small")
    sheet.input(record.row, area.index("limit"), row["limit"], kind, fill=ASSUMPTION_FILL, unknown=NOT_SET)
    limit, used, room = at("limit"), at("used"), at("room")
    if formula:
        record.formula("used", formula, plain(row["used"]), kind=kind)
    else:
        sheet.label(record.row, area.index("used"), "n/a", "unknown")
    left = f"{limit}-{used}" if row["kind"] == MOST else f"{used}-{limit}"
    record.formula("room", guarded(left, used, limit), plain(row["room"]), kind=kind)
    within, breach = f'"{PASS}"', f'"{BREACH}"'
    if name in ON_EXPOSURE:
        unexposed = book.cells["unexposed"]
        # Whether the unknown exposure could undo a breach is told at run time.
        stands = row["state"] == BREACH or name == GROSS
        within = f'IF({unexposed}>0,"{UNKNOWN}",{within})'
        breach = breach if stands else f'IF({unexposed}>0,"{UNKNOWN}",{breach})'
    verdict = f'IF(ISNUMBER({room}),IF({room}>=-1E-12,{within},{breach}),"{UNKNOWN}")'
    record.formula("state", f'IF(ISNUMBER({limit}),{verdict},"{NOT_SET}")', row["state"], style=book.styles.named("ok"))
    record.text("detail", row["detail"], "small")


def _used(book: PortfolioBook) -> dict[str, str]:
    """Formula of the use of each limit; empty where the report has no data for it."""
    c, names = book.cells, book.ranges["names"]
    weights = names.link_span("weight")
    has_names = len(book.report.portfolio.by_name()) > 0
    has_companies = len(book.report.look_through.companies) > 0
    risk, parties = book.report.risk, book.report.look_through.counterparties["share"].notna().any()

    def part(formula: str) -> str:
        return of_net(formula, c["net"])

    def largest(formula: str) -> str:
        return f'IF(N({c["net"]})>0,{formula if has_names else 0},"n/a")'

    owned = c["btc_owned"]
    worth = part(f"{owned}*{c['btc_usd']}")
    btc = f'IF(ISNUMBER({owned}),{worth},"n/a")' if has_companies else part("0")
    return {
        "largest_long": largest(f"MAX({weights},0)"),
        "largest_short": largest(f"-MIN({weights},0)"),
        GROSS: part(c["exposure_gross"]),
        "net_exposure": part(c["exposure_net"]),
        "least_cash": part(c["cash"]),
        "unpriced": c["unpriced"],
        "proxy_priced": f"IF({c['gross']}>0,{c['proxy']}/{c['gross']},0)",
        "largest_counterparty": c["largest_party"] if parties else "",
        "bitcoin_exposure": btc,
        "beta_bitcoin": c["beta bitcoin"] if risk and "beta bitcoin" in c else "",
        "volatility": c["volatility"] if risk else "",
        "var_95": c["var_95"] if risk and risk.periods == WEEKLY else "",
        "es_95": c["es_95"] if risk and risk.periods == WEEKLY else "",
    }


def _notes() -> list[str]:
    return [
        HOW_TO_SET,
        "Gross and net exposure and the largest names are unknown where a position's exposure is, but for a breach that it "
        "cannot undo.",
        "At most: use may not exceed the limit; at least: use may not fall below it.",
        "The largest names and counterparties are fixed at run time.",
    ]
