"""Contract years by hand: what each pays, what of it is still to come and when, and payments on whole years."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.nav.leases import LEASE, NO_TAX, A, signed, worth
from valuation.nav.flows import STREAMS, Values, present_values, streams
from valuation.nav.parts import discounted
from valuation.nav.profile import paid_ahead, profile, twelve_months, within_a_year

NAN = np.nan
# Two years and a half of 40, 44 and 24.2 (half of a third year of 48.4); and one year of 7.
LASTS = np.array([[1.0, 1.0, 0.5], [1.0, 0.0, 0.0]])
PAID = np.array([[40.0, 44.0, 24.2], [7.0, 0.0, 0.0]])


def of(**change: float) -> tuple[np.ndarray, ...]:
    found = profile(pd.DataFrame([LEASE | change, LEASE | {"term_years": 1.0, "value_used_usd": 7.0}]), A)
    return found.lasts, found.revenue, found.noi, found.cash, found.tax


def test_years_of_a_contract_that_steps_up_and_ends_in_the_middle_of_one():
    lasts, revenue, noi, cash, tax = of(term_years=2.5, value_used_usd=108.2, escalator_used=0.1, margin_used=0.5,
                                        owned_rent_credits_usd=30.0, building_capex_usd=100.0,
                                        gpu_capex_usd=NAN)  # fmt: skip
    np.testing.assert_allclose(lasts, LASTS)
    np.testing.assert_allclose(revenue, PAID)
    np.testing.assert_allclose(noi[0], PAID[0] / 2)
    # Credits of half of the rent: 20, then the last 10. A building of 100 wears off by 5 a year, and by 2.5 in half.
    np.testing.assert_allclose(cash[0], [0.0, 12.0, 12.1])
    # A loss of 5 is carried into the second year: 12 - 5 - 5 = 2 are taxed, then 12.1 - 2.5.
    np.testing.assert_allclose(tax[0], [0.0, 0.5, 2.4])


def test_depreciation_ends_with_the_life_in_the_middle_of_a_year():
    short = replace(A, gpu_life_years=1.5, building_life_years=2.25)
    found = profile(pd.DataFrame([LEASE | {"term_years": 3.0, "value_used_usd": 300.0, "gpu_capex_usd": 60.0,
                                           "building_capex_usd": 90.0}]), short)  # fmt: skip
    # 40 a year of GPUs and of the building each.
    np.testing.assert_allclose(found.tax[0], 0.25 * np.array([20.0, 40.0, 90.0]))


def test_a_contract_of_no_time_and_no_contract_at_all():
    none = profile(pd.DataFrame([LEASE | {"term_years": 0.0}]), A)
    assert (none.lasts.tolist(), none.revenue.tolist(), none.cash.tolist()) == ([[0.0]], [[0.0]], [[0.0]])
    empty = profile(pd.DataFrame([LEASE]).iloc[:0], A)
    assert (empty.revenue.shape, empty.tax.shape) == ((0, 1), (0, 1))


@pytest.mark.parametrize(
    ("start", "paid", "at"),
    [
        (1.0, [40.0, 44.0, 24.2], [1.5, 2.5, 3.25]),
        (0.0, [40.0, 44.0, 24.2], [0.5, 1.5, 2.25]),
        (-0.25, [30.0, 44.0, 24.2], [0.375, 1.25, 2.0]),
        (-1.5, [0.0, 22.0, 24.2], [0.0, 0.25, 0.75]),
        (-2.25, [0.0, 0.0, 12.1], [0.0, 0.0, 0.125]),
        (-2.5, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
        (-9.0, [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]),
    ],
)
def test_what_is_still_to_come_and_when(start, paid, at):
    parts = pd.DataFrame({"row": [0, 1], "starts_in_years": [start, 5.0], "share": [0.5, 1.0]})
    usd, when = paid_ahead(PAID, LASTS, parts)
    assert usd.tolist() == [pytest.approx([0.5 * x for x in paid]), [7.0, 0.0, 0.0]]
    assert when[0].tolist() == pytest.approx(at)
    assert when[1, 0] == 5.5


@pytest.mark.parametrize(
    ("since", "paid"),
    [(0.0, 40.0), (0.25, 41.0), (1.0, 44.0), (1.25, 45.1), (1.5, 46.2), (1.75, 35.2), (2.25, 12.1), (2.5, 0.0), (-1.5, 0.0),
     (-0.75, 10.0)],
)  # fmt: skip
def test_the_twelve_months_after_a_time_of_a_contract_s_life(since, paid):
    found = twelve_months(PAID, LASTS, np.array([since, 0.25]), np.array([0, 1]))
    assert found.tolist() == pytest.approx([paid, 7.0 * 0.75])


@pytest.mark.parametrize(
    ("start", "paid"),
    [(1.0, 0.0), (0.75, 10.0), (0.0, 40.0), (-0.75, 43.0), (-1.75, 35.2), (-2.25, 12.1), (-2.5, 0.0), (5.0, 0.0)],
)
def test_the_coming_year_of_a_contract(start, paid):
    found = within_a_year(PAID, LASTS, np.array([start, -0.25]), np.array([0, 1]))
    assert found.tolist() == pytest.approx([paid, 7.0 * 0.75])


def test_a_contract_that_ends_today_leaves_nothing_and_one_that_ends_tomorrow_does():
    ended, last = (present_values(signed({}, tranches=[(0, start, 1.0, True)]), A) for start in (-15.0, -14.9))
    assert [worth(ended, name)[0] for name in ("term_usd", "residual_usd", "tax_usd", "perpetuity_usd", "next_noi_usd")] == [
        0.0] * 5  # fmt: skip
    assert worth(last, "residual_usd")[0] == pytest.approx(100e6 * 0.5 / 0.075 * 1.08**-0.1)
    assert len(ended.payments) == 0


def test_value_on_the_day_of_the_start_after_tax_by_hand():
    one = {"term_years": 2.5, "value_used_usd": 250.0, "margin_used": 0.8, "supported_share": 0.25, "own_class": "other",
           "guarantor_class": "hyperscaler", "credited_usd": 50.0, "building_capex_usd": 400.0}  # fmt: skip
    # The same on its start as two years before it. 80 a year; of it 60 are taxed after 20 of depreciation.
    for start in (2.0, -1.0):
        found = present_values(signed(one, tranches=[(0, start, 1.0, start < 0)]), A).by_class["at_start_usd"]
        for who, share, rate in (("hyperscaler", 0.25, 1.08), ("other", 0.75, 1.11)):
            income = 65.0 * (rate**-0.5 + rate**-1.5) + 32.5 * rate**-2.25
            # Half of the last twelve months for ever at 7.5%.
            assert found[(0, who)] == pytest.approx(share * (income + 80 * 0.5 / 0.075 * rate**-2.5))


def test_two_contracts_keep_their_rows_classes_and_streams():
    lease = {"term_years": 1.0, "value_used_usd": 100.0, "supported_share": 0.25, "own_class": "other",
             "guarantor_class": "hyperscaler"}  # fmt: skip
    cloud = {"term_years": 1.0, "value_used_usd": 60.0, "business": "gpu_cloud", "own_class": "other", "owned_it_mw": NAN,
             "guarantor_class": "other"}  # fmt: skip
    made = signed(lease, cloud, tranches=[(0, 1.0, 0.4, False), (1, 0.0, 1.0, True), (0, 0.0, 0.6, True)])
    found = present_values(made, NO_TAX)
    rows = found.payments.assign(stream=[STREAMS[k] for k in found.payments["stream"]])
    assert sorted(map(tuple, rows[["row", "stream", "later", "at_years"]].to_numpy().tolist())) == sorted(
        [(0, ("lease", flow, who), start == 1, at) for who in ("hyperscaler", "other") for start in (0.0, 1.0)
         for flow, at in (("term", start + 0.5), ("residual", start + 1), ("perpetuity", start))]
        + [(1, ("gpu_cloud", "term", "other"), False, 0.5)]
    )  # fmt: skip
    assert rows.groupby("row")["usd"].sum().tolist()[1] == pytest.approx(60.0)
    is_term = np.array([name[1] == "term" for name in rows["stream"]])
    term = rows[is_term & rows["row"].eq(0)].groupby(["stream", "later"])["usd"].sum()
    assert term.tolist() == pytest.approx([15.0, 10.0, 45.0, 30.0])


def test_payments_of_two_holders_on_whole_years_keep_their_value():
    lease = STREAMS.index(("lease", "term", "other"))
    cloud = STREAMS.index(("gpu_cloud", "term", "hyperscaler"))
    paid = pd.DataFrame(
        [
            (0, lease, False, 1.25, 100.0),
            (1, cloud, True, 2.0, 50.0),
            (2, lease, False, 2.5, 9.0),
            (3, lease, True, 0.0, 5.0),
        ],
        columns=["row", "stream", "later", "at_years", "usd"],
    )
    running, ahead = streams(Values(pd.DataFrame(), paid), np.array([0, 1, -1, 1]), 2, A)
    assert running.shape == ahead.shape == (2, len(STREAMS), 5)
    assert discounted(running[0, lease], 0.11) == pytest.approx(100 * 1.11**-1.25)
    # Three quarters of the payment stand at the year before it.
    assert running[0, lease, 1] == pytest.approx(3 * running[0, lease, 2])
    assert (running[0].sum(), running[1].sum()) == (pytest.approx(running[0, lease].sum()), 0.0)
    assert ahead[1, cloud].tolist() == [0.0, 0.0, 50.0, 0.0, 0.0]
    assert ahead[1, lease].tolist() == [5.0, 0.0, 0.0, 0.0, 0.0]
    assert ahead[0].sum() == 0.0
    none = streams(Values(pd.DataFrame(), paid[:0]), np.array([0]), 3, A)
    assert [one.shape for one in none] == [(3, len(STREAMS), 2)] * 2


def test_rates_by_row_and_payments_that_end_early():
    rows = np.array([[0.0, 10.0, 0.0], [5.0, 0.0, 0.0]])
    assert discounted(rows, np.array([0.25, 0.5])).tolist() == [8.0, 5.0]
    assert discounted(np.array([7.0]), np.array([0.1, 0.2])).tolist() == [7.0, 7.0]
    assert discounted(np.array([0.0]), np.array([0.1])).tolist() == [0.0]
