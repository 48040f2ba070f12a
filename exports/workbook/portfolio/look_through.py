"""Look-through: share of each company held, and the megawatts, contracts and bitcoin that this share owns."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from exports.workbook.portfolio.context import THROUGH, TOP, PortfolioBook, guarded, known, sum_known
from exports.workbook.writer.cells import Record, Sheet
from exports.workbook.writer.ranges import Column, TableRange, cell
from exports.workbook.writer.values import MILLION, meaning, scaled
from valuation.portfolio.look_through import MEANS as MEANS_IN_WORDS
from valuation.portfolio.look_through import NAMED, PER_MW, PRICE_TO_NAV, RAW, is_guaranteed

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
POWER = ("secured", "operating", "it")  # columns whose unit fits what is owned
# Columns for the means of long positions: over what both figures are known of, and what is added up.
FOR_MEANS = "For the means, long positions"
COMPANIES = (
    Column("company", "Company", width=34),
    Column("quantity", "Shares held", "plain", 12),
    Column("value", "Value (USD)", "count", 11),
    Column("diluted", "Diluted shares (m)", "shares", 10),
    Column("share", "Share held", "part", 12),
    *(Column(key, title, kind, 10, "Company") for _, key, title, _, kind in FIGURES),
    Column("nav", "Net asset value by DCF ($m)", "money", 11, "Company"),
    Column("pnav", "P/NAV", "multiple", 8, "Company"),
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
    Column("own_nav", "NAV owned (USD)", "count", 11, "Owned by the portfolio"),
    Column("option_shares", "Shares in options (delta), which own nothing", "count", 12),
    Column("long_ev", "EV, with both", "count", 11, FOR_MEANS),
    Column("long_mw", "MW, with both", "coefficient", 11, FOR_MEANS),
    Column("ev_value", "Value, with both", "count", 11, FOR_MEANS),
    Column("mw_times", "EV per MW x value", "count", 11, FOR_MEANS),
    Column("mw_value", "Value, EV above zero", "count", 11, FOR_MEANS),
    Column("nav_value", "Value, NAV known", "count", 11, FOR_MEANS),
    Column("long_nav", "NAV, with both", "count", 11, FOR_MEANS),
    Column("nav_times", "P/NAV x value", "count", 11, FOR_MEANS),
    Column("pnav_value", "Value, P/NAV meaningful", "count", 11, FOR_MEANS),
    Column("long_value", "Value", "count", 11, FOR_MEANS),
)
MEANS = (
    Column("figure", "Means of the long positions", width=34),
    Column("harmonic", "Harmonic (sum over sum)", "plain"),
    Column("arithmetic", "Arithmetic (by value)", "plain"),
    Column("covered", "Part of value covered", "percent"),
    Column("n", "Companies", "count"),
    Column("of", "of", "count"),
    Column("excluded", "Excluded", "small"),
)
PARTIES = (
    Column("party", "Counterparty", width=24),
    Column("backlog", "Backlog owned (USD)", "count"),
    Column("revenue", "Annual revenue owned (USD)", "count"),
    Column("long", "of long positions (USD)", "count"),
    Column("share", "Share of long backlog", "percent"),
    Column("guaranteed", "Guaranteed (USD)", "count"),
    Column("companies", "Through", "small"),
    Column("more", "", "small"),  # room for the names
    Column("guarantors", "Guaranteed by", "small"),
)
GUARANTORS = (
    Column("party", "Guarantor", width=24),
    Column("backlog", "Backlog guaranteed (USD)", "count"),
    Column("tenants", "Tenants", "small"),
)
CONTRACTS = (
    Column("id", "Contract", width=24),
    Column("company", "Company"),
    Column("backlog", "Backlog, owner's share ($m)", "money"),
    Column("revenue", "Annual revenue ($m)", "money"),
    Column("own_backlog", "Backlog owned (USD)", "count"),
    Column("own_revenue", "Revenue owned (USD)", "count"),
    Column("long", "of long positions (USD)", "count"),
    Column("supported", "Part guaranteed", "percent"),
    Column("guaranteed", "Guaranteed backlog owned (USD)", "count"),
    Column("party", "Counterparty", "small"),
    Column("guarantor", "Guarantor", "small"),
)


def place(book: PortfolioBook) -> None:
    """Cell addresses of companies, counterparties and contracts."""
    through = book.report.look_through
    book.ranges["companies"] = TableRange(THROUGH, COMPANIES, TOP + 2, len(through.companies))
    total = book.ranges["companies"].last + 1
    book.ranges["means"] = TableRange(THROUGH, MEANS, total + 4, 2)
    book.ranges["parties"] = TableRange(THROUGH, PARTIES, total + 12, len(through.counterparties))
    book.ranges["guarantors"] = TableRange(
        THROUGH, GUARANTORS, book.ranges["parties"].last + 5, len(through.guarantors)
    )
    book.ranges["contracts"] = TableRange(THROUGH, CONTRACTS, book.ranges["guarantors"].last + 5, len(_signed(book)))
    for key in ("secured", "it", "revenue", "backlog", "btc"):
        book.cells[f"{key}_owned"] = cell(total, book.ranges["companies"].index(f"own_{key}"), sheet=THROUGH)
    book.cells["btc_usd"] = cell(total + 7, 2, sheet=THROUGH)
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
    unit = book.power[0]
    shown = [
        replace(c, title=c.title.replace("MW", unit)) if c.key in {f"own_{key}" for key in POWER} else c
        for c in area.columns
    ]
    sheet.header(replace(area, columns=tuple(shown)), widths=False, height=48)
    for i in range(area.count):
        _company(book, sheet.record(area, i), i)
    _sums(book, sheet, area)
    _means(book, sheet)
    _parties(book, sheet)
    _guarantors(book, sheet)
    _contracts(book, sheet)
    last = sheet.notes(book.ranges["contracts"].last + 2, _notes(book))
    book.finish(sheet, freeze=(area.first, 1), last=(last, len(COMPANIES) - 1))


def _company(book: PortfolioBook, record: Record, i: int) -> None:
    through, companies, at = book.report.look_through, book.report.companies, record.at
    name = str(through.companies.index[i])
    owned, positions = through.companies.loc[name], book.ranges["positions"]
    mine = f'{positions.link_span("counts_as")},{at("company")},{positions.link_span("kind")},"equity"'
    record.text("company", name, bold=True)
    for key, value in (("quantity", owned["quantity"]), ("value", owned["value_usd"])):
        record.formula(key, sum_known(positions.link_span(key), mine), value)
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
        times = book.power[1] if key in POWER else 1.0
        factor = "*1000000" if scale == MILLION else f"*{times:.0f}" if times != 1 else ""
        formula = guarded(f"{share}*{at(key)}{factor}", share, at(key))
        record.formula(f"own_{key}", formula, owned[metric] * times, status=status)
    nav = owned["nav_usd"] / owned["share"] if owned["share"] else np.nan
    record.static("nav", None if pd.isna(nav) else scaled(nav))
    record.static("pnav", owned["p_nav"], status=meaning(through.status.at[name, "p_nav"]))
    record.formula("own_nav", guarded(f"{share}*{at('nav')}*1000000", share, at("nav")), owned["nav_usd"])
    record.static("option_shares", owned["option_shares"])
    _for_means(book, record, owned)


def _for_means(book: PortfolioBook, record: Record, owned: pd.Series) -> None:
    """What a long position adds to the means."""
    at, times = record.at, book.power[1]
    ev, mw, value = at("own_ev"), at("own_secured"), at("value")
    long = f"{at('quantity')}>0"
    mw_known = f"AND({long},{known(ev, mw)})"
    per_mw = f"AND({long},{known(ev, mw)},N({mw})>0,N({ev})>0)"
    nav = f"AND({long},{known(at('own_nav'))})"
    pnav = f"AND({long},{known(at('pnav'))})"
    held, worth = owned["quantity"] > 0, float(np.nan_to_num(owned["value_usd"]))
    own_ev, own_mw = owned["enterprise_value_usd"], owned["secured_mw"]
    both = held and not (pd.isna(own_ev) or pd.isna(own_mw))
    figure = both and own_mw > 0 and own_ev > 0
    has_nav, has_pnav = held and not pd.isna(owned["nav_usd"]), held and not pd.isna(owned["p_nav"])
    for key, when, formula, counted, result in (
        ("long_ev", mw_known, ev, both, own_ev),
        ("long_mw", mw_known, f"{mw}/{times:.0f}" if times != 1 else mw, both, own_mw),
        ("ev_value", mw_known, value, both, worth),
        (
            "mw_times",
            per_mw,
            f"{ev}/{mw}*{times:.0f}/1000000*{value}",
            figure,
            own_ev / MILLION / own_mw * worth if figure else 0,
        ),
        ("mw_value", per_mw, value, figure, worth),
        ("nav_value", nav, value, has_nav, worth),
        ("long_nav", nav, at("own_nav"), has_nav, owned["nav_usd"]),
        ("nav_times", pnav, f"{at('pnav')}*{value}", has_pnav, owned["p_nav"] * worth),
        ("pnav_value", pnav, value, has_pnav, worth),
        ("long_value", long, value, held, worth),
    ):
        record.formula(key, f"IF({when},{formula},0)", float(result) if counted else 0.0)


def _sums(book: PortfolioBook, sheet: Sheet, area: TableRange) -> None:
    through, row = book.report.look_through, area.last + 1
    sheet.text(row, 0, "Sum", bold=True)
    for metric, key, _, _, _ in FIGURES:
        total = through.totals[metric] * (book.power[1] if key in POWER else 1.0)
        span, column = area.span(f"own_{key}"), area.index(f"own_{key}")
        sheet.formula(row, column, f'IF(COUNT({span})=0,"n/a",SUM({span}))', total, area.kind(f"own_{key}"), bold=True)
    sheet.text(row + 7, 0, "Bitcoin (USD)")
    sheet.input(row + 7, 2, book.report.btc_usd, "price")


def _means(book: PortfolioBook, sheet: Sheet) -> None:
    """Harmonic and arithmetic means of EV per secured MW and P/NAV, and what they cover."""
    area, companies, table = book.ranges["means"], book.ranges["companies"], book.report.look_through.means

    def total(key: str) -> str:
        return f"SUM({companies.span(key)})"

    def over(top: str, bottom: str) -> str:
        return f'IF({bottom}>0,{top}/{bottom},"n/a")'

    sheet.header(area, widths=False, height=24)
    lines = (
        (PER_MW, "EV per secured MW ($m per MW)", "long_ev", "long_mw", "mw_times", "mw_value", "ev_value", "/1000000"),
        (PRICE_TO_NAV, "P/NAV (x)", "nav_value", "long_nav", "nav_times", "pnav_value", "nav_value", ""),
    )
    for i, (name, title, top, bottom, times, weight, covered, scale) in enumerate(lines):
        row, record = table.loc[name], sheet.record(area, i)
        record.text("figure", title, bold=True)
        record.formula("harmonic", over(f"{total(top)}{scale}", total(bottom)), row["harmonic"])
        record.formula("arithmetic", over(total(times), total(weight)), row["arithmetic"])
        record.formula("covered", over(total(covered), total("long_value")), row["covered"])
        record.static("n", float(row["n"]))
        record.static("of", float(row["of"]))
        record.text("excluded", row["excluded"], "small")
    sheet.label(area.last + 1, 0, MEANS_IN_WORDS, "note")


def _signed(book: PortfolioBook) -> pd.DataFrame:
    contracts, through = book.report.companies.contracts, book.report.look_through
    signed = contracts[contracts["is_ai"] & contracts["ticker"].isin(through.companies.index)]
    party = signed[NAMED if NAMED in signed else RAW].fillna("not stated")
    return signed.assign(party=party, backs=is_guaranteed(signed))


def _parties(book: PortfolioBook, sheet: Sheet) -> None:
    area, lines = book.ranges["parties"], book.ranges["contracts"]
    parties = book.report.look_through.counterparties
    sheet.label(area.first - 2, 0, "Backlog by counterparty", "section")
    sheet.header(area, widths=False, height=36)
    long = _long_backlog(book)
    for i, (name, row) in enumerate(parties.iterrows()):
        record = sheet.record(area, i)
        record.text("party", name, "name")
        for key, source, value in (
            ("backlog", "own_backlog", row["backlog_usd"]),
            ("revenue", "own_revenue", row["revenue_usd"]),
            ("long", "long", long[name]),
            ("guaranteed", "guaranteed", row["guaranteed_usd"] if row["guarantors"] else None),
        ):
            total = sum_known(lines.span(source), lines.span("party"), record.at("party"))
            record.formula(key, total, value)
        whole = f"SUM({area.span('long')})"
        part = f'IF({whole}>0,{record.at("long")}/{whole},"n/a")'
        record.formula("share", f'IF(ISNUMBER({record.at("long")}),{part},"n/a")', row["share"])
        record.text("companies", row["companies"], "small")
        record.text("guarantors", row["guarantors"], "small")


def _guarantors(book: PortfolioBook, sheet: Sheet) -> None:
    area, lines = book.ranges["guarantors"], book.ranges["contracts"]
    sheet.label(area.first - 2, 0, "Guaranteed backlog by guarantor", "section")
    sheet.header(area, widths=False, height=24)
    for i, (name, row) in enumerate(book.report.look_through.guarantors.iterrows()):
        record = sheet.record(area, i)
        record.text("party", name, "name")
        total = sum_known(lines.span("guaranteed"), lines.span("guarantor"), record.at("party"))
        record.formula("backlog", total, row["backlog_usd"])
        record.text("tenants", row["tenants"], "small")


def _long_backlog(book: PortfolioBook) -> pd.Series:
    """Backlog of long positions by counterparty; NaN where none of its contracts has one."""
    signed, through = _signed(book), book.report.look_through
    owned = signed["owned_backlog_usd"] * signed["ticker"].map(through.companies["share"])
    return owned.clip(lower=0).groupby(signed["party"]).sum(min_count=1)


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
        long = f'IF(ISNUMBER({at("own_backlog")}),MAX({at("own_backlog")},0),"n/a")'
        record.formula("long", long, None if pd.isna(owned) else max(owned, 0.0))
        # Contracts without a guarantor have blanks, so that no sum of guarantors takes them.
        if row["backs"]:
            record.text("guarantor", row["guarantor"], "small")
            record.static("supported", row["supported_share"])
            guaranteed = guarded(f"{at('own_backlog')}*{at('supported')}", at("own_backlog"), at("supported"))
            record.formula("guaranteed", guaranteed, owned * row["supported_share"])


def _notes(book: PortfolioBook) -> list[str]:
    outside = ", ".join(book.report.look_through.outside)
    return [
        f"Outside the universe, no look-through: {outside or 'none'}.",
        "Diluted shares, megawatts, contracts and enterprise values: the screen of the same date (blue italics).",
        "Bitcoin of a consolidated subsidiary counts for the parent net of minorities; other figures as reported.",
    ]
