"""Instruments under the EV bridge: convertibles, warrants and options, live in the share price."""

from __future__ import annotations

from exports.workbook.writer.cells import MILLION, UNKNOWN, Column, Grid, Sheet, scaled
from exports.workbook.writer.context import Book

TITLE = "Instruments: convertibles by the if-converted method, warrants and options by the treasury-stock method"
INAPPLICABLE = {"principal": ("warrant", "option", "rsu"), "quantity": ("convertible",), "strike": ("rsu",)}
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


def write(book: Book, sheet: Sheet, grid: Grid, block: Grid) -> None:
    if not book.instruments:
        sheet.words(block.first, 1, "none outstanding", "note")
    convert = book.assumption("if_converted")
    for k, record in enumerate(book.instruments):
        row, at = block.first + k, lambda key, k=k: block.at(key, k)

        def put(key: str, formula: str, value: object, row: int = row) -> None:
            sheet.formula(row, block.index(key), formula, value, block.kind(key))

        sheet.text(row, 0, record["ticker"], bold=True)
        sheet.text(row, 1, record["instrument"], "wrap")
        sheet.fit(row, (str(record["instrument"]), block.columns[1].width))
        sheet.text(row, 2, record["kind"])
        sheet.input(row, 3, record["matures_year"], "year", unknown="")
        for key, column, unit in (
            ("principal", "principal_usd", MILLION),
            ("quantity", "quantity", MILLION),
            ("strike", "price_usd", 1.0),
        ):
            unknown = "" if record["kind"] in INAPPLICABLE[key] else UNKNOWN
            sheet.input(row, block.index(key), scaled(record[column], unit), block.kind(key), unknown=unknown)
        kind, price, strike = at("kind"), at("share_price"), at("strike")
        company = book.row_of[record["ticker"]]
        put("share_price", grid.at("price", company), record["share_price_usd"])
        put(
            "distance",
            f'IF(AND({kind}<>"rsu",COUNT({price},{strike})=2,N({strike})>0),{price}/{strike}-1,"n/a")',
            record["distance"],
        )
        put(
            "in_the_money",
            f'IF({kind}="rsu",1,IF(COUNT({price},{strike})=2,IF({price}>{strike},1,0),0))',
            float(bool(record["in_the_money"])),
        )
        converts = f'AND({kind}="convertible",{at("in_the_money")}*{convert}=1)'
        issued = f'IF({converts},IF(ISNUMBER({at("principal")}),{at("principal")}/{strike},"n/a"),0)'
        exercised = f'IF(ISNUMBER({at("quantity")}),{at("quantity")}*(1-{strike}/{price}),"n/a")'
        others = f'IF({kind}="rsu",{at("quantity")},IF({at("in_the_money")}=1,{exercised},0))'
        put(
            "new",
            f'IF(ISNUMBER({price}),IF({kind}="convertible",{issued},{others}),"n/a")',
            scaled(record["new_shares"]),
        )
        put("converted", f"IF({converts},{at('principal')},0)", scaled(record["debt_converted_usd"]))
        put(
            "kept",
            f'IF(AND({kind}="convertible",{at("in_the_money")}*{convert}=0),{at("principal")},0)',
            scaled(record["debt_kept_usd"]),
        )
        sheet.input(row, block.index("published"), record["published_on"], "date")
        sheet.text(row, block.index("source"), f"{record['file']}:{record['line']}", "small")
