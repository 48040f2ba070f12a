"""What a scenario changes, of made-up contracts, companies and sites: each figure before and after, by hand."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions
from valuation.nav.scenarios import (
    Place,
    Scenario,
    ScenarioInvalid,
    adjusted_contracts,
    adjusted_mining,
    share_in_place,
    shock,
)

NAN = np.nan
TEXAS = Place(state="Texas", noi=0.8, delay_years=0.5)


def scenario(**changes: object) -> Scenario:
    return Scenario("x", "x", **changes)


def test_a_scenario_and_a_place_without_changes_change_nothing():
    none, nowhere = scenario(), Place()
    assert (none.bitcoin, none.hashrate_leaving, none.gap, none.gap_group) == (1.0, 0.0, None, "pivot")
    assert (nowhere.noi, nowhere.probability, nowhere.power_usd_per_kwh, nowhere.delay_years) == (1.0, 1.0, 0.0, 0.0)
    assert none.words() == []
    assert none.assumed(Assumptions()) == Assumptions()


def test_what_lies_in_a_place():
    rows = pd.DataFrame(
        {"state": ["Texas", "Texas", "Ohio"], "grid_operator": ["ERCOT", "SPP", "SPP"]}, index=[5, 6, 7]
    )
    for place, inside in (({}, [True] * 3), ({"state": "Texas"}, [True, True, False]),
                          ({"grid_operator": "SPP"}, [False, True, True]),
                          ({"state": "Texas", "grid_operator": "SPP"}, [False, True, False])):  # fmt: skip
        assert Place(**place).holds(rows).to_dict() == dict(zip([5, 6, 7], inside, strict=True))


def test_assumptions_are_multiplied_then_added_to_then_set():
    found = scenario(
        multiply={"delay_years": 4.0, "uptime": 0.5}, add={"delay_years": 0.5, "tax_rate": 0.05, "uptime": 0.1},
        set={"uptime": 0.9, "cash_taxes": False},
    ).assumed(Assumptions())  # fmt: skip
    assert found.delay_years == pytest.approx(1.5)
    assert found.tax_rate == pytest.approx(0.30)
    assert (found.uptime, found.cash_taxes) == (0.9, False)
    with pytest.raises(ScenarioInvalid):
        scenario(multiply={"uptime": 2.0}).assumed(Assumptions())


@pytest.mark.parametrize(
    ("changes", "multiple"),
    [({}, 1.0), ({"bitcoin": 0.5}, 0.5), ({"bitcoin": 0.5, "hashprice": 0.7}, 0.7), ({"hashprice": 0.0}, 0.0),
     ({"hashrate_leaving": 0.4}, 1 / 0.9), ({"bitcoin": 1.8, "hashrate_leaving": 0.4}, 2.0)],
)  # fmt: skip
def test_hashprice_follows_bitcoin_and_the_hashrate_that_leaves(changes, multiple):
    # Three quarters of what leaves come back.
    assert scenario(**changes).hashprice_multiple(Assumptions(hashrate_refill=0.75)) == pytest.approx(multiple)


def test_a_scenario_in_words():
    found = scenario(
        bitcoin=0.5, hashprice=0.7, hashrate_leaving=0.25, set={"uptime": 0.9, "cash_taxes": False},
        add={"delay_years": 1.0, "tax_rate": -0.05}, multiply={"residual_share": 2.0}, defaulting=("A", "B"), gap=1.5,
        places=(Place("Texas", "ERCOT", noi=0.8, probability=0.5, power_usd_per_kwh=0.01, delay_years=1.0),
                Place(state="Ohio", delay_years=2.0), Place(grid_operator="PJM", probability=0.5)),
    )  # fmt: skip
    assert found.words() == [
        "bitcoin x 0.5", "hashprice x 0.7", "25% of the network's hashrate leaves", "uptime = 0.9", "cash_taxes = no",
        "delay_years +1", "tax_rate -0.05", "residual_share x 2", "A stops paying; a guarantor pays the part that it covers",
        "B stops paying; a guarantor pays the part that it covers",
        "the gap per secured MW closes to 1.5x through prices of the AI group",
        "Texas ERCOT: NOI x 0.8, probability of future leases x 0.5, mining power +0.01 USD per kWh, starts 1 year later",
        "Ohio: starts 2 years later", "PJM: probability of future leases x 0.5",
    ]  # fmt: skip
    assert scenario(bitcoin=2.0, set={"cash_taxes": True}, gap=2.0, gap_group="bitcoin").words() == [
        "bitcoin x 2", "cash_taxes = yes", "the gap per secured MW closes to 2x through prices of the mining group",
    ]  # fmt: skip


MONEY = ["owned_value_usd", "value_used_usd", "owned_annual_revenue_usd", "owned_first_year_revenue_usd", "owned_noi_usd",
         "owned_ebit_usd", "supported_usd", "owned_prepayment_usd", "owned_rent_credits_usd"]  # fmt: skip


def changed(**changes: object) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Contracts a to d of X, X, Y and Z; b is backed in part by a hyperscaler; b and c lie in Texas."""
    rows = pd.DataFrame({
        "contract_id": list("abcd"), "counterparty_name": ["X", "X", "Y", "Z"], "supported_share": [0.0, 0.25, 0.0, 1.0],
        "own_class": "other", "guarantor_class": ["other", "hyperscaler", "other", "hyperscaler"], "margin_used": 0.5,
        "state": ["Ohio", "Texas", "Texas", "Ohio"], "grid_operator": "SPP",
    }).assign(**{name: float(100 * (k + 1)) for k, name in enumerate(MONEY)})  # fmt: skip
    parts = pd.DataFrame({
        "row": [0, 1, 1, 2, 3], "starts_in_years": [1.0, -1.0, 1.0, 2.0, 3.0], "share": [1.0, 0.5, 0.5, 1.0, 1.0],
        "delivered": [False, True, False, False, False],
    })  # fmt: skip
    before = rows.copy(), parts.copy()
    out = adjusted_contracts(rows, parts, scenario(**changes))
    pd.testing.assert_frame_equal(rows, before[0])
    pd.testing.assert_frame_equal(parts, before[1])
    assert [frame.index.tolist() for frame in out] == [list(range(len(frame))) for frame in out]
    assert [set(out[0]), set(out[1])] == [set(rows), {*parts, "delayed_years"}]
    return out


