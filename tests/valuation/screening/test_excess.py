"""The excess of a portfolio is its return less the universe's, week by week."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.screening import backtest


def test_the_tested_excess_is_the_difference_of_returns():
    rng = np.random.default_rng(3)
    dates = pd.date_range("2024-01-05", periods=80, freq="7D")
    closes = pd.DataFrame(
        100 * np.exp(np.cumsum(rng.normal(0.02, 0.03, (80, 6)), axis=0)), index=dates, columns=list("ABCDEF")
    )
    member = pd.DataFrame(False, index=dates, columns=closes.columns)
    member[["A", "B"]] = True
    found = backtest.evaluate(
        closes, member, member.astype(float), member | True, benchmarks={}, horizons=(1,), trials=1, cost=0.0
    )
    returns = closes.pct_change(fill_method=None).iloc[2:]
    held, every = found.returns[backtest.NET], found.returns[backtest.UNIVERSE]
    np.testing.assert_allclose(every.iloc[-len(returns) :], returns.mean(axis=1))
    assert found.excess.mean == pytest.approx((held - every).mean())
    assert abs(found.excess.mean) < 0.5 * every.mean()
