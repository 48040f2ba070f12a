"""Hodges-Lehmann ratio of two groups, with the interval and the p-value of the exact Wilcoxon rank-sum test.

Estimate, interval and p belong to one test (METHODS section 7). The null distribution is counted, not drawn: the number of
ways in which n of the n + m midranks add up to a sum, so there is neither a seed nor a Monte Carlo error.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from math import comb, sqrt

import numpy as np

from valuation.errors import InvalidInput, NotEstimable

TYPICAL = "hodges_lehmann"  # among the statistics of the gap
LEAST_MEMBERS = 3
MOST_EXACT = 30  # members of both groups up to which the distribution is counted
EXACT = "exact Wilcoxon rank-sum test by enumeration"
APPROXIMATE = "Wilcoxon rank-sum test, normal approximation with tie correction"
TIE = 1e-12  # slack where a tail is compared with 1 - level, which is not exact in binary


@dataclass(frozen=True)
class HodgesLehmann:
    """The typical ratio of a company of the first group to one of the second.

    Attributes
    ----------
    ratio : float
        exp of the median of all n x m differences of logs, first less second.
    low, high : float
        Interval that inverts the rank-sum test at `level_reached`.
    p : float
        Two-sided p of equal distributions, on midranks.
    level, level_reached : float
        The level asked for, and that of the interval: at least `level`, or less where the groups are so small that even
        the full range of the pairwise ratios does not reach it.
    attainable_p : float
        The p of perfectly separated groups of these sizes: no smaller one exists.
    n, m : int
        Members of the first and of the second group.
    ties : bool
        Whether two companies have one value. The interval takes its tails from the distribution without ties; only then may
        it and p disagree, which `consistent` shows.
    excludes_one : bool
        Whether 1 lies outside the interval.
    method : str
    """

    ratio: float
    low: float
    high: float
    p: float
    level: float
    level_reached: float
    attainable_p: float
    n: int
    m: int
    ties: bool
    excludes_one: bool
    method: str

    @property
    def significant(self) -> bool:
        """Whether p is at most 1 - level."""
        return self.p <= 1 - self.level + TIE

    @property
    def consistent(self) -> bool:
        """Whether interval and p agree on a ratio of 1, at the level that the interval reached; always without ties."""
        return self.excludes_one == (self.p <= 1 - self.level_reached + TIE)


def hodges_lehmann(first: np.ndarray, second: np.ndarray, *, level: float = 0.95) -> HodgesLehmann:
    """Hodges-Lehmann ratio of `first` to `second` with the exact rank-sum interval and p.

    Parameters
    ----------
    first, second : (n,) and (m,) arrays
        Positive, finite values of the two groups, in one unit.
    level : float
        Of the interval, between 0.5 and 1.

    Raises
    ------
    NotEstimable
        A group of fewer than 3.
    InvalidInput
        A value that is not positive and finite, or a level outside its bounds.

    Notes
    -----
    Hodges & Lehmann 1963; Wilcoxon 1945. p = min(1, 2 min(P(W <= w), P(W >= w))) over all assignments of the midranks. With
    D the sorted pairwise log ratios the interval is [D(k), D(nm + 1 - k)] for the largest k with 2 P(U <= k - 1) <= 1 -
    level, U the Mann-Whitney statistic; where k = 1 is too much already, the full range at the level 1 - 2 P(U <= 0) (90% at
    3 against 3). Beyond 30 members both tails are normal, with continuity correction.
    """
    a, b = _logs(first), _logs(second)
    n, m = len(a), len(b)
    if min(n, m) < LEAST_MEMBERS:
        raise NotEstimable(f"a group has fewer than {LEAST_MEMBERS} companies ({n} against {m})")
    if not 0.5 < level < 1:
        raise InvalidInput(f"level is {level}, expected a fraction between 0.5 and 1")
    exact = n + m <= MOST_EXACT
    doubled = doubled_midranks(np.concatenate([a, b]))
    pairs = np.sort(np.subtract.outer(a, b), axis=None)
    k, tail = _cut(n, m, level, exact)
    low, high = pairs[k - 1], pairs[n * m - k]
    return HodgesLehmann(
        ratio=float(np.exp(np.median(pairs))),
        low=float(np.exp(low)),
        high=float(np.exp(high)),
        p=_p_value(int(doubled[:n].sum()), tuple(sorted(doubled.tolist())), n, exact),
        level=level,
        level_reached=1 - tail,
        attainable_p=_two_sided_tail(0, n, m, exact),
        n=n,
        m=m,
        ties=len(np.unique(doubled)) < n + m,
        excludes_one=bool(low > 0 or high < 0),
        method=EXACT if exact else APPROXIMATE,
    )


def many(pairs: Iterable[tuple[np.ndarray, np.ndarray]], *, level: float = 0.95) -> list[HodgesLehmann | None]:
    """`hodges_lehmann` of many pairs of groups, a week each; None where a group has fewer than 3.

    The distributions are kept by group sizes and pattern of ties: 145 weeks of like groups count theirs once.
    """
    held = [(np.asarray(first, dtype=float), np.asarray(second, dtype=float)) for first, second in pairs]
    return [
        hodges_lehmann(first, second, level=level) if min(len(first), len(second)) >= LEAST_MEMBERS else None
        for first, second in held
    ]


def typical_ratio(first: np.ndarray, second: np.ndarray) -> float:
    """Hodges-Lehmann ratio alone, without interval and p, of groups of any size; NaN where one is empty."""
    a, b = _logs(first), _logs(second)
    return float(np.exp(np.median(np.subtract.outer(a, b)))) if len(a) and len(b) else np.nan


def without_each(values: np.ndarray, is_first: np.ndarray) -> np.ndarray:
    """Hodges-Lehmann ratio with each company left out in turn, (companies,); NaN where it has no estimate with all.

    A group of three is one of two without one of them: a point estimate, which has no interval of its own.
    """
    size = len(values)
    if min(is_first.sum(), (~is_first).sum()) < LEAST_MEMBERS:
        return np.full(size, np.nan)
    others = ~np.eye(size, dtype=bool)
    return np.array([typical_ratio(values[kept & is_first], values[kept & ~is_first]) for kept in others])


def doubled_midranks(values: np.ndarray) -> np.ndarray:
    """Twice the midrank of each value, as integers: rank 1 is 2, two that share ranks 1 and 2 have 3 each."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    below = np.cumsum(counts) - counts
    return np.asarray((2 * below + counts + 1)[place], dtype=np.int64)


