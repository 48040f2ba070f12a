"""Contracts valued by tranche: toys worked by hand, invariants, and the leases of the universe that must compare."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.valuation.nav.leases import LEASE, NO_TAX, A, signed, worth
from tests.valuation.worlds import assessed, basis, few, january, of, valued
from valuation.contracts.book import build
from valuation.mining.economics import economics
from valuation.nav.flows import present_values, streams
from valuation.nav.parts import discounted
from valuation.nav.profile import income_tax, profile, remaining_credits, remaining_revenue
from valuation.nav.sum_of_parts import value as net_asset_value


def test_a_lease_in_service_by_hand():
    # 100m a year for 15 years, five of them gone: ten payments at the middle of each year at 8%.
    found = present_values(signed({}, tranches=[(0, -5.0, 1.0, True)]), NO_TAX)
    term = sum(100e6 * 1.08 ** -(k + 0.5) for k in range(10))
    assert worth(found, "term_usd")[0] == pytest.approx(term)
    assert worth(found, "residual_usd")[0] == pytest.approx(100e6 * 0.5 / 0.075 * 1.08**-10)
    assert worth(found, "perpetuity_usd")[0] == pytest.approx(100e6 / 0.06)
    assert worth(found, "next_noi_usd")[0] == pytest.approx(100e6)


def test_a_part_of_a_year_is_paid_in_its_own_middle():
    # Two years and a half, of which 0.25 is gone, and the last half year: 40, 40 and 20m.
    one = {"term_years": 2.5, "value_used_usd": 100e6}
    found = present_values(signed(one, tranches=[(0, -0.25, 1.0, True)]), NO_TAX)
    expected = 30e6 * 1.08**-0.375 + 40e6 * 1.08**-1.25 + 20e6 * 1.08**-2.0
    assert worth(found, "term_usd")[0] == pytest.approx(expected)
    assert worth(found, "next_noi_usd")[0] == pytest.approx(40e6)


def test_a_tranche_runs_its_own_full_term_from_its_own_start():
    whole = present_values(signed({}, tranches=[(0, 1.0, 1.0, False)]), A)
    late = present_values(signed({}, tranches=[(0, 2.0, 1.0, False)]), A)
    both = present_values(signed({}, tranches=[(0, 1.0, 0.4, False), (0, 2.0, 0.6, False)]), A)
    for name in ("term_usd", "residual_usd", "perpetuity_usd", "tax_usd"):
        assert worth(both, name)[0] == pytest.approx(0.4 * worth(whole, name)[0] + 0.6 * worth(late, name)[0])
    # A year later is a year's discount less, and nothing else.
    assert worth(late, "term_usd")[0] == pytest.approx(worth(whole, "term_usd")[0] / 1.08)


def test_losses_are_carried_forward_within_the_contract():
    # Incomes -30, 10, 50, 20: nothing until the loss is made good, then 25% of the 30 that are left, then of 20.
    taxable = np.array([[-30.0, 10.0, 50.0, 20.0], [8.0, -4.0, 2.0, 6.0]])
    expected = [[0.0, 0.0, 7.5, 5.0], [2.0, 0.0, 0.0, 1.0]]
    np.testing.assert_allclose(income_tax(taxable, A), expected)
    assert (income_tax(taxable, NO_TAX) == 0).all()


def test_tax_is_on_income_after_straight_line_depreciation():
    # 100m a year less 600m of building over 20 years; GPUs of 250m over five.
    lease = profile(pd.DataFrame([LEASE | {"building_capex_usd": 600e6}]), A)
    np.testing.assert_allclose(lease.tax[0], 0.25 * (100e6 - 30e6))
    cloud = profile(pd.DataFrame([LEASE | {"business": "gpu_cloud", "gpu_capex_usd": 250e6}]), A)
    np.testing.assert_allclose(cloud.tax[0], 0.25 * np.where(np.arange(15) < 5, 50e6, 100e6))


def test_two_equal_leases_of_which_one_discloses_its_escalator():
    """15 years, 7bn each: one steps up by 3%, of the other nothing is told, so that 2.5% are assumed."""
    disclosed, assumed = ({"value_used_usd": 7e9, "margin_used": 0.97, "escalator_used": g} for g in (0.03, 0.025))
    tranches = [(0, 1.0, 1.0, False), (1, 1.0, 1.0, False)]
    found = present_values(signed(disclosed, assumed, tranches=tranches), A)
    one, other = worth(found, "perpetuity_usd")
    assert abs(one / other - 1) < 0.05
    one, other = (worth(found, "term_usd") + worth(found, "residual_usd") + worth(found, "tax_usd")).tolist()
    assert abs(one / other - 1) < 0.015


def test_of_two_equal_leases_the_later_is_worth_less():
    """HUT's two Beacon Point leases are alike but for nine months."""
    rows = assessed(few("HUT", "ABTC"), day="2026-10-05").nav.contracts.set_index("contract_id")
    first, second = rows.loc["HUT-UNDISCLOSED-202605"], rows.loc["HUT-UNDISCLOSED-202607"]
    assert first["owned_value_usd"] == second["owned_value_usd"]
    for name in ("term_usd", "perpetuity_usd"):
        # Nine months at 8.5%.
        assert second[name] == pytest.approx(first[name] * 1.085 ** -(274 / 365.25), rel=1e-9)


