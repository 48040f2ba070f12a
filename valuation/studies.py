"""The studies of one screen: gap, regression, revenue mix, events and first contracts."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd

from valuation._summary import ResultMixin, Summary
from valuation._words import day
from valuation.events import EventStudies
from valuation.findings import CANNOT, Finding, texts
from valuation.gap.study import GapStudy
from valuation.regression.study import RegressionStudy
from valuation.revenue_mix.crossover import RevenueMix
from valuation.signing.result import SigningStudy


@dataclass(frozen=True, repr=False)
class Studies(ResultMixin):
    """The studies of one screen's date.

    Attributes
    ----------
    gap : GapStudy
        Under the screen's group rule and switches, with the specification curve and the weekly history.
    line : RegressionStudy or None
        The regression with placebo, leased share, controls, robust lines, influence, power and panel.
    mix : RevenueMix
    events : EventStudies or None
    signing : SigningStudy or None
    notes : dict
        Why `line`, `events`, `signing` or the gap's history is absent.
    """

    gap: GapStudy
    line: RegressionStudy | None
    mix: RevenueMix
    events: EventStudies | None
    signing: SigningStudy | None
    notes: dict[str, str]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Findings of every study, and why one is absent."""
        found = [finding for one in self._present() for finding in one.findings]
        return (*found, *(Finding(f"Not available, {name}: {why}.", CANNOT) for name, why in self.notes.items()))

    def to_frame(self) -> pd.DataFrame:
        """The findings: kind, text, p and threshold, a row each."""
        rows = [(one.kind, one.text, one.p, one.threshold) for one in self.findings]
        return pd.DataFrame(rows, columns=["kind", "text", "p", "threshold"])

    def _present(self) -> list[GapStudy | RegressionStudy | RevenueMix | EventStudies | SigningStudy]:
        return [one for one in (self.gap, self.line, self.mix, self.events, self.signing) if one is not None]

    def _summary(self) -> Summary:
        tables = [replace(one.summary.tables[0], caption=one.summary.title) for one in self._present()]
        notes = tuple(texts(self.findings))
        return Summary(f"Studies of {day(self.gap.as_of)}", tables=tuple(tables), notes=notes)
