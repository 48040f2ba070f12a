"""Tranches of contracts by phases, against plans written out by hand and against the filings' own delivered MW."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener import point_in_time
from screener.gathering import InputData
from tests.valuation.worlds import few, miners
from valuation.assumptions import Assumptions
from valuation.contracts.phases import tranches
from valuation.contracts.schedule import Schedule, schedule
from valuation.inputs import Inputs

AS_OF = pd.Timestamp("2026-01-16")
DAYS = 365.25


def world(universe, day: str) -> Inputs:
    return point_in_time.as_of_view(InputData.of(universe), [pd.Timestamp(day)], Assumptions())[0]


def on(day: str, *tickers: str) -> Schedule:
    return schedule(world(few(*tickers), day), Assumptions())


def contract(made: Schedule, name: str) -> pd.Series:
    return made.contracts.set_index("contract_id").loc[name]


def starts(made: Schedule, name: str) -> list[tuple[float, float, bool]]:
    """(days from the as-of date, MW, delivered) of a contract's tranches."""
    rows = made.tranches[made.tranches["contract_id"] == name]
    mw = rows["share"] * contract(made, name)["critical_it_mw"]
    days = (rows["starts_in_years"] * DAYS).round()
    return list(zip(days.astype(int), mw.round(6), rows["delivered"].astype(bool), strict=True))


def toy(plan: list[tuple[str, float, str]], mw: float = 100.0, start: str = "2026-06-30", **changes) -> Schedule:
    """One contract with phases (date, MW, status; all published on the announcement), as of 16 January 2026."""
    inputs = world(few("CIFR"), "2026-01-16")
    inputs = replace(inputs, items=inputs.items.assign(mw_operating_ai=np.nan))
    one = inputs.contracts.iloc[[0]].assign(
        contract_id="CIFR-X", critical_it_mw=mw, gross_mw=mw * 1.3, total_value_usd=1.5e9, annual_revenue_usd=np.nan,
        term_years=15.0, escalator=0.0, noi_margin=1.0, capex_usd=mw * 10e6, start_on=pd.Timestamp(start), **changes,
    )  # fmt: skip
    rows = pd.DataFrame(plan, columns=["date", "critical_it_mw", "status"])
    rows = rows.assign(as_of=AS_OF, contract_id="CIFR-X", published_on=AS_OF, date=pd.to_datetime(rows["date"]))
    return schedule(replace(inputs, contracts=one, phases=rows), Assumptions())


def test_deliveries_come_off_the_earliest_rows_of_the_plan():
    made = toy([("2026-03-01", 40, "planned"), ("2026-09-01", 60, "planned"), ("2026-01-10", 50, "delivered")])
    # 50 of the plan's 100 are delivered: the first row's 40 and 10 of the second's 60.
    assert starts(made, "CIFR-X") == [(-6, 50.0, True), (228, 50.0, False)]
    assert contract(made, "CIFR-X")["owned_in_service_mw"] == pytest.approx(50)


def test_a_planned_day_that_passed_without_a_delivery_is_not_in_service():
    made = toy([("2025-12-31", 40, "planned"), ("2026-09-01", 60, "planned")])
    # Half of ramp_years (0.5) from today: 0.25 years.
    assert starts(made, "CIFR-X") == [(91, 40.0, False), (228, 60.0, False)]
    assert contract(made, "CIFR-X")["in_service_share"] == 0


def test_megawatts_without_a_day_follow_the_last_phase_month_by_month():
    made = toy([("2026-09-01", 40, "planned")])
    found = starts(made, "CIFR-X")
    assert found[0] == (228, 40.0, False)
    # 60 MW in six equal parts in the middle of each of the six months after it.
    assert [mw for _, mw, _ in found[1:]] == pytest.approx([10.0] * 6)
    assert found[1][0] == pytest.approx(228 + 15, abs=1)
    assert found[-1][0] == pytest.approx(228 + 5.5 * DAYS / 12, abs=1)


def test_a_contract_without_phases_ramps_over_half_a_year_from_its_start():
    made = toy([], start="2025-12-17")
    # Thirty days on: of the six monthly parts, due after half a month each, one is in service.
    assert [done for _, _, done in starts(made, "CIFR-X")] == [True, False, False, False, False, False]
    assert contract(made, "CIFR-X")["owned_in_service_mw"] == pytest.approx(100 / 6)


