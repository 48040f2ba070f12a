"""The main job: universe, date, source and assumptions in, a screen with its studies and values out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import pandas as pd

from screener.errors import StrictError
from screener.gathering import load_inputs
from screener.run_config import resolve_config
from screener.screen import screens
from screener.universes import Universe
from valuation.assumptions import Assumptions, Bridge
from valuation.screen import Screen

if TYPE_CHECKING:
    from valuation.nav.scenarios import Scenario


def run(
    universe: str | Universe,
    as_of: pd.Timestamp,
    *,
    source: str = "auto",
    rule: str | None = None,
    assumptions: Assumptions | None = None,
    switches: Bridge | None = None,
    research: bool = False,
    worth: bool = False,
    scenarios: Sequence[Scenario] = (),
    progress: Callable[[str], None] | None = None,
) -> Screen:
    """Screen a universe as of a date.

    Parameters
    ----------
    universe : str or Universe
        A bundled name, a folder, or a loaded universe.
    as_of : Timestamp
        Nothing published after this day reaches the result.
    source : {"auto", "bundled", "yahoo"}
        auto: Yahoo, and the bundled closes where it cannot be reached within five seconds.
    rule : str, optional
        Group rule (`valuation.groups.RULES`); the universe's own by default.
    research : bool
        Add the studies beside the screen (`Screen.research`): more than twice the time of the screen itself.
    worth : bool
        Value contracts, mining and net assets too (`Screen.worth`).
    scenarios : sequence of Scenario
        What-ifs over them (`Screen.outcomes`); implies `worth`.
    progress : callable, optional
        Told in words what is being waited for.

    Raises
    ------
    UniverseError, NotKnown
        The universe or the date is wrong.
    SourceError
        source="yahoo" and nothing could be got.
    AssumptionsError
        A scenario leads out of a number's bounds.
    """
    tell = progress or (lambda _: None)
    config = resolve_config(universe, rule=rule, assumptions=assumptions, switches=switches)
    data = load_inputs(config.universe, as_of, source, tell)
    tell("valuing")
    result = next(screens(config, data, [as_of]))
    # Imported here: neither is needed for a screen alone.
    if worth or scenarios:
        from screener.appraisal import appraise

        tell("valuing contracts, mining and net assets")
        result = appraise(config, data, result, scenarios)
    if research:
        from screener.studies.research import deepen

        tell("studying definitions, history, regression, mix and events")
        result = deepen(config, data, result)
    return result


def require_complete(screen: Screen) -> None:
    """Raise StrictError where a company in the statistics rests on stale or incomplete data (`--strict`)."""
    counted = screen.gap.members["ev_per_mw_secured"]
    miners = screen.table["excluded"] == ""
    state = screen.status["ev_per_mw_secured"]
    stale = list(state.index[counted & (state == "stale")])
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
