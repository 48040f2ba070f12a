"""What-ifs: each does what it says, to the dollar where a hand can work it out, and no more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener import scenarios as bundled
from tests.valuation.worlds import assessed, basis, few, january, of
from valuation.assumptions import Assumptions
from valuation.fundamentals.revaluation import claims
from valuation.mining import economics
from valuation.nav import analysis
from valuation.nav.analysis import ScenarioResult
from valuation.nav.monte_carlo import DRIVERS, tornado, tornados
from valuation.nav.names import VALUES
from valuation.nav.parts import Shock, parts_under
from valuation.nav.scenarios import Place, Scenario, ScenarioInvalid


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
    # Mining earns less, and a lease on its power gives up less of it.
    lost = sum(before[part] - after[part] for part in ("bitcoin_usd", "mining_usd", "mining_power_usd"))
    lost /= of(base.nav.table, "MARA")["diluted_shares"]
    assert before["mining_usd"] > after["mining_usd"]
    assert mara["change_usd"] == pytest.approx(-lost)
    # The price keeps its multiple of the net asset value.
    assert mara["price_after_usd"] == pytest.approx(mara["price_usd"] * (1 - lost / mara["nav_before"]))
    assert mara["p_nav_after"] * mara["nav_after"] == pytest.approx(mara["price_usd"])


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
    assert found.parts_after.loc["CIFR", "capex_to_spend_usd"] == pytest.approx(
        found.parts_before.loc["CIFR", "capex_to_spend_usd"]
    )

    def noi(total: float, term: int, margin: float) -> float:
        """Of the first year of a lease that steps up by the assumed 2.5%."""
        return margin * total / sum(1.025**k for k in range(term))

    def at_start(day: str, rate: float) -> float:
        """Discount factor of a phase that starts on a day, a quarter late."""
        return (1 + rate) ** -((pd.Timestamp(day) - pd.Timestamp("2026-01-16")).days / 365.25 + 0.25)

    # Google covers 1.4 of 3.0bn and 333 of 830m; AWS comes in two halves of 108 MW.
    backed = noi(3e9, 10, 0.825) * 1.4 / 3 / 0.06 * at_start("2026-09-30", 0.08)
    backed += noi(830e6, 10, 0.875) * 333 / 830 / 0.06 * at_start("2027-01-31", 0.08)
    left = noi(5.5e9, 15, 0.996) / 0.06 * (at_start("2026-08-31", 0.08) + at_start("2026-12-31", 0.08)) / 2
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
    # The whole lease is planned for 31 May 2026; the cash figure is of 30 September 2025.
    ahead = (pd.Timestamp("2026-05-31") - pd.Timestamp("2025-09-30")).days / 365.25 / 1.5
    more = found.parts_before.loc["RIOT", "capex_to_spend_usd"] - found.parts_after.loc["RIOT", "capex_to_spend_usd"]
    assert more == pytest.approx(25 * 3e6 * ahead)
    # A let MW falls from 8.5 to 5.5m before the gross ratio.
    before, after = (f.loc["MARA", "approved_power_usd"] for f in (found.parts_before, found.parts_after))
    assert after == pytest.approx(before * 5.5 / 8.5)


def test_the_gap_closes_through_the_prices_of_pivots():
    found = outcome(gap=1.0)
    assert moved(found) == set()
    start = january().basis
    table = start.valuation.table.droplevel("as_of")
    # What shares, notes and warrants lose together is what the enterprise value loses.
    held = start.inputs.instruments[start.inputs.instruments["ticker"].isin(table.index)]
    owner = table.index.get_indexer(held["ticker"])
    before, after = (
        claims(found.table[name].to_numpy(), table["basic_shares"].to_numpy(), held, owner)
        for name in ("price_usd", "price_after_usd")
    )
    value = table["enterprise_value_usd"] + after - before
    per_mw = (value / table["secured_mw"] / 1e6)[table["excluded"] == ""].dropna()
    group = table["group"].reindex(per_mw.index)
    assert per_mw[group == "pivot"].median() / per_mw[group == "bitcoin"].median() == pytest.approx(1.0)
    assert (found.table["price_change"][group[group == "bitcoin"].index] == 0).all()


def test_the_gap_closes_through_the_prices_of_miners():
    """One ratio of medians, 1.0x, from the other side: the factor of one is the inverse of the other's."""
    down, up = outcome(gap=1.0).table, outcome(gap=1.0, gap_group="bitcoin").table
    table = january().basis.valuation.table.droplevel("as_of")
    known = (table["excluded"] == "") & table["enterprise_value_usd"].notna()
    assert (known & (table["group"] == "bitcoin")).sum() > 3
    for ticker in table.index[known & (table["group"] == "bitcoin")]:
        assert down.loc[ticker, "price_change"] == 0
        assert up.loc[ticker, "price_change"] * np.sign(january_gap() - 1) > 0, ticker
    assert (up.loc[table.index[known & (table["group"] == "pivot")], "price_change"] == 0).all()
    # DGXX mines and its enterprise value is unknown: no price follows, and the reason is told.
    assert np.isnan(up.loc["DGXX", "price_after_usd"])
    assert up.loc["DGXX", "why"] == "enterprise value unknown or not positive"


