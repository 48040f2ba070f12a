"""The contract book in a terminal of 80 columns: what is signed, with whom, when it pays, what it still costs."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from exports.commentary.numbers import marked, number
from exports.terminal.layout import dense, small, table, warn
from valuation.contracts.book import COMPARABLES, MINERS, OUTSIDE, ContractBook
from valuation.contracts.credit import RULES
from valuation.contracts.terms import CLOUD, LEASE, elapsed_value
from valuation.fundamentals.contract_schedule import DAYS_PER_YEAR

BILLION, MILLION = 1e9, 1e6
BUSINESS = {LEASE: "leases", CLOUD: "GPU cloud"}
YEARS_SHOWN = 8
NAMES_SHOWN = 8
CLAIM_BN = 65
CLAIM_FROM, CLAIM_UNTIL = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-03-31")
HALF_A_YEAR = 0.5
COMPANY_COLUMNS = (
    ("contracted_mw", "{:,.0f}", 1.0),
    ("signed_value_usd", "{:.1f}", BILLION),
    ("backlog_usd", "{:.1f}", BILLION),
    ("lease_noi_usd", "{:.2f}", BILLION),
    ("cloud_ebitda_usd", "{:.2f}", BILLION),
    ("cloud_ebit_usd", "{:.2f}", BILLION),
    ("walt_revenue_years", "{:.1f}", 1.0),
    ("capex_to_spend_usd", "{:.1f}", BILLION),
    ("implied_cap_rate", "{:.1f}", 0.01),
    ("funding_gap_usd", "{:.1f}", BILLION),
    ("investment_grade_share", "{:.0f}%", 0.01),
)


def print_book(console: Console, book: ContractBook, as_of: pd.Timestamp) -> None:
    """Signed value and what it holds, each company, the years, concentration, and what to doubt."""
    console.print(f"[bold]Signed AI contracts as of {as_of:%Y-%m-%d}[/], owner's share, leases and GPU cloud apart")
    if book.contracts.empty:
        warn(console, "Nothing is signed on this date.")
        return
    _signed(console, book, as_of)
    _companies(console, book)
    _years(console, book)
    _concentration(console, book)
    _sector(console, book)
    small(console, f"Credit: {RULES}")


def _signed(console: Console, book: ContractBook, as_of: pd.Timestamp) -> None:
    shown = table("Signed value, bn USD", "Business", "Contracts", "Owner's", "At 100%", "IT MW", left=2)
    for row in book.signed.itertuples():
        shown.add_row(
            row.scope, BUSINESS[row.business], str(row.contracts), number(row.owned_usd / BILLION, "{:.1f}"),
            number(row.at_100_percent_usd / BILLION, "{:.1f}"), number(row.critical_it_mw, "{:,.0f}"),
        )  # fmt: skip
    console.print(shown)
    total = book.signed.groupby("scope")[["owned_usd", "at_100_percent_usd"]].sum() / BILLION
    mine = total.loc[MINERS] if MINERS in total.index else pd.Series({"owned_usd": 0.0, "at_100_percent_usd": 0.0})
    console.print(
        f"[bold]{mine['owned_usd']:.1f} bn USD[/] signed by miners ({mine['at_100_percent_usd']:.1f} at 100%)."
    )
    if CLAIM_FROM <= as_of <= CLAIM_UNTIL:
        console.print(f"Published in early 2026: {CLAIM_BN} bn; who counted what is not told.")
    held = "In it: base terms as announced, joint ventures at the owner's share, subsidiaries once"
    console.print(f"{held}, leases and GPU cloud together.")
    others = [scope for scope in (OUTSIDE, COMPARABLES) if scope in total.index]
    left = [f"{scope} ({total.loc[scope, 'owned_usd']:.1f} bn)" for scope in others]
    unvalued = ", ".join(filter(None, book.signed.loc[book.signed["scope"] == MINERS, "without_announced_value"]))
    left += ["options and renewals", "hosting of bitcoin miners"]
    console.print(Text("Not in it: " + ", ".join(left) + (f"; no value announced: {unvalued}." if unvalued else ".")))


def _companies(console: Console, book: ContractBook) -> None:
    shown = dense("bn USD", "IT MW", "Value", "Left", "Lease\nNOI", "Cloud\nEBITDA", "Cloud\nEBIT", "WALT\nyears",
                  "Capex\nleft", "Cap\nrate", "Lacks", "Graded")  # fmt: skip
    rows, status = book.table.droplevel("as_of"), book.status.droplevel("as_of")
    outside = book.excluded.droplevel("as_of")
    for ticker in rows.index[rows["contracts"] > 0]:
        row, state = rows.loc[ticker], status.loc[ticker]
        cells = [
            "-" if row[name] == 0 and state[name] == "ok" else marked(row[name], state[name], shape, scale)
            for name, shape, scale in COMPANY_COLUMNS
        ]
        shown.add_row(f"{ticker}{'*' if outside[ticker] else ''}", *cells)
    console.print(shown)
    small(
        console,
        "A year: NOI of leases, EBITDA and EBIT (after GPUs) of GPU cloud. Left: backlog. Capex left: counted from the "
        "day of the cash figure. Cap rate: NOI and EBITDA over EV plus that capex, in %. Lacks: capex less cash, "
        "restricted too; below zero it is funded. Graded: value owed or backed by investment grade. s stale, p proxy, n.m. "
        "not meaningful, * outside the statistics.",
    )


def _years(console: Console, book: ContractBook) -> None:
    as_of = book.contracts["as_of"].iloc[0]
    columns = {"revenue": "revenue_usd", "noi": "noi_usd", "ebit": "ebit_usd"}
    sums = {name: book.by_year(column, scope=MINERS) for name, column in columns.items()}
    years = [y for y in sums["revenue"].columns if y >= as_of.year][:YEARS_SHOWN]
    if not years:
        return
    shown = table("Miners, m USD", *map(str, years))
    for business in (b for b in (LEASE, CLOUD) if b in sums["revenue"].index):
        lines = [("revenue", f"{BUSINESS[business]}, revenue")]
        lines += [("noi", "  NOI")] if business == LEASE else [("noi", "  EBITDA"), ("ebit", "  EBIT after GPUs")]
        for key, label in lines:
            values = sums[key].loc[business].reindex(years)
            shown.add_row(label, *(number(v / MILLION, "{:,.0f}") if pd.notna(v) else "-" for v in values))
    console.print(shown)
    later = _with_ramp(book, years[1] if len(years) > 1 else years[0])
    small(
        console,
        "Whole calendar years. Every contract counts in full from its first phase: with deliveries spread over half a year, "
        f"revenue of {later[0]} is {later[2]:,.0f} m in place of {later[1]:,.0f} m. Contracts without a start, dated by "
        f"assumption: {book.contracts['start_is_assumed'].sum()}.",
    )


def _with_ramp(book: ContractBook, year: int) -> tuple[int, float, float]:
    """Miners' revenue of a year in m USD, as scheduled and with half a year of ramp."""
    rows = book.calendar.contracts[book.calendar.contracts["scope"] == MINERS]
    edges = pd.to_datetime([f"{year}-01-01", f"{year + 1}-01-01"])
    at = pd.concat([(edge - rows["start_used"]).dt.days / DAYS_PER_YEAR for edge in edges], axis=1).to_numpy()
    sums = []
    for ramp in (book.assumptions.ramp_years, HALF_A_YEAR):
        paid = elapsed_value(rows, at, ramp)
        sums.append(float((paid[:, 1] - paid[:, 0]).sum() / MILLION))
    return year, sums[0], sums[1]


