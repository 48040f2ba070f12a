"""Figures of one contract by its tranches, each worked by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.contracts.schedule import Schedule, with_tranches

DAY, NAN = pd.Timestamp("2026-01-01"), np.nan
A = replace(Assumptions(), build_years=2.0, gpu_purchase_years=0.5, ramp_years=0.25)
# 100 a year for ten years; 400 of building, 60 of GPUs.
BLANK = {
    "as_of": DAY, "ticker": "A", "contract_id": "C", "value_used_usd": 1000.0, "owned_value_usd": 1000.0, "term_years": 10.0,
    "escalator_used": 0.0, "owned_annual_revenue_usd": 100.0, "margin_used": 0.8, "owned_it_mw": 50.0,
    "building_capex_usd": 400.0, "gpu_capex_usd": 60.0, "building_is_assumed": True, "gpus_are_assumed": False,
    "start_used": DAY, "start_is_assumed": False,
}  # fmt: skip


def made(
    *tranches: tuple[float, float, bool], delayed: float | None = None, cash_days_ago: float = 0.0, **change: object
) -> Schedule:
    """A contract that changes `BLANK` with tranches (start in years, share, in service), after one that is not looked at."""
    every = [(0, 1.0, 1.0, False), *((1, *one) for one in tranches)]
    parts = pd.DataFrame(every, range(7, 7 + len(every)), ["row", "starts_in_years", "share", "delivered"])
    parts["is_proxy"] = change.pop("is_proxy", False)
    if delayed is not None:
        parts["delayed_years"] = delayed
    rows = pd.DataFrame([BLANK | {"contract_id": "OTHER", "ticker": "B"}, BLANK | change])
    index = pd.MultiIndex.from_product([[DAY], ["A", "B"]], names=["as_of", "ticker"])
    cash = pd.NaT if np.isnan(cash_days_ago) else DAY - pd.Timedelta(days=cash_days_ago)
    inputs = SimpleNamespace(periods=pd.DataFrame({"cash": [cash, DAY]}, index))
    return with_tranches(rows, parts, inputs, A)


def figures(found: Schedule, *names: str) -> list[float]:
    return [float(found.contracts.iloc[1][name]) for name in names]


HALVES = ((-2.0, 0.5, True), (0.25, 0.5, False))


def test_income_and_backlog_of_a_half_in_service_and_a_half_to_come():
    found = made(*HALVES)
    assert figures(found, "in_service_share", "owned_in_service_mw") == [0.5, 25.0]
    # Of the first half 100 are earned; the second starts in a quarter.
    assert figures(found, "owned_backlog_usd") == [900.0]
    assert figures(found, "owned_ntm_revenue_usd", "owned_ntm_noi_usd") == pytest.approx([50 + 37.5, 70.0])
    assert figures(found, "remaining_term_years", "years_to_start") == pytest.approx([9.0, 0.25])
    assert figures(made((-2.0, 0.5, True), (-1.0, 0.5, True)), "years_to_start") == [-1.5]
    assert (
        figures(made((-12.0, 1.0, True)), "remaining_term_years", "owned_backlog_usd", "owned_ntm_revenue_usd")
        == [0.0] * 3
    )
    assert found.tranches[["contract_id", "ticker", "row"]].to_numpy().tolist() == [
        ["OTHER", "B", 0], ["C", "A", 1], ["C", "A", 1],
    ]  # fmt: skip
    assert found.tranches.index.tolist() == [0, 1, 2]
    assert "index" not in found.tranches


@pytest.mark.parametrize(("start", "paid"), [(-3.0, 100.0), (0.0, 100.0), (0.25, 75.0), (1.0, 0.0), (3.0, 0.0)])
def test_without_a_term_rent_is_paid_from_the_start_on_and_the_value_stays_whole(start, paid):
    found = made((start, 1.0, start <= 0), term_years=NAN)
    assert figures(found, "owned_ntm_revenue_usd", "owned_backlog_usd") == [paid, 1000.0]
    unknown = made((start, 1.0, start <= 0), owned_value_usd=NAN)
    assert np.isnan(figures(unknown, "owned_backlog_usd")[0])
    assert figures(unknown, "owned_ntm_revenue_usd") == pytest.approx([paid])


@pytest.mark.parametrize(
    ("tranches", "cash", "delayed", "building", "gpus"),
    [
        (((0.25, 1.0, False),), 0.0, None, 50.0, 30.0),
        (((1.0, 1.0, False),), 0.0, None, 200.0, 60.0),
        (((9.0, 1.0, False),), 0.0, None, 400.0, 60.0),
        (((0.25, 0.5, False), (1.0, 0.5, False)), 0.0, None, 125.0, 45.0),
        (((-2.0, 0.5, True), (0.25, 0.5, False)), 0.0, None, 25.0, 15.0),
        (((0.25, 1.0, False),), 91.3125, None, 100.0, 60.0),  # a quarter of a year since the cash
        (((0.25, 1.0, False),), -91.3125, None, 50.0, 30.0),  # a cash figure of later is none of this date's
        (((0.25, 1.0, False),), NAN, None, 50.0, 30.0),
        (((0.75, 1.0, False),), 0.0, 0.5, 50.0, 30.0),  # half a year late: spent as planned
        (((-0.5, 1.0, False),), 0.0, None, 0.0, 0.0),
        (((-0.5, 1.0, False),), 91.3125, None, 50.0, 30.0),
        (((-0.5, 1.0, True),), 91.3125, None, 0.0, 0.0),
    ],
)
def test_cost_to_spend(tranches, cash, delayed, building, gpus):
    found = made(*tranches, cash_days_ago=cash, delayed=delayed)
    assert figures(
        found, "building_left_usd", "gpus_left_usd", "capex_to_spend_usd", "capex_assumed_usd"
    ) == pytest.approx([building, gpus, building + gpus, building])
    told = made(*tranches, cash_days_ago=cash, delayed=delayed, building_is_assumed=False, gpus_are_assumed=True)
    assert figures(told, "capex_assumed_usd") == pytest.approx([gpus])


# An even ramp of three months: parts in the middle of its months.
MONTH = 365.25 / 12


@pytest.mark.parametrize(
    ("days", "start", "change", "first", "last", "assumed"),
    [
        ([100.0, 200.0], 0, {}, 100, 200, False),
        ([200.0, 100.0], 0, {}, 100, 200, False),
        ([100.4, 199.6], 0, {}, 100, 200, False),
        ([100.0, 200.0], 0, {"is_proxy": True}, 100, 200, True),
        ([100.0, 200.0], 0, {"is_proxy": [True, True, False]}, 100, 200, True),  # of the last a source tells
        ([100.0, 200.0], 0, {"is_proxy": [True, False, True]}, 100, 200, False),
        # The middle of the first month stands for the announced start, which a source told or which is a guess.
        ([60 + MONTH / 2, 60 + 5 * MONTH / 2], 60, {"is_proxy": True}, 60, 136, False),
        ([60 + MONTH / 2, 60 + 5 * MONTH / 2], 60, {"is_proxy": True, "start_is_assumed": True}, 60, 136, True),
        ([60.9 + MONTH / 2], 60, {"is_proxy": True}, 60, 76, False),
        ([61.1 + MONTH / 2], 60, {"is_proxy": True}, 76, 76, True),
        ([58.9 + MONTH / 2], 60, {"is_proxy": True}, 74, 74, True),
        ([-40 + MONTH / 2], -40, {"is_proxy": True}, -40, -25, False),
    ],
)
def test_days_of_the_first_and_the_last_tranche(days, start, change, first, last, assumed):
    parts = [(day / 365.25, 1 / len(days), False) for day in days]
    found = made(*parts, start_used=DAY + pd.Timedelta(days=start), **change).contracts.iloc[1]
    assert [(found[name] - DAY).days for name in ("first_start_on", "last_start_on")] == [first, last]
    assert bool(found["first_start_is_assumed"]) is assumed


def test_each_tranche_as_a_contract_of_its_own():
    found = made((-2.0, 0.25, True), (100.4 / 365.25, 0.75, False)).by_tranche()
    assert found.index.tolist() == [0, 1, 2]
    assert "index" not in found
    mine = found[found["contract_id"] == "C"]
    assert [(day - DAY).days for day in mine["start_on"]] == [-730, 100]
    assert mine["owned_annual_revenue_usd"].tolist() == [25.0, 75.0]
    assert mine["owned_it_mw"].tolist() == [12.5, 37.5]
    assert mine["owned_value_usd"].tolist() == [250.0, 750.0]
    assert mine["term_years"].tolist() == [10.0, 10.0]
