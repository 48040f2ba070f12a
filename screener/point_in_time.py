"""What was known on a date: the point-in-time rule, once, vectorised over dates.

As of date t: among rows with published_on <= t the latest period_end; for that period the latest published_on
(METHODS section 2). A late restatement of an old quarter never displaces a newer quarter.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener import evidence
from screener.gathering import InputData
from screener.sources.fetched import COINS
from screener.splits import NEVER, days, split_factor
from valuation.assumptions import Assumptions
from valuation.inputs import Inputs
from valuation.sums import to_owners

CAPACITY_PREFIXES = ("mw_", "hashrate", "gpus", "fleet")
ROLLED_FORWARD = {"cash": "cash_usd", "debt_total": "debt_usd", "shares_outstanding": "shares", "btc_held": "btc"}
TTM_QUARTERS = 4
RESTRICTED_KINDS = ("project_debt",)
# Transactions with which power leaves the company.
SALE_KINDS = ("jv_exit", "site_sale")
REDEEMABLE = r"redemption from (\d{4}-\d{2}-\d{2})"
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
ITEMS = (
    "shares_outstanding",
    "cash",
    "restricted_cash",
    "debt_total",
    "other_debt_carrying",
    "lease_liabilities_finance",
    "preferred_equity",
    "noncontrolling_interest",
    "noncontrolling_interest_pct",
    "deferred_revenue",
    "backlog_reported",
    "btc_held",
    "btc_pledged",
    "eth_held",
    "eth_fair_value",
    "mw_operating",
    "mw_secured",
    "mw_under_construction",
    "mw_pipeline",
    "mw_hosted",
    "mw_ai_contracted_it",
    "mw_operating_ai",
    "hashrate_eh",
    "hashrate_operating_eh",
    "fleet_efficiency_j_per_th",
    "power_cost_usd_per_kwh",
)


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


@dataclass(frozen=True)
class UsedRows:
    """The rows that the view of one date rests on, as positions in the frames of `InputData`.

    Attributes
    ----------
    facts, quarters : int array
        In `facts`: the items in force, and the revenue lines of each company's last four quarters.
    closes : int array
        In `closes`: the companies' prices.
    bitcoin, ether : int
        In `closes`; -1 where none.
    network : int
        In `network`: the row of bitcoin's price where no source quoted it; -1 where none.
    transactions : dict of int array
        In `transactions`, by the item that they roll forward.
    """

    facts: np.ndarray
    quarters: np.ndarray
    closes: np.ndarray
    bitcoin: int
    ether: int
    network: int
    transactions: dict[str, np.ndarray]


@dataclass(frozen=True)
class Used:
    """Which rows a view rests on, on each of its dates; `on` tells them of one."""

    dates: pd.DatetimeIndex
    facts: np.ndarray
    quarters: np.ndarray
    quarter_keys: pd.MultiIndex
    closes: np.ndarray
    coins: np.ndarray
    network: np.ndarray
    transactions: dict[str, np.ndarray]

    def on(self, as_of: pd.Timestamp) -> UsedRows:
        """The rows behind one of the dates."""
        at = int(self.dates.get_loc(as_of))
        facts, closes, lines = self.facts[at].ravel(), self.closes[at], self.quarters[at]
        keys = self.quarter_keys[lines >= 0].to_frame(index=False)
        quarters = keys[["ticker", "period_end"]].drop_duplicates().sort_values("period_end", kind="stable")
        latest = pd.MultiIndex.from_frame(quarters.groupby("ticker").tail(TTM_QUARTERS))
        counted = pd.MultiIndex.from_frame(keys[["ticker", "period_end"]]).isin(latest)
        return UsedRows(
            facts=np.unique(facts[facts >= 0]),
            quarters=lines[lines >= 0][counted],
            closes=closes[closes >= 0],
            bitcoin=int(self.coins[at, 0]),
            ether=int(self.coins[at, 1]),
            network=int(self.network[at]),
            transactions={item: np.flatnonzero(moved[at]) for item, moved in self.transactions.items()},
        )


def as_of_view(
    data: InputData, dates: Sequence[pd.Timestamp] | pd.DatetimeIndex, assumptions: Assumptions
) -> tuple[Inputs, Used]:
    """Everything that valuation needs, as known on each of `dates`.

    Parameters
    ----------
    data : InputData
    dates : dates, ascending
    assumptions : Assumptions
        For the maximum ages.

    Returns
    -------
    Inputs
    Used
        Which rows of `data` the values came from.
    """
    facts = data.facts
    as_of = pd.DatetimeIndex(dates, name="as_of").as_unit("ns")
    tickers = pd.Index(data.companies["ticker"], name="ticker").sort_values()
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

    price_row, price, price_day = closes_on(data.closes, tickers, t)
    column = {item: i for i, item in enumerate(items)}
    moved = _roll_forward(value, period, column, data.transactions, data.splits, tickers, t, price_day)
    told = _told(facts["evidence"].iloc[position].fillna("").astype(str).to_numpy(), rows["value"], found, column)
    not_added = _net_restricted(value, period, column, told["cash_includes_restricted"], data.transactions, tickers, t)

    limit = np.array([_max_age(item, assumptions) for item in items])
    age = np.repeat(t, len(tickers))[:, None] - period
    frames = {
        "items": pd.DataFrame(value, index=index, columns=items),
        "periods": pd.DataFrame(_dates(period), index=index, columns=items),
        "stale": pd.DataFrame(known & (age > limit), index=index, columns=items),
        "critical_it": pd.DataFrame(critical, index=index, columns=items),
    }
    for name, flag in told.items():
        frames["items"][name] = flag.astype(float)
    frames["items"]["restricted_cash_not_added"] = not_added
    frames["items"].insert(0, "price_usd", price.ravel())
    frames["periods"].insert(0, "price_usd", _dates(price_day.ravel()))
    price_age = (t[:, None] - price_day).ravel()
    frames["stale"].insert(0, "price_usd", ~np.isnan(price.ravel()) & (price_age > assumptions.max_age_price_days))
    quarters, lines, line_keys = _quarters(facts, tickers, as_of)
    market, coins, network = _market(data.network, data.closes, as_of, assumptions)
    inputs = Inputs(
        **frames,
        companies=data.companies.set_index("ticker"),
        instruments=_instruments(data.instruments, data.splits, tickers, as_of, price_day),
        contracts=contracts_on(data.contracts, data.contract_terms, as_of),
        exits=exits_on(data.contracts, data.contract_terms, data.transactions, as_of),
        phases=_published(data.phases, ["contract_id", "date", "critical_it_mw", "status", "published_on"], as_of),
        debt=_debt(data.debt, tickers, as_of),
        estimates=_latest(data.estimates, ["ticker", "metric", "period"], "published_on", as_of),
        quarters=quarters,
        market=market,
        network=data.network[data.network["date"] <= as_of.max()],
    )
    # A fact that the rules above set aside (restricted cash older than the cash row) was not used.
    in_use = known & ~np.isnan(value)
    used = Used(
        dates=as_of,
        facts=take(position, np.where(in_use, found, -1), -1).reshape(len(t), -1),
        quarters=lines,
        quarter_keys=line_keys,
        closes=price_row,
        coins=coins,
        network=network,
        transactions=moved,
    )
    return inputs, used


def closes_on(closes: pd.DataFrame, tickers: pd.Index, t: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Last close on or before each date: its position in `closes`, its price and its day, each (dates, tickers); -1,
    NaN and `NEVER` where none."""
    position = np.flatnonzero(closes["ticker"].isin(tickers).to_numpy())
    mine = closes.iloc[position]
    day = days(mine["date"])
    found = select(tickers.get_indexer(mine["ticker"]), len(tickers), day, day, t)
    return (
        take(position, found, -1),
        take(mine["close_usd"].to_numpy(dtype=float), found, np.nan),
        take(day, found, NEVER),
    )


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
) -> dict[str, np.ndarray]:
    """Bring shares to the price's split basis, then add the dated deltas to shares, cash, debt and bitcoin.

    Returns
    -------
    dict of bool array (dates, transactions)
        By item: the transactions that moved it.
    """
    shape = (len(t), len(tickers))
    names = tickers.to_numpy()
    count = column["shares_outstanding"]
    counted_on = period[:, count].reshape(shape)
    value[:, count] *= split_factor(splits, names, counted_on, price_day).ravel()

    position = np.flatnonzero(transactions["ticker"].isin(tickers).to_numpy())
    mine = transactions.iloc[position]
    owner = tickers.get_indexer(mine["ticker"])
    moved = {}
    for item, delta_column in ROLLED_FORWARD.items():
        base_day = period[:, column[item]].reshape(shape)[:, owner]
        delta = np.where(_due(mine, t, base_day), mine[delta_column].fillna(0.0).to_numpy(dtype=float), 0.0)
        moved[item] = np.zeros((len(t), len(transactions)), dtype=bool)
        moved[item][:, position] = (delta != 0) & (base_day > NEVER)
        if item == "shares_outstanding":
            delta = delta * split_factor(splits, names[owner], days(mine["date"]), price_day[:, owner])
        value[:, column[item]] += to_owners(delta, owner, len(tickers)).ravel()
    return moved


