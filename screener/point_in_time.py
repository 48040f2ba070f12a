"""What was known on a date: the point-in-time rule, once, vectorised over dates.

As of date t: among rows with published_on <= t the latest period_end; for that period the highest class of evidence,
and within the class the latest published_on (METHODS section 2). A late restatement of an old quarter never displaces
a newer quarter.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from screener.gathering import InputData
from screener.known.balances import net_restricted, roll_forward, told_by_evidence
from screener.known.flows import market_on, quarters_on
from screener.known.lists import contracts_on, debt_on, exits_on, instruments_on, latest, published_by
from screener.known.rule import as_dates, closes_on, select, take
from screener.overrides.laying import over_inputs
from screener.overrides.override import Outcome, Override
from screener.splits import NEVER, days
from screener.universes.evidence_class import evidence_class
from valuation.assumptions import Assumptions
from valuation.freshness import max_age_days
from valuation.inputs import Inputs

TTM_QUARTERS = 4
MINES = "hashrate_operating_eh"  # an item that no company without mining has
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
    overridden : tuple of Outcome
        What was made of the overrides on the date.
    """

    facts: np.ndarray
    quarters: np.ndarray
    closes: np.ndarray
    bitcoin: int
    ether: int
    network: int
    transactions: dict[str, np.ndarray]
    overridden: tuple[Outcome, ...] = ()


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
    overridden: tuple[Outcome, ...] = ()

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
            overridden=tuple(one.on(as_of, last=as_of == self.dates[-1]) for one in self.overridden),
        )


def as_of_view(
    data: InputData,
    dates: Sequence[pd.Timestamp] | pd.DatetimeIndex,
    assumptions: Assumptions,
    overrides: Sequence[Override] = (),
) -> tuple[Inputs, Used]:
    """Everything that valuation needs, as known on each of `dates`.

    Parameters
    ----------
    data : InputData
    dates : dates, ascending
    assumptions : Assumptions
        For the maximum ages.
    overrides : sequence of Override
        A person's figures, in place of those of the rules from their day on.

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
    period_end, published = days(rows["period_end"]), days(rows["published_on"])
    found = select(key, len(tickers) * len(items), period_end, published, t, evidence_class(rows))
    found = found.reshape(len(t) * len(tickers), len(items))
    known = found >= 0
    value = take(rows["value"].to_numpy(dtype=float), found, np.nan)
    period = take(period_end, found, NEVER)
    critical = take((rows["unit"] == "mw_critical_it").to_numpy(), found, False)

    price_row, price, price_day = closes_on(data.closes, tickers, t)
    column = {item: i for i, item in enumerate(items)}
    moved = roll_forward(value, period, column, data.transactions, data.splits, tickers, t, price_day)
    told = told_by_evidence(
        facts["evidence"].iloc[position].fillna("").astype(str).to_numpy(), rows["value"], found, column
    )
    not_added = net_restricted(value, period, column, told["cash_includes_restricted"], data.transactions, tickers, t)

    limit = np.array([max_age_days(item, assumptions) for item in items])
    age = np.repeat(t, len(tickers))[:, None] - period
    frames = {
        "items": pd.DataFrame(value, index=index, columns=items),
        "periods": pd.DataFrame(as_dates(period), index=index, columns=items),
        "stale": pd.DataFrame(known & (age > limit), index=index, columns=items),
        "critical_it": pd.DataFrame(critical, index=index, columns=items),
    }
    for name, flag in told.items():
        frames["items"][name] = flag.astype(float)
    frames["items"]["restricted_cash_not_added"] = not_added
    frames["items"].insert(0, "price_usd", price.ravel())
    frames["periods"].insert(0, "price_usd", as_dates(price_day.ravel()))
    price_age = (t[:, None] - price_day).ravel()
    frames["stale"].insert(0, "price_usd", ~np.isnan(price.ravel()) & (price_age > assumptions.max_age_price_days))
    for item in data.none_of:
        frames["items"][item] = frames["items"][item].fillna(0.0)
    quarters, lines, line_keys = quarters_on(facts, tickers, as_of)
    if MINES in data.none_of:
        quarters["mining_usd"] = quarters["mining_usd"].fillna(0.0)
    market, coins, network = market_on(data.network, data.closes, as_of, assumptions)
    inputs = Inputs(
        **frames,
        companies=data.companies.set_index("ticker"),
        instruments=instruments_on(data.instruments, data.splits, tickers, as_of, price_day),
        contracts=contracts_on(data.contracts, data.contract_terms, as_of),
        exits=exits_on(data.contracts, data.contract_terms, data.transactions, as_of),
        phases=published_by(data.phases, ["contract_id", "date", "critical_it_mw", "status", "published_on"], as_of),
        debt=debt_on(data.debt, tickers, as_of),
        estimates=latest(data.estimates, ["ticker", "metric", "period"], "published_on", as_of),
        quarters=quarters,
        market=market,
        network=data.network[data.network["date"] <= as_of.max()],
    )
    inputs, overridden = over_inputs(inputs, overrides)
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
        overridden=overridden,
    )
    return inputs, used
