"""EV of data-centre companies from hand-made rows."""

from __future__ import annotations

import pandas as pd
import pytest

from valuation.comparables import _enterprise


def rows(**figures: object) -> pd.DataFrame:
    return pd.DataFrame(
        [{"company": "X", "metric": name, "value": value, "as_of": "2026-06-18"} for name, value in figures.items()]
    )


def test_ev_counts_partnership_units_and_minorities():
    found = _enterprise(
        rows(share_price="100", shares_outstanding="10", op_units_limited_partners="2", total_debt="500",
             redeemable_nci="30", cash="80", it_capacity_operating="50")
    )  # fmt: skip
    assert found["enterprise_value_usd"].item() == pytest.approx((100 * 12 + 500 + 30 - 80) * 1e6)
    assert found["m_usd_per_mw"].item() == pytest.approx(1_650 / 50)


@pytest.mark.parametrize("absent", ["share_price", "shares_outstanding", "total_debt", "cash"])
def test_no_ev_without_price_shares_debt_and_cash(absent):
    figures = {"share_price": "100", "shares_outstanding": "10", "total_debt": "500", "cash": "80"}
    del figures[absent]
    assert _enterprise(rows(**figures)).empty


def test_a_range_is_no_figure():
    found = _enterprise(rows(share_price="100", shares_outstanding="10", total_debt="500", cash="80",
                             it_capacity_operating="9-13"))  # fmt: skip
    assert found["enterprise_value_usd"].item() == pytest.approx(1_420e6)
    assert pd.isna(found["m_usd_per_mw"].item())
