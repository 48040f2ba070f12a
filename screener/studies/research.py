"""Questions over one date in depth, or over many dates: the gap's study and history, the panel, the mix, the events."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from screener import point_in_time
from screener.errors import NotKnown
from screener.gathering import InputData, load_inputs, weeks
from screener.run_config import RunConfig, resolve_config
from screener.screen import screens
from screener.studies import event_data
from screener.universes import Universe
from valuation import events
from valuation.assumptions import Assumptions, Bridge
from valuation.errors import NotEstimable
from valuation.events import EventStudies, EventStudy
from valuation.fundamentals import company_metrics, contract_schedule
from valuation.gap import specification_curve as specification
from valuation.gap import study as gap_study
from valuation.gap.specification import Specification
from valuation.gap.study import GapHistory, GapStudy
from valuation.groups import DEFAULT_RULE, RULES
from valuation.inputs import Inputs
from valuation.mining import economics
from valuation.regression import study as line_study
from valuation.revenue_mix import crossover, mix
from valuation.revenue_mix.crossover import Projection, RevenueMix
from valuation.screen import Screen
from valuation.status import USABLE
from valuation.studies import Studies

FIRST_WEEK = pd.Timestamp("2024-01-05")
QUARTER = pd.Timedelta(days=91)


def gap(
    universe: Universe,
    as_of: pd.Timestamp,
    assumptions: Assumptions,
    *,
    definition: Specification | None = None,
    since: pd.Timestamp | None = None,
) -> tuple[Screen, GapStudy]:
    """One definition of the gap on one date beside every other, on bundled data; with its weekly history from `since`.

    Raises
    ------
    NotKnown
        No close by the date, or no weekly close since `since`.
    """
    chosen = definition or Specification()
    config = resolve_config(universe, rule=chosen.rule, assumptions=assumptions, switches=chosen.switches)
    result = next(screens(config, load_inputs(universe, as_of, "bundled", lambda _: None), [as_of]))
    inputs, _ = point_in_time.as_of_view(universe, [as_of], assumptions)
    sampled = specification.cross_sections(inputs, assumptions)
    history = None if since is None else gap_history(universe, since, as_of, assumptions, chosen)
    return result, gap_study.run(result.as_of, result.gap, result.table, assumptions, sampled, chosen, history=history)


def run_studies(terms: RunConfig, gathered: InputData, screen: Screen) -> Studies:
    """The studies beside a screen, from the same facts and closes."""
    inputs, _ = point_in_time.as_of_view(
        terms.universe, [screen.as_of], terms.assumptions,
        facts=gathered.facts, closes=gathered.closes, splits=gathered.splits,
    )  # fmt: skip
    return beside(terms.universe, inputs, screen)


def beside(universe: Universe, inputs: Inputs, screen: Screen) -> Studies:
    """What stands beside a screen: its gap in depth and through time, its line, the revenue mix and the events.

    Parameters
    ----------
    inputs : Inputs
        What the screen was valued from, live rows included; history, panel, mix and events rest on the universe's own.
    """
    assumptions, as_of, notes = screen.assumptions, screen.as_of, {}
    definition = Specification(rule=screen.rule.name, switches=screen.switches)
    history = line = happened = None
    try:
        history = gap_history(universe, FIRST_WEEK, as_of, assumptions, definition)
    except NotKnown as error:
        notes["history"] = str(error)
    try:
        quarters = quarterly_panel(universe, as_of, assumptions)
        line = line_study.run(screen.table, screen.status, screen.causes, assumptions, quarters=quarters)
    except NotEstimable as error:
        notes["line"] = str(error)
    try:
        happened = event_studies(universe, as_of)
    except NotKnown as error:
        notes["events"] = str(error)
    return Studies(
        gap=gap_study.run(
            screen.as_of,
            screen.gap,
            screen.table,
            assumptions,
            specification.cross_sections(inputs, assumptions),
            definition,
            history=history,
        ),
        line=line,
        mix=revenue_mix(universe, as_of, assumptions),
        events=happened,
        notes=notes,
    )


def specification_curve(
    universe: Universe, as_of: pd.Timestamp, assumptions: Assumptions
) -> specification.SpecificationCurve:
    """Every definition of the gap on one date."""
    inputs, _ = point_in_time.as_of_view(universe, [as_of], assumptions)
    return specification.curve(specification.cross_sections(inputs, assumptions), assumptions)


def gap_history(
    universe: Universe,
    since: pd.Timestamp,
    until: pd.Timestamp,
    assumptions: Assumptions,
    definition: Specification | None = None,
) -> GapHistory:
    """The gap of one definition on every weekly close within [since, until], with trend, break and what moved it.

    Raises
    ------
    NotKnown
        No weekly close in the span.
    """
    chosen = definition or Specification()
    dates = weeks(universe, since, until)
    if dates.empty:
        raise NotKnown(f"no weekly close between {since:%Y-%m-%d} and {until:%Y-%m-%d}")
    inputs, _ = point_in_time.as_of_view(universe, dates, assumptions)
    sampled = specification.cross_sections(
        inputs, assumptions, rules=[chosen.rule], settings=[chosen.switches], denominator_names=[chosen.denominator]
    )
    return gap_study.through_time(sampled, chosen.statistic, assumptions)


def quarterly_panel(universe: Universe, as_of: pd.Timestamp, assumptions: Assumptions) -> pd.DataFrame:
    """ln(EV per secured MW) and contracted share at every quarter end since 2024, each as known then.

    Returns
    -------
    DataFrame
        Indexed (as_of, ticker): ln_value, share; only rows that may enter a statistic, none before the first quarter
        end.
    """
    ends = pd.date_range(FIRST_WEEK, as_of, freq="QE")
    if ends.empty:
        none = pd.MultiIndex.from_arrays([[], []], names=["as_of", "ticker"])
        return pd.DataFrame({"ln_value": [], "share": []}, index=none, dtype=float)
    inputs, _ = point_in_time.as_of_view(universe, ends, assumptions)
    valued = company_metrics.value(inputs, assumptions, Bridge(), RULES[DEFAULT_RULE])
    usable = valued.table["excluded"] == ""
    for metric in (line_study.RESPONSE, line_study.REGRESSOR):
        usable &= valued.status[metric].isin(USABLE)
    rows = valued.table[usable]
    return pd.DataFrame({"ln_value": np.log(rows[line_study.RESPONSE]), "share": rows[line_study.REGRESSOR]})


def revenue_mix(universe: Universe, as_of: pd.Timestamp, assumptions: Assumptions) -> RevenueMix:
    """The mix of the universe's own miners; subsidiaries that a parent consolidates are not counted twice."""
    inputs, _ = point_in_time.as_of_view(universe, [as_of], assumptions)
    own = inputs.index.get_level_values("ticker")[company_metrics.exclusion(inputs) == ""]
    mixed = mix.mix(inputs.quarters)
    mixed = mixed[mixed["ticker"].isin(own)]
    book = contract_schedule.schedule(inputs.contracts, assumptions)
    weekly = economics.history(universe.network[universe.network["date"] <= as_of])
    scale = _to_todays_hashprice(mixed, weekly)
    projection = Projection()
    ahead = {"mining_scale": scale, "projection": projection}
    return RevenueMix(
        mixed=mixed,
        sector=mix.sector(mixed),
        crossover=crossover.crossover(mixed, book, own, **ahead),
        ahead=crossover.bitcoin_share_ahead(mixed, book, own, **ahead),
        projection=projection,
        hashprice_usd=float(weekly.iloc[-1]) if len(weekly) else np.nan,
        hashprice_on=weekly.index[-1] if len(weekly) else pd.NaT,
    )


