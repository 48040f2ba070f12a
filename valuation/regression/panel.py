"""Panel regression of quarters with company and date effects, by restricted wild cluster bootstrap."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.errors import NotEstimable
from valuation.inference.wild import WEBB, Draws, NullTests
from valuation.sums import product

LEAST_FIRMS = 5
ALL_SIGNS_UP_TO = 14
CHUNK = 2048
STILL = 1e-10


@dataclass(frozen=True, repr=False)
class PanelRegression(ResultMixin):
    """Panel regression of ln(EV per MW) on contracted share with company and date effects.

    Attributes
    ----------
    slope, std_error, t_value : float
        Clustered by company (CR1: G/(G-1) x (n-1)/(n-k), k counts every effect).
    p_value, low, high : float
        Restricted wild cluster bootstrap of t (Cameron, Gelbach & Miller 2008), and the slopes that it does not
        reject at `level`.
    n, firms, dates : int
        Observations, clusters, dates.
    draws : int
        Bootstrap draws; all 2^G sign vectors where `exact`.
    within_r_squared : float
    """

    slope: float
    std_error: float
    t_value: float
    p_value: float
    low: float
    high: float
    level: float
    n: int
    firms: int
    dates: int
    draws: int
    exact: bool
    seed: int
    within_r_squared: float

    @property
    def premium(self) -> float:
        """exp(slope) - 1: the change per MW as a company's own share goes from 0 to 100%."""
        return float(np.expm1(self.slope))

    def __str__(self) -> str:
        how = f"all {self.draws} sign vectors" if self.exact else f"Webb, B = {self.draws}, seed {self.seed}"
        return (
            f"Panel: slope {self.slope:.2f} (se {self.std_error:.2f}, clustered by company), premium "
            f"{self.premium:+.0%}, p = {self.p_value:.3f}, slope {self.low:.2f} to {self.high:.2f} at {self.level:.0%} "
            f"(wild cluster bootstrap, {how}); "
            f"n = {self.n}, {self.firms} companies, {self.dates} dates, company and date effects"
        )


def fixed_effects(
    sample: pd.DataFrame, response: str, regressor: str, *, level: float = 0.95, draws: int = 9999, seed: int = 0
) -> PanelRegression:
    """Fit response on regressor with company and date effects, companies as clusters.

    Parameters
    ----------
    sample : DataFrame
        Indexed (as_of, ticker): `response` (in logs) and `regressor`, no NaN. Companies seen once carry no
        information within and are dropped.
    draws, seed : int
        Beyond 14 companies, with Webb's six points; all sign vectors up to there.

    Raises
    ------
    NotEstimable
        Fewer than five companies seen twice, a regressor that does not move within companies, or no noise within.
    """
    counts = sample.groupby("ticker")[response].transform("size")
    kept = sample[counts > 1]
    firm, firm_names = pd.factorize(kept.index.get_level_values("ticker"))
    date, date_names = pd.factorize(kept.index.get_level_values("as_of"))
    firms, dates, n = len(firm_names), len(date_names), len(kept)
    if firms < LEAST_FIRMS:
        raise NotEstimable(f"a panel needs at least {LEAST_FIRMS} companies seen twice, there are {firms}")
    periods = _periods(firm, date, dates)

    def within(values: np.ndarray) -> np.ndarray:
        left = values - _by_firm(values, firm)[firm]
        return left - periods @ (periods.T @ left)

    x = within(kept[regressor].to_numpy(dtype=float))
    y = within(kept[response].to_numpy(dtype=float))
    spread = x @ x
    if spread < STILL * n:
        raise NotEstimable(f"{regressor} does not move within companies")
    slope = float(x @ y / spread)
    residual = y - slope * x
    if residual @ residual <= STILL * (y @ y):
        raise NotEstimable("the panel fits without residual noise: no inference on its slope")
    k = firms + periods.shape[1] + 1
    correction = firms / (firms - 1) * (n - 1) / (n - k)
    x_periods = np.column_stack([_sums(each * x, firm) for each in periods.T])
    x_squared = _sums(x * x, firm)

    def slopes_and_scores(weights: np.ndarray, outcome: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Slopes (draws,) and cluster scores (draws, firms) of `outcome`, which is within, times each company's weight.

        A weighted outcome still has mean zero within each company, so the company effects stay out, and what is left
        of the rest are sums by company: no draw is longer than the number of companies.
        """
        own = _sums(outcome * x, firm)
        in_periods = np.column_stack([_sums(each * outcome, firm) for each in periods.T])
        slopes = product(weights, own) / spread
        common = product(product(weights, in_periods), x_periods.T)
        return slopes, (weights * own - common - slopes[:, None] * x_squared) * (np.sqrt(correction) / spread)

    def block(weights: np.ndarray) -> Draws:
        # With the null r imposed the restricted residuals are y - r x, the effects dropping out within.
        slope_y, score_y = slopes_and_scores(weights, y)
        slope_x, score_x = slopes_and_scores(weights, x)
        dot = partial(np.einsum, "ij,ij->i")
        return Draws(slope_y, slope_x, dot(score_y, score_y), dot(score_y, score_x), dot(score_x, score_x))

    std_error = float(np.linalg.norm(slopes_and_scores(np.ones((1, firms)), y)[1]))
    exact = firms <= ALL_SIGNS_UP_TO
    every = list(map(block, _weights(firms, draws, seed, exact=exact)))
    tests = NullTests(slope, std_error, lambda: every, exact)
    low, high = tests.interval(level)
    return PanelRegression(
        slope=slope,
        std_error=std_error,
        t_value=slope / std_error,
        p_value=tests.p_value(0.0),
        low=low,
        high=high,
        level=level,
        n=n,
        firms=firms,
        dates=dates,
        draws=2**firms if exact else draws,
        exact=exact,
        seed=seed,
        within_r_squared=float(1 - residual @ residual / (y @ y)),
    )


def _sums(values: np.ndarray, firm: np.ndarray) -> np.ndarray:
    """Sum over each company's observations."""
    return np.bincount(firm, weights=values)


def _by_firm(values: np.ndarray, firm: np.ndarray) -> np.ndarray:
    """Mean over each company's observations."""
    return _sums(values, firm) / np.bincount(firm)


def _periods(firm: np.ndarray, date: np.ndarray, dates: int) -> np.ndarray:
    """Orthonormal basis of the date effects that the company effects leave over, (n, at most dates - 1).

    A dense basis of both would be as wide as there are companies. Companies seen twice leave one at least.
    """
    columns = [each - _by_firm(each, firm)[firm] for each in np.eye(dates)[:, 1:][date].T]
    basis, scale = np.linalg.svd(np.column_stack(columns), full_matrices=False)[:2]
    return basis[:, scale > STILL * np.sqrt(len(firm))]


def _weights(firms: int, draws: int, seed: int, *, exact: bool) -> Iterator[np.ndarray]:
    """Cluster weights, a block (draws, firms) at a time."""
    rng = np.random.default_rng(seed)
    total = 2**firms if exact else draws
    for start in range(0, total, CHUNK):
        rows = np.arange(start, min(start + CHUNK, total))
        if exact:
            yield 1.0 - 2.0 * ((rows[:, None] >> np.arange(firms)) & 1)
        else:
            yield rng.choice(WEBB, size=(len(rows), firms))
