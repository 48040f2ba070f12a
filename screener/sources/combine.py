"""A live source laid over the universe's own rows: newer statements are used, disagreements are shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.sources import bundled
from screener.sources.fetched import (
    CLOSE_COLUMNS,
    FACT_COLUMNS,
    PLACE_COLUMNS,
    SPLIT_COLUMNS,
    Fetched,
    stack,
)
from screener.sources.gate.basis import same_days, same_splits
from screener.universes import Universe
from screener.universes.evidence_class import in_order
from screener.universes.schema import CONFIRMED

DISAGREEMENT = 0.02
CLOSES_ROUNDED_TO = 0.01
DIFFERENCE_COLUMNS = ["ticker", "item", "period_end", "universe_value", "live_value", "relative"]


def combine(universe: Universe, live: Fetched) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    """Facts, closes and splits of both, and the disagreements.

    The universe's figure stands where both know the same period; the live one is used where its period is newer
    (its publication date is the day of retrieval, so it never reaches an earlier as-of date). A live close stands
    where both know the same day, and a live split where both know the same split: closes and splits of one answer
    belong together.

    Returns
    -------
    facts, closes, splits : DataFrame
        In the universe's shapes; `file` and `line` say where each row comes from: the source's name and NaN for live
        rows; `confirmed` of facts and closes holds a person's word.
    differences : DataFrame
        `DIFFERENCE_COLUMNS`: facts of the same period and closes of the same day, apart by more than 2%; of a
        ticker's closes the latest. `relative` is infinite against zero.
    """
    key = ["ticker", "item", "period_end"]
    reviewed = in_order(universe.facts).drop_duplicates(key, keep="last")
    both = live.facts.merge(reviewed[[*key, "value"]], on=key, how="left", suffixes=("", "_universe"))
    same_period = both["value_universe"].notna().to_numpy()
    apart = both[same_period].rename(columns={"value": "live_value", "value_universe": "universe_value"})
    differences = stack([_apart(apart), _closes_apart(universe, live)], DIFFERENCE_COLUMNS)
    # A line is a number or, for a live row, unknown: no whole number.
    own = bundled.fetch(universe)
    own_facts, own_closes, own_splits = (f.astype({"line": float}) for f in (own.facts, own.closes, own.splits))
    facts = stack([own_facts, _placed(live.facts[~same_period], live)], [*FACT_COLUMNS, CONFIRMED, *PLACE_COLUMNS])
    closes = stack([own_closes, _placed(live.closes, live)], [*CLOSE_COLUMNS, CONFIRMED, *PLACE_COLUMNS])
    kept = own_splits[~same_splits(universe.splits, live.splits)]
    splits = stack([kept, _placed(live.splits, live)], [*SPLIT_COLUMNS, *PLACE_COLUMNS])
    return facts, closes, splits, differences


def _placed(rows: pd.DataFrame, live: Fetched) -> pd.DataFrame:
    """Rows with the source that told them in place of a file; a row of the ledger says itself whose it is."""
    word = pd.Series(np.nan, index=rows.index, dtype=object)
    return rows.assign(file=rows.get("file", live.source), line=np.nan, **{CONFIRMED: word})


def _apart(both: pd.DataFrame) -> pd.DataFrame:
    """The rows whose live_value and universe_value are further apart than `DISAGREEMENT`."""
    distance = (both["live_value"] - both["universe_value"]).abs()
    with np.errstate(divide="ignore", invalid="ignore"):  # none beside none is no distance, and not above the limit
        relative = distance / both["universe_value"].abs()
    return both.assign(relative=relative).loc[relative > DISAGREEMENT, DIFFERENCE_COLUMNS]


def _closes_apart(universe: Universe, live: Fetched) -> pd.DataFrame:
    both = same_days(universe.prices, live).rename(
        columns={"date": "period_end", "close_usd": "live_value", "close_usd_universe": "universe_value"}
    )
    rounded = (both["live_value"] - both["universe_value"]).abs() <= CLOSES_ROUNDED_TO
    return _apart(both.assign(item="price_usd")[~rounded]).groupby("ticker").tail(1)
