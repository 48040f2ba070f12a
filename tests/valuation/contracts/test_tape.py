"""The lease tape and the credit ladder against contracts read by hand."""

from __future__ import annotations

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
