"""Every number that a person may flex: typed, bounded, with a source, once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from valuation.assumptions import Assumptions, Bridge, checked, describe, differences

EVERY = [(Bridge, d) for d in describe(Bridge())] + [(Assumptions, d) for d in describe(Assumptions())]

# Default, least and most of every number, written out: whoever changes one changes figures, and changes it here too.
REVIEWED = {
    "net_bitcoin": (True, 0, 1), "count_pledged_bitcoin": (True, 0, 1), "net_restricted_cash": (True, 0, 1),
    "prepayments_as_debt": (False, 0, 1), "if_converted": (True, 0, 1), "gross_mw_per_critical_it_mw": (1.3, 1,
    5), "weight_operating": (1.0, 0, 1), "weight_construction": (0.9, 0, 1), "weight_secured": (0.5, 0, 1),
    "weight_pipeline": (0.15, 0, 1), "noi_margin_lease": (0.85, 0, 1), "noi_margin_gpu_cloud": (0.775, 0, 1),
    "capex_lease_usd_per_mw": (1.15e7, 0, 1e9), "capex_gpu_cloud_usd_per_mw": (1.5e7, 0, 1e9),
    "capex_gpus_usd_per_mw": (2.9e7, 0, 1e9), "capex_overrun_usd_per_mw": (0.0, -1e9, 1e9), "tenant_paid_share":
    (0.9, 0, 1), "gpu_life_years": (5.0, 1.0, 100), "build_years": (1.5, 0.01, 100), "gpu_purchase_years": (0.5,
    0.01, 100), "start_lag_lease_years": (1.1, 0, 100), "start_lag_gpu_cloud_years": (0.3, 0, 100),
    "ramp_years": (0.5, 0, 5.0), "escalator_unknown": (0.025, 0, 0.2), "uptime": (0.88, 0, 1),
    "fleet_efficiency_j_per_th": (18.0, 1, 500), "power_cost_usd_per_kwh": (0.05, 0, 10), "mining_life_years":
    (4.0, 0, 30.0), "hashprice_growth": (-0.15, -0.9, 1.0), "halving_recovery": (0.0, 0, 1), "hashrate_refill":
    (0.5, 0, 1), "cap_rate_hyperscaler": (0.06, 0.005, 1), "cap_rate_investment_grade": (0.065, 0.005, 1),
    "cap_rate_other": (0.085, 0.005, 1), "cap_rate_exit": (0.075, 0.005, 1), "cost_of_capital_hyperscaler":
    (0.08, 0, 1), "cost_of_capital_investment_grade": (0.085, 0, 1), "cost_of_capital_other": (0.11, 0, 1),
    "cost_of_capital_cloud_premium": (0.03, 0, 1), "cost_of_capital_mining": (0.15, 0, 1), "residual_share":
    (0.5, 0, 1), "delay_years": (0.25, 0, 10.0), "market_noi_usd_per_mw": (1.5e6, 0, 1e9),
    "probability_first_deal": (0.5, 0, 1), "probability_approved": (0.25, 0, 1), "probability_operating": (0.25,
    0, 1), "probability_pipeline": (0.05, 0, 1), "approved_start_years": (3.0, 0, 100), "pipeline_start_years":
    (5.0, 0, 100), "cash_taxes": (True, 0, 1), "tax_rate": (0.25, 0, 0.9), "building_life_years": (20.0, 1.0,
    100), "rent_credit_share": (0.5, 0.01, 1), "overhead_multiple": (6.0, 0, 30.0), "volatility_bitcoin": (0.45,
    0, 3.0), "volatility_hashprice": (0.35, 0, 3.0), "volatility_cap_rate": (0.1, 0, 3.0), "volatility_capex":
    (0.15, 0, 3.0), "volatility_delay": (1.0, 0, 3.0), "volatility_probability": (0.5, 0, 1),
    "correlation_bitcoin_hashprice": (0.9, -1, 1), "correlation_bitcoin_cap_rate": (-0.2, -1, 1),
    "correlation_cap_rate_capex": (0.1, -1, 1), "correlation_capex_delay": (0.5, -1, 1), "common_share": (0.5,
    0, 1), "simulation_draws": (10000, 1, 10000000), "site_power_usd_per_mwh": (45.0, 0, 100000),
    "site_daily_swing": (0.4, 0, 1), "site_scarce_share": (0.01, 0, 1), "site_scarce_usd_per_mwh": (1000.0, 0,
    100000), "site_credit_usd_per_mwh": (60.0, 0, 100000), "site_credit_hours": (300.0, 0, 8784),
    "site_lease_block_mw": (25.0, 0.1, 100000), "max_age_price_days": (7, 0, 3650),
    "max_age_balance_sheet_days": (200, 0, 3650), "max_age_capacity_days": (270, 0, 3650), "review_covers_days":
    (120, 0, 3650), "bootstrap_draws": (9999, 1, 10000000), "confidence_level": (0.95, 0.5, 0.9999), "seed":
    (20260116, 0, 2**63 - 1),
}  # fmt: skip


def test_defaults_and_bounds_are_the_reviewed_ones():
    found = {}
    for kind, item in EVERY:
        about = kind.__dataclass_fields__[item["name"]].metadata
        found[item["name"]] = (item["default"], about["low"], about["high"])
    assert found == REVIEWED


@pytest.mark.parametrize(("name", "low", "high"), [("probability_approved", 0, 1), ("correlation_capex_delay", -1, 1)])
def test_a_bound_itself_is_allowed_and_what_is_beyond_is_not(name, low, high):
    assert [checked(Assumptions, name, value) for value in (low, high)] == [low, high]
    for value in (low - 1e-9, high + 1e-9, float("inf"), -float("inf")):
        with pytest.raises(ValueError, match="from"):
            checked(Assumptions, name, value)


@pytest.mark.parametrize("value", [float("inf"), -float("inf"), float("nan"), 0, 10_000_001])
def test_a_whole_number_is_told_its_bounds_too(value):
    with pytest.raises(ValueError, match=r"a whole number \(draws\) from 1 to 1e\+07"):
        checked(Assumptions, "bootstrap_draws", value)


def test_settings_of_a_universe_lie_over_the_defaults_and_unknown_ones_are_named_in_order():
    made = Assumptions.from_settings({"tax_rate": 0.3})
    assert (made.tax_rate, made.uptime) == (0.3, Assumptions().uptime)
    unknown = ["zeta", "iota", "alpha", "beta", "kappa", "eta"]
    with pytest.raises(
        ValueError, match="unknown alpha, beta, eta, iota, kappa, zeta; known: approved_start_years, boot"
    ):
        Assumptions.from_settings(dict.fromkeys(unknown, 1))


def test_rates_of_a_tenant_class_and_the_premium_of_cloud():
    a = Assumptions(cost_of_capital_other=0.12, cost_of_capital_cloud_premium=0.04, cap_rate_other=0.09)
    assert (a.cap_rate("other"), a.cost_of_capital("other")) == (0.09, 0.12)
    assert a.cost_of_capital("other", cloud=True) == pytest.approx(0.16)


def test_a_whole_number_may_be_told_with_a_point_and_comes_back_whole():
    found = checked(Assumptions, "bootstrap_draws", 99.0)
    assert (found, type(found)) == (99, int)
    assert type(checked(Assumptions, "delay_years", 1)) is float


def test_titles_and_names_are_unique_so_that_a_sheet_can_be_read_back_by_its_words():
    for key in ("name", "title"):
        values = [d[key] for _, d in EVERY]
        assert len(values) == len(set(values))


@pytest.mark.parametrize(("kind", "item"), EVERY, ids=[d["name"] for _, d in EVERY])
def test_every_number_has_unit_source_and_a_default_within_its_bounds(kind, item):
    assert item["unit"]
    assert item["source"]
    assert checked(kind, item["name"], item["default"]) == item["default"]
    assert type(checked(kind, item["name"], item["default"])) is type(item["default"])


@pytest.mark.parametrize(("name", "value", "told"), [
    ("cap_rate_hyperscaler", "6%", r"a number \(fraction\) from 0.005 to 1"),
    ("cap_rate_hyperscaler", 6, r"from 0.005 to 1"),
    ("cap_rate_hyperscaler", None, "a number"),
    ("cap_rate_hyperscaler", True, "a number"),
    ("cap_rate_hyperscaler", float("nan"), "a number"),
    ("seed", 1.5, "a whole number"),
    ("delay_years", -0.1, "from 0 to 10"),
])  # fmt: skip
def test_a_wrong_value_is_told_with_what_was_expected(name, value, told):
    with pytest.raises(ValueError, match=told):
        checked(Assumptions, name, value)


@pytest.mark.parametrize(("value", "expected"), [(1, True), (0, False), (True, True), (0.0, False)])
def test_a_switch_is_yes_or_no(value, expected):
    assert checked(Bridge, "net_bitcoin", value) is expected


@pytest.mark.parametrize(("value", "on"), [("no", False), (" Yes ", True), ("FALSE", False), (1, True), (0.0, False)])
def test_a_switch_is_read_as_a_person_types_it(value, on):
    assert checked(Bridge, "if_converted", value) is on


@pytest.mark.parametrize("value", [2, "ja", "", "1", None])
def test_a_switch_is_nothing_else(value):
    with pytest.raises(ValueError, match="yes or no"):
        checked(Bridge, "net_bitcoin", value)


@given(st.one_of(st.none(), st.text(), st.integers(), st.floats(), st.booleans(), st.lists(st.integers())))
def test_no_value_gets_through_unchecked(value):
    for kind, item in EVERY[:12]:
        try:
            found = checked(kind, item["name"], value)
        except ValueError:
            continue
        about = kind.__dataclass_fields__[item["name"]].metadata
        assert about["low"] <= found <= about["high"]


def test_differences_are_those_alone():
    changed = Assumptions(cap_rate_exit=0.08)
    assert [d["name"] for d in differences(changed, Assumptions())] == ["cap_rate_exit"]
    assert differences(Assumptions(), Assumptions()) == []
