"""The miners' recurring revenue by date: bitcoin's and AI's share of the latest known quarters, and the crossover."""

from __future__ import annotations

import pandas as pd

from valuation.fundamentals.ai_share import with_recurring
from valuation.revenue_mix.mix import HALF_QUARTER, LEAST_COMPANIES

# A quarter that ended longer ago is no longer the latest known one: the company has stopped reporting its revenue.
OLDEST = pd.Timedelta(days=365)
PARTS = ["mining_or_rest_usd", "ai_recurring_usd", "recurring_total_usd"]


def revenue_shares(quarters: pd.DataFrame, dates: pd.DatetimeIndex, miners: pd.Index) -> pd.DataFrame:
    """Bitcoin and AI share of the miners' recurring revenue as known on each date.

    Parameters
    ----------
    quarters : DataFrame
        `Inputs.quarters` on many dates.
    dates : DatetimeIndex
    miners : Index
        The companies that count: a subsidiary that its parent consolidates does not.

    Returns
    -------
    DataFrame
        Indexed by as_of: bitcoin_share, ai_share and other_share (hosting and the rest) of the recurring revenue of the
        `companies` whose latest known quarter has mining and AI revenue both, `proxies` of them with mining as total
        less the other parts; quarter_from and quarter_to, the first and the last calendar quarter among them; `reporting`
        (companies with any total) and coverage, the share of their revenue that stands behind the shares;
        ai_above_mining, companies whose AI revenue exceeds mining revenue; crossover, the first calendar quarter in
        which AI revenue exceeds mining revenue over the crossover_companies that have reported both by then (NaT while
        there is none). Shares are NaN under three companies.

    Notes
    -----
    METHODS section 6: recurring revenue, one-offs out of numerator and denominator. Companies report late and not all
    alike, so the quarters of one date differ.
    """
    own = with_recurring(quarters)
    own = own[own["ticker"].isin(miners) & own["as_of"].isin(dates)]
    own = own[own["recurring_total_usd"] > 0].sort_values(["as_of", "ticker", "period_end"], kind="stable")
    own["quarter"] = (own["period_end"] - HALF_QUARTER).dt.to_period("Q")
    fresh = own[own["as_of"] - own["period_end"] <= OLDEST]
    latest_total = fresh.groupby(["as_of", "ticker"]).tail(1)
    both = _split(fresh).groupby(["as_of", "ticker"]).tail(1)

    by = both.groupby("as_of")
    sums, n = by[PARTS].sum(), by.size()
    enough = (n >= LEAST_COMPANIES).reindex(dates, fill_value=False)
    out = pd.DataFrame(index=dates.rename("as_of"))
    out["bitcoin_share"] = sums["mining_or_rest_usd"] / sums["recurring_total_usd"]
    out["ai_share"] = sums["ai_recurring_usd"] / sums["recurring_total_usd"]
    out["other_share"] = 1 - out["bitcoin_share"] - out["ai_share"]
    shares = ["bitcoin_share", "ai_share", "other_share"]
    out[shares] = out[shares].where(enough, axis=0)
    out["companies"] = n.reindex(dates, fill_value=0)
    out["proxies"] = by["mining_is_proxy"].sum().reindex(dates, fill_value=0).astype(int)
    out["reporting"] = latest_total.groupby("as_of").size().reindex(dates, fill_value=0)
    out["quarter_from"], out["quarter_to"] = by["quarter"].min(), by["quarter"].max()
    behind = pd.MultiIndex.from_frame(latest_total[["as_of", "ticker"]]).isin(
        pd.MultiIndex.from_frame(both[["as_of", "ticker"]])
    )
    whole = latest_total.groupby("as_of")["recurring_total_usd"].sum()
    out["coverage"] = latest_total[behind].groupby("as_of")["recurring_total_usd"].sum() / whole
    above = both["ai_recurring_usd"] > both["mining_or_rest_usd"]
    out["ai_above_mining"] = above.groupby(both["as_of"]).sum().reindex(dates, fill_value=0).astype(int)
    return out.join(_crossover(_split(own)).reindex(dates))


def company_shares(quarters: pd.DataFrame) -> pd.DataFrame:
    """Bitcoin and AI share of recurring revenue of each company's latest quarter with both parts, one or many dates.

    Returns
    -------
    DataFrame
        A row an (as_of, ticker): period_end, quarter, bitcoin_share, ai_share, mining_is_proxy, ever_mined (whether any
        known quarter has mining revenue).
    """
    own = with_recurring(quarters)
    own = own[own["recurring_total_usd"] > 0].sort_values(["as_of", "ticker", "period_end"], kind="stable")
    own["quarter"] = (own["period_end"] - HALF_QUARTER).dt.to_period("Q")
    out = _split(own)
    mined = out["mining_or_rest_usd"] > 0
    out["ever_mined"] = mined.groupby([out["as_of"], out["ticker"]]).transform("any")
    out["bitcoin_share"] = out["mining_or_rest_usd"] / out["recurring_total_usd"]
    out["ai_share"] = out["ai_recurring_usd"] / out["recurring_total_usd"]
    out = out.groupby(["as_of", "ticker"]).tail(1).set_index(["as_of", "ticker"])
    return out[["period_end", "quarter", "bitcoin_share", "ai_share", "mining_is_proxy", "ever_mined"]]


def _split(rows: pd.DataFrame) -> pd.DataFrame:
    """Quarters with mining (or the rest of the total in its place) and AI revenue of the same quarter."""
    return rows[rows["mining_or_rest_usd"].notna() & rows["ai_recurring_usd"].notna()].copy()


def _crossover(both: pd.DataFrame) -> pd.DataFrame:
    """By as_of the first calendar quarter in which AI exceeds mining over the companies that report both."""
    by = both.groupby(["as_of", "quarter"])
    sums = by[PARTS[:2]].sum().assign(crossover_companies=by.size())
    ahead = sums["ai_recurring_usd"] > sums["mining_or_rest_usd"]
    enough = sums["crossover_companies"] >= LEAST_COMPANIES
    first = sums[ahead & enough].reset_index().groupby("as_of").head(1).set_index("as_of")
    out = first.rename(columns={"quarter": "crossover"})[["crossover", "crossover_companies"]]
    return out.astype({"crossover": "period[Q-DEC]", "crossover_companies": float})
