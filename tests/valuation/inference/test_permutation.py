"""Freedman and Lane's permutations at their bounds: how many observations are enumerated, and what is drawn beyond."""

from __future__ import annotations

import numpy as np
import pytest

from tests.valuation.inference.lines import LINE, STRAIGHT, sample, statsmodels_t
from valuation import inference
from valuation.inference import permutation


@pytest.mark.parametrize(("n", "exact", "draws"), [(7, True, 5040), (8, False, 9999)])
def test_all_permutations_up_to_seven_observations(n, exact, draws):
    y, x = sample(n, 1)
    out = inference.permutation_freedman_lane(y, x[:, 1], x[:, :1])
    assert (out.exact, out.draws, out.seed) == (exact, draws, None if exact else 0)


def test_drawn_permutations_are_those_of_a_loop_however_many_at_a_time(monkeypatch):
    y, x = sample(9, 2)
    drawn = np.random.default_rng(3).permuted(np.tile(np.arange(9), (95, 1)), axis=1)
    centred = y - y.mean()
    larger = sum(abs(statsmodels_t(y.mean() + centred[order], x)) >= abs(statsmodels_t(y, x)) for order in drawn)
    assert 5 < larger < 95
    six, given = sample(6, 5)
    every = inference.permutation_freedman_lane(six, given[:, 1], given[:, :1])
    for chunk in (permutation.CHUNK_BYTES, 8 * 9 * 10):
        monkeypatch.setattr(permutation, "CHUNK_BYTES", chunk)
        out = inference.permutation_freedman_lane(y, x[:, 1], x[:, :1], draws=95, seed=3)
        assert out.p_value == pytest.approx((1 + larger) / 96)
        assert inference.permutation_freedman_lane(six, given[:, 1], given[:, :1]) == every


def test_no_other_order_is_as_large_as_a_line_with_next_to_no_noise():
    shuffled = inference.permutation_freedman_lane(STRAIGHT[:6], LINE[:6], np.ones((6, 1)))
    assert shuffled.p_value * 720 in (1, 2)  # itself, and reversed where noise allows
    lopsided = np.array([0.0, 1.0, 2.0, 3.0, 4.0, 40.0])
    one = inference.permutation_freedman_lane(lopsided + STRAIGHT[:6] - LINE[:6], lopsided, np.ones((6, 1)))
    assert one.p_value == pytest.approx(1 / 720)
