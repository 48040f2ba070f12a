"""Matrix products in pieces."""

from __future__ import annotations

import numpy as np
import pytest

from valuation.sums import product


@pytest.mark.parametrize("shape", [(80, 22, 1000), (3, 500, 700), (9999, 13, 2), (1, 1, 1), (5, 0, 4), (0, 3, 2)])
def test_a_product_in_pieces_is_the_product(shape):
    rng = np.random.default_rng(1)
    rows, inner, columns = shape
    a, b = rng.normal(size=(rows, inner)), rng.normal(size=(inner, columns))
    np.testing.assert_allclose(product(a, b), a @ b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(product(a, b.T.copy().T), a @ b, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(product(a, b[:, 0]), a @ b[:, 0], rtol=1e-12, atol=1e-12)
