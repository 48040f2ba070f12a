"""Ratios between two groups of companies, many cross-sections at once, with bootstrap intervals.

Every cross-section with the same group sizes shares one set of draws, and a drawn median is an order statistic: the
position of the median in a resample does not depend on the values, only on their order.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from valuation.sums import product

STATISTICS = ("median", "geometric_mean", "aggregate")
TIE = 1e-9
CHUNK_BYTES = 64_000_000
COUNTED_AT_ONCE = 2**15


@dataclass(frozen=True)
class Intervals:
    """Ratios with bias-corrected accelerated bootstrap intervals, an entry a cross-section.

    `low` and `high` are NaN where a group has fewer than two members, `ratio` too where one has none.
    """

    ratio: np.ndarray
    low: np.ndarray
    high: np.ndarray
    draws: int
    level: float
    seed: int


@dataclass(frozen=True)
class Block:
    """Cross-sections of equal group sizes: members sorted by value per MW within each group."""

    rows: np.ndarray
    value: tuple[np.ndarray, np.ndarray]
    mw: tuple[np.ndarray, np.ndarray]

    def part(self, slice_: slice) -> Block:
        return Block(
            self.rows[slice_],
            (self.value[0][slice_], self.value[1][slice_]),
            (self.mw[0][slice_], self.mw[1][slice_]),
        )


def blocks(value: np.ndarray, mw: np.ndarray, first: np.ndarray) -> Iterator[Block]:
    """Group the cross-sections by group sizes; those with an empty group are left out."""
    known = ~np.isnan(value)
    sizes = np.column_stack([(known & first).sum(axis=1), (known & ~first).sum(axis=1)])
    for n_first, n_second in np.unique(sizes, axis=0):
        if n_first == 0 or n_second == 0:
            continue
        rows = np.flatnonzero((sizes == (n_first, n_second)).all(axis=1))
        values, mws = [], []
        for member, size in ((first, n_first), (~first, n_second)):
            inside = (known & member)[rows]
            v = value[rows][inside].reshape(len(rows), size)
            m = mw[rows][inside].reshape(len(rows), size)
            order = np.argsort(v / m, axis=1, kind="stable")
            values.append(np.take_along_axis(v, order, axis=1))
            mws.append(np.take_along_axis(m, order, axis=1))
        yield Block(rows, (values[0], values[1]), (mws[0], mws[1]))


def log_level(value: np.ndarray, mw: np.ndarray, statistic: str) -> np.ndarray:
    """ln of one group's level, over the last axis; members need not be sorted."""
    if statistic == "median":
        return np.log(np.median(value / mw, axis=-1))
    if statistic == "geometric_mean":
        return np.log(value / mw).mean(axis=-1)
    return np.log(value.sum(axis=-1) / mw.sum(axis=-1))


