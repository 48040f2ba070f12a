"""The regression of EV per MW on AI share: line, diagnostics, prediction, panel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.regression.diagnostics import (
        Influence,
        Power,
        huber,
        influence,
        leave_one_out_r2,
        spearman,
        theil_sen,
    )
    from valuation.regression.ols import Regression, primary
    from valuation.regression.panel import PanelRegression, fixed_effects
    from valuation.regression.prediction import Distance, distance_to_line
    from valuation.regression.study import Inference, RegressionStudy

_HOMES = {
    "Influence": "valuation.regression.diagnostics",
    "Power": "valuation.regression.diagnostics",
    "huber": "valuation.regression.diagnostics",
    "influence": "valuation.regression.diagnostics",
    "leave_one_out_r2": "valuation.regression.diagnostics",
    "spearman": "valuation.regression.diagnostics",
    "theil_sen": "valuation.regression.diagnostics",
    "Regression": "valuation.regression.ols",
    "primary": "valuation.regression.ols",
    "PanelRegression": "valuation.regression.panel",
    "fixed_effects": "valuation.regression.panel",
    "Distance": "valuation.regression.prediction",
    "distance_to_line": "valuation.regression.prediction",
    "Inference": "valuation.regression.study",
    "RegressionStudy": "valuation.regression.study",
}
__all__ = [
    "Distance",
    "Inference",
    "Influence",
    "PanelRegression",
    "Power",
    "Regression",
    "RegressionStudy",
    "distance_to_line",
    "fixed_effects",
    "huber",
    "influence",
    "leave_one_out_r2",
    "primary",
    "spearman",
    "theil_sen",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
