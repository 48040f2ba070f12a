"""Contracts: every signed contract at the owner's share, totals by company beneath under the same columns."""

from __future__ import annotations

from typing import Any

from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, is_unknown, scaled
from exports.workbook.writer.context import CONTRACTS, FIRST, Book, definition
from valuation.fundamentals.contract_schedule import DAYS_PER_YEAR

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
    Column("annual", "Revenue a year, announced ($m)", "money", 10.5, TERMS),
    Column("escalator", "Escalator (%)", "percent", 8.5, TERMS),
    Column("margin", "NOI margin stated (%)", "percent", 8.5, TERMS),
    Column("share", "Owner's share (%)", "percent", 8, TERMS),
    Column("value", "Owned total value ($m)", "money", 9.5, OWNED),
    Column("mw", "Owned critical IT (MW)", "mw", 8.5, OWNED),
    Column("revenue", "Revenue a year ($m)", "money", 9.5, OWNED),
    Column("lease", "of which leases ($m)", "money", 9.5, OWNED),
    Column("cloud", "of which GPU cloud ($m)", "money", 9.5, OWNED),
    Column("noi", "NOI a year ($m)", "money", 9.5, OWNED),
    Column("first_year", "First-year revenue ($m)", "money", 9.5, OWNED),
    Column("elapsed", "Elapsed (years)", "years", 7.5, OWNED),
    Column("backlog", "Backlog ($m)", "money", 10, OWNED),
    Column("source", "Source", "small", 17),
)
CLOUD = "gpu_cloud"
CLOUD_WORDS = "GPU cloud"
TALL = 46
TOTALS = {
    "mw": "ai_contracted_it_mw",
    "revenue": "contracted_revenue_usd",
    "noi": "contracted_noi_usd",
    "backlog": "backlog_usd",
}


def grids(book: Book) -> dict[str, Grid]:
    """Where the contracts and the totals by company stand."""
    signed = Grid(CONTRACTS, COLUMNS, FIRST, len(book.contracts))
    return {"contracts": signed, "totals": Grid(CONTRACTS, COLUMNS, signed.last + 3, book.n)}


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid, totals = book.sheet(CONTRACTS), book.grids["contracts"], book.grids["totals"]
    book.top(sheet, CONTRACTS, "Signed contracts in force on the as-of date; money in $m.")
    sheet.header(grid, height=TALL)
    if not book.contracts:
        sheet.words(grid.first, 1, "none in force", "note")
    for k, record in enumerate(book.contracts):
        _terms(book, sheet, grid, k, record)
        _owned(book, sheet, grid, k, record)
    sheet.page.autofilter(grid.first - 1, 0, grid.last, len(COLUMNS) - 1)
    sheet.words(
        totals.first - 1,
        0,
        "Totals by company: AI and HPC contracts at the owner's share, columns as above",
        "section",
    )
    sheet.page.set_h_pagebreaks([totals.first - 1])
    for i in range(book.n):
        _company(book, sheet, grid, totals, i)
    last = sheet.lines(totals.last + 2, _notes())
    book.finish(sheet, freeze=(grid.first, 2), repeat=(0, grid.first - 1), last=(last, len(COLUMNS) - 1))


def _terms(book: Book, sheet: Sheet, grid: Grid, k: int, record: dict[str, Any]) -> None:
    row = grid.first + k
    sheet.text(row, 0, record["ticker"], bold=True)
    sheet.text(row, 1, record["contract_id"], "name")
    counterparty = "" if is_unknown(record["counterparty"]) else str(record["counterparty"])
    sheet.text(row, 2, counterparty, "small_wrap")
    sheet.fit(row, (counterparty, COLUMNS[2].width))
    sheet.text(row, 3, kind_words(record["kind"]))
    sheet.input(row, grid.index("ai"), float(bool(record["is_ai"])), "flag")
    for key, column, unit in (
        ("announced", "announced_on", None),
        ("start", "start_on", None),
        ("it_mw", "critical_it_mw", 1.0),
        ("gross_mw", "gross_mw", 1.0),
        ("tcv", "total_value_usd", MILLION),
        ("annual", "annual_revenue_usd", MILLION),
        ("escalator", "escalator", 1.0),
        ("margin", "noi_margin", 1.0),
        ("share", "owner_share", 1.0),
    ):
        value = record[column] if unit is None else scaled(record[column], unit)
        sheet.input(row, grid.index(key), value, grid.kind(key))
    sheet.input(row, grid.index("term"), record["term_years"], "years", note=_term_note(record))
    sheet.text(row, grid.index("source"), f"{record['file']}:{record['line']}", "small")


def kind_words(kind: str) -> str:
    """A kind of contract as a reader sees it; the formulas compare with it."""
    return CLOUD_WORDS if kind == CLOUD else kind.replace("_", " ")


def _term_note(record: dict[str, Any]) -> str:
    if is_unknown(record["start_on"]) or is_unknown(record["end_on"]) or is_unknown(record["term_years"]):
        return ""
    spans = (record["end_on"] - record["start_on"]).days / DAYS_PER_YEAR
    return "From start and end date." if spans == record["term_years"] else ""


