"""Performance of a return series: growth, volatility, drawdown, Sharpe ratio, and how probable a true one is."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import ndtr, ndtri

from valuation._summary import ResultMixin
from valuation._words import count

WEEKS_PER_YEAR = 52
EULER_GAMMA = 0.5772156649015329


@dataclass(frozen=True, repr=False)
class Performance(ResultMixin):
    """Performance of a series of simple returns, fractions.

    Attributes
    ----------
    n : int
        Returns.
    total, annual : float
        Growth over the whole span, and the same rate a year.
    volatility : float
        Standard deviation (n - 1) a year.
    sharpe : float
        Mean over standard deviation, a year, cash at zero.
    skewness, kurtosis : float
        Of the returns; 0 and 3 for the normal distribution.
    drawdown : float
        Largest fall from a peak, negative; from `peak` to `trough`.
    """

    n: int
    total: float
    annual: float
    volatility: float
    sharpe: float
    skewness: float
    kurtosis: float
    drawdown: float
    peak: pd.Timestamp
    trough: pd.Timestamp


def performance(returns: pd.Series, *, start: pd.Timestamp, per_year: int = WEEKS_PER_YEAR) -> Performance:
    """Measure returns that end on the dates of their index, the first of them beginning on `start`."""
    x = returns.to_numpy(dtype=float)
    n = len(x)
    wealth = np.concatenate([[1.0], np.cumprod(1 + x)])
    fall = wealth / np.maximum.accumulate(wealth) - 1
    dates = [start, *returns.index]
    trough = int(fall.argmin())
    spread = float(x.std(ddof=1)) if n > 1 else np.nan
    centred = x - x.mean() if n else x
    deviation = float(np.sqrt((centred**2).mean())) if n else np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        return Performance(
            n=n,
            total=float(wealth[-1] - 1),
            annual=float(wealth[-1] ** (per_year / n) - 1) if n else np.nan,
            volatility=spread * np.sqrt(per_year),
            sharpe=float(np.divide(x.mean(), spread)) * np.sqrt(per_year) if n else np.nan,
            skewness=float(np.divide((centred**3).mean(), deviation**3)) if n else np.nan,
            kurtosis=float(np.divide((centred**4).mean(), deviation**4)) if n else np.nan,
            drawdown=float(fall[trough]),
            peak=dates[int(wealth[: trough + 1].argmax())],
            trough=dates[trough],
        )


DEFLATED, PROBABILISTIC = "deflated Sharpe ratio", "probabilistic Sharpe ratio"


@dataclass(frozen=True, repr=False)
class SharpeProbability(ResultMixin):
    """Probability that the true Sharpe ratio is above a threshold, given the measured one.

    With a known number of trials the threshold is the highest ratio to be expected of that many trials without skill, and
    the probability the deflated Sharpe ratio (Bailey & Lopez de Prado 2014). Where the number is not known the threshold is
    zero, and it is the probabilistic Sharpe ratio (Bailey & Lopez de Prado 2012), which allows for no search.

    Attributes
    ----------
    sharpe, threshold, probability : float
        Ratio and threshold per period.
    trials : int or None
        Independent strategies tried; None where nobody knows.
    n : int
        Returns.
    skewness, kurtosis : float
        Of the returns.
    """

    sharpe: float
    threshold: float
    probability: float
    trials: int | None
    n: int
    skewness: float
    kurtosis: float

    @property
    def name(self) -> str:
        """What the probability is called."""
        return PROBABILISTIC if self.trials is None else DEFLATED

    def __str__(self) -> str:
        tried = "number of trials not known" if self.trials is None else count(self.trials, "trial")
        return f"{self.name} {self.probability:.2f} ({tried}, n = {self.n})"


def probabilistic_sharpe(sharpe: float, threshold: float, n: int, skewness: float, kurtosis: float) -> float:
    """Probability that the true ratio is above `threshold`, all per period (Bailey & Lopez de Prado 2012)."""
    noise = 1 - skewness * sharpe + (kurtosis - 1) / 4 * sharpe**2
    return float(ndtr((sharpe - threshold) * np.sqrt(n - 1) / np.sqrt(noise)))


def luckiest(trials: int, variance: float) -> float:
    """Expected highest Sharpe ratio of independent trials whose true ratio is zero; 0 for a single one.

    sqrt(V) ((1 - g) z(1 - 1/N) + g z(1 - 1/(N e))), g Euler's constant, z the normal quantile.
    """
    if trials <= 1:
        return 0.0
    upper = (1 - EULER_GAMMA) * ndtri(1 - 1 / trials) + EULER_GAMMA * ndtri(1 - 1 / (trials * np.e))
    return float(np.sqrt(variance) * upper)


def sharpe_probability(returns: pd.Series, trials: int | None, *, variance: float | None = None) -> SharpeProbability:
    """Deflated Sharpe ratio of returns for the number of strategies tried; the probabilistic one where it is not known.

    Parameters
    ----------
    returns : Series
        Per period, in excess of the benchmark.
    trials : int or None
        Independent strategies tried, this one included.
    variance : float, optional
        Of the ratios of the trials; by default 1 / (n - 1), what trials without skill would show.
    """
    n = len(returns)
    measured = performance(returns, start=returns.index[0], per_year=1)
    threshold = 0.0 if trials is None else luckiest(trials, 1 / (n - 1) if variance is None else variance)
    return SharpeProbability(
        sharpe=measured.sharpe,
        threshold=threshold,
        probability=probabilistic_sharpe(measured.sharpe, threshold, n, measured.skewness, measured.kurtosis),
        trials=trials,
        n=n,
        skewness=measured.skewness,
        kurtosis=measured.kurtosis,
    )
