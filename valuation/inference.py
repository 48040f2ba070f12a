"""Inference on one coefficient with about fifteen observations: every draw at once, nothing left to a package's default.

Sizes at a nominal 5%, simulated at n = 15 with variance that grows with the regressor: HC3 with a normal 11%, HC3 with
t(n - k) less, restricted wild bootstrap and HC2 with Bell-McCaffrey degrees of freedom 8-9% (`benchmarks/size.py`).
Nothing here is exact.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import permutations
from math import factorial

import numpy as np
from scipy.special import stdtr, stdtrit

from valuation.errors import NotEstimable

LEAST_OBSERVATIONS = 4
ALL_SIGNS_UP_TO = 18
ALL_PERMUTATIONS_UP_TO = 7
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])
# Draws whose |t| equals the observed one up to rounding count as at least as large.
TIE = 1e-9
CHUNK_BYTES = 32_000_000
FURTHEST = 1e4


@dataclass(frozen=True)
class Test:
    """A two-sided test of one coefficient.

    Attributes
    ----------
    estimate, std_error, t_value, p_value : float
    low, high : float
        Interval at `level`; NaN where the method gives none, inf where a side is unbounded.
    df : float
        Degrees of freedom of the reference t; NaN for a resampling method.
    n : int
    method : str
    draws : int
        0 for an analytic method; every sign vector or permutation where `exact`.
    exact : bool
        No Monte Carlo error.
    seed : int or None
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


@dataclass(frozen=True)
class Design:
    """What the kernels need of a design matrix, for one coefficient.

    Attributes
    ----------
    weights : (n,) array
        Row of (X'X)^-1 X' of the coefficient: estimate = weights @ y.
    residual_maker : (n, n) array
        I - X (X'X)^-1 X'.
    leverage : (n,) array
    others : (n, n) array
        Residual maker of the other columns, which imposes a null on this one.
    column : (n,) array
        The coefficient's own column.
    """

    weights: np.ndarray
    residual_maker: np.ndarray
    leverage: np.ndarray
    others: np.ndarray
    column: np.ndarray
    n: int
    k: int


def prepare(y: np.ndarray, x: np.ndarray, k: int) -> Design:
    """Check a regression and take it apart.

    Raises
    ------
    NotEstimable
        Fewer than four observations, non-finite values, collinear columns, or an observation with leverage one, which
        the fit passes through and whose variance nobody can tell.
    """
    y, x = np.asarray(y, dtype=float), np.asarray(x, dtype=float)
    n = len(y)
    if n < LEAST_OBSERVATIONS:
        raise NotEstimable(f"at least {LEAST_OBSERVATIONS} observations are needed, there are {n}")
    if not (np.isfinite(y).all() and np.isfinite(x).all()):
        raise NotEstimable("the sample holds values that are not finite")
    scale = np.linalg.norm(x, axis=0)
    if (scale == 0).any() or np.linalg.matrix_rank(x / scale, tol=1e-10) < x.shape[1]:
        raise NotEstimable("the regressors are collinear: a column is constant or a sum of others")
    if n <= x.shape[1]:
        raise NotEstimable(f"{n} observations cannot carry {x.shape[1]} coefficients")
    inverse = np.linalg.inv(x.T @ x)
    hat = x @ inverse @ x.T
    leverage = np.diag(hat)
    if (leverage > 1 - 1e-9).any():
        at = int(np.argmax(leverage))
        raise NotEstimable(f"observation {at} has leverage one: the line must pass through it")
    rest = np.delete(x, k, axis=1)
    others = np.eye(n) - (rest @ np.linalg.pinv(rest) if rest.shape[1] else 0.0)
    return Design((inverse @ x.T)[k], np.eye(n) - hat, leverage, others, x[:, k], n, x.shape[1])


def hc3_t(y: np.ndarray, x: np.ndarray, k: int, *, level: float = 0.95) -> Test:
    """HC3 standard error with t(n - k) (MacKinnon & White 1985; Long & Ervin 2000)."""
    design = prepare(y, x, k)
    estimate = float(design.weights @ y)
    residual = design.residual_maker @ y
    se = float(np.sqrt(((design.weights * residual / (1 - design.leverage)) ** 2).sum()))
    return _analytic(estimate, se, design.n - design.k, level, design.n, "HC3, t(n - k)")


