"""One coefficient of a small regression: least squares, HC2 and HC3, their t tests, permutation with controls."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from scipy.special import stdtr, stdtrit

from valuation.errors import NotEstimable

LEAST_OBSERVATIONS = 4
COLLINEAR = 1e-10  # part of a column (of its length) that the others leave unexplained
FULL_LEVERAGE = 1e-10
PERFECT_FIT = 1e-13  # residual length over the length of y
TIE = 1e-9  # relative: a draw this close to the observed statistic counts as equal to it
ALL_PERMUTATIONS_UP_TO = 7
CHUNK_BYTES = 4 * 2**20  # one (draws, n) array of a chunk: it stays in a core's cache


@dataclass(frozen=True)
class SlopeTest:
    """A test that one coefficient equals `null`.

    Attributes
    ----------
    estimate, std_error, t_value, p_value : float
        t = (estimate - null) / std_error; p is two-sided.
    df : float or None
        Degrees of freedom of t; None where the distribution of t is drawn.
    n : int
        Observations.
    draws, seed : int or None
        Resamples behind p, the observed one included where `exact`; None where nothing is drawn.
    exact : bool
        Every sign vector or permutation was used: no Monte Carlo error. The test itself is still approximate.
    """

    estimate: float
    std_error: float
    t_value: float
    p_value: float
    df: float | None
    n: int
    method: str
    null: float = 0.0
    draws: int | None = None
    seed: int | None = None
    exact: bool = False

    def __str__(self) -> str:
        df = "" if self.df is None else f"({self.df:.1f})"
        return (
            f"{self.estimate:.4f} (se {self.std_error:.4f}), t{df} = {self.t_value:.3f}, p = {self.p_value:.4f}; "
            f"n = {self.n}, {self.method}{drawn(self.draws, self.seed, self.exact)}"
        )


@dataclass(frozen=True)
class SlopeEstimate(SlopeTest):
    """A t test of one coefficient with its interval `low` to `high` at `level`."""

    level: float = 0.95
    low: float = np.nan
    high: float = np.nan

    def __str__(self) -> str:
        return f"{super().__str__()}; {self.level:.0%} interval {self.low:.4f} to {self.high:.4f}"


def drawn(draws: int | None, seed: int | None, exact: bool) -> str:
    """How a distribution was drawn, as the end of a sentence."""
    if draws is None:
        return ""
    return f", all {draws}" if exact else f", B = {draws}, seed {seed}"


@dataclass(frozen=True)
class LeastSquares:
    """Ordinary least squares of y on X, seen from coefficient k (Frisch & Waugh 1933, Lovell 1963).

    Attributes
    ----------
    coefficients : float array (columns,)
    residuals, restricted : float array (n,)
        Residuals of the full regression, and of y on the columns other than k.
    leverage : float array (n,)
        Diagonal of the hat matrix.
    basis : float array (n, columns)
        Orthonormal; its last column is the part of regressor k that the others leave unexplained.
    weights : float array (n,)
        Coefficient k is weights @ y.
    partialled : float array (n,)
        Regressor k less what the others explain: weights @ partialled = 1.
    k : int
    """

    coefficients: np.ndarray
    residuals: np.ndarray
    restricted: np.ndarray
    leverage: np.ndarray
    basis: np.ndarray
    weights: np.ndarray
    partialled: np.ndarray
    k: int

    @property
    def n(self) -> int:
        """Observations."""
        return len(self.residuals)

    @property
    def estimate(self) -> float:
        """Coefficient k."""
        return float(self.coefficients[self.k])

    @property
    def df(self) -> int:
        """Observations less coefficients."""
        return self.n - len(self.coefficients)

    def residuals_of(self, outcomes: np.ndarray) -> np.ndarray:
        """Residuals of each row of `outcomes` (draws, n) on X."""
        return outcomes - (outcomes @ self.basis) @ self.basis.T

    def scale(self, hc: int) -> np.ndarray:
        """What a residual is multiplied by before it is squared: HC2 has (1 - h)^-1/2, HC3 (1 - h)^-1.

        Raises
        ------
        NotEstimable
            An observation with leverage one: its residual is zero whatever happened to it.
        """
        worst = int(self.leverage.argmax())
        if self.leverage[worst] > 1 - FULL_LEVERAGE:
            raise NotEstimable(
                f"observation {worst} (from 0) has leverage 1: the line must pass through it, HC{hc} is undefined"
            )
        return self.weights / (1 - self.leverage) ** {2: 0.5, 3: 1.0}[hc]

    def variances(self, outcomes: np.ndarray, hc: int) -> np.ndarray:
        """HC2 or HC3 variance of coefficient k for each row of `outcomes` (draws, n).

        MacKinnon & White (1985): sum of weights^2 e^2 / (1 - h), or / (1 - h)^2.
        """
        return ((self.residuals_of(outcomes) * self.scale(hc)) ** 2).sum(axis=-1)

    def std_error(self, hc: int) -> float:
        """HC2 or HC3 standard error of coefficient k.

        Raises
        ------
        NotEstimable
            An observation with leverage one, or no residual variation.
        """
        scaled = self.residuals * self.scale(hc)
        if np.linalg.norm(self.residuals) <= PERFECT_FIT * np.linalg.norm(self.restricted + self._explained):
            raise NotEstimable("the line passes through every observation: there is no noise to judge it by")
        return float(np.sqrt(scaled @ scaled))
