"""Cross-sectional statistics against pandas, and their invariants."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from valuation.screening import cross_section as xs

DATES, NAMES = 7, 40


@pytest.fixture(scope="module", params=["whole date", "sections"])
def market(request):
    """Values with ties and unknowns, sections that change with time and one name in none."""
    rng = np.random.default_rng(3)
    x = rng.normal(size=(DATES, NAMES)).round(1)
    x[rng.random(x.shape) < 0.15] = np.nan
    codes = None
    if request.param == "sections":
        codes = rng.integers(0, 3, x.shape)
        codes[:, 5] = -1
    flat = pd.DataFrame({"date": np.repeat(np.arange(DATES), NAMES), "x": x.ravel()})
    flat["code"] = 0 if codes is None else codes.ravel()
    flat.loc[flat["code"] < 0, "x"] = np.nan
    return x, xs.Sections(x.shape, codes), flat


def expect(market, function) -> np.ndarray:
    """What pandas makes of each cross-section."""
    _, _, flat = market
    return flat.groupby(["date", "code"])["x"].transform(function).to_numpy().reshape(DATES, NAMES)


def test_winsorise_as_pandas_quantile_and_clip(market):
    x, sections, _ = market
    expected = expect(market, lambda v: v.clip(v.quantile(0.1), v.quantile(0.9)))
    np.testing.assert_allclose(xs.winsorise(x, 0.1, sections), expected, rtol=1e-13)


def test_zscore_as_pandas_mean_and_std(market):
    x, sections, _ = market
    expected = expect(market, lambda v: (v - v.mean()) / v.std())
    np.testing.assert_allclose(xs.zscore(x, sections), expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("best", [1, -1])
def test_rank_as_pandas_min_rank(market, best):
    x, sections, _ = market
    expected = expect(market, lambda v: v.rank(ascending=best < 0, method="min"))
    np.testing.assert_array_equal(xs.rank(x, best=best, sections=sections), expected)


def test_pct_rank_as_pandas_average_rank(market):
    x, sections, _ = market
    expected = expect(market, lambda v: v.rank(pct=True))
    np.testing.assert_allclose(xs.pct_rank(x, sections), expected, rtol=1e-13)


@pytest.mark.parametrize("count", [-1, 0, 1, 5, 39, 40, 100])
def test_top_takes_the_highest_and_the_first_of_equals(market, count):
    x, _, flat = market
    whole = pd.Series(x.ravel()).groupby(flat["date"]).rank(ascending=False, method="first")
    expected = (whole <= count).to_numpy().reshape(DATES, NAMES)
    np.testing.assert_array_equal(xs.top(x, count), expected)


def test_equal_values_score_zero_and_two_names_score_nothing():
    x = np.array([[5.0, 5.0, 5.0, np.nan], [1.0, 2.0, np.nan, np.nan], [0.1] * 3 + [np.nan]])
    np.testing.assert_array_equal(xs.zscore(x), [[0, 0, 0, np.nan], [np.nan] * 4, [0, 0, 0, np.nan]])


@pytest.mark.parametrize("value", [0.0, 0.1, -0.1, -7.3, 1e-20])
def test_three_of_one_value_score_zero_whatever_its_sign(value):
    np.testing.assert_array_equal(xs.zscore(np.array([[value, np.nan, value, value]])), [[0, np.nan, 0, 0]])


def test_one_known_value_and_none_are_left_as_they_are():
    x = np.array([[np.nan, 5.0, np.nan], [np.nan] * 3, [1.0, 3.0, np.nan]])
    np.testing.assert_allclose(xs.winsorise(x, 0.1), [[np.nan, 5, np.nan], [np.nan] * 3, [1.2, 2.8, np.nan]])


def test_a_column_known_of_two_names_adds_nothing_to_a_composite():
    known, few = np.array([[1.0, 2.0, 3.0]]), np.array([[7.0, 9.0, np.nan]])
    np.testing.assert_allclose(xs.composite([known, few], [1, 5]), [[-1, 0, 1]])
    np.testing.assert_allclose(xs.composite([known, few], [1, 5], least_coverage=0.5), [[np.nan] * 3])


def test_a_composite_of_one_column_and_coverage_that_is_just_enough():
    a = np.array([[1.0, 2.0, 3.0, np.nan]])
    np.testing.assert_allclose(xs.composite([a], [-2]), [[1, 0, -1, np.nan]])
    b = np.array([[np.nan, np.nan, np.nan, 4.0]])
    np.testing.assert_allclose(xs.composite([a, b], [1, 1], least_coverage=0.5), [[-1, 0, 1, np.nan]])


def test_composite_by_hand():
    a = np.array([[1.0, 2.0, 3.0, np.nan, np.nan]])  # z-scores -1, 0, 1
    b = np.array([[30.0, np.nan, 10.0, 20.0, np.nan]])  # z-scores 1, -, -1, 0
    # weights 3 and -1: a alone carries 3 of 4, b alone 1 of 4
    half = xs.composite([a, b], [3, -1], least_coverage=0.5)
    np.testing.assert_allclose(half, [[-1.0, 0.0, 1.0, np.nan, np.nan]])
    np.testing.assert_allclose(xs.composite([a, b], [3, -1]), [[-1.0, 0.0, 1.0, 0.0, np.nan]], atol=1e-12)
    np.testing.assert_allclose(xs.composite([a, b], [1, 3]), [[0.5, 0.0, -0.5, 0.0, np.nan]], atol=1e-12)


def test_composite_is_the_weighted_mean_of_winsorised_zscores(market):
    x, sections, flat = market
    y = x[:, ::-1].copy()
    codes = flat["code"].to_numpy().reshape(DATES, NAMES)
    scores = [xs.zscore(xs.winsorise(v, 0.1, sections), sections) for v in (x, y)]
    weights = np.array([2.0, -1.0])[:, None, None]
    known = ~np.isnan(scores)
    carried = (np.abs(weights) * known).sum(axis=0)
    expected = np.where(carried >= 1.5, np.nansum(weights * scores, axis=0) / np.maximum(carried, 1.0), np.nan)
    found = xs.composite([x, y], [2, -1], tail=0.1, least_coverage=0.5, codes=codes)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-12)


def test_blocks_of_dates_change_nothing(monkeypatch):
    rng = np.random.default_rng(1)
    x, y = rng.normal(size=(2, 50, 30))
    eligible = rng.random((50, 30)) < 0.8
    whole = xs.composite([x, y], [1, 2], tail=0.05, eligible=eligible)
    chosen = xs.top(whole, 4)
    monkeypatch.setattr(xs, "BLOCK", 90)
    np.testing.assert_array_equal(xs.composite([x, y], [1, 2], tail=0.05, eligible=eligible), whole)
    np.testing.assert_array_equal(xs.top(whole, 4), chosen)
    assert np.isnan(whole[~eligible]).all()


VALUES = hnp.arrays(float, st.tuples(st.integers(1, 4), st.integers(3, 12)), elements=st.integers(-50, 50).map(float))


@given(VALUES, st.floats(0.5, 20), st.floats(-100, 100))
@settings(max_examples=100, deadline=None)
def test_scores_do_not_depend_on_units(x, scale, shift):
    np.testing.assert_allclose(xs.zscore(scale * x + shift), xs.zscore(x), atol=1e-7)
    np.testing.assert_array_equal(xs.rank(2.0 * x + 8.0), xs.rank(x))


@given(VALUES, st.integers(1, 12))
@settings(max_examples=100, deadline=None)
def test_top_has_the_asked_number_and_none_outside_is_higher(x, count):
    chosen = xs.top(x, count)
    for row, inside in zip(x, chosen, strict=True):
        assert inside.sum() == min(count, len(row))
        if not inside.all():
            assert row[inside].min() >= row[~inside].max()


@given(VALUES)
@settings(max_examples=60, deadline=None)
def test_a_date_knows_nothing_of_the_others(x):
    together = [f(x) for f in (xs.zscore, xs.rank, xs.pct_rank, lambda v: xs.winsorise(v, 0.1))]
    for i in range(len(x)):
        alone = [f(x[[i]]) for f in (xs.zscore, xs.rank, xs.pct_rank, lambda v: xs.winsorise(v, 0.1))]
        for whole, one in zip(together, alone, strict=True):
            np.testing.assert_array_equal(whole[[i]], one)
