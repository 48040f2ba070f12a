"""Prediction: premium of each company to the line through the others, and the band about the line of all."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

LEAST_NAMES = 6  # leaves three degrees of freedom for the noise once a company is left out


def least_others(level: float) -> int:
    """Other companies that a distribution-free prediction interval needs with the same risk in each tail: 39 at 95%.

    Notes
    -----
    The rank of a new, exchangeable value among n others is uniform on 1 to n + 1, so it lies below all of them with
    probability 1 / (n + 1), and above all with the same. Even the widest interval that n others give, from the smallest to
    the largest (order statistics, or residuals of a conformal predictor), therefore misses on each side with probability
    1 / (n + 1), which must be at most alpha / 2: n + 1 >= 2 / alpha (Vovk, Gammerman & Shafer 2005). Where only the distance
    counts and not the side, n + 1 >= 1 / alpha, 19 at 95%.
    """
    return math.ceil(2 / (1 - level) - 1e-9) - 1


def assumptions_of_interval(n: int, level: float) -> str:
    """What the prediction interval of a company rests on, and whether n companies carry one that rests on less.

    Parameters
    ----------
    n : int
        Companies in the regression, or at most so many.
    """
    needed = least_others(level)
    text = f"Prediction intervals of companies assume normal noise of equal variance about the line, t(n - 3), {level:.0%}."
    if n - 1 >= needed:
        return text
    return (
        f"{text} With n = {n} no distribution-free {level:.0%} prediction interval exists: it needs at least {needed} other "
        f"companies (others + 1 at least 2 / {1 - level:.2g}), and each company has {n - 1}."
    )


@dataclass(frozen=True)
class Distance:
    """Premium to the line, arrays (dates, names), NaN outside the sample.

    `premium` is exp(ln value - line through the others) - 1; `low` and `high` its prediction interval: a company for
    which they enclose zero is where a company with its share may well be.
    """

    premium: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray


def distance_to_line(ln_value: np.ndarray, share: np.ndarray, inside: np.ndarray, *, level: float = 0.95) -> Distance:
    """Leave-one-out prediction errors of OLS of ln_value on share, date by date, in closed form.

    Parameters
    ----------
    ln_value, share : float arrays (dates, names)
    inside : bool array of that shape
        Who is in the sample; both figures are known there.

    Notes
    -----
    With residual e and leverage h the error against the line of the others is e / (1 - h), its standard error
    s(i) / sqrt(1 - h), t(n - 3) (Belsley, Kuh & Welsch 1980, the externally studentised residual). Variance is taken
    as equal. NaN below six names and where all shares are equal.
    """
    from scipy.special import stdtrit

    n = inside.sum(axis=1, keepdims=True)
    x, y = np.where(inside, share, 0.0), np.where(inside, ln_value, 0.0)
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        dx = np.where(inside, x - x.sum(axis=1, keepdims=True) / n, 0.0)
        dy = np.where(inside, y - y.sum(axis=1, keepdims=True) / n, 0.0)
        spread = (dx**2).sum(axis=1, keepdims=True)
        able = (n >= LEAST_NAMES) & (spread > 1e-12)
        residual = dy - dx * (dx * dy).sum(axis=1, keepdims=True) / spread
        leverage = 1 / n + dx**2 / spread
        error = residual / (1 - leverage)
        squares = (residual**2).sum(axis=1, keepdims=True)
        left = np.maximum(squares - residual * error, 0.0) / (n - 3)
        half = stdtrit(n - 3, (1 + level) / 2) * np.sqrt(left / (1 - leverage))
        known = inside & able & (leverage < 1 - 1e-9)
        ends = [np.where(known, np.expm1(error + shift), np.nan) for shift in (0.0, -half, half)]
    return Distance(ends[0], ends[1], ends[2], n.ravel())


def prediction_band(share: np.ndarray, ln_value: np.ndarray, at: np.ndarray, *, level: float = 0.95) -> np.ndarray:
    """The line of ln_value on share and the prediction interval of a new company at given shares, in the value's unit.

    Parameters
    ----------
    share, ln_value : float arrays (names,)
        The sample of the regression, three names or more with different shares.
    at : float array (points,)

    Returns
    -------
    float array (points, 3)
        exp of the line, of the low end and of the high end.

    Notes
    -----
    Half width t(n - 2) s sqrt(1 + 1/n + (x - mean)^2 / Sxx) in logs: normal noise of equal variance (Draper & Smith 1998,
    section 1.4).
    """
    from scipy.special import stdtrit

    n, mean = len(share), share.mean()
    dx = share - mean
    spread = (dx**2).sum()
    slope = (dx * ln_value).sum() / spread
    fitted = ln_value.mean() + slope * (at - mean)
    noise = ((ln_value - ln_value.mean() - slope * dx) ** 2).sum() / (n - 2)
    half = stdtrit(n - 2, (1 + level) / 2) * np.sqrt(noise * (1 + 1 / n + (at - mean) ** 2 / spread))
    return np.exp(np.column_stack([fitted, fitted - half, fitted + half]))
