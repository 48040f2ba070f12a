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


def test_on_a_date_without_any_company_there_is_nothing_and_nobody_is_missing():
    dates = pd.to_datetime(["2026-01-16", "2026-01-23", "2026-01-30"])
    index = pd.MultiIndex.from_product([dates, ["A", "B"]], names=["as_of", "ticker"])
    table = pd.DataFrame(1.0, index=index, columns=SECTOR_COLUMNS)
    table.loc[dates[1], "secured_mw"] = np.nan
    excluded = pd.Series(["", "", "", "", "comparable", "comparable"], index=index)
    rows = _sector(SimpleNamespace(table=table), SimpleNamespace(excluded=excluded))
    assert rows["companies"].tolist() == [2, 0, 0]
    assert rows["without_power"].tolist() == [0, 2, 0]
    assert rows["without_use"].tolist() == [0, 0, 0]
    assert rows["secured_mw"].isna().tolist() == [False, True, True]
    assert rows.index.name == "as_of"
