"""The attribution against the definition of the Shapley value in exact fractions, and what must hold whatever moved."""

from __future__ import annotations

from fractions import Fraction
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from screener.gathering import InputData
from valuation.comparison.attribution import (
    CONVERTED,
    DRIVERS,
    FACTORS,
    Attribution,
    attribute,
    drivers,
    ev_per_mw,
    shapley,
)

MONEY = st.integers(0, 40_000_000_000).map(float)
ROW = st.tuples(
    st.integers(10, 100_000).map(lambda cents: cents / 100),
    st.integers(1_000_000, 2_000_000_000).map(float),
    MONEY, MONEY, MONEY, MONEY,
    st.integers(10, 5_000).map(float),
    st.integers(0, 500_000_000).map(float), MONEY,
)  # fmt: skip
JOINED = {"conversion": CONVERTED}


def frame(*rows: tuple[float, ...]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(DRIVERS), index=[f"T{i}" for i in range(len(rows))])


def exactly(row: dict[str, Fraction]) -> Fraction:
    equity = row["price"] * (row["shares"] + row["converted_shares"])
    claims = equity + row["debt"] - row["converted_debt"] + row["other_claims"] - row["cash"] - row["bitcoin"]
    return claims / row["mw"] / 10**6


def over_all_orders(before: tuple[float, ...], after: tuple[float, ...]) -> dict[str, Fraction]:
    """Mean over all 40,320 orders of the step that each factor makes, in fractions: the definition, word for word."""
    start, end = (dict(zip(DRIVERS, map(Fraction, row), strict=True)) for row in (before, after))
    total = dict.fromkeys(FACTORS, Fraction(0))
    count = 0
    values: dict[frozenset[str], Fraction] = {}
    factor_of = {name: factor for factor in FACTORS for name in JOINED.get(factor, (factor,))}
    for order in permutations(FACTORS):
        moved: frozenset[str] = frozenset()
        value = values.setdefault(moved, exactly(start))
        for name in order:
            moved |= {name}
            if moved not in values:
                values[moved] = exactly({d: end[d] if factor_of[d] in moved else start[d] for d in DRIVERS})
            total[name] += values[moved] - value
            value = values[moved]
        count += 1
    return {name: part / count for name, part in total.items()}


def test_equals_the_mean_over_all_orders_in_exact_fractions():
    before = (15.32, 380e6, 1.2e9, 310e6, 1.6e9, 45e6, 1800.0, 0.0, 0.0)
    after = (19.24, 411.8e6, 0.6e9, 260e6, 1.61e9, 52e6, 1700.0, 44.7e6, 0.75e9)
    expected = over_all_orders(before, after)
    got = attribute(frame(before), frame(after)).frame.iloc[0]
    for name in FACTORS:
        assert got[name] == pytest.approx(float(expected[name]), rel=1e-12, abs=1e-15), name
    assert got["change"] == pytest.approx(float(sum(expected.values())), rel=1e-12)


def test_two_factors_by_hand():
    # v = a * b from 2 x 3 to 5 x 7: a first moves 9, last 21; b first 8, last 20.
    value = lambda f: f["a"] * f["b"]  # noqa: E731
    parts = shapley(value, {"a": np.array([2.0]), "b": np.array([3.0])}, {"a": np.array([5.0]), "b": np.array([7.0])})
    assert (parts["a"][0], parts["b"][0]) == (15.0, 14.0)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(ROW, ROW), min_size=1, max_size=6), st.lists(st.sampled_from(FACTORS), unique=True))
def test_sums_to_the_change_and_gives_nothing_to_what_did_not_move(pairs, still):
    before, after = frame(*(a for a, _ in pairs)), frame(*(b for _, b in pairs))
    columns = [name for factor in still for name in JOINED.get(factor, (factor,))]
    after[columns] = before[columns]
    got = attribute(before, after).frame
    scale = np.maximum(got[["before", "after"]].abs().max(axis=1), got[list(FACTORS)].abs().max(axis=1))
    assert (got[list(FACTORS)].sum(axis=1) - got["change"]).abs().le(4e-15 * scale + 1e-18).all()
    assert (got[still] == 0.0).all().all()
    back = attribute(after, before).frame
    np.testing.assert_allclose(back[list(FACTORS)], -got[list(FACTORS)], rtol=1e-9, atol=1e-12 * scale.max())


def test_what_rounding_leaves_goes_to_the_largest_part():
    rng = np.random.default_rng(1)
    ends = [(1, 100), (1e7, 1e9), (0, 5e9), (0, 1e9), (0, 3e9), (0, 1e9), (100, 3000), (0, 1e8), (0, 1e9)]
    before, after = ({name: rng.uniform(*end, 1000) for name, end in zip(DRIVERS, ends, strict=True)} for _ in range(2))
    parts = np.array(list(shapley(ev_per_mw, before, after, JOINED).values()))
    change = ev_per_mw(after) - ev_per_mw(before)
    left = np.abs(parts.sum(axis=0) - change) / np.spacing(np.abs(parts).max(axis=0))
    # Without it a quarter of the sums are exact, and some are off by eight units in the last place.
    assert (left == 0).mean() > 0.5
    assert left.max() <= 4


