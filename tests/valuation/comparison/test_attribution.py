"""The attribution against the definition of the Shapley value in exact fractions, and what must hold whatever moved."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.gathering import InputData
from valuation.comparison.attribution import FACTORS, attribute, drivers, ev_per_mw, shapley

MONEY = st.integers(0, 40_000_000_000).map(float)
ROW = st.tuples(
    st.integers(10, 100_000).map(lambda cents: cents / 100),
    st.integers(1_000_000, 2_000_000_000).map(float),
    MONEY, MONEY, MONEY, MONEY,
    st.integers(10, 5_000).map(float),
)  # fmt: skip


def frame(*rows: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(FACTORS), index=[f"T{i}" for i in range(len(rows))])


def exactly(row: dict[str, Fraction]) -> Fraction:
    claims = row["price"] * row["shares"] + row["debt"] + row["other_claims"] - row["cash"] - row["bitcoin"]
    return claims / row["mw"] / 10**6


def over_all_orders(before: tuple[float, ...], after: tuple[float, ...]) -> dict[str, Fraction]:
    """Mean over all 5,040 orders of the step that each factor makes, in fractions: the definition, word for word."""
    start, end = (dict(zip(FACTORS, map(Fraction, row), strict=True)) for row in (before, after))
    total = dict.fromkeys(FACTORS, Fraction(0))
    count = 0
    values: dict[frozenset[str], Fraction] = {}
    for order in permutations(FACTORS):
        moved: frozenset[str] = frozenset()
        value = values.setdefault(moved, exactly(start))
        for name in order:
            moved |= {name}
            if moved not in values:
                values[moved] = exactly({f: end[f] if f in moved else start[f] for f in FACTORS})
            total[name] += values[moved] - value
            value = values[moved]
        count += 1
    return {name: part / count for name, part in total.items()}


def test_equals_the_mean_over_all_orders_in_exact_fractions():
    before = (15.32, 380e6, 1.2e9, 310e6, 1.6e9, 45e6, 1800.0)
    after = (19.24, 411.8e6, 0.6e9, 260e6, 1.61e9, 52e6, 1700.0)
    expected = over_all_orders(before, after)
    got = attribute(frame(before), frame(after)).frame.iloc[0]
    for name in FACTORS:
        assert got[name] == pytest.approx(float(expected[name]), rel=1e-12, abs=1e-15), name
    assert got["change"] == pytest.approx(float(sum(expected.values())), rel=1e-12)


def test_two_factors_by_hand():
    # v = a * b from 2 x 3 to 5 x 7: a first moves 9, last 21; b first 8, last 20.
    value = lambda f: f["a"] * f["b"]  # noqa: E731
    parts = shapley(value, {"a": np.array([2.0]), "b": np.array([3.0])}, {"a": np.array([5.0]), "b": np.array([7.0])})
    assert (parts["a"][0], parts["b"][0]) == (15.0, 14.0)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(ROW, ROW), min_size=1, max_size=6), st.lists(st.sampled_from(FACTORS), unique=True))
def test_sums_to_the_change_and_gives_nothing_to_what_did_not_move(pairs, still):
    before, after = frame(*(a for a, _ in pairs)), frame(*(b for _, b in pairs))
    after[still] = before[still]
    got = attribute(before, after).frame
    scale = np.maximum(got[["before", "after"]].abs().max(axis=1), got[list(FACTORS)].abs().max(axis=1))
    assert (got[list(FACTORS)].sum(axis=1) - got["change"]).abs().le(4e-15 * scale + 1e-18).all()
    assert (got[still] == 0.0).all().all()
    back = attribute(after, before).frame
    np.testing.assert_allclose(back[list(FACTORS)], -got[list(FACTORS)], rtol=1e-9, atol=1e-12 * scale.max())


def test_a_company_that_one_side_does_not_know_has_a_reason_and_no_parts():
    before = frame((10.0, 1e6, 0.0, 0.0, 0.0, 0.0, 100.0), (10.0, 1e6, 0.0, np.nan, 0.0, 0.0, 100.0))
    after = frame((11.0, 1e6, 0.0, 0.0, 0.0, 0.0, 0.0), (11.0, 1e6, 0.0, 0.0, 0.0, 0.0, 100.0))
    after.loc["NEW"] = after.iloc[0]
    got = attribute(before, after)
    assert got.frame["cause"].to_dict() == {"T0": "no MW now", "T1": "cash unknown before"}
    assert got.frame[list(FACTORS)].isna().all().all()
    assert got.main_factor.isna().all()


def test_the_factors_are_the_bridge_and_the_denominator():
    from screener import point_in_time, universes
    from valuation.assumptions import Assumptions, Bridge
    from valuation.fundamentals import company_metrics
    from valuation.groups import RULES

    data = InputData.of(universes.load("miners"))
    dates = data.weeks(pd.Timestamp("2024-01-01"), pd.Timestamp("2026-12-31"))[::7]
    inputs, _ = point_in_time.as_of_view(data, dates, Assumptions())
    valued = company_metrics.value(inputs, Assumptions(), Bridge(), RULES["share20"])
    table = valued.table
    factors = drivers(valued.bridge, table["secured_mw"])
    ours = ev_per_mw({name: factors[name].to_numpy() for name in FACTORS})
    known_rows = table["ev_per_mw_secured"].notna() & (table["enterprise_value_usd"] > 0)
    assert known_rows.sum() > 150
    np.testing.assert_allclose(ours[known_rows], table["ev_per_mw_secured"][known_rows], rtol=1e-12)
