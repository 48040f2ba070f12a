"""The valuation gap: the ratio of the AI group's multiple to the mining group's, with bootstrap intervals."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.assumptions import Assumptions
from valuation.denominators import View, in_gap, in_specifications
from valuation.eligibility import eligible
from valuation.findings import Finding, texts
from valuation.gap.findings import estimate, not_causal, significance, small_sample
from valuation.gap.permutation import permutation_ratios
from valuation.gap.ratios import bootstrap_ratios, without_each
from valuation.groups import BITCOIN, GROUP_NAMES, PIVOT, Rule

HEADLINE = ("ev_per_mw_secured", "median")
STATISTICS = {
    "median": "ratio of medians",
    "geometric_mean": "ratio of geometric means",
    "aggregate": "ratio of aggregates (sum EV / sum MW)",
}
# Views of the registry of denominators: keys that a specification may choose, and metric -> (numerator, denominator)
# columns of the table.
GAP_DENOMINATORS = View(in_specifications)
MEASURED = View(lambda: {one.metric: (one.numerator, one.denominator) for one in in_gap().values()})
COLUMNS = ["metric", "statistic", "ratio", "low", "high", "p_value", "pivot_value", "bitcoin_value",
           "n_pivot", "n_bitcoin", "note"]  # fmt: skip
# Under five members a resample has few distinct medians.
ROUGH_BELOW = 5


@dataclass(frozen=True, repr=False)
class Gap(ResultMixin):
    """Ratio of the AI group's multiples to the mining group's under one group rule, over denominators and statistics.

    Attributes
    ----------
    frame : DataFrame
        A row a (metric, statistic): ratio, low, high, p_value (permutation of the labels), pivot_value,
        bitcoin_value (m USD per MW, or a multiple), n_pivot, n_bitcoin, note (why a figure is absent, or how rough
        it is). The first row is the headline, declared before looking; the last ones are the gap in EV over
        revenue, contracted AI and mining a year.
    members : DataFrame
        Indexed by ticker: group and, for each metric, whether it is in the statistic.
    left_out : DataFrame
        ticker, metric, reason: every company that is excluded from a statistic and why.
    sensitivity : Series
        The headline ratio with each company of the headline left out, by ticker.
    rule : Rule
    draws, level, seed : bootstrap draws per interval, level of the interval, seed
    method : str
    """

    frame: pd.DataFrame
    members: pd.DataFrame
    left_out: pd.DataFrame
    sensitivity: pd.Series
    rule: Rule
    draws: int
    level: float
    seed: int
    method: str

    @property
    def headline(self) -> pd.Series:
        """EV net of bitcoin per secured MW, ratio of medians."""
        return self.frame.iloc[0]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the headline shows and what it does not."""
        row = self.headline
        return (*estimate(row, self.level), *significance(row), *small_sample(row), *not_causal(row))

    def _summary(self) -> Summary:
        shown = self.frame[["metric", "statistic", "ratio", "low", "high", "p_value", "n_pivot", "n_bitcoin"]]
        shown = shown.rename(columns={"p_value": "p", "n_pivot": "n AI", "n_bitcoin": "n mining"}).set_index("metric")
        return Summary(
            f"Valuation gap, AI group over mining group; AI group = {self.rule.title}",
            tables=(small(shown, rows=len(shown)),),
            notes=(
                *texts(self.findings),
                f"{self.method[0].upper()}{self.method[1:]}; {self.level:.0%} intervals, B = {self.draws:,}, seed "
                f"{self.seed}; p by label permutation test.",
            ),
        )


