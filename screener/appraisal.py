"""What companies are worth, beside a screen: contracts, mining and net assets, with what-ifs over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screener import known
from screener.scenarios import compare
from screener.screen import Gathered, Terms
from valuation import company
from valuation.scenarios import Scenario
from valuation.screen import Screen
from valuation.worth import Basis, assess


def appraise(terms: Terms, gathered: Gathered, screen: Screen, scenarios: Sequence[Scenario] = ()) -> Screen:
    """A screen with `worth` and the outcome of each scenario, from the same facts and closes.

    Raises
    ------
    AssumptionsError
        A scenario leads out of a number's bounds.
    """
    inputs, _ = known.as_known(
        terms.universe, [screen.as_of], terms.assumptions,
        facts=gathered.facts, closes=gathered.closes, splits=gathered.splits,
    )  # fmt: skip
    valued = company.value(inputs, terms.assumptions, terms.switches, terms.rule)
    basis = Basis(inputs, valued, terms.universe.sites, terms.universe.network)
    worth = assess(basis, terms.assumptions)
    return replace(screen, worth=worth, outcomes=tuple(compare(worth, scenario) for scenario in scenarios))
