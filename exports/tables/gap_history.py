"""The weekly history of the gap as blocks of a page, and in JSON."""

from __future__ import annotations

import math
from typing import Any

import pandas as pd

from exports.tables.formats import day, multiple, several, spark
from exports.tables.plots import gap_through_time
from exports.tables.spec import Block, Column, TableSpec, Text, note, warning
from valuation._words import count
from valuation.gap.history import GapHistory
from valuation.gap.history_checks import HistoryChecks
from valuation.gap.hodges_lehmann import LEAST_MEMBERS
from valuation.gap.membership import REASONS
from valuation.gap.throughout import Throughout

SIZES = (Column("n_pivot", "n AI", "count"), Column("n_bitcoin", "n mining", "count"))
INTERVAL = (
    Column("ratio", "Gap", "multiple"), Column("low", "Low", "multiple", unknown=""),
    Column("high", "High", "multiple", unknown=""),
)  # fmt: skip


def history_blocks(history: GapHistory) -> list[Block]:
    """Last measured week of each quarter, the companies present throughout beside it, method, turnover and membership."""
    known, every = history.measured, history.frame
    if known.empty:
        return [warning("History: no week has three companies in each group.")]
    last = known.groupby(known.index.to_period("Q")).tail(1)
    stayed = history.throughout
    frame = last.assign(
        quarter=last.index.to_period("Q").astype(str), week=last.index, stayed=stayed.frame["ratio"],
        of_stayed=[f"{row.n_pivot} + {row.n_bitcoin}" for row in stayed.frame.loc[last.index].itertuples()],
    )  # fmt: skip
    blocks: list[Block] = [
        Text(f"since {day(every.index[0])}, each week with the data then known", "heading", lead="Weekly history"),
        gap_through_time(history),
        TableSpec(
            "history",
            frame,
            (
                Column("quarter", "Quarter"),
                Column("week", "Last week", "date"),
                *INTERVAL,
                *SIZES,
                Column("stayed", "Present throughout", "multiple", unknown=""),
                Column("of_stayed", "n AI + mining"),
            ),
            notes=(_present(stayed),),
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


def _present(stayed: Throughout) -> str:
    """Who is present throughout, and what a week without an estimate means."""
    n = count(len(stayed.companies), "company", "companies")
    who = f" ({', '.join(stayed.companies)})" if stayed.companies else ""
    told = f": {stayed.note}" if stayed.note else f"; empty where a group has fewer than {LEAST_MEMBERS} of them"
    return (
        f"Present throughout: the typical ratio among the {n} with a figure in every "
        f"week since {day(stayed.start)}{who}{told}."
    )


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


def history_content(history: GapHistory) -> dict[str, Any]:
    """Every week, trend, break, turnover, membership and the companies present throughout."""
    change, checks, stayed = history.change, history.checks, history.throughout
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
        "present_throughout": {
            "companies": list(stayed.companies), "since": stayed.start, "note": stayed.note, "weeks": stayed.frame,
        },
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
