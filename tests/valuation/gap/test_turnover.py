"""What moved the gap, on hand-made weeks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.gap.specification_curve import CrossSections
from valuation.gap.turnover import PARTS, attribute

NAN = np.nan


def cross_sections(value, mw, pivot) -> CrossSections:
    value = np.asarray(value, dtype=float)
    labels = pd.DataFrame({"as_of": pd.date_range("2025-01-03", periods=len(value), freq="7D")})
    tickers = pd.Index([f"T{i}" for i in range(value.shape[1])])
    return CrossSections(
        labels, value, np.broadcast_to(np.asarray(mw, float), value.shape), np.asarray(pivot, bool), tickers
    )


def test_prices_megawatts_and_a_company_that_changes_group_by_hand():
    # Three pivots at 4 and three others at 1 per MW. Week 2: the pivots' EV doubles. Week 3: one pivot doubles its MW, so
    # the pivots' geometric mean is the cube root of 8 x 8 x 4 = 256. Week 4: one at 1 becomes a pivot, a fresh one at 1
    # takes its place: the fourth root of 256.
    value = [[4, 4, 4, 1, 1, 1, NAN], [8, 8, 8, 1, 1, 1, NAN], [8, 8, 8, 1, 1, 1, NAN], [8, 8, 8, 1, 1, 1, 1]]
    mw = [[1] * 7, [1] * 7, [2, *[1] * 6], [2, *[1] * 6]]
    first = [True] * 3 + [False] * 4
    last = [True] * 4 + [False] * 3
    out = attribute(cross_sections(value, mw, [first, first, first, last]))
    frame = np.exp(out.frame)
    assert np.exp(out.first_gap) == pytest.approx(4)
    assert frame["gap"].tolist() == pytest.approx([8, np.cbrt(256), 4])
    assert frame["enterprise_value"].tolist() == pytest.approx([2, 1, 1])
    assert frame["megawatts"].tolist() == pytest.approx([1, np.cbrt(1 / 2), 1])
    assert frame["membership"].tolist() == pytest.approx([1, 1, 4 / np.cbrt(256)])


def test_a_group_of_two_is_not_measured():
    value = [[4, 4, NAN, 1, 1, 1], [4, 4, 4, 1, 1, 1], [5, 5, 5, 1, 1, 1]]
    weeks = cross_sections(value, np.ones(6), [[True] * 3 + [False] * 3] * 3)
    out = attribute(weeks)
    assert out.first == weeks.labels["as_of"].iloc[1]
    assert len(out.frame) == 1
    assert attribute(weeks.where(np.array([True, True, False]))) is None


def test_a_week_in_which_one_company_or_nobody_stays_in_its_group():
    # Of the AI group A alone stays and doubles, of the miners D alone, at three times its value; in the third week the
    # AI group is another one altogether, and no change of value counts, though D doubles.
    nine = range(9)
    groups = [((0, 1, 2), (3, 4, 5)), ((0, 6, 7), (3, 1, 2)), ((4, 5, 8), (3, 1, 2))]
    value = np.full((3, 9), NAN)
    for week, (first, second) in enumerate(groups):
        value[week, [*first, *second]] = 1.0
    value[0, 0], value[1, 0], value[1, 3], value[2, 3] = 4.0, 8.0, 3.0, 6.0
    out = attribute(cross_sections(value, np.ones(9), [[i in first for i in nine] for first, _ in groups]))
    gap = [np.log(4) / 3, np.log(8) / 3 - np.log(3) / 3, -np.log(6) / 3]
    assert [out.first_gap, *out.frame["gap"]] == pytest.approx(gap)
    assert out.frame["enterprise_value"].tolist() == pytest.approx([np.log(2) - np.log(3), 0.0])
    assert out.frame["megawatts"].tolist() == [0.0, 0.0]
    assert out.frame["membership"].tolist() == pytest.approx([gap[1] - gap[0] - np.log(2 / 3), gap[2] - gap[1]])
    assert str(out).startswith(
        "Ratio of geometric means 1.59 on 2025-01-03, 0.55 on 2025-01-17: x 0.67 by enterprise values"
    )


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6))
def test_the_parts_add_up_to_the_change(seed):
    rng = np.random.default_rng(seed)
    value = np.where(rng.random((8, 12)) < 0.85, np.exp(rng.normal(size=(8, 12))), NAN)
    pivot = rng.random((8, 12)) < 0.5
    out = attribute(cross_sections(value, np.exp(rng.normal(size=(8, 12))), pivot))
    if out is not None:
        assert out.totals.sum() == pytest.approx(out.frame["gap"].iloc[-1] - out.first_gap)
        steps = np.diff(np.r_[out.first_gap, out.frame["gap"]])
        np.testing.assert_allclose(out.frame[list(PARTS)].sum(axis=1), steps, atol=1e-12)
