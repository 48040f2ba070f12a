"""Trend and level break of the weekly gap, by tests that allow for autocorrelation.

Neighbouring weeks share balance sheets, megawatts and most of a price, so weeks are far from independent. Newey-West
standard errors with t tables find a trend in 13 to 53 of 100 series that have none (53 to 145 weeks, autocorrelation 0.6
to 0.95); both tests here take their p-values from series without a trend or break that are as autocorrelated as the one
at hand, and find one in 5 to 14, and a break in 2 to 4, of 100 (`benchmarks/size.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.errors import NotEstimable

LEAST_DATES = 30
DAYS_PER_YEAR = 365.25
TRIM = 0.15
MOST_PERSISTENT = 0.995


@dataclass(frozen=True, repr=False)
class Trend(ResultMixin):
    """Linear trend of ln(gap).

    Attributes
    ----------
    slope, std_error, t_value : float
        Of ln(gap) per year; Newey-West standard error with `lags` Bartlett lags.
    p_value : float
        Share of trendless AR(1) series, drawn from the residuals at `persistence`, with |t| at least as large.
    low, high : float
        Interval of the slope at `level`: the slopes whose |t| would be rejected by no more of those series.
    lags : int
        1.3 sqrt(n), as Lazarus, Lewis, Stock & Watson (2018) advise for size.
    persistence : float
        First autocorrelation of the residuals, corrected for its bias.
    """

    slope: float
    std_error: float
    t_value: float
    p_value: float
    low: float
    high: float
    level: float
    n: int
    lags: int
    persistence: float
    draws: int
    seed: int

    @property
    def growth(self) -> float:
        """Growth of the ratio in a year."""
        return float(np.expm1(self.slope))

    @property
    def independent_weeks(self) -> float:
        """Effective number of independent weeks, n (1 - rho) / (1 + rho), at least one."""
        return max(self.n * (1 - self.persistence) / (1 + self.persistence), 1.0)

    def __str__(self) -> str:
        return (
            f"Trend: the gap changes by a factor of {np.exp(self.slope):.2f} a year "
            f"({np.exp(self.low):.2f} to {np.exp(self.high):.2f}), p = {self.p_value:.3f} "
            f"(Newey-West t, {self.lags} lags; p and {self.level:.0%} interval by AR(1) bootstrap at rho = "
            f"{self.persistence:.2f}, B = {self.draws}, seed {self.seed}; n = {self.n} weeks)"
        )


@dataclass(frozen=True, repr=False)
class Break(ResultMixin):
    """The most likely single break in the level of ln(gap).

    Attributes
    ----------
    date : Timestamp
        First date of the new level, within the middle 70% of the dates.
    before, after : float
        The gap's geometric mean on either side.
    sup_f, p_value : float
        Andrews' sup-F, and its p-value from series without a break but as autocorrelated.
    """

    date: pd.Timestamp
    before: float
    after: float
    sup_f: float
    p_value: float
    n: int
    draws: int
    seed: int

    def __str__(self) -> str:
        return (
            f"Level break: {self.before:.2f} before {self.date:%Y-%m-%d}, {self.after:.2f} from then; "
            f"sup-F {self.sup_f:.1f}, p = {self.p_value:.3f} "
            f"(AR(1) bootstrap, B = {self.draws}, seed {self.seed}, n = {self.n} weeks)"
        )


def _logs(gap: pd.Series) -> pd.Series:
    known = gap[gap > 0].sort_index()
    if len(known) < LEAST_DATES:
        raise NotEstimable(f"a trend needs at least {LEAST_DATES} dates with a gap, there are {len(known)}")
    logs = np.log(known)
    if np.ptp(logs.to_numpy()) < 1e-12:
        raise NotEstimable(f"the gap is the same on all {len(known)} dates")
    return logs


def trend(gap: pd.Series, *, level: float = 0.95, draws: int = 999, seed: int = 0) -> Trend:
    """Fit ln(gap) = a + b years, with a p-value and an interval that allow for the autocorrelation of the weeks.

    Parameters
    ----------
    gap : Series
        Indexed by date, the ratio; dates without one are NaN and left out.
    draws, seed : int
        Of the AR(1) bootstrap under no trend.

    Raises
    ------
    NotEstimable
        Fewer than 30 dates, or a gap that never moves.
    """
    y = _logs(gap)
    n = len(y)
    years = (y.index - y.index[0]).days.to_numpy() / DAYS_PER_YEAR
    lags = int(1.3 * np.sqrt(n))
    (slope,), (error,), (residual,) = _line(y.to_numpy()[None, :], years, lags)
    rho = _capped(detrended_autocorrelation(residual))
    null_slope, null_error, _ = _line(_autoregressive(residual, rho, draws, seed), years, lags)
    t, null = abs(slope / error), np.abs(null_slope / null_error)
    # The |t| beyond which p = (1 + larger draws) / (B + 1) is at most 1 - level.
    allowed = int((1 - level) * (draws + 1) + 1e-9)
    half = float(np.sort(null)[-allowed] * error) if allowed else np.inf
    return Trend(
        slope=float(slope),
        std_error=float(error),
        t_value=float(slope / error),
        p_value=float((1 + (null >= t).sum()) / (draws + 1)),
        low=float(slope) - half,
        high=float(slope) + half,
        level=level,
        n=n,
        lags=lags,
        persistence=rho,
        draws=draws,
        seed=seed,
    )


def _line(series: np.ndarray, years: np.ndarray, lags: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Slopes, Newey-West standard errors and residuals, a row a series; small-sample factor n / (n - 2)."""
    n = series.shape[1]
    x = years - years.mean()
    spread = x @ x
    slope = series @ x / spread
    residual = series - series.mean(axis=1, keepdims=True) - np.outer(slope, x)
    scores = residual * x
    meat = np.einsum("ij,ij->i", scores, scores)
    for lag in range(1, lags + 1):
        meat += 2 * (1 - lag / (lags + 1)) * np.einsum("ij,ij->i", scores[:, lag:], scores[:, :-lag])
    return slope, np.sqrt(meat * n / (n - 2)) / spread, residual


