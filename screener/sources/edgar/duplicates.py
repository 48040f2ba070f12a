"""A fact that a report states several times: one row where the statements agree as far as they are precise."""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, isnan
from typing import NamedTuple

import pandas as pd


class Stated(NamedTuple):
    """One statement of a fact: what it is about (the first six), its value, its decimals, and its line."""

    taxonomy: str
    concept: str
    unit: str
    start: pd.Timestamp
    end: pd.Timestamp
    dimensions: tuple[tuple[str, str], ...]
    value: float
    decimals: float
    line: int


def collapse(stated: Iterable[Stated]) -> tuple[list[Stated], list[str]]:
    """The most precise statement of each fact, and a fault for each fact whose statements contradict each other.

    Statements agree where one true value could have been rounded to each of them: their intervals of half a unit of the
    last stated decimal overlap (consistent duplicates of XBRL International, "Handling Duplicate Facts", 2020). Where
    they do not, each distinct value keeps its most precise row. Nil agrees with nil alone. A figure without decimals is
    taken as exact. Rows keep the order in which facts are first stated.
    """
    groups: dict[tuple, list[Stated]] = {}
    for fact in stated:
        groups.setdefault(fact[:6], []).append(fact)
    kept, faults = [], []
    for facts in groups.values():
        if len(facts) == 1 or _agree(facts):
            kept.append(max(facts, key=_precision))
            continue
        distinct: dict[float | None, Stated] = {}
        for fact in facts:
            value = None if isnan(fact.value) else fact.value
            distinct[value] = max(distinct.get(value, fact), fact, key=_precision)
        kept.extend(distinct.values())
        said = " and ".join(
            f"{'nil' if isnan(fact.value) else f'{fact.value:.15g}'} (line {fact.line})" for fact in distinct.values()
        )
        faults.append(f"{_named(facts[0])}: stated as {said}, which contradict each other")
    return kept, faults


def _precision(fact: Stated) -> float:
    """The last stated decimal; infinite where none is stated."""
    return inf if isnan(fact.decimals) else fact.decimals


def _agree(facts: list[Stated]) -> bool:
    """Whether all statements can be roundings of one value."""
    nil = [isnan(fact.value) for fact in facts]
    if any(nil):
        return all(nil)
    halves = [0.5 * 10.0 ** -_precision(fact) for fact in facts]
    low = max(fact.value - half for fact, half in zip(facts, halves, strict=True))
    high = min(fact.value + half for fact, half in zip(facts, halves, strict=True))
    return low <= high + 1e-12 * abs(high)  # the margin is that of binary fractions


def _named(fact: Stated) -> str:
    """The fact in words: name, unit, period, dimensions."""
    start = "" if fact.start is pd.NaT else f"{fact.start:%Y-%m-%d} to "
    parts = "".join(f", {axis} {member}" for axis, member in fact.dimensions)
    return f"{fact.taxonomy}:{fact.concept} in {fact.unit}, {start}{fact.end:%Y-%m-%d}{parts}"
