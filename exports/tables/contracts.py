"""The contract book as a page: signed contracts with counterparty, term, start, rent and capex to complete."""

from __future__ import annotations

from typing import Any

import pandas as pd

from exports.tables.formats import LEGEND, day, figure, money, percent, several
from exports.tables.machine import one_date
from exports.tables.spec import Block, Column, Page, TableSpec, Text, note, warning
from valuation.contracts.book import COMPARABLES, MINERS, OUTSIDE, ContractBook
from valuation.contracts.credit import RULES
from valuation.contracts.tape import credit_ladder, lease_tape, medians
from valuation.contracts.terms import CLOUD, LEASE
from valuation.nav.analysis import NavAnalysis

BUSINESS = {LEASE: "leases", CLOUD: "GPU cloud"}
YEARS_SHOWN = 8
NAMES_SHOWN = 8
CLAIM_BN = 65
CLAIM_FROM, CLAIM_UNTIL = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-03-31")


def contracts_page(nav: NavAnalysis, ticker: str | None = None) -> Page:
    """Every company's signed contracts, or one company's term by term."""
    book = nav.book
    frames = {
        "years": book.years.drop(columns="as_of"),
        "contracts": book.contracts.drop(columns="as_of"),
        "companies": one_date(book.table, book.status).machine(),
        "concentration": book.concentration.drop(columns="as_of"),
        "signed": book.signed.drop(columns="as_of"),
        "tranches": book.tranches.drop(columns=["as_of", "row"]),
        "credit_ladder": credit_ladder(book.contracts),
        "lease_tape": lease_tape(book.contracts),
    }
    if ticker is not None:
        frames = {
            name: frame[frame["ticker"].isin([ticker] if name == "companies" else book.holders(ticker))]
            for name, frame in frames.items()
            if "ticker" in frame.columns
        }
    content = {"as_of": nav.as_of, "assumptions": nav.assumptions, **frames}
    title = f"Signed AI contracts, owner's share, {day(nav.as_of)}"
    if ticker is not None:
        return Page(f"{ticker}: {title[0].lower()}{title[1:]}", _company(book, ticker), content, frames)
    blocks = [warning("No contract is signed on this date.")] if book.contracts.empty else _book(book, nav.as_of)
    return Page(title, blocks, content, frames)


def _book(book: ContractBook, as_of: pd.Timestamp) -> list[Block]:
    return [
        *_signed(book, as_of), _companies(book), *_years(book), _ladder(book), *_tape(book), *_concentration(book),
        *_sector(book),
        note(f"Credit classes: {RULES}"),
    ]  # fmt: skip


def _signed(book: ContractBook, as_of: pd.Timestamp) -> list[Block]:
    frame = book.signed.assign(kind=book.signed["business"].map(BUSINESS))
    columns = (
        Column("scope", "Signed value"), Column("kind", "Business"), Column("contracts", "Contracts", "count"),
        Column("owned_usd", "Owner's share", "usd"), Column("at_100_percent_usd", "At 100%", "usd"),
        Column("critical_it_mw", "Critical IT", "mw_critical_it"),
    )  # fmt: skip
    total = book.signed.groupby("scope")[["owned_usd", "at_100_percent_usd"]].sum()
    mine = total.loc[MINERS] if MINERS in total.index else pd.Series({"owned_usd": 0.0, "at_100_percent_usd": 0.0})
    blocks: list[Block] = [
        TableSpec("signed", frame, columns),
        Text(f"signed by miners ({money(mine['at_100_percent_usd'])} at 100%).", lead=money(mine["owned_usd"])),
    ]
    if CLAIM_FROM <= as_of <= CLAIM_UNTIL:
        blocks.append(
            Text(f"Press reports of early 2026 cite ${CLAIM_BN}bn; they do not say which companies are counted.")
        )
    others = [
        f"{scope} ({money(total.loc[scope, 'owned_usd'])})" for scope in (OUTSIDE, COMPARABLES) if scope in total.index
    ]
    excluded = ", ".join([*others, "options and renewals", "hosting of bitcoin miners"])
    unvalued = ", ".join(filter(None, book.signed.loc[book.signed["scope"] == MINERS, "without_announced_value"]))
    return [
        *blocks,
        Text(
            "Included: leases and GPU cloud, base terms as announced, joint ventures at the owner's share, subsidiaries "
            "once."
        ),
        Text(f"Excluded: {excluded}" + (f"; value not announced: {unvalued}." if unvalued else ".")),
    ]


