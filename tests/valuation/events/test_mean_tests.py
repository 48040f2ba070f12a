"""The tests of a mean abnormal return, each with numbers worked by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.errors import NotEstimable
from valuation.events import bmp, corrado, cross_sectional_t, holm, kolari_pynnonen
from valuation.events.mean_tests import described, mean_pair_correlation, outcomes


def two_sided_t3(t: float) -> float:
    """Closed form of the two-sided p of Student's t with three degrees of freedom."""
    u = t / np.sqrt(3)
    return 1 - 2 / np.pi * (u / (1 + u**2) + np.arctan(u))


def test_bmp_of_four_events():
    # Mean 2.5, standard deviation sqrt(5/3): t = sqrt(15) = 3.8730 with 3 degrees of freedom.
    out = bmp(np.array([1.0, 2.0, 3.0, 4.0]))
    assert out.statistic == pytest.approx(np.sqrt(15))
    assert out.p_value == pytest.approx(two_sided_t3(np.sqrt(15)))
    assert out.p_value == pytest.approx(0.0305, abs=5e-5)
    assert (out.df, out.n) == (3, 4)


def test_kolari_pynnonen_shrinks_by_the_mean_correlation():
    # r = 0.25, n = 4: sqrt(0.75 / 1.75) = sqrt(3 / 7).
    values = np.array([1.0, 2.0, 3.0, 4.0])
    out = kolari_pynnonen(values, 0.25)
    assert out.statistic == pytest.approx(np.sqrt(15) * np.sqrt(3 / 7))
    assert out.p_value == pytest.approx(two_sided_t3(np.sqrt(45 / 7)))
    assert kolari_pynnonen(values, 0.0).statistic == bmp(values).statistic
    assert kolari_pynnonen(values, -0.4).statistic == bmp(values).statistic  # never more eager
    assert kolari_pynnonen(values, 1.0).p_value == pytest.approx(1.0)  # one event in effect


def test_corrado_of_three_events_and_four_days():
    # Ranks: A 1 2 3 4, B 2 1 4 3, C 3 1 2 4. Scores rank/5 - 1/2 sum by day to -0.3, -0.7, 0.3, 0.7; the event is the
    # last day: z = 0.7 / sqrt((0.09 + 0.49 + 0.09 + 0.49) / 4) = 1.29987, p = 0.1936 (normal table).
    returns = np.array([[0.01, 0.02, 0.03, 0.04], [0.0, -0.1, 0.2, 0.1], [0.3, 0.1, 0.2, 0.4]])
    out = corrado(returns, np.array([False, False, False, True]))
    assert out.statistic == pytest.approx(0.7 / np.sqrt(1.16 / 4))
    assert out.p_value == pytest.approx(0.1936, abs=1e-4)
    assert out.df is None


def test_corrado_over_two_days_is_cowans_sum():
    returns = np.array([[0.01, 0.02, 0.03, 0.04], [0.0, -0.1, 0.2, 0.1], [0.3, 0.1, 0.2, 0.4]])
    out = corrado(returns, np.array([False, False, True, True]))
    assert out.statistic == pytest.approx((0.3 + 0.7) / np.sqrt(2) / np.sqrt(1.16 / 4))


def test_corrado_lets_returns_be_missing():
    # Corrado & Zivney (1992): with one missing, A's ranks 1 2 3 are divided by 4.
    returns = np.array([[0.01, np.nan, 0.03, 0.04], [0.0, -0.1, 0.2, 0.1], [0.3, 0.1, 0.2, 0.4]])
    scores = np.array([[1 / 4, np.nan, 2 / 4, 3 / 4], [2 / 5, 1 / 5, 4 / 5, 3 / 5], [3 / 5, 1 / 5, 2 / 5, 4 / 5]]) - 0.5
    by_day = np.nansum(scores, axis=0) / np.sqrt([3, 2, 3, 3])
    expected = by_day[3] / np.sqrt((by_day**2).mean())
    assert corrado(returns, np.arange(4) == 3).statistic == pytest.approx(expected)


def test_pairs_count_by_the_part_of_the_window_that_they_share():
    correlation = np.array([[1.0, 0.5, 0.8], [0.5, 1.0, 0.4], [0.8, 0.4, 1.0]])
    # Windows of two steps at 0, 0 and 1: the pairs share all, half and half.
    assert mean_pair_correlation(correlation, np.array([0, 0, 1]), 2) == pytest.approx((0.5 + 0.4 + 0.2) / 3)
    # Far apart nothing is shared, whatever the residuals say; with one date for all it is the mean correlation.
    assert mean_pair_correlation(correlation, np.array([0, 9, 20]), 2) == 0.0
    assert mean_pair_correlation(correlation, np.array([5, 5, 5]), 2) == pytest.approx(1.7 / 3)


def test_holm_by_hand():
    # 0.01 x 3, 0.03 x 2, and 0.04 which may not fall below the one before.
    np.testing.assert_allclose(holm(np.array([0.04, 0.01, np.nan, 0.03])), [0.06, 0.03, np.nan, 0.06])
    np.testing.assert_allclose(holm(np.array([0.9, 0.8])), [1.0, 1.0])


