"""Two screens compared: changes, and the attribution of changes in EV per MW."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.comparison.attribution import Attribution, ev_per_mw, shapley
    from valuation.comparison.changes import Changes, Snapshot, compare, headline

_HOMES = {
    "Attribution": "valuation.comparison.attribution",
    "ev_per_mw": "valuation.comparison.attribution",
    "shapley": "valuation.comparison.attribution",
    "Changes": "valuation.comparison.changes",
    "Snapshot": "valuation.comparison.changes",
    "compare": "valuation.comparison.changes",
    "headline": "valuation.comparison.changes",
}
__all__ = [
    "Attribution",
    "Changes",
    "Snapshot",
    "compare",
    "ev_per_mw",
    "headline",
    "shapley",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
