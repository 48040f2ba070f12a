"""Planted prices, and announcements to study on them."""

from __future__ import annotations

import numpy as np
import pandas as pd

FRIDAYS = pd.date_range("2024-01-05", periods=120, freq="7D")
TICKERS = list("ABCDEFGH")


def prices(seed: int = 1, dates: pd.DatetimeIndex = FRIDAYS) -> tuple[pd.DataFrame, pd.Series]:
    """Closes of eight companies that move with bitcoin, and bitcoin's."""
    rng = np.random.default_rng(seed)
    coin = rng.normal(0, 0.04, len(dates))
    moves = 0.6 * coin[:, None] + rng.normal(0, 0.05, (len(dates), len(TICKERS)))
    closes = pd.DataFrame(10 * np.cumprod(1 + moves, axis=0), index=dates, columns=TICKERS)
    return closes, pd.Series(50_000 * np.cumprod(1 + coin), index=dates)


def announced(*rows: tuple[str, str]) -> pd.DataFrame:
    """Contracts announced: (ticker, day)."""
    frame = pd.DataFrame(rows, columns=["ticker", "date"])
    return frame.assign(date=pd.to_datetime(frame["date"]), kind="contract", headline="signs")


def announced_raises(*rows: tuple) -> pd.DataFrame:
    """Raises announced: (ticker, day, instrument, size, after the close)."""
    frame = pd.DataFrame(rows, columns=["ticker", "announced_on", "kind", "size_usd", "after_close"])
    return frame.assign(announced_on=pd.to_datetime(frame["announced_on"]))
