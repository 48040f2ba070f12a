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
from valuation.portfolio.kinds import AT_NOTIONAL, CASH, FUND, OPTION
from valuation.portfolio.options import DAYS_A_YEAR, price
from valuation.portfolio.positions import Portfolio

BY_BETA, BY_NAV, BY_REVALUATION = "beta", "net asset value", "revaluation"
BITCOIN_SHOCK = -0.3
OUTSIDE = "not in the universe: cannot be revalued"
NO_BETA = "no returns, so no beta"


@dataclass(frozen=True, repr=False)
class StressResult(ResultMixin):
    """Profit and loss of a portfolio under one stress test.

    Attributes
    ----------
    name, title, method : str
    positions : DataFrame
        On the rows of the portfolio's positions: price_after (USD), change (fraction of the position's own price; of a
        future or a CFD of its underlying's), pnl_usd; NaN where it is unknown, with `why`; is_cash.
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
        """Profit and loss over the positions whose change is known; NaN where only that of cash is."""
        known = self.positions["pnl_usd"].notna()
        only_cash = (~known).any() and not (known & ~self.positions["is_cash"]).any()
        return np.nan if only_cash else float(self.positions["pnl_usd"].sum())

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
    moved = held["exposure_to"]
    known = moved.isin(change.index)
    out = pd.DataFrame(index=held.index)
    # A fund may have the ticker of a coin.
    beside = moved.map(others).astype(float).where(held["kind"] != FUND)
    out["change"] = moved.map(change).astype(float).where(known, beside)
    out["why"] = moved.map(why).astype(object).fillna("").where(known & out["change"].isna(), "")
    out["why"] = out["why"].where(known | out["change"].notna() | (held["kind"] == CASH), OUTSIDE)
    return _scenario(name, title, method, portfolio, out)


def _scenario(name: str, title: str, method: str, portfolio: Portfolio, out: pd.DataFrame) -> StressResult:
    """Prices and profit from the change of what moves each position; options are revalued at their implied volatility."""
    held = portfolio.positions
    kind = held["kind"]
    out["change"] = out["change"].astype(float).where(kind != CASH, 0.0)
    after = (held["price_usd"] * (1 + out["change"])).astype(float)
    options = kind == OPTION
    for at in held.index[options]:
        after[at] = _option_after(held.loc[at], float(out.at[at, "change"]), portfolio.as_of)
    out["change"] = out["change"].where(~options, after / held["price_usd"] - 1)
    no_exposure = held["exposure_usd"].isna()
    out["why"] = np.where(no_exposure, held["exposure_cause"], out["why"])
    out["price_after"] = after
    own = held["value_usd"] * out["change"]
    # An option worth nothing has no fraction to change by.
    out["pnl_usd"] = own.where(~options, held["quantity"] * (after - held["price_usd"])).where(
        ~kind.isin(AT_NOTIONAL), held["exposure_usd"] * out["change"]
    )
    out["is_cash"] = kind == CASH
    out.loc[no_exposure, ["pnl_usd", "change", "price_after"]] = np.nan
    return StressResult(name, title, method, out, portfolio.net)


def _option_after(row: pd.Series, change: float, as_of: pd.Timestamp) -> float:
    """Price of one unit of an option once its underlying has changed, at the volatility that its price implies, USD."""
    if np.isnan(row["delta"]) or np.isnan(change):
        return np.nan
    if change == 0:  # to the last digit
        return float(row["price_usd"])
    years = (row["expiry"] - as_of).days / DAYS_A_YEAR
    worth = price(
        row["underlying_usd"] * (1 + change),
        row["strike"] * row["cost_fx"],
        years,
        row["implied_volatility"],
        row["right"],
    )
    return float(row["unit"] * worth)


def bitcoin_by_beta(portfolio: Portfolio, betas: pd.Series, shock: float = BITCOIN_SHOCK) -> StressResult:
    """Each name moves by its beta to bitcoin times the shock.

    Parameters
    ----------
    betas : Series by name (company, or ticker outside the universe)
    """
    name = portfolio.positions["exposure_to"]
    out = pd.DataFrame({"change": (name.map(betas).astype(float) * shock).clip(lower=-1.0)}, index=name.index)
    out["why"] = np.where(out["change"].isna(), NO_BETA, "")
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
