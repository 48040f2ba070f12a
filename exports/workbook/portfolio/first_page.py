"""Portfolio: value, what moved, look-through, risk, days to liquidate, limits and caveats on one page."""

from __future__ import annotations

from typing import Any

from exports.tables.formats import day
from exports.tables.portfolio.brief import PERIODS, brief, caveats
from exports.workbook.portfolio.context import FIRST, SHEETS, PortfolioBook
from exports.workbook.portfolio.limits import KINDS
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.style import NAVY, RED
from exports.workbook.writer.texts import wrapped
from valuation.portfolio.kinds import CASH
from valuation.portfolio.limits import BREACH, NOT_SET
from valuation.portfolio.look_through import PER_MW, PRICE_TO_NAV

WIDTHS = (24, 12, 12, 12, 12, 2, 24, 12, 12, 12, 12, 2, 30, 15)
LEFT, MIDDLE, RIGHT = 0, 6, 12  # first columns of the three blocks
LINKS = (0, 1, 2, 3, 4, 6, 7, 8)  # columns of the links to the sheets
FIGURE_COLUMNS = (0, 3, 6, 9, 12)
LINK_ROW, FIGURES, BRIEF = 3, 5, 13
SHOWN = 8  # lines of a table
LINE, CAVEAT = 200, 140  # characters of a sentence across the page, and of a caveat across two blocks
# Formula, kind, value, caption above, caption below.
Figure = tuple[str, str, Any, str, str]


def place(book: PortfolioBook) -> None:
    """Nothing: other sheets need no cell of this page."""


def write(book: PortfolioBook) -> None:
    """Write the sheet."""
    sheet, report = book.sheet(FIRST), book.report
    sheet.label(0, 0, f"Portfolio as of {day(report.as_of)}", "title")
    sheet.label(1, 0, report.price_line, "warning" if report.prices_are_old else "subtitle")
    files = ", ".join(report.manifest["holdings_sha256"])
    sheet.label(2, 0, f"Holdings: {files}. Run {report.manifest['run_id']}.", "subtitle")
    sheet.set_widths(WIDTHS)
    _figures(book, sheet)
    for col, name in zip(LINKS, SHEETS[1:], strict=True):
        sheet.internal(LINK_ROW, col, name)
    row = _sentences(book, sheet, BRIEF)
    row = max(part(book, sheet, row) for part in (_moved, _largest, _owned)) + 1
    last = max(_limits(book, sheet, row), _caveats(book, sheet, row))
    book.finish(sheet, freeze=(1, 0), last=(last, len(WIDTHS) - 1), repeat=(0, 0), pages=1)