def _companies(book: ContractBook) -> TableSpec:
    outside = book.excluded.droplevel("as_of").astype(bool)
    table = book.table.droplevel("as_of")
    signed = table["contracts"] > 0
    columns = (
        Column("ticker", ""), Column("contracted_mw", "Contracted", "mw_critical_it", "Contr.", zero="-"),
        Column("signed_value_usd", "Value", "usd", zero="-"),
        Column("backlog_usd", "Backlog", "usd", "Back-\nlog", zero="-"),
        Column("lease_noi_usd", "Lease NOI", "usd", "Lease\nNOI", zero="-"),
        Column("cloud_ebitda_usd", "Cloud EBITDA", "usd", "Cloud\nEBITDA", zero="-"),
        Column("cloud_ebit_usd", "Cloud EBIT", "usd", "Cloud\nEBIT", zero="-"),
        Column("walt_revenue_years", "WALT", "years", zero="-"),
        Column("capex_to_spend_usd", "Capex to complete", "usd", "Capex\nto com-\nplete", zero="-"),
        Column("implied_cap_rate", "Contracted yield", "fraction_fine", "Yield", zero="-"),
        Column("project_bond_coupon", "Coupon of project bonds", "fraction_fine", "Cou-\npon", zero="-"),
        Column("funding_gap_usd", "Funding gap", "usd", "Fund-\ning\ngap", zero="-"),
        Column("investment_grade_share", "Investment-grade share", "fraction", "Inv.\ngrade", zero="-"),
    )  # fmt: skip
    about = (
        "NOI of leases, EBITDA and EBIT (after GPUs) of GPU cloud: a year. WALT: weighted average lease term. Capex to "
        "complete: of the MW not in service, from the date of the cash figure. Yield: NOI and EBITDA over EV plus that "
        "capex, beside the coupon of project bonds. Funding gap: capex less restricted project cash and cash, not "
        "below zero. Investment-grade share: of value, owed or guaranteed. "
        f"{LEGEND}, * outside the statistics."
    )
    return TableSpec(
        "companies", table[signed], columns, status=book.status.droplevel("as_of")[signed], notes=(about,),
        marks=outside[signed].map({True: "*", False: ""}),
    )  # fmt: skip


def _years(book: ContractBook) -> list[Block]:
    as_of = book.contracts["as_of"].iloc[0]
    sums = {name: book.by_year(f"{name}_usd", scope=MINERS) for name in ("revenue", "noi", "ebit")}
    years = [y for y in sums["revenue"].columns if y >= as_of.year][:YEARS_SHOWN]
    if not years:
        return []
    rows = {}
    for business in (b for b in (LEASE, CLOUD) if b in sums["revenue"].index):
        lines = {"revenue": "revenue"} | (
            {"noi": "NOI"} if business == LEASE else {"noi": "EBITDA", "ebit": "EBIT after GPUs"}
        )
        for key, label in lines.items():
            rows[f"{BUSINESS[business]}: {label}"] = sums[key].loc[business].reindex(years)
    about = (
        "Whole calendar years, by phases: each part of a contract earns from the day on which it is or is to be delivered. "
        f"Contracts with an assumed start date: {book.contracts['start_is_assumed'].sum()}."
    )
    return [_by_year("years_by_business", "Miners, $m", pd.DataFrame(rows).T.rename_axis("line"), (about,))]


def _by_year(name: str, head: str, frame: pd.DataFrame, notes: tuple[str, ...] = ()) -> TableSpec:
    """A row a line, a column a year, in millions."""
    label = str(frame.index.name)
    years = [Column(str(year), str(year), "usd_m_bare", unknown="-") for year in frame.columns]
    frame = frame.set_axis([str(year) for year in frame.columns], axis=1)
    return TableSpec(name, frame, (Column(label, head), *years), notes=notes)


