"""The primary regression: ln(EV per secured MW) on contracted AI revenue share."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin, Summary, small
from valuation.errors import NotEstimable
from valuation.findings import Finding, texts
from valuation.groups import PIVOT
from valuation.inference import CoefficientTest, wild_bootstrap_interval
from valuation.metrics import METRICS
from valuation.regression.findings import association, no_association, not_a_valuation, not_causal

LEAST_NAMES = 5  # three degrees of freedom beside slope and intercept
DECISIVE_LEVERAGE = 1 - 1e-9


@dataclass(frozen=True, repr=False)
class Regression(ResultMixin):
    """OLS of ln(EV per secured MW) on contracted AI share, one date: wild bootstrap p and interval, HC3 with t(n - k).

    Attributes
    ----------
    response, regressor : str
        Metric names; the response enters in logs.
    sample : DataFrame
        Indexed by ticker: share, ln_value, fitted_ln, residual, leverage.
    slope, intercept, slope_se, intercept_se : float
        HC3 standard errors (MacKinnon & White 1985; Long & Ervin 2000).
    t_value, p_value, low, high : float
        Of the slope under HC3, from t with `df` = n - 2 degrees of freedom at `level`.
    r_squared : float
    implied_gap : float or None
        exp(slope x mean share of the AI group): from no share to its mean; None where that group is empty.
    wild : inference.CoefficientTest
        The headline: the slope's p and interval by the restricted wild bootstrap, HC3-t.
    """

    response: str
    regressor: str
    sample: pd.DataFrame
    slope: float
    intercept: float
    slope_se: float
    intercept_se: float
    t_value: float
    p_value: float
    low: float
    high: float
    level: float
    df: int
    r_squared: float
    implied_gap: float | None
    wild: CoefficientTest

    @property
    def n(self) -> int:
        """Companies in the sample."""
        return len(self.sample)

    @property
    def share(self) -> str:
        """The regressor in a sentence."""
        known = {
            "ai_share_contracted": "contracted AI revenue", "ai_share_trailing": "trailing AI revenue",
            "leased_share": "leased share of secured MW",
        }  # fmt: skip
        return known.get(self.regressor, self.regressor.replace("_", " "))

    @property
    def premium(self) -> float:
        """exp(slope) - 1: the premium per MW from a share of 0 to 100%."""
        return float(np.expm1(self.slope))

    @property
    def frame(self) -> pd.DataFrame:
        """Estimate, HC3 standard error, t, p and interval, a row a coefficient."""
        from scipy.special import stdtr, stdtrit

        estimate = np.array([self.intercept, self.slope])
        se = np.array([self.intercept_se, self.slope_se])
        half = stdtrit(self.df, (1 + self.level) / 2) * se
        t = estimate / se
        return pd.DataFrame(
            {
                "estimate": estimate,
                "std_error_hc3": se,
                "t": t,
                "p": 2 * stdtr(self.df, -np.abs(t)),
                "low": estimate - half,
                "high": estimate + half,
            },
            index=["intercept", self.regressor],
        )

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What the slope shows and what it does not."""
        found = (*association(self.wild, self.level, self.share), *no_association(self.wild, share=self.share))
        return (*found, not_causal(), not_a_valuation())

    def _summary(self) -> Summary:
        wild = self.wild
        lines = (
            f"OLS, HC3 standard errors, t({self.df}), n = {self.n}, R2 {self.r_squared:.3f}",
            f"Headline test, {wild.method} (B = {wild.draws:,}): p = {wild.p_value:.4f}, slope {wild.low:.4f} to "
            f"{wild.high:.4f} at {self.level:.0%}",
        )
        response, regressor = (
            METRICS[name].title if name in METRICS else name for name in (self.response, self.regressor)
        )
        title = f"Regression of ln({response}) on {regressor}"
        return Summary(title, lines, (small(self.frame),), tuple(texts(self.findings)))


def primary(
    sample: pd.DataFrame,
    *,
    response: str = "ev_per_mw_secured",
    regressor: str = "ai_share_contracted",
    level: float = 0.95,
    draws: int = 9999,
    seed: int = 0,
) -> Regression:
    """Regress ln(response) on regressor by statsmodels' OLS with HC3 and t(n - k), and test the slope by wild bootstrap.

    Parameters
    ----------
    sample : DataFrame
        Indexed by ticker, columns `response` (> 0), `regressor` and group; already without the companies that
        stay out of the statistics.
    draws, seed : int
        Of the wild bootstrap beyond 18 companies; all sign vectors up to there.

    Raises
    ------
    NotEstimable
        Fewer than five companies, a value without a logarithm, all shares equal, one company that sets the slope
        alone, or a line through every company.
    """
    # Imported here: 0.8 s that only a run with a regression should pay.
    from statsmodels.regression.linear_model import OLS

    n = len(sample)
    if n < LEAST_NAMES:
        raise NotEstimable(f"a regression needs at least {LEAST_NAMES} companies, the sample has {n}")
    raw = sample[response].to_numpy(dtype=float)
    if not (raw > 0).all():
        raise NotEstimable(f"{', '.join(sample.index[~(raw > 0)])}: {response} is not positive and has no logarithm")
    share = sample[regressor].to_numpy(dtype=float)
    if np.ptp(share) < 1e-12:
        raise NotEstimable(f"all {n} companies have the same {regressor}: the slope is not identified")
    ln_value = np.log(raw)
    design = np.column_stack([np.ones(n), share])
    leverage = np.einsum("ij,jk,ik->i", design, np.linalg.inv(design.T @ design), design)
    if (leverage > DECISIVE_LEVERAGE).any():
        alone = sample.index[int(np.argmax(leverage))]
        raise NotEstimable(
            f"{alone} alone differs in {regressor}: one company determines the slope, so it cannot be tested"
        )
    wild = wild_bootstrap_interval(ln_value, design, 1, level=level, draws=draws, seed=seed)
    # use_t: statsmodels' default p-value under HC3 is normal, too small at n = 15.
    fit = OLS(ln_value, design).fit(cov_type="HC3", use_t=True)
    low, high = fit.conf_int(alpha=1 - level)[1]
    frame = pd.DataFrame(
        {
            "share": share,
            "ln_value": ln_value,
            "fitted_ln": fit.fittedvalues,
            "residual": fit.resid,
            "leverage": leverage,
        },
        index=sample.index,
    )
    of_pivots = share[(sample["group"] == PIVOT).to_numpy()]
    implied = float(np.exp(fit.params[1] * of_pivots.mean())) if len(of_pivots) else None
    return Regression(
        response=response,
        regressor=regressor,
        sample=frame,
        slope=float(fit.params[1]),
        intercept=float(fit.params[0]),
        slope_se=float(fit.bse[1]),
        intercept_se=float(fit.bse[0]),
        t_value=float(fit.tvalues[1]),
        p_value=float(fit.pvalues[1]),
        low=float(low),
        high=float(high),
        level=level,
        df=int(fit.df_resid),
        r_squared=float(fit.rsquared),
        implied_gap=implied,
        wild=wild,
    )
