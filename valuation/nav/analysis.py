"""Net asset value analysis of every company on one date, and under a scenario."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, partial
from typing import Any

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, as_json, small
from valuation._words import day, percent
from valuation.assumptions import Assumptions
from valuation.contracts import book as contract_book
from valuation.contracts.book import ContractBook
from valuation.eligibility import eligible
from valuation.errors import UnknownName
from valuation.findings import Finding, texts
from valuation.fundamentals.company_metrics import Valuation
from valuation.fundamentals.revaluation import reprice
from valuation.groups import BITCOIN, PIVOT
from valuation.inputs import Inputs
from valuation.mining import economics as mining_economics
from valuation.mining.economics import RESTS_ON as MINING_RESTS_ON
from valuation.mining.economics import Mining
from valuation.nav import scenarios
from valuation.nav import sum_of_parts as net_assets
from valuation.nav.caveats import caveats
from valuation.nav.findings import across_companies
from valuation.nav.funding import Funding, funding
from valuation.nav.monte_carlo import Simulation, simulate, tornados
from valuation.nav.names import ANOTHER_BUSINESS, HEADLINE, PARTS, VALUES
from valuation.nav.scenarios import Scenario
from valuation.nav.sum_of_parts import Nav
from valuation.status import USABLE

# A value that changes by no more than this part of itself has not moved.
UNMOVED = 1e-12
NOT_POSITIVE = "net asset value is not positive before the scenario"
TO_ZERO = "net asset value is not positive after the scenario"


@dataclass(frozen=True)
class NavInputs:
    """Inputs of a net asset value analysis, kept so that a scenario starts from the same."""

    inputs: Inputs
    valuation: Valuation
    sites: pd.DataFrame


@dataclass(frozen=True, repr=False)
class NavAnalysis(ResultMixin):
    """Signed contracts, mining and net asset value of every company on one date.

    Attributes
    ----------
    as_of : Timestamp
    basis : NavInputs
    book : ContractBook
    mining : Mining
    nav : Nav
    assumptions : Assumptions
    scenario : Scenario or None
        What it was valued under.
    """

    as_of: pd.Timestamp
    basis: NavInputs
    book: ContractBook
    mining: Mining
    nav: Nav
    assumptions: Assumptions
    scenario: Scenario | None = None

    # Made when they are asked for: a scenario's comparison needs none of these.
    @cached_property
    def compute_ratio(self) -> pd.DataFrame:
        """Revenue per MW of AI over that of mining: `mining.compute_ratio`."""
        return mining_economics.compute_ratio(self.book.contracts, self.mining, self.assumptions)

    @cached_property
    def simulation(self) -> Simulation:
        """Monte Carlo simulation of the net asset value (DCF)."""
        return simulate(self.nav)

    @cached_property
    def funding(self) -> Funding:
        """Funding gap, net asset value after raising it, debt by year of maturity, interest, months of liquidity."""
        return funding(self.basis.inputs, self.basis.valuation, self.book, self.mining, self.nav)

    @cached_property
    def _tornados(self) -> pd.DataFrame:
        """Every company's at once, which costs what one company's does."""
        return tornados(self.nav)

    @property
    def frame(self) -> pd.DataFrame:
        """Net asset values by company: `nav.table`."""
        return self.nav.table

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the net asset values show across companies, and what they do not."""
        return across_companies(self.nav, self.book.excluded.droplevel("as_of"))

    def tornado(self, ticker: str) -> pd.DataFrame:
        """Tornado of one company, widest driver first: `monte_carlo.tornado`.

        Raises
        ------
        UnknownName
            No such ticker.
        """
        if ticker not in self._tornados.index.get_level_values("ticker"):
            raise UnknownName(f"no company {ticker!r} in the net asset values")
        return self._tornados.loc[ticker].sort_values("span", ascending=False)

    def caveats(self, ticker: str) -> tuple[Finding, ...]:
        """Caveats of one company's net asset value, gravest first.

        Raises
        ------
        UnknownName
            No such ticker.
        """
        return caveats(self.nav, self.mining, ticker)

    def to_dict(self) -> dict[str, Any]:
        """Net asset values with statuses, value per leased MW and each company's caveats, JSON-ready."""
        tickers = self.nav.table.index.get_level_values("ticker")
        out = {
            "as_of": self.as_of,
            "nav": self.nav.table.droplevel("as_of"),
            "status": self.nav.status.droplevel("as_of"),
        }
        out |= {"value_per_let_mw_usd": self.nav.value_per_let_mw_usd, "findings": texts(self.findings)}
        out["caveats"] = {str(ticker): texts(self.caveats(str(ticker))) for ticker in tickers}
        return {name: as_json(value) for name, value in out.items()}

    def _summary(self) -> Summary:
        return Summary(
            f"Net asset value on {day(self.as_of)}", tables=self.nav.summary.tables, notes=tuple(texts(self.findings))
        )


