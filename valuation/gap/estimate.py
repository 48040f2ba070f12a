"""The valuation gap: the typical ratio of an AI-group company to a mining company, with its exact interval and test."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.assumptions import Assumptions
from valuation.denominators import NUMERATORS, View, in_gap, in_specifications
from valuation.eligibility import eligible
from valuation.findings import Finding, texts
from valuation.freshness import CURRENT, Basis, basis
from valuation.gap.findings import attainable_p, estimate, not_causal, significance, small_sample, stale_data
from valuation.gap.hodges_lehmann import LEAST_MEMBERS, TYPICAL, hodges_lehmann, without_each
from valuation.gap.lead import LEADS_FROM, leads
from valuation.gap.ratios import log_level
from valuation.groups import BITCOIN, GROUP_NAMES, PIVOT, Rule

HEADLINE = ("ev_per_mw_secured", TYPICAL)
STATISTICS = {
    TYPICAL: "typical ratio (Hodges-Lehmann)",
    "median": "ratio of medians",
    "geometric_mean": "ratio of geometric means",
    "aggregate": "ratio of aggregates (sum EV / sum MW)",
}
# Statistics that are a level of one group over a level of the other; the typical ratio is a median over pairs.
OF_LEVELS = tuple(name for name in STATISTICS if name != TYPICAL)
# Views of the registry of denominators: keys that a specification may choose, and metric -> (numerator, denominator)
# columns of the table.
GAP_DENOMINATORS = View(in_specifications)
MEASURED = View(lambda: {one.metric: (one.numerator, one.denominator) for one in in_gap().values()})
COLUMNS = ["metric", "statistic", "ratio", "low", "high", "p_value", "pivot_value", "bitcoin_value",
           "n_pivot", "n_bitcoin", "note", "level_reached", "attainable_p"]  # fmt: skip
METHOD = "Hodges-Lehmann estimate on logs with the interval and p of the exact Wilcoxon rank-sum test"


def statistic_name(statistic: str) -> str:
    """A statistic in a column's head: `Typical ratio`, `Medians`, `Geometric means`, `Aggregates`."""
    return STATISTICS[statistic].removeprefix("ratio of ").partition(" (")[0].capitalize()


