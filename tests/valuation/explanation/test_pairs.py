"""The pairs behind the headline gap: an odd and an even number of ratios by hand, and companies outside."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from valuation.explanation.pairs import pairs

METRIC = "ev_per_mw_secured"


def found(**companies: tuple[float, str | None, bool]) -> pd.DataFrame:
    """Pairs of companies given as (value, group, whether the headline counts them)."""
    table = pd.DataFrame.from_dict(companies, orient="index", columns=[METRIC, "group", "inside"])
    return pairs(
        SimpleNamespace(table=table, gap=SimpleNamespace(members=table[["inside"]].set_axis([METRIC], axis=1)))
    )


def test_of_three_ratios_the_second_is_the_middle_one():
    made = found(A=(6.0, "pivot", True), X=(99.0, "pivot", False), B=(2.0, "pivot", True), M=(2.0, "bitcoin", True),
                 N=(5.0, None, True), C=(4.0, "pivot", True))  # fmt: skip
    assert made.to_numpy().tolist() == [["B", "M", 1.0, False], ["C", "M", 2.0, True], ["A", "M", 3.0, False]]


def test_of_four_ratios_two_are_in_the_middle_and_equal_ones_keep_their_order():
    made = found(A=(6.0, "pivot", True), B=(3.0, "pivot", True), M=(3.0, "bitcoin", True), N=(1.5, "bitcoin", True))
    assert made.columns.tolist() == ["pivot", "bitcoin", "ratio", "in_the_middle"]
    assert made.to_numpy().tolist() == [
        ["B", "M", 1.0, False], ["A", "M", 2.0, True], ["B", "N", 2.0, True], ["A", "N", 4.0, False],
    ]  # fmt: skip
    assert made.index.tolist() == [0, 1, 2, 3]


def test_one_pair_is_its_own_middle():
    made = found(A=(6.0, "pivot", True), M=(3.0, "bitcoin", True))
    assert (made["ratio"].item(), made["in_the_middle"].item()) == (pytest.approx(2.0), True)
