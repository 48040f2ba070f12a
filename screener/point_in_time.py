"""What was known on a date: the point-in-time rule, once, vectorised over dates.

As of date t: among rows with published_on <= t the latest period_end; for that period the latest published_on
(METHODS section 2). A late restatement of an old quarter never displaces a newer quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from valuation.assumptions import Assumptions
from valuation.inputs import Inputs
from valuation.sums import to_owners

if TYPE_CHECKING:
    from screener.universes import Universe

CAPACITY_PREFIXES = ("mw_", "hashrate", "gpus", "fleet")
ROLLED_FORWARD = {"cash": "cash_usd", "debt_total": "debt_usd", "shares_outstanding": "shares", "btc_held": "btc"}
RESTRICTED_KINDS = ("project_debt",)
QUARTER_ITEMS = {
    "revenue_total": "total_usd",
    "revenue_mining": "mining_usd",
    "revenue_ai_hpc": "ai_hpc_usd",
    "revenue_ai_hpc_one_off": "ai_hpc_one_off_usd",
    "revenue_hosting": "hosting_usd",
    "revenue_other": "other_usd",
}
ITEMS = (
    "shares_outstanding",
    "cash",
    "restricted_cash",
    "debt_total",
    "lease_liabilities_finance",
    "preferred_equity",
    "noncontrolling_interest",
    "noncontrolling_interest_pct",
    "deferred_revenue",
    "btc_held",
    "btc_pledged",
    "eth_held",
    "eth_fair_value",
    "mw_operating",
    "mw_secured",
    "mw_under_construction",
    "mw_pipeline",
    "mw_ai_contracted_it",
    "mw_operating_ai",
    "hashrate_eh",
    "hashrate_operating_eh",
    "fleet_efficiency_j_per_th",
    "power_cost_usd_per_kwh",
)
NEVER = np.iinfo(np.int64).min // 4


def days(values: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """Whole days since 1970 as int64; a missing date is `NEVER`, before every other."""
    stamps = np.asarray(values, dtype="datetime64[D]")
    return np.where(np.isnat(stamps), NEVER, stamps.astype(np.int64))


def select(key: np.ndarray, n_keys: int, period: np.ndarray, published: np.ndarray, dates: np.ndarray) -> np.ndarray:
    """The row in force for every key on every date.

    Parameters
    ----------
    key : int array (rows,)
        0 .. n_keys-1, the (ticker, item) of each row.
    period, published : int array (rows,)
        Days; published <= t makes a row known at t.
    dates : int array (dates,)

    Returns
    -------
    int array (dates, n_keys)
        Position of the row in force, -1 where nothing is known.

    Notes
    -----
    Rows rank by (key, period, published), later rows of a file win a tie. In order of (key, published), the
    running maximum of that rank is the row in force after each publication; one binary search finds the last
    publication up to each date. O((rows + dates x keys) log rows), no Python loop.
    """
    rows = len(key)
    if rows == 0:
        return np.full((len(dates), n_keys), -1, dtype=np.int64)
    by_rank = np.lexsort((published, period, key))
    rank = np.empty(rows, dtype=np.int64)
    rank[by_rank] = np.arange(rows)
    by_publication = np.lexsort((rank, published, key))
    in_force = np.maximum.accumulate(rank[by_publication])
    first_day = min(published.min(), dates.min(initial=published.min()))
    width = max(published.max(), dates.max(initial=published.max())) - first_day + 2
    stamps = key[by_publication] * width + (published[by_publication] - first_day)
    wanted = np.arange(n_keys) * width + (dates - first_day)[:, None]
    at = np.searchsorted(stamps, wanted.ravel(), side="right").reshape(wanted.shape) - 1
    starts = np.searchsorted(key[by_publication], np.arange(n_keys), side="left")
    return np.where(at >= starts, by_rank[in_force[np.maximum(at, 0)]], -1)


def take(values: np.ndarray, found: np.ndarray, unknown: float) -> np.ndarray:
    """`values` at the positions that `select` found, `unknown` where it found none."""
    if len(values) == 0:
        return np.full(found.shape, unknown)
    return np.where(found >= 0, values[found], unknown)


def as_of_view(
    universe: Universe,
    dates: Sequence[pd.Timestamp] | pd.DatetimeIndex,
    assumptions: Assumptions,
    *,
    facts: pd.DataFrame | None = None,
    closes: pd.DataFrame | None = None,
    splits: pd.DataFrame | None = None,
) -> tuple[Inputs, pd.DataFrame]:
    """Everything that valuation needs, as known on each of `dates`.

    Parameters
    ----------
    universe : Universe
    dates : dates, ascending
    assumptions : Assumptions
        For the maximum ages.
    facts, closes, splits : DataFrame, optional
        In place of the universe's own, e.g. with a live source's rows added.

    Returns
    -------
    Inputs
    DataFrame
        Which fact each value came from: as_of, ticker, item, row (position in `facts`).
    """
    facts = universe.facts if facts is None else facts
    closes = universe.prices if closes is None else closes
    splits = universe.splits if splits is None else splits
    as_of = pd.DatetimeIndex(dates, name="as_of").as_unit("ns")
    tickers = pd.Index(universe.companies["ticker"], name="ticker").sort_values()
    index = pd.MultiIndex.from_product([as_of, tickers])
    t = days(as_of)

    items = list(ITEMS)
    relevant = facts["item"].isin(items) & facts["ticker"].isin(tickers)
    position = np.flatnonzero(relevant.to_numpy())
    rows = facts.iloc[position]
    key = tickers.get_indexer(rows["ticker"]) * len(items) + pd.Index(items).get_indexer(rows["item"])
    found = select(key, len(tickers) * len(items), days(rows["period_end"]), days(rows["published_on"]), t)
    found = found.reshape(len(t) * len(tickers), len(items))
    known = found >= 0
    value = take(rows["value"].to_numpy(dtype=float), found, np.nan)
    period = take(days(rows["period_end"]), found, NEVER)
    critical = take((rows["unit"] == "mw_critical_it").to_numpy(), found, False)

    price, price_day = closes_on(closes, tickers, t)
    column = {item: i for i, item in enumerate(items)}
    _roll_forward(value, period, column, universe.transactions, splits, tickers, t, price_day)
    _net_restricted(value, period, column, universe.transactions, tickers, t)

    limit = np.array([_max_age(item, assumptions) for item in items])
    age = np.repeat(t, len(tickers))[:, None] - period
    frames = {
        "items": pd.DataFrame(value, index=index, columns=items),
        "periods": pd.DataFrame(_dates(period), index=index, columns=items),
        "stale": pd.DataFrame(known & (age > limit), index=index, columns=items),
        "critical_it": pd.DataFrame(critical, index=index, columns=items),
    }
    frames["items"].insert(0, "price_usd", price.ravel())
    frames["periods"].insert(0, "price_usd", _dates(price_day.ravel()))
    price_age = (t[:, None] - price_day).ravel()
    frames["stale"].insert(0, "price_usd", ~np.isnan(price.ravel()) & (price_age > assumptions.max_age_price_days))
    inputs = Inputs(
        **frames,
        companies=universe.companies.set_index("ticker"),
        instruments=_instruments(universe.instruments, splits, tickers, as_of, price_day),
        contracts=_contracts(universe.contracts, as_of),
        quarters=_quarters(facts, tickers, as_of),
        market=_market(universe.network, closes, as_of, assumptions),
    )
    # A fact that the rules above set aside (restricted cash older than the cash row) was not used.
    where_row, where_item = np.nonzero(known & ~np.isnan(value))
    used = pd.DataFrame(
        {
            "as_of": index.get_level_values("as_of")[where_row],
            "ticker": index.get_level_values("ticker")[where_row],
            "item": np.array(items, dtype=object)[where_item],
            "row": position[found[where_row, where_item]],
        }
    )
    return inputs, used


def closes_on(closes: pd.DataFrame, tickers: pd.Index, t: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Last close on or before each date and its day, both (dates, tickers); NaN and `NEVER` where none."""
    mine = closes[closes["ticker"].isin(tickers)]
    day = days(mine["date"])
    found = select(tickers.get_indexer(mine["ticker"]), len(tickers), day, day, t)
    return take(mine["close_usd"].to_numpy(dtype=float), found, np.nan), take(day, found, NEVER)


