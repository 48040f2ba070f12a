"""Entries, exits and changes of group with their reasons, on hand-made weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd

from valuation.gap.membership import membership
from valuation.gap.specification_curve import CrossSections

NAN = np.nan
WEEKS = pd.date_range("2025-01-03", periods=3, freq="7D")
NAMES = ["SIGNS", "SHRINKS", "ENDS", "LISTS", "KNOWN", "GOES", "FAILS", "STAYS", "SLIPS"]


def test_each_reason_once():
    # A row a company: value, AI group, priced and contracted revenue in three weeks.
    value = {"LISTS": [NAN, 1, 1], "KNOWN": [NAN, 1, 1], "GOES": [1, 1, NAN], "FAILS": [1, 1, NAN]}
    pivot = {"SIGNS": [0, 0, 1], "SHRINKS": [0, 1, 1], "ENDS": [1, 1, 0], "SLIPS": [1, 1, 0], "LISTS": [0, 1, 1]}
    priced = {"LISTS": [0, 1, 1], "GOES": [1, 1, 0]}
    contracted = {
        "SIGNS": [0, NAN, 0.5],
        "SLIPS": [0, 5, 5],
        "SHRINKS": [5, 5, 9],
        "ENDS": [5, 5, 0],
        "LISTS": [NAN, 9, 9],
    }
    values = np.array([value.get(name, [1, 1, 1]) for name in NAMES], dtype=float).T
    sampled = CrossSections(
        pd.DataFrame({"as_of": WEEKS}),
        values,
        np.ones_like(values),
        np.array([pivot.get(name, [0, 0, 0]) for name in NAMES], dtype=bool).T & ~np.isnan(values),
        pd.Index(NAMES),
    )
    closes = pd.DataFrame({name: priced.get(name, [1, 1, 1]) for name in NAMES}, index=WEEKS).astype(bool)
    revenue = pd.DataFrame({name: contracted.get(name, [0, 0, 0]) for name in NAMES}, index=WEEKS, dtype=float)
    found = membership(sampled, closes, revenue)
    told = {
        row.ticker: (row.as_of, row.group_before, row.group_after, row.reason) for row in found.itertuples(index=False)
    }
    assert len(found) == len(told) == 8  # STAYS does not appear
    second, third = WEEKS[1], WEEKS[2]
    assert told == {
        "SIGNS": (third, "bitcoin", "pivot", "signed"),
        "SHRINKS": (second, "bitcoin", "pivot", "share moved"),
        "SLIPS": (third, "pivot", "bitcoin", "share moved"),
        "ENDS": (third, "pivot", "bitcoin", "contract ended"),
        "LISTS": (second, "outside", "pivot", "listed"),
        "KNOWN": (second, "outside", "bitcoin", "data arrived"),
        "GOES": (third, "bitcoin", "outside", "dropped"),
        "FAILS": (third, "bitcoin", "outside", "data missing"),
    }
