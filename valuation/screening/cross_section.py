"""Cross-sections on many dates at once: winsorise, z-score, rank, combine and take the best.

Arrays are (dates, names), NaN unknown. A statistic is of one date, or of one section (sector, group) of one date.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

BLOCK = 2**16  # values worked on at a time: half a megabyte stays in the cache
LEAST_NAMES = 3  # below this a mean and a standard deviation say nothing of a cross-section


class Sections:
    """Which cells make up each cross-section: the whole date, or its sections.

    Parameters
    ----------
    shape : (dates, names)
    codes : int array of that shape, optional
        Section of each cell, 0 .. sections - 1; -1 is in none and gets no statistic. Sections may change with time.
    """

    def __init__(self, shape: tuple[int, int], codes: np.ndarray | None = None) -> None:
        self.shape = shape
        self._place: np.ndarray | None = None
        if codes is None:
            return
        dates, names = shape
        count = int(codes.max(initial=-1)) + 1
        small = np.where(codes < 0, count, codes).astype(np.int16)  # numpy sorts 16 bits by radix
        order = np.argsort(small, axis=1, kind="stable")
        ordered = np.take_along_axis(small, order, axis=1).astype(np.int64)
        row = np.arange(dates)[:, None]
        sizes = np.bincount((row * (count + 1) + small).ravel(), minlength=dates * (count + 1))
        sizes = sizes.reshape(dates, count + 1)
        starts = np.cumsum(sizes, axis=1) - sizes
        position = np.arange(names) - np.take_along_axis(starts, ordered, axis=1)
        self._outside = small == count
        self._width = max(int(sizes.max(initial=0)), 1)
        self._rows = dates * (count + 1)
        self._place = np.empty(shape, dtype=np.int64)
        np.put_along_axis(self._place, order, (row * (count + 1) + ordered) * self._width + position, axis=1)

    def pack(self, x: np.ndarray) -> np.ndarray:
        """A row a cross-section, NaN where it has fewer members than the largest."""
        if self._place is None:
            return x
        packed = np.full(self._rows * self._width, np.nan)
        packed[self._place] = np.where(self._outside, np.nan, x)
        return packed.reshape(self._rows, self._width)

    def unpack(self, packed: np.ndarray) -> np.ndarray:
        """Back to (dates, names)."""
        return packed if self._place is None else packed.ravel()[self._place]


def winsorise(x: np.ndarray, tail: float, sections: Sections | None = None) -> np.ndarray:
    """Pull each cross-section's values into its `tail` and 1 - `tail` quantiles (linear interpolation).

    Parameters
    ----------
    x : float array (dates, names)
    tail : float in [0, 0.5)
        Zero leaves the values as they are.
    """
    sections = sections or Sections(x.shape)
    packed = sections.pack(x)
    unknown = np.isnan(packed)
    return sections.unpack(_winsorised(packed, tail, packed.shape[1] - np.count_nonzero(unknown, axis=1)))


def zscore(x: np.ndarray, sections: Sections | None = None) -> np.ndarray:
    """(x - mean) / standard deviation (n - 1) of each cross-section; 0 where all are equal, NaN below three names."""
    sections = sections or Sections(x.shape)
    z, unknown = _standardised(sections.pack(x), 0.0)
    return sections.unpack(np.where(unknown, np.nan, z))


def _winsorised(packed: np.ndarray, tail: float, known: np.ndarray) -> np.ndarray:
    """A copy of each row within its quantiles; `known` values a row."""
    if tail == 0:
        return packed.copy()
    ordered = np.sort(packed, axis=1)  # NaN last
    rows, last = np.arange(len(packed)), np.maximum(known - 1, 0)
    ends = []
    for share in (tail, 1 - tail):
        at = share * last
        below = np.floor(at).astype(np.int64)
        left, right = ordered[rows, below], ordered[rows, np.minimum(below + 1, last)]
        ends.append((left + (right - left) * (at - below))[:, None])
    return np.clip(packed, *ends)


def _standardised(packed: np.ndarray, tail: float) -> tuple[np.ndarray, np.ndarray]:
    """Winsorised z-scores of each row, 0 where unknown, and where they are unknown."""
    unknown = np.isnan(packed)
    known = packed.shape[1] - np.count_nonzero(unknown, axis=1)
    z = _winsorised(packed, tail, known)
    np.copyto(z, 0.0, where=unknown)
    n = known[:, None]
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        mean = z.sum(axis=1, keepdims=True) / n
        z -= mean
        np.copyto(z, 0.0, where=unknown)
        deviation = np.sqrt(np.einsum("ij,ij->i", z, z)[:, None] / (n - 1))
        z *= np.where(deviation <= 1e-12 * np.abs(mean), 0.0, 1 / deviation)
    few = known < LEAST_NAMES
    if few.any():
        z[few], unknown[few] = 0.0, True
    return z, unknown


def rank(x: np.ndarray, *, best: int = 1, sections: Sections | None = None) -> np.ndarray:
    """1 for the best of each cross-section; equals share the better rank; NaN where unknown.

    Parameters
    ----------
    best : 1 where the highest is the best, -1 where the lowest is
    """
    sections = sections or Sections(x.shape)
    packed = sections.pack(-best * x)
    return sections.unpack(_lowest_first(packed)[0])


def pct_rank(x: np.ndarray, sections: Sections | None = None) -> np.ndarray:
    """Share of the known values at or below each one, equals at the mean of their places: 1 for the single highest."""
    sections = sections or Sections(x.shape)
    first, equals, known = _lowest_first(sections.pack(x))
    with np.errstate(divide="ignore", invalid="ignore"):
        return sections.unpack((first + (equals - 1) / 2) / known[:, None])


def _lowest_first(packed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Place of each value from the lowest (1), how many share it, and how many are known in each row."""
    width = packed.shape[1]
    order = np.argsort(packed, axis=1, kind="stable")
    ordered = np.take_along_axis(packed, order, axis=1)
    new = np.ones(ordered.shape, dtype=bool)
    new[:, 1:] = ordered[:, 1:] != ordered[:, :-1]
    places = np.arange(width)
    start = np.maximum.accumulate(np.where(new, places, 0), axis=1)
    ends = np.ones(ordered.shape, dtype=bool)
    ends[:, :-1] = new[:, 1:]
    end = np.minimum.accumulate(np.where(ends, places, width)[:, ::-1], axis=1)[:, ::-1]
    unknown = np.isnan(packed)
    first, equals = np.empty(packed.shape), np.empty(packed.shape)
    np.put_along_axis(first, order, start + 1.0, axis=1)
    np.put_along_axis(equals, order, end - start + 1.0, axis=1)
    first[unknown] = np.nan
    return first, equals, width - unknown.sum(axis=1)


