"""What changed between two screens: one known week, and changes made by hand one at a time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from screener import pipeline
from valuation.comparison.attribution import FACTORS
from valuation.comparison.changes import Snapshot, compare


@pytest.fixture(scope="module")
def weeks() -> tuple[Snapshot, Snapshot]:
    made = [pipeline.run("miners", pd.Timestamp(day), source="bundled") for day in ("2026-01-09", "2026-01-16")]
    return Snapshot.of(made[0]), Snapshot.of(made[1])


def test_the_week_of_the_amd_lease(weeks):
    changes = compare(*weeks)
    assert changes.contracts[["change", "contract_id"]].values.tolist() == [["signed", "RIOT-AMD-202601"]]
    assert changes.settings == ()
    bitcoin = changes.facts.query("ticker == 'RIOT' and item == 'btc_held'").iloc[0]
    assert (bitcoin["change"], bitcoin["old"], bitcoin["new"]) == ("newer period", 18_005, 16_925)
    riot = changes.companies.loc["RIOT"]
    # prices.csv: 15.32 on the 9th, 19.24 on the 16th.
    assert riot["price_change"] == pytest.approx(19.24 / 15.32 - 1)
    assert (riot["rank_before"], riot["rank_after"]) == (8, 7)


def test_the_attribution_sums_to_the_change_that_the_screens_show_for_every_company(weeks):
    changes = compare(*weeks)
    parts = changes.attribution.frame
    known = changes.companies["per_mw_change"].notna()
    assert known.sum() == 14
    total = parts.loc[known, list(FACTORS)].sum(axis=1)
    np.testing.assert_allclose(total, changes.companies.loc[known, "per_mw_change"], rtol=0, atol=1e-13)
    assert (parts.loc[~known, "cause"] != "").all()


def test_a_screen_beside_itself_has_no_changes(weeks):
    changes = compare(weeks[0], weeks[0])
    for frame in (changes.contracts, changes.facts, changes.names, changes.issues, changes.group_moves):
        assert frame.empty
    assert (changes.attribution.frame[list(FACTORS)].dropna() == 0).all().all()


def test_a_restated_fact_is_told_with_old_new_and_source(weeks):
    before, after = weeks
    facts = after.facts.copy()
    row = facts.index[(facts["ticker"] == "CLSK") & (facts["item"] == "cash")][0]
    old = facts.at[row, "value"]
    facts.loc[row, ["value", "source", "published_on"]] = [old + 5e6, "financials.csv:9", pd.Timestamp("2026-01-15")]
    told = compare(before, replace(after, facts=facts)).facts.query("change == 'restated'")
    assert told[["ticker", "item", "old", "new", "source"]].values.tolist() == [
        ["CLSK", "cash", old, old + 5e6, "financials.csv:9"]
    ]


def test_a_fact_first_known_and_a_fact_no_longer_used(weeks):
    before, after = weeks
    facts = after.facts[~((after.facts["ticker"] == "CLSK") & (after.facts["item"] == "btc_held"))]
    extra = facts.iloc[[0]].assign(ticker="CLSK", item="preferred_equity", value=1e6)
    changes = compare(before, replace(after, facts=pd.concat([facts, extra], ignore_index=True))).facts
    told = {(r.change, r.ticker, r.item) for r in changes.itertuples()}
    assert ("new", "CLSK", "preferred_equity") in told
    assert ("no longer used", "CLSK", "btc_held") in told


def test_names_that_come_go_and_leave_the_statistics(weeks):
    before, after = weeks
    without = replace(before, table=before.table.drop("KEEL"), status=before.status.drop("KEEL"))
    gone = replace(after, table=after.table.drop("HIVE"), status=after.status.drop("HIVE"))
    status = gone.status.copy()
    status.loc["MARA", "ev_per_mw_secured"] = "missing"
    causes = gone.causes.copy()
    causes.loc["MARA", "ev_per_mw_secured"] = "cash unknown"
    told = compare(without, replace(gone, status=status, causes=causes)).names.values.tolist()
    assert ["new name", "KEEL", "Keel Infrastructure Corp."] in told
    assert ["dropped name", "HIVE", "HIVE Digital Technologies Ltd."] in told
    assert ["left the statistics", "MARA", "cash unknown"] in told


def test_contracts_that_end_or_change_terms(weeks):
    before, after = weeks
    contracts = after.contracts.copy()
    contracts.loc[contracts["contract_id"] == "RIOT-AMD-202601", "owned_value_usd"] = 1e9
    reverse = compare(replace(after, contracts=contracts), before).contracts
    assert reverse[["change", "contract_id"]].values.tolist() == [["ended", "RIOT-AMD-202601"]]
    changed = compare(after, replace(after, contracts=contracts)).contracts
    assert changed[["change", "contract_id"]].values.tolist() == [["terms changed", "RIOT-AMD-202601"]]


def test_a_problem_whose_detail_counts_on_is_the_same_problem(weeks):
    after = weeks[1]
    later = replace(after, issues=after.issues.assign(detail=after.issues["detail"] + " (8 days)"))
    assert compare(after, later).issues.empty
    fewer = replace(after, issues=after.issues.iloc[1:])
    gone = compare(after, fewer).issues
    assert gone[["change", "ticker", "what"]].values.tolist() == [["gone", *after.issues.iloc[0][["ticker", "what"]]]]


def test_settings_that_differ_are_told_since_they_are_not_the_market(weeks):
    before, after = weeks
    manifest = {**after.manifest, "group_rule": "signed"}
    manifest["switches"] = {**manifest["switches"], "net_bitcoin": False}
    assert compare(before, replace(after, manifest=manifest)).settings == (
        "group rule: share20 before, signed now",
        "net bitcoin: True before, False now",
    )


def test_another_universe_is_a_setting_and_one_without_a_common_company_cannot_be_compared(weeks):
    before, after = weeks
    other = replace(after, universe="others", manifest={**after.manifest, "universe": "others"})
    assert compare(before, other).settings == ("universe: miners before, others now",)
    names = {f"X{ticker}": ticker for ticker in after.table.index}
    renamed = replace(other, table=after.table.rename(index={t: n for n, t in names.items()}))
    with pytest.raises(ValueError, match="no company is in both"):
        compare(before, renamed)


def test_without_a_companys_change_the_gap_and_the_premium_are_what_its_effect_says(weeks):
    before, after = weeks
    effects = compare(before, after).effects
    inside = after.ranks.notna()
    for ticker in ("IREN", "RIOT", "MARA"):
        value = after.table["ev_per_mw_secured"].astype(float).copy()
        share = after.table["ai_share_contracted"].astype(float).copy()
        group = after.table["group"].copy()
        for column, name in ((value, "ev_per_mw_secured"), (share, "ai_share_contracted"), (group, "group")):
            column[ticker] = before.table.at[ticker, name]
        logs = np.log(value[inside])
        ratios = sorted(
            a - b for t, a in logs.items() for u, b in logs.items() if (group[t], group[u]) == ("pivot", "bitcoin")
        )
        gap = np.exp(np.median(ratios))
        assert effects.at[ticker, "gap_effect"] == pytest.approx(after.headline["ratio"] - gap, abs=1e-12)
        known = inside & share.notna()
        slope = np.polyfit(share[known], np.log(value[known]), 1)[0]
        assert effects.at[ticker, "premium_effect"] == pytest.approx(
            after.headline["premium"] - np.expm1(slope), abs=1e-9
        )
    nothing = compare(after, after).effects
    assert (nothing == 0).all().all()


def test_lines_of_the_bridge_add_up_to_the_change_of_ev(weeks):
    changes = compare(*weeks)
    by_company = changes.lines.groupby("ticker")["ev_effect"].sum()
    ev = changes.companies["ev_after"] - changes.companies["ev_before"]
    for ticker in ("IREN", "RIOT", "CLSK"):
        assert by_company[ticker] == pytest.approx(ev[ticker], abs=1.0)
    assert changes.lines["ev_effect"].abs().is_monotonic_decreasing


def test_metrics_differ_by_value_or_status_the_largest_first(weeks):
    before = weeks[0]
    table, status = before.table.copy(), before.status.copy()
    table.loc["RIOT", "secured_mw"] *= 2
    table.loc["MARA", "operating_mw"] *= 1.1
    status.loc["CLSK", "hosted_mw"] = "stale"
    found = compare(before, replace(before, table=table, status=status)).metrics
    assert found[["ticker", "metric"]].values.tolist()[:2] == [["RIOT", "secured_mw"], ["MARA", "operating_mw"]]
    assert found["change"].iloc[0] == pytest.approx(1.0)
    assert ["CLSK", "hosted_mw"] in found[["ticker", "metric"]].values.tolist()
    assert len(found) == 3


def test_sentences_with_other_figures_are_told_apart_from_new_ones(weeks):
    before, after = weeks
    old = replace(before, findings=("The gap is 2.1x (p = 0.04).", "One company is new.", "Same."))
    new = replace(after, findings=("The gap is 3.6x (p = 0.01).", "Bitcoin fell.", "Same."))
    assert compare(old, new).sentences.values.tolist() == [
        ["new", "", "Bitcoin fell."],
        ["gone", "One company is new.", ""],
        ["figures", "The gap is 2.1x (p = 0.04).", "The gap is 3.6x (p = 0.01)."],
    ]
    assert compare(replace(before, findings=None), new).sentences.empty


def test_facts_come_with_the_effect_of_their_line_the_largest_first(weeks):
    changes = compare(*weeks)
    facts, parts = changes.facts, changes.attribution.frame
    row = facts.query("ticker == 'RIOT' and item == 'btc_held'").iloc[0]
    assert (row["factor"], row["effect"]) == ("bitcoin", parts.at["RIOT", "bitcoin"])
    assert facts["effect"].dropna().abs().is_monotonic_decreasing
