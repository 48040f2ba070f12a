"""A report: the screen of one date with the studies, values and scenarios that were asked for beside it."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING

from valuation.screen import Screen

if TYPE_CHECKING:
    from valuation.nav.analysis import NavAnalysis, ScenarioResult
    from valuation.studies import Studies


@dataclass(frozen=True)
class Report(Screen):
    """A screen and what was computed from the same data beside it.

    Attributes
    ----------
    studies : Studies or None
        Gap, regression, revenue mix and events in depth, where they were asked for.
    nav : NavAnalysis or None
        Contracts, mining and net asset value, where they were asked for.
    scenarios : tuple of ScenarioResult
        What each scenario does to the values of `nav`.
    """

    studies: Studies | None = None
    nav: NavAnalysis | None = None
    scenarios: tuple[ScenarioResult, ...] = ()

    @classmethod
    def of(
        cls,
        screen: Screen,
        *,
        studies: Studies | None = None,
        nav: NavAnalysis | None = None,
        scenarios: tuple[ScenarioResult, ...] = (),
    ) -> Report:
        """The report of a screen with the stages that were computed beside it."""
        own = {field.name: getattr(screen, field.name) for field in fields(Screen)}
        return cls(**own, studies=studies, nav=nav, scenarios=scenarios)
