"""Concentration of contracts by counterparty, guarantor and location: shares and the Herfindahl-Hirschman index."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.contracts.credit import NO_SUPPORT, NOT_STATED, SEVERAL_SITES

BY = ("counterparty_name", "end_user_name", "guarantor", "state", "grid_operator")
SECTOR = "sector"
NO_NAME = (NOT_STATED, NO_SUPPORT, SEVERAL_SITES)
WEIGHT = "owned_annual_revenue_usd"
KEYS = ["as_of", "ticker"]


def share_of(contracts: pd.DataFrame, part: pd.Series, weight: str, index: pd.MultiIndex) -> pd.Series:
    """Weight x `part` (0 to 1) over the weight, a row an (as_of, ticker); NaN where no weight is known."""
    keys = [contracts["as_of"], contracts["ticker"]]
    whole = contracts[weight].groupby(keys).sum(min_count=1)
    return ((contracts[weight] * part).groupby(keys).sum() / whole).reindex(index)


def concentration(contracts: pd.DataFrame, in_sector: np.ndarray) -> pd.DataFrame:
    """Shares and HHI of each company and of the sector, leases and GPU cloud together.

    Parameters
    ----------
    contracts : DataFrame
        From `contracts.terms.terms`.
    in_sector : bool array
        Rows that count in the scope `sector`.

    Returns
    -------
    DataFrame
        A row an (as_of, scope, by, name): contracts, revenue_usd a year, mw, revenue_share, mw_share, largest
        first; hhi and hhi_high of the scope by revenue, 0 to 1; not_counted, the scope's contracts without a
        revenue figure.

    Notes
    -----
    HHI is the sum of squared shares. `hhi` takes each contract without a name (not stated, no guarantor) as a name of
    its own, `hhi_high` all of them as one name: the index lies between.
    """
    scoped = pd.concat([contracts.assign(scope=contracts["ticker"]), contracts[in_sector].assign(scope=SECTOR)])
    parts = [_by(scoped, by) for by in BY]
    return pd.concat(parts, ignore_index=True)


def _by(scoped: pd.DataFrame, by: str) -> pd.DataFrame:
    scope = ["as_of", "scope"]
    grouped = scoped.groupby([*scope, by])
    out = pd.DataFrame(
        {
            "contracts": grouped.size(),
            "revenue_usd": grouped[WEIGHT].sum(min_count=1),
            "mw": grouped["owned_it_mw"].sum(min_count=1),
        }
    )
    of_scope = out.groupby(scope)
    for share, column in (("revenue_share", "revenue_usd"), ("mw_share", "mw")):
        out[share] = out[column] / of_scope[column].transform("sum")
    unnamed = scoped[by].isin(NO_NAME)
    name = scoped[by].where(~unnamed, scoped["contract_id"])
    single = scoped.assign(name=name).groupby([*scope, "name"])[WEIGHT].sum(min_count=1)
    missing = scoped[scoped[WEIGHT].isna()].groupby(scope)["contract_id"].agg(", ".join)
    scopes = out.index.droplevel(by)
    out["hhi"], out["hhi_high"] = (
        _hhi(sums, scope).reindex(scopes).to_numpy() for sums in (single, out["revenue_usd"])
    )
    out["not_counted"] = missing.reindex(scopes).astype(object).fillna("").set_axis(out.index)
    out = out.reset_index().rename(columns={by: "name"})
    out.insert(2, "by", by.removesuffix("_name"))
    return out.sort_values([*scope, "revenue_usd"], ascending=[True, True, False], kind="stable")


def _hhi(revenue: pd.Series, scope: list[str]) -> pd.Series:
    known = revenue.dropna()
    share = known / known.groupby(scope).transform("sum")
    return (share**2).groupby(scope).sum()
