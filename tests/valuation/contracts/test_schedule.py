"""Contract arithmetic against announced figures and schedules written out year by year."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.contracts.test_book import made
from valuation.contracts.arithmetic import earned, first_year_revenue
from valuation.contracts.schedule import by_company

AS_OF = pd.Timestamp("2026-01-16")
HUT = {"critical_it_mw": 245.0, "gross_mw": 330.0, "term_years": 15.0, "total_value_usd": 7e9, "escalator": 0.03,
       "noi_margin": 0.973, "start_on": "2027-06-30"}  # fmt: skip


def book(*changes: dict) -> pd.DataFrame:
    return made(*(HUT | change for change in changes)).contracts


def one(value: float, term: float, growth: float, elapsed: float) -> float:
    return earned(np.array([value]), np.array([term]), np.array([growth]), np.array([elapsed])).item()


def test_river_bend_first_year_is_below_its_average():
    row = book({}).iloc[0]
    average, first = row["owned_annual_revenue_usd"], row["owned_first_year_revenue_usd"]
    assert average * 0.973 == pytest.approx(454e6, rel=0.001)
    # 7bn over 15 years at 3%: 7e9 * 0.03 / (1.03**15 - 1) = 376.37m; 1.51m of NOI per MW at a margin near one.
    assert first == pytest.approx(376.366e6, rel=1e-4)
    assert first * 0.983 / 245 == pytest.approx(1.51e6, rel=0.005)


def test_a_year_by_year_schedule_written_out_sums_to_the_contract():
    first = first_year_revenue(np.array([7e9]), np.array([15.0]), np.array([0.03])).item()
    rents = [first * 1.03**k for k in range(15)]
    assert sum(rents) == pytest.approx(7e9)
    assert one(7e9, 15, 0.03, 2.0) == pytest.approx(rents[0] + rents[1])
    assert one(7e9, 15, 0.03, 2.5) == pytest.approx(rents[0] + rents[1] + rents[2] / 2)
    assert one(7e9, 15, 0.03, 15.0) == 7e9


def test_before_the_start_the_backlog_is_the_whole_value():
    row = book({"contract_id": "CIFR-F", "total_value_usd": 3e9, "start_on": "2026-10-01"}).iloc[0]
    assert row["owned_backlog_usd"] == 3e9


def test_unknown_start_keeps_the_whole_value_and_says_so():
    row = book({"start_on": None}).iloc[0]
    assert row["owned_backlog_usd"] == 7e9
    assert bool(row["start_is_unknown"])


def test_terawulf_abernathy_at_the_owners_share():
    row = book({"kind": "jv_lease", "total_value_usd": 9.5e9, "term_years": 25.0, "owner_share": 0.51,
                "critical_it_mw": 168.0, "escalator": np.nan}).iloc[0]  # fmt: skip
    assert row["owned_value_usd"] == pytest.approx(4.845e9)
    assert row["owned_it_mw"] == pytest.approx(85.68)
    assert row["owned_annual_revenue_usd"] == pytest.approx(193.8e6)


def test_iren_microsoft_pays_1_94_billion_a_year():
    row = book({"kind": "gpu_cloud", "total_value_usd": 9.7e9, "term_years": 5.0, "escalator": np.nan}).iloc[0]
    assert row["owned_annual_revenue_usd"] == pytest.approx(1.94e9)


def test_hosting_is_not_ai_and_nothing_signed_is_zero_not_unknown():
    rows = book({"kind": "hosting", "ticker": "SLNH"}, {"total_value_usd": np.nan, "contract_id": "HUT-1"})
    index = pd.MultiIndex.from_product([[AS_OF], ["CIFR", "MARA", "SLNH"]], names=["as_of", "ticker"])
    out = by_company(rows, index)
    assert out["contracted_revenue_usd"].tolist()[1:] == [0.0, 0.0]
    assert np.isnan(out["contracted_revenue_usd"].iloc[0])
    assert out["revenue_unknown"].iloc[0] == "HUT-1"
    assert out["signed_contracts"].tolist() == [1, 0, 0]


@settings(max_examples=200, deadline=None)
@given(st.floats(1e6, 2e10), st.integers(1, 25), st.floats(0, 0.08), st.floats(-3, 30), st.floats(0, 5))
def test_what_has_elapsed_grows_from_nothing_to_the_whole(value, term, growth, elapsed, more):
    before, after = one(value, term, growth, elapsed), one(value, term, growth, elapsed + more)
    assert 0 <= before <= after * (1 + 1e-12) <= value * (1 + 1e-9)
    if elapsed <= 0:
        assert before == 0
    if elapsed >= term:
        assert before == value


def lease(**change) -> pd.Series:
    return book({"total_value_usd": 3e9, "term_years": 15.0, "noi_margin": 0.9, **change}).iloc[0]


def test_an_undisclosed_step_of_a_long_lease_is_assumed_and_told():
    unknown, disclosed = lease(escalator=np.nan), lease(escalator=0.03)
    # 3bn * 0.025 / (1.025**15 - 1) = 167.30m; * 0.03 / (1.03**15 - 1) = 161.30m: 4% apart; the average is 200m.
    assert unknown["owned_first_year_revenue_usd"] == pytest.approx(167.30e6, rel=1e-4)
    assert disclosed["owned_first_year_revenue_usd"] == pytest.approx(161.30e6, rel=1e-4)
    assert (unknown["escalator_is_assumed"], disclosed["escalator_is_assumed"]) == (True, False)
    assert unknown["owned_annual_revenue_usd"] == pytest.approx(200e6)


def test_short_leases_and_gpu_cloud_have_no_assumed_step():
    assert lease(escalator=np.nan, term_years=5.0)["escalator_used"] == 0
    assert lease(escalator=np.nan, kind="gpu_cloud", term_years=8.0)["escalator_used"] == 0
    assert lease(escalator=0.0)["escalator_used"] == 0


def test_a_reported_backlog_stands_in_place_of_the_contracts():
    from screener import pipeline

    for day, usd in (("2026-01-16", 55.6e9), ("2026-10-05", 99.4e9)):
        screen = pipeline.run("miners", day, source="bundled")
        assert screen.table.loc["CRWV", "backlog_usd"] == pytest.approx(usd)


def day_of(years: float) -> str:
    return f"{AS_OF + pd.Timedelta(days=round(365.25 * years)):%Y-%m-%d}"


def test_next_twelve_months_count_from_the_start_on():
    flat = {"escalator": 0.0, "term_years": 10.0, "total_value_usd": 1e9, "noi_margin": 0.8}
    for at, expected in ((-2.0, 100e6), (-9.5, 50e6), (-11.0, 0.0), (0.25, 75e6), (1.0, 0.0), (3.0, 0.0)):
        row = book(flat | {"start_on": day_of(at)}).iloc[0]
        assert row["owned_ntm_revenue_usd"] == pytest.approx(expected, abs=0.3e6), at
        assert row["owned_ntm_noi_usd"] == pytest.approx(0.8 * row["owned_ntm_revenue_usd"])
    endless = flat | {"term_years": np.nan, "total_value_usd": np.nan, "annual_revenue_usd": 80e6}
    for at, expected in ((-2.0, 80e6), (0.25, 60e6), (2.0, 0.0)):
        row = book(endless | {"start_on": day_of(at)}).iloc[0]
        assert row["owned_ntm_revenue_usd"] == pytest.approx(expected, abs=0.3e6), at


def summed(*changes: dict) -> pd.Series:
    rows = book(*changes)
    index = pd.MultiIndex.from_frame(rows[["as_of", "ticker"]]).unique()
    return by_company(rows, index).iloc[0]


LISTS = ("revenue_unknown", "backlog_unknown", "mw_unknown", "mw_from_gross", "ntm_unknown", "capex_unknown",
         "capex_assumed", "margin_assumed", "escalator_assumed", "start_assumed", "backlog_upper")  # fmt: skip
KNOWN = {"capex_usd": 1e9}  # nothing assumed


@pytest.mark.parametrize(
    ("change", "marked"),
    [
        ({}, set()),
        ({"critical_it_mw": np.nan}, {"mw_from_gross"}),
        ({"critical_it_mw": np.nan, "gross_mw": np.nan}, {"mw_unknown"}),
        ({"start_on": None}, {"start_assumed", "backlog_upper"}),
        ({"term_years": np.nan, "annual_revenue_usd": 5e8}, {"backlog_upper"}),
        ({"total_value_usd": np.nan, "annual_revenue_usd": 5e8}, {"backlog_unknown"}),
        ({"total_value_usd": np.nan}, {"backlog_unknown", "revenue_unknown", "ntm_unknown"}),
        ({"total_value_usd": np.nan, "start_on": None, "noi_margin": np.nan, "escalator": np.nan},
         {"backlog_unknown", "revenue_unknown", "ntm_unknown", "start_assumed"}),  # no margin of what is unknown
        ({"noi_margin": np.nan}, {"margin_assumed"}),
        ({"escalator": np.nan}, {"escalator_assumed"}),
        ({"capex_usd": np.nan}, {"capex_assumed"}),
        ({"capex_usd": np.nan, "critical_it_mw": np.nan, "gross_mw": np.nan}, {"mw_unknown", "capex_unknown"}),
    ],
)  # fmt: skip
def test_each_mark_names_the_contract_that_has_it_and_no_other(change, marked):
    found = summed(KNOWN, KNOWN | change, KNOWN)
    assert {name: found[name] for name in LISTS} == {name: "XYZ-1" if name in marked else "" for name in LISTS}


def test_sums_count_what_is_known_and_a_zero_beside_an_unknown_is_unknown():
    unknown = {"critical_it_mw": np.nan, "gross_mw": np.nan, "capex_usd": np.nan}
    row = summed(KNOWN, KNOWN | unknown)
    assert (row["signed_contracts"], row["ai_contracted_it_mw"], row["leased_gross_mw"]) == (2, 245.0, 330.0)
    assert np.isnan(row["in_service_it_mw"])  # none of the known is in service yet
    assert row["contracted_value_usd"] == 14e9
    delivered = KNOWN | {"start_on": "2025-01-01"}
    row = summed(delivered, unknown | {"start_on": "2025-01-01", "capex_usd": 1.0, "total_value_usd": np.nan})
    assert (row["in_service_it_mw"], row["capex_to_spend_usd"], row["contracted_value_usd"]) == (245.0, 0.0, 7e9)
    assert (row["lease_revenue_usd"], row["cloud_revenue_usd"]) == pytest.approx((7e9 / 15, 0.0))
    cloud = summed(KNOWN | {"kind": "gpu_cloud"}, KNOWN | {"kind": "hosting"})
    assert (cloud["signed_contracts"], cloud["lease_revenue_usd"]) == (1, 0.0)
    assert cloud["cloud_revenue_usd"] == pytest.approx(7e9 / 15)


def test_a_company_without_contracts_has_signed_nothing():
    index = pd.MultiIndex.from_tuples([(AS_OF, "CIFR"), (AS_OF, "MARA")], names=["as_of", "ticker"])
    row = by_company(book(KNOWN), index).loc[(AS_OF, "MARA")]
    assert (row["signed_contracts"], row["backlog_usd"], row["in_service_it_mw"], row["capex_to_spend_usd"]) == (
        0,
        0,
        0,
        0,
    )
    assert not any(row[name] for name in LISTS)
