"""Terms of one contract at a time: each figure told and not told, worked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.contracts.test_book import BLANK
from valuation.assumptions import Assumptions
from valuation.contracts.terms import terms

A = replace(
    Assumptions(), escalator_unknown=0.02, noi_margin_lease=0.9, noi_margin_gpu_cloud=0.7, gross_mw_per_critical_it_mw=1.25,
    capex_lease_usd_per_mw=10e6, capex_gpu_cloud_usd_per_mw=14e6, capex_gpus_usd_per_mw=30e6, capex_overrun_usd_per_mw=1e6,
    tenant_paid_share=0.9, gpu_life_years=5.0, start_lag_lease_years=1.0, start_lag_gpu_cloud_years=0.5,
)  # fmt: skip
NAN = np.nan


def one(**change: object) -> pd.Series:
    frame = pd.DataFrame([BLANK | {"escalator": 0.0} | change])
    for column in ("as_of", "start_on", "end_on", "announced_on", "break_on"):
        frame[column] = pd.to_datetime(frame[column])
    return terms(frame, A).iloc[0]


def figures(row: pd.Series, *names: str) -> list[float]:
    return [float(row[name]) for name in names]


def test_terms_stand_on_the_rows_of_the_contracts_in_their_order():
    frame = pd.DataFrame([BLANK | {"contract_id": "B"}, BLANK | {"contract_id": "A"}], index=[7, 3])
    for column in ("as_of", "start_on", "end_on", "announced_on", "break_on"):
        frame[column] = pd.to_datetime(frame[column])
    found = terms(frame, A)
    assert found["contract_id"].to_dict() == {0: "B", 1: "A"}
    assert "index" not in found


VALUE = ("owned_value_usd", "value_used_usd", "owned_annual_revenue_usd")


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({"total_value_usd": 1e9}, [1e9, 1e9, 100e6]),
        ({"total_value_usd": NAN, "annual_revenue_usd": 90e6}, [NAN, 900e6, 90e6]),  # revenue x term stands in
        ({"total_value_usd": 1e9, "annual_revenue_usd": 90e6}, [1e9, 1e9, 90e6]),
        ({"total_value_usd": NAN}, [NAN, NAN, NAN]),
        ({"total_value_usd": 1e9, "annual_revenue_usd": 90e6, "owner_share": 0.25}, [250e6, 250e6, 22.5e6]),
        ({"total_value_usd": NAN, "annual_revenue_usd": 90e6, "term_years": NAN}, [NAN, NAN, 90e6]),
    ],
)
def test_value_and_revenue(told, expected):
    assert figures(one(**told), *VALUE) == pytest.approx(expected, nan_ok=True)


def test_the_term_is_that_told_and_else_from_start_to_end():
    span = {"start_on": "2027-01-01", "end_on": "2030-01-01"}
    assert one(**span)["term_years"] == 10.0
    assert one(**span, term_years=NAN)["term_years"] == pytest.approx(1096 / 365.25)
    assert np.isnan(one(term_years=NAN)["term_years"])


@pytest.mark.parametrize(
    ("told", "used", "assumed"),
    [
        ({"escalator": 0.03}, 0.03, False),
        ({"escalator": NAN}, 0.02, True),
        ({"escalator": NAN, "term_years": 7.0}, 0.02, True),
        ({"escalator": NAN, "term_years": 6.99}, 0.0, False),  # shorter leases run without steps
        ({"escalator": NAN, "kind": "gpu_cloud"}, 0.0, False),
        ({"escalator": NAN, "term_years": NAN}, 0.0, False),
        ({"escalator": 0.0}, 0.0, False),
    ],
)
def test_escalators(told, used, assumed):
    row = one(**told)
    assert (row["escalator_used"], bool(row["escalator_is_assumed"])) == (used, assumed)


def test_the_first_year_s_rent_sums_with_its_steps_to_the_value():
    row = one(escalator=0.1, term_years=3.0, owner_share=0.5)
    assert row["owned_first_year_revenue_usd"] * (1 + 1.1 + 1.21) == pytest.approx(0.5e9)


@pytest.mark.parametrize(
    ("told", "margin", "assumed"),
    [({}, 0.8, False), ({"noi_margin": NAN}, 0.9, True), ({"noi_margin": NAN, "kind": "gpu_cloud"}, 0.7, True),
     ({"noi_margin": 0.5, "kind": "gpu_cloud"}, 0.5, False)],
)  # fmt: skip
def test_margins(told, margin, assumed):
    row = one(**told)
    assert (row["margin_used"], bool(row["margin_is_assumed"])) == (margin, assumed)
    assert row["owned_noi_usd"] == pytest.approx(100e6 * margin)


@pytest.mark.parametrize(
    ("told", "it", "gross", "proxy"),
    [
        ({"critical_it_mw": 100.0, "gross_mw": 140.0}, 50.0, 70.0, False),
        ({"critical_it_mw": 100.0}, 50.0, 62.5, False),
        ({"critical_it_mw": NAN, "gross_mw": 140.0}, 56.0, 70.0, True),
        ({"critical_it_mw": NAN}, NAN, NAN, False),
    ],
)
def test_power_at_the_owner_s_share(told, it, gross, proxy):
    row = one(owner_share=0.5, **told)
    assert figures(row, "owned_it_mw", "owned_gross_mw") == pytest.approx([it, gross], nan_ok=True)
    assert bool(row["it_mw_is_proxy"]) is proxy


@pytest.mark.parametrize(
    ("told", "used", "assumed", "unknown"),
    [
        ({"start_on": "2027-01-01"}, "2027-01-01", False, False),
        ({"start_on": None}, "2026-12-01", True, True),  # 365.25 days after the announcement of 2025-12-01
        ({"start_on": None, "kind": "gpu_cloud"}, "2026-06-02", True, True),  # 182.625 days are 183
        ({"start_on": "2027-01-01", "term_years": NAN}, "2027-01-01", False, True),
    ],
)
def test_starts(told, used, assumed, unknown):
    row = one(**told)
    assert row["start_used"] == pd.Timestamp(used)
    assert (bool(row["start_is_assumed"]), bool(row["start_is_unknown"])) == (assumed, unknown)


COST = ("gpu_capex_usd", "building_capex_usd")
BY_TENANT = {"evidence": "capex mostly paid by Somebody"}


@pytest.mark.parametrize(
    ("told", "expected", "building_assumed", "gpus_assumed", "basis"),
    [
        ({}, [0.0, 1_100e6], True, False, "assumed per MW"),
        ({"owner_share": 0.5}, [0.0, 550e6], True, False, "assumed per MW"),
        ({"capex_usd": 700e6}, [0.0, 800e6], False, False, "announced"),  # and the overrun
        ({"capex_usd": 700e6, "owner_share": 0.5}, [0.0, 400e6], False, False, "announced"),
        ({"capex_usd": 700e6, "critical_it_mw": NAN}, [0.0, 700e6], False, False, "announced"),
        ({"kind": "gpu_cloud"}, [3_000e6, 1_500e6], True, True, "assumed per MW"),
        ({"kind": "gpu_cloud", "capex_usd": 2e9}, [2e9, 1_500e6], True, False, "GPUs announced, building assumed"),
        ({"kind": "gpu_cloud", "capex_usd": 2e9, "critical_it_mw": NAN}, [2e9, NAN], True, False, "unknown"),
        ({"critical_it_mw": NAN}, [0.0, NAN], True, False, "unknown"),
        (BY_TENANT, [0.0, 110e6], True, False, "tenant pays most"),
        (BY_TENANT | {"capex_usd": 50e6}, [0.0, 150e6], False, False, "announced"),
    ],
)
def test_cost_to_build_and_whether_it_is_assumed(told, expected, building_assumed, gpus_assumed, basis):
    row = one(**told)
    assert figures(row, *COST) == pytest.approx(expected, nan_ok=True)
    assert (bool(row["building_is_assumed"]), bool(row["gpus_are_assumed"])) == (building_assumed, gpus_assumed)
    assert row["capex_basis"] == basis


def test_a_negative_overrun_takes_no_more_than_the_building():
    cheaper = replace(A, capex_overrun_usd_per_mw=-11e6)
    frame = pd.DataFrame([BLANK]).assign(**{name: pd.to_datetime([BLANK[name]]) for name in
                                            ("as_of", "start_on", "end_on", "announced_on", "break_on")})  # fmt: skip
    assert terms(frame, cheaper)["building_capex_usd"].tolist() == [0.0]


def test_gpu_cloud_earns_after_its_gpus_and_a_lease_has_none():
    assert one(kind="gpu_cloud", noi_margin=0.8, capex_usd=200e6)["owned_ebit_usd"] == pytest.approx(80e6 - 40e6)
    assert np.isnan(one()["owned_ebit_usd"])
    assert [one(kind=kind)["business"] for kind in ("colocation_lease", "jv_lease", "gpu_cloud")] == [
        "lease", "lease", "gpu_cloud",
    ]  # fmt: skip
    assert [bool(one(kind=kind)["is_ai"]) for kind in ("colocation_lease", "jv_lease", "gpu_cloud", "hosting")] == [
        True, True, True, False,
    ]  # fmt: skip


def test_prepayments_and_rent_credits_are_the_owner_s_and_nothing_where_none_is_told():
    row = one(prepayment=0.2, rent_credits_usd=30e6, owner_share=0.5)
    assert figures(row, "owned_prepayment_usd", "owned_rent_credits_usd") == [100e6, 15e6]
    assert figures(one(), "owned_prepayment_usd", "owned_rent_credits_usd") == [0.0, 0.0]


def test_support_is_its_share_of_the_value():
    backed = one(
        counterparty="Fluidstack", credit_support="Google lease backstop", credit_support_usd=4e8, owner_share=0.5
    )
    assert backed["supported_usd"] == pytest.approx(backed["supported_share"] * 0.5e9)
