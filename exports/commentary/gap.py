"""Ratios that a permutation test does not reject, for the pages of the gap; its findings are `GapStudy.findings`."""

from __future__ import annotations

import math

from valuation._words import interval
from valuation.gap.study import GapStudy

REVENUE = "ev_to_revenue"


def not_rejected(study: GapStudy) -> str:
    """The ratios that the permutation test does not reject."""
    if study.permuted_low == 0 and math.isinf(study.permuted_high):
        return "any"
    return interval(study.permuted_low, study.permuted_high)
