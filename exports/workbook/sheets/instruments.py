"""Instruments under the EV bridge: convertibles, warrants and options, as formulas of the share price."""

from __future__ import annotations

from exports.workbook.writer import input_register
from exports.workbook.writer.cells import Sheet
from exports.workbook.writer.context import ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.values import MILLION, UNKNOWN, scaled
from valuation.replaceable import INSTRUMENT, instrument_name

TITLE = "Instruments: convertibles by the if-converted method, warrants and options by the treasury-stock method"
INAPPLICABLE = {"principal": ("warrant", "option", "rsu"), "quantity": ("convertible",), "strike": ("rsu",)}
DATED = input_register.fixed("a date of instruments.csv, which no formula reads: change it there")
COLUMNS = (
    Column("ticker", "Ticker"),
    Column("instrument", "Instrument", width=30),
    Column("kind", "Kind"),
    Column("matures", "Matures (year)", "year"),
    Column("principal", "Principal ($m)", "money"),
    Column("quantity", "Quantity (m)", "shares"),
    Column("strike", "Conversion or strike price (USD)", "price"),
    Column("share_price", "Share price (USD)", "price"),
    Column("distance", "Price over conversion or strike price, less 1 (%)", "distance"),
    Column("in_the_money", "In the money (1 = yes)", "flag"),
    Column("new", "New shares (m)", "shares"),
    Column("converted", "Debt converted ($m)", "money"),
    Column("kept", "Debt kept ($m)", "money"),
    Column("published", "Published", "date"),
    Column("source", "Source", "small"),
    Column("blank", ""),
)


def write(book: ScreenBook, sheet: Sheet, area: TableRange, block: TableRange) -> None:
    """Write the table."""
    if not book.instruments:
        sheet.label(block.first, 1, "none outstanding", "note")
    convert = book.assumption("if_converted")
    for k, row in enumerate(book.instruments):
        record = sheet.record(block, k)
        at, put = record.at, record.formula
        record.text("ticker", row["ticker"], bold=True)
        record.text("instrument", row["instrument"], "wrap", fit=True)
        record.text("kind", row["kind"])
        subject = instrument_name(row["ticker"], row["instrument"])
        record.input("matures", row["matures_year"], unknown="", means=DATED)
        for key, column, unit in (
            ("principal", "principal_usd", MILLION),
            ("quantity", "quantity", MILLION),
            ("strike", "price_usd", 1.0),
        ):
            unknown = "" if row["kind"] in INAPPLICABLE[key] else UNKNOWN
            means = input_register.of(INSTRUMENT, subject, column, unit)
            record.input(key, scaled(row[column], unit), unknown=unknown, means=means)
        kind, price, strike, principal = at("kind"), at("share_price"), at("strike"), at("principal")
        put("share_price", area.at("price", book.row_of[row["ticker"]]), row["share_price_usd"])
        priced = f'AND({kind}<>"rsu",COUNT({price},{strike})=2,{strike}>0)'
        put("distance", f'IF({priced},{price}/{strike}-1,"n/a")', row["distance"])
        above = f"IF(COUNT({price},{strike})=2,IF({price}>{strike},1,0),0)"
        put("in_the_money", f'IF({kind}="rsu",1,{above})', float(bool(row["in_the_money"])))
        converts = f'AND({kind}="convertible",{at("in_the_money")}*{convert}=1)'
        issued = f'IF({converts},IF(ISNUMBER({principal}),{principal}/{strike},"n/a"),0)'
        exercised = f'IF(ISNUMBER({at("quantity")}),{at("quantity")}*(1-{strike}/{price}),"n/a")'
        others = f'IF({kind}="rsu",{at("quantity")},IF({at("in_the_money")}=1,{exercised},0))'
        new = f'IF(ISNUMBER({price}),IF({kind}="convertible",{issued},{others}),"n/a")'
        put("new", new, scaled(row["new_shares"]))
        put("converted", f"IF({converts},{principal},0)", scaled(row["debt_converted_usd"]))
        remains = f'AND({kind}="convertible",{at("in_the_money")}*{convert}=0)'
        put("kept", f"IF({remains},{principal},0)", scaled(row["debt_kept_usd"]))
        record.input("published", row["published_on"], means=DATED)
        record.text("source", f"{row['file']}:{row['line']}", "small")