def test_a_company_that_one_side_does_not_know_has_a_reason_and_no_parts():
    before = frame(
        (10.0, 1e6, 0.0, 0.0, 0.0, 0.0, 100.0, 0.0, 0.0), (10.0, 1e6, 0.0, np.nan, 0.0, 0.0, 100.0, 0.0, 0.0)
    )
    after = frame((11.0, 1e6, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0), (11.0, 1e6, 0.0, 0.0, 0.0, 0.0, 100.0, 0.0, 0.0))
    after.loc["NEW"] = after.iloc[0]
    got = attribute(before, after)
    assert got.frame["cause"].to_dict() == {"T0": "no MW now", "T1": "cash unknown before"}
    assert got.frame[list(FACTORS)].isna().all().all()
    assert got.main_factor.isna().all()


def test_the_factors_are_the_bridge_and_the_denominator():
    from screener import point_in_time, universes
    from valuation.assumptions import Assumptions, Bridge
    from valuation.fundamentals import company_metrics
    from valuation.groups import RULES

    data = InputData.of(universes.load("miners"))
    dates = data.weeks(pd.Timestamp("2024-01-01"), pd.Timestamp("2026-12-31"))[::7]
    inputs, _ = point_in_time.as_of_view(data, dates, Assumptions())
    valued = company_metrics.value(inputs, Assumptions(), Bridge(), RULES["share20"])
    table = valued.table
    factors = drivers(valued.bridge, table["secured_mw"])
    ours = ev_per_mw({name: factors[name].to_numpy() for name in DRIVERS})
    known_rows = table["ev_per_mw_secured"].notna() & (table["enterprise_value_usd"] > 0)
    assert known_rows.sum() > 150
    np.testing.assert_allclose(ours[known_rows], table["ev_per_mw_secured"][known_rows], rtol=1e-12)


BRIDGE = pd.DataFrame(
    {
        "price_usd": 10.0, "diluted_shares": 100e6, "converted_shares": 0.0, "debt_usd": 500e6,
        "debt_after_conversion_usd": 500e6, "cash_usd": 0.0, "restricted_cash_usd": np.nan, "bitcoin_usd": 0.0,
        "other_coins_usd": np.nan, "finance_leases_usd": np.nan, "preferred_equity_usd": np.nan,
        "noncontrolling_interest_usd": np.nan, "customer_prepayments_usd": np.nan,
    },
    index=["T"],
)  # fmt: skip
MW = pd.Series(100.0, index=["T"])


def test_a_note_that_converts_is_one_factor_by_hand():
    # $300m of notes at $9 count as 33.33m shares: at an unchanged price of $10 equity rises by $333.3m, debt falls by
    # $300m, so EV rises by $33.3m, or $0.3333m per MW of 100, and the conversion alone is the cause.
    after = BRIDGE.assign(diluted_shares=100e6 + 300e6 / 9, converted_shares=300e6 / 9, debt_after_conversion_usd=200e6)
    got = attribute(drivers(BRIDGE, MW), drivers(after, MW))
    row = got.frame.loc["T"]
    assert row["conversion"] == pytest.approx(300e6 / 9 * 10 / 100 / 1e6 - 3.0, rel=1e-12)
    assert row[[f for f in FACTORS if f != "conversion"]].abs().max() < 1e-12
    assert got.main_factor["T"] == "conversion"


def test_price_and_conversion_share_their_joint_effect_by_hand():
    # Price 8 to 10 and the note converts. Price first: 100m x 2 = $200m, then 33.33m x 10 - 300m = $33.3m; conversion
    # first: 33.33m x 8 - 300m = -$33.3m, then (133.33m) x 2 = $266.7m. The mean: price $233.3m, conversion $0.
    after = BRIDGE.assign(diluted_shares=100e6 + 300e6 / 9, converted_shares=300e6 / 9, debt_after_conversion_usd=200e6)
    row = attribute(drivers(BRIDGE.assign(price_usd=8.0), MW), drivers(after, MW)).frame.loc["T"]
    assert row["price"] == pytest.approx(700 / 3 / 100, rel=1e-12)
    assert row["conversion"] == pytest.approx(0.0, abs=1e-12)


def test_a_run_that_does_not_say_which_shares_are_of_notes_has_them_in_shares_and_debt():
    after = BRIDGE.assign(diluted_shares=100e6 + 300e6 / 9, converted_shares=300e6 / 9, debt_after_conversion_usd=200e6)
    row = attribute(drivers(BRIDGE.drop(columns="converted_shares"), MW), drivers(after, MW)).frame.loc["T"]
    assert (row["shares"], row["debt"]) == pytest.approx((10 / 3, -3.0))
    assert row["conversion"] == 0.0


