"""Funding as tables: the gap, net asset value after raising it, interest, liquidity, and debt by year of maturity."""

from __future__ import annotations

import pandas as pd

from exports.tables.formats import money
from exports.tables.spec import Block, Column, TableSpec, Text
from valuation.nav.funding import Funding

NEVER = "not needed"
# Longer than this no figure of months is worth reading.
MOST_MONTHS = 120
LONG, LONG_SHORT = "more than ten years", "over 120"


def funding_table(found: Funding, tickers: pd.Index) -> TableSpec:
    """Funding gap, net asset value per share after raising it, interest and months of liquidity, a row a company."""
    rows, status = found.table.droplevel("as_of").loc[tickers], found.status.droplevel("as_of").loc[tickers]
    frame = rows.sort_values("funding_gap_usd", ascending=False)
    status = status.loc[frame.index]
    no_need = status["liquidity_months"].eq("not_meaningful") & rows.loc[frame.index, "need_usd"].le(0)
    frame = frame.assign(
        months=[
            NEVER if none else "n/a" if pd.isna(m) else LONG_SHORT if m > MOST_MONTHS else f"{m:,.0f}"
            for none, m in zip(no_need, frame["liquidity_months"], strict=True)
        ],
    )
    share = "usd_per_share"
    columns = (
        Column("ticker", "Funding"), Column("capex_to_spend_usd", "Capex to complete", "usd_m", "Capex to\ncomplete"),
        Column("funding_gap_usd", "Funding gap", "usd_m", "Funding\ngap"),
        Column("nav_per_share_equity_0", "NAV, no equity", share, "NAV, no\nequity"),
        Column("nav_per_share_equity_30", "NAV, 30% equity", share, "30%\nequity"),
        Column("nav_per_share_equity_100", "NAV, all equity", share, "all\nequity"),
        Column("interest_usd", "Interest a year", "usd_m", "Interest\na year"),
        Column("months", "Months of liquidity", "figures", "Months of\nliquidity"),
    )  # fmt: skip
    about = (
        "Funding gap: capex to complete of every signed contract less restricted cash, cash and undrawn facilities that a "
        "source states. NAV per share by DCF after raising that part of the gap in new shares at today's price, the rest "
        "in debt. Interest: stated coupons on the borrowings listed as drawn, without preferred dividends. Months of "
        "liquidity: cash and bitcoin over overhead and interest less mining margin and contract NOI of the next twelve "
        "months, before capex."
    )
    return TableSpec("funding", frame, columns, status=status.drop(columns="liquidity_months"), notes=(about,))


def funding_blocks(found: Funding, ticker: str) -> list[Block]:
    """One company's funding in sentences and its debt by year of maturity."""
    row = found.table.xs(ticker, level="ticker").iloc[0]
    blocks: list[Block] = []
    if not pd.isna(row["funding_gap_usd"]):
        text = (
            f"{money(row['funding_gap_usd'])}. NAV per share after raising it with no equity "
            f"${row['nav_per_share_equity_0']:,.2f}, 30% in equity ${row['nav_per_share_equity_30']:,.2f}, all in equity "
            f"${row['nav_per_share_equity_100']:,.2f}."
        )
        if row["funding_gap_usd"] == 0:
            text = "none: cash and restricted cash cover the capex to complete."
            if row["capex_to_spend_usd"] == 0:
                text = "none: there is no capex to complete."
        blocks.append(Text(f": {text}", lead="Funding gap"))
    else:
        blocks.append(Text(": n/a (capex to complete or cash unknown).", lead="Funding gap"))
    mine = found.maturities[found.maturities["ticker"] == ticker]
    if len(mine):
        columns = (
            Column("year", "Debt matures"), Column("principal_usd", "Principal", "usd_m", zero="-"),
            Column("unknown_usd", "Drawn unknown", "usd_m", zero="-"), Column("instruments", "Borrowings"),
        )  # fmt: skip
        frame = mine.assign(instruments=[_short(text) for text in mine["instruments"]])
        about = "As listed by source; a list to read, not the debt of the bridge. Drawn unknown: the commitment."
        blocks.append(TableSpec("maturities", frame, columns, notes=(about,), data=mine))
    blocks.append(Text(f"{_interest(row)} {_liquidity(row)}"))
    return blocks


def _short(text: str, width: int = 40) -> str:
    """Whole names of borrowings as far as they fit, else the first one cut."""
    if len(text) <= width:
        return text
    whole, names = "", text.split("; ")
    for name in names:
        longer = f"{whole}; {name}" if whole else name
        if len(longer) + 6 > width:
            break
        whole = longer
    left = len(names) - len(whole.split("; ")) if whole else 0
    return f"{whole}; +{left}" if whole else f"{text[: width - 3]}..."


def _interest(row: pd.Series) -> str:
    dividend = row["preferred_dividend_usd"]
    beside = "" if pd.isna(dividend) else f" Preferred dividend, no interest and beside it: {money(dividend)} a year."
    if pd.isna(row["interest_usd"]):
        return f"Interest: no borrowing is listed.{beside}"
    known = row["interest_coverage"]
    part = "" if pd.isna(known) or known > 0.9995 else f" Coupons are known for {known:.0%} of the principal."
    return f"Interest: {money(row['interest_usd'])} a year on {money(row['borrowed_usd'])} of principal.{part}{beside}"


def _liquidity(row: pd.Series) -> str:
    if row["need_usd"] <= 0:
        return "Liquidity: mining margin and contract NOI of the next twelve months cover overhead and interest."
    if pd.isna(row["liquidity_months"]):
        return "Liquidity: estimate not available (overhead, mining or cash unknown)."
    known = row["interest_coverage"]
    mark = " (at most: coupons are unknown in part)" if pd.isna(row["interest_usd"]) or known < 0.9995 else ""
    months = row["liquidity_months"]
    told = LONG if months > MOST_MONTHS else f"{months:,.0f} months"
    return f"Liquidity: cash and bitcoin last {told} before capex{mark}."
