"""Inputs of many dates seen from some of them: as if no other date had been asked for."""

from __future__ import annotations

import pandas as pd
import pytest

from valuation.inputs import LISTS, Inputs, on_dates

DAYS = pd.to_datetime(["2026-01-02", "2026-01-09", "2026-01-16"])
INDEX = pd.MultiIndex.from_product([DAYS, ["A", "B"]], names=["as_of", "ticker"])


@pytest.fixture
def made() -> Inputs:
    rows = pd.DataFrame({"cash": range(6)}, index=INDEX)
    frame = pd.DataFrame({"as_of": DAYS.repeat(2), "ticker": ["A", "B"] * 3, "x": range(6)})
    companies = pd.DataFrame({"name": ["Beta", "Alpha"], "role": ["comparable", "miner"]}, index=["B", "A"])
    market = pd.DataFrame({"btc_usd": [90.0, 100.0, 110.0]}, index=DAYS.rename("as_of"))
    network = pd.DataFrame({"date": pd.date_range("2025-12-26", periods=5, freq="7D"), "btc_usd": range(5)})
    return Inputs(items=rows, periods=rows, stale=rows, critical_it=rows, companies=companies, market=market,
                  network=network, **dict.fromkeys(LISTS, frame))  # fmt: skip


def test_some_of_the_dates_know_the_network_up_to_the_last_of_them(made):
    found = made.on(DAYS[[0, 1]])
    assert found.items["cash"].tolist() == [0, 1, 2, 3]
    assert found.index.levels[0].tolist() == DAYS[[0, 1]].tolist()
    assert found.market["btc_usd"].tolist() == [90.0, 100.0]
    assert found.network["date"].max() == DAYS[1]
    for name in LISTS:
        assert getattr(found, name)["x"].tolist() == [0, 1, 2, 3]


def test_one_of_the_dates_alone(made):
    found = made.at(DAYS[1])
    assert found.items["cash"].tolist() == [2, 3]
    assert found.network["btc_usd"].tolist() == [0, 1, 2]
    assert found.contracts["x"].tolist() == [2, 3]
    assert found.contracts.index.tolist() == [0, 1]
    assert found.contracts.columns.tolist() == ["as_of", "ticker", "x"]
    assert on_dates({"contracts": made.contracts}, DAYS[:0])["contracts"].empty


def test_what_is_of_a_company_or_of_the_market_is_spread_over_the_rows(made):
    assert made.company("name").tolist() == ["Alpha", "Beta"] * 3
    assert made.at_market("btc_usd").tolist() == [90.0, 90.0, 100.0, 100.0, 110.0, 110.0]
    assert made.company("role").index.equals(INDEX)
