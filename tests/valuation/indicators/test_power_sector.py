"""Sums over the sector: who counts, who is left out, and how many."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd

from valuation.indicators.power import SECTOR_COLUMNS, _sector


def test_the_sector_sums_companies_of_the_statistics_whose_power_is_known():
    day = pd.Timestamp("2026-01-16")
    index = pd.MultiIndex.from_product([[day], list("ABCD")], names=["as_of", "ticker"])
    columns = dict.fromkeys([*SECTOR_COLUMNS, "secured_mw", "mining_mw"], 1.0)
    table = pd.DataFrame(columns, index=index)
    table["secured_mw"] = [100.0, 50.0, np.nan, 10.0]
    table["mining_mw"] = [5.0, np.nan, np.nan, 1.0]
    excluded = pd.Series(["", "", "", "comparable"], index=index)
    row = _sector(SimpleNamespace(table=table), SimpleNamespace(excluded=excluded)).loc[day]
    assert row[["secured_mw", "companies", "without_power", "without_use"]].tolist() == [150.0, 2, 1, 1]
