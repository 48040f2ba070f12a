"""Net asset value: parts worked by hand, and what must hold whatever is assumed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.worlds import JANUARY, assessed, basis, few, january, miners, october, of, valued
from valuation.assumptions import Assumptions, checked, describe
from valuation.indicators.power import power
from valuation.nav import analysis
from valuation.nav.analysis import NavAnalysis
from valuation.nav.monte_carlo import correlation, simulate, tornado
from valuation.nav.names import PARTS, VALUES
from valuation.nav.parts import Position, Shock, mining_value, parts_under, value_of_let_mw
from valuation.nav.scenarios import Scenario

AS_OF = pd.Timestamp(JANUARY)
SIX = ("IREN", "CIFR", "WULF", "HUT", "ABTC", "MARA")


def years(day: str) -> float:
    return (pd.Timestamp(day) - AS_OF).days / 365.25


def test_the_value_is_the_sum_of_its_parts_to_the_cent():
    table = january().nav.table
    for name, parts in VALUES.items():
        total = table[list(parts)].fillna(0.0).sum(axis=1)
        known = table[f"{name}_usd"].notna()
        assert (total - table[f"{name}_usd"])[known].abs().max() < 0.005
        per_share = table[f"{name}_usd"] / table["diluted_shares"]
        assert (per_share - table[f"{name}_per_share"])[known].abs().max() < 1e-9


def first_rent(total: float, step: float, term: int) -> float:
    """Rent of the first year such that rents that step up once a year sum to the total."""
    return total / sum((1 + step) ** k for k in range(term))


def test_a_lease_by_cap_rate_by_hand():
    # RIOT-AMD: 311m over ten years, no escalator disclosed, so 2.5%; NOI 80%, AMD at 6.5%. All 25 MW are planned for
    # 31 May 2026, a delay of a quarter on top, at 8.5%.
    riot = of(january().nav.table, "RIOT")
    noi = first_rent(311e6, 0.025, 10) * 0.8
    expected = noi / 0.065 * 1.085 ** -(years("2026-05-31") + 0.25)
    assert riot["leases_cap_rate_usd"] == pytest.approx(expected, rel=1e-9)
    ahead = (pd.Timestamp("2026-05-31") - pd.Timestamp("2025-09-30")).days / 365.25
    assert riot["capex_to_spend_usd"] == pytest.approx(-89.8e6 * ahead / 1.5)


def test_a_lease_by_dcf_by_hand():
    # The same lease: each contract year's rent in its middle, half of the last year's NOI in perpetuity at 7.5% after it.
    start, noi = years("2026-05-31") + 0.25, first_rent(311e6, 0.025, 10) * 0.8
    total = sum(noi * 1.025**k * 1.085 ** -(start + k + 0.5) for k in range(10))
    after = noi * 1.025**9 * 0.5 / 0.075 * 1.085 ** -(start + 10)
    riot = of(january().nav.table, "RIOT")
    assert riot["leases_base_term_usd"] == pytest.approx(total, rel=1e-9)
    assert riot["leases_dcf_usd"] == pytest.approx(total + after, rel=1e-9)
    # 89.8m of building over 20 years: taxable from the first year on, so tax is 25% of NOI less 4.49m in every year.
    tax = sum(0.25 * (noi * 1.025**k - 89.8e6 / 20) * 1.085 ** -(start + k + 0.5) for k in range(10))
    assert riot["contract_taxes_usd"] == pytest.approx(-tax, rel=1e-9)


def test_a_guarantor_counts_for_what_it_covers():
    # Barber Lake: 3.0bn over ten years at 82.5%, Google behind 1.4bn of it, Fluidstack behind the rest; no delay in it.
    found = january().nav
    mine = found.contracts[found.contracts["contract_id"] == "CIFR-FLUIDSTACK-202509"].iloc[0]
    part, to_start = 1.4 / 3.0, years("2026-09-30")
    noi = first_rent(3e9, 0.025, 10) * 0.825
    expected = noi * (part / 0.06 * 1.08**-to_start + (1 - part) / 0.085 * 1.11**-to_start)
    assert mine["perpetuity_usd"] == pytest.approx(expected, rel=1e-9)


def test_power_without_a_lease_by_hand():
    a = Assumptions()
    # 1.5m of NOI at 7.5% is 20m, less 11.5m of building, over 1.3 gross MW: 6.54m.
    assert value_of_let_mw(a) == pytest.approx(8.5e6 / 1.3)
    world = january()
    iren = of(world.nav.table, "IREN")
    # 2,910 MW secured, 200 critical IT under GPU cloud, 810 in use. No lease is signed, so a first deal may take the
    # median of the 21 leases signed by then whose MW are known: 181 (critical IT x 1.3 where gross is not told).
    assert iren["operating_mw"] == 810
    assert iren["approved_mw"] == pytest.approx(2_910 - 200 * 1.3 - 810)
    assert iren["first_deal_mw"] == 181
    soon = 8.5e6 / 1.3 * 1.11**-3.25
    likely = 0.5 * 181 + 0.25 * (iren["approved_mw"] - 181)
    assert iren["approved_power_usd"] == pytest.approx(likely * soon)
    # The fleet lives for four years; from 3.25 on the lease takes its place, three quarters of its last year.
    last = mining_value(row_of(world, "IREN"), 1.0, 3.25)
    assert iren["mining_power_usd"] == pytest.approx(0.25 * (810 * soon - last))
    cifr = of(world.nav.table, "CIFR")
    assert cifr["first_deal_mw"] == 0
    assert cifr["pipeline_usd"] == pytest.approx(2_400 * 0.05 * 8.5e6 / 1.3 * 1.11**-5.25)


def test_power_in_use_for_mining_is_not_in_ai_service():
    """The sites of CORZ run 745 MW, 437 critical IT of them in AI service at its ratio of 1.3: 745 - 568.1 = 176.9 mine.
    WULF: 267.5 - 102 x 1.3 = 134.9."""
    world = october()
    found = power(world.basis.inputs, world.basis.valuation, world.book, world.assumptions).table
    for ticker, by_hand, rest in (
        ("CORZ", 745 - 437 * 1.3, 2_555 - 1_452.1), ("WULF", 267.5 - 102 * 1.3, 1_447 - 947.36),
    ):  # fmt: skip
        row = of(world.nav.table, ticker)
        assert row["operating_mw"] == pytest.approx(by_hand)
        assert row["operating_mw"] == pytest.approx(of(found, ticker)["mining_mw"])
        # Secured less leased is either in use for mining or approved.
        assert row["operating_mw"] + row["approved_mw"] == pytest.approx(rest)
    # Applied Digital hosts miners and mines nothing itself.
    apld = of(world.nav.table, "APLD")
    assert (apld["operating_mw"], apld["mining_power_usd"]) == (0.0, 0.0)
    assert apld["approved_mw"] == pytest.approx(2_150 - 1_933)


def test_a_default_leaves_what_mines_as_it_is():
    start = assessed(few("CORZ"), day="2026-10-05")
    gone = Scenario("x", "x", defaulting=("CoreWeave",))
    before, after = (
        of(found.nav.table, "CORZ") for found in (start, analysis.analyse(start.basis, Assumptions(), gone))
    )
    assert after["operating_mw"] == before["operating_mw"]
    assert after["approved_mw"] > before["approved_mw"] + 700


def test_what_a_lease_gives_up_is_the_mining_of_its_years():
    # Years 0 to 3 of a fleet of four years: all of it, three and a quarter years on, and after its life.
    riot = row_of(january(), "RIOT")
    whole = [
        max(riot.mining_revenue_usd * level - riot.mining_cost_usd, 0.0) * discount
        for level, discount in zip(riot.hashprice_path, riot.mining_discount, strict=True)
    ]
    assert mining_value(riot, 1.0) == pytest.approx(sum(whole))
    assert mining_value(riot, 1.0, 3.25) == pytest.approx(whole[3] * 0.75)
    assert mining_value(riot, 1.0, 1.5) == pytest.approx(whole[1] * 0.5 + whole[2] + whole[3])
    assert mining_value(riot, 1.0, 9.0) == 0


def test_nobody_gives_up_mining_that_earns_more_than_a_lease():
    # Hashprice that doubles every year makes the last year of mining worth more than a lease on its power.
    dear = replace(Assumptions(), hashprice_growth=1.0, market_noi_usd_per_mw=1e6)
    world = assessed(assumptions=dear)
    mara, position = of(world.nav.table, "MARA"), row_of(world, "MARA")
    assert mining_value(position, 1.0, 3.25) > mara["operating_mw"] * (1e6 / 0.075 - 11.5e6) / 1.3 * 1.11**-3.25 > 0
    assert mara["mining_power_usd"] == 0


def row_of(world: NavAnalysis, ticker: str) -> Position:
    return world.nav.position.row(list(world.nav.table.index.get_level_values("ticker")).index(ticker))


def test_mining_over_its_life_by_hand():
    world, total = january(), 0.0
    mara = of(world.mining.table, "MARA")
    for k in range(4):
        before_halving = np.clip((pd.Timestamp("2028-04-15") - AS_OF).days / 365.25 - k, 0, 1)
        level = 0.85 ** (k + 0.5) * (before_halving + (1 - before_halving) / 2)
        total += max(mara["revenue_usd"] * level - mara["power_cost_usd"], 0) * 1.15 ** -(k + 0.5)
    assert of(world.nav.table, "MARA")["mining_usd"] == pytest.approx(total)


def test_a_company_with_no_contracts_has_no_contract_value_and_no_error():
    mara = of(january().nav.table, "MARA")
    for name in ("leases_cap_rate_usd", "leases_dcf_usd", "gpu_cloud_usd", "capex_to_spend_usd"):
        assert mara[name] == 0
    assert mara["nav_cap_rate_usd"] > 0
    assert of(january().nav.status, "MARA")["implied_cap_rate"] == "not_meaningful"


def test_a_parent_holds_its_subsidiarys_contracts_and_owes_the_minority():
    table = january().nav.table
    assert of(table, "BTBT")["leases_cap_rate_usd"] == pytest.approx(of(table, "WYFI")["leases_cap_rate_usd"])
    held = january().nav.contracts
    assert set(held.loc[held["ticker"] == "BTBT", "held_through"]) == {"WYFI"}
    hut, abtc = of(table, "HUT"), of(january().basis.valuation.table, "ABTC")
    assert hut["noncontrolling_interest_usd"] == pytest.approx(-0.3638 * abtc["equity_value_usd"])


def test_unknown_is_left_out_and_named_and_required_unknown_gives_no_value():
    found = january().nav
    iren = of(found.causes, "IREN")
    assert "value unknown, excluded: IREN-TOGETHERFLUIDSTACKFIREWORKS-202511" in iren["nav_cap_rate_usd"]
    assert "mw_pipeline not reported" in iren["nav_cap_rate_usd"]
    assert of(found.status, "CRWV")["nav_cap_rate_usd"] == "missing"
    assert np.isnan(of(found.table, "CRWV")["nav_cap_rate_usd"])
    june = assessed(day="2026-06-30").nav
    assert of(june.status, "NBIS")["nav_cap_rate_usd"] == "not_meaningful"


@pytest.mark.parametrize("day", ["2024-12-27", "2025-06-27", JANUARY, "2026-07-10", "2026-10-05"])
def test_the_floor_is_below_the_value_on_every_date(day):
    table = assessed(day=day).nav.table.dropna(subset="floor_usd")
    assert len(table) > 3
    assert (table["floor_usd"] <= table["nav_dcf_usd"] + 1).all()
    assert (table["floor_usd"] <= table["nav_cap_rate_usd"] + 1).all()


def test_price_over_nav_is_plausible_for_every_miner():
    found = january()
    inside = found.book.excluded == ""
    ratio = found.nav.table.loc[inside.to_numpy(), "p_nav_dcf"].dropna()
    assert len(ratio) == 14
    assert ratio.between(0.4, 5).all()


NUMBERS = [item["name"] for item in describe(Assumptions()) if item["section"] in ("Net asset value", "Contracts")]


@settings(max_examples=12, deadline=None)
@given(st.fixed_dictionaries({
    "cap_rate_hyperscaler": st.floats(0.03, 0.12), "cap_rate_other": st.floats(0.04, 0.15),
    "cap_rate_exit": st.floats(0.04, 0.15), "cost_of_capital_other": st.floats(0.0, 0.25),
    "residual_share": st.floats(0, 1), "delay_years": st.floats(0, 3),
    "probability_approved": st.one_of(st.just(0.0), st.floats(1e-6, 1)),
    "market_noi_usd_per_mw": st.floats(0, 3e6), "mining_life_years": st.floats(0, 9), "ramp_years": st.floats(0, 2),
}))  # fmt: skip
def test_parts_add_up_and_the_floor_stays_below_whatever_is_assumed(changes):
    table = assessed(few(*SIX), assumptions=replace(Assumptions(), **changes)).nav.table
    for name, parts in VALUES.items():
        known = table[f"{name}_usd"].notna()
        assert known.sum() == len(SIX)
        assert (table[list(parts)].fillna(0.0).sum(axis=1) - table[f"{name}_usd"])[known].abs().max() < 0.005
    assert (table["floor_usd"] <= table["nav_dcf_usd"] + 1).all()


@pytest.mark.parametrize(("name", "low", "high", "sign"), [
    ("cap_rate_hyperscaler", 0.05, 0.08, -1), ("cap_rate_other", 0.07, 0.12, -1), ("cap_rate_exit", 0.06, 0.10, -1),
    ("capex_lease_usd_per_mw", 8e6, 15e6, -1), ("capex_overrun_usd_per_mw", 0.0, 3e6, -1), ("delay_years", 0.0, 2.0, -1),
    ("probability_first_deal", 0.1, 0.9, 1), ("probability_approved", 0.1, 0.9, 1), ("tax_rate", 0.0, 0.4, -1),
    ("probability_operating", 0.1, 0.9, 1), ("probability_pipeline", 0.0, 0.5, 1),
    ("power_cost_usd_per_kwh", 0.03, 0.08, -1), ("market_noi_usd_per_mw", 1.2e6, 2.3e6, 1),
])  # fmt: skip
def test_value_falls_in_cap_rates_cost_and_delay_and_rises_in_probability(name, low, high, sign):
    values = [
        assessed(few(*SIX), assumptions=replace(Assumptions(), **{name: x})).nav.table[
            ["nav_cap_rate_usd", "nav_dcf_usd"]
        ]
        for x in (low, high)
    ]
    moved = sign * (values[1] - values[0])
    assert (moved > -1e-3).all(axis=None)
    assert (moved > 1).any(axis=None)


@pytest.mark.parametrize("factor", [0.01, 7.0])
def test_scaling_all_money_scales_the_value_by_it(factor):
    universe = few(*SIX)
    base = basis(universe)
    inputs = base.inputs
    coins = ["shares_outstanding", "btc_held", "btc_pledged", "eth_held", "noncontrolling_interest_pct",
             "hashrate_eh", "hashrate_operating_eh", "fleet_efficiency_j_per_th"]  # fmt: skip
    money = [c for c in inputs.items if c not in coins and not c.startswith("mw_")]
    flows = [c for c in inputs.quarters if c.endswith("_usd")]
    priced = ["total_value_usd", "annual_revenue_usd", "capex_usd", "credit_support_usd", "rent_credits_usd"]

    def times(frame: pd.DataFrame, columns: list[str]) -> pd.DataFrame:
        return frame.assign(**{c: frame[c] * factor for c in columns})

    scaled = replace(
        inputs,
        items=times(inputs.items, money),
        quarters=times(inputs.quarters, flows),
        contracts=times(inputs.contracts, priced),
        instruments=times(inputs.instruments, ["principal_usd", "price_usd"]),
        market=times(inputs.market, ["btc_usd", "eth_usd"]),
        network=times(inputs.network, ["btc_usd"]),
    )
    a = Assumptions()
    dear = replace(a, **{d["name"]: d["value"] * factor for d in describe(a) if str(d["unit"]).startswith("USD")})
    found = analysis.analyse(valued(universe, scaled, dear), dear).nav.table
    plain = analysis.analyse(base, a).nav.table
    for name in ("nav_cap_rate_usd", "nav_dcf_usd", "floor_usd", *PARTS):
        np.testing.assert_allclose(found[name], plain[name] * factor, rtol=1e-9)
    np.testing.assert_allclose(found["p_nav_cap_rate"], plain["p_nav_cap_rate"], rtol=1e-9)


def test_without_volatility_every_draw_is_the_point_estimate():
    calm = {d["name"]: 0.0 for d in describe(Assumptions()) if d["name"].startswith("volatility_")}
    found = assessed(few(*SIX), assumptions=replace(Assumptions(), **calm)).nav
    for value in VALUES:
        drawn = simulate(found, draws=50, value=value).table
        np.testing.assert_allclose(drawn["mean"], drawn["point"], rtol=1e-12)
        np.testing.assert_allclose(drawn["sd"], 0.0, atol=1e-9)
        np.testing.assert_allclose(drawn["p5"], drawn["p95"], rtol=1e-12)


def test_draws_have_the_volatility_and_correlation_that_were_asked_for():
    # A company of bitcoin alone spreads as bitcoin does: mean one, log standard deviation as assumed.
    a = replace(Assumptions(), volatility_hashprice=0.0, volatility_bitcoin=0.3)
    found = assessed(few(*SIX), assumptions=a).nav
    drawn = simulate(found, draws=200_000, seed=1).table.loc["ABTC"]
    bitcoin = of(found.table, "ABTC")["bitcoin_usd"] / of(found.table, "ABTC")["diluted_shares"]
    assert drawn["mean"] == pytest.approx(drawn["point"], rel=2e-3)
    assert drawn["sd"] == pytest.approx(bitcoin * np.sqrt(np.expm1(0.3**2)), rel=0.02)
    assert drawn["p95"] - drawn["point"] == pytest.approx(bitcoin * (np.exp(0.3 * 1.6449 - 0.045) - 1), rel=0.03)


def test_the_same_seed_gives_the_same_draws_and_another_does_not():
    found = january().nav
    first, again, other = (simulate(found, draws=500, seed=s).table for s in (3, 3, 4))
    pd.testing.assert_frame_equal(first, again)
    assert not first["mean"].equals(other["mean"])


def test_impossible_correlations_are_told():
    bad = replace(Assumptions(), correlation_bitcoin_hashprice=0.0, correlation_bitcoin_cap_rate=0.9,
                  correlation_cap_rate_capex=0.9, correlation_capex_delay=-0.9)  # fmt: skip
    with pytest.raises(ValueError, match=r"cap_rate with capex 0\.9"):
        correlation(bad)
    assert np.linalg.eigvalsh(correlation(Assumptions())).min() >= 0


def test_a_delay_s_bar_is_the_value_of_the_whole_assessment_at_that_delay():
    world = january()
    found = tornado(world.nav, "CIFR")
    low = assessed(assumptions=replace(Assumptions(), delay_years=0.25 * np.exp(-1.0))).nav.table
    assert found.loc["delay", "low"] == pytest.approx(of(low, "CIFR")["nav_dcf_per_share"])
    with pytest.raises(KeyError):
        tornado(world.nav, "NOBODY")


def moved_rates(multiple: float) -> Assumptions:
    """Every cap rate times a multiple, costs of capital of contracts and of power without a lease by the same points."""
    a, out = Assumptions(), {}
    for who in ("hyperscaler", "investment_grade", "other"):
        cap = a.cap_rate(who)
        out[f"cap_rate_{who}"] = cap * multiple
        out[f"cost_of_capital_{who}"] = a.cost_of_capital(who) + cap * (multiple - 1)
    return replace(a, **out, cap_rate_exit=a.cap_rate_exit * multiple)


@pytest.mark.parametrize("multiple", [0.8, 1.0, 1.1, 1.4])
def test_a_multiple_of_cap_rates_moves_costs_of_capital_by_the_same_points(multiple):
    """The simulation's shock against contracts valued anew; payments stand at whole years there, to a thousandth."""
    world, anew = january(), assessed(assumptions=moved_rates(multiple))
    for ticker in ("CIFR", "CORZ", "IREN", "APLD"):
        quick, row = parts_under(row_of(world, ticker), Shock(cap_rate=multiple)), of(anew.nav.table, ticker)
        for name in ("leases_dcf_usd", "leases_cap_rate_usd", "gpu_cloud_usd", "contract_taxes_usd"):
            assert quick[name] == pytest.approx(row[name], rel=2e-3, abs=1.0), (ticker, name)


