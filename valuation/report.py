"""The report: the screen of one date with its studies, net asset values and scenarios."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING, Any

from valuation._summary import Summary, as_json
from valuation.findings import Finding, texts
from valuation.screen import Screen

if TYPE_CHECKING:
    from valuation.indicators.result import Indicators
    from valuation.nav.analysis import NavAnalysis, ScenarioResult
    from valuation.studies import Studies


@dataclass(frozen=True, repr=False)
class Report(Screen):
    """A screen with the studies, net asset values and scenarios computed from the same data.

    Attributes
    ----------
    studies : Studies or None
        Studies of the gap, the regression, the revenue mix and events, where they were asked for.
    nav : NavAnalysis or None
        Contracts, mining and net asset value, where they were asked for.
    scenarios : tuple of ScenarioResult
        Net asset values and implied prices under each scenario.
    indicators : Indicators or None
        The weekly indicators, where they were asked for.
    """

    studies: Studies | None = None
    nav: NavAnalysis | None = None
    scenarios: tuple[ScenarioResult, ...] = ()
    indicators: Indicators | None = None

    @classmethod
    def of(
        cls,
        screen: Screen,
        *,
        studies: Studies | None = None,
        nav: NavAnalysis | None = None,
        scenarios: tuple[ScenarioResult, ...] = (),
        indicators: Indicators | None = None,
    ) -> Report:
        """The report of a screen and the stages computed from the same data."""
        own = {field.name: getattr(screen, field.name) for field in fields(Screen)}
        return cls(**own, studies=studies, nav=nav, scenarios=scenarios, indicators=indicators)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of the screen, or of its studies where there are any, and of the net asset values."""
        base = super().findings if self.studies is None else self.studies.findings
        return (*base, *(() if self.nav is None else self.nav.findings))

    def to_dict(self) -> dict[str, Any]:
        """As of the screen, with studies, net asset values and scenarios, JSON-ready."""
        stages = {name: as_json(getattr(self, name)) for name in ("studies", "nav", "scenarios")}
        return super().to_dict() | stages

    def _summary(self) -> Summary:
        base = super()._summary()
        stages = [name for name in ("studies", "nav") if getattr(self, name) is not None]
        stages += [f"scenario {one.scenario.name}" for one in self.scenarios]
        line = f"With: {', '.join(stages) or 'no further stage'}"
        # The stages print their own findings.
        notes = (*texts(super().findings), base.notes[-1])
        return self._worded(replace(base, lines=(*base.lines, line), notes=notes))
