"""EV bridge: price to enterprise value, a row a company; convertibles and warrants beneath."""

from __future__ import annotations

from exports.workbook.sheets import instruments
from exports.workbook.writer.cells import MILLION, NOT_REPORTED, Column, Grid, Sheet, is_unknown, scaled
from exports.workbook.writer.context import BRIDGE, FIRST, Book, definition

EQUITY, DEBT, CLAIMS, ASSETS, RESULT = "Equity value", "Debt", "Other claims", "Cash and coins", "Result"

COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=30),
    Column("price", "Price (USD per share)", "price", 9.5, EQUITY),
    Column("basic", "Basic shares (m)", "shares", 9.5, EQUITY),
    Column("new", "New shares from instruments (m)", "shares", 10.5, EQUITY),
    Column("diluted", "Diluted shares (m)", "shares", 9.5, EQUITY),
    Column("equity", "Equity value ($m)", "money", 10.5, EQUITY),
    Column("debt", "Debt ($m)", "money", 10, DEBT),
    Column("converted", "Convertibles counted as shares ($m)", "money", 11.5, DEBT),
    Column("kept", "Convertibles kept as debt ($m)", "money", 11.5, DEBT),
    Column("debt_after", "Debt not converted ($m)", "money", 10.5, DEBT),
    Column("leases", "Finance leases ($m)", "money", 9, CLAIMS),
    Column("preferred", "Preferred equity ($m)", "money", 9, CLAIMS),
    Column("nci_book", "Minority at book ($m)", "money", 9, CLAIMS),
    Column("nci_pct", "Held by others (%)", "percent", 8.5, CLAIMS),
    Column("nci", "Minority counted ($m)", "money", 9, CLAIMS),
    Column("prepayments", "Customer prepay-ments ($m)", "money", 9.5, CLAIMS),
    Column("cash", "Cash ($m)", "money", 9.5, ASSETS),
    Column("restricted", "Restricted cash ($m)", "money", 9.5, ASSETS),
    Column("btc", "Bitcoin held (BTC)", "coins", 9, ASSETS),
    Column("pledged", "Pledged or lent (BTC)", "coins", 9, ASSETS),
    Column("bitcoin", "Bitcoin counted ($m)", "money", 9.5, ASSETS),
    Column("coins", "Other coins ($m)", "money", 9, ASSETS),
    Column("ev", "Enterprise value ($m)", "money", 10.5, RESULT),
    Column("status", "Status", "text", 9, RESULT),
    Column("tie", "Bridge tie ($m)", "money", 8.5, RESULT),
)
ITEMS = {
    "price": "price_usd",
    "basic": "shares_outstanding",
    "debt": "debt_total",
    "leases": "lease_liabilities_finance",
    "preferred": "preferred_equity",
    "nci_book": "noncontrolling_interest",
    "nci_pct": "noncontrolling_interest_pct",
    "prepayments": "deferred_revenue",
    "cash": "cash",
    "restricted": "restricted_cash",
    "btc": "btc_held",
    "pledged": "btc_pledged",
}
OPTIONAL = {"leases", "preferred", "nci_book", "nci_pct", "prepayments", "restricted", "pledged"}
UNITS = {"price": 1.0, "btc": 1.0, "pledged": 1.0, "nci_pct": 100.0}


def grids(book: Book) -> dict[str, Grid]:
    """Where the bridge and the instruments stand."""
    companies = Grid(BRIDGE, COLUMNS, FIRST, book.n)
    return {
        "bridge": companies,
        "instruments": Grid(BRIDGE, instruments.COLUMNS, companies.last + 5, len(book.instruments)),
    }


