"""Ratios between groups against scipy's bootstrap, brute force and each other."""

from __future__ import annotations

from inspect import signature
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.gap import permutation, ratios


def plain_level(value: np.ndarray, mw: np.ndarray, statistic: str) -> float:
    if statistic == "median":
        return float(np.median(value / mw))
    if statistic == "geometric_mean":
        return float(np.exp(np.log(value / mw).mean()))
    return float(value.sum() / mw.sum())


@pytest.fixture
def section() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    rng = np.random.default_rng(7)
    first = np.arange(13) < 6
    mw = rng.uniform(200, 3000, 13)
    return mw * np.exp(rng.normal(0.5 + first, 0.5)), mw, first


def intervals(value, mw, first, statistic, draws=4999):
    return ratios.bootstrap_ratios(value, mw, first, statistic, draws=draws, level=0.95, seed=1)


@pytest.mark.parametrize("statistic", ratios.STATISTICS)
def test_interval_agrees_with_scipys_bca(section, statistic):
    from scipy.stats import bootstrap

    value, mw, first = section

    def log_ratio(i, j, axis=-1):
        def level(at):
            v, m = value[at], mw[at]
            if statistic == "median":
                return np.log(np.median(v / m, axis=axis))
            if statistic == "geometric_mean":
                return np.log(v / m).mean(axis=axis)
            return np.log(v.sum(axis=axis) / m.sum(axis=axis))

        return level(i.astype(int)) - level(j.astype(int))

    seeded = "rng" if "rng" in signature(bootstrap).parameters else "random_state"  # renamed in scipy 1.15
    theirs = bootstrap(
        (np.flatnonzero(first), np.flatnonzero(~first)), log_ratio, n_resamples=20000, method="BCa",
        vectorized=True, **{seeded: np.random.default_rng(3)},
    ).confidence_interval  # fmt: skip
    mine = intervals(value[None], mw[None], first[None], statistic, draws=20000)
    # A bootstrapped median takes few values, so its quantiles jump; the smooth statistics agree closely.
    tolerance = 0.12 if statistic == "median" else 0.03
    assert np.log(mine.low[0]) == pytest.approx(theirs.low, abs=tolerance)
    assert np.log(mine.high[0]) == pytest.approx(theirs.high, abs=tolerance)
    expected = plain_level(value[first], mw[first], statistic) / plain_level(value[~first], mw[~first], statistic)
    assert mine.ratio[0] == pytest.approx(expected)


@pytest.mark.parametrize("statistic", ratios.STATISTICS)
def test_many_at_once_equal_one_at_a_time(statistic):
    rng = np.random.default_rng(2)
    value = np.where(rng.random((60, 10)) < 0.8, np.exp(rng.normal(size=(60, 10))), np.nan)
    mw, first = np.exp(rng.normal(size=(60, 10))), rng.random((60, 10)) < 0.5
    together = intervals(value, mw, first, statistic, draws=199)
    alone = [intervals(value[i : i + 1], mw[i : i + 1], first[i : i + 1], statistic, draws=199) for i in range(60)]
    for name in ("ratio", "low", "high"):
        np.testing.assert_allclose(getattr(together, name), [getattr(a, name)[0] for a in alone], rtol=1e-12)


@pytest.mark.parametrize("statistic", ratios.STATISTICS)
def test_permutation_p_is_the_share_of_every_labelling(section, statistic):
    value, mw, first = (part[:9] for part in section)

    def gap(chosen: np.ndarray) -> float:
        return abs(np.log(plain_level(value[chosen], mw[chosen], statistic)
                          / plain_level(value[~chosen], mw[~chosen], statistic)))  # fmt: skip

    labellings = [np.isin(np.arange(9), list(c)) for c in combinations(range(9), int(first.sum()))]
    expected = np.mean([gap(chosen) >= gap(first) - 1e-9 for chosen in labellings])
    mine = permutation.permutation_ratios(value[None], mw[None], first[None], statistic, draws=99, seed=1)
    assert mine.p_value[0] == pytest.approx(expected)
    assert mine.exact[0]


