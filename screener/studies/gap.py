"""The gap in depth on one date, and week by week."""

from __future__ import annotations

import pandas as pd

from screener.errors import NotKnown
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.screen import Valued, value
from valuation.gap import specification_curve as curve
from valuation.gap import study
from valuation.gap.specification import Specification
from valuation.gap.study import GapHistory, GapStudy
from valuation.screen import Screen

FIRST_WEEK = pd.Timestamp("2024-01-05")


def definition_of(config: RunConfig) -> Specification:
    """The definition of the gap that a screen measures under its group rule and switches."""
    return Specification(rule=config.rule.name, switches=config.switches)


def gap_study(
    config: RunConfig,
    screen: Screen,
    valued: Valued,
    definition: Specification | None = None,
    history: GapHistory | None = None,
) -> GapStudy:
    """One definition of the gap beside every other.

    Parameters
    ----------
    screen : Screen
        Under the definition's rule and switches.
    valued : Valued
        What the screen was made from, its date alone.
    """
    sampled = curve.cross_sections(valued.inputs, config.assumptions, valued=valued.valuation)
    chosen = definition or definition_of(config)
    return study.run(screen.as_of, screen.gap, screen.table, config.assumptions, sampled, chosen, history=history)


def gap_history(
    config: RunConfig,
    data: InputData,
    since: pd.Timestamp,
    until: pd.Timestamp,
    definition: Specification | None = None,
    *,
    valued: Valued | None = None,
) -> GapHistory:
    """The gap of one definition on every weekly close within [since, until], with trend, break and what moved it.

    Parameters
    ----------
    definition : Specification, optional
        The one that a screen under `config` measures, by default.
    valued : Valued, optional
        The companies valued on these weeks and others, where a run has done so already.

    Raises
    ------
    NotKnown
        No weekly close in the span.
    """
    chosen = definition or definition_of(config)
    dates = data.weeks(since, until)
    if dates.empty:
        raise NotKnown(f"no weekly close between {since:%Y-%m-%d} and {until:%Y-%m-%d}")
    weekly = value(config, data, dates) if valued is None else valued.on(dates)
    sampled = curve.cross_sections(
        weekly.inputs, config.assumptions, valued=weekly.valuation,
        rules=[chosen.rule], settings=[chosen.switches], denominator_names=[chosen.denominator],
    )  # fmt: skip
    return study.through_time(sampled, chosen.statistic, config.assumptions)
