"""Rows of companies looked up, and reproducible sums over them: equal to the last bit, whatever else is in the frame.

A screen of one date and the same date among 145 must be equal byte for byte. `groupby.sum` and matrix products may add
the same numbers in another order when other rows stand beside them, and the last digit moves.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from pandas.api.extensions import take

# Multiplications up to which OpenBLAS works on the calling thread alone.
_MATRIX, _VECTOR = 4 * 65536, 4 * 2304


def positions(frame: pd.DataFrame, index: pd.MultiIndex) -> np.ndarray:
    """Position in `index` of the (as_of, ticker) of each row of a frame; -1 where it is not there.

    Levels are looked up one by one: pairs made into an index of their own take ten times as long.
    """
    dates, tickers = index.levels
    # A last row and column for what is in no level, which is looked up as -1.
    table = np.full((len(dates) + 1, len(tickers) + 1), -1)
    table[tuple(index.codes)] = np.arange(len(index))
    at: np.ndarray = table[dates.get_indexer(frame["as_of"]), tickers.get_indexer(frame["ticker"])]
    return at


def looked_up(column: pd.Series, frame: pd.DataFrame) -> np.ndarray:
    """Values of a column over (as_of, ticker) at each row of a frame; NaN, or NaT, where it has no such row."""
    return take(column.to_numpy(), positions(frame, column.index), allow_fill=True)


def grouped(frame: pd.DataFrame, columns: list[str], index: pd.MultiIndex, *, least: int = 0) -> pd.DataFrame:
    """Sums of `columns` over the rows of each (as_of, ticker), in the order of the rows; NaN counts as nothing.

    Parameters
    ----------
    frame : DataFrame
        Columns as_of, ticker and `columns`.
    index : MultiIndex
        The groups wanted, in order; rows of other groups are left out.
    least : int
        Fewer known values than this and the sum is NaN.
    """
    at = positions(frame, index)
    wanted = at >= 0
    out = {}
    for column in columns:
        values = frame[column].to_numpy(dtype=float)[wanted]
        known = ~np.isnan(values)
        groups = at[wanted][known]
        total = np.bincount(groups, weights=values[known], minlength=len(index))
        count = np.bincount(groups, minlength=len(index))
        out[column] = np.where(count >= least, total, np.nan)
    return pd.DataFrame(out, index=index)


def product(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Matrix product (n, k) x (k, m), or (n, k) x (k,), made in pieces so small that BLAS stays on one thread.

    OpenBLAS shares a larger product out over all cores, and its threads then go on spinning for some 20 ms: more time
    than the products of our samples take.
    """
    rows, inner = a.shape
    if b.ndim == 1:
        step = max(1, _VECTOR // max(inner, 1))
        return np.concatenate([a[i : i + step] @ b for i in range(0, max(rows, 1), step)])
    columns = b.shape[1]
    # Pieces of up to 16 rows leave enough columns for an inner length of a thousand.
    wide = min(columns, max(16, _MATRIX // max(inner * min(rows, 16), 1)))
    high = max(1, _MATRIX // max(inner * wide, 1))
    out = np.empty((rows, columns))
    for i in range(0, rows, high):
        for j in range(0, columns, wide):
            np.matmul(a[i : i + high], b[:, j : j + wide], out=out[i : i + high, j : j + wide])
    return out


def to_owners(values: np.ndarray, owner: np.ndarray, owners: int) -> np.ndarray:
    """Columns of `values` (dates, rows) added up by owner, (dates, owners), in the order of the rows."""
    out = np.zeros((len(values), owners))
    np.add.at(out, (slice(None), owner), values)  # type: ignore[arg-type]
    return out
