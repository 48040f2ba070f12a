"""Net asset value by parts: contract streams, power without a lease, mining, bitcoin, under any shock.

The point estimate, the tornado, the simulation and the reverse valuation all call `parts_under`, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts.arithmetic import DAYS_PER_YEAR
from valuation.contracts.credit import CLASSES
from valuation.contracts.terms import CLOUD, KEYS, LEASE, Calendar, elapsed_value

PERPETUITY, TERM, RESIDUAL = "perpetuity", "term", "residual"
# A stream is the present value of contracts of one business, credit class and kind of flow. A perpetuity of a
# five-year GPU contract means nothing and is not formed.
STREAMS = tuple((LEASE, flow, who) for flow in (PERPETUITY, TERM, RESIDUAL) for who in CLASSES) + tuple(
    (CLOUD, flow, who) for flow in (TERM, RESIDUAL) for who in CLASSES
)
# Which streams make which part. The residual after the base term belongs to the net asset value, not to the floor.
PART_STREAMS = {
    "leases_cap_rate_usd": [(LEASE, PERPETUITY)],
    "leases_dcf_usd": [(LEASE, TERM), (LEASE, RESIDUAL)],
    "leases_base_term_usd": [(LEASE, TERM)],
    "gpu_cloud_usd": [(CLOUD, TERM), (CLOUD, RESIDUAL)],
    "gpu_cloud_base_term_usd": [(CLOUD, TERM)],
}


@dataclass(frozen=True)
class Shock:
    """Shock to the assumptions: multiples of 1, and the delay in years (None: as assumed)."""

    bitcoin: float | np.ndarray = 1.0
    hashprice: float | np.ndarray = 1.0
    cap_rate: float | np.ndarray = 1.0
    capex: float | np.ndarray = 1.0
    delay_years: float | np.ndarray | None = None
    probability: float | np.ndarray = 1.0


@dataclass(frozen=True)
class Position:
    """Position of each company, in USD and gross MW; arrays (rows,), or scalars for one row.

    Attributes
    ----------
    running, ahead : ndarray (rows, streams)
        Value today of the streams of contracts in service, and of those still to start, without delays.
    mining_revenue_usd, mining_cost_usd : a year at today's hashprice; NaN unknown
    bitcoin_usd : at spot
    capex_usd : capex to complete of the contracts counted
    let_mw : gross MW under signed contracts, whether they can be valued or not
    approved_mw, operating_mw, pipeline_mw : gross MW without a lease
    hashprice_path, mining_discount : ndarray (years,), as of `mining.path`
    """

    running: np.ndarray
    ahead: np.ndarray
    mining_revenue_usd: np.ndarray
    mining_cost_usd: np.ndarray
    bitcoin_usd: np.ndarray
    capex_usd: np.ndarray
    let_mw: np.ndarray
    approved_mw: np.ndarray
    operating_mw: np.ndarray
    pipeline_mw: np.ndarray
    hashprice_path: np.ndarray
    mining_discount: np.ndarray
    assumptions: Assumptions

    def row(self, i: int | slice) -> Position:
        """One company, ready to meet arrays of draws, or some companies."""
        shared = ("hashprice_path", "mining_discount", "assumptions")
        return replace(self, **{f.name: getattr(self, f.name)[i] for f in fields(self) if f.name not in shared})


def value_of_let_mw(
    assumptions: Assumptions, cap_rate: float | np.ndarray = 1.0, capex: float | np.ndarray = 1.0
) -> float | np.ndarray:
    """Value per leased gross MW on the day of the lease, net of construction cost, USD; not below zero.

    Nobody builds at a loss, so a lease worth less than its cost is not signed.
    """
    income = assumptions.market_noi_usd_per_mw / (assumptions.cap_rate_exit * cap_rate)
    cost = (assumptions.capex_lease_usd_per_mw + assumptions.capex_overrun_usd_per_mw) * capex
    return np.maximum(income - cost, 0.0) / assumptions.gross_mw_per_critical_it_mw


def mining_value(position: Position, hashprice: float | np.ndarray) -> float | np.ndarray:
    """Mining over its life, USD: each year's margin at the hashprice path, a fleet that loses money switched off."""
    total: float | np.ndarray = 0.0
    for factor, discount in zip(position.hashprice_path, position.mining_discount, strict=True):
        margin = position.mining_revenue_usd * (factor * hashprice) - position.mining_cost_usd
        total = total + discount * np.maximum(margin, 0.0)
    return total


