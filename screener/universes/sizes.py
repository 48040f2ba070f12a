"""Sizes out of proportion in a universe's files: what is a valid number and hardly the figure that was meant.

A figure is held against the other rows of the same company and item, and against the other companies; a close against the
closes beside it. Nothing is changed or refused: `screener universe check` tells each as a warning, with what to look for.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.splits import days, split_factor

if TYPE_CHECKING:
    from screener.universes import Universe

# A figure this many times its neighbours, or their part, is told.
APART = 100.0
CLOSE_APART = 10.0
ALONE = 200.0  # shares and MW against those of other companies: sizes differ by more than within one company
MONEY_ALONE = 1e-4  # and USD: a company may hold little, and hardly a ten-thousandth of the others
LEAST_PEERS = 3
# The least that an item can be where a company has any: below it the unit is wrong (millions, or kW for MW).
MONEY = (
    "cash", "debt_total", "restricted_cash", "revenue_total", "revenue_ai_hpc", "revenue_mining",
    "convertible_notes_carrying",
    "convertible_notes_principal", "other_debt_carrying", "total_assets", "sga_cash", "backlog_reported", "capex",
    "lease_liabilities_finance", "preferred_equity",
)  # fmt: skip
LEAST_USD, LEAST_SHARES = 1000.0, 10_000.0
MOST_SHARES = 1e11
MOST_MW = 50_000.0
# USD a year for each critical IT MW, of the cheapest shell and the dearest cloud with room to spare.
LEAST_RATE, MOST_RATE = 2e4, 2e8
MOST_CONTRACT_MW = 3000.0
MW_COLUMNS = ("critical_it_mw", "gross_mw")
MONEY_COLUMNS = ("total_value_usd", "annual_revenue_usd", "capex_usd", "credit_support_usd")
MOST_TOLD = 50


def warnings(universe: Universe) -> list[Problem]:
    """Every figure of a universe that is out of proportion, file by file, at most `MOST_TOLD` a file.

    A universe with problems is told of too: what could not be read is unknown here.
    """
    found = _facts(universe.facts)
    secured = universe.facts
    secured = secured[secured["item"].eq("mw_secured")].groupby("ticker")["value"].max()
    for rows in (universe.contracts, universe.phases, universe.sites):
        found += _contracts(rows, secured)
    found += _closes(universe.prices, universe.splits)
    out: list[Problem] = []
    for file in dict.fromkeys(one.file for one in found):
        mine = [one for one in found if one.file == file]
        out += mine[:MOST_TOLD]
        if len(mine) > MOST_TOLD:
            out.append(Problem(file, None, "", "", "", f"and {len(mine) - MOST_TOLD:,} more sizes out of proportion"))
    return out


def _facts(rows: pd.DataFrame) -> list[Problem]:
    """Facts in a unit that cannot be, or far from the company's other rows of the item and from other companies'."""
    rows = rows.dropna(subset=["ticker", "item", "value"])
    rows = rows[rows["value"] != 0]
    if rows.empty:
        return []
    size = rows["value"].abs()
    text = pd.Series("", index=rows.index, dtype=object)
    money, shares = rows["item"].isin(MONEY), rows["item"].eq("shares_outstanding")
    mw = rows["item"].str.startswith("mw_")
    text = _first(
        text, money & (size < LEAST_USD), "under $1,000 where companies have millions: write USD, not millions"
    )
    text = _first(text, shares & (size < LEAST_SHARES), "fewer than 10,000 shares: write shares, not millions")
    text = _first(
        text, shares & (size > MOST_SHARES), "more than 100 billion shares: write shares, not thousands of them"
    )
    text = _first(text, mw & (size > MOST_MW), "more than 50,000 MW: write MW, not kW")
    alike = rows.groupby(["ticker", "item"])["value"]
    middle, count = alike.transform(lambda one: one.abs().median()), alike.transform("size")
    # Of two rows neither is the odd one; of revenue lines a quarter of one hundredth is a business that begins or ends.
    steady = shares | rows["item"].isin(
        ("debt_total", "total_assets", "cash", "mw_secured", "mw_operating", "revenue_total")
    )
    # Of two rows that differ the later one is told.
    later = rows.groupby(["ticker", "item"])["published_on"].rank(method="first").eq(2) & (count == 2)
    for k in text.index[(text == "") & steady & later]:
        pair = (rows["ticker"] == rows.at[k, "ticker"]) & (rows["item"] == rows.at[k, "item"])
        before = float(size[pair].drop(k).iloc[0])
        ratio = size[k] / before
        if ratio >= APART or ratio <= 1 / APART:
            text[k] = f"{_times(ratio)} the company's row before ({before:,.6g}): check the unit and the decimal point"
    for k in text.index[(text == "") & steady & (count >= LEAST_PEERS)]:
        ratio = size[k] / middle[k]
        if ratio >= APART or ratio <= 1 / APART:
            others = f"the company's other rows of {rows.at[k, 'item']} are near {middle[k]:,.6g}"
            text[k] = f"{_times(ratio)} what is usual ({others}): check the unit and the decimal point"
    text = _against_peers(rows, size, text, shares | mw, most=ALONE)
    text = _against_peers(rows, size, text, rows["item"].isin(("cash", "revenue_total")), least=MONEY_ALONE)
    return _told(rows, text, "value")


def _against_peers(
    rows: pd.DataFrame, size: pd.Series, text: pd.Series, wanted: pd.Series, *, most: float = np.inf, least: float = 0.0
) -> pd.Series:
    """Items of a company all of whose rows are `most` times those of the other companies, or `least` of them."""
    for item, mine in rows[wanted].groupby("item"):
        by_company = size[mine.index].groupby(mine["ticker"]).median()
        if len(by_company) <= LEAST_PEERS:
            continue
        for ticker, typical in by_company.items():
            others = float(by_company.drop(ticker).median())
            if typical >= most * others or typical <= least * others:
                for k in mine.index[mine["ticker"] == ticker]:
                    told = f"{_times(size[k] / others)} the {item} of the other companies (median {others:,.6g})"
                    text[k] = text[k] or f"{told}: check the unit"
    return text


def _contracts(rows: pd.DataFrame, secured: pd.Series) -> list[Problem]:
    """Contracts in kW or in millions: MW and USD against what a contract can be, and MW against the company's own."""
    found: list[Problem] = []
    for name in MW_COLUMNS:
        if name in rows:
            wrong = rows[name] > MOST_MW
            found += _told(rows, _first(_blank(rows), wrong, "more than 50,000 MW: write MW, not kW"), name)
    for name in MONEY_COLUMNS:
        if name in rows:
            wrong = (rows[name] > 0) & (rows[name] < LEAST_USD)
            found += _told(rows, _first(_blank(rows), wrong, "under $1,000: write USD, not millions"), name)
    if "critical_it_mw" not in rows or "ticker" not in rows or rows.empty:
        return found
    mw = rows["critical_it_mw"]
    own = rows["ticker"].map(secured)
    text = _first(_blank(rows), (mw >= MOST_CONTRACT_MW) & (mw <= MOST_MW), "3,000 MW or more: write MW, not kW")
    wrong = (mw > 3 * own) & (mw <= MOST_MW)
    text = _first(text, wrong, "more than three times the company's secured MW (capacity.csv): write MW, not kW")
    found += _told(rows, text, "critical_it_mw")
    if "total_value_usd" in rows:
        share = rows["total_value_usd"] / rows["term_years"]
        rate = rows["annual_revenue_usd"].where(rows["annual_revenue_usd"].notna(), share) / mw
        wrong = ((rate < LEAST_RATE) | (rate > MOST_RATE)) & (text == "") & (rows["total_value_usd"] >= LEAST_USD)
        for k in rows.index[wrong]:
            told = f"${rate[k]:,.0f} a year for each critical IT MW: check USD against millions, and MW against kW"
            found += _told(rows, _blank(rows).where(rows.index != k, told), "total_value_usd")
    return found


