"""Decomposition of changes of the gap into enterprise values, megawatts and group membership."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.gap.hodges_lehmann import LEAST_MEMBERS
from valuation.gap.specification_curve import CrossSections

PARTS = ("enterprise_value", "megawatts", "membership")


@dataclass(frozen=True, repr=False)
class GapChange(ResultMixin):
    """Change of the gap of geometric means, in logs, decomposed step by step.

    Attributes
    ----------
    frame : DataFrame
        Indexed by date, from the second measurable one (three companies in each group): gap, ln of the ratio of
        geometric means, and the step's `enterprise_value`, `megawatts` and `membership`, which sum to the change of gap.
    first : Timestamp
        The first measurable date.
    first_gap : float
        ln of the ratio on it.

    Notes
    -----
    The first two are changes of group means over companies that are in the same group on both dates; membership is the
    rest: companies that changed group, entered or left. Means, not medians, because a median does not add up.
    """

    frame: pd.DataFrame
    first: pd.Timestamp
    first_gap: float

    @property
    def totals(self) -> pd.Series:
        """Each part summed over all steps, in logs."""
        return self.frame[list(PARTS)].sum()

    def __str__(self) -> str:
        last, total = self.frame.index[-1], np.exp(self.totals)
        return (
            f"Ratio of geometric means {np.exp(self.first_gap):.2f} on {self.first:%Y-%m-%d}, "
            f"{np.exp(self.frame['gap'].iloc[-1]):.2f} on {last:%Y-%m-%d}: x {total['enterprise_value']:.2f} by "
            f"enterprise values and x {total['megawatts']:.2f} by megawatts of companies that stayed in their group, "
            f"x {total['membership']:.2f} by companies that changed group, entered or left"
        )


def attribute(sampled: CrossSections) -> GapChange | None:
    """Decompose the weekly changes of one specification's gap; None with fewer than two measurable dates.

    Parameters
    ----------
    sampled : CrossSections
        One definition, a row a date, ascending.
    """
    known = ~np.isnan(sampled.value)
    pivot, other = known & sampled.is_pivot, known & ~sampled.is_pivot
    rows = np.flatnonzero((pivot.sum(axis=1) >= LEAST_MEMBERS) & (other.sum(axis=1) >= LEAST_MEMBERS))
    if len(rows) < 2:
        return None
    pivot, other = pivot[rows], other[rows]
    ln_value, ln_mw = np.log(sampled.value[rows]), np.log(sampled.mw[rows])
    gap = _mean(ln_value - ln_mw, pivot) - _mean(ln_value - ln_mw, other)
    stayed, rest = pivot[1:] & pivot[:-1], other[1:] & other[:-1]
    both = stayed.any(axis=1) & rest.any(axis=1)

    def moved(values: np.ndarray) -> np.ndarray:
        steps = np.diff(values, axis=0)
        return np.where(both, _mean(steps, stayed) - _mean(steps, rest), 0.0)

    by_value, by_mw = moved(ln_value), -moved(ln_mw)
    dates = pd.DatetimeIndex(sampled.labels["as_of"].to_numpy()[rows])
    frame = pd.DataFrame(
        {"gap": gap[1:], "enterprise_value": by_value, "megawatts": by_mw}
        | {"membership": np.diff(gap) - by_value - by_mw},
        index=dates[1:].rename("as_of"),
    )
    return GapChange(frame, dates[0], float(gap[0]))


def _mean(values: np.ndarray, members: np.ndarray) -> np.ndarray:
    """Mean over the members of each row; 0 where a row has none."""
    return np.where(members, values, 0.0).sum(axis=1) / np.maximum(members.sum(axis=1), 1)
