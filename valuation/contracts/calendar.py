"""Contracts over calendar years: revenue, NOI and depreciation, the sum over each contract's tranches."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.arithmetic import DAYS_PER_YEAR, earned
from valuation.contracts.terms import CLOUD, KEYS


@dataclass(frozen=True)
class Calendar:
    """Contracts over calendar years, USD at the owner's share; contracts down, years across.

    Attributes
    ----------
    contracts : DataFrame
        The rows of `Schedule.contracts` that can be scheduled, n of them.
    tranches : DataFrame
        Their tranches; `row` is a position in `contracts`.
    years : int array (k,)
    revenue : float array (n, k)
        Of the whole life; a row sums to the contract's value.
    remaining : float array (n, k)
        After the as-of date.
    """

    contracts: pd.DataFrame
    tranches: pd.DataFrame
    years: np.ndarray
    revenue: np.ndarray
    remaining: np.ndarray


def calendar(contracts: pd.DataFrame, tranches: pd.DataFrame) -> Calendar:
    """Spread each contract over calendar years; those whose `not_scheduled` says why are left out."""
    at = np.flatnonzero((contracts["not_scheduled"] == "").to_numpy())
    position = np.full(len(contracts), -1)
    position[at] = np.arange(len(at))
    known = contracts.iloc[at].reset_index(drop=True)
    parts = tranches[position[tranches["row"].to_numpy()] >= 0].reset_index(drop=True)
    parts = parts.assign(row=position[parts["row"].to_numpy()])
    if known.empty:
        none = np.zeros((0, 1))
        return Calendar(known, parts, np.array([1970]), none, none)
    row = parts["row"].to_numpy()
    starts, term = parts["starts_in_years"].to_numpy(), known["term_years"].to_numpy(dtype=float)[row]
    as_of = pd.DatetimeIndex(known["as_of"].to_numpy()[row])
    begin, end = (as_of + pd.to_timedelta(years * DAYS_PER_YEAR, unit="D") for years in (starts, starts + term))
    years = np.arange(begin.year.min(), end.year.max() + 1)
    edges = pd.to_datetime([f"{year}-01-01" for year in [*years, years[-1] + 1]])
    # Years from the as-of date to each edge, of each contract.
    to_edge = (edges.to_numpy()[None, :] - known["as_of"].to_numpy()[:, None]) / np.timedelta64(1, "D") / DAYS_PER_YEAR
    running = elapsed_value(known, parts, to_edge)
    so_far = elapsed_value(known, parts, np.zeros((len(known), 1)))
    revenue, remaining = np.diff(running, axis=1), np.diff(np.maximum(running, so_far), axis=1)
    used = np.flatnonzero(revenue.any(axis=0))
    kept = slice(used[0], used[-1] + 1) if len(used) else slice(0, 1)
    return Calendar(known, parts, years[kept], revenue[:, kept], remaining[:, kept])


def elapsed_value(contracts: pd.DataFrame, tranches: pd.DataFrame, at: np.ndarray) -> np.ndarray:
    """Revenue earned by each contract up to `at` years after the as-of date, USD, at the owner's share.

    Parameters
    ----------
    contracts : DataFrame
        n rows with value_used_usd, term_years, escalator_used.
    tranches : DataFrame
        row, starts_in_years, share.
    at : ndarray (n, k)
    """
    row = tranches["row"].to_numpy()
    value, term, growth = (
        contracts[name].to_numpy(dtype=float)[row][:, None]
        for name in ("value_used_usd", "term_years", "escalator_used")
    )
    part = earned(value, term, growth, at[row] - tranches["starts_in_years"].to_numpy()[:, None])
    out = np.zeros(at.shape)
    np.add.at(out, row, part * tranches["share"].to_numpy()[:, None])
    return out


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
    A contract's years sum to its value, and its `remaining_usd` to its backlog.
    """
    known, parts = spread.contracts, spread.tranches
    kept = [*KEYS, "contract_id", "business", "counterparty_name", "start_is_assumed"]
    columns = [*kept, "year", "revenue_usd", "noi_usd", "depreciation_usd", "ebit_usd", "remaining_usd"]
    if known.empty:
        return pd.DataFrame(columns=columns)
    edges = pd.to_datetime([f"{year}-01-01" for year in [*spread.years, spread.years[-1] + 1]])
    to_edge = (edges.to_numpy()[None, :] - known["as_of"].to_numpy()[:, None]) / np.timedelta64(1, "D") / DAYS_PER_YEAR
    row = parts["row"].to_numpy()
    life = np.minimum(known["term_years"].to_numpy(dtype=float), assumptions.gpu_life_years)[row][:, None]
    in_use = np.diff(np.clip(to_edge[row] - parts["starts_in_years"].to_numpy()[:, None], 0.0, life), axis=1)
    worn = np.zeros(spread.revenue.shape)
    np.add.at(worn, row, in_use * parts["share"].to_numpy()[:, None])
    cloud = (known["business"] == CLOUD).to_numpy()[:, None]
    a_year = known["gpu_capex_usd"].to_numpy()[:, None] / assumptions.gpu_life_years
    depreciation = np.where(cloud, worn * a_year, np.nan)
    noi = spread.revenue * known["margin_used"].to_numpy(dtype=float)[:, None]
    at, column = np.nonzero(spread.revenue > 0)
    out = known.loc[at, kept].reset_index(drop=True)
    out["year"] = spread.years[column]
    for name, values in {"revenue_usd": spread.revenue, "noi_usd": noi, "depreciation_usd": depreciation,
                         "ebit_usd": noi - depreciation, "remaining_usd": spread.remaining}.items():  # fmt: skip
        out[name] = values[at, column]
    return out[columns]
