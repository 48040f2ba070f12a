"""The gap of hand-made companies, and inputs that cannot answer."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.hand_made import SHARES, VALUES, table
from valuation.assumptions import Assumptions
from valuation.freshness import CURRENT
from valuation.gap.estimate import HEADLINE, STATISTICS, measure, statistic_name
from valuation.groups import RULES

FEW = replace(Assumptions(), bootstrap_draws=199)


def gap_of(value: dict[str, float], share: dict[str, float]):
    return measure(*table(value, share), RULES["share20"], FEW)


def typical_by_hand(pivot: list[float], mining: list[float]) -> float:
    return float(np.exp(np.median([np.log(a / b) for a in pivot for b in mining])))


PIVOT = [4.0, 5.0, 7.0, 6.5, 9.0, 6.0]
MINING = [1.5, 2.5, 2.0, 1.8, 3.0, 2.2]


def test_headline_interval_test_levels_and_sizes_by_hand():
    out = gap_of(VALUES, SHARES)
    head = out.headline
    # Medians: (6 + 6.5) / 2 and (2 + 2.2) / 2.
    assert head["pivot_value"] == pytest.approx(6.25)
    assert head["bitcoin_value"] == pytest.approx(2.1)
    assert head["ratio"] == pytest.approx(typical_by_hand(PIVOT, MINING))
    assert (head["n_pivot"], head["n_bitcoin"]) == (6, 6)
    # The groups do not overlap: the two extreme assignments of 924.
    assert head["p_value"] == head["attainable_p"] == pytest.approx(2 / 924)
    # Tables of the rank-sum test, 6 against 6: the critical U at 5% two-sided is 5, so the 6th smallest and largest ratio.
    pairs = sorted(a / b for a in PIVOT for b in MINING)
    assert (head["low"], head["high"]) == pytest.approx((pairs[5], pairs[-6]))
    assert head["level_reached"] == pytest.approx(1 - 38 / 924)
    assert out.leads == "gap"


def test_the_groups_of_version_0_1():
    # 2026-01-16 in version 0.1.0, m USD per MW. Only 2.51 lies below miners' values, and below two of them: W is two less
    # than its largest, and 2 x (1 + 1 + 2) of the 924 assignments are as extreme.
    pivot, mining = [14.49, 9.15, 7.02, 5.98, 4.40, 2.51], [3.54, 2.57, 1.99, 1.60, 1.44, 1.20]
    names = "ABCDEFGHIJKL"
    shares = dict(zip(names, [0.9] * 6 + [0.0] * 6, strict=True))
    head = gap_of(dict(zip(names, pivot + mining, strict=True)), shares).headline
    assert round(head["ratio"], 2) == 3.54
    assert head["p_value"] == pytest.approx(8 / 924)


def test_every_definition_has_a_row_and_only_the_typical_ratio_has_a_test():
    frame = gap_of(VALUES, SHARES).frame
    assert len(frame) == 5 * 4
    assert frame.iloc[0][["metric", "statistic"]].tolist() == list(HEADLINE)
    typical = frame["statistic"] == "hodges_lehmann"
    tested = ["low", "high", "p_value", "level_reached", "attainable_p"]
    assert frame.loc[typical, tested].notna().all(axis=None)
    assert frame.loc[~typical, tested].isna().all(axis=None)
    rows = frame[frame["metric"] == "ev_per_mw_secured"].set_index("statistic")["ratio"]
    assert rows["median"] == pytest.approx(6.25 / 2.1)
    assert rows["geometric_mean"] == pytest.approx((np.prod(PIVOT) / np.prod(MINING)) ** (1 / 6))
    assert rows["aggregate"] == pytest.approx(sum(PIVOT) / sum(MINING))  # 1,000 MW each
    revenue = frame[(frame["metric"] == "ev_to_ntm_revenue") & (frame["statistic"] == "median")].iloc[0]
    assert revenue["pivot_value"] == pytest.approx(6.25)  # bn of EV over 1bn of revenue


def test_sensitivity_is_the_gap_without_each_company():
    out = gap_of(VALUES, SHARES)
    without = {k: v for k, v in VALUES.items() if k != "E"}
    assert out.sensitivity["E"] == pytest.approx(gap_of(without, SHARES).headline["ratio"])
    assert set(out.sensitivity.index) == set(VALUES)


def test_companies_of_unequal_power():
    companies, status, causes = table(VALUES, SHARES)
    out = measure(companies, status, causes, RULES["share20"], FEW)
    each = companies["enterprise_value_usd"] / 1e6 / companies["operating_mw"]
    pivot, mining = each[list("ABCDEF")], each[list("GHIJKL")]
    assert out.typical("ev_per_mw_operating")["ratio"] == pytest.approx(typical_by_hand(list(pivot), list(mining)))
    unequal = companies.assign(secured_mw=companies["operating_mw"], ev_per_mw_secured=each)
    again = measure(unequal, status, causes, RULES["share20"], FEW)
    assert again.sensitivity["E"] == pytest.approx(typical_by_hand(list(pivot.drop("E")), list(mining)))
    rows = again.frame[again.frame["metric"] == "ev_per_mw_secured"].set_index("statistic")
    assert rows.at["hodges_lehmann", "pivot_value"] == pytest.approx(pivot.median())
    assert rows.at["aggregate", "bitcoin_value"] == pytest.approx(
        companies.loc[list("GHIJKL"), "enterprise_value_usd"].sum()
        / 1e6
        / companies.loc[list("GHIJKL"), "operating_mw"].sum()
    )


@pytest.mark.parametrize(("share", "empty"), [(0.0, "AI group"), (1.0, "mining group")])
def test_an_empty_group_is_a_note_and_no_number(share, empty):
    out = gap_of(VALUES, dict.fromkeys(VALUES, share))
    assert out.frame["note"].eq(f"no company in the {empty}").all()
    assert out.frame[["ratio", "low", "high", "p_value"]].isna().all(axis=None)
    assert out.sensitivity.isna().all()


@pytest.mark.parametrize(("miners", "few"), [("BCDEF", "1 company"), ("BCDE", "2 companies")])
def test_fewer_than_three_have_no_group_headline_and_the_ratio_of_medians_beside(miners, few):
    out = gap_of(VALUES, SHARES | dict.fromkeys(miners, 0.0))
    head = out.headline
    assert head["note"] == f"{few} in the AI group, a group comparison needs 3"
    assert head[["ratio", "low", "high", "p_value"]].isna().all()
    pivots = [VALUES[k] for k in "ABCDEF" if k not in miners]
    others = [v for k, v in VALUES.items() if k not in "ABCDEF" or k in miners]
    medians = out.frame.iloc[1]
    assert medians["ratio"] == pytest.approx(np.median(pivots) / np.median(others))
    assert (head["pivot_value"], head["bitcoin_value"]) == pytest.approx((np.median(pivots), np.median(others)))
    assert out.sensitivity.isna().all()
    assert out.leads == "line"


@pytest.mark.parametrize(("miners", "n", "leads"), [("ABC", 3, "line"), ("AB", 4, "line"), ("A", 5, "gap")])
def test_three_and_four_have_an_interval_and_the_line_leads(miners, n, leads):
    out = gap_of(VALUES, SHARES | dict.fromkeys(miners, 0.0))
    assert out.headline[["ratio", "low", "high", "p_value"]].notna().all()
    assert out.leads == leads
    assert out.headline["note"] == ("" if leads == "gap" else f"small sample: {n} companies in the AI group")


def test_without_one_of_three_the_estimate_is_that_of_two():
    out = gap_of(VALUES, SHARES | dict.fromkeys("ABC", 0.0))
    others = [v for k, v in VALUES.items() if k not in "DEF"]
    assert out.sensitivity["D"] == pytest.approx(typical_by_hand([9.0, 6.0], others))


def test_negative_zero_and_unknown_values_are_left_out_with_the_reason():
    out = gap_of(VALUES | {"A": -1.0, "G": 0.0, "H": np.nan}, SHARES)
    left = out.left_out[out.left_out["metric"] == "ev_per_mw_secured"].set_index("ticker")["reason"]
    assert left.to_dict() == {
        "A": "ev_per_mw_secured not meaningful: enterprise value is not positive",
        "G": "ev_per_mw_secured not meaningful: enterprise value is not positive",
        "H": "ev_per_mw_secured missing: debt_total unknown",
    }
    assert (out.headline["n_pivot"], out.headline["n_bitcoin"]) == (5, 4)
    assert np.isfinite(out.frame["ratio"]).all()


def test_the_excluded_stay_out_whatever_their_figures():
    companies, status, causes = table(VALUES, SHARES)
    companies.loc["E", "excluded"] = "consolidated by D"
    out = measure(companies, status, causes, RULES["share20"], FEW)
    assert not out.members.at["E", "ev_per_mw_secured"]
    assert out.headline["n_pivot"] == 5


def test_multiples_of_revenue_are_on_the_companies_of_the_headline_and_need_three_in_each_group():
    companies, status, causes = table(VALUES, SHARES)
    status.loc["C", "ev_per_mw_secured"], causes.loc["C", "ev_per_mw_secured"] = "missing", "secured MW unknown"
    # Of the miners only G has contracts.
    none = list("HIJKL")
    companies.loc[none, "contracted_revenue_usd"] = 0.0
    status.loc[none, "ev_to_contracted_revenue"] = "not_meaningful"
    out = measure(companies, status, causes, RULES["share20"], FEW)
    revenue, contracted = out.typical("ev_to_ntm_revenue"), out.typical("ev_to_contracted_revenue")
    assert (revenue["n_pivot"], revenue["n_bitcoin"]) == (5, 6)
    assert revenue["ratio"] == pytest.approx(typical_by_hand([4.0, 5.0, 6.5, 9.0, 6.0], MINING))
    reasons = out.left_out[out.left_out["metric"] == "ev_to_ntm_revenue"].set_index("ticker")["reason"]
    assert reasons.to_dict() == {"C": "excluded from the headline"}
    assert (contracted["n_pivot"], contracted["n_bitcoin"]) == (5, 1)
    assert contracted["note"] == "1 company in the mining group, a group comparison needs 3"
    rows = out.frame[out.frame["metric"] == "ev_to_contracted_revenue"]
    assert rows["ratio"].isna().all()
    # Completed EV over contracted revenue of the AI group's companies, by hand.
    ev = (companies["completed_ev_usd"] / 5e8)[["A", "B", "D", "E", "F"]]
    assert rows["pivot_value"].iloc[1] == pytest.approx(ev.median())
    # The headline's own ratio of medians needs no three.
    few = measure(*table(VALUES, SHARES | dict.fromkeys("BCDEF", 0.0)), RULES["share20"], FEW).frame
    assert few.loc[few["statistic"] == "median"].set_index("metric")["ratio"].notna().to_dict() == {
        "ev_per_mw_secured": True, "ev_per_mw_operating": True, "ev_per_mw_weighted": True, "ev_to_ntm_revenue": False,
        "ev_to_contracted_revenue": False,
    }  # fmt: skip


def test_a_contracted_multiple_is_on_completed_enterprise_value_with_its_own_exact_test():
    companies, status, causes = table(VALUES, SHARES)
    row = measure(companies, status, causes, RULES["share20"], FEW).typical("ev_to_contracted_revenue")
    pivot, mining = (companies.loc[list(k), "completed_ev_usd"] / 5e8 for k in ("ABCDEF", "GHIJKL"))
    assert row["ratio"] == pytest.approx(typical_by_hand(list(pivot), list(mining)))
    from scipy.stats import mannwhitneyu

    assert row["p_value"] == pytest.approx(mannwhitneyu(pivot, mining, method="exact").pvalue)
    assert row["n_pivot"] == row["n_bitcoin"] == 6


@pytest.mark.parametrize(
    ("n", "note"),
    [
        (0, "no company in the mining group"),
        (1, "1 company in the mining group, a group comparison needs 3"),
        (2, "2 companies in the mining group, a group comparison needs 3"),
        (3, "small sample: 3 companies in the mining group"),
        (4, "small sample: 4 companies in the mining group"),
        (5, ""),
    ],
)
def test_notes_say_how_few_companies_there_are_up_to_four(n, note):
    names = list("ABCDEF") + list("GHIJKL")[:n]
    head = gap_of({name: VALUES[name] for name in names}, {name: SHARES[name] for name in names}).headline
    assert head["note"] == note
    assert np.isnan(head["ratio"]) == (n < 3)
    assert (head["n_pivot"], head["n_bitcoin"]) == (6, n)


def test_no_company_at_all():
    frame, status, causes = table(VALUES, SHARES)
    out = measure(frame.assign(excluded="comparable"), status, causes, RULES["share20"], FEW)
    assert out.frame["note"].eq("no company in either group").all()
    assert out.left_out.index.tolist() == list(range(5 * 12))
    assert out.headline[["n_pivot", "n_bitcoin"]].tolist() == [0, 0]


def test_half_a_megawatt_and_a_dollar_are_a_company():
    frame, status, causes = table(VALUES, SHARES)
    frame.loc["A", "secured_mw"], frame.loc["B", "enterprise_value_usd"] = 0.5, 1.0
    out = measure(frame, status, causes, RULES["share20"], FEW)
    assert out.members.loc[["A", "B"], "ev_per_mw_secured"].tolist() == [True, True]


def test_statistics_are_named_as_a_column_is():
    assert [statistic_name(name) for name in STATISTICS] == [
        "Typical ratio",
        "Medians",
        "Geometric means",
        "Aggregates",
    ]


def test_beside_the_headline_no_ratio_stands_on_fewer_than_three():
    names = list("ABCDEF") + list("GH")
    frame = gap_of({name: VALUES[name] for name in names}, {name: SHARES[name] for name in names}).frame
    medians = frame[frame["statistic"] == "median"].set_index("metric")["ratio"]
    assert medians["ev_per_mw_secured"] == pytest.approx(6.25 / 2.0)
    assert medians[["ev_to_ntm_revenue", "ev_to_contracted_revenue"]].isna().all()


def test_a_denominator_of_zero_and_a_value_below_zero_are_left_out_with_their_reason():
    frame, status, causes = table(VALUES, SHARES)
    frame.loc["A", "secured_mw"], frame.loc["B", "enterprise_value_usd"] = 0.0, -1.0
    left = measure(frame, status, causes, RULES["share20"], FEW).left_out
    mine = left[left["metric"] == "ev_per_mw_secured"].set_index("ticker")["reason"].to_dict()
    assert mine == {"A": "secured_mw is zero", "B": "enterprise value is not positive"}


def test_each_multiple_rests_on_its_own_companies_and_inputs():
    as_of = pd.Timestamp("2026-01-16")
    companies, status, causes = table(VALUES, SHARES)
    status.loc["A", "ev_to_ntm_revenue"], causes.loc["A", "ev_to_ntm_revenue"] = "missing", "ntm_revenue unknown"
    causes.loc["B", "ev_to_ntm_revenue"] = "cash old"  # of the multiple itself
    causes.loc["C", "secured_mw"] = "mw_secured old"  # of a denominator
    found = measure(companies, status, causes, RULES["share20"], FEW)
    ages = pd.DataFrame(
        {"ticker": list(VALUES), "item": "price_usd", "title": "close", "period_end": as_of, "stale": False}
    )
    of_facts = pd.DataFrame(
        {"ticker": ["B", "C"], "item": ["cash", "mw_secured"], "title": ["cash", "secured MW"], "stale": True}
    ).assign(period_end=pd.Timestamp("2025-01-31"))
    out = found.resting_on(pd.concat([ages, of_facts], ignore_index=True), causes, as_of, FEW)
    headline, revenue = out.basis, out.basis_of("ev_to_ntm_revenue")
    assert (headline.n, headline.n_stale, headline.oldest) == (12, 1, "secured MW of 31 January 2025, C")
    assert (revenue.n, revenue.n_stale) == (11, 1)
    assert revenue.oldest.endswith("of 31 January 2025, B")
    assert headline.measure == "EV per secured MW"
    assert found.basis == CURRENT
    bare = found.resting_on(ages, causes.drop(columns=["secured_mw"]), as_of, FEW)
    assert bare.basis.n_stale == 0
