"""The small language of formulas on made-up figures: each operation, each branch, and what is unknown."""

from __future__ import annotations

import math

import pytest

from valuation.explanation.terms import branch, evaluate, names, used

NAN = math.nan
FIGURES = {"a": 6.0, "b": 2.0, "zero": 0.0, "unknown": NAN}


class Made:
    """Figures of a company that is none."""

    def value(self, name: str) -> float:
        return FIGURES[name]

    def gross(self, name: str) -> float:
        return 10 * FIGURES[name]

    def total(self, name: str) -> float:
        return 100 * FIGURES[name]


@pytest.mark.parametrize(
    ("formula", "expected"),
    [
        ("a + b", 8.0), ("a - b", 4.0), ("a * b", 12.0), ("a / b", 3.0), ("a / zero", NAN), ("a + unknown", NAN), ("7", 7.0),
        ("max(a, b)", 6.0), ("max(b, a)", 6.0), ("max(a, unknown)", NAN), ("max(unknown, a)", NAN),
        ("first(unknown, b, a)", 2.0), ("first(unknown)", NAN), ("known(unknown)", 0.0), ("known(a)", 6.0),
        ("gross(a)", 60.0), ("total(b)", 200.0), ("a if a > b else b", 6.0), ("a if b > a else b", 2.0),
        ("a if a > a else b", 2.0), ("1 if a > b and b > zero else 2", 1.0), ("1 if a > b and zero > b else 2", 2.0),
    ],
)  # fmt: skip
def test_the_value_of_a_formula(formula, expected):
    assert evaluate(formula, Made()) == pytest.approx(expected, nan_ok=True)


def test_names_come_in_their_order_and_once():
    assert names("unknown / gross(a)") == ["unknown", "a"]
    assert names("b / a") == ["b", "a"]
    assert names("a / b") == ["a", "b"]


def test_of_a_choice_the_branch_that_holds_is_used():
    assert used("a if b > a else zero", Made()) == ["zero"]
    assert used("b * (a if a > b else zero)", Made()) == ["b", "a"]
    assert branch("known(a if a > b else zero) + b", Made()) == "known(a) + b"
