"""The subsidy of a span by its days and by its heights."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener.sources.network.subsidy import minted, subsidy


def test_subsidy_by_day_and_by_height():
    spans = pd.DatetimeIndex(["2028-02-04", "2028-02-05", "2020-05-09", "2012-11-26"])
    none = pd.Series(dtype=float, index=pd.DatetimeIndex([]))
    found = subsidy(spans, spans + pd.Timedelta(days=7), none)
    one = subsidy(spans, spans + pd.Timedelta(days=7), pd.Series([1.0], index=pd.DatetimeIndex(["2026-01-01"])))
    np.testing.assert_array_equal(found, one)
    assert minted(np.array([0.0, 1.0, 210_000.0, 210_001.0, 420_000.0])).tolist() == [
        0.0, 50.0, 10_500_000.0, 10_500_025.0, 15_750_000.0,
    ]  # fmt: skip
    heights = pd.Series([1_049_000.0, 1_051_000.0], index=pd.DatetimeIndex(["2028-04-01", "2028-04-11"]))
    by_height = subsidy(
        pd.DatetimeIndex(["2028-04-01", "2028-04-10"]), pd.DatetimeIndex(["2028-04-11", "2028-04-12"]), heights
    )
    assert by_height[0] == pytest.approx((1000 * 3.125 + 1000 * 1.5625) / 2000)
    assert np.isnan(by_height[1])  # it ends after the last height
