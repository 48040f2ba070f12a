"""What filings add to a run's data: confirmations of the universe's rows, what waits, and proposals where asked for."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from screener.gathering import InputData
from screener.proposals import matching
from screener.proposals.columns import NEW, NEWER
from screener.proposals.verdicts import compare, with_confirmations
from screener.sources.fetched import FACT_COLUMNS
from screener.sources.told import PROPOSED
from screener.universes import Universe

FILING = "filing"


def lay(universe: Universe, data: InputData, items: pd.DataFrame, as_of: pd.Timestamp, *, proposed: bool) -> InputData:
    """The data with links of the filings that confirm its facts, and the days that figures of filings wait for review.

    Parameters
    ----------
    items : DataFrame
        `sources.told.ITEM_COLUMNS` and `seen_at`, of filings, as the ledger holds them.
    proposed : bool
        Use figures of periods that the universe does not have, marked as proposed. A figure that contradicts the
        universe's of the same period, or that needs a person, is used only when it is accepted.
    """
    if items.empty:
        return data
    facts = with_confirmations(data.facts, matching.confirmations(universe, items, as_of))
    added = 0
    if proposed:
        rows = _proposed(universe, items, as_of, data.splits)
        facts = pd.concat([facts, rows.reindex(columns=facts.columns)], ignore_index=True) if len(rows) else facts
        added = len(rows)
    waiting = tuple(matching.waiting_days(universe, items, as_of))
    return replace(data, facts=facts, waiting_days=waiting, proposed=added)


def _proposed(universe: Universe, items: pd.DataFrame, as_of: pd.Timestamp, splits: pd.DataFrame) -> pd.DataFrame:
    since = as_of - pd.Timedelta(days=matching.PERIODS_OF_DAYS)
    table = compare(universe, items, as_of, since, splits).table
    chosen = table["verdict"].isin([NEW, NEWER]) & ~table["proposal_id"].isin(matching.decided_ids(universe))
    rows = table.loc[chosen, FACT_COLUMNS]
    evidence = "proposed from a filing, not accepted: " + rows["evidence"].astype(str)
    rows = rows.assign(evidence=evidence, confidence=PROPOSED, file=FILING, line=np.nan, checked_against="")
    days = {name: rows[name].astype("datetime64[ns]") for name in ("period_end", "published_on")}
    return rows.assign(**days, cited_url=rows["source_url"])
