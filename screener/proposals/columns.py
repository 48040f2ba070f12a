"""The columns of a file of proposals, its verdicts, and the id of a proposal."""

from __future__ import annotations

import hashlib
import re
from typing import Any

import numpy as np
import pandas as pd

from screener.sources.fetched import FACT_COLUMNS

NEW, NEWER, CONFIRMS, RESTATES, CONFLICTS, UNMAPPED, PERSON = (
    "new", "newer period", "confirms", "restates", "conflicts", "unmapped", "needs a person",
)  # fmt: skip
VERDICTS = {
    NEWER: "the universe has the item of an earlier period",
    NEW: "the universe has no figure of this item, or none of this period",
    RESTATES: "a later filing gives another figure of the same period",
    CONFIRMS: "the universe's figure is this one, rounded",
    CONFLICTS: "the universe's figure of the period is another one and no older than the filing",
    PERSON: "a check failed",
    UNMAPPED: "the universe has no such item, unit or company",
}
# What `accept` takes without being told to, row by row.
WITHOUT_ASKING = (NEW, NEWER, CONFIRMS, RESTATES)
KEY = ["ticker", "item", "period_end"]
# The last column holds the value as proposed, so that a person's change of `value` can be told and noted.
COLUMNS = [*FACT_COLUMNS, "proposal_id", "verdict", "form", "accession", "accepted_at", "derivation", "previous_value",
           "previous_period", "change", "checks", "effect", "decision", "note", "proposed_value"]  # fmt: skip
DATES = ("period_end", "published_on", "previous_period")
NUMBERS = ("value", "previous_value", "change", "proposed_value")
ID = re.compile("P[0-9a-f]{10}")


def proposal_id(ticker: str, item: str, period_end: pd.Timestamp, value: float, accession: str) -> str:
    """Hash of what is proposed and the filing that says so; begins with a letter, so that no spreadsheet takes it for a
    number."""
    text = "|".join([ticker, item, f"{period_end:%Y-%m-%d}", repr(float(value)), accession])
    return "P" + hashlib.sha256(text.encode()).hexdigest()[:10]


def number(value: Any) -> str:
    """A figure with all its digits, no exponent and no separators; empty where unknown."""
    if pd.isna(value):
        return ""
    whole = float(value)
    return f"{whole:.0f}" if whole.is_integer() else np.format_float_positional(whole, trim="-")