def test_the_cost_still_to_spend_is_that_of_the_megawatts_not_in_service():
    made = toy([("2026-01-10", 40, "delivered"), ("2026-07-17", 60, "planned")])
    cash_on = pd.Timestamp("2025-09-30")
    ahead = (pd.Timestamp("2026-07-17") - cash_on).days / DAYS
    assert contract(made, "CIFR-X")["capex_to_spend_usd"] == pytest.approx(60 * 10e6 * ahead / 1.5)


def test_next_twelve_months_and_backlog_by_tranche():
    made = toy([("2025-01-16", 40, "delivered"), ("2026-07-17", 60, "planned")])
    row = contract(made, "CIFR-X")
    # 100m a year for 100 MW: 40 for the whole year; 60 from 17 July on, 183 days before the year is out.
    assert row["owned_ntm_revenue_usd"] == pytest.approx(40e6 + 60e6 * (DAYS - 182) / DAYS, rel=1e-6)
    assert row["owned_backlog_usd"] == pytest.approx(1.5e9 - 40e6 * 365 / DAYS, rel=1e-6)
    assert row["remaining_term_years"] == pytest.approx(15 - 0.4 * 365 / DAYS)
    assert row["years_to_start"] == pytest.approx(182 / DAYS)


def test_what_companies_say_is_in_service_limits_what_the_plan_delivers():
    inputs = world(few("CIFR"), "2026-01-16")
    items, periods = inputs.items.copy(), inputs.periods.copy()
    items["mw_operating_ai"], periods["mw_operating_ai"] = 45.0, pd.Timestamp("2026-01-12")
    made = toy([("2025-11-01", 30, "delivered"), ("2026-01-10", 30, "delivered"), ("2026-09-01", 40, "planned")])
    told = tranches(
        made.contracts, replace(inputs, items=items, periods=periods, phases=phases_of(made)), Assumptions()
    )
    assert told.loc[told["delivered"], "share"].sum() == pytest.approx(0.45)
    # The latest start gives way: 30 of November stay, 15 of January's 30.
    assert told.loc[told["delivered"], "share"].tolist() == pytest.approx([0.30, 0.15])
    old = periods.assign(mw_operating_ai=pd.Timestamp("2025-08-01"))
    told = tranches(made.contracts, replace(inputs, items=items, periods=old, phases=phases_of(made)), Assumptions())
    assert told.loc[told["delivered"], "share"].sum() == pytest.approx(0.60)


def phases_of(made: Schedule) -> pd.DataFrame:
    rows = made.tranches
    day = AS_OF + pd.to_timedelta((rows["starts_in_years"] * DAYS).round(), unit="D")
    status = np.where(rows["delivered"], "delivered", "planned")
    return pd.DataFrame({"as_of": AS_OF, "contract_id": "CIFR-X", "date": day, "critical_it_mw": rows["share"] * 100,
                         "status": status, "published_on": AS_OF})  # fmt: skip


# Delivered MW by the filings' own words (phases.csv names them).
@pytest.mark.parametrize(("day", "ticker", "name", "mw"), [
    ("2026-01-16", "APLD", "APLD-COREWEAVE-202506", 100),
    ("2026-10-05", "APLD", "APLD-COREWEAVE-202506", 175),
    ("2026-10-07", "APLD", "APLD-COREWEAVE-202506", 250),
    ("2026-10-05", "CIFR", "CIFR-AWS-202511", 50),
    ("2026-10-05", "IREN", "IREN-MICROSOFT-202511", 50),
    ("2026-08-12", "IREN", "IREN-MICROSOFT-202511", 0),
    ("2026-10-05", "WULF", "WULF-CORE42-202412", 60),
    ("2026-10-05", "WULF", "WULF-FLUIDSTACK-202508", 42),
    ("2026-10-05", "GLXY", "GLXY-COREWEAVE-202503", 133),
])  # fmt: skip
def test_megawatts_in_service_as_filed(day, ticker, name, mw):
    assert contract(on(day, ticker), name)["owned_in_service_mw"] == pytest.approx(mw)


