"""EV bridge: from share price to enterprise value by company; convertibles and warrants below."""

from __future__ import annotations

from exports.workbook.sheets import instruments
from exports.workbook.writer import input_register
from exports.workbook.writer.cells import Record
from exports.workbook.writer.citations import cited
from exports.workbook.writer.context import BRIDGE, FIRST, ScreenBook, definition
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION, NOT_REPORTED, UNKNOWN, is_unknown, scaled
from valuation.replaceable import FACT

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
    Column("others", "Other borrowings, same date ($m)", "money", 10.5, DEBT),
    Column("debt_after", "Debt not converted ($m)", "money", 10.5, DEBT),
    Column("leases", "Finance leases ($m)", "money", 9, CLAIMS),
    Column("preferred", "Preferred equity ($m)", "money", 9, CLAIMS),
    Column("nci_book", "Minority interest at book ($m)", "money", 9, CLAIMS),
    Column("nci_pct", "Minority share (%)", "percent", 8.5, CLAIMS),
    Column("nci", "Minority interest counted ($m)", "money", 9, CLAIMS),
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
REDEEMED = input_register.fixed("the amount at which the preferred can be redeemed within a year, from debt.csv")
UNITS = {"price": 1.0, "btc": 1.0, "pledged": 1.0, "nci_pct": 100.0}


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the bridge and of the instruments."""
    companies = TableRange(BRIDGE, COLUMNS, FIRST, book.n)
    return {
        "bridge": companies,
        "instruments": TableRange(BRIDGE, instruments.COLUMNS, companies.last + 5, len(book.instruments)),
    }


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet = book.sheet(BRIDGE)
    area, block = book.ranges["bridge"], book.ranges["instruments"]
    book.heading(
        sheet,
        BRIDGE,
        "From share price to enterprise value. Blue cells, and switches and bitcoin price on Assumptions, are inputs.",
    )
    sheet.header(area, height=46)
    for i in range(book.n):
        record = sheet.record(area, i)
        _inputs(book, record, i)
        _formulas(book, record, block, i)
    sheet.filter(area)
    sheet.label(block.first - 2, 0, instruments.TITLE, "section")
    sheet.header(block, widths=False)
    sheet.page.set_h_pagebreaks([block.first - 2])
    instruments.write(book, sheet, area, block)
    last = sheet.notes(block.last + 2, _notes())
    book.finish(sheet, freeze=(area.first, 1), repeat=(0, 1), last=(last, len(COLUMNS) - 1))


def _inputs(book: ScreenBook, record: Record, i: int) -> None:
    ticker = book.tickers[i]
    record.company(ticker, book.companies["name"][i])
    stale = {
        "price": "price_usd",
        "basic": "basic_shares",
        "debt": "debt_after_conversion_usd",
        "cash": "cash_usd",
        "btc": "bitcoin_usd",
    }
    old = book.causes["enterprise_value_usd"][i].split("; ")
    for key, item in ITEMS.items():
        status = book.status[stale[key]][i] if key in stale else "stale" if f"{item} old" in old else "ok"
        amount = book.bridge["preferred_equity_usd"][i] if key == "preferred" else book.inputs[item][i]
        value = scaled(amount, UNITS.get(key, MILLION))
        unknown = NOT_REPORTED if key in OPTIONAL else UNKNOWN
        unit = UNITS.get(key, MILLION)
        means = (
            REDEEMED if key == "preferred" and _is_redeemed(book, i) else input_register.of(FACT, ticker, item, unit)
        )
        record.input(key, value, status=status, note=book.source(ticker, item), unknown=unknown, means=means)
    others = book.bridge["other_debt_usd"][i] or None
    note = book.source(ticker, "other_debt_carrying") if others else ""
    means = input_register.of(FACT, ticker, "other_debt_carrying", MILLION)
    record.input("others", scaled(others), note=note, unknown=NOT_REPORTED, means=means)
    coins, holds = book.bridge["other_coins_usd"][i], book.inputs["eth_held"][i]
    if is_unknown(coins):
        coins = book.inputs["eth_fair_value"][i]
    note = "\n".join(n for n in (book.source(ticker, "eth_held"), book.source(ticker, "eth_fair_value")) if n)
    unknown = UNKNOWN if not is_unknown(holds) and holds > 0 else NOT_REPORTED
    means = input_register.of(FACT, ticker, "eth_fair_value", MILLION)
    record.input("coins", scaled(coins), note=note, unknown=unknown, means=means)


def _is_redeemed(book: ScreenBook, i: int) -> bool:
    """Whether the preferred counts at what it can be redeemed for, and not as reported."""
    counted, reported = book.bridge["preferred_equity_usd"][i], book.inputs["preferred_equity"][i]
    return not is_unknown(counted) and counted != reported


def _formulas(book: ScreenBook, record: Record, block: TableRange, i: int) -> None:
    at, switch = record.at, book.assumption

    def put(key: str, formula: str, metric: str, *, bold: bool = False) -> None:
        record.formula(key, formula, book.metric(metric, i), status=book.status[metric][i], bold=bold)

    for key, value in (
        ("new", scaled(book.bridge["new_shares"][i])),
        ("converted", scaled(book.bridge["debt_converted_usd"][i])),
        ("kept", _kept(book, i)),
    ):
        record.formula(key, f"SUMIFS({block.span(key)},{block.span('ticker')},{at('ticker')})", value)
    put("diluted", f'IF(COUNT({at("price")},{at("basic")})=2,{at("basic")}+{at("new")},"n/a")', "diluted_shares")
    equity = f'IF(COUNT({at("price")},{at("diluted")})=2,{at("price")}*{at("diluted")},"n/a")'
    put("equity", equity, "equity_value_usd")
    left = f"MAX({at('debt')}-{at('converted')},{at('kept')}+N({at('others')}))"
    left = f"IF({at('converted')}>0,{left},{at('debt')})"
    put("debt_after", f'IF(ISNUMBER({at("debt")}),{left},"n/a")', "debt_after_conversion_usd")
    minority = scaled(book.bridge["noncontrolling_interest_usd"][i])
    record.formula("nci", _minority(book, record, i), minority, unknown=minority_unknown(book, i))
    held = f"{at('btc')}-IF({switch('count_pledged_bitcoin')}=1,0,N({at('pledged')}))"
    priced = f'IF(ISNUMBER({switch("btc_usd")}),({held})*{switch("btc_usd")}/10^6,"n/a")'
    coin = f'IF(ISNUMBER({at("btc")}),IF({held}=0,0,{priced}),"n/a")'
    put("bitcoin", f"IF({switch('net_bitcoin')}=0,0,{coin})", "bitcoin_usd")
    unknown = ",".join(f'{at(k)}="n/a"' for k in ("equity", "debt_after", "nci", "cash", "bitcoin"))
    coins_unknown = f'AND({switch("net_bitcoin")}=1,{at("coins")}="n/a")'
    added = "+".join([at("equity"), at("debt_after"), *(f"N({at(k)})" for k in ("leases", "preferred", "nci"))])
    added += f"+{switch('prepayments_as_debt')}*N({at('prepayments')})"
    deducted = f"-{at('cash')}-{switch('net_restricted_cash')}*N({at('restricted')})"
    deducted += f"-{at('bitcoin')}-{switch('net_bitcoin')}*N({at('coins')})"
    put("ev", f'IF(OR({unknown},{coins_unknown}),"n/a",{added}{deducted})', "enterprise_value_usd", bold=True)
    record.text("status", book.status["enterprise_value_usd"][i].replace("_", " "), "small")
    claims = f"SUM({at('equity')},{at('debt_after')},{at('leases')},{at('preferred')},{at('nci')})"
    claims += f"+{switch('prepayments_as_debt')}*SUM({at('prepayments')})"
    assets = f"SUM({at('cash')},{at('bitcoin')})+{switch('net_restricted_cash')}*SUM({at('restricted')})"
    assets += f"+{switch('net_bitcoin')}*SUM({at('coins')})"
    record.formula("tie", f"IF(ISNUMBER({at('ev')}),ROUND({at('ev')}-({claims})+({assets}),6),0)", 0.0)


def _kept(book: ScreenBook, i: int) -> float:
    rows = [r for r in book.instruments if r["ticker"] == book.tickers[i]]
    return sum(r["debt_kept_usd"] for r in rows if not is_unknown(r["debt_kept_usd"])) / MILLION


def _subsidiary(book: ScreenBook, i: int) -> int | None:
    """Row of the listed company that company i consolidates."""
    found = [k for k, parent in enumerate(book.companies["consolidated_by"]) if parent == book.tickers[i]]
    return found[-1] if found else None


def _minority(book: ScreenBook, record: Record, i: int) -> str:
    own, child = f"ISNUMBER({record.at('nci_book')}),{record.at('nci_book')}", _subsidiary(book, i)
    if child is None:
        return f'IF({own},"{NOT_REPORTED}")'
    share, equity = record.at("nci_pct"), record.area.at("equity", child)
    unreported = f'IF(ISNUMBER({share}),"n/a","{NOT_REPORTED}")'
    return f"IF(COUNT({share},{equity})=2,{share}*{equity},IF({own},{unreported}))"


def minority_unknown(book: ScreenBook, i: int) -> str:
    """Text for an unknown minority interest: n/a where a listed subsidiary's share is known, else n.r."""
    known_share = not is_unknown(book.inputs["noncontrolling_interest_pct"][i])
    return "n/a" if _subsidiary(book, i) is not None and known_share else NOT_REPORTED


def _notes() -> list[str]:
    names = ("diluted_shares", "debt_after_conversion_usd", "noncontrolling_interest_usd", "enterprise_value_usd")
    return [
        *(definition(name) for name in names),
        *paragraphs(f"""
            - Where convertibles count as shares, debt not converted is never below the convertibles that remain debt plus
              the other borrowings of the same balance sheet. Inputs are rolled forward by dated financings; the note on
              each blue cell has period, publication date, file and line.
            - Preferred equity: the amount at which it can be redeemed within a year where one is stated, else as reported.
              Restricted cash is added where it is reported for the date of the cash figure and is not part of it.
            - Required: price, shares, debt, cash and, where it is netted, bitcoin. If one is unknown, enterprise value is
              n/a. Leases, preferred, minorities, prepayments and restricted cash add nothing where not reported.
            - Statuses are fixed at run time. Bridge tie: enterprise value less the sum of its lines, zero where it ties.
              Sources: {cited("METHODS 3")}.
        """),
    ]