def test_a_drawn_median_is_the_median_of_the_drawn_members():
    rng = np.random.default_rng(3)
    for size in (2, 5, 6):
        value = np.sort(rng.uniform(1, 9, (4, size)), axis=1)
        picks = np.sort(rng.integers(0, size, (50, size)), axis=1)
        drawn = np.exp(
            ratios.drawn_levels(value, np.ones_like(value), "median", ratios.Resamples(picks, value.shape[1]))
        )
        np.testing.assert_allclose(drawn, np.median(value[:, picks], axis=2))


def test_an_empty_group_has_no_ratio_and_a_single_member_no_interval():
    value = np.array([[2.0, 4.0, np.nan], [2.0, 4.0, 6.0]])
    first = np.array([[True, True, False], [True, False, False]])
    out = intervals(value, np.ones((2, 3)), first, "median", draws=99)
    assert np.isnan(out.ratio[0])
    assert out.ratio[1] == pytest.approx(0.4)
    assert np.isnan(out.low).all()
    p = permutation.permutation_ratios(value, np.ones((2, 3)), first, "median", draws=99, seed=1).p_value
    assert np.isnan(p[0])
    assert p[1] == pytest.approx(1 / 3)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 1000))
def test_ratios_scale_as_they_should(seed, factor):
    rng = np.random.default_rng(seed)
    value, mw, first = np.exp(rng.normal(size=(1, 9))), np.exp(rng.normal(size=(1, 9))), np.arange(9)[None] < 4
    for statistic in ratios.STATISTICS:
        base = intervals(value, mw, first, statistic, draws=99)
        same = intervals(value * factor, mw * factor, first, statistic, draws=99)
        scaled = intervals(np.where(first, value * factor, value), mw, first, statistic, draws=99)
        np.testing.assert_allclose([same.low, same.ratio, same.high], [base.low, base.ratio, base.high], rtol=1e-6)
        np.testing.assert_allclose(scaled.ratio, factor * base.ratio, rtol=1e-6)


def test_without_each_is_the_ratio_without_it(section):
    value, mw, first = section
    out = ratios.without_each(value, mw, first, "median")
    kept = np.arange(13) != 2
    expected = np.median((value / mw)[kept & first]) / np.median((value / mw)[kept & ~first])
    assert out[2] == pytest.approx(expected)
    assert np.isfinite(out).all()


def one(value, mw, first, statistic="median", null=1.0):
    out = permutation.permutation_ratios(value[None], mw[None], first[None], statistic, draws=99, seed=1, null=null)
    return float(out.p_value[0])


def test_a_null_ratio_is_tested_on_values_divided_by_it(section):
    value, mw, first = section
    scaled = np.where(first, value / 2.0, value)
    assert one(value, mw, first, null=2.0) == one(scaled, mw, first)
    own = plain_level(value[first], mw[first], "median") / plain_level(value[~first], mw[~first], "median")
    assert one(value, mw, first, null=own) == 1.0


@pytest.mark.parametrize("statistic", ratios.STATISTICS)
def test_interval_ends_are_where_the_permutation_test_turns(section, statistic):
    value, mw, first = section
    low, high = permutation.permutation_interval(value, mw, first, statistic, level=0.95, draws=99, seed=1)
    for end, inwards in ((low, 1.0), (high, -1.0)):
        assert one(value, mw, first, statistic, end * (1 + inwards * 1e-6)) > 0.05
        assert one(value, mw, first, statistic, end * (1 - inwards * 1e-6)) <= 0.05
    assert (low > 1 or high < 1) == (one(value, mw, first, statistic) <= 0.05)


def test_the_test_of_six_companies_by_hand():
    # 10, 20, 30 against 1, 2, 3: medians 20 and 2. Of 20 labellings four part the medians as far: the true one, the one
    # that swaps 10 and 3 (medians 20 and 2 again), and the two mirror images.
    value = np.array([10.0, 20.0, 30.0, 1.0, 2.0, 3.0])
    first = np.arange(6) < 3
    assert one(value, np.ones(6), first) == pytest.approx(4 / 20)
    at_95 = permutation.permutation_interval(value, np.ones(6), first, "median", level=0.95, draws=99, seed=1)
    assert at_95 == (0.0, np.inf)  # 20 labellings cannot give a p of 5%
    low, high = permutation.permutation_interval(value, np.ones(6), first, "median", level=0.75, draws=99, seed=1)
    assert 1 < low < 10 < high


