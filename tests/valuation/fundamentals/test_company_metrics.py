"""The worked example of the bundled data, and the traps that its README names, each against hand arithmetic."""

from __future__ import annotations

import pandas as pd
import pytest

from screener import point_in_time, universes
from screener.gathering import InputData
from valuation.assumptions import Assumptions, Bridge
from valuation.fundamentals import company_metrics
from valuation.groups import RULES


@pytest.fixture(scope="module")
def miners():
    return universes.load("miners")


def valued(universe, day: str, rule: str = "share20", **switches: bool) -> company_metrics.Valuation:
    inputs, _ = point_in_time.as_of_view(InputData.of(universe), [pd.Timestamp(day)], Assumptions())
    return company_metrics.value(inputs, Assumptions(), Bridge(**switches), RULES[rule])


def row(valuation: company_metrics.Valuation, ticker: str) -> pd.Series:
    return valuation.table.droplevel("as_of").loc[ticker]


@pytest.fixture(scope="module")
def january(miners):
    return valued(miners, "2026-01-16")


def test_riot_worked_by_hand(january):
    riot = row(january, "RIOT")
    shares = 371_807_186 + 594.4e6 / 14.86
    cash = 330.7e6 + 161.6e6
    bitcoin = 16_925 * 95_491.29
    ev = 19.24 * shares + (871.8e6 - 594.4e6) - cash - 75.6e6 - bitcoin
    assert riot["diluted_shares"] == pytest.approx(shares, rel=1e-12)
    assert riot["equity_value_usd"] == pytest.approx(7_923e6, rel=1e-4)
    assert riot["cash_usd"] == pytest.approx(cash)
    assert riot["bitcoin_usd"] == pytest.approx(1_616.2e6, rel=1e-4)
    assert riot["enterprise_value_usd"] == pytest.approx(ev, rel=1e-12)
    assert riot["ev_per_mw_secured"] == pytest.approx(ev / 1_700 / 1e6, rel=1e-12)
    assert riot["ev_per_mw_secured"] == pytest.approx(3.5, abs=0.05)


def test_riot_signs_amd_on_the_sixteenth(miners, january):
    before = row(valued(miners, "2026-01-15", rule="signed"), "RIOT")
    after = row(valued(miners, "2026-01-16", rule="signed"), "RIOT")
    assert before["ai_share_contracted"] == 0.0
    assert before["group"] == "bitcoin"
    assert after["group"] == "pivot"
    assert after["ai_share_contracted"] == pytest.approx(31.1e6 / (31.1e6 + 4 * 160.8e6))
    assert row(january, "RIOT")["group"] == "bitcoin"


def test_iren_cash_and_debt_are_rolled_to_the_same_day(january):
    iren = january.bridge.droplevel("as_of").loc["IREN"]
    assert iren["cash_usd"] == pytest.approx(1_800e6 + 0 + 2_069e6)  # October's note is in the October cash
    assert iren["debt_usd"] == pytest.approx(990e6 + 1_000e6 - 544.3e6 + 2_300e6)
    converted = 1_150e6 + 1_150e6 + 212.3e6 + 233.4e6
    assert iren["debt_after_conversion_usd"] == pytest.approx(3_745.7e6 - converted)
    assert iren["new_shares"] == pytest.approx(2_300e6 / 51.40 + 212.3e6 / 16.81 + 233.4e6 / 13.64)


def test_cipher_project_money_is_restricted_and_its_notes_are_shares(january, miners):
    cifr = january.bridge.droplevel("as_of").loc["CIFR"]
    assert cifr["restricted_cash_usd"] == pytest.approx(1_400e6 + 333e6)
    assert cifr["cash_usd"] == pytest.approx(1_207e6)
    assert cifr["debt_after_conversion_usd"] == pytest.approx(1_733e6)
    kept = row(valued(miners, "2026-01-16", net_restricted_cash=False), "CIFR")
    gap = kept["enterprise_value_usd"] - cifr["enterprise_value_usd"]
    assert gap == pytest.approx(1_733e6)


def test_terawulf_principal_leaves_debt_that_holds_principal(january):
    wulf = january.bridge.droplevel("as_of").loc["WULF"]
    assert wulf["debt_usd"] == pytest.approx(1_500e6 + 3_200e6 + 1_025e6)
    assert wulf["debt_after_conversion_usd"] == pytest.approx(3_200e6 + 1_025e6)
    warrants = 73_511_803 * (1 - 0.01 / 13.85)
    assert wulf["new_shares"] == pytest.approx(500e6 / 8.48 + 1_000e6 / 12.43 + warrants)
    assert row(january, "WULF")["ai_contracted_it_mw"] == pytest.approx(60 + 218 + 160 + 0.51 * 168)


