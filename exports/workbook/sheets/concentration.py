"""Company and sector sums of the contract book under the years: credit, cost still to spend, concentration."""

from __future__ import annotations

from typing import Any

from exports.workbook.sheets.nav_common import by_company, worth
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, is_unknown
from exports.workbook.writer.context import BACKLOG, Book

COMPANY = (
    Column("ticker", "Ticker"),
    Column("company", "Company"),
    Column("note", "Status of completed EV", "small"),
    Column("blank", "", "small"),
    Column("contracts", "Contracts", "count"),
    Column("mw", "Contracted (IT MW)", "mw"),
    Column("in_service", "In service (IT MW)", "mw"),
    Column("delivered", "Delivered (%)", "percent"),
    Column("walt_mw", "WALT by MW (years)", "years"),
    Column("walt_revenue", "WALT by revenue (years)", "years"),
    Column("noi", "Lease NOI ($m)", "money"),
    Column("ebitda", "Cloud EBITDA ($m)", "money"),
    Column("ebit", "Cloud EBIT after GPUs of the run ($m)", "money"),
    Column("capex", "Capex to spend ($m)", "money"),
    Column("ev", "EV ($m)", "money"),
    Column("completed", "Completed EV ($m)", "money"),
    Column("cap_rate", "NOI and EBITDA / completed EV (%)", "percent"),
    Column("gap", "Capex less cash ($m)", "money"),
    Column("graded", "Investment grade of the run (%)", "percent"),
    Column("supported", "Third-party support of the run (%)", "percent"),
)
NAMES = (
    Column("by", "By"),
    Column("name", "Name"),
    Column("left", "Not counted, no revenue figure", "small"),
    Column("blank", "", "small"),
    Column("contracts", "Contracts", "count"),
    Column("revenue", "Revenue a year ($m)", "money"),
    Column("mw", "Critical IT (MW)", "mw"),
    Column("share", "Share of revenue (%)", "percent"),
    Column("mw_share", "Share of MW (%)", "percent"),
    Column("hhi", "HHI (0 to 1)", "plain"),
    Column("hhi_high", "HHI, unnamed as one (0 to 1)", "plain"),
)
SHOWN = 10


def grids(book: Book, below: int) -> dict[str, Grid]:
    """Where the companies and the names stand."""
    companies = Grid(BACKLOG, COMPANY, below + 2, book.n)
    return {"book": companies, "names": Grid(BACKLOG, NAMES, companies.last + 5, len(_names(book)))}


def _names(book: Book) -> list[dict[str, Any]]:
    rows = worth(book).book.concentration
    rows = rows[rows["scope"] == "sector"]
    return rows.groupby("by", sort=False).head(SHOWN).to_dict("records")


def write(book: Book, sheet: Sheet) -> int:
    """Write both tables; the last row used."""
    _companies(book, sheet, book.grids["book"])
    grid, rows = book.grids["names"], _names(book)
    title = f"Sector by name, the {SHOWN} largest: leases and GPU cloud together, of the run"
    sheet.words(grid.first - 2, 0, title, "section")
    sheet.header(grid, widths=False, section=False)
    for k, record in enumerate(rows):
        row = grid.first + k
        sheet.text(row, 0, record["by"].replace("_", " "))
        sheet.text(row, 1, record["name"], "name")
        sheet.text(row, 2, record["not_counted"] if k == 0 else "", "small")
        for key, column, unit in (
            ("contracts", "contracts", 1.0), ("revenue", "revenue_usd", MILLION), ("mw", "mw", 1.0),
            ("share", "revenue_share", 1.0), ("mw_share", "mw_share", 1.0), ("hhi", "hhi", 1.0),
            ("hhi_high", "hhi_high", 1.0),
        ):  # fmt: skip
            value = record[column]
            sheet.static(row, grid.index(key), None if is_unknown(value) else value / unit, grid.kind(key))
    return grid.last


