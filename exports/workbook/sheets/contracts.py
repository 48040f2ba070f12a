"""Contracts: signed contracts at the owner's share, and totals by company under the same columns."""

from __future__ import annotations

from typing import Any

from exports.workbook.writer.cells import MILLION, Column, Record, TableRange, is_unknown, paragraphs, scaled
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import CONTRACTS, FIRST, ScreenBook, definition
from valuation.contracts.arithmetic import DAYS_PER_YEAR

TERMS, OWNED = "Contract as announced, at 100%", "Owner's share"
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("contract", "Contract, or company", width=37),
    Column("counterparty", "Counterparty", width=24),
    Column("kind", "Kind", width=15),
    Column("ai", "AI or HPC (1 = yes)", "flag", 7.5),
    Column("announced", "Announced", "date", 10, TERMS),
    Column("start", "Start", "date", 10, TERMS),
    Column("it_mw", "Critical IT (MW)", "mw", 8, TERMS),
    Column("gross_mw", "Gross (MW)", "mw", 8, TERMS),
    Column("term", "Term (years)", "years", 7, TERMS),
    Column("tcv", "Total value ($m)", "money", 9.5, TERMS),
    Column("annual", "Annual revenue, announced ($m)", "money", 10.5, TERMS),
    Column("escalator", "Escalator (%)", "percent", 8.5, TERMS),
    Column("margin", "NOI margin, stated (%)", "percent", 8.5, TERMS),
    Column("share", "Owner's share (%)", "percent", 8, TERMS),
    Column("value", "Owned total value ($m)", "money", 9.5, OWNED),
    Column("mw", "Owned critical IT (MW)", "mw", 8.5, OWNED),
    Column("revenue", "Annual revenue ($m)", "money", 9.5, OWNED),
    Column("lease", "of which leases ($m)", "money", 9.5, OWNED),
    Column("cloud", "of which GPU cloud ($m)", "money", 9.5, OWNED),
    Column("noi", "Annual NOI ($m)", "money", 9.5, OWNED),
    Column("first_year", "First-year revenue ($m)", "money", 9.5, OWNED),
    Column("elapsed", "Elapsed (years)", "years", 7.5, OWNED),
    Column("backlog", "Backlog ($m)", "money", 10, OWNED),
    Column("source", "Source", "small", 17),
)
CLOUD = "gpu_cloud"
CLOUD_LABEL = "GPU cloud"
TALL = 46
# Inputs as announced: column of the contract, and what it is divided by (dates: nothing).
INPUTS: dict[str, tuple[str, float | None]] = {
    "announced": ("announced_on", None),
    "start": ("start_on", None),
    "it_mw": ("critical_it_mw", 1.0),
    "gross_mw": ("gross_mw", 1.0),
    "tcv": ("total_value_usd", MILLION),
    "annual": ("annual_revenue_usd", MILLION),
    "escalator": ("escalator", 1.0),
    "margin": ("noi_margin", 1.0),
    "share": ("owner_share", 1.0),
}
TOTALS = {
    "mw": "ai_contracted_it_mw",
    "revenue": "contracted_revenue_usd",
    "noi": "contracted_noi_usd",
    "backlog": "backlog_usd",
}


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the contracts and of the totals by company."""
    signed = TableRange(CONTRACTS, COLUMNS, FIRST, len(book.contracts))
    return {"contracts": signed, "totals": TableRange(CONTRACTS, COLUMNS, signed.last + 3, book.n)}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area, totals = book.sheet(CONTRACTS), book.ranges["contracts"], book.ranges["totals"]
    book.heading(sheet, CONTRACTS, "Signed contracts in force on the as-of date; money in $m.")
    sheet.header(area, height=TALL)
    if not book.contracts:
        sheet.label(area.first, 1, "none in force", "note")
    for k, contract in enumerate(book.contracts):
        record = sheet.record(area, k)
        _terms(record, contract)
        _owned(book, record, contract)
    sheet.filter(area)
    sheet.label(
        totals.first - 1, 0, "Totals by company: AI and HPC contracts at the owner's share, columns as above", "section"
    )
    sheet.page.set_h_pagebreaks([totals.first - 1])
    for i in range(book.n):
        _company(book, sheet.record(totals, i), area, i)
    last = sheet.notes(totals.last + 2, _notes())
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, area.first - 1), last=(last, len(COLUMNS) - 1))


def _terms(record: Record, contract: dict[str, Any]) -> None:
    record.company(contract["ticker"], contract["contract_id"])
    record.text(
        "counterparty", "" if is_unknown(contract["counterparty"]) else contract["counterparty"], "small_wrap", fit=True
    )
    record.text("kind", kind_label(contract["kind"]))
    record.input("ai", float(bool(contract["is_ai"])))
    for key, (column, unit) in INPUTS.items():
        record.input(key, contract[column] if unit is None else scaled(contract[column], unit))
    record.input("term", contract["term_years"], note=_term_note(contract))
    record.text("source", f"{contract['file']}:{contract['line']}", "small")


def kind_label(kind: str) -> str:
    """Kind of a contract as shown; the formulas compare with it."""
    return CLOUD_LABEL if kind == CLOUD else kind.replace("_", " ")


def _term_note(record: dict[str, Any]) -> str:
    if is_unknown(record["start_on"]) or is_unknown(record["end_on"]) or is_unknown(record["term_years"]):
        return ""
    spans = (record["end_on"] - record["start_on"]).days / DAYS_PER_YEAR
    return "From start and end date." if spans == record["term_years"] else ""


def _owned(book: ScreenBook, record: Record, contract: dict[str, Any]) -> None:
    at, assumed, share = record.at, book.assumption, record.at("share")

    def put(key: str, formula: str, value: Any, mark: str = "") -> None:
        record.formula(key, formula, value, status="proxy" if mark and contract[mark] else "ok")

    def product(key: str, otherwise: str = '"n/a"', per: str = "") -> str:
        return f"IF(COUNT({at(key)},{share})=2,{at(key)}{per}*{share},{otherwise})"

    put("value", product("tcv"), scaled(contract["owned_value_usd"]))
    from_gross = product("gross_mw", per=f"/{assumed('gross_mw_per_critical_it_mw')}")
    put("mw", product("it_mw", from_gross), contract["owned_it_mw"], "it_mw_is_proxy")
    average = f'IF(COUNT({at("value")},{at("term")})=2,{at("value")}/{at("term")},"n/a")'
    revenue = scaled(contract["owned_annual_revenue_usd"])
    put("revenue", product("annual", average), revenue)
    for key, sign, mine in (("lease", "<>", contract["kind"] != CLOUD), ("cloud", "=", contract["kind"] == CLOUD)):
        formula = f'IF(AND({at("ai")}=1,{at("kind")}{sign}"{CLOUD_LABEL}"),{at("revenue")},0)'
        put(key, formula, revenue if contract["is_ai"] and mine else 0.0)
    default = f'IF({at("kind")}="{CLOUD_LABEL}",{assumed("noi_margin_gpu_cloud")},{assumed("noi_margin_lease")})'
    margin = f"IF(ISNUMBER({at('margin')}),{at('margin')},{default})"
    noi = f'IF(ISNUMBER({at("revenue")}),{at("revenue")}*{margin},"n/a")'
    put("noi", noi, scaled(contract["owned_noi_usd"]), "margin_is_assumed")
    term, g, value, e = at("term"), at("escalator"), at("value"), at("elapsed")
    first = f"IF(N({g})>0,{value}*{g}/((1+{g})^{term}-1),{value}/{term})"
    first = f'IF(COUNT({value},{term})=2,{first},"n/a")'
    put("first_year", first, scaled(contract["owned_first_year_revenue_usd"]))
    gone = f"MAX(0,MIN({term},({assumed('as_of')}-{at('start')})/{DAYS_PER_YEAR}))"
    put("elapsed", f'IF(COUNT({at("start")},{term})=2,{gone},"n/a")', _elapsed(contract))
    years = f"IF(N({g})>0,((1+{g})^INT({e})-1)/N({g}),INT({e}))"
    stepped = f"{at('first_year')}*({years}+({e}-INT({e}))*(1+N({g}))^INT({e}))"
    left = f"{value}-IF({e}>={term},{value},MIN({value},{stepped}))"
    backlog = f'IF(ISNUMBER({value}),IF(ISNUMBER({e}),{left},{value}),"n/a")'
    put("backlog", backlog, scaled(contract["owned_backlog_usd"]), "start_is_unknown")


def _elapsed(record: dict[str, Any]) -> float | None:
    if is_unknown(record["start_on"]) or is_unknown(record["term_years"]):
        return None
    years = (record["as_of"] - record["start_on"]).days / DAYS_PER_YEAR
    return max(0.0, min(record["term_years"], years))


def _company(book: ScreenBook, record: Record, area: TableRange, i: int) -> None:
    record.company(book.tickers[i], book.companies["name"][i])
    ticker, signed, status = record.at("ticker"), record.at("ai"), book.status
    of_company = f"{area.span('ticker')},{ticker},{area.span('ai')},1"
    record.formula("ai", f"COUNTIFS({of_company})", float(book.table["signed_contracts"][i]), kind="count")
    for key, metric in TOTALS.items():
        known = f"SUMPRODUCT(({area.span('ticker')}={ticker})*({area.span('ai')}=1)*ISNUMBER({area.span(key)}))"
        total = f'IF({signed}=0,0,IF({known}=0,"n/a",SUMIFS({area.span(key)},{of_company})))'
        record.formula(key, total, book.metric(metric, i), status=status[metric][i], bold=True)
    for key, metric in (("lease", "lease_revenue_usd"), ("cloud", "cloud_revenue_usd")):
        total = f"SUMIFS({area.span(key)},{of_company})"
        record.formula(key, total, book.metric(metric, i), status=status[metric][i])


def _notes() -> list[str]:
    names = ("contracted_revenue_usd", "contracted_noi_usd", "backlog_usd", "ai_contracted_it_mw")
    return [
        *(definition(name) for name in names),
        *paragraphs(f"""
            - First-year revenue with escalator g and term n: total value x g / ((1 + g)^n - 1). Backlog is the total value
              before the start; afterwards the rent rises once a contract year; the whole value where the start is unknown
              (proxy).
            - Blue fill in NOI: margin assumed (Assumptions). Hosting is listed and not counted (0 in column E). A contract
              without an announced value is n/a and not in the totals, which are then marked as a proxy.
            - Leases (80-100% NOI margin) and GPU cloud (EBITDA, before GPU depreciation) are different businesses. Method:
              {section(5)}.
        """),
    ]
