"""Finance: pure functions on frames, and result objects. No files, no network, no clock, no command line.

Public names are imported when they are first used, so `import valuation` costs next to nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.assumptions import Assumptions, Bridge
    from valuation.brief import Brief
    from valuation.comparison.attribution import Attribution
    from valuation.comparison.changes import Changes, Snapshot
    from valuation.contracts.book import ContractBook
    from valuation.denominators import DENOMINATORS, Denominator
    from valuation.errors import InvalidInput, NotEstimable, ScenarioInvalid, UnknownName, ValuationError
    from valuation.events.result import EventStudies, EventStudy
    from valuation.findings import Finding
    from valuation.fundamentals.company_metrics import Valuation
    from valuation.gap.estimate import Gap
    from valuation.gap.history import GapHistory
    from valuation.gap.joint_test import JointTest
    from valuation.gap.specification import Specification
    from valuation.gap.specification_curve import SpecificationCurve
    from valuation.gap.study import GapStudy
    from valuation.gap.turnover import GapChange
    from valuation.groups import DEFAULT_RULE, RULES, Rule
    from valuation.inputs import Inputs
    from valuation.metrics import METRICS, Metric, metric
    from valuation.mining.economics import Mining
    from valuation.nav.analysis import NavAnalysis, NavInputs, ScenarioResult
    from valuation.nav.monte_carlo import Simulation
    from valuation.nav.scenarios import Scenario
    from valuation.nav.sum_of_parts import Nav
    from valuation.portfolio.liquidity import Liquidity
    from valuation.portfolio.look_through import LookThrough
    from valuation.portfolio.moves import Moves
    from valuation.portfolio.positions import Portfolio
    from valuation.portfolio.report import PortfolioReport
    from valuation.portfolio.risk import Risk
    from valuation.portfolio.stress import StressResult
    from valuation.regression.ols import Regression
    from valuation.regression.panel import PanelRegression
    from valuation.regression.study import RegressionStudy
    from valuation.report import Report
    from valuation.revenue_mix.crossover import Projection, RevenueMix
    from valuation.screen import Screen
    from valuation.screening.backtest import Backtest
    from valuation.screening.result import Screened
    from valuation.studies import Studies

_HOMES = {
    "Assumptions": "valuation.assumptions",
    "Bridge": "valuation.assumptions",
    "Brief": "valuation.brief",
    "Attribution": "valuation.comparison.attribution",
    "Changes": "valuation.comparison.changes",
    "Snapshot": "valuation.comparison.changes",
    "ContractBook": "valuation.contracts.book",
    "InvalidInput": "valuation.errors",
    "NotEstimable": "valuation.errors",
    "ScenarioInvalid": "valuation.errors",
    "UnknownName": "valuation.errors",
    "ValuationError": "valuation.errors",
    "EventStudies": "valuation.events.result",
    "EventStudy": "valuation.events.result",
    "Finding": "valuation.findings",
    "Valuation": "valuation.fundamentals.company_metrics",
    "DENOMINATORS": "valuation.denominators",
    "Denominator": "valuation.denominators",
    "Gap": "valuation.gap.estimate",
    "JointTest": "valuation.gap.joint_test",
    "Specification": "valuation.gap.specification",
    "SpecificationCurve": "valuation.gap.specification_curve",
    "GapHistory": "valuation.gap.history",
    "GapStudy": "valuation.gap.study",
    "GapChange": "valuation.gap.turnover",
    "DEFAULT_RULE": "valuation.groups",
    "RULES": "valuation.groups",
    "Rule": "valuation.groups",
    "Inputs": "valuation.inputs",
    "METRICS": "valuation.metrics",
    "Metric": "valuation.metrics",
    "metric": "valuation.metrics",
    "Mining": "valuation.mining.economics",
    "NavAnalysis": "valuation.nav.analysis",
    "NavInputs": "valuation.nav.analysis",
    "ScenarioResult": "valuation.nav.analysis",
    "Simulation": "valuation.nav.monte_carlo",
    "Scenario": "valuation.nav.scenarios",
    "Nav": "valuation.nav.sum_of_parts",
    "Liquidity": "valuation.portfolio.liquidity",
    "LookThrough": "valuation.portfolio.look_through",
    "Moves": "valuation.portfolio.moves",
    "Portfolio": "valuation.portfolio.positions",
    "PortfolioReport": "valuation.portfolio.report",
    "Risk": "valuation.portfolio.risk",
    "StressResult": "valuation.portfolio.stress",
    "Regression": "valuation.regression.ols",
    "PanelRegression": "valuation.regression.panel",
    "RegressionStudy": "valuation.regression.study",
    "Report": "valuation.report",
    "Projection": "valuation.revenue_mix.crossover",
    "RevenueMix": "valuation.revenue_mix.crossover",
    "Screen": "valuation.screen",
    "Backtest": "valuation.screening.backtest",
    "Screened": "valuation.screening.result",
    "Studies": "valuation.studies",
}
__all__ = [
    "DEFAULT_RULE",
    "DENOMINATORS",
    "METRICS",
    "RULES",
    "Assumptions",
    "Attribution",
    "Backtest",
    "Bridge",
    "Brief",
    "Changes",
    "ContractBook",
    "Denominator",
    "EventStudies",
    "EventStudy",
    "Finding",
    "Gap",
    "GapChange",
    "GapHistory",
    "GapStudy",
    "Inputs",
    "InvalidInput",
    "JointTest",
    "Liquidity",
    "LookThrough",
    "Metric",
    "Mining",
    "Moves",
    "Nav",
    "NavAnalysis",
    "NavInputs",
    "NotEstimable",
    "PanelRegression",
    "Portfolio",
    "PortfolioReport",
    "Projection",
    "Regression",
    "RegressionStudy",
    "Report",
    "RevenueMix",
    "Risk",
    "Rule",
    "Scenario",
    "ScenarioInvalid",
    "ScenarioResult",
    "Screen",
    "Screened",
    "Simulation",
    "Snapshot",
    "Specification",
    "SpecificationCurve",
    "StressResult",
    "Studies",
    "UnknownName",
    "Valuation",
    "ValuationError",
    "metric",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
