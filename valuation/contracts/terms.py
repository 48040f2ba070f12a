"""Contract terms: counterparty, start, capex to complete, NOI, and revenue by calendar year."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts import credit
from valuation.fundamentals.contract_schedule import DAYS_PER_YEAR, earned

PARTS_OF_RAMP = 12
KEYS = ["as_of", "ticker"]
LEASE, CLOUD = "lease", "gpu_cloud"


def terms(
    scheduled: pd.DataFrame,
    assumptions: Assumptions,
    sites: pd.DataFrame | None = None,
    cash_on: pd.Series | None = None,
) -> pd.DataFrame:
    """Terms of each AI contract: credit, start, remaining term, capex to complete, NOI.

    Parameters
    ----------
    scheduled : DataFrame
        From `contracts.schedule`.
    assumptions : Assumptions
    sites : DataFrame, optional
        To place contracts by state and grid operator; see `contracts.credit.place`.
    cash_on : Series, optional
        Indexed (as_of, ticker): the day of the cash figure. What was spent after it is not in that cash, so it counts
        as still to spend; the as-of date where absent.

    Returns
    -------
    DataFrame
        The AI contracts of `scheduled` with business (lease, gpu_cloud), the columns of `contracts.credit.classify`,
        supported_share, state and grid_operator, start_used, start_is_assumed, value_used_usd, years_to_start,
        remaining_term_years (whole where the start is unknown), in_service (1, 0, NaN where the start is unknown),
        gpu_capex_usd, building_capex_usd, capex_to_spend_usd, capex_assumed_usd (the part of it that is not announced),
        capex_basis, annual_noi_usd (EBITDA of GPU cloud), annual_ebit_usd (GPU cloud after GPUs; NaN for leases),
        supported_usd, not_scheduled (why, or empty). Money at the owner's share.

    Notes
    -----
    METHODS section 5. The cost is spent evenly over `build_years` (GPUs: `gpu_purchase_years`) before the start. An
    announced cost of GPU cloud is the GPUs alone: the sources give the order.
    """
    out = scheduled[scheduled["is_ai"]].reset_index(drop=True).copy()
    out["business"] = np.where(out["kind"] == "gpu_cloud", CLOUD, LEASE)
    out = pd.concat([out, credit.classify(out), credit.place(out, sites)], axis=1)
    cloud = (out["business"] == CLOUD).to_numpy()

    stands_in = out["owned_value_usd"].isna() & out["owned_annual_revenue_usd"].notna() & out["term_years"].notna()
    by_term = out["owned_annual_revenue_usd"] * out["term_years"]
    out["value_used_usd"] = out["owned_value_usd"].where(~stands_in, by_term)
    out["supported_share"] = credit.supported_share(out)
    out["supported_usd"] = out["supported_share"] * out["value_used_usd"]

    out["start_is_assumed"] = out["start_on"].isna()
    lag_days = np.where(cloud, assumptions.start_lag_gpu_cloud_years, assumptions.start_lag_lease_years) * DAYS_PER_YEAR
    # Half a day rounds up, as a spreadsheet rounds.
    lag = pd.to_timedelta(np.floor(lag_days + 0.5).astype(int), unit="D")
    out["start_used"] = out["start_on"].fillna(out["announced_on"] + lag)
    to_start = _years(out["start_used"] - out["as_of"])
    out["years_to_start"] = to_start
    known = ~out["start_is_assumed"].to_numpy()
    elapsed = np.where(known, np.clip(-to_start, 0.0, None), 0.0)
    out["remaining_term_years"] = np.clip(out["term_years"].to_numpy(dtype=float) - elapsed, 0.0, None)
    out["in_service"] = np.where(known, (to_start <= 0).astype(float), np.nan)

    counted_from = out["as_of"]
    if cash_on is not None:
        cash_day = pd.Series(cash_on.reindex(pd.MultiIndex.from_frame(out[KEYS])).to_numpy(), index=out.index)
        counted_from = counted_from.where(~(cash_day < counted_from), cash_day)
    _put_capex(out, assumptions, _years(out["start_used"] - counted_from))

    out["annual_noi_usd"] = out["owned_noi_usd"]
    depreciation = out["gpu_capex_usd"] / assumptions.gpu_life_years
    out["annual_ebit_usd"] = np.where(cloud, out["owned_noi_usd"] - depreciation, np.nan)
    reasons = [out["value_used_usd"].isna(), out["term_years"].isna()]
    out["not_scheduled"] = np.select(reasons, ["value unknown", "term unknown"], "")
    return out


def _years(span: pd.Series) -> np.ndarray:
    return span.dt.days.to_numpy(dtype=float) / DAYS_PER_YEAR


def _put_capex(out: pd.DataFrame, assumptions: Assumptions, ahead_years: np.ndarray) -> None:
    """Add gpu_capex_usd, building_capex_usd, capex_to_spend_usd, capex_assumed_usd and capex_basis, at the owner's share."""
    cloud = (out["business"] == CLOUD).to_numpy()
    announced = (out["capex_usd"] * out["owner_share"]).to_numpy(dtype=float)
    mw = out["owned_it_mw"].to_numpy(dtype=float)
    stated = ~np.isnan(announced)
    by_tenant = out["tenant_builds"].to_numpy(dtype=bool) & ~stated
    gpus = np.where(cloud, np.where(stated, announced, mw * assumptions.capex_gpus_usd_per_mw), 0.0)
    per_mw = np.where(cloud, assumptions.capex_gpu_cloud_usd_per_mw, assumptions.capex_lease_usd_per_mw)
    own_part = np.where(by_tenant, 1 - assumptions.tenant_paid_share, 1.0)
    overrun = np.nan_to_num(mw) * assumptions.capex_overrun_usd_per_mw * own_part
    building = np.maximum(np.where(stated & ~cloud, announced, mw * per_mw * own_part) + overrun, 0.0)
    ahead = np.clip(ahead_years, 0.0, None)
    building_left = building * np.minimum(ahead / assumptions.build_years, 1.0)
    gpus_left = gpus * np.minimum(ahead / assumptions.gpu_purchase_years, 1.0)
    out["gpu_capex_usd"] = gpus
    out["building_capex_usd"] = building
    # From its start on nothing is left to spend, however little is known of the cost.
    out["capex_to_spend_usd"] = np.where(ahead == 0, 0.0, building_left + gpus_left)
    assumed = np.where(stated & ~cloud, 0.0, building_left) + np.where(stated, 0.0, gpus_left)
    out["capex_assumed_usd"] = np.where(ahead == 0, 0.0, assumed)
    out["capex_basis"] = np.select(
        [by_tenant, stated & ~cloud, stated & ~np.isnan(mw), ~np.isnan(mw)],
        ["tenant pays most", "announced", "GPUs announced, building assumed", "assumed per MW"],
        "unknown",
    )