@dataclass(frozen=True, repr=False)
class ScenarioResult(ResultMixin):
    """Net asset values and implied prices under a scenario against the base case.

    Attributes
    ----------
    scenario : Scenario
    table : DataFrame
        Indexed by ticker: price_usd, nav (DCF), cap_rate and floor per share before and after, change_usd and change (of
        the net asset value per share), p_nav_before, p_nav_after, price_after_usd and price_change, why (no price
        follows, or it is zero), and moved (the part that moved most). Prices follow at constant P/NAV; where the
        scenario closes the gap, they follow the enterprise value per MW. excluded: why a company is outside the
        statistics.
    parts_before, parts_after : DataFrame
        Indexed by ticker, a column a part, USD.
    hashprice_before, hashprice_after : float
    notes : tuple of str
        Changes of the scenario that could not be applied.
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

    def _summary(self) -> Summary:
        shown = self.table[["price_usd", "nav_before", "nav_after", "change", "price_after_usd", "price_change"]]
        shown = shown[shown["nav_before"].notna()].sort_values("change")
        for name in ("change", "price_change"):
            shown[name] = shown[name].map(lambda value: percent(value, signed=True))
        title = f"Scenario {self.scenario.name}: {self.scenario.title}"
        lines = (
            *self.scenario.words(),
            f"hashprice {self.hashprice_before:.1f} to {self.hashprice_after:.1f} USD per PH/s",
        )
        notes = tuple(f"{note}." for note in self.notes)
        return Summary(title, lines, (small(shown, "USD per share"),), notes)


def analyse(
    basis: NavInputs,
    assumptions: Assumptions,
    scenario: Scenario | None = None,
    base: NavAnalysis | None = None,
    *,
    with_implied: bool = True,
) -> NavAnalysis:
    """Value every company's contracts, mining and net assets on one date, under a scenario where one is given.

    Parameters
    ----------
    basis : NavInputs
        inputs of one as-of date and their valuation; sites with columns ticker, site, state_or_region,
        grid_operator, gross_mw, critical_it_mw, as_of (dated after the as-of date: not used).
    assumptions : Assumptions
    scenario : Scenario, optional
    base : NavAnalysis, optional
        Of the same `basis` and no scenario; what this scenario does not touch is taken from it.
    with_implied : bool
        Add what the price implies, such as the implied cap rate, to the net asset values.

    Raises
    ------
    ScenarioInvalid
        A change leads out of a number's bounds.
    """
    inputs = basis.inputs
    as_of = inputs.index.get_level_values("as_of")[0]
    sites = basis.sites[~(basis.sites["as_of"] > as_of)]
    a = assumptions if scenario is None else scenario.assumed(assumptions)
    if base is not None and all(getattr(a, name) == getattr(base.assumptions, name) for name in MINING_RESTS_ON):
        mining = base.mining
    else:
        mining = mining_economics.economics(inputs, a)
    shock, adjust = None, None
    if scenario is not None:
        mining = scenarios.adjusted_mining(mining, scenario, sites, a.gross_mw_per_critical_it_mw)
        shock = scenarios.shock(scenario, a, sites, inputs.index.get_level_values("ticker"))
        if scenario.defaulting or scenario.places:
            adjust = partial(scenarios.adjusted_contracts, scenario=scenario)
    book = contract_book.build(inputs, basis.valuation, a, sites, adjust, None if base is None else base.book)
    nav = net_assets.value(inputs, basis.valuation, book, mining, a, shock, with_implied=with_implied)
    return NavAnalysis(as_of, basis, book, mining, nav, a, scenario)


def compare(base: NavAnalysis, scenario: Scenario) -> ScenarioResult:
    """Value a scenario from the inputs of `base` and compare.

    Raises
    ------
    ScenarioInvalid
        A change leads out of a number's bounds.

    Notes
    -----
    METHODS section 10: prices follow at constant P/NAV. Where the net asset value is not positive before, no price
    follows; where it is not positive after, the price is zero. A value that does not move moves no price.
    """
    start = base if base.scenario is None else None
    # What the price implies stands in no comparison, and a cap rate is searched for at the cost of a valuation.
    after = analyse(base.basis, base.assumptions, scenario, start, with_implied=False)
    old, new = (_meaningful(one.nav) for one in (base, after))
    table = pd.DataFrame(index=old.index)
    table["price_usd"] = old["price_usd"]
    table["excluded"] = base.book.excluded.droplevel("as_of")
    for name, column in (("nav", HEADLINE), ("cap_rate", "nav_cap_rate"), ("floor", "floor")):
        table[f"{name}_before"], table[f"{name}_after"] = old[f"{column}_per_share"], new[f"{column}_per_share"]
    table["change_usd"] = table["nav_after"] - table["nav_before"]
    with np.errstate(divide="ignore", invalid="ignore"):
        table["change"] = (table["change_usd"] / table["nav_before"]).where(table["nav_before"] > 0)
    table["p_nav_before"], table["p_nav_after"] = old[f"p_{HEADLINE}"], new[f"p_{HEADLINE}"]
    causes = base.nav.causes.droplevel("as_of")[f"{HEADLINE}_usd"].astype(object)
    first = causes.str.partition("; ")[0]
    causes = first.mask(causes.str.contains(ANOTHER_BUSINESS, regex=False), ANOTHER_BUSINESS)
    table["price_after_usd"], table["why"] = _at_constant_multiple(table, causes)
    notes = [
        f"{who}: no contract in force on this date"
        for who in scenario.defaulting
        if who.casefold() not in set(base.book.contracts["counterparty_name"].str.casefold())
    ]
    for place in scenario.places:
        if not place.holds(base.book.contracts).any():
            where = " ".join(filter(None, [place.state, place.grid_operator]))
            notes.append(f"{where}: no contract is known to be there")
    if scenario.gap is not None:
        _close_gap(table, base.basis, scenario, notes)
    table["price_change"] = table["price_after_usd"] / table["price_usd"] - 1
    notes += _without_a_price(table)
    parts = list(VALUES[HEADLINE])
    moved = new[parts].fillna(0.0) - old[parts].fillna(0.0)
    table["moved"] = moved.abs().idxmax(axis=1).where(moved.abs().max(axis=1) > 0.5, "")
    price = base.mining.table["hashprice_usd"].unique().item()
    multiple = scenario.hashprice_multiple(after.assumptions)
    return ScenarioResult(scenario, table, old[list(PARTS)], new[list(PARTS)], price, price * multiple, tuple(notes))


def _meaningful(nav: Nav) -> pd.DataFrame:
    """The company table, by ticker, without values of companies whose business the parts do not describe."""
    table, status = nav.table.droplevel("as_of"), nav.status.droplevel("as_of")
    names = [f"{value}_per_share" for value in VALUES]
    return table.assign(**{name: table[name].where(status[name] != "not_meaningful") for name in names})


def _at_constant_multiple(table: pd.DataFrame, causes: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Prices at the price to net asset value of before, USD; and why there is none, or why it is zero."""
    before, after = table["nav_before"], table["nav_after"]
    unmoved = (table["change_usd"].abs() <= UNMOVED * before.abs()).to_numpy()
    with np.errstate(divide="ignore", invalid="ignore"):
        follows = table["price_usd"] * (after / before).clip(lower=0.0)
    price = follows.where(before > 0).where(~unmoved, table["price_usd"])
    why = np.select(
        [unmoved, before.isna() | after.isna(), before <= 0, after <= 0],
        ["", "no net asset value: " + causes, NOT_POSITIVE, TO_ZERO],
        "",
    )
    return price, pd.Series(why, index=table.index, dtype=object)


