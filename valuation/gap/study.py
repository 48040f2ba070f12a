"""Study of the valuation gap: one specification with its tests, every specification, decomposition and history."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary
from valuation._words import day
from valuation.assumptions import Assumptions
from valuation.errors import NotEstimable
from valuation.findings import Finding, texts
from valuation.freshness import Basis
from valuation.gap import hodges_lehmann as exact
from valuation.gap import ratios
from valuation.gap.decomposition_findings import explained_by
from valuation.gap.estimate import HEADLINE, MEASURED, STATISTICS, Gap
from valuation.gap.findings import (
    attainable_p,
    estimate,
    not_causal,
    over_revenue,
    significance,
    small_sample,
    stale_data,
)
from valuation.gap.history import GapHistory
from valuation.gap.joint_test import JointTest, joint_test
from valuation.gap.lead import LINE, Lead, lead
from valuation.gap.oaxaca_blinder import oaxaca_blinder
from valuation.gap.specification import Specification
from valuation.gap.specification_curve import CrossSections, SpecificationCurve, curve
from valuation.gap.study_findings import (
    CLAIMED,
    all_specifications,
    another_statistic,
    claimed_ratio,
    shared_data,
)
from valuation.gap.tenants import LeaveOneTenantOut, leave_one_tenant_out
from valuation.groups import PIVOT
from valuation.regression.ols import Regression
from valuation.regression.study import CONTROLS, controls

CURVE_DRAWS = 999
# Parts of the decomposition that the study carries, each with its interval.
DECOMPOSED = ("difference", "explained", "unexplained")


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
    tenants : LeaveOneTenantOut
        The typical ratio, and the line where it leads, without the companies of each tenant or guarantor.
    oaxaca_blinder : DataFrame
        Decomposition, a row a trait: difference, explained and unexplained (mean ln), each with `_low` and `_high`
        (jackknife interval at `gap.level`), df, n_pivot, n_bitcoin, note.
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
    tenants: LeaveOneTenantOut
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
        history = () if self.history is None else self.history.sentences
        joint = all_specifications(self.joint, self.declared, self.gap.basis)
        if math.isnan(tested["ratio"]):
            return (*found, *self.tenants.findings, *joint, *history)
        return (
            *found,
            *another_statistic(row, tested, self.gap.level, basis),
            *significance(tested, basis),
            *claimed_ratio(tested, self.p_claimed, basis),
            *joint,
            *self.tenants.findings,
            *over_revenue(self.gap.frame, tested["ratio"], self.gap.basis_of),
            *explained_by(self.oaxaca_blinder, tested, self.gap.level),
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
    parties: pd.DataFrame | None = None,
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
    parties : DataFrame, optional
        Tenants and guarantors by company (`contracts.tenants.lease_parties`).
    """
    frame = gap.frame
    (row,) = np.flatnonzero((frame["metric"] == definition.metric) & (frame["statistic"] == definition.statistic))
    every = curve(sampled, assumptions)
    enough = np.minimum(sampled.n_pivot, sampled.n_bitcoin) >= exact.LEAST_MEMBERS
    members = table[gap.members[definition.metric]]
    numerator, denominator = MEASURED[definition.metric]
    value = members[numerator].to_numpy(dtype=float)
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
    leading = lead(tested, per_mw, table, line, line_note, gap.basis)
    if parties is None:
        parties = pd.DataFrame(columns=["party", "role", "ticker"])
    return GapStudy(
        as_of=as_of,
        definition=definition,
        gap=gap,
        chosen=frame.iloc[row],
        declared=every.headline.loc[as_of],
        tested=tested,
        lead=leading,
        p_claimed=claimed,
        sensitivity=pd.Series(without, index=members.index, name="ratio"),
        tenants=leave_one_tenant_out(
            parties,
            pd.Series(multiples, index=members.index),
            members["group"] == PIVOT,
            line if leading.leads == LINE else None,
        ),
        oaxaca_blinder=decomposed(members, definition.metric, assumptions.confidence_level),
        curve=every,
        n_distinct=sampled.where(enough).n_distinct * len(STATISTICS),
        joint=joint_test(sampled, draws=CURVE_DRAWS, seed=assumptions.seed),
        history=history,
    )


def decomposed(members: pd.DataFrame, metric: str, level: float) -> pd.DataFrame:
    """Oaxaca-Blinder decomposition of the mean log gap over one trait at a time: a dozen companies carry no more.

    Parameters
    ----------
    members : DataFrame
        The companies of the gap, with `metric`, group and what `study.controls` needs.
    level : float
        Of the jackknife intervals.
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
            parts = oaxaca_blinder(sample, "y", [name], "pivot", level=level)
        except NotEstimable as error:
            rows.append(row | {"note": str(error)})
            continue
        for part in DECOMPOSED:
            row[part] = getattr(parts, part)
            row |= {f"{part}_{end}": parts.intervals.at[part, end] for end in ("low", "high")}
        rows.append(row | {"df": parts.df, "note": parts.note})
    figures = [f"{part}{end}" for part in DECOMPOSED for end in ("", "_low", "_high")]
    columns = ["trait", "title", *figures, "df", "n_pivot", "n_bitcoin", "note"]
    return pd.DataFrame(rows, columns=columns).set_index("trait")
