"""Trend and break of a gap series against statsmodels and planted answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.history import level_break, trend

WEEKS = pd.date_range("2024-01-05", periods=120, freq="7D")


def test_trend_agrees_with_statsmodels_newey_west():
    from statsmodels.regression.linear_model import OLS

    rng = np.random.default_rng(3)
    gap = pd.Series(np.exp(0.2 * np.arange(120) / 52 + rng.normal(0, 0.1, 120)), index=WEEKS)
    mine = trend(gap)
    years = (WEEKS - WEEKS[0]).days.to_numpy() / 365.25
    design = np.column_stack([np.ones(120), years])
    theirs = OLS(np.log(gap.to_numpy()), design).fit(
        cov_type="HAC", cov_kwds={"maxlags": mine.lags, "use_correction": True}, use_t=True
    )
    assert mine.slope == pytest.approx(theirs.params[1], rel=1e-10)
    assert mine.std_error == pytest.approx(theirs.bse[1], rel=1e-10)
    assert mine.p_value == pytest.approx(theirs.pvalues[1], rel=1e-8)


def test_a_planted_jump_is_found_at_its_date():
    rng = np.random.default_rng(4)
    level = np.where(np.arange(120) < 70, np.log(1.5), np.log(3.0))
    gap = pd.Series(np.exp(level + rng.normal(0, 0.05, 120)), index=WEEKS)
    found = level_break(gap, draws=199, seed=1)
    assert found.date == WEEKS[70]
    assert found.before == pytest.approx(1.5, rel=0.02)
    assert found.after == pytest.approx(3.0, rel=0.02)


def test_a_random_walk_is_no_break():
    rng = np.random.default_rng(8)
    p_values = [
        level_break(pd.Series(np.exp(np.cumsum(rng.normal(0, 0.05, 120))), index=WEEKS), draws=99, seed=i).p_value
        for i in range(40)
    ]
    assert np.mean(np.array(p_values) <= 0.05) < 0.3  # textbook critical values reject nearly always here


def test_too_few_dates_are_told():
    with pytest.raises(NotEstimable, match="at least 30"):
        trend(pd.Series([2.0] * 10, index=WEEKS[:10]))