@lru_cache(maxsize=1024)
def rank_sum_counts(doubled: tuple[int, ...], n: int) -> np.ndarray:
    """Number of ways to choose n of the doubled midranks with each sum, an entry a sum from 0 to their total.

    Counts stay below C(30, 15) = 155,117,520, far inside 64-bit integers.
    """
    ways = np.zeros((n + 1, sum(doubled) + 1), dtype=np.int64)
    ways[0, 0] = 1
    for rank in doubled:
        # The right side is a new array, so each rank is taken at most once.
        ways[1:, rank:] += ways[:-1, : ways.shape[1] - rank].copy()
    counts = ways[-1]
    counts.flags.writeable = False
    return counts


def _logs(values: np.ndarray) -> np.ndarray:
    array = np.asarray(values, dtype=float)
    if array.ndim != 1 or not np.isfinite(array).all() or (array <= 0).any():
        raise InvalidInput("a group holds a value that is not positive and finite")
    return np.log(array)


def _p_value(doubled_sum: int, doubled: tuple[int, ...], n: int, exact: bool) -> float:
    from scipy.special import ndtr

    total = len(doubled)
    if exact:
        counts = rank_sum_counts(doubled, n)
        smaller = min(int(counts[: doubled_sum + 1].sum()), int(counts[doubled_sum:].sum()))
        return min(1.0, 2 * smaller / comb(total, n))
    ranks = np.asarray(doubled) / 2
    # Variance of a sum of n ranks drawn without replacement: ties enter through the spread of the midranks.
    spread = sqrt(n * (total - n) / (total - 1) * ranks.var())
    if spread == 0:
        return 1.0
    away = abs(doubled_sum / 2 - n * ranks.mean()) - 0.5
    return min(1.0, float(2 * ndtr(-away / spread)))


@lru_cache(maxsize=1024)
def _cut(n: int, m: int, level: float, exact: bool) -> tuple[int, float]:
    """The largest k whose two-sided tail is at most 1 - level, with that tail; 1 where none is."""
    tails = [_two_sided_tail(u, n, m, exact) for u in range(n * m)]
    k = max(sum(tail <= 1 - level + TIE for tail in tails), 1)
    return k, tails[k - 1]


@lru_cache(maxsize=4096)
def _two_sided_tail(u: int, n: int, m: int, exact: bool) -> float:
    """min(1, 2 P(U <= u)) without ties."""
    from scipy.special import ndtr

    if exact:
        counts = rank_sum_counts(tuple(range(2, 2 * (n + m) + 1, 2)), n)
        return min(1.0, 2 * int(counts[: n * (n + 1) + 2 * u + 1].sum()) / comb(n + m, n))
    spread = sqrt(n * m * (n + m + 1) / 12)
    return min(1.0, float(2 * ndtr((u + 0.5 - n * m / 2) / spread)))
