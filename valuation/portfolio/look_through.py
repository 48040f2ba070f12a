"""Look-through exposure of a portfolio: MW, contracted revenue, backlog by counterparty, bitcoin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.contracts.credit import ITSELF, NO_SUPPORT
from valuation.portfolio.kinds import EQUITY, FUND, OPTION
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
P_NAV, NAV = "p_nav_dcf", "nav_dcf_usd"
NAMED, RAW = "counterparty_name", "counterparty"
PER_MW, PRICE_TO_NAV = "ev_per_mw_secured", "p_nav"
# How the two kinds of mean differ, in a sentence.
MEANS = (
    "Harmonic: what the longs own together, sum over sum, as one company would report it. Arithmetic: each company's own "
    "figure weighted by its value held, which the highest figures lead."
)


@dataclass(frozen=True, repr=False)
class LookThrough(ResultMixin):
    """A portfolio's share of its companies; shorts count negative.

    Attributes
    ----------
    companies : DataFrame
        Indexed by company: quantity (shares owned), value_usd, diluted_shares, share (of the company), then the share of
        each of `OWNED`, bitcoin (coins) and nav_usd, and p_nav; option_shares, the delta equivalent of options on it, which
        own nothing. NaN where the company's figure is unknown.
    status : DataFrame
        Statuses of the companies' figures, same columns.
    counterparties : DataFrame
        Indexed by counterparty, largest backlog first: backlog_usd, revenue_usd a year, it_mw, companies, share (of the
        backlog of long positions), guaranteed_usd (the part of the backlog that somebody else guarantees) and guarantors.
    guarantors : DataFrame
        Indexed by guarantor, the largest first: backlog_usd guaranteed, tenants, companies, share (of the backlog of long
        positions).
    totals : Series
        Sums over the known.
    means : DataFrame
        Of the long positions, indexed by ev_per_mw_secured (m USD) and p_nav: harmonic (sum over sum), arithmetic (weighted
        by value), n and of (companies), covered (part of their value that the harmonic mean rests on) and excluded (which
        companies, and why).
    optional : dict
        Companies held through options alone -> delta-equivalent shares.
    outside : tuple of str
        Names held that are not in the universe.
    """

    companies: pd.DataFrame
    status: pd.DataFrame
    counterparties: pd.DataFrame
    guarantors: pd.DataFrame
    totals: pd.Series
    means: pd.DataFrame
    optional: dict[str, float]
    outside: tuple[str, ...]

    @property
    def ev_per_mw(self) -> float:
        """m USD per secured MW of the long positions: enterprise value owned over MW owned."""
        return float(self.means.at[PER_MW, "harmonic"])

    @property
    def ev_per_mw_weighted(self) -> float:
        """Mean of EV per secured MW weighted by value, long positions."""
        return float(self.means.at[PER_MW, "arithmetic"])

    @property
    def p_nav(self) -> float:
        """Value over net asset value owned, long positions; NaN where none is known, or their sum is not positive."""
        return float(self.means.at[PRICE_TO_NAV, "harmonic"])

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
        One date of a screen, indexed by ticker. Columns `p_nav_dcf` and `nav_dcf_usd` are used where there are any.
    items : DataFrame
        Indexed by ticker: btc_held, noncontrolling_interest_pct as known.
    contracts : DataFrame
        A row a contract in force: ticker, counterparty (or counterparty_name, which is preferred), is_ai,
        owned_backlog_usd, owned_annual_revenue_usd, owned_it_mw; guarantor and supported_share where they are known.
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
    out["nav_usd"] = out["share"] * table.loc[rows, NAV] if NAV in table else out["value_usd"] / out["p_nav"]
    in_options = _option_shares(portfolio)
    out["option_shares"] = in_options.reindex(rows).fillna(0.0)
    out = out.sort_values("value_usd", ascending=False, key=np.abs)
    priced = portfolio.positions[portfolio.positions["kind"].isin((EQUITY, FUND))]
    outside = priced.loc[~priced["company"].isin(table.index), "ticker"]
    parties, guarantors = _counterparties(out["share"], contracts)
    return LookThrough(
        companies=out,
        status=states.loc[out.index],
        counterparties=parties,
        guarantors=guarantors,
        totals=out[[*OWNED, "bitcoin"]].sum(min_count=1),
        means=_means(out[out["quantity"] > 0], states),
        optional={str(name): float(n) for name, n in in_options.items() if name in table.index and name not in rows},
        outside=tuple(dict.fromkeys(outside)),
    )


def _option_shares(portfolio: Portfolio) -> pd.Series:
    """Delta-equivalent shares of options by what they are on."""
    options = portfolio.positions[(portfolio.positions["kind"] == OPTION) & portfolio.positions["delta"].notna()]
    shares = options["quantity"] * options["unit"] * options["delta"]
    return shares.groupby(options["exposure_to"]).sum()


def _means(long: pd.DataFrame, states: pd.DataFrame) -> pd.DataFrame:
    """Harmonic and arithmetic means of EV per secured MW and of price to NAV over long positions, and what they cover."""
    ev, mw, value = long["enterprise_value_usd"] / MILLION, long["secured_mw"], long["value_usd"]
    per_mw = ev / mw.where(mw > 0)
    known = {PER_MW: ev.notna() & mw.notna() & value.notna(), PRICE_TO_NAV: long["nav_usd"].notna() & value.notna()}
    sums = {PER_MW: (ev, mw), PRICE_TO_NAV: (value, long["nav_usd"])}
    own = {PER_MW: per_mw.where(per_mw > 0), PRICE_TO_NAV: long["p_nav"]}
    rows = {}
    for name, both in known.items():
        over, under = (part[both].sum() for part in sums[name])
        figure = own[name].notna() & value.notna()
        whole = value.sum()
        why = ", ".join(str(company) for company in long.index[~both])
        rows[name] = {
            "harmonic": _over(over, under),
            "arithmetic": _over((own[name] * value)[figure].sum(), value[figure].sum()),
            "n": int(both.sum()),
            "of": len(long),
            "covered": _over(value[both].sum(), whole),
            "excluded": why,
            "n_arithmetic": int(figure.sum()),
        }
    return pd.DataFrame.from_dict(rows, orient="index")


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


def _counterparties(share: pd.Series, contracts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Backlog, revenue and MW owned by counterparty, and the backlog that guarantors stand behind."""
    columns = {"owned_backlog_usd": "backlog_usd", "owned_annual_revenue_usd": "revenue_usd", "owned_it_mw": "it_mw"}
    signed = contracts[contracts["is_ai"] & contracts["ticker"].isin(share.index)]
    who = signed[NAMED if NAMED in signed else RAW].fillna("not stated").rename("counterparty")
    part = signed["ticker"].map(share)
    owned = signed[list(columns)].mul(part, axis=0).rename(columns=columns)
    out = owned.groupby(who).sum(min_count=1)
    out["companies"] = _listed(signed["ticker"], who)
    long = owned["backlog_usd"].clip(lower=0)
    whole = long.sum()
    out["share"] = long.groupby(who).sum(min_count=1) / whole if whole > 0 else np.nan
    behind = signed.get("guarantor", pd.Series(NO_SUPPORT, index=signed.index)).rename("guarantor")
    guaranteed = is_guaranteed(signed)
    backed = (owned["backlog_usd"] * signed.get("supported_share", np.nan)).where(guaranteed)
    out["guaranteed_usd"] = backed.groupby(who).sum()  # nothing guaranteed is zero: the contracts say so
    out["guarantors"] = _listed(behind[guaranteed], who[guaranteed]).reindex(out.index).fillna("")
    by = behind[guaranteed]
    guarantors = pd.DataFrame(
        {
            "backlog_usd": backed[guaranteed].groupby(by).sum(min_count=1),
            "tenants": _listed(who[guaranteed], by),
            "companies": _listed(signed.loc[guaranteed, "ticker"], by),
            "share": backed[guaranteed].clip(lower=0).groupby(by).sum(min_count=1) / whole if whole > 0 else np.nan,
        }
    )
    return (
        out.sort_values("backlog_usd", ascending=False, kind="stable"),
        guarantors.sort_values("backlog_usd", ascending=False, kind="stable").rename_axis("guarantor"),
    )


def is_guaranteed(contracts: pd.DataFrame) -> pd.Series:
    """Whether somebody other than the tenant pays a part of each contract where the tenant does not."""
    if "guarantor" not in contracts or "supported_share" not in contracts:
        return pd.Series(False, index=contracts.index)
    return ~contracts["guarantor"].isin((NO_SUPPORT, ITSELF)) & (contracts["supported_share"] > 0)


def _listed(names: pd.Series, by: pd.Series) -> pd.Series:
    return names.groupby(by).agg(lambda some: ", ".join(sorted(set(some)))).astype(object)
