"""Study of the valuation gap: one specification with its tests, every specification, decomposition and history."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation._words import day
from valuation.assumptions import Assumptions
from valuation.denominators import MILLION
from valuation.errors import NotEstimable
from valuation.findings import CANNOT, Finding, texts
from valuation.gap import permutation, ratios
from valuation.gap.estimate import MEASURED, STATISTICS, Gap
from valuation.gap.findings import estimate, not_causal, over_revenue, significance, small_sample
from valuation.gap.joint_test import JointTest, joint_test
from valuation.gap.oaxaca_blinder import oaxaca_blinder
from valuation.gap.specification import Specification
from valuation.gap.specification_curve import LEAST_MEMBERS, CrossSections, SpecificationCurve, curve
from valuation.gap.study_findings import (
    CLAIMED,
    all_specifications,
    attainable_p,
    claimed_ratio,
    narrow_intervals,
    shared_data,
    through_time_findings,
)
from valuation.gap.trend import Break, Trend, level_break, trend
from valuation.gap.turnover import GapChange, attribute
from valuation.groups import PIVOT
from valuation.regression.study import CONTROLS, controls

CURVE_DRAWS = 999
HISTORY_DRAWS = 999


@dataclass(frozen=True, repr=False)
class GapHistory(ResultMixin):
    """The gap of one specification week by week, point in time.

    Attributes
    ----------
    frame : DataFrame
        Indexed by as_of: ratio, low, high, n_pivot, n_bitcoin; NaN where a group is empty or a single company.
    trend : Trend or None
    level_break : Break or None
    note : str
        Why these two are absent.
    change : GapChange or None
        What moved the ratio of geometric means; None with fewer than two measurable weeks.
    draws, level, seed : of the intervals
    """

    frame: pd.DataFrame
    trend: Trend | None
    level_break: Break | None
    note: str
    change: GapChange | None
    draws: int
    level: float
    seed: int

    @property
    def measured(self) -> pd.DataFrame:
        """The weeks with two companies in each group."""
        return self.frame[self.frame["low"].notna()]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Trend, and what moved the gap; why not, where there is no trend."""
        if self.trend is None:
            return (Finding(f"No trend estimated: {self.note}.", CANNOT, {"weeks": len(self.measured)}),)
        return tuple(through_time_findings(self.trend, self.change))

    def _summary(self) -> Summary:
        known = self.measured
        quarterly = known.groupby(known.index.to_period("Q")).tail(1) if len(known) else known
        lines = [f"{len(known)} of {len(self.frame)} weeks measured; {self.level:.0%} intervals, B = {self.draws:,}"]
        lines += [f"{one}." for one in (self.trend, self.level_break, self.change) if one is not None]
        table = small(quarterly, "Last measured week of each quarter", rows=16)
        return Summary("Valuation gap through time", tuple(lines), (table,), tuple(texts(self.findings)))


