"""Parts of a toy company under shocks, each worked by plain arithmetic; and what a price made of them implies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.nav.toys import ASSUMED as A
from tests.valuation.nav.toys import toy
from tests.valuation.worlds import january, of
from valuation.assumptions import Assumptions
from valuation.nav.implied import _cap_rate_multiple, value_per_let_mw
from valuation.nav.monte_carlo import tornado, tornados
from valuation.nav.names import CLAIMS, MONEY, VALUES
from valuation.nav.parts import Shock, discounted, mining_value, parts_under, value_of_let_mw

# A leased MW: 1.6m / 8% = 20m, less 10m to build, over 1.25 gross MW.
LET = 8e6


def test_parts_without_a_shock_by_hand():
    found = parts_under(toy(), Shock())
    assert found == {name: pytest.approx(value) for name, value in {
        "leases_cap_rate_usd": 900e6,
        "leases_base_term_usd": 100e6 / 1.1 + 100e6 / 1.1**2,
        "leases_dcf_usd": 100e6 / 1.1 + 100e6 / 1.1**2 + 400e6 / 1.1**3,
        # 7% and the premium of 2%; half a year late.
        "gpu_cloud_usd": (50e6 / 1.09**2 + 110e6 / 1.09**3) * 1.09**-0.5,
        "gpu_cloud_base_term_usd": (50e6 / 1.09**2 + 50e6 / 1.09**3) * 1.09**-0.5,
        "contract_taxes_usd": -20e6 / 1.1 - 20e6 / 1.1**2,
        "capex_to_spend_usd": -200e6,
        # 40 MW at 60%, the other 60 at 30%, in two years and a half.
        "approved_power_usd": (40 * 0.6 + 60 * 0.3) * LET * 1.1**-2.5,
        # 40m x 0.7 is below the cost of 30m, so nothing is given up in the third year.
        "mining_power_usd": 0.2 * 30 * LET * 1.1**-2.5,
        "pipeline_usd": 500 * 0.1 * LET * 1.1**-4.5,
        "mining_usd": 0.9 * 10e6 + 0.8 * 6e6,
        "bitcoin_usd": 70e6,
    }.items()}  # fmt: skip


def test_parts_under_every_shock_at_once_by_hand():
    shock = Shock(bitcoin=0.5, hashprice=1.5, cap_rate=1.25, capex=1.2, delay_years=1.0, probability=2.0,
                  unleased_delay_years=0.25)  # fmt: skip
    # Exit 10%: 16m of income less 12m to build, over 1.25. Power without a lease: 10% + 8% x 0.25 = 12%.
    let, wait = 3.2e6, 1.25
    # Cloud to a hyperscaler: 9% + 6% x 0.25; leases of others: 10% + 9% x 0.25.
    cloud, lease = 1.105, 1.1225
    soon = let * 1.12 ** -(2 + wait)
    found = parts_under(toy(), shock)
    assert found == {name: pytest.approx(value) for name, value in {
        "leases_cap_rate_usd": 900e6 / 1.25,
        "leases_base_term_usd": 100e6 / lease + 100e6 / lease**2,
        "leases_dcf_usd": 100e6 / lease + 100e6 / lease**2 + 400e6 / lease**3 / 1.25,
        "gpu_cloud_usd": (50e6 / cloud**2 + 50e6 / cloud**3 + 60e6 / cloud**3 / 1.25) / cloud,
        "gpu_cloud_base_term_usd": (50e6 / cloud**2 + 50e6 / cloud**3) / cloud,
        "contract_taxes_usd": -20e6 / lease - 20e6 / lease**2,
        "capex_to_spend_usd": -240e6,
        # 60% x 2 is no more than certain.
        "approved_power_usd": (40 * 1.0 + 60 * 0.6) * soon,
        # From 3.25 years on the fleet of two years and a half is gone.
        "mining_power_usd": 0.4 * 30 * soon,
        "pipeline_usd": 500 * 0.2 * let * 1.12 ** -(4 + wait),
        # 60m, 54m and 42m less 30m.
        "mining_usd": 0.9 * 30e6 + 0.8 * 24e6 + 0.35 * 12e6,
        "bitcoin_usd": 35e6,
    }.items()}  # fmt: skip


def test_each_driver_alone_by_hand():
    def change(name: str, **moved: float) -> float:
        return float(parts_under(toy(), Shock(**moved))[name])

    assert change("capex_to_spend_usd", capex=1.5) == -300e6
    assert change("approved_power_usd", capex=1.5) == pytest.approx(42 * 4e6 * 1.1**-2.5)  # (20m - 15m) / 1.25
    assert change("approved_power_usd", capex=2.5) == 0.0  # nobody builds at a loss
    assert change("pipeline_usd", delay_years=2.0) == pytest.approx(50 * LET * 1.1**-6)
    assert change("gpu_cloud_usd", delay_years=0.0) == pytest.approx(50e6 / 1.09**2 + 110e6 / 1.09**3)
    assert change("leases_dcf_usd", delay_years=3.0) == change("leases_dcf_usd")  # in service: no delay
    assert change("gpu_cloud_usd", unleased_delay_years=1.0) == change("gpu_cloud_usd")
    assert change("mining_usd", hashprice=0.5) == 0.0  # switched off
    assert change("bitcoin_usd", hashprice=0.5) == 70e6


def test_parts_that_are_not_wanted_are_not_made():
    assert set(parts_under(toy(), Shock(), ("mining_usd", "leases_dcf_usd"))) == {"mining_usd", "leases_dcf_usd"}
    assert "mining_usd" not in parts_under(toy(), Shock(), ("bitcoin_usd",))
    assert parts_under(toy(), Shock(), ("approved_power_usd",))["approved_power_usd"] == pytest.approx(
        42 * LET * 1.1**-2.5
    )


def test_a_leased_mw_by_hand_under_shocks_of_cap_rate_and_cost():
    assert value_of_let_mw(A) == pytest.approx(LET)
    assert value_of_let_mw(A, capex=1.2) == pytest.approx((20e6 - 12e6) / 1.25)
    assert value_of_let_mw(A, cap_rate=1.25) == pytest.approx((16e6 - 10e6) / 1.25)
    assert value_of_let_mw(A, cap_rate=np.array([1.0, 2.5]), capex=0.5).tolist() == pytest.approx([12e6, 2.4e6])
    assert value_of_let_mw(A, cap_rate=2.0, capex=1.0) == 0.0


@pytest.mark.parametrize(
    ("after", "expected"),
    [(0.0, 9e6 + 4.8e6), (0.25, 0.75 * 9e6 + 4.8e6), (1.0, 4.8e6), (1.5, 2.4e6), (2.0, 0.0), (9.0, 0.0)],
)
def test_mining_after_a_time_counts_the_rest_of_its_year(after, expected):
    assert mining_value(toy(), 1.0, after) == pytest.approx(expected)


def test_mining_ends_with_the_life_of_the_fleet():
    # Costs of 10m: 30m, 26m and 18m, of the third year half is lived.
    cheap = toy(mining_cost_usd=10e6)
    whole = [0.9 * 30e6, 0.8 * 26e6, 0.35 * 18e6]
    assert mining_value(cheap, 1.0) == pytest.approx(sum(whole))
    assert mining_value(cheap, 1.0, 2.0) == pytest.approx(whole[2])
    # From 2.25 on half of the half year that is left.
    assert mining_value(cheap, 1.0, 2.25) == pytest.approx(whole[2] / 2)
    assert mining_value(cheap, 1.0, 2.5) == 0.0


def test_a_lease_gives_up_the_mining_that_it_displaces_and_never_more_than_it_brings():
    cheap = toy(mining_cost_usd=10e6, assumptions=replace(A, approved_start_years=1.0))
    # From 1.5 on: half of the second year, all of the half year after it; half of the mining runs on this power.
    given_up = (0.8 * 26e6 / 2 + 0.35 * 18e6) / 2
    assert parts_under(cheap, Shock())["mining_power_usd"] == pytest.approx(0.2 * (30 * LET * 1.1**-1.5 - given_up))
    assert parts_under(replace(cheap, operating_mw=0.5), Shock())["mining_power_usd"] == 0.0
    unknown = parts_under(replace(cheap, mining_revenue_usd=np.nan), Shock())
    assert unknown["mining_power_usd"] == pytest.approx(0.2 * 30 * LET * 1.1**-1.5)
    assert np.isnan(unknown["mining_usd"])


def test_payments_at_one_rate_and_at_one_rate_a_draw():
    payments = np.array([1.0, 10.0, 0.0, 100.0, 0.0])
    assert discounted(payments, 0.25) == pytest.approx(1 + 8 + 100 / 1.25**3)
    assert discounted(payments, np.array([0.0, 0.25, 1.0])).tolist() == pytest.approx([111.0, 60.2, 18.5])
    rows = np.array([[0.0, 10.0], [5.0, 0.0]])
    assert discounted(rows, 0.25).tolist() == [8.0, 5.0]
    assert discounted(np.zeros(3), np.array([0.1, 0.2])).tolist() == [0.0, 0.0]


def test_the_implied_multiple_of_cap_rates_is_the_one_that_the_price_was_made_with():
    # Equity values are worked here at cap rates 1.25 times as high, so the answer is known beforehand.
    def worth(multiple: float) -> float:
        lease, cloud, power = 1.1 + 0.09 * (multiple - 1), 1.09 + 0.06 * (multiple - 1), 1.1 + 0.08 * (multiple - 1)
        dcf = 80e6 / lease + 80e6 / lease**2 + 400e6 / lease**3 / multiple
        gpus = (50e6 / cloud**2 + 50e6 / cloud**3 + 60e6 / cloud**3 / multiple) * cloud**-0.5
        let = max(1.6e6 / (0.08 * multiple) - 10e6, 0.0) / 1.25
        return dcf + gpus + let * ((42 + 6) * power**-2.5 + 50 * power**-4.5)

    other = 123e6  # whatever no cap rate moves
    rows = toy(**{name: np.array([value] * 3) for name, value in (
        ("mining_revenue_usd", 40e6), ("mining_cost_usd", 30e6), ("bitcoin_usd", 70e6), ("capex_usd", 200e6),
        ("approved_mw", 100.0), ("first_deal_mw", 40.0), ("operating_mw", 30.0), ("pipeline_mw", 500.0),
        ("mining_displaced", 0.5),
    )}, running=np.stack([toy().running] * 3), ahead=np.stack([toy().ahead] * 3))  # fmt: skip
    equity = np.array([worth(1.25), worth(0.8), worth(1.0)]) + other
    found = _cap_rate_multiple(rows, equity, np.full(3, worth(1.0) + other))
    assert found.tolist() == pytest.approx([1.25, 0.8, 1.0], rel=1e-9)
    out_of_reach = np.array([worth(0.05) + 1e6, worth(20.0) - 1e6, np.nan]) + other
    assert np.isnan(_cap_rate_multiple(rows, out_of_reach, np.full(3, worth(1.0) + other))).all()


def test_which_parts_make_which_value():
    # Written out from METHODS section 10: the floor holds nothing unsigned and no renewal, the cap-rate value no tax.
    claims = {"debt_after_conversion_usd", "finance_leases_usd", "preferred_equity_usd", "noncontrolling_interest_usd",
              "customer_prepayments_usd"}  # fmt: skip
    held = {"mining_usd", "bitcoin_usd", "cash_usd", "restricted_cash_usd", "other_coins_usd", "overhead_usd", *claims}
    unsigned = {"approved_power_usd", "mining_power_usd", "pipeline_usd"}
    assert {name: set(parts) for name, parts in VALUES.items()} == {
        "nav_dcf": {"leases_dcf_usd", "gpu_cloud_usd", "contract_taxes_usd", "capex_to_spend_usd", *unsigned, *held},
        "nav_cap_rate": {"leases_cap_rate_usd", "lease_prepayments_usd", "gpu_cloud_usd", "capex_to_spend_usd",
                         *unsigned, *held},
        "floor": {"leases_base_term_usd", "gpu_cloud_base_term_usd", "contract_taxes_usd", "capex_to_spend_usd", *held},
    }  # fmt: skip
    assert all(len(parts) == len(set(parts)) for parts in VALUES.values())
    assert (set(CLAIMS), set(MONEY)) == (claims, {"cash_usd", "restricted_cash_usd", "other_coins_usd"})


@pytest.mark.parametrize("ticker", ["CIFR", "MARA", "RIOT"])
def test_bars_of_the_tornado_by_hand(ticker):
    a, row = Assumptions(), of(january().nav.table, ticker).fillna(0.0)
    found = tornado(january().nav, ticker)
    shares, point = row["diluted_shares"], row["nav_dcf_usd"]
    unsigned = row["approved_power_usd"] + row["mining_power_usd"] + row["pipeline_usd"]
    for name, part, sigma in (("bitcoin", row["bitcoin_usd"], a.volatility_bitcoin),
                              ("probability", unsigned, None)):  # fmt: skip
        ends = (
            (np.exp(-sigma), np.exp(sigma)) if sigma else (1 - a.volatility_probability, 1 + a.volatility_probability)
        )
        bar = found.loc[name]
        assert (bar["low_input"], bar["high_input"]) == pytest.approx(ends)
        for side, end in zip(("low", "high"), ends, strict=True):
            assert bar[side] == pytest.approx((point + part * (end - 1)) / shares), (name, side)
        assert bar["span"] == pytest.approx(abs(part) * (ends[1] - ends[0]) / shares)
    # Dearer building: what is left to build costs more, and a leased MW, 8.5m / 1.3 before, is worth less.
    up, let = np.exp(a.volatility_capex), 8.5e6 / 1.3
    dearer = max(20e6 - 11.5e6 * up, 0.0) / 1.3
    # The mining that is given up earns as before.
    kept = row["operating_mw"] * let * 1.11**-3.25 - row["mining_power_usd"] / 0.25 if row["mining_power_usd"] else 0.0
    mining = 0.25 * max(row["operating_mw"] * dearer * 1.11**-3.25 - kept, 0.0) if row["mining_power_usd"] else 0.0
    rest = (row["approved_power_usd"] + row["pipeline_usd"]) * dearer / let
    value = point - unsigned + mining + rest + row["capex_to_spend_usd"] * (up - 1)
    assert found.at["capex", "high"] == pytest.approx(value / shares)
    assert found["span"].tolist() == sorted(found["span"], reverse=True)
    assert tornados(january().nav).loc[ticker]["span"].to_dict() == pytest.approx(found["span"].to_dict())


def test_a_leased_mw_under_signed_leases_by_hand():
    contracts = pd.DataFrame({
        "business": ["lease", "lease", "gpu_cloud", "lease", "lease"], "held_through": ["", "", "", "WYFI", ""],
        "scope": ["miners", "miners", "miners", "miners", "comparables"], "owned_it_mw": [80.0, 40.0, 10.0, 5.0, 7.0],
        "owned_gross_mw": [100.0, 50.0, 12.0, 6.0, 8.0], "building_capex_usd": [800e6, 300e6, 1e9, 1e9, 1e9],
    })  # fmt: skip
    worth = pd.DataFrame(
        {"at_start_usd": [1_000e6, 700e6, 5e9, 5e9, 5e9, 250e6]},
        index=pd.MultiIndex.from_tuples([(0, "x"), (1, "x"), (2, "x"), (3, "x"), (4, "x"), (0, "y")],
                                        names=["row", "tenant_class"]),
    )  # fmt: skip
    assert value_per_let_mw(contracts, worth) == pytest.approx((1_950e6 - 1_100e6) / 150)
    unknown = contracts.assign(owned_it_mw=[np.nan, 40.0, 10.0, 5.0, 7.0])
    assert value_per_let_mw(unknown, worth) == pytest.approx((700e6 - 300e6) / 50)
    assert np.isnan(value_per_let_mw(contracts.assign(business="gpu_cloud"), worth))


def test_nothing_to_build_costs_nothing_and_not_less():
    assert str(parts_under(toy(capex_usd=0.0), Shock())["capex_to_spend_usd"]) == "0.0"