def _figures(book: PortfolioBook, sheet: Sheet) -> None:
    for row, height in zip(range(FIGURES, FIGURES + 6), (14, 24, 26, 14, 24, 26), strict=True):
        sheet.page.set_row(row, height)
    figures = _headline(book)
    for at, (formula, kind, value, head, foot) in enumerate(figures):
        row, col = FIGURES + 3 * (at // 5), FIGURE_COLUMNS[at % 5]
        sheet.label(row, col, head, "figure")
        sheet.formula(row + 1, col, formula, value, kind, style=book.styles.big(kind, NAVY))
        sheet.label(row + 2, col, foot, "figure")


def _headline(book: PortfolioBook) -> list[Figure]:
    """Ten figures, each linked to the sheet that computes it."""
    c, report = book.cells, book.report
    held, risk, moves = report.portfolio, report.risk, report.moves
    known, every = held.pnl_known
    unit, times = book.power
    period = PERIODS[risk.periods] if risk else "week"
    judged = report.limits[report.limits["state"] != NOT_SET]
    states = book.ranges["limits"].link_span("state")

    def interval(name: str) -> str:
        row = risk.losses.loc[0.95] if risk else None
        if row is None or row[f"{name}_low"] != row[f"{name}_low"]:
            return "no interval"
        return f"95% interval {row[f'{name}_low']:.1%} to {row[f'{name}_high']:.1%}"

    def of_risk(key: str) -> str:
        return c[key] if risk else '"n/a"'

    moved = moves is not None and moves.known[0] > 0
    change = c["moved_of"] if moves else '"n/a"'
    slow = c["slowest"] if report.liquidity else '"n/a"'
    owned = report.look_through.totals["secured_mw"] * times
    return [
        (c["net"], "count", held.net, "Net value (USD)", f"cash {held.cash:,.0f}"),
        (change, "percent", moves.change if moves and moved else None, "Change",
         f"since {day(moves.since)}" if moves else "no earlier close"),
        (c["leverage"], "ratio", held.leverage, "Gross exposure / net value", "leverage"),
        (c["pnl"], "count", held.pnl, "P&L (USD)", f"of {known} of {every} positions"),
        (f'COUNTIF({states},"{BREACH}")', "flag", float((judged["state"] == BREACH).sum()), "Limits in breach",
         f"of {len(judged)} set" if len(judged) else "no limit is set"),
        (c["secured_owned"], "per_mw", owned, f"Secured {unit} owned", "through shares, shorts negative"),
        (of_risk("volatility"), "percent", risk and risk.volatility, "Volatility a year",
         f"{risk.n} {risk.periods} returns" if risk else report.risk_note[:40]),
        (of_risk("var_95"), "percent", risk and risk.losses.at[0.95, "var"], f"VaR 95%, one {period}", interval("var")),
        (of_risk("es_95"), "percent", risk and risk.losses.at[0.95, "es"], f"Expected shortfall 95%, one {period}",
         interval("es")),
        (slow, "price", report.liquidity and report.liquidity.names["days"].max(), "Days to liquidate",
         "slowest name" if report.liquidity else "the source gives no volumes"),
    ]  # fmt: skip


def _sentences(book: PortfolioBook, sheet: Sheet, row: int) -> int:
    """The brief, fixed at run time; the row after it."""
    sheet.label(row - 1, 0, "The brief, fixed at run time", "section")
    for line in brief(book.report):
        for text in wrapped([f"{line.title}. {line.text}"], LINE):
            sheet.label(row, 0, text, "warning" if line.warn else "answer")
            row += 1
    return row + 1


def _table(sheet: Sheet, row: int, col: int, title: str, heads: tuple[str, ...]) -> int:
    """Title and header of a table of the page; the row of its first line."""
    sheet.label(row, col, title, "section")
    for k, head in enumerate(heads):
        sheet.label(row + 1, col + k, head, "header" if k else "header_left")
    return row + 2


def _moved(book: PortfolioBook, sheet: Sheet, row: int) -> int:
    """The positions that moved the portfolio most, in the order of the run."""
    found, area = book.report.moves, book.ranges["moves"]
    row = _table(sheet, row, LEFT, "What moved", ("Position", "Close before", "Change", "USD", "Contribution"))
    if found is None:
        sheet.label(row, 0, "No earlier close is known.", "note")
        return row + 1
    held = book.report.portfolio.positions
    moved = found.positions.loc[held["kind"] != CASH, "pnl_usd"].dropna()
    for i in moved.sort_values(key=abs, ascending=False, kind="stable").index[:SHOWN]:
        line = found.positions.loc[i]
        sheet.text(row, 0, held.at[i, "ticker"], "name", bold=True)
        for col, key, name in ((1, "before", "price_before_usd"), (2, "change", "change"), (3, "pnl", "pnl_usd"),
                               (4, "contribution", "contribution")):  # fmt: skip
            sheet.formula(row, col, area.link(key, i), line[name] + 0.0, area.kind(key))
        row += 1
    return row


def _largest(book: PortfolioBook, sheet: Sheet, row: int) -> int:
    """The largest positions by value and what they expose to."""
    area = book.ranges["positions"]
    row = _table(
        sheet, row, 6, "Largest positions", ("Position", "Value (USD)", "Weight", "Exposure (USD)", "P&L (USD)")
    )
    for i, held in enumerate(book.positions[:SHOWN]):
        if held["kind"] == CASH:
            break
        sheet.text(row, 6, held["ticker"], "name", bold=True)
        for col, key, name in ((7, "value", "value_usd"), (8, "weight", "weight"), (9, "exposure", "exposure_usd"),
                               (10, "pnl_usd", "pnl_usd")):  # fmt: skip
            sheet.formula(row, col, area.link(key, i), held[name], area.kind(key))
        row += 1
    return row


def _owned(book: PortfolioBook, sheet: Sheet, row: int) -> int:
    """What the shares own, and the means of the longs."""
    c, through, means = book.cells, book.report.look_through, book.ranges["means"]
    unit, times = book.power
    row = _table(sheet, row, RIGHT, "Look-through", ("Owned through shares", ""))
    totals, table = through.totals, through.means
    lines = [
        (f"Secured {unit}", c["secured_owned"], totals["secured_mw"] * times, "per_mw"),
        (f"Contracted critical IT {unit}", c["it_owned"], totals["ai_contracted_it_mw"] * times, "per_mw"),
        ("Contracted revenue a year (USD)", c["revenue_owned"], totals["contracted_revenue_usd"], "count"),
        ("Backlog (USD)", c["backlog_owned"], totals["backlog_usd"], "count"),
        ("Bitcoin (coins)", c["btc_owned"], totals["bitcoin"], "coefficient"),
    ]
    for k, (name, title) in enumerate(((PER_MW, "EV per secured MW ($m)"), (PRICE_TO_NAV, "P/NAV (x)"))):
        for kind in ("harmonic", "arithmetic"):
            lines.append((f"{title}, {kind}", means.link(kind, k), table.at[name, kind], "ratio" if k else "per_mw"))
    for title, link, value, kind in lines:
        sheet.text(row, RIGHT, title)
        sheet.formula(row, RIGHT + 1, link, value, kind)
        row += 1
    return row


def _limits(book: PortfolioBook, sheet: Sheet, row: int) -> int:
    """Limits that are set, their use and verdict."""
    area, limits = book.ranges["limits"], book.report.limits
    row = _table(sheet, row, LEFT, "Limits", ("Limit", "", "Limit", "Used", "State"))
    judged = [i for i, state in enumerate(limits["state"]) if state != NOT_SET]
    if not judged:
        sheet.label(
            row, LEFT, "No limit is set: --limits FILE.toml, under [limits] lines such as largest_long = 0.25", "note"
        )
        return row + 1
    for i in judged:
        line = limits.iloc[i]
        sheet.text(row, LEFT, line["title"])
        for col, key in ((2, "limit"), (3, "used")):
            sheet.formula(row, col, area.link(key, i), line[key], KINDS[line["unit"]])
        sheet.formula(row, 4, area.link("state", i), line["state"], style=book.styles.named("ok"))
        red = {"type": "cell", "criteria": "==", "value": f'"{BREACH}"', "format": book.styles.font_colour(RED)}
        sheet.page.conditional_format(row, 4, row, 4, red)
        row += 1
    return row


def _caveats(book: PortfolioBook, sheet: Sheet, row: int) -> int:
    """What the figures leave out or rest on, and notes on the files and prices, across two blocks."""
    lines = [*caveats(book.report), *(f"{note}." for note in book.report.notes)]
    if not lines:
        return row
    sheet.label(row, MIDDLE, "Caveats and notes", "section")
    for text in wrapped(lines, CAVEAT):
        row += 1
        sheet.label(row, MIDDLE, text, "note")
    return row + 1
