"""A fact stated several times: what rounding allows is one row, a contradiction keeps both and is named."""

from __future__ import annotations

from math import inf, nan

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from screener.sources.edgar.duplicates import Stated, collapse

DAY = pd.Timestamp("2025-06-30")


def cash(value: float, decimals: float, line: int = 1, concept: str = "Cash", dimensions: tuple = ()) -> Stated:
    return Stated("us-gaap", concept, "USD", pd.NaT, DAY, dimensions, value, decimals, line)


def test_the_most_precise_of_consistent_statements_stands():
    kept, faults = collapse([cash(34.6e6, -5), cash(34_553_000, -3), cash(35e6, -6), cash(34_553_000, -3)])
    assert [(fact.value, fact.decimals) for fact in kept] == [(34_553_000, -3)]
    assert faults == []


def test_a_contradiction_keeps_every_value_and_is_named_with_its_lines():
    kept, faults = collapse([cash(34_553_000, -3, 7), cash(34_600_000, -3, 9), cash(34_553_000, -2, 11)])
    assert [(fact.value, fact.decimals) for fact in kept] == [(34_553_000, -2), (34_600_000, -3)]
    assert faults == [
        "us-gaap:Cash in USD, 2025-06-30: stated as 34553000 (line 11) and 34600000 (line 9), which contradict each other"
    ]


def test_statements_that_agree_in_pairs_only_contradict():
    # 10 to the unit is 9.5 to 10.5, 11 is 10.5 to 11.5, 12 is 11.5 to 12.5: no value lies in all three.
    kept, faults = collapse([cash(10, 0), cash(11, 0), cash(12, 0)])
    assert len(kept) == 3
    assert len(faults) == 1


def test_nil_agrees_with_nil_alone():
    assert collapse([cash(nan, nan), cash(nan, nan)])[1] == []
    assert len(collapse([cash(0.0, 0), cash(nan, nan)])[0]) == 2
    kept, faults = collapse([cash(nan, nan, 3), cash(0.0, 0, 5)])
    assert len(kept) == 2
    assert "nil (line 3) and 0 (line 5)" in faults[0]


def test_other_facts_are_left_alone():
    part = (("srt:CryptoAssetAxis", "btbt:ETHMember"),)
    facts = [cash(1, 0), cash(2, 0, concept="Debt"), cash(3, 0, dimensions=part)]
    assert collapse(facts) == (facts, [])


def test_a_figure_without_decimals_is_exact():
    assert len(collapse([cash(10.4, nan), cash(10, 0)])[0]) == 1
    assert len(collapse([cash(10.4, nan), cash(10.3, inf)])[0]) == 2


@pytest.mark.parametrize(
    ("one", "other", "agree"),
    [
        (cash(10, 0), cash(10.5, inf), True),
        (cash(10, 0), cash(10.6, inf), False),
        (cash(10, 0), cash(9.5, inf), True),
        (cash(10, 0), cash(9.4, inf), False),
        (cash(-10, 0), cash(-10.5, inf), True),
        (cash(-10, 0), cash(-10.6, inf), False),
        (cash(0.5, 0), cash(0.0, inf), True),
        (cash(0.6, 0), cash(0.0, inf), False),
        (cash(10, 0), cash(11, 0), True),
        (cash(10, 1), cash(10.06, inf), False),
        (cash(10, -1), cash(15, inf), True),
        (cash(10, -1), cash(15.1, inf), False),
        # Both reach to 0.4 below zero, which binary fractions miss by the sixteenth digit.
        (cash(-0.45, 1), cash(-0.35, 1), True),
    ],
)
def test_statements_agree_within_half_a_unit_of_the_last_decimal(one, other, agree):
    for pair in ([one, other], [other, one]):
        kept, faults = collapse(pair)
        assert (len(kept), len(faults)) == ((1, 0) if agree else (2, 1))


def test_of_equal_statements_the_first_stands():
    assert [fact.line for fact in collapse([cash(10, 0, 3), cash(10, 0, 5)])[0]] == [3]
    assert [fact.line for fact in collapse([cash(10, 0, 3), cash(10, 0, 5), cash(99, 0, 7)])[0]] == [3, 7]


@given(value=st.integers(-(10**12), 10**12), decimals=st.lists(st.integers(-9, 2), min_size=1, max_size=6))
def test_roundings_of_one_value_always_agree(value, decimals):
    exact = value / 100
    kept, faults = collapse([cash(float(round(exact, places)), places) for places in decimals])
    assert faults == []
    assert [fact.decimals for fact in kept] == [max(decimals)]
