"""Borrowings known on each date, what is drawn of them, and the funding gap that undrawn facilities reduce."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.inputs import Inputs

NO_YEAR = "no date"
# `drawn` of a borrowing: an amount in USD, or one of these; without an entry the principal is outstanding.
UNKNOWN = ("unknown",)
NOTHING = ("0", "no", "none", "undrawn")


def borrowings(inputs: Inputs) -> pd.DataFrame:
    """Borrowings known on each date with what is drawn of them, USD.

    Returns
    -------
    DataFrame
        `Inputs.debt` with drawn_usd (outstanding principal, 0 where unknown), undrawn_usd (of a facility whose row states
        what is drawn), unknown_usd (principal whose drawn amount is unknown), interest_usd (a year), with_coupon_usd
        (drawn, coupon known), year (of maturity, or `NO_YEAR`). What matured before the date is left out, and so is
        preferred equity, which is no debt (`preferred_dividend`).
    """
    rows = inputs.debt
    gone = (rows["matures_on"] < rows["as_of"]) | rows["is_preferred"].to_numpy(dtype=bool)
    out = rows[~gone].reset_index(drop=True).copy()
    principal = out["principal_usd"].fillna(0.0)
    told = out["drawn"].astype(object).where(out["drawn"].notna(), "").astype(str).str.strip().str.casefold()
    amount = pd.to_numeric(told, errors="coerce").mask(told.isin(NOTHING), 0.0)
    unknown = told.isin(UNKNOWN)
    out["drawn_usd"] = np.where(unknown, 0.0, amount.where(amount.notna(), principal))
    out["undrawn_usd"] = np.where(amount.notna(), (principal - amount).clip(lower=0.0), 0.0)
    out["unknown_usd"] = np.where(unknown, principal, 0.0)
    out["interest_usd"] = out["drawn_usd"] * out["coupon"].fillna(0.0)
    out["with_coupon_usd"] = out["drawn_usd"].where(out["coupon"].notna(), 0.0)
    year = out["matures_on"].dt.year
    out["year"] = year.astype("Int64").astype(object).where(year.notna(), NO_YEAR).astype(str)
    return out


def by_company(debt: pd.DataFrame, index: pd.MultiIndex) -> pd.DataFrame:
    """Sums of `borrowings` on `index`, USD; NaN where none is listed."""
    names = ["drawn_usd", "undrawn_usd", "interest_usd", "with_coupon_usd", "unknown_usd"]
    return debt.groupby(["as_of", "ticker"])[names].sum().reindex(index)


def preferred_dividend(inputs: Inputs, preferred_usd: pd.Series) -> pd.Series:
    """Dividend a year of listed preferred equity, USD: its coupon on the amount that the bridge counts; NaN where none.

    The amount listed may be one that binds at a later redemption; a dividend accrues on what was funded.
    """
    rows = inputs.debt[inputs.debt["is_preferred"].to_numpy(dtype=bool) & inputs.debt["coupon"].notna()]
    weight = rows["principal_usd"].clip(lower=0.0)
    sums = (
        rows.assign(weight=weight, part=weight * rows["coupon"]).groupby(["as_of", "ticker"])[["part", "weight"]].sum()
    )
    sums = sums.reindex(preferred_usd.index)
    return preferred_usd * sums["part"] / sums["weight"]


def funding_gap(capex: np.ndarray, restricted: np.ndarray, cash: np.ndarray, undrawn: np.ndarray) -> np.ndarray:
    """Funding gap, USD: capex to complete less restricted project cash, cash and undrawn facilities; not below zero."""
    return np.maximum(capex - restricted - cash - undrawn, 0.0)