@dataclass(frozen=True)
class Resamples:
    """Members taken in each draw.

    Attributes
    ----------
    picks : int (draws, members)
        Positions taken, ascending along each draw.
    size : int
        Members to take from.
    """

    picks: np.ndarray
    size: int

    @cached_property
    def counts(self) -> np.ndarray:
        """How often each draw takes each member, (draws, size)."""
        out = np.empty((len(self.picks), self.size))
        # Some draws at a time, whose counts stay in the processor's cache.
        step = max(1, COUNTED_AT_ONCE // self.size)
        for start in range(0, len(self.picks), step):
            some = self.picks[start : start + step]
            place = np.arange(len(some))[:, None] * self.size + some
            out[start : start + step] = np.bincount(place.ravel(), minlength=some.shape[0] * self.size).reshape(
                -1, self.size
            )
        return out


def drawn_levels(value: np.ndarray, mw: np.ndarray, statistic: str, drawn: Resamples) -> np.ndarray:
    """ln of one group's level in every resample, (rows, draws).

    Parameters
    ----------
    value, mw : (rows, size), sorted by value / mw
    drawn : Resamples
    """
    members = drawn.picks.shape[1]
    if statistic == "median":
        ratio = value / mw
        low, high = drawn.picks[:, (members - 1) // 2], drawn.picks[:, members // 2]
        return np.log((ratio[:, low] + ratio[:, high]) / 2)
    if statistic == "geometric_mean":
        return product(np.log(value / mw), drawn.counts.T) / members
    return np.log(product(value, drawn.counts.T) / product(mw, drawn.counts.T))


def bootstrap_ratios(
    value: np.ndarray,
    mw: np.ndarray,
    first: np.ndarray,
    statistic: str,
    *,
    draws: int,
    level: float,
    seed: int,
) -> Intervals:
    """Ratio of the first group's level to the second's, with BCa intervals, for every cross-section.

    Parameters
    ----------
    value, mw : (cross-sections, companies) arrays
        Positive; NaN where a company is not in a cross-section.
    first : bool array of the same shape
        Members of the first group.
    statistic : {"median", "geometric_mean", "aggregate"}
        Of value / mw; aggregate is sum(value) / sum(mw).
    draws, level, seed
        Companies are drawn with replacement within each group.

    Notes
    -----
    Efron 1987. The acceleration comes from the jackknife over both groups; ties count half in the bias correction.
    Memory is bounded by `CHUNK_BYTES` whatever the number of cross-sections and draws.
    """
    return bootstrap_statistics(value, mw, first, (statistic,), draws=draws, level=level, seed=seed)[statistic]


def bootstrap_statistics(
    value: np.ndarray,
    mw: np.ndarray,
    first: np.ndarray,
    statistics: Sequence[str],
    *,
    draws: int,
    level: float,
    seed: int,
) -> dict[str, Intervals]:
    """`bootstrap_ratios` of several statistics, which share their draws."""
    out = {name: tuple(np.full(len(value), np.nan) for _ in range(3)) for name in statistics}
    for block in blocks(value, mw, first):
        sizes = [v.shape[1] for v in block.value]
        measurable = min(sizes) >= 2
        rng = np.random.default_rng([seed, *sizes])
        drawn = [Resamples(np.sort(rng.integers(0, size, (draws, size)), axis=1), size) for size in sizes if measurable]
        step = max(1, CHUNK_BYTES // (8 * draws))
        for statistic, (ratio, low, high) in out.items():
            levels = [log_level(*group, statistic) for group in zip(block.value, block.mw, strict=True)]
            centre = levels[0] - levels[1]
            ratio[block.rows] = np.exp(centre)
            for start in range(0, len(block.rows) if measurable else 0, step):
                part = block.part(slice(start, start + step))
                each = drawn_levels(part.value[0], part.mw[0], statistic, drawn[0])
                each -= drawn_levels(part.value[1], part.mw[1], statistic, drawn[1])
                ends = _bca(each, centre[start : start + step], _acceleration(part, statistic), level)
                low[part.rows], high[part.rows] = np.exp(ends[0]), np.exp(ends[1])
    return {name: Intervals(ratio, low, high, draws, level, seed) for name, (ratio, low, high) in out.items()}


def _acceleration(block: Block, statistic: str) -> np.ndarray:
    """Skewness of the jackknife influence over both groups, an entry a cross-section."""
    cubes, squares = np.zeros(len(block.rows)), np.zeros(len(block.rows))
    for sign, value, mw in zip((1.0, -1.0), block.value, block.mw, strict=True):
        size = value.shape[1]
        without = _levels_without_each(value, mw, statistic)
        influence = sign * (size - 1) * (without.mean(axis=1, keepdims=True) - without)
        cubes += (influence**3).sum(axis=1) / size**3
        squares += (influence**2).sum(axis=1) / size**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(squares > 0, cubes / (6 * squares**1.5), 0.0)


def _levels_without_each(value: np.ndarray, mw: np.ndarray, statistic: str) -> np.ndarray:
    """ln of a group's level with each member left out in turn; (rows, size) in and out, sorted by value / mw."""
    size = value.shape[1]
    everyone = np.arange(size)
    # Without member i the others keep their order, and those from i on move up by one.
    if statistic == "median":
        ratio = value / mw
        low, high = (place + (place >= everyone) for place in ((size - 2) // 2, (size - 1) // 2))
        return np.log((np.take(ratio, low, axis=1) + np.take(ratio, high, axis=1)) / 2)
    others = np.arange(size - 1) + (np.arange(size - 1) >= everyone[:, None])
    step = max(1, CHUNK_BYTES // (8 * size * len(value)))
    parts = [others[start : start + step] for start in range(0, size, step)]
    if statistic == "geometric_mean":
        ln = np.log(value / mw)
        return np.hstack([np.take(ln, part, axis=1).mean(axis=-1) for part in parts])
    sums = ([np.take(each, part, axis=1).sum(axis=-1) for part in parts] for each in (value, mw))
    return np.log(np.hstack(next(sums)) / np.hstack(next(sums)))


def _bca(
    drawn: np.ndarray, centre: np.ndarray, acceleration: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Bias-corrected accelerated quantiles of `drawn` (rows, draws)."""
    from scipy.special import ndtr, ndtri

    draws = drawn.shape[1]
    slack = TIE * np.maximum(np.abs(centre), 1.0)[:, None]
    below = (drawn < centre[:, None] - slack).sum(axis=1)
    equal = (drawn <= centre[:, None] + slack).sum(axis=1) - below
    # Kept off 0 and 1, where the correction is infinite and the quantile would fall off the draws.
    share = np.clip((below + 0.5 * equal) / draws, 0.5 / draws, 1 - 0.5 / draws)
    bias = ndtri(share)
    drawn.sort(axis=1)
    ends = []
    for z in (ndtri((1 - level) / 2), ndtri((1 + level) / 2)):
        shifted = bias + z
        at = ndtr(bias + shifted / (1 - acceleration * shifted)) * (draws - 1)
        left = np.clip(np.floor(at).astype(np.int64), 0, draws - 2)
        rows = np.arange(len(drawn))
        weight = at - left
        ends.append(drawn[rows, left] * (1 - weight) + drawn[rows, left + 1] * weight)
    return ends[0], ends[1]


def without_each(value: np.ndarray, mw: np.ndarray, first: np.ndarray, statistic: str) -> np.ndarray:
    """The ratio of one cross-section with each company left out in turn, (companies,); NaN where a group empties."""
    size = len(value)
    repeated = np.where(np.eye(size, dtype=bool), np.nan, value[None, :])
    out = np.full(size, np.nan)
    for block in blocks(repeated, np.tile(mw, (size, 1)), np.tile(first, (size, 1))):
        out[block.rows] = np.exp(
            log_level(block.value[0], block.mw[0], statistic) - log_level(block.value[1], block.mw[1], statistic)
        )
    return out
