"""Mining economics against published hashprices and arithmetic by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.valuation.worlds import JANUARY, assessed, basis, january, miners, october, of
from valuation.assumptions import Assumptions
from valuation.mining import economics


@pytest.mark.parametrize(("month", "published"), [("2025-10", 48.5), ("2025-11", 39.8)])
def test_monthly_hashprice_is_within_4_percent_of_the_published_mean(month, published):
    weekly = economics.history(miners().network)
    assert weekly.loc[month].mean() == pytest.approx(published, rel=0.04)


def test_hashprice_of_12_january_is_within_4_percent_of_the_published_one():
    table = assessed(day="2026-01-12").mining.table
    assert table["hashprice_usd"].iloc[0] == pytest.approx(39.5, rel=0.04)


def test_hashprice_from_difficulty_and_subsidy_agrees_with_hashrate_and_reward():
    week = miners().network.set_index("date").loc["2026-01-16"]
    by_rate = economics.hashprice(week["btc_usd"], week["hashrate_eh_per_s"], week["reward_and_fees_btc_per_day"])
    rate = economics.hashrate_from_difficulty(week["difficulty"])
    by_difficulty = economics.hashprice(
        week["btc_usd"], rate, economics.reward_per_day(economics.subsidy_on(week.name), 0.02)
    )
    assert by_difficulty == pytest.approx(by_rate, rel=0.01)
    # A difficulty of 146.47e12: 146.47e12 x 2^32 / 600 s = 1.0485e21 hashes a second.
    assert rate == pytest.approx(1048.5, rel=1e-3)


def test_hashprice_by_hand():
    # 450 BTC a day at 100,000 USD over 1,000 EH/s = 1,000,000 PH/s: 45 USD.
    assert economics.hashprice(100_000.0, 1_000.0, economics.reward_per_day(3.125)) == pytest.approx(45.0)


def test_subsidy_halves_in_april_2024_and_2028():
    days = ("2024-04-01", "2024-05-01", "2028-04-01", "2028-05-01")
    assert [economics.subsidy_on(pd.Timestamp(day)) for day in days] == [6.25, 3.125, 3.125, 1.5625]


def test_a_fleet_by_hand():
    # 20 J/TH is 20 kW a PH/s: at 0.05 USD and 24 hours it costs 24 USD a day, and a MW runs 50 PH/s.
    assert economics.breakeven_hashprice(20.0, 0.05) == pytest.approx(24.0)
    assert economics.breakeven_power(48.0, 20.0) == pytest.approx(0.10)
    assert economics.ph_per_mw(20.0) == pytest.approx(50.0)
    assert economics.revenue_per_mw_year(40.0, 20.0) == pytest.approx(50 * 40 * 365.25)


@given(st.floats(10, 60), st.floats(0.01, 0.2), st.floats(5, 100))
def test_breakevens_are_two_sides_of_one_coin(j_per_th, power, price):
    earns = price > economics.breakeven_hashprice(j_per_th, power)
    assert earns == (power < economics.breakeven_power(price, j_per_th)) or price == pytest.approx(
        economics.breakeven_hashprice(j_per_th, power)
    )


def test_iren_by_hand():
    world = january().mining
    iren, price = of(world.table, "IREN"), world.table["hashprice_usd"].iloc[0]
    # 44.0 EH/s at 15 J/TH and 3.8 cents, as reported.
    assert iren["fleet_mw"] == pytest.approx(660.0)
    assert iren["revenue_usd"] == pytest.approx(44_000 * price * 365.25)
    assert iren["power_cost_usd"] == pytest.approx(660 * 1000 * 0.038 * 8766)
    assert iren["margin_usd"] == pytest.approx(iren["revenue_usd"] - iren["power_cost_usd"])
    assert of(world.status, "IREN")["margin_usd"] == "ok"


def test_stand_ins_are_told_and_unknown_is_never_zero():
    world = january().mining
    assert "deployed hashrate x uptime" in of(world.causes, "CIFR")["hashrate_eh"]
    assert of(world.table, "CIFR")["hashrate_eh"] == pytest.approx(23.6 * 0.88)
    assert "fleet_efficiency_j_per_th not reported" in of(world.causes, "HIVE")["margin_usd"]
    assert of(world.status, "DGXX")["revenue_usd"] == "missing"
    assert np.isnan(of(world.table, "DGXX")["revenue_usd"])


def test_who_mines_nothing_has_zero_and_no_ratio():
    world = january().mining
    assert of(world.table, "APLD")[["hashrate_eh", "revenue_usd", "margin_usd"]].tolist() == [0, 0, 0]
    assert of(world.status, "APLD")["margin_usd"] == "ok"
    assert of(world.status, "APLD")["breakeven_hashprice_usd"] == "not_meaningful"


def test_hashrate_from_revenue_where_none_is_reported():
    world = january().mining
    # American Bitcoin: 64.2m in the third quarter of 2025 at that quarter's mean of weekly hashprices, 91 days.
    weekly = economics.history(miners().network).loc["2025-07-02":"2025-09-30"]
    assert of(world.table, "ABTC")["hashrate_eh"] == pytest.approx(64.2e6 / (weekly.mean() * 91) / 1000)
    assert of(world.causes, "ABTC")["hashrate_eh"] == "hashrate from mining revenue"


def test_a_newer_quarter_displaces_an_old_hashrate():
    # Hut 8's own hashrate is old; it mined for 67.0m in the second quarter of 2026, 91 days.
    september = assessed(day="2026-09-30").mining
    weekly = economics.history(miners().network).loc["2026-04-01":"2026-06-30"]
    assert of(september.table, "HUT")["hashrate_eh"] == pytest.approx(67.015e6 / (weekly.mean() * 91) / 1000)
    assert "hashrate from mining revenue" in of(september.causes, "HUT")["hashrate_eh"]


def test_old_network_figures_are_told():
    # network.csv has hashrates up to 28 August and prices up to October: an old figure, and one of two weeks.
    network = miners().network
    last = network.loc[network["hashrate_eh_per_s"].notna(), "date"].max()
    assert last == pd.Timestamp("2026-08-28")
    assert network.loc[network["btc_usd"].notna(), "date"].max() - last > pd.Timedelta(weeks=1)
    mined = october().mining
    assert of(mined.status, "IREN")["hashprice_usd"] == "proxy"
    causes = of(mined.causes, "IREN")["hashprice_usd"]
    assert causes == "network figures old; bitcoin price and hashrate of different weeks"


def test_ai_earns_twice_a_miner_on_leases_and_ten_to_fourteen_times_on_cloud():
    ratio = january().compute_ratio
    assert ratio.loc["lease", "ratio"] == pytest.approx(2.0, abs=0.1)
    assert 10 <= ratio.loc["gpu_cloud", "ratio"] <= 14
    assert ratio.loc["lease", "contracts"] == 21
    # 1.94bn on 200 MW over the mean of five reported fleets.
    price = january().mining.table["hashprice_usd"].iloc[0]
    middle = 1000 / 16.8 * price * 365.25
    assert ratio.loc["gpu_cloud", "ratio"] == pytest.approx(9.7e6 / middle)


def test_the_path_halves_in_2028_and_ends_with_the_fleet():
    a = replace(Assumptions(), mining_life_years=2.5, hashprice_growth=-0.1, cost_of_capital_mining=0.2)
    factor, discount = economics.path(pd.Timestamp("2026-04-15"), a)
    # The halving falls exactly two years ahead: the third year is half throughout.
    assert factor == pytest.approx([0.9**0.5, 0.9**1.5, 0.9**2.5 * 0.5], rel=2e-3)
    assert discount == pytest.approx([1.2**-0.5, 1.2**-1.5, 0.5 * 1.2**-2.5])
    kept, _ = economics.path(pd.Timestamp("2026-04-15"), replace(a, halving_recovery=1.0))
    assert kept == pytest.approx([0.9**0.5, 0.9**1.5, 0.9**2.5])


def test_hashrate_that_leaves_lifts_hashprice_for_those_who_stay():
    world = january().mining
    price = world.table["hashprice_usd"].iloc[0]
    alone = economics.network_scenario(world, leaving=0.2)
    assert alone["hashprice_usd"].iloc[0] == pytest.approx(price / 0.8)
    refilled = economics.network_scenario(world, leaving=0.2, refill=1.0)
    assert refilled["hashprice_usd"].iloc[0] == pytest.approx(price)
    iren, cost = of(alone, "IREN"), of(world.table, "IREN")["power_cost_usd"]
    assert iren["margin_usd"] == pytest.approx(44_000 * price / 0.8 * 365.25 - cost)
    assert np.isnan(of(alone, "DGXX")["margin_usd"])


def test_after_the_halving_fleets_above_breakeven_are_off_and_lose_nothing():
    world = january().mining
    then = economics.network_scenario(world, leaving=0.0, halving=True)
    price = world.table["hashprice_usd"].iloc[0] / 2
    off = then["switched_off"].to_numpy()
    mines = (world.table["hashrate_eh"] > 0).to_numpy()
    assert (off == (mines & (world.table["breakeven_hashprice_usd"] > price).to_numpy())).all()
    assert (then.loc[off, "margin_usd"] == 0).all()


@pytest.mark.parametrize(("leaving", "refill"), [(1.0, 0.0), (-0.1, 0.0), (0.5, 1.5)])
def test_an_impossible_network_is_refused_with_its_numbers(leaving, refill):
    with pytest.raises(ValueError, match=rf"leaving={leaving}, refill={refill}"):
        economics.network_scenario(january().mining, leaving=leaving, refill=refill)


def test_no_week_of_the_future_reaches_a_hashprice():
    world = basis(miners(), "2026-01-12")
    row = world.inputs.market.iloc[0]
    assert row["network_date"] == pd.Timestamp("2026-01-09")
    later = miners().network.assign(
        hashrate_eh_per_s=lambda f: f["hashrate_eh_per_s"].where(f["date"] <= "2026-01-12", 1.0)
    )
    changed = economics.economics(basis(replace(miners(), network=later), "2026-01-12").inputs, Assumptions())
    pd.testing.assert_frame_equal(changed.table, economics.economics(world.inputs, Assumptions()).table)


def fleet(**items: object) -> pd.Series:
    """Mining of RIOT on 16 January 2026 with these items, their ages and last quarter's mining revenue."""
    start = january().basis.inputs
    row = (pd.Timestamp("2026-01-16"), "RIOT")
    values, periods, stale = start.items.copy(), start.periods.copy(), start.stale.copy()
    quarters = start.quarters[start.quarters["ticker"] != "RIOT"]
    for name in ("hashrate_operating_eh", "hashrate_eh", "fleet_efficiency_j_per_th", "power_cost_usd_per_kwh"):
        value, day, old = items.get(name) or (np.nan, None, False)
        values.loc[row, name], periods.loc[row, name], stale.loc[row, name] = value, pd.Timestamp(day), old
    if "mining" in items:
        day, usd = items["mining"]
        line = dict.fromkeys(start.quarters, np.nan) | {
            "as_of": row[0],
            "ticker": "RIOT",
            "period_end": pd.Timestamp(day),
        }
        quarters = pd.concat([quarters, pd.DataFrame([line | {"mining_usd": usd}])], ignore_index=True)
    made = economics.economics(
        replace(start, items=values, periods=periods, stale=stale, quarters=quarters), Assumptions()
    )
    return pd.concat(
        [made.table.loc[row], made.status.loc[row].add_suffix("_status"), made.causes.loc[row].add_suffix("_cause")]
    )


