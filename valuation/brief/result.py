"""A brief as a result: five points, each a question with its answer in a few words and its sentences."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from valuation._summary import ResultMixin, Summary
from valuation.findings import Finding, texts

GAP_POINT, WEEK, STANDING, LIMITS, FRESHNESS = "gap", "week", "standing", "limits", "freshness"
QUESTIONS = {
    GAP_POINT: "What is the gap, and how sure is it?",
    WEEK: "What changed, and why?",
    STANDING: "Who stands out?",
    LIMITS: "What cannot be said?",
    FRESHNESS: "How fresh are the facts?",
}
NOBODY = "No company can be compared yet"


@dataclass(frozen=True)
class Point:
    """One question of the brief and its answer.

    Attributes
    ----------
    name : str
        Key of `QUESTIONS`.
    title : str
        The answer in a few words.
    findings : tuple of Finding
        The sentences, with their figures.
    """

    name: str
    title: str
    findings: tuple[Finding, ...]

    @property
    def question(self) -> str:
        """The question that it answers."""
        return QUESTIONS[self.name]

    @property
    def text(self) -> str:
        """The sentences as one paragraph."""
        return " ".join(texts(self.findings))


@dataclass(frozen=True, repr=False)
class Brief(ResultMixin):
    """A screen in five points.

    Attributes
    ----------
    title : str
    points : tuple of Point
        In the order of `QUESTIONS`.
    standing : DataFrame
        Indexed by ticker, the dearest against the line first: group, ev_per_mw (m USD), share (contracted), to_line with
        the ends of its prediction interval low and high (fractions), price_to_nav, unleased_share (of the NAV; NaN where
        it is unknown), doubt in words.
    """

    title: str
    points: tuple[Point, ...]
    standing: pd.DataFrame

    def __getitem__(self, name: str) -> Point:
        return next(point for point in self.points if point.name == name)

    @property
    def frame(self) -> pd.DataFrame:
        """Who stands out."""
        return self.standing

    @property
    def findings(self) -> tuple[Finding, ...]:
        """Every sentence."""
        return tuple(finding for point in self.points for finding in point.findings)

    def _summary(self) -> Summary:
        return Summary(self.title, tuple(f"{point.title}. {point.text}" for point in self.points))
