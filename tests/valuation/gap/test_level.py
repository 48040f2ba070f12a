"""The level of the rank-sum interval, at its bounds."""

from __future__ import annotations

import numpy as np
import pytest

from valuation.errors import InvalidInput
from valuation.gap.hodges_lehmann import hodges_lehmann

FIRST, SECOND = np.array([4.0, 5.0, 6.0, 7.0]), np.array([1.0, 2.0, 3.0])


@pytest.mark.parametrize("level", [0.0, 0.5, 1.0, 1.5, float("nan")])
def test_a_level_at_or_beyond_its_bounds_is_refused(level):
    with pytest.raises(InvalidInput, match=r"between 0\.5 and 1"):
        hodges_lehmann(FIRST, SECOND, level=level)


@pytest.mark.parametrize("level", [0.51, 0.99])
def test_a_level_between_them_is_taken(level):
    found = hodges_lehmann(FIRST, SECOND, level=level)
    assert found.low <= found.ratio <= found.high
