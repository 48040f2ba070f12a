"""Proposals of a day: items out of filings with their verdict, their effect on the screen, and what they confirm."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from screener.days import Day, as_day
from screener.errors import InputError
from screener.gathering import InputData
from screener.proposals.effects import Effects, effects
from screener.proposals.matching import PERIODS_OF_DAYS, decided_ids
from screener.proposals.verdicts import compare
from screener.run_config import RunConfig
from screener.sources.told import ITEM_COLUMNS


@dataclass(frozen=True)
class Proposals:
    """What filings know that the universe does not, as of a day.

    Attributes
    ----------
    as_of : Timestamp
    universe : str
    table : DataFrame
        `columns.COLUMNS`, sorted by ticker, item, period and publication: the same input gives the same rows.
    confirmations : DataFrame
        `matching.CONFIRMATION_COLUMNS`: rows of the universe within 0.1% of a filing, which need no person.
    effects : Effects
    """

    as_of: pd.Timestamp
    universe: str
    table: pd.DataFrame
    confirmations: pd.DataFrame
    effects: Effects


def propose(
    config: RunConfig,
    data: InputData,
    items: pd.DataFrame,
    as_of: Day,
    *,
    since: Day | None = None,
) -> Proposals:
    """Hold items out of filings against the universe.

    Parameters
    ----------
    config : RunConfig
        The universe, and what its screen is made under.
    data : InputData
        What the screen of the day reads, for the effects.
    items : DataFrame
        `sources.edgar.filed.ITEM_COLUMNS`; nothing published after the day counts.
    as_of : day
    since : day, optional
        Periods that ended earlier are not proposed; 400 days before `as_of` by default.

    Raises
    ------
    InputError
        `items` lacks a column.
    """
    missing = [name for name in ITEM_COLUMNS if name not in items]
    if missing:
        raise InputError(f"items of filings: expected the columns {', '.join(missing)} too")
    day = as_day(as_of)
    earliest = day - pd.Timedelta(days=PERIODS_OF_DAYS) if since is None else as_day(since)
    compared = compare(config.universe, items, day, earliest, data.splits)
    table = compared.table
    table = table[~table["proposal_id"].isin(decided_ids(config.universe))].reset_index(drop=True)
    found = effects(config, data, day, table)
    table["effect"] = found.each
    return Proposals(day, config.universe.name, table, compared.confirmations, found)