def _without_a_price(table: pd.DataFrame) -> list[str]:
    """Companies whose price does not follow at constant P/NAV, or falls to zero, and why."""
    out = []
    for why, text in ((NOT_POSITIVE, "no price follows"), (TO_ZERO, "the price is put at zero")):
        names = ", ".join(map(str, table.index[table["why"] == why]))
        out += [f"{names}: {why}, so {text}"] if names else []
    return out


def _close_gap(table: pd.DataFrame, basis: NavInputs, scenario: Scenario, notes: list[str]) -> None:
    """Put the prices at which the ratio of medians of EV per secured MW is the scenario's into a scenario's table.

    Every member of one group is revalued by one factor, with its convertibles and warrants (`reprice`); the others keep
    what the rest of the scenario gives them, and where it moves no net asset value, their price.
    """
    metric, valuation = "ev_per_mw_secured", basis.valuation
    known, status, causes = (f.droplevel("as_of") for f in (valuation.table, valuation.status, valuation.causes))
    reason = eligible(known, status, causes, [metric])["reason"]
    pivots, others = ((reason == "") & (known["group"] == group) for group in (PIVOT, BITCOIN))
    if not (table["change_usd"].abs() > 0).any():
        still = table["price_after_usd"].isna()
        table["price_after_usd"] = table["price_after_usd"].fillna(table["price_usd"])
        table["why"] = table["why"].where(~still | table["price_usd"].isna(), "")
    if not pivots.any() or not others.any():
        notes.append("estimate of the gap not available on this date, so no price moves")
        return
    now = known.loc[pivots, metric].median() / known.loc[others, metric].median()
    assert scenario.gap is not None
    factor = scenario.gap / now if scenario.gap_group == PIVOT else now / scenario.gap
    value = known["enterprise_value_usd"]
    members = (known["excluded"] == "") & (known["group"] == scenario.gap_group)
    priced = members & status["enterprise_value_usd"].isin(USABLE) & (value > 0)
    change = (value * (factor - 1)).where(priced)
    prices = reprice(known["price_usd"], known["basic_shares"], basis.inputs.instruments, change)
    table["price_after_usd"] = table["price_after_usd"].where(~members, prices)
    table["why"] = table["why"].mask(members, "").mask(members & ~priced, "enterprise value unknown or not positive")