def _ladder(book: ContractBook) -> TableSpec:
    rows = credit_ladder(book.contracts[book.contracts["scope"] == MINERS])
    rows["credit"] = [paid_by(row) for row in rows.itertuples()]
    columns = (
        Column("ticker", ""), Column("tenant", "Tenant"), Column("credit", "Credit"),
        Column("critical_it_mw", "Critical IT", "mw_critical_it", "IT MW"),
        Column("rent_usd", "Revenue a year", "usd_m", "Rev.\n$m"),
        Column("starts_on", "Starts", "date"), Column("expires_on", "Expires", "date"),
    )  # fmt: skip
    return TableSpec("credit_ladder", rows, columns, notes=("Credit ladder, best credit first: owner's share.",))


def paid_by(row: Any) -> str:
    """Who pays a contract of the credit ladder, and who stands behind how much of it."""
    own = row.own_class.replace("_", " ")
    return f"{own}; {row.guarantor} {row.covered:.0%}" if row.guarantor and row.covered > 0 else own


def _tape(book: ContractBook) -> list[Block]:
    tape = lease_tape(book.contracts[book.contracts["scope"] != COMPARABLES])
    rows = medians(tape)
    rows = rows.assign(business=rows["business"].map(BUSINESS), vintage=rows["vintage"].astype(str))
    columns = (
        Column("business", "Median a year"), Column("vintage", "Signed in"),
        Column("contracts", "Contracts", "count"),
        Column("rent_usd_per_mw", "Rent per critical IT MW", "usd_m_fine", "Rent per\nIT MW, $m"),
        Column("first_year_usd_per_mw", "First year's rent per critical IT MW", "usd_m_fine", "First\nyear, $m"),
        Column("noi_usd_per_mw", "NOI or EBITDA per critical IT MW", "usd_m_fine", "NOI or\nEBITDA, $m"),
    )  # fmt: skip
    unknown = tape.loc[tape["rent_usd_per_mw"].isna(), "contract_id"]
    note_ = "Lease tape of the miners: average over the term, first year with its escalator, operating income. "
    note_ += f"Without a stated value or MW: {several(len(unknown), 'contract', 'contracts')}."
    return [TableSpec("lease_tape", rows, columns, notes=(note_,))]


def _concentration(book: ContractBook) -> list[Block]:
    rows = book.concentration[book.concentration["scope"] == "sector"]
    if rows.empty:
        return []
    columns = (
        Column("name", "Sector by counterparty, leases and GPU cloud", short="Sector by counterparty"),
        Column("contracts", "Contracts", "count"), Column("revenue_usd", "Revenue a year", "usd_m"),
        Column("revenue_share", "Share", "fraction"), Column("mw", "Critical IT", "mw_critical_it"),
    )  # fmt: skip
    found = []
    for by, group in rows.groupby("by", sort=False):
        top = group.iloc[0]
        low, high = top["hhi"], top["hhi_high"]
        index = f"{low:.2f}" if abs(high - low) < 0.005 else f"{low:.2f} to {high:.2f}"
        found.append(f"{str(by).replace('_', ' ')} {index} (largest: {top['name']} {top['revenue_share']:.0%})")
    largest = rows[rows["by"] == "counterparty"].head(NAMES_SHOWN)
    return [TableSpec("concentration", largest, columns), Text(f"HHI by revenue: {'; '.join(found)}.")]


def _sector(book: ContractBook) -> list[Block]:
    row = book.sector().iloc[-1]
    unknown = int(row["companies_without_funding_gap"])
    return [
        Text(
            f"Sector: lease NOI {money(row['lease_noi_usd'])} a year; GPU cloud EBITDA {money(row['cloud_ebitda_usd'])}, "
            f"EBIT {money(row['cloud_ebit_usd'])}; {row['in_service_mw']:,.0f} of {row['contracted_mw']:,.0f} MW in service "
            f"({row['delivered_share']:.0%})."
        ),
        Text(
            f"Capex to complete {money(row['capex_to_spend_usd'])}; funding gap of the companies that have one "
            f"{money(row['funding_gap_usd'])} (undrawn facilities and future cash flow unknown)"
            + (f"; unknown for {several(unknown, 'company', 'companies')}." if unknown else ".")
        ),
    ]


