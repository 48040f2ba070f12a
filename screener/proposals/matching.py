"""Figures of filings that the universe already holds, within 0.1%: what they confirm, and what is left to decide."""

from __future__ import annotations

import numpy as np
import pandas as pd

from screener.proposals.columns import KEY, proposal_id
from screener.universes import Universe, overlay
from screener.universes.evidence_class import evidence_class, in_order

EXACT = 0.001  # a filed figure within 0.1% of the universe's is the same
PERIODS_OF_DAYS = 400  # periods that ended earlier move no screen of the day: four quarters and their filing
CONFIRMATION_COLUMNS = [*KEY, "published_on", "value", "source_url", "checked_on", "checked_against"]
TEXTS = ("kind", "form", "accession", "checks", "needs", "evidence", "source_url")


def first_of_each(items: pd.DataFrame, as_of: pd.Timestamp, since: pd.Timestamp) -> pd.DataFrame:
    """Each figure of each period once, in the order in which it became known.

    Of the same figure in several filings the first counts, and of one filing the best class of evidence.

    Parameters
    ----------
    items : DataFrame
        `sources.told.ITEM_COLUMNS`.
    since : Timestamp
        Periods that ended earlier are left out.
    """
    rows = items[(items["published_on"] <= as_of) & (items["period_end"] >= since)].copy()
    for name in TEXTS:
        rows[name] = rows[name].astype(object).where(rows[name].notna(), "").astype(str)
    rows["_class"] = -evidence_class(rows.assign(file="")) if len(rows) else 0
    rows = rows.sort_values([*KEY, "published_on", "_class", "accession", "value"], kind="stable")
    return rows.drop_duplicates([*KEY, "value"]).drop(columns="_class").reset_index(drop=True)


def matches(facts: pd.DataFrame, rows: pd.DataFrame) -> np.ndarray:
    """For each row the position in `facts` of the same figure, the one in force first; -1 where there is none.

    Parameters
    ----------
    facts : DataFrame
        Of the universe, in `in_order`.
    rows : DataFrame
        From `first_of_each`.
    """
    own = facts[[*KEY, "value"]].assign(_fact=np.arange(len(facts)))
    filed = rows[[*KEY, "value"]].assign(_row=np.arange(len(rows)))
    both = filed.merge(own, on=KEY, suffixes=("", "_own"))
    same = (both["value_own"] - both["value"]).abs() <= EXACT * both["value_own"].abs()
    last = both[same].sort_values("_fact", kind="stable").drop_duplicates("_row", keep="last")
    found = np.full(len(rows), -1)
    found[last["_row"].to_numpy()] = last["_fact"].to_numpy()
    return found


def confirmations(universe: Universe, items: pd.DataFrame, as_of: pd.Timestamp) -> pd.DataFrame:
    """Rows of the universe that a filing confirms, with the filing's link: `CONFIRMATION_COLUMNS`."""
    facts = in_order(universe.facts[universe.facts["published_on"] <= as_of])
    rows = first_of_each(items, as_of, items["period_end"].min())
    return confirmed(facts, rows, matches(facts, rows))


def confirmed(facts: pd.DataFrame, rows: pd.DataFrame, found: np.ndarray) -> pd.DataFrame:
    """The first filing that confirms each of `facts`, where the filing's figure needs no person."""
    ours = (found >= 0) & rows["needs"].eq("").to_numpy()
    own, filed = facts.iloc[found[ours]].reset_index(drop=True), rows[ours].reset_index(drop=True)
    against = (filed["form"] + " " + filed["accession"]).str.strip()
    out = own[[*KEY, "published_on", "value"]].assign(
        source_url=filed["source_url"], checked_on=filed["published_on"], checked_against=against
    )
    first = ~pd.Series(found[ours]).duplicated()
    return out[first.to_numpy()][CONFIRMATION_COLUMNS].reset_index(drop=True)


def waiting_days(universe: Universe, items: pd.DataFrame, as_of: pd.Timestamp) -> list[int]:
    """For each figure of filings that waits for a person's decision, the days since it was first seen, longest first.

    Parameters
    ----------
    items : DataFrame
        `sources.told.ITEM_COLUMNS` and `seen_at`, as the ledger holds them.
    """
    if items.empty:
        return []
    rows = first_of_each(items, as_of, as_of - pd.Timedelta(days=PERIODS_OF_DAYS))
    facts = in_order(universe.facts[universe.facts["published_on"] <= as_of])
    rows = rows[matches(facts, rows) < 0]
    decided = decided_ids(universe)
    ids = [proposal_id(*cells) for cells in rows[[*KEY, "value", "accession"]].itertuples(index=False, name=None)]
    open_ = rows[np.array([one not in decided for one in ids], dtype=bool)]  # an empty list would choose no column
    open_ = open_[~_repeated(open_)]
    seen = open_["seen_at"].dt.tz_convert(None).dt.normalize()
    return sorted((max(int(days), 0) for days in (as_of - seen).dt.days), reverse=True)


def decided_ids(universe: Universe) -> set[str]:
    """Proposals that a person accepted or rejected."""
    if universe.overlay is None:
        return set()
    return set(overlay.decisions(overlay.contents(universe.overlay))["proposal_id"])


def _repeated(rows: pd.DataFrame) -> np.ndarray:
    """True for a figure that repeats the one before it of the same period within 0.1%."""
    again = rows.duplicated(KEY, keep="first").to_numpy()
    before = rows.groupby(KEY, sort=False)["value"].shift()
    return again & ((before - rows["value"]).abs() <= EXACT * before.abs()).to_numpy()
