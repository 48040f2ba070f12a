"""Look-through exposure of a portfolio: MW, contracted revenue, backlog by counterparty, bitcoin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.portfolio.positions import Portfolio
from valuation.status import USABLE

MILLION = 1e6
# What is owned -> the metric of the company. Bitcoin is in coins, from the items.
OWNED = {
    "enterprise_value_usd": "enterprise_value_usd",
    "secured_mw": "secured_mw",
    "operating_mw": "operating_mw",
    "ai_contracted_it_mw": "ai_contracted_it_mw",
    "contracted_revenue_usd": "contracted_revenue_usd",
    "contracted_noi_usd": "contracted_noi_usd",
    "backlog_usd": "backlog_usd",
}
P_NAV = "p_nav_dcf"
NAMED, RAW = "counterparty_name", "counterparty"


@dataclass(frozen=True, repr=False)
class LookThrough(ResultMixin):
    """A portfolio's share of its companies; shorts count negative.

    Attributes
    ----------
    companies : DataFrame
        Indexed by company: quantity, value_usd, diluted_shares, share (of the company), then the share of each of
        `OWNED` and bitcoin (coins), and p_nav. NaN where the company's figure is unknown.
    status : DataFrame
        Statuses of the companies' figures, same columns.
    counterparties : DataFrame
        Indexed by counterparty, largest backlog first: backlog_usd, revenue_usd a year, it_mw, companies, share (of the
        backlog of long positions).
    totals : Series
        Sums over the known.
    ev_per_mw : float
        m USD per secured MW of the long positions: sum of enterprise value owned over sum of MW owned.
    ev_per_mw_weighted : float
        Mean of EV per secured MW weighted by value, long positions.
    p_nav : float
        Value over net asset value owned, long positions; NaN where no company has one.
    outside : tuple of str
        Names held that are not in the universe.
    """

    companies: pd.DataFrame
    status: pd.DataFrame
    counterparties: pd.DataFrame
    totals: pd.Series
    ev_per_mw: float
    ev_per_mw_weighted: float
    p_nav: float
    outside: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """One row a company."""
        return self.companies


def look_through(
    portfolio: Portfolio,
    table: pd.DataFrame,
    status: pd.DataFrame,
    items: pd.DataFrame,
    contracts: pd.DataFrame,
    companies: pd.DataFrame,
) -> LookThrough:
    """Look-through exposure: each company's figures times the share of it that is held.

    Parameters
    ----------
    portfolio : Portfolio
    table, status : DataFrame
        One date of a screen, indexed by ticker. A column `p_nav_dcf` is used where there is one.
    items : DataFrame
        Indexed by ticker: btc_held, noncontrolling_interest_pct as known.
    contracts : DataFrame
        A row a contract in force: ticker, counterparty (or counterparty_name, which is preferred), is_ai,
        owned_backlog_usd, owned_annual_revenue_usd, owned_it_mw.
    companies : DataFrame
        Indexed by ticker: consolidated_by.

    Notes
    -----
    The part is quantity / diluted shares. Bitcoin of a subsidiary that a parent consolidates counts for the parent less
    what others own of it; megawatts and contracts are taken as each company reports them.
    """
    held = portfolio.by_company()
    rows = held.index.intersection(table.index)
    out = held.loc[rows].rename_axis("company")
    out["diluted_shares"] = table.loc[rows, "diluted_shares"]
    out["share"] = out["quantity"] / out["diluted_shares"]
    states = pd.DataFrame({"diluted_shares": status.loc[rows, "diluted_shares"]}, index=out.index)
    for name, metric in OWNED.items():
        usable = status.loc[rows, metric].isin(USABLE)
        out[name] = (out["share"] * table.loc[rows, metric]).where(usable)
        states[name] = status.loc[rows, metric]
    out["bitcoin"] = out["share"] * attributable_bitcoin(items, companies).reindex(rows)
    states["bitcoin"] = np.where(out["bitcoin"].isna(), "missing", "ok")
    has_nav = P_NAV in table
    out["p_nav"] = table.loc[rows, P_NAV].where(status.loc[rows, P_NAV].isin(USABLE)) if has_nav else np.nan
    states["p_nav"] = status.loc[rows, P_NAV] if has_nav else "missing"
    out = out.sort_values("value_usd", ascending=False, key=np.abs)
    priced = portfolio.positions[portfolio.positions["kind"] == "equity"]
    outside = priced.loc[~priced["company"].isin(table.index), "ticker"]
    long = out[out["quantity"] > 0]
    both = long["enterprise_value_usd"].notna() & long["secured_mw"].notna()
    per_mw = long["enterprise_value_usd"] / long["secured_mw"] / MILLION
    meaningful = both & (long["enterprise_value_usd"] > 0)
    nav = long["value_usd"] / long["p_nav"]
    return LookThrough(
        companies=out,
        status=states.loc[out.index],
        counterparties=_counterparties(out["share"], contracts),
        totals=out[[*OWNED, "bitcoin"]].sum(min_count=1),
        ev_per_mw=_over(long.loc[both, "enterprise_value_usd"].sum() / MILLION, long.loc[both, "secured_mw"].sum()),
        ev_per_mw_weighted=_over(
            (per_mw * long["value_usd"])[meaningful].sum(), long.loc[meaningful, "value_usd"].sum()
        ),
        p_nav=_over(long.loc[nav.notna(), "value_usd"].sum(), nav.sum()),
        outside=tuple(dict.fromkeys(outside)),
    )


def attributable_bitcoin(items: pd.DataFrame, companies: pd.DataFrame) -> pd.Series:
    """Coins that belong to each company's own holders: a listed subsidiary's, less the part that others own of it."""
    held = items["btc_held"].copy()
    children = companies["consolidated_by"].dropna()
    for child, parent in children.items():
        if child in items.index and parent in held.index:
            others = items.at[parent, "noncontrolling_interest_pct"] / 100
            minority = others * items.at[child, "btc_held"]
            held[parent] -= 0.0 if np.isnan(minority) else minority
    return held


def _over(numerator: float, denominator: float) -> float:
    return float(numerator / denominator) if denominator > 0 else np.nan


def _counterparties(share: pd.Series, contracts: pd.DataFrame) -> pd.DataFrame:
    columns = {"owned_backlog_usd": "backlog_usd", "owned_annual_revenue_usd": "revenue_usd", "owned_it_mw": "it_mw"}
    signed = contracts[contracts["is_ai"] & contracts["ticker"].isin(share.index)]
    who = signed[NAMED if NAMED in signed else RAW].fillna("not stated").rename("counterparty")
    part = signed["ticker"].map(share)
    owned = signed[list(columns)].mul(part, axis=0).rename(columns=columns)
    out = owned.groupby(who).sum(min_count=1)
    out["companies"] = signed["ticker"].groupby(who).agg(lambda names: ", ".join(sorted(set(names))))
    long = owned["backlog_usd"].where(part > 0).groupby(who).sum()
    out["share"] = long / long.sum() if long.sum() > 0 else np.nan
    return out.sort_values("backlog_usd", ascending=False)