def split_factor(splits: pd.DataFrame, ticker: np.ndarray, counted_on: np.ndarray, quoted_on: np.ndarray) -> np.ndarray:
    """How many shares on the basis of `quoted_on` one share counted on `counted_on` became (same shapes).

    The product of the multipliers of that ticker's splits with counted_on < first day on the new basis <= quoted_on.
    """
    factor = np.ones(np.broadcast_shapes(ticker.shape, counted_on.shape, quoted_on.shape))
    for name, day, multiplier in zip(
        splits["ticker"], days(splits["first_day_on_new_basis"]), splits["shares_multiplier"], strict=True
    ):
        applies = (ticker == name) & (counted_on < day) & (day <= quoted_on) & (counted_on > NEVER)
        factor = np.where(applies, factor * multiplier, factor)
    return factor


def _max_age(item: str, assumptions: Assumptions) -> float:
    if item.startswith(CAPACITY_PREFIXES):
        return assumptions.max_age_capacity_days
    return assumptions.max_age_balance_sheet_days


def _dates(day: np.ndarray) -> np.ndarray:
    stamps = np.where(day == NEVER, np.iinfo(np.int64).min, day)
    return stamps.astype("datetime64[D]").astype("datetime64[ns]")


def _due(transactions: pd.DataFrame, t: np.ndarray, base_day: np.ndarray) -> np.ndarray:
    """(dates, transactions): dated after the base row's day, on or before t, and published by t."""
    on, published = days(transactions["date"]), days(transactions["published_on"])
    return (on > base_day) & (on <= t[:, None]) & (published <= t[:, None])


