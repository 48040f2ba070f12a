"""Findings of a study of the valuation gap, in sentences: a ratio of 2.0x, specifications, trend, turnover, limits."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from valuation._words import SIGNIFICANT, day, multiple, p_value
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.freshness import CURRENT, Basis
from valuation.gap.findings import is_significant, reach
from valuation.gap.history_checks import HistoryChecks
from valuation.gap.joint_test import JointTest
from valuation.gap.turnover import GapChange

# Ratio that the committee's thesis names.
CLAIMED = 2.0


def another_statistic(row: pd.Series, tested: pd.Series, level: float, basis: Basis = CURRENT) -> list[Finding]:
    """Where another statistic was asked for: the interval and test of the typical ratio on the same companies."""
    if row["statistic"] == tested["statistic"]:
        return []
    text = (
        f"This statistic has no interval of its own; the typical ratio of the same companies {basis.verb('is', 'was')} "
        f"{multiple(tested['ratio'])} ({reach(tested, level)}, {p_value(tested['p_value'])})."
    )
    figures = {name: tested[name] for name in ("ratio", "low", "high", "p_value")}
    return [Finding(basis.sentence(text), NOTE, figures, tested["p_value"], SIGNIFICANT)]


def claimed_ratio(row: pd.Series, p_claimed: float, basis: Basis = CURRENT) -> list[Finding]:
    """Whether a typical ratio of exactly 2.0x is rejected by the exact test, and which ratios are not.

    Parameters
    ----------
    row : Series
        Of the typical ratio; its interval holds the ratios that the test does not reject.
    p_claimed : float
        Exact p of a ratio of 2.0x; NaN where it was not tested.
    """
    figures = {
        "ratio": row["ratio"],
        "claimed": CLAIMED,
        "not_rejected_low": row["low"],
        "not_rejected_high": row["high"],
    }
    if math.isnan(row["ratio"]) or math.isnan(p_claimed):
        return []
    if p_claimed > SIGNIFICANT:
        text = (
            f"A ratio of {multiple(CLAIMED)} {basis.verb('cannot', 'could not')} be rejected ({p_value(p_claimed)}); "
            f"ratios between {multiple(row['low'])} and {multiple(row['high'])} are consistent with the data."
        )
        limit = f"The data do not distinguish {multiple(CLAIMED)} from the other ratios that are not rejected."
        return [
            Finding(basis.sentence(text), CAN, figures, p_claimed, SIGNIFICANT),
            Finding(limit, CANNOT, figures, p_claimed, SIGNIFICANT),
        ]
    side = "above" if row["ratio"] > CLAIMED else "below"
    is_, limit = basis.verb("is", "was"), multiple(CLAIMED)
    text = f"The ratio {is_} {side} {limit}: a ratio of {limit} {is_} rejected ({p_value(p_claimed)})."
    return [Finding(basis.sentence(text), CAN, figures, p_claimed, SIGNIFICANT)]


def all_specifications(joint: JointTest | None, declared: pd.Series, basis: Basis = CURRENT) -> list[Finding]:
    """The joint test of all specifications, where it finds a gap; the declared headline governs what is said of it.

    Parameters
    ----------
    declared : Series
        The headline's row of the curve: ratio, p_value.
    """
    if joint is None or joint.p_value > SIGNIFICANT:
        return []
    figures = {"median_ratio": joint.median_ratio, "specifications": joint.specifications, "companies": joint.companies}
    if is_significant(declared):
        text = (
            f"Across all {joint.specifications:,} specifications together the gap {basis.verb('is', 'was')} "
            f"statistically significant (joint permutation test, {p_value(joint.p_value)})."
        )
        return [Finding(basis.sentence(text), CAN, figures, joint.p_value, SIGNIFICANT)]
    why = (
        "the declared headline has too few companies for a test"
        if math.isnan(declared["p_value"])
        else f"the declared headline is not significant ({p_value(declared['p_value'])})"
    )
    text = (
        f"The joint permutation test of all {joint.specifications:,} specifications has {p_value(joint.p_value)}, but "
        f"{why}: no gap is claimed."
    )
    return [Finding(text, CANNOT, figures, joint.p_value, SIGNIFICANT)]


def through_time_findings(checks: HistoryChecks | None, change: GapChange | None) -> list[Finding]:
    """Trend of the weekly gap where it may be claimed, else the range of trends, and what moved the gap."""
    return [] if checks is None else [trend(checks), level_break(checks), *turnover(change)]


def trend(checks: HistoryChecks) -> Finding:
    """The trend, claimed only where p, every path without one company and all three statistics agree on it."""
    n = len(checks.path)
    low, high = checks.growth_range
    factor = f"factor of {1 + checks.growth:.2f} a year"
    spread = f"excluding any single company, {1 + low:.2f} to {1 + high:.2f}"
    figures = {"growth": checks.growth, "lowest_growth": low, "highest_growth": high, "weeks": n}
    figures |= {"independent_weeks": checks.independent_weeks}
    weeks = (
        f"the {n} weekly observations overlap and carry about as much information as {checks.independent_weeks:.0f} "
        "independent ones"
    )
    if checks.claimed:
        moved = "widened" if checks.slope > 0 else "narrowed"
        text = f"The gap {moved} over these weeks ({factor}, {p_value(checks.p)}; {spread}); {weeks}."
        return Finding(text, CAN, figures, checks.p, SIGNIFICANT)
    # The first objection may be p itself.
    against = "; ".join(dict.fromkeys([*checks.objections, p_value(checks.p)]))
    text = f"No trend of the gap can be established ({against}): {factor}; {spread}; {weeks}."
    return Finding(text, CANNOT, figures, checks.p, SIGNIFICANT)


def level_break(checks: HistoryChecks) -> Finding:
    """The most likely change of level, tested against the same walks without a drift."""
    before, after = float(np.exp(checks.break_before)), float(np.exp(checks.break_after))
    figures = {"before": before, "after": after}
    if checks.break_p <= SIGNIFICANT:
        text = (
            f"The level of the gap changed in the week to {day(checks.break_on)}: {multiple(before)} before, "
            f"{multiple(after)} from then on ({p_value(checks.break_p)})."
        )
        return Finding(text, CAN, figures, checks.break_p, SIGNIFICANT)
    text = f"The level of the gap has no statistically significant break ({p_value(checks.break_p)})."
    return Finding(text, CANNOT, figures, checks.break_p, SIGNIFICANT)


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


def shared_data() -> Finding:
    """Specifications are no independent evidence."""
    return Finding("The specifications are not independent evidence: they share the same companies and prices.", CANNOT)
