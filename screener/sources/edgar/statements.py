"""The values that one filing states of the whole company, period by period, each tag once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

Key = tuple[str, str]  # ("us-gaap:Cash", "USD")


@dataclass(frozen=True)
class Statement:
    """What one filing states for one instant (`start` NaT) or one span, without dimensions.

    Attributes
    ----------
    values : dict
        By tag and unit.
    doubts : dict
        By tag and unit: the filing states two values that rounding does not explain; the more exact one is in `values`.
    """

    accession: str
    start: pd.Timestamp
    end: pd.Timestamp
    values: dict[Key, float] = field(default_factory=dict)
    doubts: dict[Key, str] = field(default_factory=dict)


def settle(facts: pd.DataFrame) -> pd.DataFrame:
    """Each fact of each filing once, with the most exact value stated; `doubt` names values that contradict it.

    A figure stands in the balance sheet to the dollar and in the text in millions: the text confirms it where the two
    agree within half a unit of the text's last digit.

    Parameters
    ----------
    facts : DataFrame
        `FILED_COLUMNS`.
    """
    stated = facts[facts["value"].notna()]  # nil says that there is no figure, not that it is zero
    frame = stated.assign(exact=stated["decimals"].astype(float))
    keys = ["accession", "taxonomy", "concept", "unit", "start", "end", "dimensions"]
    frame = frame.sort_values([*keys[:-1], "exact", "value"], ascending=[True] * 6 + [False, False], kind="stable")
    by = frame.groupby(keys, dropna=False, sort=False)
    best = by["value"].transform("first")
    # Without decimals (companyfacts) a difference is a contradiction.
    half = np.where(np.isfinite(frame["exact"]), 0.5 * 10.0 ** -frame["exact"].clip(lower=-12), 0.0)
    apart = (frame["value"] - best).abs() > half * (1 + 1e-9) + 1e-6 * best.abs()
    fact = by.ngroup()
    contrary = zip(fact[apart], frame["value"][apart], best[apart], strict=True)
    doubts = {number: f"{plain(value)} and {plain(top)}" for number, value, top in contrary}
    first = ~fact.duplicated()
    return frame.assign(doubt=[doubts.get(number, "") for number in fact])[first].drop(columns="exact")


def statements(settled: pd.DataFrame) -> list[Statement]:
    """One `Statement` a filing and period, out of settled facts without dimensions, in the order of filing and period."""
    whole = settled[which(settled["dimensions"], lambda dims: not dims)]
    found: dict[tuple, Statement] = {}
    columns = ["accession", "start", "end", "taxonomy", "concept", "unit", "value", "doubt"]
    for accession, start, end, taxonomy, concept, unit, value, doubt in whole[columns].itertuples(index=False):
        place = (accession, None if pd.isna(start) else start, end)
        statement = found.setdefault(place, Statement(accession, start, end))
        key = (f"{taxonomy}:{concept}", unit)
        statement.values[key] = float(value)
        if doubt:
            statement.doubts[key] = doubt
    return list(found.values())


def which(values: pd.Series, holds: Callable[[Any], bool]) -> np.ndarray:
    """A mask: whether a test holds for each value. `Series.map` of no values gives no mask."""
    return np.array([bool(holds(value)) for value in values], dtype=bool)


def plain(value: float) -> str:
    """A figure without separators, and without decimals where it has none."""
    return f"{value:.0f}" if float(value).is_integer() else f"{value:.10g}"