def _net_restricted(
    value: np.ndarray,
    period: np.ndarray,
    column: dict[str, int],
    included: np.ndarray,
    transactions: pd.DataFrame,
    tickers: pd.Index,
    t: np.ndarray,
) -> np.ndarray:
    """Keep restricted cash only where it is reported for the cash row's date or later and cash does not include it, and
    move project debt's proceeds, which stay with the project until spent, from cash to restricted cash.

    Returns
    -------
    float array (rows,)
        What is reported and not kept, USD; 0 where nothing is.
    """
    shape = (len(t), len(tickers))
    cash, restricted = column["cash"], column["restricted_cash"]
    kept = (period[:, restricted] >= period[:, cash]) & ~included
    not_added = np.where(kept, 0.0, np.nan_to_num(value[:, restricted]))
    value[~kept, restricted] = np.nan
    period[~kept, restricted] = period[~kept, cash]
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
    return not_added


def _told(texts: np.ndarray, values: pd.Series, found: np.ndarray, column: dict[str, int]) -> dict[str, np.ndarray]:
    """What the evidence of the rows in force says, by name a bool a row of the view: that cash includes restricted cash
    (by the row of cash, or by that of restricted cash), and that operating MW include hosted ones."""

    def said(item: str, rule: Callable[[int], bool]) -> np.ndarray:
        at = found[:, column[item]]
        rows, back = np.unique(at, return_inverse=True)
        return np.array([row >= 0 and rule(row) for row in rows.tolist()], dtype=bool)[back]

    amounts = values.to_numpy(dtype=float)
    by_cash = said("cash", lambda row: evidence.cash_includes_restricted(texts[row], amounts[row]))
    by_restricted = said("restricted_cash", lambda row: evidence.says_cash_includes(texts[row]))
    return {
        "cash_includes_restricted": by_cash | by_restricted,
        "operating_includes_hosted": said("mw_operating", lambda row: evidence.includes_hosted(texts[row])),
    }


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


