"""Each company's figures from facts: diluted shares, enterprise value, capacity, AI share, contracts."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.denominators import DENOMINATORS, Denominator
    from valuation.fundamentals.company_metrics import Valuation, value

_HOMES = {
    "Valuation": "valuation.fundamentals.company_metrics",
    "value": "valuation.fundamentals.company_metrics",
    "DENOMINATORS": "valuation.denominators",
    "Denominator": "valuation.denominators",
}
__all__ = [
    "DENOMINATORS",
    "Denominator",
    "Valuation",
    "value",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
