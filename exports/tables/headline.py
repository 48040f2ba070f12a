"""The gap as every page states it: what leads, the headline with interval and test, and the JSON of both."""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import pandas as pd

from exports.tables.formats import multiple, p_value, per_mw
from exports.tables.spec import Block, Column, TableSpec, Text, warning
from valuation._words import percent
from valuation.freshness import Basis
from valuation.gap.estimate import STATISTICS, Gap
from valuation.gap.findings import reach
from valuation.gap.hodges_lehmann import TYPICAL
from valuation.gap.lead import GAP, Lead

TYPICAL_NAME = STATISTICS[TYPICAL]
TERCILES = (
    Column("tercile", "Tercile of contracted share", short="Tercile"), Column("span", "Share"),
    Column("median_ev_per_mw", "Median EV / secured MW", "m_usd_per_mw"), Column("n", "n", "count"),
    Column("n_pivot", "n AI", "count"),
)  # fmt: skip


def stale_data(basis: Basis) -> list[Block]:
    """How many figures of the sample rest on stale data, as a warning; nothing where none does."""
    return [warning(basis.stale_data)] if basis.stale_data else []


def leading(lead: Lead) -> list[Block]:
    """Why the line leads, the gap that it implies and the terciles; nothing where the groups lead."""
    if lead.leads == GAP:
        return []
    blocks: list[Block] = [warning(f"{lead.reason}: the regression on contracted share leads.")]
    line = lead.line
    if line is None:
        blocks.append(Text(f"not available: {lead.note}.", lead=lead.basis.sentence("Gap implied by the regression")))
    else:
        blocks.append(
            Text(
                f"per secured MW between no contracted AI revenue and the AI group's mean share of {percent(line.share)} "
                f"({line.level:.0%} confidence interval {multiple(line.low)} to {multiple(line.high)}, {p_value(line.p)}, "
                f"n = {line.n}).",
                lead=lead.basis.sentence(f"Gap {multiple(line.ratio)} implied by the regression"),
            )
        )
    rows = lead.terciles.assign(
        span=[
            percent(low) if low == high else f"{percent(low)} to {percent(high)}"
            for low, high in zip(lead.terciles["lowest_share"], lead.terciles["highest_share"], strict=True)
        ]
    )
    return [*blocks, TableSpec("terciles", rows, TERCILES)] if len(rows) else blocks


def headline(gap: Gap) -> list[Block]:
    """The headline gap in words: typical ratio, interval and p, medians of the groups beside it."""
    head = gap.headline
    medians = (
        f"median {per_mw(head['pivot_value'])} in the AI group (n = {head['n_pivot']}) against "
        f"{per_mw(head['bitcoin_value'])} in the mining group (n = {head['n_bitcoin']})"
    )
    if math.isnan(head["ratio"]):
        levels = "" if math.isnan(head["pivot_value"]) else f"; {medians}, ratio of medians {multiple(of_medians(gap))}"
        return [
            Text(f"per secured MW: estimate not available ({head['note']}){levels}.", lead=gap.basis.sentence("Gap"))
        ]
    line = Text(
        f"per secured MW: {TYPICAL_NAME}, {tested(head, gap.level)}; {medians}.",
        lead=gap.basis.sentence(f"Gap {multiple(head['ratio'])}"),
    )
    return [line, *([warning(f"Read with care: {head['note']}.")] if head["note"] else [])]


def of_medians(gap: Gap) -> float:
    """The ratio of medians in the headline's metric."""
    frame = gap.frame
    return float(
        frame.loc[(frame["metric"] == gap.headline["metric"]) & (frame["statistic"] == "median"), "ratio"].iloc[0]
    )


def tested(row: pd.Series, level: float) -> str:
    """The interval of a ratio with its p-value; that there is none, for another statistic or groups too small."""
    if math.isnan(row["low"]):
        return "no confidence interval"
    return f"{reach(row, level)}, {p_value(row['p_value'])}"


def sampling(gap: Gap) -> str:
    """Who is in the AI group, and which test the interval and p come from, with what groups of these sizes allow."""
    head = gap.headline
    allowed = (
        ""
        if math.isnan(head["p_value"])
        else f" Level reached {head['level_reached']:.1%}, smallest attainable {p_value(head['attainable_p'])}."
    )
    return (
        f"AI group: {gap.rule.title}; mining group: the other miners. In brackets: {gap.level:.0%} confidence intervals of "
        f"the typical ratio, exact Wilcoxon rank-sum test; the other ratios have none.{allowed}"
    )


def gap_content(gap: Gap) -> dict[str, Any]:
    """Every row of a gap, how it was made, and who is excluded."""
    return {
        "rule": gap.rule.name, "rule_title": gap.rule.title, "method": gap.method, "level": gap.level,
        "leads": gap.leads, "headline": gap.headline, "rows": gap.frame, "left_out": gap.left_out,
    }  # fmt: skip


def lead_content(lead: Lead) -> dict[str, Any]:
    """What leads, why, the gap that the line implies and the terciles."""
    return {
        "leads": lead.leads, "reason": lead.reason, "line": None if lead.line is None else asdict(lead.line),
        "note": lead.note, "terciles": lead.terciles,
    }  # fmt: skip
