"""Portfolio risk, the week's moves and days to liquidate, from the closes of the data and of their live source."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from screener.errors import SourceError
from screener.gathering import BITCOIN, InputData
from screener.loading import add_daily_closes, ask_daily_volumes
from screener.portfolio.quotes import COIN_NAMES, RATE_WITHIN_DAYS, other_closes
from screener.sources.registry import LIVE
from screener.studies.backtest import benchmarks
from valuation.errors import NotEstimable
from valuation.portfolio.kinds import CASH, EQUITY, FUND
from valuation.portfolio.liquidity import Liquidity, liquidity
from valuation.portfolio.moves import Moves, moves
from valuation.portfolio.positions import Portfolio
from valuation.portfolio.risk import Risk, risk
from valuation.screening.performance import WEEKS_PER_YEAR

TRADING_DAYS = 252
VOLUME_DAYS = 30  # calendar days that average volumes are over


def measure(
    portfolio: Portfolio, data: InputData, as_of: pd.Timestamp, span: int, frequency: str, *, seed: int
) -> tuple[Risk | None, str]:
    """Risk over the last `span` weeks, or why there is none; `frequency` is weekly or daily, `seed` of the bootstrap."""
    values = portfolio.by_name()
    if values.empty:
        return None, "no exposure is known" if len(portfolio.unexposed) else "nothing but cash is held"
    daily = frequency == "daily"
    if daily and data.live is None:
        return None, f"daily closes need a live source (--source {' or '.join(LIVE)}); weekly ones are bundled"
    closes, coin = (_daily if daily else _weekly)(portfolio, data, as_of, span)
    named = data.benchmarks
    returns = closes / closes.shift(1) - 1
    roles = data.companies.set_index("ticker")["role"]
    basket = [t for t in roles.index[roles == "comparable"] if t in returns]
    field = returns[[t for t in roles.index[roles != "comparable"] if t in returns]].mean(axis=1)
    factors = {"bitcoin": coin / coin.shift(1) - 1}
    if basket:
        factors[f"AI basket ({', '.join(basket)})"] = returns[basket].mean(axis=1)
    for key, title in (("market", "market"), ("miners", "miners")):
        if named.get(key) in returns:
            factors[f"{title} ({named[key]})"] = returns[named[key]]
    per_year = TRADING_DAYS if daily else WEEKS_PER_YEAR
    try:
        found = risk(values, portfolio.net, closes, factors, field, periods=frequency, per_year=per_year, seed=seed)
    except NotEstimable as error:
        return None, str(error)
    unexposed = portfolio.unexposed.drop_duplicates("ticker").set_index("ticker")["exposure_cause"]
    return replace(found, left_out={**found.left_out, **unexposed}), ""


def what_moved(portfolio: Portfolio, data: InputData, as_of: pd.Timestamp, quoted_on: pd.Timestamp) -> Moves | None:
    """Change of each position since the last weekly close before that of `quoted_on`; None where there is none."""
    closes, coin = _weekly(portfolio, data, as_of, WEEKS_PER_YEAR)
    earlier = closes.index[closes.index < quoted_on]
    if earlier.empty:
        return None
    before = closes.loc[earlier[-1]].copy()
    for name in {BITCOIN, *COIN_NAMES} & set(_coins(portfolio)):
        before[name] = coin.get(earlier[-1], np.nan)
    return moves(portfolio, before, earlier[-1])


def traded(portfolio: Portfolio, data: InputData, as_of: pd.Timestamp) -> tuple[Liquidity | None, str]:
    """Days to liquidate at the volumes of the live source, or why they are not known."""
    held = portfolio.positions[portfolio.positions["kind"].isin((EQUITY, FUND))]
    names = sorted(set(held["exposure_to"]))
    if not names:
        return None, "no shares and no funds are held"
    if data.live is None or data.live.daily_volumes is None:
        return None, f"not known: the source gives no volumes (--source {' or '.join(LIVE)} does)"
    try:
        found = ask_daily_volumes(data.live, names, as_of - pd.Timedelta(days=VOLUME_DAYS), as_of)
    except SourceError as error:
        return None, f"not known: {error}"
    days = found.groupby("ticker")["volume"].agg(["mean", "size"])
    return liquidity(portfolio, days["mean"], int(days["size"].max()), data.live.title), ""


def _coins(portfolio: Portfolio) -> list[str]:
    """Names held that move as a coin does; a fund may have a coin's ticker."""
    moving = portfolio.positions[~portfolio.positions["kind"].isin((CASH, FUND))]
    return list(dict.fromkeys(moving["exposure_to"]))


def _weekly(portfolio: Portfolio, data: InputData, as_of: pd.Timestamp, span: int) -> tuple[pd.DataFrame, pd.Series]:
    """Weekly closes of the data, names outside them from the live source where there is one, and bitcoin, on the same
    weeks."""
    closes = data.weekly_closes(as_of).iloc[-(span + 1) :]
    coin = benchmarks(data, closes.index).get("bitcoin", pd.Series(np.nan, index=closes.index))
    held = set(portfolio.by_name().index)
    closes = closes.assign(**{name: coin for name in COIN_NAMES if name in _coins(portfolio)})
    lacking = sorted(held - set(closes.columns))
    if data.live is not None and lacking:
        since = closes.index[0] - pd.Timedelta(days=RATE_WITHIN_DAYS)
        found = other_closes(data.live, lacking, since, as_of, adjusted=True)
        wide = found.pivot(index="date", columns="ticker", values="close_usd").sort_index()
        on = wide.reindex(closes.index, method="ffill", tolerance=pd.Timedelta(days=3)) if len(wide) else wide
        closes = closes.join(on)
    return closes, coin


def _daily(portfolio: Portfolio, data: InputData, as_of: pd.Timestamp, span: int) -> tuple[pd.DataFrame, pd.Series]:
    """Daily closes of everything, from the live source."""
    symbols = {*portfolio.by_name().index, *data.companies["ticker"], *data.benchmarks.values()}
    try:
        found = add_daily_closes(data, sorted(symbols), as_of - pd.Timedelta(weeks=span), as_of).daily
    except SourceError:  # no close of any of them: the risk says that it has too few
        found = data.daily
    wide = found.pivot(index="date", columns="ticker", values="close_usd").sort_index()
    wide = wide[wide.drop(columns=BITCOIN, errors="ignore").notna().any(axis=1)]  # coins trade on Sundays too
    return wide, wide[BITCOIN] if BITCOIN in wide else pd.Series(np.nan, index=wide.index)
