"""Look-through: the part of each company that is held, and what that part owns: megawatts, contracts, bitcoin."""

from __future__ import annotations

import numpy as np
import pandas as pd

from exports.workbook.portfolio.context import THROUGH, TOP, Book, guarded, known, widths
from exports.workbook.writer.cells import MILLION, Column, Grid, Sheet, cell, scaled
from valuation.portfolio.look_through import NAMED, RAW

# Owned figure -> column key, title, scale and kind of the company's own.
FIGURES = (
    ("enterprise_value_usd", "ev", "Enterprise value ($m)", MILLION, "money"),
    ("secured_mw", "secured", "Secured MW", 1.0, "mw"),
    ("operating_mw", "operating", "Operating MW", 1.0, "mw"),
    ("ai_contracted_it_mw", "it", "Contracted critical IT MW", 1.0, "mw"),
    ("contracted_revenue_usd", "revenue", "Contracted revenue a year ($m)", MILLION, "money"),
    ("contracted_noi_usd", "noi", "Contracted NOI a year ($m)", MILLION, "money"),
    ("backlog_usd", "backlog", "Backlog ($m)", MILLION, "money"),
    ("bitcoin", "btc", "Bitcoin (own holders' coins)", 1.0, "coins"),
)
OWNED_KINDS = {"usd": "count", "mw": "coefficient", "btc": "coefficient"}
COMPANIES = (
    Column("company", "Company", width=34),
    Column("quantity", "Shares held", "plain", 12),
    Column("value", "Value (USD)", "count", 11),
    Column("diluted", "Diluted shares (m)", "shares", 10),
    Column("share", "Part held", "part", 12),
    *(Column(key, title, kind, 10, "The company") for _, key, title, _, kind in FIGURES),
    *(
        Column(
            f"own_{key}",
            title.replace(" ($m)", " (USD)").replace(" (own holders' coins)", " (coins)"),
            "count" if scale == MILLION else "coefficient",
            11,
            "Owned by the portfolio",
        )
        for _, key, title, scale, _ in FIGURES
    ),
    Column("long_ev", "EV, longs with both", "count", 11, "For EV per MW"),
    Column("long_mw", "MW, longs with both", "coefficient", 11, "For EV per MW"),
)
PARTIES = (
    Column("party", "Counterparty", width=24),
    Column("backlog", "Backlog owned (USD)", "count"),
    Column("revenue", "Revenue a year owned (USD)", "count"),
    Column("long", "of long positions (USD)", "count"),
    Column("share", "Share of long backlog", "percent"),
    Column("companies", "Through", "small"),
)
CONTRACTS = (
    Column("id", "Contract", width=24),
    Column("company", "Company"),
    Column("backlog", "Backlog, owner's share ($m)", "money"),
    Column("revenue", "Revenue a year ($m)", "money"),
    Column("own_backlog", "Backlog owned (USD)", "count"),
    Column("own_revenue", "Revenue owned (USD)", "count"),
    Column("long", "of long positions (USD)", "count"),
    Column("party", "Counterparty", "small"),
)


def place(book: Book) -> None:
    """Companies, then counterparties, then the contracts that they come from."""
    through = book.report.look_through
    book.grids["companies"] = Grid(THROUGH, COMPANIES, TOP + 2, len(through.companies))
    after = book.grids["companies"].last + 8
    book.grids["parties"] = Grid(THROUGH, PARTIES, after + 2, len(through.counterparties))
    below = book.grids["parties"].last + 4
    book.grids["contracts"] = Grid(THROUGH, CONTRACTS, below + 2, len(_signed(book)))
    total = book.grids["companies"].last + 1
    book.cells["btc_owned"] = cell(total, book.grids["companies"].index("own_btc"), sheet=THROUGH)
    book.cells["btc_usd"] = cell(total + 3, 2, sheet=THROUGH)
    book.cells["largest_party"] = f"MAX({book.grids['parties'].link_span('share')})"