def detrended_autocorrelation(residual: np.ndarray) -> float:
    """First autocorrelation of residuals about a line, Kendall's bias of it, -(2 + 4 rho) / n, taken back out."""
    n = len(residual)
    return (n * _autocorrelation(residual) + 2) / (n - 4)


def _autocorrelation(residual: np.ndarray) -> float:
    return float(residual[1:] @ residual[:-1] / (residual @ residual))


def _capped(rho: float) -> float:
    return float(min(rho, MOST_PERSISTENT))


def _autoregressive(residual: np.ndarray, rho: float, draws: int, seed: int) -> np.ndarray:
    """Stationary AR(1) series as long as `residual`, (draws, n), from its resampled shocks."""
    n = len(residual)
    shocks = residual[1:] - rho * residual[:-1]
    drawn = np.random.default_rng(seed).choice(shocks - shocks.mean(), size=(draws, n))
    series = np.empty((draws, n))
    series[:, 0] = drawn[:, 0] / np.sqrt(1 - rho**2)
    for step in range(1, n):
        series[:, step] = rho * series[:, step - 1] + drawn[:, step]
    return series


def level_break(gap: pd.Series, *, draws: int = 999, seed: int = 0) -> Break:
    """Find the most likely date of a change in the level of ln(gap), with its p-value.

    Parameters
    ----------
    gap : Series
        Indexed by date, the ratio.
    draws, seed : int
        Of the AR(1) bootstrap under no break.

    Raises
    ------
    NotEstimable
        As `trend`.

    Notes
    -----
    Sup-F over the middle 70% of the dates (Andrews 1993). Textbook critical values, made for little dependence, would
    find a break in every random walk.
    """
    y = _logs(gap)
    values = y.to_numpy()
    n = len(values)
    (f,), (first,) = sup_f(values[None, :])
    centred = values - values.mean()
    # Kendall (1954): the first autocorrelation about an estimated mean is too small by (1 + 3 rho) / n.
    rho = _capped(_autocorrelation(centred) + (1 + 3 * _autocorrelation(centred)) / n)
    null, _ = sup_f(_autoregressive(centred, rho, draws, seed))
    return Break(
        date=y.index[first],
        before=float(np.exp(values[:first].mean())),
        after=float(np.exp(values[first:].mean())),
        sup_f=float(f),
        p_value=float((1 + (null >= f).sum()) / (draws + 1)),
        n=n,
        draws=draws,
        seed=seed,
    )


def sup_f(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Largest F of a change in mean over the middle dates, and the first index of the new level; rows are series."""
    n = series.shape[1]
    first, last = max(int(TRIM * n), 2), n - max(int(TRIM * n), 2)
    size = np.arange(first, last + 1)
    total = series.sum(axis=1, keepdims=True)
    left = np.cumsum(series, axis=1)[:, size - 1]
    between = left**2 / size + (total - left) ** 2 / (n - size) - total**2 / n
    within = ((series - series.mean(axis=1, keepdims=True)) ** 2).sum(axis=1, keepdims=True) - between
    f = between / (within / (n - 2))
    best = f.argmax(axis=1)
    return f[np.arange(len(f)), best], size[best]
