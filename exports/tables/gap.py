"""The gap as a page: one definition in full, all other definitions, history and findings."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from exports.commentary.labels import plain_reason
from exports.tables.formats import day, interval, multiple, p_value, per_mw
from exports.tables.gap_history import INTERVAL, SIZES, history_blocks, history_content
from exports.tables.headline import gap_content, lead_content, leading, stale_data, tested
from exports.tables.spec import Block, Column, Page, TableSpec, Text, findings, note, warning
from valuation._words import listed
from valuation.findings import texts
from valuation.gap.dependence import CORRELATIONS, DESIGNS, NOMINAL, SEED, SIMULATIONS
from valuation.gap.estimate import Gap, statistic_name
from valuation.gap.hodges_lehmann import LEAST_MEMBERS
from valuation.gap.specification_curve import AXES
from valuation.gap.study import GapStudy
from valuation.gap.tenants import LeaveOneTenantOut
from valuation.metrics import METRICS


def gap_page(study: GapStudy) -> Page:
    """One definition of the gap on one date, all other definitions, findings and limitations."""
    blocks: list[Block] = [
        *stale_data(study.basis),
        *leading(study.lead),
        *_head(study),
        *_definitions(study.gap),
        *_curve(study),
        *_sensitivity(study),
        *_tenants(study.tenants),
        *(history_blocks(study.history) if study.history is not None else []),
        *findings(
            one for one in study.findings if one not in study.lead.findings and one.text != study.basis.stale_data
        ),
        note(_excluded(study)),
    ]
    files = {"curve": study.curve.frame, "definitions": study.gap.frame, "tenants": study.tenants.frame}
    if study.history is not None:
        stayed = study.history.throughout.frame.add_suffix("_throughout")
        files["history"] = study.history.frame.join(stayed).reset_index()
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
            "Multiples of revenue: companies of the headline alone; without contracted revenue there is no multiple of it.",
        ),
    )  # fmt: skip
    told = frame[(frame["note"] != "") & ~frame["note"].str.startswith("no company")]
    of = {name: list(dict.fromkeys(part["measure"])) for name, part in told.groupby("note", sort=False)}
    every = frame["measure"].nunique()
    return [table, *(warning(f"{n if len(on) == every else f'{listed(on)}: {n}'}.") for n, on in of.items())]


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
    every = study.oaxaca_blinder
    parts = every[every["difference"].notna()]
    if parts.empty:
        return [*blocks, note(f"Oaxaca-Blinder decomposition: {every['note'].iloc[0]}.")]
    columns = (
        Column("title", "Oaxaca-Blinder, one characteristic", short="Oaxaca-Blinder"),
        Column("difference", "Mean ln gap", "signed", "ln gap"), *_with_interval("explained", "Explained"),
        *_with_interval("unexplained", "Unexplained"), Column("n", "n", "count"),
    )  # fmt: skip
    about = (
        f"Mean ln gap = explained + unexplained, one characteristic at a time. {study.gap.level:.0%} jackknife intervals "
        "(without each company in turn), t(n - 1); simulated at 13 to 14 companies they hold the truth in 93% to 96%."
    )
    without = [f"{row['title']}: {row['note']}." for row in every.to_dict("records") if row["note"]]
    table = TableSpec(
        "oaxaca_blinder", parts.assign(n=parts["n_pivot"] + parts["n_bitcoin"]), columns, notes=(about, *without)
    )
    return [*blocks, table]


def _with_interval(part: str, title: str) -> tuple[Column, ...]:
    """Columns of a part of the decomposition and the ends of its interval."""
    return (
        Column(part, title, "signed"),
        Column(f"{part}_low", f"{title}, low", "signed", "low"),
        Column(f"{part}_high", f"{title}, high", "signed", "high"),
    )


def _tenants(found: LeaveOneTenantOut) -> list[Block]:
    """The gap, and the line where it leads, without the companies of each tenant or guarantor."""
    if found.frame.empty:
        return []
    gap = (Column("ratio", "Gap", "multiple"), Column("p_value", "p", "p", unknown=""), *SIZES)
    line = (
        Column("line", "Line 0 to 100%", "multiple"), Column("line_p", "p", "p", unknown=""), Column("n_line", "n", "count"),
    )  # fmt: skip
    shown = ((*gap,) if not math.isnan(found.ratio) else ()) + ((*line,) if not math.isnan(found.line) else ())
    if not shown:
        return []
    absent = [
        f"{row.party}: {row.note}" for row in found.frame.itertuples() if row.note and not math.isnan(found.ratio)
    ]
    absent += [f"{row.party}: {row.line_note}" for row in found.frame.itertuples() if row.line_note]
    method = (
        "Without all companies of each named tenant or guarantor of signed leases. p of the gap: exact Wilcoxon rank-sum "
        f"test; no estimate with fewer than {LEAST_MEMBERS} companies in a group."
    )
    if not math.isnan(found.line):
        method += " Line: value per secured MW at 100% contracted share over none, p by restricted wild bootstrap."
    columns = (Column("party", "Tenant or guarantor"), Column("excluded", "Excludes"), *shown)
    frame = found.frame.astype({"n_line": "Int64"})
    return [TableSpec("tenants", frame, columns, notes=(method,)), *(warning(f"{text}.") for text in absent)]


def tenants_content(found: LeaveOneTenantOut) -> dict[str, Any]:
    """Every tenant and guarantor with the estimates without its companies, and the simulated size of the tests."""
    return {
        "ratio": found.ratio, "line": found.line, "rows": found.frame,
        "size_with_two_tenant_clusters": {
            "nominal": NOMINAL, "correlations": list(CORRELATIONS), "simulations": SIMULATIONS, "seed": SEED,
            "designs": [asdict(one) for one in DESIGNS],
        },
    }  # fmt: skip


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
    definition = {k: v for k, v in asdict(study.definition).items() if k != "own"} | {
        "text": str(study.definition),
        "is_headline": study.definition.is_headline,
    }
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
        "without_each_tenant": tenants_content(study.tenants),
        "oaxaca_blinder": study.oaxaca_blinder,
        "curve": {
            "method": curve.method, "draws": curve.draws, "level": curve.level, "seed": curve.seed,
            "distinct": study.n_distinct, "shares": curve.shares(), "joint_test": study.joint, "rows": curve.frame,
        },
        "history": None if study.history is None else history_content(study.history),
    }  # fmt: skip