def test_terawulf_joint_venture_counts_until_it_is_sold(miners):
    assert row(valued(miners, "2026-07-05"), "WULF")["ai_contracted_it_mw"] == pytest.approx(438 + 0.51 * 168)
    sold = row(valued(miners, "2026-07-06"), "WULF")
    assert sold["ai_contracted_it_mw"] == pytest.approx(438 + 0.932 * 401)


def test_hut_values_the_minority_of_american_bitcoin_at_market(january):
    abtc = row(january, "ABTC")["equity_value_usd"]
    assert row(january, "HUT")["noncontrolling_interest_usd"] == pytest.approx(0.3638 * abtc)


def test_hut_trailing_share_is_low_confidence_then_unknown_never_zero(miners, january):
    assert row(january, "HUT")["ai_share_trailing"] == pytest.approx(5.8 / 83.5, rel=0.01)
    later = valued(miners, "2026-03-20")
    assert pd.isna(row(later, "HUT")["ai_share_trailing"])
    assert later.status.droplevel("as_of").loc["HUT", "ai_share_trailing"] == "missing"


def test_core_scientific_warrants_and_notes(january):
    corz = january.bridge.droplevel("as_of").loc["CORZ"]
    assert corz["new_shares"] == pytest.approx(96_361_000 * (1 - 6.81 / 18.89) + 460e6 / 11.0)


@pytest.mark.parametrize(("ticker", "multiplier", "before", "after"), [
    ("ABTC", 0.066667, "2026-07-03", "2026-07-10"),
    ("CANG", 0.1, "2026-07-17", "2026-07-24"),
])  # fmt: skip
def test_reverse_splits_of_july_2026_leave_the_equity_value_in_scale(miners, ticker, multiplier, before, after):
    old, new = row(valued(miners, before), ticker), row(valued(miners, after), ticker)
    assert new["basic_shares"] == pytest.approx(old["basic_shares"] * multiplier, rel=1e-9)
    assert new["equity_value_usd"] == pytest.approx(old["equity_value_usd"], rel=0.5)


def test_unknown_debt_or_cash_is_told_and_stays_out(january):
    status, causes = january.status.droplevel("as_of"), january.causes.droplevel("as_of")
    assert status.loc["CRWV", "enterprise_value_usd"] == "missing"
    assert "cash unknown" in causes.loc["CRWV", "enterprise_value_usd"]
    assert pd.isna(row(january, "CRWV")["enterprise_value_usd"])


def test_who_stays_outside_the_statistics_and_why(january):
    excluded = january.table["excluded"].droplevel("as_of")
    assert excluded["WYFI"] == "consolidated by BTBT"
    assert excluded["ABTC"] == "consolidated by HUT"
    assert "not meaningful" in excluded["GLXY"]
    assert excluded["NBIS"] == "comparable, not a miner"
    assert excluded["RIOT"] == ""


def test_each_switch_moves_the_enterprise_value_by_its_line(miners, january):
    base = january.bridge.droplevel("as_of").loc["RIOT"]
    gross = row(valued(miners, "2026-01-16", net_bitcoin=False), "RIOT")["enterprise_value_usd"]
    assert gross - base["enterprise_value_usd"] == pytest.approx(base["bitcoin_usd"])
    as_debt = row(valued(miners, "2026-01-16", if_converted=False), "RIOT")["enterprise_value_usd"]
    assert base["enterprise_value_usd"] - as_debt == pytest.approx(40e6 * 19.24 - 594.4e6, rel=1e-6)


def test_many_dates_at_once_equal_one_date_at_a_time(miners):
    days = pd.DatetimeIndex(["2025-03-28", "2025-11-14", "2026-01-16", "2026-08-21"])
    inputs, _ = point_in_time.as_of_view(InputData.of(miners), days, Assumptions())
    together = company_metrics.value(inputs, Assumptions(), Bridge(), RULES["share20"])
    for day in days:
        alone = valued(miners, f"{day:%Y-%m-%d}")
        pd.testing.assert_frame_equal(together.table.loc[[day]], alone.table)
        pd.testing.assert_frame_equal(together.status.loc[[day]], alone.status)
