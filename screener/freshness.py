"""Age of a universe's items today, on its own files and what the ledger holds: nothing is valued and nobody is asked."""

from __future__ import annotations

from datetime import datetime

import pandas as pd

from screener import point_in_time, provenance
from screener.errors import NotKnown
from screener.gathering import InputData
from screener.loading import load_inputs
from screener.run_config import RunConfig, resolve_config
from screener.screen import held_back
from screener.sources.registry import BUNDLED, LEDGER
from valuation import freshness


def today(universe: str, now: datetime) -> pd.DataFrame:
    """Age of the core items of a universe's miners on a day, the furthest beyond its limit first (`freshness.ages`).

    Parameters
    ----------
    universe : str
        A bundled name or a folder.
    now : datetime
        Aware.
    """
    config, data, as_of = _known(universe, now)
    inputs, used = point_in_time.as_of_view(data, [as_of], config.assumptions)
    miners = pd.Series("", index=pd.Index(data.miners, name="ticker"))
    return freshness.ages(
        provenance.facts_used(data, inputs, used.on(as_of)),
        as_of,
        config.assumptions,
        causes=miners,
        reviewed_on=inputs.companies.get(freshness.REVIEWED_ON),
    )


def held_today(universe: str, now: datetime) -> list[dict[str, str]]:
    """The figures held back that would be those of a day (`screen.held_back`).

    Parameters
    ----------
    universe : str
        A bundled name or a folder.
    now : datetime
        Aware.
    """
    config, data, as_of = _known(universe, now)
    data = data.known_on(as_of)
    if data.held.empty:
        return []
    inputs, used = point_in_time.as_of_view(data, [as_of], config.assumptions)
    return held_back(data, provenance.facts_used(data, inputs, used.on(as_of)))


def _known(universe: str, now: datetime) -> tuple[RunConfig, InputData, pd.Timestamp]:
    """The universe's own files with what the ledger holds, and the day."""
    config = resolve_config(universe)
    as_of = pd.Timestamp(now.date())
    try:
        return config, load_inputs(config.universe, as_of, LEDGER), as_of
    except NotKnown:  # nobody was asked yet: the universe's own files alone
        return config, load_inputs(config.universe, as_of, BUNDLED), as_of