def test_what_is_prepaid_is_credited_in_proportion_and_counted_once():
    # 100m a year for ten more years, 400m of it paid: 60% of each year's rent is still to come.
    toy = signed({}, tranches=[(0, -5.0, 1.0, True)])
    assert remaining_revenue(toy, NO_TAX)[0] == pytest.approx(1e9)
    plain, credited = (present_values(toy.credited(np.array([x])), NO_TAX) for x in (0.0, 400e6))
    assert worth(credited, "term_usd")[0] == pytest.approx(0.6 * worth(plain, "term_usd")[0])
    # What comes after the term is not prepaid, nor is the rent that a buyer capitalises.
    assert worth(credited, "residual_usd")[0] == worth(plain, "residual_usd")[0]
    assert worth(credited, "forward_noi_usd")[0] == worth(plain, "forward_noi_usd")[0]


def test_rent_credits_take_half_of_the_first_rents():
    # 100m a year and 120m of credits: 50, 50 and 20m of the first three years; two of them are gone.
    one = {"owned_rent_credits_usd": 120e6}
    found = profile(signed(one, tranches=[]).contracts, NO_TAX)
    np.testing.assert_allclose(found.credits[0, :4], [50e6, 50e6, 20e6, 0.0])
    toy = signed(one, tranches=[(0, -1.5, 0.5, True), (0, 1.0, 0.5, False)])
    # Of the first half 12.5m of the second year and 10m of the third are left, of the second half all 60m.
    assert remaining_credits(toy, NO_TAX)[0] == pytest.approx(12.5e6 + 10e6 + 60e6)
    with_them, without = (present_values(signed(x, tranches=[(0, 0.0, 1.0, True)]), NO_TAX) for x in (one, {}))
    less = 50e6 * 1.08**-0.5 + 50e6 * 1.08**-1.5 + 20e6 * 1.08**-2.5
    assert worth(without, "term_usd")[0] - worth(with_them, "term_usd")[0] == pytest.approx(less)


@settings(max_examples=60, deadline=None)
@given(
    st.floats(0.3, 25.0), st.floats(0, 0.06), st.lists(st.floats(-30, 6), min_size=1, max_size=5), st.floats(0, 1),
    st.floats(0, 1), st.booleans(),
)  # fmt: skip
def test_the_years_of_a_contract_sum_to_its_value_and_nothing_paid_counts(term, step, starts, margin, part, cloud):
    one = {"term_years": term, "escalator_used": step, "margin_used": margin, "supported_share": part,
           "own_class": "other", "business": "gpu_cloud" if cloud else "lease", "building_capex_usd": 1e9}  # fmt: skip
    tranches = [(0, s, 1 / len(starts), s <= 0) for s in starts]
    toy = signed(one, tranches=tranches)
    found = profile(toy.contracts, A)
    assert found.revenue.sum() == pytest.approx(1.5e9)
    due = remaining_revenue(toy, A)[0]
    assert -1 <= due <= 1.5e9 * (1 + 1e-9)
    if all(s >= 0 for s in starts):
        assert due == pytest.approx(1.5e9)
    if all(s + term <= 0 for s in starts):
        assert due == pytest.approx(0.0, abs=1e-3)
    values = present_values(toy, A)
    assert values.by_class["share"].sum() == pytest.approx(1.0)
    assert (values.by_class["tax_usd"] <= 0).all()
    assert worth(values, "term_usd")[0] <= due * margin * (1 + 1e-9) + 1e-3


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.floats(-10, 6), st.booleans()), min_size=1, max_size=4), st.floats(0.03, 0.2))
def test_payments_at_whole_years_are_worth_what_the_contract_is(starts, rate):
    """The streams of the simulation at the assumed cost of capital are the values by contract; at another, near them."""
    tranches = [(0, s, 1 / len(starts), done and s <= 0) for s, done in starts]
    toy = signed({"escalator_used": 0.02, "building_capex_usd": 4e8}, tranches=tranches)
    values = present_values(toy, A)
    running, ahead = streams(values, np.array([0]), 1, A)
    total = worth(values, "term_usd")[0]
    lease_term = 3  # (lease, term, hyperscaler) follows the three perpetuities
    found = discounted(running[0, lease_term], 0.08) + discounted(ahead[0, lease_term], 0.08)
    assert found == pytest.approx(total)
    anew = present_values(toy, replace(A, cost_of_capital_hyperscaler=rate))
    near = discounted(running[0, lease_term], rate) + discounted(ahead[0, lease_term], rate)
    assert near == pytest.approx(worth(anew, "term_usd")[0], rel=4e-3)
    # One rate for each of many draws gives what each alone does.
    rates = np.array([rate, 0.08])
    np.testing.assert_allclose(
        discounted(running[0, lease_term], rates), [discounted(running[0, lease_term], r) for r in rates]
    )


