"""The prices of a file held against the closes used: a split not taken in, pence, another security, a broken close."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import HoldingsError, Problem
from screener.gathering import InputData
from screener.holdings import Holdings
from screener.holdings.reconciliation import cause
from screener.splits import days, split_factor
from valuation.portfolio.kinds import AT_CLOSE

# A file's price and a close of its day differ by hours; one of another or of no stated day by what a miner moves in months.
NEAR, FAR = 1.5, 3.0
TOLD = 1.5
CLOSE_WITHIN_DAYS = 10
# No share of the universe moved so far in a week without a split.
JUMP = 5.0


@dataclass(frozen=True)
class _Compared:
    """A line's price and a close, both in US dollars on one split basis, and whether the close is of the line's day."""

    row: Any
    mine: float
    close: float
    day: pd.Timestamp | None
    near: bool

    @property
    def ratio(self) -> float:
        return self.mine / self.close


def check_prices(
    holdings: Holdings, quotes: pd.DataFrame, factors: pd.Series, rates: pd.Series, data: InputData, as_of: pd.Timestamp,
    counted_on: pd.Timestamp | None, notes: list[str],
) -> None:  # fmt: skip
    """Hold each line's price against the close used, and each last close against the one before.

    A price of a known day is held against the close of that day (within 10 days), on the split basis of that day: 1.5 times
    apart is a fault. Another is held against the close used, on its basis: 3 times apart is a fault, 1.5 times a note. A
    last close 5 times the one before is a fault, whatever the file says.

    Parameters
    ----------
    quotes, factors : from `quotes_of` and `split_factors`
    rates : USD per unit by currency
    notes : list to which what was accepted, and smaller differences, are added

    Raises
    ------
    HoldingsError
        With file, line and both figures; --accept with the line or the ticker takes the close.
    """
    problems: list[Problem] = []
    for one in _compared(holdings, quotes, factors, rates, data, as_of, counted_on):
        row, ratio = one.row, one.ratio
        size = max(ratio, 1 / ratio) if ratio > 0 else np.inf
        if size < (NEAR if one.near else min(FAR, TOLD)):
            continue
        of_day = f" of {one.day:%Y-%m-%d}" if one.day is not None else ""
        words = f"{row.ticker}: the file's price is {one.mine:,.4g} USD, the close{of_day} {one.close:,.4g}"
        why = cause(ratio) if size > 2 else ""
        words += f" ({why})" if why else ""
        place = (row.file, int(row.line))
        if size < (NEAR if one.near else FAR):
            notes.append(f"{place[0]}:{place[1]}: {words}; the file may be of an older day")
        elif holdings.choices.accepts(*place, row.ticker):
            notes.append(f"Accepted: {place[0]}:{place[1]}: {words}; the close is used")
        else:
            remedy = f"; --accept {place[1]} uses the close"
            if not one.near and not counted_on and one.day is None and size > 1.9:
                remedy = f"; --holdings-date says the day of the file, --accept {place[1]} uses the close"
            problems.append(Problem(*place, "price", f"{one.mine:,.4g}", "", words + remedy))
    problems += _jumps(holdings, quotes, data, as_of, notes)
    if problems:
        count = f"{len(problems)} price{'s' if len(problems) > 1 else ''}"
        raise HoldingsError(f"holdings: {count} that {'do' if len(problems) > 1 else 'does'} not agree", problems)


def _compared(
    holdings: Holdings, quotes: pd.DataFrame, factors: pd.Series, rates: pd.Series, data: InputData, as_of: pd.Timestamp,
    counted_on: pd.Timestamp | None,
) -> Iterator[_Compared]:  # fmt: skip
    frame = holdings.frame
    # Without a price the value of one is what the file's figures come to.
    price = frame["price"].where(frame["price"].notna(), (frame["value"] / frame["quantity"]).abs())
    held = frame.assign(price=price)[frame["kind"].isin(AT_CLOSE) & (price > 0)]
    for row in held.itertuples(index=False):
        if row.ticker not in quotes.index or row.currency not in rates.index:
            continue
        quote = quotes.loc[row.ticker]
        mine = float(row.price) * float(rates[row.currency])
        day = counted_on if counted_on is not None else holdings.days.get(row.file)
        name = quote["company"] or row.ticker
        on_day = _close(data, name, day, as_of) if day is not None else None
        if on_day is not None:
            yield _Compared(row, mine, on_day[1], on_day[0], True)
        elif np.isfinite(quote["price_usd"]) and quote["price_usd"] > 0:
            yield _Compared(row, mine / float(factors.get(row.ticker, 1.0)), float(quote["price_usd"]), None, False)


def _close(data: InputData, name: str, day: pd.Timestamp, as_of: pd.Timestamp) -> tuple[pd.Timestamp, float] | None:
    """The last close by a day, at most ten days old and on the day's own split basis; None where there is none."""
    closes = data.closes
    mine = closes[(closes["ticker"] == name) & (closes["date"] <= min(day, as_of))]
    mine = mine[mine["date"] >= day - pd.Timedelta(days=CLOSE_WITHIN_DAYS)].sort_values("date")
    if mine.empty:
        return None
    last = mine.iloc[-1]
    return last["date"], float(last["close_usd"]) / _basis(data, name, last["date"], day)


def _basis(data: InputData, name: str, since: pd.Timestamp, until: pd.Timestamp) -> float:
    """Shares on the later day's basis that one share of the earlier day has become."""
    if name not in set(data.splits["ticker"]):
        return 1.0
    one = np.array([name], dtype=object)
    first, second = (days(pd.Series([day])) for day in (since, until))
    return float(split_factor(data.splits, one, first, second)[0])


def _jumps(
    holdings: Holdings, quotes: pd.DataFrame, data: InputData, as_of: pd.Timestamp, notes: list[str]
) -> list[Problem]:
    """Last closes that are many times the close before."""
    frame = holdings.frame
    problems = []
    for ticker in dict.fromkeys(frame.loc[frame["kind"].isin(AT_CLOSE), "ticker"]):
        if ticker not in quotes.index:
            continue
        name = quotes.at[ticker, "company"] or ticker
        closes = data.closes[(data.closes["ticker"] == name) & (data.closes["date"] <= as_of)].sort_values("date")
        closes = closes.drop_duplicates("date", keep="last").tail(2)
        if len(closes) < 2:
            continue
        (before, first), (last, second) = closes[["date", "close_usd"]].itertuples(index=False)
        ratio = float(second) * _basis(data, name, before, last) / float(first)
        if 1 / JUMP < ratio < JUMP:
            continue
        row = frame[frame["ticker"] == ticker].iloc[0]
        words = f"{ticker}: the close of {last:%Y-%m-%d} is {second:,.4g} USD, that of {before:%Y-%m-%d} {first:,.4g}"
        why = cause(ratio)
        words += f" ({why})" if why else ""
        if np.isfinite(row["price"]):
            words += f", the file's price {row['price']:,.4g} {row['currency']}"
        if holdings.choices.accepts(row["file"], int(row["line"]), ticker):
            notes.append(f"Accepted: {words}; the last close is used")
        else:
            problems.append(
                Problem(
                    row["file"], int(row["line"]), "", ticker, "", f"{words}; --accept {ticker} uses the last close"
                )
            )
    return problems