def write(book: Book) -> None:
    """Write the sheet."""
    sheet = book.sheet(BRIDGE)
    grid, block = book.grids["bridge"], book.grids["instruments"]
    book.top(
        sheet,
        BRIDGE,
        "From price to enterprise value, $m. Change a blue cell, a switch or the bitcoin price "
        "(Assumptions): all follows.",
    )
    sheet.header(grid, height=46)
    for i in range(book.n):
        _inputs(book, sheet, grid, i)
        _formulas(book, sheet, grid, block, i)
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(COLUMNS) - 1)
    sheet.words(block.first - 2, 0, instruments.TITLE, "section")
    sheet.header(block, widths=False)
    sheet.page.set_h_pagebreaks([block.first - 2])
    instruments.write(book, sheet, grid, block)
    last = sheet.lines(block.last + 2, _notes(book))
    book.finish(sheet, freeze=(grid.first, 1), repeat=(0, 1), last=(last, len(COLUMNS) - 1))


def _inputs(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    row, ticker = grid.first + i, book.tickers[i]
    sheet.text(row, 0, ticker, bold=True)
    sheet.text(row, 1, book.companies["name"][i], "name")
    stale = {
        "price": "price_usd",
        "basic": "basic_shares",
        "debt": "debt_after_conversion_usd",
        "cash": "cash_usd",
        "btc": "bitcoin_usd",
    }
    old = book.causes["enterprise_value_usd"][i].split("; ")
    for key, item in ITEMS.items():
        value = scaled(book.inputs[item][i], UNITS.get(key, MILLION))
        optional = "stale" if f"{item} old" in old else "ok"
        sheet.input(
            row,
            grid.index(key),
            value,
            grid.kind(key),
            status=book.status[stale[key]][i] if key in stale else optional,
            note=book.source(ticker, item),
            unknown=NOT_REPORTED if key in OPTIONAL else "n/a",
        )
    coins = book.bridge["other_coins_usd"][i]
    if is_unknown(coins):
        coins = book.inputs["eth_fair_value"][i]
    holds = book.inputs["eth_held"][i]
    note = "\n".join(n for n in (book.source(ticker, "eth_held"), book.source(ticker, "eth_fair_value")) if n)
    sheet.input(
        row,
        grid.index("coins"),
        scaled(coins),
        "money",
        note=note,
        unknown="n/a" if not is_unknown(holds) and holds > 0 else NOT_REPORTED,
    )


def _formulas(book: Book, sheet: Sheet, grid: Grid, block: Grid, i: int) -> None:
    row, at = grid.first + i, lambda key: grid.at(key, i)
    switch, status = book.assumption, lambda name: book.status[name][i]

    def put(
        key: str, formula: str, value: object, state: str = "ok", unknown: str = "n/a", *, bold: bool = False
    ) -> None:
        sheet.formula(row, grid.index(key), formula, value, grid.kind(key), status=state, unknown=unknown, bold=bold)

    for key, column in (("new", "new_shares"), ("converted", "debt_converted_usd")):
        total = f"SUMIFS({block.span(key)},{block.span('ticker')},{at('ticker')})"
        put(key, total, scaled(book.bridge[column][i]))
    put("kept", f"SUMIFS({block.span('kept')},{block.span('ticker')},{at('ticker')})", _kept(book, i))
    put(
        "diluted",
        f'IF(COUNT({at("price")},{at("basic")})=2,{at("basic")}+{at("new")},"n/a")',
        scaled(book.table["diluted_shares"][i]),
        status("diluted_shares"),
    )
    put(
        "equity",
        f'IF(COUNT({at("price")},{at("diluted")})=2,{at("price")}*{at("diluted")},"n/a")',
        scaled(book.table["equity_value_usd"][i]),
        status("equity_value_usd"),
    )
    left = f"MAX({at('debt')}-{at('converted')},MIN({at('kept')},{at('debt')}))"
    put(
        "debt_after",
        f'IF(ISNUMBER({at("debt")}),{left},"n/a")',
        scaled(book.table["debt_after_conversion_usd"][i]),
        status("debt_after_conversion_usd"),
    )
    put("nci", *_minority(book, grid, i), unknown=minority_unknown(book, i))
    held = f"{at('btc')}-IF({switch('count_pledged_bitcoin')}=1,0,N({at('pledged')}))"
    coin = f'IF(COUNT({at("btc")},{switch("btc_usd")})=2,({held})*{switch("btc_usd")}/10^6,"n/a")'
    put(
        "bitcoin",
        f"IF({switch('net_bitcoin')}=0,0,{coin})",
        scaled(book.table["bitcoin_usd"][i]),
        status("bitcoin_usd"),
    )
    unknown = ",".join(f'{at(k)}="n/a"' for k in ("equity", "debt_after", "nci", "cash", "bitcoin"))
    coins_unknown = f'AND({switch("net_bitcoin")}=1,{at("coins")}="n/a")'
    added = "+".join([at("equity"), at("debt_after"), *(f"N({at(k)})" for k in ("leases", "preferred", "nci"))])
    added += f"+{switch('prepayments_as_debt')}*N({at('prepayments')})"
    deducted = f"-{at('cash')}-{switch('net_restricted_cash')}*N({at('restricted')})"
    deducted += f"-{at('bitcoin')}-{switch('net_bitcoin')}*N({at('coins')})"
    put(
        "ev",
        f'IF(OR({unknown},{coins_unknown}),"n/a",{added}{deducted})',
        scaled(book.table["enterprise_value_usd"][i]),
        status("enterprise_value_usd"),
        bold=True,
    )
    sheet.text(row, grid.index("status"), status("enterprise_value_usd").replace("_", " "), "small")
    claims = f"SUM({at('equity')},{at('debt_after')},{at('leases')},{at('preferred')},{at('nci')})"
    claims += f"+{switch('prepayments_as_debt')}*SUM({at('prepayments')})"
    assets = f"SUM({at('cash')},{at('bitcoin')})+{switch('net_restricted_cash')}*SUM({at('restricted')})"
    assets += f"+{switch('net_bitcoin')}*SUM({at('coins')})"
    put("tie", f"IF(ISNUMBER({at('ev')}),ROUND({at('ev')}-({claims})+({assets}),6),0)", 0.0)


def _kept(book: Book, i: int) -> float:
    rows = [r for r in book.instruments if r["ticker"] == book.tickers[i]]
    return sum(r["debt_kept_usd"] for r in rows if not is_unknown(r["debt_kept_usd"])) / MILLION


def _subsidiary(book: Book, i: int) -> int | None:
    """Row of the listed company that company i consolidates."""
    found = [k for k, parent in enumerate(book.companies["consolidated_by"]) if parent == book.tickers[i]]
    return found[-1] if found else None


def _minority(book: Book, grid: Grid, i: int) -> tuple[str, object]:
    own = f"ISNUMBER({grid.at('nci_book', i)}),{grid.at('nci_book', i)}"
    value = scaled(book.bridge["noncontrolling_interest_usd"][i])
    child = _subsidiary(book, i)
    if child is None:
        return f'IF({own},"{NOT_REPORTED}")', value
    share, equity = grid.at("nci_pct", i), grid.at("equity", child)
    return (
        f'IF(COUNT({share},{equity})=2,{share}*{equity},IF({own},IF(ISNUMBER({share}),"n/a","{NOT_REPORTED}")))',
        value,
    )


def minority_unknown(book: Book, i: int) -> str:
    """What stands for an unknown minority: n/a where a listed subsidiary's share is known, else n.r."""
    known_share = not is_unknown(book.inputs["noncontrolling_interest_pct"][i])
    return "n/a" if _subsidiary(book, i) is not None and known_share else NOT_REPORTED


def _notes(book: Book) -> list[str]:
    names = (
        "diluted_shares",
        "debt_after_conversion_usd",
        "noncontrolling_interest_usd",
        "enterprise_value_usd",
    )
    return [
        *(definition(name) for name in names),
        "Debt not converted is never below zero, nor below the convertibles that stay debt. Inputs are "
        "rolled forward "
        "by dated financings; the note on each blue cell says period, publication, file and line.",
        "Required: price, shares, debt, cash and, where it is netted, bitcoin. One unknown makes the "
        "enterprise value "
        "n/a. Leases, preferred, minorities, prepayments and restricted cash add nothing where not reported.",
        "Statuses are those of the run; they do not follow a changed cell. Bridge tie: enterprise value less "
        "the sum "
        "of its lines, zero where it ties.",
    ]
