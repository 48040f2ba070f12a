"""Terms of each contract on a date: credit, owner's value and rent, start, and the cost to build."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts import credit
from valuation.contracts.arithmetic import AI_KINDS, DAYS_PER_YEAR, first_year_revenue, gross_mw

KEYS = ["as_of", "ticker"]
LEASE, CLOUD = "lease", "gpu_cloud"
# Shorter leases run without steps.
LONG_LEASE_YEARS = 7


def terms(contracts: pd.DataFrame, assumptions: Assumptions) -> pd.DataFrame:
    """Terms of each contract: who pays, value and rent at the owner's share, start, margin, cost to build.

    Parameters
    ----------
    contracts : DataFrame
        `Inputs.contracts`: as_of, ticker, contract_id, announced_on, kind, counterparty, end_user, credit_support,
        credit_support_usd, evidence, critical_it_mw, gross_mw, term_years, total_value_usd, annual_revenue_usd,
        escalator, noi_margin, prepayment, owner_share (fractions), capex_usd, rent_credits_usd, start_on, end_on.
    assumptions : Assumptions

    Returns
    -------
    DataFrame
        `contracts` with is_ai, business (lease, gpu_cloud), the columns of `credit.classify`, term_years (from start
        and end where not announced), escalator_used and escalator_is_assumed, owned_value_usd, value_used_usd (annual
        revenue x term where no value is announced), owned_it_mw, it_mw_is_proxy, owned_gross_mw,
        owned_annual_revenue_usd (announced, else the average), owned_first_year_revenue_usd, margin_used,
        margin_is_assumed, owned_noi_usd, supported_share, supported_usd, owned_prepayment_usd, owned_rent_credits_usd,
        start_used, start_is_assumed, start_is_unknown (start or term), gpu_capex_usd, building_capex_usd, capex_basis,
        owned_ebit_usd (GPU cloud after GPUs; NaN for leases). NaN is unknown.

    Notes
    -----
    METHODS section 5. A lease of seven years or more whose escalator is not disclosed takes the assumed one, so that an
    average is never capitalised as if it were the first year's rent. An announced cost of GPU cloud is the GPUs alone:
    the sources give the order.
    """
    out = contracts.reset_index(drop=True).copy()
    out["is_ai"] = out["kind"].isin(AI_KINDS)
    cloud = (out["kind"] == "gpu_cloud").to_numpy()
    out["business"] = np.where(cloud, CLOUD, LEASE)
    out = pd.concat([out, credit.classify(out)], axis=1)
    share = out["owner_share"].to_numpy(dtype=float)
    span = (out["end_on"] - out["start_on"]).dt.days.to_numpy(dtype=float) / DAYS_PER_YEAR
    told = out["term_years"].to_numpy(dtype=float)
    term = np.where(np.isnan(told), span, told)
    out["term_years"] = term
    _put_money(out, cloud, share, term, assumptions)
    it = out["critical_it_mw"].to_numpy(dtype=float)
    gross = out["gross_mw"].to_numpy(dtype=float)
    ratio = assumptions.gross_mw_per_critical_it_mw
    out["it_mw_is_proxy"] = np.isnan(it) & ~np.isnan(gross)
    out["owned_it_mw"] = np.where(np.isnan(it), gross / ratio, it) * share
    out["owned_gross_mw"] = gross_mw(gross, it, ratio) * share

    out["start_is_assumed"] = out["start_on"].isna()
    lag_days = np.where(cloud, assumptions.start_lag_gpu_cloud_years, assumptions.start_lag_lease_years) * DAYS_PER_YEAR
    # Half a day rounds up, as a spreadsheet rounds.
    lag = pd.to_timedelta(np.floor(lag_days + 0.5).astype(int), unit="D")
    out["start_used"] = out["start_on"].fillna(out["announced_on"] + lag)
    out["start_is_unknown"] = out["start_is_assumed"] | np.isnan(term)
    _put_capex(out, cloud, share, assumptions)
    depreciation = out["gpu_capex_usd"] / assumptions.gpu_life_years
    out["owned_ebit_usd"] = np.where(cloud, out["owned_noi_usd"] - depreciation, np.nan)
    return out


def _put_money(
    out: pd.DataFrame, cloud: np.ndarray, share: np.ndarray, term: np.ndarray, assumptions: Assumptions
) -> None:
    """Add value, rent, margin and operating income."""
    total = out["total_value_usd"].to_numpy(dtype=float)
    announced = out["annual_revenue_usd"].to_numpy(dtype=float)
    disclosed = out["escalator"].to_numpy(dtype=float)
    assumed = np.isnan(disclosed)
    steps = ~cloud & (term >= LONG_LEASE_YEARS)
    out["escalator_is_assumed"] = assumed & steps
    out["escalator_used"] = np.where(assumed, np.where(steps, assumptions.escalator_unknown, 0.0), disclosed)
    value = np.where(np.isnan(total), announced * term, total)
    out["owned_value_usd"] = total * share
    out["value_used_usd"] = value * share
    out["owned_annual_revenue_usd"] = np.where(np.isnan(announced), total / term, announced) * share
    out["owned_first_year_revenue_usd"] = first_year_revenue(value, term, out["escalator_used"].to_numpy()) * share
    stated = out["noi_margin"].to_numpy(dtype=float)
    usual = np.where(cloud, assumptions.noi_margin_gpu_cloud, assumptions.noi_margin_lease)
    out["margin_is_assumed"] = np.isnan(stated)
    out["margin_used"] = np.where(np.isnan(stated), usual, stated)
    out["owned_noi_usd"] = out["owned_annual_revenue_usd"] * out["margin_used"]
    out["supported_share"] = credit.supported_share(out)
    out["supported_usd"] = out["supported_share"] * out["value_used_usd"]
    out["owned_prepayment_usd"] = out["prepayment"].fillna(0.0) * out["value_used_usd"]
    out["owned_rent_credits_usd"] = (out["rent_credits_usd"] * share).fillna(0.0)


def _put_capex(out: pd.DataFrame, cloud: np.ndarray, share: np.ndarray, assumptions: Assumptions) -> None:
    """Add gpu_capex_usd, building_capex_usd and capex_basis: the whole cost at the owner's share."""
    announced = out["capex_usd"].to_numpy(dtype=float) * share
    mw = out["owned_it_mw"].to_numpy(dtype=float)
    stated = ~np.isnan(announced)
    by_tenant = out["tenant_builds"].to_numpy(dtype=bool) & ~stated
    gpus = np.where(cloud, np.where(stated, announced, mw * assumptions.capex_gpus_usd_per_mw), 0.0)
    per_mw = np.where(cloud, assumptions.capex_gpu_cloud_usd_per_mw, assumptions.capex_lease_usd_per_mw)
    own_part = np.where(by_tenant, 1 - assumptions.tenant_paid_share, 1.0)
    overrun = np.nan_to_num(mw) * assumptions.capex_overrun_usd_per_mw * own_part
    out["gpu_capex_usd"] = gpus
    out["building_capex_usd"] = np.maximum(np.where(stated & ~cloud, announced, mw * per_mw * own_part) + overrun, 0.0)
    out["building_is_assumed"] = ~(stated & ~cloud)
    out["gpus_are_assumed"] = cloud & ~stated
    out["capex_basis"] = np.select(
        [by_tenant, stated & ~cloud, stated & ~np.isnan(mw), ~np.isnan(mw)],
        ["tenant pays most", "announced", "GPUs announced, building assumed", "assumed per MW"],
        "unknown",
    )
