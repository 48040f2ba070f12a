"""Imputation estimator of staggered adoption: company and week effects of untreated cells, then treated residuals."""

from __future__ import annotations

import numpy as np

from valuation.signing.staggered import HORIZONS, LEAST_CONTROLS
from valuation.sums import product


def imputed(logs: np.ndarray, first: np.ndarray, *, horizons: np.ndarray = HORIZONS) -> np.ndarray:
    """Mean treated residual by week since signing, (h,); NaN before signing and where none can be imputed.

    Parameters
    ----------
    logs : (weeks, companies) array
        ln of the measure; NaN where unknown.
    first : int (companies,)
        Position of the first treated week; the number of weeks or more where a company has not signed.
    horizons : int (h,)

    Notes
    -----
    Borusyak, Jaravel & Spiess 2024: value = company effect + week effect, by least squares on the cells before signing; the
    effect of a treated cell is its value less both. The comparison is with a company's mean before signing, not with its
    last close: it includes the run-up, and for values that wander it is noisier than `staggered`. A treated cell counts
    where its week holds at least two untreated companies.
    """
    weeks = len(logs)
    untreated = ~np.isnan(logs) & (np.arange(weeks)[:, None] < first[None, :])
    company, week = _effects(logs, untreated)
    expected = company[None, :] + week[:, None]
    expected[untreated.sum(axis=1) < LEAST_CONTROLS] = np.nan
    residual = logs - expected
    out = np.full(len(horizons), np.nan)
    for place, h in enumerate(horizons):
        signed = np.flatnonzero(first + h < weeks)
        effects = residual[first[signed] + h, signed] if h >= 0 else np.array([])
        effects = effects[~np.isnan(effects)]
        if len(effects):
            out[place] = effects.mean()
    return out


def _effects(logs: np.ndarray, cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Company and week effects by least squares on some cells; NaN for those that the cells do not tie to the others."""
    weeks, companies = logs.shape
    if not cells.any():
        return np.full(companies, np.nan), np.full(weeks, np.nan)
    tied_weeks, tied_companies = _largest_block(cells)
    block = np.ix_(tied_weeks, tied_companies)
    used = cells[block].astype(float)
    values = np.where(cells[block], logs[block], 0.0)
    # The week effects taken out, a row and a column a company remain: least squares on a dummy a week as well gives the
    # same, and takes a hundred times as long on all cores.
    in_week = used.sum(axis=1)
    week_means = values.sum(axis=1) / in_week
    shared = product(used.T, used / in_week[:, None])
    own = values.sum(axis=0) - product(used.T, week_means)
    # One effect is free; the solution of least length settles it, and every sum of a company's and a week's is unique.
    of_company = np.linalg.lstsq(np.diag(used.sum(axis=0)) - shared, own, rcond=None)[0]
    of_week = week_means - product(used, of_company) / in_week
    company, week = np.full(companies, np.nan), np.full(weeks, np.nan)
    company[tied_companies], week[tied_weeks] = of_company, of_week
    return company, week


def _largest_block(cells: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Weeks and companies of the largest connected set of cells: sums of effects of two sets cannot be compared."""
    blocks = []
    left = np.asarray(cells.any(axis=0))
    while left.any():
        companies = np.arange(len(left)) == np.argmax(left)
        size = 0
        while companies.sum() > size:
            size = int(companies.sum())
            weeks = np.asarray(cells[:, companies].any(axis=1))
            companies = np.asarray(cells[weeks].any(axis=0))
        blocks.append((weeks, companies))
        left = left & ~companies
    return max(blocks, key=lambda block: cells[np.ix_(*block)].sum())
