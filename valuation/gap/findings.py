"""Findings on one estimate of the valuation gap, in sentences: level, significance, sample, revenue, causality."""

from __future__ import annotations

import math
from collections.abc import Callable

import pandas as pd

from valuation._words import SIGNIFICANT, count, interval, multiple, p_value
from valuation.denominators import NUMERATORS, in_gap
from valuation.findings import CAN, CANNOT, NOTE, Finding
from valuation.freshness import CURRENT, Basis
from valuation.gap.hodges_lehmann import TYPICAL
from valuation.gap.lead import LEADS_FROM

TEST = "exact Wilcoxon rank-sum test"
# Above this the smallest possible p is worth a sentence.
LARGE_ATTAINABLE_P = 0.01
FIGURES = ("ratio", "low", "high", "p_value", "pivot_value", "bitcoin_value", "n_pivot", "n_bitcoin", "level_reached",
           "attainable_p")  # fmt: skip
GROUPS = {"pivot": "AI-group", "bitcoin": "mining"}


def _figures(row: pd.Series) -> dict[str, float]:
    return {name: row[name] for name in FIGURES}


def stale_data(basis: Basis) -> list[Finding]:
    """How many figures of the sample rest on stale data, and the oldest of it; nothing where none does."""
    if not basis.stale_data:
        return []
    names = ("n", "n_stale", "n_old_closes", "n_stale_facts", "first_close", "last_close")
    return [Finding(basis.stale_data, NOTE, {name: getattr(basis, name) for name in names})]


def estimate(row: pd.Series, level: float, basis: Basis = CURRENT) -> list[Finding]:
    """The level of one row of `Gap.frame`, or why there is none.

    Parameters
    ----------
    row : Series
        metric, statistic, ratio, low, high, p_value, levels and sizes of the groups, note.
    level : float
        Of the interval.
    basis : Basis
        What the sample rests on: on closes older than their limit the level is not stated in the present tense.
    """
    if math.isnan(row["ratio"]):
        return [Finding(basis.sentence(f"Estimate not available: {row['note']}."), CANNOT, _figures(row))]
    trades = basis.verb("trades", "traded")
    measure = in_gap()[row["metric"]].multiple_title.replace("EV / ", "enterprise value per ")
    if row["statistic"] == TYPICAL:
        text = (
            f"A typical AI-group company {trades} at {multiple(row['ratio'])} the {measure} of a typical mining company"
        )
        if not math.isnan(row["low"]):
            text += f" ({reach(row, level)})"
    elif row["statistic"] == "median":
        text = f"The median AI-group company {trades} at {multiple(row['ratio'])} the {measure} of the median mining company"
    else:
        how = "geometric mean" if row["statistic"] == "geometric_mean" else "aggregate"
        text = f"The AI group {trades} at {multiple(row['ratio'])} the {measure} of the mining group ({how})"
    return [Finding(basis.sentence(f"{text}."), CAN, _figures(row))]


def reach(row: pd.Series, level: float) -> str:
    """`95% confidence interval 1.6x to 6.2x`; where the groups are too small for the level, the one that they reach."""
    short = row["level_reached"] < level - 1e-9
    shown = f"{row['level_reached'] if short else level:.0%} confidence interval {interval(row['low'], row['high'])}"
    return f"{shown}, the highest level that groups of this size reach" if short else shown


def is_significant(row: pd.Series) -> bool:
    """Whether a row's own test rejects equal values at 5%; False where it has none."""
    return bool(row["p_value"] <= SIGNIFICANT)


def significance(row: pd.Series, basis: Basis = CURRENT) -> list[Finding]:
    """Whether the typical ratio of one row of `Gap.frame` differs from 1 at 5%, by its exact rank-sum test."""
    p, trades = row["p_value"], basis.verb("trades", "traded")
    if math.isnan(row["ratio"]) or math.isnan(p):
        return []
    if not is_significant(row):
        text = f"The gap {basis.verb('is', 'was')} not statistically significant at 5% ({TEST}, {p_value(p)})."
        return [Finding(basis.sentence(text), CANNOT, _figures(row), p, SIGNIFICANT)]
    if row["ratio"] < 1:
        text = f"The AI group {trades} below the mining group, statistically significant at 5% ({TEST}, {p_value(p)})."
    else:
        text = f"The gap {basis.verb('is', 'was')} statistically significant at 5% ({TEST}, {p_value(p)})."
    return [Finding(basis.sentence(text), CAN, _figures(row), p, SIGNIFICANT)]


