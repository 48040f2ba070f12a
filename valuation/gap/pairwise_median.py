"""Median pairwise difference of two groups whose members are drawn many times: the Hodges-Lehmann estimate of each draw.

One order of all differences serves every draw. Which run of differences holds a draw's median is found by counting whole
runs, so that the time grows with companies x draws and not with pairs x draws.
"""

from __future__ import annotations

import numpy as np

# Differences counted one by one: fewer make more runs to count, more make longer ones.
RUN = 512


def drawn_medians(a: np.ndarray, b: np.ndarray, first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Median of the differences `a` less `b`, each as often as its two companies are drawn, (draws,); NaN where none is.

    Parameters
    ----------
    a, b : (n,) and (m,) arrays
        Known values.
    first, second : int or bool arrays (n, draws) and (m, draws)
        How often a draw holds the company.
    """
    if not len(a) or not len(b):
        return np.full(first.shape[1], np.nan)
    # Descending: each company's differences ascend along `b`, and the smallest of them are its first ones.
    descending = np.argsort(-b, kind="stable")
    b, second = b[descending], second[descending]
    differences = np.subtract.outer(a, b).ravel()
    order = np.argsort(differences, kind="stable")
    left, right = np.divmod(order, len(b))
    pairs = first.sum(axis=0, dtype=np.int64) * second.sum(axis=0, dtype=np.int64)
    places = np.stack([(pairs + 1) // 2, pairs // 2 + 1])
    counts = _Counts(left, first, second) if len(order) > RUN else None
    runs = np.zeros_like(places) if counts is None else counts.runs_of(places)
    found = np.empty(places.shape, dtype=np.int64)
    for run in np.unique(runs):
        held = runs == run
        columns = np.flatnonzero(held.any(axis=0))
        one, other = (first, second) if len(columns) == first.shape[1] else (first[:, columns], second[:, columns])
        inside = slice(run * RUN, (run + 1) * RUN)
        reached = counted_up(one[left[inside]] * other[right[inside]])
        before = 0 if counts is None else counts.before(run, columns)
        for here, into, place in zip(held, found, places, strict=True):
            row = first_reaching(reached, place[columns] - before)
            into[here] = (run * RUN + row)[here[columns]]
    lower, upper = differences[order][found]
    return np.where(pairs > 0, (lower + upper) / 2, np.nan)


class _Counts:
    """Pairs of each draw before the start of a run of the ascending differences."""

    def __init__(self, left: np.ndarray, first: np.ndarray, second: np.ndarray) -> None:
        size, self.runs = len(first), -(-len(left) // RUN)
        by_run = np.bincount(np.arange(len(left)) // RUN * size + left, minlength=self.runs * size)
        # Of each company of the first group, the differences in earlier runs.
        self.earlier = np.vstack([np.zeros((1, size), dtype=np.int64), by_run.reshape(-1, size).cumsum(axis=0)])
        self.first = first.astype(np.int32)
        self.up_to = np.zeros((len(second) + 1, second.shape[1]), dtype=np.int32)
        np.cumsum(second, axis=0, dtype=np.int32, out=self.up_to[1:])

    def before(self, run: int, columns: np.ndarray) -> np.ndarray:
        """Pairs of some draws before a run."""
        whole = len(columns) == self.first.shape[1]
        first, up_to = (self.first, self.up_to) if whole else (self.first[:, columns], self.up_to[:, columns])
        return np.einsum("ij,ij->j", first, up_to[self.earlier[run]])

    def runs_of(self, places: np.ndarray) -> np.ndarray:
        """The run in which each draw reaches each of its places, the last where it never does; bisection."""
        low, high = np.zeros_like(places), np.full_like(places, self.runs - 1)
        while (is_open := low < high).any():
            middle = (low + high + 1) // 2
            reached = np.zeros_like(places)
            for run in np.unique(middle[is_open]):
                asked = is_open & (middle == run)
                columns = np.flatnonzero(asked.any(axis=0))
                reached[:, columns] = np.where(asked[:, columns], self.before(run, columns), reached[:, columns])
            enough = reached >= places
            high = np.where(is_open & enough, middle - 1, high)
            low = np.where(is_open & ~enough, middle, low)
        return low


def counted_up(there: np.ndarray) -> np.ndarray:
    """Counts down the rows so far, (rows, draws); numpy's cumulative sum across rows takes eight times as long."""
    counts = there.astype(np.int32)
    for row in range(1, len(counts)):
        counts[row] += counts[row - 1]
    return counts


def first_reaching(reached: np.ndarray, count: np.ndarray) -> np.ndarray:
    """Row at which each column of ascending counts reaches its `count`, the last row where it never does."""
    short: np.ndarray = (reached < count.astype(reached.dtype)).view(np.int8).sum(axis=0, dtype=np.int32)
    return np.minimum(short, len(reached) - 1)
