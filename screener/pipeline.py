"""The main job: universe, date, source and assumptions in, a screen with its studies and values out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from screener.days import Day, as_day, today
from screener.errors import HeldBack, NotKnown, StrictError
from screener.gathering import InputData
from screener.loading import load_inputs
from screener.run_config import RunConfig, resolve_config
from screener.screen import Valued, screen_on, value_dates
from screener.universes import Universe
from valuation._words import count
from valuation.assumptions import Assumptions, Bridge
from valuation.report import Report
from valuation.screen import Screen

if TYPE_CHECKING:
    from screener.overrides.override import Override
    from valuation.indicators.result import Indicators
    from valuation.nav.analysis import NavAnalysis, ScenarioResult
    from valuation.nav.scenarios import Scenario

# Weeks of a company's history that its profile shows.
PROFILE_WEEKS = 104


def run(
    universe: str | Universe,
    as_of: Day | None = None,
    *,
    source: str = "auto",
    rule: str | None = None,
    assumptions: Assumptions | None = None,
    switches: Bridge | None = None,
    overrides: Sequence[Override] = (),
    studies: bool = False,
    nav: bool = False,
    scenarios: Sequence[Scenario] = (),
    progress: Callable[[str], None] | None = None,
) -> Report:
    """Screen a universe as of a date.

    Parameters
    ----------
    universe : str or Universe
        A bundled name, a folder, or a loaded universe.
    as_of : str, date or Timestamp
        Nothing published after this day reaches the result; today by default.
    source : str
        bundled, the name of a live source, or auto: a live source, and the bundled data where none answers within
        five seconds (`screener.sources.registry.choices`).
    rule : str, optional
        Group rule (`valuation.groups.RULES`); the universe's own by default.
    overrides : sequence of Override
        Inputs that a person replaced, from `screener.overrides.file.read`.
    studies : bool
        Add the studies beside the screen (`Report.studies`): more than twice the time of the screen itself.
    nav : bool
        Value contracts, mining and net assets too (`Report.nav`).
    scenarios : sequence of Scenario
        Scenarios over them (`Report.scenarios`); implies `nav`.
    progress : callable, optional
        Called with a few words on each step.

    Raises
    ------
    UniverseError, NotKnown
        The universe or the date is wrong.
    SourceError
        A live source was named and gave nothing.
    AssumptionsError
        A scenario leads out of a number's bounds.
    """
    progress = progress or (lambda _: None)
    day = today() if as_of is None else as_day(as_of)
    config = resolve_config(universe, rule=rule, assumptions=assumptions, switches=switches, overrides=overrides)
    data = load_inputs(config.universe, day, source, progress)
    progress("valuing")
    valued = value_dates(config, data, day, stage_dates(data, day, studies=studies))
    screen = screen_on(config, data, valued, day)
    return add_stages(
        config,
        data,
        screen,
        valued,
        studies=studies,
        nav=nav or bool(scenarios),
        scenarios=scenarios,
        progress=progress,
    )


def stage_dates(
    data: InputData, as_of: pd.Timestamp, *, studies: bool, companies: bool = False
) -> pd.DatetimeIndex | None:
    """The dates that the stages asked for need companies valued on, besides the as-of date."""
    dates = data.weeks(as_of - pd.Timedelta(weeks=PROFILE_WEEKS), as_of) if companies else None
    if not studies:
        return dates
    from screener.studies import study_dates

    every = study_dates(data, as_of)
    return every if dates is None else every.union(dates)


def add_stages(
    config: RunConfig,
    data: InputData,
    screen: Screen,
    valued: Valued,
    *,
    studies: bool = False,
    nav: bool = False,
    scenarios: Sequence[Scenario] = (),
    indicators: bool = False,
    progress: Callable[[str], None] | None = None,
) -> Report:
    """The report of a screen, with the stages asked for computed from `value_dates` of `stage_dates`.

    Parameters
    ----------
    indicators : bool
        Add the weekly indicators to the studies: a page shows them, a workbook does not.

    Raises
    ------
    AssumptionsError
        A scenario leads out of a number's bounds.
    """
    progress = progress or (lambda _: None)
    analysis, found = None, None
    results: tuple[ScenarioResult, ...] = ()
    # Imported here: neither is needed for a screen alone.
    if nav:
        from screener.scenarios import compare

        progress("valuing contracts, mining and net assets")
        analysis = analyse_nav(config, data, valued.on([screen.as_of]))
        results = tuple(compare(analysis, scenario) for scenario in scenarios)
    if studies:
        from screener.studies import run_studies

        progress("studying definitions, history, regression, mix and events")
        found = run_studies(config, data, screen, valued)
    weekly = _indicators(config, data, screen, valued) if studies and indicators else None
    return Report.of(screen, studies=found, nav=analysis, scenarios=results, indicators=weekly)


def _indicators(config: RunConfig, data: InputData, screen: Screen, valued: Valued) -> Indicators | None:
    """The weekly indicators up to a screen's date; None where there is no weekly close yet."""
    from screener.studies.indicators import indicators

    try:
        return indicators(config, data, screen.as_of, valued=valued)
    except NotKnown:
        return None


def analyse_nav(config: RunConfig, data: InputData, valued: Valued) -> NavAnalysis:
    """Contracts, mining and net asset value of every company on one date."""
    from valuation.nav.analysis import NavInputs, analyse

    return analyse(NavInputs(valued.inputs, valued.valuation, data.sites), config.assumptions)


def require_complete(screen: Screen) -> None:
    """Stop a run under `--strict`.

    Raises
    ------
    HeldBack
        Figures that would be in use were held back.
    StrictError
        A company in the statistics rests on stale or incomplete data.
    """
    held = screen.manifest.get("held_back", [])
    if held:
        lines = [f"{one['ticker']} {one['item']}: {one['reason']}".strip() for one in held]
        raise HeldBack("\n".join([f"strict: {count(len(held), 'figure')} held back", *lines]))
    counted = screen.gap.members["ev_per_mw_secured"]
    miners = screen.table["excluded"] == ""
    state = screen.status["ev_per_mw_secured"]
    stale = list(state.index[counted & screen.marks["ev_per_mw_secured"].str.contains("s")])
    missing = list(state.index[miners & (state == "missing")])
    parts = []
    if screen.prices_are_old:
        parts.append(screen.price_line)
    if stale:
        parts.append(f"stale: {', '.join(stale)}")
    if missing:
        parts.append(f"incomplete: {', '.join(missing)}")
    if parts:
        raise StrictError("strict: " + "; ".join(parts) + " (see the Quality sheet)")
