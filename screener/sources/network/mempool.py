"""mempool.space: hashrate, difficulty, heights and price; of fees it tells those of the last 144 blocks alone.

A day's hashrate is stamped with the midnight that ends the day; 0 means that its server counted no block, not that
nobody mined. A price is the last one before the time asked for; -1 means unknown. Amounts are satoshi, as text.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd

from screener.sources.network.days import DAY, Ask, Days, figures, member
from screener.sources.network.subsidy import minted
from screener.sources.refused import Refused
from screener.sources.told import FAILED, Outcome

SOURCE = "mempool.space"
API = "https://mempool.space/api/v1"
HASHES_PER_EXAHASH = 1e18
SATOSHI = 1e8
BLOCKS = 144
# A difficulty stands for 2016 blocks: two weeks, or three where a third of the hashrate has left.
EPOCH_BLOCKS = 2016
DIFFICULTY_HOLDS = pd.Timedelta(days=21)
# One question a week of price: no more than a quarter's in one run, the newest.
MOST_PRICES = 13
PRICE_HOLDS = DAY


def ask(ask: Ask, fridays: Sequence[pd.Timestamp], now: pd.Timestamp) -> Days:
    """What mempool.space tells of the weeks that end with the given days; `now` is UTC without a zone."""
    days = Days(SOURCE, DIFFICULTY_HOLDS)
    found = days.question(ask, "hashrate", f"{API}/mining/hashrate/3y", {}, lambda content: _hashrate(content, now))
    if found is not None:
        days.hashrate, adjustments = found
        days.difficulty, days.heights = adjustments["difficulty"].dropna(), adjustments["height"].dropna()
    height = days.question(ask, "reward-stats", f"{API}/mining/reward-stats/{BLOCKS}", {}, _height)
    if height is not None:
        _end_where_behind(days, height, now)
        days.heights = pd.concat([days.heights[days.heights.index < now], pd.Series([height], index=[now])])
    prices = {}
    for friday in sorted(fridays)[-MOST_PRICES:]:
        if days.pause is not None:
            break
        end = friday + DAY
        params = {"currency": "USD", "timestamp": str(int((end - pd.Timestamp(0)).total_seconds()))}
        price = days.question(
            ask,
            "price",
            f"{API}/historical-price",
            params,
            lambda content, end=end: _price(content, end, now),  # type: ignore[misc]
            f"{friday:%Y-%m-%d}",
        )
        if price is not None:
            prices[end] = price
    days.price = pd.Series(prices, dtype=float, index=pd.DatetimeIndex(list(prices)))
    return days


def _hashrate(content: Any, now: pd.Timestamp) -> tuple[pd.Series, pd.DataFrame]:
    daily = figures(member(content, "hashrates"), "hashrates", "timestamp", ["avgHashrate"], now)["avgHashrate"]
    midnight = daily.index == daily.index.normalize()
    daily = daily[midnight] / HASHES_PER_EXAHASH
    daily.index = daily.index - DAY
    names = ["height", "difficulty"]
    return daily, figures(member(content, "difficulty"), "difficulty", "time", names, now)


def _end_where_behind(days: Days, height: float, now: pd.Timestamp) -> None:
    """Leave the difficulty unknown from where the list of adjustments misses one, by the height of the last block."""
    if days.heights.empty or height - days.heights.iloc[-1] < EPOCH_BLOCKS:
        return
    last, since = days.heights.iloc[-1], days.heights.index[-1]
    end = since + (now - since) * (EPOCH_BLOCKS / (height - last))
    days.difficulty = pd.concat([days.difficulty, pd.Series([np.nan], index=[end])])
    message = f"no adjustment after block {last:,.0f}, though {height:,.0f} were found: unknown from {end:%Y-%m-%d} on"
    days.outcomes.append(Outcome("difficulty", "", FAILED, "partial", message, requests=0))


def _height(content: Any) -> float:
    """Height of the last block; that its 144 blocks carry the subsidy of their height is checked."""
    numbers = {}
    for name in ("startBlock", "endBlock", "totalReward", "totalFee"):
        try:
            numbers[name] = float(member(content, name))
        except (TypeError, ValueError):
            raise Refused("bad_answer", f"an answer in another shape: {name} is no number") from None
    first, last = numbers["startBlock"], numbers["endBlock"]
    if last - first + 1 != BLOCKS:
        raise Refused("bad_answer", f"rewards of {last - first + 1:,.0f} blocks, {BLOCKS} were asked for")
    paid = (numbers["totalReward"] - numbers["totalFee"]) / SATOSHI
    due = np.diff(minted(np.array([first, last + 1.0]))).item()
    if abs(paid - due) > 0.01 * due:
        raise Refused("bad_answer", f"a subsidy of {paid:,.4g} BTC in {BLOCKS} blocks, their heights say {due:,.4g}")
    return last


def _price(content: Any, end: pd.Timestamp, now: pd.Timestamp) -> float:
    """The last price of the week."""
    prices = figures(member(content, "prices"), "prices", "time", ["USD"], now)["USD"]
    prices = prices[(prices.index <= end) & (prices.index > end - PRICE_HOLDS)].dropna()
    if prices.empty:
        raise Refused("empty", f"no price on {end - DAY:%Y-%m-%d}")
    return float(prices.iloc[-1])
