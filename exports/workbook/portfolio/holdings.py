"""Holdings: exchange rates, totals, and positions from quantity, unit and price to value, exposure, weight and P&L."""

from __future__ import annotations

import math
from typing import Any

from exports.workbook.portfolio.context import HOLDINGS, TOP, PortfolioBook, guarded, of_net
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.ranges import Column, TableRange, cell
from valuation.portfolio.kinds import AT_NOTIONAL, CASH, CFD, FUTURE, OPTION, QUOTED_BY_UNIT
from valuation.portfolio.options import CALL, DAYS_A_YEAR, METHOD

RATES = (Column("code", "Currency", width=11), Column("usd", "USD per unit", "coefficient"), Column("source", "Source"))
POSITIONS = (
    Column("account", "Account", width=13),
    Column("ticker", "Ticker", width=17),
    Column("counts_as", "Counts as", width=11),
    Column("name", "Name", width=22),
    Column("kind", "Kind", width=7),
    Column("currency", "Currency of cost", width=8),
    Column("quantity", "Quantity (split basis of the price)", "plain", 12),
    Column("unit", "Unit: worth of one point", "plain", 8),
    Column("price", "Price as quoted", "price", 10),
    Column("price_currency", "Currency of price", width=8),
    Column("price_fx", "USD per unit of it", "coefficient", 9),
    Column("price_usd", "Worth of one of the quantity (USD)", "price", 11),
    Column("value", "Value (USD)", "count", 12),
    Column("weight", "Weight (of net value)", "percent", 8),
    Column("cost", "Cost (its currency)", "count", 12),
    Column("cost_fx", "USD per unit of it", "coefficient", 9),
    Column("cost_usd", "Cost (USD)", "count", 12),
    Column("pnl_usd", "P&L (USD)", "count", 12),
    Column("pnl", "P&L (of cost)", "percent", 8),
    Column("exposure", "Exposure (USD)", "count", 12),
    Column("status", "Status of price", "small", 10),
    Column("cause", "Cause of the status", "small", 34),
    Column("notional", "Notional (USD)", "count", 12, "Derivatives"),
    Column("underlying", "Close of the underlying (USD)", "price", 10, "Derivatives"),
    Column("right", "Right", "text", 7, "Derivatives"),
    Column("strike", "Strike (its currency)", "price", 9, "Derivatives"),
    Column("years", "Years to expiry", "coefficient", 9, "Derivatives"),
    Column("volatility", "Implied volatility", "percent", 9, "Derivatives"),
    Column("delta", "Delta", "coefficient", 9, "Derivatives"),
    Column("exposure_cause", "Why the exposure is unknown", "small", 34),
    Column("place", "File and lines", "small", 26),
)
TOTALS = (
    ("net", "Net value (USD)"), ("long", "Long value (USD)"), ("short", "Short value (USD)"),
    ("gross", "Gross value (USD)"), ("cash", "Cash (USD)"), ("exposure_long", "Long exposure (USD)"),
    ("exposure_short", "Short exposure (USD)"), ("exposure_gross", "Gross exposure (USD)"),
    ("exposure_net", "Net exposure (USD)"), ("leverage", "Leverage (gross exposure of net value)"), ("pnl", "P&L (USD)"),
    ("pnl_known", "Positions with a P&L"), ("pnl_of", "of positions but cash"), ("unpriced", "Positions without a price"),
    ("unexposed", "Positions of unknown exposure"), ("proxy", "Value at broker or proxy prices (USD)"),
)  # fmt: skip
NOTIONALS = (
    "A future's value is zero, its profit being settled in cash; a CFD's is its profit. Both expose to their notional."
)
TOTAL_LABEL, TOTAL_VALUE = 6, 12  # columns beside the rates: G and M


def place(book: PortfolioBook) -> None:
    """Cell addresses: rates and totals above, positions below."""
    book.ranges["rates"] = TableRange(HOLDINGS, RATES, TOP + 2, len(book.report.fx))
    first = TOP + 2 + max(len(book.report.fx), len(TOTALS)) + 4
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
        _position(book, sheet.record(area, i), book.positions[i])
    sheet.filter(area)
    last = sheet.notes(area.last + 2, _notes(book))
    book.finish(sheet, freeze=(area.first, 2), last=(last, len(POSITIONS) - 1), repeat=(area.first - 1, area.first - 1))