def attainable_p(row: pd.Series) -> list[Finding]:
    """The smallest p-value that groups of these sizes can reach, where it is above 1%."""
    smallest = row["attainable_p"]
    if math.isnan(row["ratio"]) or not smallest > LARGE_ATTAINABLE_P:
        return []
    text = f"Small sample: with {sizes(row)} no ratio, however large, can reach a p-value below {smallest:.3f}."
    return [Finding(text, CANNOT, _figures(row), smallest, LARGE_ATTAINABLE_P)]


def small_sample(row: pd.Series) -> list[Finding]:
    """A note where the smaller group has fewer than five companies."""
    members = {name: int(row[f"n_{name}"]) for name in GROUPS}
    smallest = min(members, key=lambda name: members[name])
    if not 0 < members[smallest] < LEADS_FROM:
        return []
    who = count(members[smallest], f"{GROUPS[smallest]} company", f"{GROUPS[smallest]} companies")
    return [Finding(f"Small sample: {who}.", NOTE, {f"n_{name}": n for name, n in members.items()})]


def over_revenue(
    frame: pd.DataFrame, ratio: float, basis_of: Callable[[str], Basis] = lambda _: CURRENT
) -> list[Finding]:
    """The typical ratio in each multiple of revenue beside the headline, each with its own interval and test.

    Parameters
    ----------
    frame : DataFrame
        `Gap.frame`.
    ratio : float
        The typical ratio per MW; where there is none nothing is said.
    basis_of : callable
        `Gap.basis_of`: what the companies of a multiple rest on.
    """
    typical = frame[frame["statistic"] == TYPICAL].set_index("metric", drop=False)
    beside = [typical.loc[metric] for metric, one in in_gap().items() if metric in typical.index and one.beside]
    if math.isnan(ratio):
        return []
    return [_beside(row, ratio, basis_of(row["metric"])) for row in beside if not math.isnan(row["ratio"])]


def _beside(row: pd.Series, ratio: float, basis: Basis) -> Finding:
    significant = is_significant(row)
    means = "no statistically significant difference between the groups"
    if significant:
        where = "below" if row["ratio"] < 1 else "above"
        means = f"the AI group {basis.verb('trades', 'traded')} {where} the mining group"
    one = in_gap()[row["metric"]]
    over = f"{NUMERATORS[one.numerator][0].replace('Completed', 'completed')} over {one.meaning or one.title}"
    text = (
        f"On {over} the typical ratio {basis.verb('is', 'was')} {multiple(row['ratio'])} "
        f"({interval(row['low'], row['high'])}, {p_value(row['p_value'])}, {sizes(row)}), against {multiple(ratio)} per MW: "
        f"{means}."
    )
    kind = CAN if significant else CANNOT
    return Finding(basis.sentence(text), kind, _figures(row) | {"ratio_per_mw": ratio}, row["p_value"], SIGNIFICANT)


def not_causal(row: pd.Series) -> list[Finding]:
    """Association is not cause: companies chose their group, and count their power themselves."""
    if math.isnan(row["ratio"]):
        return []
    text = (
        f"The comparison does not show that AI contracts cause the difference: the {sizes(row)} chose their own group, and "
        "secured MW follow each company's own definition."
    )
    return [Finding(text, CANNOT, {"n_pivot": row["n_pivot"], "n_bitcoin": row["n_bitcoin"]})]


def sizes(row: pd.Series) -> str:
    """`10 AI-group companies and 3 mining companies`."""
    mining = count(row["n_bitcoin"], "mining company", "mining companies")
    return f"{count(row['n_pivot'], 'AI-group company', 'AI-group companies')} and {mining}"