def _owned(book: Book, sheet: Sheet, grid: Grid, k: int, record: dict[str, Any]) -> None:
    row, at, assumed = grid.first + k, lambda key: grid.at(key, k), book.assumption

    def put(key: str, formula: str, value: Any, status: str = "ok") -> None:
        sheet.formula(row, grid.index(key), formula, value, grid.kind(key), status=status)

    share, revenue = at("share"), record["owned_annual_revenue_usd"]
    put(
        "value",
        f'IF(COUNT({at("tcv")},{share})=2,{at("tcv")}*{share},"n/a")',
        scaled(record["owned_value_usd"]),
    )
    from_gross = f"{at('gross_mw')}/{assumed('gross_mw_per_critical_it_mw')}*{share}"
    put(
        "mw",
        f'IF(COUNT({at("it_mw")},{share})=2,{at("it_mw")}*{share},IF(COUNT({at("gross_mw")},{share})=2,{from_gross},"n/a"))',
        record["owned_it_mw"],
        "proxy" if record["it_mw_is_proxy"] else "ok",
    )
    average = f'IF(COUNT({at("value")},{at("term")})=2,{at("value")}/{at("term")},"n/a")'
    put("revenue", f"IF(COUNT({at('annual')},{share})=2,{at('annual')}*{share},{average})", scaled(revenue))
    is_cloud, counted = record["kind"] == CLOUD, bool(record["is_ai"])
    put(
        "lease",
        f'IF(AND({at("ai")}=1,{at("kind")}<>"{CLOUD_WORDS}"),{at("revenue")},0)',
        scaled(revenue) if counted and not is_cloud else 0.0,
    )
    put(
        "cloud",
        f'IF(AND({at("ai")}=1,{at("kind")}="{CLOUD_WORDS}"),{at("revenue")},0)',
        scaled(revenue) if counted and is_cloud else 0.0,
    )
    default = f'IF({at("kind")}="{CLOUD_WORDS}",{assumed("noi_margin_gpu_cloud")},{assumed("noi_margin_lease")})'
    margin = f"IF(ISNUMBER({at('margin')}),{at('margin')},{default})"
    put(
        "noi",
        f'IF(ISNUMBER({at("revenue")}),{at("revenue")}*{margin},"n/a")',
        scaled(record["owned_noi_usd"]),
        "proxy" if record["margin_is_assumed"] else "ok",
    )
    term, g, value = at("term"), at("escalator"), at("value")
    first = f"IF(N({g})>0,{value}*{g}/((1+{g})^{term}-1),{value}/{term})"
    put(
        "first_year",
        f'IF(COUNT({value},{term})=2,{first},"n/a")',
        scaled(record["owned_first_year_revenue_usd"]),
    )
    gone = f"MAX(0,MIN({term},({assumed('as_of')}-{at('start')})/{DAYS_PER_YEAR}))"
    put("elapsed", f'IF(COUNT({at("start")},{term})=2,{gone},"n/a")', _elapsed(record))
    e = at("elapsed")
    years = f"IF(N({g})>0,((1+{g})^INT({e})-1)/N({g}),INT({e}))"
    stepped = f"{at('first_year')}*({years}+({e}-INT({e}))*(1+N({g}))^INT({e}))"
    left = f"{value}-IF({e}>={term},{value},MIN({value},{stepped}))"
    put(
        "backlog",
        f'IF(ISNUMBER({value}),IF(ISNUMBER({e}),{left},{value}),"n/a")',
        scaled(record["owned_backlog_usd"]),
        "proxy" if record["start_is_unknown"] else "ok",
    )


def _elapsed(record: dict[str, Any]) -> float | None:
    if is_unknown(record["start_on"]) or is_unknown(record["term_years"]):
        return None
    years = (record["as_of"] - record["start_on"]).days / DAYS_PER_YEAR
    return max(0.0, min(record["term_years"], years))


def _company(book: Book, sheet: Sheet, grid: Grid, totals: Grid, i: int) -> None:
    row, ticker = totals.first + i, totals.at("ticker", i)
    sheet.text(row, 0, book.tickers[i], bold=True)
    sheet.text(row, 1, book.companies["name"][i], "name")
    of_company = f"{grid.span('ticker')},{ticker},{grid.span('ai')},1"
    signed = totals.at("ai", i)
    sheet.formula(row, totals.index("ai"), f"COUNTIFS({of_company})", float(book.table["signed_contracts"][i]), "count")
    for key, metric in TOTALS.items():
        known = f"SUMPRODUCT(({grid.span('ticker')}={ticker})*({grid.span('ai')}=1)*ISNUMBER({grid.span(key)}))"
        total = f"SUMIFS({grid.span(key)},{of_company})"
        value = book.table[metric][i] if key == "mw" else scaled(book.table[metric][i])
        sheet.formula(
            row,
            totals.index(key),
            f'IF({signed}=0,0,IF({known}=0,"n/a",{total}))',
            value,
            totals.kind(key),
            status=book.status[metric][i],
            bold=True,
        )
    for key, metric in (("lease", "lease_revenue_usd"), ("cloud", "cloud_revenue_usd")):
        total = f"SUMIFS({grid.span(key)},{of_company})"
        sheet.formula(
            row,
            totals.index(key),
            total,
            scaled(book.table[metric][i]),
            "money",
            status=book.status[metric][i],
        )


def _notes() -> list[str]:
    names = ("contracted_revenue_usd", "contracted_noi_usd", "backlog_usd", "ai_contracted_it_mw")
    return [
        *(definition(name) for name in names),
        "First-year revenue with escalator g and term n: total value x g / ((1 + g)^n - 1). Backlog is the "
        "total value "
        "before the start; after it the rent steps up once a contract year; whole value where the start is "
        "unknown (proxy).",
        "Blue fill in NOI: margin assumed (Assumptions). Hosting is listed and not counted (0 in column E). "
        "A contract "
        "without an announced value is n/a and left out of the totals; the totals are then marked as a "
        "proxy.",
        "Leases (80-100% NOI margin) and GPU cloud (EBITDA, before GPU depreciation) are different businesses.",
    ]
