"""Funding: the gap still to be raised, net asset value after raising it, liquidity, and debt by year of maturity."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from exports.workbook.sheets.nav_common import analysis, by_company, net_asset_values
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.citations import section
from exports.workbook.writer.context import FIRST, FUNDING, ScreenBook
from exports.workbook.writer.ranges import Column, TableRange
from exports.workbook.writer.texts import paragraphs
from exports.workbook.writer.values import MILLION, is_unknown, meaning, scaled
from valuation.nav.funding import EQUITY_PARTS, NO_YEAR, borrowings
from valuation.nav.names import HEADLINE

GAP, RAISED, LIQUIDITY, WALL = (
    "Funding gap ($m)", "NAV per share after raising the gap (USD)", "Liquidity, fixed at run",
    "Principal by year of maturity, fixed at run ($m)",
)  # fmt: skip
PERCENTS = tuple(round(part * 100) for part in EQUITY_PARTS)
COLUMNS = (
    Column("ticker", "Ticker", width=8),
    Column("company", "Company", width=30),
    Column("capex", "Capex to complete ($m)", "money", 10, GAP),
    Column("restricted", "Restricted project cash ($m)", "money", 10, GAP),
    Column("cash", "Cash ($m)", "money", 10, GAP),
    Column("undrawn", "Undrawn facilities, fixed at run ($m)", "money", 10, GAP),
    Column("gap", "Funding gap ($m)", "money", 10, GAP),
    Column("price", "Price (USD per share)", "price", 9, RAISED),
    Column("shares", "Diluted shares (m)", "shares", 9, RAISED),
    Column("nav", "Net asset value, DCF ($m)", "money", 10, RAISED),
    *(Column(f"equity_{p}", f"{p}% in new shares (USD)", "price", 9, RAISED) for p in PERCENTS),
    Column("borrowed", "Borrowings listed as drawn ($m)", "money", 10, LIQUIDITY),
    Column("interest", "Interest a year ($m)", "money", 9, LIQUIDITY),
    Column("coverage", "of principal with a known coupon (%)", "whole_percent", 9, LIQUIDITY),
    Column("need", "Cash needed in twelve months ($m)", "money", 10, LIQUIDITY),
    Column("months", "Months of liquidity (n)", "years", 9, LIQUIDITY),
)


@lru_cache(maxsize=4)
def _wall_columns(years: tuple[str, ...]) -> tuple[Column, ...]:
    by_year = (Column(f"y_{year}", year, "money", 9, WALL) for year in years)
    return (
        Column("ticker", "Ticker"),
        Column("company", "Company"),
        *by_year,
        Column("sum", "Sum ($m)", "money", 9, WALL),
        Column("unknown", "Commitments, drawn amount unknown ($m)", "money", 10, WALL),
    )


BORROWINGS = (
    Column("ticker", "Ticker"),
    Column("instrument", "Borrowing", "small_wrap", COLUMNS[1].width),
    Column("matures_on", "Matures (date)", "date"),
    Column("principal", "Principal ($m)", "money"),
    Column("drawn", "Drawn ($m)", "money"),
    Column("undrawn", "Undrawn ($m)", "money"),
    Column("unknown", "Drawn amount unknown ($m)", "money"),
    Column("coupon", "Coupon (%)", "percent"),
    Column("interest", "Interest a year ($m)", "money"),
    Column("seniority", "Seniority", "small"),
)


def _years(book: ScreenBook) -> tuple[str, ...]:
    """Years of maturity as text, in order, without a date last."""
    found = set(analysis(book).funding.maturities["year"])
    return (*sorted(found - {NO_YEAR}), *({NO_YEAR} & found))


def _wall(book: ScreenBook) -> list[dict[str, Any]]:
    """Maturities of each company that has any, in the order of the companies."""
    rows = analysis(book).funding.maturities
    out = []
    for ticker in book.tickers:
        mine = rows[rows["ticker"] == ticker]
        if len(mine):
            known = dict(zip(mine["year"], mine["principal_usd"], strict=True))
            out.append(
                {
                    "ticker": ticker,
                    **{f"y_{year}": known.get(year, 0.0) / MILLION for year in book.once(_years)},
                    "unknown": float(mine["unknown_usd"].sum()) / MILLION,
                }
            )
    return out


def _listed(book: ScreenBook) -> list[dict[str, Any]]:
    """Borrowings known on the date and not matured, in the order of the companies and of maturity."""
    rows = borrowings(analysis(book).basis.inputs)
    rows = rows.assign(_row=rows["ticker"].map(book.row_of)).dropna(subset="_row")
    rows = rows.sort_values(["_row", "matures_on", "instrument"], kind="stable", na_position="last")
    names = {"principal": "principal_usd", "drawn": "drawn_usd", "undrawn": "undrawn_usd", "unknown": "unknown_usd",
             "interest": "interest_usd"}  # fmt: skip
    rows = rows.assign(**{key: rows[name] / MILLION for key, name in names.items()})
    return rows[[column.key for column in BORROWINGS]].astype(object).to_dict("records")


def ranges(book: ScreenBook) -> dict[str, TableRange]:
    """Cell addresses of the companies and of the maturities."""
    companies = TableRange(FUNDING, COLUMNS, FIRST, book.n)
    wall = TableRange(FUNDING, _wall_columns(book.once(_years)), companies.last + 5, max(len(book.once(_wall)), 1))
    listed = TableRange(FUNDING, BORROWINGS, wall.last + 4, max(len(book.once(_listed)), 1))
    return {"funding": companies, "maturities": wall, "borrowings": listed}


def write(book: ScreenBook) -> None:
    """Write the sheet."""
    sheet, area, wall = book.sheet(FUNDING), book.ranges["funding"], book.ranges["maturities"]
    book.heading(sheet, FUNDING, "What each company has still to raise, what it owes and when; owner's share.")
    sheet.header(area, height=46)
    found = analysis(book).funding
    table, status = (by_company(book, f) for f in (found.table, found.status))
    for i in range(book.n):
        record = sheet.record(area, i)
        record.company(book.tickers[i], book.companies["name"][i])
        _gap(book, record, i, table, status)
        for key, name, unit in (
            ("borrowed", "borrowed_usd", MILLION), ("interest", "interest_usd", MILLION),
            ("coverage", "interest_coverage", 1.0), ("need", "need_usd", MILLION), ("months", "liquidity_months", 1.0),
        ):  # fmt: skip
            record.static(key, scaled(table[name][i], unit), status=meaning(status[name][i]))
    sheet.filter(area)
    _maturities(book, sheet, wall)
    listed = book.ranges["borrowings"]
    sheet.label(listed.first - 2, 0, "Borrowings listed, as the sources state them, fixed at run time", "section")
    sheet.header(listed, widths=False, height=36, section=False)
    sheet.static_table(listed, book.once(_listed))
    sheet.page.set_h_pagebreaks([wall.first - 3, listed.first - 2])
    last = sheet.notes(listed.last + 2, _notes())
    columns = max(len(area.columns), len(wall.columns)) - 1
    book.finish(sheet, freeze=(area.first, 2), repeat=(0, 3), last=(last, columns))


def _gap(book: ScreenBook, record: Record, i: int, table: dict[str, list[Any]], status: dict[str, list[Any]]) -> None:
    """Funding gap and net asset value per share after raising it."""
    at, nav, bridge = record.at, book.ranges["nav"], book.ranges["bridge"]
    worth, state = net_asset_values(book)

    def link(key: str, formula: str, value: Any, status: str = "ok", unknown: str = "n/a") -> None:
        record.formula(key, formula, value, status=status, unknown=unknown)

    link(
        "capex",
        book.ranges["totals"].link("spend", i),
        scaled(table["capex_to_spend_usd"][i]),
        status["capex_to_spend_usd"][i],
    )
    kept, counted = bridge.link("restricted", i), book.screen.switches.net_restricted_cash
    restricted = book.inputs["restricted_cash"][i]
    amount = 0.0 if is_unknown(restricted) or not counted else restricted / MILLION
    link("restricted", f"{book.assumption('net_restricted_cash')}*N({kept})", amount)
    link("cash", bridge.link("cash", i), book.metric("cash_usd", i), book.status["cash_usd"][i])
    record.static("undrawn", scaled(table["undrawn_usd"][i]), status=status["undrawn_usd"][i])
    gap = f"MAX(0,{at('capex')}-{at('restricted')}-{at('cash')}-N({at('undrawn')}))"
    gap = f'IF(COUNT({at("capex")},{at("cash")})=2,{gap},"n/a")'
    link("gap", gap, scaled(table["funding_gap_usd"][i]), status["funding_gap_usd"][i])
    link("price", bridge.link("price", i), book.metric("price_usd", i), book.status["price_usd"][i])
    link("shares", bridge.link("diluted", i), book.metric("diluted_shares", i), book.status["diluted_shares"][i])
    value = scaled(worth[f"{HEADLINE}_usd"][i])
    link("nav", nav.link("nav", i), value, state[f"{HEADLINE}_usd"][i])
    for part, percent in zip(EQUITY_PARTS, PERCENTS, strict=True):
        name, key = f"nav_per_share_equity_{percent}", f"equity_{percent}"
        known = f"COUNT({at('nav')},{at('gap')},{at('shares')},{at('price')})=4"
        a_share = f"({at('nav')}+{part:g}*{at('gap')})/({at('shares')}+{part:g}*{at('gap')}/{at('price')})"
        other = f'IF(AND({at("nav")}="n.m.",COUNT({at("gap")},{at("shares")},{at("price")})=3),"n.m.","n/a")'
        link(key, f"IF({known},{a_share},{other})", table[name][i], status[name][i])


def _maturities(book: ScreenBook, sheet: Sheet, wall: TableRange) -> None:
    title = (
        "Debt by year of maturity: borrowings listed as drawn; a list to read, never added to the debt of the bridge"
    )
    sheet.label(wall.first - 3, 0, title, "section")
    sheet.header(wall, widths=False, height=46)
    years = book.once(_years)
    if not book.once(_wall):
        sheet.label(wall.first, 1, "no borrowing listed", "note")
    for k, row in enumerate(book.once(_wall)):
        record = sheet.record(wall, k)
        record.company(row["ticker"], book.companies["name"][book.row_of[row["ticker"]]])
        for year in years:
            record.static(f"y_{year}", row[f"y_{year}"])
        total = sum(row[f"y_{year}"] for year in years)
        record.formula("sum", f"SUM({record.at(f'y_{years[0]}')}:{record.at(f'y_{years[-1]}')})", total, bold=True)
        record.static("unknown", row["unknown"])


def _notes() -> list[str]:
    return paragraphs(f"""
        - Funding gap: capex to complete less restricted project cash, cash and undrawn facilities that a row states, not
          below zero. Capex to complete is that of every signed contract whose cost is known; net asset value deducts
          that of the contracts that it values. With a part e of the gap G in new shares at price P it is
          (NAV + e G) / (shares + e G / P) a share; what is borrowed changes no value.
        - Cash needed in twelve months: overhead and interest less mining margin and the contracts' cash NOI of those
          months. Months of liquidity: 12 x (cash + bitcoin) / that need; n.m. where nothing is needed. Interest counts
          stated coupons: where fewer than 100% of the principal have one it is a lower bound.
        - Borrowings, interest, liquidity and maturities are computed by the run and do not follow a changed cell.
          Method: {section(10)}.
    """)
