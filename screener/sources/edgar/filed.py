"""The shapes in which EDGAR's documents are read: the facts as filed, and a document of them."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

# One row a fact as filed. `taxonomy` is us-gaap, ifrs-full, dei, srt or the filer's own prefix; `unit` as filed (USD,
# shares, USD/shares, pure, bitcoin ...); `start` is NaT for an instant; `dimensions` is a sorted tuple of (axis, member),
# each with its prefix, a typed member by its text, and () where the fact is the whole company's. `accession`, `form`
# and `filed` are those of the filing that states it.
FILED_COLUMNS = [
    "taxonomy",
    "concept",
    "unit",
    "start",
    "end",
    "value",
    "decimals",
    "dimensions",
    "accession",
    "form",
    "filed",
]


@dataclass(frozen=True)
class Document:
    """A filing's document or a company's facts, as read.

    Attributes
    ----------
    cik : str
        Ten digits.
    name : str
        The filer as the document names it.
    facts : DataFrame
        `FILED_COLUMNS`.
    form : str
        10-Q, 10-K, ...; empty for companyfacts, which holds many.
    period_end : Timestamp or NaT
        `dei:DocumentPeriodEndDate`.
    fiscal_year_end : str
        "12-31"; empty where it is not stated.
    faults : tuple of str
        What could not be read, each with its place; the rest stands.
    """

    cik: str
    name: str
    facts: pd.DataFrame
    form: str = ""
    period_end: pd.Timestamp = pd.NaT
    fiscal_year_end: str = ""
    faults: tuple[str, ...] = field(default=())
