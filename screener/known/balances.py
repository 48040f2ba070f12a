"""Balances as known on a date: shares on the basis of the price, financings since the balance sheet, restricted cash."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd

from screener import evidence
from screener.splits import NEVER, days, split_factor
from valuation.sums import to_owners

ROLLED_FORWARD = {"cash": "cash_usd", "debt_total": "debt_usd", "shares_outstanding": "shares", "btc_held": "btc"}
RESTRICTED_KINDS = ("project_debt",)


def roll_forward(
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


def net_restricted(
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


def told_by_evidence(
    texts: np.ndarray, values: pd.Series, found: np.ndarray, column: dict[str, int]
) -> dict[str, np.ndarray]:
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


def _due(transactions: pd.DataFrame, t: np.ndarray, base_day: np.ndarray) -> np.ndarray:
    """(dates, transactions): dated after the base row's day, on or before t, and published by t."""
    on, published = days(transactions["date"]), days(transactions["published_on"])
    return (on > base_day) & (on <= t[:, None]) & (published <= t[:, None])
