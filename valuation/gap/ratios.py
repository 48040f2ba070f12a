"""Ratios between two groups of companies, many cross-sections at once, with bootstrap intervals.

Every cross-section with the same group sizes shares one set of draws, and a drawn median is an order statistic: the
position of the median in a resample does not depend on the values, only on their order.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtr, ndtri

STATISTICS = ("median", "geometric_mean", "aggregate")
TIE = 1e-9
CHUNK_BYTES = 64_000_000


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


def drawn_levels(value: np.ndarray, mw: np.ndarray, statistic: str, picks: np.ndarray) -> np.ndarray:
    """ln of one group's level in every resample, (rows, draws).

    Parameters
    ----------
    value, mw : (rows, size), sorted by value / mw
    picks : int (draws, members)
        Positions taken, ascending along each draw.
    """
    if statistic == "median":
        ratio = value / mw
        members = picks.shape[1]
        low, high = picks[:, (members - 1) // 2], picks[:, members // 2]
        return np.log((ratio[:, low] + ratio[:, high]) / 2)
    size = value.shape[1]
    place = np.arange(len(picks))[:, None] * size + picks
    counts = np.bincount(place.ravel(), minlength=len(picks) * size).reshape(len(picks), size).astype(float)
    if statistic == "geometric_mean":
        return np.log(value / mw) @ counts.T / picks.shape[1]
    return np.log((value @ counts.T) / (mw @ counts.T))


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
    ratio, low, high = (np.full(len(value), np.nan) for _ in range(3))
    for block in blocks(value, mw, first):
        centre = log_level(block.value[0], block.mw[0], statistic) - log_level(block.value[1], block.mw[1], statistic)
        ratio[block.rows] = np.exp(centre)
        sizes = [v.shape[1] for v in block.value]
        if min(sizes) < 2:
            continue
        rng = np.random.default_rng([seed, *sizes])
        picks = [np.sort(rng.integers(0, size, (draws, size)), axis=1) for size in sizes]
        step = max(1, CHUNK_BYTES // (8 * draws))
        for start in range(0, len(block.rows), step):
            part = block.part(slice(start, start + step))
            drawn = drawn_levels(part.value[0], part.mw[0], statistic, picks[0])
            drawn -= drawn_levels(part.value[1], part.mw[1], statistic, picks[1])
            ends = _bca(drawn, centre[start : start + step], _acceleration(part, statistic), level)
            low[part.rows], high[part.rows] = np.exp(ends[0]), np.exp(ends[1])
    return Intervals(ratio, low, high, draws, level, seed)


def _acceleration(block: Block, statistic: str) -> np.ndarray:
    """Skewness of the jackknife influence over both groups, an entry a cross-section."""
    cubes, squares = np.zeros(len(block.rows)), np.zeros(len(block.rows))
    for sign, value, mw in zip((1.0, -1.0), block.value, block.mw, strict=True):
        size = value.shape[1]
        without = np.stack(
            [log_level(np.delete(value, i, axis=1), np.delete(mw, i, axis=1), statistic) for i in range(size)], axis=1
        )
        influence = sign * (size - 1) * (without.mean(axis=1, keepdims=True) - without)
        cubes += (influence**3).sum(axis=1) / size**3
        squares += (influence**2).sum(axis=1) / size**2
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(squares > 0, cubes / (6 * squares**1.5), 0.0)


def _bca(
    drawn: np.ndarray, centre: np.ndarray, acceleration: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray]:
    """Bias-corrected accelerated quantiles of `drawn` (rows, draws)."""
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
