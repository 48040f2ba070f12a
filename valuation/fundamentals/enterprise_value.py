"""The bridge from equity value to enterprise value."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.assumptions import Bridge
from valuation.inputs import Inputs
from valuation.sums import grouped

ADDED = (
    "equity_value_usd",
    "debt_after_conversion_usd",
    "finance_leases_usd",
    "preferred_equity_usd",
    "noncontrolling_interest_usd",
    "customer_prepayments_usd",
)
DEDUCTED = ("cash_usd", "restricted_cash_usd", "bitcoin_usd", "other_coins_usd")


def lines(inputs: Inputs, dilution: pd.DataFrame, switches: Bridge) -> pd.DataFrame:
    """Every line of the bridge, in USD, a row an (as_of, ticker).

    Parameters
    ----------
    inputs : Inputs
    dilution : DataFrame
        From `equity.by_company`, on the rows of `inputs`.
    switches : Bridge

    Returns
    -------
    DataFrame
        Price, share count (converted_shares: those of the new shares that come from convertibles), every line of
        `ADDED` and `DEDUCTED`, debt_kept_usd and other_debt_usd (convertibles and other
        borrowings that stay debt: the floor of what is left), preferred_later_usd (a higher amount at which preferred
        equity can be redeemed later than in a year; not counted) and enterprise_value_usd. A line that companies
        report only where they have it (finance leases, preferred equity, restricted cash, prepayments) is NaN
        where it is not reported and adds nothing; shares, debt, cash and, where netted, bitcoin are required: one
        unknown makes the enterprise value unknown.

    Notes
    -----
    EV = equity value + debt not converted + finance leases + preferred + non-controlling interest - cash -
    bitcoin at spot (METHODS section 3). A converted note leaves debt at its principal, and what is left is never below
    the principal of the convertibles that stay debt plus the other borrowings of the same balance sheet: out of a lower
    carrying value the principal would take other debt with it. A listed subsidiary's minority counts at market: pct x
    the subsidiary's equity value. No bitcoin price is needed where no bitcoin is held.
    """
    return switched(fixed_lines(inputs, dilution), inputs, switches)


def fixed_lines(inputs: Inputs, dilution: pd.DataFrame) -> pd.DataFrame:
    """Lines of the bridge that no switch of cash, bitcoin or prepayments moves: equity value and claims."""
    items = inputs.items
    out = pd.DataFrame(index=inputs.index)
    out["price_usd"] = items["price_usd"]
    out["basic_shares"] = items["shares_outstanding"]
    out["new_shares"] = dilution["new_shares"]
    out["converted_shares"] = dilution["converted_shares"]
    out["diluted_shares"] = out["basic_shares"] + out["new_shares"]
    out["equity_value_usd"] = out["price_usd"] * out["diluted_shares"]
    out["debt_usd"] = items["debt_total"]
    out["debt_converted_usd"] = dilution["debt_converted_usd"]
    out["debt_kept_usd"] = dilution["debt_kept_usd"]
    out["other_debt_usd"] = other_debt(inputs)
    out["debt_after_conversion_usd"] = debt_left(out)
    out["finance_leases_usd"] = items["lease_liabilities_finance"]
    out["preferred_equity_usd"], out["preferred_later_usd"] = preferred(inputs)
    out["noncontrolling_interest_usd"] = minority(inputs, out["equity_value_usd"])
    return out


def switched(fixed: pd.DataFrame, inputs: Inputs, switches: Bridge) -> pd.DataFrame:
    """`lines` from those of `fixed_lines`: the others as the switches have them, and enterprise value."""
    items, out = inputs.items, fixed.copy()
    out["customer_prepayments_usd"] = items["deferred_revenue"] if switches.prepayments_as_debt else np.nan
    out["cash_usd"] = items["cash"]
    out["restricted_cash_usd"] = items["restricted_cash"] if switches.net_restricted_cash else np.nan
    if switches.net_bitcoin:
        held = items["btc_held"]
        if not switches.count_pledged_bitcoin:
            held = held - items["btc_pledged"].fillna(0.0)
        out["bitcoin_usd"] = (held * inputs.at_market("btc_usd")).where(held != 0, 0.0)
        out["other_coins_usd"] = other_coins(inputs)
    else:
        out["bitcoin_usd"] = 0.0
        out["other_coins_usd"] = np.nan
    added = out[list(ADDED)].fillna(dict.fromkeys(ADDED[2:], 0.0)).sum(axis=1, skipna=False)
    optional = dict.fromkeys(("restricted_cash_usd", "other_coins_usd"), 0.0)
    deducted = out[list(DEDUCTED)].fillna(optional).sum(axis=1, skipna=False)
    out["enterprise_value_usd"] = added - deducted
    return out


def other_debt(inputs: Inputs) -> pd.Series:
    """Borrowings other than convertibles on the balance sheet of the debt, USD; 0 where none is reported for its date."""
    same_day = inputs.periods["other_debt_carrying"] == inputs.periods["debt_total"]
    return inputs.items["other_debt_carrying"].where(same_day, 0.0).fillna(0.0)


def debt_left(bridge: pd.DataFrame) -> pd.Series:
    """Debt after the conversion of the notes that count as shares, USD, never below the instruments that stay debt."""
    debt, converted = bridge["debt_usd"], bridge["debt_converted_usd"]
    left = np.maximum(debt - converted, bridge["debt_kept_usd"] + bridge["other_debt_usd"])
    return left.where((converted > 0) & debt.notna(), debt)


def preferred(inputs: Inputs) -> tuple[pd.Series, pd.Series]:
    """Preferred equity in USD at what it can be redeemed for within a year, else as reported; and a higher later amount.

    A preferred of the list of borrowings whose amount binds from a stated day counts at that amount from a year before the
    day on; until then the amount is the second series, NaN where none is stated (METHODS section 3).
    """
    reported = inputs.items["preferred_equity"]
    listed = inputs.debt[inputs.debt["redeemable_from"].notna()]
    in_a_year = listed["redeemable_from"] <= listed["as_of"] + pd.DateOffset(years=1)
    amounts = []
    for rows in (listed[in_a_year], listed[~in_a_year]):
        amounts.append(grouped(rows, ["principal_usd"], inputs.index, least=1)["principal_usd"])
    now, later = amounts
    counted = np.fmax(reported, now)
    return counted, later.where(~(later <= counted))


def minority(inputs: Inputs, equity_value_usd: pd.Series) -> pd.Series:
    """Non-controlling interest in USD: at market where the subsidiary is listed and its share known, else book."""
    book = inputs.items["noncontrolling_interest"]
    share = inputs.items["noncontrolling_interest_pct"] / 100.0
    child_of = {parent: child for child, parent in inputs.companies["consolidated_by"].dropna().items()}
    tickers = inputs.index.get_level_values("ticker")
    parents = tickers.isin(list(child_of))
    children = [inputs.index.get_level_values("as_of")[parents], tickers[parents].map(child_of)]
    at_market = pd.Series(np.nan, index=book.index)
    if parents.any():
        of_child = equity_value_usd.reindex(pd.MultiIndex.from_arrays(children)).to_numpy()
        at_market[parents] = share[parents].to_numpy() * of_child
    return at_market.where(at_market.notna(), book)


def other_coins(inputs: Inputs) -> pd.Series:
    """Coins other than bitcoin, in USD: ether at spot where a price is known, else at its last reported value."""
    at_spot = inputs.items["eth_held"] * inputs.at_market("eth_usd")
    return at_spot.where(at_spot.notna(), inputs.items["eth_fair_value"])


def against(bridge: pd.DataFrame, provider_usd: pd.Series) -> pd.DataFrame:
    """Enterprise values against a data provider's, and how much of the difference our definitions explain.

    Parameters
    ----------
    bridge : DataFrame
        From `lines`, one date, indexed by ticker.
    provider_usd : Series
        The provider's enterprise value by ticker, USD: basic shares, all debt, cash alone netted.

    Returns
    -------
    DataFrame
        By ticker, USD, where both are known: enterprise_value_usd, provider_usd, difference_usd (ours less theirs) =
        coins_usd (bitcoin and other coins netted, negative) + dilution_usd (new shares at the price, less the
        principal that left debt) + rest_usd (other dates, leases, restricted cash, minorities).
    """
    ours = bridge["enterprise_value_usd"].dropna()
    both = ours.index.intersection(provider_usd.dropna().index, sort=False)
    rows = bridge.loc[both]
    out = pd.DataFrame({"enterprise_value_usd": ours[both], "provider_usd": provider_usd[both]})
    out["difference_usd"] = out["enterprise_value_usd"] - out["provider_usd"]
    out["coins_usd"] = -rows[["bitcoin_usd", "other_coins_usd"]].fillna(0.0).sum(axis=1)
    out["dilution_usd"] = rows["new_shares"] * rows["price_usd"] - rows["debt_converted_usd"]
    out["rest_usd"] = out["difference_usd"] - out["coins_usd"] - out["dilution_usd"]
    return out