def _concentration(console: Console, book: ContractBook) -> None:
    rows = book.concentration[book.concentration["scope"] == "sector"]
    if rows.empty:
        return
    shown = table("Sector by counterparty, leases and GPU cloud together", "Contracts", "m USD a year", "Share", "MW")
    mine = rows[rows["by"] == "counterparty"]
    for row in mine.head(NAMES_SHOWN).itertuples():
        shown.add_row(
            Text(row.name, no_wrap=True, overflow="ellipsis"), str(row.contracts),
            number(row.revenue_usd / MILLION, "{:,.0f}"), number(row.revenue_share, "{:.0%}"), number(row.mw, "{:,.0f}"),
        )  # fmt: skip
    console.print(shown)
    told = []
    for by, group in rows.groupby("by", sort=False):
        top = group.iloc[0]
        low, high = top["hhi"], top["hhi_high"]
        index = f"{low:.2f}" if abs(high - low) < 0.005 else f"{low:.2f} to {high:.2f}"
        told.append(f"{by.replace('_', ' ')} {index} (largest: {top['name']} {top['revenue_share']:.0%})")
    console.print(Text("HHI by revenue: " + "; ".join(told) + "."))


def _sector(console: Console, book: ContractBook) -> None:
    row = book.sector().iloc[-1]
    leases, cloud = row["lease_noi_usd"] / BILLION, row["cloud_ebitda_usd"] / BILLION
    ebit = row["cloud_ebit_usd"] / BILLION
    console.print(
        f"Sector: lease NOI {leases:.2f} bn a year; GPU cloud EBITDA {cloud:.2f} bn, EBIT {ebit:.2f} bn; "
        f"{row['in_service_mw']:,.0f} of {row['contracted_mw']:,.0f} MW in service ({row['delivered_share']:.0%})."
    )
    unknown = int(row["companies_without_funding_gap"])
    console.print(
        f"{row['capex_to_spend_usd'] / BILLION:.1f} bn still to spend; companies that lack cash for it lack "
        f"{row['funding_gap_usd'] / BILLION:.1f} bn (undrawn facilities and later cash flow are not known)"
        + (f"; unknown for {unknown}." if unknown else ".")
    )


