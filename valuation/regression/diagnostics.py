"""Regression diagnostics: influence, robust slopes, rank correlation, out-of-sample fit and power."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.degrees import LEAST_DEGREES


@dataclass(frozen=True, repr=False)
class Influence(ResultMixin):
    """Influence of each company on the regression (Cook 1977).

    Attributes
    ----------
    frame : DataFrame
        Indexed by company: leverage, studentised residual (internal), cooks_distance, slope_without (the slope
        with that company left out).
    """

    frame: pd.DataFrame

    @property
    def slope_range(self) -> tuple[float, float]:
        """Smallest and largest slope with one company left out."""
        return float(self.frame["slope_without"].min()), float(self.frame["slope_without"].max())

    @property
    def most_influential(self) -> str:
        """The company with the largest Cook's distance."""
        return str(self.frame["cooks_distance"].idxmax())


def influence(x: pd.Series, y: pd.Series) -> Influence:
    """Leverage, Cook's distance and the slope without each company, in closed form (Cook 1977).

    Parameters
    ----------
    x, y : Series
        On one index, no NaN, at least four rows.
    """
    design = np.column_stack([np.ones(len(x)), x.to_numpy(dtype=float)])
    inverse = np.linalg.inv(design.T @ design)
    coefficients = inverse @ design.T @ y.to_numpy(dtype=float)
    residual = y.to_numpy(dtype=float) - design @ coefficients
    leverage = np.einsum("ij,jk,ik->i", design, inverse, design)
    variance = residual @ residual / (len(x) - 2)
    studentised = residual / np.sqrt(variance * (1 - leverage))
    without = coefficients[1] - (design @ inverse)[:, 1] * residual / (1 - leverage)
    frame = pd.DataFrame(
        {
            "leverage": leverage,
            "studentised_residual": studentised,
            "cooks_distance": studentised**2 * leverage / (1 - leverage) / 2,
            "slope_without": without,
        },
        index=x.index,
    )
    return Influence(frame)


def theil_sen(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and intercept: the median of all pairwise slopes, and of y - slope x (Sen 1968)."""
    first, second = np.triu_indices(len(x), 1)
    run = x[second] - x[first]
    usable = run != 0
    slope = float(np.median((y[second] - y[first])[usable] / run[usable]))
    return slope, float(np.median(y - slope * x))


def huber(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Slope and intercept of a Huber M-estimate (statsmodels' RLM, threshold 1.345)."""
    from statsmodels.robust.norms import HuberT
    from statsmodels.robust.robust_linear_model import RLM

    fit = RLM(y, np.column_stack([np.ones(len(x)), x]), M=HuberT()).fit()
    return float(fit.params[1]), float(fit.params[0])


def spearman(x: np.ndarray, y: np.ndarray) -> tuple[float, float]:
    """Rank correlation and its p-value from t(n - 2), ties at their mean rank; p is NaN below three degrees of freedom."""
    from scipy.special import stdtr

    ranks = pd.DataFrame({"x": x, "y": y}).rank().to_numpy()
    rho = float(np.corrcoef(ranks.T)[0, 1])
    df = len(x) - 2
    if df < LEAST_DEGREES:
        return rho, np.nan
    with np.errstate(divide="ignore"):  # a perfect order has an infinite t
        return rho, float(2 * stdtr(df, -abs(rho) * np.sqrt(np.divide(df, 1 - rho**2))))


def leave_one_out_r2(x: np.ndarray, y: np.ndarray) -> float:
    """1 - squared error of predicting each company from the others over that of the others' mean (scikit-learn)."""
    from sklearn.linear_model import LinearRegression

    others = ~np.eye(len(x), dtype=bool)
    fits = [LinearRegression().fit(x[kept, None], y[kept]) for kept in others]
    line = np.array([fit.predict(x[at, None, None]).item() for at, fit in enumerate(fits)])
    mean = np.array([y[kept].mean() for kept in others])
    return float(1 - ((y - line) ** 2).sum() / ((y - mean) ** 2).sum())


@dataclass(frozen=True, repr=False)
class Power(ResultMixin):
    """Power of the slope's t test at this sample size and noise, at a two-sided `size`.

    Attributes
    ----------
    detectable_slope : float
        The slope found in `target` of samples.
    at_estimate : float
        Chance of finding a slope as large as the estimated one, were it true. It is a function of the p-value and
        no further evidence; the detectable slope is the useful figure.
    """

    detectable_slope: float
    at_estimate: float
    size: float
    target: float
    n: int

    @property
    def detectable_premium(self) -> float:
        """The detectable slope as a premium from 0 to 100% share."""
        return float(np.expm1(self.detectable_slope))


def power(x: np.ndarray, y: np.ndarray, *, size: float = 0.05, target: float = 0.8) -> Power:
    """Power of the slope's t test at the estimated noise, noise taken as constant (noncentral t)."""
    from scipy.special import nctdtr, stdtrit

    n = len(x)
    design = np.column_stack([np.ones(n), x])
    coefficients, *_ = np.linalg.lstsq(design, y, rcond=None)
    residual = y - design @ coefficients
    se = np.sqrt(residual @ residual / (n - 2) / ((x - x.mean()) ** 2).sum())
    critical = stdtrit(n - 2, 1 - size / 2)

    def found(slope: float) -> float:
        shift = abs(slope) / se
        return float(1 - nctdtr(n - 2, shift, critical) + nctdtr(n - 2, shift, -critical))

    low, high = 0.0, se
    while found(high) < target:
        high *= 2
    for _ in range(80):
        middle = (low + high) / 2
        low, high = (middle, high) if found(middle) < target else (low, middle)
    return Power(float(high), found(float(coefficients[1])), size, target, n)