def test_the_implied_cap_rate_gives_the_price_back_where_contracts_are_valued_anew_at_it():
    """Contracts by the whole assessment at cap rates moved by hand, power without a lease by plain arithmetic; payments
    stand at whole years in the implied figure, to a few thousandths."""
    row = of(january().nav.table, "CIFR").fillna(0.0)
    multiple = row["implied_cap_rate"] / row["assumed_cap_rate"]
    anew = of(assessed(assumptions=moved_rates(multiple)).nav.table, "CIFR").fillna(0.0)
    signed = sum(anew[name] - row[name] for name in ("leases_dcf_usd", "gpu_cloud_usd", "contract_taxes_usd"))
    let, rate = max(1.5e6 / (0.075 * multiple) - 11.5e6, 0.0) / 1.3, 1.11 + 0.075 * (multiple - 1)
    soon, was = let * rate**-3.25, 8.5e6 / 1.3 * 1.11**-3.25
    late, was_late = let * rate**-5.25, 8.5e6 / 1.3 * 1.11**-5.25
    mw = row["operating_mw"]
    mining = 0.25 * max(mw * soon - (mw * was - row["mining_power_usd"] / 0.25), 0.0)
    unsigned = row["approved_power_usd"] * (soon / was - 1) + row["pipeline_usd"] * (late / was_late - 1)
    value = row["nav_dcf_usd"] + signed + unsigned + mining - row["mining_power_usd"]
    assert value == pytest.approx(row["equity_value_usd"], rel=5e-3)
    assert row["nav_dcf_usd"] != pytest.approx(row["equity_value_usd"], rel=0.05)


