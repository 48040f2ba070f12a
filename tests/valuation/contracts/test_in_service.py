"""Contracts as companies hold them, and AI MW in service: values read off the bundled files by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from screener import universes
from screener.gathering import InputData
from screener.run_config import resolve_config
from screener.screen import value
from valuation.contracts import book
from valuation.contracts.consolidation import as_held

DAYS = ("2026-01-16", "2026-03-27", "2026-10-05")


@pytest.fixture(scope="module")
def world():
    data, config = InputData.of(universes.load("miners")), resolve_config("miners")
    valued = value(config, data, pd.DatetimeIndex(pd.to_datetime(DAYS)))
    return valued, book.build(valued.inputs, valued.valuation, config.assumptions)


def test_a_parent_holds_its_subsidiarys_contracts_and_a_sum_counts_them_once():
    rows = pd.DataFrame({"ticker": ["P", "S", "X"], "mw": [1.0, 2.0, 4.0]})
    held = as_held(rows, {"S": "P"})
    assert held.groupby("ticker")["mw"].sum().to_dict() == {"P": 3.0, "S": 2.0, "X": 4.0}
    assert held["held_through"].tolist() == ["", "", "", "S"]
    assert held["row"].tolist() == [0, 1, 2, 1]


def test_whitefiber_is_in_bit_digital_and_once_in_the_sector(world):
    valued, found = world
    for day in DAYS:
        table = found.table.loc[day]
        for name in ("contracted_mw", "backlog_usd", "capex_to_spend_usd", "contracts"):
            assert table.at["BTBT", name] == table.at["WYFI", name] > 0
        metrics = valued.valuation.table.loc[day]
        assert metrics.at["BTBT", "backlog_usd"] == pytest.approx(table.at["BTBT", "backlog_usd"])
        contracts = found.contracts
        mine = (contracts["as_of"] == pd.Timestamp(day)) & (contracts["scope"] == "miners")
        assert found.sector().at[pd.Timestamp(day), "contracted_mw"] == pytest.approx(
            contracts.loc[mine, "owned_it_mw"].sum()
        )


@pytest.mark.parametrize(
    ("day", "ticker", "mw", "status"),
    [
        ("2026-10-05", "CIFR", 50.0, "ok"),
        ("2026-10-05", "CORZ", 437.0, "ok"),
        ("2026-10-05", "RIOT", 25.0, "ok"),
        ("2026-01-16", "APLD", 100.0, "ok"),
        # 350 MW reported on 2 March, no delivery dated by then.
        ("2026-03-27", "CORZ", 350.0, "proxy"),
        # 22.5 MW reported on the Core42 lease, of which 18 are dated.
        ("2026-01-16", "WULF", 22.5, "proxy"),
    ],
)  # fmt: skip
def test_in_service_is_what_is_dated_or_reported_whichever_is_more(world, day, ticker, mw, status):
    valuation, found = world[0].valuation, world[1]
    key = (pd.Timestamp(day), ticker)
    assert valuation.table.at[key, "ai_in_service_mw"] == pytest.approx(mw)
    assert found.table.at[key, "in_service_mw"] == pytest.approx(mw)
    if status == "proxy":
        assert valuation.status.at[key, "ai_in_service_mw"] == "proxy"
        assert "as reported" in valuation.causes.at[key, "ai_in_service_mw"]


def test_ai_revenue_without_a_dated_delivery_is_unknown_and_not_zero(world):
    valuation = world[0].valuation
    key = (pd.Timestamp("2026-01-16"), "IREN")
    assert np.isnan(valuation.table.at[key, "ai_in_service_mw"])
    assert "no delivery is dated" in valuation.causes.at[key, "ai_in_service_mw"]


def test_what_nobody_reviewed_is_missing_in_the_book_as_in_the_run(world):
    found = world[1]
    table, status = found.table.loc["2026-10-05"], found.status.loc["2026-10-05"]
    for ticker in ("SLNH", "CRWV", "GREE"):
        for name in ("contracts", "contracted_mw", "signed_value_usd", "capex_to_spend_usd", "in_service_mw"):
            assert status.at[ticker, name] == "missing"
            assert np.isnan(table.at[ticker, name])
    assert table.at["CRWV", "backlog_usd"] == 99.4e9


def test_capex_of_contracts_without_mw_is_unknown_and_not_zero(world):
    valuation = world[0].valuation
    for ticker in ("NBIS", "HIVE"):
        key = (pd.Timestamp("2026-10-05"), ticker)
        assert valuation.status.loc[key, ["capex_to_spend_usd", "completed_ev_usd", "leased_mw"]].eq("missing").all()


def test_bonds_without_recourse_are_project_bonds(world):
    # HUT: 7.5bn at 6.13 to 6.19%.
    assert 0.0612 < world[1].table.at[(pd.Timestamp("2026-10-05"), "HUT"), "project_bond_coupon"] < 0.062
