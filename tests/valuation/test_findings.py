"""Findings: the rules that decide what is said, the figures behind each sentence, and plain words."""

from __future__ import annotations

import json
import math
import re
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.hand_made import slope
from valuation._summary import as_json
from valuation._words import count, interval, listed, multiple, p_value, percent, usd
from valuation.errors import UnknownName
from valuation.events import findings as events
from valuation.findings import CAN, CANNOT, NOTE, Finding, can_and_cannot, texts
from valuation.gap import findings as gap
from valuation.gap import study_findings as study
from valuation.gap.joint_test import JointTest
from valuation.regression import findings as regression
from valuation.revenue_mix.findings import claim

NAN = float("nan")
PRIVATE = re.compile(
    r"\bmiddle\b|\blet MW\b|more than chance|cannot be told|holds the truth|handed out|\bpivots?\b|\bworth\b|\btold\b"
    r"|\btells\b"
    r"|dearer|left out|\bbeside\b|who counted|\bdoubts?\b|as surely|borne out"
)
# 8.0x as the ratio of 6 AI-group and 6 mining companies; a test changes what it is about.
ROW = pd.Series(
    {"metric": "ev_per_mw_secured", "statistic": "hodges_lehmann", "ratio": 8.0, "low": 4.0, "high": 16.0,
     "p_value": 0.01, "pivot_value": 8.0, "bitcoin_value": 1.0, "n_pivot": 6, "n_bitcoin": 6, "note": "",
     "level_reached": 0.9589, "attainable_p": 2 / 924}
)  # fmt: skip


def row(**changes) -> pd.Series:
    out = ROW.copy()
    for name, value in changes.items():
        out[name] = value
    return out


def test_texts_of_all_kinds_or_of_some():
    found = [Finding("a", CAN), Finding("b", CANNOT), Finding("c", NOTE), Finding("d", CAN)]
    assert texts(found) == ["a", "b", "c", "d"]
    assert texts(found, CAN, NOTE) == ["a", "c", "d"]
    assert can_and_cannot(iter(found)) == (["a", "d"], ["b"])


def kinds(found) -> list[str]:
    return [one.kind for one in found]


def test_the_estimate_says_level_and_interval_or_why_there_is_none():
    (found,) = gap.estimate(ROW, 0.95)
    assert found.text == (
        "A typical AI-group company trades at 8.0x the enterprise value per secured MW of a typical mining company "
        "(95% confidence interval 4.0x to 16.0x)."
    )
    assert (found.kind, found.figures["ratio"], found.figures["n_pivot"]) == (CAN, 8.0, 6)
    (found,) = gap.estimate(row(statistic="median", low=NAN), 0.95)
    assert found.text == (
        "The median AI-group company trades at 8.0x the enterprise value per secured MW of the median mining company."
    )
    (found,) = gap.estimate(row(statistic="aggregate", metric="ev_per_mw_operating", low=NAN), 0.95)
    assert (
        found.text
        == "The AI group trades at 8.0x the enterprise value per operating MW of the mining group (aggregate)."
    )
    (found,) = gap.estimate(row(ratio=NAN, note="no company in the mining group"), 0.95)
    assert (found.kind, found.text) == (CANNOT, "Estimate not available: no company in the mining group.")


def test_an_interval_names_the_level_that_small_groups_reach():
    (found,) = gap.estimate(row(n_pivot=3, n_bitcoin=3, level_reached=0.9), 0.95)
    assert "(90% confidence interval 4.0x to 16.0x, the highest level that groups of this size reach)" in found.text


@pytest.mark.parametrize(
    ("changes", "kind", "words"),
    [
        ({}, CAN, "The gap is statistically significant at 5% (exact Wilcoxon rank-sum test, p = 0.010)."),
        ({"p_value": 0.05}, CAN, "statistically significant at 5%"),
        ({"p_value": 0.051}, CANNOT, "The gap is not statistically significant at 5%"),
        ({"low": 0.3, "high": 0.9, "ratio": 0.5}, CAN, "The AI group trades below the mining group"),
    ],
)
def test_significance_is_that_of_the_exact_test(changes, kind, words):
    (found,) = gap.significance(row(**changes))
    assert found.kind == kind
    assert words in found.text


def test_without_a_test_nothing_is_said_of_significance():
    assert gap.significance(row(p_value=NAN)) == gap.significance(row(ratio=NAN)) == []