def _roll_forward(
    value: np.ndarray,
    period: np.ndarray,
    column: dict[str, int],
    transactions: pd.DataFrame,
    splits: pd.DataFrame,
    tickers: pd.Index,
    t: np.ndarray,
    price_day: np.ndarray,
) -> None:
    """Bring shares to the price's split basis, then add the dated deltas to shares, cash, debt and bitcoin."""
    shape = (len(t), len(tickers))
    names = tickers.to_numpy()
    count = column["shares_outstanding"]
    counted_on = period[:, count].reshape(shape)
    value[:, count] *= split_factor(splits, names, counted_on, price_day).ravel()

    mine = transactions[transactions["ticker"].isin(tickers)]
    owner = tickers.get_indexer(mine["ticker"])
    for item, delta_column in ROLLED_FORWARD.items():
        base_day = period[:, column[item]].reshape(shape)[:, owner]
        delta = np.where(_due(mine, t, base_day), mine[delta_column].fillna(0.0).to_numpy(dtype=float), 0.0)
        if item == "shares_outstanding":
            delta = delta * split_factor(splits, names[owner], days(mine["date"]), price_day[:, owner])
        value[:, column[item]] += to_owners(delta, owner, len(tickers)).ravel()


def _net_restricted(
    value: np.ndarray,
    period: np.ndarray,
    column: dict[str, int],
    transactions: pd.DataFrame,
    tickers: pd.Index,
    t: np.ndarray,
) -> None:
    """Keep restricted cash only where it is reported for the cash row's date or later, and move project debt's
    proceeds, which stay with the project until spent, from cash to restricted cash."""
    shape = (len(t), len(tickers))
    cash, restricted = column["cash"], column["restricted_cash"]
    reported = period[:, restricted] >= period[:, cash]
    value[~reported, restricted] = np.nan
    period[~reported, restricted] = period[~reported, cash]
    mine = transactions[transactions["ticker"].isin(tickers) & transactions["kind"].isin(RESTRICTED_KINDS)]
    owner = tickers.get_indexer(mine["ticker"])
    proceeds = mine["cash_usd"].fillna(0.0).to_numpy(dtype=float)
    cash_day = period[:, cash].reshape(shape)
    restricted_day = period[:, restricted].reshape(shape)
    in_cash = np.where(_due(mine, t, cash_day[:, owner]), proceeds, 0.0)
    in_cash = to_owners(in_cash, owner, len(tickers)).ravel()
    drawn = np.where(_due(mine, t, restricted_day[:, owner]), proceeds, 0.0)
    drawn = to_owners(drawn, owner, len(tickers)).ravel()
    value[:, cash] -= in_cash
    with_drawn = np.nan_to_num(value[:, restricted]) + drawn
    value[:, restricted] = np.where(drawn != 0, with_drawn, value[:, restricted])


