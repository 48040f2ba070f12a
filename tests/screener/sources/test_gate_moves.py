"""Moves of closes side by side, against a plain loop over companies; and the table of closes by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.sources.fetched import SPLIT_COLUMNS
from screener.sources.gate.moves import Table, market_moves
from screener.splits import days
from tests.screener.sources.gated import FRIDAYS, NO_SPLITS, PEERS, table


def plainly(wide: pd.DataFrame, column: int, before: int, day: int) -> float:
    """The median of the others that have both closes; none where fewer than three have, or where it is beyond one and a
    half times."""
    if column < 0 or before not in wide.index or day not in wide.index:
        return 0.0
    moves = [wide.at[day, one] - wide.at[before, one] for at, one in enumerate(wide.columns) if at != column]
    known = [one for one in moves if not np.isnan(one)]
    median = float(np.median(known)) if len(known) >= 3 else 0.0
    return median if abs(median) <= np.log(1.5) else 0.0


@pytest.mark.parametrize("seed", range(12))
def test_the_market_is_the_median_of_the_others(seed):
    rng = np.random.default_rng(seed)
    wide = pd.DataFrame(rng.normal(0, 0.35, (6, int(rng.integers(2, 8)))), index=[3, 5, 6, 9, 12, 20])
    wide = wide.mask(rng.random(wide.shape) < 0.25)
    rows = [
        (column, before, day) for column in range(-1, wide.shape[1]) for before in (2, 3, 6, 9) for day in (12, 20, 5)
    ]
    column, before, day = (np.array(one) for one in zip(*rows, strict=True))
    expected = [plainly(wide, *one) for one in rows]
    assert market_moves(wide, column, before, day) == pytest.approx(expected, abs=1e-12)
    assert market_moves(wide, column[column < 0], before[column < 0], day[column < 0]).tolist() == [0.0] * 12


def test_a_median_of_exactly_one_and_a_half_times_is_a_market():
    step = np.log(1.5)
    wide = pd.DataFrame([[0.0] * 4, [step] * 4, [step * 2.01] * 4], index=[1, 2, 3])
    found = market_moves(wide, np.array([0, 0]), np.array([1, 2]), np.array([2, 3]))
    assert found.tolist() == [step, 0.0]


def test_closes_stand_by_symbol_and_day_on_the_first_share_basis():
    rows = table({"X": [10.0, 20.0, 0.0, 40.0], "A": [5.0], "BTC-USD": [9.0]}).sample(frac=1, random_state=4)
    rows = pd.concat([rows, rows[rows["ticker"] == "A"].assign(close_usd=6.0)], ignore_index=True)
    splits = pd.DataFrame([("X", FRIDAYS[1], 0.5), ("X", FRIDAYS[3], 4.0), ("Z", FRIDAYS[0], 9.0), ("X", FRIDAYS[0], 0.0)],
                          columns=SPLIT_COLUMNS)  # fmt: skip
    found = Table.of(rows, splits, frozenset(["X", "A"]))
    mine = found.code == found.code_of["X"]
    assert found.value[mine].tolist() == [10.0, 20.0, 0.0, 40.0]
    assert np.exp(found.log[mine]).tolist() == pytest.approx([10.0, 10.0, np.nan, 80.0], nan_ok=True)
    assert found.day[mine].tolist() == days(FRIDAYS[:4]).tolist()
    assert [found.date(at) for at in np.flatnonzero(mine)] == list(FRIDAYS[:4])
    assert rows["close_usd"].to_numpy()[found.order].tolist() == found.value.tolist()
    assert found.splits == [("X", int(days(FRIDAYS[1:2])[0]), np.log(0.5)), ("X", int(days(FRIDAYS[3:4])[0]), np.log(4.0)),
                            ("Z", int(days(FRIDAYS[:1])[0]), np.log(9.0))]  # fmt: skip
    # Coins are no company's peers; of two closes of a day the later row stands.
    assert found.column[found.code_of["BTC-USD"]] == -1
    assert np.exp(found.wide[found.code_of["A"]].dropna()).tolist() == pytest.approx([6.0])
    assert sorted(found.suspects) == ["X"]


@pytest.mark.parametrize(
    ("ticker", "close", "suspect", "large"),
    [
        ("X", 15.1, False, True), ("X", 14.9, False, False), ("X", 17.9, False, True), ("X", 18.1, True, False),
        ("X", 10.0 / 1.51, False, True), ("X", 10.0 / 1.81, True, False), ("BTC-USD", 15.1, False, True),
        ("BTC-USD", 15.9, False, True), ("BTC-USD", 16.1, True, False), ("X", -1.0, True, False), ("X", np.inf, True, False),
    ],
)  # fmt: skip
def test_which_symbols_need_a_closer_look(ticker, close, suspect, large):
    found = Table.of(
        table({name: [10.0] * 6 for name in PEERS} | {ticker: [10.0] * 5 + [close]}),
        NO_SPLITS,
        frozenset([*PEERS, "X"]),
    )
    assert found.suspects == ([ticker] if suspect else [])
    assert [(str(found.ticker[at]), found.date(at)) for at in found.large] == ([(ticker, FRIDAYS[5])] if large else [])


@pytest.mark.parametrize(("close", "suspect"), [(12.4, False), (12.6, True), (8.1, False), (7.9, True)])
def test_two_closes_of_a_day_are_compared_by_a_quarter(close, suspect):
    rows = table({"X": [10.0] * 3})
    found = Table.of(pd.concat([rows, rows.tail(1).assign(close_usd=close)]), NO_SPLITS, frozenset(["X"]))
    assert found.suspects == (["X"] if suspect else [])


def test_a_confirmed_close_needs_a_closer_look_and_places_are_files_or_sources():
    rows = table({"X": [10.0, 10.0]}).assign(confirmed=[None, "the exchange"])
    found = Table.of(rows, NO_SPLITS, frozenset(["X"]))
    assert (found.suspects, found.marked.tolist()) == (["X"], [False, True])
    assert [found.place(at) for at in range(2)] == ["prices.csv:2", "prices.csv:3"]
    told = Table.of(rows.assign(file="yahoo", line=np.nan, confirmed=None), NO_SPLITS, frozenset(["X"]))
    assert (told.suspects, told.place(0)) == ([], "yahoo")
    assert Table.of(rows.iloc[:0], NO_SPLITS, frozenset()).suspects == []
