"""How much more the market pays per megawatt for companies that turned to AI."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.groups import BITCOIN, PIVOT, Rule
from valuation.inference import bootstrap_ratio
from valuation.power import DENOMINATORS
from valuation.status import USABLE

HEADLINE = ("ev_per_mw_secured", "median")
STATISTICS = {
    "median": "ratio of medians",
    "geometric_mean": "ratio of geometric means",
    "aggregate": "ratio of aggregates (sum EV / sum MW)",
}
# Contracted AI megawatts are zero for a company that signed nothing: there is no second group to compare with.
GAP_DENOMINATORS = tuple(d for d in DENOMINATORS if d != "ai_contracted_it")


@dataclass(frozen=True)
class Gap:
    """The gap under one group rule, over denominators and statistics.

    Attributes
    ----------
    frame : DataFrame
        A row a (metric, statistic): ratio, low, high, pivot_value, bitcoin_value (m USD per MW), n_pivot,
        n_bitcoin, note (why a figure is absent). The first row is the headline, declared before looking.
    members : DataFrame
        Indexed by ticker: group and, for each metric, whether it is in the statistic.
    left_out : DataFrame
        ticker, metric, reason: every company that is not in a statistic and why.
    rule : Rule
    draws, level, seed : bootstrap draws per interval, level of the interval, seed
    method : str
    """

    frame: pd.DataFrame
    members: pd.DataFrame
    left_out: pd.DataFrame
    rule: Rule
    draws: int
    level: float
    seed: int
    method: str

    @property
    def headline(self) -> pd.Series:
        """EV net of bitcoin per secured MW, ratio of medians."""
        return self.frame.iloc[0]

    def __str__(self) -> str:
        shown = self.frame[["metric", "statistic", "ratio", "low", "high", "n_pivot", "n_bitcoin", "note"]]
        return (
            f"Gap, pivot over bitcoin; pivot = {self.rule.title}\n"
            + shown.to_string(index=False, float_format=lambda v: f"{v:.2f}")
            + f"\n{self.method}; {self.level:.0%} interval, B = {self.draws}, seed {self.seed}."
        )


def sample(table: pd.DataFrame, status: pd.DataFrame, causes: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Which companies may enter a statistic over `metrics`: a reason a ticker, empty where it may.

    Parameters
    ----------
    table, status, causes : DataFrame
        One date of a `Valuation`, indexed by ticker.

    Returns
    -------
    DataFrame
        Indexed by ticker, one column `reason`.
    """
    reason = table["excluded"].astype(object).where(table["excluded"] != "", "")
    for name in metrics:
        bad = ~status[name].isin(USABLE)
        text = name + " " + status[name].str.replace("_", " ") + ": " + causes[name]
        reason = reason.where(~(bad & (reason == "")), text)
    return pd.DataFrame({"reason": reason})


def measure(
    table: pd.DataFrame, status: pd.DataFrame, causes: pd.DataFrame, rule: Rule, assumptions: Assumptions
) -> Gap:
    """Ratios of pivot to bitcoin over denominators and statistics, each with a bootstrap interval.

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
    for denominator in GAP_DENOMINATORS:
        metric = f"ev_per_mw_{denominator}"
        reason = sample(table, status, causes, [metric, "group"])["reason"]
        members[metric] = reason == ""
        left_out.append(
            pd.DataFrame({"ticker": table.index, "metric": metric, "reason": reason})[(reason != "").to_numpy()]
        )
        chosen = table[members[metric]]
        value = chosen["enterprise_value_usd"].to_numpy(dtype=float) / 1e6
        mw = chosen[f"{denominator}_mw"].to_numpy(dtype=float)
        is_pivot = (chosen["group"] == PIVOT).to_numpy()
        for statistic in STATISTICS:
            row = {
                "metric": metric,
                "statistic": statistic,
                **_one(value, mw, is_pivot, statistic, assumptions),
                "n_pivot": int(is_pivot.sum()),
                "n_bitcoin": int((~is_pivot).sum()),
            }
            rows.append(row)
    columns = ["metric", "statistic", "ratio", "low", "high", "pivot_value", "bitcoin_value"]
    frame = pd.DataFrame(rows)[[*columns, "n_pivot", "n_bitcoin", "note"]]
    return Gap(
        frame=frame,
        members=members,
        left_out=pd.concat(left_out, ignore_index=True),
        rule=rule,
        draws=assumptions.bootstrap_draws,
        level=assumptions.confidence_level,
        seed=assumptions.seed,
        method="bias-corrected accelerated bootstrap (Efron 1987), companies drawn within each group",
    )


def statistic_value(value: np.ndarray, mw: np.ndarray, statistic: str) -> float:
    """One group's level, m USD per MW: median, geometric mean, or sum of EV over sum of MW."""
    if statistic == "median":
        return float(np.median(value / mw))
    if statistic == "geometric_mean":
        return float(np.exp(np.mean(np.log(value / mw))))
    return float(value.sum() / mw.sum())


def _one(
    value: np.ndarray, mw: np.ndarray, is_pivot: np.ndarray, statistic: str, assumptions: Assumptions
) -> dict[str, object]:
    nothing = dict.fromkeys(["ratio", "low", "high", "pivot_value", "bitcoin_value"], np.nan)
    levels = {}
    for name, mask in ((PIVOT, is_pivot), (BITCOIN, ~is_pivot)):
        if not mask.any():
            return nothing | {"note": f"no company in group {name}"}
        levels[name] = statistic_value(value[mask], mw[mask], statistic)
    interval = bootstrap_ratio(
        value, mw, is_pivot, statistic,
        draws=assumptions.bootstrap_draws, level=assumptions.confidence_level, seed=assumptions.seed,
    )  # fmt: skip
    note = "" if np.isfinite(interval.low) else "a group of one company cannot be resampled"
    return {
        "ratio": levels[PIVOT] / levels[BITCOIN],
        "low": interval.low,
        "high": interval.high,
        "pivot_value": levels[PIVOT],
        "bitcoin_value": levels[BITCOIN],
        "note": note,
    }
