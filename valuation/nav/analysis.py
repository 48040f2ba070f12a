"""Everything about what companies are worth on one date, and the same in a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.contracts import book as contract_book
from valuation.contracts.book import Book
from valuation.eligibility import eligible
from valuation.fundamentals.company_metrics import Valuation
from valuation.groups import BITCOIN, PIVOT
from valuation.inputs import Inputs
from valuation.mining import economics as mining_economics
from valuation.mining.economics import Mining
from valuation.nav import scenarios
from valuation.nav import sum_of_parts as net_assets
from valuation.nav.monte_carlo import Simulation, simulate
from valuation.nav.scenarios import Scenario
from valuation.nav.sum_of_parts import Nav


@dataclass(frozen=True)
class NavInputs:
    """What a date was assessed from, so that a scenario can start from the same."""

    inputs: Inputs
    valuation: Valuation
    sites: pd.DataFrame
    network: pd.DataFrame


@dataclass(frozen=True)
class NavAnalysis:
    """Contracts, mining and net asset value of every company on one date.

    Attributes
    ----------
    as_of : Timestamp
    basis : NavInputs
    book : Book
    mining : Mining
    nav : Nav
    compute_ratio : DataFrame
        `mining.compute_ratio`: what a MW earns for AI over mining.
    assumptions : Assumptions
    """

    as_of: pd.Timestamp
    basis: NavInputs
    book: Book
    mining: Mining
    nav: Nav
    compute_ratio: pd.DataFrame
    assumptions: Assumptions

    @cached_property
    def simulation(self) -> Simulation:
        """Of the net asset value by cap rates."""
        return simulate(self.nav)


@dataclass(frozen=True)
class ScenarioResult:
    """A scenario beside the base.

    Attributes
    ----------
    scenario : Scenario
    table : DataFrame
        Indexed by ticker: price_usd, nav and floor per share before and after, change_usd and change (of the net asset
        value per share, by cap rates), p_nav_before, p_nav_after, price_after_usd and price_change, and moved (the
        part that moved most). A price is taken to keep its distance to the net asset value in USD; where the scenario
        closes the gap, it follows the enterprise value per MW. excluded: why a company is outside the statistics.
    parts_before, parts_after : DataFrame
        Indexed by ticker, a column a part, USD.
    hashprice_before, hashprice_after : float
    notes : tuple of str
        What could not be applied.
    """

    scenario: Scenario
    table: pd.DataFrame
    parts_before: pd.DataFrame
    parts_after: pd.DataFrame
    hashprice_before: float
    hashprice_after: float
    notes: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The company table."""
        return self.table


def analyse(basis: NavInputs, assumptions: Assumptions, scenario: Scenario | None = None) -> NavAnalysis:
    """Contracts, mining and net asset value of one date, in a scenario where one is given.

    Parameters
    ----------
    basis : NavInputs
        inputs of one as-of date and their valuation; sites with columns ticker, site, state_or_region,
        grid_operator, gross_mw, critical_it_mw, as_of (dated after the as-of date: not used); network with columns
        date, btc_usd, hashrate_eh_per_s, reward_and_fees_btc_per_day.
    assumptions : Assumptions
    scenario : Scenario, optional

    Raises
    ------
    ScenarioInvalid
        A change leads out of a number's bounds.
    """
    inputs = basis.inputs
    as_of = inputs.index.get_level_values("as_of")[0]
    sites = basis.sites[~(basis.sites["as_of"] > as_of)]
    a = assumptions if scenario is None else scenario.assumed(assumptions)
    mining = mining_economics.economics(inputs, a, basis.network)
    shock, adjust = None, None
    if scenario is not None:
        mining = scenarios.adjusted_mining(mining, scenario, sites, a.gross_mw_per_critical_it_mw)
        shock = scenarios.shock(scenario, a, sites, inputs.index.get_level_values("ticker"))

        def adjust(contracts: pd.DataFrame) -> pd.DataFrame:
            return scenarios.adjusted_contracts(contracts, scenario)

    book = contract_book.build(inputs, basis.valuation, a, sites, adjust)
    nav = net_assets.value(inputs, basis.valuation, book, mining, a, shock)
    ratio = mining_economics.compute_ratio(book.contracts, mining, a)
    return NavAnalysis(as_of, basis, book, mining, nav, ratio, a)