def _totals(book: PortfolioBook, sheet: Sheet, area: TableRange) -> None:
    held = book.report.portfolio
    value, kind, status = area.span("value"), area.span("kind"), area.span("status")
    exposure, pnl = area.span("exposure"), area.span("pnl_usd")
    proxies = held.positions.loc[held.positions["status"] == "proxy", "value_usd"].abs().sum()
    at = {name: cell(TOP + 1 + i, TOTAL_VALUE) for i, (name, _) in enumerate(TOTALS)}
    known, every = held.pnl_known
    figures: dict[str, tuple[str, Any]] = {
        "net": (f'IF(COUNT({value})=0,"n/a",SUM({value}))', held.net),
        "long": (f'SUMIFS({value},{kind},"<>{CASH}",{value},">0")', held.long),
        "short": (f'SUMIFS({value},{kind},"<>{CASH}",{value},"<0")', held.short),
        "gross": (f"{at['long']}-{at['short']}", held.gross),
        "cash": (f'SUMIFS({value},{kind},"{CASH}")', held.cash),
        "exposure_long": (f'SUMIF({exposure},">0")', held.exposure_long),
        "exposure_short": (f'SUMIF({exposure},"<0")', held.exposure_short),
        "exposure_gross": (f"{at['exposure_long']}-{at['exposure_short']}", held.gross_exposure),
        "exposure_net": (f"{at['exposure_long']}+{at['exposure_short']}", held.net_exposure),
        "leverage": (of_net(at["exposure_gross"], at["net"]), held.leverage),
        "pnl": (f'IF(COUNT({pnl})=0,"n/a",SUM({pnl}))', held.pnl),
        "pnl_known": (f"COUNT({pnl})", float(known)),
        "pnl_of": (f'COUNTIF({kind},"<>{CASH}")', float(every)),
        "unpriced": (f'COUNTIF({value},"n/a")', float(len(held.unpriced))),
        "unexposed": (f'COUNTIF({exposure},"n/a")', float(len(held.unexposed))),
        "proxy": (
            f'SUMIFS({value},{status},"proxy",{value},">0")-SUMIFS({value},{status},"proxy",{value},"<0")',
            float(proxies),
        ),
    }
    sheet.label(TOP, TOTAL_LABEL, "Totals", "section")
    for i, (name, title) in enumerate(TOTALS):
        sheet.text(TOP + 1 + i, TOTAL_LABEL, title, bold=name == "net")
        formula, figure = figures[name]
        kind_of = "ratio" if name == "leverage" else "count"
        sheet.formula(TOP + 1 + i, TOTAL_VALUE, formula, figure, kind_of, bold=name == "net")