def january_gap() -> float:
    """Ratio of medians of EV per secured MW on 16 January 2026 from the table of company metrics."""
    table = january().basis.valuation.table.droplevel("as_of")
    table = table[(table["excluded"] == "") & table["ev_per_mw_secured"].notna()]
    medians = table.groupby("group")["ev_per_mw_secured"].median()
    return medians["pivot"] / medians["bitcoin"]


def test_a_price_keeps_its_multiple_of_the_net_asset_value():
    found = outcome(defaulting=("CoreWeave",)).table
    corz = found.loc["CORZ"]
    assert 0 < corz["nav_after"] < corz["nav_before"]
    # By its NAV's fraction, not by dollars: a price above NAV falls by more dollars and stays above zero.
    assert corz["price_change"] == pytest.approx(corz["nav_after"] / corz["nav_before"] - 1)
    assert (found.loc[found["nav_after"] > 0, "price_change"].dropna() > -1).all()


def test_without_a_positive_net_asset_value_no_price_follows_and_below_zero_it_is_zero():
    table = pd.DataFrame(
        {
            "price_usd": [10.0, 10.0, 10.0, 10.0, 10.0],
            "nav_before": [-1.0, 4.0, 4.0, -1.0, np.nan],
            "nav_after": [1.0, -2.0, 3.0, -1.0, np.nan],
        },
        index=["NONE", "ZERO", "FALLS", "STILL", "UNKNOWN"],
    )
    table["change_usd"] = table["nav_after"] - table["nav_before"]
    price, why = analysis._at_constant_multiple(table, pd.Series("cash unknown", index=table.index))
    assert price.to_dict() == {
        "NONE": pytest.approx(np.nan, nan_ok=True), "ZERO": 0.0, "FALLS": 7.5, "STILL": 10.0,
        "UNKNOWN": pytest.approx(np.nan, nan_ok=True),
    }  # fmt: skip
    assert why.to_dict() == {
        "NONE": analysis.NOT_POSITIVE, "ZERO": analysis.TO_ZERO, "FALLS": "", "STILL": "",
        "UNKNOWN": "no net asset value: cash unknown",
    }  # fmt: skip
    told = analysis._without_a_price(table.assign(why=why))
    assert told == [
        "NONE: net asset value is not positive before the scenario, so no price follows",
        "ZERO: net asset value is not positive after the scenario, so the price is put at zero",
    ]


def test_a_default_changes_nobody_elses_first_deal():
    """The yardstick of a first deal is what was signed, whatever becomes of the tenant."""
    found = outcome(defaulting=("CoreWeave",))
    assert found.parts_after.loc["IREN", "approved_power_usd"] == found.parts_before.loc["IREN", "approved_power_usd"]


def test_what_a_defaulting_customer_has_paid_is_kept():
    """IREN's customers had paid 1.84bn ahead on 30 June 2026: no claim on it is left when the contract ends."""
    base = assessed(few("IREN"), day="2026-10-05")
    found = analysis.compare(base, Scenario("x", "x", defaulting=("Microsoft",)))
    before, after = found.parts_before.loc["IREN"], found.parts_after.loc["IREN"]
    assert after["gpu_cloud_usd"] < before["gpu_cloud_usd"]
    assert after["cash_usd"] == before["cash_usd"]
    assert np.isnan(after["customer_prepayments_usd"])


def test_names_of_tenants_are_taken_in_any_case():
    pd.testing.assert_frame_equal(outcome(defaulting=("coreweave",)).table, outcome(defaulting=("CoreWeave",)).table)


def test_a_rule_in_a_place_reaches_what_lies_there():
    texas = Place(state="Texas", noi=0.9, delay_years=1.0)
    found = outcome(places=(texas,))
    # Barber Lake and Black Pearl lie in Texas; Lake Mariner in New York does not, Abernathy does.
    before, after = (f.loc["CIFR", "leases_cap_rate_usd"] for f in (found.parts_before, found.parts_after))
    assert 0.9 / 1.11 < after / before < 0.9 / 1.08
    assert found.parts_after.loc["APLD", "leases_cap_rate_usd"] == found.parts_before.loc["APLD", "leases_cap_rate_usd"]
    assert found.parts_after.loc["RIOT", "mining_usd"] == found.parts_before.loc["RIOT", "mining_usd"]


