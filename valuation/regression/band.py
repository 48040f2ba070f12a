"""Confidence band of a fitted line: the interval of its mean at each share, HC3, t(n - 2)."""

from __future__ import annotations

import numpy as np
import pandas as pd

POINTS = 23  # shares at which the band is drawn


def confidence_band(sample: pd.DataFrame, level: float, shares: np.ndarray | None = None) -> pd.DataFrame:
    """The line and the pointwise confidence interval of its mean, in the response's own unit.

    Parameters
    ----------
    sample : DataFrame
        As `Regression.sample`: share, ln_value, residual.
    level : float
    shares : array, optional
        Where; by default `POINTS` places from the smallest to the largest share of the sample.

    Returns
    -------
    DataFrame
        share, fitted, low, high: exp(x'b -+ t(n - 2) sqrt(x'Vx)), V the HC3 covariance (MacKinnon & White 1985). It holds
        the line, not the companies: prediction intervals are wider.
    """
    from scipy.special import stdtrit

    share = sample["share"].to_numpy(dtype=float)
    residual = sample["residual"].to_numpy(dtype=float)
    design = np.column_stack([np.ones(len(share)), share])
    inverse = np.linalg.inv(design.T @ design)
    weight = (residual / (1 - np.einsum("ij,jk,ik->i", design, inverse, design))) ** 2
    covariance = inverse @ (design.T * weight) @ design @ inverse
    slope_and_level = inverse @ design.T @ sample["ln_value"].to_numpy(dtype=float)
    at = np.linspace(share.min(), share.max(), POINTS) if shares is None else np.asarray(shares, dtype=float)
    where = np.column_stack([np.ones(len(at)), at])
    middle = where @ slope_and_level
    half = stdtrit(len(share) - 2, (1 + level) / 2) * np.sqrt(np.einsum("ij,jk,ik->i", where, covariance, where))
    return pd.DataFrame(
        {"share": at, "fitted": np.exp(middle), "low": np.exp(middle - half), "high": np.exp(middle + half)}
    )
