"""Net asset value by parts: contract streams, power without a lease, mining, bitcoin, under any shock.

The point estimate, the tornado, the simulation and the reverse valuation all call `parts_under`, so they cannot disagree.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np

from valuation.assumptions import Assumptions
from valuation.contracts.terms import CLOUD, LEASE
from valuation.nav.flows import PERPETUITY, RESIDUAL, STREAMS, TAX, TERM

# Which streams make which part. The residual after the base term belongs to the net asset value, not to the floor.
PART_STREAMS = {
    "leases_cap_rate_usd": [(LEASE, PERPETUITY)],
    "leases_dcf_usd": [(LEASE, TERM), (LEASE, RESIDUAL)],
    "leases_base_term_usd": [(LEASE, TERM)],
    "gpu_cloud_usd": [(CLOUD, TERM), (CLOUD, RESIDUAL)],
    "gpu_cloud_base_term_usd": [(CLOUD, TERM)],
    "contract_taxes_usd": [(LEASE, TAX), (CLOUD, TAX)],
}
Number = float | np.ndarray
SHORTEST = 1e-9


@dataclass(frozen=True)
class Shock:
    """Shock to the assumptions: multiples of 1, and the delay in years (None: as assumed).

    A multiple of cap rates moves the costs of capital of contracts and of power without a lease by the same points: a cost
    of capital is a cap rate plus growth. `unleased_delay_years` comes on top for power without a lease alone.
    """

    bitcoin: Number = 1.0
    hashprice: Number = 1.0
    cap_rate: Number = 1.0
    capex: Number = 1.0
    delay_years: Number | None = None
    probability: Number = 1.0
    unleased_delay_years: Number = 0.0


@dataclass(frozen=True)
class Position:
    """Position of each company, in USD and gross MW; arrays (rows,), or scalars for one row.

    Attributes
    ----------
    running, ahead : ndarray (rows, streams, years)
        Payments at whole years from today of tranches in service, and of those still to start, without delays.
    mining_revenue_usd, mining_cost_usd : a year at today's hashprice; NaN unknown
    bitcoin_usd : at spot
    capex_usd : capex to complete of the contracts counted
    let_mw : gross MW under signed contracts, whether they can be valued or not
    approved_mw, operating_mw, pipeline_mw : gross MW without a lease: approved, in use for mining, not approved
    first_deal_mw : the part of approved_mw that a first deal may take
    ai_in_service_mw : gross MW in AI service, which do not mine; 0 where unknown
    mining_displaced : part of the mining that runs on operating_mw
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
    first_deal_mw: np.ndarray
    ai_in_service_mw: np.ndarray
    operating_mw: np.ndarray
    pipeline_mw: np.ndarray
    mining_displaced: np.ndarray
    hashprice_path: np.ndarray
    mining_discount: np.ndarray
    assumptions: Assumptions

    def row(self, i: int | slice | np.ndarray) -> Position:
        """One company, ready to meet arrays of draws, or some companies."""
        shared = ("hashprice_path", "mining_discount", "assumptions")
        return replace(self, **{f.name: getattr(self, f.name)[i] for f in fields(self) if f.name not in shared})


def value_of_let_mw(assumptions: Assumptions, cap_rate: Number = 1.0, capex: Number = 1.0) -> Number:
    """Value per leased gross MW on the day of the lease, net of construction cost, USD; not below zero.

    Nobody builds at a loss, so a lease worth less than its cost is not signed.
    """
    income = assumptions.market_noi_usd_per_mw / (assumptions.cap_rate_exit * cap_rate)
    cost = (assumptions.capex_lease_usd_per_mw + assumptions.capex_overrun_usd_per_mw) * capex
    return np.maximum(income - cost, 0.0) / assumptions.gross_mw_per_critical_it_mw


def mining_value(position: Position, hashprice: Number, after_years: Number = 0.0) -> Number:
    """Mining over its life, USD: each year's margin at the hashprice path, a fleet that loses money switched off.

    `after_years` counts what is earned after that many years alone.
    """
    total: Number = 0.0
    life = position.assumptions.mining_life_years
    for k, (factor, discount) in enumerate(zip(position.hashprice_path, position.mining_discount, strict=True)):
        margin = position.mining_revenue_usd * (factor * hashprice) - position.mining_cost_usd
        ends = min(k + 1.0, life)
        # A last year that lasts no time earns nothing, and nothing is divided by it.
        part = np.clip((ends - np.maximum(after_years, k)) / max(ends - k, SHORTEST), 0.0, 1.0)
        total = total + part * discount * np.maximum(margin, 0.0)
    return total


