"""Information coefficient: rank correlation of scores and forward returns, and the number of independent bets."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin

LEAST_NAMES = 5  # scored names that a rank correlation needs
LEAST_WEEKS = 26  # common returns that a correlation of two names needs


def last_known(closes: np.ndarray) -> np.ndarray:
    """Each close, or the last one before it."""
    return pd.DataFrame(closes).ffill().to_numpy()


def forward_returns(closes: np.ndarray, trades: np.ndarray, horizon: int) -> np.ndarray:
    """Return of each name over the `horizon` closes after each trade; NaN without a close on the day or past the end."""
    carried = last_known(closes)
    out = np.full((len(trades), closes.shape[1]), np.nan)
    inside = trades + horizon < len(closes)
    start = trades[inside]
    out[inside] = np.where(np.isnan(closes[start]), np.nan, carried[start + horizon] / carried[start] - 1)
    return out


def information(score: np.ndarray, forward: np.ndarray) -> np.ndarray:
    """Spearman correlation of score and forward return over the names of each date; NaN below five names.

    Parameters
    ----------
    score, forward : float arrays (decisions, names)
    """
    out = np.full(len(score), np.nan)
    for i, (s, f) in enumerate(zip(score, forward, strict=True)):
        both = ~(np.isnan(s) | np.isnan(f))
        if both.sum() >= LEAST_NAMES:
            a, b = (pd.Series(v[both]).rank().to_numpy() for v in (s, f))
            a, b = a - a.mean(), b - b.mean()
            scale = np.sqrt((a @ a) * (b @ b))
            out[i] = a @ b / scale if scale > 0 else np.nan
    return out


def effective_names(returns: np.ndarray) -> float:
    """Effective number of uncorrelated names, N / (1 + (N - 1) r2), r2 the mean squared correlation of two of them.

    Parameters
    ----------
    returns : float array (dates, names)
        NaN unknown; names without a return of their own are no names.

    Returns
    -------
    float
        1 where all move as one, N where none correlate; NaN without names, or where no two share 26 returns.

    Notes
    -----
    With every correlation known it is N^2 over the sum of squared correlations, the inverse Herfindahl index of the
    correlation matrix's eigenvalues (participation ratio; Meucci 2009 takes the exponential of their entropy). Correlations
    are over the dates that two names share; a pair with fewer than 26 counts as the mean of the others, not as
    uncorrelated. A sampled correlation is never quite zero, so the number errs on the low side.
    """
    known = ~np.isnan(returns).all(axis=0)
    n = int(known.sum())
    if n < 2:
        return float(n) if n else np.nan
    correlation = pd.DataFrame(returns[:, known]).corr(min_periods=LEAST_WEEKS).to_numpy()
    pairs = correlation[np.triu_indices(n, 1)]
    if np.isnan(pairs).all():
        return np.nan
    return float(n / (1 + (n - 1) * np.nanmean(pairs**2)))


def breadth_of(returns: np.ndarray, held: np.ndarray) -> float:
    """Mean over decisions of the effective number of the names that each holds; NaN where no decision can be measured.

    Parameters
    ----------
    returns : float array (dates, names)
    held : bool array (decisions, names)
    """
    portfolios, times = np.unique(held[held.any(axis=1)], axis=0, return_counts=True)
    each = np.array([effective_names(returns[:, one]) for one in portfolios])
    known = ~np.isnan(each)
    return float(np.average(each[known], weights=times[known])) if known.any() else np.nan


@dataclass(frozen=True, repr=False)
class Bets(ResultMixin):
    """Number of independent bets behind a result (the breadth of Grinold 1989).

    Attributes
    ----------
    breadth : float
        Effective number of uncorrelated names among those held at a time, by the correlations of their own returns over the
        universe's mean: the returns that a result against the universe rests on.
    absolute : float
        The same by the correlations of their returns as they are, which share bitcoin and the market.
    replaced : float
        How often the portfolio was replaced: the first purchase and the turnover since.
    counted : int
        Names held, added up over all decisions: what the number of bets is often taken for.
    """

    breadth: float
    absolute: float
    replaced: float
    counted: int

    @property
    def independent(self) -> float:
        """Breadth x replacements."""
        return self.breadth * self.replaced
