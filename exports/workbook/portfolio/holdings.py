"""Holdings: exchange rates, totals, and positions from quantity and price to value, weight and P&L."""

from __future__ import annotations

from exports.workbook.portfolio.context import HOLDINGS, TOP, PortfolioBook, guarded
from exports.workbook.writer.cells import Column, Sheet, TableRange, cell
from valuation.portfolio.positions import CASH

RATES = (Column("code", "Currency", width=11), Column("usd", "USD per unit", "coefficient"), Column("source", "Source"))
POSITIONS = (
    Column("account", "Account", width=15),
    Column("ticker", "Ticker", width=13),
    Column("counts_as", "Counts as", width=13),
    Column("name", "Name", width=26),
    Column("kind", "Kind", width=7),
    Column("currency", "Currency of cost", width=8),
    Column("quantity", "Quantity (split basis of the price)", "plain", 12),
    Column("price", "Price of one unit", "price", 10),
    Column("price_currency", "Currency of price", width=8),
    Column("price_fx", "USD per unit of it", "coefficient", 9),
    Column("price_usd", "Price (USD)", "price", 10),
    Column("value", "Value (USD)", "count", 12),
    Column("weight", "Weight (of net value)", "percent", 8),
    Column("cost", "Cost (its currency)", "count", 12),
    Column("cost_fx", "USD per unit of it", "coefficient", 9),
    Column("cost_usd", "Cost (USD)", "count", 12),
    Column("pnl_usd", "P&L (USD)", "count", 12),
    Column("pnl", "P&L (of cost)", "percent", 8),
    Column("status", "Status of price", "small", 10),
    Column("cause", "Cause of the status", "small", 34),
    Column("place", "File and lines", "small", 26),
)
TOTALS = (
    ("net", "Net value (USD)"), ("long", "Long (USD)"), ("short", "Short (USD)"), ("gross", "Gross exposure (USD)"),
    ("cash", "Cash (USD)"), ("pnl", "P&L (USD)"), ("unpriced", "Positions without a price"),
    ("proxy", "Value at broker or proxy prices (USD)"),
)  # fmt: skip
TOTAL_LABEL, TOTAL_VALUE = 6, 11  # columns beside the rates: G and L


def place(book: PortfolioBook) -> None:
    """Cell addresses: rates and totals above, positions below."""
    book.ranges["rates"] = TableRange(HOLDINGS, RATES, TOP + 2, len(book.report.fx))
    first = TOP + 2 + max(len(book.report.fx), len(TOTALS)) + 3
    book.ranges["positions"] = TableRange(HOLDINGS, POSITIONS, first, len(book.positions))
    for at, (name, _) in enumerate(TOTALS):
        book.cells[name] = cell(TOP + 1 + at, TOTAL_VALUE, sheet=HOLDINGS)


def write(book: PortfolioBook) -> None:
    """Write the sheet."""
    sheet, rates, area = book.sheet(HOLDINGS), book.ranges["rates"], book.ranges["positions"]
    about = (
        "Quantities, prices and rates are inputs of every sheet. Costs are translated at the exchange rate of the date."
    )
    book.heading(sheet, HOLDINGS, about)
    sheet.set_widths([c.width for c in POSITIONS])
    sheet.label(TOP, 0, "Exchange rates", "section")
    sheet.header(rates, widths=False, height=24)
    for i, (code, row) in enumerate(book.report.fx.iterrows()):
        sheet.text(rates.first + i, 0, code)
        sheet.input(rates.first + i, 1, row["usd"], "coefficient")
        sheet.text(rates.first + i, 2, row["source"], "small")
    _totals(book, sheet, area)
    sheet.header(area, widths=False, height=48)
    for i in range(area.count):
        _position(book, sheet, area, i)
    sheet.filter(area)
    last = sheet.notes(area.last + 2, _notes(book))
    book.finish(sheet, freeze=(area.first, 2), last=(last, len(POSITIONS) - 1), repeat=(area.first - 1, area.first - 1))


