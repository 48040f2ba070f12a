"""Attribution of changes in EV per MW to price, shares, debt, cash, bitcoin, other claims and MW (Shapley value)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import factorial

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin

MILLION = 1e6
FACTORS = ("price", "shares", "debt", "cash", "bitcoin", "other_claims", "mw")
TITLES = {
    "price": "Price",
    "shares": "Diluted shares",
    "debt": "Debt",
    "cash": "Cash",
    "bitcoin": "Bitcoin",
    "other_claims": "Other claims",
    "mw": "MW",
}
METHOD = (
    "Shapley value: each factor's effect averaged over all 5,040 orders in which the seven could have changed; "
    "no order is preferred and nothing is left over (Shapley 1953; Shorrocks 2013)"
)
# Lines of the bridge that companies report only where they have them: absent adds nothing.
OTHER_CLAIMS = (
    "finance_leases_usd",
    "preferred_equity_usd",
    "noncontrolling_interest_usd",
    "customer_prepayments_usd",
)


@dataclass(frozen=True, repr=False)
class Attribution(ResultMixin):
    """Attribution of each company's change in EV per MW to `FACTORS`, without a remainder.

    Attributes
    ----------
    frame : DataFrame
        Indexed by ticker: before, after, change, then a column a factor (all m USD per MW) and `cause`, why a
        company has no attribution (empty where it has one). In every row with one the factors sum to the change.
    method : str
    """

    frame: pd.DataFrame
    method: str = METHOD

    @property
    def main_factor(self) -> pd.Series:
        """The factor with the largest effect, by ticker; None where there is no attribution."""
        parts = self.frame[list(FACTORS)].abs()
        known = parts.notna().all(axis=1)
        named = parts[known].idxmax(axis=1)
        return named.reindex(self.frame.index).astype(object).where(known, None)


def drivers(bridge: pd.DataFrame, mw: pd.Series) -> pd.DataFrame:
    """The seven factors of EV per MW from the lines of the bridge.

    Parameters
    ----------
    bridge : DataFrame
        Lines of `valuation.fundamentals.enterprise_value.lines`, USD, indexed by ticker.
    mw : Series
        The denominator, same index.

    Returns
    -------
    DataFrame
        price (USD per share), shares (diluted), debt (after conversion), cash (with restricted cash), bitcoin (with
        other coins), other_claims (finance leases, preferred, minorities, prepayments), all USD, and mw; NaN where a
        line that must be known is not.

    Notes
    -----
    A convertible that the price carries over its conversion price shows as more shares and less debt.
    """

    def optional(name: str) -> pd.Series:
        return bridge[name].fillna(0.0)

    return pd.DataFrame(
        {
            "price": bridge["price_usd"],
            "shares": bridge["diluted_shares"],
            "debt": bridge["debt_after_conversion_usd"],
            "cash": bridge["cash_usd"] + optional("restricted_cash_usd"),
            "bitcoin": bridge["bitcoin_usd"] + optional("other_coins_usd"),
            "other_claims": sum((optional(name) for name in OTHER_CLAIMS), start=pd.Series(0.0, index=bridge.index)),
            "mw": mw,
        }
    )


def ev_per_mw(factors: Mapping[str, np.ndarray]) -> np.ndarray:
    """(price x shares + debt + other claims - cash - bitcoin) / MW, in m USD per MW."""
    value = factors["price"] * factors["shares"] + factors["debt"] + factors["other_claims"]
    return (value - factors["cash"] - factors["bitcoin"]) / factors["mw"] / MILLION


def shapley(
    value: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
) -> dict[str, np.ndarray]:
    """Each factor's share of value(after) - value(before).

    Parameters
    ----------
    value : callable
        Of a mapping of arrays (..., n) to an array (..., n).
    before, after : mapping of arrays (n,)
        The same names in both.

    Returns
    -------
    dict of arrays (n,)
        In the order of `before`; they sum to the change: what rounding leaves, parts in 1e16, goes to the largest.

    Notes
    -----
    The weight of a coalition of size s among k factors is s! (k - s - 1)! / k!; all 2^k coalitions are valued at
    once. A factor that did not change gets exactly zero.
    """
    names = list(before)
    k = len(names)
    coalition = (np.arange(2**k)[:, None] >> np.arange(k)) & 1  # (2^k, k)
    mixed = {
        name: np.where(coalition[:, [i]], np.asarray(after[name], float), np.asarray(before[name], float))
        for i, name in enumerate(names)
    }
    values = value(mixed)
    size = coalition.sum(axis=1)
    weight = np.array([factorial(s) * factorial(k - s - 1) / factorial(k) for s in range(k)])
    parts = np.empty((k, values.shape[1]))
    for i in range(k):
        without = np.flatnonzero(coalition[:, i] == 0)
        parts[i] = weight[size[without]] @ (values[without | (1 << i)] - values[without])
    change = values[-1] - values[0]
    largest = np.abs(parts).argmax(axis=0)
    columns = np.arange(parts.shape[1])
    for _ in range(2):
        parts[largest, columns] += change - parts.sum(axis=0)
    return dict(zip(names, parts, strict=True))


def attribute(before: pd.DataFrame, after: pd.DataFrame) -> Attribution:
    """Split the change of EV per MW of every company that both runs know.

    Parameters
    ----------
    before, after : DataFrame
        From `drivers`, indexed by ticker.

    Returns
    -------
    Attribution
        In the order of `after`; companies of one run only are not in it.
    """
    tickers = after.index[after.index.isin(before.index)]
    old, new = before.loc[tickers], after.loc[tickers]
    cause = pd.Series("", index=tickers, dtype=object)
    for when, frame in (("before", old), ("now", new)):
        unknown = [name for name in FACTORS if frame[name].isna().any()]
        for name in unknown:
            cause = cause.where(~(frame[name].isna() & (cause == "")), f"{TITLES[name].lower()} unknown {when}")
        cause = cause.where(~((frame["mw"] <= 0) & (cause == "")), f"no MW {when}")
    out = pd.DataFrame(np.nan, index=tickers, columns=["before", "after", "change", *FACTORS])
    known = cause[cause == ""].index
    if len(known):
        start = {name: old.loc[known, name].to_numpy() for name in FACTORS}
        end = {name: new.loc[known, name].to_numpy() for name in FACTORS}
        out.loc[known, "before"], out.loc[known, "after"] = ev_per_mw(start), ev_per_mw(end)
        for name, part in shapley(ev_per_mw, start, end).items():
            out.loc[known, name] = part
        out["change"] = out["after"] - out["before"]
    return Attribution(out.assign(cause=cause))
