"""Closes and splits out of Yahoo's charts.

Yahoo's close is adjusted for every later split, up to today. The fact table and share counts need the close as it was
traded on the day, so the adjustment is undone with the splits of the same answer, and for that the answer always
reaches up to today, whatever date the screen is for:

    traded on day d = Yahoo's close x product of the multipliers of splits after d

with the multiplier of a 1-for-15 reverse split 1/15 (one old share becomes that many new ones).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from types import ModuleType

import numpy as np
import pandas as pd

from screener.sources.fetched import Failure
from screener.sources.refused import Refused
from screener.sources.yahoo.timing import TIMEOUT_SECONDS
from valuation._words import count

PERIODS = {"1y": 365, "2y": 730, "5y": 1825, "10y": 3650, "max": 10**6}
NEW_YORK_CLOSE = pd.Timedelta(hours=16)
# Yahoo sends single-precision numbers: 19.239999771 for 19.24. They are good for seven digits, and no quote has more.
DIGITS = 7


@dataclass(frozen=True)
class Quotes:
    """One symbol's chart.

    Attributes
    ----------
    symbol : str
    adjusted : Series
        By day (datetime64, no zone): Yahoo's close, adjusted for later splits, finished sessions only.
    splits : Series
        By first day on the new basis: one old share becomes that many.
    zone : str
        Time zone of the exchange.
    last_trade : Timestamp or NaT
        Day of the last finished session that Yahoo's own header knows of.
    faults : tuple of str
        Bars that were left out, and why.
    volume : Series
        By day of `adjusted`: shares traded, on the share basis of today; NaN or 0 where Yahoo has none.
    """

    symbol: str
    adjusted: pd.Series
    splits: pd.Series
    zone: str
    last_trade: pd.Timestamp
    faults: tuple[str, ...] = ()
    volume: pd.Series = field(default_factory=lambda: pd.Series(dtype=float, index=pd.DatetimeIndex([])))

    @property
    def traded(self) -> pd.Series:
        """The closes as traded on their day, not adjusted for later splits."""
        values = self.adjusted * later_splits(self.adjusted.index, self.splits)
        scale = 10.0 ** (DIGITS - 1 - np.floor(np.log10(values)))
        return (values * scale).round() / scale

    def within(self, since: pd.Timestamp, until: pd.Timestamp) -> Quotes:
        """The same with closes of [since, until] only; every split stays."""
        return replace(self, adjusted=self.adjusted[since:until], volume=self.volume[since:until])


def later_splits(days: pd.DatetimeIndex, splits: pd.Series) -> np.ndarray:
    """For every day the product of the multipliers of the splits after it."""
    after = splits.index.to_numpy()[None, :] > days.to_numpy()[:, None]
    return np.where(after, splits.to_numpy()[None, :], 1.0).prod(axis=1)


def ask(yf: ModuleType, symbol: str, start: pd.Timestamp, now: pd.Timestamp) -> Quotes:
    """The chart of a symbol from `start` to today.

    Raises
    ------
    Refused
        The chart of another symbol, quoted in another currency than USD, or no close at all.
    """
    ticker = yf.Ticker(symbol)
    chart = ticker.history(start=f"{start:%Y-%m-%d}", auto_adjust=False, actions=True, timeout=TIMEOUT_SECONDS)
    header = ticker.get_history_metadata()
    echoed = str(header.get("symbol", symbol))
    if echoed.upper() != symbol.upper():
        raise Refused("bad_answer", f"the chart of {echoed} in place of {symbol}: not used")
    currency = header["currency"]
    if currency != "USD":
        raise Refused("bad_answer", f"quoted in {currency}, not in USD: not converted, not used")
    zone = str(header["exchangeTimezoneName"])
    splits = pd.Series(dtype=float, index=pd.DatetimeIndex([]))
    if (chart["Stock Splits"] != 0).any():
        # In the chart yfinance moves a split without a bar of its own day to the bar before it; here it has its day.
        exact = ticker.get_splits(period=_period(start, now))
        splits = pd.Series(exact.to_numpy(dtype=float), index=_days(exact.index)).loc[start:]
        splits = splits[np.isfinite(splits) & (splits > 0) & (splits != 1)]
    closes = pd.Series(chart["Close"].to_numpy(dtype=float), index=_days(chart.index))
    closes, faults = _sound(closes, now.tz_convert(zone).tz_localize(None).normalize())
    running = _running_session(header, zone, now)
    if closes.empty or closes.index[-1] == running:
        closes = closes[:-1]
    if closes.empty:
        raise Refused("empty", f"no close since {start:%Y-%m-%d}")
    traded = chart["Volume"].to_numpy(dtype=float) if "Volume" in chart else np.nan
    volume = pd.Series(traded, index=_days(chart.index)).groupby(level=0).last()
    last = header.get("regularMarketTime")
    last_trade = pd.NaT if not isinstance(last, pd.Timestamp) else last.tz_localize(None).normalize()
    return Quotes(
        symbol,
        closes,
        splits.sort_index(),
        zone,
        pd.NaT if last_trade == running else last_trade,
        faults,
        volume.reindex(closes.index),
    )


def _sound(closes: pd.Series, today: pd.Timestamp) -> tuple[pd.Series, tuple[str, ...]]:
    """The closes that can be, in order, and what was left out; a day without a close (NaN) is no fault of its own.

    Of one bar told twice yfinance passes on the first close alone, so that is no fault that could be seen here; two bars of
    one day are.
    """
    known = closes[np.isfinite(closes)]
    no_price, to_come = (known <= 0).to_numpy(), np.asarray(known.index > today)
    faults = [
        f"{reason}, {known.index[wrong][-1]:%Y-%m-%d}: left out"
        for wrong, reason in ((no_price, "a close not above zero"), (to_come, "a session yet to come"))
        if wrong.any()
    ]
    good = known[~(no_price | to_come)]
    twice = good.groupby(level=0).transform("nunique") > 1
    if twice.any():
        faults.append(f"two closes of one day, {good.index[twice][-1]:%Y-%m-%d}: neither is used")
    good = good[~twice]
    return good[~good.index.duplicated(keep="last")].sort_index(), tuple(faults)


def _period(start: pd.Timestamp, now: pd.Timestamp) -> str:
    age = (now.tz_localize(None) - start).days + 2
    return next(name for name, days in PERIODS.items() if days >= age)


def _days(index: pd.Index) -> pd.DatetimeIndex:
    days = pd.DatetimeIndex(index)
    return (days.tz_localize(None) if days.tz is not None else days).normalize().as_unit("ns")


def _running_session(header: dict[str, object], zone: str, now: pd.Timestamp) -> pd.Timestamp | None:
    """The day whose session is not over: its last price is no close yet.

    Coins trade without end. Their price of a day counts from the close in New York on, beside the closes of that day.
    """
    if header.get("instrumentType") == "CRYPTOCURRENCY":
        here = now.tz_convert("America/New_York")
        today = now.tz_convert(zone).tz_localize(None).normalize()
        return today if here.tz_localize(None) < today + NEW_YORK_CLOSE else None
    period = header.get("currentTradingPeriod")
    end = period.get("regular", {}).get("end") if isinstance(period, dict) else None
    if not isinstance(end, pd.Timestamp) or now >= end:
        return None
    return end.tz_localize(None).normalize()


def incomplete(quotes: Iterable[Quotes], since: pd.Timestamp, until: pd.Timestamp) -> list[Failure]:
    """Charts that stop before the last session, leave sessions out or hold bars that cannot be.

    They are held against all charts of the same zone.

    What counts as a session is what any of them traded on, or what Yahoo's header calls the last trade: a
    calendar is not needed, and a chart cut short is found even when all are.
    """
    failures = []
    quotes = list(quotes)
    by_zone: dict[str, list[Quotes]] = {}
    for quote in quotes:
        by_zone.setdefault(quote.zone, []).append(quote.within(since, until))
    for group in by_zone.values():
        known = {quote.last_trade for quote in group if since <= quote.last_trade <= until}
        sessions = pd.DatetimeIndex(sorted(known.union(*(quote.adjusted.index for quote in group))))
        for quote in group:
            own = quote.adjusted.index
            if not len(sessions):
                message = f"no close from {since:%Y-%m-%d} to {until:%Y-%m-%d}"
            elif own.empty:
                message = f"no close since {since:%Y-%m-%d}; the last session was {sessions[-1]:%Y-%m-%d}"
            elif own[-1] < sessions[-1]:
                message = f"the last close is of {own[-1]:%Y-%m-%d}, the last session was {sessions[-1]:%Y-%m-%d}"
            else:
                left_out = sessions[(sessions > own[0])].difference(own)
                if left_out.empty:
                    continue
                message = f"{count(len(left_out), 'session')} left out, the last {left_out[-1]:%Y-%m-%d}"
            failures.append(Failure(quote.symbol, "closes", "partial", "; ".join([message, *quote.faults])))
    told = {failure.symbol for failure in failures}
    return failures + [
        Failure(quote.symbol, "closes", "partial", "; ".join(quote.faults))
        for quote in quotes
        if quote.faults and quote.symbol not in told
    ]
