"""Quarters out of the spans that filings state: three months as stated, or the year less nine months and its like."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from itertools import groupby

import pandas as pd

from screener.sources.edgar.groups import SAME, near
from screener.sources.edgar.statements import plain

# Days of a quarter: 12 to 14 weeks of a 52/53-week year and three months of a calendar both lie within.
SHORTEST, LONGEST = 80, 100
_LONGEST_YEAR = 380
_SAME_START = 7  # days: a 52/53-week filer may state its year's start a few days apart


@dataclass(frozen=True)
class Flow:
    """The value of an item over a span, as one filing states it; `known` orders filings in time."""

    item: str
    start: pd.Timestamp
    end: pd.Timestamp
    value: float
    derivation: str
    accession: str
    known: tuple
    checks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()

    @property
    def days(self) -> int:
        """Days of the span, both ends included."""
        return (self.end - self.start).days + 1


def is_quarter(days: int) -> bool:
    """Whether a span of so many days is a quarter."""
    return SHORTEST <= days <= LONGEST


def quarters(flows: Iterable[Flow]) -> list[Flow]:
    """The quarters of one item, each as it became known: those stated and those derived.

    A longer span less a shorter one with the same start is a quarter where what is left is 80 to 100 days: the year less
    nine months, nine months less six. Such a row is marked `derived` and counts from the filing that completed it. Where the
    same filings also state the quarter, that is the value and the difference only a check. Only what was known by a
    filing's day enters its rows: later filings add rows and change none.
    """
    order = sorted(flows, key=lambda flow: (flow.known, flow.start, flow.end))
    stated: set[pd.Timestamp] = set()  # ends of quarters
    spans = _Spans()
    found: list[Flow] = []
    for known, filing in groupby(order, key=lambda flow: flow.known):
        news = [flow for flow in filing if flow.days <= _LONGEST_YEAR]
        for flow in news:
            spans.add(flow)
        stated |= {flow.end for flow in news if is_quarter(flow.days)}
        derived = {flow.end: flow for one in news for flow in spans.differences(one)}
        found += [_checked(flow, derived.get(flow.end)) for flow in news if is_quarter(flow.days)]
        found += [replace(flow, known=known) for end, flow in sorted(derived.items()) if end not in stated]
    return found


class _Spans:
    """The spans known so far, each as last stated, by their start."""

    def __init__(self) -> None:
        self.by_start: dict[pd.Timestamp, dict[pd.Timestamp, Flow]] = {}
        self.restated: set[tuple[pd.Timestamp, pd.Timestamp]] = set()

    def add(self, flow: Flow) -> None:
        ends = self.by_start.setdefault(flow.start, {})
        if flow.end in ends and not near(ends[flow.end].value, flow.value, SAME):
            self.restated.add((flow.start, flow.end))
        ends[flow.end] = flow

    def differences(self, news: Flow) -> Iterable[Flow]:
        """The quarters that a new span leaves with the spans of about the same start."""
        days = range(-_SAME_START, _SAME_START + 1)
        starts = [news.start + pd.Timedelta(days=day) for day in days]
        others = [flow for start in starts for flow in self.by_start.get(start, {}).values() if flow.end != news.end]
        for other in others:
            whole, part = (news, other) if news.end > other.end else (other, news)
            if part.days >= SHORTEST and is_quarter((whole.end - part.end).days):
                yield self._difference(whole, part, news)

    def _difference(self, whole: Flow, part: Flow, news: Flow) -> Flow:
        words = (
            f"derived: {_span(whole)} {plain(whole.value)} less {_span(part)} {plain(part.value)} "
            f"({whole.derivation}; {part.derivation})"
        )
        needs = [*whole.needs, *part.needs]
        # A year stated anew, less nine months on the old basis, is no quarter of either basis.
        needs += [
            f"{_span(one)} was restated; the other span may be on another basis"
            for one in (whole, part)
            if (one.start, one.end) in self.restated
        ]
        start = part.end + pd.Timedelta(days=1)
        return Flow(
            whole.item, start, whole.end, whole.value - part.value, words, news.accession, news.known,
            tuple(dict.fromkeys((*whole.checks, *part.checks))), tuple(dict.fromkeys(needs)),
        )  # fmt: skip


def _checked(flow: Flow, derived: Flow | None) -> Flow:
    """A stated quarter, held against the difference of longer spans that end with it."""
    if derived is None:
        return flow
    if near(derived.value, flow.value, SAME):
        return replace(flow, checks=(*flow.checks, "the spans of the year to date agree"))
    differs = f"the year to date leaves {plain(derived.value)} ({derived.derivation})"
    return replace(flow, needs=(*flow.needs, differs))


def _span(flow: Flow) -> str:
    return f"{flow.start:%Y-%m-%d}..{flow.end:%Y-%m-%d}"