UPTIME = Assumptions().uptime
OLDEST = pd.Timestamp(JANUARY) - pd.Timedelta(days=Assumptions().max_age_balance_sheet_days)


@pytest.mark.parametrize(
    ("items", "rate", "status", "cause"),
    [
        ({"hashrate_operating_eh": (30.0, "2025-12-31", False), "hashrate_eh": (40.0, "2025-12-31", False)}, 30.0, "ok", ""),
        ({"hashrate_eh": (40.0, "2025-12-31", False)}, 40 * UPTIME, "proxy", "deployed hashrate x uptime"),
        # An old operating figure gives way to a newer deployed one, and not to an older.
        ({"hashrate_operating_eh": (30.0, "2025-01-31", True), "hashrate_eh": (40.0, "2025-12-31", False)}, 40 * UPTIME,
         "proxy", "deployed hashrate x uptime"),
        ({"hashrate_operating_eh": (30.0, "2025-01-31", True), "hashrate_eh": (40.0, "2025-01-31", True)}, 30.0, "stale",
         "hashrate old"),
        ({"hashrate_operating_eh": (30.0, "2025-12-31", False), "hashrate_eh": (40.0, "2026-01-10", False)}, 30.0, "ok", ""),
        # No mining revenue is no fleet, whatever the hashprice of the quarter was.
        ({"mining": ("2025-12-31", 0.0)}, 0.0, "ok", ""),
        ({"mining": (str(OLDEST.date()), 0.0)}, 0.0, "ok", ""),
        ({"mining": (str((OLDEST - pd.Timedelta(days=1)).date()), 0.0)}, 0.0, "stale", "hashrate old"),
        ({"mining": ("2022-12-31", 5e6)}, np.nan, "missing", "hashrate and mining revenue unknown"),
        ({}, np.nan, "missing", "hashrate and mining revenue unknown"),
        # A fresh figure stands before revenue, an old one gives way to a newer quarter alone.
        ({"hashrate_eh": (40.0, "2025-12-01", False), "mining": ("2025-12-31", 0.0)}, 40 * UPTIME, "proxy",
         "deployed hashrate x uptime"),
        ({"hashrate_eh": (40.0, "2025-12-31", True), "mining": ("2025-12-31", 0.0)}, 40 * UPTIME, "proxy", "hashrate old"),
        ({"hashrate_eh": (40.0, "2025-01-31", True), "mining": ("2025-12-31", 0.0)}, 0.0, "ok", ""),
    ],
)  # fmt: skip
def test_which_hashrate_counts(items, rate, status, cause):
    found = fleet(**items)
    assert found["hashrate_eh"] == pytest.approx(rate, nan_ok=True)
    assert found["hashrate_eh_status"] == status
    assert cause in found["hashrate_eh_cause"]


