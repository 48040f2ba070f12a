"""Contracts over calendar years, each day of the toys counted by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.contracts.calendar import Calendar, calendar, elapsed_value, schedule_by_year

AS_OF = pd.Timestamp("2026-01-01")
A = replace(Assumptions(), gpu_life_years=2.0)
BLANK = {"as_of": AS_OF, "ticker": "A", "contract_id": "C", "business": "lease", "counterparty_name": "X",
         "start_is_assumed": False, "value_used_usd": 365.25 * 3, "term_years": 3.0, "escalator_used": 0.0,
         "margin_used": 0.8, "gpu_capex_usd": 0.0, "not_scheduled": ""}  # fmt: skip


def spread(*contracts: dict, tranches: list[tuple[int, float, float]]) -> Calendar:
    frame = pd.DataFrame([BLANK | {"contract_id": f"C{k}"} | change for k, change in enumerate(contracts)])
    return calendar(frame, pd.DataFrame(tranches, columns=["row", "starts_in_years", "share"]))


def of_year(found: Calendar, row: int = 0) -> dict[int, float]:
    return dict(zip(found.years.tolist(), found.revenue[row].round(6).tolist(), strict=True))


def test_a_dollar_a_day_from_the_start_to_the_end():
    found = spread({}, tranches=[(0, 0.0, 1.0)])
    # 365 days a year, 366 in 2028, and what three years of 365.25 days leave for the last: none.
    assert of_year(found) == pytest.approx({2026: 365, 2027: 365, 2028: 365.75})
    late = spread({}, tranches=[(0, 100 / 365.25, 1.0)])
    assert of_year(late) == pytest.approx({2026: 265, 2027: 365, 2028: 366, 2029: 99.75})
    early = spread({}, tranches=[(0, -100 / 365.25, 1.0)])
    assert of_year(early) == pytest.approx({2025: 100, 2026: 365, 2027: 365, 2028: 265.75})
    assert early.remaining[0].tolist() == pytest.approx([0, 365, 365, 265.75])


def test_tranches_count_for_their_share_and_what_cannot_be_scheduled_is_left_out():
    found = spread({"not_scheduled": "value unknown"}, {}, tranches=[(0, 0.0, 1.0), (1, 0.0, 0.4), (1, 1.0, 0.6)])
    assert found.contracts["contract_id"].to_dict() == {0: "C1"}
    assert set(found.contracts) == set(BLANK)
    assert found.tranches["row"].to_dict() == {0: 0, 1: 0}
    assert set(found.tranches) == {"row", "starts_in_years", "share"}
    assert of_year(found)[2026] == pytest.approx(0.4 * 365)
    assert found.revenue.sum() == pytest.approx(365.25 * 3)
    none = spread({"not_scheduled": "value unknown"}, tranches=[(0, 0.0, 1.0)])
    assert (none.revenue.shape, none.remaining.shape, none.years.tolist()) == ((0, 1), (0, 1), [1970])
    assert schedule_by_year(none, A).empty


def test_two_contracts_share_the_years_from_the_first_to_the_last():
    found = spread({}, {"term_years": 1.0, "value_used_usd": 365.0}, tranches=[(0, 2.0, 1.0), (1, -3.0, 1.0)])
    # Three years of 365.25 days back is the first morning of 2023, five ahead that of 2031.
    assert found.years[[0, -1]].tolist() == [2023, 2031]
    assert found.revenue.sum(axis=1).tolist() == pytest.approx([365.25 * 3, 365.0])
    assert found.remaining.sum(axis=1).tolist() == pytest.approx([365.25 * 3, 0.0])


def test_years_run_from_the_first_with_revenue_to_the_last_on_either_side_of_new_year():
    # Twelve hours before 2026, until noon of 31 December 2025 and 365.25 days: six in the afternoon of New Year's Eve.
    early = spread({"term_years": 1.0}, tranches=[(0, -0.5 / 365.25, 1.0)])
    assert early.years.tolist() == [2025, 2026]
    late = spread({"as_of": pd.Timestamp("2028-12-31"), "term_years": 1.0}, tranches=[(0, 0.0, 1.0)])
    assert of_year(late) == pytest.approx({2028: 1 / 365.25 * 365.25 * 3, 2029: 364.25 * 3})
    nothing = spread({"value_used_usd": 0.0}, tranches=[(0, 0.0, 1.0)])
    assert (of_year(nothing), nothing.remaining.tolist()) == ({2026: 0.0}, [[0.0]])
    assert schedule_by_year(nothing, A).empty


def test_a_contract_has_a_row_in_each_year_of_its_own_and_in_no_other():
    rows = schedule_by_year(
        spread({"value_used_usd": 1.5}, {"term_years": 1.0}, tranches=[(0, 0.0, 1.0), (1, 1.0, 1.0)]), A
    )
    assert list(zip(rows["contract_id"], rows["year"], strict=True)) == [
        ("C0", 2026), ("C0", 2027), ("C0", 2028), ("C1", 2027), ("C1", 2028),
    ]  # fmt: skip
    assert rows.index.tolist() == [0, 1, 2, 3, 4]
    assert rows["revenue_usd"].tolist()[:2] == pytest.approx([0.5 * 365 / 365.25] * 2)


def test_figures_of_each_year_by_hand():
    rows = schedule_by_year(
        spread(
            {}, {"business": "gpu_cloud", "gpu_capex_usd": 2 * 365.25 * 10}, tranches=[(0, 0.0, 1.0), (1, 0.0, 1.0)]
        ),
        A,
    )
    lease, cloud = (rows[rows["contract_id"] == name].set_index("year") for name in ("C0", "C1"))
    assert lease["noi_usd"].tolist() == pytest.approx([292.0, 292.0, 292.6])
    assert lease[["depreciation_usd", "ebit_usd"]].isna().all(axis=None)
    # Ten dollars a day for two years of 365.25 days: half a day of 2028 is left.
    assert cloud["depreciation_usd"].tolist() == pytest.approx([3650.0, 3650.0, 5.0])
    assert cloud["ebit_usd"].tolist() == pytest.approx([292 - 3650.0, 292 - 3650.0, 292.6 - 5.0])
    assert cloud["remaining_usd"].sum() == pytest.approx(365.25 * 3)


def test_gpus_wear_out_within_the_term_and_no_longer_than_they_live():
    short = {"business": "gpu_cloud", "gpu_capex_usd": 2 * 365.25 * 10, "term_years": 1.0}
    rows = schedule_by_year(spread(short, tranches=[(0, 0.0, 0.5)]), A)
    assert rows["depreciation_usd"].sum() == pytest.approx(0.5 * 365.25 * 10)


def test_earned_up_to_a_time_is_the_sum_over_tranches():
    contracts = pd.DataFrame([BLANK, BLANK | {"value_used_usd": 300.0}])
    parts = pd.DataFrame({"row": [0, 1, 1], "starts_in_years": [0.0, -1.0, 1.0], "share": [1.0, 0.5, 0.5]})
    found = elapsed_value(contracts, parts, np.array([[0.0, 1.0], [0.0, 2.0]]))
    assert found.tolist() == [[0.0, pytest.approx(365.25)], [pytest.approx(50.0), pytest.approx(150.0 + 50.0)]]
