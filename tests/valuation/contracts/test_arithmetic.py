"""Rent and what has been earned of it, against a year-by-year sum in exact fractions."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.contracts.arithmetic import earned, first_year_revenue, gross_mw


def one(value: float, term: float, growth: float, elapsed: float) -> float:
    return earned(np.array([value]), np.array([term]), np.array([growth]), np.array([elapsed])).item()


def plainly(value: int, term: int, growth: Fraction, elapsed: Fraction) -> Fraction:
    """Whole contract years: rents step up once a year and are earned evenly within it."""
    weights = [(1 + growth) ** k for k in range(term)]
    total = Fraction(0)
    for k, weight in enumerate(weights):
        total += value * weight / sum(weights) * min(max(elapsed - k, Fraction(0)), Fraction(1))
    return total


@settings(max_examples=60, deadline=None)
@given(st.integers(1, 20), st.integers(0, 8), st.integers(-4, 84))
def test_earned_is_the_sum_of_the_years(term, percent, quarters):
    expected = plainly(1_000_000, term, Fraction(percent, 100), Fraction(quarters, 4))
    assert one(1e6, term, percent / 100, quarters / 4) == pytest.approx(float(expected), rel=1e-9, abs=1e-6)


def test_the_first_year_at_a_step_at_none_and_at_an_unknown_one():
    found = first_year_revenue(np.full(3, 330.0), np.full(3, 2.0), np.array([0.2, 0.0, np.nan]))
    assert found.tolist() == pytest.approx([150.0, 165.0, 165.0])


@pytest.mark.parametrize(
    ("elapsed", "expected"), [(-1.0, 0.0), (0.0, 0.0), (1.0, 150.0), (1.5, 240.0), (2.0, 330.0), (9.0, 330.0)]
)
def test_nothing_before_the_start_and_the_whole_from_the_end_on(elapsed, expected):
    assert one(330.0, 2.0, 0.2, elapsed) == pytest.approx(expected)
    assert one(330.0, 2.0, np.nan, elapsed) == pytest.approx(165 * min(max(elapsed, 0), 2))


def test_a_term_of_part_years_ends_with_the_whole_value_and_never_above_it():
    paid = [one(1e9, 2.53, 0.03, at) for at in np.linspace(0, 2.6, 200)]
    assert max(paid) == paid[-1] == 1e9
    assert (np.diff(paid) >= 0).all()


def test_gross_power_is_as_stated_and_else_by_the_ratio():
    found = gross_mw(np.array([140.0, np.nan, np.nan]), np.array([100.0, 100.0, np.nan]), 1.25)
    assert found.tolist() == pytest.approx([140.0, 125.0, np.nan], nan_ok=True)


@pytest.mark.parametrize("term", [0.1, 0.7, 3.0, 7.3, 10.0, 14.87, 15.0])
def test_on_its_last_day_a_contract_has_earned_its_value_to_the_cent(term):
    # Sums of rents miss the value by a rounding, which would be left as a backlog.
    for value in (0.1, 3e9, 7.77e8):
        for growth in (0.0, 0.01, 0.025, 0.03, np.nan):
            assert one(value, term, growth, term) == value