@pytest.mark.parametrize("test", [bmp, cross_sectional_t, lambda v: kolari_pynnonen(v, 0.1)])
def test_two_events_or_equal_ones_are_told(test):
    with pytest.raises(NotEstimable, match="at least 4 events, there are 2"):
        test(np.array([1.0, 2.0]))
    with pytest.raises(NotEstimable, match="the same return"):
        test(np.array([0.5, 0.5, 0.5, 0.5]))


def test_equal_ranks_are_told():
    with pytest.raises(NotEstimable, match="all ranks are alike"):
        corrado(np.zeros((4, 6)), np.arange(6) == 5)
    with pytest.raises(NotEstimable, match="at least 3 events"):
        corrado(np.zeros((2, 6)), np.arange(6) == 5)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**6), st.floats(0.01, 100))
def test_scale_leaves_and_sign_turns_every_statistic(seed, factor):
    rng = np.random.default_rng(seed)
    values, returns, window = rng.normal(0.3, 1, 9), rng.normal(size=(6, 30)), np.arange(30) >= 28
    for test, sample in (
        (bmp, values),
        (lambda v: kolari_pynnonen(v, 0.2), values),
        (lambda r: corrado(r, window), returns),
    ):
        base = test(sample)
        assert test(factor * sample).statistic == pytest.approx(base.statistic)
        assert test(-sample).statistic == pytest.approx(-base.statistic)
        assert 0 <= base.p_value <= 1


def test_pairs_that_cannot_be_correlated_are_left_out_where_they_overlap_and_count_nothing_elsewhere():
    unknown = np.array([[1.0, np.nan, 0.6], [np.nan, 1.0, 0.2], [0.6, 0.2, 1.0]])
    assert mean_pair_correlation(unknown, np.array([0, 0, 0]), 1) == pytest.approx(0.4)
    assert mean_pair_correlation(unknown, np.array([0, 9, 0]), 1) == pytest.approx(0.6 / 3)
    assert mean_pair_correlation(np.full((2, 2), np.nan), np.array([4, 4]), 1) == 0.0
    assert mean_pair_correlation(np.ones((1, 1)), np.array([4]), 1) == 0.0


def test_a_correlation_above_one_is_one():
    assert kolari_pynnonen(np.array([1.0, 2.0, 3.0, 4.0]), 1.5).statistic == 0.0


def test_four_events_have_a_t_test_and_three_a_rank_test_and_fewer_say_how_many():
    with pytest.raises(NotEstimable, match="at least 4 events, there are 3"):
        cross_sectional_t(np.array([1.0, 2.0, 4.0]))
    with pytest.raises(NotEstimable, match="there is 1"):
        cross_sectional_t(np.array([1.0]))
    t = cross_sectional_t(np.array([-1.0, -2.0, -3.0, -4.0]))
    assert (t.statistic, t.p_value) == (pytest.approx(-np.sqrt(15)), pytest.approx(two_sided_t3(np.sqrt(15))))
    assert str(t) == "cross-sectional t: -3.87, p = 0.030 (t(3), n = 4)"
    ranks = corrado(np.array([[1.0, 2, 3], [2, 1, 3], [1, 3, 2]]), np.arange(3) == 2)
    assert ranks.n == 3
    assert str(ranks).endswith("(normal, n = 3)")


def test_steps_known_to_one_event_or_none():
    # The first step is known to nobody and takes no part, the second to one event alone.
    returns = np.array([[np.nan, 1.0, 2.0, 3.0], [np.nan, np.nan, 2.0, 1.0], [np.nan, np.nan, 1.0, 2.0]])
    scores = np.array([[1 / 4, 2 / 4, 3 / 4], [np.nan, 2 / 3, 1 / 3], [np.nan, 1 / 3, 2 / 3]]) - 0.5
    by_step = np.nansum(scores, axis=0) / np.sqrt([1, 3, 3])
    expected = by_step[2] / np.sqrt((by_step**2).mean())
    assert corrado(returns, np.arange(4) == 3).statistic == pytest.approx(expected)


def test_values_described_by_hand():
    assert described(np.array([0.0, 0.5, -1.0, 2.0])) == {"n": 4, "mean": 0.375, "median": 0.25, "positive": 0.5}
    assert described(np.array([0.7])) == {"n": 1, "mean": 0.7, "median": 0.7, "positive": 1.0}
    nothing = described(np.array([]))
    assert nothing["n"] == 0
    assert np.isnan([nothing["mean"], nothing["median"], nothing["positive"]]).all()


def test_tests_that_fail_for_one_reason_say_it_once():
    few = np.array([1.0, 2.0])
    found = outcomes(a=lambda: bmp(few), b=lambda: kolari_pynnonen(few, 0.1), c=lambda: bmp(np.array([1.0, 2, 3, 4])))
    assert found["note"] == "not meaningful: a test needs at least 4 events, there are 2"
    assert np.isnan([found["a"], found["a_p"], found["b"], found["b_p"]]).all()
    assert found["c"] == pytest.approx(np.sqrt(15))
    assert found["c_p"] == pytest.approx(0.0305, abs=5e-5)