def hc2_bell_mccaffrey(y: np.ndarray, x: np.ndarray, k: int, *, level: float = 0.95) -> Test:
    """HC2 standard error with Bell-McCaffrey degrees of freedom (Imbens & Kolesar 2016).

    Notes
    -----
    With V = sum of a_i^2 e_i^2 / (1 - h_i), the degrees of freedom match its first two moments under constant
    variance: (tr G)^2 / tr(G^2), G = M diag(a^2 / (1 - h)) M.
    """
    design = prepare(y, x, k)
    estimate = float(design.weights @ y)
    residual = design.residual_maker @ y
    scale = design.weights**2 / (1 - design.leverage)
    se = float(np.sqrt((scale * residual**2).sum()))
    spread = design.residual_maker * scale @ design.residual_maker
    df = float(np.trace(spread) ** 2 / (spread**2).sum())
    return _analytic(estimate, se, df, level, design.n, "HC2, Bell-McCaffrey df")


def _analytic(estimate: float, se: float, df: float, level: float, n: int, method: str) -> Test:
    t = estimate / se
    half = float(stdtrit(df, (1 + level) / 2)) * se
    p = float(2 * stdtr(df, -abs(t)))
    return Test(estimate, se, t, p, estimate - half, estimate + half, df, n, method)


@dataclass(frozen=True)
class _Draws:
    """What every null value shares: for residuals p - r q under the null r, and signs s, the bootstrap numerator is
    s.(a p) - r s.(a q) and its variance a quadratic in r."""

    slope_p: np.ndarray
    slope_q: np.ndarray
    variance_pp: np.ndarray
    variance_pq: np.ndarray
    variance_qq: np.ndarray

    def t_squared(self, null: float) -> np.ndarray:
        """Squared bootstrap t of every draw under a null."""
        top = (self.slope_p - null * self.slope_q) ** 2
        bottom = self.variance_pp - 2 * null * self.variance_pq + null**2 * self.variance_qq
        with np.errstate(divide="ignore", invalid="ignore"):
            return np.where(bottom > 0, top / bottom, 0.0)


@lru_cache(maxsize=4)
def half_of_all_signs(n: int) -> np.ndarray:
    """Every sign vector with its first sign positive, (2^(n-1), n); the other half mirrors |t| exactly."""
    rows = np.arange(2 ** (n - 1), dtype=np.uint32)
    signs = np.ones((len(rows), n))
    for column in range(1, n):
        signs[:, column] -= 2.0 * ((rows >> (column - 1)) & 1)
    signs.flags.writeable = False
    return signs


