"""The columns of a file of proposals, its verdicts, and the id of a proposal."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
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
# What no person changes in the file: what is written into the overlay, and what decides whether a person must look.
SEALED = (
    "ticker", "item", "period_end", "published_on", "unit", "source_url", "evidence", "confidence", "form", "accession",
    "verdict", "previous_value", "previous_period", "proposed_value",
)  # fmt: skip
CHECKSUM = "checksum"  # the last column of the file: SEALED as they were proposed
DATES = ("period_end", "published_on", "previous_period")
NUMBERS = ("value", "previous_value", "change", "proposed_value")
ID = re.compile("P[0-9a-f]{10}")


def proposal_id(ticker: str, item: str, period_end: pd.Timestamp, value: float, accession: str) -> str:
    """Hash of what is proposed and the filing that says so; begins with a letter, so that no spreadsheet takes it for a
    number."""
    text = "|".join([ticker, item, f"{period_end:%Y-%m-%d}", repr(float(value)), accession])
    return "P" + hashlib.sha256(text.encode()).hexdigest()[:10]


def checksum(cells: Mapping[str, str]) -> str:
    """Four hexadecimal digits for each of `SEALED`, so that a changed cell can be named; begins with a letter.

    Parameters
    ----------
    cells : mapping of str
        Texts as the file has them. Figures count by their value and texts without their outer blanks and apostrophes:
        a spreadsheet may change these.
    """
    return "-".join(["S", *(hashlib.sha256(_plain(name, cells[name]).encode()).hexdigest()[:4] for name in SEALED)])


def changed(cells: Mapping[str, str], seal: str) -> list[str]:
    """The columns of `SEALED` that differ from what a checksum was made of; all where it is no checksum."""
    was, now = seal.split("-"), checksum(cells).split("-")
    if len(was) != len(now):
        return list(SEALED)
    return [name for name, old, new in zip(SEALED, was[1:], now[1:], strict=True) if old != new]


def _plain(name: str, cell: str) -> str:
    if name in NUMBERS and cell:
        return number(float(cell))
    return " ".join(cell.split()).lstrip("'").strip()


def number(value: Any) -> str:
    """A figure with all its digits, no exponent and no separators; empty where unknown."""
    if pd.isna(value):
        return ""
    whole = float(value)
    return f"{whole:.0f}" if whole.is_integer() else np.format_float_positional(whole, trim="-")
