"""Who entered the gap, left it or changed group, week by week, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.gap.specification_curve import CrossSections
from valuation.groups import BITCOIN, PIVOT

SIGNED, ENDED, SHARE_MOVED = "signed", "contract ended", "share moved"
OUTSIDE = "outside"
LISTED, DROPPED = "listed", "dropped"
ARRIVED, MISSING = "data arrived", "data missing"
REASONS = (SIGNED, ENDED, SHARE_MOVED, LISTED, DROPPED, ARRIVED, MISSING)
COLUMNS = ["as_of", "ticker", "group_before", "group_after", "reason"]


def membership(sampled: CrossSections, priced: pd.DataFrame, contracted_usd: pd.DataFrame) -> pd.DataFrame:
    """Changes of membership between neighbouring weeks, a row each.

    Parameters
    ----------
    sampled : CrossSections
        One definition, a row a date, ascending.
    priced : bool DataFrame (dates, tickers)
        Whether the company has a close that is not too old.
    contracted_usd : DataFrame (dates, tickers)
        Contracted AI revenue a year; NaN where unknown.

    Returns
    -------
    DataFrame
        as_of (the later week), ticker, group_before, group_after (`outside` where it is in none), reason: `signed` where a
        company that changes to the AI group has more contracted revenue than the week before, `contract ended` where one
        that leaves it for the mining group has less, else `share moved` (the mining revenue did); `listed` where one that
        enters had no close before, `dropped` where one that leaves has none any more; else `data arrived` or
        `data missing`, which include an EV that becomes meaningful or ceases to be.
    """
    dates = pd.DatetimeIndex(sampled.labels["as_of"])
    known = ~np.isnan(sampled.value)
    group = np.where(known & sampled.is_pivot, PIVOT, np.where(known, BITCOIN, "")).astype(object)
    closes = priced.reindex(index=dates, columns=sampled.tickers).to_numpy(dtype=bool)
    revenue = contracted_usd.reindex(index=dates, columns=sampled.tickers).fillna(0.0).to_numpy(dtype=float)
    rows = []
    for week, company in zip(*np.nonzero(group[1:] != group[:-1]), strict=True):
        before, after = group[week, company], group[week + 1, company]
        change = revenue[week + 1, company] - revenue[week, company]
        if not before:
            reason = ARRIVED if closes[week, company] else LISTED
        elif not after:
            reason = MISSING if closes[week + 1, company] else DROPPED
        elif after == PIVOT:
            reason = SIGNED if change > 0 else SHARE_MOVED
        else:
            reason = ENDED if change < 0 else SHARE_MOVED
        rows.append((dates[week + 1], sampled.tickers[company], before or OUTSIDE, after or OUTSIDE, reason))
    return pd.DataFrame(rows, columns=COLUMNS)
