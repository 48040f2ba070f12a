"""The schedule of signed contracts on each date: tranches, MW in service, backlog, next twelve months, capex to spend."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.arithmetic import DAYS_PER_YEAR, earned
from valuation.contracts.phases import ramp_parts, tranches
from valuation.contracts.terms import CLOUD, KEYS, terms
from valuation.inputs import Inputs
from valuation.status import Details
from valuation.sums import grouped, looked_up, positions

SCHEDULED = (
    "in_service_share", "owned_in_service_mw", "owned_backlog_usd", "owned_ntm_revenue_usd", "owned_ntm_noi_usd",
    "building_left_usd", "gpus_left_usd", "capex_to_spend_usd", "capex_assumed_usd", "years_to_start",
    "remaining_term_years", "first_start_on", "last_start_on", "first_start_is_assumed",
)  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """Contracts on each date with the tranches in which their MW come into service.

    Attributes
    ----------
    contracts : DataFrame
        A row an (as_of, contract): `contracts.terms.terms` and the columns `SCHEDULED`.
    tranches : DataFrame
        A row a tranche: as_of, ticker, contract_id, row (position in `contracts`) and the columns of `phases.tranches`.
    """

    contracts: pd.DataFrame
    tranches: pd.DataFrame

    def by_tranche(self) -> pd.DataFrame:
        """A row a tranche, as if each were a contract of its own: start_on its start, revenue and MW its share."""
        parts = self.tranches
        out = self.contracts.iloc[parts["row"].to_numpy()].reset_index(drop=True)
        days = np.round(parts["starts_in_years"].to_numpy() * DAYS_PER_YEAR)
        out["start_on"] = out["as_of"] + pd.to_timedelta(days, unit="D")
        for name in ("owned_annual_revenue_usd", "owned_it_mw", "owned_value_usd"):
            out[name] = out[name] * parts["share"].to_numpy()
        return out


def schedule(inputs: Inputs, assumptions: Assumptions) -> Schedule:
    """Schedule every contract in force on every date of `inputs`, as known on it."""
    return scheduled(terms(inputs.contracts, assumptions), inputs, assumptions)


def scheduled(rows: pd.DataFrame, inputs: Inputs, assumptions: Assumptions) -> Schedule:
    """Contracts of `terms` with their tranches.

    Notes
    -----
    METHODS section 5. in_service_share, owned_in_service_mw: of delivered tranches. Backlog: the part of the value not
    yet elapsed, tranche by tranche; whole where the term is unknown. Next twelve months: what the tranches earn from the
    as-of date for a year (owned_ntm_revenue_usd; NOI of leases, EBITDA of GPU cloud). Capex to spend: that of the MW not
    in service, spent evenly over `build_years` (GPUs: `gpu_purchase_years`) before each tranche's start, from the day of
    the cash figure. years_to_start: mean over the MW not in service; of all where all are. remaining_term_years: mean
    over the MW. first_start_on, last_start_on: days on which the first and the last tranche start; a contract that ramps
    up evenly from its start begins on that start. first_start_is_assumed: no source dates that day.
    """
    parts = tranches(rows, inputs, assumptions)
    return with_tranches(rows, parts, inputs, assumptions)


def with_tranches(rows: pd.DataFrame, parts: pd.DataFrame, inputs: Inputs, assumptions: Assumptions) -> Schedule:
    """The schedule of contracts whose tranches are given: row, starts_in_years, share, delivered, is_proxy.

    Where a scenario delays tranches (`delayed_years`, within starts_in_years), their capex is spent as planned before:
    a later start defers income and takes back no spending.
    """
    out = rows.copy()
    n, row = len(rows), parts["row"].to_numpy(dtype=np.int64)
    share, starts = parts["share"].to_numpy(dtype=float), parts["starts_in_years"].to_numpy(dtype=float)
    delivered = parts["delivered"].to_numpy(dtype=bool)
    planned = starts - parts["delayed_years"].to_numpy(dtype=float) if "delayed_years" in parts else starts

    def total(values: np.ndarray) -> np.ndarray:
        # A tranche of a contract without the figure makes the sum unknown, as it should.
        return np.bincount(row, weights=values, minlength=n)

    def of(name: str) -> np.ndarray:
        return out[name].to_numpy(dtype=float)[row]

    value, term, growth = of("value_used_usd"), of("term_years"), of("escalator_used")
    so_far = np.where(np.isnan(term), 0.0, earned(value, term, growth, -starts))
    in_a_year = earned(value, term, growth, 1 - starts)
    # Without a term the rent is paid from the start on.
    running = np.clip(1 - starts, 0.0, 1.0) * of("owned_annual_revenue_usd")
    coming = np.where(np.isnan(term), running, in_a_year - so_far)
    out["in_service_share"] = total(share * delivered)
    out["owned_in_service_mw"] = out["in_service_share"] * out["owned_it_mw"]
    known = out["owned_value_usd"].notna().to_numpy()
    out["owned_backlog_usd"] = np.where(known, total(share * (value - so_far)), np.nan)
    out["owned_ntm_revenue_usd"] = total(share * coming)
    out["owned_ntm_noi_usd"] = out["owned_ntm_revenue_usd"] * out["margin_used"]

    cash_on = looked_up(inputs.periods["cash"], out)
    since = (out["as_of"].to_numpy() - cash_on) / np.timedelta64(1, "D") / DAYS_PER_YEAR
    since = np.clip(np.nan_to_num(since), 0.0, None)[row]
    ahead = np.clip(planned, 0.0, None) + since
    # From its start on nothing is left to spend, however little is known of the cost.
    building = np.where(delivered, 0.0, of("building_capex_usd") * np.minimum(ahead / assumptions.build_years, 1.0))
    gpus = np.where(delivered, 0.0, of("gpu_capex_usd") * np.minimum(ahead / assumptions.gpu_purchase_years, 1.0))
    out["building_left_usd"], out["gpus_left_usd"] = total(share * building), total(share * gpus)
    out["capex_to_spend_usd"] = out["building_left_usd"] + out["gpus_left_usd"]
    out["capex_assumed_usd"] = out["building_left_usd"].where(out["building_is_assumed"], 0.0) + out[
        "gpus_left_usd"
    ].where(out["gpus_are_assumed"], 0.0)
    out["years_to_start"] = _mean_start(total, share, starts, delivered)
    left = np.clip(term - np.clip(-starts, 0.0, None), 0.0, None)
    out["remaining_term_years"] = total(share * left)
    _put_days(out, parts, assumptions)
    named = rows[["as_of", "ticker", "contract_id"]].iloc[row].reset_index(drop=True)
    return Schedule(out, pd.concat([named, parts.reset_index(drop=True)], axis=1))


def _put_days(out: pd.DataFrame, parts: pd.DataFrame, assumptions: Assumptions) -> None:
    """Add first_start_on, last_start_on and first_start_is_assumed."""
    row, starts = parts["row"].to_numpy(dtype=np.int64), parts["starts_in_years"].to_numpy(dtype=float)
    first, last = np.full(len(out), np.nan), np.full(len(out), np.nan)
    np.fmin.at(first, row, starts)
    np.fmax.at(last, row, starts)
    # The middle of the first month of an even ramp stands for its start.
    announced = (out["start_used"] - out["as_of"]).dt.days.to_numpy(dtype=float)
    middle = assumptions.ramp_years * DAYS_PER_YEAR / ramp_parts(assumptions) / 2
    as_announced = np.abs(first * DAYS_PER_YEAR - announced - middle) < 1
    sourced = np.zeros(len(out), dtype=bool)
    is_first = (starts == first[row]) & ~parts["is_proxy"].to_numpy(dtype=bool)
    sourced[row[is_first]] = True
    out["first_start_is_assumed"] = ~sourced & ~(as_announced & ~out["start_is_assumed"].to_numpy(dtype=bool))
    first = np.where(as_announced, announced, first * DAYS_PER_YEAR)
    for name, days in (("first_start_on", first), ("last_start_on", last * DAYS_PER_YEAR)):
        out[name] = out["as_of"] + pd.to_timedelta(np.round(days), unit="D")


def _mean_start(
    total: Callable[[np.ndarray], np.ndarray], share: np.ndarray, starts: np.ndarray, delivered: np.ndarray
) -> np.ndarray:
    """Years to the start, the mean over the share not in service; over the whole where all is."""
    still = total(share * ~delivered)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(still > 0, total(share * ~delivered * starts) / still, total(share * starts))


def by_company(contracts: pd.DataFrame, index: pd.MultiIndex) -> pd.DataFrame:
    """Sums of AI and HPC contracts over each company, with what the sums exclude.

    Returns
    -------
    DataFrame
        On `index`: signed_contracts (count), contracted_revenue_usd, contracted_noi_usd, backlog_usd,
        contracted_value_usd, ai_contracted_it_mw, in_service_it_mw, leased_gross_mw, ntm_contract_revenue_usd,
        ntm_contract_noi_usd, capex_to_spend_usd, lease_revenue_usd, cloud_revenue_usd: sums of the known parts, 0 where
        nothing is signed, NaN where something is signed and none of it has a figure, or some of it has none and the rest
        adds up to zero. And `*_unknown` texts that name the
        contracts without the figure; `margin_assumed`, `escalator_assumed`, `backlog_upper`, `mw_from_gross`,
        `capex_assumed`, `start_assumed` the contracts with such a stand-in.
    """
    ai = contracts[contracts["is_ai"]]
    out = pd.DataFrame(index=index)
    out["signed_contracts"] = ai.groupby(KEYS).size().reindex(index, fill_value=0)
    none_signed = out["signed_contracts"] == 0
    sums = {
        "contracted_revenue_usd": "owned_annual_revenue_usd",
        "contracted_noi_usd": "owned_noi_usd",
        "backlog_usd": "owned_backlog_usd",
        "contracted_value_usd": "owned_value_usd",
        "ai_contracted_it_mw": "owned_it_mw",
        "in_service_it_mw": "owned_in_service_mw",
        "leased_gross_mw": "owned_gross_mw",
        "ntm_contract_revenue_usd": "owned_ntm_revenue_usd",
        "ntm_contract_noi_usd": "owned_ntm_noi_usd",
        "capex_to_spend_usd": "capex_to_spend_usd",
    }
    summed = grouped(ai, list(sums.values()), index, least=1)
    for name, column in sums.items():
        out[name] = summed[column].where(~none_signed, 0.0)
    revenue = ["owned_annual_revenue_usd"]
    out["cloud_revenue_usd"] = grouped(ai[ai["business"] == CLOUD], revenue, index)[revenue[0]]
    out["lease_revenue_usd"] = grouped(ai[ai["business"] != CLOUD], revenue, index)[revenue[0]]
    has_value = ai["owned_annual_revenue_usd"].notna()
    lists = {
        "revenue_unknown": ~has_value,
        "backlog_unknown": ai["owned_backlog_usd"].isna(),
        "mw_unknown": ai["owned_it_mw"].isna(),
        "mw_from_gross": ai["it_mw_is_proxy"],
        "ntm_unknown": ai["owned_ntm_revenue_usd"].isna(),
        "capex_unknown": ai["capex_to_spend_usd"].isna(),
        "capex_assumed": ai["capex_assumed_usd"] > 0,
        "margin_assumed": ai["margin_is_assumed"] & has_value,
        "escalator_assumed": ai["escalator_is_assumed"] & has_value,
        "start_assumed": ai["start_is_assumed"],
        "backlog_upper": ai["start_is_unknown"] & ai["owned_backlog_usd"].notna(),
    }
    at = positions(ai, index)
    for name, mask in lists.items():
        out[name] = Details.named(ai["contract_id"][mask], at[mask], len(index)).texts
    # A zero of the known contracts says nothing of those without a figure.
    for name, left_out in (
        ("capex_to_spend_usd", "capex_unknown"), ("in_service_it_mw", "mw_unknown"), ("leased_gross_mw", "mw_unknown"),
        ("ai_contracted_it_mw", "mw_unknown"),
    ):  # fmt: skip
        out[name] = out[name].mask((out[name] == 0) & (out[left_out] != ""))
    return out