@pytest.mark.parametrize(("day", "company", "mw"), [
    ("2026-10-05", "CIFR", 50), ("2026-10-05", "IREN", 50), ("2026-10-05", "CORZ", 437), ("2026-05-06", "CORZ", 225),
    ("2026-10-05", "WULF", 102), ("2026-10-05", "HUT", 0),
])  # fmt: skip
def test_megawatts_in_service_of_a_company(day, company, mw):
    rows = on(day, company).contracts
    assert rows["owned_in_service_mw"].sum() == pytest.approx(mw)


def test_applied_digitals_first_building_left_150_of_250_megawatts_to_build():
    row = contract(on("2026-01-16", "APLD"), "APLD-COREWEAVE-202506")
    # 150 MW at 11.5m, due 30 June 2026, of whose 1.5 years of building 212 days lie after the cash of 30 November.
    assert row["capex_to_spend_usd"] == pytest.approx(150 * 11.5e6 * 212 / DAYS / 1.5)
    assert row["capex_to_spend_usd"] > 400e6


def test_plan_and_deliveries_are_the_contracts_megawatts_in_every_week():
    """On every Friday from the announcement on; Core Scientific's book is taken together, before 2026 it is not split."""
    data = InputData.of(miners())
    weeks = pd.date_range("2024-01-05", "2026-10-09", freq="7D")
    inputs = point_in_time.as_of_view(data, weeks, Assumptions())[0]
    made = schedule(inputs, Assumptions())
    share = made.tranches.groupby(["as_of", "contract_id"])["share"].sum()
    assert share.to_numpy() == pytest.approx(1.0)
    dated = made.tranches.merge(made.contracts[["as_of", "contract_id", "critical_it_mw"]], on=["as_of", "contract_id"])
    assert (dated["share"] > 0).all()
    # What phases.csv dates is within 2% of the contract's MW, where it dates all of it.
    rows = data.phases[data.phases["published_on"] <= weeks[-1]]
    stated = data.contracts.set_index("contract_id")["critical_it_mw"]
    partly = {"DGXX-CEREBRAS-202605", "WYFI-CEREBRAS-202502", "CORZ-COREWEAVE-BOOK"}
    for name, mine in rows.groupby("contract_id"):
        planned = mine[mine["status"] == "planned"]
        if name in partly or planned.empty or np.isnan(stated[name]):
            continue
        last = planned[planned["published_on"] == planned["published_on"].max()]
        done = mine.loc[mine["status"] == "delivered", "critical_it_mw"].sum()
        whole = max(last["critical_it_mw"].sum() + done, 0.0)
        assert whole >= 0.98 * stated[name], name
    book = stated[stated.index.str.startswith("CORZ-COREWEAVE-")].sum()
    plan = rows[(rows["contract_id"] == "CORZ-COREWEAVE-BOOK") & (rows["published_on"] == "2026-03-05")]
    assert plan["critical_it_mw"].sum() == pytest.approx(book, rel=0.02)


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(-900, 900), st.floats(1, 80), st.booleans()), min_size=0, max_size=6
    ),
    st.floats(10, 300),
)  # fmt: skip
def test_shares_are_whole_and_nothing_ahead_is_in_service(plan, mw):
    rows = [
        (
            str((AS_OF + pd.Timedelta(days=min(day, 0) if done else day)).date()),
            size,
            "delivered" if done else "planned",
        )
        for day, size, done in plan
    ]
    made = toy(rows, mw=mw)
    parts = made.tranches
    assert parts["share"].sum() == pytest.approx(1.0)
    assert (parts["share"] > 0).all()
    assert (parts.loc[parts["delivered"], "starts_in_years"] <= 0).all()
    assert (parts.loc[~parts["delivered"], "starts_in_years"] > 0).all()
    row = contract(made, "CIFR-X")
    assert 0 <= row["owned_backlog_usd"] <= 1.5e9 * (1 + 1e-9)
    assert 0 <= row["capex_to_spend_usd"] <= mw * 10e6 * (1 + 1e-9)
    assert 0 <= row["owned_ntm_revenue_usd"] <= 100e6 * (1 + 1e-9)