def _closes(prices: pd.DataFrame, splits: pd.DataFrame) -> list[Problem]:
    """A close ten times, or a tenth of, the close before it on one share basis; a single odd close is told once."""
    rows = prices.dropna(subset=["date", "ticker", "close_usd"])
    rows = rows[rows["close_usd"] > 0].sort_values(["ticker", "date"], kind="stable")
    if rows.empty:
        return []
    names = rows["ticker"].to_numpy(dtype=object)
    on = days(rows["date"])
    last = np.full(len(rows), on.max())
    clean = splits.dropna(subset=["ticker", "first_day_on_new_basis", "shares_multiplier"])
    factor = split_factor(clean, names, on, last) if len(clean) else np.ones(len(rows))
    log = np.log10(rows["close_usd"].to_numpy(dtype=float) / np.asarray(factor, dtype=float).reshape(len(rows)))
    before, after = np.r_[np.nan, np.diff(log)], np.r_[np.diff(log), np.nan]
    first = np.r_[True, names[1:] != names[:-1]]
    final = np.r_[names[1:] != names[:-1], True]
    before[first], after[final] = np.nan, np.nan
    apart = np.log10(CLOSE_APART)
    jump = np.abs(before) >= apart
    # The close after a single odd one is back where the others are; of a first odd close the second is.
    back = np.r_[False, jump[1:] & jump[:-1] & (np.sign(before[1:]) != np.sign(before[:-1]))]
    start = first & np.r_[jump[1:], False] & np.r_[~jump[2:], False, False] & ~final & ~np.r_[first[2:], True, True]
    odd = (jump & ~back & ~np.r_[False, start[:-1]]) | start
    text = pd.Series("", index=rows.index, dtype=object)
    for k in np.flatnonzero(odd):
        ratio = 10 ** (before[k] if not start[k] else -after[k])
        beside = "the close before" if not start[k] else "the close after"
        text.iloc[k] = (
            f"{_times(ratio)} {beside} of {names[k]}: check the decimal point and the currency, or add a row to splits.csv"
        )
    return _told(rows, text, "close_usd")


def _blank(rows: pd.DataFrame) -> pd.Series:
    return pd.Series("", index=rows.index, dtype=object)


def _first(text: pd.Series, wrong: pd.Series, told: str) -> pd.Series:
    return text.mask((text == "") & wrong.fillna(False).astype(bool), told)


def _times(ratio: float) -> str:
    return f"{ratio:,.0f} times" if ratio >= 1 else f"1/{1 / ratio:,.0f} of"


def _told(rows: pd.DataFrame, text: pd.Series, column: str) -> list[Problem]:
    told = rows[text.reindex(rows.index).fillna("") != ""]
    return [
        Problem(str(row["file"]), int(row["line"]), column, f"{row[column]:.10g}", "", str(text[k]))
        for k, row in told.iterrows()
    ]
