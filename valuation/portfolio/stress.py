"""Stress tests of a portfolio: any scenario of the net asset values, bitcoin by beta, the gap closes.

What a company's price does in a scenario is computed once, by `valuation.nav.analysis.compare`; here it meets positions.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation._words import number
from valuation.gap.estimate import Gap
from valuation.gap.hodges_lehmann import TYPICAL
from valuation.groups import BITCOIN, PIVOT
from valuation.portfolio.positions import CASH, Portfolio
from valuation.portfolio.revaluation import reprice
from valuation.status import USABLE

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


def from_prices(
    name: str, title: str, method: str, portfolio: Portfolio, price_after: pd.Series, why: pd.Series
) -> StressResult:
    """A stress test from the prices of companies after it; names outside them do not move.

    Parameters
    ----------
    price_after : Series by company, USD
        From whatever model gives one; NaN where it gives none, with the reason in `why`.
    """
    held = portfolio.positions
    one_price = held[held["kind"] == "equity"].drop_duplicates("company").set_index("company")["price_usd"]
    change = price_after / one_price.reindex(price_after.index) - 1
    return from_changes(name, title, method, portfolio, change, why)


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
    """Company figures behind look-through and a closing gap: one date of a screen, by ticker; contracts in force.

    `bitcoin_usd` is what belongs to each company's own holders, at spot (`look_through.attributable_bitcoin`).
    """

    table: pd.DataFrame
    status: pd.DataFrame
    instruments: pd.DataFrame
    contracts: pd.DataFrame
    gap: Gap
    bitcoin_usd: pd.Series

    def reprice(self, change_usd: pd.Series) -> pd.Series:
        """Prices after the companies' values change."""
        return reprice(self.table["price_usd"], self.table["basic_shares"], self.instruments, change_usd)

    def usable(self, metric: str) -> pd.Series:
        """Who has a figure of a metric."""
        return self.status[metric].isin(USABLE)


def gap_closes(portfolio: Portfolio, companies: Companies, *, by: str = PIVOT) -> StressResult:
    """The gap of EV per secured MW goes to 1 : 1: every member of one group is revalued by the typical ratio.

    Where a group has fewer than three companies there is no typical ratio, and the ratio of medians stands in, named in the
    title: a stress is an assumption, not an estimate.

    Parameters
    ----------
    by : {"pivot", "bitcoin"}
        The AI group falls to the mining group's level, or the mining group rises to the AI group's.
    """
    rows = companies.gap.frame[companies.gap.frame["metric"] == companies.gap.headline["metric"]]
    known = rows[rows["statistic"].isin((TYPICAL, "median")) & rows["ratio"].notna()]
    ratio = float(known["ratio"].iloc[0]) if len(known) else np.nan
    stands_in = " (ratio of medians)" if len(known) and known["statistic"].iloc[0] != TYPICAL else ""
    value, group = companies.table["enterprise_value_usd"], companies.table["group"]
    factor = 1 / ratio - 1 if by == PIVOT else ratio - 1
    inside = (companies.table["excluded"] == "") & group.isin([PIVOT, BITCOIN])
    priced = companies.usable("enterprise_value_usd") & (value > 0)
    change = (value * factor).where(priced).where(group == by, 0.0).where(inside)
    why = pd.Series("enterprise value unknown or not positive", index=value.index).where(inside, "outside the groups")
    if not np.isfinite(ratio):
        change, why[:] = change * np.nan, "estimate of the gap not available on this date"
    falls = by == PIVOT
    title = f"Gap of {number(ratio)}x{stands_in} closes, " + ("AI group falls" if falls else "mining group rises")
    name = "gap-closes-down" if falls else "gap-closes-up"
    return from_prices(name, title, BY_REVALUATION, portfolio, companies.reprice(change), why)
