"""A panel of quarters: does a company's multiple rise when its own contracted share does?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.errors import NotEstimable

LEAST_FIRMS = 5
ALL_SIGNS_UP_TO = 14
CHUNK = 2048
WEBB = np.array([-np.sqrt(1.5), -1.0, -np.sqrt(0.5), np.sqrt(0.5), 1.0, np.sqrt(1.5)])


@dataclass(frozen=True)
class Panel:
    """ln(EV per MW) on contracted share with company and date effects.

    Attributes
    ----------
    slope, std_error, t_value : float
        Clustered by company (CR1: G/(G-1) x (n-1)/(n-k), k counts every effect).
    p_value : float
        Restricted wild cluster bootstrap of t (Cameron, Gelbach & Miller 2008).
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
            f"{self.premium:+.0%}, p = {self.p_value:.3f} (wild cluster bootstrap, {how}); "
            f"n = {self.n}, {self.firms} companies, {self.dates} dates, company and date effects"
        )


def fixed_effects(sample: pd.DataFrame, response: str, regressor: str, *, draws: int = 9999, seed: int = 0) -> Panel:
    """Fit response on regressor with company and date effects, companies as clusters.

    Parameters
    ----------
    sample : DataFrame
        Indexed (as_of, ticker): `response` (in logs) and `regressor`, no NaN. Companies seen once carry no
        information within and are dropped.

    Raises
    ------
    NotEstimable
        Fewer than five companies seen twice, or a regressor that does not move within companies.
    """
    counts = sample.groupby("ticker")[response].transform("size")
    kept = sample[counts > 1]
    firm, firm_names = pd.factorize(kept.index.get_level_values("ticker"))
    date, date_names = pd.factorize(kept.index.get_level_values("as_of"))
    firms, dates, n = len(firm_names), len(date_names), len(kept)
    if firms < LEAST_FIRMS:
        raise NotEstimable(f"a panel needs at least {LEAST_FIRMS} companies seen twice, there are {firms}")
    effects = np.column_stack([np.eye(firms)[firm], np.eye(dates)[date][:, 1:]])
    basis, scale = np.linalg.svd(effects, full_matrices=False)[:2]
    basis = basis[:, scale > 1e-10 * scale[0]]

    def within(values: np.ndarray) -> np.ndarray:
        return values - basis @ (basis.T @ values)

    x = within(kept[regressor].to_numpy(dtype=float))
    y = within(kept[response].to_numpy(dtype=float))
    spread = x @ x
    if spread < 1e-10 * n:
        raise NotEstimable(f"{regressor} does not move within companies")
    k = basis.shape[1] + 1
    correction = firms / (firms - 1) * (n - 1) / (n - k)
    membership = np.eye(firms)[firm]

    def t_values(outcomes: np.ndarray) -> np.ndarray:
        """t of the slope for outcomes already within, a column a draw."""
        slopes = x @ outcomes / spread
        scores = membership.T @ (x[:, None] * (outcomes - np.outer(x, slopes)))
        return slopes / np.sqrt(correction * (scores**2).sum(axis=0) / spread**2)

    slope = float(x @ y / spread)
    t = float(t_values(y[:, None])[0])
    exact = firms <= ALL_SIGNS_UP_TO
    rng = np.random.default_rng(seed)
    total = 2**firms if exact else draws
    as_large = 0
    for start in range(0, total, CHUNK):
        rows = np.arange(start, min(start + CHUNK, total))
        if exact:
            weights = 1.0 - 2.0 * ((rows[:, None] >> np.arange(firms)) & 1)
        else:
            weights = rng.choice(WEBB, size=(len(rows), firms))
        # With the null imposed the restricted residuals are y itself; the effects drop out within.
        drawn = within(y[:, None] * weights.T[firm])
        as_large += int((np.abs(t_values(drawn)) >= abs(t) * (1 - 1e-9)).sum())
    residual = y - slope * x
    return Panel(
        slope=slope,
        std_error=slope / t,
        t_value=t,
        p_value=as_large / total if exact else (as_large + 1) / (total + 1),
        n=n,
        firms=firms,
        dates=dates,
        draws=total,
        exact=exact,
        seed=seed,
        within_r_squared=float(1 - residual @ residual / (y @ y)),
    )