def _companies(book: Book, sheet: Sheet, grid: Grid) -> None:
    found = worth(book).book
    table, status = by_company(book, found.table), by_company(book, found.status)
    causes = by_company(book, found.causes)
    sheet.words(grid.first - 2, 0, "Companies: credit, delivery and what is still to spend", "section")
    sheet.header(grid, widths=False, height=46, section=False)
    bridge, totals, valued = book.grids["bridge"], book.grids["totals"], book.grids["nav_contracts"]
    for i, ticker in enumerate(book.tickers):
        row, at = grid.first + i, lambda key, i=i: grid.at(key, i)

        def put(key: str, formula: str, name: str, i: int = i, unit: float = MILLION) -> None:
            value = table[name][i]
            state = status[name][i]
            shown = None if is_unknown(value) else value / unit
            sheet.formula(grid.first + i, grid.index(key), formula, shown, grid.kind(key), status=state)

        sheet.text(row, 0, ticker, bold=True)
        sheet.text(row, 1, book.companies["name"][i], "name")
        cause = causes["completed_ev_usd"][i]
        sheet.text(row, 2, f"{status['completed_ev_usd'][i].replace('_', ' ')}{': ' if cause else ''}{cause}", "small")
        for key, name in (
            ("contracts", "contracts"), ("in_service", "in_service_mw"), ("delivered", "delivered_share"),
            ("walt_mw", "walt_mw_years"), ("walt_revenue", "walt_revenue_years"), ("graded", "investment_grade_share"),
            ("supported", "credit_supported_share"),
        ):  # fmt: skip
            meaningless = status[name][i] == "not_meaningful"
            sheet.static(row, grid.index(key), None if meaningless else table[name][i], grid.kind(key),
                             unknown="n.m." if meaningless else "n/a")  # fmt: skip
        ebit = table["cloud_ebit_usd"][i]
        sheet.static(row, grid.index("ebit"), None if is_unknown(ebit) else ebit / MILLION, "money")
        put("mw", totals.link("mw", i), "contracted_mw", unit=1.0)
        put("noi", _profit(book, i, "lease"), "lease_noi_usd")
        put("ebitda", _profit(book, i, "cloud"), "cloud_ebitda_usd")
        mine = f"({valued.link_span('ticker')}={at('ticker')})*({valued.link_span('own')}=1)"
        none_known = f"AND(SUMPRODUCT({mine})>0,SUMPRODUCT({mine}*ISNUMBER({valued.link_span('spend')}))=0)"
        own = f"{valued.link_span('ticker')},{at('ticker')},{valued.link_span('own')},1"
        put("capex", f'IF({none_known},"n/a",SUMIFS({valued.link_span("spend")},{own}))', "capex_to_spend_usd")
        put("ev", bridge.link("ev", i), "enterprise_value_usd")
        put("completed", f'IF(COUNT({at("ev")},{at("capex")})=2,{at("ev")}+{at("capex")},"n/a")', "completed_ev_usd")
        rate = f"({at('noi')}+{at('ebitda')})/{at('completed')}"
        known = f"COUNT({at('noi')},{at('ebitda')},{at('completed')})=3"
        put("cap_rate", f'IF({known},IF(OR({at("contracts")}=0,{at("completed")}<=0),"n.m.",{rate}),"n/a")',
            "implied_cap_rate", unit=1.0)  # fmt: skip
        held = f"{bridge.link('cash', i)}-{book.assumption('net_restricted_cash')}*N({bridge.link('restricted', i)})"
        lacks = f'IF({at("contracts")}=0,"n.m.",{at("capex")}-{held})'
        put("gap", f'IF(COUNT({bridge.link("cash", i)},{at("capex")})=2,{lacks},"n/a")',
            "funding_gap_usd")  # fmt: skip


def _profit(book: Book, i: int, kind: str) -> str:
    """NOI of a company's leases or EBITDA of its GPU cloud, from sheet Contracts."""
    signed = book.grids["contracts"]
    ticker = book.grids["book"].at("ticker", i)
    income = signed.link_span("noi")
    mine = f"({signed.link_span('ticker')}={ticker})*({signed.link_span('ai')}=1)*({signed.link_span(kind)}<>0)"
    number = f"ISNUMBER({income})"
    there = f"SUMPRODUCT({mine}*{number})"
    any_such = f"SUMPRODUCT({mine})"
    own = f"{signed.link_span('ticker')},{ticker},{signed.link_span('ai')},1"
    total = f'SUMIFS({income},{own},{signed.link_span(kind)},"<>0")'
    return f'IF({any_such}=0,0,IF({there}=0,"n/a",{total}))'
