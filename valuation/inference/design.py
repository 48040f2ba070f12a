"""One coefficient of a regression taken apart, and the two tests that need no draws: HC3 with t, HC2 with
Bell-McCaffrey degrees of freedom."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation._summary import ResultMixin
from valuation.degrees import LEAST_DEGREES, require_degrees
from valuation.errors import NotEstimable
from valuation.sums import product

# Residuals below this share of the response are rounding: the line passes through every observation.
NO_NOISE = 1e-12


@dataclass(frozen=True, repr=False)
class CoefficientTest(ResultMixin):
    """A two-sided test of one coefficient.

    Attributes
    ----------
    estimate, std_error, t_value, p_value : float
    low, high : float
        Interval at the level asked for; NaN where the method gives none, inf where a side is unbounded.
    df : float
        Degrees of freedom of the reference t; NaN for a resampling method.
    n : int
    method : str
    draws : int
        0 for an analytic method; every sign vector or permutation where `exact`.
    exact : bool
        No Monte Carlo error.
    seed : int or None
    note : str
        Why p and interval are not meaningful; empty where they are.
    """

    # pytest would take a class of this name for a test case.
    __test__ = False

    estimate: float
    std_error: float
    t_value: float
    p_value: float
    low: float
    high: float
    df: float
    n: int
    method: str
    draws: int = 0
    exact: bool = True
    seed: int | None = None
    note: str = ""


@dataclass(frozen=True)
class Design:
    """Sufficient parts of a regression for tests of one coefficient; nothing of it is larger than (n, columns).

    Attributes
    ----------
    x : (n, columns) array
    inverse : (columns, columns) array
        (X'X)^-1.
    weights : (n,) array
        Row of (X'X)^-1 X' of the coefficient: estimate = weights @ y.
    leverage : (n,) array
    residual : (n,) array
        Of y on all columns.
    restricted_y, restricted_column : (n,) arrays
        Residuals of y and of the coefficient's own column on the other columns: under the null r the restricted
        residuals are restricted_y - r restricted_column.
    """

    x: np.ndarray
    inverse: np.ndarray
    weights: np.ndarray
    leverage: np.ndarray
    residual: np.ndarray
    restricted_y: np.ndarray
    restricted_column: np.ndarray

    @property
    def n(self) -> int:
        """Observations."""
        return self.x.shape[0]

    @property
    def columns(self) -> int:
        """Coefficients, the constant included."""
        return self.x.shape[1]

    @property
    def estimate(self) -> float:
        """The coefficient."""
        # weights @ y without keeping y: y = fitted others + restricted_y, and weights are orthogonal to the others.
        return float(self.weights @ self.restricted_y)

    @property
    def hc3_scale(self) -> np.ndarray:
        """(n,) array: the HC3 standard error is the norm of scale x residual."""
        return self.weights / (1 - self.leverage)

    @property
    def hc3_error(self) -> float:
        """HC3 standard error (MacKinnon & White 1985)."""
        return float(np.linalg.norm(self.hc3_scale * self.residual))

    def residuals(self, outcomes: np.ndarray) -> np.ndarray:
        """Residuals of many outcomes on all columns, (draws, n) in and out."""
        return outcomes - product(product(outcomes, self.x), self.inverse @ self.x.T)


def prepare(y: np.ndarray, x: np.ndarray, k: int) -> Design:
    """Check a regression and take coefficient `k` apart.

    Raises
    ------
    NotEstimable
        Fewer than three degrees of freedom, non-finite values, collinear columns, an observation with leverage one, which
        the fit passes through and whose variance nobody can tell, or a line through every observation.
    """
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    n = len(y)
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise NotEstimable("the sample holds values that are not finite")
    require_degrees(n - x.shape[1], f"{n} observations and {x.shape[1]} coefficients")
    scale = np.linalg.norm(x, axis=0)
    if (scale == 0).any() or np.linalg.matrix_rank(x / scale, tol=1e-10) < x.shape[1]:
        raise NotEstimable("the regressors are collinear: a column is constant or a sum of others")
    inverse = np.linalg.inv(x.T @ x)
    leverage = np.einsum("ij,jk,ik->i", x, inverse, x)
    if (leverage > 1 - 1e-9).any():
        raise NotEstimable(f"observation {int(np.argmax(leverage))} has leverage one: the line must pass through it")
    residual = y - x @ (inverse @ (x.T @ y))
    if np.linalg.norm(residual) <= NO_NOISE * np.linalg.norm(y):
        raise NotEstimable("the line passes through every observation: there is no noise to judge it by")
    pair = np.column_stack([y, x[:, k]])
    rest = np.delete(x, k, axis=1)
    if rest.shape[1]:
        pair = pair - rest @ np.linalg.lstsq(rest, pair, rcond=None)[0]
    return Design(x, inverse, x @ inverse[:, k], leverage, residual, pair[:, 0], pair[:, 1])


def hc3_t(y: np.ndarray, x: np.ndarray, k: int, *, level: float = 0.95) -> CoefficientTest:
    """HC3 standard error with t(n - k) (MacKinnon & White 1985; Long & Ervin 2000).

    Parameters
    ----------
    y : (n,) array
    x : (n, columns) array
        With its constant.
    k : int
        The coefficient.

    Raises
    ------
    NotEstimable
        See `prepare`.
    """
    design = prepare(y, x, k)
    return _analytic(design, design.hc3_error, design.n - design.columns, level, "HC3, t(n - k)")


def hc2_bell_mccaffrey(y: np.ndarray, x: np.ndarray, k: int, *, level: float = 0.95) -> CoefficientTest:
    """HC2 standard error with Bell-McCaffrey degrees of freedom (Imbens & Kolesar 2016).

    Parameters and errors as `hc3_t`.

    Notes
    -----
    With V = sum of s_i e_i^2, s = a^2 / (1 - h), the degrees of freedom match V's first two moments under constant
    variance: (tr G)^2 / tr(G^2), G = M diag(s) M. As M = I - H, tr G = sum of s_i (1 - h_i) and
    tr(G^2) = sum of s_i^2 (1 - 2 h_i) + tr((X' diag(s) X (X'X)^-1)^2): no n x n matrix is formed. Below three degrees of
    freedom p and interval are NaN and `note` says so: one observation then carries most of the variance.
    """
    design = prepare(y, x, k)
    scale = design.weights**2 / (1 - design.leverage)
    se = float(np.sqrt((scale * design.residual**2).sum()))
    inner = design.x.T @ (scale[:, None] * design.x) @ design.inverse
    squared = (scale**2 * (1 - 2 * design.leverage)).sum() + np.trace(inner @ inner)
    df = float((scale * (1 - design.leverage)).sum() ** 2 / squared)
    return _analytic(design, se, df, level, "HC2, Bell-McCaffrey df")


def _analytic(design: Design, se: float, df: float, level: float, method: str) -> CoefficientTest:
    from scipy.special import stdtr, stdtrit

    estimate = design.estimate
    t = estimate / se
    if df < LEAST_DEGREES:
        note = f"not meaningful: {df:.1f} degrees of freedom, at least {LEAST_DEGREES} needed"
        return CoefficientTest(estimate, se, t, np.nan, np.nan, np.nan, df, design.n, method, note=note)
    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = float(2 * stdtr(df, -abs(t)))
    return CoefficientTest(estimate, se, t, p, estimate - half, estimate + half, df, design.n, method)
