"""Diluted shares: treasury-stock method for warrants, if-converted for convertibles."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.sums import grouped

OPTION_KINDS = ("warrant", "option")


def dilution(instruments: pd.DataFrame, price_usd: pd.Series, *, if_converted: bool = True) -> pd.DataFrame:
    """Dilution by each instrument at the day's price: new shares, and debt converted.

    Parameters
    ----------
    instruments : DataFrame
        Columns as_of, ticker, kind (`convertible`, `warrant`, `option`, `rsu`), principal_usd, quantity, price_usd
        (conversion or strike price).
    price_usd : Series
        Indexed (as_of, ticker).
    if_converted : bool
        False leaves every convertible in debt.

    Returns
    -------
    DataFrame
        `instruments` with share_price_usd, in_the_money, new_shares (single shares), debt_converted_usd and
        distance (share price over conversion price, less 1: how far from the flip).

    Notes
    -----
    A convertible adds principal / conversion price when its conversion price is below the share price; a warrant
    or option adds n * max(0, 1 - strike / price); an RSU adds itself. Damodaran, Investment Valuation, ch. 16.
    """
    out = instruments.reset_index(drop=True).copy()
    keys = pd.MultiIndex.from_frame(out[["as_of", "ticker"]])
    share_price = price_usd.reindex(keys).to_numpy()
    strike = out["price_usd"].to_numpy(dtype=float)
    kind = out["kind"].to_numpy()
    convertible, option, unit = kind == "convertible", np.isin(kind, OPTION_KINDS), kind == "rsu"
    in_the_money = share_price > strike
    principal, quantity = out["principal_usd"].to_numpy(dtype=float), out["quantity"].to_numpy(dtype=float)
    converts = convertible & in_the_money & if_converted
    new_shares = np.zeros(len(out))
    new_shares[converts] = principal[converts] / strike[converts]
    exercised = option & in_the_money
    new_shares[exercised] = quantity[exercised] * (1 - strike[exercised] / share_price[exercised])
    new_shares[unit] = quantity[unit]
    out["share_price_usd"] = share_price
    out["in_the_money"] = in_the_money | unit
    out["new_shares"] = np.where(np.isnan(share_price), np.nan, new_shares)
    out["debt_converted_usd"] = np.where(converts, principal, 0.0)
    out["debt_kept_usd"] = np.where(convertible & ~converts, principal, 0.0)
    out["distance"] = share_price / np.where(unit, np.nan, strike) - 1
    return out


def by_company(diluted: pd.DataFrame, index: pd.MultiIndex) -> pd.DataFrame:
    """Sum `dilution` over each company: new_shares, converted_shares (of these, those of convertibles), debt_converted_usd,
    debt_kept_usd; 0 where it has none."""
    columns = ["new_shares", "converted_shares", "debt_converted_usd", "debt_kept_usd"]
    of_notes = diluted["new_shares"].where(diluted["kind"] == "convertible", 0.0)
    return grouped(diluted.assign(converted_shares=of_notes), columns, index)
