"""Signed contracts: annual revenue, operating income and backlog, at the owner's share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.sums import grouped

AI_KINDS = ("colocation_lease", "jv_lease", "gpu_cloud")
DAYS_PER_YEAR = 365.25


def first_year_revenue(total_value: np.ndarray, term_years: np.ndarray, escalator: np.ndarray) -> np.ndarray:
    """Revenue of the first contract year, USD: TCV * g / ((1+g)^n - 1), the average where g is zero or unknown."""
    growth = np.nan_to_num(escalator)
    with np.errstate(divide="ignore", invalid="ignore"):
        escalated = total_value * growth / np.expm1(term_years * np.log1p(growth))
        return np.where(growth > 0, escalated, total_value / term_years)


def earned(
    total_value: np.ndarray, term_years: np.ndarray, escalator: np.ndarray, elapsed_years: np.ndarray
) -> np.ndarray:
    """The part of the total value that has elapsed, USD, the rent stepping up once a contract year.

    Zero before the start, the whole value from the end on; straight-line where the escalator is unknown.
    """
    growth = np.nan_to_num(escalator)
    elapsed = np.clip(elapsed_years, 0.0, term_years)
    first = first_year_revenue(total_value, term_years, escalator)
    whole = np.floor(elapsed)
    with np.errstate(divide="ignore", invalid="ignore"):
        compounded = np.expm1(whole * np.log1p(growth)) / growth
    years_paid = np.where(growth > 0, compounded, whole)
    stepped = first * (years_paid + (elapsed - whole) * (1 + growth) ** whole)
    # A term of 2.53 years ends inside a contract year: the formula for the first year spreads the value over
    # whole and part years a little differently, so the end is pinned.
    return np.where(elapsed >= term_years, total_value, np.minimum(stepped, total_value))


def schedule(contracts: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Each contract on each date: owner's share of value, MW, annual revenue, operating income and backlog.

    Parameters
    ----------
    contracts : DataFrame
        Columns as_of, ticker, contract_id, kind, critical_it_mw, gross_mw, term_years, total_value_usd,
        annual_revenue_usd, escalator, noi_margin, owner_share (fractions), start_on, end_on.
    assumptions : Assumptions

    Returns
    -------
    DataFrame
        `contracts` with is_ai, term_years (from start and end where not announced), owned_value_usd,
        owned_it_mw, it_mw_is_proxy, owned_annual_revenue_usd, owned_first_year_revenue_usd, margin_used,
        margin_is_assumed, owned_noi_usd, owned_backlog_usd, start_is_unknown. NaN is unknown.

    Notes
    -----
    METHODS section 5. Backlog of a contract whose start or term is unknown is its whole value, marked.
    """
    out = contracts.reset_index(drop=True).copy()
    share = out["owner_share"].to_numpy(dtype=float)
    total = out["total_value_usd"].to_numpy(dtype=float)
    announced = out["annual_revenue_usd"].to_numpy(dtype=float)
    escalator = out["escalator"].to_numpy(dtype=float)
    span = (out["end_on"] - out["start_on"]).dt.days.to_numpy(dtype=float) / DAYS_PER_YEAR
    term = np.where(np.isnan(out["term_years"].to_numpy(dtype=float)), span, out["term_years"].to_numpy(dtype=float))
    out["term_years"] = term
    out["is_ai"] = out["kind"].isin(AI_KINDS)
    out["owned_value_usd"] = total * share

    it = out["critical_it_mw"].to_numpy(dtype=float)
    from_gross = out["gross_mw"].to_numpy(dtype=float) / assumptions.gross_mw_per_critical_it_mw
    out["it_mw_is_proxy"] = np.isnan(it) & ~np.isnan(from_gross)
    out["owned_it_mw"] = np.where(np.isnan(it), from_gross, it) * share

    average = total / term
    out["owned_annual_revenue_usd"] = np.where(np.isnan(announced), average, announced) * share
    out["owned_first_year_revenue_usd"] = first_year_revenue(total, term, escalator) * share

    stated = out["noi_margin"].to_numpy(dtype=float)
    assumed = np.where(out["kind"] == "gpu_cloud", assumptions.noi_margin_gpu_cloud, assumptions.noi_margin_lease)
    out["margin_is_assumed"] = np.isnan(stated)
    out["margin_used"] = np.where(np.isnan(stated), assumed, stated)
    out["owned_noi_usd"] = out["owned_annual_revenue_usd"] * out["margin_used"]

    elapsed = (out["as_of"] - out["start_on"]).dt.days.to_numpy(dtype=float) / DAYS_PER_YEAR
    out["start_is_unknown"] = np.isnan(elapsed) | np.isnan(term)
    gone = np.where(out["start_is_unknown"], 0.0, earned(total, term, escalator, elapsed))
    out["owned_backlog_usd"] = (total - gone) * share
    return out


def by_company(scheduled: pd.DataFrame, index: pd.MultiIndex) -> pd.DataFrame:
    """Sums of AI and HPC contracts over each company, with what the sums exclude.

    Returns
    -------
    DataFrame
        On `index`: signed_contracts (count), contracted_revenue_usd, contracted_noi_usd, backlog_usd,
        contracted_value_usd, ai_contracted_it_mw, lease_revenue_usd, cloud_revenue_usd: sums of the known parts,
        0 where nothing is signed, NaN where something is signed and none of it has a figure. And for each of
        revenue, backlog and MW a `*_unknown` text that names the contracts without the figure; and
        `margin_assumed`, `backlog_upper` the contracts whose margin is assumed or start unknown.
    """
    ai = scheduled[scheduled["is_ai"]]
    keys = ["as_of", "ticker"]
    out = pd.DataFrame(index=index)
    out["signed_contracts"] = ai.groupby(keys).size().reindex(index, fill_value=0)
    none_signed = out["signed_contracts"] == 0
    sums = {
        "contracted_revenue_usd": "owned_annual_revenue_usd",
        "contracted_noi_usd": "owned_noi_usd",
        "backlog_usd": "owned_backlog_usd",
        "contracted_value_usd": "owned_value_usd",
        "ai_contracted_it_mw": "owned_it_mw",
    }
    summed = grouped(ai, list(sums.values()), index, least=1)
    for name, column in sums.items():
        out[name] = summed[column].where(~none_signed, 0.0)
    revenue = ["owned_annual_revenue_usd"]
    out["cloud_revenue_usd"] = grouped(ai[ai["kind"] == "gpu_cloud"], revenue, index)[revenue[0]]
    out["lease_revenue_usd"] = grouped(ai[ai["kind"] != "gpu_cloud"], revenue, index)[revenue[0]]
    lists = {
        "revenue_unknown": ai["owned_annual_revenue_usd"].isna(),
        "backlog_unknown": ai["owned_backlog_usd"].isna(),
        "mw_unknown": ai["owned_it_mw"].isna(),
        "mw_from_gross": ai["it_mw_is_proxy"],
        "margin_assumed": ai["margin_is_assumed"] & ai["owned_annual_revenue_usd"].notna(),
        "backlog_upper": ai["start_is_unknown"] & ai["owned_backlog_usd"].notna(),
    }
    for name, mask in lists.items():
        names = ai[mask].groupby(keys)["contract_id"].agg(", ".join)
        out[name] = names.reindex(index).fillna("").astype(object)
    return out
