"""Findings on one estimate of the valuation gap, in sentences: level, significance, sample, signed revenue, causality."""

from __future__ import annotations

import math

import pandas as pd

from valuation._words import SIGNIFICANT, count, interval, multiple, p_value
from valuation.denominators import in_gap
from valuation.findings import CAN, CANNOT, NOTE, Finding

# Under five companies a resample has few distinct medians.
SMALL_GROUP = 5
REVENUE = "ev_to_ntm_revenue"
FIGURES = ("ratio", "low", "high", "p_value", "pivot_value", "bitcoin_value", "n_pivot", "n_bitcoin")
GROUPS = {"pivot": "AI-group", "bitcoin": "mining"}


def _figures(row: pd.Series) -> dict[str, float]:
    return {name: row[name] for name in FIGURES}


def estimate(row: pd.Series, level: float) -> list[Finding]:
    """The level of one row of `Gap.frame`, or why there is none.

    Parameters
    ----------
    row : Series
        metric, statistic, ratio, low, high, p_value, levels and sizes of the groups, note.
    level : float
        Of the interval.
    """
    if math.isnan(row["ratio"]):
        return [Finding(f"Estimate not available: {row['note']}.", CANNOT, _figures(row))]
    measure = in_gap()[row["metric"]].multiple_title.replace("EV / ", "enterprise value per ")
    if row["statistic"] == "median":
        text = (
            f"The median AI-group company trades at {multiple(row['ratio'])} the {measure} of the median mining company"
        )
    else:
        how = "geometric mean" if row["statistic"] == "geometric_mean" else "aggregate"
        text = f"The AI group trades at {multiple(row['ratio'])} the {measure} of the mining group ({how})"
    if not math.isnan(row["low"]):
        text += f" ({level:.0%} confidence interval {interval(row['low'], row['high'])})"
    return [Finding(f"{text}.", CAN, _figures(row))]


def significance(row: pd.Series) -> list[Finding]:
    """Whether the ratio of one row of `Gap.frame` differs from 1 at 5%, by interval and by permutation test."""
    if math.isnan(row["ratio"]):
        return []
    p = row["p_value"]
    if math.isnan(row["low"]):
        return [Finding("No confidence interval: one group has a single company.", CANNOT, _figures(row))]
    if p <= SIGNIFICANT and row["low"] > 1:
        text = (
            f"The gap is statistically significant at 5%: the confidence interval lies above 1.0x, and the label "
            f"permutation test gives {p_value(p)}."
        )
        return [Finding(text, CAN, _figures(row), p, SIGNIFICANT)]
    if row["low"] <= 1:
        text = f"The gap is not statistically significant at 5%: the confidence interval includes 1.0x ({p_value(p)})."
        if row["high"] < 1:
            text = (
                f"The AI group does not trade above the mining group: the confidence interval lies below 1.0x "
                f"({p_value(p)})."
            )
    elif p > SIGNIFICANT:
        text = (
            "The gap is not statistically significant at 5%: the interval lies above 1.0x, but the label permutation "
            f"test does not reject equal values ({p_value(p)})."
        )
    else:
        return []
    return [Finding(text, CANNOT, _figures(row), p, SIGNIFICANT)]


def small_sample(row: pd.Series) -> list[Finding]:
    """A note where the smaller group has fewer than five companies."""
    members = {name: int(row[f"n_{name}"]) for name in GROUPS}
    smallest = min(members, key=lambda name: members[name])
    if not 0 < members[smallest] < SMALL_GROUP:
        return []
    who = count(members[smallest], f"{GROUPS[smallest]} company", f"{GROUPS[smallest]} companies")
    return [Finding(f"Small sample: {who}.", NOTE, {f"n_{name}": n for name, n in members.items()})]


def over_revenue(frame: pd.DataFrame, statistic: str, ratio: float) -> list[Finding]:
    """The gap in EV over revenue against the gap per MW: how much of the latter expected revenue explains.

    Parameters
    ----------
    frame : DataFrame
        `Gap.frame`.
    statistic : str
    ratio : float
        The gap per MW.
    """
    found = frame[(frame["metric"] == REVENUE) & (frame["statistic"] == statistic)]
    if math.isnan(ratio) or found.empty or math.isnan(found.iloc[0]["ratio"]):
        return []
    row = found.iloc[0]
    if row["ratio"] < 1:
        means = "on revenue the AI group is cheaper, so its value per MW reflects the revenue expected from it"
    elif row["ratio"] < ratio:
        means = "expected revenue explains part of the gap per MW"
    else:
        means = "expected revenue does not explain the gap per MW"
    text = f"On EV over revenue of the next twelve months the ratio is {multiple(row['ratio'])}: {means}."
    return [Finding(text, CAN, _figures(row) | {"ratio_per_mw": ratio}, row["p_value"])]


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
