"""What the brief says of the gap before and now: both known and of one statistic, or nothing."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from valuation.brief.week import _contracts, _gap_before_and_now, _groups, _movers, _settings, week


def changes(before: dict, after: dict) -> SimpleNamespace:
    basis = SimpleNamespace(closes_old=False)
    plain = {"statistic": "hodges_lehmann", "ratio": 2.0, "premium": None}
    return SimpleNamespace(before=SimpleNamespace(headline=plain | before, basis=SimpleNamespace(closes_old=False)),
                           after=SimpleNamespace(headline=plain | after, basis=basis))  # fmt: skip


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [({}, {"ratio": 2.5}, True), ({"ratio": None}, {}, False), ({}, {"ratio": None}, False),
     ({"statistic": "median"}, {}, False), ({"ratio": None}, {"ratio": None}, False)],
)  # fmt: skip
def test_a_gap_before_and_now(before, after, said):
    found = _gap_before_and_now(changes(before, after))
    assert len(found) == said
    assert all("was 2.0x and is now 2.5x" in one.text for one in found)


@pytest.mark.parametrize(("before", "after"), [(True, False), (False, True)])
def test_old_closes_are_spoken_of_in_the_past(before, after):
    made = changes({}, {"ratio": 3.0})
    made.before.basis.closes_old, made.after.basis.closes_old = before, after
    (one,) = _gap_before_and_now(made)
    assert one.text == "The typical gap per secured MW was 2.0x in that run and 3.0x in this."
    assert one.figures == {"before": 2.0, "now": 3.0}


@pytest.mark.parametrize(("before", "after", "said"), [(1.61, 1.65, True), (None, 1.65, False), (1.61, None, False)])
def test_without_a_gap_of_the_groups_the_premium_of_the_line_is_told(before, after, said):
    found = _gap_before_and_now(changes({"ratio": None, "premium": before}, {"ratio": None, "premium": after}))
    assert len(found) == said
    assert all("was +161% in that run and is +165% in this" in one.text for one in found)


@pytest.mark.parametrize(
    ("n", "said"), [(0, ""), (1, "1 setting of the two runs differs"), (2, "2 settings of the two runs differ")]
)
def test_settings_that_differ(n, said):
    found = _settings(SimpleNamespace(settings=("x",) * n))
    assert len(found) == (n > 0)
    assert all(one.text.startswith(said) for one in found)


def test_the_largest_moves_each_with_its_main_factor():
    moved = pd.DataFrame(
        {"relative": [-0.30, 0.20, -0.05, 0.04, 0.005], "main": ["price", "debt", "mw", "cash", "price"],
         "price": [-1.5, 0.0, 0.0, 0.0, 0.02], "debt": [0.1, 0.75, 0.0, 0.0, 0.0], "mw": [0.0, 0.0, -0.2, 0.0, 0.0],
         "cash": [0.0, 0.0, 0.0, 0.0, 0.0]}, index=list("ABCDE"))  # fmt: skip
    (one,) = _movers(SimpleNamespace(movers=moved))
    assert one.text == (
        "Largest moves in EV per secured MW: A -30% (mainly price, -$1.50m), B +20% (mainly debt, +$0.75m) and C -5% "
        "(mainly MW, -$0.20m)."
    )
    assert one.figures == {"A": -0.30, "B": 0.20, "C": -0.05}
    (small,) = _movers(SimpleNamespace(movers=moved.tail(1)))
    assert small.text.endswith("E +0.5% (mainly price, +$0.02m).")
    (zero,) = _movers(SimpleNamespace(movers=moved.tail(2).head(1)))
    assert "(mainly cash, +$0.00m)" in zero.text
    (still,) = _movers(SimpleNamespace(movers=moved.tail(1).assign(relative=-0.0049)))
    assert still.text == "No company's EV per secured MW moved by 0.5% or more."


def test_a_week_without_an_earlier_run_and_one_in_which_nothing_moved():
    title, (only,) = week(None)
    assert (title, only.text, only.kind) == ("What changed", "No earlier run to compare with.", "cannot")
    still = changes({}, {"ratio": None})
    still.before.as_of, still.settings = pd.Timestamp("2026-01-09"), ()
    still.movers = pd.DataFrame({"relative": [], "main": []})
    still.contracts, still.group_moves = pd.DataFrame({"change": [], "ticker": []}), pd.DataFrame({"group_after": []})
    title, found = week(still)
    assert title == "Since 9 January 2026"
    assert [one.text for one in found] == [
        "No company's EV per secured MW moved by 0.5% or more.", "No company changed group.",
    ]  # fmt: skip


def test_contracts_by_what_became_of_them():
    rows = pd.DataFrame({"change": ["signed", "ended", "signed", "signed"], "ticker": ["B", "A", "C", "B"]})
    (one,) = _contracts(SimpleNamespace(contracts=rows))
    assert one.text == "Contracts: 3 contracts signed (B and C) and 1 contract ended (A)."
    assert one.figures == {"contracts": 4}
    assert _contracts(SimpleNamespace(contracts=rows.iloc[:0])) == []


def test_changes_of_group():
    moves = pd.DataFrame({"group_after": ["pivot", "bitcoin"]}, index=["A", "B"])
    found = _groups(SimpleNamespace(group_moves=moves))
    assert (found.text, found.figures) == (
        "Changed group: A to the AI group and B to the mining group.", {"companies": 2},
    )  # fmt: skip
    assert _groups(SimpleNamespace(group_moves=moves.iloc[:0])).figures == {"companies": 0}
