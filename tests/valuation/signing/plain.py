"""The signing study in plain loops, written from METHODS section 11 and not from the code."""

from __future__ import annotations

import numpy as np


def excess(logs, first, h, company):
    """One event's change to week h less the mean change of those that have not signed; NaN where fewer than two."""
    event, base = first[company], first[company] - 1
    row = event + h
    if row < 0 or row >= len(logs):
        return np.nan
    own = logs[row][company] - logs[base][company]
    others = []
    for other in range(len(first)):
        unsigned = first[other] > max(row, base)
        change = logs[row][other] - logs[base][other]
        if other != company and unsigned and not np.isnan(change):
            others.append(change)
    if np.isnan(own) or len(others) < 2:
        return np.nan
    return own - sum(others) / len(others)


def estimate(logs, first, h):
    """Mean over the events."""
    each = [excess(logs, first, h, company) for company in range(len(first)) if first[company] < len(logs)]
    each = [one for one in each if not np.isnan(one)]
    return sum(each) / len(each) if each else np.nan


def permutation(logs, first, h, orders):
    """Two-sided p over given orders of the companies, and the interval at 95%."""
    observed = estimate(logs, first, h)
    permuted = [estimate(logs, [first[j] for j in order], h) for order in orders]
    permuted = sorted(one for one in permuted if not np.isnan(one))
    tol = 1e-12
    above = sum(one >= observed - tol for one in permuted)
    below = sum(one <= observed + tol for one in permuted)
    p = min(1.0, 2 * (1 + min(above, below)) / (1 + len(permuted)))
    tail = int(0.025 * (len(permuted) + 1) + 1e-9)
    return p, observed - permuted[-tail], observed - permuted[tail - 1]


def two_way_fixed_effects(logs, first):
    """Coefficient of `has signed` in least squares on company and week dummies."""
    weeks, companies = logs.shape
    rows, y = [], []
    for t in range(weeks):
        for j in range(companies):
            row = np.zeros(1 + weeks + companies)
            row[0], row[1 + t], row[1 + weeks + j] = t >= first[j], 1.0, 1.0
            rows.append(row)
            y.append(logs[t, j])
    return np.linalg.lstsq(np.array(rows), np.array(y), rcond=None)[0][0]