def test_the_smallest_attainable_p_is_said_where_it_is_large():
    assert gap.attainable_p(ROW) == []
    (found,) = gap.attainable_p(row(n_pivot=3, n_bitcoin=4, attainable_p=2 / 35))
    assert found.text == (
        "Small sample: with 3 AI-group companies and 4 mining companies no ratio, however large, can reach a p-value below "
        "0.057."
    )


def test_a_small_group_is_a_note():
    assert gap.small_sample(ROW) == []
    (found,) = gap.small_sample(row(n_bitcoin=2))
    assert (found.kind, found.text) == (NOTE, "Small sample: 2 mining companies.")
    assert gap.small_sample(row(n_bitcoin=1))[0].text == "Small sample: 1 mining company."


@pytest.mark.parametrize(
    ("p", "low", "high", "expected", "words"),
    [
        (0.17, 1.7, 6.4, [CAN, CANNOT], "cannot be rejected (p = 0.17); ratios between 1.7x and 6.4x are consistent"),
        (0.04, 2.5, 9.0, [CAN], "The ratio is above 2.0x"),
        (NAN, NAN, NAN, [], ""),
    ],
)  # fmt: skip
def test_a_ratio_of_two_is_rejected_or_not(p, low, high, expected, words):
    found = study.claimed_ratio(row(low=low, high=high), p)
    assert kinds(found) == expected
    assert words in " ".join(texts(found))


def test_another_statistic_borrows_no_test():
    assert study.another_statistic(ROW, ROW, 0.95) == []
    (found,) = study.another_statistic(row(statistic="median", low=NAN, p_value=NAN), ROW, 0.95)
    assert found.text == (
        "This statistic has no interval of its own; the typical ratio of the same companies is 8.0x (95% confidence "
        "interval 4.0x to 16.0x, p = 0.010)."
    )


def test_the_gap_over_revenue_has_its_own_test():
    def said(ratio: float, p: float = 0.01):
        frame = pd.DataFrame([row(metric="ev_to_ntm_revenue", ratio=ratio, p_value=p)])
        (found,) = gap.over_revenue(frame, 3.6)
        return found.kind, found.text

    assert said(1.9)[0] == CAN
    assert said(1.9)[1] == (
        "On EV over revenue of the next twelve months the typical ratio is 1.9x (4.0x to 16.0x, p = 0.010, 6 AI-group "
        "companies and 6 mining companies), against 3.6x per MW: the AI group trades above the mining group."
    )
    assert said(0.8)[1].endswith("the AI group trades below the mining group.")
    kind, text = said(0.8, p=0.2)
    assert kind == CANNOT
    assert "p = 0.20, 6 AI-group" in text
    assert text.endswith("no statistically significant difference between the groups.")
    of_contracts = row(metric="ev_to_contracted_revenue", ratio=0.8, p_value=0.04)
    both = gap.over_revenue(pd.DataFrame([row(metric="ev_to_ntm_revenue", p_value=0.2), of_contracts]), 3.6)
    assert kinds(both) == [CANNOT, CAN]
    assert both[1].text.startswith("On completed EV over contracted AI revenue a year the typical ratio is 0.80x")
    assert gap.over_revenue(pd.DataFrame([of_contracts]), NAN) == []
    assert gap.over_revenue(pd.DataFrame([row(metric="ev_to_ntm_revenue", ratio=NAN)]), 3.6) == []


JOINT = JointTest(1.8, 0.01, 13, 640, 999, 0)


@pytest.mark.parametrize(
    ("p", "kind", "words"),
    [
        (0.01, CAN, "together the gap is statistically significant"),
        (0.06, CANNOT, "but the declared headline is not significant (p = 0.060): no gap is claimed"),
        (NAN, CANNOT, "but the declared headline has too few companies for a test: no gap is claimed"),
    ],
)
def test_the_joint_test_claims_nothing_that_the_headline_does_not(p, kind, words):
    (found,) = study.all_specifications(JOINT, row(p_value=p))
    assert found.kind == kind
    assert words in found.text
    assert ("statistically significant" in found.text) == (kind == CAN)
    assert study.all_specifications(replace(JOINT, p_value=0.2), row(p_value=p)) == []


def checks(**changes) -> SimpleNamespace:
    known = {
        "growth": 0.5, "growth_range": (0.2, 0.8), "slope": 0.4, "path": range(53), "independent_weeks": 9.0, "p": 0.03,
        "claimed": True, "objections": (), "break_p": 0.4, "break_before": 0.0, "break_after": math.log(2),
        "break_on": pd.Timestamp("2025-07-04"),
    }  # fmt: skip
    return SimpleNamespace(**known | changes)


