"""Staggered difference-in-differences around first contracts, with a joint permutation of their dates.

Each event is compared with the companies that have not signed by the week in question, never with earlier signers:
two-way fixed effects make that comparison and are biased where effects grow or differ (Goodman-Bacon 2021; Callaway &
Sant'Anna 2021).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.errors import InvalidInput

BEFORE, AFTER = -13, 26
HORIZONS = np.arange(BEFORE, AFTER + 1)
LEAST_CONTROLS = 2
LEAST_EVENTS = 3  # fewer and there is an estimate without interval and p
CHUNK = 64  # permutations at once


@dataclass(frozen=True)
class Staggered:
    """Changes in logs around first contracts in excess of companies that have not signed, an entry a week h.

    Attributes
    ----------
    horizons : int (h,)
        Weeks from the first close on or after the announcement (0); -1 is the last close before it.
    estimate : (h,)
        Mean over events of the change from week -1 to week h in excess of the mean change of the controls.
    low, high : (h,)
        The estimate less the upper and lower quantile of the permuted estimates.
    p : (h,)
        min(1, 2 min(P(permuted >= estimate), P(permuted <= estimate))), each (b + 1) / (B + 1): at most 1 - level exactly
        where the interval excludes 0.
    events, controls : (h,)
        Events behind the estimate, and the mean number of their controls.
    each : (events, h)
        The excess change of each event; NaN where it or two controls are unknown.
    owners : int (events,)
        Column of each event's company.
    permutations : int (h,)
        B: permutations that have an estimate.
    level : float
    seed : int
    """

    horizons: np.ndarray
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    events: np.ndarray
    controls: np.ndarray
    each: np.ndarray
    owners: np.ndarray
    permutations: np.ndarray
    level: float
    seed: int

    def without_each(self) -> np.ndarray:
        """The estimate without each event, (events, h); NaN where no other event is known."""
        known = ~np.isnan(self.each)
        filled = np.where(known, self.each, 0.0)
        left = known.sum(axis=0) - known
        total = filled.sum(axis=0) - filled
        return np.divide(total, left, out=np.full(total.shape, np.nan), where=left > 0)


def staggered(
    logs: np.ndarray,
    first: np.ndarray,
    *,
    horizons: np.ndarray = HORIZONS,
    permutations: int = 999,
    level: float = 0.95,
    seed: int = 0,
) -> Staggered:
    """Mean excess change around first contracts for every week, with permutation intervals.

    Parameters
    ----------
    logs : (weeks, companies) array
        ln of the measure; NaN where unknown.
    first : int (companies,)
        Position of the first week that ends on or after the announcement, at least 1; the number of weeks or more where a
        company has not signed.
    horizons : int (h,)
    permutations, seed : int
        The dates are permuted jointly over all companies, those that never sign included.
    level : float

    Raises
    ------
    InvalidInput
        Shapes that do not fit, or a company that signed before the first week.

    Notes
    -----
    Controls of an event in week h are the other companies that have not signed by that week (before the announcement: by the
    last close before it) and whose change is known; at least two. Under the null of no effect the dates are exchangeable
    over companies.
    """
    weeks, companies = logs.shape
    first = np.minimum(np.asarray(first, dtype=int), weeks)
    if first.shape != (companies,):
        raise InvalidInput(f"first holds {first.shape} dates, expected {companies}")
    if (first < 1).any():
        raise InvalidInput("a company signed before the first week: it has no close before its contract")
    owners = np.flatnonzero(first < weeks)
    worlds = _Worlds.of(logs, first, owners, np.asarray(horizons))
    same = np.arange(companies)[None]
    (each,), (counts,) = worlds.excess(same)
    estimate = _mean(each)
    known = ~np.isnan(each)
    rng = np.random.default_rng(seed)
    drawn = rng.permuted(np.tile(np.arange(companies), (permutations, 1)), axis=1)
    parts = [_mean(worlds.excess(drawn[start : start + CHUNK])[0], axis=1) for start in range(0, permutations, CHUNK)]
    permuted = np.concatenate(parts) if parts else np.empty((0, len(horizons)))
    low, high, p, held = _inference(estimate, permuted, level)
    few = known.sum(axis=0) < LEAST_EVENTS
    return Staggered(
        horizons=np.asarray(horizons),
        estimate=estimate,
        low=np.where(few, np.nan, low),
        high=np.where(few, np.nan, high),
        p=np.where(few, np.nan, p),
        events=known.sum(axis=0),
        controls=_mean(np.where(known, counts, np.nan)),
        each=each,
        owners=owners,
        permutations=held,
        level=level,
        seed=seed,
    )


@dataclass(frozen=True)
class _Worlds:
    """The changes around each week of first contracts, whoever is said to have signed in it."""

    changes: np.ndarray  # (signing weeks, h, companies), 0 where unknown
    known: np.ndarray
    cut: np.ndarray  # (signing weeks, h): controls sign after this week
    starts: np.ndarray  # (signing weeks,)
    signed_in: np.ndarray  # (events,): place of the event's week among them
    first: np.ndarray
    owners: np.ndarray

    @classmethod
    def of(cls, logs: np.ndarray, first: np.ndarray, owners: np.ndarray, horizons: np.ndarray) -> _Worlds:
        weeks = len(logs)
        # Companies that signed in one week have the same controls but for each other.
        starts, signed_in = np.unique(first[owners], return_inverse=True)
        rows = starts[:, None] + horizons
        inside = (rows >= 0) & (rows < weeks)
        changes = logs[np.clip(rows, 0, weeks - 1)] - logs[starts - 1][:, None, :]
        changes = np.where(inside[..., None], changes, np.nan)
        known = ~np.isnan(changes)
        cut = np.maximum(rows, starts[:, None] - 1)
        return cls(np.where(known, changes, 0.0), known, cut, starts, signed_in, first, owners)

    def excess(self, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Excess change of each event and number of its controls, (orders, events, h), where company j has the date of
        company `order[:, j]`."""
        first = self.first[order]
        # Who has the date of each event's company: the inverse of the order.
        owner = np.argsort(order, axis=1)[:, self.owners]
        later = np.maximum(self.cut, self.starts[:, None])
        control = first[:, None, None, :] > later[None, :, :, None]
        count = np.einsum("pehc,ehc->peh", control, self.known.astype(np.int64))[:, self.signed_in]
        total = np.einsum("pehc,ehc->peh", control, self.changes)[:, self.signed_in]
        events = self.signed_in[None, :]
        own, known = self.changes[events, :, owner], self.known[events, :, owner]
        # Before the announcement those who sign in the same week are controls of each other.
        together = (self.cut < self.starts[:, None])[self.signed_in]
        count = count + np.where(together, self._of_week(known.astype(np.int64)) - known, 0)
        total = total + np.where(together, self._of_week(own) - own, 0.0)
        usable = known & (count >= LEAST_CONTROLS)
        return own - np.divide(total, count, out=np.full(total.shape, np.nan), where=usable), count

    def _of_week(self, each: np.ndarray) -> np.ndarray:
        """Sums over the events of one week, (orders, events, h)."""
        sums = np.zeros((len(each), len(self.starts), each.shape[-1]), dtype=each.dtype)
        for event, place in enumerate(self.signed_in):
            sums[:, place] += each[:, event]
        return sums[:, self.signed_in]


def _mean(each: np.ndarray, axis: int = 0) -> np.ndarray:
    """Mean of the known entries along an axis; NaN where there is none."""
    known = ~np.isnan(each)
    count = known.sum(axis=axis)
    total = np.where(known, each, 0.0).sum(axis=axis)
    return np.divide(total, count, out=np.full(count.shape, np.nan), where=count > 0)


def _inference(
    estimate: np.ndarray, permuted: np.ndarray, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Interval, p and number of permutations of each week; NaN where they are too few for the level."""
    low, high, p = (np.full(len(estimate), np.nan) for _ in range(3))
    held = (~np.isnan(permuted)).sum(axis=0)
    for h, one in enumerate(estimate):
        draws = np.sort(permuted[:, h][~np.isnan(permuted[:, h])])
        # The largest count whose two-sided p is at most 1 - level.
        tail = int((1 - level) / 2 * (len(draws) + 1) + 1e-9)
        if tail < 1:
            continue
        low[h], high[h] = one - draws[-tail], one - draws[tail - 1]
        above, below = len(draws) - np.searchsorted(draws, one, "left"), np.searchsorted(draws, one, "right")
        p[h] = min(1.0, 2 * (1 + min(above, below)) / (len(draws) + 1))
    return low, high, p, held
