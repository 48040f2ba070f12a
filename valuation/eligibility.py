"""Eligibility: companies that may enter a statistic, and why the others may not."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from valuation.inputs import Inputs
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
    reason = table["excluded"].astype(object)
    for name in metrics:
        bad = ~status[name].isin(USABLE)
        text = name + " " + status[name].str.replace("_", " ") + ": " + causes[name]
        reason = reason.where(~(bad & (reason == "")), text)
    return pd.DataFrame({"reason": reason})


def exclusion(inputs: Inputs) -> np.ndarray:
    """Why a company stays out of the statistics whatever its figures; empty where it does not."""
    role = inputs.company("role").to_numpy()
    parent = inputs.company("consolidated_by")
    meaningful = inputs.company("ev_meaningful").to_numpy(dtype=bool)
    listed = set(inputs.companies.index)
    consolidated = parent.isin(listed).to_numpy()
    reason = np.full(len(role), "", dtype=object)
    reason = np.where(~meaningful, "enterprise value not meaningful (broker or lender)", reason)
    reason = np.where(consolidated, "consolidated by " + parent.fillna("").to_numpy(dtype=object), reason)
    return np.where(role == "comparable", "comparable, not a miner", reason)
