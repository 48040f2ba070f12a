"""The lease tape and the credit ladder against contracts read by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import basis, few
from valuation.assumptions import Assumptions
from valuation.contracts import book
from valuation.contracts.tape import credit_ladder, lease_tape, medians


def contracts(day: str, *tickers: str) -> pd.DataFrame:
    start = basis(few(*tickers), day)
    return book.build(start.inputs, start.valuation, Assumptions(), start.sites).contracts


def test_the_tape_tells_rent_per_megawatt_and_year_on_average_and_in_the_first_year():
    tape = lease_tape(contracts("2026-10-05", "HUT", "IREN")).set_index("contract_id")
    row = tape.loc["HUT-FLUIDSTACK-202512"]
    # 7bn over 15 years on 245 MW: 1.905m on average; 376.37m in the first year at 3% (7e9 * 0.03 / (1.03**15 - 1)).
    assert row["rent_usd_per_mw"] == pytest.approx(7e9 / 15 / 245)
    assert row["first_year_usd_per_mw"] == pytest.approx(376.366e6 / 245, rel=1e-4)
    assert (row["vintage"], row["tenant_class"], bool(row["escalator_is_assumed"])) == (2025, "hyperscaler", False)
    assert tape.loc["IREN-MICROSOFT-202511", "rent_usd_per_mw"] == pytest.approx(9.7e6)


def test_medians_by_business_and_year_count_only_what_is_known():
    tape = lease_tape(contracts("2026-10-05", "HUT", "IREN", "CIFR"))
    rows = medians(tape).set_index(["business", "vintage"])
    # IREN's Microsoft contract alone was signed with value and MW in 2025.
    assert rows.loc[("gpu_cloud", 2025), ["contracts", "rent_usd_per_mw"]].tolist() == pytest.approx([1, 9.7e6])
    # CIFR-AWS of November 2025 (5.5bn/15/216 = 1.698m), HUT-Fluidstack (1.905m); Cipher's first two were replaced.
    assert rows.loc[("lease", 2025), "rent_usd_per_mw"] == pytest.approx((5.5e9 / 15 / 216 + 7e9 / 15 / 245) / 2)


def test_the_ladder_puts_who_pays_best_first_and_says_until_when():
    ladder = credit_ladder(contracts("2026-10-05", "HUT", "WULF", "CIFR")).set_index("contract_id")
    row = ladder.loc["HUT-FLUIDSTACK-202512"]
    assert row[["own_class", "guarantor", "covered", "guarantor_class"]].tolist() == [
        "other",
        "Google",
        1.0,
        "hyperscaler",
    ]
    assert row["expires_on"] == pd.Timestamp("2042-06-30")
    # Google covers 1.8 of 3.7bn.
    assert ladder.loc["WULF-FLUIDSTACK-202508", "covered"] == pytest.approx(1.8 / 3.7)
    assert list(ladder.index).index("CIFR-AWS-202511") < list(ladder.index).index("WULF-FLUIDSTACK-202508")


def test_a_tenant_is_one_tenant_under_all_its_spellings():
    rows = contracts("2026-10-05", "CIFR", "HUT", "WULF", "RIOT", "CORZ").set_index("contract_id")["counterparty_name"]
    assert set(rows[rows.index.str.contains("FLUIDSTACK")]) == {"Fluidstack"}
    assert set(rows[["RIOT-AMD-202601", "RIOT-AMD-202604", "CORZ-AMD-202607"]]) == {"AMD"}
    assert rows["HUT-UNDISCLOSED-202605"] == rows["HUT-UNDISCLOSED-202607"]


DAY, NAN = pd.Timestamp("2026-01-01"), np.nan
BLANK = {
    "ticker": "A", "contract_id": "C", "counterparty_name": "X", "business": "lease", "kind": "colocation_lease",
    "announced_on": DAY, "critical_it_mw": 20.0, "owned_it_mw": 10.0, "term_years": 10.0, "escalator_used": 0.02,
    "escalator_is_assumed": True, "owned_annual_revenue_usd": 50.0, "owned_first_year_revenue_usd": 40.0,
    "owned_noi_usd": 30.0, "own_class": "other", "guarantor_class": "hyperscaler", "supported_share": 0.0,
    "guarantor": "none",
    "first_start_on": DAY, "last_start_on": DAY, "first_start_is_assumed": False, "end_on": pd.NaT, "break_on": pd.NaT,
}  # fmt: skip


def rows(*changes: dict) -> pd.DataFrame:
    return pd.DataFrame(
        [BLANK | {"contract_id": f"C{k}"} | one for k, one in enumerate(changes)], index=range(5, 5 + len(changes))
    )


def test_a_tape_newest_first_with_rent_a_megawatt_where_both_are_known():
    later = DAY + pd.Timedelta(days=400)
    tape = lease_tape(rows({"supported_share": 0.5}, {"announced_on": later, "supported_share": 0.49}, {"owned_it_mw": 0.0},
                           {"announced_on": later, "owned_it_mw": 0.5}, {"owned_annual_revenue_usd": NAN}))  # fmt: skip
    assert tape["contract_id"].to_dict() == {0: "C1", 1: "C3", 2: "C0", 3: "C2", 4: "C4"}
    assert tape["tenant_class"].tolist() == ["other", "other", "hyperscaler", "other", "other"]
    assert tape["vintage"].tolist() == [2027, 2027, 2026, 2026, 2026]
    assert tape["rent_usd_per_mw"].tolist() == pytest.approx([5.0, 100.0, 5.0, NAN, NAN], nan_ok=True)
    assert tape["first_year_usd_per_mw"].tolist() == pytest.approx([4.0, 80.0, 4.0, NAN, 4.0], nan_ok=True)
    assert tape["noi_usd_per_mw"].tolist() == pytest.approx([3.0, 60.0, 3.0, NAN, 3.0], nan_ok=True)
    assert tape.columns[:4].tolist() == ["ticker", "contract_id", "tenant", "business"]


def test_medians_of_leases_before_those_of_cloud_by_year():
    later, cloud = {"announced_on": DAY + pd.Timedelta(days=400)}, {"business": "gpu_cloud"}
    found = medians(lease_tape(rows(later, {}, {"owned_annual_revenue_usd": 70.0}, cloud, cloud | later,
                                    {"owned_annual_revenue_usd": NAN})))  # fmt: skip
    assert found.columns.tolist()[:3] == ["business", "vintage", "contracts"]
    assert found[["business", "vintage", "contracts", "rent_usd_per_mw"]].to_numpy().tolist() == [
        ["lease", 2026, 2, 6.0], ["lease", 2027, 1, 5.0], ["gpu_cloud", 2026, 1, 5.0], ["gpu_cloud", 2027, 1, 5.0],
    ]  # fmt: skip
    assert found.index.tolist() == [0, 1, 2, 3]


def test_a_ladder_best_credit_first_then_the_larger_rent():
    ladder = credit_ladder(rows(
        {"own_class": "other", "supported_share": 0.49}, {"own_class": "other", "supported_share": 0.5},
        {"own_class": "investment_grade", "guarantor_class": "investment_grade"},
        {"own_class": "other", "owned_annual_revenue_usd": 90.0},
        {"own_class": "hyperscaler", "guarantor_class": "hyperscaler", "owned_annual_revenue_usd": 20.0},
        {"own_class": "investment_grade", "guarantor_class": "other", "supported_share": 1.0,
         "owned_annual_revenue_usd": 90.0},
    ))  # fmt: skip
    assert ladder["contract_id"].to_dict() == {0: "C1", 1: "C4", 2: "C5", 3: "C2", 4: "C3", 5: "C0"}
    assert ladder.columns[:4].tolist() == ["ticker", "contract_id", "tenant", "own_class"]


def test_who_backs_a_contract_and_when_it_expires():
    ladder = credit_ladder(rows(
        {"guarantor": "Google", "last_start_on": DAY + pd.Timedelta(days=100)}, {"guarantor": "none", "end_on": DAY},
        {"guarantor": "tenant itself", "term_years": NAN}, {"term_years": 0.123},
    )).set_index("contract_id")  # fmt: skip
    assert ladder["guarantor"].to_dict() == {"C0": "Google", "C1": "", "C2": "", "C3": ""}
    # 3,652.5 days are 3,652: half a day rounds to the even one; 44.9 are 45.
    assert [(day - DAY).days if day is not pd.NaT else None for day in ladder["expires_on"]] == [3752, 0, None, 45]
