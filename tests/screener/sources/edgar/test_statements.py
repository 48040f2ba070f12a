"""What one filing states, by hand: the most exact value of each fact, what contradicts it, and a statement a period."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.sources.edgar.statements import plain, settle, statements, which
from tests.screener.sources.edgar.stated import day, facts

NAN = float("nan")


def settled(*told: tuple[float, float]) -> tuple[float, str]:
    """The value that stands of one fact stated with (value, decimals), and its doubt."""
    found = settle(facts(*({"concept": "Cash", "value": value, "decimals": decimals} for value, decimals in told)))
    assert len(found) == 1
    assert "exact" not in found
    return found["value"].iloc[0], found["doubt"].iloc[0]


@pytest.mark.parametrize(
    ("told", "value", "doubt"),
    [
        (((5.0, NAN),), 5.0, ""),
        (((0.0, NAN),), 0.0, ""),
        (((2.6e9, -8), (2_650_000_000.0, 0)), 2_650_000_000.0, ""),  # half a unit of the text's last digit
        (((2.6e9, -8), (2_650_002_600.0, 0)), 2_650_002_600.0, ""),  # and a millionth
        (((2.6e9, -8), (2_650_003_000.0, 0)), 2_650_003_000.0, "2600000000 and 2650003000"),
        (((-2.6e9, -8), (-2_650_002_600.0, 0)), -2_650_002_600.0, ""),
        (((-2.6e9, -8), (-2_650_003_000.0, 0)), -2_650_003_000.0, "-2600000000 and -2650003000"),
        (((2.7e9, -8), (2_650_000_000.0, 0)), 2_650_000_000.0, ""),
        (((2.7e9, -8), (2_640_000_000.0, 0)), 2_640_000_000.0, "2700000000 and 2640000000"),
        (((5.0, -1), (0.0, 0)), 0.0, ""),
        (((6.0, -1), (0.0, 0)), 0.0, "6 and 0"),
        (((5.0, NAN), (6.0, NAN)), 6.0, "5 and 6"),  # without decimals a difference is a contradiction
        (((6.0, NAN), (5.0, NAN)), 6.0, "5 and 6"),
        (((7.0, NAN), (6.0, 0)), 6.0, "7 and 6"),
        (((6.0, 0), (6.4, 1)), 6.4, ""),
        (((6.0, float("inf")), (6.4, 0)), 6.0, ""),
        (((7.0, float("inf")), (6.4, 0)), 7.0, "6.4 and 7"),
        (((1e12, -13), (0.0, 0)), 0.0, "1000000000000 and 0"),  # no rounding is wider than to a million million
        (((4e11, -13), (0.0, 0)), 0.0, ""),
        (((6.0, 0), (6.0, 0)), 6.0, ""),
        (((1.0, 0), (2.0, 0), (3.0, 0)), 3.0, "1 and 3"),
    ],
)
def test_the_most_exact_value_stands_and_one_that_rounding_does_not_explain_is_told(told, value, doubt):
    assert settled(*told) == (value, doubt)


def test_nil_is_no_figure_and_other_facts_stand_apart():
    found = settle(
        facts(
            {"concept": "Cash", "value": NAN},
            {"concept": "Cash", "value": 1.0},
            {"concept": "Cash", "value": 2.0, "unit": "EUR"},
            {"concept": "Cash", "value": 3.0, "end": "2025-03-31"},
            {"concept": "Cash", "value": 4.0, "start": "2025-04-01"},
            {"concept": "Cash", "value": 5.0, "accession": "a2"},
            {"concept": "Cash", "value": 6.0, "taxonomy": "ifrs-full"},
            {"concept": "Cash", "value": 7.0, "dimensions": (("a", "b"),)},
            {"concept": "Debt", "value": 8.0},
        )
    )
    assert sorted(found["value"]) == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
    assert set(found["doubt"]) == {""}


def test_a_statement_is_one_filing_s_of_one_day_or_span_without_dimensions():
    told = settle(facts(
        {"concept": "Debt", "value": 2.0, "accession": "a2"}, {"concept": "Cash", "value": 1.0},
        {"concept": "Cash", "value": 9.0, "end": "2025-03-31"}, {"concept": "Sales", "value": 5.0, "start": "2025-04-01"},
        {"concept": "Cash", "value": 7.0, "dimensions": (("a", "b"),)}, {"concept": "Coins", "value": 3.0, "unit": "BTC"},
        {"concept": "Cash", "value": 1.5, "decimals": NAN},
    ))  # fmt: skip
    found = {(one.accession, None if pd.isna(one.start) else one.start, one.end): one for one in statements(told)}
    june = day("2025-06-30")
    assert {place: one.values for place, one in found.items()} == {
        ("a1", None, june): {("us-gaap:Cash", "USD"): 1.5, ("us-gaap:Coins", "BTC"): 3.0},
        ("a1", None, day("2025-03-31")): {("us-gaap:Cash", "USD"): 9.0},
        ("a1", day("2025-04-01"), june): {("us-gaap:Sales", "USD"): 5.0},
        ("a2", None, june): {("us-gaap:Debt", "USD"): 2.0},
    }  # fmt: skip
    assert found["a1", None, june].doubts == {("us-gaap:Cash", "USD"): "1 and 1.5"}
    assert statements(told.iloc[:0]) == []


def test_figures_in_words_and_masks():
    assert [plain(value) for value in (5.0, 1234567.0, 0.25, 1 / 3, -2.5)] == [
        "5",
        "1234567",
        "0.25",
        "0.3333333333",
        "-2.5",
    ]
    assert which(pd.Series([1, 0, 5]), lambda one: one > 1).tolist() == [False, False, True]
    assert which(pd.Series([], dtype=object), bool).tolist() == []
