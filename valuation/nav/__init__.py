"""Net asset value: its parts, sum of parts, implied figures, Monte Carlo, scenarios and caveats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.nav.analysis import NavAnalysis, NavInputs, ScenarioResult, analyse, compare
    from valuation.nav.funding import Funding
    from valuation.nav.monte_carlo import Simulation, simulate, tornado
    from valuation.nav.scenarios import Place, Scenario
    from valuation.nav.sum_of_parts import Nav

_HOMES = {
    "NavAnalysis": "valuation.nav.analysis",
    "NavInputs": "valuation.nav.analysis",
    "ScenarioResult": "valuation.nav.analysis",
    "analyse": "valuation.nav.analysis",
    "compare": "valuation.nav.analysis",
    "Funding": "valuation.nav.funding",
    "Simulation": "valuation.nav.monte_carlo",
    "simulate": "valuation.nav.monte_carlo",
    "tornado": "valuation.nav.monte_carlo",
    "Place": "valuation.nav.scenarios",
    "Scenario": "valuation.nav.scenarios",
    "Nav": "valuation.nav.sum_of_parts",
}
__all__ = [
    "Funding",
    "Nav",
    "NavAnalysis",
    "NavInputs",
    "Place",
    "Scenario",
    "ScenarioResult",
    "Simulation",
    "analyse",
    "compare",
    "simulate",
    "tornado",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
