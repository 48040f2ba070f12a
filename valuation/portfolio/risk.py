"""Risk of a portfolio as it stands: its exposures today over the returns of the past, by historical simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.errors import NotEstimable
from valuation.portfolio.historical import expected_shortfall, tail_count, tail_weights, value_at_risk
from valuation.portfolio.loss_intervals import DRAWS, block_length, loss_intervals
from valuation.screening.performance import WEEKS_PER_YEAR

LEAST_RETURNS = 26
LEVELS = (0.95, 0.99)
ES_LEVEL = 0.95


@dataclass(frozen=True, repr=False)
class Beta(ResultMixin):
    """Slope of returns on a factor's, OLS with an intercept, over `n` returns known of both."""

    factor: str
    beta: float
    std_error: float
    r_squared: float
    n: int


def beta(y: pd.Series, x: pd.Series, factor: str) -> Beta:
    """NaN where fewer than 26 returns are shared or the factor does not move."""
    both = y.notna() & x.notna()
    a, b = y[both].to_numpy(dtype=float), x[both].to_numpy(dtype=float)
    n = len(a)
    if n < LEAST_RETURNS or np.ptp(b) == 0:
        return Beta(factor, np.nan, np.nan, np.nan, n)
    a, b = a - a.mean(), b - b.mean()
    slope = (a @ b) / (b @ b)
    residual = a - slope * b
    se = np.sqrt(residual @ residual / (n - 2) / (b @ b))
    explained = 1 - (residual @ residual) / (a @ a) if a @ a > 0 else np.nan
    return Beta(factor, float(slope), float(se), float(explained), n)


@dataclass(frozen=True, repr=False)
class Risk(ResultMixin):
    """Risk of a portfolio by historical simulation; fractions of net value, losses positive.

    Attributes
    ----------
    returns : Series
        Of the portfolio at today's weights, by date.
    names : DataFrame
        Indexed by name, largest contribution first: value_usd (the exposure), weight (of net value), volatility (a year,
        alone), contribution (to the
        portfolio's volatility; they sum to it), share (of it), es_contribution (to the expected shortfall at 95%; they
        sum to it), filled (returns taken from the mean of the field), and beta_bitcoin.
    matrix : DataFrame (dates, names)
        The returns behind it, gaps filled.
    factors : DataFrame (dates, factors)
        The returns that betas are to; NaN unknown.
    volatility : float
        A year.
    losses : DataFrame
        Indexed by level: var, es (of one period), tail, how many returns stand behind them, and var_low, var_high, es_low,
        es_high, the ends of 95% stationary-bootstrap intervals; NaN where fewer than five returns stand in the tail.
    block, draws, seed : int
        Of the bootstrap: mean length of a block in returns, B, and the seed.
    betas : tuple of Beta
    concentration : dict
        largest (name), largest_weight (of gross), hhi (of gross), effective_names (1 / hhi).
    covered : float
        Part of gross exposure that has returns.
    left_out : dict
        Name -> why it is in no risk figure.
    """

    returns: pd.Series
    names: pd.DataFrame
    matrix: pd.DataFrame
    volatility: float
    losses: pd.DataFrame
    factors: pd.DataFrame
    betas: tuple[Beta, ...]
    concentration: dict[str, object]
    covered: float
    left_out: dict[str, str]
    periods: str
    per_year: int
    block: int
    draws: int
    seed: int

    @property
    def n(self) -> int:
        """Returns."""
        return len(self.returns)

    @property
    def frame(self) -> pd.DataFrame:
        """One row a name."""
        return self.names

    def __str__(self) -> str:
        betas = ", ".join(f"{b.factor} {b.beta:.2f} (se {b.std_error:.2f}, n = {b.n})" for b in self.betas)
        return (
            f"Volatility {self.volatility:.1%} a year over {self.n} {self.periods} returns; betas {betas}\n"
            f"{self.losses.to_string()}\n{self.names.to_string()}"
        )


