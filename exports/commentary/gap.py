"""What a study of the gap allows to say, and what it does not, in words."""

from __future__ import annotations

import math

import numpy as np

from exports.commentary.labels import UNSURE
from exports.commentary.numbers import p_text, span
from valuation.gap.study import GapHistory, GapStudy

# Intervals above 1 beyond the permutation tests' count by this much are told.
MISLEADING = 0.2
# Under this many labellings the smallest possible p is worth a word.
FEW_LABELLINGS_P = 0.01
REVENUE = "ev_to_revenue"


def not_rejected(study: GapStudy) -> str:
    """The ratios that the permutation test does not reject."""
    if study.permuted_low == 0 and math.isinf(study.permuted_high):
        return "any"
    return span(study.permuted_low, study.permuted_high)


def can_be_said(study: GapStudy) -> list[str]:
    """What the numbers allow to say, in words."""
    row = study.chosen
    if math.isnan(row["ratio"]):
        return []
    levels = {"median": "the middle {}", "geometric_mean": "the typical {} (geometric mean)"}
    level = levels.get(str(row["statistic"]), "all {}s together")
    points = [
        f"{level.format('pivot').capitalize()} costs {row['ratio']:.1f} times {level.format('bitcoin miner')} per "
        f"{study.definition.denominator} MW."
    ]
    if row["p_value"] <= UNSURE and row["low"] > 1:
        points.append(
            f"A gap above 1:1 is supported: the interval starts at {row['low']:.2f}, and labels drawn at random give as "
            f"wide a gap with p {p_text(row['p_value'])}."
        )
    if study.p_claimed > UNSURE:
        points.append(f"2:1 is compatible with these companies (p {p_text(study.p_claimed)}), and so is much else.")
    elif study.p_claimed <= UNSURE:
        side = "more" if row["ratio"] > 2 else "less"
        points.append(f"The gap is {side} than 2:1 (2:1 has p {p_text(study.p_claimed)}).")
    joint = study.joint
    if joint is not None and joint.p_value <= UNSURE:
        points.append(f"Over all definitions together a gap is more than chance (p {p_text(joint.p_value)}).")
    return points + _revenue_said(study) + _trend_said(study.history)


def _revenue_said(study: GapStudy) -> list[str]:
    frame = study.gap.frame
    found = frame[(frame["metric"] == REVENUE) & (frame["statistic"] == study.definition.statistic)]
    if found.empty or math.isnan(found.iloc[0]["ratio"]):
        return []
    row = found.iloc[0]
    if row["ratio"] < 1:
        told = "the pivots are the cheaper ones: their megawatts are dear because of the revenue signed on them"
    elif row["ratio"] < study.chosen["ratio"]:
        told = "part of the gap per MW is revenue already signed"
    else:
        told = "no smaller than the gap per MW"
    return [f"Over revenue, contracted AI and mining a year, the ratio is {row['ratio']:.2f}: {told}."]


def _trend_said(history: GapHistory | None) -> list[str]:
    if history is None or history.trend is None:
        return []
    trend, weeks = history.trend, history.trend.independent_weeks
    told = f"x {1 + trend.growth:.2f} a year, p {p_text(trend.p_value)}"
    if trend.p_value <= UNSURE:
        way = "widened" if trend.slope > 0 else "narrowed"
        first = f"The gap has {way} over these weeks ({told})"
    else:
        first = f"The expectation that the gap widens is not borne out ({told})"
    points = [
        f"{first}; the {trend.n} weeks overlap so much that they tell about as much as {weeks:.0f} separate ones."
    ]
    return points + _change_said(history)


def _change_said(history: GapHistory) -> list[str]:
    if history.change is None:
        return []
    parts = history.change.totals
    stayed = parts["enterprise_value"] + parts["megawatts"]
    told = (
        "mostly who counts as a pivot"
        if abs(parts["membership"]) > abs(stayed)
        else "mostly how the same companies are valued"
    )
    return [
        f"What moved it is {told}: companies that stayed in their group account for x {np.exp(stayed):.2f}, those that "
        f"changed group, came in or dropped out for x {np.exp(parts['membership']):.2f} (a cheap miner that signs a "
        "lease lowers the pivots' level)."
    ]


def cannot_be_said(study: GapStudy) -> list[str]:
    """What the numbers do not allow to say, in words."""
    row = study.chosen
    if math.isnan(row["ratio"]):
        return [f"Any gap under this definition: {row['note']}."]
    points = []
    if math.isnan(row["low"]):
        points.append("How sure the ratio is: a group has a single company.")
    elif row["low"] <= 1 or row["p_value"] > UNSURE:
        why = f"the interval starts at {row['low']:.2f}" if row["low"] <= 1 else "the interval alone lies above 1:1"
        points.append(f"That there is a gap at all: {why}, and p {p_text(row['p_value'])}.")
    if study.p_claimed > UNSURE:
        points.append(f"That it is 2:1 rather than another ratio; not rejected: {not_rejected(study)}.")
    if study.smallest_p > FEW_LABELLINGS_P:
        points.append(
            f"Much, with {row['n_pivot']} against {row['n_bitcoin']} companies: no gap, however wide, could reach a p "
            f"below {study.smallest_p:.3f}."
        )
    points += curve_unsaid(study)
    points.append(
        f"That AI contracts cause it: {row['n_pivot']} and {row['n_bitcoin']} companies that chose their group "
        "themselves, with secured MW as each counts them."
    )
    points.append("That the definitions confirm each other: they share the same companies and prices.")
    return points


def curve_unsaid(study: GapStudy) -> list[str]:
    """What the share of definitions with an interval above 1:1 does not allow to say."""
    shares, done = study.curve.shares(), study.curve.measured
    if shares.empty:
        return []
    above, tested = float(shares.iloc[-1]["share_above_one"]), float((done["p_value"] <= UNSURE).mean())
    if above - tested <= MISLEADING:
        return []
    return [
        f"That {above:.0%} of the definitions find a gap: with groups this small their intervals are too short, and "
        f"by permutation {tested:.0%} do."
    ]