def _to_todays_hashprice(mixed: pd.DataFrame, weekly: pd.Series) -> pd.Series:
    """By ticker: the latest hashprice over its mean in the company's latest reported quarter."""
    scale = {}
    for ticker, end in crossover.latest_quarters(mixed).items():
        then = weekly[(weekly.index > end - QUARTER) & (weekly.index <= end)]
        scale[ticker] = weekly.iloc[-1] / then.mean() if len(then) else 1.0
    return pd.Series(scale, dtype=float)


def event_studies(
    universe: Universe,
    as_of: pd.Timestamp,
    *,
    source: str = "bundled",
    frequency: str = "weekly",
    kinds: tuple[str, ...] = ("contracts", "raises"),
    tell: Callable[[str], None] | None = None,
) -> EventStudies:
    """What contracts and capital raises did to prices, for everything public by a day.

    Parameters
    ----------
    source : {"bundled", "yahoo"}
    frequency : {"weekly", "daily"}
    kinds : of `contracts` and `raises`

    Raises
    ------
    NotKnown
        No closes, no events, or closes further apart than `frequency`.
    SourceError
        Yahoo could not be reached.
    """
    found = event_data.announcements(universe, as_of)
    raised = event_data.capital_raises(universe, as_of)
    wanted = {"contracts": found.events, "raises": raised}
    asked = pd.concat([wanted[kind] for kind in kinds], ignore_index=True)
    if asked.empty:
        raise NotKnown(f"no {' or '.join(kinds)} known on or before {as_of:%Y-%m-%d}")
    if source == "yahoo":
        (tell or (lambda _: None))("asking Yahoo for daily closes")
        closes = event_data.yahoo_closes(universe, event_data.since_first(asked, frequency), as_of, frequency)
    else:
        closes = event_data.bundled_closes(universe, as_of, frequency)
    results: dict[str, EventStudy | None] = {"contracts": None, "raises": None}
    try:
        if "contracts" in kinds:
            around = event_data.confounders(universe, as_of, "contracts")
            results["contracts"] = events.study(
                closes.miners, closes.bitcoin, found.events, frequency=frequency, confounders=around
            )
        if "raises" in kinds:
            around = event_data.confounders(universe, as_of, "raises")
            results["raises"] = events.excess_around(closes.miners, raised, frequency=frequency, confounders=around)
    except NotEstimable as error:
        raise NotKnown(f"{error}; see --source and --frequency") from error
    return EventStudies(
        **results, unsure=found.unsure, source=source, frequency=frequency,
        last_close=closes.miners.index[-1], notes=closes.notes,
    )  # fmt: skip
