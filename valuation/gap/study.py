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
from valuation.freshness import Basis
from valuation.gap import hodges_lehmann as exact
from valuation.gap import ratios
from valuation.gap.estimate import HEADLINE, MEASURED, STATISTICS, Gap
from valuation.gap.findings import (
    REVENUE,
    attainable_p,
    estimate,
    not_causal,
    over_revenue,
    significance,
    small_sample,
    stale_data,
)
from valuation.gap.history_checks import HistoryChecks, history_checks
from valuation.gap.joint_test import JointTest, joint_test
from valuation.gap.lead import Lead, lead
from valuation.gap.membership import membership
from valuation.gap.oaxaca_blinder import oaxaca_blinder
from valuation.gap.specification import Specification
from valuation.gap.specification_curve import CrossSections, SpecificationCurve, curve, level_ratios, typical_ratios
from valuation.gap.study_findings import (
    CLAIMED,
    all_specifications,
    another_statistic,
    claimed_ratio,
    shared_data,
    through_time_findings,
)
from valuation.gap.turnover import GapChange, attribute
from valuation.groups import PIVOT
from valuation.regression.ols import Regression
from valuation.regression.study import CONTROLS, controls

CURVE_DRAWS = 999
HISTORY_DRAWS = 999
HISTORY_COLUMNS = ["ratio", "low", "high", "n_pivot", "n_bitcoin", "p_value", "level_reached", "band_low", "band_high"]


