"""A portfolio: positions at market with exposures, what moved, look-through, risk, liquidity, stress tests, limits."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.portfolio.historical import expected_shortfall, value_at_risk
    from valuation.portfolio.limits import Limit
    from valuation.portfolio.liquidity import Liquidity
    from valuation.portfolio.look_through import LookThrough
    from valuation.portfolio.moves import Moves
    from valuation.portfolio.positions import Portfolio
    from valuation.portfolio.report import PortfolioReport
    from valuation.portfolio.risk import Risk
    from valuation.portfolio.stress import StressResult

_HOMES = {
    "Limit": "valuation.portfolio.limits",
    "Liquidity": "valuation.portfolio.liquidity",
    "LookThrough": "valuation.portfolio.look_through",
    "Moves": "valuation.portfolio.moves",
    "Portfolio": "valuation.portfolio.positions",
    "PortfolioReport": "valuation.portfolio.report",
    "Risk": "valuation.portfolio.risk",
    "expected_shortfall": "valuation.portfolio.historical",
    "value_at_risk": "valuation.portfolio.historical",
    "StressResult": "valuation.portfolio.stress",
}
__all__ = [
    "Limit",
    "Liquidity",
    "LookThrough",
    "Moves",
    "Portfolio",
    "PortfolioReport",
    "Risk",
    "StressResult",
    "expected_shortfall",
    "value_at_risk",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
