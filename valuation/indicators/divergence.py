"""Price divergence: price-return indices of the AI group and the mining group, their ratio, volatility, beta to bitcoin.

Membership and weights of a week are those known at its start, so no week's return can choose its own members.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.fundamentals.company_metrics import Valuation
from valuation.groups import BITCOIN, PIVOT
from valuation.inputs import Inputs

BASE = 100.0
GROUPS = {PIVOT: "ai", BITCOIN: "mining"}
WEIGHTS = ("equal", "value")
HINDSIGHT = "hindsight"
WEEKS_PER_YEAR = 52
WINDOW, LEAST = 52, 26  # weeks behind volatility and beta, and how many of them must be known
FULL_WEEK = (5, 10)  # days from one close to the next; a shorter step is a week still running, a longer one a gap
SMALL_GROUP = 3
LEAST_QUOTED = 0.5  # part of the companies that need a new close for a date to count


@dataclass(frozen=True, repr=False)
class Divergence(ResultMixin):
    """Price indices of the two groups by week.

    Attributes
    ----------
    frame : DataFrame
        Indexed by as_of. For each group (ai, mining) and weight (equal, value): an index that starts at 100 in the first
        week with a member, `<group>_<weight>`; with today's members all along `<group>_hindsight` (equal weights: who
        is in the group today was known only today). n_ai and n_mining, members behind the week's return. ratio_equal,
        ratio_value, ratio_hindsight: AI over mining, 1 in the first week in which both groups have members. bitcoin: its
        index. For each group with equal weights: volatility of weekly returns over a year, annualised, with the number
        of weeks, and beta to bitcoin.
    returns : DataFrame
        Simple weekly returns behind them: `<group>_<weight>`, `<group>_hindsight`, bitcoin.
    members : DataFrame
        A row an (as_of, ticker) that counts in the return from the week before: group, price_return, value_weight.
    """

    frame: pd.DataFrame
    returns: pd.DataFrame
    members: pd.DataFrame


def divergence(inputs: Inputs, valuation: Valuation, splits: pd.DataFrame) -> Divergence:
    """Equal- and value-weighted price indices of the groups, rebalanced every week.

    Parameters
    ----------
    inputs : Inputs
        Of weekly dates, ascending: closes as traded.
    valuation : Valuation
        Of the same inputs: group, exclusion and equity value of each week.
    splits : DataFrame
        ticker, first_day_on_new_basis, shares_multiplier.

    Notes
    -----
    Return of a company from one week to the next: close x splits in between / close before - 1, without dividends. The
    group's return is the mean over the companies that were in it at the earlier date and have a close at both; value
    weights are equity values (diluted) of the earlier date. A week without a member has no return; the index stands
    still then, as it does on a date on which fewer than half of the companies have a new close. A company that stops
    trading leaves at its last close. Volatility: sample standard deviation of full weeks x sqrt(52). Beta: least squares
    on bitcoin's weekly returns.
    """
    every = pd.DatetimeIndex(inputs.market.index)
    traded = traded_on(inputs)
    inputs, valuation = inputs.on(traded), valuation.on(traded)
    returns = price_returns(inputs, splits)
    group = valuation.table["group"].where(valuation.table["excluded"] == "").unstack("ticker")
    equity = valuation.table["equity_value_usd"].unstack("ticker")
    before, today = group.shift(1), group.iloc[-1]
    weight = equity.shift(1)
    made: dict[str, pd.Series] = {}
    counts = {}
    for name, key in GROUPS.items():
        inside = (before == name) & returns.notna()
        made[f"{key}_equal"] = returns.where(inside).mean(axis=1)
        weighed = weight.where(inside & (weight > 0))
        made[f"{key}_value"] = (returns * weighed).sum(axis=1, min_count=1) / weighed.sum(axis=1, min_count=1)
        same = returns.notna() & (today == name).to_numpy()[None, :]
        made[f"{key}_{HINDSIGHT}"] = returns.where(same).mean(axis=1)
        counts[f"n_{key}"] = inside.sum(axis=1)
    # Bitcoin's last price may be a week old: its index has the level known, its week counts in no beta.
    btc = inputs.market["btc_usd"]
    made["bitcoin"] = btc / btc.shift(1) - 1
    moved = pd.DataFrame(made)
    frame = moved.apply(index_of)
    for kind in (*WEIGHTS, HINDSIGHT):
        frame[f"ratio_{kind}"] = frame[f"ai_{kind}"] / frame[f"mining_{kind}"]
    both = frame[["ratio_equal", "ratio_value"]].dropna()
    if len(both):
        ratios = [f"ratio_{kind}" for kind in (*WEIGHTS, HINDSIGHT)]
        frame[ratios] /= frame.loc[both.index[0], ratios]
    for name, count in counts.items():
        frame[name] = count
    same_day = _fresh(inputs.market["btc_date"].to_frame(), inputs)["btc_date"]
    full = moved[_full_weeks(moved.index)]
    bitcoin = full["bitcoin"].where(same_day & same_day.shift(1, fill_value=False))
    for key in GROUPS.values():
        risk = _risk(full[f"{key}_equal"], bitcoin).reindex(frame.index).ffill()
        frame = frame.join(risk.add_prefix(f"{key}_"))
    # Nothing moves on a date without closes; what was known the week before still is.
    frame = frame.reindex(every, method="ffill").rename_axis("as_of")
    return Divergence(frame, moved, _members(before, returns, weight))


def traded_on(inputs: Inputs) -> pd.DatetimeIndex:
    """The dates on which at least half of the companies with a price have a new close; the first date always.

    Where a few companies alone have a close, their returns over some days would stand for the group, and the others'
    would be lost.
    """
    day = inputs.periods["price_usd"].unstack("ticker")
    new, priced = _fresh(day, inputs).sum(axis=1), day.notna().sum(axis=1)
    enough = (new >= LEAST_QUOTED * priced) & (priced > 0)
    enough.iloc[0] = True
    return pd.DatetimeIndex(day.index[enough])


def index_of(returns: pd.Series) -> pd.Series:
    """An index of 100 at the date before the first known return; unknown before, still where a return is unknown."""
    known = returns.notna()
    if not known.any():
        return pd.Series(np.nan, returns.index)
    first = max(int(known.to_numpy().argmax()) - 1, 0)
    level = BASE * (1 + returns.fillna(0.0)).cumprod()
    return level.where(np.arange(len(returns)) >= first)


def price_returns(inputs: Inputs, splits: pd.DataFrame) -> pd.DataFrame:
    """Simple returns of each company from one week to the next, splits taken out, (dates, tickers)."""
    close = inputs.items["price_usd"].unstack("ticker")
    day = inputs.periods["price_usd"].unstack("ticker")
    close = close.where(_fresh(day, inputs))
    became = pd.DataFrame(1.0, close.index, close.columns)
    for row in splits[splits["ticker"].isin(close.columns)].itertuples(index=False):
        first = pd.Timestamp(row.first_day_on_new_basis)
        crossed = (day[row.ticker] >= first) & (day[row.ticker].shift(1) < first)
        became.loc[crossed, row.ticker] *= row.shares_multiplier
    return close * became / close.shift(1) - 1


def _fresh(day: pd.DataFrame, inputs: Inputs) -> pd.DataFrame:
    """Whether a close lies after the date before: an older one was counted there."""
    dates = inputs.market.index.to_series()
    before = dates.shift(1).fillna(dates - pd.Timedelta(days=FULL_WEEK[1]))
    return day.gt(before, axis=0)


def _full_weeks(dates: pd.Index) -> np.ndarray:
    apart = pd.Series(dates, index=dates).diff().dt.days
    return apart.between(*FULL_WEEK).to_numpy()


def _risk(returns: pd.Series, bitcoin: pd.Series) -> pd.DataFrame:
    """Volatility a year and beta to bitcoin over the last `WINDOW` full weeks, NaN under `LEAST` known ones."""
    market = bitcoin.where(returns.notna())
    rolled = {"window": WINDOW, "min_periods": LEAST}
    beta = returns.where(bitcoin.notna()).rolling(**rolled).cov(market) / market.rolling(**rolled).var()
    return pd.DataFrame(
        {
            "volatility": returns.rolling(**rolled).std() * np.sqrt(WEEKS_PER_YEAR),
            "beta_bitcoin": beta,
            "weeks": returns.notna().rolling(WINDOW, min_periods=1).sum(),
        }
    )


def _members(before: pd.DataFrame, returns: pd.DataFrame, weight: pd.DataFrame) -> pd.DataFrame:
    """Who stands behind each week's return."""
    index = pd.MultiIndex.from_product([returns.index, returns.columns], names=["as_of", "ticker"])
    columns = {"group": before, "price_return": returns, "equity_value_usd": weight}
    rows = pd.DataFrame({name: frame.to_numpy().ravel() for name, frame in columns.items()}, index=index)
    rows = rows[rows["group"].notna() & rows["price_return"].notna()]
    keys = [rows.index.get_level_values("as_of"), rows["group"]]
    whole = rows["equity_value_usd"].groupby(keys).transform("sum")
    rows["value_weight"] = rows["equity_value_usd"] / whole
    return rows.drop(columns="equity_value_usd")