def _company(book: ContractBook, ticker: str) -> list[Block]:
    """One company's contracts, term by term and year by year."""
    rows = book.of(ticker)
    if rows.empty:
        return [Text(_none_listed(book, ticker))]
    blocks: list[Block] = [block for row in rows.itertuples() for block in _contract(row)]
    years = book.years[book.years["ticker"].isin(book.holders(ticker))]
    if len(years):
        wide = years.pivot_table(index="contract_id", columns="year", values="remaining_usd", aggfunc="sum")
        shown = [year for year in wide.columns if year >= years["as_of"].iloc[0].year][:YEARS_SHOWN]
        blocks.append(_by_year("remaining_by_year", "Remaining revenue, $m", wide.reindex(columns=shown)))
    unscheduled = rows[rows["not_scheduled"] != ""]
    return blocks + [
        warning(f"{row.contract_id}: {row.not_scheduled}; in no year of the schedule.")
        for row in unscheduled.itertuples()
    ]


def _none_listed(book: ContractBook, ticker: str) -> str:
    """No contract listed: nothing signed where somebody looked, else unknown."""
    row = book.table.xs(ticker, level="ticker").iloc[-1]
    if pd.notna(row["contracts"]):
        return f"{ticker} has no signed AI contract known on this date."
    if row["backlog_usd"] > 0:
        return f"{ticker}'s contracts are not listed one by one; it reports a backlog of {money(row['backlog_usd'])}."
    return (
        f"No signed AI contract of {ticker} is listed. Its contracts have not been reviewed, so the total is unknown."
    )


def _contract(row: Any) -> list[Block]:
    """One contract: counterparty, term, money, credit."""
    cloud = row.business == CLOUD
    parts = [
        f"{'GPU cloud' if cloud else 'Lease'}, {row.counterparty_name}",
        f"{figure(row.owned_it_mw, 'mw')} MW of critical IT",
        f"start {row.first_start_on:%Y-%m-%d}{' (assumed)' if row.first_start_is_assumed else ''}",
        f"term {figure(row.term_years, 'number_fine')} years",
    ]
    if row.owner_share < 1:
        parts.append(f"owner's share {row.owner_share:.1%}")
    if row.escalator_used > 0:
        parts.append(f"escalator {row.escalator_used:.1%}{' (assumed)' if row.escalator_is_assumed else ''}")
    if row.in_service_share > 0:
        parts.append(f"{figure(row.owned_in_service_mw, 'mw')} MW in service")
    kind = "EBITDA" if cloud else "NOI"
    average, first = row.owned_annual_revenue_usd, row.owned_first_year_revenue_usd
    earned = (
        f"Value {money(row.owned_value_usd)}, backlog {money(row.owned_backlog_usd)}; revenue a year {money(average)} on "
        f"average, {money(first)} in the first year; {kind} {money(row.owned_noi_usd)} (margin {row.margin_used:.1%}"
        f"{', assumed' if row.margin_is_assumed else ''})"
    )
    blocks: list[Block] = [
        Text(str(row.contract_id), "heading"),
        Text(", ".join(parts) + "."),
        Text(earned + (f"; EBIT after GPUs {money(row.owned_ebit_usd)}." if cloud else ".")),
    ]
    if pd.notna(row.owned_it_mw) and row.owned_it_mw > 0:
        a_mw = [figure(usd * row.margin_used / row.owned_it_mw, "usd_m_fine") for usd in (average, first)]
        blocks.append(
            Text(f"{kind} per MW of critical IT: ${a_mw[0]}m a year on average, ${a_mw[1]}m in the first year.")
        )
    guarantee = (
        f"{row.guarantor} guarantees {percent(row.supported_share)}" if row.supported_share > 0 else "no guarantor"
    )
    return [
        *blocks,
        Text(
            f"Credit: {row.own_class.replace('_', ' ')}, {guarantee}. Capex to complete {money(row.capex_to_spend_usd)} "
            f"({row.capex_basis}). Location: {row.state}, {row.grid_operator}."
        ),
    ]
