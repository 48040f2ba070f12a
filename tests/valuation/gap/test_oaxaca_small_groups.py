"""A decomposition needs more companies than coefficients in either group, and traits that differ within it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.gap.oaxaca_blinder import oaxaca_blinder


def sample(pivots: int, miners: int, flat: str = "") -> pd.DataFrame:
    rng = np.random.default_rng(1)
    n = pivots + miners
    frame = pd.DataFrame({"y": rng.normal(size=n), "a": rng.normal(size=n), "pivot": np.arange(n) < pivots})
    if flat:
        frame.loc[frame["pivot"] == (flat == "pivot"), "a"] = 1.0
    return frame


@pytest.mark.parametrize(
    ("pivots", "miners", "told"), [(2, 9, "2 companies in the AI group"), (9, 2, "2 companies in the mining group")]
)
def test_as_many_companies_as_coefficients_are_too_few_in_either_group(pivots, miners, told):
    with pytest.raises(NotEstimable, match=told):
        oaxaca_blinder(sample(pivots, miners), "y", ["a"], "pivot")
    found = oaxaca_blinder(sample(max(pivots, 3), max(miners, 3)), "y", ["a"], "pivot")
    assert np.isfinite(found.explained)
    assert (found.n_pivot, found.n_bitcoin, found.n, found.df) == (max(pivots, 3), max(miners, 3), 12, 11)


@pytest.mark.parametrize(("flat", "told"), [("pivot", "AI group"), ("mining", "mining group")])
def test_a_trait_that_does_not_differ_within_a_group(flat, told):
    with pytest.raises(NotEstimable, match=f"collinear within the {told}"):
        oaxaca_blinder(sample(6, 6, flat), "y", ["a"], "pivot")
