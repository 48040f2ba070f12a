"""Joint permutation test of a specification curve (Simonsohn, Simmons & Nelson 2020).

The specifications share their companies, so neither the share of them with a small p nor their number measures the
evidence.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation._summary import ResultMixin
from valuation.gap.estimate import OF_LEVELS, STATISTICS
from valuation.gap.hodges_lehmann import LEAST_MEMBERS
from valuation.gap.pairwise_median import counted_up, drawn_medians, first_reaching
from valuation.gap.ratios import TIE
from valuation.gap.specification_curve import CrossSections, distinct_rows
from valuation.sums import product


@dataclass(frozen=True, repr=False)
class JointTest(ResultMixin):
    """Median gap of all specifications, tested against curves with group labels permuted over the companies.

    Attributes
    ----------
    median_ratio : float
        Over all specifications with at least three companies in each group, those that have a test.
    p_value : float
        Share of permutations whose median |ln ratio| is at least as large, (b + 1) / (B + 1).
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
            f"Median gap {self.median_ratio:.2f} over {self.specifications} specifications of {self.companies} companies; "
            f"joint label permutation test of all specifications: p = {self.p_value:.3f} "
            f"(B = {self.draws}, seed {self.seed})"
        )


def joint_test(sampled: CrossSections, *, draws: int = 999, seed: int = 0) -> JointTest | None:
    """Test all specifications of one date jointly; None where none has three companies in each group.

    Parameters
    ----------
    sampled : CrossSections
        All specifications of one date but the statistics, which are added here.

    Notes
    -----
    A permutation gives every company the labels, under all group rules, of another; its values stay. Specifications
    in which a group is then empty are excluded from that curve's median.
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
        # Companies down, reassignments across.
        first, second = (labelled & pivot)[order].T, (labelled & ~pivot)[order].T
        once, every_row = distinct_rows(value[rows], mw[rows])
        both = (value[rows][once], mw[rows][once])
        of_levels = {s: _levels(*both, first, s) - _levels(*both, second, s) for s in OF_LEVELS}
        curves += [(of_levels[s] if s in of_levels else _typical(*both, first, second))[every_row] for s in STATISTICS]
    every = np.vstack(curves)
    median = np.nanmedian(every, axis=0)
    as_large = int((np.abs(median[1:]) >= abs(median[0]) - TIE).sum())
    return JointTest(float(np.exp(median[0])), (as_large + 1) / (draws + 1), size, len(every), draws, seed)


def _levels(value: np.ndarray, mw: np.ndarray, members: np.ndarray, statistic: str) -> np.ndarray:
    """ln of a group's level, (specifications, reassignments), NaN where the group is empty.

    Parameters
    ----------
    value, mw : (specifications, companies) arrays
        NaN where a company is not in a specification.
    members : bool array (companies, reassignments)
    """
    known = ~np.isnan(value)
    with np.errstate(divide="ignore", invalid="ignore"):
        if statistic == "median":
            return _median_levels(value / mw, members)
        to_company = members.astype(float)
        if statistic == "aggregate":
            sums = (product(np.where(known, each, 0.0), to_company) for each in (value, mw))
            return np.log(next(sums) / next(sums))
        count = product(known.astype(float), to_company)
        return product(np.where(known, np.log(value / mw), 0.0), to_company) / count


def _typical(value: np.ndarray, mw: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """ln of the Hodges-Lehmann ratio, (specifications, reassignments), NaN where a group is empty.

    Parameters
    ----------
    value, mw : (specifications, companies) arrays
    first, second : bool arrays (companies, reassignments)
    """
    out = np.empty((len(value), first.shape[1]))
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log(value / mw)
    for row, each in enumerate(logs):
        known = np.flatnonzero(~np.isnan(each))
        out[row] = drawn_medians(each[known], each[known], first[known], second[known])
    return out


def _median_levels(ratio: np.ndarray, members: np.ndarray) -> np.ndarray:
    """ln of the median of the members' ratios, (specifications, reassignments), NaN where there is none.

    Counted along the companies in ascending order, the median is where the count reaches half of the members.
    """
    out = np.empty((len(ratio), members.shape[1]))
    for row, each in enumerate(ratio):
        # An unknown ratio sorts last.
        order = np.argsort(each, kind="stable")[: np.count_nonzero(~np.isnan(each))]
        ascending, reached = each[order], counted_up(members[order])
        size = reached[-1]
        lower, upper = (ascending[first_reaching(reached, place)] for place in ((size + 1) // 2, size // 2 + 1))
        out[row] = np.where(size > 0, np.log((lower + upper) / 2), np.nan)
    return out
