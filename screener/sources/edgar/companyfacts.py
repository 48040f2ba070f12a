"""Every fact without dimensions that a company filed, as EDGAR's companyfacts list them."""

from __future__ import annotations

from itertools import chain
from typing import Any

import numpy as np
import pandas as pd

from screener.sources.edgar import addresses
from screener.sources.edgar.answers import days, json_object, listed, refuse
from screener.sources.edgar.filed import FILED_COLUMNS, Document

_WHAT = "companyfacts"


def read(content: bytes) -> Document:
    """A company's facts of all taxonomies, a row for each filing that states one.

    A value that later filings repeat has a row for each of them.
    `fy` and `fp` of the answer are left out: they belong to the filing, not to the fact. `decimals` is unknown (NaN) and
    `dimensions` is (), since this answer has neither.

    Raises
    ------
    EdgarFault
        An error page, half an answer, or an answer without CIK, name or facts.
    """
    same: dict[Any, Any] = {}

    def compact(found: dict) -> Any:
        """A fact as a tuple whose texts are shared: an answer of 25 MB would take 200 MB as dictionaries."""
        if "accn" not in found or "val" not in found:
            return found
        texts = (found.get("start"), found.get("end"), found["accn"], found.get("form"), found.get("filed"))
        shared = [
            same.setdefault(text, text) if isinstance(text, str) else None if text is None else "" for text in texts
        ]
        return (found["val"], *shared)

    answer = json_object(content, _WHAT, compact)
    cik, name, taxonomies = addresses.padded(answer.get("cik")), answer.get("entityName"), answer.get("facts")
    if not cik or not isinstance(name, str) or not name.strip():
        raise refuse(_WHAT, "the answer does not say whose it is (no cik or no entityName)")
    if not isinstance(taxonomies, dict):
        raise refuse(_WHAT, f"the answer of {name.strip()} has no facts")
    heads, rows, faults = [], [], []
    for taxonomy, concepts in taxonomies.items():
        if not isinstance(concepts, dict):
            faults.append(f"{taxonomy}: no concepts")
            continue
        for concept, about in concepts.items():
            units = about.get("units") if isinstance(about, dict) else None
            if not isinstance(units, dict):
                faults.append(f"{taxonomy}:{concept}: no units")
                continue
            for unit, stated in units.items():
                whole = [row for row in stated if isinstance(row, tuple)] if isinstance(stated, list) else []
                if not isinstance(stated, list) or len(whole) < len(stated):
                    faults.append(f"{taxonomy}:{concept} in {unit}: facts without a value or a filing")
                heads.append((taxonomy, concept, unit, len(whole)))
                rows.append(whole)
    facts, unread = _frame(heads, list(chain.from_iterable(rows)))
    return Document(cik=cik, name=" ".join(name.split()), facts=facts, faults=listed([*faults, *unread]))


def _frame(heads: list[tuple[str, str, str, int]], rows: list[tuple]) -> tuple[pd.DataFrame, list[str]]:
    """`FILED_COLUMNS` of the rows, which stand in the order of the heads; and a fault for each row left out.

    A row is left out that cannot be read, or whose period ends after the day on which it was filed.
    """
    values, starts, ends, accessions, forms, filed = zip(*rows, strict=True) if rows else ((),) * 6
    counts = [head[3] for head in heads]
    facts = pd.DataFrame(
        {name: np.repeat(np.array([head[i] for head in heads], dtype=object), counts)
         for i, name in enumerate(["taxonomy", "concept", "unit"])},
        dtype=object,
    )  # fmt: skip
    facts["start"], facts["end"], facts["filed"] = days(starts), days(ends), days(filed)
    facts["value"] = np.array([_number(value) for value in values], dtype="float64")
    facts["decimals"] = np.nan
    dimensions = np.empty(len(facts), dtype=object)
    dimensions.fill(())
    facts["dimensions"] = dimensions
    facts["accession"] = pd.Series(accessions, dtype=object)
    facts["form"] = pd.Series([form or "" for form in forms], dtype=object)
    no_start = facts["start"].isna() & np.array([start is not None for start in starts], dtype=bool)
    wrong = facts["end"].isna() | facts["filed"].isna() | ~np.isfinite(facts["value"]) | no_start
    wrong |= ~facts["accession"].isin([text for text in set(accessions) if addresses.is_accession(text)])
    unread = [
        f"{row.taxonomy}:{row.concept} in {row.unit}: a fact of filing {row.accession} without a date, number or accession"
        for row in facts[wrong].itertuples()
    ]
    ahead = ~wrong & (facts["end"] > facts["filed"])
    unread += [
        f"{row.taxonomy}:{row.concept} in {row.unit}: the period ends on {row.end:%Y-%m-%d}, after filing {row.accession} "
        f"of {row.filed:%Y-%m-%d}"
        for row in facts[ahead].itertuples()
    ]
    return facts.loc[~(wrong | ahead), FILED_COLUMNS].reset_index(drop=True), unread


def _number(value: object) -> float:
    """A JSON number; NaN for anything else."""
    try:
        return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else float("nan")
    except OverflowError:
        return float("nan")