def test_hashrate_from_revenue_by_hand():
    weekly = economics.history(miners().network)
    quarter = weekly[
        (weekly.index > pd.Timestamp("2025-12-31") - pd.Timedelta(days=91)) & (weekly.index <= "2025-12-31")
    ]
    assert len(quarter) == 13
    found = fleet(mining=("2025-12-31", 150e6))
    assert found["hashrate_eh"] == pytest.approx(150e6 / (quarter.mean() * 91) / 1000)
    assert found["hashrate_eh_cause"] == "hashrate from mining revenue"
    little = fleet(mining=("2025-12-31", 2e6))
    assert 0 < little["hashrate_eh"] < 1
    assert little["hashrate_eh_cause"] == "hashrate from mining revenue"


def test_figures_of_a_fleet_by_hand_and_of_none():
    mines = fleet(hashrate_operating_eh=(30.0, "2025-12-31", False), fleet_efficiency_j_per_th=(20.0, "2025-12-31", False),
                  power_cost_usd_per_kwh=(0.04, "2025-12-31", False))  # fmt: skip
    price = mines["hashprice_usd"]
    assert mines["fleet_mw"] == 600.0
    assert mines["revenue_usd"] == pytest.approx(30_000 * price * 365.25)
    assert mines["power_cost_usd"] == pytest.approx(600_000 * 0.04 * 24 * 365.25)
    assert mines["margin_usd"] == pytest.approx(mines["revenue_usd"] - mines["power_cost_usd"])
    assert mines["margin_share"] == pytest.approx(mines["margin_usd"] / mines["revenue_usd"])
    assert mines["revenue_usd_per_mw"] == pytest.approx(mines["revenue_usd"] / 600)
    assert mines["breakeven_hashprice_usd"] == pytest.approx(24 * 20 * 0.04)
    assert mines["breakeven_power_usd_per_kwh"] == pytest.approx(price / (24 * 20))
    assert {mines[f"{name}_status"] for name in ("power_cost_usd", "margin_usd", "revenue_usd_per_mw")} == {"ok"}
    none = fleet(hashrate_operating_eh=(0.0, "2025-12-31", False))
    assert none[["fleet_mw", "revenue_usd", "power_cost_usd", "margin_usd"]].tolist() == [0.0] * 4
    assert none["power_cost_usd_status"] == "ok"  # assumed efficiency of no fleet marks nothing
    assert {none[f"{name}_status"] for name in ("margin_share", "revenue_usd_per_mw", "j_per_th")} == {"not_meaningful"}
    assumed = fleet(hashrate_operating_eh=(30.0, "2025-12-31", False))
    assert assumed["power_cost_usd_status"] == assumed["j_per_th_status"] == "proxy"
    assert "fleet_efficiency_j_per_th not reported, assumed" in assumed["power_cost_usd_cause"]
    unknown = fleet()
    assert unknown["revenue_usd_per_mw_status"] == unknown["power_cost_usd_status"] == "missing"