def composite(
    columns: Sequence[np.ndarray],
    weights: Sequence[float],
    *,
    tail: float = 0.0,
    least_coverage: float = 0.0,
    codes: np.ndarray | None = None,
    eligible: np.ndarray | None = None,
) -> np.ndarray:
    """Weighted mean of winsorised z-scores, over those that are known.

    Parameters
    ----------
    columns : arrays (dates, names)
    weights : signed; a negative one turns its z-score round
    tail : float in [0, 0.5)
        Winsorised at either end before the z-score.
    least_coverage : float in [0, 1]
        NaN where the known z-scores carry less than this share of the absolute weights.
    codes : int array, optional
        Sections to take z-scores within; see `Sections`.
    eligible : bool array, optional
        The others enter no statistic and get no score.

    Notes
    -----
    Works through blocks of dates that stay in the processor's cache, whatever the length of the history.
    """
    dates, names = columns[0].shape
    total = float(np.sum(np.abs(weights)))
    out = np.empty((dates, names))
    step = max(1, BLOCK // max(names, 1))
    for start in range(0, dates, step):
        block = slice(start, start + step)
        sections = Sections(out[block].shape, None if codes is None else codes[block])
        outside = None if eligible is None or eligible[block].all() else ~eligible[block]
        value, carried = np.zeros(out[block].shape), np.zeros(out[block].shape)
        for column, weight in zip(columns, weights, strict=True):
            x = column[block]
            if outside is not None:
                x = np.where(outside, np.nan, x)
            z, unknown = map(sections.unpack, _standardised(sections.pack(x), tail))
            z *= weight
            value += z
            carried += abs(weight) * ~unknown
        np.copyto(carried, np.nan, where=(carried < least_coverage * total - 1e-12) | (carried == 0))
        np.divide(value, carried, out=out[block])
    return out


def top(score: np.ndarray, count: int) -> np.ndarray:
    """True for the `count` highest known scores of each date; between equals the name that comes first."""
    dates, names = score.shape
    if count >= names:
        return ~np.isnan(score)
    out = np.zeros(score.shape, dtype=bool)
    if count <= 0:
        return out
    step = max(1, BLOCK // names)
    for start in range(0, dates, step):
        below = -score[start : start + step]
        last = np.sort(below, axis=1)[:, [count - 1]]  # NaN where fewer are known
        chosen = below <= np.where(np.isnan(last), np.inf, last)
        for row in np.flatnonzero(chosen.sum(axis=1) > count):
            equals = np.flatnonzero(below[row] == last[row])
            chosen[row, equals[count - (below[row] < last[row]).sum() :]] = False
        out[start : start + step] = chosen
    return out
