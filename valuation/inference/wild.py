"""The restricted wild bootstrap of one coefficient, studentised with HC3, and the interval that inverts it.

Under a null r the restricted residuals are p - r q, so for signs s the bootstrap numerator is s.(a p) - r s.(a q) and
its HC3 variance a quadratic in r whose three parts are quadratic forms in s. Every null value is then one pass over
the same draws. All sign vectors of up to 18 observations are never written out: with s = (u, v) a quadratic form is
u'Au + v'Bv + 2 u'Cv, two short tables and one product of small matrices.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from valuation.inference.design import CoefficientTest, Design, prepare
from valuation.sums import product

ALL_SIGNS_UP_TO = 18
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
# Draws whose t^2 equals the observed one up to rounding count as at least as large.
TIE = 1e-9
CHUNK_BYTES = 32_000_000
# Draws are kept for the interval up to this size (40 bytes a draw), and drawn anew for every null beyond it.
KEPT_BYTES = 256_000_000
BYTES_PER_DRAW = 40
# A side of the interval that reaches this many standard errors away is unbounded.
FURTHEST = 1e4
CLOSE_ENOUGH = 1e-9


@dataclass(frozen=True)
class Draws:
    """The parts of numerator and variance that every null shares, an entry a draw."""

    slope_p: np.ndarray
    slope_q: np.ndarray
    variance_pp: np.ndarray
    variance_pq: np.ndarray
    variance_qq: np.ndarray

    def as_large(self, null: float, t_squared: float) -> int:
        """Draws whose t under `null` is at least as large as the observed one."""
        top = (self.slope_p - null * self.slope_q) ** 2
        bottom = self.variance_pp - 2 * null * self.variance_pq + null**2 * self.variance_qq
        return int((top >= t_squared * (1 - TIE) * bottom).sum())

    def __len__(self) -> int:
        return len(self.slope_p)


@dataclass(frozen=True)
class NullTests:
    """An estimate, its standard error and its draws: the test of any null, and the interval that inverts it.

    Attributes
    ----------
    estimate, std_error : float
    blocks : callable
        Gives the draws, a block at a time, the same on every call.
    exact : bool
        The draws are all sign vectors (or the half of them whose mirror images give the same |t|).
    """

    estimate: float
    std_error: float
    blocks: Callable[[], Iterable[Draws]]
    exact: bool

    def p_value(self, null: float) -> float:
        """Share of draws with |t| at least the observed one; the observed sample counts itself."""
        observed = ((self.estimate - null) / self.std_error) ** 2
        count, total = 0, 0
        for block in self.blocks():
            count += block.as_large(null, observed)
            total += len(block)
        # The unsigned sample is one of all sign vectors, whatever rounding says.
        return max(count, 1) / total if self.exact else (count + 1) / (total + 1)

    def interval(self, level: float) -> tuple[float, float]:
        """From the estimate outwards, each side ends at the first null found rejected; inf where none is."""
        size = 1 - level + CLOSE_ENOUGH  # which is not exact in binary
        return self._end(-1.0, size), self._end(1.0, size)

    def _end(self, side: float, size: float) -> float:
        inside, outside = 0.0, 1.0
        while self.p_value(self.estimate + side * outside * self.std_error) > size:
            if outside == FURTHEST:
                return side * np.inf
            inside, outside = outside, min(2 * outside, FURTHEST)
        while outside - inside > CLOSE_ENOUGH * outside:
            middle = (inside + outside) / 2
            if self.p_value(self.estimate + side * middle * self.std_error) <= size:
                outside = middle
            else:
                inside = middle
        return float(self.estimate + side * outside * self.std_error)


def wild_bootstrap(
    y: np.ndarray, x: np.ndarray, k: int, *, null: float = 0.0, draws: int = 9999, seed: int = 0
) -> CoefficientTest:
    """Restricted wild bootstrap of a coefficient, studentised with HC3.

    Parameters
    ----------
    y : (n,) array
    x : (n, columns) array
        With its constant.
    k : int
        The coefficient.
    null : float
        Imposed on the residuals that are drawn from.
    draws, seed : int
        Used beyond n = 18, with Webb's six points and p = (b + 1) / (B + 1); up to there all 2^n Rademacher sign
        vectors are taken and p has no Monte Carlo error.

    Raises
    ------
    NotEstimable
        See `prepare`.

    Notes
    -----
    Cameron, Gelbach & Miller 2008; Webb 2023; Phipson & Smyth 2010. Memory is bounded whatever n and `draws`.
    """
    design = prepare(y, x, k)
    tested = _tests(design, draws, seed, keep=False)
    return _result(design, tested, null, draws, seed, (np.nan, np.nan))


def wild_bootstrap_interval(
    y: np.ndarray, x: np.ndarray, k: int, *, level: float = 0.95, draws: int = 9999, seed: int = 0
) -> CoefficientTest:
    """`wild_bootstrap` of zero, with the interval of the null values that the test does not reject at 1 - level.

    From the estimate outwards, each side ends at the first null found rejected; a side on which none is rejected
    within 10,000 standard errors is infinite.
    """
    design = prepare(y, x, k)
    tested = _tests(design, draws, seed, keep=True)
    return _result(design, tested, 0.0, draws, seed, tested.interval(level))


def _result(
    design: Design, tested: NullTests, null: float, draws: int, seed: int, ends: tuple[float, float]
) -> CoefficientTest:  # fmt: skip
    return CoefficientTest(
        estimate=tested.estimate,
        std_error=tested.std_error,
        t_value=(tested.estimate - null) / tested.std_error,
        p_value=tested.p_value(null),
        low=ends[0],
        high=ends[1],
        df=np.nan,
        n=design.n,
        method="restricted wild bootstrap, HC3-t",
        draws=2**design.n if tested.exact else draws,
        exact=tested.exact,
        seed=None if tested.exact else seed,
    )


def _tests(design: Design, draws: int, seed: int, *, keep: bool) -> NullTests:
    estimate, error = design.estimate, design.hc3_error
    if design.n <= ALL_SIGNS_UP_TO:
        every = [_all_signs(design)]
        return NullTests(estimate, error, lambda: every, exact=True)
    if keep and draws * BYTES_PER_DRAW <= KEPT_BYTES:
        kept = list(_webb(design, draws, seed))
        return NullTests(estimate, error, lambda: kept, exact=False)
    return NullTests(estimate, error, lambda: _webb(design, draws, seed), exact=False)


def _all_signs(design: Design) -> Draws:
    """Every sign vector with its first sign positive, 2^(n-1) draws; the other half mirrors t exactly."""
    n, x = design.n, design.x
    maker = np.eye(n) - x @ design.inverse @ x.T
    to_p = (maker * design.restricted_y).T * design.hc3_scale
    to_q = (maker * design.restricted_column).T * design.hc3_scale
    crossed = to_p @ to_q.T
    return Draws(
        _linear(design.weights * design.restricted_y),
        _linear(design.weights * design.restricted_column),
        _quadratic(to_p @ to_p.T),
        _quadratic((crossed + crossed.T) / 2),
        _quadratic(to_q @ to_q.T),
    )


@lru_cache(maxsize=8)
def _halves(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Sign vectors of the first ceil(n / 2) + 1 positions, the first one positive, and of the others."""
    left = n // 2 + 1
    return _signs(left - 1, ones=1), _signs(n - left, ones=0)


