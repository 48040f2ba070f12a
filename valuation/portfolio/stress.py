"""Stress tests of a portfolio: any scenario of `valuation.nav.analysis`, a closing gap among them; bitcoin by beta.

What a company's price does in a scenario is computed once, by `valuation.nav.analysis.compare`; here it meets positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.gap.estimate import Gap
from valuation.portfolio.positions import CASH, Portfolio

BY_BETA, BY_NAV, BY_REVALUATION = "beta", "net asset value", "revaluation"
BITCOIN_SHOCK = -0.3
OUTSIDE = "not in the universe, or an option: cannot be revalued"


@dataclass(frozen=True, repr=False)
class StressResult(ResultMixin):
    """Profit and loss of a portfolio under one stress test.

    Attributes
    ----------
    name, title, method : str
    positions : DataFrame
        On the rows of the portfolio's positions: price_after (USD), change (fraction), pnl_usd; NaN where it is
        unknown, with `why`.
    pnl_usd : float
        Sum over the known.
    """

    name: str
    title: str
    method: str
    positions: pd.DataFrame
    net: float

    @property
    def frame(self) -> pd.DataFrame:
        return self.positions

    @property
    def pnl_usd(self) -> float:
        """Profit and loss over the positions whose change is known."""
        return float(self.positions["pnl_usd"].sum())

    @property
    def pnl(self) -> float:
        """Fraction of net value."""
        return self.pnl_usd / self.net if self.net > 0 else np.nan

    @property
    def untold(self) -> pd.DataFrame:
        """Positions whose change is unknown."""
        return self.positions[self.positions["pnl_usd"].isna()]


def from_changes(
    name: str,
    title: str,
    method: str,
    portfolio: Portfolio,
    change: pd.Series,
    why: pd.Series,
    others: Mapping[str, float] | None = None,
) -> StressResult:
    """A stress test from the changes of companies' prices.

    Parameters
    ----------
    change : Series by company, fraction
        NaN where there is none, with the reason in `why`.
    others : Mapping, optional
        Change of names outside the companies, such as coins, by ticker.
    """
    held, others = portfolio.positions, others or {}
    moves = held["company"].isin(change.index) & (held["kind"] == "equity")
    out = pd.DataFrame(index=held.index)
    out["change"] = held["company"].map(change).astype(float).where(moves, held["ticker"].map(others).astype(float))
    out["why"] = held["company"].map(why).fillna("").where(moves & out["change"].isna(), "")
    still = held["kind"] == CASH
    out["change"] = out["change"].where(~still, 0.0)
    beyond = ~moves & ~still & out["change"].isna()
    out["why"] = out["why"].where(~beyond, OUTSIDE)
    return _scenario(name, title, method, portfolio, out)


def _scenario(name: str, title: str, method: str, portfolio: Portfolio, out: pd.DataFrame) -> StressResult:
    held = portfolio.positions
    out["why"] = out["why"].where(held["value_usd"].notna(), "no price")
    out["price_after"] = held["price_usd"] * (1 + out["change"])
    out["pnl_usd"] = held["value_usd"] * out["change"]
    return StressResult(name, title, method, out, portfolio.net)


def bitcoin_by_beta(portfolio: Portfolio, betas: pd.Series, shock: float = BITCOIN_SHOCK) -> StressResult:
    """Each name moves by its beta to bitcoin times the shock.

    Parameters
    ----------
    betas : Series by name (company, or ticker outside the universe)
    """
    held = portfolio.positions
    name = held["company"].where(held["company"] != "", held["ticker"])
    out = pd.DataFrame({"change": (name.map(betas) * shock).clip(lower=-1.0)}, index=held.index)
    cash = held["kind"] == CASH
    out["change"] = out["change"].where(~cash, 0.0).where(held["kind"] != "option")
    out["why"] = np.where(out["change"].isna(), "no returns, so no beta", "")
    return _scenario("bitcoin", f"Bitcoin {shock:+.0%}", BY_BETA, portfolio, out)


@dataclass(frozen=True)
class Companies:
    """Company figures behind the look-through: one date of a screen, by ticker; contracts in force.

    `bitcoin_usd` is what belongs to each company's own holders, at spot (`look_through.attributable_bitcoin`).
    """

    table: pd.DataFrame
    status: pd.DataFrame
    instruments: pd.DataFrame
    contracts: pd.DataFrame
    gap: Gap
    bitcoin_usd: pd.Series