def test_the_main_factor_is_the_largest_effect_and_a_fall_counts_as_a_rise_does():
    after = BRIDGE.assign(price_usd=7.0, bitcoin_usd=-100e6)  # price -$300m, bitcoin +$100m of EV
    found = attribute(drivers(BRIDGE, MW), drivers(after, MW))
    row = found.frame.loc["T"]
    assert (row["price"], row["bitcoin"]) == pytest.approx((-3.0, 1.0))
    assert found.main_factor["T"] == "price"
    unknown = attribute(drivers(BRIDGE, MW), drivers(after.assign(cash_usd=np.nan), MW))
    assert unknown.main_factor["T"] is None
    assert unknown.frame.loc["T", "cause"] == "cash unknown now"


def test_of_two_unknown_drivers_the_first_is_named_and_no_mw_comes_last():
    before = BRIDGE.assign(cash_usd=np.nan, bitcoin_usd=np.nan)
    assert attribute(drivers(before, MW), drivers(BRIDGE, MW)).frame.loc["T", "cause"] == "cash unknown before"
    none = attribute(drivers(BRIDGE, MW * 0), drivers(BRIDGE.assign(cash_usd=np.nan), MW))
    assert none.frame.loc["T", "cause"] == "no MW before"


def test_ev_per_mw_by_hand():
    at = dict(zip(DRIVERS, map(np.array, (10.0, 50e6, 400e6, 30e6, 20e6, 7e6, 80.0, 5e6, 60e6)), strict=True))
    # 550 of equity, 400 - 60 of debt, 7 of other claims, less 30 and 20: 847 over 80 MW.
    assert ev_per_mw(at) == pytest.approx(847 / 80)


def test_unknown_debt_is_told_and_a_part_of_an_attribution_names_no_factor():
    unknown = BRIDGE.assign(debt_usd=np.nan, debt_after_conversion_usd=np.nan)
    assert attribute(drivers(unknown, MW), drivers(BRIDGE, MW)).frame.loc["T", "cause"] == "debt unknown before"
    assert drivers(unknown, MW).loc["T", "converted_debt"] == 0.0
    assert attribute(drivers(BRIDGE, MW), drivers(BRIDGE, MW * np.nan)).frame.loc["T", "cause"] == "MW unknown now"
    parts = pd.DataFrame(1.0, index=["T"], columns=list(FACTORS)).assign(cash=np.nan)
    assert Attribution(parts).main_factor["T"] is None


def test_companies_as_small_as_one_share_and_half_a_megawatt():
    small = BRIDGE.assign(diluted_shares=100.0, debt_usd=50.0, debt_after_conversion_usd=50.0)
    old = small.drop(columns="converted_shares")
    # 10 x 100 + 50 over 0.5 MW, whether or not it is known which shares are of notes.
    for before in (small, old):
        row = attribute(drivers(before, MW / 200), drivers(small.assign(price_usd=11.0), MW / 200)).frame.loc["T"]
        assert [row["before"], row["after"]] == pytest.approx([1_050 / 0.5 / 1e6, 1_150 / 0.5 / 1e6], rel=1e-12)
        assert [row["change"], row["price"]] == pytest.approx([100 / 0.5 / 1e6] * 2, rel=1e-12)
        assert row["cause"] == ""


def test_a_run_without_shares_of_notes_has_its_debt_after_conversion():
    row = drivers(BRIDGE.assign(debt_after_conversion_usd=200e6, converted_shares=np.nan), MW).loc["T"]
    assert (row["debt"], row["converted_debt"], row["shares"]) == (200e6, 0.0, 100e6)
    assert np.isnan(row["converted_shares"])


def test_lines_that_a_company_need_not_report_count_as_nothing_and_add_up_where_it_does():
    bridge = BRIDGE.assign(
        cash_usd=1e6, restricted_cash_usd=2e6, bitcoin_usd=4e6, other_coins_usd=8e6, finance_leases_usd=16e6,
        preferred_equity_usd=32e6, noncontrolling_interest_usd=64e6, customer_prepayments_usd=128e6, converted_shares=5e6,
        debt_after_conversion_usd=450e6,
    )  # fmt: skip
    row = drivers(bridge, MW).loc["T"]
    assert row.to_dict() == {
        "price": 10.0, "shares": 95e6, "debt": 500e6, "cash": 3e6, "bitcoin": 12e6, "other_claims": 240e6, "mw": 100.0,
        "converted_shares": 5e6, "converted_debt": 50e6,
    }  # fmt: skip
    plain = drivers(BRIDGE, MW).loc["T"]
    assert (plain["cash"], plain["bitcoin"], plain["other_claims"]) == (0.0, 0.0, 0.0)
