"""Findings of the Oaxaca-Blinder decomposition, in sentences: the parts whose jackknife interval excludes zero."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from valuation._words import interval, is_unknown, listed, multiple
from valuation.findings import CAN, Finding
from valuation.gap.findings import is_significant


def explained_by(decomposed: pd.DataFrame, tested: pd.Series, level: float) -> list[Finding]:
    """What characteristics explain of the gap, and leave of it, where the jackknife interval of that part excludes zero.

    Parameters
    ----------
    decomposed : DataFrame
        `GapStudy.oaxaca_blinder`.
    tested : Series
        The typical ratio with its test: what no characteristic explains is a sentence only where the gap is significant.
    level : float
        Of the intervals.

    Returns
    -------
    list of Finding
        One a characteristic that explains a part, and one for all that leave a part unexplained.
    """
    rows = decomposed.to_dict("records")
    looked_at = int(decomposed["difference"].notna().sum())
    found = []
    for row in rows:
        if not _excludes_zero(row, "explained"):
            continue
        ratio, low, high = (float(np.exp(row[name])) for name in ("explained", "explained_low", "explained_high"))
        n = row["n_pivot"] + row["n_bitcoin"]
        text = (
            f"Differences between the groups in {row['title']} explain a factor of {multiple(ratio)} of the gap of "
            f"geometric means ({level:.0%} jackknife interval {interval(low, high)}, n = {n}; one of {looked_at} "
            "characteristics looked at separately)."
        )
        found.append(
            Finding(text, CAN, {"ratio": ratio, "low": low, "high": high, "n": n, "characteristics": looked_at})
        )
    left = [row for row in rows if _excludes_zero(row, "unexplained")]
    if left and is_significant(tested):
        each = [
            f"{row['title']} {multiple(float(np.exp(row['unexplained'])))} "
            f"({interval(float(np.exp(row['unexplained_low'])), float(np.exp(row['unexplained_high'])))})"
            for row in left
        ]
        text = (
            f"Factor of the gap of geometric means that one characteristic leaves unexplained, where its {level:.0%} "
            f"jackknife interval excludes 1.0x ({len(left)} of {looked_at} looked at separately): {listed(each)}."
        )
        found.append(Finding(text, CAN, {str(row["title"]): float(np.exp(row["unexplained"])) for row in left}))
    return found


def _excludes_zero(row: Mapping[str, Any], part: str) -> bool:
    low, high = row[f"{part}_low"], row[f"{part}_high"]
    return not is_unknown(low) and not low <= 0 <= high
