"""The contract book against announced figures and sums worked by hand."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.worlds import assessed, basis, few, january, miners, of
from valuation.assumptions import Assumptions
from valuation.contracts import book
from valuation.contracts.calendar import Calendar, calendar, schedule_by_year
from valuation.contracts.concentration import concentration
from valuation.contracts.credit import NOT_STATED, SEVERAL_SITES, located, place
from valuation.contracts.schedule import Schedule, schedule
from valuation.inputs import Inputs

AS_OF = pd.Timestamp("2026-01-16")
BLANK = {
    "as_of": AS_OF, "ticker": "CIFR", "contract_id": "XYZ-1", "kind": "colocation_lease", "critical_it_mw": 100.0,
    "gross_mw": np.nan, "term_years": 10.0, "total_value_usd": 1e9, "annual_revenue_usd": np.nan, "escalator": np.nan,
    "noi_margin": 0.8, "owner_share": 1.0, "start_on": "2027-01-01", "end_on": None, "announced_on": "2025-12-01",
    "counterparty": "Somebody", "end_user": np.nan, "credit_support": np.nan, "credit_support_usd": np.nan,
    "site": np.nan, "capex_usd": np.nan, "evidence": "", "prepayment": np.nan, "rent_credits_usd": np.nan,
    "break_on": None,
}  # fmt: skip


# Whole contracts at once, so that a figure can be followed by hand; tranches have tests of their own.
AT_ONCE = replace(Assumptions(), ramp_years=0.0)


@cache
def base_inputs() -> Inputs:
    return basis(few("CIFR")).inputs


def made(*changes: dict, assumptions: Assumptions = AT_ONCE, cash_on: str | None = None) -> Schedule:
    frame = pd.DataFrame([BLANK | {"contract_id": f"XYZ-{k}"} | change for k, change in enumerate(changes)])
    for column in ("as_of", "start_on", "end_on", "announced_on", "break_on"):
        frame[column] = pd.to_datetime(frame[column])
    inputs = base_inputs()
    periods = inputs.periods.assign(cash=pd.Timestamp(cash_on or AS_OF))
    items = inputs.items.assign(mw_operating_ai=np.nan)
    inputs = replace(inputs, contracts=frame, phases=inputs.phases[:0], periods=periods, items=items)
    return schedule(inputs, assumptions)


def signed(*changes: dict, assumptions: Assumptions = AT_ONCE, cash_on: str | None = None) -> pd.DataFrame:
    return made(*changes, assumptions=assumptions, cash_on=cash_on).contracts


def over_years(*changes: dict, assumptions: Assumptions = AT_ONCE) -> Calendar:
    found = made(*changes, assumptions=assumptions)
    return calendar(found.contracts.assign(not_scheduled=""), found.tranches)


def contract(contract_id: str) -> pd.Series:
    rows = january().book.contracts
    return rows[rows["contract_id"] == contract_id].iloc[0]


def test_iren_microsoft_pays_1_94_billion_a_year_and_keeps_a_quarter_after_its_gpus():
    row = contract("IREN-MICROSOFT-202511")
    assert row["owned_annual_revenue_usd"] == pytest.approx(1.94e9)
    assert row["owned_noi_usd"] == pytest.approx(1.94e9 * 0.85)
    # 5.8bn of GPUs over five years: 1,649 - 1,160 = 489m, 25% of revenue.
    assert row["owned_ebit_usd"] == pytest.approx(489e6)
    assert row["business"] == "gpu_cloud"


def test_river_bend_average_and_first_year_are_told_apart():
    row = contract("HUT-FLUIDSTACK-202512")
    noi, mw = row["owned_noi_usd"], row["owned_it_mw"]
    # Announced: 454m a year on average, 1.85m per MW; the file rounds the margin to 97%.
    assert noi == pytest.approx(454e6, rel=0.005)
    assert noi / mw == pytest.approx(1.85e6, rel=0.005)
    first = row["owned_first_year_revenue_usd"] * row["margin_used"] / mw
    assert first == pytest.approx(1.51e6, rel=0.02)
    assert row["owned_value_usd"] == 7e9


def test_riot_amd_earns_25_million_of_noi():
    assert contract("RIOT-AMD-202601")["owned_noi_usd"] == pytest.approx(25e6, rel=0.01)


def test_cipher_fluidstack_is_all_backlog_before_its_start():
    row = contract("CIFR-FLUIDSTACK-202509")
    assert row["owned_backlog_usd"] == 3.0e9
    years = january().book.years
    mine = years[years["contract_id"] == "CIFR-FLUIDSTACK-202509"]
    assert mine["remaining_usd"].sum() == pytest.approx(3.0e9)
    # 93 days from the planned delivery of 30 September 2026, of the first year's rent at the assumed step of 2.5%.
    first = 3e9 * 0.025 / (1.025**10 - 1)
    assert mine.set_index("year")["remaining_usd"][2026] == pytest.approx(first * 93 / 365.25)


def test_abernathy_stands_at_the_owners_share_in_value_mw_and_cost():
    row = contract("WULF-FLUIDSTACKABERNATHYJV-202510")
    assert row["owned_value_usd"] == pytest.approx(9.5e9 * 0.51)
    assert row["owned_it_mw"] == pytest.approx(168 * 0.51)
    assert row["building_capex_usd"] == pytest.approx(1_512e6 * 0.51)
    assert row["supported_usd"] == pytest.approx(1.3e9 * 0.51)


def test_the_sector_signed_66_billion_and_says_what_is_not_in_it():
    signed_value = january().book.signed.set_index(["scope", "business"])
    # Added by hand from the announcements, miners at the owner's share (bn).
    leases = 16.0 + 9.33 + 10.2 + 7.0 + 0.311 + 0.865 + (1.1 + 3.7 + 3.0 + 0.51 * 9.5)
    assert signed_value.loc[("miners", "lease"), "owned_usd"] == pytest.approx(leases * 1e9)
    assert signed_value.loc[("miners", "gpu_cloud"), "owned_usd"] == pytest.approx(9.7e9)
    assert signed_value.loc[("miners", "lease"), "at_100_percent_usd"] == pytest.approx(leases * 1e9 + 0.49 * 9.5e9)
    assert signed_value.loc[("comparables", "gpu_cloud"), "owned_usd"] == pytest.approx(20.3e9)
    outside = signed_value.loc[("miners whose EV is not meaningful", "lease")]
    assert outside["owned_usd"] == pytest.approx(13.5e9)
    assert outside["without_announced_value"] == "GLXY-COREWEAVE-202508B"


def test_an_eighth_was_delivered_by_the_middle_of_2026_as_far_as_was_known():
    sector = assessed(day="2026-06-30").book.sector().iloc[-1]
    # Published by then: APLD 100, WULF 60, RIOT 5, WYFI 5; CORZ dated deliveries of 225 at the end of March and reported
    # 350 in service on 6 May, which is the larger; its 395 came out in July.
    assert sector["in_service_mw"] == pytest.approx(100 + 350 + 60 + 5 + 5)
    assert sector["delivered_share"] == pytest.approx(520 / 3986, abs=0.001)


def test_leases_and_cloud_are_never_one_figure_without_a_label():
    book = january().book
    hut = of(book.table, "HUT")
    assert hut["lease_noi_usd"] == pytest.approx(452.67e6, rel=1e-4)
    assert hut["cloud_ebitda_usd"] == pytest.approx(9.2e6 * 0.775)
    assert "leases and GPU cloud together" in of(book.causes, "HUT")["implied_cap_rate"]
    assert "GPU cloud alone" in of(book.causes, "IREN")["implied_cap_rate"]
    assert book.by_year("revenue_usd").index.tolist() == ["gpu_cloud", "lease"]


def test_an_adjustment_that_changes_nothing_gives_the_same_book():
    start = basis(few("CIFR", "HUT", "RIOT"))
    plain = book.build(start.inputs, start.valuation, Assumptions(), start.sites)

    def shuffled(rows: pd.DataFrame, parts: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
        return rows.set_axis(rows.index[::-1], axis=0), parts

    for adjust in (lambda rows, parts: (rows, parts), shuffled):  # whatever its rows are called
        for base in (None, plain):
            found = book.build(start.inputs, start.valuation, Assumptions(), start.sites, adjust, base)
            pd.testing.assert_frame_equal(found.contracts, plain.contracts)
            pd.testing.assert_frame_equal(found.tranches, plain.tranches)
            pd.testing.assert_frame_equal(found.table, plain.table)


def test_nothing_signed_is_zero_and_a_ratio_of_it_means_nothing():
    book = january().book
    mara, state = of(book.table, "MARA"), of(book.status, "MARA")
    assert mara[["contracts", "signed_value_usd", "lease_noi_usd", "capex_to_spend_usd"]].tolist() == [0, 0, 0, 0]
    assert state[["implied_cap_rate", "delivered_share", "funding_gap_usd"]].tolist() == ["not_meaningful"] * 3


def test_unknown_values_are_named_and_never_zero():
    book = january().book
    assert "IREN-TOGETHERFLUIDSTACKFIREWORKS-202511" in of(book.causes, "IREN")["signed_value_usd"]
    assert of(book.status, "IREN")["signed_value_usd"] == "proxy"
    assert of(book.status, "NBIS")["contracted_mw"] == "missing"
    assert np.isnan(of(book.table, "NBIS")["contracted_mw"])


def test_cost_still_to_spend_by_hand():
    # Half of the 1.5 years of building are ahead: half of 100 MW x 11.5m.
    row = signed({"start_on": "2026-10-17"}).iloc[0]
    ahead = (pd.Timestamp("2026-10-17") - AS_OF).days / 365.25
    assert row["capex_to_spend_usd"] == pytest.approx(1_150e6 * ahead / 1.5)
    assert row["capex_assumed_usd"] == row["capex_to_spend_usd"]
    announced = signed({"start_on": "2026-10-17", "capex_usd": 900e6, "owner_share": 0.5}).iloc[0]
    assert announced["capex_to_spend_usd"] == pytest.approx(450e6 * ahead / 1.5)
    assert announced["capex_assumed_usd"] == 0
    started = signed({"start_on": "2025-06-01"}).iloc[0]
    assert started["capex_to_spend_usd"] == 0


def test_gpu_cloud_pays_its_gpus_late_and_its_building_early():
    row = signed({"kind": "gpu_cloud", "capex_usd": 2e9, "start_on": "2026-04-17"}).iloc[0]
    ahead = (pd.Timestamp("2026-04-17") - AS_OF).days / 365.25
    assert row["capex_to_spend_usd"] == pytest.approx(2e9 * ahead / 0.5 + 1.5e9 * ahead / 1.5)
    assert row["capex_assumed_usd"] == pytest.approx(1.5e9 * ahead / 1.5)


def test_what_was_spent_after_the_cash_figure_is_still_in_that_cash():
    late = signed({"start_on": "2026-10-17"}, cash_on="2025-09-30").iloc[0]
    ahead = (pd.Timestamp("2026-10-17") - pd.Timestamp("2025-09-30")).days / 365.25
    assert late["capex_to_spend_usd"] == pytest.approx(1_150e6 * ahead / 1.5)
    newer = signed({"start_on": "2026-10-17"}, cash_on="2026-03-31").iloc[0]
    assert newer["capex_to_spend_usd"] == signed({"start_on": "2026-10-17"}).iloc[0]["capex_to_spend_usd"]


def test_a_tenant_that_pays_most_of_the_building_leaves_a_tenth():
    rows = signed({"evidence": "capex mostly paid by Somebody"}, {}, {"counterparty": "Else"})
    assert rows["tenant_builds"].tolist() == [True, True, False]
    assert rows["building_capex_usd"].tolist() == pytest.approx([115e6, 115e6, 1_150e6])


@pytest.mark.parametrize(("words", "own", "behind", "share"), [
    ({"counterparty": "Fluidstack", "credit_support": "Google lease backstop", "credit_support_usd": 4e8},
     "other", "hyperscaler", 0.4),
    ({"counterparty": "Fluidstack", "credit_support": "Google backstop of lease payments"}, "other", "hyperscaler", 1.0),
    ({"counterparty": "Amazon Web Services"}, "hyperscaler", "hyperscaler", 0.0),
    ({"counterparty": "Advanced Micro Devices"}, "investment_grade", "investment_grade", 0.0),
    ({"counterparty": "undisclosed high-investment-grade tenant", "credit_support": "tenant itself high investment grade"},
     "investment_grade", "investment_grade", 0.0),
    ({"counterparty": "CoreWeave", "credit_support": "letters of credit", "credit_support_usd": 1e8},
     "other", "investment_grade", 0.1),
    ({"counterparty": "CoreWeave"}, "other", "other", 0.0),
])  # fmt: skip
def test_credit_is_who_pays_and_who_stands_behind_how_much(words, own, behind, share):
    row = signed(words).iloc[0]
    assert (row["own_class"], row["guarantor_class"]) == (own, behind)
    assert row["supported_share"] == pytest.approx(share)


def test_what_the_source_learned_later_is_not_known_yet():
    later = "later CoreWeave lease enhancement with $50M letter of credit (Apr 2026)"
    row = signed({"credit_support": later, "credit_support_usd": 5e7}).iloc[0]
    assert row["supported_share"] == 0
    named = "US investment-grade hyperscaler (named as Oracle in Mar 2026 note offering)"
    assert signed({"counterparty": named}).iloc[0]["counterparty_name"] == "US investment-grade hyperscaler (unnamed)"
    october = assessed(few("APLD"), "2026-10-05").book.contracts.set_index("contract_id")
    assert october.loc["APLD-ORACLE-202510", "counterparty_name"] == "Oracle"


def test_contracts_lie_where_their_site_lies():
    rows = january().book.contracts.set_index("contract_id")
    assert rows.loc["HUT-FLUIDSTACK-202512", "state"] == "Louisiana"
    assert rows.loc["CIFR-FLUIDSTACK-202511", ["state", "grid_operator"]].tolist() == ["Texas", "ERCOT"]
    assert rows.loc["CORZ-COREWEAVE-202408", "state"] == "not stated"


def test_concentration_by_hand():
    rows = signed({"counterparty": "A", "total_value_usd": 6e9}, {"counterparty": "B", "total_value_usd": 3e9},
                  {"counterparty": "B", "total_value_usd": 1e9},
                  {"counterparty": "C", "total_value_usd": np.nan})  # fmt: skip
    out = concentration(pd.concat([rows, place(rows, None)], axis=1), np.ones(len(rows), dtype=bool))
    sector = out[(out["scope"] == "sector") & (out["by"] == "counterparty")].set_index("name")
    assert sector.loc["A", "revenue_share"] == pytest.approx(0.6)
    assert sector.loc["A", "hhi"] == pytest.approx(0.6**2 + 0.4**2)
    assert sector.loc["A", "not_counted"] == "XYZ-3"
    backed = out[(out["scope"] == "sector") & (out["by"] == "guarantor")].iloc[0]
    # Nobody backs any: between each on its own and all in one hand.
    assert backed["hhi"] == pytest.approx(0.36 + 0.09 + 0.01)
    assert backed["hhi_high"] == 1.0


def test_an_owners_surplus_does_not_fund_anothers_gap():
    book = january().book
    gaps = book.table["funding_gap_usd"].droplevel("as_of")
    # WYFI's contracts count in BTBT's gap, with the cash of both.
    mine = ["APLD", "BTBT", "CIFR", "CORZ", "HUT", "IREN", "RIOT", "WULF"]
    assert book.sector().iloc[-1]["funding_gap_usd"] == pytest.approx(gaps[mine].sum())
    assert (gaps.dropna() >= 0).all()
    cash = of(january().basis.valuation.bridge, "CIFR")
    capex = of(book.table, "CIFR")["capex_to_spend_usd"]
    assert gaps["CIFR"] == pytest.approx(
        max(0.0, capex - cash["cash_usd"] - np.nan_to_num(cash["restricted_cash_usd"]))
    )


TERMS = st.fixed_dictionaries({
    "total_value_usd": st.floats(1e6, 2e10),
    "term_years": st.one_of(st.integers(1, 25).map(float), st.floats(0.5, 25)),
    "escalator": st.one_of(st.just(np.nan), st.just(0.0), st.floats(0.001, 0.08)),
    "start_on": st.dates(pd.Timestamp("2022-01-01").date(), pd.Timestamp("2029-12-31").date()).map(str),
    "owner_share": st.floats(0.1, 1.0),
    "kind": st.sampled_from(["colocation_lease", "jv_lease", "gpu_cloud"]),
})  # fmt: skip


@settings(max_examples=25, deadline=None)
@given(TERMS, st.sampled_from([0.0, 0.5, 2.0]))
def test_the_years_of_a_contract_sum_to_its_value_and_what_is_left_to_its_backlog(change, ramp):
    a = replace(Assumptions(), ramp_years=ramp)
    rows = signed(change, assumptions=a)
    years = schedule_by_year(over_years(change, assumptions=a), a)
    value = change["total_value_usd"] * change["owner_share"]
    assert years["revenue_usd"].sum() == pytest.approx(value, rel=1e-9)
    assert (years["revenue_usd"] > 0).all()
    assert years["remaining_usd"].sum() == pytest.approx(rows.iloc[0]["owned_backlog_usd"], rel=1e-9, abs=1e-3)
    assert (years["remaining_usd"] <= years["revenue_usd"] * (1 + 1e-12)).all()


def test_a_ramp_delays_and_loses_nothing():
    a = replace(Assumptions(), ramp_years=1.0)
    year = schedule_by_year(over_years({"escalator": 0.0}, assumptions=a), a).set_index("year")["revenue_usd"]
    # Twelve equal parts through 2027, each on average half a year late: half of the first year's 100m.
    assert year[2027] == pytest.approx(50e6, rel=0.01)
    assert year[2028] == pytest.approx(100e6, rel=0.01)
    assert year.sum() == pytest.approx(1e9)


def test_a_contract_lies_where_a_plain_search_of_its_companys_sites_finds_it():
    contracts, sites = miners().contracts, miners().sites
    found = place(contracts, sites)
    plain = located(sites)
    for row, (ticker, text) in enumerate(zip(contracts["ticker"], contracts["site"], strict=True)):
        hits = plain[plain["ticker"] == ticker]
        hits = hits[[isinstance(text, str) and base in text.lower() for base in hits["base"]]]
        expected = [NOT_STATED, NOT_STATED] if hits.empty else [SEVERAL_SITES, SEVERAL_SITES]
        if len(hits) == 1:
            expected = list(hits[["state", "grid_operator"]].iloc[0])
        assert list(found.iloc[row]) == expected
    assert found["state"].nunique() > 3


def test_a_book_rests_on_the_assumptions_that_it_names_and_on_no_other():
    read = set()

    class Watched(Assumptions):
        def __getattribute__(self, name):
            read.add(name)
            return super().__getattribute__(name)

    start = basis(miners())
    made = book.build(start.inputs, start.valuation, Watched(), start.sites)
    assert not made.years.empty
    assert {name for name in read if not name.startswith("_")} == set(book.RESTS_ON)


def test_a_book_on_a_base_is_the_book_made_anew():
    start = basis(miners())
    base = book.build(start.inputs, start.valuation, Assumptions(), start.sites)
    for changed in ({"delay_years": 2.0}, {"capex_overrun_usd_per_mw": 3e6}):
        a = Assumptions(**changed)
        anew = book.build(start.inputs, start.valuation, a, start.sites)
        again = book.build(start.inputs, start.valuation, a, start.sites, base=base)
        for name in ("contracts", "table", "status", "causes"):
            pd.testing.assert_frame_equal(getattr(again, name), getattr(anew, name), check_exact=True)
        assert again.assumptions == a


def test_sums_and_marks_by_company_are_those_of_plain_groups():
    made = january().book
    for ticker, rows in made.contracts.groupby("ticker"):
        table, causes = of(made.table, ticker), of(made.causes, ticker)
        unknown = rows.loc[rows["owned_it_mw"].isna(), "contract_id"]
        assert table["contracts"] == len(rows)
        if len(unknown) < len(rows):
            assert table["contracted_mw"] == pytest.approx(rows["owned_it_mw"].sum())
        said = f"it mw unknown, excluded: {', '.join(unknown)}"
        assert (said in causes["contracted_mw"].split("; ")) == bool(len(unknown))
