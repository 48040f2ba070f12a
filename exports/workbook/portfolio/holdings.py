"""Holdings: exchange rates, totals, and every position from quantity and price to value, weight and profit."""

from __future__ import annotations

from exports.workbook.portfolio.context import HOLDINGS, TOP, Book, guarded, widths
from exports.workbook.writer.cells import Column, Grid, Sheet, cell
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
    Column("cause", "What it rests on", "small", 34),
    Column("place", "File and lines", "small", 26),
)
TOTALS = (
    ("net", "Net value (USD)"), ("long", "Long (USD)"), ("short", "Short (USD)"), ("gross", "Gross exposure (USD)"),
    ("cash", "Cash (USD)"), ("pnl", "P&L (USD)"), ("unpriced", "Positions without a price"),
    ("proxy", "Value at the broker's own price or a stand-in (USD)"),
)  # fmt: skip
TOTAL_LABEL, TOTAL_VALUE = 6, 11  # columns beside the rates: G and L


def place(book: Book) -> None:
    """Rates and totals above, positions below."""
    book.grids["rates"] = Grid(HOLDINGS, RATES, TOP + 2, len(book.report.fx))
    first = TOP + 2 + max(len(book.report.fx), len(TOTALS)) + 3
    book.grids["positions"] = Grid(HOLDINGS, POSITIONS, first, len(book.positions))
    for at, (name, _) in enumerate(TOTALS):
        book.cells[name] = cell(TOP + 1 + at, TOTAL_VALUE, sheet=HOLDINGS)


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, rates, grid = book.sheet(HOLDINGS), book.grids["rates"], book.grids["positions"]
    about = "Change a quantity, a price or a rate: every sheet follows. Costs are translated at the day's rate."
    book.top(sheet, HOLDINGS, about)
    widths(sheet, POSITIONS)
    sheet.words(TOP, 0, "Exchange rates", "section")
    sheet.header(rates, widths=False, height=24)
    for i, (code, row) in enumerate(book.report.fx.iterrows()):
        sheet.text(rates.first + i, 0, code)
        sheet.input(rates.first + i, 1, row["usd"], "coefficient")
        sheet.text(rates.first + i, 2, row["source"], "small")
    _totals(book, sheet, grid)
    sheet.header(grid, widths=False, height=48)
    for i in range(grid.count):
        _position(book, sheet, grid, i)
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(POSITIONS) - 1)
    last = sheet.lines(grid.last + 2, _notes(book))
    book.finish(sheet, freeze=(grid.first, 2), last=(last, len(POSITIONS) - 1), repeat=(grid.first - 1, grid.first - 1))


def _totals(book: Book, sheet: Sheet, grid: Grid) -> None:
    held = book.report.portfolio
    value, kind, status = grid.span("value"), grid.span("kind"), grid.span("status")
    proxies = held.positions.loc[held.positions["status"] == "proxy", "value_usd"].abs().sum()
    at = {name: cell(TOP + 1 + i, TOTAL_VALUE) for i, (name, _) in enumerate(TOTALS)}
    figures = {
        "net": (f"SUM({value})", held.net),
        "long": (f'SUMIFS({value},{kind},"<>{CASH}",{value},">0")', held.long),
        "short": (f'SUMIFS({value},{kind},"<>{CASH}",{value},"<0")', held.short),
        "gross": (f"{at['long']}-{at['short']}", held.gross),
        "cash": (f'SUMIFS({value},{kind},"{CASH}")', held.cash),
        "pnl": (f"SUM({grid.span('pnl_usd')})", held.pnl),
        "unpriced": (f'COUNTIF({value},"n/a")', float(len(held.unpriced))),
        "proxy": (
            f'SUMIFS({value},{status},"proxy",{value},">0")-SUMIFS({value},{status},"proxy",{value},"<0")',
            float(proxies),
        ),
    }
    sheet.words(TOP, TOTAL_LABEL, "Totals", "section")
    for i, (name, title) in enumerate(TOTALS):
        sheet.text(TOP + 1 + i, TOTAL_LABEL, title, bold=name == "net")
        formula, figure = figures[name]
        sheet.formula(TOP + 1 + i, TOTAL_VALUE, formula, figure, "count", bold=name == "net")


def _position(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row, line = book.positions[i], grid.first + i
    texts = {
        "account": row["account"], "ticker": row["ticker"], "name": row["name"], "kind": row["kind"],
        "currency": row["currency"], "price_currency": row["price_currency"],
        "counts_as": "" if row["kind"] == CASH else row["company"] or row["ticker"],
    }  # fmt: skip
    for key, text in texts.items():
        sheet.text(line, grid.index(key), text, "name" if key in ("account", "ticker", "counts_as", "name") else "text")
    for key in ("status", "cause"):
        sheet.text(line, grid.index(key), str(row[key]).replace("_", " "), "small")
    sheet.text(line, grid.index("place"), f"{row['file']}: {row['lines']}", "small")
    for key in ("quantity", "price", "cost"):
        status = row["status"] if key == "price" else "ok"
        sheet.input(line, grid.index(key), row[key], grid.kind(key), status=status)
    at = {key: grid.at(key, i) for key in ("quantity", "price", "price_fx", "price_usd", "value", "cost", "cost_fx")}
    at |= {key: grid.at(key, i) for key in ("cost_usd", "pnl_usd")}
    rates, net = book.grids["rates"], book.cells["net"].partition("!")[2]

    def put(key: str, formula: str, value: float) -> None:
        status = row["status"] if key == "value" else "ok"
        sheet.formula(line, grid.index(key), formula, value, grid.kind(key), status=status)

    put("price_fx", rates.at("usd", book.rate_row[row["price_currency"]]), row["price_fx"])
    put("cost_fx", rates.at("usd", book.rate_row[row["currency"]]), row["cost_fx"])
    put("price_usd", guarded(f"{at['price']}*{at['price_fx']}", at["price"], at["price_fx"]), row["price_usd"])
    put("value", guarded(f"{at['quantity']}*{at['price_usd']}", at["quantity"], at["price_usd"]), row["value_usd"])
    weight = f'IF(AND(ISNUMBER({at["value"]}),{net}>0),{at["value"]}/{net},"n/a")'
    put("weight", weight, row["weight"])
    put("cost_usd", guarded(f"{at['cost']}*{at['cost_fx']}", at["cost"], at["cost_fx"]), row["cost_usd"])
    put("pnl_usd", guarded(f"{at['value']}-{at['cost_usd']}", at["value"], at["cost_usd"]), row["pnl_usd"])
    ratio = f'IF({at["cost_usd"]}<>0,{at["pnl_usd"]}/ABS({at["cost_usd"]}),"n/a")'
    put("pnl", f'IF(ISNUMBER({at["pnl_usd"]}),{ratio},"n/a")', row["pnl"])


def _notes(book: Book) -> list[str]:
    return [
        *(f"{note}." for note in book.report.notes),
        "Shorts have negative quantity, value and cost; P&L is value less cost. A position without a price is in no sum.",
        "Counts as: the company of the universe, or the ticker outside it; positions of one name are added for risk.",
    ]
