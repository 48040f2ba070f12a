"""Funding: the gap to be raised, net asset value after raising it, debt by year of maturity, interest, liquidity."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.borrowings import NO_YEAR, borrowings, by_company, funding_gap, preferred_dividend
from valuation.contracts.book import ContractBook
from valuation.fundamentals.company_metrics import Valuation
from valuation.inputs import Inputs
from valuation.mining.economics import Mining
from valuation.nav.names import HEADLINE
from valuation.nav.sum_of_parts import Nav
from valuation.status import Ledger, carried

__all__ = ["EQUITY_PARTS", "NO_YEAR", "Funding", "borrowings", "funding", "maturities"]

EQUITY_PARTS = (0.0, 0.3, 1.0)  # of the funding gap in new shares
MONTHS_PER_YEAR = 12


@dataclass(frozen=True, repr=False)
class Funding(ResultMixin):
    """What each company has still to raise, what it owes and when, and how long its liquidity lasts. Money USD.

    Attributes
    ----------
    table, status, causes : DataFrame
        A row an (as_of, ticker): capex_to_spend_usd (of every signed contract whose cost is known: the contract book's),
        valued_capex_usd (of it, that of the contracts in the net asset value), undrawn_usd (of facilities that a row
        states; NaN where the draw is unknown), funding_gap_usd (not below zero), nav_per_share_equity_0, _30 and _100
        (after raising that percentage of the gap in new shares at today's price), borrowed_usd (principal of the
        borrowings listed as drawn), interest_usd (a year, where the coupon is known), interest_coverage (part of
        borrowed_usd with a known coupon), preferred_dividend_usd (a year, on the preferred as the bridge counts it;
        neither debt nor interest, and no part of the need), need_usd (cash needed in the next twelve months),
        liquidity_months (NaN and `not_meaningful` where nothing is needed).
    maturities : DataFrame
        A row a (ticker, year): principal_usd and instruments of the borrowings listed as drawn, unknown_usd (commitments
        whose drawn amount is unknown). `NO_YEAR` where no date is stated. The list is for reading: it is not the debt of
        the bridge and is never added to it.
    """

    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame
    maturities: pd.DataFrame

    @property
    def frame(self) -> pd.DataFrame:
        """The company table."""
        return self.table

    def _summary(self) -> Summary:
        columns = {"funding_gap_usd": "Funding gap", "nav_per_share_equity_0": "NAV, no equity",
                   "nav_per_share_equity_100": "NAV, all equity", "interest_usd": "Interest a year",
                   "liquidity_months": "Months of liquidity"}  # fmt: skip
        shown = self.table.droplevel("as_of")[list(columns)].dropna(how="all").rename(columns=columns)
        return Summary("Funding", tables=(small(shown, "USD, USD per share and months"),))


def funding(inputs: Inputs, valuation: Valuation, book: ContractBook, mining: Mining, nav: Nav) -> Funding:
    """Funding gap, net asset value per share after raising it, interest and months of liquidity of every company.

    Notes
    -----
    METHODS sections 5 and 10. Gap G = max(0, capex to spend - restricted project cash - cash - undrawn facilities), on the
    capex of every contract. The net asset value already deducts that of the contracts that it values, so with a part e
    of G in new shares at price P it is (NAV + e G) / (S + e G / P) a share; what is borrowed changes no value. Months =
    12 x (cash + bitcoin) / (overhead + interest - mining margin - contract NOI of the next twelve months), where that
    need is positive. Interest counts coupons that are stated: where coverage is below 1 it is a lower bound.
    """
    index, worth = inputs.index, nav.table
    debt = borrowings(inputs)
    listed = by_company(debt, index)
    ledger = Ledger(index)
    for name in ("cash_usd", "bitcoin_usd", "overhead_a_year_usd", "next_noi_usd", f"{HEADLINE}_usd", "price_usd",
                 "diluted_shares"):  # fmt: skip
        ledger.put(name, worth[name], **carried(nav, name))
    ledger.put("mining_margin_usd", mining.table["margin_usd"], **carried(mining, "margin_usd"))
    capex = carried(book, "capex_to_spend_usd")
    # Nothing listed is no capex only where somebody looked for contracts.
    nobody = valuation.table["signed_contracts"].isna().to_numpy() & ~(book.table["contracts"] > 0).to_numpy()
    capex["missing"] = capex["missing"] | {"contracts not reviewed": nobody}
    ledger.put("capex_to_spend_usd", book.table["capex_to_spend_usd"], **capex)
    ledger.put("valued_capex_usd", 0.0 - worth["capex_to_spend_usd"], **carried(nav, "capex_to_spend_usd"))
    stated, unknown = listed["undrawn_usd"].fillna(0.0).to_numpy(), listed["unknown_usd"].gt(0).to_numpy()
    no_draw = {"drawn amount of a facility unknown": unknown & (stated == 0)}
    another = {"drawn amount of another facility unknown": unknown & (stated > 0)}
    ledger.put("undrawn_usd", stated, missing=no_draw, proxy=another)
    restricted = valuation.bridge["restricted_cash_usd"].fillna(0.0).to_numpy()
    short = funding_gap(ledger["capex_to_spend_usd"], restricted, ledger["cash_usd"], stated)
    unsure = {"drawn amount of a facility unknown, not deducted": unknown & (ledger["capex_to_spend_usd"] > 0)}
    ledger.put("funding_gap_usd", short, after=["capex_to_spend_usd", "cash_usd"], proxy=unsure)
    for part in EQUITY_PARTS:
        raised = part * ledger["funding_gap_usd"]
        with np.errstate(divide="ignore", invalid="ignore"):
            shares = ledger["diluted_shares"] + np.where(raised == 0, 0.0, raised / ledger["price_usd"])
            a_share = (ledger[f"{HEADLINE}_usd"] + raised) / shares
        ledger.put(
            f"nav_per_share_equity_{part * 100:.0f}",
            a_share,
            after=[f"{HEADLINE}_usd", "diluted_shares", "price_usd", "funding_gap_usd"],
        )
    _put_liquidity(ledger, listed)
    dividend = preferred_dividend(inputs, valuation.bridge["preferred_equity_usd"])
    ledger.put("preferred_dividend_usd", dividend, not_meaningful={"no preferred with a stated rate": dividend.isna()})
    kept = ["capex_to_spend_usd", "valued_capex_usd", "undrawn_usd", "funding_gap_usd",
            *(f"nav_per_share_equity_{part * 100:.0f}" for part in EQUITY_PARTS), "borrowed_usd", "interest_usd",
            "interest_coverage", "preferred_dividend_usd", "need_usd", "liquidity_months"]  # fmt: skip
    return Funding(ledger.table[kept], ledger.status[kept], ledger.causes[kept], maturities(debt))


def _put_liquidity(ledger: Ledger, listed: pd.DataFrame) -> None:
    """Add borrowed_usd, interest_usd, interest_coverage, need_usd and liquidity_months."""
    no_rows = {"no borrowing listed": listed["drawn_usd"].isna().to_numpy()}
    borrowed, interest = listed["drawn_usd"].to_numpy(), listed["interest_usd"].to_numpy()
    ledger.put("borrowed_usd", borrowed, not_meaningful=no_rows)
    with np.errstate(divide="ignore", invalid="ignore"):
        coverage = np.where(borrowed > 0, listed["with_coupon_usd"].to_numpy() / borrowed, np.nan)
    nothing = {"nothing borrowed": borrowed == 0}
    ledger.put("interest_coverage", coverage, after=["borrowed_usd"], not_meaningful=nothing)
    partly = {"coupons unknown in part, lower bound": coverage < 1}
    ledger.put("interest_usd", interest, after=["borrowed_usd"], proxy=partly)
    need = (
        ledger["overhead_a_year_usd"] + np.nan_to_num(interest) - ledger["mining_margin_usd"] - ledger["next_noi_usd"]
    )
    ledger.put(
        "need_usd",
        need,
        after=["overhead_a_year_usd", "mining_margin_usd", "next_noi_usd"],
        proxy=partly | {"no borrowing listed, interest not counted": no_rows["no borrowing listed"]},
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        months = np.where(need > 0, MONTHS_PER_YEAR * (ledger["cash_usd"] + ledger["bitcoin_usd"]) / need, np.nan)
    ledger.put(
        "liquidity_months",
        months,
        after=["need_usd", "cash_usd", "bitcoin_usd"],
        not_meaningful={"not needed: income covers overhead and interest": need <= 0},
    )


def maturities(debt: pd.DataFrame) -> pd.DataFrame:
    """Principal by ticker and year of maturity, from `borrowings` of one date."""
    told = debt[(debt["drawn_usd"] > 0) | (debt["unknown_usd"] > 0)]
    grouped = told.groupby(["ticker", "year"], sort=True)
    out = grouped[["drawn_usd", "unknown_usd"]].sum().rename(columns={"drawn_usd": "principal_usd"})
    out["instruments"] = grouped["instrument"].agg("; ".join)
    return out.reset_index()
