"""Amounts spread over contracts: in proportion, and no more than each can take."""

from __future__ import annotations

import numpy as np
import pytest

from valuation.nav.held import _spread


@pytest.mark.parametrize(
    ("amount", "expected"),
    [(0.0, [0.0, 0.0]), (20.0, [15.0, 5.0]), (40.0, [30.0, 10.0]), (99.0, [30.0, 10.0])],
)
def test_an_amount_over_two_contracts_of_30_and_10(amount, expected):
    found = _spread(np.array([amount, 7.0]), np.array([30.0, 10.0, 0.0]), np.array([0, 0, 1]))
    assert found.tolist() == [*expected, 0.0]  # the other company's contract can take nothing