def write(book: Book) -> None:
    """Write the sheet."""
    sheet, grid = book.sheet(THROUGH), book.grids["companies"]
    book.top(
        sheet,
        THROUGH,
        "Part held = shares held / diluted shares; what is owned = part x the company's. Shorts negative.",
    )
    widths(sheet, COMPANIES)
    if grid.count == 0 or book.report.look_through.companies.empty:
        sheet.words(TOP, 0, "No position is a company of the universe.", "note")
        book.grids["companies"] = Grid(THROUGH, COMPANIES, TOP + 2, 0)
    sheet.header(grid, widths=False, height=48)
    for i in range(grid.count):
        _company(book, sheet, grid, i)
    _sums(book, sheet, grid)
    _parties(book, sheet)
    _contracts(book, sheet)
    last = sheet.lines(book.grids["contracts"].last + 2, _notes(book))
    book.finish(sheet, freeze=(grid.first, 1), last=(last, len(COMPANIES) - 1))


def _company(book: Book, sheet: Sheet, grid: Grid, i: int) -> None:
    through, companies = book.report.look_through, book.report.companies
    name = str(through.companies.index[i])
    owned, row = through.companies.loc[name], grid.first + i
    positions = book.grids["positions"]
    mine = f'{positions.link_span("counts_as")},{grid.at("company", i)},{positions.link_span("kind")},"equity"'
    sheet.text(row, 0, name, bold=True)
    quantity = f"SUMIFS({positions.link_span('quantity')},{mine})"
    sheet.formula(row, grid.index("quantity"), quantity, owned["quantity"], "plain")
    sheet.formula(
        row,
        grid.index("value"),
        f"SUMIFS({positions.link_span('value')},{mine})",
        np.nan_to_num(owned["value_usd"]),
        "count",
    )
    diluted = scaled(owned["diluted_shares"])
    sheet.static(row, grid.index("diluted"), diluted, "shares")
    at, share = {key: grid.at(key, i) for key in ("quantity", "diluted")}, grid.at("share", i)
    part = guarded(f"{at['quantity']}/({at['diluted']}*1000000)", at["quantity"], at["diluted"])
    sheet.formula(row, grid.index("share"), part, owned["share"], "part")
    for metric, key, _, scale, kind in FIGURES:
        whole = (
            companies.bitcoin_usd.get(name) / book.report.btc_usd if key == "btc" else companies.table.at[name, metric]
        )
        status = through.status.at[name, metric]
        lacks = pd.isna(owned[metric])
        figure = None if lacks else scaled(whole, scale)
        sheet.static(row, grid.index(key), figure, kind, status=status)
        their, own = grid.at(key, i), grid.index(f"own_{key}")
        times = f"{share}*{their}" + ("*1000000" if scale == MILLION else "")
        sheet.formula(row, own, guarded(times, share, their), owned[metric], grid.kind(f"own_{key}"), status=status)
    ev, mw = grid.at("own_ev", i), grid.at("own_secured", i)
    both = f"AND({at['quantity']}>0,{known(ev, mw)})"
    counted = owned["quantity"] > 0 and not (pd.isna(owned["enterprise_value_usd"]) or pd.isna(owned["secured_mw"]))
    for key, source, metric in (("long_ev", ev, "enterprise_value_usd"), ("long_mw", mw, "secured_mw")):
        sheet.formula(row, grid.index(key), f"IF({both},{source},0)", owned[metric] if counted else 0.0, grid.kind(key))


def _sums(book: Book, sheet: Sheet, grid: Grid) -> None:
    through, row = book.report.look_through, grid.last + 1
    sheet.text(row, 0, "Sum", bold=True)
    for metric, key, _, _, _ in FIGURES:
        total = through.totals[metric]
        column = grid.index(f"own_{key}")
        formula = f"SUM({grid.span(f'own_{key}')})"
        sheet.formula(row, column, formula, np.nan_to_num(total), grid.kind(f"own_{key}"), bold=True)
    ev, mw = (f"SUM({grid.span(key)})" for key in ("long_ev", "long_mw"))
    sheet.text(row + 1, 0, "EV / secured MW, longs (m USD per MW)", bold=True)
    sheet.formula(row + 1, 2, f'IF({mw}>0,{ev}/{mw}/1000000,"n/a")', through.ev_per_mw, "per_mw", bold=True)
    sheet.text(row + 2, 0, "P/NAV, longs")
    sheet.static(row + 2, 2, None if np.isnan(through.p_nav) else through.p_nav, "multiple")
    sheet.text(row + 3, 0, "Bitcoin (USD)")
    sheet.input(row + 3, 2, book.report.btc_usd, "price")


