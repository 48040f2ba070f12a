"""Days as whole numbers, and how many shares one share became by splits between two days."""

from __future__ import annotations

import numpy as np
import pandas as pd

NEVER = np.iinfo(np.int64).min // 4


def days(values: pd.Series | pd.DatetimeIndex) -> np.ndarray:
    """Whole days since 1970 as int64; a missing date is `NEVER`, before every other."""
    stamps = np.asarray(values, dtype="datetime64[D]")
    return np.where(np.isnat(stamps), NEVER, stamps.astype(np.int64))


def split_factor(splits: pd.DataFrame, ticker: np.ndarray, counted_on: np.ndarray, quoted_on: np.ndarray) -> np.ndarray:
    """How many shares on the basis of `quoted_on` one share counted on `counted_on` became (same shapes).

    The product of the multipliers of that ticker's splits with counted_on < first day on the new basis <= quoted_on.
    """
    factor = np.ones(np.broadcast_shapes(ticker.shape, counted_on.shape, quoted_on.shape))
    for name, day, multiplier in zip(
        splits["ticker"], days(splits["first_day_on_new_basis"]), splits["shares_multiplier"], strict=True
    ):
        applies = (ticker == name) & (counted_on < day) & (day <= quoted_on) & (counted_on > NEVER)
        factor = np.where(applies, factor * multiplier, factor)
    return factor
