"""The valuation gap between AI-exposed and other miners: estimate, tests, specifications, history."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.gap.estimate import Gap, measure
    from valuation.gap.history import GapHistory, through_time
    from valuation.gap.history_checks import HistoryChecks
    from valuation.gap.hodges_lehmann import HodgesLehmann
    from valuation.gap.joint_test import JointTest
    from valuation.gap.lead import Lead
    from valuation.gap.oaxaca_blinder import Decomposition
    from valuation.gap.permutation import permutation_interval, permutation_ratios
    from valuation.gap.ratios import bootstrap_ratios
    from valuation.gap.specification import Specification
    from valuation.gap.specification_curve import CrossSections, SpecificationCurve, cross_sections, curve
    from valuation.gap.study import GapStudy
    from valuation.gap.tenants import LeaveOneTenantOut
    from valuation.gap.throughout import Throughout
    from valuation.gap.trend import Break, Trend, level_break
    from valuation.gap.turnover import GapChange

_HOMES = {
    "Gap": "valuation.gap.estimate",
    "measure": "valuation.gap.estimate",
    "HistoryChecks": "valuation.gap.history_checks",
    "HodgesLehmann": "valuation.gap.hodges_lehmann",
    "JointTest": "valuation.gap.joint_test",
    "Lead": "valuation.gap.lead",
    "Decomposition": "valuation.gap.oaxaca_blinder",
    "permutation_interval": "valuation.gap.permutation",
    "permutation_ratios": "valuation.gap.permutation",
    "bootstrap_ratios": "valuation.gap.ratios",
    "Specification": "valuation.gap.specification",
    "CrossSections": "valuation.gap.specification_curve",
    "SpecificationCurve": "valuation.gap.specification_curve",
    "cross_sections": "valuation.gap.specification_curve",
    "curve": "valuation.gap.specification_curve",
    "GapHistory": "valuation.gap.history",
    "GapStudy": "valuation.gap.study",
    "through_time": "valuation.gap.history",
    "LeaveOneTenantOut": "valuation.gap.tenants",
    "Throughout": "valuation.gap.throughout",
    "Break": "valuation.gap.trend",
    "Trend": "valuation.gap.trend",
    "level_break": "valuation.gap.trend",
    "GapChange": "valuation.gap.turnover",
}
__all__ = [
    "Break",
    "CrossSections",
    "Decomposition",
    "Gap",
    "GapChange",
    "GapHistory",
    "GapStudy",
    "HistoryChecks",
    "HodgesLehmann",
    "JointTest",
    "Lead",
    "LeaveOneTenantOut",
    "Specification",
    "SpecificationCurve",
    "Throughout",
    "Trend",
    "bootstrap_ratios",
    "cross_sections",
    "curve",
    "level_break",
    "measure",
    "permutation_interval",
    "permutation_ratios",
    "through_time",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