def test_a_trend_is_claimed_only_where_all_agree_and_says_how_many_weeks_it_is_like():
    found, level = study.through_time_findings(checks(), None)
    assert found.text == (
        "The gap widened over these weeks (factor of 1.50 a year, p = 0.030; excluding any single company, 1.20 to 1.80); "
        "the 53 weekly observations overlap and carry about as much information as 9 independent ones."
    )
    assert kinds([found, level]) == [CAN, CANNOT]
    assert level.text == "The level of the gap has no statistically significant break (p = 0.40)."
    turned = ("the slope changes its sign without HIVE",)
    found, _ = study.through_time_findings(checks(claimed=False, objections=turned, growth_range=(-0.1, 0.8)), None)
    assert found.kind == CANNOT
    assert found.text.startswith(
        "No trend of the gap can be established (the slope changes its sign without HIVE; p = 0.030): factor of 1.50 a "
        "year; excluding any single company, 0.90 to 1.80;"
    )
    _, level = study.through_time_findings(checks(break_p=0.02), None)
    assert level.kind == CAN
    assert (
        level.text
        == "The level of the gap changed in the week to 4 July 2025: 1.0x before, 2.0x from then on (p = 0.020)."
    )
    assert study.through_time_findings(None, None) == []


def test_the_regression_speaks_of_the_ratio_from_none_to_all():
    (found,) = regression.association(slope(0.005, math.log(2.4), math.log(1.3), math.log(5.5)), 0.95)
    assert found.text == (
        "Across 13 companies, moving from no contracted AI revenue to 100% is associated with a value per secured MW 2.4x "
        "as high (95% confidence interval 1.3x to 5.5x, p = 0.005)."
    )
    assert found.figures["ratio"] == pytest.approx(2.4)
    weak = slope(0.3, 0.1, -0.2, 0.4)
    assert regression.association(weak, 0.95) == []
    assert kinds(regression.no_association(weak)) == [CANNOT]
    assert regression.no_association(slope(0.01, 0.8, 0.2, 1.4)) == []


@pytest.mark.parametrize(
    ("p", "given", "kind", "words"),
    [
        (0.03, 0.02, CAN, "remains significant when it is controlled for"),
        (0.03, 0.4, CANNOT, "with it as a control the contracted share has p = 0.40"),
        (0.03, NAN, CANNOT, "the two shares move together"),
    ],
)
def test_the_placebo(p, given, kind, words):
    (found,) = regression.placebo(p, given)
    assert found.kind == kind
    assert words in found.text


def test_the_second_regressor_speaks_by_its_own_test():
    wild = SimpleNamespace(estimate=math.log(3), low=math.log(2), high=math.log(4.5), p_value=0.004, n=12)
    (found,) = regression.second_regressor(wild, 0.95)
    assert (found.kind, found.text) == (
        CAN,
        "The leased share of secured MW, a second regressor, is associated with value: from none to all of the secured MW "
        "leased, a ratio of 3.0x in value per secured MW (95% confidence interval 2.0x to 4.5x, p = 0.004, n = 12).",
    )
    wild.p_value = 0.4
    (found,) = regression.second_regressor(wild, 0.95)
    assert found.kind == CANNOT
    assert "no statistically significant association" in found.text


def test_a_silent_placebo_says_nothing():
    assert regression.placebo(0.3, 0.01) == regression.placebo(NAN, NAN) == []


def test_methods_that_disagree_are_named():
    assert regression.methods_disagree({"a": 0.01, "b": 0.04}) == []
    assert "p from 0.010 to 0.20" in regression.methods_disagree({"a": 0.01, "b": 0.2})[0].text


def test_a_mix_without_a_breakdown_has_no_estimate():
    sector = pd.DataFrame({"bitcoin_share": [NAN]}, index=pd.PeriodIndex(["2025Q3"], freq="Q"))
    (found,) = claim(sector, pd.DataFrame(), pd.Series(dtype=float))
    assert found.kind == CANNOT
    assert found.text.startswith(
        "Estimate not available for the claim that bitcoin falls from 85% of revenue to below 20%"
    )