def compare(base: NavAnalysis, scenario: Scenario) -> ScenarioResult:
    """Run a scenario from the basis of `base` and set it beside.

    Raises
    ------
    ScenarioInvalid
        A change leads out of a number's bounds.
    """
    after = analyse(base.basis, base.assumptions, scenario)
    old, new = (w.nav.table.droplevel("as_of") for w in (base, after))
    table = pd.DataFrame(index=old.index)
    table["price_usd"] = old["price_usd"]
    table["excluded"] = base.book.excluded.droplevel("as_of")
    for name, column in (("nav", "nav_cap_rate_per_share"), ("dcf", "nav_dcf_per_share"), ("floor", "floor_per_share")):
        table[f"{name}_before"], table[f"{name}_after"] = old[column], new[column]
    table["change_usd"] = table["nav_after"] - table["nav_before"]
    with np.errstate(divide="ignore", invalid="ignore"):
        table["change"] = (table["change_usd"] / table["nav_before"]).where(table["nav_before"] > 0)
    table["p_nav_before"], table["p_nav_after"] = old["p_nav_cap_rate"], new["p_nav_cap_rate"]
    table["price_after_usd"] = (table["price_usd"] + table["change_usd"]).clip(lower=0.0)
    notes = [
        f"{who}: no contract in force on this date"
        for who in scenario.defaulting
        if who not in set(base.book.contracts["counterparty_name"])
    ]
    for place in scenario.places:
        if not place.holds(base.book.contracts).any():
            where = " ".join(filter(None, [place.state, place.grid_operator]))
            notes.append(f"{where}: no contract is known to lie there")
    if scenario.gap is not None:
        prices, note = _closed_gap(base.basis.valuation, scenario.gap)
        table["price_after_usd"] = prices.where(prices.notna(), table["price_after_usd"])
        notes += [note] if note else []
    table["price_change"] = table["price_after_usd"] / table["price_usd"] - 1
    before, then = old[list(net_assets.VALUES["nav_cap_rate"])], new[list(net_assets.VALUES["nav_cap_rate"])]
    moved = then.fillna(0.0) - before.fillna(0.0)
    table["moved"] = moved.abs().idxmax(axis=1).where(moved.abs().max(axis=1) > 0.5, "")
    price = base.mining.table["hashprice_usd"].iloc[0]
    multiple = scenario.hashprice_multiple(after.assumptions)
    return ScenarioResult(
        scenario, table, old[list(net_assets.PARTS)], new[list(net_assets.PARTS)], price, price * multiple, tuple(notes)
    )


def _closed_gap(valuation: Valuation, ratio: float) -> tuple[pd.Series, str]:
    """Prices of pivots at which the ratio of medians of EV per secured MW is `ratio`; NaN for the others."""
    metric = "ev_per_mw_secured"
    table, status, causes = (f.droplevel("as_of") for f in (valuation.table, valuation.status, valuation.causes))
    usable = eligible(table, status, causes, [metric])["reason"] == ""
    pivots, others = usable & (table["group"] == PIVOT), usable & (table["group"] == BITCOIN)
    nothing = pd.Series(np.nan, index=table.index)
    if not pivots.any() or not others.any():
        return nothing, "the gap cannot be told on this date, so no price moves"
    now = table.loc[pivots, metric].median() / table.loc[others, metric].median()
    value = table["enterprise_value_usd"] * (ratio / now)
    equity = table["equity_value_usd"] + value - table["enterprise_value_usd"]
    prices = (equity / table["diluted_shares"]).clip(lower=0.0)
    return prices.where(pivots), ""
