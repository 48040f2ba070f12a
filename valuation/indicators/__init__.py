"""Four indicators week by week: revenue mix, signed contracts, power by use, price divergence; and hashrate beside them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.indicators.divergence import Divergence
    from valuation.indicators.power import Power
    from valuation.indicators.result import Indicators, measure
    from valuation.indicators.revenue import company_shares, revenue_shares
    from valuation.indicators.signed import Signed

_HOMES = {
    "Divergence": "valuation.indicators.divergence",
    "Indicators": "valuation.indicators.result",
    "Power": "valuation.indicators.power",
    "Signed": "valuation.indicators.signed",
    "company_shares": "valuation.indicators.revenue",
    "measure": "valuation.indicators.result",
    "revenue_shares": "valuation.indicators.revenue",
}
__all__ = [
    "Divergence",
    "Indicators",
    "Power",
    "Signed",
    "company_shares",
    "measure",
    "revenue_shares",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