def test_the_smallest_p_is_one_labelling_of_all():
    assert permutation.smallest_p(10, 2) == pytest.approx(1 / 66)
    value, first = np.r_[np.full(10, 50.0) + np.arange(10), 1.0, 2.0], np.arange(12) < 10
    assert one(value, np.ones(12), first) >= permutation.smallest_p(10, 2)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 1000), st.sampled_from(ratios.STATISTICS))
def test_swapping_the_labels_inverts_the_ratio_and_keeps_p(seed, factor, statistic):
    rng = np.random.default_rng(seed)
    size = int(rng.integers(5, 10))
    value, mw = np.exp(rng.normal(size=size)), np.exp(rng.normal(size=size))
    first = np.arange(size) < int(rng.integers(2, size - 1))
    here = intervals(value[None], mw[None], first[None], statistic, draws=49).ratio[0]
    swapped = intervals(value[None], mw[None], ~first[None], statistic, draws=49).ratio[0]
    assert swapped == pytest.approx(1 / here)
    p = one(value, mw, first, statistic)
    assert 0 < p <= 1
    assert one(value, mw, ~first, statistic) == pytest.approx(p)
    assert one(value * factor, mw, first, statistic) == pytest.approx(p)


@pytest.mark.parametrize("size", [2, 3, 8, 9, 40])
def test_a_level_without_each_member_is_the_level_of_the_others(size):
    rng = np.random.default_rng(size)
    value, mw = np.exp(rng.normal(size=(3, size))), np.exp(rng.normal(size=(3, size)))
    order = np.argsort(value / mw, axis=1)
    value, mw = (np.take_along_axis(each, order, axis=1) for each in (value, mw))
    for statistic in ratios.STATISTICS:
        plain = [
            ratios.log_level(np.delete(value, i, axis=1), np.delete(mw, i, axis=1), statistic) for i in range(size)
        ]
        found = ratios._levels_without_each(value, mw, statistic)
        np.testing.assert_array_equal(found, np.stack(plain, axis=1))


def test_statistics_that_share_their_draws_are_each_its_own():
    rng = np.random.default_rng(8)
    value, mw = np.exp(rng.normal(size=(4, 11))), np.exp(rng.normal(size=(4, 11)))
    value[1, 3], first = np.nan, np.arange(11) < np.array([[4], [4], [1], [6]])
    together = ratios.bootstrap_statistics(value, mw, first, ratios.STATISTICS, draws=99, level=0.9, seed=1)
    tested = permutation.permutation_statistics(value, mw, first, ratios.STATISTICS, draws=99, seed=1)
    for statistic in ratios.STATISTICS:
        alone = ratios.bootstrap_ratios(value, mw, first, statistic, draws=99, level=0.9, seed=1)
        for name in ("ratio", "low", "high"):
            np.testing.assert_array_equal(getattr(together[statistic], name), getattr(alone, name))
        p = permutation.permutation_ratios(value, mw, first, statistic, draws=99, seed=1)
        np.testing.assert_array_equal(tested[statistic].p_value, p.p_value)


def test_counts_of_a_draw_are_how_often_each_member_is_taken():
    picks = np.sort(np.random.default_rng(4).integers(0, 300, (250, 300)), axis=1)
    counts = ratios.Resamples(picks, 300).counts
    np.testing.assert_array_equal(counts, [np.bincount(row, minlength=300) for row in picks])


def jackknife_acceleration(groups: list[tuple[np.ndarray, np.ndarray]], statistic: str) -> float:
    """Efron 1987 for two samples, member by member: sum of cubed influences over n^3, by sums of squares over n^2."""
    cubes = squares = 0.0
    for sign, (value, mw) in zip((1, -1), groups, strict=True):
        n = len(value)
        without = [np.log(plain_level(np.delete(value, i), np.delete(mw, i), statistic)) for i in range(n)]
        for left in without:
            influence = sign * (n - 1) * (sum(without) / n - left)
            cubes += influence**3 / n**3
            squares += influence**2 / n**2
    return cubes / (6 * squares**1.5) if squares else 0.0


