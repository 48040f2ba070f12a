"""Flows and markets as known on a date: revenue by quarter on one basis, bitcoin, ether and the network."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.known.rule import as_dates, closes_on, select, take
from screener.sources.fetched import COINS
from screener.splits import NEVER, days
from screener.universes.evidence_class import evidence_class
from valuation.assumptions import Assumptions

PARTS = ("revenue_mining", "revenue_ai_hpc", "revenue_ai_hpc_one_off", "revenue_hosting", "revenue_other")
QUARTER_ITEMS = {
    "revenue_total": "total_usd",
    "revenue_mining": "mining_usd",
    "revenue_ai_hpc": "ai_hpc_usd",
    "revenue_ai_hpc_one_off": "ai_hpc_one_off_usd",
    "revenue_hosting": "hosting_usd",
    "revenue_other": "other_usd",
    "sga_cash": "sga_cash_usd",
}


def quarters_on(
    facts: pd.DataFrame, tickers: pd.Index, as_of: pd.DatetimeIndex
) -> tuple[pd.DataFrame, np.ndarray, pd.MultiIndex]:
    """Revenue lines as known: a row a date, ticker and period, a column a line; and the position in `facts` of each
    line on each date (dates, lines), with the lines' (ticker, item, period_end)."""
    position = np.flatnonzero((facts["item"].isin(QUARTER_ITEMS) & facts["ticker"].isin(tickers)).to_numpy())
    mine = facts.iloc[position]
    triples = pd.MultiIndex.from_arrays([mine["ticker"], mine["item"], mine["period_end"]])
    key, unique = triples.factorize()
    published = days(mine["published_on"])
    evidence = evidence_class(mine)
    found = select(key, len(unique), np.zeros_like(published), published, days(as_of), evidence)
    _one_basis(found, key, unique, published, evidence)
    date_at, key_at = np.nonzero(found >= 0)
    long = pd.DataFrame(
        {
            "as_of": as_of[date_at],
            "ticker": unique.get_level_values(0)[key_at],
            "item": unique.get_level_values(1)[key_at],
            "period_end": unique.get_level_values(2)[key_at],
            "value": mine["value"].to_numpy(dtype=float)[found[date_at, key_at]],
        }
    )
    wide = long.pivot(index=["as_of", "ticker", "period_end"], columns="item", values="value")
    wide = wide.reindex(columns=list(QUARTER_ITEMS)).rename(columns=QUARTER_ITEMS).reset_index()
    wide.columns.name = None
    return wide, take(position, found, -1), unique.set_names(["ticker", "item", "period_end"])


def _one_basis(
    found: np.ndarray, key: np.ndarray, lines: pd.MultiIndex, published: np.ndarray, evidence: np.ndarray
) -> None:
    """Put totals back on the basis of their parts, in `found` (dates, lines): where only the total of a quarter was
    restated after its parts, the total in force when the last part was published stands."""
    place = {line: at for at, line in enumerate(lines)}
    for (ticker, item, period), line in place.items():
        rows = np.flatnonzero(key == line) if item == "revenue_total" else np.array([], dtype=np.int64)
        parts = [place[other] for part in PARTS if (other := (ticker, part, period)) in place]
        if len(rows) < 2 or not parts:
            continue
        in_force = found[:, parts]
        last_part = np.where(in_force >= 0, published[np.maximum(in_force, 0)], NEVER).max(axis=1)
        rows = rows[np.argsort(published[rows], kind="stable")]
        order = np.argsort(evidence[rows], kind="stable")  # within a class by publication, as the rows stand
        rank = np.empty(len(rows), dtype=np.int64)
        rank[order] = np.arange(len(rows))
        in_force_then = rows[order[np.maximum.accumulate(rank)]]
        at = np.searchsorted(published[rows], last_part, side="right") - 1
        found[:, line] = np.where((found[:, line] >= 0) & (at >= 0), in_force_then[np.maximum(at, 0)], found[:, line])


def market_on(
    network: pd.DataFrame, closes: pd.DataFrame, as_of: pd.DatetimeIndex, assumptions: Assumptions
) -> tuple[pd.DataFrame, np.ndarray, np.ndarray]:
    """Bitcoin and ether in USD on each date, the later of the network file's and the source's last price; and the last
    known week of the network: hashrate, reward and fees.

    Returns
    -------
    DataFrame
    int array (dates, coins), int array (dates,)
        Positions in `closes` of the coins' prices, and in `network` of bitcoin's where no source quoted it.
    """
    t = days(as_of)
    coins = pd.Index(COINS)
    from_network = pd.DataFrame({"date": network["date"], "ticker": coins[0], "close_usd": network["btc_usd"]})
    if "known_from" in closes:
        from_network["known_from"] = network["date"]
    in_network = np.flatnonzero(network["btc_usd"].notna().to_numpy())
    in_closes = np.flatnonzero(closes["ticker"].isin(coins).to_numpy())
    quoted = closes.iloc[in_closes][[name for name in ("date", "ticker", "close_usd", "known_from") if name in closes]]
    both = pd.concat([from_network.iloc[in_network], quoted])
    row, price, day = closes_on(both, coins, t)
    is_quoted = row >= len(in_network)
    quoted_at = take(in_closes, np.where(is_quoted, row - len(in_network), -1), -1)
    network_at = take(in_network, np.where(is_quoted, -1, row)[:, 0], -1)
    mined = network.dropna(subset=["hashrate_eh_per_s", "reward_and_fees_btc_per_day"])
    week = days(mined["date"])
    found = select(np.zeros(len(week), dtype=np.int64), 1, week, week, t)[:, 0]
    network_day = take(week, found, NEVER)
    market = pd.DataFrame(
        {
            "btc_usd": price[:, 0],
            "btc_date": as_dates(day[:, 0]),
            "btc_stale": ~np.isnan(price[:, 0]) & (t - day[:, 0] > assumptions.max_age_price_days),
            "eth_usd": price[:, 1],
            "network_eh_per_s": take(mined["hashrate_eh_per_s"].to_numpy(dtype=float), found, np.nan),
            "reward_btc_per_day": take(mined["reward_and_fees_btc_per_day"].to_numpy(dtype=float), found, np.nan),
            "network_date": as_dates(network_day),
            "network_stale": (found >= 0) & (t - network_day > assumptions.max_age_price_days),
        },
        index=as_of,
    )
    return market, quoted_at, network_at
