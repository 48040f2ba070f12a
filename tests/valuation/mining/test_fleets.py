"""Mining of made-up fleets by hand: which price, which hashrate, which marks; and AI revenue beside it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.mining import economics
from valuation.mining.economics import Mining, _from_revenue, compute_ratio, network_scenario

DAY, NAN = pd.Timestamp("2026-01-16"), np.nan
A = replace(
    Assumptions(), fleet_efficiency_j_per_th=25.0, power_cost_usd_per_kwh=0.06, gross_mw_per_critical_it_mw=1.25
)


def test_rates_of_the_network_by_hand():
    assert economics.reward_per_day(2.0) == 288.0
    assert economics.reward_per_day(2.0, 0.5) == 360.0
    days = ("2020-05-11", "2024-04-19", "2024-04-20", "2028-04-14", "2028-04-15")
    assert [economics.subsidy_on(pd.Timestamp(day)) for day in days] == [6.25, 6.25, 3.125, 3.125, 1.5625]
    # 2^32 hashes for each unit of difficulty in 600 seconds.
    assert economics.hashrate_from_difficulty(600e18) == 2.0**32


def test_weeks_without_a_figure_have_no_hashprice():
    fridays = pd.date_range("2026-01-02", periods=4, freq="7D")
    weeks = pd.DataFrame({"date": fridays, "btc_usd": [100.0, NAN, 100.0, 100.0],
                          "hashrate_eh_per_s": [5.0, 5.0, NAN, 4.0], "reward_and_fees_btc_per_day": 450.0})  # fmt: skip
    found = economics.history(weeks)
    assert found.to_dict() == {pd.Timestamp("2026-01-02"): 9.0, pd.Timestamp("2026-01-23"): 11.25}


def fleet(
    rate: float = 30.0, j: float = 20.0, power: float = 0.04, *, old: tuple[str, ...] = (), **market: object
) -> dict[str, tuple[float, str, str]]:
    """Mining of a company with this operating hashrate; bitcoin of 100,000 over 1,000 EH/s and 450 coins a day: 45 USD."""
    index = pd.MultiIndex.from_product([[DAY], ["A"]], names=["as_of", "ticker"])
    items = {
        "hashrate_operating_eh": rate,
        "hashrate_eh": NAN,
        "fleet_efficiency_j_per_th": j,
        "power_cost_usd_per_kwh": power,
    }
    known = {"btc_usd": 1e5, "network_eh_per_s": 1000.0, "reward_btc_per_day": 450.0, "btc_date": DAY, "network_date": DAY,
             "btc_stale": False, "network_stale": False} | market  # fmt: skip
    inputs = SimpleNamespace(
        index=index, items=pd.DataFrame(items, index), periods=pd.DataFrame(DAY, index, list(items)),
        stale=pd.DataFrame({name: [name in old] for name in items}, index),
        at_market=lambda name: pd.Series([known[name]], index),
        network=pd.DataFrame(columns=["date", "btc_usd", "hashrate_eh_per_s", "reward_and_fees_btc_per_day"], dtype=float),
        quarters=pd.DataFrame({"as_of": [], "ticker": [], "period_end": pd.to_datetime([])}).assign(mining_usd=NAN),
    )  # fmt: skip
    made = economics.economics(inputs, A)
    return {
        name: (made.table[name].iloc[0], made.status[name].iloc[0], made.causes[name].iloc[0]) for name in made.table
    }


@pytest.mark.parametrize(
    ("market", "status", "cause"),
    [
        ({}, "ok", ""),
        ({"network_stale": True}, "stale", "network figures old"),
        ({"btc_stale": True}, "stale", "bitcoin price old"),
        ({"network_date": DAY - pd.Timedelta(days=6)}, "ok", ""),
        ({"network_date": DAY - pd.Timedelta(days=7)}, "proxy", "bitcoin price and hashrate of different weeks"),
        ({"network_date": DAY + pd.Timedelta(days=8)}, "proxy", "bitcoin price and hashrate of different weeks"),
        ({"network_eh_per_s": NAN}, "missing", "hashprice_usd unknown"),
    ],
)
def test_the_day_s_hashprice_and_its_marks(market, status, cause):
    found = fleet(**market)
    assert found["hashprice_usd"] == (pytest.approx(NAN if status == "missing" else 45.0, nan_ok=True), status, cause)
    assert found["revenue_usd"][1] == status


def test_a_small_fleet_mines_and_an_assumed_efficiency_marks_what_rests_on_it():
    found = fleet(rate=0.5, j=NAN)
    assert found["fleet_mw"][0] == 12.5
    assert found["revenue_usd"][0] == pytest.approx(500 * 45 * 365.25)
    assert found["power_cost_usd"] == (
        pytest.approx(12_500 * 0.04 * 8766),
        "proxy",
        "fleet_efficiency_j_per_th not reported, assumed",
    )
    assert found["margin_share"][1] == found["breakeven_hashprice_usd"][1] == "proxy"
    assert found["breakeven_hashprice_usd"][0] == pytest.approx(24 * 25 * 0.04)
    assert found["power_usd_per_kwh"] == (0.04, "ok", "")
    dear = fleet(power=NAN, old=("fleet_efficiency_j_per_th",))
    assert dear["power_usd_per_kwh"] == (0.06, "proxy", "power_cost_usd_per_kwh not reported, assumed")
    assert dear["power_cost_usd"][2] == "fleet_efficiency_j_per_th old; power_cost_usd_per_kwh not reported, assumed"
    assert dear["j_per_th"] == (20.0, "stale", "fleet_efficiency_j_per_th old")


def test_who_mines_nothing_earns_nothing_without_a_price_too():
    found = fleet(rate=0.0, network_eh_per_s=NAN)
    for name in ("fleet_mw", "revenue_usd", "power_cost_usd", "margin_usd"):
        assert found[name] == (0.0, "ok", "")
    assert found["margin_share"][1:] == ("not_meaningful", "mines nothing")
    # With a price its marks are those of the revenue.
    assert fleet(rate=0.0, btc_stale=True)["revenue_usd"] == (0.0, "stale", "bitcoin price old")
    unknown = fleet(rate=NAN)
    assert {name: found[1] for name, found in unknown.items() if found[1] != "missing"} == {
        "hashprice_usd": "ok", "j_per_th": "ok", "power_usd_per_kwh": "ok",
    }  # fmt: skip
    assert unknown["breakeven_power_usd_per_kwh"][2] == "hashrate unknown"


WEEKLY = pd.Series([10.0, 20.0, 40.0, 80.0], pd.to_datetime(["2025-09-26", "2025-10-03", "2025-12-26", "2026-01-02"]))


@pytest.mark.parametrize(
    ("end", "price"),
    [
        ("2025-12-31", 30.0),  # 91 days from 2 October on
        ("2026-01-02", 60.0),  # the day itself counts; 91 days before it is 3 October, which does not: 40 and 80
        ("2025-09-26", 10.0),
        ("2025-10-03", 15.0),
        ("2025-12-26", 30.0),  # from 27 September on: 20 and 40
        ("2025-09-25", NAN),
    ],
)
def test_the_hashrate_that_a_quarter_s_revenue_bought(end, price):
    quarters = pd.DataFrame([("A", end, 91e6), ("A", "2025-06-30", 5.0), ("A", "2026-03-31", NAN), ("B", end, 0.0)],
                            columns=["ticker", "period_end", "mining_usd"]).assign(as_of=DAY)  # fmt: skip
    quarters["period_end"] = pd.to_datetime(quarters["period_end"])
    index = pd.MultiIndex.from_product([[DAY], ["A", "B", "C"]], names=["as_of", "ticker"])
    found = _from_revenue(SimpleNamespace(quarters=quarters, index=index), WEEKLY)
    assert found["from_revenue_eh"].tolist() == pytest.approx([1e3 / price, 0.0, NAN], nan_ok=True)
    assert found["quarter"].tolist()[:2] == [pd.Timestamp(end)] * 2
    assert found["mining_quarter_usd"].tolist() == pytest.approx([91e6, 0.0, NAN], nan_ok=True)
    assert found["quarter_hashprice_usd"].tolist() == pytest.approx([price, price, NAN], nan_ok=True)


def test_the_path_halves_within_a_year_and_recovers_in_part():
    a = replace(A, mining_life_years=3.0, hashprice_growth=0.0, halving_recovery=0.4, cost_of_capital_mining=0.0)
    # 640 days to 15 April 2028: the rest of the second year pays 30% less, and the third all of it.
    factor, discount = economics.path(pd.Timestamp("2026-07-15"), a)
    assert factor.tolist() == pytest.approx([1.0, 1 - 0.3 * (2 - 640 / 365.25), 0.7])
    assert discount.tolist() == [1.0, 1.0, 1.0]
    # After it nothing halves any more than it has.
    assert economics.path(pd.Timestamp("2030-01-01"), a)[0].tolist() == pytest.approx([0.7] * 3)


def mining(*fleets: tuple[float, str], price: float = 40.0) -> Mining:
    """Fleets of (revenue per MW, status of the efficiency)."""
    index = pd.MultiIndex.from_product([[DAY], list("ABCDE"[: len(fleets)])], names=["as_of", "ticker"])
    table = pd.DataFrame({"revenue_usd_per_mw": [usd for usd, _ in fleets], "hashprice_usd": price}, index)
    return Mining(table, pd.DataFrame({"j_per_th": [state for _, state in fleets]}, index), table, WEEKLY)


CONTRACTS = pd.DataFrame(
    [("lease", 100.0, 10.0), ("lease", 360.0, 12.0), ("lease", 220.0, 11.0), ("lease", NAN, 9.0), ("lease", 5.0, NAN),
     ("gpu_cloud", 800.0, 4.0)],
    columns=["business", "owned_annual_revenue_usd", "owned_it_mw"],
)  # fmt: skip


def test_revenue_per_mw_of_contracts_over_that_of_reported_fleets():
    found = compute_ratio(CONTRACTS, mining((5.0, "ok"), (15.0, "stale"), (99.0, "proxy"), (NAN, "ok"), (8.0, "ok")), A)
    assert found.index.tolist() == ["lease", "gpu_cloud"]
    lease = found.loc["lease"]
    assert (lease["contracts"], lease["mining_usd_per_mw"], lease["fleets"]) == (3, 8.0, 3)
    assert lease[["ai_usd_per_it_mw", "ai_usd_per_it_mw_low", "ai_usd_per_it_mw_high"]].tolist() == [20.0, 10.0, 30.0]
    assert lease[["ratio", "ratio_low", "ratio_high", "ratio_per_gross_mw"]].tolist() == [2.5, 1.25, 3.75, 2.0]
    assert found.loc["gpu_cloud", "ratio"] == 25.0
    # No fleet is reported: 40 PH/s a MW at the assumed 25 J/TH, 40 USD each.
    none = compute_ratio(CONTRACTS[:3], mining((9.0, "proxy")), A)
    assert none.index.tolist() == ["lease"]
    assert none.loc["lease", ["mining_usd_per_mw", "fleets"]].tolist() == pytest.approx([40 * 40 * 365.25, 0])


def after(**change: object) -> pd.DataFrame:
    """100 of revenue each; power costs 40, 100, 160 and 10, which nobody pays where nothing mines, and of E nobody knows."""
    index = pd.MultiIndex.from_product([[DAY], list("ABCDEF")], names=["as_of", "ticker"])
    table = pd.DataFrame({"hashprice_usd": 50.0, "hashrate_eh": [9.0, 9.0, 9.0, 0.0, NAN, 0.5],
                          "revenue_usd": [100.0, 100.0, 100.0, 0.0, NAN, 100.0],
                          "power_cost_usd": [40.0, 100.0, 160.0, 0.0, NAN, 100.5]}, index)  # fmt: skip
    table["margin_usd"] = table["revenue_usd"] - table["power_cost_usd"]
    return network_scenario(Mining(table, table, table, WEEKLY), **change).droplevel("as_of")


@pytest.mark.parametrize(
    ("change", "factor"),
    [
        ({"leaving": 0.0}, 1.0), ({"leaving": 0.5}, 2.0), ({"leaving": 0.5, "refill": 0.2}, 1 / 0.6),
        ({"leaving": 0.2, "refill": 1.0}, 1.0), ({"leaving": 0.0, "bitcoin": 1.5}, 1.5),
        ({"leaving": 0.0, "halving": True}, 0.5), ({"leaving": 0.0, "halving": True, "halving_recovery": 0.4}, 0.7),
        ({"leaving": 0.5, "bitcoin": 0.8, "halving": True, "halving_recovery": 0.2}, 0.96),
        ({"leaving": 0.0, "halving_recovery": 0.4}, 1.0),
    ],
)  # fmt: skip
def test_hashprice_of_another_network(change, factor):
    found = after(**change)
    assert found["hashprice_usd"].tolist() == pytest.approx([50 * factor] * 6)
    assert found["revenue_usd"]["A"] == pytest.approx(100 * factor)
    assert found["margin_usd"]["A"] == pytest.approx(max(100 * factor - 40, 0))


def test_fleets_that_lose_money_are_switched_off_and_lose_nothing():
    found = after(leaving=0.0)
    assert found["margin_usd"].tolist() == pytest.approx([60.0, 0.0, 0.0, 0.0, NAN, 0.0], nan_ok=True)
    assert found["switched_off"].tolist() == [False, False, True, False, False, True]
    assert found["change_usd"].tolist() == pytest.approx([0.0] * 4 + [NAN, 0.0], nan_ok=True)
    more = after(leaving=0.5)
    assert more["change_usd"].tolist() == pytest.approx([100.0, 100.0, 40.0, 0.0, NAN, 99.5], nan_ok=True)


@pytest.mark.parametrize(("leaving", "refill", "allowed"), [
    (0.0, 0.0, True), (0.0, 1.0, True), (0.999, 0.5, True), (1.0, 0.5, False), (0.5, -0.001, False), (0.5, 1.001, False),
    (-0.001, 0.5, False), (0.5, 2.0, False), (1.5, 0.5, False),
])  # fmt: skip
def test_bounds_of_what_leaves_and_comes_back(leaving, refill, allowed):
    if allowed:
        assert after(leaving=leaving, refill=refill)["hashprice_usd"].notna().all()
    else:
        with pytest.raises(ValueError, match="leaving must be in"):
            after(leaving=leaving, refill=refill)
