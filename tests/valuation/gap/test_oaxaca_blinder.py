"""Oaxaca-Blinder against statsmodels' own."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.gap.oaxaca_blinder import oaxaca_blinder


@pytest.fixture
def sample() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    pivot = np.arange(24) % 2 == 0
    ln_mw = rng.normal(7, 0.6, 24) + 0.4 * pivot
    operating = rng.uniform(0, 1, 24)
    y = 0.5 + 0.9 * pivot - 0.3 * ln_mw + 0.4 * operating + rng.normal(0, 0.3, 24)
    return pd.DataFrame({"y": y, "ln_mw": ln_mw, "operating": operating, "pivot": pivot})


def test_agrees_with_statsmodels(sample):
    from statsmodels.stats.oaxaca import OaxacaBlinder

    mine = oaxaca_blinder(sample, "y", ["ln_mw", "operating"], "pivot")
    design = sample[["ln_mw", "operating"]].assign(const=1.0, pivot=sample["pivot"].astype(float))
    theirs = OaxacaBlinder(sample["y"].to_numpy(), design, "pivot", hasconst=True, swap=False)
    # statsmodels names its groups by position; a negative difference only means that it counted the other way.
    pooled = theirs.two_fold(two_fold_type="pooled").params
    sign = np.sign(pooled[-1] * mine.difference)
    unexplained, explained, gap = (sign * value for value in pooled)
    assert mine.difference == pytest.approx(gap, abs=1e-10)
    assert mine.explained == pytest.approx(explained, abs=1e-10)
    assert mine.unexplained == pytest.approx(unexplained, abs=1e-10)


def test_parts_sum_to_the_difference(sample):
    out = oaxaca_blinder(sample, "y", ["ln_mw", "operating"], "pivot")
    assert out.endowments + out.coefficients + out.interaction == pytest.approx(out.difference)
    assert out.explained + out.unexplained == pytest.approx(out.difference)
    assert out.by_trait.sum() == pytest.approx(out.explained)


def test_too_small_or_collinear_groups_are_told(sample):
    with pytest.raises(NotEstimable, match="2 companies in the AI group, more than 3 needed"):
        oaxaca_blinder(sample.iloc[[0, 2, *range(1, 24, 2)]], "y", ["ln_mw", "operating"], "pivot")
    with pytest.raises(NotEstimable, match="collinear"):
        oaxaca_blinder(sample.assign(double=2 * sample["ln_mw"]), "y", ["ln_mw", "double"], "pivot")