@dataclass(frozen=True, repr=False)
class GapHistory(ResultMixin):
    """The gap of one specification week by week, point in time.

    Attributes
    ----------
    frame : DataFrame
        Indexed by as_of: ratio, low, high, n_pivot, n_bitcoin, p_value, level_reached; NaN where a group has fewer than
        three companies. Interval and p belong to the typical ratio and are NaN for another statistic. band_low and
        band_high hold the typical ratio in every week at once (resampled companies), NaN without `checks`.
    checks : HistoryChecks or None
        Trend, level break, paths without each company and bands of the typical ratio.
    note : str
        Why `checks` is None.
    change : GapChange or None
        What moved the ratio of geometric means; None with fewer than two measurable weeks.
    membership : DataFrame
        Who entered, left or changed group, by week, with the reason (`membership.membership`).
    level : float
        Of the intervals.
    draws, seed : of the checks
    """

    frame: pd.DataFrame
    checks: HistoryChecks | None
    note: str
    change: GapChange | None
    membership: pd.DataFrame
    draws: int
    level: float
    seed: int

    @property
    def measured(self) -> pd.DataFrame:
        """The weeks with three companies in each group."""
        return self.frame[self.frame["ratio"].notna()]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Trend, and what moved the gap; why not, where there is no trend."""
        if self.checks is None:
            return (Finding(f"No trend estimated: {self.note}.", CANNOT, {"weeks": len(self.measured)}),)
        return tuple(through_time_findings(self.checks, self.change))

    def _summary(self) -> Summary:
        known = self.measured
        quarterly = known.groupby(known.index.to_period("Q")).tail(1) if len(known) else known
        shown = quarterly[["ratio", "low", "high", "n_pivot", "n_bitcoin"]]
        lines = [f"{len(known)} of {len(self.frame)} weeks measured; {self.level:.0%} intervals, by enumeration"]
        lines += [] if self.change is None else [f"{self.change}."]
        table = small(shown, "Last measured week of each quarter", rows=16)
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
    tested : Series
        The typical ratio under the specification's denominator, rule and switches: the row of `gap.frame` that carries
        interval and p. The chosen row itself unless another statistic was asked for.
    lead : Lead
        What leads the page, the groups or the line, and why.
    p_claimed : float
        Exact p of a typical ratio of exactly 2 : 1, the test on values of the AI group halved.
    sensitivity : Series
        The ratio without each company.
    oaxaca_blinder : DataFrame
        Decomposition, a row a trait: difference, explained, unexplained (mean ln), n_pivot, n_bitcoin, note.
    curve : SpecificationCurve
    n_distinct : int
        Specifications with a test that differ on this date.
    joint : JointTest or None
    history : GapHistory or None
    """

    as_of: pd.Timestamp
    definition: Specification
    gap: Gap
    chosen: pd.Series
    declared: pd.Series
    tested: pd.Series
    lead: Lead
    p_claimed: float
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
    def basis(self) -> Basis:
        """What the figures of the specification's companies rest on."""
        return self.gap.basis_of(self.definition.metric)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the chosen specification, the others and the history show, and what they do not."""
        row, tested = self.chosen, self.tested
        basis = self.basis
        found = [*stale_data(basis), *self.lead.findings, *estimate(row, self.gap.level, basis)]
        history = [] if self.history is None else through_time_findings(self.history.checks, self.history.change)
        joint = all_specifications(self.joint, self.declared, self.gap.basis)
        if math.isnan(tested["ratio"]):
            return (*found, *joint, *history)
        return (
            *found,
            *another_statistic(row, tested, self.gap.level, basis),
            *significance(tested, basis),
            *claimed_ratio(tested, self.p_claimed, basis),
            *joint,
            *over_revenue(self.gap.frame, tested["ratio"], self.gap.basis_of(REVENUE)),
            *history,
            *small_sample(row),
            *attainable_p(tested),
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
    line: Regression | None = None,
    line_note: str = "",
    history: GapHistory | None = None,
) -> GapStudy:
    """Study one specification of the gap on one date: exact tests, sensitivity, decomposition, curve.

    Parameters
    ----------
    gap, table : Gap, DataFrame
        Of the screen, run under the specification's rule and switches.
    sampled : CrossSections
        Every specification on the same date.
    line : Regression or None
        Of the same screen, for what leads; `line_note` says why there is none.
    """
    frame = gap.frame
    rows = (frame["metric"] == definition.metric) & (frame["statistic"] == definition.statistic)
    every = curve(sampled, assumptions)
    enough = np.minimum(sampled.n_pivot, sampled.n_bitcoin) >= exact.LEAST_MEMBERS
    members = table[gap.members[definition.metric]]
    numerator, denominator = MEASURED[definition.metric]
    value = members[numerator].to_numpy(dtype=float) / MILLION
    mw = members[denominator].to_numpy(dtype=float)
    is_pivot = (members["group"] == PIVOT).to_numpy()
    multiples = value / mw
    tested = gap.typical(definition.metric)
    claimed = np.nan
    if not math.isnan(tested["ratio"]):
        claimed = exact.hodges_lehmann(multiples[is_pivot] / CLAIMED, multiples[~is_pivot]).p
    if definition.statistic == exact.TYPICAL:
        without = exact.without_each(multiples, is_pivot)
    else:
        without = ratios.without_each(value, mw, is_pivot, definition.statistic)
    per_mw = gap.members.index[gap.members[HEADLINE[0]]]
    return GapStudy(
        as_of=as_of,
        definition=definition,
        gap=gap,
        chosen=frame[rows].iloc[0],
        declared=every.headline.iloc[0],
        tested=tested,
        lead=lead(tested, per_mw, table, line, line_note, gap.basis),
        p_claimed=claimed,
        sensitivity=pd.Series(without, index=members.index, name="ratio"),
        oaxaca_blinder=decomposed(members, definition.metric),
        curve=every,
        n_distinct=sampled.where(enough).n_distinct * len(STATISTICS),
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


def through_time(
    sampled: CrossSections,
    statistic: str,
    assumptions: Assumptions,
    *,
    priced: pd.DataFrame,
    contracted_usd: pd.DataFrame,
) -> GapHistory:
    """The history of one specification with the checks of its trend, and turnover.

    Parameters
    ----------
    sampled : CrossSections
        One denominator, rule and setting of the switches, a row a date, ascending.
    priced, contracted_usd : DataFrame (dates, tickers)
        Whether a company has a close that is not too old, and its contracted AI revenue a year: why members change.
    """
    draws = min(HISTORY_DRAWS, assumptions.bootstrap_draws)
    level, seed = assumptions.confidence_level, assumptions.seed
    dates = pd.DatetimeIndex(sampled.labels["as_of"], name="as_of")
    frame = typical_ratios(sampled.value, sampled.mw, sampled.is_pivot, level).set_axis(dates)
    if statistic != exact.TYPICAL:
        ratio = level_ratios(sampled.value, sampled.mw, sampled.is_pivot, statistic)
        frame = frame.assign(ratio=np.where(frame["ratio"].notna(), ratio, np.nan), low=np.nan, high=np.nan)
        frame[["p_value", "level_reached"]] = np.nan
    frame = frame.assign(n_pivot=sampled.n_pivot, n_bitcoin=sampled.n_bitcoin, band_low=np.nan, band_high=np.nan)
    frame = frame[HISTORY_COLUMNS]
    logs = pd.DataFrame(np.log(sampled.value / sampled.mw), index=dates, columns=sampled.tickers)
    is_pivot = pd.DataFrame(sampled.is_pivot, index=dates, columns=sampled.tickers)
    change, moved = attribute(sampled), membership(sampled, priced, contracted_usd)
    try:
        checks = history_checks(logs, is_pivot, level=level, paths=draws, seed=seed)
    except NotEstimable as error:
        return GapHistory(frame, None, str(error), change, moved, draws, level, seed)
    if statistic == exact.TYPICAL:
        band = np.exp(checks.band[["low_bootstrap", "high_bootstrap"]])
        frame.loc[band.index, ["band_low", "band_high"]] = band.to_numpy()
    return GapHistory(frame, checks, "", change, moved, draws, level, seed)
