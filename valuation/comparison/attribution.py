"""Attribution of changes in EV per MW to its factors (Shapley value).

The factors: price, shares, conversion of notes, debt, cash, bitcoin, other claims and MW.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from math import factorial

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin

MILLION = 1e6
FACTORS = ("price", "shares", "conversion", "debt", "cash", "bitcoin", "other_claims", "mw")
TITLES = {
    "price": "Price",
    "shares": "Shares",
    "conversion": "Note conversion",
    "debt": "Debt",
    "cash": "Cash",
    "bitcoin": "Bitcoin",
    "other_claims": "Other claims",
    "mw": "MW",
}
# Within a sentence: an abbreviation keeps its capitals.
IN_WORDS = {name: title if title.isupper() else title.lower() for name, title in TITLES.items()}
METHOD = (
    "Shapley value: each factor's effect averaged over all 40,320 orders in which the eight could have changed; "
    "no order is preferred and nothing is left over (Shapley 1953; Shorrocks 2013)"
)
# A note that counts as shares adds these shares and takes this principal out of debt: one cause, which moves as one.
CONVERTED = ("converted_shares", "converted_debt")
DRIVERS = tuple(name for name in FACTORS if name != "conversion") + CONVERTED
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
    """The quantities behind EV per MW from the lines of the bridge.

    Parameters
    ----------
    bridge : DataFrame
        Lines of `valuation.fundamentals.enterprise_value.lines`, USD, indexed by ticker.
    mw : Series
        The denominator, same index.

    Returns
    -------
    DataFrame
        `DRIVERS`: price (USD per share), shares (diluted, without those of converted notes), debt (before conversion),
        cash (with restricted cash), bitcoin (with other coins), other_claims (finance leases, preferred, minorities,
        prepayments), mw, converted_shares and converted_debt (what conversion took out of debt); money in USD, NaN
        where a line that must be known is not.

    Notes
    -----
    Runs stored by versions up to 0.3.0 have no line converted_shares: it is NaN, converted notes stand in shares, and
    debt is after conversion.
    """

    def optional(name: str) -> pd.Series:
        return bridge[name].fillna(0.0)

    debt = bridge["debt_after_conversion_usd"]
    converted = bridge["converted_shares"] if "converted_shares" in bridge else pd.Series(np.nan, index=bridge.index)
    left_debt = (bridge["debt_usd"] - debt).where(converted.notna(), 0.0).fillna(0.0)
    return pd.DataFrame(
        {
            "price": bridge["price_usd"],
            "shares": bridge["diluted_shares"] - converted.fillna(0.0),
            "debt": debt + left_debt,
            "cash": bridge["cash_usd"] + optional("restricted_cash_usd"),
            "bitcoin": bridge["bitcoin_usd"] + optional("other_coins_usd"),
            "other_claims": sum((optional(name) for name in OTHER_CLAIMS), start=pd.Series(0.0, index=bridge.index)),
            "mw": mw,
            "converted_shares": converted,
            "converted_debt": left_debt,
        }
    )


def ev_per_mw(at: Mapping[str, np.ndarray]) -> np.ndarray:
    """(price x (shares + converted shares) + debt - converted debt + other claims - cash - bitcoin) / MW, in $m per MW."""
    equity = at["price"] * (at["shares"] + at["converted_shares"])
    value = equity + (at["debt"] - at["converted_debt"]) + at["other_claims"]
    return (value - at["cash"] - at["bitcoin"]) / at["mw"] / MILLION


def shapley(
    value: Callable[[Mapping[str, np.ndarray]], np.ndarray],
    before: Mapping[str, np.ndarray],
    after: Mapping[str, np.ndarray],
    together: Mapping[str, tuple[str, ...]] | None = None,
) -> dict[str, np.ndarray]:
    """Each factor's share of value(after) - value(before).

    Parameters
    ----------
    value : callable
        Of a mapping of arrays (..., n) to an array (..., n).
    before, after : mapping of arrays (n,)
        The same names in both.
    together : mapping, optional
        Factors of several names that change as one; every other name is a factor of its own.

    Returns
    -------
    dict of arrays (n,)
        By factor, single ones first, in the order of `before`; they sum to the change: what rounding leaves, parts in
        1e16, goes to the largest.

    Notes
    -----
    The weight of a coalition of size s among k factors is s! (k - s - 1)! / k!; all 2^k coalitions are valued at
    once. A factor that did not change gets exactly zero.
    """
    together = together or {}
    joined = {name for members in together.values() for name in members}
    factors = {name: (name,) for name in before if name not in joined} | dict(together)
    k = len(factors)
    coalition = (np.arange(2**k)[:, None] >> np.arange(k)) & 1  # (2^k, k)
    mixed = {
        name: np.where(coalition[:, [i]], np.asarray(after[name], float), np.asarray(before[name], float))
        for i, members in enumerate(factors.values())
        for name in members
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
    return dict(zip(factors, parts, strict=True))


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
    old, new = _alike(before.loc[tickers], after.loc[tickers])
    cause = pd.Series("", index=tickers, dtype=object)
    for when, frame in (("before", old), ("now", new)):
        unknown = [name for name in DRIVERS if frame[name].isna().any()]
        for name in unknown:
            cause = cause.where(~(frame[name].isna() & (cause == "")), f"{IN_WORDS[name]} unknown {when}")
        cause = cause.where(~((frame["mw"] <= 0) & (cause == "")), f"no MW {when}")
    out = pd.DataFrame(np.nan, index=tickers, columns=["before", "after", "change", *FACTORS])
    known = cause[cause == ""].index
    if len(known):
        start = {name: old.loc[known, name].to_numpy() for name in DRIVERS}
        end = {name: new.loc[known, name].to_numpy() for name in DRIVERS}
        out.loc[known, "before"], out.loc[known, "after"] = ev_per_mw(start), ev_per_mw(end)
        for name, part in shapley(ev_per_mw, start, end, {"conversion": CONVERTED}).items():
            out.loc[known, name] = part
        out["change"] = out["after"] - out["before"]
    return Attribution(out.assign(cause=cause))


def _alike(old: pd.DataFrame, new: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Both with converted notes in shares and out of debt where one of them does not say which shares are theirs."""
    unknown = old["converted_shares"].isna() | new["converted_shares"].isna()
    out = []
    for frame in (old, new):
        shares, debt = (frame[name].where(unknown, 0.0).fillna(0.0) for name in CONVERTED)
        moved = {"shares": frame["shares"] + shares, "debt": frame["debt"] - debt}
        moved |= {name: frame[name].where(~unknown, 0.0) for name in CONVERTED}
        out.append(frame.assign(**moved))
    return out[0], out[1]