@dataclass(frozen=True, repr=False)
class Gap(ResultMixin):
    """Ratio of the AI group's multiples to the mining group's under one group rule, over denominators and statistics.

    Attributes
    ----------
    frame : DataFrame
        A row a (metric, statistic): ratio, low, high, p_value, pivot_value, bitcoin_value (m USD per MW, or a multiple;
        medians beside the typical ratio), n_pivot, n_bitcoin, note (why a figure is absent, or how rough it is),
        level_reached (of the interval), attainable_p (of perfectly separated groups of these sizes). Interval and p
        belong to the typical ratio; the ratios of medians, geometric means and aggregates have none. The first row is
        the headline, declared before looking.
    members : DataFrame
        Indexed by ticker: group and, for each metric, whether it is in the statistic.
    left_out : DataFrame
        ticker, metric, reason: every company that is excluded from a statistic and why.
    sensitivity : Series
        The headline ratio with each company of the headline left out, by ticker.
    rule : Rule
    level : float
        Asked for; a row's `level_reached` is what its groups allow.
    method : str
    bases : Mapping
        By metric what the figures of its companies rest on; a metric that is not in it counts as current.
    """

    frame: pd.DataFrame
    members: pd.DataFrame
    left_out: pd.DataFrame
    sensitivity: pd.Series
    rule: Rule
    level: float
    method: str
    bases: Mapping[str, Basis] = field(default_factory=dict)

    @property
    def headline(self) -> pd.Series:
        """EV net of bitcoin per secured MW, typical ratio of an AI-group company to a mining company."""
        return self.frame.iloc[0]

    @property
    def leads(self) -> str:
        """`gap`, or `line` where a group has fewer than five companies."""
        return leads(self.headline["n_pivot"], self.headline["n_bitcoin"])

    @property
    def basis(self) -> Basis:
        """What the figures of the headline's companies rest on."""
        return self.basis_of(HEADLINE[0])

    def basis_of(self, metric: str) -> Basis:
        """What the figures of a metric's companies rest on."""
        return self.bases.get(metric, CURRENT)

    def resting_on(self, ages: pd.DataFrame, causes: pd.DataFrame, as_of: pd.Timestamp, given: Assumptions) -> Gap:
        """The same with the age of its data: sentences on old closes are then dated and in the past tense.

        Parameters
        ----------
        ages : DataFrame
            From `freshness.ages`.
        causes : DataFrame
            Of the statuses, indexed by ticker.
        """
        made = {}
        for metric, one in in_gap().items():
            known = [name for name in (metric, one.numerator, one.denominator) if name in causes]
            why = causes[known].astype(str).agg("; ".join, axis=1)
            inside = self.members.index[self.members[metric].to_numpy(dtype=bool)]
            title = one.multiple_title.replace("EV / ", "EV per ")
            made[metric] = basis(ages, inside, why, as_of, given, title)
        return replace(self, bases=made)

    def typical(self, metric: str) -> pd.Series:
        """The row of a metric that carries its interval and p."""
        (row,) = np.flatnonzero((self.frame["metric"] == metric) & (self.frame["statistic"] == TYPICAL))
        return self.frame.iloc[row]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the headline shows and what it does not."""
        row = self.headline
        return (
            *stale_data(self.basis),
            *estimate(row, self.level, self.basis),
            *significance(row, self.basis),
            *small_sample(row),
            *attainable_p(row),
            *not_causal(row),
        )

    def _summary(self) -> Summary:
        shown = self.frame[["metric", "statistic", "ratio", "low", "high", "p_value", "n_pivot", "n_bitcoin"]]
        shown = shown.rename(columns={"p_value": "p", "n_pivot": "n AI", "n_bitcoin": "n mining"}).set_index("metric")
        return Summary(
            f"Valuation gap, AI group over mining group; AI group = {self.rule.title}",
            tables=(small(shown, rows=len(shown)),),
            notes=(*texts(self.findings), f"{self.method}; {self.level:.0%} intervals, by enumeration."),
        )


def measure(
    table: pd.DataFrame, status: pd.DataFrame, causes: pd.DataFrame, rule: Rule, assumptions: Assumptions
) -> Gap:
    """Ratios of the AI group to the mining group over denominators and statistics, the typical one with its interval.

    Parameters
    ----------
    table, status, causes : DataFrame
        One date of a `Valuation`, indexed by ticker.
    rule : Rule
        The rule behind `table["group"]`.
    assumptions : Assumptions
        Level of the interval.
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
        reason = reason.where(~below, f"{NUMERATORS[numerator][1].lower()} is not positive").astype(object)
        if one.beside:
            # Beside the headline, on the same companies.
            outside = ~members[HEADLINE[0]] & (reason == "")
            reason = reason.where(~outside, "excluded from the headline")
        members[metric] = reason == ""
        left_out.append(
            pd.DataFrame({"ticker": table.index, "metric": metric, "reason": reason})[(reason != "").to_numpy()]
        )
        chosen = table[members[metric]]
        value = chosen[numerator].to_numpy(dtype=float) / one.scale
        base = chosen[denominator].to_numpy(dtype=float)
        is_pivot = (chosen["group"] == PIVOT).to_numpy()
        for statistic in STATISTICS:
            figures = _one(value, base, is_pivot, statistic, assumptions.confidence_level, beside=one.beside)
            rows.append({"metric": metric, "statistic": statistic} | figures)
        if metric == HEADLINE[0]:
            sensitivity = pd.Series(without_each(value / base, is_pivot), index=chosen.index)
    return Gap(
        frame=pd.DataFrame(rows)[COLUMNS],
        members=members,
        left_out=pd.concat(left_out, ignore_index=True),
        sensitivity=sensitivity,
        rule=rule,
        level=assumptions.confidence_level,
        method=METHOD,
    )


def statistic_value(value: np.ndarray, mw: np.ndarray, statistic: str) -> float:
    """One group's multiple, m USD per MW: median (beside the typical ratio too), geometric mean, or sum EV over sum MW."""
    return float(np.exp(log_level(value, mw, "median" if statistic == TYPICAL else statistic)))


def _one(
    value: np.ndarray, base: np.ndarray, is_pivot: np.ndarray, statistic: str, level: float, *, beside: bool
) -> dict[str, object]:  # fmt: skip
    """One ratio with the groups' levels and sizes; of the typical one, interval and test too.

    Beside the headline no ratio is made of fewer than three companies: one miner with a small contract is no group.
    """
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
    smallest = min(sizes, key=lambda name: sizes[name])
    few = f"{sizes[smallest]} {'company' if sizes[smallest] == 1 else 'companies'} in the {GROUP_NAMES[smallest]}"
    enough = sizes[smallest] >= LEAST_MEMBERS
    if statistic != TYPICAL and (enough or not beside):
        log_ratio = [log_level(value[mask], base[mask], statistic) for mask in (is_pivot, ~is_pivot)]
        out["ratio"] = float(np.exp(log_ratio[0] - log_ratio[1]))
    elif not enough:
        return out | {"note": f"{few}, a group comparison needs {LEAST_MEMBERS}"}
    else:
        multiples = value / base
        found = hodges_lehmann(multiples[is_pivot], multiples[~is_pivot], level=level)
        out |= {"ratio": found.ratio, "low": found.low, "high": found.high, "p_value": found.p}
        out |= {"level_reached": found.level_reached, "attainable_p": found.attainable_p}
    if sizes[smallest] < LEADS_FROM:
        out["note"] = f"small sample: {few}"
    return out