def _position(book: PortfolioBook, line: Record, row: dict[str, Any]) -> None:
    kind, rates = row["kind"], book.ranges["rates"]
    same = ("account", "ticker", "name", "kind", "currency", "price_currency")
    for key, text in {**{key: row[key] for key in same}, "counts_as": row["exposure_to"]}.items():
        line.text(key, text, "name" if key in ("account", "ticker", "counts_as", "name") else "text")
    for key in ("status", "cause", "exposure_cause"):
        line.text(key, str(row[key]).replace("_", " "), "small")
    line.text("place", f"{row['file']}: {row['lines']}", "small")
    unit = row["unit"] if kind in QUOTED_BY_UNIT else 1.0
    for key, figure in (
        ("quantity", row["quantity"]),
        ("unit", unit),
        ("price", row["price"] / unit),
        ("cost", row["cost"]),
    ):
        line.input(key, figure, status=row["status"] if key == "price" else "ok")
    put, at = line.formula, line.at
    put("price_fx", rates.at("usd", book.rate_row[row["price_currency"]]), row["price_fx"])
    put("cost_fx", rates.at("usd", book.rate_row[row["currency"]]), row["cost_fx"])
    put("price_usd", _product(line, "*", "price", "unit", "price_fx"), row["price_usd"])
    put("cost_usd", _product(line, "*", "cost", "cost_fx"), row["cost_usd"])
    _derivative(book, line, row)
    if kind == FUTURE:
        line.static("value", 0.0)
    elif kind == CFD:
        line.input("value", row["value_usd"], status=row["status"])
    else:
        put("value", _product(line, "*", "quantity", "price_usd"), row["value_usd"], status=row["status"])
    put(
        "weight",
        f'IF(ISNUMBER({at("value")}),{of_net(at("value"), book.cells["net"].partition("!")[2])},"n/a")',
        row["weight"],
    )
    if kind == CFD:
        put("pnl_usd", at("value"), row["pnl_usd"])
    elif math.isnan(row["pnl_usd"]):
        # A cost that is of another kind than the notional gives no profit, however full the cells beside it.
        put("pnl_usd", _product(line, "-", "value", "cost_usd") if kind != FUTURE else '"n/a"', None)
    else:
        put("pnl_usd", _product(line, "-", "notional" if kind == FUTURE else "value", "cost_usd"), row["pnl_usd"])
    ratio = f'IF({at("cost_usd")}<>0,{at("pnl_usd")}/ABS({at("cost_usd")}),"n/a")'
    put("pnl", f'IF(COUNT({at("pnl_usd")},{at("cost_usd")})=2,{ratio},"n/a")', row["pnl"])


def _derivative(book: PortfolioBook, line: Record, row: dict[str, Any]) -> None:
    """Exposure, and what of a derivative it is computed from."""
    kind, put, at = row["kind"], line.formula, line.at
    if kind == CASH:
        line.static("exposure", 0.0)
        return
    if kind not in (OPTION, *AT_NOTIONAL):
        put("exposure", at("value"), row["value_usd"])
        return
    line.input("underlying", row["underlying_usd"])
    if kind in AT_NOTIONAL:
        own = row["quantity"] * row["price_usd"]
        same = math.isclose(own, row["notional_usd"], rel_tol=1e-9) if not math.isnan(own) else False
        if same:
            put("notional", _product(line, "*", "quantity", "price_usd"), row["notional_usd"])
        else:
            line.input("notional", row["notional_usd"])
        put("exposure", at("notional"), row["exposure_usd"])
        return
    line.text("right", row["right"])
    line.input("strike", row["strike"])
    years = (row["expiry"] - book.report.as_of).days / DAYS_A_YEAR if row["expiry"] == row["expiry"] else None
    line.static("years", years, exact=True)
    line.static("volatility", row["implied_volatility"], exact=True)
    if row["implied_volatility"] > 0:
        strike, spread = f"{at('strike')}*{at('cost_fx')}", f"{at('volatility')}*SQRT({at('years')})"
        d1 = f"LN({at('underlying')}/({strike}))/({spread})+{spread}/2"
        delta = f"NORMSDIST({d1})" if row["right"] == CALL else f"-NORMSDIST(-({d1}))"
        put(
            "delta", guarded(delta, *(at(key) for key in ("underlying", "strike", "years", "volatility"))), row["delta"]
        )
    else:
        line.static("delta", row["delta"])
    put("exposure", _product(line, "*", "quantity", "unit", "delta", "underlying"), row["exposure_usd"])


def _product(line: Record, sign: str, *keys: str) -> str:
    cells = [line.at(key) for key in keys]
    return guarded(sign.join(cells), *cells)


def _notes(book: PortfolioBook) -> list[str]:
    kinds = {row["kind"] for row in book.positions}
    return [
        *(f"{note}." for note in book.report.notes),
        "Value = quantity x unit x price x exchange rate. Short positions have negative quantity, value and cost.",
        "P&L is value less cost, unknown where a cost is. Unpriced positions are in no sum.",
        *([f"{METHOD} Volatility is fixed at run time; delta follows the underlying."] if OPTION in kinds else []),
        *([NOTIONALS] if kinds & set(AT_NOTIONAL) else []),
        "Counts as: the company of the universe, or the ticker outside it, that moves the position. For risk, exposures to "
        "one are added.",
    ]
