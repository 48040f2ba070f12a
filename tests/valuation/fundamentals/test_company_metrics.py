"""The worked example of the bundled data, and the traps that its README names, each against hand arithmetic."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener import data_quality, point_in_time, universes
from screener.gathering import InputData
from valuation.assumptions import Assumptions, Bridge
from valuation.fundamentals import company_metrics
from valuation.groups import RULES
from valuation.revenue_mix.mix import mix


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


@pytest.fixture(scope="module")
def weeks(miners) -> company_metrics.Valuation:
    """Every Friday from January 2024 on."""
    fridays = pd.date_range("2024-01-05", "2026-10-02", freq="W-FRI")
    inputs, _ = point_in_time.as_of_view(InputData.of(miners), fridays, Assumptions())
    return company_metrics.value(inputs, Assumptions(), Bridge(), RULES["share20"])


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
    # 1,700 MW approved in Texas and about 100 in Kentucky: capacity.csv, 2026-01-16.
    assert riot["ev_per_mw_secured"] == pytest.approx(ev / 1_800 / 1e6, rel=1e-12)
    assert riot["ev_per_mw_secured"] == pytest.approx(3.34, abs=0.005)


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
    # The note of 1,300m of 2025-10-01 stands in the debt of 2025-09-30 and once more among the transactions, with its cash:
    # both lines are 1,300m too high, and what they net to is right.
    net = cifr["debt_after_conversion_usd"] - cifr["cash_usd"]
    assert net == pytest.approx(1_733e6 - 1_207e6)
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
    # 51% as announced, 50.1% since the 10-Q of 2026-05-08 (contract_terms.csv).
    assert row(valued(miners, "2026-05-07"), "WULF")["ai_contracted_it_mw"] == pytest.approx(438 + 0.51 * 168)
    before, sold = row(valued(miners, "2026-07-05"), "WULF"), row(valued(miners, "2026-07-06"), "WULF")
    assert before["ai_contracted_it_mw"] == pytest.approx(438 + 0.501 * 168)
    assert sold["ai_contracted_it_mw"] == pytest.approx(438 + 0.932 * 401)
    # 51% of the joint venture's 240 MW gross were inside the report of May: 1,569 less 122.
    assert (before["secured_mw"], sold["secured_mw"]) == (1_569, 1_447)


def test_a_sale_takes_its_power_out_before_the_next_report(miners):
    facts = miners.facts
    later = facts["ticker"].eq("WULF") & facts["item"].eq("mw_secured") & (facts["published_on"] >= "2026-07-06")
    silent = replace(miners, facts=facts[~later].reset_index(drop=True))
    assert row(valued(silent, "2026-07-05"), "WULF")["secured_mw"] == 1_569
    after = valued(silent, "2026-07-06")
    assert row(after, "WULF")["secured_mw"] == pytest.approx(1_569 - 0.501 * 240)
    assert after.status.droplevel("as_of").loc["WULF", "secured_mw"] == "proxy"
    assert "WULF-FLUIDSTACKABERNATHYJV-202510" in after.causes.droplevel("as_of").loc["WULF", "secured_mw"]


def test_an_amended_lease_keeps_its_power(miners):
    # Two leases at Barber Lake ended on 2026-09-25 and went on as two amended ones on the same day.
    before, after = (row(valued(miners, day), "CIFR") for day in ("2026-09-24", "2026-09-25"))
    assert before["secured_mw"] == after["secured_mw"]
    assert before["leased_mw"] == after["leased_mw"] == pytest.approx(244 + 56 + 300 + 100)


def test_a_lease_that_ended_leaves_its_power_with_the_company(miners):
    rows = miners.contracts.copy()
    ended = rows["contract_id"] == "WULF-CORE42-202412"
    rows.loc[ended, "exited_on"] = pd.Timestamp("2026-09-01")
    gone = row(valued(replace(miners, contracts=rows), "2026-10-05"), "WULF")
    kept = row(valued(miners, "2026-10-05"), "WULF")
    assert gone["secured_mw"] == kept["secured_mw"]
    assert gone["leased_mw"] == pytest.approx(kept["leased_mw"] - 72.5)


def test_secured_power_is_at_least_what_is_leased_for_every_company_and_week(miners, weeks):
    """Summed here from contracts.csv and contract_terms.csv, contract by contract."""
    shares = miners.contract_terms[miners.contract_terms["column"] == "owner_share_pct"]
    leased: dict[tuple[pd.Timestamp, str], float] = {}
    for day in weeks.table.index.levels[0]:
        for one in miners.contracts.itertuples():
            if one.kind == "hosting" or one.announced_on > day or one.exited_on <= day:
                continue
            pct = one.owner_share_pct
            for term in shares[shares["contract_id"] == one.contract_id].itertuples():
                pct = float(term.value) if term.published_on <= day else pct
            mw = 1.3 * one.critical_it_mw if pd.isna(one.gross_mw) else one.gross_mw
            if not pd.isna(mw):
                key = (day, one.ticker)
                leased[key] = leased.get(key, 0.0) + mw * pct / 100
    by_hand = pd.Series(leased)
    assert len(by_hand) > 600
    assert (weeks.table["secured_mw"].reindex(by_hand.index) >= by_hand - 1e-9).all()
    ours = weeks.table["leased_mw"].reindex(by_hand.index)
    assert ours.to_numpy() == pytest.approx(by_hand.to_numpy())
    # The floor is in use: WULF reported 622 MW where 500 MW at Lake Mariner and 51% of 240 MW are leased.
    assert weeks.status.loc[(pd.Timestamp("2026-01-16"), "WULF"), "secured_mw"] == "proxy"


def test_hosted_and_pipeline_power_is_in_no_multiple(miners):
    def changed(day: str, **by_item: float) -> pd.DataFrame:
        facts = miners.facts.copy()
        for item, value in by_item.items():
            mine = facts["ticker"].isin(["MARA", "BTDR"]) & facts["item"].eq(item)
            assert mine.any()
            facts.loc[mine, "value"] = value
        return valued(replace(miners, facts=facts), day).table.droplevel("as_of").loc[["MARA", "BTDR"]]

    for day in ("2026-01-16", "2026-10-05"):
        base, more = changed(day), changed(day, mw_pipeline=9_999.0)
        for name in ("ev_per_mw_secured", "ev_per_mw_operating"):
            pd.testing.assert_series_equal(base[name], more[name])
        assert changed(day, mw_hosted=10.0).at["MARA", "secured_mw"] == base.at["MARA", "secured_mw"]
    # 1,299 MW of sites marked operational, hosted ones included, less 537 hosted.
    october = valued(miners, "2026-10-05")
    assert row(october, "MARA")["operating_mw"] == 1_299 - 537
    assert "hosted MW taken out" in october.causes.droplevel("as_of").loc["MARA", "operating_mw"]
    assert row(october, "MARA")["hosted_mw"] == 537


@pytest.mark.parametrize(("day", "pivots", "others"), [("2024-11-15", 3, 7), ("2025-12-05", 6, 7)])
def test_the_early_sample_is_not_an_artefact_of_missing_zeros(miners, day, pivots, others):
    found = valued(miners, day)
    table = found.table.droplevel("as_of")
    usable = found.status.droplevel("as_of")["ev_per_mw_secured"].isin(["ok", "stale", "proxy"])
    sizes = table.loc[usable & table["excluded"].eq(""), "group"].value_counts()
    assert sizes["pivot"] >= pivots
    assert sizes["bitcoin"] >= others
    assert table.at["APLD", "group"] == "pivot"
    assert usable["APLD"]


def test_what_nobody_looked_up_is_unknown_and_not_zero(miners):
    october = valued(miners, "2026-10-05")
    # Soluna: never reviewed, one hosting contract, no AI revenue reported. Greenidge: never reviewed, AI revenue of zero.
    for ticker, share in (("SLNH", None), ("GREE", 0.0)):
        told = row(october, ticker)
        assert pd.isna(told["ai_contracted_it_mw"])
        assert pd.isna(told["leased_mw"])
        assert pd.isna(told["ai_share_contracted"]) if share is None else told["ai_share_contracted"] == share
    # KEEL: reviewed, nothing listed.
    assert row(october, "KEEL")[["ai_contracted_it_mw", "leased_mw", "ai_share_contracted"]].tolist() == [0.0, 0.0, 0.0]
    early = valued(miners, "2024-01-05")
    assert row(early, "MARA")["ai_share_contracted"] == 0.0
    assert early.status.droplevel("as_of").loc["MARA", "ai_share_contracted"] == "proxy"
    assert pd.isna(row(early, "SLNH")["ai_share_contracted"])


def test_terawulf_share_in_october_by_hand(miners):
    wulf = row(valued(miners, "2026-10-05"), "WULF")
    # Quarter to June 2026: HPC 31.932m, mining 12.835m. Leases: Core42 1,100 and Fluidstack 3,700 and 3,000 over ten years
    # each, and 93.2% of 950 a year at Hawesville.
    signed = (1_100 + 3_700 + 3_000) / 10 + 0.932 * 950
    assert wulf["ai_share_run_rate"] == pytest.approx(31.932 / 44.767, rel=1e-4)
    assert wulf["ai_share_contracted"] == pytest.approx(signed / (signed + 4 * 12.835), rel=1e-3)
    assert 0.96 <= wulf["ai_share_contracted"] <= 0.98


def test_one_ai_share_of_applied_digital_in_the_mix_and_in_the_screen(miners):
    inputs, _ = point_in_time.as_of_view(InputData.of(miners), [pd.Timestamp("2026-01-16")], Assumptions())
    mixed = mix(inputs.quarters)
    november = mixed[(mixed["ticker"] == "APLD") & (mixed["period_end"] == "2025-11-30")].iloc[0]
    screened = company_metrics.value(inputs, Assumptions(), Bridge(), RULES["share20"]).table.droplevel("as_of")
    assert november["ai_share"] == pytest.approx((85.0 - 73.0) / (126.589 - 73.0))
    assert screened.at["APLD", "ai_share_trailing"] == pytest.approx(november["ai_share"])
    assert round(november["ai_share"], 3) == 0.224


def test_no_bitcoin_price_is_needed_where_no_bitcoin_is_held(miners):
    inputs, _ = point_in_time.as_of_view(InputData.of(miners), [pd.Timestamp("2026-10-05")], Assumptions())
    blind = replace(inputs, market=inputs.market.assign(btc_usd=float("nan")))
    found = company_metrics.value(blind, Assumptions(), Bridge(), RULES["share20"])
    assert row(found, "IREN")["bitcoin_usd"] == 0.0
    assert row(found, "IREN")["enterprise_value_usd"] > 0
    assert found.status.droplevel("as_of").loc["RIOT", "enterprise_value_usd"] == "missing"


def test_restricted_cash_is_added_once_and_told_where_it_is_not(miners):
    october = valued(miners, "2026-10-05")
    causes, status = october.causes.droplevel("as_of"), october.status.droplevel("as_of")
    # 463m of March are older than the cash of June, which may include them.
    assert "restricted cash not added: cash may include it" in causes.loc["WULF", "enterprise_value_usd"]
    assert status.loc["WULF", "enterprise_value_usd"] == "proxy"
    assert pd.isna(october.bridge.droplevel("as_of").loc["WULF", "restricted_cash_usd"])
    # 781.7m of June stand beside cash of June that does not include them.
    assert october.bridge.droplevel("as_of").loc["CORZ", "restricted_cash_usd"] == pytest.approx(781.7e6)
    assert "restricted" not in causes.loc["CORZ", "enterprise_value_usd"]
    # 7,030.7m of cash hold the proceeds of project bonds: without netting them the bridge cannot tell which part.
    gross = valued(miners, "2026-10-05", net_restricted_cash=False)
    assert "inside cash, amount unknown" in gross.causes.droplevel("as_of").loc["HUT", "enterprise_value_usd"]


def test_a_converted_note_does_not_take_other_debt_with_it(miners):
    # Bitdeer, May 2025: borrowings of 215.4m are carrying; the 8.50% notes convert (172.5m) and 400m of the 5.25% stay.
    may = valued(miners, "2025-05-16").bridge.droplevel("as_of").loc["BTDR"]
    assert may["debt_usd"] == pytest.approx(215.4e6)
    assert may["debt_converted_usd"] == pytest.approx(172.5e6)
    assert may["debt_after_conversion_usd"] == pytest.approx(400e6)


def test_debt_left_is_never_below_what_is_known_to_stay(miners, weeks):
    bridge, kept = weeks.bridge, weeks.instruments.groupby(["as_of", "ticker"])["debt_kept_usd"].sum()
    kept = kept.reindex(bridge.index).fillna(0.0)
    converts = (bridge["debt_converted_usd"] > 0) & bridge["debt_usd"].notna()
    assert converts.sum() > 500
    assert (bridge.loc[converts, "debt_after_conversion_usd"] >= kept[converts]).all()
    assert (bridge["debt_after_conversion_usd"].dropna() >= 0).all()


def test_preferred_counts_at_what_it_can_be_redeemed_for_within_a_year(miners):
    now = valued(miners, "2026-10-05").bridge.droplevel("as_of").loc["APLD"]
    assert now["preferred_equity_usd"] == pytest.approx(1_825e6)
    assert now["preferred_later_usd"] == pytest.approx(3_285e6)  # 1.80 x 1,825m, from 2028-04-06
    assert valued(miners, "2026-01-16").bridge["preferred_later_usd"].isna().all()  # not published then
    told = data_quality._preferred(valued(miners, "2026-10-05").bridge.droplevel("as_of"))
    assert [(row[0], row[1]) for row in told] == [("note", "APLD")]
    assert "counted at 1,825 m USD, redeemable later at 3,285" in told[0][3]
    near = valued(miners, "2027-04-06").bridge.droplevel("as_of").loc["APLD"]
    assert near["preferred_equity_usd"] == pytest.approx(3_285e6)
    assert pd.isna(near["preferred_later_usd"])
    day_before = valued(miners, "2027-04-05").bridge.droplevel("as_of").loc["APLD"]
    assert day_before["preferred_equity_usd"] < 3_285e6


def test_units_and_options_dilute_from_the_day_on_which_they_were_public(miners):
    def rsus(day: str) -> float:
        rows = valued(miners, day).instruments
        return float(rows.loc[rows["ticker"].eq("CIFR") & rows["kind"].eq("rsu"), "new_shares"].sum())

    assert rsus("2026-05-04") == 0.0
    assert rsus("2026-05-05") == 23_740_399


def test_both_marks_of_a_figure_are_shown(miners):
    october = valued(miners, "2026-10-05")
    marks, status = october.marks.droplevel("as_of"), october.status.droplevel("as_of")
    assert status.loc["WULF", "enterprise_value_usd"] == "proxy"
    assert marks.loc["WULF", "enterprise_value_usd"] == "sp"
    assert marks.loc["APLD", "enterprise_value_usd"] == ""
    assert (marks == "sp").sum().sum() > 10


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


def test_the_premium_is_the_distance_to_the_line_through_the_other_companies(january):
    table, status = january.table.droplevel("as_of"), january.status.droplevel("as_of")
    usable = status[["ev_per_mw_secured", "ai_share_contracted"]].isin(["ok", "stale", "proxy"]).all(axis=1)
    inside = table.index[usable & (table["excluded"] == "")]
    share, ln_value = table["ai_share_contracted"].astype(float), np.log(table["ev_per_mw_secured"].astype(float))
    for ticker in inside:
        others = inside.drop(ticker)
        slope, level = np.polyfit(share[others], ln_value[others], 1)
        expected = np.exp(ln_value[ticker] - level - slope * share[ticker]) - 1
        assert table.at[ticker, "premium_to_line"] == pytest.approx(expected, rel=1e-9), ticker
        assert table.at[ticker, "premium_to_line_low"] < table.at[ticker, "premium_to_line_high"]
    outside = table.index[table["excluded"] != ""]
    assert table.loc[outside, "premium_to_line"].isna().all()
    assert not set(status.loc[outside, "premium_to_line"]) & {"ok", "stale", "proxy"}


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
