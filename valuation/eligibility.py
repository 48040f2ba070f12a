"""Eligibility: companies that may enter a statistic, and why the others may not."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from valuation.status import USABLE


def eligible(table: pd.DataFrame, status: pd.DataFrame, causes: pd.DataFrame, metrics: Sequence[str]) -> pd.DataFrame:
    """Eligibility of each company for a statistic over `metrics`: the reason for its exclusion, empty where it may enter.

    Parameters
    ----------
    table, status, causes : DataFrame
        One date of a `Valuation`, indexed by ticker.

    Returns
    -------
    DataFrame
        Indexed by ticker, one column `reason`.
    """
    reason = table["excluded"].astype(object).where(table["excluded"] != "", "")
    for name in metrics:
        bad = ~status[name].isin(USABLE)
        text = name + " " + status[name].str.replace("_", " ") + ": " + causes[name]
        reason = reason.where(~(bad & (reason == "")), text)
    return pd.DataFrame({"reason": reason})