@dataclass(frozen=True)
class Calendar:
    """Contracts over calendar years, USD at the owner's share; contracts down, years across.

    Attributes
    ----------
    contracts : DataFrame
        The scheduled rows of `terms`, n of them.
    years : int array (k,)
    revenue : float array (n, k)
        Of the whole life; a row sums to the contract's value.
    remaining : float array (n, k)
        After the as-of date.
    """

    contracts: pd.DataFrame
    years: np.ndarray
    revenue: np.ndarray
    remaining: np.ndarray


def calendar(contracts: pd.DataFrame, assumptions: Assumptions) -> Calendar:
    """Spread each contract of `terms` over calendar years; those whose `not_scheduled` says why are left out."""
    known = contracts[contracts["not_scheduled"] == ""].reset_index(drop=True)
    if known.empty:
        none = np.zeros((0, 1))
        return Calendar(known, np.array([1970]), none, none)
    ramp = assumptions.ramp_years
    start = known["start_used"]
    last = int((start.dt.year + np.ceil(known["term_years"] + ramp)).max()) + 1
    years = np.arange(int(start.dt.year.min()), last + 1)
    edges = pd.to_datetime([f"{year}-01-01" for year in [*years, last + 1]])
    days = edges.to_numpy()[None, :] - start.to_numpy()[:, None]
    at = days / np.timedelta64(1, "D") / DAYS_PER_YEAR
    running = elapsed_value(known, at, ramp)
    so_far = elapsed_value(known, -known["years_to_start"].to_numpy()[:, None], ramp)
    remaining = np.diff(np.maximum(running, so_far), axis=1)
    return Calendar(known, years, np.diff(running, axis=1), remaining)