def print_company(console: Console, book: ContractBook, ticker: str) -> None:
    """One company's contracts, term by term and year by year."""
    rows = book.contracts[book.contracts["ticker"] == ticker]
    if rows.empty:
        console.print(f"{ticker} has signed no AI contract that is known on this date.")
        return
    console.print(f"[bold]{ticker}[/]: signed AI contracts, owner's share")
    for row in rows.itertuples():
        _contract(console, row)
    years = book.years[book.years["ticker"] == ticker]
    if len(years):
        _company_years(console, years)
    out = rows[rows["not_scheduled"] != ""]
    for row in out.itertuples():
        warn(console, f"{row.contract_id}: {row.not_scheduled}, so it is in no year.")


def _contract(console: Console, row: tuple) -> None:
    start = f"{row.start_used:%Y-%m-%d}" + (" (assumed)" if row.start_is_assumed else "")
    console.print(Text(f"\n{row.contract_id}", "bold"))
    parts = [
        f"{'GPU cloud' if row.business == CLOUD else 'lease'}, {row.counterparty_name}",
        f"{number(row.owned_it_mw, '{:,.0f}')} critical IT MW",
        f"start {start}",
        f"term {number(row.term_years, '{:.1f}')} years",
    ]
    if row.owner_share < 1:
        parts.append(f"owner's share {row.owner_share:.1%}")
    if pd.notna(row.escalator):
        parts.append(f"escalator {row.escalator:.1%}")
    console.print(Text(", ".join(parts)))
    margin = f"margin {row.margin_used:.1%}" + (" (assumed)" if row.margin_is_assumed else "")
    kind = "EBITDA" if row.business == CLOUD else "NOI"
    value, left = (number(v / BILLION) for v in (row.owned_value_usd, row.owned_backlog_usd))
    money = (row.owned_annual_revenue_usd, row.owned_first_year_revenue_usd, row.annual_noi_usd, row.annual_ebit_usd)
    average, first, noi, ebit = (number(v / MILLION, "{:,.0f}") for v in money)
    console.print(
        f"value {value} bn, left {left} bn; a year {average} m on average, {first} m in the first; {kind} {noi} m "
        f"({margin})" + (f"; EBIT after GPUs {ebit} m" if row.business == CLOUD else "")
    )
    if pd.notna(row.owned_it_mw) and row.owned_it_mw > 0:
        per_mw = [number(v * row.margin_used / row.owned_it_mw / MILLION) for v in money[:2]]
        console.print(f"{kind} per IT MW: {per_mw[0]} m a year on average, {per_mw[1]} m in the first year")
    backed = row.supported_share > 0
    backing = f"{row.guarantor} covers {row.supported_share:.0%}" if backed else "nobody else stands behind it"
    cost = number(row.capex_to_spend_usd / BILLION)
    credit = row.own_class.replace("_", " ")
    console.print(
        Text(
            f"credit {credit}, {backing}; still to spend {cost} bn ({row.capex_basis}); {row.state}, {row.grid_operator}"
        )
    )


def _company_years(console: Console, years: pd.DataFrame) -> None:
    as_of = years["as_of"].iloc[0]
    wide = years.pivot_table(index="contract_id", columns="year", values="remaining_usd", aggfunc="sum")
    shown_years = [y for y in wide.columns if y >= as_of.year][:YEARS_SHOWN]
    shown = table("Revenue after the day, m USD", *map(str, shown_years))
    for contract, row in wide.reindex(columns=shown_years).iterrows():
        shown.add_row(str(contract), *(number(v / MILLION, "{:,.0f}") if pd.notna(v) else "-" for v in row))
    console.print(shown)