@pytest.mark.parametrize("statistic", ratios.STATISTICS)
@pytest.mark.parametrize("sizes", [(3, 9), (7, 4), (6, 6), (2, 3)])
def test_acceleration_is_that_of_an_explicit_jackknife(sizes, statistic):
    rng = np.random.default_rng(11)
    first = np.arange(sum(sizes)) < sizes[0]
    value, mw = np.exp(rng.exponential(1.5, (2, sum(sizes)))), np.exp(rng.normal(size=(2, sum(sizes))))
    (block,) = ratios.blocks(value, mw, np.tile(first, (2, 1)))
    found = ratios._acceleration(block, statistic)
    expected = [
        jackknife_acceleration([(v[mask], m[mask]) for mask in (first, ~first)], statistic)
        for v, m in zip(value, mw, strict=True)
    ]
    assert found.tolist() == pytest.approx(expected, rel=1e-12, abs=1e-15)
    assert statistic == "median" or max(map(abs, expected)) > 0.01


def test_equal_members_have_no_acceleration_and_an_interval_of_one_point():
    value, first = np.full((1, 4), 3.0), np.array([[True, True, False, False]])
    (block,) = ratios.blocks(value, np.ones((1, 4)), first)
    assert ratios._acceleration(block, "geometric_mean").tolist() == [0.0]
    out = intervals(value, np.ones((1, 4)), first, "geometric_mean", draws=50)
    assert (out.low[0], out.ratio[0], out.high[0]) == pytest.approx((1.0, 1.0, 1.0))


@pytest.mark.parametrize("sizes", [(2, 2), (2, 5), (3, 2), (3, 3)])
def test_groups_of_two_and_three_have_an_interval_around_their_ratio(sizes):
    rng = np.random.default_rng(5)
    value, first = np.exp(rng.normal(size=(1, sum(sizes)))), np.arange(sum(sizes))[None] < sizes[0]
    for statistic in ratios.STATISTICS:
        out = intervals(value, np.ones_like(value), first, statistic, draws=999)
        assert np.isfinite([out.low[0], out.high[0]]).all()
        assert out.low[0] < out.high[0]


@pytest.mark.parametrize(("level", "acceleration"), [(0.95, 0.0), (0.95, 0.08), (0.8, -0.1), (0.5, 0.05)])
def test_ends_of_the_corrected_interval_by_the_formula(level, acceleration):
    """DiCiccio and Efron 1996, equation 3.2, one number at a time; draws equal to the estimate count half."""
    from statistics import NormalDist

    drawn = np.array([-0.4, -0.1, 0.0, 0.1, 0.1, 0.1, 0.3, 0.5, 0.9, 1.4, 2.0])
    centre, normal = 0.1, NormalDist()
    bias = normal.inv_cdf((3 + 0.5 * 3) / 11)
    expected = []
    for part in ((1 - level) / 2, (1 + level) / 2):
        z = bias + normal.inv_cdf(part)
        expected.append(np.quantile(drawn, normal.cdf(bias + z / (1 - acceleration * z))))
    low, high = ratios._bca(np.random.default_rng(0).permutation(drawn)[None].copy(), np.array([centre]),
                            np.array([acceleration]), level)  # fmt: skip
    assert [low[0], high[0]] == pytest.approx(expected, rel=1e-12)


def test_an_estimate_beyond_all_draws_takes_the_last_draw_and_no_infinite_correction():
    drawn = np.arange(100.0)[None]
    for centre, near in ((-5.0, 0.0), (200.0, 99.0)):
        ends = ratios._bca(drawn.copy(), np.array([centre]), np.zeros(1), 0.95)
        assert np.isfinite(ends).all()
        assert abs(ends[0 if near == 0.0 else 1][0] - near) < 3


def test_ties_within_rounding_count_half():
    drawn = np.array([[0.9, 1.0, 1.0, 1.1]])
    exact, rounded = (ratios._bca(one.copy(), np.ones(1), np.zeros(1), 0.5) for one in (drawn, drawn * (1 + 1e-13)))
    assert np.ravel(exact).tolist() == pytest.approx(np.ravel(rounded).tolist(), rel=1e-9)


def test_no_interval_where_either_group_is_empty_or_unknown():
    value, known = np.array([2.0, 4.0, 3.0]), {"level": 0.75, "draws": 99, "seed": 1}
    for first in (np.zeros(3, dtype=bool), np.ones(3, dtype=bool)):
        ends = permutation.permutation_interval(value, np.ones(3), first, "median", **known)
        assert np.isnan(ends).all()
    unknown = np.array([2.0, 4.0, np.nan])
    ends = permutation.permutation_interval(unknown, np.ones(3), np.array([True, True, False]), "median", **known)
    assert np.isnan(ends).all()
