"""Net asset values of five companies against a plain calculation from the CSV files (`plain.py`), and toys by hand."""

from __future__ import annotations

from datetime import date
from functools import cache

import pytest

from tests.valuation.nav.plain import Plain
from tests.valuation.worlds import OCTOBER, october, of

# Name of the plain calculation -> columns of the program that it is the sum of.
SAME = {
    "leases_dcf": ("leases_dcf_usd",), "leases_cap_rate": ("leases_cap_rate_usd",), "gpu_cloud": ("gpu_cloud_usd",),
    "taxes": ("contract_taxes_usd",), "lease_prepayments": ("lease_prepayments_usd",), "capex": ("capex_to_spend_usd",),
    "approved": ("approved_power_usd",), "mining_power": ("mining_power_usd",), "pipeline": ("pipeline_usd",),
    "mining": ("mining_usd",), "bitcoin": ("bitcoin_usd",), "money": ("cash_usd", "restricted_cash_usd"),
    "overhead": ("overhead_usd",), "debt": ("debt_after_conversion_usd",), "finance_leases": ("finance_leases_usd",),
    "minorities": ("noncontrolling_interest_usd",), "nav_dcf": ("nav_dcf_usd",), "nav_cap_rate": ("nav_cap_rate_usd",),
    "shares": ("diluted_shares",),
}  # fmt: skip


@cache
def plain() -> Plain:
    return Plain(date.fromisoformat(OCTOBER))


@pytest.mark.parametrize("ticker", ["IREN", "CIFR", "HUT", "CLSK", "MARA"])
def test_net_asset_values_and_their_parts_by_plain_arithmetic(ticker):
    row, expected = of(october().nav.table, ticker).fillna(0.0), plain().nav(ticker)
    found = {name: sum(row[column] for column in columns) for name, columns in SAME.items()}
    assert set(found) == set(expected)
    assert found == {name: pytest.approx(value, rel=1e-3, abs=1e3) for name, value in expected.items()}
    assert row["nav_dcf_usd"] != 0