def measure(
    table: pd.DataFrame, status: pd.DataFrame, causes: pd.DataFrame, rule: Rule, assumptions: Assumptions
) -> Gap:
    """Ratios of the AI group to the mining group over denominators and statistics, each with a bootstrap interval.

    Parameters
    ----------
    table, status, causes : DataFrame
        One date of a `Valuation`, indexed by ticker.
    rule : Rule
        The rule behind `table["group"]`.
    assumptions : Assumptions
        Draws, level, seed.
    """
    rows, left_out = [], []
    members = pd.DataFrame({"group": table["group"]})
    sensitivity = pd.Series(dtype=float)
    for metric, one in in_gap().items():
        numerator, denominator = one.numerator, one.denominator
        needed = [metric, "group"] if metric in status else [numerator, denominator, "group"]
        reason = eligible(table, status, causes, needed)["reason"]
        below = table[denominator].le(0) & (reason == "")
        reason = reason.where(~below, f"{denominator} is zero").astype(object)
        below = table[numerator].le(0) & (reason == "")
        reason = reason.where(~below, "enterprise value is not positive").astype(object)
        members[metric] = reason == ""
        left_out.append(
            pd.DataFrame({"ticker": table.index, "metric": metric, "reason": reason})[(reason != "").to_numpy()]
        )
        chosen = table[members[metric]]
        value = chosen[numerator].to_numpy(dtype=float) / one.scale
        base = chosen[denominator].to_numpy(dtype=float)
        is_pivot = (chosen["group"] == PIVOT).to_numpy()
        for statistic in STATISTICS:
            figures = _one(value, base, is_pivot, statistic, assumptions)
            rows.append({"metric": metric, "statistic": statistic} | figures)
        if metric == HEADLINE[0]:
            sensitivity = pd.Series(without_each(value, base, is_pivot, HEADLINE[1]), index=chosen.index)
    return Gap(
        frame=pd.DataFrame(rows)[COLUMNS],
        members=members,
        left_out=pd.concat(left_out, ignore_index=True),
        sensitivity=sensitivity,
        rule=rule,
        draws=assumptions.bootstrap_draws,
        level=assumptions.confidence_level,
        seed=assumptions.seed,
        method="bias-corrected accelerated bootstrap (Efron 1987), companies drawn within each group",
    )


def statistic_value(value: np.ndarray, mw: np.ndarray, statistic: str) -> float:
    """One group's multiple, m USD per MW: median, geometric mean, or sum of EV over sum of MW."""
    if statistic == "median":
        return float(np.median(value / mw))
    if statistic == "geometric_mean":
        return float(np.exp(np.mean(np.log(value / mw))))
    return float(value.sum() / mw.sum())


def _one(
    value: np.ndarray, base: np.ndarray, is_pivot: np.ndarray, statistic: str, assumptions: Assumptions
) -> dict[str, object]:
    """One ratio with its interval, p-value, levels and group sizes."""
    out: dict[str, object] = dict.fromkeys(COLUMNS[2:], np.nan)
    sizes = {PIVOT: int(is_pivot.sum()), BITCOIN: int((~is_pivot).sum())}
    out |= {"n_pivot": sizes[PIVOT], "n_bitcoin": sizes[BITCOIN], "note": ""}
    empty = [name for name, size in sizes.items() if size == 0]
    if empty:
        return out | {
            "note": "no company in either group" if len(empty) > 1 else f"no company in the {GROUP_NAMES[empty[0]]}"
        }
    for name, mask in ((PIVOT, is_pivot), (BITCOIN, ~is_pivot)):
        out[f"{name}_value"] = statistic_value(value[mask], base[mask], statistic)
    draws, seed = assumptions.bootstrap_draws, assumptions.seed
    section = (value[None], base[None], is_pivot[None], statistic)
    interval = bootstrap_ratios(*section, draws=draws, level=assumptions.confidence_level, seed=seed)
    out |= {"ratio": float(interval.ratio[0]), "low": float(interval.low[0]), "high": float(interval.high[0])}
    out["p_value"] = float(permutation_ratios(*section, draws=draws, seed=seed).p_value[0])
    smallest = min(sizes, key=lambda name: sizes[name])
    if sizes[smallest] < 2:
        out["note"] = f"one company in the {GROUP_NAMES[smallest]}: it cannot be resampled, so there is no interval"
    elif sizes[smallest] < ROUGH_BELOW:
        out["note"] = f"small sample: {sizes[smallest]} companies in the {GROUP_NAMES[smallest]}"
    return out
