"""The figure that a claim names, read from its text and its statement."""

from __future__ import annotations

import math

import pytest

from valuation.claims.claimed import Claimed, bound_in, parse, quarter_of
from valuation.errors import InvalidInput


@pytest.mark.parametrize(
    ("text", "unit", "low", "high", "bound"),
    [
        ("2", "ratio", 2, 2, ""),
        ("43-50", "usd", 43, 50, ""),
        ("43 – 50", "usd", 43, 50, ""),
        (">0", "change", 0, 0, "above"),
        ("< 0.5", "ratio", 0.5, 0.5, "below"),
        ("85", "percent", 0.85, 0.85, ""),
        ("10-20", "percent", 0.1, 0.2, ""),
        ("5-5", "usd", 5, 5, ""),
        (">= 20", "percent", 0.2, 0.2, "above"),
        ("<= .5", "pct", 0.005, 0.005, "below"),
        ("-3--1", "change", -3, -1, ""),
        ("6.5e10", "usd", 6.5e10, 6.5e10, ""),
    ],
)
def test_a_number_a_range_or_a_bound(text, unit, low, high, bound):
    found = parse(text, unit)
    assert (found.low, found.high, found.bound) == (pytest.approx(low), pytest.approx(high), bound)


def test_quarters_are_counted_one_by_one():
    span = parse("2026Q3-2026Q4", "quarter")
    assert span.high - span.low == 1
    assert [quarter_of(span.low), quarter_of(span.high)] == ["2026Q3", "2026Q4"]
    assert parse("2026Q1", "quarter").low == span.low - 2
    assert quarter_of(math.nan) == ""
    assert parse("2026Q3-2026Q3", "quarter") == parse("2026Q3", "quarter")


def test_blank_names_no_figure():
    assert not parse(" ", "share").is_known


@pytest.mark.parametrize(
    ("statement", "bound"),
    [
        ("MARA holds more than 20,000 BTC", "above"),
        ("More than 1.3 GW of power", "above"),
        ("bitcoin below 20% of revenue", "below"),
        ("no more than 5 sites", "below"),
        ("no less than 5 sites", "above"),
        ("at least $3bn", "above"),
        ("Microsoft contract of 9.7 billion USD over five years", ""),
        ("valued about twice as highly", ""),
        ("below the average, and 5 more", ""),
        ("the price stood at 43 to 50 USD", ""),
    ],
)
def test_words_right_before_a_number_make_it_a_bound(statement, bound):
    assert bound_in(statement) == bound
    assert parse("1300", "mw", statement).bound == bound


def test_a_sign_of_the_figure_itself_goes_before_the_words():
    assert parse("< 5", "mw", "more than 3 MW").bound == "below"


@pytest.mark.parametrize(
    ("text", "unit"),
    [("two", "ratio"), ("50-43", "usd"), ("2026Q5", "quarter"), ("2026Q4-2026Q3", "quarter"), ("1", "quarter")],
)
def test_what_cannot_be_read_is_an_error_that_says_what_was_expected(text, unit):
    with pytest.raises(InvalidInput, match=r"number|quarter"):
        parse(text, unit)


def test_a_claim_of_one_number_is_no_range():
    assert not Claimed(2.0, 2.0).is_range
    assert Claimed(1.0, 3.0).middle == 2.0
