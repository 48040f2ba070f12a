"""Findings of a study of the valuation gap, in sentences: a ratio of 2.0x, specifications, trend, turnover, limits."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from valuation._words import SIGNIFICANT, multiple, p_value, percent
from valuation.findings import CAN, CANNOT, Finding
from valuation.gap.findings import sizes
from valuation.gap.joint_test import JointTest
from valuation.gap.specification_curve import SpecificationCurve
from valuation.gap.trend import Trend
from valuation.gap.turnover import GapChange

# Ratio that the committee's thesis names.
CLAIMED = 2.0
# Bootstrap intervals above 1 that exceed the permutation tests' count by this much are worth a warning.
MISLEADING = 0.2
# Under this many labellings the smallest possible p is worth a sentence.
FEW_LABELLINGS_P = 0.01


def claimed_ratio(row: pd.Series, p_claimed: float, low: float, high: float) -> list[Finding]:
    """Whether a ratio of exactly 2.0x is rejected by the permutation test, and which ratios are not.

    Parameters
    ----------
    p_claimed : float
        Permutation p of a ratio of 2.0x; NaN where it was not tested.
    low, high : float
        The ratios that the test does not reject.
    """
    figures = {"ratio": row["ratio"], "claimed": CLAIMED, "not_rejected_low": low, "not_rejected_high": high}
    if math.isnan(row["ratio"]):
        return []
    if p_claimed > SIGNIFICANT:
        text = (
            f"A ratio of {multiple(CLAIMED)} cannot be rejected ({p_value(p_claimed)}); {not_rejected(low, high)} "
            "consistent with the data."
        )
        limit = f"The data do not distinguish {multiple(CLAIMED)} from the other ratios that are not rejected."
        return [
            Finding(text, CAN, figures, p_claimed, SIGNIFICANT),
            Finding(limit, CANNOT, figures, p_claimed, SIGNIFICANT),
        ]
    if p_claimed <= SIGNIFICANT:
        side = "above" if row["ratio"] > CLAIMED else "below"
        text = f"The ratio is {side} {multiple(CLAIMED)}: a ratio of {multiple(CLAIMED)} is rejected ({p_value(p_claimed)})."
        return [Finding(text, CAN, figures, p_claimed, SIGNIFICANT)]
    return []


def not_rejected(low: float, high: float) -> str:
    """The ratios that the permutation test does not reject, as the subject of a sentence."""
    if low == 0 and math.isinf(high):
        return "all ratios are"
    if low == 0:
        return f"ratios up to {multiple(high)} are"
    if math.isinf(high):
        return f"ratios from {multiple(low)} up are"
    return f"ratios between {multiple(low)} and {multiple(high)} are"


def all_specifications(joint: JointTest | None) -> list[Finding]:
    """The joint test of all specifications, where it finds a gap."""
    if joint is None or joint.p_value > SIGNIFICANT:
        return []
    text = (
        f"Across all {joint.specifications:,} specifications together the gap is statistically significant (joint "
        f"permutation test, {p_value(joint.p_value)})."
    )
    figures = {"median_ratio": joint.median_ratio, "specifications": joint.specifications, "companies": joint.companies}
    return [Finding(text, CAN, figures, joint.p_value, SIGNIFICANT)]


def through_time_findings(trend: Trend | None, change: GapChange | None) -> list[Finding]:
    """Trend of the weekly gap, and whether revaluation or changes of group moved it."""
    if trend is None:
        return []
    figures = {"growth": trend.growth, "weeks": trend.n, "independent_weeks": trend.independent_weeks}
    told = f"factor of {1 + trend.growth:.2f} a year, {p_value(trend.p_value)}"
    if trend.p_value <= SIGNIFICANT:
        first = f"The gap {'widened' if trend.slope > 0 else 'narrowed'} over these weeks ({told})"
    else:
        first = f"The gap shows no statistically significant trend ({told})"
    text = (
        f"{first}; the {trend.n} weekly observations overlap and carry about as much information as "
        f"{trend.independent_weeks:.0f} independent ones."
    )
    return [Finding(text, CAN, figures, trend.p_value, SIGNIFICANT), *turnover(change)]


def turnover(change: GapChange | None) -> list[Finding]:
    """Source of the change of the gap: revaluation of the same companies, or companies changing group."""
    if change is None:
        return []
    parts = change.totals
    stayed = parts["enterprise_value"] + parts["megawatts"]
    source = (
        "companies that changed group, entered or left"
        if abs(parts["membership"]) > abs(stayed)
        else "the revaluation of companies that stayed in their group"
    )
    text = (
        f"Most of the change comes from {source}: companies that stayed account for a factor of {np.exp(stayed):.2f}, "
        f"changes of membership for a factor of {np.exp(parts['membership']):.2f} (a low-priced miner that signs a lease "
        "lowers the AI group's level)."
    )
    return [Finding(text, CAN, {"stayed": float(np.exp(stayed)), "membership": float(np.exp(parts["membership"]))})]


def attainable_p(row: pd.Series, smallest: float) -> list[Finding]:
    """The smallest p-value that groups of these sizes can reach, where it is above 1%."""
    if math.isnan(row["ratio"]) or not smallest > FEW_LABELLINGS_P:
        return []
    text = f"Small sample: with {sizes(row)} no ratio, however large, can reach a p-value below {smallest:.3f}."
    return [
        Finding(text, CANNOT, {"n_pivot": row["n_pivot"], "n_bitcoin": row["n_bitcoin"]}, smallest, FEW_LABELLINGS_P)
    ]


def narrow_intervals(curve: SpecificationCurve) -> list[Finding]:
    """A warning where far more specifications have an interval above 1 than a significant permutation test."""
    shares, done = curve.shares(), curve.measured
    if shares.empty:
        return []
    above, tested = float(shares.iloc[-1]["share_above_one"]), float((done["p_value"] <= SIGNIFICANT).mean())
    if above - tested <= MISLEADING:
        return []
    text = (
        f"The share of specifications with an interval above 1.0x ({percent(above)}) overstates the evidence: with groups "
        f"this small the intervals are too narrow, and by permutation test {percent(tested)} are significant at 5%."
    )
    return [Finding(text, CANNOT, {"interval_above_one": above, "significant": tested})]


def shared_data() -> Finding:
    """Specifications are no independent evidence."""
    return Finding("The specifications are not independent evidence: they share the same companies and prices.", CANNOT)