def _signed(book: Book) -> pd.DataFrame:
    contracts, through = book.report.companies.contracts, book.report.look_through
    signed = contracts[contracts["is_ai"] & contracts["ticker"].isin(through.companies.index)]
    return signed.assign(party=signed[NAMED if NAMED in signed else RAW].fillna("not stated"))


def _parties(book: Book, sheet: Sheet) -> None:
    grid, lines = book.grids["parties"], book.grids["contracts"]
    parties = book.report.look_through.counterparties
    sheet.words(grid.first - 2, 0, "Backlog by counterparty", "section")
    sheet.header(grid, widths=False, height=36)
    long = parties["share"] * _long_backlog(book)
    for i, (name, row) in enumerate(parties.iterrows()):
        line = grid.first + i
        sheet.text(line, 0, name, "name")
        who = f"{lines.span('party')},{grid.at('party', i)}"
        for key, source, value in (
            ("backlog", "own_backlog", row["backlog_usd"]),
            ("revenue", "own_revenue", row["revenue_usd"]),
            ("long", "long", long[name]),
        ):
            total = f"SUMIFS({lines.span(source)},{who})"
            sheet.formula(line, grid.index(key), total, np.nan_to_num(value), "count")
        whole = f"SUM({grid.span('long')})"
        share = f'IF({whole}>0,{grid.at("long", i)}/{whole},"n/a")'
        sheet.formula(line, grid.index("share"), share, row["share"], "percent")
        sheet.text(line, grid.index("companies"), row["companies"], "small")


def _long_backlog(book: Book) -> float:
    signed, through = _signed(book), book.report.look_through
    part = signed["ticker"].map(through.companies["share"])
    return float((signed["owned_backlog_usd"] * part).where(part > 0).sum())


def _contracts(book: Book, sheet: Sheet) -> None:
    grid, companies = book.grids["contracts"], book.grids["companies"]
    through = book.report.look_through
    row_of = {str(name): i for i, name in enumerate(through.companies.index)}
    sheet.words(grid.first - 2, 0, "Contracts behind it", "section")
    sheet.header(grid, widths=False, height=36)
    for i, row in enumerate(_signed(book).to_dict("records")):
        line, share = grid.first + i, companies.at("share", row_of[row["ticker"]])
        part = through.companies.at[row["ticker"], "share"]
        sheet.text(line, 0, row["contract_id"], "name")
        sheet.text(line, 1, row["ticker"])
        sheet.text(line, grid.index("party"), row["party"], "small")
        for key, metric in (("backlog", "owned_backlog_usd"), ("revenue", "owned_annual_revenue_usd")):
            whole = row[metric]
            sheet.static(line, grid.index(key), scaled(None if pd.isna(whole) else whole), "money")
            own = guarded(f"{share}*{grid.at(key, i)}*1000000", share, grid.at(key, i))
            sheet.formula(line, grid.index(f"own_{key}"), own, part * whole, "count")
        mine = grid.at("own_backlog", i)
        long = 0.0 if pd.isna(part * row["owned_backlog_usd"]) else max(part * row["owned_backlog_usd"], 0.0)
        sheet.formula(line, grid.index("long"), f"IF(ISNUMBER({mine}),MAX({mine},0),0)", long, "count")


def _notes(book: Book) -> list[str]:
    outside = ", ".join(book.report.look_through.outside)
    return [
        f"Outside the universe, not looked through: {outside or 'nothing'}.",
        "Diluted shares, megawatts, contracts and enterprise values are those of the screen of the same day (blue italics).",
        "Bitcoin of a consolidated subsidiary counts for the parent less what others own of it; other figures as reported.",
    ]
