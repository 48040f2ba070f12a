"""Reproducible sums over groups: equal to the last bit, whatever else is in the frame.

A screen of one date and the same date among 145 must be equal byte for byte. `groupby.sum` and matrix products may add
the same numbers in another order when other rows stand beside them, and the last digit moves.
"""

from __future__ import annotations

import numpy as np
import pandas as pd


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
    at = index.get_indexer(pd.MultiIndex.from_frame(frame[["as_of", "ticker"]]))
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


def to_owners(values: np.ndarray, owner: np.ndarray, owners: int) -> np.ndarray:
    """Columns of `values` (dates, rows) added up by owner, (dates, owners), in the order of the rows."""
    out = np.zeros((len(values), owners))
    np.add.at(out, (slice(None), owner), values)  # type: ignore[arg-type]
    return out
