"""Contract book by company and for the sector: credit, capex to complete, funding gap, concentration."""

from __future__ import annotations

from typing import Any

from exports.workbook.sheets.nav_common import analysis, by_company
from exports.workbook.sheets.phases import subsidiaries
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.context import BACKLOG, ScreenBook
from exports.workbook.writer.ranges import ANY_NUMBER, Column, TableRange
from exports.workbook.writer.values import MILLION, cause_text, meaning, scaled

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
    Column("ebit", "Cloud EBIT after GPU depreciation, fixed at run ($m)", "money"),
    Column("capex", "Capex to complete ($m)", "money"),
    Column("ev", "EV ($m)", "money"),
    Column("completed", "Completed EV ($m)", "money"),
    Column("cap_rate", "Yield: NOI and EBITDA / completed EV (%)", "percent"),
    Column("coupon", "Coupon of project bonds, fixed at run (%)", "percent"),
    Column("spread", "Yield less coupon (%)", "percent"),
    Column("gap", "Funding gap: capex less cash ($m)", "money"),
    Column("graded", "Investment-grade share, fixed at run (%)", "percent"),
    Column("supported", "Third-party support, fixed at run (%)", "percent"),
)
NAMES = (
    Column("by", "By"),
    Column("name", "Name"),
    Column("left", "Contracts excluded: no revenue figure", "small"),
    Column("blank", "", "small"),
    Column("contracts", "Contracts", "count"),
    Column("revenue", "Revenue a year ($m)", "money"),
    Column("mw", "Critical IT (MW)", "mw"),
    Column("share", "Share of revenue (%)", "percent"),
    Column("mw_share", "Share of MW (%)", "percent"),
    Column("hhi", "HHI (0 to 1)", "plain"),
    Column("hhi_high", "HHI, undisclosed as one tenant (0 to 1)", "plain"),
)
SHOWN = 10


def ranges(book: ScreenBook, below: int) -> dict[str, TableRange]:
    """Cell addresses of the companies and of the sector's largest names."""
    companies = TableRange(BACKLOG, COMPANY, below + 2, book.n)
    return {"book": companies, "names": TableRange(BACKLOG, NAMES, companies.last + 5, len(book.once(_names)))}


def _names(book: ScreenBook) -> list[dict[str, Any]]:
    rows = analysis(book).book.concentration
    rows = rows[rows["scope"] == "sector"]
    return rows.groupby("by", sort=False).head(SHOWN).to_dict("records")


def write(book: ScreenBook, sheet: Sheet) -> int:
    """Write both tables and return the last row used."""
    _companies(book, sheet, book.ranges["book"])
    area, rows = book.ranges["names"], book.once(_names)
    title = f"Sector by name, the {SHOWN} largest: leases and GPU cloud together, fixed at run time"
    sheet.label(area.first - 2, 0, title, "section")
    sheet.header(area, widths=False, section=False)
    for k, row in enumerate(rows):
        record = sheet.record(area, k)
        record.text("by", row["by"].replace("_", " "))
        record.text("name", row["name"], "name")
        record.text("left", row["not_counted"] if k == 0 else "", "small")
        for key, column, unit in (
            ("contracts", "contracts", 1.0), ("revenue", "revenue_usd", MILLION), ("mw", "mw", 1.0),
            ("share", "revenue_share", 1.0), ("mw_share", "mw_share", 1.0), ("hhi", "hhi", 1.0),
            ("hhi_high", "hhi_high", 1.0),
        ):  # fmt: skip
            record.static(key, scaled(row[column], unit))
    return area.last


