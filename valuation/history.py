"""The gap through time: does it widen, and did it jump?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.errors import NotEstimable
from valuation.newey_west import long_run_sum

LEAST_DATES = 30
DAYS_PER_YEAR = 365.25
TRIM = 0.15


@dataclass(frozen=True)
class Trend:
    """A straight line through ln(gap), with Newey-West standard errors.

    Attributes
    ----------
    growth : float
        exp(slope) - 1: how much the ratio grows in a year.
    slope, std_error, t_value, p_value : float
        Of ln(gap) per year; p from t with `df` = n - 2.
    lags : int
        Bartlett lags, floor(4 (n / 100)^(2/9)) raised to the first lag whose autocorrelation is insignificant.
    first_autocorrelation : float
        Of the residuals: near one means far fewer independent dates than n.
    """

    slope: float
    std_error: float
    t_value: float
    p_value: float
    df: int
    n: int
    lags: int
    first_autocorrelation: float

    @property
    def growth(self) -> float:
        """Growth of the ratio in a year."""
        return float(np.expm1(self.slope))

    def __str__(self) -> str:
        return (
            f"Trend of ln(gap): {self.growth:+.0%} a year, p = {self.p_value:.3f} (Newey-West, {self.lags} lags, "
            f"t({self.df}), n = {self.n} weeks, first autocorrelation {self.first_autocorrelation:.2f})"
        )


@dataclass(frozen=True)
class Break:
    """The most likely single break in the level of ln(gap).

    Attributes
    ----------
    date : Timestamp
        First date of the new level, within the middle 70% of the dates.
    before, after : float
        The gap's geometric mean on either side.
    sup_f, p_value : float
        Andrews' sup-F, and its p-value from series without a break but with the same first autocorrelation.
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
            f"Break: {self.before:.2f} before {self.date:%Y-%m-%d}, {self.after:.2f} from then; sup-F {self.sup_f:.1f}, "
            f"p = {self.p_value:.3f} (AR(1) bootstrap, B = {self.draws}, seed {self.seed}, n = {self.n} weeks)"
        )


def _logs(gap: pd.Series) -> pd.Series:
    known = gap[gap > 0].sort_index()
    if len(known) < LEAST_DATES:
        raise NotEstimable(f"a trend needs at least {LEAST_DATES} dates with a gap, there are {len(known)}")
    return np.log(known)


def trend(gap: pd.Series) -> Trend:
    """Fit ln(gap) = a + b years by OLS with Bartlett-kernel standard errors (Newey & West 1987).

    Parameters
    ----------
    gap : Series
        Indexed by date, the ratio; dates without one are NaN and left out.

    Raises
    ------
    NotEstimable
        Fewer than 30 dates.
    """
    from scipy.special import stdtr

    y = _logs(gap)
    n = len(y)
    years = (y.index - y.index[0]).days.to_numpy() / DAYS_PER_YEAR
    design = np.column_stack([np.ones(n), years])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y.to_numpy()
    residual = y.to_numpy() - design @ coefficients
    lags = _lags(residual)
    meat = long_run_sum(design * residual[:, None], lags)
    covariance = inverse @ meat @ inverse * n / (n - 2)
    se = float(np.sqrt(covariance[1, 1]))
    t = float(coefficients[1] / se)
    return Trend(
        slope=float(coefficients[1]),
        std_error=se,
        t_value=t,
        p_value=float(2 * stdtr(n - 2, -abs(t))),
        df=n - 2,
        n=n,
        lags=lags,
        first_autocorrelation=_autocorrelation(residual, 1),
    )


def _autocorrelation(residual: np.ndarray, lag: int) -> float:
    return float(residual[lag:] @ residual[:-lag] / (residual @ residual))


def _lags(residual: np.ndarray) -> int:
    """The usual rule of thumb, raised to the first lag at which the residuals' autocorrelation dies out."""
    n = len(residual)
    rule = int(4 * (n / 100) ** (2 / 9))
    bound = 1.96 / np.sqrt(n)
    for lag in range(1, n // 4):
        if abs(_autocorrelation(residual, lag)) < bound:
            return max(rule, lag)
    return max(rule, n // 4)


def level_break(gap: pd.Series, *, draws: int = 999, seed: int = 0) -> Break:
    """Find the date at which the level of ln(gap) most likely changed, and how surprising that is.

    Parameters
    ----------
    gap : Series
        Indexed by date, the ratio.
    draws, seed : int
        Of the AR(1) bootstrap under no break.

    Notes
    -----
    Sup-F over the middle 70% of the dates (Andrews 1993). Weekly gaps share most of their inputs, so textbook
    critical values, made for little dependence, would find a break in every random walk.
    """
    y = _logs(gap)
    values = y.to_numpy()
    n = len(values)
    f, at = _sup_f(values[None, :])
    centred = values - values.mean()
    rho = min(_autocorrelation(centred, 1) + (1 + 3 * _autocorrelation(centred, 1)) / n, 0.995)  # Kendall 1954
    shocks = centred[1:] - rho * centred[:-1]
    rng = np.random.default_rng(seed)
    drawn = rng.choice(shocks - shocks.mean(), size=(draws, n))
    series = np.empty((draws, n))
    series[:, 0] = drawn[:, 0] / np.sqrt(1 - rho**2)
    for step in range(1, n):
        series[:, step] = rho * series[:, step - 1] + drawn[:, step]
    null, _ = _sup_f(series)
    first = int(at[0])
    return Break(
        date=y.index[first],
        before=float(np.exp(values[:first].mean())),
        after=float(np.exp(values[first:].mean())),
        sup_f=float(f[0]),
        p_value=float((1 + (null >= f[0]).sum()) / (draws + 1)),
        n=n,
        draws=draws,
        seed=seed,
    )


def _sup_f(series: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
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
