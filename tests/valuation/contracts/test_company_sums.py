"""Sums and marks of a company's contracts, each column with one contract that has the figure and one that has not."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.contracts.company_sums import Held, put
from valuation.status import Details, Ledger

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
TICKERS = ["A", "B", "C"]
INDEX = pd.MultiIndex.from_product([[DAY], TICKERS], names=["as_of", "ticker"])
BLANK = {
    "as_of": DAY, "ticker": "A", "business": "lease", "start_is_assumed": False, "margin_is_assumed": False,
    "owned_value_usd": 900.0, "value_used_usd": 900.0, "owned_it_mw": 30.0, "owned_annual_revenue_usd": 60.0,
    "owned_noi_usd": 48.0, "owned_ebit_usd": NAN, "owned_backlog_usd": 800.0, "remaining_term_years": 12.0,
    "owned_in_service_mw": 10.0, "own_class": "other", "guarantor_class": "other", "supported_share": 0.0,
    "supported_usd": 0.0, "capex_to_spend_usd": 70.0, "capex_assumed_usd": 0.0,
}  # fmt: skip
CLOUD = {"business": "gpu_cloud", "owned_annual_revenue_usd": 40.0, "owned_noi_usd": 30.0, "owned_ebit_usd": 10.0}


class Company:
    """What the sums read of the company metrics: one usable column each, of A, B and C."""

    def __init__(self, **columns: list[float]) -> None:
        plain = {"signed_contracts": [2.0, 0.0, NAN], "enterprise_value_usd": [500.0] * 3, "cash_usd": [25.0] * 3}
        self.table = pd.DataFrame(plain | columns, INDEX)
        self.status = pd.DataFrame("ok", INDEX, self.table.columns)
        self.causes = pd.DataFrame("", INDEX, self.table.columns)
        self.bridge = pd.DataFrame({"restricted_cash_usd": columns.get("restricted_cash_usd", [5.0, NAN, NAN])}, INDEX)


def inputs(debt: list[dict] | None = None, old: bool = False, **items: list[float]) -> SimpleNamespace:
    plain = {"backlog_reported": [NAN] * 3, "mw_operating_ai": [NAN] * 3}
    quarters = ["as_of", "ticker", "period_end", "total_usd", "ai_hpc_usd", "ai_hpc_one_off_usd"]
    bond = {"as_of": DAY, "ticker": "A", "principal_usd": 100.0, "coupon": 0.06, "seniority": "senior", "drawn": None,
            "is_preferred": False, "matures_on": pd.Timestamp("2031-01-01")}  # fmt: skip
    frame = pd.DataFrame([bond | one for one in debt or [{"seniority": None, "ticker": "C", "drawn": "no"}]])
    return SimpleNamespace(
        index=INDEX, items=pd.DataFrame(plain | items, INDEX), debt=frame,
        stale=pd.DataFrame({name: [old, False, False] for name in plain}, INDEX),
        periods=pd.DataFrame({"mw_operating_ai": DAY}, INDEX), quarters=pd.DataFrame(columns=quarters),
        companies=pd.DataFrame({"consolidated_by": [None] * 3}, TICKERS),
    )  # fmt: skip


def ledger(
    *changes: dict, company: Company | None = None, told: SimpleNamespace | None = None, running: tuple[int, ...] = ()
) -> Ledger:
    """Every sum of contracts that change `BLANK`; those in `running` are in service by a date that no source told."""
    rows = pd.DataFrame([BLANK | {"contract_id": f"C{k}", "row": k} | change for k, change in enumerate(changes)])
    parts = pd.DataFrame(
        {"row": range(len(rows)), "delivered": [k in running for k in range(len(rows))], "is_proxy": True}
    )
    out = Ledger(INDEX)
    put(out, told or inputs(), company or Company(), rows, parts)
    return out


def of(made: Ledger, name: str, ticker: str = "A") -> tuple[float, str, str]:
    at = (DAY, ticker)
    return made.table.at[at, name], made.status.at[at, name], made.causes.at[at, name]


# Two leases and two cloud contracts, and of each figure one contract that has none.
MADE = ({}, {"owned_value_usd": 500.0, "value_used_usd": 300.0, "owned_it_mw": 10.0, "owned_annual_revenue_usd": 20.0,
             "owned_noi_usd": 16.0, "owned_backlog_usd": 100.0, "remaining_term_years": 4.0, "capex_to_spend_usd": 7.0},
        CLOUD, CLOUD | {"owned_annual_revenue_usd": 8.0, "owned_noi_usd": 6.0, "owned_ebit_usd": 3.0})  # fmt: skip


@pytest.mark.parametrize(
    ("name", "column", "whole", "without", "named", "title"),
    [
        ("signed_value_usd", "owned_value_usd", 3200.0, 2700.0, 1, "value"),
        ("contracted_mw", "owned_it_mw", 100.0, 90.0, 1, "it mw"),
        ("lease_revenue_usd", "owned_annual_revenue_usd", 80.0, 60.0, 1, "annual revenue"),
        ("lease_noi_usd", "owned_noi_usd", 64.0, 48.0, 1, "noi"),
        ("cloud_revenue_usd", "owned_annual_revenue_usd", 48.0, 40.0, 3, "annual revenue"),
        ("cloud_ebitda_usd", "owned_noi_usd", 36.0, 30.0, 3, "noi"),
        ("cloud_ebit_usd", "owned_ebit_usd", 13.0, 10.0, 3, "ebit"),
        ("backlog_usd", "owned_backlog_usd", 2500.0, 2400.0, 1, "backlog"),
        ("capex_to_spend_usd", "capex_to_spend_usd", 217.0, 210.0, 1, "capex to spend"),
        ("walt_mw_years", "owned_it_mw", 11.2, 12.0, 1, "it mw"),
        ("walt_revenue_years", "owned_annual_revenue_usd", 12 - 8 * 20 / 128, 12.0, 1, "annual revenue"),
    ],
)
def test_a_sum_and_the_contract_that_it_leaves_out(name, column, whole, without, named, title):
    assert of(ledger(*MADE), name) == (pytest.approx(whole), "ok", "")
    made = [one | ({column: NAN} if k == named else {}) for k, one in enumerate(MADE)]
    assert of(ledger(*made), name) == (pytest.approx(without), "proxy", f"{title} unknown, excluded: C{named}")
    assert of(ledger(*MADE), name, "B")[0] == pytest.approx(NAN if name.startswith("walt") else 0.0, nan_ok=True)


def test_a_remaining_term_that_is_unknown_is_left_out_of_both_means():
    made = ledger({}, MADE[1], {"remaining_term_years": NAN})
    assert of(made, "walt_mw_years") == (10.0, "proxy", "remaining term years unknown, excluded: C2")
    assert of(made, "walt_revenue_years") == (10.0, "proxy", "remaining term years unknown, excluded: C2")
    assert of(ledger({}), "walt_mw_years", "B")[1:] == ("not_meaningful", "nothing contracted")


def test_a_contract_without_rent_or_power_has_no_weight_and_alone_there_is_no_mean():
    nothing = {"owned_it_mw": 0.0, "owned_annual_revenue_usd": 0.0, "remaining_term_years": 99.0}
    for name in ("walt_mw_years", "walt_revenue_years"):
        assert of(ledger({}, nothing), name) == (12.0, "ok", "")
        assert of(ledger(nothing), name)[1:] == ("missing", f"{name} unknown")


def test_margins_are_assumed_of_the_contract_that_has_a_figure_in_the_sum_of_its_business():
    made = ledger({"margin_is_assumed": True}, {"margin_is_assumed": True, "owned_noi_usd": NAN}, CLOUD)
    assert of(made, "lease_noi_usd") == (48.0, "proxy", "noi unknown, excluded: C1; margin assumed: C0")
    assert of(made, "lease_revenue_usd") == (120.0, "ok", "")
    assert of(made, "cloud_ebitda_usd") == (30.0, "ok", "")
    cloud = ledger({}, CLOUD | {"margin_is_assumed": True})
    assert [of(cloud, name)[2] for name in ("lease_noi_usd", "cloud_ebitda_usd", "cloud_ebit_usd")] == [
        "", "margin assumed: C1", "margin assumed: C1",
    ]  # fmt: skip


def test_contracts_that_nobody_looked_for_are_unknown_and_not_none():
    assert [of(ledger({}), "contracts", ticker) for ticker in "AB"] == [(1.0, "ok", ""), (0.0, "ok", "")]
    assert of(ledger({}), "contracts", "C")[1:] == ("missing", "contracts not reviewed")
    # One that is listed was found by somebody.
    assert of(ledger({"ticker": "C"}), "contracts", "C") == (1.0, "ok", "")


def test_a_reported_backlog_stands_in_place_of_the_sum_and_of_its_marks():
    told = inputs(backlog_reported=[NAN, 77.0, 66.0], old=True)
    made = ledger({"start_is_assumed": True}, {"ticker": "B", "start_is_assumed": True}, told=told)
    assert of(made, "backlog_usd") == (800.0, "proxy", "backlog_reported old; start unknown: C0")
    assert of(made, "backlog_usd", "B") == (77.0, "ok", "")
    assert of(made, "backlog_usd", "C") == (66.0, "ok", "")  # though nobody looked for contracts
    assert of(made, "walt_mw_years") == (12.0, "proxy", "start unknown: C0")


@pytest.mark.parametrize(
    ("change", "running", "expected"),
    [
        ({}, (), (20.0, "ok", "")),
        ({}, (1,), (20.0, "proxy", "from announced start dates: C1")),
        ({"start_is_assumed": True}, (), (20.0, "proxy", "start unknown, taken as not in service: C1")),
        ({"start_is_assumed": True}, (1,), (20.0, "proxy", "from announced start dates: C1")),
        ({"owned_in_service_mw": NAN}, (), (10.0, "ok", "")),
    ],
)
def test_mw_in_service_and_whose_start_they_rest_on(change, running, expected):
    made = ledger({}, change, running=running)
    assert of(made, "in_service_mw") == expected
    assert of(made, "delivered_share")[0] == pytest.approx(expected[0] / 60)


def test_an_old_report_of_mw_in_service_marks_who_has_contracted_something():
    assert of(ledger({}, told=inputs(old=True)), "in_service_mw") == (10.0, "stale", "mw_operating_ai old")
    none = ledger({"ticker": "B"}, told=inputs(old=True))
    assert of(none, "in_service_mw") == (0.0, "ok", "")
    assert of(none, "delivered_share")[1:] == ("not_meaningful", "nothing contracted")
    # In service nothing of the known and something of which nobody knows the MW: unknown.
    assert np.isnan(of(ledger({"owned_in_service_mw": 0.0}, {"owned_in_service_mw": NAN}), "in_service_mw")[0])


@pytest.mark.parametrize(
    ("change", "supported", "graded"),
    [
        ({}, 0.0, 0.0),
        ({"own_class": "hyperscaler"}, 0.0, 0.25),
        ({"own_class": "investment_grade", "supported_share": 0.4, "guarantor_class": "other"}, 0.1, 0.25),
        ({"supported_share": 0.4, "guarantor_class": "investment_grade"}, 0.1, 0.1),
        ({"supported_share": 0.4, "guarantor_class": "other"}, 0.1, 0.0),
    ],
)
def test_shares_of_value_by_credit(change, supported, graded):
    # 300 of 1,200 in the contract that changes.
    made = ledger({}, {"value_used_usd": 300.0, "supported_usd": 11.0} | change, {"value_used_usd": NAN})
    left_out = "value used unknown, excluded: C2"
    assert of(made, "credit_supported_share") == (pytest.approx(supported), "proxy", left_out)
    assert of(made, "investment_grade_share") == (pytest.approx(graded), "proxy", left_out)
    assert of(made, "supported_usd") == (11.0, "proxy", left_out)
    assert of(made, "investment_grade_share", "B")[1:] == ("not_meaningful", "nothing contracted")


def test_capex_completed_ev_and_the_funding_gap():
    made = ledger({"capex_assumed_usd": 1.0}, {"capex_to_spend_usd": NAN}, {"ticker": "B", "capex_to_spend_usd": 3.0})
    marked = "capex to spend unknown, excluded: C1; capex assumed: C0"
    assert of(made, "capex_to_spend_usd") == (70.0, "proxy", marked)
    assert of(made, "completed_ev_usd") == (570.0, "proxy", marked)
    assert of(made, "capex_after_project_cash_usd")[0] == 65.0
    assert of(made, "funding_gap_usd")[0] == 70 - 5 - 25
    assert of(made, "funding_gap_usd")[2].endswith("undrawn facilities that no source states not deducted")
    assert [of(made, name, "B")[0] for name in ("capex_after_project_cash_usd", "funding_gap_usd")] == [3.0, 0.0]
    more = ledger({}, company=Company(restricted_cash_usd=[71.0, NAN, NAN]))
    assert [of(more, name)[0] for name in ("capex_after_project_cash_usd", "funding_gap_usd")] == [0.0, 0.0]
    drawn = ledger({}, told=inputs([{"drawn": "85"}]))
    assert of(drawn, "funding_gap_usd")[0] == 70 - 5 - 25 - 15
    # A cost of zero beside one that is unknown is unknown.
    unknown = ledger({"capex_to_spend_usd": 0.0}, {"capex_to_spend_usd": NAN})
    assert of(unknown, "capex_to_spend_usd")[1] == of(unknown, "funding_gap_usd")[1] == "missing"


@pytest.mark.parametrize(
    ("changes", "value", "rate", "after_gpus", "mark"),
    [
        (({},), 500.0, 48 / 570, 48 / 570, ""),
        ((CLOUD,), 500.0, 30 / 570, 10 / 570, "GPU cloud alone"),
        (({}, CLOUD), 500.0, 78 / 640, 58 / 640, "leases and GPU cloud together"),
        (({"owned_noi_usd": 0.0}, CLOUD), 500.0, 30 / 640, 10 / 640, "GPU cloud alone"),
        (({"owned_noi_usd": 0.5}, CLOUD), 500.0, 30.5 / 640, 10.5 / 640, "leases and GPU cloud together"),
        (({}, CLOUD | {"owned_annual_revenue_usd": 0.5}), 500.0, 78 / 640, 58 / 640, "leases and GPU cloud together"),
        ((CLOUD | {"owned_annual_revenue_usd": 0.5},), 500.0, 30 / 570, 10 / 570, "GPU cloud alone"),
        ((CLOUD | {"owned_annual_revenue_usd": 0.0},), 500.0, 30 / 570, 10 / 570, ""),
        (({},), -70.5, NAN, NAN, "completed EV is not positive"),
        (({},), -69.5, 96.0, 96.0, ""),
        (({},), -70.0, NAN, NAN, "completed EV is not positive"),
        (({},), -69.0, 48.0, 48.0, ""),
    ],
)
def test_contracted_yield_on_completed_ev(changes, value, rate, after_gpus, mark):
    made = ledger(*changes, company=Company(enterprise_value_usd=[value] * 3))
    for name, expected in (("implied_cap_rate", rate), ("implied_cap_rate_after_gpus", after_gpus)):
        found, status, cause = of(made, name)
        if mark.startswith("completed"):
            assert (status, cause) == ("not_meaningful", mark)
        else:
            assert (found, cause) == (pytest.approx(expected), mark)
    assert of(made, "implied_cap_rate", "B")[1] == "not_meaningful"


@pytest.mark.parametrize(
    ("bonds", "coupon"),
    [
        ([{"seniority": "Project bond"}], 0.06),
        ([{"seniority": "senior secured, non-recourse", "coupon": 0.08}], 0.08),
        ([{"seniority": "project"}, {"seniority": "project", "coupon": 0.09, "principal_usd": 200.0}], 0.08),
        ([{"seniority": "project"}, {"seniority": "project", "coupon": NAN}], 0.06),
        ([{"seniority": "project"}, {"seniority": "project", "coupon": 0.09, "principal_usd": -50.0}], 0.06),
        ([{"seniority": "project"}, {"coupon": 0.09}, {"seniority": None, "coupon": 0.1}], 0.06),
        ([{"seniority": "project", "principal_usd": 0.0}], NAN),
        ([{"seniority": "project", "ticker": "B"}], NAN),
    ],
)
def test_coupon_of_project_bonds_by_principal_and_the_yield_above_it(bonds, coupon):
    made = ledger({}, told=inputs(bonds))
    assert of(made, "project_bond_coupon")[0] == pytest.approx(coupon, nan_ok=True)
    assert of(made, "yield_spread")[0] == pytest.approx(48 / 570 - coupon, nan_ok=True)
    if np.isnan(coupon):
        assert of(made, "project_bond_coupon")[1:] == ("not_meaningful", "no project bond with a stated coupon")
    assert of(made, "project_bond_coupon", "B")[1] == "not_meaningful"  # it has contracted nothing


def test_a_contract_of_no_company_is_nobodys_and_names_are_listed_in_order():
    rows = pd.DataFrame(
        {"as_of": DAY, "ticker": ["Z", "A", "C", "A"], "contract_id": list("zacb"), "x": [1.0, 2.0, 4.0, 8.0]}
    )
    held = Held.by(INDEX, rows)
    assert held.row.tolist() == [-1, 0, 2, 0]
    assert held.column("x").tolist() == [10.0, 0.0, 4.0]
    assert held.sum(rows["x"], rows["x"].gt(2).to_numpy(), none=-1.0).tolist() == [8.0, -1.0, 4.0]
    found = held.marks(rows["x"] > 0, "named")["named"]
    assert isinstance(found, Details)
    assert found.texts.tolist() == ["a, b", "", "c"]
    assert held.marks(rows["x"] > 2, "large")["large"].texts.tolist() == ["b", "", "c"]


@pytest.mark.parametrize(
    ("values", "unknown", "expected"),
    [([0.0, NAN], False, 0.0), ([0.0, NAN], True, NAN), ([0.0, 0.0], True, 0.0), ([1.0, NAN], True, 1.0),
     ([NAN, NAN], False, NAN), ([NAN, 3.0], False, 3.0)],
)  # fmt: skip
def test_a_zero_beside_an_unknown_figure(values, unknown, expected):
    rows = pd.DataFrame({"as_of": DAY, "ticker": "A", "contract_id": list("ab"), "x": values})
    assert Held.by(INDEX, rows).column("x", unknown=unknown)[0] == pytest.approx(expected, nan_ok=True)
