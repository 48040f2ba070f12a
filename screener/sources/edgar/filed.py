"""The shapes in which EDGAR's answers are read: filings, the facts in them, and the items that facts were mapped to."""

from __future__ import annotations

from dataclasses import dataclass, field

import pandas as pd

from screener.sources.fetched import FACT_COLUMNS

# One row a filing. `filed` is EDGAR's filing date, `accepted_at` its acceptance time (UTC, aware; NaT where unknown),
# `items` the 8-K items as "2.02,9.01", `document` the primary document's file name, `url` its address.
FILING_COLUMNS = [
    "ticker",
    "cik",
    "accession",
    "form",
    "filed",
    "accepted_at",
    "report_date",
    "items",
    "is_xbrl",
    "document",
    "description",
    "url",
]

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

# A fact of a universe's item out of a filing: the universe's nine columns, then where it comes from. `published_on` is
# the first day whose close could know it (`known.known_from`). `evidence` is the derivation in words:
# "LoansPayableCurrent 176424000 + LongTermLoansPayable 643913000". `kind` is `filing` (inline XBRL of the document) or
# `companyfacts`. `checks` says which cross-checks held or failed; `needs` why a person must decide ("" where none).
ITEM_COLUMNS = [*FACT_COLUMNS, "kind", "form", "accession", "filed", "accepted_at", "checks", "needs"]


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
