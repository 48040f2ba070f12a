"""What stands beside a screen when the question is how sure it is."""

from __future__ import annotations

from dataclasses import dataclass

from valuation.events import EventStudies
from valuation.gap.study import GapStudy
from valuation.regression.study import Study
from valuation.revenue_mix.crossover import RevenueMix


@dataclass(frozen=True)
class Studies:
    """The studies of one screen's date.

    Attributes
    ----------
    gap : GapStudy
        Of the screen's group rule and switches, with the specification curve and the weekly history.
    line : Study or None
        The regression with placebo, controls, robust lines, influence, power and panel.
    mix : RevenueMix
    events : EventStudies or None
    notes : dict
        Why `line`, `events` or the gap's history is absent.
    """

    gap: GapStudy
    line: Study | None
    mix: RevenueMix
    events: EventStudies | None
    notes: dict[str, str]
