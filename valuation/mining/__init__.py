"""Mining economics: hashprice, fleets, breakevens, and a flexible load behind an AI tenant."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.mining.economics import (
        Mining,
        breakeven_hashprice,
        breakeven_power,
        compute_ratio,
        hashprice,
        network_scenario,
    )
    from valuation.mining.flexible_load import Site, Split, best_split

_HOMES = {
    "Mining": "valuation.mining.economics",
    "breakeven_hashprice": "valuation.mining.economics",
    "breakeven_power": "valuation.mining.economics",
    "compute_ratio": "valuation.mining.economics",
    "hashprice": "valuation.mining.economics",
    "network_scenario": "valuation.mining.economics",
    "Site": "valuation.mining.flexible_load",
    "Split": "valuation.mining.flexible_load",
    "best_split": "valuation.mining.flexible_load",
}
__all__ = [
    "Mining",
    "Site",
    "Split",
    "best_split",
    "breakeven_hashprice",
    "breakeven_power",
    "compute_ratio",
    "hashprice",
    "network_scenario",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