def _totals(book: PortfolioBook, sheet: Sheet, area: TableRange) -> None:
    held = book.report.portfolio
    value, kind, status = area.span("value"), area.span("kind"), area.span("status")
    proxies = held.positions.loc[held.positions["status"] == "proxy", "value_usd"].abs().sum()
    at = {name: cell(TOP + 1 + i, TOTAL_VALUE) for i, (name, _) in enumerate(TOTALS)}
    figures = {
        "net": (f"SUM({value})", held.net),
        "long": (f'SUMIFS({value},{kind},"<>{CASH}",{value},">0")', held.long),
        "short": (f'SUMIFS({value},{kind},"<>{CASH}",{value},"<0")', held.short),
        "gross": (f"{at['long']}-{at['short']}", held.gross),
        "cash": (f'SUMIFS({value},{kind},"{CASH}")', held.cash),
        "pnl": (f"SUM({area.span('pnl_usd')})", held.pnl),
        "unpriced": (f'COUNTIF({value},"n/a")', float(len(held.unpriced))),
        "proxy": (
            f'SUMIFS({value},{status},"proxy",{value},">0")-SUMIFS({value},{status},"proxy",{value},"<0")',
            float(proxies),
        ),
    }
    sheet.label(TOP, TOTAL_LABEL, "Totals", "section")
    for i, (name, title) in enumerate(TOTALS):
        sheet.text(TOP + 1 + i, TOTAL_LABEL, title, bold=name == "net")
        formula, figure = figures[name]
        sheet.formula(TOP + 1 + i, TOTAL_VALUE, formula, figure, "count", bold=name == "net")


def _position(book: PortfolioBook, sheet: Sheet, area: TableRange, i: int) -> None:
    row, line = book.positions[i], sheet.record(area, i)
    texts = {
        "account": row["account"], "ticker": row["ticker"], "name": row["name"], "kind": row["kind"],
        "currency": row["currency"], "price_currency": row["price_currency"],
        "counts_as": "" if row["kind"] == CASH else row["company"] or row["ticker"],
    }  # fmt: skip
    for key, text in texts.items():
        line.text(key, text, "name" if key in ("account", "ticker", "counts_as", "name") else "text")
    for key in ("status", "cause"):
        line.text(key, str(row[key]).replace("_", " "), "small")
    line.text("place", f"{row['file']}: {row['lines']}", "small")
    for key in ("quantity", "price", "cost"):
        line.input(key, row[key], status=row["status"] if key == "price" else "ok")
    at, put = line.at, line.formula
    rates, net = book.ranges["rates"], book.cells["net"].partition("!")[2]

    def product(sign: str, *keys: str) -> str:
        cells = [at(key) for key in keys]
        return guarded(sign.join(cells), *cells)

    put("price_fx", rates.at("usd", book.rate_row[row["price_currency"]]), row["price_fx"])
    put("cost_fx", rates.at("usd", book.rate_row[row["currency"]]), row["cost_fx"])
    put("price_usd", product("*", "price", "price_fx"), row["price_usd"])
    put("value", product("*", "quantity", "price_usd"), row["value_usd"], status=row["status"])
    put("weight", f'IF(AND(ISNUMBER({at("value")}),{net}>0),{at("value")}/{net},"n/a")', row["weight"])
    put("cost_usd", product("*", "cost", "cost_fx"), row["cost_usd"])
    put("pnl_usd", product("-", "value", "cost_usd"), row["pnl_usd"])
    ratio = f'IF({at("cost_usd")}<>0,{at("pnl_usd")}/ABS({at("cost_usd")}),"n/a")'
    put("pnl", f'IF(ISNUMBER({at("pnl_usd")}),{ratio},"n/a")', row["pnl"])


def _notes(book: PortfolioBook) -> list[str]:
    return [
        *(f"{note}." for note in book.report.notes),
        "Short positions have negative quantity, value and cost. P&L is value less cost. Unpriced positions are in no sum.",
        "Counts as: the company of the universe, or the ticker outside it; positions in one company are added for risk.",
    ]