def prepaid_company(business: str, *, as_debt: bool = False, **money: float) -> pd.Series:
    """WYFI with one contract of ten years at 100m, in service for two, the rest prepaid, and nothing else but its cash."""
    universe, a = few("WYFI"), replace(NO_TAX, residual_share=0.0, overhead_multiple=0.0, ramp_years=0.0)
    start = basis(universe, "2026-10-05", a, prepayments_as_debt=as_debt)
    inputs = start.inputs
    nothing = dict.fromkeys([name for name in inputs.items if name not in ("price_usd", "shares_outstanding")], np.nan)
    items = inputs.items.assign(**nothing | {"debt_total": 0.0, "btc_held": 0.0, "mw_secured": 0.0, "mw_operating": 0.0,
                                             "hashrate_eh": 0.0} | money)  # fmt: skip
    kind = "gpu_cloud" if business == "cloud" else "colocation_lease"
    one = inputs.contracts.iloc[[0]].assign(
        contract_id="TOY", kind=kind, critical_it_mw=np.nan if business == "cloud" else 10.0, gross_mw=np.nan,
        term_years=10.0, total_value_usd=1e9, annual_revenue_usd=100e6, escalator=0.0, noi_margin=1.0, prepayment=1.0,
        capex_usd=0.0, start_on=pd.Timestamp("2024-10-05"), announced_on=pd.Timestamp("2024-06-01"), end_on=pd.NaT,
        credit_support=np.nan, counterparty="Somebody", rent_credits_usd=np.nan,
    )  # fmt: skip
    periods = inputs.periods.assign(deferred_revenue=pd.Timestamp("2026-09-30"), cash=pd.Timestamp("2026-09-30"))
    phases = inputs.phases.iloc[:0]
    toy = replace(
        inputs, items=items, contracts=one, instruments=inputs.instruments.iloc[:0], periods=periods, phases=phases
    )
    again = valued(universe, toy, a, prepayments_as_debt=as_debt)
    book = build(toy, again.valuation, a, universe.sites)
    assert book.contracts["in_service_share"].tolist() == [pytest.approx(1.0)]
    return of(net_asset_value(toy, again.valuation, book, economics(toy, a), a).table, "WYFI")


def test_a_fully_prepaid_contract_is_worth_its_cash_once():
    """800m in hand for the eight years to come, no cost left: worth 800m, whatever the method and wherever it is told."""
    cash = {"cash": 800e6, "deferred_revenue": 800e6}
    row = prepaid_company("cloud", **cash)
    assert row["nav_dcf_usd"] == pytest.approx(800e6, rel=2e-3)
    assert row["nav_cap_rate_usd"] == pytest.approx(800e6, rel=2e-3)
    # A lease by cap rate keeps what its building earns after the term: 100m at 8.5% for ever, less the 800m prepaid.
    lease = prepaid_company("lease", **cash)
    assert lease["nav_dcf_usd"] == pytest.approx(800e6, rel=2e-3)
    assert lease["lease_prepayments_usd"] == pytest.approx(-800e6, rel=2e-3)
    assert lease["nav_cap_rate_usd"] == pytest.approx(100e6 / 0.085, rel=2e-3)