def _companies(book: ScreenBook, sheet: Sheet, area: TableRange) -> None:
    found = analysis(book).book
    table, status, causes = (by_company(book, f) for f in (found.table, found.status, found.causes))
    sheet.label(area.first - 2, 0, "Companies: credit, delivery, capex to complete and funding gap", "section")
    sheet.header(area, widths=False, height=46, section=False)
    bridge, totals, multiples = book.ranges["bridge"], book.ranges["totals"], book.ranges["multiples"]
    for i, ticker in enumerate(book.tickers):
        record = sheet.record(area, i)
        at = record.at

        def put(
            key: str, formula: str, name: str, unit: float = MILLION, *, record: Record = record, i: int = i
        ) -> None:
            record.formula(key, formula, scaled(table[name][i], unit), status=status[name][i])

        record.company(ticker, book.companies["name"][i])
        record.text("note", cause_text(status["completed_ev_usd"][i], causes["completed_ev_usd"][i]), "small")
        for key, name in (
            ("contracts", "contracts"), ("walt_mw", "walt_mw_years"), ("walt_revenue", "walt_revenue_years"),
            ("coupon", "project_bond_coupon"), ("graded", "investment_grade_share"),
            ("supported", "credit_supported_share"),
        ):  # fmt: skip
            record.static(key, table[name][i], status=meaning(status[name][i]))
        record.static("ebit", scaled(table["cloud_ebit_usd"][i]))
        # Unknown on Contracts where nobody looked for contracts.
        for key, column, name in (("mw", "mw", "ai_contracted_it_mw"), ("in_service", "service", "ai_in_service_mw")):
            record.formula(key, totals.link(column, i), book.metric(name, i), status=book.status[name][i])
        known = f"COUNT({at('mw')},{at('in_service')})=2"
        share = f'IF({known},IF({at("mw")}>0,{at("in_service")}/{at("mw")},"n.m."),"n/a")'
        record.formula("delivered", share, table["delivered_share"][i], status=status["delivered_share"][i])
        put("noi", _profit(book, i, "lease"), "lease_noi_usd")
        put("ebitda", _profit(book, i, "cloud"), "cloud_ebitda_usd")
        for key, link, name in (
            ("capex", totals.link("spend", i), "capex_to_spend_usd"),
            ("ev", bridge.link("ev", i), "enterprise_value_usd"),
            ("completed", multiples.link("completed", i), "completed_ev_usd"),
        ):
            record.formula(key, link, book.metric(name, i), status=book.status[name][i])
        rate = f'IF({at("completed")}<=0,"n.m.",({at("noi")}+{at("ebitda")})/{at("completed")})'
        rate = f'IF({at("contracts")}=0,"n.m.",IF(ISNUMBER({at("completed")}),{rate},"n/a"))'
        rate = f'IF(COUNT({at("noi")},{at("ebitda")},{at("ev")})=3,{rate},"n/a")'
        put("cap_rate", rate, "implied_cap_rate", 1.0)
        both = f'IF(COUNT({at("cap_rate")},{at("coupon")})=2,{at("cap_rate")}-{at("coupon")},"n.m.")'
        spread = f'IF({at("cap_rate")}="n/a","n/a",{both})'
        put("spread", spread, "yield_spread", 1.0)
        held = f"{bridge.link('cash', i)}-{book.assumption('net_restricted_cash')}*N({bridge.link('restricted', i)})"
        gap = f'IF(ISNUMBER({at("capex")}),MAX(0,{at("capex")}-{held}),"n/a")'
        gap = f'IF({at("contracts")}=0,"n.m.",{gap})'
        put("gap", f'IF(ISNUMBER({bridge.link("cash", i)}),{gap},"n/a")', "funding_gap_usd")


def _profit(book: ScreenBook, i: int, kind: str) -> str:
    """NOI of a company's leases or EBITDA of its GPU cloud, from sheet Contracts."""
    signed = book.ranges["contracts"]
    income = signed.link_span("noi")
    there, any_such, total = [], [], []
    for k in (i, *subsidiaries(book, i)):
        ticker = book.ranges["book"].at("ticker", k)
        own = f'{signed.link_span("ticker")},{ticker},{signed.link_span("ai")},1,{signed.link_span(kind)},"<>0"'
        there.append(f"COUNTIFS({own},{income},{ANY_NUMBER})")
        any_such.append(f"COUNTIFS({own})")
        total.append(f"SUMIFS({income},{own})")
    found = f'IF({"+".join(there)}=0,"n/a",{"+".join(total)})'
    counted = book.ranges["book"].at("contracts", i)
    return f'IF(ISNUMBER({counted}),IF({"+".join(any_such)}=0,0,{found}),"n/a")'