TRANCHE = ["row", "starts_in_years", "share", "delayed_years"]


def test_a_tenant_that_stops_paying():
    contracts, parts = changed(defaulting=("x",))
    assert contracts["contract_id"].tolist() == list("bcd")
    assert contracts[MONEY].iloc[0].tolist() == [25.0 * (k + 1) for k in range(len(MONEY))]
    assert contracts[MONEY].iloc[1].tolist() == [100.0 * (k + 1) for k in range(len(MONEY))]
    assert contracts["own_class"].tolist() == ["hyperscaler", "other", "other"]
    assert parts[TRANCHE].to_numpy().tolist() == [
        [0, -1.0, 0.5, 0.0], [0, 1.0, 0.5, 0.0], [1, 2.0, 1.0, 0.0], [2, 3.0, 1.0, 0.0]
    ]  # fmt: skip
    whole, _ = changed(defaulting=("Z",))
    assert whole["contract_id"].tolist() == list("abcd")
    assert whole["own_class"].tolist() == ["other"] * 3 + ["hyperscaler"]
    same, _ = changed(defaulting=("nobody",))
    assert same["own_class"].tolist() == ["other"] * 4


def test_a_rule_in_a_place_scales_income_and_delays_what_is_still_ahead():
    contracts, parts = changed(places=(TEXAS, Place(grid_operator="SPP", noi=0.5, delay_years=1.0)))
    # NOI 500 and EBIT 600: 20% of 500 less in Texas, then half of what is left everywhere.
    assert contracts["owned_noi_usd"].tolist() == [250.0, 200.0, 200.0, 250.0]
    assert contracts["owned_ebit_usd"].tolist() == [350.0, 300.0, 300.0, 350.0]
    assert contracts["margin_used"].tolist() == pytest.approx([0.25, 0.2, 0.2, 0.25])
    assert contracts["owned_value_usd"].tolist() == [100.0] * 4
    assert parts[TRANCHE].to_numpy().tolist() == [
        [0, 2.0, 1.0, 1.0], [1, -1.0, 0.5, 0.0], [1, 2.5, 0.5, 1.5], [2, 3.5, 1.0, 1.5], [3, 4.0, 1.0, 1.0],
    ]  # fmt: skip


