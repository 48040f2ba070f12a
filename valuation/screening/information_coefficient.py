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
    """Effective number of uncorrelated names: N^2 / sum of squared correlations.

    Parameters
    ----------
    returns : float array (dates, names)
        In excess of their common mean; correlations over the dates that two names share.
    """
    correlation = pd.DataFrame(returns).corr(min_periods=LEAST_WEEKS).to_numpy()
    known = ~np.isnan(np.diag(correlation))
    squares = np.nan_to_num(correlation[np.ix_(known, known)]) ** 2
    return float(known.sum() ** 2 / squares.sum()) if known.any() else np.nan


@dataclass(frozen=True, repr=False)
class Bets(ResultMixin):
    """Number of independent bets behind a result.

    Attributes
    ----------
    breadth : float
        Uncorrelated names among those held, against the universe.
    replaced : float
        How often the portfolio was replaced: the first purchase and the turnover since.
    counted : int
        Names held, added up over all decisions: what the number of bets is often taken for.
    """

    breadth: float
    replaced: float
    counted: int

    @property
    def independent(self) -> float:
        """Breadth x replacements."""
        return self.breadth * self.replaced
