"""What companies are worth, beside a screen: contracts, mining and net assets, with what-ifs over them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from screener import point_in_time
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.scenarios import compare
from valuation.fundamentals import company_metrics
from valuation.nav.analysis import Basis, assess
from valuation.nav.scenarios import Scenario
from valuation.screen import Screen


def appraise(terms: RunConfig, gathered: InputData, screen: Screen, scenarios: Sequence[Scenario] = ()) -> Screen:
    """A screen with `worth` and the outcome of each scenario, from the same facts and closes.

    Raises
    ------
    AssumptionsError
        A scenario leads out of a number's bounds.
    """
    inputs, _ = point_in_time.as_known(
        terms.universe, [screen.as_of], terms.assumptions,
        facts=gathered.facts, closes=gathered.closes, splits=gathered.splits,
    )  # fmt: skip
    valued = company_metrics.value(inputs, terms.assumptions, terms.switches, terms.rule)
    basis = Basis(inputs, valued, terms.universe.sites, terms.universe.network)
    worth = assess(basis, terms.assumptions)
    return replace(screen, worth=worth, outcomes=tuple(compare(worth, scenario) for scenario in scenarios))
