"""The mean of a series whose neighbouring values share data (Newey & West 1987)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation._summary import ResultMixin
from valuation.degrees import require_degrees
from valuation.errors import NotEstimable


@dataclass(frozen=True, repr=False)
class MeanTest(ResultMixin):
    """A two-sided test that a mean over dates is zero; t with `df` = dates that share no data, less 1."""

    mean: float
    std_error: float
    t_value: float
    p_value: float
    df: int
    n: int
    lags: int

    def __str__(self) -> str:
        return (
            f"{self.mean:+.3f}, t = {self.t_value:.2f}, p = {self.p_value:.3f} (Newey-West, {self.lags} lags, "
            f"t({self.df}), n = {self.n})"
        )


def mean_test(x: np.ndarray, *, overlap: int = 1) -> MeanTest:
    """Test the mean of a series whose neighbouring values share data.

    Parameters
    ----------
    x : float array (dates,)
        NaN is left out.
    overlap : int
        Each value shares data with the next `overlap` - 1; as many lags are taken at the least, more where
        floor(4 (n / 100)^(2/9)) is more, and only n / overlap dates count as degrees of freedom.

    Raises
    ------
    NotEstimable
        Fewer than ten values, fewer than three times the lags, or fewer than four dates that share no data: three degrees of
        freedom.
    """
    from scipy.special import stdtr

    known = x[~np.isnan(x)]
    n = len(known)
    lags = max(overlap - 1, int(4 * (max(n, 1) / 100) ** (2 / 9)))
    if n < 10 or n < 3 * lags:
        raise NotEstimable(f"a mean over {n} dates with {lags} lags cannot be tested")
    df = n // overlap - 1
    require_degrees(df, f"{n} dates, each sharing data with {overlap - 1} more,")
    mean = float(known.mean())
    apart = known - mean
    total = apart @ apart + sum(2 * (1 - k / (lags + 1)) * (apart[k:] @ apart[:-k]) for k in range(1, lags + 1))
    se = float(np.sqrt(total / (n * (n - 1))))
    t = mean / se if se > 0 else np.copysign(np.inf, mean) if mean else np.nan
    return MeanTest(mean, se, float(t), float(2 * stdtr(df, -abs(t))), df, n, lags)
