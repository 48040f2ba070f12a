"""Tranches of made-up contracts as whole lists: row, day, share, whether delivered, whether no source dates it so."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.contracts.phases import ramp_parts, tranches

AS_OF = pd.Timestamp("2026-01-01")
NAN = np.nan
# Three months: parts after half a month, a month and a half, two months and a half of 365.25 / 12 days.
A = replace(Assumptions(), ramp_years=0.25, gross_mw_per_critical_it_mw=1.25)
PARTS, HALF_RAMP = (15.21875, 45.65625, 76.09375), 45.65625
BLANK = {"as_of": AS_OF, "ticker": "A", "contract_id": "X-1", "critical_it_mw": 100.0, "gross_mw": NAN, "announced": 0,
         "start": 500, "start_is_assumed": False, "owned_it_mw": 100.0, "is_ai": True}  # fmt: skip
Found = list[tuple[int, float, float, bool, bool]]


def found(
    contracts: list[dict], *phases: tuple[str, int, float, str, int], limits: dict | None = None, a: Assumptions = A
) -> Found:
    """Tranches of contracts that change `BLANK`, with phases (contract, day, MW, status, day of publication).

    `limits`: company -> (reported AI MW in service, day of the report). Days count from the as-of date.
    """
    rows = pd.DataFrame([BLANK | change for change in contracts])
    for name, days in (("announced_on", "announced"), ("start_used", "start")):
        rows[name] = rows["as_of"] + pd.to_timedelta(rows[days], unit="D")
    told = pd.DataFrame(list(phases), columns=["contract_id", "date", "critical_it_mw", "status", "published_on"])
    for name in ("date", "published_on"):
        told[name] = AS_OF + pd.to_timedelta(told[name].astype(float), unit="D")
    index = pd.MultiIndex.from_product([[AS_OF], ["A", "B"]], names=["as_of", "ticker"])
    reports = [(limits or {}).get(ticker, (NAN, 0)) for ticker in ("A", "B")]
    inputs = SimpleNamespace(
        phases=told.assign(as_of=AS_OF),
        index=index,
        items=pd.DataFrame({"mw_operating_ai": [mw for mw, _ in reports]}, index),
        periods=pd.DataFrame({"mw_operating_ai": [AS_OF + pd.Timedelta(days=day) for _, day in reports]}, index),
    )
    out = tranches(rows, inputs, a)
    assert out.index.tolist() == list(range(len(out)))
    assert set(out) == {"row", "starts_in_years", "share", "delivered", "is_proxy"}
    days = (out["starts_in_years"] * 365.25).round(6)
    marks = [out[name].astype(bool) for name in ("delivered", "is_proxy")]
    return list(zip(out["row"], days, out["share"].astype(float).round(9), *marks, strict=True))


@pytest.mark.parametrize(("years", "parts"), [(0.0, 1), (0.04, 1), (0.13, 2), (0.25, 3), (5.0, 60)])
def test_an_even_ramp_has_a_part_a_month_and_one_at_least(years, parts):
    assert ramp_parts(replace(A, ramp_years=years)) == parts


THIRD = round(1 / 3, 9)


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        ({"start": 20}, [(0, 20 + day, THIRD, False, True) for day in PARTS]),
        ({"start": -30}, [(0, day - 30, THIRD, day < 30, True) for day in PARTS]),
        # A start that nobody told puts nothing into service: what is due by now comes half a ramp from today.
        ({"start": -30, "start_is_assumed": True},
         [(0, 15.65625, THIRD, False, True), (0, HALF_RAMP, THIRD, False, True), (0, 46.09375, THIRD, False, True)]),
    ],
)  # fmt: skip
def test_a_contract_without_phases_ramps_evenly_from_its_start(change, expected):
    assert found([change]) == expected


@pytest.mark.parametrize(("assumed", "delivered"), [(False, True), (True, False)])
def test_what_starts_on_the_day_itself_is_in_service_if_somebody_told_the_start(assumed, delivered):
    at_once = replace(A, ramp_years=0.0)
    assert found([{"start": 0, "start_is_assumed": assumed}], a=at_once) == [(0, 0.0, 1.0, delivered, True)]


@pytest.mark.parametrize(
    ("mw", "expected"),
    [
        ({"critical_it_mw": 80.0, "gross_mw": 9.0}, [(0, 100.0, 0.5, False, False)]),
        ({"critical_it_mw": NAN, "gross_mw": 100.0}, [(0, 100.0, 0.5, False, False)]),  # 100 gross are 80 critical IT
        ({"critical_it_mw": NAN}, []),
        ({"critical_it_mw": 0.0}, []),
    ],
)
def test_phases_are_shares_of_critical_it_mw_and_without_any_the_contract_ramps_as_a_whole(mw, expected):
    rest = 0.5 if expected else 1.0
    assert found([mw], ("X-1", 100, 40.0, "planned", 0)) == expected + [
        (0, 500 + day, round(rest / 3, 9), False, True) for day in PARTS
    ]


PLAN = [("X-1", 200, 60.0, "planned", -90), ("X-1", 100, 40.0, "planned", -90)]


@pytest.mark.parametrize(
    ("phases", "expected"),
    [
        (PLAN, [(0, 100.0, 0.4, False, False), (0, 200.0, 0.6, False, False)]),
        # The plan published last is in force, whatever its place in the list.
        ([("X-1", 300, 100.0, "planned", -10), *PLAN], [(0, 300.0, 1.0, False, False)]),
        # 50 delivered: the first 40 of the plan and 10 of the second.
        ([*PLAN, ("X-1", -10, 30.0, "delivered", -5), ("X-1", -20, 20.0, "delivered", -5)],
         [(0, -20.0, 0.2, True, False), (0, -10.0, 0.3, True, False), (0, 200.0, 0.5, False, False)]),
        # More delivered than the contract has: the last of it is nobody's.
        ([("X-1", -20, 70.0, "delivered", -5), ("X-1", -10, 70.0, "delivered", -5)],
         [(0, -20.0, 0.7, True, False), (0, -10.0, 0.3, True, False)]),
        # A planned day that has come without a delivery moves half a ramp ahead; a delivery of the day stays.
        ([("X-1", 0, 40.0, "planned", -90), ("X-1", 1, 60.0, "planned", -90)],
         [(0, 1.0, 0.6, False, False), (0, HALF_RAMP, 0.4, False, True)]),
        ([("X-1", 0, 100.0, "delivered", 0)], [(0, 0.0, 1.0, True, False)]),
    ],
)  # fmt: skip
def test_plans_and_deliveries_of_one_contract(phases, expected):
    assert found([{}], *phases) == expected


@pytest.mark.parametrize(
    ("phase", "start", "after"),
    [
        (("X-1", 100, 40.0, "planned", 0), 10, 100),  # from the last dated phase on, not from the start before it
        (("X-1", 100, 40.0, "planned", 0), 300, 300),
        (("X-1", -10, 40.0, "planned", -20), 10, HALF_RAMP),  # the dated part itself has moved
    ],
)
def test_mw_without_a_date_follow_the_last_dated_phase_or_the_start_if_it_is_later(phase, start, after):
    day, moved = (HALF_RAMP, True) if phase[1] < 0 else (phase[1], False)
    assert found([{"start": start}], phase) == [
        (0, float(day), 0.4, False, moved), *((0, after + day, 0.2, False, True) for day in PARTS)
    ]  # fmt: skip


def test_mw_without_a_date_are_not_in_service_because_others_are():
    # 40 of 100 delivered a hundred days ago: the rest was due from 50 days ago on, and nobody says that it came.
    assert found([{"start": -50}], ("X-1", -100, 40.0, "delivered", -90)) == [
        (0, -100.0, 0.4, True, False), (0, 76.09375 - 50, 0.2, False, True), (0, HALF_RAMP, 0.2, False, True),
        (0, HALF_RAMP, 0.2, False, True),
    ]  # fmt: skip


def test_phases_of_a_book_go_to_its_contracts_in_order_of_announcement():
    contracts = [
        {"contract_id": "X-LATE", "critical_it_mw": 60.0, "announced": 30},
        {"contract_id": "X-EARLY", "critical_it_mw": 40.0, "announced": 10},
        {"contract_id": "XX-OTHER", "announced": 0},
        {"contract_id": "X-UNKNOWN", "critical_it_mw": NAN, "announced": 0},
    ]
    rest = [(row, 500 + day, THIRD, False, True) for row in (2, 3) for day in PARTS]
    assert found(contracts, ("X-BOOK", 200, 50.0, "planned", 0), ("X-BOOK", 100, 50.0, "planned", 0)) == [
        (0, 100.0, round(10 / 60, 9), False, False), (0, 200.0, round(50 / 60, 9), False, False),
        (1, 100.0, 1.0, False, False), *rest,
    ]  # fmt: skip


DELIVERED = (
    ("X-1", -50, 60.0, "delivered", 0), ("X-2", -5, 30.0, "delivered", 0), ("X-2", -4, 10.0, "delivered", 0),
    ("Y-1", -50, 100.0, "delivered", 0), ("X-3", -50, 100.0, "delivered", 0),
)  # fmt: skip
HALLS = [{"critical_it_mw": 60.0, "owned_it_mw": 60.0}, {"contract_id": "X-2", "critical_it_mw": 40.0, "owned_it_mw": 40.0},
         {"contract_id": "Y-1", "ticker": "B"}, {"contract_id": "X-3", "is_ai": False}]  # fmt: skip
AS_DATED = [(0, -50.0, 1.0, True, False), (1, -5.0, 0.75, True, False), (1, -4.0, 0.25, True, False),
            (2, -50.0, 1.0, True, False), (3, -50.0, 1.0, True, False)]  # fmt: skip


@pytest.mark.parametrize(
    ("limit", "second"),
    [
        # Of 60 + 30 MW by the day of the report 70 were in service: the later hall has 10 of its 30.
        ((70.0, -5), [(1, -5.0, 0.25, True, True), (1, -4.0, 0.25, True, False), (1, HALF_RAMP, 0.5, False, True)]),
        ((60.0, -5), [(1, -4.0, 0.25, True, False), (1, HALF_RAMP, 0.75, False, True)]),
        ((90.0, -5), AS_DATED[1:3]),
        ((89.99999, -5), AS_DATED[1:3]),  # a millionth of a hall is rounding
        ((500.0, -5), AS_DATED[1:3]),
        ((70.0, -6), AS_DATED[1:3]),  # the report is of the day before that hall
        ((70.0, 0), [(1, -5.0, 0.25, True, True), (1, HALF_RAMP, 0.5, False, True), (1, HALF_RAMP, 0.25, False, True)]),
        ((NAN, -5), AS_DATED[1:3]),
    ],
)
def test_a_report_limits_what_was_delivered_by_its_day_latest_first(limit, second):
    assert found(HALLS, *DELIVERED, limits={"A": limit}) == [AS_DATED[0], *second, *AS_DATED[3:]]


def test_a_report_limits_at_the_owner_s_share_and_the_earlier_hall_keeps_its_part():
    # 30 MW of each hall are the owner's; reported are 40.
    halls = [
        {"critical_it_mw": 60.0, "owned_it_mw": 30.0},
        {"contract_id": "X-2", "critical_it_mw": 40.0, "owned_it_mw": 30.0},
    ]
    phases = (("X-2", -90, 40.0, "delivered", 0), ("X-1", -80, 60.0, "delivered", 0))
    kept = [(0, -80.0, THIRD, True, True), (0, HALF_RAMP, round(2 / 3, 9), False, True), (1, -90.0, 1.0, True, False)]
    assert found(halls, *phases, limits={"A": (40.0, 0)}) == kept
    nobody = [{**halls[0], "owned_it_mw": NAN}, halls[1]]
    assert found(nobody, *phases, limits={"A": (10.0, 0)})[0] == (0, -80.0, 1.0, True, False)
    none = [{**halls[0], "owned_it_mw": 0.0}, halls[1]]
    assert found(none, *phases, limits={"A": (10.0, 0)}) == [
        (0, -80.0, 1.0, True, False), (1, -90.0, THIRD, True, True), (1, HALF_RAMP, round(2 / 3, 9), False, True),
    ]  # fmt: skip


@pytest.mark.parametrize(("age", "counts"), [(120, True), (121, False)])
def test_a_report_of_more_than_120_days_limits_nothing(age, counts):
    made = found([{}], ("X-1", -200, 100.0, "delivered", 0), limits={"A": (25.0, -age)})
    assert [share for _, _, share, delivered, _ in made if delivered] == [0.25 if counts else 1.0]


def test_a_report_limits_half_a_megawatt_as_it_limits_a_hundred():
    made = found(
        [{"critical_it_mw": 0.5, "owned_it_mw": 0.5}], ("X-1", -200, 0.5, "delivered", 0), limits={"A": (0.125, 0)}
    )
    assert [share for _, _, share, delivered, _ in made if delivered] == [0.25]


def test_a_billionth_of_a_megawatt_is_no_phase_and_a_millionth_of_a_hall_is_not_rounded():
    tiny = found([{"critical_it_mw": 1e-9}], ("X-1", 100, 1e-9, "planned", 0))
    assert [proxy for *_, proxy in tiny] == [True] * 3
    large = {"critical_it_mw": 1e6, "owned_it_mw": 1e6}
    cut = found([large], ("X-1", -50, 1e6, "delivered", 0), limits={"A": (999_999.0, 0)})
    assert [(share, delivered) for _, _, share, delivered, _ in cut] == [(0.999999, True), (1e-6, False)]
