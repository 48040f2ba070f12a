"""The gap in depth on one date, and week by week."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd

from screener.days import Day, as_day
from screener.gathering import InputData
from screener.run_config import RunConfig
from screener.screen import Valued, screen_on, value, value_dates
from valuation.gap import specification_curve as curve
from valuation.gap import study
from valuation.gap.history import GapHistory, through_time
from valuation.gap.specification import Specification
from valuation.gap.study import GapStudy
from valuation.groups import RULES, Rule
from valuation.screen import Screen

FIRST_WEEK = pd.Timestamp("2024-01-05")


def definition_of(config: RunConfig) -> Specification:
    """The definition of the gap that a screen measures under its group rule and switches."""
    return Specification(rule=config.rule.name, switches=config.switches, own=own_rule(config))


def own_rule(config: RunConfig) -> Rule | None:
    """The group rule in force where it is the universe's own; None where it is one of the registry."""
    return config.rule if config.universe.sector.rules else None


def gap_study(
    config: RunConfig,
    data: InputData,
    as_of: Day,
    definition: Specification | None = None,
    *,
    since: Day | None = None,
) -> tuple[Screen, GapStudy]:
    """The screen of a date under one definition of the gap, and that definition beside every other.

    Parameters
    ----------
    definition : Specification, optional
        The one that a screen under `config` measures, by default; its rule and switches stand for those of `config`.
    since : str, date or Timestamp, optional
        With the weekly history from this day.

    Raises
    ------
    NotKnown
        No close by the date, or no weekly close since `since`.
    """
    as_of, since = as_day(as_of), None if since is None else as_day(since)
    chosen = definition or definition_of(config)
    own = own_rule(config)
    chosen = replace(chosen, own=own)
    config = replace(config, rule=own or RULES[chosen.rule], switches=chosen.switches)
    valued = value_dates(config, data, as_of, None if since is None else data.weeks(since, as_of))
    screen = screen_on(config, data, valued, as_of)
    history = None if since is None else gap_history(config, data, since, as_of, chosen, valued=valued)
    return screen, beside(config, screen, valued.on([as_of]), chosen, history)


def beside(
    config: RunConfig, screen: Screen, valued: Valued, definition: Specification, history: GapHistory | None
) -> GapStudy:
    """One definition of a screen's gap beside every other.

    Parameters
    ----------
    screen : Screen
        Under the definition's rule and switches.
    valued : Valued
        What the screen was made from, its date alone.
    """
    own = own_rule(config)
    rules = None if own is None else {own.name: own}
    sampled = curve.cross_sections(valued.inputs, config.assumptions, rules=rules, valued=valued.valuation)
    return study.run(
        screen.as_of, screen.gap, screen.table, config.assumptions, sampled, definition,
        line=screen.regression, line_note=screen.regression_note, history=history,
        parties=screen.lease_parties,
    )  # fmt: skip


def gap_history(
    config: RunConfig,
    data: InputData,
    since: Day,
    until: Day,
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
    since, until = as_day(since), as_day(until)
    chosen = definition or definition_of(config)
    dates = data.some_weeks(since, until)
    weekly = value(config, data, dates) if valued is None else valued.on(dates)
    sampled = curve.cross_sections(
        weekly.inputs, config.assumptions, valued=weekly.valuation,
        rules={chosen.rule: chosen.own or RULES[chosen.rule]}, settings=[chosen.switches],
        denominator_names=[chosen.denominator],
    )  # fmt: skip
    priced = weekly.valuation.status["price_usd"].isin(("ok", "proxy")).unstack("ticker")
    contracted = weekly.valuation.table["contracted_revenue_usd"].unstack("ticker")
    return through_time(sampled, chosen.statistic, config.assumptions, priced=priced, contracted_usd=contracted)
