"""Exposure of each position to its underlying: value, delta equivalents of options, notional of futures and CFDs."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.portfolio.kinds import AT_NOTIONAL, CASH, COIN, DERIVATIVES, OPTION
from valuation.portfolio.options import DAYS_A_YEAR, quoted

COLUMNS = ["exposure_to", "underlying_usd", "delta", "implied_volatility", "exposure_usd", "exposure_cause"]
PAIR = "-USD"
NO_CONTRACT = "the file does not say which contract it is: underlying, right, strike, expiry"
SPLIT = "the underlying has split since the quantities were counted"


def exposures(rows: pd.DataFrame, quotes: pd.DataFrame, as_of: pd.Timestamp, split: pd.Series) -> pd.DataFrame:
    """What each position exposes to, and by how much.

    Parameters
    ----------
    rows : DataFrame
        Positions valued: ticker, company, kind, quantity, underlying, right, strike, expiry, unit, price_usd (of one unit of
        quantity), cost_fx (USD per unit of the position's own currency), value_usd, notional_usd.
    quotes : DataFrame
        Indexed by ticker, underlyings among them: company, price_usd.
    split : bool Series on `rows`
        Whether the underlying has another share basis today than the quantity and the strike.

    Returns
    -------
    DataFrame
        On the rows: exposure_to (company of the universe, else ticker, of what moves the position; coins as BTC-USD; empty
        for cash), underlying_usd (close of a derivative's underlying), delta (of one share; NaN but for options),
        implied_volatility (a year), exposure_usd (NaN unknown) and exposure_cause (why it is unknown).

    Notes
    -----
    Cash exposes to nothing. An option counts as quantity x unit x delta shares of its underlying. A future or a CFD counts
    at its notional, everything else at its value.
    """
    derived = rows["kind"].isin(DERIVATIVES)
    below = rows["underlying"].where(derived & (rows["underlying"] != ""), rows["ticker"])
    quote = quotes.reindex(below).set_axis(rows.index)
    company = quote["company"].fillna("").where(derived, rows["company"])
    out = pd.DataFrame(index=rows.index, columns=["delta", "implied_volatility"], data=np.nan)
    # A coin and a fund may share a ticker (BTC).
    coin = (rows["kind"] == COIN) & ~below.str.endswith(PAIR)
    below = below.where(~coin, below + PAIR)
    out["exposure_to"] = company.where(company != "", below).where(rows["kind"] != CASH, "")
    out["underlying_usd"] = quote["price_usd"].where(derived)
    out["exposure_usd"] = rows["value_usd"].where(rows["kind"] != CASH, 0.0)
    out.loc[rows["kind"].isin(AT_NOTIONAL), "exposure_usd"] = rows["notional_usd"]
    out["exposure_cause"] = ""
    for at in rows.index[rows["kind"] == OPTION]:
        row, spot = rows.loc[at], float(quote.at[at, "price_usd"])
        years = (row["expiry"] - as_of).days / DAYS_A_YEAR if pd.notna(row["expiry"]) else np.nan
        found = quoted(row["price_usd"] / row["unit"], spot, row["strike"] * row["cost_fx"], years, row["right"])
        no_contract = row["underlying"] == "" and pd.isna(row["strike"])
        why = NO_CONTRACT if no_contract else SPLIT if split[at] else found.why
        out.loc[at, ["delta", "implied_volatility"]] = [np.nan, np.nan] if why else [found.delta, found.volatility]
        out.at[at, "exposure_usd"] = np.nan if why else row["quantity"] * row["unit"] * found.delta * spot
        out.at[at, "exposure_cause"] = why
    unknown = out["exposure_usd"].isna() & (out["exposure_cause"] == "")
    causes = np.where(rows["kind"].isin(AT_NOTIONAL), "no price in the file, so no notional", "no price")
    out["exposure_cause"] = out["exposure_cause"].where(~unknown, pd.Series(causes, index=rows.index))
    return out[COLUMNS]
