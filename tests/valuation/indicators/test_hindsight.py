"""The index of today's members in hindsight, company by company from the closes."""

from __future__ import annotations

import pandas as pd
import pytest

from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import value
from tests.valuation.indicators.world import miners
from valuation.indicators.divergence import divergence


def test_today_s_members_are_the_index_of_every_week_whatever_they_were_then():
    data = InputData.of(miners())
    weeks = pd.DatetimeIndex(pd.to_datetime(["2025-12-05", "2025-12-12", "2025-12-19"]))
    valued = value(resolve_config(miners()), data, weeks)
    found = divergence(valued.inputs, valued.valuation, data.splits)
    closes = data.closes.pivot_table(index="date", columns="ticker", values="close_usd").reindex(weeks)
    table = valued.valuation.table.loc[weeks[-1]]
    for group, key in (("pivot", "ai"), ("bitcoin", "mining")):
        members = table.index[(table["group"] == group) & (table["excluded"] == "")].intersection(closes.columns)
        expected = closes[members].pct_change(fill_method=None).mean(axis=1)
        assert len(members) > 2
        assert found.returns[f"{key}_hindsight"].tolist()[1:] == pytest.approx(expected.tolist()[1:])
