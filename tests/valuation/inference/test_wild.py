"""The wild bootstrap at its bounds: how many observations have every sign enumerated, which weights are drawn, where an
interval ends."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pytest

from tests.valuation.inference.lines import LINE, STRAIGHT, sample, statsmodels_t
from valuation import inference
from valuation.inference.wild import WEBB, NullTests


@pytest.mark.parametrize(("n", "exact", "draws"), [(18, True, 2**18), (19, False, 9999)])
def test_all_signs_up_to_eighteen_observations(n, exact, draws):
    y, x = sample(n, 1)
    for out in (inference.wild_bootstrap(y, x, 1), inference.wild_bootstrap_interval(y, x, 1)):
        assert (out.exact, out.draws, out.seed) == (exact, draws, None if exact else 0)


def test_webbs_points_have_mean_zero_and_variance_one():
    half, one, more = 0.7071067811865476, 1.0, 1.224744871391589
    assert WEBB.tolist() == [-more, -one, -half, half, one, more]


def test_drawn_signs_are_those_of_a_statsmodels_loop():
    y, x = sample(20, 9, growing=True)
    drawn = np.random.default_rng(4).choice(WEBB, size=(99, 20))
    centred = y - y.mean()
    larger = sum(abs(statsmodels_t(y.mean() + signs * centred, x)) >= abs(statsmodels_t(y, x)) for signs in drawn)
    assert 0 < larger < 99
    assert inference.wild_bootstrap(y, x, 1, draws=99, seed=4).p_value == pytest.approx((1 + larger) / 100)


def test_no_other_signs_are_as_large_as_a_line_with_next_to_no_noise():
    # Of 128 sign vectors with one sign fixed none but the sample's own.
    design = np.column_stack([np.ones(8), LINE])
    assert inference.wild_bootstrap(STRAIGHT, design, 1).p_value == 1 / 128


@dataclass
class Stepped:
    """Draws whose p is given by the distance of a null from the estimate: the value of the last bound passed."""

    bounds: dict[float, int]

    def as_large(self, null: float, t_squared: float) -> int:
        away = abs(null - 3.0) / 2.0
        assert t_squared == pytest.approx(away**2)
        return next(count for (_, count), (bound, _) in pairwise([*self.bounds.items(), (np.inf, 0)]) if away < bound)

    def __len__(self) -> int:
        return 100


def end(bounds: dict[float, int], level: float = 0.9) -> tuple[float, float]:
    """Ends in standard errors from the estimate 3, of standard error 2; p in percent."""
    low, high = NullTests(3.0, 2.0, lambda: [Stepped({0.0: 80} | bounds)], exact=True).interval(level)
    return (3.0 - low) / 2, (high - 3.0) / 2


@pytest.mark.parametrize(
    ("bounds", "expected"),
    [
        ({2.5: 5}, 2.5), ({0.01: 5}, 0.01), ({0.9: 5, 1.1: 20, 3.0: 5}, 0.9),  # found at one standard error
        ({1.9: 5, 2.1: 20, 5.0: 5}, 1.9),  # and at two
        ({1.9: 10, 2.1: 20, 3.0: 5}, 1.9), ({2.2: 10, 3.0: 5}, 2.2),  # a p of exactly the size is rejected
        ({9000.0: 5}, 9000.0), ({9999.5: 5}, 9999.5), ({10_000.5: 5}, np.inf), ({}, np.inf),
    ],
)  # fmt: skip
def test_an_interval_ends_at_the_first_null_found_rejected(bounds, expected):
    assert end(bounds) == pytest.approx((expected, expected), rel=1e-8)


def test_an_interval_may_end_within_a_standard_error():
    assert end({0.4: 40, 2.5: 5}, level=0.5) == pytest.approx((0.4, 0.4), rel=1e-8)
