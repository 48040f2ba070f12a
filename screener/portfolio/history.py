"""What the risk of a portfolio is measured on: weekly closes of the universe, or daily ones from Yahoo."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.portfolio.quotes import COINS, RATE_WITHIN_DAYS, live_closes
from screener.studies.backtest import benchmarks, calendar_of
from screener.universes import Universe
from valuation.errors import NotEstimable
from valuation.portfolio.positions import Portfolio
from valuation.portfolio.risk import Risk, risk
from valuation.screening.performance import WEEKS_PER_YEAR

TRADING_DAYS = 252


def measure(
    portfolio: Portfolio, universe: Universe, as_of: pd.Timestamp, span: int, frequency: str, *, live: bool
) -> tuple[Risk | None, str]:
    """Risk over the last `span` weeks, or why there is none; `frequency` is weekly or daily."""
    values = portfolio.by_name()
    if values.empty:
        return None, "nothing but cash is held"
    daily = frequency == "daily"
    if daily and not live:
        return None, "daily closes need Yahoo (--source yahoo); weekly ones are bundled"
    closes, coin = (_daily if daily else _weekly)(portfolio, universe, as_of, span, live=live)
    named = universe.settings.get("benchmarks", {})
    returns = closes / closes.shift(1) - 1
    roles = universe.companies.set_index("ticker")["role"]
    basket = [t for t in roles.index[roles == "comparable"] if t in returns]
    field = returns[[t for t in roles.index[roles == "miner"] if t in returns]].mean(axis=1)
    factors = {"bitcoin": coin / coin.shift(1) - 1}
    if basket:
        factors[f"AI basket ({', '.join(basket)})"] = returns[basket].mean(axis=1)
    for key, title in (("market", "market"), ("miners", "miners")):
        if named.get(key) in returns:
            factors[f"{title} ({named[key]})"] = returns[named[key]]
    per_year = TRADING_DAYS if daily else WEEKS_PER_YEAR
    try:
        found = risk(values, portfolio.net, closes, factors, field, periods=frequency, per_year=per_year)
    except NotEstimable as error:
        return None, str(error)
    return found, ""


def _weekly(
    portfolio: Portfolio, universe: Universe, as_of: pd.Timestamp, span: int, *, live: bool
) -> tuple[pd.DataFrame, pd.Series]:
    """The universe's weekly closes, names outside it from Yahoo where it is asked, and bitcoin, on the same weeks."""
    closes = calendar_of(universe, as_of).iloc[-(span + 1) :]
    coin = benchmarks(universe, closes.index).get("bitcoin", pd.Series(np.nan, index=closes.index))
    held = set(portfolio.by_name().index)
    closes = closes.assign(**{name: coin for name in COINS if name in held})
    lacking = sorted(held - set(closes.columns))
    if live and lacking:
        found = live_closes(lacking, closes.index[0] - pd.Timedelta(days=RATE_WITHIN_DAYS), as_of, adjusted=True)
        wide = found.pivot(index="date", columns="ticker", values="close_usd").sort_index()
        on = wide.reindex(closes.index, method="ffill", tolerance=pd.Timedelta(days=3)) if len(wide) else wide
        closes = closes.join(on)
    return closes, coin


def _daily(
    portfolio: Portfolio, universe: Universe, as_of: pd.Timestamp, span: int, *, live: bool
) -> tuple[pd.DataFrame, pd.Series]:
    """Daily closes of everything, from Yahoo."""
    symbols = {
        *portfolio.by_name().index,
        *universe.companies["ticker"],
        *universe.settings.get("benchmarks", {}).values(),
    }
    since = as_of - pd.Timedelta(weeks=span)
    found = live_closes(sorted(symbols), since, as_of, adjusted=True)
    wide = found.pivot(index="date", columns="ticker", values="close_usd").sort_index()
    wide = wide[wide.drop(columns="BTC-USD", errors="ignore").notna().any(axis=1)]  # coins trade on Sundays too
    return wide, wide["BTC-USD"] if "BTC-USD" in wide else pd.Series(np.nan, index=wide.index)