def parts_under(position: Position, shock: Shock, wanted: Collection[str] | None = None) -> dict[str, np.ndarray]:
    """Every part that the shock can move, or those `wanted`, USD; capex and taxes are negative. NaN is unknown.

    Taxes are those of the capex assumed: a shock to capex does not move depreciation.
    """
    a = position.assumptions
    parts: dict[str, Any] = {}
    worth = _Streams(position, shock)
    for name, flows in PART_STREAMS.items():
        if wanted is None or name in wanted:
            parts[name] = worth.total(flows)
    parts["capex_to_spend_usd"] = 0.0 - position.capex_usd * shock.capex
    rate = a.cost_of_capital_other + a.cap_rate_exit * (shock.cap_rate - 1)
    let = value_of_let_mw(a, shock.cap_rate, shock.capex)
    wait = worth.delay + shock.unleased_delay_years
    soon, late = (let * np.exp(-(years + wait) * np.log1p(rate)) for years in
                  (a.approved_start_years, a.pipeline_start_years))  # fmt: skip
    first, approved, operating, pipeline = (
        np.minimum(getattr(a, f"probability_{name}") * shock.probability, 1.0)
        for name in ("first_deal", "approved", "operating", "pipeline")
    )
    other = position.approved_mw - position.first_deal_mw
    parts["approved_power_usd"] = (position.first_deal_mw * first + other * approved) * soon
    # The lease takes the place of mining, and nobody gives up mining that earns more.
    given_up = np.nan_to_num(mining_value(position, shock.hashprice, a.approved_start_years + wait))
    gain = position.operating_mw * soon - position.mining_displaced * given_up
    parts["mining_power_usd"] = operating * np.maximum(gain, 0.0)
    parts["pipeline_usd"] = position.pipeline_mw * (pipeline * late)
    if wanted is None or "mining_usd" in wanted:
        parts["mining_usd"] = mining_value(position, shock.hashprice)
    parts["bitcoin_usd"] = position.bitcoin_usd * shock.bitcoin
    return parts if wanted is None else {name: parts[name] for name in wanted if name in parts}


class _Streams:
    """Present values of a position's streams under a shock."""

    def __init__(self, position: Position, shock: Shock) -> None:
        self.position, self.cap_rate = position, shock.cap_rate
        a = position.assumptions
        self.delay = np.asarray(a.delay_years if shock.delay_years is None else shock.delay_years, dtype=float)

    def total(self, flows: list[tuple[str, str]]) -> np.ndarray:
        """Sum of the streams of these businesses and flows."""
        a, out = self.position.assumptions, np.zeros(())
        for k, (business, flow, who) in enumerate(STREAMS):
            running, ahead = self.position.running[..., k, :], self.position.ahead[..., k, :]
            # Most companies have one or two streams; empty ones cost nothing in 100,000 draws.
            if (business, flow) not in flows or not (np.any(running) or np.any(ahead)):
                continue
            rate = a.cost_of_capital(who, cloud=business == CLOUD) + a.cap_rate(who) * (self.cap_rate - 1)
            stream = discounted(running, rate) + discounted(ahead, rate) * np.exp(-self.delay * np.log1p(rate))
            out = out + (stream if flow in (TERM, TAX) else stream / self.cap_rate)
        return out


def discounted(payments: np.ndarray, rate: Number) -> np.ndarray:
    """Present value of payments at whole years from today, (..., years), at one rate or at one for each draw or row."""
    if np.ndim(rate) == 0:
        return (payments * (1 + rate) ** -np.arange(payments.shape[-1], dtype=float)).sum(axis=-1)
    last = int(np.flatnonzero(payments.any(axis=tuple(range(payments.ndim - 1)))).max(initial=0))
    factor, total = 1 / (1 + np.asarray(rate)), np.zeros(np.shape(rate))
    for year in range(last, -1, -1):
        total = total * factor + payments[..., year]
    return total
