"""The gap as a page: one definition in full, all other definitions, history and findings."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from exports.commentary.labels import plain_reason
from exports.tables.formats import day, interval, multiple, p_value, per_mw, several, spark
from exports.tables.screen import gap_content, reach
from exports.tables.spec import Block, Column, Page, TableSpec, Text, findings, note, warning
from valuation._words import SIGNIFICANT
from valuation.gap.estimate import Gap
from valuation.gap.specification_curve import AXES
from valuation.gap.study import GapHistory, GapStudy
from valuation.metrics import METRICS

# Simulated coverage of nominal 95% intervals: benchmarks/size.py, table "gap".
COVERAGE = "in simulations such intervals cover the true ratio in 60% to 90% of cases, not 95%"
SIZES = (Column("n_pivot", "n AI", "count"), Column("n_bitcoin", "n mining", "count"))
INTERVAL = (Column("ratio", "Gap", "multiple"), Column("low", "Low", "multiple"), Column("high", "High", "multiple"))


def gap_page(study: GapStudy) -> Page:
    """One definition of the gap on one date, all other definitions, findings and limitations."""
    blocks: list[Block] = [
        *_head(study),
        *_definitions(study.gap),
        *_curve(study),
        *_sensitivity(study),
        *(_history(study.history) if study.history is not None else []),
        *findings(study.findings),
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
        blocks.append(warning(f"Gap: estimate not available ({row['note']})."))
    else:
        blocks += [
            Text(
                f", {reach(row, study.gap.level)}: "
                f"{per_mw(row['pivot_value'])} per MW in the AI group (n = {row['n_pivot']}), "
                f"{per_mw(row['bitcoin_value'])} in the mining group (n = {row['n_bitcoin']}).",
                lead=f"Gap {multiple(row['ratio'])}",
            ),
            Text(
                f"Ratios consistent with the data (label permutation test): {not_rejected(study)}. Test of a ratio of 2.0x: "
                f"{p_value(study.p_claimed)}."
            ),
        ]
    if not declared:
        other = study.declared
        blocks.append(
            note(f"Declared headline for comparison: {multiple(other['ratio'])} ({reach(other, study.gap.level)}).")
        )
    return blocks


def not_rejected(study: GapStudy) -> str:
    """The ratios that the permutation test does not reject."""
    if math.isnan(study.permuted_low) or math.isnan(study.permuted_high):
        return "not available"
    if study.permuted_low == 0 and math.isinf(study.permuted_high):
        return "any"
    return interval(study.permuted_low, study.permuted_high)


def _definitions(gap: Gap) -> list[Block]:
    frame = gap.frame.assign(
        measure=[METRICS[name].title for name in gap.frame["metric"]],
        over=gap.frame["statistic"].str.replace("_", " "),
    )
    table = TableSpec(
        "definitions", frame,
        (Column("measure", "Measure"), Column("over", "Statistic"), *INTERVAL, Column("p_value", "p", "p"), *SIZES),
        notes=(
            f"AI group: {gap.rule.title}. {gap.level:.0%} confidence intervals: BCa bootstrap within groups, B = "
            f"{gap.draws}. p: label permutation test. Seed {gap.seed}. In simulations with 6 companies in each group, "
            "intervals cover the true ratio in 94% (medians) and 82% to 89% (means) of cases.",
        ),
    )  # fmt: skip
    remarks = dict.fromkeys(n for n in gap.frame["note"] if n and not n.startswith("no company"))
    return [table, *(warning(f"{n}: {COVERAGE}." if "rough" in n else f"{n}.") for n in remarks)]


def _curve(study: GapStudy) -> list[Block]:
    shares = study.curve.shares()
    if shares.empty:
        return [warning("Specification curve: no definition has two companies in each group on this date.")]
    row, done = shares.iloc[-1], study.curve.measured
    axis, medians = _widest_axis(done)
    named = ", ".join(f"{_value(name)} {multiple(value)}" for name, value in medians.items())
    blocks: list[Block] = [
        Text(
            f"(denominator, 4 bridge switches, group rule, statistic; {study.n_distinct} distinct on this date): gap "
            f"{interval(row['smallest_ratio'], row['largest_ratio'])}, median {multiple(row['median_ratio'])}. Interval "
            f"above 1.0x in {row['share_above_one']:.0%}, containing 2.0x in {row['share_containing_two']:.0%}, permutation "
            f"p of at most 5% in {(done['p_value'] <= SIGNIFICANT).mean():.0%}.",
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
        return [warning("History: no week has two companies in each group.")]
    last = known.groupby(known.index.to_period("Q")).tail(1)
    frame = last.assign(quarter=last.index.to_period("Q").astype(str), week=last.index)
    blocks: list[Block] = [
        Text(f"since {day(every.index[0])}, each week with the data then known", "heading", lead="Weekly history"),
        TableSpec(
            "history", frame, (Column("quarter", "Quarter"), Column("week", "Last week", "date"), *INTERVAL, *SIZES)
        ),
        Text(f"{multiple(known['ratio'].iloc[0])} {spark(known['ratio'])} {multiple(known['ratio'].iloc[-1])}"),
        note(
            f"{several(len(known), 'week')} measured; {len(every) - len(known)} excluded: fewer than two companies in a "
            f"group. {history.level:.0%} confidence intervals: BCa bootstrap, B = {history.draws}, seed {history.seed}."
        ),
    ]
    if history.trend is None:
        blocks.append(warning(f"Trend: estimate not available ({history.note})."))
    else:
        blocks += [
            Text(f"{history.trend}."),
            Text(f"{history.level_break}."),
            note("In simulations without a trend or a break, p is below 5% in 5% to 14% and in 2% to 4% of series."),
        ]
    return blocks if history.change is None else [*blocks, Text(f"{history.change}.")]


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
        "definition": definition,
        "chosen": study.chosen,
        "declared_headline": study.declared,
        "permutation_interval": {"low": study.permuted_low, "high": study.permuted_high},
        "p_of_two_to_one": study.p_claimed,
        "smallest_possible_p": study.smallest_p,
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
    change = history.change
    return {
        "draws": history.draws, "level": history.level, "seed": history.seed, "note": history.note,
        "trend": history.trend, "break": history.level_break,
        "change": None
        if change is None
        else {"first": change.first, "first_ln_gap": change.first_gap, "ln_totals": change.totals},
        "weeks": history.frame,
    }  # fmt: skip
