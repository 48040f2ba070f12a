"""Effect of each company's change on the gap and on the premium of the regression: what they would be had it not changed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.gap.hodges_lehmann import LEAST_MEMBERS, typical_ratio
from valuation.groups import BITCOIN, PIVOT
from valuation.regression.prediction import LEAST_NAMES

EFFECT_COLUMNS = ["gap_effect", "premium_effect"]
POINTS = {"value": float, "group": object, "share": float, "inside": bool}


def company_effects(before: pd.DataFrame, after: pd.DataFrame) -> pd.DataFrame:
    """Gap and premium of the later screen less the same with one company as it was in the earlier one.

    Parameters
    ----------
    before, after : DataFrame
        Indexed by ticker: value (EV per secured MW, m USD), group, share (contracted, a fraction) and inside (in the
        statistics), from `points`.

    Returns
    -------
    DataFrame
        Indexed by the tickers of either screen: gap_effect (of the typical ratio) and premium_effect (of exp(slope) - 1,
        a fraction); NaN where one of the two has no estimate. The effects of all companies need not add up to the
        change: a median moves with some of them together.
    """
    tickers = after.index.union(before.index, sort=False)
    old, new = (frame.reindex(tickers).assign(inside=_inside(frame, tickers)) for frame in (before, after))
    # Arrays, since a frame copied for every company takes longer than all that is computed from it.
    earlier, later = ({name: frame[name].to_numpy(kind) for name, kind in POINTS.items()} for frame in (old, new))
    gap, premium = _gap(later), _premium(later)
    rows = np.zeros((len(tickers), 2))
    for i in np.flatnonzero(~_same(old, new)):
        kept = {name: cells.copy() for name, cells in later.items()}
        for name, cells in earlier.items():
            kept[name][i] = cells[i]
        rows[i] = gap - _gap(kept), premium - _premium(kept)
    return pd.DataFrame(rows, index=tickers, columns=EFFECT_COLUMNS)


def points(table: pd.DataFrame, status: pd.DataFrame, inside: pd.Series) -> pd.DataFrame:
    """What `company_effects` compares, from the company table, its statuses and who is in the statistics."""
    share = table["ai_share_contracted"].astype(float).where(status["ai_share_contracted"] != "missing")
    value = table["ev_per_mw_secured"].astype(float)
    return pd.DataFrame({"value": value, "group": table["group"], "share": share, "inside": inside & (value > 0)})


def _inside(frame: pd.DataFrame, tickers: pd.Index) -> np.ndarray:
    return frame["inside"].astype(bool).reindex(tickers, fill_value=False).to_numpy()


def _same(old: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    outside = ~old["inside"] & ~new["inside"]
    parts = [(old[c] == new[c]) | (old[c].isna() & new[c].isna()) for c in POINTS]
    return (outside | np.logical_and.reduce(parts)).to_numpy()


def _gap(points: dict[str, np.ndarray]) -> float:
    groups = [points["value"][points["inside"] & (points["group"] == name)] for name in (PIVOT, BITCOIN)]
    return typical_ratio(*groups) if min(map(len, groups)) >= LEAST_MEMBERS else float("nan")


def _premium(points: dict[str, np.ndarray]) -> float:
    sample = points["inside"] & ~np.isnan(points["share"])
    share = points["share"][sample]
    if len(share) < LEAST_NAMES or np.ptp(share) == 0:
        return float("nan")
    away = share - share.mean()
    slope = away @ np.log(points["value"][sample]) / (away @ away)
    return float(np.expm1(slope))
