"""Contracts over their contract years: rent, operating income, cash receipts, income tax; and what is still to come.

A contract year's rent is paid on average in its middle. Every tranche runs its own full base term from its own start.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions


@dataclass(frozen=True)
class Signed:
    """Contracts by holder, with their tranches.

    Attributes
    ----------
    contracts : DataFrame
        n rows, a holder and contract each: the columns of `contracts.terms.terms` that `profile` and `present_values`
        read, and credited_usd (prepayments still to be worked off, USD at the owner's share).
    tranches : DataFrame
        row (position in `contracts`), starts_in_years (negative: in the past), share, delivered.
    """

    contracts: pd.DataFrame
    tranches: pd.DataFrame

    def credited(self, usd: np.ndarray) -> Signed:
        """The same with these amounts still to be worked off."""
        return replace(self, contracts=self.contracts.assign(credited_usd=usd))


@dataclass(frozen=True)
class Profile:
    """Contracts over their contract years, USD at the owner's share, (contracts, years).

    Attributes
    ----------
    lasts : years that each contract year lasts: 1, or less in the last
    revenue : sums to the contract's value
    noi : revenue x margin (EBITDA of GPU cloud)
    cash : noi less what customers have paid before, and less rent credits
    credits : rent credits, of a tenant that paid for the building
    tax : income tax, from `income_tax`
    """

    lasts: np.ndarray
    revenue: np.ndarray
    noi: np.ndarray
    cash: np.ndarray
    credits: np.ndarray
    tax: np.ndarray


def profile(contracts: pd.DataFrame, assumptions: Assumptions, credited: np.ndarray | float = 0.0) -> Profile:
    """Revenue, operating income, cash receipts and income tax of each contract by contract year, USD.

    Parameters
    ----------
    contracts : DataFrame
        n rows: term_years, value_used_usd, escalator_used, margin_used, owned_rent_credits_usd, building_capex_usd,
        gpu_capex_usd.
    credited : float array (n,)
        Part of the revenue that customers have paid already.

    Notes
    -----
    METHODS section 10. Rent of contract year k is first x (1 + g)^k; the last year counts for its part, and the first is
    such that the years sum to the contract's value. Rent credits take `rent_credit_share` of each year's rent from the
    first on until they are used up.
    """
    term = contracts["term_years"].to_numpy(dtype=float)[:, None]
    years = np.arange(int(np.ceil(term.max(initial=1.0))))[None, :]
    lasts = np.clip(term - years, 0.0, 1.0)
    growth = contracts["escalator_used"].to_numpy(dtype=float)[:, None]
    level = (1 + growth) ** years * lasts
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.nan_to_num(level / level.sum(axis=1, keepdims=True))
    revenue = contracts["value_used_usd"].to_numpy(dtype=float)[:, None] * part
    margin = contracts["margin_used"].to_numpy(dtype=float)[:, None]
    owed = contracts["owned_rent_credits_usd"].to_numpy(dtype=float)[:, None]
    used = np.minimum((assumptions.rent_credit_share * revenue).cumsum(axis=1), owed)
    credits = np.diff(used, axis=1, prepend=0.0)
    cash = revenue * (margin - np.broadcast_to(credited, len(contracts))[:, None]) - credits
    depreciation = np.zeros_like(revenue)
    for column, life in (
        ("building_capex_usd", assumptions.building_life_years),
        ("gpu_capex_usd", assumptions.gpu_life_years),
    ):
        cost = np.nan_to_num(contracts[column].to_numpy(dtype=float))[:, None]
        depreciation += cost / life * np.clip(life - years, 0.0, lasts)
    return Profile(lasts, revenue, revenue * margin, cash, credits, income_tax(cash - depreciation, assumptions))


def income_tax(taxable: np.ndarray, assumptions: Assumptions) -> np.ndarray:
    """Income tax of each year, losses carried forward without limit within the contract, USD, (contracts, years).

    What is taxed up to a year is the highest cumulative income so far: until then losses of earlier years set it off.
    Advance payments are taxed when they are received, so cash and not accrued revenue is taxed. No loss carry-forward of
    a company is used: no row states one.
    """
    if not assumptions.cash_taxes:
        return np.zeros_like(taxable)
    taxed = np.maximum.accumulate(np.maximum(taxable.cumsum(axis=1), 0.0), axis=1)
    return assumptions.tax_rate * np.diff(taxed, axis=1, prepend=0.0)


def remaining_revenue(signed: Signed, assumptions: Assumptions) -> np.ndarray:
    """Revenue of each contract after the as-of date over all its tranches, USD, (contracts,)."""
    found = profile(signed.contracts, assumptions)
    paid, _ = paid_ahead(found.revenue, found.lasts, signed.tranches)
    row = signed.tranches["row"].to_numpy()
    return np.bincount(row, weights=paid.sum(axis=1), minlength=len(signed.contracts))


def remaining_credits(signed: Signed, assumptions: Assumptions) -> np.ndarray:
    """Rent credits of each contract after the as-of date over all its tranches, USD, (contracts,)."""
    found = profile(signed.contracts, assumptions)
    taken, _ = paid_ahead(found.credits, found.lasts, signed.tranches)
    row = signed.tranches["row"].to_numpy()
    return np.bincount(row, weights=taken.sum(axis=1), minlength=len(signed.contracts))


def paid_ahead(amount: np.ndarray, lasts: np.ndarray, tranches: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """What each tranche pays after today in each contract year, and when on average, years from today."""
    row, start = tranches["row"].to_numpy(), tranches["starts_in_years"].to_numpy(dtype=float)[:, None]
    length = lasts[row]
    opens = start + np.arange(lasts.shape[1])[None, :]
    closes = np.maximum(opens + length, 0.0)
    opens = np.maximum(opens, 0.0)
    part = _part(closes - opens, length)
    return tranches["share"].to_numpy(dtype=float)[:, None] * amount[row] * part, (opens + closes) / 2


def _part(time: np.ndarray, length: np.ndarray) -> np.ndarray:
    """A time as a part of a contract year; 0 of a year that does not last."""
    return np.divide(time, length, out=np.zeros_like(length), where=length > 0)


def twelve_months(amount: np.ndarray, lasts: np.ndarray, since: np.ndarray, row: np.ndarray) -> np.ndarray:
    """What contract `row` pays in the twelve months after `since` years of its life."""
    n = lasts.shape[1]
    starts = np.arange(n)[None, :]
    length = lasts[row]
    before, after = (np.clip(_part(at[:, None] - starts, length), 0.0, 1.0) for at in (since, since + 1))
    return (amount[row] * (after - before)).sum(axis=1)


def within_a_year(amount: np.ndarray, lasts: np.ndarray, start: np.ndarray, row: np.ndarray) -> np.ndarray:
    """What contract `row` pays between today and a year from now where it starts in `start` years."""
    years = np.arange(lasts.shape[1])[None, :]
    opens, length = start[:, None] + years, lasts[row]
    inside = np.clip(np.minimum(opens + length, 1.0) - np.maximum(opens, 0.0), 0.0, None)
    return (amount[row] * _part(inside, length)).sum(axis=1)
