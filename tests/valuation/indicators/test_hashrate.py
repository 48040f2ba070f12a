"""Hashrate by date on made-up companies: which count, which are stale, which have reduced theirs."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.indicators.hashrate import hashrate

NAN = np.nan


def test_hashrate_by_an_old_figure_and_a_fall_of_exactly_a_tenth():
    days = pd.date_range("2026-01-02", periods=3, freq="W-FRI")
    index = pd.MultiIndex.from_product([days, ["A", "B", "C", "Z"]], names=["as_of", "ticker"])
    rate = pd.Series([10.0, 20.0, 0.0, 50.0, 9.0, NAN, 0.0, 1.0, 9.1, 17.0, 0.0, 1.0], index)
    status = pd.Series(["ok", "stale", "stale", "stale"] * 3, index).to_frame("hashrate_eh")
    market = pd.DataFrame({"network_eh_per_s": [100.0] * 3, "network_date": days}, index=days)
    excluded = pd.Series(["", "", "", "comparable"] * 3, index)
    mining = SimpleNamespace(table=rate.to_frame("hashrate_eh"), status=status)
    rows = hashrate(SimpleNamespace(market=market), mining, excluded)
    assert rows["companies"].tolist() == [3, 2, 3]
    assert rows["stale"].tolist() == [2, 1, 2]  # of those that count and are known
    assert rows["reduced"].tolist() == [0, 1, 1]  # 9 of 10; then 17 of 20, across a week without a figure
    assert rows["left_eh"].tolist() == pytest.approx([0.0, 1.0, 3.9])
    assert rows["network_on"].tolist() == list(days)


def test_half_an_exahash_is_reduced_as_any_other_and_an_unknown_figure_is_no_fall():
    days = pd.date_range("2026-01-02", periods=2, freq="W-FRI")
    index = pd.MultiIndex.from_product([days, ["A", "B"]], names=["as_of", "ticker"])
    rate = pd.Series([0.5, 0.2, 0.4, NAN], index)
    status = pd.Series("ok", index).to_frame("hashrate_eh")
    market = pd.DataFrame({"network_eh_per_s": [100.0] * 2, "network_date": days}, index=days)
    mining = SimpleNamespace(table=rate.to_frame("hashrate_eh"), status=status)
    rows = hashrate(SimpleNamespace(market=market), mining, pd.Series("", index))
    assert rows["reduced"].tolist() == [0, 1]
    assert rows["left_eh"].tolist() == pytest.approx([0.0, 0.1])
    assert rows["unknown"].tolist() == [0, 1]