def test_prepayments_as_debt_are_deducted_by_the_bridge_and_not_again():
    cash = {"cash": 800e6, "deferred_revenue": 800e6}
    row = prepaid_company("lease", as_debt=True, **cash)
    assert row["customer_prepayments_usd"] == -800e6
    assert row["lease_prepayments_usd"] == 0
    assert row["nav_cap_rate_usd"] == pytest.approx(800e6 - 800e6 + 100e6 / 0.085)
    term = sum(100e6 * 1.11 ** -(k + 0.5) for k in range(8))
    assert row["nav_dcf_usd"] == pytest.approx(term, rel=1e-3)


def test_a_prepayment_that_nobody_reports_as_received_is_still_to_come():
    row = prepaid_company("cloud", cash=0.0)
    term = sum(100e6 * 1.14 ** -(k + 0.5) for k in range(8))
    assert row["nav_dcf_usd"] == pytest.approx(term, rel=1e-3)


def test_money_of_customers_that_lies_on_no_contract_is_a_claim():
    # 900m in hand, but 800m of revenue still to come: 100m belong to somebody else.
    row = prepaid_company("cloud", cash=900e6, deferred_revenue=900e6)
    assert row["customer_prepayments_usd"] == pytest.approx(-100e6, rel=1e-2)
    assert row["nav_dcf_usd"] == pytest.approx(800e6, rel=2e-3)


def test_a_lease_that_has_run_out_is_worth_nothing_by_any_flow():
    toy = signed({}, {"business": "gpu_cloud"}, tranches=[(0, -15.0, 1.0, True), (1, -15.5, 1.0, True)])
    found = present_values(toy, A)
    for name in ("perpetuity_usd", "term_usd", "residual_usd", "tax_usd", "next_noi_usd", "forward_noi_usd"):
        assert worth(found, name).tolist() == [0.0, 0.0], name
    assert len(found.payments) == 0
    # A day before its end it still leaves what goes on after it.
    last_day = present_values(signed({}, tranches=[(0, -15 + 1 / 365.25, 1.0, True)]), A)
    assert worth(last_day, "residual_usd")[0] == pytest.approx(100e6 * 0.5 / 0.075, rel=1e-3)


def test_payments_belong_to_the_row_of_their_holder_the_first_among_them():
    toy = signed({}, {}, {}, tranches=[(0, 1.0, 1.0, False), (1, 1.0, 1.0, False), (2, 1.0, 1.0, False)])
    values = present_values(toy, NO_TAX)
    _, ahead = streams(values, np.array([0, -1, 1]), 2, NO_TAX)
    assert ahead[0].sum() == pytest.approx(ahead[1].sum())
    assert ahead[0].sum() > 1.4e9


def test_a_universe_of_one_company_has_the_contract_values_that_it_has_among_all():
    alone = of(assessed(few("RIOT")).nav.table, "RIOT")
    among = of(january().nav.table, "RIOT")
    for name in (
        "leases_dcf_usd",
        "leases_cap_rate_usd",
        "contract_taxes_usd",
        "capex_to_spend_usd",
        "bitcoin_usd",
        "mining_usd",
    ):
        assert alone[name] == pytest.approx(among[name])
    assert alone["leases_dcf_usd"] > 0


def test_the_value_on_the_day_of_the_start_by_hand():
    # Three years of 100m less 25% tax on what is left after 200m of building over 20 years, at 8%; half of the last year's
    # NOI goes on at 7.5%. When it starts, what is prepaid and how late it is play no part.
    one = {"term_years": 3.0, "value_used_usd": 300e6, "building_capex_usd": 200e6}
    after_tax = 100e6 - 0.25 * (100e6 - 10e6)
    expected = sum(after_tax * 1.08 ** -(k + 0.5) for k in range(3)) + 100e6 * 0.5 / 0.075 * 1.08**-3
    for start in (-1.0, 2.0):
        toy = signed(one, tranches=[(0, start, 1.0, start < 0)])
        assert worth(present_values(toy, A), "at_start_usd")[0] == pytest.approx(expected)
        assert worth(present_values(toy.credited(np.array([50e6])), A), "at_start_usd")[0] == pytest.approx(expected)
    half = present_values(
        signed(one | {"supported_share": 0.4, "own_class": "other"}, tranches=[(0, 1.0, 1.0, False)]), A
    )
    other = sum(after_tax * 1.11 ** -(k + 0.5) for k in range(3)) + 100e6 * 0.5 / 0.075 * 1.11**-3
    assert worth(half, "at_start_usd")[0] == pytest.approx(0.4 * expected + 0.6 * other)
