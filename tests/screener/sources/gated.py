"""Rows as the gate is given them: closes of a company and its peers, splits, figures of statements, weeks of the network."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from screener.sources.fetched import SPLIT_COLUMNS, stack
from screener.sources.gate import closes
from screener.sources.gate.held import Held

PEERS = ("A", "B", "C", "D")
FRIDAYS = pd.date_range("2026-01-02", periods=12, freq="W-FRI")
NO_SPLITS = stack([], SPLIT_COLUMNS)


def table(series: dict[str, list[float]], dates: pd.DatetimeIndex = FRIDAYS, file: str = "prices.csv") -> pd.DataFrame:
    """Closes by ticker, one for each of the first dates."""
    rows = [
        (day, ticker, value, file, float(line))
        for ticker, values in series.items()
        for line, (day, value) in enumerate(zip(dates, values, strict=False), 2)
    ]
    return pd.DataFrame(rows, columns=["date", "ticker", "close_usd", "file", "line"])


def judged(
    series: dict[str, list[float]], dates: pd.DatetimeIndex = FRIDAYS, splits: pd.DataFrame = NO_SPLITS
) -> tuple[pd.DataFrame, list[Held]]:
    """The closes that are used, and what is told of the others."""
    return closes.judge(table(series, dates), splits, list(series))


def split(day: str, multiplier: float) -> pd.DataFrame:
    """A split of X."""
    return pd.DataFrame([("X", pd.Timestamp(day), multiplier)], columns=SPLIT_COLUMNS)


def figure(
    item: str, period: str, value: float, file: str = "financials.csv", published: str | None = None, **more: Any
) -> dict[str, Any]:
    """A figure of X; of a universe's file it has a line, of a source or a filing none."""
    known = pd.Timestamp(period) + pd.Timedelta(days=40) if published is None else pd.Timestamp(published)
    line = 2.0 if file.endswith(".csv") else np.nan
    return {"ticker": "X", "item": item, "period_end": pd.Timestamp(period), "published_on": known, "value": float(value),
            "file": file, "line": line, "confirmed": None} | more  # fmt: skip


def weeks(name: str, values: list[float]) -> pd.DataFrame:
    """Weeks of the network of which one column is known."""
    columns = ["btc_usd", "hashrate_eh_per_s", "difficulty", "reward_and_fees_btc_per_day"]
    frame = pd.DataFrame(np.nan, index=range(len(values)), columns=columns)
    frame[name] = values
    return frame.assign(date=FRIDAYS[: len(values)], file="network.csv", line=range(2, len(values) + 2))
