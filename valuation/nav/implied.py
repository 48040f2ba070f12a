"""Implied figures of a price: cap rate, probability of future leases, value per unleased MW, conversion share."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.contracts.terms import LEASE
from valuation.fundamentals.company_metrics import Valuation
from valuation.nav.names import HEADLINE, UNSIGNED
from valuation.nav.parts import Position, Shock, parts_under
from valuation.status import Ledger
from valuation.sums import positions

# Cap rates are looked for within these multiples of the assumed ones.
LOWEST, HIGHEST = 0.05, 20.0
STEPS = 80
MOVED_BY_CAP_RATE = ("leases_dcf_usd", "gpu_cloud_usd", "contract_taxes_usd", *UNSIGNED)
NET_DEBT = ("cash_usd", "restricted_cash_usd", "other_coins_usd", "debt_after_conversion_usd", "finance_leases_usd",
            "preferred_equity_usd", "noncontrolling_interest_usd", "customer_prepayments_usd")  # fmt: skip


def value_per_let_mw(contracts: pd.DataFrame, by_class: pd.DataFrame) -> float:
    """Value per leased MW under signed leases on the day of their start, net of construction cost, USD per gross MW.

    DCF of each lease after tax on the day of its start less the building cost, summed over leases whose MW are known,
    over their gross MW; NaN where none is signed. A parent's copy of a subsidiary's contract is not counted again.
    """
    counted = (contracts["business"] == LEASE) & (contracts["held_through"] == "") & (contracts["scope"] == "miners")
    counted &= contracts["owned_it_mw"].notna()
    if not counted.any():
        return float("nan")
    row = by_class.index.get_level_values("row").to_numpy()
    worth = by_class["at_start_usd"].to_numpy()[counted.to_numpy()[row]].sum()
    rows = contracts[counted]
    return float((worth - rows["building_capex_usd"].sum()) / rows["owned_gross_mw"].sum())


def put(
    ledger: Ledger,
    valuation: Valuation,
    position: Position,
    by_class: pd.DataFrame,
    contracts: pd.DataFrame,
    per_let_mw_usd: float,
) -> None:
    """Add the implied figures of the price to a ledger with parts and values of `nav`, by the headline (DCF):
    assumed_cap_rate and implied_cap_rate (of the leases), implied_probability (of a lease on approved power, first deals
    and others alike), implied_usd_per_unlet_mw, implied_conversion_share.

    Notes
    -----
    The implied cap rate moves every cap rate by one multiple, and the costs of capital of contracts and of power without
    a lease by the same points, until the net asset value is the equity value, by bisection: it falls as they rise.
    Conversion share (METHODS section 5): (equity value - mining - coins + net
    debt) / (value per let MW x secured MW), how much of its power the price takes for leased; above 1 the price pays
    for more than that.
    """
    equity, nav = ledger["equity_value_usd"], ledger[f"{HEADLINE}_usd"]
    after = [f"{HEADLINE}_usd", "equity_value_usd"]
    noi, worth = _leases(by_class, contracts, ledger.index)
    no_lease = {"no lease signed": noi == 0}
    assumed = _over(noi, worth)
    ledger.put("assumed_cap_rate", assumed, after=["leases_dcf_usd"], not_meaningful=no_lease)
    multiple = _cap_rate_multiple(position, equity, nav)
    out_of_reach = {"no cap rate gives this price": np.isnan(multiple) & ~np.isnan(equity - nav)}
    ledger.put("implied_cap_rate", assumed * multiple, after=after, not_meaningful=no_lease | out_of_reach)

    approved = ledger["approved_power_usd"]
    a = position.assumptions
    first = position.first_deal_mw
    likely = first * a.probability_first_deal + (position.approved_mw - first) * a.probability_approved
    # Were all of it leased for sure.
    certain = approved * _over(position.approved_mw, likely)
    chance = _over(equity - nav + approved, certain)
    nothing = {"no approved power without a lease": np.nan_to_num(certain) == 0}
    ledger.put("implied_probability", chance, after=[*after, "approved_power_usd"], not_meaningful=nothing)

    unsigned = sum(np.nan_to_num(ledger[name]) for name in UNSIGNED)
    mw = position.approved_mw + position.operating_mw
    per_mw = _over(equity - nav + unsigned, mw)
    all_let = {"no power without a lease": mw == 0}
    ledger.put("implied_usd_per_unlet_mw", per_mw, after=[*after, "approved_power_usd"], not_meaningful=all_let)

    net_debt = -sum(np.nan_to_num(ledger[name]) for name in NET_DEBT)
    for_power = equity - np.nan_to_num(ledger["mining_usd"]) - ledger["bitcoin_usd"] + net_debt
    share = _over(for_power, per_let_mw_usd * valuation.table["secured_mw"].to_numpy(dtype=float))
    no_yardstick = {
        "no lease signed in the sector": np.full(len(equity), np.isnan(per_let_mw_usd)),
        "a leased MW is valued below its construction cost": np.full(len(equity), per_let_mw_usd <= 0),
    }
    ledger.put("implied_conversion_share", share, after=[*after, "approved_power_usd"], not_meaningful=no_yardstick)


def _over(part: np.ndarray, whole: np.ndarray) -> np.ndarray:
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(whole != 0, part / whole, np.nan)


def _leases(by_class: pd.DataFrame, contracts: pd.DataFrame, index: pd.MultiIndex) -> tuple[np.ndarray, np.ndarray]:
    """Forward NOI of each holder's leases, and the same over their cap rates."""
    row = by_class.index.get_level_values("row").to_numpy()
    holder = positions(contracts, index)[row]
    counted = (by_class["business"] == LEASE).to_numpy() & (holder >= 0)
    rents = by_class["forward_noi_usd"].to_numpy()[counted]
    sums = [
        np.bincount(holder[counted], weights=values, minlength=len(index))
        for values in (rents, rents / by_class["cap_rate"].to_numpy()[counted])
    ]
    return sums[0], sums[1]


def _cap_rate_multiple(position: Position, equity: np.ndarray, nav: np.ndarray) -> np.ndarray:
    """Multiple of every cap rate at which the net asset value is the equity value; NaN where none within the bounds."""

    def moved(multiple: float | np.ndarray) -> np.ndarray:
        parts = parts_under(position, Shock(cap_rate=multiple), MOVED_BY_CAP_RATE)
        return sum(np.nan_to_num(parts[name]) for name in MOVED_BY_CAP_RATE)

    fixed = nav - moved(1.0)
    low, high = np.full(len(equity), LOWEST), np.full(len(equity), HIGHEST)
    reachable = (fixed + moved(high) <= equity) & (equity <= fixed + moved(low))
    for _ in range(STEPS):
        middle = np.sqrt(low * high)
        above = fixed + moved(middle) > equity
        before, (low, high) = (low, high), (np.where(above, middle, low), np.where(above, high, middle))
        # No number lies between the ends any more: the steps left would change nothing.
        if np.array_equal(low, before[0]) and np.array_equal(high, before[1]):
            break
    return np.where(reachable, np.sqrt(low * high), np.nan)
