"""Screening rules in cross-section and through time: ranks, backtests, performance."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.screening.backtest import Backtest, simulate
    from valuation.screening.cross_section import composite, rank, winsorise, zscore
    from valuation.screening.information_coefficient import Bets
    from valuation.screening.newey_west import MeanTest, mean_test
    from valuation.screening.performance import Performance, SharpeProbability, sharpe_probability
    from valuation.screening.result import Screened

_HOMES = {
    "Backtest": "valuation.screening.backtest",
    "simulate": "valuation.screening.backtest",
    "composite": "valuation.screening.cross_section",
    "rank": "valuation.screening.cross_section",
    "winsorise": "valuation.screening.cross_section",
    "zscore": "valuation.screening.cross_section",
    "Bets": "valuation.screening.information_coefficient",
    "MeanTest": "valuation.screening.newey_west",
    "mean_test": "valuation.screening.newey_west",
    "Performance": "valuation.screening.performance",
    "SharpeProbability": "valuation.screening.performance",
    "sharpe_probability": "valuation.screening.performance",
    "Screened": "valuation.screening.result",
}
__all__ = [
    "Backtest",
    "Bets",
    "MeanTest",
    "Performance",
    "Screened",
    "SharpeProbability",
    "composite",
    "mean_test",
    "rank",
    "sharpe_probability",
    "simulate",
    "winsorise",
    "zscore",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
