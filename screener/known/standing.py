"""Standing of each fact on a date: in force, or why not."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.known.flows import QUARTER_ITEMS
from screener.universes.evidence_class import TITLES, evidence_class

IN_FORCE, NOT_YET = "in force", "published later"
KEY = ["ticker", "item"]


def standing(facts: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Every fact with its class of evidence and its standing on a date.

    Balances and capacity have one figure in force, that of the newest period; revenue lines have one a quarter.

    Returns
    -------
    DataFrame
        The facts, sorted by ticker, item, period and order of evidence, the row in force last of its period;
        `evidence_class` (in words) and `standing` ("in force", "older period", "restated on 2026-08-01", "overruled:
        filing", "published later").
    """
    rows = facts.reset_index(drop=True)
    rows = rows.assign(_class=evidence_class(rows), _known=rows["published_on"] <= as_of)
    rows = rows.sort_values([*KEY, "period_end", "_known", "_class", "published_on"], kind="stable", ignore_index=True)
    known = rows[rows["_known"]]
    of_period = known.drop_duplicates([*KEY, "period_end"], keep="last")
    of_item = known.drop_duplicates(KEY, keep="last")
    best = rows[[*KEY, "period_end"]].merge(
        of_period[[*KEY, "period_end", "_class", "published_on"]], on=[*KEY, "period_end"], how="left"
    )
    is_best = rows.index.isin(of_period.index)
    is_newest = rows.index.isin(of_item.index) | rows["item"].isin(QUARTER_ITEMS).to_numpy()
    better = best["_class"].to_numpy() > rows["_class"].to_numpy()
    overruled = best["_class"].map({code: f"overruled: {title}" for code, title in TITLES.items()}).astype(object)
    restated = "restated on " + best["published_on"].dt.strftime("%Y-%m-%d")
    rows["evidence_class"] = rows["_class"].map(TITLES)
    rows["standing"] = np.select(
        [~rows["_known"], ~is_best & better, ~is_best, ~is_newest],
        [NOT_YET, overruled, restated, "older period"],
        IN_FORCE,
    )
    return rows.drop(columns=["_class", "_known"])
