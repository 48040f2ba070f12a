"""The gap as a page: one definition in full, all other definitions, history and findings."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from exports.commentary.labels import plain_reason
from exports.tables.formats import day, interval, multiple, p_value, per_mw, several, spark
from exports.tables.headline import gap_content, lead_content, leading, stale_data, tested
from exports.tables.spec import Block, Column, Page, TableSpec, Text, findings, note, warning
from valuation.findings import texts
from valuation.gap.estimate import Gap, statistic_name
from valuation.gap.history_checks import HistoryChecks
from valuation.gap.hodges_lehmann import LEAST_MEMBERS
from valuation.gap.membership import REASONS
from valuation.gap.specification_curve import AXES
from valuation.gap.study import GapHistory, GapStudy
from valuation.metrics import METRICS

SIZES = (Column("n_pivot", "n AI", "count"), Column("n_bitcoin", "n mining", "count"))
INTERVAL = (
    Column("ratio", "Gap", "multiple"), Column("low", "Low", "multiple", unknown=""),
    Column("high", "High", "multiple", unknown=""),
)  # fmt: skip


def gap_page(study: GapStudy) -> Page:
    """One definition of the gap on one date, all other definitions, findings and limitations."""
    blocks: list[Block] = [
        *stale_data(study.basis),
        *leading(study.lead),
        *_head(study),
        *_definitions(study.gap),
        *_curve(study),
        *_sensitivity(study),
        *(_history(study.history) if study.history is not None else []),
        *findings(
            one for one in study.findings if one not in study.lead.findings and one.text != study.basis.stale_data
        ),
        note(_excluded(study)),
    ]
    files = {"curve": study.curve.frame, "definitions": study.gap.frame}
    if study.history is not None:
        files["history"] = study.history.frame.reset_index()
    title = f"AI group against mining group: enterprise value per MW, {day(study.as_of)}"
    return Page(title, blocks, gap_study_content(study), files)


def _head(study: GapStudy) -> list[Block]:
    row, declared = study.chosen, study.definition.is_headline
    blocks: list[Block] = [
        note(f"{'Headline, declared in advance' if declared else 'As requested'}: {study.definition}.")
    ]
    if math.isnan(row["ratio"]):
        blocks.append(warning(study.basis.sentence(f"Gap: estimate not available ({row['note']}).")))
    else:
        blocks.append(
            Text(
                f", {tested(row, study.gap.level)}: "
                f"{per_mw(row['pivot_value'])} per MW in the AI group (n = {row['n_pivot']}), "
                f"{per_mw(row['bitcoin_value'])} in the mining group (n = {row['n_bitcoin']}).",
                lead=study.basis.sentence(f"Gap {multiple(row['ratio'])}"),
            )
        )
    if not math.isnan(study.tested["ratio"]):
        blocks.append(Text(_test(study)))
    if not declared:
        other = study.declared
        blocks.append(
            note(f"Declared headline for comparison: {multiple(other['ratio'])} ({tested(other, study.gap.level)}).")
        )
    return blocks


def _test(study: GapStudy) -> str:
    """The exact test of the typical ratio: ratios consistent with the data, a ratio of 2.0x, what small groups allow."""
    row = study.tested
    ratio = "" if study.chosen["statistic"] == row["statistic"] else f" of the typical ratio, {multiple(row['ratio'])}"
    return (
        f"Exact Wilcoxon rank-sum test{ratio}: {p_value(row['p_value'])}, smallest attainable "
        f"{p_value(row['attainable_p'])}; ratios consistent with the data {interval(row['low'], row['high'])} (level "
        f"reached {row['level_reached']:.1%}). Test of a ratio of 2.0x: {p_value(study.p_claimed)}."
    )


def _definitions(gap: Gap) -> list[Block]:
    frame = gap.frame.assign(
        measure=[METRICS[name].title for name in gap.frame["metric"]],
        over=[statistic_name(name) for name in gap.frame["statistic"]],
    )
    table = TableSpec(
        "definitions", frame,
        (Column("measure", "Measure"), Column("over", "Statistic"), *INTERVAL, Column("p_value", "p", "p", unknown=""),
         *SIZES),
        notes=(
            f"AI group: {gap.rule.title}. {gap.level:.0%} confidence intervals and p: exact Wilcoxon rank-sum test of the "
            "typical ratio (Hodges-Lehmann), by enumeration. The other ratios have no interval and no test of their own.",
        ),
    )  # fmt: skip
    remarks = dict.fromkeys(n for n in gap.frame["note"] if n and not n.startswith("no company"))
    return [table, *(warning(f"{n}.") for n in remarks)]


def _curve(study: GapStudy) -> list[Block]:
    shares = study.curve.shares()
    if shares.empty:
        return [warning("Specification curve: no definition has three companies in each group on this date.")]
    row, done = shares.iloc[-1], study.curve.measured
    axis, medians = _widest_axis(done)
    named = ", ".join(f"{_value(name)} {multiple(value)}" for name, value in medians.items())
    blocks: list[Block] = [
        Text(
            f"(denominator, 4 bridge switches, group rule, statistic; {study.n_distinct} distinct on this date): gap "
            f"{interval(row['smallest_ratio'], row['largest_ratio'])}, median {multiple(row['median_ratio'])}. Ratio above "
            f"1.0x in {row['share_ratio_above_one']:.0%}, with a p of at most 5% in {row['share_significant']:.0%}.",
            lead=f"All {int(row['measured'])} definitions",
        )
    ]
    if study.joint is not None:
        blocks.append(
            Text(
                f"Joint label permutation test of all definitions ({study.joint.draws} draws): "
                f"{p_value(study.joint.p_value)} (n = {study.joint.companies} companies, seed {study.joint.seed})."
            )
        )
    return [*blocks, Text(f"Largest effect on the result: {axis.replace('_', ' ')}. Median gap: {named}.")]


def _widest_axis(done: pd.DataFrame) -> tuple[str, pd.Series]:
    """The axis over whose settings the median gap varies most."""
    medians = {axis: done.groupby(axis)["ratio"].median() for axis in AXES if len(done[axis].unique()) > 1}
    axis = max(medians, key=lambda name: np.ptp(np.log(medians[name].to_numpy())))
    return axis, medians[axis]


def _value(name: object) -> str:
    if isinstance(name, (bool, np.bool_)):
        return "yes" if name else "no"
    return str(name).replace("_", " ")


def _sensitivity(study: GapStudy) -> list[Block]:
    blocks: list[Block] = []
    moved = study.sensitivity.dropna()
    if len(moved):
        low, high = moved.idxmin(), moved.idxmax()
        blocks.append(
            Text(
                f"Excluding any single company, the gap ranges from {multiple(moved[low])} (excluding {low}) to "
                f"{multiple(moved[high])} (excluding {high})."
            )
        )
    parts = study.oaxaca_blinder[study.oaxaca_blinder["note"] == ""]
    if parts.empty:
        return [*blocks, note(f"Oaxaca-Blinder decomposition: {study.oaxaca_blinder['note'].iloc[0]}.")]
    columns = (
        Column("title", "Oaxaca-Blinder, one characteristic", short="Oaxaca-Blinder"),
        Column("difference", "Mean ln gap", "signed"), Column("explained", "Explained", "signed"),
        Column("unexplained", "Unexplained", "signed"), *SIZES,
    )  # fmt: skip
    return [*blocks, TableSpec("oaxaca_blinder", parts, columns)]


def _history(history: GapHistory) -> list[Block]:
    known, every = history.measured, history.frame
    if known.empty:
        return [warning("History: no week has three companies in each group.")]
    last = known.groupby(known.index.to_period("Q")).tail(1)
    frame = last.assign(quarter=last.index.to_period("Q").astype(str), week=last.index)
    blocks: list[Block] = [
        Text(f"since {day(every.index[0])}, each week with the data then known", "heading", lead="Weekly history"),
        TableSpec(
            "history", frame, (Column("quarter", "Quarter"), Column("week", "Last week", "date"), *INTERVAL, *SIZES)
        ),
        Text(f"{multiple(known['ratio'].iloc[0])} {spark(known['ratio'])} {multiple(known['ratio'].iloc[-1])}"),
        note(
            f"{several(len(known), 'week')} measured; {len(every) - len(known)} excluded: fewer than {LEAST_MEMBERS} "
            f"companies in a group. {history.level:.0%} confidence intervals of each week: exact Wilcoxon rank-sum test."
        ),
    ]
    checks = history.checks
    if checks is None:
        blocks.append(warning(f"Trend: estimate not available ({history.note})."))
    else:
        # The sentences on trend and break stand among the findings.
        blocks.append(
            note(
                f"Null of trend and break: {checks.method}; {checks.paths} paths, seed {checks.seed}. Simultaneous band: "
                f"{checks.critical_bootstrap:.1f} standard errors (resampled companies), {checks.critical:.1f} by the paths "
                "without each company."
            )
        )
    if history.change is not None:
        blocks.append(Text(f"{history.change}."))
    return [*blocks, *_membership(history.membership)]


def _membership(moved: pd.DataFrame) -> list[Block]:
    """Who entered, left or changed group, by reason."""
    if moved.empty:
        return []
    named = [
        f"{reason} {len(part)} ({', '.join(f'{row.ticker} {row.as_of:%Y-%m-%d}' for row in part.itertuples())})"
        for reason in REASONS
        if len(part := moved[moved["reason"] == reason])
    ]
    return [Text(f": {'; '.join(named)}.", lead="Changes of membership, by reason")]


def _excluded(study: GapStudy) -> str:
    metric = study.definition.metric
    out = study.gap.left_out[study.gap.left_out["metric"] == metric]
    by_reason: dict[str, list[str]] = {}
    for row in out.itertuples(index=False):
        by_reason.setdefault(plain_reason(str(row.reason), metric), []).append(str(row.ticker))
    named = [f"{', '.join(tickers)} ({reason})" for reason, tickers in by_reason.items()]
    return f"Excluded: {'; '.join(named) or 'none'}."


def gap_study_content(study: GapStudy) -> dict[str, Any]:
    """Every definition, the curve, sensitivity, characteristics and, where requested, the history."""
    definition = asdict(study.definition) | {"text": str(study.definition), "is_headline": study.definition.is_headline}
    curve = study.curve
    return {
        "as_of": study.as_of,
        "data": asdict(study.basis),
        "findings": texts(study.findings),
        "definition": definition,
        "chosen": study.chosen,
        "declared_headline": study.declared,
        "tested": study.tested,
        "lead": lead_content(study.lead),
        "p_of_two_to_one": study.p_claimed,
        "gap": gap_content(study.gap),
        "sensitivity": study.sensitivity,
        "oaxaca_blinder": study.oaxaca_blinder,
        "curve": {
            "method": curve.method, "draws": curve.draws, "level": curve.level, "seed": curve.seed,
            "distinct": study.n_distinct, "shares": curve.shares(), "joint_test": study.joint, "rows": curve.frame,
        },
        "history": None if study.history is None else _history_content(study.history),
    }  # fmt: skip


def _history_content(history: GapHistory) -> dict[str, Any]:
    change, checks = history.change, history.checks
    return {
        "draws": history.draws, "level": history.level, "seed": history.seed, "note": history.note,
        "trend": None if checks is None else _trend_content(checks),
        "break": None
        if checks is None
        else {"date": checks.break_on, "p": checks.break_p,
              "before": math.exp(checks.break_before), "after": math.exp(checks.break_after)},
        "change": None
        if change is None
        else {"first": change.first, "first_ln_gap": change.first_gap, "ln_totals": change.totals},
        "membership": history.membership, "weeks": history.frame,
        "ln_without_each_company": None if checks is None else checks.without,
    }  # fmt: skip


def _trend_content(checks: HistoryChecks) -> dict[str, Any]:
    return {
        "claimed": checks.claimed, "objections": list(checks.objections), "slope": checks.slope, "growth": checks.growth,
        "p": checks.p, "weeks": len(checks.path), "independent_weeks": checks.independent_weeks, "method": checks.method,
        "paths": checks.paths, "seed": checks.seed, "slopes_without": checks.slopes_without,
        "slopes_by_statistic": checks.slopes_by_statistic, "band_in_standard_errors": checks.critical_bootstrap,
        "band_in_standard_errors_by_paths_without_each": checks.critical,
    }  # fmt: skip