@pytest.mark.parametrize("day", ["2026-01-16", "2026-10-05"])
def test_a_late_start_in_a_place_defers_income_and_takes_back_no_spending(day):
    """All of CIFR's leases lie in Texas, and here all its sites: a year later there is a year later everywhere."""
    start = basis(few("CIFR"), day)
    in_texas = replace(start, sites=start.sites.assign(state_or_region="Texas"))
    base = analysis.analyse(in_texas, Assumptions())
    assert set(base.book.contracts["state"]) == {"Texas"}
    there = analysis.compare(base, Scenario("x", "x", places=(Place(state="Texas", delay_years=1.0),)))
    late = analysis.compare(base, Scenario("y", "y", add={"delay_years": 1.0}))
    before, here, everywhere = (
        there.parts_before.loc["CIFR"],
        there.parts_after.loc["CIFR"],
        late.parts_after.loc["CIFR"],
    )
    assert before["capex_to_spend_usd"] < -1e9
    for after in (here, everywhere):
        assert after["capex_to_spend_usd"] == pytest.approx(before["capex_to_spend_usd"], rel=1e-12)
    falls = [found.table.loc["CIFR", "change_usd"] for found in (there, late)]
    assert falls[0] < 0
    # Payments are put on whole years at the cost of capital: a rounding of a thousandth of the fall.
    assert falls[0] == pytest.approx(falls[1], rel=1e-3)
    for name in ("leases_dcf_usd", "leases_cap_rate_usd", "contract_taxes_usd", "approved_power_usd"):
        assert here[name] - before[name] == pytest.approx(everywhere[name] - before[name], rel=1e-3), name


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
    assert found.notes == ("Atlantis: no contract is known to be there",)
    assert moved(found) == set()


def test_a_change_out_of_bounds_is_refused_before_anything_is_valued():
    with pytest.raises(ScenarioInvalid, match=r"cap_rate_exit 1.075: expected a number \(fraction\)"):
        outcome(add={"cap_rate_exit": 1.0})


@pytest.mark.parametrize("name", bundled.names())
def test_what_a_scenario_takes_from_the_base_case_is_what_it_would_have_made_itself(name):
    base, scenario = january(), bundled.load(name)
    anew = analysis.analyse(base.basis, base.assumptions, scenario)
    again = analysis.analyse(base.basis, base.assumptions, scenario, base)
    for frame in ("table", "status", "causes", "contracts", "by_class"):
        pd.testing.assert_frame_equal(getattr(again.nav, frame), getattr(anew.nav, frame), check_exact=True)
    for frame in ("contracts", "table", "status", "causes"):
        pd.testing.assert_frame_equal(getattr(again.book, frame), getattr(anew.book, frame), check_exact=True)
    pd.testing.assert_frame_equal(again.mining.table, anew.mining.table, check_exact=True)


def test_without_what_the_price_implies_every_other_figure_is_the_same():
    base, scenario = january(), bundled.load("coreweave-defaults")
    whole, less = (
        analysis.analyse(base.basis, base.assumptions, scenario, base, with_implied=asked).nav
        for asked in (True, False)
    )
    assert set(whole.table) - set(less.table) == {
        "assumed_cap_rate", "implied_cap_rate", "implied_probability", "implied_usd_per_unlet_mw",
        "implied_conversion_share",
    }  # fmt: skip
    for frame in ("table", "status", "causes"):
        kept = getattr(less, frame)
        pd.testing.assert_frame_equal(kept, getattr(whole, frame)[list(kept)], check_exact=True)


def test_a_scenario_of_a_scenario_starts_from_the_inputs_again():
    base = january()
    half = analysis.analyse(base.basis, base.assumptions, bundled.load("coreweave-defaults"), base)
    found = analysis.compare(half, Scenario("x", "x"))
    expected = base.nav.table.droplevel("as_of")["nav_dcf_per_share"]
    pd.testing.assert_series_equal(found.table["nav_after"], expected, check_names=False)


def test_mining_rests_on_the_assumptions_that_it_names_and_on_no_other():
    read = set()

    class Watched(Assumptions):
        def __getattribute__(self, name):
            read.add(name)
            return super().__getattribute__(name)

    start = january().basis
    economics.economics(start.inputs, Watched())
    assert {name for name in read if not name.startswith("_")} == set(economics.RESTS_ON)


def test_every_tornado_at_once_is_each_companys_own():
    nav = january().nav
    every = tornados(nav)
    sigma = nav.assumptions.volatility_cap_rate
    for i, ticker in enumerate(nav.table.index.get_level_values("ticker")):
        own = tornado(nav, ticker)
        pd.testing.assert_frame_equal(january().tornado(ticker), own)
        assert set(own.index) == {*DRIVERS, "probability"}
        pd.testing.assert_frame_equal(every.loc[ticker].loc[own.index], own, check_exact=True)
        # A company by itself, part by part.
        row = nav.position.row(i)
        before, after = parts_under(row, Shock()), parts_under(row, Shock(cap_rate=float(np.exp(sigma))))
        change = sum(after[p] - before[p] for p in VALUES["nav_dcf"] if p in after and not np.isnan(before[p]))
        expected = (nav.table["nav_dcf_usd"].iloc[i] + change) / nav.table["diluted_shares"].iloc[i]
        assert own.loc["cap_rate", "high"] == pytest.approx(expected, rel=1e-14, nan_ok=True)