def _signs(free: int, *, ones: int) -> np.ndarray:
    signs = 1.0 - 2.0 * ((np.arange(2**free)[:, None] >> np.arange(free)) & 1)
    return np.hstack([np.ones((2**free, ones)), signs])


def _linear(form: np.ndarray) -> np.ndarray:
    """s.form for every sign vector."""
    left, right = _halves(len(form))
    cut = left.shape[1]
    return np.add.outer(product(left, form[:cut]), product(right, form[cut:])).ravel()


def _quadratic(form: np.ndarray) -> np.ndarray:
    """s'form s for every sign vector; `form` is symmetric."""
    left, right = _halves(len(form))
    cut = left.shape[1]
    out = product(2 * left @ form[:cut, cut:], right.T)
    out += np.einsum("ij,jk,ik->i", left, form[:cut, :cut], left)[:, None]
    out += np.einsum("ij,jk,ik->i", right, form[cut:, cut:], right)
    return out.ravel()


def _webb(design: Design, draws: int, seed: int) -> Iterator[Draws]:
    """Draws of Webb's six points, a bounded block at a time."""
    rng = np.random.default_rng(seed)
    scale = design.hc3_scale
    size = max(1, CHUNK_BYTES // (8 * design.n))
    for start in range(0, draws, size):
        signs = rng.choice(WEBB, size=(min(size, draws - start), design.n))
        outcomes_p, outcomes_q = signs * design.restricted_y, signs * design.restricted_column
        errors_p, errors_q = design.residuals(outcomes_p) * scale, design.residuals(outcomes_q) * scale
        yield Draws(
            product(outcomes_p, design.weights),
            product(outcomes_q, design.weights),
            np.einsum("ij,ij->i", errors_p, errors_p),
            np.einsum("ij,ij->i", errors_p, errors_q),
            np.einsum("ij,ij->i", errors_q, errors_q),
        )
