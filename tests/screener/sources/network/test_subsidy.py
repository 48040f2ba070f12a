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
    # Sixty days before the halving expected on 15 April 2028 is 15 February; the first subsidy is that of 11 May 2020.
    edges = pd.DatetimeIndex(["2028-02-08", "2028-02-09", "2020-05-11", "2020-05-10"])
    by_day = subsidy(edges, edges + pd.Timedelta(days=7), none)
    assert by_day.tolist() == pytest.approx([3.125, np.nan, 6.25, np.nan], nan_ok=True)
    assert minted(np.array([0.0, 1.0, 210_000.0, 210_001.0, 420_000.0])).tolist() == [
        0.0, 50.0, 10_500_000.0, 10_500_025.0, 15_750_000.0,
    ]  # fmt: skip
    # The 33rd era is the last that pays a satoshi a block: 50 BTC x 210,000 x (1 + 1/2 + ... + 1/2^32).
    assert minted(np.array([1e9])).item() == pytest.approx(10_500_000 * (2 - 2**-32), abs=1e-4)
    heights = pd.Series([1_049_000.0, 1_051_000.0], index=pd.DatetimeIndex(["2028-04-01", "2028-04-11"]))
    by_height = subsidy(
        pd.DatetimeIndex(["2028-04-01", "2028-04-10"]), pd.DatetimeIndex(["2028-04-11", "2028-04-12"]), heights
    )
    assert by_height[0] == pytest.approx((1000 * 3.125 + 1000 * 1.5625) / 2000)
    assert np.isnan(by_height[1])  # it ends after the last height
