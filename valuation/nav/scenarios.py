"""Scenarios: changed assumptions, markets, tenants and locations, applied to contracts, mining and net asset value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions, checked
from valuation.contracts import credit
from valuation.errors import ScenarioInvalid
from valuation.groups import PIVOT
from valuation.mining.economics import HOURS_PER_YEAR, Mining
from valuation.nav.parts import Shock


@dataclass(frozen=True)
class Place:
    """Regulation in one state or grid: multiples of NOI and of the probability of future leases, power cost, delays."""

    state: str = ""
    grid_operator: str = ""
    noi: float = 1.0
    probability: float = 1.0
    power_usd_per_kwh: float = 0.0
    delay_years: float = 0.0

    def holds(self, places: pd.DataFrame) -> pd.Series:
        """Rows (columns state, grid_operator) that are in it."""
        inside = pd.Series(True, index=places.index)
        if self.state:
            inside &= places["state"] == self.state
        if self.grid_operator:
            inside &= places["grid_operator"] == self.grid_operator
        return inside


@dataclass(frozen=True)
class Scenario:
    """A named scenario. Multiples of 1 and empty tables change nothing.

    Attributes
    ----------
    bitcoin, hashprice : float
        Multiples of today's; hashprice None follows bitcoin and the hashrate that leaves.
    hashrate_leaving : float
        Part of the network that leaves for AI; `hashrate_refill` of it comes back.
    set, add, multiply : Mapping
        Assumption -> value, summand or factor.
    defaulting : tuple of str
        Counterparties that stop paying; a guarantor pays the part that it covers.
    gap : float or None
        The ratio to which the gap closes through prices of `gap_group`; it moves prices and no value.
    gap_group : {"pivot", "bitcoin"}
        Whose prices: the AI group's, or the mining group's.
    places : tuple of Place
    """

    name: str
    title: str
    why: str = ""
    bitcoin: float = 1.0
    hashprice: float | None = None
    hashrate_leaving: float = 0.0
    set: Mapping[str, float] = field(default_factory=dict)
    add: Mapping[str, float] = field(default_factory=dict)
    multiply: Mapping[str, float] = field(default_factory=dict)
    defaulting: tuple[str, ...] = ()
    gap: float | None = None
    gap_group: str = PIVOT
    places: tuple[Place, ...] = ()

    def assumed(self, base: Assumptions) -> Assumptions:
        """The assumptions in this scenario.

        Raises
        ------
        ScenarioInvalid
            A change leads out of a number's bounds.
        """
        values = {name: getattr(base, name) * factor for name, factor in self.multiply.items()}
        values |= {name: values.get(name, getattr(base, name)) + more for name, more in self.add.items()}
        values |= self.set
        problems: list[tuple[str, Any, str]] = []
        good: dict[str, Any] = {}
        for name, value in values.items():
            try:
                good[name] = checked(Assumptions, name, value)
            except ValueError as error:
                problems.append((name, value, str(error)))
        if problems:
            raise ScenarioInvalid(problems)
        return replace(base, **good)

    def hashprice_multiple(self, assumptions: Assumptions) -> float:
        """Hashprice over today's: given, or bitcoin's over what is left of the network."""
        if self.hashprice is not None:
            return self.hashprice
        return self.bitcoin / (1 - self.hashrate_leaving * (1 - assumptions.hashrate_refill))

    def words(self) -> list[str]:
        """The changes that the scenario makes, a line each."""
        lines = []
        if self.bitcoin != 1:
            lines.append(f"bitcoin x {self.bitcoin:g}")
        if self.hashprice is not None:
            lines.append(f"hashprice x {self.hashprice:g}")
        if self.hashrate_leaving:
            lines.append(f"{self.hashrate_leaving:.0%} of the network's hashrate leaves")
        lines += [f"{name} = {_told(value)}" for name, value in self.set.items()]
        lines += [f"{name} {value:+,.10g}" for name, value in self.add.items()]
        lines += [f"{name} x {value:g}" for name, value in self.multiply.items()]
        lines += [f"{name} stops paying; a guarantor pays the part that it covers" for name in self.defaulting]
        if self.gap is not None:
            group = "AI" if self.gap_group == PIVOT else "mining"
            lines.append(f"the gap per secured MW closes to {self.gap:g}x through prices of the {group} group")
        for place in self.places:
            where = " ".join(filter(None, [place.state, place.grid_operator]))
            changes = {"NOI": place.noi, "probability of future leases": place.probability}
            told = [f"{what} x {factor:g}" for what, factor in changes.items() if factor != 1]
            told += [f"mining power {place.power_usd_per_kwh:+g} USD per kWh"] if place.power_usd_per_kwh else []
            told += (
                [f"starts {place.delay_years:g} year{'s' if place.delay_years != 1 else ''} later"]
                if place.delay_years
                else []
            )
            lines.append(f"{where}: {', '.join(told)}")
        return lines


def _told(value: float) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else f"{value:g}"


def adjusted_contracts(
    contracts: pd.DataFrame, tranches: pd.DataFrame, scenario: Scenario
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contracts and tranches of `contracts.schedule` in the scenario.

    A defaulting tenant's contract without a guarantor is gone: no income, no further cost, its MW free again. With one
    it pays the covered part and the cost is still spent. A rule in a place scales NOI and moves starts still ahead: the
    income comes later (`delayed_years` of a tranche), the capex as planned, as with the assumption `delay_years`.
    """
    out, parts = contracts.copy(), tranches.copy()
    names = {name.casefold() for name in scenario.defaulting}
    defaults = out["counterparty_name"].str.casefold().isin(names)
    money = ["owned_value_usd", "value_used_usd", "owned_annual_revenue_usd", "owned_first_year_revenue_usd",
             "owned_noi_usd", "owned_ebit_usd", "supported_usd", "owned_prepayment_usd",
             "owned_rent_credits_usd"]  # fmt: skip
    if defaults.any():
        covered = out.loc[defaults, "supported_share"]
        out.loc[defaults, money] = out.loc[defaults, money].mul(covered, axis=0)
        # What is left is the guarantor's.
        out.loc[defaults, "own_class"] = out.loc[defaults, "guarantor_class"]
    parts["delayed_years"] = 0.0
    for place in scenario.places:
        inside = place.holds(out)
        out.loc[inside, "owned_ebit_usd"] -= out.loc[inside, "owned_noi_usd"] * (1 - place.noi)
        out.loc[inside, ["margin_used", "owned_noi_usd"]] *= place.noi
        later = inside.to_numpy()[parts["row"].to_numpy()] & ~parts["delivered"].to_numpy(dtype=bool)
        for name in ("starts_in_years", "delayed_years"):
            parts.loc[later, name] += place.delay_years
    kept = ~(defaults & (out["supported_share"] == 0)).to_numpy()
    position = np.cumsum(kept) - 1
    parts = parts[kept[parts["row"].to_numpy()]].reset_index(drop=True)
    return out[kept].reset_index(drop=True), parts.assign(row=position[parts["row"].to_numpy()])


