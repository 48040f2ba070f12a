"""Results of event studies: abnormal or excess returns by event, tests of their mean, findings."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.events.findings import announcements, raises
from valuation.findings import NOTE, Finding, texts


@dataclass(frozen=True, repr=False)
class EventStudy(ResultMixin):
    """Abnormal or excess returns around events, by event and their mean with its tests.

    Attributes
    ----------
    title, method : str
    frequency : {"weekly", "daily"}
    events : DataFrame
        A row an event used: ticker, date, kind, headline, close_date, confounded (what else happened, empty where
        nothing), overlaps (bool: another event of the company within the longest window), and the returns by window.
    tests : DataFrame
        A row a window and sample: all events, and clean ones (neither confounded nor overlapping).
    left_out : DataFrame
        ticker, date, kind, headline, reason.
    caveats : tuple of str
    """

    title: str
    frequency: str
    method: str
    events: pd.DataFrame
    tests: pd.DataFrame
    left_out: pd.DataFrame
    caveats: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The tests, a row a window and sample; fractions, not percent."""
        return self.tests

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the tests show, and what they do not."""
        if "instrument" in self.tests:
            return raises(self.tests)
        return announcements(self.events, self.tests, self.frequency)

    def _summary(self) -> Summary:
        title = f"{self.title}, {self.frequency}: {len(self.events)} events, {len(self.left_out)} excluded"
        names = [name for name in ("instrument", "window", "sample") if name in self.tests]
        tests = self.tests[self.tests["instrument"] == "all"] if "instrument" in self.tests else self.tests
        shown = ["n", "mean", "median", "positive", "bmp_p", "kp_p", "rank_p", "t_p"]
        table = tests.set_index(names)[[name for name in shown if name in tests]]
        return Summary(title, (self.method,), (small(table),), (*texts(self.findings), *self.caveats))


@dataclass(frozen=True, repr=False)
class EventStudies(ResultMixin):
    """Event studies of contract announcements and of capital raises on one set of closes.

    Attributes
    ----------
    contracts, raises : EventStudy or None
        None where it was not asked for.
    unsure : DataFrame
        Announcements whose day is not known: ticker, date, kind, headline.
    source, frequency : str
    last_close : Timestamp
    notes : tuple of str
        What the source could not give.
    """

    contracts: EventStudy | None
    raises: EventStudy | None
    unsure: pd.DataFrame
    source: str
    frequency: str
    last_close: pd.Timestamp
    notes: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The tests of both studies, a row a window and sample."""
        parts = {name: one.tests for name, one in self._studies().items()}
        return pd.concat(parts, names=["study"]).droplevel(1) if parts else pd.DataFrame()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What both studies show and what they do not, and what the source could not give."""
        found = [finding for one in self._studies().values() for finding in one.findings]
        return (*found, *(Finding(f"{note}.", NOTE) for note in self.notes))

    def _studies(self) -> dict[str, EventStudy]:
        both = {"announcements": self.contracts, "raises": self.raises}
        return {name: one for name, one in both.items() if one is not None}

    def _summary(self) -> Summary:
        line = f"{self.frequency} closes from {self.source}, last close {self.last_close:%Y-%m-%d}"
        tables = [table for one in self._studies().values() for table in one.summary.tables]
        return Summary("Event studies", (line,), tuple(tables), tuple(texts(self.findings)))