def test_raises_are_adjusted_for_the_number_of_tests():
    tests = pd.DataFrame(
        {"instrument": ["equity", "convertible", "at-the-market", "all"], "sample": "all", "window": "[0]",
         "n": [9, 9, 1, 19], "mean": [-0.05, 0.01, 0.0, -0.02], "t_p": [0.02, 0.8, NAN, 0.1]}
    )  # fmt: skip
    can, cannot = can_and_cannot(events.raises(tests))
    assert can == [
        "Equity, all events, window [0]: mean excess return -5.0% (n = 9, p = 0.020; p = 0.040 after Holm's adjustment for "
        "2 tests)."
    ]
    assert cannot == ["Small sample: at-the-market (n = 1); 4 dated raises are needed for a test."]
    none = events.raises(tests.assign(t_p=[0.04, 0.8, NAN, 0.1]))
    assert "the smallest has p = 0.040 (equity, all, [0]), p = 0.080 after Holm's adjustment" in none[0].text


def everything(report) -> list:
    companies = report.nav.nav.table.index.get_level_values("ticker")
    found = [*report.findings, *report.gap.findings, *report.regression.findings, *report.studies.gap.history.findings]
    return found + [one for ticker in companies for one in report.nav.caveats(ticker)]


def test_every_finding_is_a_whole_plain_sentence_with_its_figures(report):
    found = everything(report)
    assert len(found) > 60
    for one in found:
        assert one.kind in (CAN, CANNOT, NOTE)
        assert one.text.endswith(".")
        assert not one.text.startswith(("That ", "Anything"))
        assert PRIVATE.search(one.text) is None, one.text
        assert "nan" not in one.text.casefold().split(), one.text
        json.dumps(as_json(one), allow_nan=False)
        if one.p is not None and not math.isnan(one.p):
            assert 0 <= one.p <= 1


def test_findings_agree_with_the_figures_of_the_studies(report):
    by_text = {one.text: one for one in report.studies.findings}
    level = next(one for text, one in by_text.items() if text.startswith("A typical AI-group company"))
    assert level.figures["ratio"] == report.gap.headline["ratio"]
    slope_found = next(one for text, one in by_text.items() if text.startswith("Across 13 companies"))
    assert slope_found.figures["ratio"] == pytest.approx(np.exp(report.regression.slope))
    nav = report.nav.findings
    share = next(one for one in nav if "its net asset value by DCF" in one.text).figures
    inside = report.nav.book.excluded.droplevel("as_of") == ""
    table, status = report.nav.nav.table.droplevel("as_of"), report.nav.nav.status.droplevel("as_of")
    # On this day every price and share count of a miner is fresh.
    ratio = table.loc[inside & status["p_nav_dcf"].isin(["ok", "stale", "proxy"]), "p_nav_dcf"].dropna()
    assert share == {"median": ratio.median(), "lowest": ratio.min(), "highest": ratio.max(), "n": len(ratio)}


def test_caveats_of_an_unknown_company_are_one_clear_error(report):
    with pytest.raises(UnknownName, match="no company 'XYZ' in the net asset values"):
        report.nav.caveats("XYZ")


def test_a_screen_without_a_regression_says_why(report):
    bare = replace(
        report,
        regression=None,
        regression_note="a regression needs at least 4 companies, the sample has 2",
        studies=None,
    )
    assert "Regression not available: a regression needs at least 4 companies, the sample has 2." in texts(
        bare.findings
    )
    assert "Regression not available" in str(bare)


def test_figures_in_words():
    assert [multiple(v) for v in (3.614, 0.888, 0.9999, 250.0, NAN, math.inf)] == [
        "3.6x", "0.89x", "1.0x", "250x", "n/a", "unbounded",
    ]  # fmt: skip
    assert [percent(v) for v in (0.738, 0.05, 0.123, 0.012, 0.0, NAN, 1.3)] == [
        "74%",
        "5%",
        "12%",
        "1.2%",
        "0%",
        "n/a",
        "130%",
    ]
    assert percent(0.55, signed=True) == "+55%"
    assert [p_value(v) for v in (0.361, 0.034, 0.0004, NAN)] == ["p = 0.36", "p = 0.034", "p < 0.001", "p n/a"]
    assert interval(1.66, 6.44) == "1.7x to 6.4x"
    assert [usd(v) for v in (8.69e6, 1.25e9, -3.1e8, NAN)] == ["$8.7m", "$1.2bn", "-$310.0m", "n/a"]
    assert [count(n, "company", "companies") for n in (1, 3)] == ["1 company", "3 companies"]
    assert [listed(names) for names in ([], ["A"], ["A", "B", "C"])] == ["none", "A", "A, B and C"]
