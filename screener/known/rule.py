"""The point-in-time rule: the row in force for every key on every date, and days as numbers and back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.splits import NEVER, days


def select(
    key: np.ndarray,
    n_keys: int,
    period: np.ndarray,
    published: np.ndarray,
    dates: np.ndarray,
    evidence: np.ndarray | int = 0,
) -> np.ndarray:
    """The row in force for every key on every date.

    Parameters
    ----------
    key : int array (rows,)
        0 .. n_keys-1, the (ticker, item) of each row.
    period, published : int array (rows,)
        Days; published <= t makes a row known at t.
    dates : int array (dates,)
    evidence : int array (rows,), optional
        Class of evidence, higher is better; all the same by default.

    Returns
    -------
    int array (dates, n_keys)
        Position of the row in force, -1 where nothing is known.

    Notes
    -----
    Rows rank by (key, period, evidence, published), later rows of a file win a tie. In order of (key, published), the
    running maximum of that rank is the row in force after each publication; one binary search finds the last
    publication up to each date. O((rows + dates x keys) log rows), no Python loop.
    """
    rows = len(key)
    if rows == 0:
        return np.full((len(dates), n_keys), -1, dtype=np.int64)
    by_rank = np.lexsort((published, np.broadcast_to(evidence, rows), period, key))
    rank = np.empty(rows, dtype=np.int64)
    rank[by_rank] = np.arange(rows)
    by_publication = np.lexsort((rank, published, key))
    in_force = np.maximum.accumulate(rank[by_publication])
    first_day, last_day = published.min(), published.max()
    width = last_day - first_day + 1
    stamps = key[by_publication] * width + (published[by_publication] - first_day)
    wanted = np.arange(n_keys) * width + (np.minimum(dates, last_day) - first_day)[:, None]
    at = np.searchsorted(stamps, wanted.ravel(), side="right").reshape(wanted.shape) - 1
    starts = np.searchsorted(key[by_publication], np.arange(n_keys), side="left")
    return np.where(at >= starts, by_rank[in_force[np.maximum(at, 0)]], -1)


def take(values: np.ndarray, found: np.ndarray, unknown: float) -> np.ndarray:
    """`values` at the positions that `select` found, `unknown` where it found none."""
    if len(values) == 0:
        return np.full(found.shape, unknown)
    return np.where(found >= 0, values[found], unknown)


def closes_on(closes: pd.DataFrame, tickers: pd.Index, t: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Last close on or before each date: its position in `closes`, its price and its day, each (dates, tickers); -1,
    NaN and `NEVER` where none."""
    position = np.flatnonzero(closes["ticker"].isin(tickers).to_numpy())
    mine = closes.iloc[position]
    day = days(mine["date"])
    # A close that only a later one confirmed is known from the later one's day on.
    from_day = days(mine["known_from"]) if "known_from" in mine else day
    found = select(tickers.get_indexer(mine["ticker"]), len(tickers), day, from_day, t)
    return (
        take(position, found, -1),
        take(mine["close_usd"].to_numpy(dtype=float), found, np.nan),
        take(day, found, NEVER),
    )


def as_dates(day: np.ndarray) -> np.ndarray:
    stamps = np.where(day == NEVER, np.iinfo(np.int64).min, day)
    return stamps.astype("datetime64[D]").astype("datetime64[ns]")