def risk(
    values: pd.Series,
    net: float,
    closes: pd.DataFrame,
    factors: Mapping[str, pd.Series],
    field: pd.Series,
    *,
    bitcoin: str = "bitcoin",
    periods: str = "weekly",
    per_year: int = WEEKS_PER_YEAR,
    draws: int = DRAWS,
    seed: int = 0,
) -> Risk:
    """Measure the risk of names held at today's exposures.

    Parameters
    ----------
    values : Series by name, USD
        Exposures (`Portfolio.by_name`): shorts negative, options at their delta equivalents; cash left out, it does not
        move.
    net : float
        Net value of the portfolio, cash included, above zero.
    closes : DataFrame (dates, names)
        On one share basis, ascending, evenly spaced; NaN where there is none.
    factors : Series of returns by name of the factor, on the dates of `closes`
    field : Series
        Mean return of the field on those dates: what stands in for a return that a name does not have.
    draws, seed : int
        Of the bootstrap intervals of the losses.

    Raises
    ------
    NotEstimable
        Net value not positive, nothing with returns, or fewer than 26 of them.
    """
    if not net > 0:
        raise NotEstimable(f"net value is {net:,.0f} USD: weights and risk mean nothing")
    all_returns = (closes / closes.shift(1) - 1).iloc[1:]
    if len(all_returns) < LEAST_RETURNS:
        raise NotEstimable(f"{len(all_returns)} {periods} returns; at least {LEAST_RETURNS} are needed")
    left_out = {}
    for name in values.index:
        known = int(all_returns[name].notna().sum()) if name in all_returns else 0
        if known < LEAST_RETURNS:
            left_out[str(name)] = f"{known} returns, at least {LEAST_RETURNS} are needed" if known else "no closes"
    mine = values.drop(list(left_out))
    if mine.empty:
        raise NotEstimable("no position has a history of closes")
    own = all_returns[mine.index]
    filled = own.isna().sum()
    stand_in = field.reindex(own.index).fillna(0.0)
    matrix = own.apply(lambda column: column.fillna(stand_in))
    weights = mine / net
    portfolio = matrix @ weights
    scale = np.sqrt(per_year)
    spread = float(portfolio.std(ddof=1))
    covariance = matrix.mul(portfolio - portfolio.mean(), axis=0).sum() / (len(matrix) - 1)
    tail = tail_weights(portfolio.to_numpy(), ES_LEVEL)
    names = pd.DataFrame(
        {
            "value_usd": mine,
            "weight": weights,
            "volatility": matrix.std(ddof=1) * scale,
            "contribution": weights * covariance / spread * scale if spread > 0 else 0.0 * weights,
            "es_contribution": -weights * pd.Series(tail @ matrix.to_numpy(), index=matrix.columns),
            "filled": filled,
        }
    )
    names["share"] = names["contribution"] / (spread * scale) if spread > 0 else np.nan
    to_bitcoin = factors.get(bitcoin, pd.Series(np.nan, index=own.index)).reindex(own.index)
    names["beta_bitcoin"] = [beta(matrix[name], to_bitcoin, bitcoin).beta for name in mine.index]
    losses = pd.DataFrame(
        {
            "var": [value_at_risk(portfolio.to_numpy(), level) for level in LEVELS],
            "es": [expected_shortfall(portfolio.to_numpy(), level) for level in LEVELS],
            "tail": [tail_count(len(portfolio), level) for level in LEVELS],
        },
        index=pd.Index(LEVELS, name="level"),
    ).join(loss_intervals(portfolio.to_numpy(), LEVELS, draws=draws, seed=seed))
    gross = values.abs()
    return Risk(
        returns=portfolio,
        names=names.sort_values("contribution", ascending=False, kind="stable"),
        matrix=matrix,
        volatility=spread * scale,
        losses=losses,
        factors=pd.DataFrame({name: series.reindex(own.index) for name, series in factors.items()}, index=own.index),
        betas=tuple(beta(portfolio, series.reindex(own.index), name) for name, series in factors.items()),
        concentration=concentration(values),
        covered=float(gross[mine.index].sum() / gross.sum()),
        left_out=left_out,
        periods=periods,
        per_year=per_year,
        block=block_length(len(portfolio)),
        draws=draws,
        seed=seed,
    )


def concentration(values: pd.Series) -> dict[str, object]:
    """Largest name, its share of gross exposure, Herfindahl index and the effective number of names."""
    part = values.abs() / values.abs().sum()
    hhi = float((part**2).sum())
    return {
        "largest": str(part.idxmax()),
        "largest_weight": float(part.max()),
        "hhi": hhi,
        "effective_names": 1 / hhi,
    }
