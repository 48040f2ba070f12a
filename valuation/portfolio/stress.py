"""Stress tests of a portfolio: bitcoin falls, the gap closes, a tenant defaults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.gap.estimate import Gap
from valuation.groups import BITCOIN, PIVOT
from valuation.portfolio.look_through import NAMED, RAW
from valuation.portfolio.positions import CASH, Portfolio
from valuation.portfolio.revaluation import reprice
from valuation.status import USABLE

BY_BETA, BY_REVALUATION = "beta", "revaluation"
RECOVERY = 0.5  # of the value of a contract whose tenant fails: power and building stay and can be let again
BITCOIN_SHOCK = -0.3


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
    """A scenario from the prices of companies after it; names outside it do not move.

    Parameters
    ----------
    price_after : Series by company, USD
        From whatever model gives one; NaN where it gives none, with the reason in `why`.
    """
    held = portfolio.positions
    moves = held["company"].isin(price_after.index) & (held["kind"] == "equity")
    after = held["company"].map(price_after)
    out = pd.DataFrame(index=held.index)
    out["change"] = (after / held["price_usd"] - 1).where(moves)
    out["why"] = held["company"].map(why).fillna("").where(moves & out["change"].isna(), "")
    still = held["kind"] == CASH
    out["change"] = out["change"].where(~still, 0.0)
    beyond = ~moves & ~still
    out["why"] = out["why"].where(~beyond, "not in the universe, or an option: cannot be revalued")
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
    """Company figures for revaluation: one date of a screen, by ticker.

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


def bitcoin_by_revaluation(portfolio: Portfolio, companies: Companies, shock: float = BITCOIN_SHOCK) -> StressResult:
    """Bitcoin shock by revaluation of the bitcoin held; nothing else changes."""
    change = (companies.bitcoin_usd * shock).where(companies.usable("bitcoin_usd"))
    why = pd.Series("bitcoin held is unknown", index=change.index)
    title = f"Bitcoin {shock:+.0%}"
    return from_prices("bitcoin", title, BY_REVALUATION, portfolio, companies.reprice(change), why)


def gap_closes(portfolio: Portfolio, companies: Companies, *, by: str = PIVOT) -> StressResult:
    """The gap of EV per secured MW goes to 1 : 1: every member of one group is revalued by the ratio of medians.

    Parameters
    ----------
    by : {"pivot", "bitcoin"}
        The AI group falls to the mining group's level, or the mining group rises to the AI group's.
    """
    ratio = float(companies.gap.headline["ratio"])
    value, group = companies.table["enterprise_value_usd"], companies.table["group"]
    factor = 1 / ratio - 1 if by == PIVOT else ratio - 1
    inside = (companies.table["excluded"] == "") & group.isin([PIVOT, BITCOIN])
    priced = companies.usable("enterprise_value_usd") & (value > 0)
    change = (value * factor).where(priced).where(group == by, 0.0).where(inside)
    why = pd.Series("enterprise value unknown or not positive", index=value.index).where(inside, "outside the groups")
    if not np.isfinite(ratio):
        change, why[:] = change * np.nan, "estimate of the gap not available on this date"
    falls = by == PIVOT
    title = f"Gap of {ratio:.2f}x closes, " + ("AI group falls" if falls else "mining group rises")
    name = "gap-closes-down" if falls else "gap-closes-up"
    return from_prices(name, title, BY_REVALUATION, portfolio, companies.reprice(change), why)


def tenant_defaults(
    portfolio: Portfolio, companies: Companies, tenant: str, *, recovery: float = RECOVERY
) -> StressResult:
    """Tenant default: each company loses the market value of its contracts with it, less the recovery.

    Notes
    -----
    Loss = EV x contracted AI share x the tenant's part of contracted NOI x (1 - recovery): the market's own price for
    signed business, spread over contracts by NOI. Contracts of the same wording of counterparty count.
    """
    signed = companies.contracts[companies.contracts["is_ai"]]
    who = signed[NAMED if NAMED in signed else RAW]
    hit = who.fillna("").str.casefold() == tenant.casefold()
    noi = signed["owned_noi_usd"]
    total = noi.groupby(signed["ticker"]).sum(min_count=1)
    part = (noi[hit].groupby(signed.loc[hit, "ticker"]).sum(min_count=1) / total).reindex(companies.table.index)
    exposed = companies.table.index.isin(signed.loc[hit, "ticker"])
    known = companies.usable("enterprise_value_usd") & companies.usable("ai_share_contracted")
    loss = companies.table["enterprise_value_usd"] * companies.table["ai_share_contracted"] * part * (1 - recovery)
    change = (-loss.clip(lower=0)).where(known).where(exposed, 0.0)
    why = pd.Series("enterprise value, contracted share or the contracts' income unknown", index=change.index)
    title = f"{tenant} defaults, {recovery:.0%} recovered"
    return from_prices("tenant", title, BY_REVALUATION, portfolio, companies.reprice(change), why)
