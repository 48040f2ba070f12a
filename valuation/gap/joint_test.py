"""Is the whole specification curve more than chance? Its specifications share their companies, so neither the share of
them with an interval above 1 nor their number says how sure it is (Simonsohn, Simmons & Nelson 2020)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.gap.estimate import STATISTICS
from valuation.gap.ratios import TIE
from valuation.gap.specification_curve import LEAST_MEMBERS, CrossSections

CHUNK = 2_000_000


@dataclass(frozen=True)
class JointTest:
    """The middle gap of all specifications against curves whose companies were handed out to the groups at random.

    Attributes
    ----------
    median_ratio : float
        Over all specifications with at least two companies in each group, those that have an interval.
    p_value : float
        Share of reassignments whose middle |ln ratio| is at least as large, (b + 1) / (B + 1).
    companies, specifications, draws, seed : int
    """

    median_ratio: float
    p_value: float
    companies: int
    specifications: int
    draws: int
    seed: int

    def __str__(self) -> str:
        return (
            f"Middle gap {self.median_ratio:.2f} over {self.specifications} specifications of {self.companies} companies; "
            f"companies reassigned to the groups at random, all specifications together: p = {self.p_value:.3f} "
            f"(B = {self.draws}, seed {self.seed})"
        )


def joint_test(sampled: CrossSections, *, draws: int = 999, seed: int = 0) -> JointTest | None:
    """Test the curve of one date as one; None where no specification has two companies in each group.

    Parameters
    ----------
    sampled : CrossSections
        All specifications of one date but the statistics, which are added here.

    Notes
    -----
    A reassignment gives every company the labels, under all group rules, of another; its values stay. Specifications
    in which a group is then empty are left out of that curve's middle.
    """
    enough = (sampled.n_pivot >= LEAST_MEMBERS) & (sampled.n_bitcoin >= LEAST_MEMBERS)
    if not enough.any():
        return None
    sampled = sampled.where(enough)
    known = ~np.isnan(sampled.value)
    inside = known.any(axis=0)
    value, mw, known = sampled.value[:, inside], sampled.mw[:, inside], known[:, inside]
    rules = sampled.labels["rule"].to_numpy()
    size = int(inside.sum())
    rng = np.random.default_rng(seed)
    # The first row is the curve as it is.
    order = np.vstack([np.arange(size), rng.permuted(np.tile(np.arange(size), (draws, 1)), axis=1)])
    curves = []
    for rule in dict.fromkeys(rules):
        rows = np.flatnonzero(rules == rule)
        labelled = known[rows].any(axis=0)
        pivot = (sampled.is_pivot[rows][:, inside] & known[rows]).any(axis=0)
        first, second = (labelled & pivot)[order], (labelled & ~pivot)[order]
        step = max(1, CHUNK // (len(order) * size))
        for start in range(0, len(rows), step):
            part = rows[start : start + step]
            both = (value[part], mw[part], known[part])
            curves += [_levels(*both, first, s) - _levels(*both, second, s) for s in STATISTICS]
    every = np.vstack(curves)
    middle = np.nanmedian(every, axis=0)
    as_large = int((np.abs(middle[1:]) >= abs(middle[0]) - TIE).sum())
    return JointTest(float(np.exp(middle[0])), (as_large + 1) / (draws + 1), size, len(every), draws, seed)


def _levels(
    value: np.ndarray, mw: np.ndarray, known: np.ndarray, members: np.ndarray, statistic: str
) -> np.ndarray:  # fmt: skip
    """ln of a group's level, (specifications, reassignments), NaN where the group is empty.

    Shapes: value, mw, known (specifications, companies); members (reassignments, companies).
    """
    to_company = members.T.astype(float)
    count = known.astype(float) @ to_company
    with np.errstate(divide="ignore", invalid="ignore"):
        if statistic == "aggregate":
            return np.log((np.where(known, value, 0.0) @ to_company) / (np.where(known, mw, 0.0) @ to_company))
        ln = np.log(value / mw)
        if statistic == "geometric_mean":
            return np.where(known, ln, 0.0) @ to_company / count
    order = np.argsort(np.where(known, ln, np.inf), axis=1, kind="stable")
    ascending = np.take_along_axis(value / mw, order, axis=1)
    there = members[:, order].swapaxes(0, 1) & np.take_along_axis(known, order, axis=1)[:, None, :]
    reached = there.cumsum(axis=2)
    size = reached[:, :, -1]
    rows = np.arange(len(value))[:, None]
    # The member at which the count first reaches the place of the lower, then of the upper middle.
    lower = ascending[rows, (reached >= np.maximum((size + 1) // 2, 1)[:, :, None]).argmax(axis=2)]
    upper = ascending[rows, (reached >= (size // 2 + 1)[:, :, None]).argmax(axis=2)]
    return np.where(size > 0, np.log((lower + upper) / 2), np.nan)