def elapsed_value(contracts: pd.DataFrame, at: np.ndarray, ramp_years: float) -> np.ndarray:
    """Revenue earned by each contract up to `at` years after its start, USD, at the owner's share.

    Parameters
    ----------
    contracts : DataFrame
        From `terms`, n rows.
    at : ndarray (n, k)
        Years since start_used; below zero nothing is earned.
    ramp_years : float
        Delivery in `PARTS_OF_RAMP` equal parts over this time, each part with its own full term.
    """
    value = contracts["value_used_usd"].to_numpy(dtype=float)[:, None]
    term = contracts["term_years"].to_numpy(dtype=float)[:, None]
    escalator = contracts["escalator"].to_numpy(dtype=float)[:, None]
    if ramp_years <= 0:
        return earned(value, term, escalator, at)
    late = ramp_years * (np.arange(PARTS_OF_RAMP) + 0.5) / PARTS_OF_RAMP
    return sum((earned(value, term, escalator, at - part) for part in late), start=np.zeros(())) / PARTS_OF_RAMP


def schedule_by_year(spread: Calendar, assumptions: Assumptions) -> pd.DataFrame:
    """Revenue, NOI or EBITDA, and EBIT of each contract in each calendar year, USD at the owner's share.

    Returns
    -------
    DataFrame
        A row an (as_of, contract, year): business, counterparty_name, start_is_assumed, year, revenue_usd, noi_usd
        (EBITDA of GPU cloud), depreciation_usd and ebit_usd (GPU cloud; NaN for leases), remaining_usd (revenue
        after as_of).

    Notes
    -----
    A contract's years sum to its value, and its `remaining_usd` to its backlog where the start is announced and no
    ramp is assumed.
    """
    known = spread.contracts
    kept = [*KEYS, "contract_id", "business", "counterparty_name", "start_is_assumed"]
    columns = [*kept, "year", "revenue_usd", "noi_usd", "depreciation_usd", "ebit_usd", "remaining_usd"]
    if known.empty:
        return pd.DataFrame(columns=columns)
    edges = pd.to_datetime([f"{year}-01-01" for year in [*spread.years, spread.years[-1] + 1]])
    at = (edges.to_numpy()[None, :] - known["start_used"].to_numpy()[:, None]) / np.timedelta64(1, "D") / DAYS_PER_YEAR
    life = np.minimum(known["term_years"].to_numpy(dtype=float), assumptions.gpu_life_years)[:, None]
    in_use = np.diff(np.clip(at, 0.0, life), axis=1)
    cloud = (known["business"] == CLOUD).to_numpy()[:, None]
    a_year = known["gpu_capex_usd"].to_numpy()[:, None] / assumptions.gpu_life_years
    depreciation = np.where(cloud, in_use * a_year, np.nan)
    noi = spread.revenue * known["margin_used"].to_numpy(dtype=float)[:, None]
    row, column = np.nonzero(spread.revenue > 0)
    out = known.loc[row, kept].reset_index(drop=True)
    out["year"] = spread.years[column]
    for name, values in {"revenue_usd": spread.revenue, "noi_usd": noi, "depreciation_usd": depreciation,
                         "ebit_usd": noi - depreciation, "remaining_usd": spread.remaining}.items():  # fmt: skip
        out[name] = values[row, column]
    return out[columns]