def contracts_on(contracts: pd.DataFrame, terms: pd.DataFrame, as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date and contract announced and not exited, with the terms known by then, percents as fractions."""
    return _announced(contracts, terms, as_of, exited=False)


def exits_on(
    contracts: pd.DataFrame, terms: pd.DataFrame, transactions: pd.DataFrame, as_of: pd.DatetimeIndex
) -> pd.DataFrame:
    """A row a date and contract exited by then, with `sold`: the power left with it.

    Power leaves with a joint venture, or where the company sold a site on that day. It stays where the company announced
    a contract on the same site on the same day (an amended lease), and where a lease merely ended.
    """
    out = _announced(contracts, terms, as_of, exited=True)
    on = ["ticker", "exited_on"]
    again = contracts[["ticker", "site", "announced_on"]].rename(columns={"announced_on": "exited_on"})
    replaced = pd.MultiIndex.from_frame(out[[*on, "site"]]).isin(pd.MultiIndex.from_frame(again[[*on, "site"]]))
    sales = transactions[transactions["kind"].isin(SALE_KINDS)].rename(columns={"date": "exited_on"})
    key = ["as_of", *on]
    known = out[key].merge(sales[[*on, "published_on"]], on=on)
    known = known[known["published_on"] <= known["as_of"]]
    site_sold = pd.MultiIndex.from_frame(out[key]).isin(pd.MultiIndex.from_frame(known[key]))
    out["sold"] = (out["kind"].eq("jv_lease").to_numpy(dtype=bool) | site_sold) & ~replaced
    return out


def _announced(
    contracts: pd.DataFrame, terms: pd.DataFrame, as_of: pd.DatetimeIndex, *, exited: bool
) -> pd.DataFrame:  # fmt: skip
    """A row a date and contract announced by then, either in force or exited."""
    t = days(as_of)
    changed = _with_terms(contracts, terms, t)
    announced = days(contracts["announced_on"])[None, :]
    exits = changed.get("exited_on", np.broadcast_to(contracts["exited_on"].to_numpy(), (len(t), len(contracts))))
    ended = np.where(np.isnat(exits), np.iinfo(np.int64).max, exits.astype("datetime64[D]").astype(np.int64))
    over = ended <= t[:, None]
    date_at, row_at = np.nonzero((announced <= t[:, None]) & (over if exited else ~over))
    out = contracts.iloc[row_at].reset_index(drop=True)
    for name, values in changed.items():
        out[name] = values[date_at, row_at]
    out.insert(0, "as_of", as_of[date_at])
    for name in ("escalator", "noi_margin", "owner_share", "prepayment"):
        out[name] = out[f"{name}_pct"] / 100.0
    return out


def _with_terms(contracts: pd.DataFrame, terms: pd.DataFrame, t: np.ndarray) -> dict[str, np.ndarray]:
    """Columns of contracts.csv that a term changed, each (dates, contracts): before its publication the filed value."""
    out: dict[str, np.ndarray] = {}
    known = terms[terms["contract_id"].isin(contracts["contract_id"])]
    for name, rows in known.groupby("column"):
        own = contracts[name]
        if pd.api.types.is_datetime64_any_dtype(own):
            values = pd.to_datetime(rows["value"]).to_numpy(dtype="datetime64[ns]")
        elif pd.api.types.is_numeric_dtype(own):
            values = pd.to_numeric(rows["value"]).to_numpy(dtype=float)
        else:
            values = rows["value"].to_numpy(dtype=object)
        key = pd.Index(contracts["contract_id"]).get_indexer(rows["contract_id"])
        published = days(rows["published_on"])
        found = select(key, len(contracts), published, published, t)
        filed = np.broadcast_to(own.to_numpy(dtype=values.dtype), found.shape)
        out[str(name)] = np.where(found >= 0, values[np.maximum(found, 0)], filed)
    return out


def _published(rows: pd.DataFrame, columns: list[str], as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date and row published by then."""
    date_at, row_at = np.nonzero(days(rows["published_on"])[None, :] <= days(as_of)[:, None])
    out = rows[columns].iloc[row_at].reset_index(drop=True)
    out.insert(0, "as_of", as_of[date_at])
    return out


def _latest(rows: pd.DataFrame, keys: list[str], published: str, as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date and key: of the rows published by then the latest."""
    key = pd.MultiIndex.from_frame(rows[keys]).factorize()[0]
    known = days(rows[published])
    found = select(key, int(key.max(initial=-1)) + 1, known, known, days(as_of))
    date_at, key_at = np.nonzero(found >= 0)
    out = rows.iloc[found[date_at, key_at]].drop(columns=["file", "line"], errors="ignore").reset_index(drop=True)
    out.insert(0, "as_of", as_of[date_at])
    return out


def _debt(rows: pd.DataFrame, tickers: pd.Index, as_of: pd.DatetimeIndex) -> pd.DataFrame:
    """A row a date, company and instrument known by then: coupon as a fraction, maturity as the last day told."""
    out = _latest(rows[rows["ticker"].isin(tickers)], ["ticker", "instrument"], "known_on", as_of)
    out["coupon"] = pd.to_numeric(out["coupon_pct"], errors="coerce") / 100.0
    out["matures_on"] = last_day(out["matures_on"])
    is_preferred = out["instrument"].astype(object).fillna("").str.contains("preferred", case=False)
    told = out["seniority"].astype(object).fillna("").astype(str).str.extract(REDEEMABLE, expand=False)
    out["redeemable_from"] = pd.to_datetime(told.where(is_preferred), format="%Y-%m-%d", errors="coerce")
    return out


def last_day(told: pd.Series) -> pd.Series:
    """The last day of a year (2030), month (2030-06) or day told; NaT for everything else."""
    text = told.astype(object).where(told.notna(), "").astype(str)
    out = pd.Series(pd.NaT, index=told.index, dtype="datetime64[ns]")
    for form, pattern, end in (
        ("%Y", r"\d{4}", pd.offsets.YearEnd(0)),
        ("%Y-%m", r"\d{4}-\d{2}", pd.offsets.MonthEnd(0)),
        ("%Y-%m-%d", r"\d{4}-\d{2}-\d{2}", None),
    ):
        fits = text.str.fullmatch(pattern)
        found = pd.to_datetime(text[fits], format=form, errors="coerce")
        out[fits] = found if end is None else found + end
    return out


def _quarters(
    facts: pd.DataFrame, tickers: pd.Index, as_of: pd.DatetimeIndex
) -> tuple[pd.DataFrame, np.ndarray, pd.MultiIndex]:
    """Revenue lines as known: a row a date, ticker and period, a column a line; and the position in `facts` of each
    line on each date (dates, lines), with the lines' (ticker, item, period_end)."""
    position = np.flatnonzero((facts["item"].isin(QUARTER_ITEMS) & facts["ticker"].isin(tickers)).to_numpy())
    mine = facts.iloc[position]
    triples = pd.MultiIndex.from_arrays([mine["ticker"], mine["item"], mine["period_end"]])
    key, unique = triples.factorize()
    published = days(mine["published_on"])
    found = select(key, len(unique), published, published, days(as_of))
    _one_basis(found, key, unique, published)
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


def _one_basis(found: np.ndarray, key: np.ndarray, lines: pd.MultiIndex, published: np.ndarray) -> None:
    """Put totals back on the basis of their parts, in `found` (dates, lines): where only the total of a quarter was
    restated after its parts, the total known when the last part was published stands."""
    place = {line: at for at, line in enumerate(lines)}
    for (ticker, item, period), line in place.items():
        rows = np.flatnonzero(key == line) if item == "revenue_total" else np.array([], dtype=np.int64)
        parts = [place[other] for part in PARTS if (other := (ticker, part, period)) in place]
        if len(rows) < 2 or not parts:
            continue
        in_force = found[:, parts]
        last_part = np.where(in_force >= 0, published[np.maximum(in_force, 0)], NEVER).max(axis=1)
        rows = rows[np.argsort(published[rows], kind="stable")]
        at = np.searchsorted(published[rows], last_part, side="right") - 1
        found[:, line] = np.where((found[:, line] >= 0) & (at >= 0), rows[np.maximum(at, 0)], found[:, line])


def _market(
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
    in_network = np.flatnonzero(network["btc_usd"].notna().to_numpy())
    in_closes = np.flatnonzero(closes["ticker"].isin(coins).to_numpy())
    quoted = closes.iloc[in_closes][["date", "ticker", "close_usd"]]
    both = pd.concat([from_network.iloc[in_network], quoted], ignore_index=True)
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
    return market, quoted_at, network_at