def _instruments(
    instruments: pd.DataFrame,
    splits: pd.DataFrame,
    tickers: pd.Index,
    as_of: pd.DatetimeIndex,
    price_day: np.ndarray,
) -> pd.DataFrame:
    """A row a date and instrument outstanding and published, terms on the price's split basis."""
    mine = instruments[instruments["ticker"].isin(tickers)]
    t = days(as_of)
    issued, published = days(mine["issued_on"]), days(mine["published_on"])
    retired = np.where(mine["retired_on"].isna(), np.iinfo(np.int64).max, days(mine["retired_on"]))
    last_year = mine["matures_year"].fillna(9999).to_numpy()
    year = as_of.year.to_numpy()[:, None]
    live = (issued <= t[:, None]) & (published <= t[:, None]) & (t[:, None] < retired) & (year <= last_year)
    date_at, row_at = np.nonzero(live)
    out = mine.iloc[row_at].reset_index(drop=True)
    out.insert(0, "as_of", as_of[date_at])
    quoted_on = price_day[date_at, tickers.get_indexer(out["ticker"])]
    factor = split_factor(splits, out["ticker"].to_numpy(), days(out["issued_on"]), quoted_on)
    out["price_usd"] = out["price_usd"] / factor
    out["quantity"] = out["quantity"] * factor
    return out


def _contracts(contracts: pd.DataFrame, as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date and contract announced and not exited, percents as fractions."""
    t = days(as_of)[:, None]
    announced = days(contracts["announced_on"])
    exited = np.where(contracts["exited_on"].isna(), np.iinfo(np.int64).max, days(contracts["exited_on"]))
    date_at, row_at = np.nonzero((announced <= t) & (t < exited))
    out = contracts.iloc[row_at].reset_index(drop=True)
    out.insert(0, "as_of", as_of[date_at])
    out["escalator"] = out["escalator_pct"] / 100.0
    out["noi_margin"] = out["noi_margin_pct"] / 100.0
    out["owner_share"] = out["owner_share_pct"] / 100.0
    return out


def _quarters(facts: pd.DataFrame, tickers: pd.Index, as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """Revenue lines as known: a row a date, ticker and period, a column a line."""
    mine = facts[facts["item"].isin(QUARTER_ITEMS) & facts["ticker"].isin(tickers)]
    triples = pd.MultiIndex.from_arrays([mine["ticker"], mine["item"], mine["period_end"]])
    key, unique = triples.factorize()
    published = days(mine["published_on"])
    found = select(key, len(unique), published, published, days(as_of))
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
    return wide


def _market(
    network: pd.DataFrame, closes: pd.DataFrame, as_of: pd.DatetimeIndex, assumptions: Assumptions
) -> pd.DataFrame:
    """Bitcoin and ether in USD on each date, the later of the network file's and the source's last price; and the last
    known week of the network: hashrate, reward and fees."""
    t = days(as_of)
    coins = pd.Index(["BTC-USD", "ETH-USD"])
    from_network = pd.DataFrame({"date": network["date"], "ticker": "BTC-USD", "close_usd": network["btc_usd"]})
    quoted = closes.loc[closes["ticker"].isin(coins), ["date", "ticker", "close_usd"]]
    both = pd.concat([from_network.dropna(subset="close_usd"), quoted], ignore_index=True)
    price, day = closes_on(both, coins, t)
    mined = network.dropna(subset=["hashrate_eh_per_s", "reward_and_fees_btc_per_day"])
    week = days(mined["date"])
    found = select(np.zeros(len(week), dtype=np.int64), 1, week, week, t)[:, 0]
    network_day = take(week, found, NEVER)
    return pd.DataFrame(
        {
            "btc_usd": price[:, 0],
            "btc_date": _dates(day[:, 0]),
            "btc_stale": ~np.isnan(price[:, 0]) & (t - day[:, 0] > assumptions.max_age_price_days),
            "eth_usd": price[:, 1],
            "network_eh_per_s": take(mined["hashrate_eh_per_s"].to_numpy(dtype=float), found, np.nan),
            "reward_btc_per_day": take(mined["reward_and_fees_btc_per_day"].to_numpy(dtype=float), found, np.nan),
            "network_date": _dates(network_day),
            "network_stale": (found >= 0) & (t - network_day > assumptions.max_age_price_days),
        },
        index=as_of,
    )
