"""The universe folder itself as a source: weekly closes and researched facts, no network."""

from __future__ import annotations

from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, PLACE_COLUMNS, SPLIT_COLUMNS, Fetched
from screener.sources.registry import BUNDLED
from screener.universes import Universe
from screener.universes.schema import CONFIRMED


def fetch(universe: Universe) -> Fetched:
    """Closes, facts and splits as they stand in the universe's files; `confirmed`: a person's word, or blank."""
    return Fetched(
        source=BUNDLED,
        closes=universe.prices.reindex(columns=[*CLOSE_COLUMNS, CONFIRMED, *PLACE_COLUMNS]),
        facts=universe.facts.reindex(columns=[*FACT_COLUMNS, CONFIRMED, *PLACE_COLUMNS]),
        splits=universe.splits[[*SPLIT_COLUMNS, *PLACE_COLUMNS]],
    )