def _sign_chunks(n: int, draws: int, seed: int) -> Iterator[np.ndarray]:
    size = max(1, CHUNK_BYTES // (8 * n))
    if n <= ALL_SIGNS_UP_TO:
        signs = half_of_all_signs(n)
        for start in range(0, len(signs), size):
            yield signs[start : start + size]
        return
    rng = np.random.default_rng(seed)
    for start in range(0, draws, size):
        yield rng.choice(WEBB, size=(min(size, draws - start), n))


def _draw(y: np.ndarray, design: Design, draws: int, seed: int, *, moving: bool) -> _Draws:
    """The draws' shared parts; `moving` keeps what nulls other than zero need."""
    p, q = design.others @ y, design.others @ design.column
    scale = design.weights / (1 - design.leverage)
    to_p = (design.residual_maker * p).T * scale
    to_q = (design.residual_maker * q).T * scale
    parts: list[list[np.ndarray]] = [[], [], [], [], []]
    for signs in _sign_chunks(design.n, draws, seed):
        errors_p = signs @ to_p
        parts[0].append(signs @ (design.weights * p))
        parts[2].append(np.einsum("ij,ij->i", errors_p, errors_p))
        if moving:
            errors_q = signs @ to_q
            parts[1].append(signs @ (design.weights * q))
            parts[3].append(np.einsum("ij,ij->i", errors_p, errors_q))
            parts[4].append(np.einsum("ij,ij->i", errors_q, errors_q))
    zero = np.zeros(1)
    return _Draws(*[np.concatenate(part) if part else zero for part in parts])


def _p_value(drawn: _Draws, estimate: float, se: float, null: float, *, exact: bool) -> float:
    """Share of draws with |t| at least the observed one; the observed one counts itself in a Monte Carlo."""
    observed = ((estimate - null) / se) ** 2
    t = drawn.t_squared(null)
    count = int((t >= observed * (1 - TIE)).sum())
    return count / len(t) if exact else (count + 1) / (len(t) + 1)


def wild_bootstrap(
    y: np.ndarray, x: np.ndarray, k: int, *, null: float = 0.0, draws: int = 9999, seed: int = 0
) -> Test:
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
    Cameron, Gelbach & Miller 2008; Webb 2023; Phipson & Smyth 2010.
    """
    design = prepare(y, x, k)
    drawn = _draw(np.asarray(y, float), design, draws, seed, moving=null != 0.0)
    return _wild(y, x, k, design, drawn, null, draws, seed, (np.nan, np.nan))


def wild_bootstrap_interval(
    y: np.ndarray, x: np.ndarray, k: int, *, level: float = 0.95, draws: int = 9999, seed: int = 0
) -> Test:
    """`wild_bootstrap` of zero, with the interval of all null values that the test does not reject at 1 - level.

    The restricted residuals are linear in the null, so each null costs one pass over the draws, no new ones. A side
    on which no null is ever rejected is infinite.
    """
    design = prepare(y, x, k)
    drawn = _draw(np.asarray(y, float), design, draws, seed, moving=True)
    base = hc3_t(y, x, k, level=level)
    exact = design.n <= ALL_SIGNS_UP_TO

    def rejected(null: float) -> bool:
        return _p_value(drawn, base.estimate, base.std_error, null, exact=exact) <= 1 - level

    ends = []
    for side in (-1.0, 1.0):
        inside, step = base.estimate, base.std_error
        outside = base.estimate + side * step
        while not rejected(outside):
            inside, step = outside, step * 2
            outside = base.estimate + side * step
            if step > FURTHEST * base.std_error:
                outside = side * np.inf
                break
        if np.isfinite(outside):
            for _ in range(60):
                middle = (inside + outside) / 2
                inside, outside = (inside, middle) if rejected(middle) else (middle, outside)
        ends.append(float(outside))
    return _wild(y, x, k, design, drawn, 0.0, draws, seed, (ends[0], ends[1]))


def _wild(
    y: np.ndarray, x: np.ndarray, k: int, design: Design, drawn: _Draws, null: float, draws: int, seed: int,
    ends: tuple[float, float],
) -> Test:  # fmt: skip
    base = hc3_t(y, x, k)
    exact = design.n <= ALL_SIGNS_UP_TO
    return Test(
        estimate=base.estimate,
        std_error=base.std_error,
        t_value=(base.estimate - null) / base.std_error,
        p_value=_p_value(drawn, base.estimate, base.std_error, null, exact=exact),
        low=ends[0],
        high=ends[1],
        df=np.nan,
        n=design.n,
        method="restricted wild bootstrap, HC3-t",
        draws=2**design.n if exact else draws,
        exact=exact,
        seed=None if exact else seed,
    )


def permutation_freedman_lane(
    y: np.ndarray, x: np.ndarray, given: np.ndarray, *, draws: int = 9999, seed: int = 0
) -> Test:
    """Freedman-Lane permutation of x beside controls, studentised with HC3.

    Parameters
    ----------
    y, x : (n,) arrays
    given : (n, columns) array
        The controls, with their constant; the residuals of y on them are permuted.
    draws, seed : int
        Random permutations; all n! of them up to n = 7.

    Notes
    -----
    Freedman & Lane 1983. The plain statistic over-rejects when the variance grows with x (19% at a nominal 5%,
    n = 15): it is studentised here.
    """
    full = np.column_stack([given, x])
    k = full.shape[1] - 1
    design = prepare(y, full, k)
    base = hc3_t(y, full, k)
    residual = design.others @ np.asarray(y, float)
    exact = design.n <= ALL_PERMUTATIONS_UP_TO
    rng = np.random.default_rng(seed)
    total = factorial(design.n) if exact else draws
    size = max(1, CHUNK_BYTES // (8 * design.n))
    every = np.array(list(permutations(range(design.n)))) if exact else None
    scale = (design.weights / (1 - design.leverage)) ** 2
    count = 0
    for start in range(0, total, size):
        rows = min(size, total - start)
        if every is not None:
            order = every[start : start + rows]
        else:
            order = rng.permuted(np.tile(np.arange(design.n), (rows, 1)), axis=1)
        drawn = residual[order]
        variance = ((drawn @ design.residual_maker) ** 2) @ scale
        count += int(((drawn @ design.weights) ** 2 >= variance * base.t_value**2 * (1 - TIE)).sum())
    return Test(
        estimate=base.estimate,
        std_error=base.std_error,
        t_value=base.t_value,
        p_value=count / total if exact else (count + 1) / (total + 1),
        low=np.nan,
        high=np.nan,
        df=np.nan,
        n=design.n,
        method="studentised Freedman-Lane permutation",
        draws=total,
        exact=exact,
        seed=None if exact else seed,
    )
