"""EV of data-centre companies from hand-made rows."""

from __future__ import annotations

from types import SimpleNamespace

import pandas as pd
import pytest

from valuation.comparables import SHOWN, Comparables, _enterprise, beside


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


def test_the_day_of_an_ev_is_that_of_its_last_price_and_a_company_without_one_is_left_out():
    figures = rows(share_price="100", shares_outstanding="10", total_debt="500", cash="80")
    later = rows(share_price="200").assign(as_of="2026-06-30")
    last = rows(op_units_limited_partners="0").assign(as_of="2026-09-30")
    others = rows(cash="1", share_price="7").assign(company="Y", as_of="2026-12-31")
    found = _enterprise(pd.concat([figures, later, last, others]))
    assert found["company"].tolist() == ["X"]
    assert found["enterprise_value_usd"].item() == pytest.approx((200 * 10 + 500 - 80) * 1e6)
    assert found["of_day"].item() == "2026-06-30"


@pytest.mark.parametrize(
    ("day", "who"), [("2025-10-31", []), ("2025-11-01", ["JPMorgan"]), ("2026-11-30", ["JPMorgan", "Bernstein"])]
)
def test_yardsticks_count_from_their_month_on(day, who):
    blank = pd.DataFrame()
    found = Comparables(pd.Timestamp(day), blank, blank, blank, blank).yardsticks
    assert [text.split()[0] for text in found] == who


def test_medians_of_each_group_over_usable_positive_figures_of_the_statistics():
    names = list("ABCDEFGH")
    table = pd.DataFrame({name: [1.0, 3.0, 9.0, -5.0, 100.0, 2.0, 8.0, 0.0] for name in SHOWN}, index=names)
    table["group"] = ["pivot"] * 5 + ["bitcoin"] * 3
    table["excluded"] = ["", "", "", "", "comparable", "", "", ""]
    status = pd.DataFrame("ok", index=names, columns=table.columns)
    status.loc["C", SHOWN[0]], status.loc["B", SHOWN[0]] = "not_meaningful", "proxy"
    market = pd.DataFrame(columns=["company", "metric", "as_of", "value", "unit", "source", "more"])
    told = "deal date value value_unit mw mw_basis musd_per_mw buyer kind confidence source more"
    deals = pd.DataFrame([range(12)], columns=told.split(), index=[5])
    found = beside(SimpleNamespace(table=table, status=status, as_of=pd.Timestamp("2026-01-16")), market, deals)
    first, second = found.own.iloc[0], found.own.iloc[1]
    assert first[["metric", "pivot", "n_pivot", "bitcoin", "n_bitcoin"]].tolist() == [SHOWN[0], 2.0, 2, 5.0, 2]
    assert second[["pivot", "n_pivot"]].tolist() == [3.0, 3]
    assert found.deals.index.tolist() == [0]
    assert found.deals.columns.tolist() == told.split()[:-1]
    assert found.market.columns.tolist() == ["company", "metric", "as_of", "value", "unit", "source"]
