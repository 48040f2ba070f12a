"""Verdicts exactly at the bounds of the rule, and the reasons in words."""

from __future__ import annotations

import pytest

from valuation.claims.claimed import parse
from valuation.claims.verdict import Measured, Verdict, judge


def judged(text: str, unit: str = "usd", statement: str = "", **measured: object) -> tuple[str, str]:
    found = judge(parse(text, unit, statement), Measured(**measured), unit)
    return found.verdict, found.reason


CLAIMED, OTHER = (
    "the whole confidence interval is on the claimed side",
    "the whole confidence interval is on the other side",
)
BOTH = "the confidence interval has values on both sides"


@pytest.mark.parametrize(
    ("text", "low", "high", "expected"),
    [
        ("> 5", 5.0, 8.0, ("not determinable", BOTH)), ("> 5", 5.1, 8.0, ("holds", CLAIMED)),
        ("> 5", 2.0, 5.0, ("does not hold", OTHER)), ("> 5", 2.0, 5.1, ("not determinable", BOTH)),
        ("< 5", 2.0, 5.0, ("not determinable", BOTH)), ("< 5", 2.0, 4.9, ("holds", CLAIMED)),
        ("< 5", 5.0, 8.0, ("does not hold", OTHER)), ("< 5", 4.9, 8.0, ("not determinable", BOTH)),
    ],
)  # fmt: skip
def test_an_interval_that_ends_at_a_bound(text, low, high, expected):
    assert judged(text, value=(low + high) / 2, low=low, high=high) == expected


@pytest.mark.parametrize(
    ("text", "value", "expected"),
    [
        ("> 8", 8.0, ("holds", "on the claimed side")), ("> 8", 10.0, ("holds", "on the claimed side")),
        ("> 8", 12.0, ("holds", "on the claimed side, far off: 1.5 times the claim")),
        ("> 0", 7.0, ("holds", "on the claimed side")), ("> -2", 7.0, ("holds", "on the claimed side")),
        ("< 8", 8.0, ("holds", "on the claimed side")), ("< 8", 1.0, ("holds", "on the claimed side")),
        ("< 8", 8.5, ("holds", "6% above the claim")), ("> 8", 7.0, ("holds in part", "12% below the claim")),
    ],
)  # fmt: skip
def test_a_figure_at_a_bound_or_far_beyond_it(text, value, expected):
    assert judged(text, value=value) == expected


WIDE = "the interval contains the claim and is wider than a factor of 2"


@pytest.mark.parametrize(
    ("low", "high", "value", "expected"),
    [
        (2.0, 3.0, 2.5, ("holds", "the interval contains the claim and excludes 1")),
        (1.5, 2.0, 1.8, ("holds", "the interval contains the claim and excludes 1")),
        (1.0, 2.0, 1.5, ("not determinable", "the interval contains the claim and 1 as well")),
        (0.0, 2.0, 1.5, ("not determinable", WIDE)), (1.1, 2.3, 1.5, ("not determinable", WIDE)),
        (1.4, 1.6, 1.5, ("holds in part", "the interval does not contain the claim; the estimate is within 25%")),
        (1.4, 1.6, 1.49, ("does not hold", "the interval does not contain the claim")),
        (2.4, 2.6, 2.5, ("holds in part", "the interval does not contain the claim; the estimate is within 25%")),
    ],
)  # fmt: skip
def test_a_claim_of_two_at_the_end_of_an_interval(low, high, value, expected):
    assert judged("2", "ratio", value=value, low=low, high=high) == expected


def test_a_claim_below_one_whose_interval_ends_at_one():
    assert judged("0.9", "ratio", value=0.8, low=0.7, high=1.0)[0] == "not determinable"
    assert judged("0.9", "ratio", value=0.8, low=0.7, high=0.99)[0] == "holds"
    assert judged("0.9", "usd", value=0.8, low=0.7, high=1.0) == ("holds", "the interval contains the claim")


@pytest.mark.parametrize(
    ("text", "measured", "expected"),
    [
        ("10", {"value": 10.0}, ("holds", "as claimed")), ("10-20", {"value": 20.0}, ("holds", "within the claimed range")),
        ("10-20", {"value": 10.0}, ("holds", "within the claimed range")),
        ("10", {"value": 109.0}, ("does not hold", "990% above the claim")),
        ("10", {"value": 110.0}, ("does not hold", "far above the claim")),
        ("0", {"value": 3.0}, ("does not hold", "far above the claim")),
        ("0", {"value": -3.0}, ("does not hold", "far below the claim")),
        ("-10", {"value": -12.0}, ("holds in part", "20% below the claim")),
        ("10-20", {"value": 9.0, "first": 8.0, "last": 24.0}, ("holds in part", "up to 20% below the claim")),
        ("10-20", {"value": 9.0, "first": 9.5, "last": 24.0}, ("holds in part", "up to 20% above the claim")),
        ("10-20", {"value": 9.0, "first": 10.0, "last": 20.0}, ("holds", "within the claimed range")),
    ],
)  # fmt: skip
def test_how_far_off_a_figure_is_in_words(text, measured, expected):
    assert judged(text, **measured) == expected


@pytest.mark.parametrize(
    ("quarter", "expected"),
    [
        ("2026Q3", ("holds", "within the claimed quarters")),
        ("2026Q2", ("holds in part", "1 quarter earlier than claimed")),
        ("2027Q1", ("holds in part", "1 quarter later than claimed")),
        ("2026Q1", ("does not hold", "2 quarters earlier than claimed")),
        ("2027Q2", ("does not hold", "2 quarters later than claimed")),
    ],
)  # fmt: skip
def test_how_far_off_a_quarter_is_in_words(quarter, expected):
    assert judged("2026Q3-2026Q4", "quarter", value=parse(quarter, "quarter").low) == expected


def test_what_is_said_without_a_figure():
    points = [("a", True), ("b", None), ("c", False), ("d", True)]
    assert judged("", value=1.0, points=points) == ("holds in part", "true: a, d; not true: c; not known: b")
    assert judged("", points=[("a", False), ("b", False)]) == ("does not hold", "not true: a, b")
    assert judged("", value=1.0) == ("not determinable", "the claim names no figure")
    assert judged("5") == ("not determinable", "the figure is unknown")
    # One end of an interval is none.
    assert (
        judged("2", "ratio", value=2.0, low=1.5) == judged("2", "ratio", value=2.0, high=1.5) == ("holds", "as claimed")
    )


@pytest.mark.parametrize(
    ("measured", "so_far"),
    [({"value": 2.0}, "already so"), ({"value": 2.4}, "in part so"), ({"value": 9.0}, "not so"), ({}, "not determinable")],
)  # fmt: skip
def test_a_day_still_to_come(measured, so_far):
    found = judge(parse("2", "usd"), Measured(**measured), "usd", due=False)
    assert found == Verdict("not yet due", f"{so_far} by the figures known so far")
