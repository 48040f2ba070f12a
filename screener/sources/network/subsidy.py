"""The block subsidy of a span of days: by height where heights are known, else by the day of the halving."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.mining.economics import NEXT_HALVING, SUBSIDY, subsidy_on

HALVING_BLOCKS = 210_000
FIRST_SUBSIDY_BTC = 50.0
HALVINGS = 33
_HEIGHTS = HALVING_BLOCKS * np.arange(HALVINGS + 1)
_MINTED = np.concatenate([[0.0], np.cumsum(HALVING_BLOCKS * FIRST_SUBSIDY_BTC / 2.0 ** np.arange(HALVINGS))])
# The day of a halving to come is an estimate: this far around it only a height says which subsidy holds.
UNSURE = pd.Timedelta(days=60)
FIRST_KNOWN = pd.Timestamp(next(iter(SUBSIDY)))


def minted(heights: np.ndarray) -> np.ndarray:
    """BTC of subsidy in all blocks below each height (50 BTC, halved every 210,000 blocks)."""
    return np.interp(heights, _HEIGHTS, _MINTED)


def subsidy(starts: pd.DatetimeIndex, ends: pd.DatetimeIndex, heights: pd.Series) -> np.ndarray:
    """Mean subsidy in BTC a block between two instants each, of shape (spans,).

    Parameters
    ----------
    starts, ends : DatetimeIndex
    heights : Series
        Block heights by instant, in order; between two of them blocks are taken to come evenly.

    Returns
    -------
    array
        NaN where neither a height nor a day says which subsidy held.
    """
    by_day = np.array([_by_day(start, end) for start, end in zip(starts, ends, strict=True)], dtype=float)
    if len(heights) < 2:
        return by_day
    at = [instants.to_numpy().astype("datetime64[s]").astype(float) for instants in (heights.index, starts, ends)]
    first, last = (np.interp(when, at[0], heights.to_numpy(dtype=float), left=np.nan, right=np.nan) for when in at[1:])
    with np.errstate(divide="ignore", invalid="ignore"):
        by_height = (minted(last) - minted(first)) / (last - first)
    return np.where(np.isfinite(by_height), by_height, by_day)


def _by_day(start: pd.Timestamp, end: pd.Timestamp) -> float:
    if start < FIRST_KNOWN or end > NEXT_HALVING - UNSURE:
        return float("nan")
    return float(np.mean([subsidy_on(day) for day in pd.date_range(start, end, inclusive="left")]))
