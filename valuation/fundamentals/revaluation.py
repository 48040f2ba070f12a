"""Revaluation of a share after a change in company value, with convertibles and warrants."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.fundamentals.dilution import OPTION_KINDS

HALVINGS = 60


def claims(price: np.ndarray, basic: np.ndarray, instruments: pd.DataFrame, owner: np.ndarray) -> np.ndarray:
    """Value of shares, convertibles, warrants and share units together at a share price, USD.

    Parameters
    ----------
    price, basic : float arrays (companies,)
    instruments : DataFrame
        kind, principal_usd, quantity, price_usd (conversion or strike price).
    owner : int array (instruments,)
        Position of the company that each belongs to.

    Notes
    -----
    A convertible is worth the larger of its principal and its shares, a warrant max(0, price - strike): continuous and
    rising in the price.
    """
    p = price[owner]
    kind = instruments["kind"].to_numpy()
    strike, number = instruments["price_usd"].to_numpy(dtype=float), instruments["quantity"].to_numpy(dtype=float)
    principal = instruments["principal_usd"].to_numpy(dtype=float)
    with np.errstate(invalid="ignore", divide="ignore"):
        worth = np.select(
            [kind == "convertible", np.isin(kind, OPTION_KINDS), kind == "rsu"],
            [np.maximum(principal, p * principal / strike), number * np.maximum(0.0, p - strike), number * p],
            0.0,
        )
    return price * basic + np.bincount(owner, np.nan_to_num(worth), minlength=len(price))


def reprice(price: pd.Series, basic: pd.Series, instruments: pd.DataFrame, change_usd: pd.Series) -> pd.Series:
    """Share price at which the claims on a company are worth `change_usd` more than at `price`; not below zero.

    Parameters
    ----------
    price, basic, change_usd : Series by ticker
        Price (USD), basic shares, change of the company's value (USD); NaN gives NaN.
    instruments : DataFrame
        A row an instrument outstanding: ticker, kind, principal_usd, quantity, price_usd.
    """
    mine = instruments[instruments["ticker"].isin(price.index)]
    owner = price.index.get_indexer(mine["ticker"])
    at, shares, change = (one.reindex(price.index).to_numpy(dtype=float) for one in (price, basic, change_usd))
    target = claims(at, shares, mine, owner) + change
    low, high = np.zeros(len(at)), at + np.maximum(change, 0.0) / shares
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = claims(middle, shares, mine, owner) > target
        low, high = np.where(above, low, middle), np.where(above, middle, high)
    return pd.Series(np.where(change == 0, at, (low + high) / 2), index=price.index)