def parts_under(position: Position, shock: Shock, wanted: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """Every part that the shock can move, or those `wanted`, USD; capex is negative. NaN is unknown."""
    a = position.assumptions
    delay = np.asarray(a.delay_years if shock.delay_years is None else shock.delay_years, dtype=float)
    rates = {(b, who): a.cost_of_capital(who, cloud=b == CLOUD) for b, _, who in STREAMS}
    late = {rate: np.exp(-delay * np.log1p(rate)) for rate in {*rates.values(), a.cost_of_capital_other}}
    parts: dict[str, Any] = {}
    for name, flows in PART_STREAMS.items():
        if wanted is not None and name not in wanted:
            continue
        total: float | np.ndarray = 0.0
        for k, (business, flow, who) in enumerate(STREAMS):
            running, ahead = position.running[..., k], position.ahead[..., k]
            # Most companies have one or two streams; empty ones cost nothing in 100,000 draws.
            if (business, flow) not in flows or not (np.any(running) or np.any(ahead)):
                continue
            stream = running + ahead * late[rates[business, who]]
            total = total + (stream if flow == TERM else stream / shock.cap_rate)
        parts[name] = total
    parts["capex_to_spend_usd"] = -position.capex_usd * shock.capex
    let = value_of_let_mw(a, shock.cap_rate, shock.capex) * late[a.cost_of_capital_other]
    unlet = 1 + a.cost_of_capital_other
    for name, mw, chance, years in (
        ("approved_power_usd", position.approved_mw, a.probability_approved, a.approved_start_years),
        ("mining_power_usd", position.operating_mw, a.probability_operating, a.mining_life_years),
        ("pipeline_usd", position.pipeline_mw, a.probability_pipeline, a.pipeline_start_years),
    ):
        probability = np.minimum(chance * shock.probability, 1.0)
        parts[name] = mw * (probability * let * unlet**-years)
    if wanted is None or "mining_usd" in wanted:
        parts["mining_usd"] = mining_value(position, shock.hashprice)
    parts["bitcoin_usd"] = position.bitcoin_usd * shock.bitcoin
    return parts if wanted is None else {name: parts[name] for name in wanted}


def contract_values(spread: Calendar, assumptions: Assumptions) -> pd.DataFrame:
    """Present value of each scheduled contract by flow, USD at the owner's share, without delays.

    Parameters
    ----------
    spread : Calendar
        n contracts.

    Returns
    -------
    DataFrame
        A row a contract and credit class (its guarantor's part and its own), on two index levels (row of
        `spread.contracts`, class): business, share (of the contract in that class), cost_of_capital, cap_rate,
        forward_noi_usd (first twelve months from today or from the start), perpetuity_usd (leases: forward NOI / cap
        rate), term_usd (NOI of the rest of the base term, each calendar year at the midpoint of the rest of it),
        residual_usd (what goes on after it). Zero where a flow does not apply.

    Notes
    -----
    A lease's residual is `residual_share` of its last year's NOI over the exit cap rate; GPU cloud leaves a data
    centre to lease, so its residual is `residual_share` of market NOI x MW over the exit cap rate, nothing where the
    MW are unknown.
    """
    contracts = spread.contracts
    n = len(contracts)
    backed = contracts["supported_share"].to_numpy(dtype=float)
    who = np.concatenate(
        [contracts["guarantor_class"].to_numpy(dtype=object), contracts["own_class"].to_numpy(dtype=object)]
    )
    out = pd.DataFrame(
        {
            "business": np.tile(contracts["business"].to_numpy(dtype=object), 2),
            "share": np.concatenate([backed, 1 - backed]),
        },
        index=pd.MultiIndex.from_arrays([np.tile(np.arange(n), 2), who], names=["row", "tenant_class"]),
    )
    cloud = out["business"].to_numpy() == CLOUD
    by_class = {
        name: (
            assumptions.cost_of_capital(name),
            assumptions.cost_of_capital(name, cloud=True),
            assumptions.cap_rate(name),
        )
        for name in CLASSES
    }
    plain, premium, cap = (np.array([by_class[name][k] for name in who], dtype=float) for k in range(3))
    rate = np.where(cloud, premium, plain)
    out["cost_of_capital"] = rate
    out["cap_rate"] = np.where(cloud, np.nan, cap)

    to_start = contracts["years_to_start"].to_numpy(dtype=float)
    term = contracts["term_years"].to_numpy(dtype=float)
    margin = contracts["margin_used"].to_numpy(dtype=float)
    since = np.clip(-to_start, 0.0, None)
    # Parts of a ramp start half of it later on average.
    wait = np.where(to_start > 0, to_start + assumptions.ramp_years / 2, 0.0)
    left = np.clip(term - since, 0.0, None)
    ends = np.column_stack([since, since + 1, term - 1, term])
    paid = elapsed_value(contracts, ends, 0.0)
    forward, last = (paid[:, 1] - paid[:, 0]) * margin, (paid[:, 3] - paid[:, 2]) * margin
    noi = spread.remaining * margin[:, None]
    middle = _years_to_middle(spread)

    double = np.tile(np.arange(n), 2)
    today = (1 + rate) ** -wait[double]
    share = out["share"].to_numpy()
    out["forward_noi_usd"] = forward[double] * share
    out["perpetuity_usd"] = np.where(cloud, 0.0, forward[double] * share / cap * today)
    out["term_usd"] = (noi[double] * (1 + rate[:, None]) ** -middle[double]).sum(axis=1) * share
    market = np.nan_to_num(contracts["owned_it_mw"].to_numpy(dtype=float)) * assumptions.market_noi_usd_per_mw
    goes_on = np.where(cloud, market[double], last[double]) * share
    after = goes_on * assumptions.residual_share / assumptions.cap_rate_exit
    out["residual_usd"] = np.where(left[double] > 0, after * (1 + rate) ** -(left[double] + wait[double]), 0.0)
    return out


def _years_to_middle(spread: Calendar) -> np.ndarray:
    """Years from the as-of date to the midpoint of the rest of each calendar year, (contracts, years)."""
    edges = pd.to_datetime([f"{year}-01-01" for year in [*spread.years, spread.years[-1] + 1]]).to_numpy()
    as_of = spread.contracts["as_of"].to_numpy()[:, None]
    at = (edges[None, :] - as_of) / np.timedelta64(1, "D") / DAYS_PER_YEAR
    at = np.clip(at, 0.0, None)
    return (at[:, 1:] + at[:, :-1]) / 2


def streams(contracts: pd.DataFrame, values: pd.DataFrame, index: pd.MultiIndex) -> tuple[np.ndarray, np.ndarray]:
    """Contract values summed into (rows, streams), of contracts in service and of those still to start.

    Parameters
    ----------
    contracts : DataFrame
        Columns as_of, ticker, years_to_start; one row a holder and contract.
    values : DataFrame
        From `contract_values`, its first level the positions of `contracts`.
    index : MultiIndex
        (as_of, ticker) rows; contracts of others are dropped.
    """
    row, who = values.index.get_level_values("row").to_numpy(), values.index.get_level_values("tenant_class").to_numpy()
    holder = index.get_indexer(pd.MultiIndex.from_frame(contracts[KEYS]))[row]
    starts_later = (contracts["years_to_start"].to_numpy(dtype=float) > 0)[row]
    business = values["business"].to_numpy()
    position = {stream: k for k, stream in enumerate(STREAMS)}
    sums = {False: np.zeros((len(index), len(STREAMS))), True: np.zeros((len(index), len(STREAMS)))}
    for flow in (PERPETUITY, TERM, RESIDUAL):
        column = np.array([position.get((b, flow, w), -1) for b, w in zip(business, who, strict=True)], dtype=int)
        worth = values[f"{flow}_usd"].to_numpy(dtype=float)
        for later, total in sums.items():
            counted = (starts_later == later) & (holder >= 0) & (column >= 0)
            np.add.at(total, (holder[counted], column[counted]), worth[counted])
    return sums[False], sums[True]
