"""Look-through: share of each company held, and the megawatts, contracts and bitcoin that this share owns."""

from __future__ import annotations

import numpy as np
import pandas as pd

from exports.workbook.portfolio.context import THROUGH, TOP, PortfolioBook, guarded, known
from exports.workbook.writer.cells import MILLION, Column, Record, Sheet, TableRange, cell, scaled
from valuation.portfolio.look_through import NAMED, RAW

# Company figure: column key, title, scale and number format.
FIGURES = (
    ("enterprise_value_usd", "ev", "Enterprise value ($m)", MILLION, "money"),
    ("secured_mw", "secured", "Secured MW", 1.0, "mw"),
    ("operating_mw", "operating", "Operating MW", 1.0, "mw"),
    ("ai_contracted_it_mw", "it", "Contracted critical IT MW", 1.0, "mw"),
    ("contracted_revenue_usd", "revenue", "Annual contracted revenue ($m)", MILLION, "money"),
    ("contracted_noi_usd", "noi", "Annual contracted NOI ($m)", MILLION, "money"),
    ("backlog_usd", "backlog", "Backlog ($m)", MILLION, "money"),
    ("bitcoin", "btc", "Bitcoin (net of minorities)", 1.0, "coins"),
)
OWNED_KINDS = {"usd": "count", "mw": "coefficient", "btc": "coefficient"}
COMPANIES = (
    Column("company", "Company", width=34),
    Column("quantity", "Shares held", "plain", 12),
    Column("value", "Value (USD)", "count", 11),
    Column("diluted", "Diluted shares (m)", "shares", 10),
    Column("share", "Share held", "part", 12),
    *(Column(key, title, kind, 10, "Company") for _, key, title, _, kind in FIGURES),
    *(
        Column(
            f"own_{key}",
            title.replace(" ($m)", " (USD)").replace(" (net of minorities)", " (coins)"),
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
    Column("revenue", "Annual revenue owned (USD)", "count"),
    Column("long", "of long positions (USD)", "count"),
    Column("share", "Share of long backlog", "percent"),
    Column("companies", "Through", "small"),
)
CONTRACTS = (
    Column("id", "Contract", width=24),
    Column("company", "Company"),
    Column("backlog", "Backlog, owner's share ($m)", "money"),
    Column("revenue", "Annual revenue ($m)", "money"),
    Column("own_backlog", "Backlog owned (USD)", "count"),
    Column("own_revenue", "Revenue owned (USD)", "count"),
    Column("long", "of long positions (USD)", "count"),
    Column("party", "Counterparty", "small"),
)


def place(book: PortfolioBook) -> None:
    """Cell addresses of companies, counterparties and contracts."""
    through = book.report.look_through
    book.ranges["companies"] = TableRange(THROUGH, COMPANIES, TOP + 2, len(through.companies))
    after = book.ranges["companies"].last + 8
    book.ranges["parties"] = TableRange(THROUGH, PARTIES, after + 2, len(through.counterparties))
    below = book.ranges["parties"].last + 4
    book.ranges["contracts"] = TableRange(THROUGH, CONTRACTS, below + 2, len(_signed(book)))
    total = book.ranges["companies"].last + 1
    book.cells["btc_owned"] = cell(total, book.ranges["companies"].index("own_btc"), sheet=THROUGH)
    book.cells["btc_usd"] = cell(total + 3, 2, sheet=THROUGH)
    book.cells["largest_party"] = f"MAX({book.ranges['parties'].link_span('share')})"


def write(book: PortfolioBook) -> None:
    """Write the sheet."""
    sheet, area = book.sheet(THROUGH), book.ranges["companies"]
    book.heading(
        sheet,
        THROUGH,
        "Share held = shares held / diluted shares; owned = share held x company figure. Short positions are negative.",
    )
    sheet.set_widths([c.width for c in COMPANIES])
    if area.count == 0 or book.report.look_through.companies.empty:
        sheet.label(TOP, 0, "No position is a company of the universe.", "note")
        book.ranges["companies"] = TableRange(THROUGH, COMPANIES, TOP + 2, 0)
    sheet.header(area, widths=False, height=48)
    for i in range(area.count):
        _company(book, sheet.record(area, i), i)
    _sums(book, sheet, area)
    _parties(book, sheet)
    _contracts(book, sheet)
    last = sheet.notes(book.ranges["contracts"].last + 2, _notes(book))
    book.finish(sheet, freeze=(area.first, 1), last=(last, len(COMPANIES) - 1))


def _company(book: PortfolioBook, record: Record, i: int) -> None:
    through, companies, at = book.report.look_through, book.report.companies, record.at
    name = str(through.companies.index[i])
    owned, positions = through.companies.loc[name], book.ranges["positions"]
    mine = f'{positions.link_span("counts_as")},{at("company")},{positions.link_span("kind")},"equity"'
    record.text("company", name, bold=True)
    for key, value in (("quantity", owned["quantity"]), ("value", np.nan_to_num(owned["value_usd"]))):
        record.formula(key, f"SUMIFS({positions.link_span(key)},{mine})", value)
    record.static("diluted", scaled(owned["diluted_shares"]))
    quantity, diluted, share = at("quantity"), at("diluted"), at("share")
    record.formula("share", guarded(f"{quantity}/({diluted}*1000000)", quantity, diluted), owned["share"])
    # The coins behind the share held, net of minorities, brought back to the whole company.
    bitcoin = owned["bitcoin"] / owned["share"] if owned["share"] else np.nan
    for metric, key, _, scale, _ in FIGURES:
        whole, status = bitcoin if key == "btc" else companies.table.at[name, metric], through.status.at[name, metric]
        record.static(
            key,
            None if pd.isna(owned[metric]) else scaled(whole, scale),
            status="ok" if status == "not_meaningful" else status,
        )
        times = f"{share}*{at(key)}" + ("*1000000" if scale == MILLION else "")
        record.formula(f"own_{key}", guarded(times, share, at(key)), owned[metric], status=status)
    ev, mw = at("own_ev"), at("own_secured")
    both = f"AND({quantity}>0,{known(ev, mw)})"
    counted = owned["quantity"] > 0 and not (pd.isna(owned["enterprise_value_usd"]) or pd.isna(owned["secured_mw"]))
    for key, source, metric in (("long_ev", ev, "enterprise_value_usd"), ("long_mw", mw, "secured_mw")):
        record.formula(key, f"IF({both},{source},0)", owned[metric] if counted else 0.0)


def _sums(book: PortfolioBook, sheet: Sheet, area: TableRange) -> None:
    through, row = book.report.look_through, area.last + 1
    sheet.text(row, 0, "Sum", bold=True)
    for metric, key, _, _, _ in FIGURES:
        total = through.totals[metric]
        column = area.index(f"own_{key}")
        formula = f"SUM({area.span(f'own_{key}')})"
        sheet.formula(row, column, formula, np.nan_to_num(total), area.kind(f"own_{key}"), bold=True)
    ev, mw = (f"SUM({area.span(key)})" for key in ("long_ev", "long_mw"))
    sheet.text(row + 1, 0, "EV / secured MW, longs ($m per MW)", bold=True)
    sheet.formula(row + 1, 2, f'IF({mw}>0,{ev}/{mw}/1000000,"n/a")', through.ev_per_mw, "per_mw", bold=True)
    sheet.text(row + 2, 0, "P/NAV, longs")
    sheet.static(row + 2, 2, None if np.isnan(through.p_nav) else through.p_nav, "multiple")
    sheet.text(row + 3, 0, "Bitcoin (USD)")
    sheet.input(row + 3, 2, book.report.btc_usd, "price")


def _signed(book: PortfolioBook) -> pd.DataFrame:
    contracts, through = book.report.companies.contracts, book.report.look_through
    signed = contracts[contracts["is_ai"] & contracts["ticker"].isin(through.companies.index)]
    return signed.assign(party=signed[NAMED if NAMED in signed else RAW].fillna("not stated"))


def _parties(book: PortfolioBook, sheet: Sheet) -> None:
    area, lines = book.ranges["parties"], book.ranges["contracts"]
    parties = book.report.look_through.counterparties
    sheet.label(area.first - 2, 0, "Backlog by counterparty", "section")
    sheet.header(area, widths=False, height=36)
    long = parties["share"] * _long_backlog(book)
    for i, (name, row) in enumerate(parties.iterrows()):
        record = sheet.record(area, i)
        record.text("party", name, "name")
        for key, source, value in (
            ("backlog", "own_backlog", row["backlog_usd"]),
            ("revenue", "own_revenue", row["revenue_usd"]),
            ("long", "long", long[name]),
        ):
            total = f"SUMIFS({lines.span(source)},{lines.span('party')},{record.at('party')})"
            record.formula(key, total, np.nan_to_num(value))
        whole = f"SUM({area.span('long')})"
        record.formula("share", f'IF({whole}>0,{record.at("long")}/{whole},"n/a")', row["share"])
        record.text("companies", row["companies"], "small")


def _long_backlog(book: PortfolioBook) -> float:
    signed, through = _signed(book), book.report.look_through
    part = signed["ticker"].map(through.companies["share"])
    return float((signed["owned_backlog_usd"] * part).where(part > 0).sum())


def _contracts(book: PortfolioBook, sheet: Sheet) -> None:
    area, companies = book.ranges["contracts"], book.ranges["companies"]
    through = book.report.look_through
    row_of = {str(name): i for i, name in enumerate(through.companies.index)}
    sheet.label(area.first - 2, 0, "Contracts", "section")
    sheet.header(area, widths=False, height=36)
    for i, row in enumerate(_signed(book).to_dict("records")):
        record, share = sheet.record(area, i), companies.at("share", row_of[row["ticker"]])
        part, at = through.companies.at[row["ticker"], "share"], record.at
        record.text("id", row["contract_id"], "name")
        record.text("company", row["ticker"])
        record.text("party", row["party"], "small")
        for key, metric in (("backlog", "owned_backlog_usd"), ("revenue", "owned_annual_revenue_usd")):
            record.static(key, scaled(row[metric]))
            record.formula(f"own_{key}", guarded(f"{share}*{at(key)}*1000000", share, at(key)), part * row[metric])
        owned = part * row["owned_backlog_usd"]
        long = f"IF(ISNUMBER({at('own_backlog')}),MAX({at('own_backlog')},0),0)"
        record.formula("long", long, 0.0 if pd.isna(owned) else max(owned, 0.0))


def _notes(book: PortfolioBook) -> list[str]:
    outside = ", ".join(book.report.look_through.outside)
    return [
        f"Outside the universe, no look-through: {outside or 'none'}.",
        "Diluted shares, megawatts, contracts and enterprise values: the screen of the same date (blue italics).",
        "Bitcoin of a consolidated subsidiary counts for the parent net of minorities; other figures as reported.",
    ]
