"""Information coefficients by scipy's Spearman, with and without enough names."""

from __future__ import annotations

import numpy as np
import pytest

from valuation.screening.information_coefficient import effective_names, information

NAN = np.nan


@pytest.mark.parametrize(("known", "told"), [(7, True), (5, True), (4, False), (0, False)])
def test_five_names_are_needed_and_enough(known, told):
    from scipy.stats import spearmanr

    rng = np.random.default_rng(known)
    score, forward = rng.normal(size=7), rng.normal(size=7)
    score[known:] = NAN
    found = information(score[None], forward[None])[0]
    expected = spearmanr(score[:known], forward[:known]).statistic if told else NAN
    assert found == pytest.approx(expected, nan_ok=True)
    other = forward.copy()
    other[known:], score = NAN, rng.normal(size=7)
    assert np.isnan(information(score[None], other[None])[0]) == (not told)


def test_a_name_that_misses_a_return_is_still_a_name():
    returns = np.random.default_rng(6).normal(size=(2000, 3))
    returns[0, 1] = NAN
    assert effective_names(returns) == pytest.approx(3, abs=0.05)


@pytest.mark.parametrize(("shared", "known"), [(26, True), (25, False)])
def test_two_names_need_26_returns_in_common(shared, known):
    returns = np.random.default_rng(6).normal(size=(40, 2))
    returns[shared:, 1] = NAN
    assert np.isnan(effective_names(returns)) == (not known)


def test_ties_take_midranks_and_a_score_that_never_differs_has_no_coefficient():
    assert information(np.ones((1, 6)), np.arange(6.0)[None]).tolist() == pytest.approx([NAN], nan_ok=True)
    tied = np.array([[1.0, 1.0, 2.0, 3.0, 3.0]])
    # Midranks 1.5, 1.5, 3, 4.5, 4.5 against 1 to 5: covariance 9, variances 9 and 10.
    assert information(tied, np.arange(5.0)[None])[0] == pytest.approx(9 / np.sqrt(90))
