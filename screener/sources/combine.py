"""A live source laid over the universe's own rows: newer statements are used, disagreements are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.sources import CLOSE_COLUMNS, FACT_COLUMNS, SPLIT_COLUMNS, Fetched
from screener.universes import Universe

DISAGREEMENT = 0.02
SAME_SPLIT_DAYS = 10


def combine(universe: Universe, live: Fetched) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Facts, closes and splits of both, and the disagreements.

    The universe's figure stands where both know the same period; the live one is used where its period is newer
    (its publication date is the day of retrieval, so it never reaches an earlier as-of date).

    Returns
    -------
    facts, closes, splits : DataFrame
        In the universe's shapes; facts keep `file` and `line`, empty and NaN for live rows.
    differences : DataFrame
        ticker, item, period_end, universe_value, live_value, relative: same period, apart by more than 2%.
    """
    key = ["ticker", "item", "period_end"]
    own = universe.facts.sort_values("published_on", kind="stable").drop_duplicates(key, keep="last")
    both = live.facts.merge(own[[*key, "value"]], on=key, how="left", suffixes=("", "_universe"))
    same_period = both["value_universe"].notna().to_numpy()
    base = both["value_universe"].abs().where(both["value_universe"] != 0, 1.0)
    relative = (both["value"] - both["value_universe"]).abs() / base
    apart = both[same_period & (relative > DISAGREEMENT)]
    differences = apart[key].assign(
        universe_value=apart["value_universe"], live_value=apart["value"], relative=relative[apart.index]
    )
    new = live.facts[~same_period][FACT_COLUMNS]
    facts = pd.concat([universe.facts, new.assign(file=live.source, line=np.nan)], ignore_index=True)
    closes = pd.concat([universe.prices[CLOSE_COLUMNS], live.closes[CLOSE_COLUMNS]], ignore_index=True)
    splits = pd.concat([universe.splits[SPLIT_COLUMNS], _new_splits(universe, live)], ignore_index=True)
    return facts, closes, splits, differences.reset_index(drop=True)


def _new_splits(universe: Universe, live: Fetched) -> pd.DataFrame:
    """The live source's splits that the universe does not have within a few days."""
    keep = []
    for row in live.splits.itertuples(index=False):
        own = universe.splits[universe.splits["ticker"] == row.ticker]
        distance = (own["first_day_on_new_basis"] - row.first_day_on_new_basis).abs()
        keep.append(not (distance <= pd.Timedelta(days=SAME_SPLIT_DAYS)).any())
    return live.splits[np.array(keep, dtype=bool)][SPLIT_COLUMNS]
