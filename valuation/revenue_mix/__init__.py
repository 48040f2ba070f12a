"""Revenue mix by quarter and the first quarter in which AI revenue exceeds mining revenue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.revenue_mix.crossover import Projection, RevenueMix, bitcoin_share_ahead
    from valuation.revenue_mix.mix import sector

_HOMES = {
    "Projection": "valuation.revenue_mix.crossover",
    "RevenueMix": "valuation.revenue_mix.crossover",
    "bitcoin_share_ahead": "valuation.revenue_mix.crossover",
    "sector": "valuation.revenue_mix.mix",
}
__all__ = [
    "Projection",
    "RevenueMix",
    "bitcoin_share_ahead",
    "sector",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
