"""The result of a screening rule: counts, lines and notes of its summary."""

from __future__ import annotations

import pandas as pd

from valuation.screening.result import Screened


def screened(about: str = "Cheap and contracted.") -> Screened:
    unknown = pd.DataFrame({"why": ["cash unknown", "no close"]}, index=["D", "E"])
    return Screened(
        name="cheap", title="Cheap miners", about=about, where="x > 1", ranking="", as_of=pd.Timestamp("2026-01-16"),
        table=pd.DataFrame({"rank": [1, 2, 3]}, index=list("ABC")), status=pd.DataFrame(), unknown=unknown,
        conditions=pd.DataFrame(), n=9, excluded=("X",), notes=("MW: secured.",), price_line="Prices: bundled",
        prices_are_old=False,
    )  # fmt: skip


def test_what_is_neither_in_nor_unknown_is_out():
    found = screened()
    assert (found.out, found.counts) == (4, "3 in, 4 out, 2 unknown of n = 9")
    assert found.frame.index.tolist() == list("ABC")


def test_the_summary_leaves_out_what_is_not_said_and_names_what_is_unknown():
    told = screened().summary
    assert told.title == "Cheap miners, 16 January 2026"
    assert told.lines == ("3 in, 4 out, 2 unknown of n = 9", "Cheap and contracted.", "Prices: bundled")
    assert screened("").summary.lines == ("3 in, 4 out, 2 unknown of n = 9", "Prices: bundled")
    assert told.notes == (
        "Not classified (missing input): D, cash unknown.", "Not classified (missing input): E, no close.", "MW: secured.",
    )  # fmt: skip