def test_the_implied_chance_and_worth_give_the_price_back():
    world = january()
    cifr = of(world.nav.table, "CIFR")
    chance = checked(Assumptions, "probability_approved", cifr["implied_probability"])
    a = replace(Assumptions(), probability_approved=chance, probability_first_deal=chance)
    assert of(assessed(assumptions=a).nav.table, "CIFR")["nav_dcf_per_share"] == pytest.approx(cifr["price_usd"])
    unsigned = cifr["approved_power_usd"] + cifr["mining_power_usd"] + cifr["pipeline_usd"]
    mw = cifr["approved_mw"] + cifr["operating_mw"]
    value = cifr["nav_dcf_usd"] - unsigned + mw * cifr["implied_usd_per_unlet_mw"]
    assert value == pytest.approx(cifr["equity_value_usd"])


def test_the_conversion_share_by_hand():
    world = january()
    mara, bridge = of(world.nav.table, "MARA"), of(world.basis.valuation.bridge, "MARA")
    net_debt = bridge["debt_after_conversion_usd"] + bridge["noncontrolling_interest_usd"] - bridge["cash_usd"]
    for_power = bridge["equity_value_usd"] - mara["mining_usd"] - bridge["bitcoin_usd"] + net_debt
    # 1,215 MW without hosts (README of the universe).
    assert mara["implied_conversion_share"] == pytest.approx(for_power / (world.nav.value_per_let_mw_usd * 1_215))


def test_rows_published_after_the_date_change_nothing():
    whole = miners()
    cut = AS_OF
    known = {
        "facts": whole.facts[whole.facts["published_on"] <= cut],
        "contracts": whole.contracts[whole.contracts["announced_on"] <= cut],
        "transactions": whole.transactions[whole.transactions["published_on"] <= cut],
        "instruments": whole.instruments[whole.instruments["published_on"] <= cut],
        "network": whole.network[whole.network["date"] <= cut],
        "prices": whole.prices[whole.prices["date"] <= cut],
        "splits": whole.splits[whole.splits["first_day_on_new_basis"] <= cut],
        "sites": whole.sites[~(whole.sites["as_of"] > cut)],
    }
    past = replace(whole, **{name: frame.reset_index(drop=True) for name, frame in known.items()})
    pd.testing.assert_frame_equal(assessed(past).nav.table, january().nav.table)
    pd.testing.assert_frame_equal(assessed(past).book.table, january().book.table)
