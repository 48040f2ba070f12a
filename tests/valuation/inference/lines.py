"""Samples of a line, and t of its slope by statsmodels."""

from __future__ import annotations

import numpy as np

LINE = np.arange(8.0)
STRAIGHT = LINE + np.array([0.01, -0.02, 0.0, 0.015, -0.01, 0.02, -0.005, -0.01])


def sample(n: int, seed: int, *, growing: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """(y, design) of a line of slope 0.8, with noise that may grow with x."""
    rng = np.random.default_rng(seed)
    x = rng.uniform(0, 1, n)
    noise = rng.normal(0, 0.5, n) * (0.2 + 2 * x if growing else 1.0)
    return 1.0 + 0.8 * x + noise, np.column_stack([np.ones(n), x])


def statsmodels_t(y: np.ndarray, x: np.ndarray, null: float = 0.0) -> float:
    """t of the slope against a null, by HC3."""
    from statsmodels.regression.linear_model import OLS

    fit = OLS(y, x).fit(cov_type="HC3", use_t=True)
    return (fit.params[1] - null) / fit.bse[1]