@dataclass(frozen=True, repr=False)
class GapStudy(ResultMixin):
    """One specification of the gap on one date with its tests, all other specifications and its history.

    Attributes
    ----------
    as_of : Timestamp
    definition : Specification
        The one asked for; the headline unless another was.
    gap : Gap
        All denominators and statistics under the specification's rule and switches.
    chosen : Series
        The specification's row of `gap.frame`.
    declared : Series
        The headline's row of the curve, whatever was asked for.
    permuted_low, permuted_high : float
        The ratios that the permutation test does not reject.
    p_claimed : float
        Permutation p of a gap of exactly 2 : 1.
    smallest_p : float
        The smallest p that groups of these sizes allow.
    sensitivity : Series
        The ratio without each company.
    oaxaca_blinder : DataFrame
        Decomposition, a row a trait: difference, explained, unexplained (mean ln), n_pivot, n_bitcoin, note.
    curve : SpecificationCurve
    n_distinct : int
        Specifications with an interval that differ on this date.
    joint : JointTest or None
    history : GapHistory or None
    """

    as_of: pd.Timestamp
    definition: Specification
    gap: Gap
    chosen: pd.Series
    declared: pd.Series
    permuted_low: float
    permuted_high: float
    p_claimed: float
    smallest_p: float
    sensitivity: pd.Series
    oaxaca_blinder: pd.DataFrame
    curve: SpecificationCurve
    n_distinct: int
    joint: JointTest | None
    history: GapHistory | None

    @property
    def frame(self) -> pd.DataFrame:
        """All denominators and statistics: `gap.frame`."""
        return self.gap.frame

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the chosen specification, the others and the history show, and what they do not."""
        row = self.chosen
        found = estimate(row, self.gap.level)
        if math.isnan(row["ratio"]):
            return tuple(found)
        history = [] if self.history is None else through_time_findings(self.history.trend, self.history.change)
        return (
            *found,
            *significance(row),
            *claimed_ratio(row, self.p_claimed, self.permuted_low, self.permuted_high),
            *all_specifications(self.joint),
            *over_revenue(self.gap.frame, self.definition.statistic, row["ratio"]),
            *history,
            *small_sample(row),
            *attainable_p(row, self.smallest_p),
            *narrow_intervals(self.curve),
            *not_causal(row),
            shared_data(),
        )

    def _summary(self) -> Summary:
        base = self.gap.summary
        title = f"Valuation gap on {day(self.as_of)}: {self.definition}"
        return Summary(title, tables=base.tables, notes=(*texts(self.findings), base.notes[-1]))


def run(
    as_of: pd.Timestamp,
    gap: Gap,
    table: pd.DataFrame,
    assumptions: Assumptions,
    sampled: CrossSections,
    definition: Specification,
    *,
    history: GapHistory | None = None,
) -> GapStudy:
    """Study one specification of the gap on one date: permutation tests, sensitivity, decomposition, curve.

    Parameters
    ----------
    gap, table : Gap, DataFrame
        Of the screen, run under the specification's rule and switches.
    sampled : CrossSections
        Every specification on the same date.
    """
    frame = gap.frame
    rows = (frame["metric"] == definition.metric) & (frame["statistic"] == definition.statistic)
    every = curve(sampled, assumptions)
    measurable = sampled.where((sampled.n_pivot >= LEAST_MEMBERS) & (sampled.n_bitcoin >= LEAST_MEMBERS))
    members = table[gap.members[definition.metric]]
    numerator, denominator = MEASURED[definition.metric]
    value = members[numerator].to_numpy(dtype=float) / MILLION
    mw = members[denominator].to_numpy(dtype=float)
    is_pivot = (members["group"] == PIVOT).to_numpy()
    n_pivot, n_bitcoin = int(is_pivot.sum()), int((~is_pivot).sum())
    settings = {"draws": assumptions.bootstrap_draws, "seed": assumptions.seed}
    low, high = permutation.permutation_interval(
        value, mw, is_pivot, definition.statistic, level=assumptions.confidence_level, **settings
    )
    claimed = permutation.permutation_ratios(
        value[None], mw[None], is_pivot[None], definition.statistic, null=CLAIMED, **settings
    )
    without = ratios.without_each(value, mw, is_pivot, definition.statistic)
    return GapStudy(
        as_of=as_of,
        definition=definition,
        gap=gap,
        chosen=frame[rows].iloc[0],
        declared=every.headline.iloc[0],
        permuted_low=low,
        permuted_high=high,
        p_claimed=float(claimed.p_value[0]),
        smallest_p=permutation.smallest_p(n_pivot, n_bitcoin) if n_pivot and n_bitcoin else np.nan,
        sensitivity=pd.Series(without, index=members.index, name="ratio"),
        oaxaca_blinder=decomposed(members, definition.metric),
        curve=every,
        n_distinct=measurable.n_distinct * len(STATISTICS),
        joint=joint_test(sampled, draws=CURVE_DRAWS, seed=assumptions.seed),
        history=history,
    )


def decomposed(members: pd.DataFrame, metric: str) -> pd.DataFrame:
    """Oaxaca-Blinder decomposition of the mean log gap over one trait at a time: a dozen companies carry no more.

    Parameters
    ----------
    members : DataFrame
        The companies of the gap, with `metric`, group and what `study.controls` needs.
    """
    traits = controls(members)
    rows = []
    for name, title in CONTROLS.items():
        known = traits[name].notna()
        sample = pd.DataFrame({"y": np.log(members[metric]), name: traits[name], "pivot": members["group"] == PIVOT})[
            known
        ]
        row: dict[str, object] = {"trait": name, "title": title, "note": ""}
        row |= {"n_pivot": int(sample["pivot"].sum()), "n_bitcoin": int((~sample["pivot"]).sum())}
        try:
            parts = oaxaca_blinder(sample, "y", [name], "pivot")
        except NotEstimable as error:
            rows.append(row | {"note": str(error)})
            continue
        rows.append(row | {k: getattr(parts, k) for k in ("difference", "explained", "unexplained")})
    columns = ["trait", "title", "difference", "explained", "unexplained", "n_pivot", "n_bitcoin", "note"]
    return pd.DataFrame(rows, columns=columns).set_index("trait")


def through_time(sampled: CrossSections, statistic: str, assumptions: Assumptions) -> GapHistory:
    """The history of one specification with trend, level break and turnover.

    Parameters
    ----------
    sampled : CrossSections
        One denominator, rule and setting of the switches, a row a date, ascending.
    """
    draws = min(HISTORY_DRAWS, assumptions.bootstrap_draws)
    level, seed = assumptions.confidence_level, assumptions.seed
    interval = ratios.bootstrap_ratios(
        sampled.value, sampled.mw, sampled.is_pivot, statistic, draws=draws, level=level, seed=seed
    )
    frame = pd.DataFrame(
        {"ratio": interval.ratio, "low": interval.low, "high": interval.high}
        | {"n_pivot": sampled.n_pivot, "n_bitcoin": sampled.n_bitcoin},
        index=pd.DatetimeIndex(sampled.labels["as_of"], name="as_of"),
    )
    # A group of one has a ratio and no interval; the trend is fitted to weeks with both groups of at least two.
    usable = frame["ratio"].where(frame["low"].notna())
    change = attribute(sampled)
    try:
        slope, jump = trend(usable, level=level, draws=draws, seed=seed), level_break(usable, draws=draws, seed=seed)
    except NotEstimable as error:
        return GapHistory(frame, None, None, str(error), change, draws, level, seed)
    return GapHistory(frame, slope, jump, "", change, draws, level, seed)
