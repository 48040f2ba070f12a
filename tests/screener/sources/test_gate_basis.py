"""Closes of a source on another share basis than the universe's, up to the answer's latest split."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.fetched import Fetched
from screener.sources.gate import basis, closes
from tests.screener.sources.gated import NO_SPLITS, split, table


def test_closes_of_another_basis_are_held_back_up_to_the_answer_s_latest_split():
    own = table({"X": [10.0] * 4, "Y": [10.0] * 4})
    live = table({"X": [100.0, 100.0, 10.0, 10.0], "Y": [10.0, 10.0, 10.0, 30.0]})[["date", "ticker", "close_usd"]]
    splits = pd.concat(
        [
            split("2026-01-23", 1.5),
            split("2026-01-16", 0.1),
            split("2025-06-01", 0.5),
            split("2026-01-23", 3.0).assign(ticker="Y"),
            split("2026-03-01", 3.0).assign(ticker="Z"),
        ]
    )
    left, rows = basis.on_our_basis(own, Fetched("yahoo", live.sample(frac=1, random_state=2), own[:0], splits))
    assert sorted(left[["ticker", "close_usd"]].itertuples(index=False, name=None)) == [("X", 10.0), ("X", 10.0)]
    assert left.index.tolist() == [0, 1]
    assert list(left.columns) == list(live.columns)
    assert [(one.ticker, one.item, f"{one.date:%m-%d}", one.value, one.place, f"{one.known_on:%m-%d}") for one in rows] == [
        ("X", "price_usd", "01-09", 100.0, "yahoo", "01-09"), ("Y", "price_usd", "01-23", 30.0, "yahoo", "01-23"),
    ]  # fmt: skip
    assert [one.reason for one in rows] == [
        "100.00 on 2026-01-09 against 10.00 in the universe: another split basis or another security; its closes before "
        "2026-01-16 are not used",
        "30.00 on 2026-01-23 against 10.00 in the universe: another split basis or another security; "
        "its closes are not used",
    ]
    assert {one.remedy for one in rows} == {closes.REMEDY}


@pytest.mark.parametrize(("close", "kept"), [(12.5, True), (12.6, False), (8.0, True), (7.9, False)])
def test_a_close_a_quarter_off_is_on_our_basis(close, kept):
    live = table({"X": [close]})[["date", "ticker", "close_usd"]]
    left, rows = basis.on_our_basis(table({"X": [10.0]}), Fetched("yahoo", live, live[:0], NO_SPLITS))
    assert (len(left) == 1, rows == []) == (kept, kept)


def test_closes_of_the_same_days_are_laid_side_by_side():
    own, live = table({"B": [10.0, 20.0], "A": [5.0]}), table({"B": [11.0, 19.0, 9.0], "A": [10.0]})
    found = basis.same_days(own, Fetched("yahoo", live[["date", "ticker", "close_usd"]], own[:0], NO_SPLITS))
    assert found[["ticker", "close_usd", "close_usd_universe", "ratio"]].to_numpy().tolist() == [
        ["A", 10.0, 5.0, 2.0], ["B", 11.0, 10.0, 1.1], ["B", 19.0, 20.0, 0.95],
    ]  # fmt: skip
