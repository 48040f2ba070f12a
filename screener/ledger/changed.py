"""Closes of a day already known that a source tells differently: a correction is used, another basis is held back."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.ledger.cells import days

# Two words of one source on one day's close, further apart: another split basis or another security, not a correction.
OTHER_BASIS = 1.25


def changed_closes(both: pd.DataFrame, moved: np.ndarray) -> tuple[np.ndarray, pd.DataFrame]:
    """Why each close is held back (None: it is not), and the days told differently."""
    before = both["close_usd_known"].to_numpy(dtype=float)
    now = both["close_usd"].to_numpy(dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = now / before
    far = moved & ~((ratio <= OTHER_BASIS) & (ratio >= 1 / OTHER_BASIS))
    held = np.full(len(both), None, dtype=object)
    held[far] = [f"{new:g} against {old:g} told before: another split basis or another security"
                 for new, old in zip(now[far], before[far], strict=True)]  # fmt: skip
    at = np.flatnonzero(moved)
    changed = pd.DataFrame(
        {
            "ticker": both["ticker"].to_numpy()[at],
            "date": days(both["date"].iloc[at]),
            "before": before[at],
            "now": now[at],
            "held": [held[i] or "" for i in at],
        }
    )
    return held, changed


def no_changes() -> pd.DataFrame:
    return pd.DataFrame({"ticker": [], "date": pd.DatetimeIndex([]), "before": [], "now": [], "held": []})
