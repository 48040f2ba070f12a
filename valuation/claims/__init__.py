"""Claims made in public against what is measured: the rule that gives each one its verdict."""

from __future__ import annotations

from typing import TYPE_CHECKING

from valuation._lazy import attach

if TYPE_CHECKING:
    from valuation.claims.claimed import Claimed, parse
    from valuation.claims.result import Claims
    from valuation.claims.verdict import VERDICTS, Measured, Verdict, judge

_HOMES = {
    "VERDICTS": "valuation.claims.verdict",
    "Claimed": "valuation.claims.claimed",
    "Claims": "valuation.claims.result",
    "Measured": "valuation.claims.verdict",
    "Verdict": "valuation.claims.verdict",
    "judge": "valuation.claims.verdict",
    "parse": "valuation.claims.claimed",
}
__all__ = [
    "VERDICTS",
    "Claimed",
    "Claims",
    "Measured",
    "Verdict",
    "judge",
    "parse",
]

__getattr__, __dir__ = attach(__name__, _HOMES)
