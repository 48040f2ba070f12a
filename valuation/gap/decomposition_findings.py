"""Findings of the Oaxaca-Blinder decomposition, in sentences: the parts whose jackknife interval excludes zero."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation._words import interval, is_unknown, multiple
from valuation.findings import CAN, Finding
from valuation.gap.findings import is_significant


def explained_by(decomposed: pd.DataFrame, tested: pd.Series, level: float) -> list[Finding]:
    """A sentence a part and characteristic where the jackknife interval of the part excludes zero; none for the others.

    Parameters
    ----------
    decomposed : DataFrame
        `GapStudy.oaxaca_blinder`.
    tested : Series
        The typical ratio with its test: what no characteristic explains is a sentence only where the gap is significant.
    level : float
        Of the intervals.
    """
    found, looked_at = [], int(decomposed["difference"].notna().sum())
    for row in decomposed.to_dict("records"):
        n = row["n_pivot"] + row["n_bitcoin"]
        for part in ("explained", "unexplained"):
            low, high = row[f"{part}_low"], row[f"{part}_high"]
            if is_unknown(low) or low <= 0 <= high or (part == "unexplained" and not is_significant(tested)):
                continue
            factor, ends = float(np.exp(row[part])), (float(np.exp(low)), float(np.exp(high)))
            held = f"{level:.0%} jackknife interval {interval(*ends)}, n = {n}, one of {looked_at} looked at separately"
            title = row["title"]
            text = (
                f"Differences between the groups in {title} go with a factor of {multiple(factor)} in the gap of geometric "
                f"means ({held})."
                if part == "explained"
                else f"Differences between the groups in {title} leave a factor of {multiple(factor)} in the gap of "
                f"geometric means unexplained ({held})."
            )
            figures = {"ratio": factor, "low": ends[0], "high": ends[1], "n": n, "characteristics": looked_at}
            found.append(Finding(text, CAN, figures))
    return found
