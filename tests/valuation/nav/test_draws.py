"""Correlated draws where one driver is another: the matrix is singular, and the draws are numbers all the same."""

from __future__ import annotations

import numpy as np
import pytest

from valuation.nav.monte_carlo import _correlated, _multiple


def test_draws_of_a_singular_matrix_are_finite_and_as_correlated_as_asked():
    matrix = np.array([[1.0, 1.0, 0.5], [1.0, 1.0, 0.5], [0.5, 0.5, 1.0]])
    assert np.linalg.eigvalsh(matrix).min() < 1e-12
    drawn = _correlated(np.random.default_rng(1), matrix, 20_000)
    assert np.isfinite(drawn).all()
    np.testing.assert_allclose(drawn[0], drawn[1], atol=1e-6)
    assert np.corrcoef(drawn)[0, 2] == pytest.approx(0.5, abs=0.02)
    # What rounding leaves below zero counts as zero.
    below = np.array([[1.0, 1.0 + 1e-9], [1.0 + 1e-9, 1.0]])
    assert np.isfinite(_correlated(np.random.default_rng(1), below, 10)).all()


def test_a_multiple_has_mean_one_and_none_moves_without_volatility():
    normal = np.random.default_rng(2).standard_normal(400_000)
    assert _multiple(normal, 0.4).mean() == pytest.approx(1.0, abs=0.005)
    assert (_multiple(normal, 0.0) == 1.0).all()