SITES = pd.DataFrame(
    [("A", "one", "Texas", "ERCOT", 300.0, 999.0), ("A", "two", "Ohio (south)", "PJM", NAN, 80.0),
     ("B", "three", "Texas", None, 0.5, NAN),
     ("C", "four", "Texas", "ERCOT", NAN, NAN), ("A", "five", "Texas", "SPP", NAN, NAN)],
    columns=["ticker", "site", "state_or_region", "grid_operator", "gross_mw", "critical_it_mw"],
)  # fmt: skip
TICKERS = pd.Index(["D", "A", "B", "C"])


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (Place(state="Texas"), [0.0, 0.75, 1.0, 0.0]),  # 80 critical IT MW are 100 gross
        (Place(state="Ohio"), [0.0, 0.25, 0.0, 0.0]),
        (Place(grid_operator="ERCOT"), [0.0, 0.75, 0.0, 0.0]),
    ],
)
def test_the_part_of_a_company_s_power_that_lies_in_a_place(place, expected):
    assert share_in_place(SITES, TICKERS, place, 1.25).tolist() == pytest.approx(expected)


@dataclass(frozen=True)
class Fleets:
    table: pd.DataFrame


def test_dearer_power_of_the_part_of_the_fleet_that_runs_there():
    index = pd.MultiIndex.from_product([[pd.Timestamp("2026-01-16")], TICKERS], names=["as_of", "ticker"])
    table = pd.DataFrame({"fleet_mw": 8.0, "power_cost_usd": 1e6, "revenue_usd": 3e6, "margin_usd": 2e6}, index)
    places = (Place(state="Texas", power_usd_per_kwh=0.02), Place(state="Ohio", power_usd_per_kwh=-0.01))
    found = adjusted_mining(Fleets(table), scenario(places=places), SITES, 1.25).table
    # 8 MW for 8,766 hours: 6 MW at two cents more and 2 at one less; all of B's at two more.
    more = np.array([0.0, 6 * 20 * 8766 - 2 * 10 * 8766, 8 * 20 * 8766, 0.0])
    assert found["power_cost_usd"].tolist() == pytest.approx(1e6 + more)
    assert found["margin_usd"].tolist() == pytest.approx(2e6 - more)
    assert table["power_cost_usd"].eq(1e6).all()


def test_the_market_shock_with_chances_and_delays_by_place():
    places = (
        Place(state="Texas", probability=0.6, delay_years=2.0),
        Place(state="Ohio", probability=0.5, delay_years=1.0),
    )
    found = shock(scenario(bitcoin=0.5, hashprice=0.7, places=places), Assumptions(gross_mw_per_critical_it_mw=1.25), SITES,
                  TICKERS)  # fmt: skip
    assert (found.bitcoin, found.hashprice, found.cap_rate, found.capex, found.delay_years) == (
        0.5,
        0.7,
        1.0,
        1.0,
        None,
    )
    assert found.probability.tolist() == pytest.approx([1.0, (1 - 0.75 * 0.4) * (1 - 0.25 * 0.5), 0.6, 1.0])
    assert found.unleased_delay_years.tolist() == pytest.approx([0.0, 1.75, 2.0, 0.0])
