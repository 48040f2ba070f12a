"""Effect of each company's change on the gap and on the premium of the regression: what they would be had it not changed."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.gap.hodges_lehmann import LEAST_MEMBERS, typical_ratio
from valuation.groups import BITCOIN, PIVOT
from valuation.regression.prediction import LEAST_NAMES

EFFECT_COLUMNS = ["gap_effect", "premium_effect"]


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
    gap, premium = _gap(new), _premium(new)
    rows = []
    same = _same(old, new)
    for i, ticker in enumerate(tickers):
        if same[i]:
            rows.append((0.0, 0.0))
            continue
        kept = new.copy()
        kept.loc[ticker] = old.loc[ticker]
        rows.append((gap - _gap(kept), premium - _premium(kept)))
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
    parts = [(old[c] == new[c]) | (old[c].isna() & new[c].isna()) for c in ("value", "group", "share", "inside")]
    return (outside | np.logical_and.reduce(parts)).to_numpy()


def _gap(rows: pd.DataFrame) -> float:
    groups = [rows.loc[rows["inside"] & (rows["group"] == name), "value"].to_numpy(float) for name in (PIVOT, BITCOIN)]
    return typical_ratio(*groups) if min(map(len, groups)) >= LEAST_MEMBERS else float("nan")


def _premium(rows: pd.DataFrame) -> float:
    sample = rows[rows["inside"] & rows["share"].notna()]
    share = sample["share"].to_numpy(float)
    if len(sample) < LEAST_NAMES or np.ptp(share) == 0:
        return float("nan")
    away = share - share.mean()
    slope = away @ np.log(sample["value"].to_numpy(float)) / (away @ away)
    return float(np.expm1(slope))
