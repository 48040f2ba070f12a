"""What-ifs: each does what it says, to the dollar where a hand can work it out, and no more."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.worlds import january, of
from valuation.assumptions import Assumptions
from valuation.nav import analysis, scenarios
from valuation.nav.analysis import ScenarioResult
from valuation.nav.scenarios import Place, Scenario, ScenarioInvalid, parse


def outcome(**changes) -> ScenarioResult:
    return analysis.compare(january(), Scenario("x", "x", **changes))


def moved(found: ScenarioResult) -> set[str]:
    return set(found.table.index[found.table["change_usd"].abs() > 1e-6])


def test_a_scenario_without_changes_changes_nothing():
    found = outcome()
    assert moved(found) == set()
    pd.testing.assert_frame_equal(found.parts_before, found.parts_after)
    assert found.hashprice_after == found.hashprice_before


def test_bitcoin_at_half_halves_coins_and_hashprice():
    found, base = outcome(bitcoin=0.5), january()
    mara = found.table.loc["MARA"]
    before, after = found.parts_before.loc["MARA"], found.parts_after.loc["MARA"]
    assert after["bitcoin_usd"] == pytest.approx(before["bitcoin_usd"] / 2)
    assert after["cash_usd"] == before["cash_usd"]
    assert found.hashprice_after == pytest.approx(base.mining.table["hashprice_usd"].iloc[0] / 2)
    lost = (before["bitcoin_usd"] / 2 + before["mining_usd"] - after["mining_usd"]) / of(base.nav.table, "MARA")[
        "diluted_shares"
    ]
    assert mara["change_usd"] == pytest.approx(-lost)
    assert mara["price_after_usd"] == pytest.approx(mara["price_usd"] - lost)


def test_hashprice_may_move_alone_and_leaving_hashrate_lifts_it():
    assert (
        outcome(hashprice=0.7).parts_after.loc["MARA", "bitcoin_usd"]
        == january().nav.table["bitcoin_usd"].loc[:, "MARA"].iloc[0]
    )
    found = outcome(hashrate_leaving=0.2)
    assert found.hashprice_after == pytest.approx(found.hashprice_before / 0.9)


def test_a_tenant_without_a_guarantor_takes_its_contract_along_and_leaves_the_power():
    found = outcome(defaulting=("CoreWeave",))
    assert moved(found) == {"APLD", "CORZ"}  # Galaxy has no net asset value
    corz = found.parts_after.loc["CORZ"]
    assert corz["leases_cap_rate_usd"] == 0
    assert corz["approved_power_usd"] > found.parts_before.loc["CORZ", "approved_power_usd"]
    apld = found.parts_after.loc["APLD"]
    # Oracle's lease is left, and its cost.
    oracle = january().nav.contracts.set_index("contract_id").loc["APLD-ORACLE-202510"]
    assert apld["capex_to_spend_usd"] == pytest.approx(-oracle["capex_to_spend_usd"])


def test_a_guarantor_pays_the_part_that_it_covers():
    found = outcome(defaulting=("Fluidstack",))
    assert moved(found) == {"CIFR", "WULF"}  # Google backs Hut 8's lease in full
    base = january().nav.contracts.set_index("contract_id")
    assert found.parts_after.loc["CIFR", "capex_to_spend_usd"] == pytest.approx(
        found.parts_before.loc["CIFR", "capex_to_spend_usd"]
    )
    barber = base.loc["CIFR-FLUIDSTACK-202509"]
    backed = 300e6 * 0.825 * (1.4 / 3.0) / 0.06 * 1.08 ** -(barber["years_to_start"] + 0.25)
    second = base.loc["CIFR-FLUIDSTACK-202511"]
    backed += second["annual_noi_usd"] * second["supported_share"] / 0.06 * 1.08 ** -(second["years_to_start"] + 0.25)
    aws = base.loc["CIFR-AWS-202511"]
    left = aws["annual_noi_usd"] / 0.06 * 1.08 ** -(aws["years_to_start"] + 0.25)
    assert found.parts_after.loc["CIFR", "leases_cap_rate_usd"] == pytest.approx(backed + left)


def test_a_name_that_signed_nothing_is_told():
    found = outcome(defaulting=("Nobody Inc",))
    assert moved(found) == set()
    assert found.notes == ("Nobody Inc: no contract in force on this date",)


def test_a_year_late_discounts_what_is_still_to_start():
    found = outcome(add={"delay_years": 1.0})
    # RIOT-AMD alone, investment grade at 8.5%.
    before, after = (f.loc["RIOT", "leases_cap_rate_usd"] for f in (found.parts_before, found.parts_after))
    assert after == pytest.approx(before / 1.085)
    assert found.parts_after.loc["RIOT", "mining_usd"] == found.parts_before.loc["RIOT", "mining_usd"]


def test_three_million_more_per_mw_costs_what_is_not_built_yet():
    found = outcome(add={"capex_overrun_usd_per_mw": 3e6})
    ahead = (pd.Timestamp("2026-01-31") - pd.Timestamp("2025-09-30")).days / 365.25 / 1.5
    more = found.parts_before.loc["RIOT", "capex_to_spend_usd"] - found.parts_after.loc["RIOT", "capex_to_spend_usd"]
    assert more == pytest.approx(25 * 3e6 * ahead)
    # A let MW falls from 8.5 to 5.5m before the gross ratio.
    before, after = (f.loc["MARA", "approved_power_usd"] for f in (found.parts_before, found.parts_after))
    assert after == pytest.approx(before * 5.5 / 8.5)


def test_the_gap_closes_through_the_prices_of_pivots():
    found = outcome(gap=1.0)
    assert moved(found) == set()
    valuation = january().basis.valuation
    table = valuation.table.droplevel("as_of")
    value = (
        found.table["price_after_usd"] * table["diluted_shares"]
        - table["equity_value_usd"]
        + table["enterprise_value_usd"]
    )
    per_mw = (value / table["secured_mw"] / 1e6)[table["excluded"] == ""].dropna()
    group = table["group"].reindex(per_mw.index)
    assert per_mw[group == "pivot"].median() / per_mw[group == "bitcoin"].median() == pytest.approx(1.0)
    assert (found.table["price_change"][group[group == "bitcoin"].index] == 0).all()


def test_a_rule_in_a_place_reaches_what_lies_there():
    texas = Place(state="Texas", noi=0.9, delay_years=1.0)
    found = outcome(places=(texas,))
    # Barber Lake and Black Pearl lie in Texas; Lake Mariner in New York does not, Abernathy does.
    before, after = (f.loc["CIFR", "leases_cap_rate_usd"] for f in (found.parts_before, found.parts_after))
    assert 0.9 / 1.11 < after / before < 0.9 / 1.08
    assert found.parts_after.loc["APLD", "leases_cap_rate_usd"] == found.parts_before.loc["APLD", "leases_cap_rate_usd"]
    assert found.parts_after.loc["RIOT", "mining_usd"] == found.parts_before.loc["RIOT", "mining_usd"]


def test_dearer_power_and_fewer_leases_reach_a_company_by_its_listed_mw():
    found = outcome(places=(Place(state="Texas", probability=0.0, power_usd_per_kwh=0.01),))
    # Riot lists 1,000 and 700 MW in Texas and 60 in Kentucky.
    part = 1_700 / 1_760
    riot = found.parts_after.loc["RIOT"]
    assert riot["approved_power_usd"] == pytest.approx(
        found.parts_before.loc["RIOT", "approved_power_usd"] * (1 - part)
    )
    assert riot["mining_usd"] < found.parts_before.loc["RIOT", "mining_usd"]
    assert found.parts_after.loc["IREN", "gpu_cloud_usd"] == found.parts_before.loc["IREN", "gpu_cloud_usd"]


def test_a_place_where_nothing_lies_is_told():
    found = outcome(places=(Place(state="Atlantis", noi=0.5),))
    assert found.notes == ("Atlantis: no contract is known to lie there",)
    assert moved(found) == set()


GOOD = {
    "title": "All at once", "why": "for the test", "market": {"bitcoin": 0.5, "hashrate_leaving": 0.1},
    "set": {"delay_years": 1}, "add": {"cap_rate_exit": 0.01}, "multiply": {"market_noi_usd_per_mw": 0.9},
    "default": {"counterparty": ["CoreWeave"]}, "gap": {"ratio": 1.5},
    "place": [{"state": "Texas", "noi": 0.9}, {"grid_operator": "PJM", "probability": 0.5}],
}  # fmt: skip


def test_a_full_file_is_read_as_it_stands():
    found = parse("full", GOOD)
    assert found.defaulting == ("CoreWeave",)
    assert found.places[1] == Place(grid_operator="PJM", probability=0.5)
    a = found.assumed(Assumptions())
    assert (a.delay_years, a.cap_rate_exit, a.market_noi_usd_per_mw) == (
        1.0,
        pytest.approx(0.085),
        pytest.approx(1.35e6),
    )
    assert len(found.words()) == 9


@pytest.mark.parametrize(("change", "where"), [
    ({"title": ""}, "title"), ({"titel": "x"}, "titel"), ({"market": {"bitcoin": "half"}}, "market bitcoin"),
    ({"market": {"bitcoins": 0.5}}, "market bitcoins"), ({"market": {"bitcoin": True}}, "market bitcoin"),
    ({"market": 3}, "market"), ({"set": {"cap_rate": 0.1}}, "set cap_rate"),
    ({"add": {"delay_years": "one"}}, "add delay_years"),
    ({"default": {"counterparty": "CoreWeave"}}, "default counterparty"), ({"gap": {"ratio": -1}}, "gap ratio"),
    ({"place": [{"noi": 0.5}]}, "place 1"), ({"place": [{"state": "Texas", "tax": 1}]}, "place 1 tax"),
    ({"place": ["Texas"]}, "place 1"), ({"market": {"hashrate_leaving": 1.0}}, "market hashrate_leaving"),
])  # fmt: skip
def test_a_wrong_file_is_told_by_its_place(change, where):
    with pytest.raises(ScenarioInvalid) as caught:
        parse("wrong", GOOD | change)
    assert [place for place, _, _ in caught.value.problems] == [where]
    assert all(expected for _, _, expected in caught.value.problems)


def test_every_problem_is_told_at_once():
    with pytest.raises(ScenarioInvalid) as caught:
        parse("wrong", {"market": {"bitcoin": -1}, "set": {"nothing": 1}, "gap": 5})
    assert len(caught.value.problems) == 4


def test_a_change_out_of_bounds_is_refused_before_anything_is_valued():
    with pytest.raises(ScenarioInvalid, match=r"cap_rate_exit 1.075: expected a number \(fraction\)"):
        outcome(add={"cap_rate_exit": 1.0})


@settings(max_examples=100, deadline=None)
@given(st.recursive(st.none() | st.booleans() | st.floats() | st.text(max_size=8),
                    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from([
                        "title", "market", "bitcoin", "set", "add", "multiply", "default", "gap", "ratio", "place", "state",
                        "delay_years", "counterparty"]), inner, max_size=4), max_leaves=12))  # fmt: skip
def test_no_table_breaks_the_reader(table):
    if not isinstance(table, dict):
        return
    try:
        found = parse("any", table)
    except ScenarioInvalid:
        return
    assert isinstance(found.words(), list)
    assert replace(found, name="other").title == found.title


def test_scenarios_are_values():
    assert scenarios.shock(
        Scenario("x", "x"), Assumptions(), january().basis.sites, pd.Index(["MARA"])
    ).probability.tolist() == [1.0]
