"""What the map finds in filings and what it leaves, before both become frames."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

UNMAPPED_COLUMNS = ["ticker", "item", "period_end", "tag", "unit", "value", "reason", "form", "accession", "filed"]


@dataclass(frozen=True)
class Stock:
    """An item on a day as one filing states it; `unit` is the universe's."""

    item: str
    end: pd.Timestamp
    value: float
    unit: str
    derivation: str
    accession: str
    checks: tuple[str, ...] = ()
    needs: tuple[str, ...] = ()


@dataclass(frozen=True)
class Left:
    """A filed fact that became no item, and why."""

    item: str
    end: pd.Timestamp
    tag: str
    unit: str
    value: float
    reason: str
    accession: str


def bare(name: str) -> str:
    """A tag, axis or member without its prefix."""
    return name.rpartition(":")[2]


def one_dimension(dimensions: tuple[tuple[str, str], ...]) -> tuple[str, str]:
    """Axis and member, without their prefixes, of a fact with one dimension; two empty texts for every other fact."""
    if len(dimensions) != 1:
        return "", ""
    ((axis, member),) = dimensions
    return bare(axis), bare(member)
