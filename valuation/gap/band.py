"""Simultaneous bands around a weekly gap: from its leave-one-company-out paths, and from resampled companies.

On simulated walks of 53 and 104 weeks without a gap (6 against 6, 10 against 3, 4 against 7) the first holds the truth in 91
to 97% of the weeks, but in every week of only 38 to 75% of the histories: a dozen paths, each off by one company, cannot
show how far a hundred weeks may stray. The second resamples companies with their whole histories and holds it in every week
of 85 to 97% (`benchmarks/size.py`).
"""

from __future__ import annotations

import numpy as np
from scipy.special import ndtri

from valuation.gap.pairwise_median import drawn_medians

Groups = list[tuple[np.ndarray, np.ndarray]]


def jackknife_error(without: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Jackknife standard error of each week over its companies, (weeks,).

    Parameters
    ----------
    without : (weeks, companies) array
        The log ratio without each company.
    member : bool array of the same shape
        Whether the company is in a group in the week.
    """
    n = member.sum(axis=1)
    return np.asarray(np.sqrt((n - 1) / n * (_away(without, member) ** 2).sum(axis=1)))


def leave_one_out_critical(without: np.ndarray, member: np.ndarray, error: np.ndarray, level: float) -> float:
    """Half-width of the band in standard errors: the `level` quantile over the leave-one-out paths of their largest
    deviation from the week's mean of them, scaled to unit variance; never below the normal quantile of one week."""
    n = member.sum(axis=1)
    # Over a week's companies the squared deviations average error^2 / (n - 1).
    scaled = _over(np.abs(_away(without, member)) * np.sqrt(n - 1)[:, None], error[:, None])
    largest = scaled.max(axis=0)[member.any(axis=0)]
    return max(float(np.quantile(largest, level)), float(ndtri(0.5 + level / 2)))


def bootstrap_critical(
    values: np.ndarray, groups: Groups, path: np.ndarray, error: np.ndarray, *, draws: int, level: float, seed: int
) -> float:
    """Half-width of the band in standard errors: the `level` quantile over draws of companies of the largest deviation of
    the redrawn path from the path, in the week's standard errors.

    Parameters
    ----------
    values : (weeks, companies) array
        Logs in the measured weeks.
    groups : list of (first, second)
        Columns of the two groups, a pair a week.
    path, error : (weeks,) arrays
        The log Hodges-Lehmann ratio and its jackknife standard error.
    draws, seed : int
        Companies are drawn with replacement, with their whole histories, among those that spent most weeks in the same
        group. A week whose group is empty in a draw takes no part in that draw.
    """
    rng = np.random.default_rng(seed)
    balance = np.zeros(values.shape[1])
    seen = np.zeros(values.shape[1], dtype=bool)
    for first, second in groups:
        balance[first] += 1
        balance[second] -= 1
        seen[first] = seen[second] = True
    counts = np.zeros((values.shape[1], draws), dtype=np.int32)
    for stratum in (np.flatnonzero(seen & (balance > 0)), np.flatnonzero(seen & (balance <= 0))):
        if len(stratum):
            even = np.full(len(stratum), 1 / len(stratum))
            counts[stratum] = rng.multinomial(len(stratum), even, size=draws).T
    largest = np.zeros(draws)
    for week, (first, second) in enumerate(groups):
        if error[week] > 0:
            value = values[week]
            drawn = drawn_medians(value[first], value[second], counts[first], counts[second])
            away = np.abs(drawn - path[week]) / error[week]
            largest = np.fmax(largest, away)
    return max(float(np.quantile(largest, level)), float(ndtri(0.5 + level / 2)))


def _away(without: np.ndarray, member: np.ndarray) -> np.ndarray:
    """Deviation of each path from the week's mean of the members' paths, 0 for the others."""
    mean = np.where(member, without, 0.0).sum(axis=1) / member.sum(axis=1)
    return np.where(member, without - mean[:, None], 0.0)


def _over(top: np.ndarray, bottom: np.ndarray) -> np.ndarray:
    return np.divide(top, bottom, out=np.zeros_like(top), where=bottom > 0)
