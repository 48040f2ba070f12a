"""Each line of the bridge with and without, worked by hand on a parent and its listed subsidiary."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pandas as pd
import pytest

from tests.valuation.worlds import JANUARY, basis, few
from valuation.assumptions import Bridge
from valuation.fundamentals.enterprise_value import against, debt_left, lines
from valuation.inputs import Inputs

DAY = pd.Timestamp(JANUARY)
PLAIN = {
    "price_usd": 10.0, "shares_outstanding": 100e6, "debt_total": 80e6, "cash": 50e6, "btc_held": 0.0,
    "restricted_cash": np.nan,
    "lease_liabilities_finance": np.nan, "preferred_equity": np.nan, "noncontrolling_interest": np.nan,
    "noncontrolling_interest_pct": np.nan, "deferred_revenue": np.nan, "btc_pledged": np.nan, "eth_held": np.nan,
    "eth_fair_value": np.nan, "other_debt_carrying": np.nan,
}  # fmt: skip
DILUTION = {"new_shares": 0.0, "converted_shares": 0.0, "debt_converted_usd": 0.0, "debt_kept_usd": 0.0}


@cache
def start() -> Inputs:
    """HUT, and ABTC that it consolidates."""
    return basis(few("HUT", "ABTC")).inputs


def inputs(debt: pd.DataFrame | None = None, btc: float = 90_000.0, eth: float = 3_000.0, **items: float) -> Inputs:
    given = start()
    return replace(
        given,
        items=given.items.assign(**PLAIN).assign(**items),
        market=given.market.assign(btc_usd=btc, eth_usd=eth),
        debt=given.debt[:0] if debt is None else debt,
    )


def bridge(given: Inputs, ticker: str = "ABTC", dilution: dict | None = None, **switches: bool) -> pd.Series:
    diluted = pd.DataFrame([DILUTION | (dilution or {})] * len(given.index), index=given.index)
    return lines(given, diluted, Bridge(**switches)).loc[(DAY, ticker)]


def test_a_company_of_shares_debt_and_cash():
    row = bridge(inputs(), dilution={"new_shares": 5e6})
    assert (row["diluted_shares"], row["equity_value_usd"]) == (105e6, 1_050e6)
    assert row["enterprise_value_usd"] == 1_050e6 + 80e6 - 50e6


@pytest.mark.parametrize(
    ("items", "switches", "change"),
    [
        ({"lease_liabilities_finance": 7e6}, {}, 7e6),
        ({"preferred_equity": 7e6}, {}, 7e6),
        ({"noncontrolling_interest": 7e6}, {}, 7e6),
        ({"deferred_revenue": 7e6}, {"prepayments_as_debt": True}, 7e6),
        ({"deferred_revenue": 7e6}, {"prepayments_as_debt": False}, 0.0),
        ({"restricted_cash": 7e6}, {"net_restricted_cash": True}, -7e6),
        ({"restricted_cash": 7e6}, {"net_restricted_cash": False}, 0.0),
        ({"btc_held": 1_000.0}, {}, -90e6),
        ({"btc_held": 1_000.0}, {"net_bitcoin": False}, 0.0),
        ({"btc_held": 1_000.0, "btc_pledged": 400.0}, {"count_pledged_bitcoin": True}, -90e6),
        ({"btc_held": 1_000.0, "btc_pledged": 400.0}, {"count_pledged_bitcoin": False}, -54e6),
        ({"btc_held": 1_000.0}, {"count_pledged_bitcoin": False}, -90e6),
        ({"eth_held": 10.0, "eth_fair_value": 1.0}, {}, -30_000.0),
        ({"eth_held": 10.0}, {"net_bitcoin": False}, 0.0),
    ],
)
def test_each_line_moves_enterprise_value_by_itself(items, switches, change):
    before, after = (bridge(inputs(**changed), **switches) for changed in ({}, items))
    assert after["enterprise_value_usd"] - before["enterprise_value_usd"] == change


def test_ether_without_a_price_counts_at_its_reported_value():
    assert bridge(inputs(eth=np.nan, eth_held=10.0, eth_fair_value=25_000.0))["other_coins_usd"] == 25_000.0


def test_what_is_required_and_unknown_makes_the_value_unknown_and_no_coins_need_no_price():
    for name in ("price_usd", "shares_outstanding", "debt_total", "cash", "btc_held"):
        assert np.isnan(bridge(inputs(**{name: np.nan}))["enterprise_value_usd"]), name
    assert np.isnan(bridge(inputs(btc=np.nan, btc_held=1.0))["enterprise_value_usd"])
    assert bridge(inputs(btc=np.nan))["enterprise_value_usd"] == 1_030e6
    assert bridge(inputs(btc_held=np.nan), net_bitcoin=False)["enterprise_value_usd"] == 1_030e6


@pytest.mark.parametrize(
    ("debt", "converted", "kept", "other", "left"),
    [
        (80.0, 0.0, 100.0, 0.0, 80.0),  # a note of 100 out of the money never makes more than the debt that is reported
        (80.0, 30.0, 20.0, 10.0, 50.0),
        (80.0, 70.0, 20.0, 10.0, 30.0),  # the principal would take other debt with it
        (80.0, 70.0, 20.0, 0.0, 20.0),
        (80.0, 70.0, 0.0, 15.0, 15.0),
        (80.0, 1.0, 0.0, 0.0, 79.0),
        (np.nan, 30.0, 20.0, 0.0, np.nan),
    ],
)
def test_debt_left_after_conversion_is_never_below_what_stays_debt(debt, converted, kept, other, left):
    row = pd.DataFrame(
        {"debt_usd": [debt], "debt_converted_usd": converted, "debt_kept_usd": kept, "other_debt_usd": other}
    )
    assert debt_left(row).tolist() == pytest.approx([left], nan_ok=True)


def test_other_borrowings_count_where_they_are_of_the_debt_s_own_day():
    given = inputs(other_debt_carrying=9e6)
    same = given.periods.assign(debt_total=DAY, other_debt_carrying=DAY)
    other = same.assign(other_debt_carrying=DAY - pd.Timedelta(days=1))
    assert bridge(replace(given, periods=same))["other_debt_usd"] == 9e6
    assert bridge(replace(given, periods=other))["other_debt_usd"] == 0.0
    assert bridge(replace(inputs(), periods=same))["other_debt_usd"] == 0.0


def test_a_parent_owes_the_minority_at_market_and_else_at_book():
    given = inputs(noncontrolling_interest_pct=20.0, noncontrolling_interest=7e6)
    assert bridge(given, "HUT")["noncontrolling_interest_usd"] == pytest.approx(0.2 * 1_000e6)
    assert bridge(given, "ABTC")["noncontrolling_interest_usd"] == 7e6  # nobody's parent
    unknown = inputs(noncontrolling_interest=7e6)
    assert bridge(unknown, "HUT")["noncontrolling_interest_usd"] == 7e6


@pytest.mark.parametrize(
    ("redeemable", "reported", "counted", "later"),
    [
        ("2027-01-16", 5.0, 30.0, np.nan),  # a year from the day, to the day
        ("2027-01-17", 5.0, 5.0, 30.0),
        ("2026-06-30", 40.0, 40.0, np.nan),  # the reported amount is the higher one
        ("2027-06-30", 40.0, 40.0, np.nan),  # a later amount that is no higher
        ("2027-06-30", 30.0, 30.0, np.nan),
        ("2027-06-30", np.nan, np.nan, 30.0),
        ("2026-06-30", np.nan, 30.0, np.nan),
    ],
)
def test_preferred_counts_at_what_it_can_be_redeemed_for_within_a_year(redeemable, reported, counted, later):
    listed = pd.DataFrame({
        "as_of": [DAY] * 3, "ticker": ["ABTC", "ABTC", "HUT"], "principal_usd": [20.0, 10.0, 99.0],
        "redeemable_from": pd.to_datetime([redeemable, redeemable, None]),
    })  # fmt: skip
    row = bridge(inputs(listed, preferred_equity=reported))
    assert [row["preferred_equity_usd"], row["preferred_later_usd"]] == pytest.approx([counted, later], nan_ok=True)
    alone = bridge(inputs(listed.iloc[[0]].assign(principal_usd=30.0), preferred_equity=reported))
    assert alone[["preferred_equity_usd", "preferred_later_usd"]].equals(
        row[["preferred_equity_usd", "preferred_later_usd"]]
    )


def test_the_difference_from_a_provider_is_coins_dilution_and_a_rest():
    ours = pd.DataFrame(
        {"enterprise_value_usd": [100.0, 50.0, np.nan, 70.0], "bitcoin_usd": [30.0, 0.0, 0.0, 0.0],
         "other_coins_usd": [5.0, np.nan, 0.0, 0.0], "new_shares": [4.0, 0.0, 0.0, 0.0], "price_usd": [6.0, 1.0, 1.0, 1.0],
         "debt_converted_usd": [10.0, 0.0, 0.0, 0.0]}, index=["B", "A", "C", "D"],
    )  # fmt: skip
    found = against(ours, pd.Series({"A": 45.0, "B": 120.0, "C": 1.0, "D": np.nan}))
    assert list(found.index) == ["B", "A"]  # in our order
    assert found.loc["B"].tolist() == [100.0, 120.0, -20.0, -35.0, 14.0, 1.0]
    assert found.loc["A"].tolist() == [50.0, 45.0, 5.0, 0.0, 0.0, 5.0]