def share_in_place(sites: pd.DataFrame, tickers: pd.Index, place: Place, gross_per_it: float) -> np.ndarray:
    """Part of each company's listed gross MW that lies in a place; 0 where none of its sites is listed."""
    known = credit.located(sites)
    mw = known["gross_mw"].fillna(known["critical_it_mw"] * gross_per_it).fillna(0.0)
    whole = mw.groupby(known["ticker"]).sum()
    inside = mw.where(place.holds(known), 0.0).groupby(known["ticker"]).sum()
    return (inside / whole).reindex(tickers).fillna(0.0).to_numpy()


def adjusted_mining(mining: Mining, scenario: Scenario, sites: pd.DataFrame, gross_per_it: float) -> Mining:
    """Mining with dearer or cheaper power in the scenario's places."""
    table = mining.table.copy()
    tickers = table.index.get_level_values("ticker")
    for place in scenario.places:
        part = share_in_place(sites, tickers, place, gross_per_it)
        table["power_cost_usd"] += table["fleet_mw"] * part * place.power_usd_per_kwh * 1000 * HOURS_PER_YEAR
    table["margin_usd"] = table["revenue_usd"] - table["power_cost_usd"]
    return replace(mining, table=table)


def shock(scenario: Scenario, assumptions: Assumptions, sites: pd.DataFrame, tickers: pd.Index) -> Shock:
    """Market shock of a scenario, with probability and delay of future leases by location of each company's power."""
    chance, delay = np.ones(len(tickers)), np.zeros(len(tickers))
    for place in scenario.places:
        part = share_in_place(sites, tickers, place, assumptions.gross_mw_per_critical_it_mw)
        chance = chance * (1 - part * (1 - place.probability))
        delay = delay + part * place.delay_years
    return Shock(
        bitcoin=scenario.bitcoin,
        hashprice=scenario.hashprice_multiple(assumptions),
        probability=chance,
        unleased_delay_years=delay,
    )
