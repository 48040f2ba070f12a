"""What is said of the gap at the bounds of its tests: just significant, just rejected, just large enough."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.test_findings import JOINT, NAN, checks, kinds, row
from valuation.findings import CAN, CANNOT, NOTE
from valuation.gap import decomposition_findings, findings, study_findings


def test_a_typical_ratio_without_an_interval_and_the_other_statistics_say_what_they_are():
    (bare,) = findings.estimate(row(low=NAN), 0.95)
    assert bare.text == (
        "A typical AI-group company trades at 8.0x the enterprise value per secured MW of a typical mining company."
    )
    (mean,) = findings.estimate(row(statistic="geometric_mean"), 0.95)
    assert mean.text == (
        "The AI group trades at 8.0x the enterprise value per secured MW of the mining group (geometric mean)."
    )


@pytest.mark.parametrize(("reached", "short"), [(0.95, False), (0.95 - 5e-10, False), (0.9499, True), (0.96, False)])
def test_a_level_is_short_where_the_groups_do_not_reach_it(reached, short):
    text = findings.reach(row(level_reached=reached), 0.95)
    assert text.endswith("of this size reach") == short
    assert text.startswith("95% confidence interval 4.0x to 16.0x")


@pytest.mark.parametrize(("ratio", "below"), [(0.99, True), (1.0, False), (1.5, False)])
def test_a_significant_gap_is_below_where_its_ratio_is_below_one(ratio, below):
    assert ("trades below" in findings.significance(row(ratio=ratio))[0].text) == below
    frame = pd.DataFrame([row(metric="ev_to_ntm_revenue", ratio=ratio)])
    (beside,) = findings.over_revenue(frame, 3.6)
    assert beside.text.endswith(f"trades {'below' if below else 'above'} the mining group.")
    assert beside.kind == CAN
    assert findings.over_revenue(frame.assign(p_value=0.051), 3.6)[0].kind == CANNOT


def test_only_multiples_of_revenue_stand_beside_the_gap():
    frame = pd.DataFrame([row(), row(metric="ev_to_ntm_revenue"), row(metric="ev_to_ntm_revenue", statistic="median")])
    (found,) = findings.over_revenue(frame, 3.6)
    assert found.figures["ratio_per_mw"] == 3.6
    assert found.figures["ratio"] == 8.0


@pytest.mark.parametrize(("smallest", "said"), [(0.01, False), (0.0101, True), (0.5, True), (NAN, False)])
def test_the_smallest_attainable_p_is_said_above_one_percent(smallest, said):
    assert bool(findings.attainable_p(row(attainable_p=smallest))) == said
    assert findings.attainable_p(row(attainable_p=smallest, ratio=NAN)) == []


@pytest.mark.parametrize(
    ("n_pivot", "n_bitcoin", "told"),
    [(4, 9, "4 AI-group companies"), (9, 1, "1 mining company"), (5, 9, ""), (0, 9, ""), (9, 0, "")],
)
def test_one_to_four_companies_are_a_small_sample(n_pivot, n_bitcoin, told):
    found = findings.small_sample(row(n_pivot=n_pivot, n_bitcoin=n_bitcoin))
    assert [one.text for one in found] == ([f"Small sample: {told}."] if told else [])


def test_nothing_is_said_of_cause_where_there_is_no_ratio():
    assert findings.not_causal(row(ratio=NAN)) == []
    assert kinds(findings.not_causal(row())) == [CANNOT]


@pytest.mark.parametrize(
    ("p", "ratio", "words"),
    [(0.05, 2.5, "is above 2.0x"), (0.05, 2.0, "is below 2.0x"), (0.051, 2.5, "cannot be rejected")],
)
def test_a_ratio_of_two_is_rejected_up_to_five_percent(p, ratio, words):
    assert words in study_findings.claimed_ratio(row(ratio=ratio), p)[0].text
    assert study_findings.claimed_ratio(row(ratio=NAN), p) == []


@pytest.mark.parametrize(("p", "said"), [(0.05, 1), (0.0501, 0)])
def test_the_joint_test_speaks_up_to_five_percent(p, said):
    assert len(study_findings.all_specifications(replace(JOINT, p_value=p), row())) == said
    assert study_findings.all_specifications(None, row()) == []


@pytest.mark.parametrize(
    ("slope", "moved"), [(0.4, "widened"), (-0.4, "narrowed"), (0.0, "narrowed"), (1.4, "widened")]
)
def test_a_claimed_trend_has_a_direction(slope, moved):
    found = study_findings.trend(checks(slope=slope))
    assert found.text.startswith(f"The gap {moved} over these weeks")
    assert found.figures == {
        "growth": 0.5, "lowest_growth": 0.2, "highest_growth": 0.8, "weeks": 53, "independent_weeks": 9.0
    }  # fmt: skip


@pytest.mark.parametrize(("p", "kind"), [(0.05, CAN), (0.0501, CANNOT)])
def test_a_break_is_significant_up_to_five_percent(p, kind):
    assert study_findings.level_break(checks(break_p=p)).kind == kind


@pytest.mark.parametrize(
    ("ev", "mw", "membership", "by_members"),
    [
        (0.1, 0.2, 0.4, True), (0.1, 0.2, -0.4, True), (-0.5, 0.0, 0.4, False), (0.3, -0.2, 0.2, True),
        (0.25, 0.0, 0.25, False),
    ],
)  # fmt: skip
def test_the_larger_part_of_a_change_is_its_source_up_or_down(ev, mw, membership, by_members):
    totals = pd.Series({"enterprise_value": ev, "megawatts": mw, "membership": membership})
    (found,) = study_findings.turnover(SimpleNamespace(totals=totals))
    assert ("comes from companies that changed group" in found.text) == by_members
    assert found.figures == {"stayed": pytest.approx(np.exp(ev + mw)), "membership": pytest.approx(np.exp(membership))}
    assert study_findings.turnover(None) == []


@pytest.mark.parametrize(
    ("low", "high", "excludes"),
    [
        (0.0, 1.0, False),
        (-1.0, 0.0, False),
        (0.01, 1.0, True),
        (-1.0, -0.01, True),
        (0.5, 2.0, True),
        (NAN, NAN, False),
    ],
)
def test_an_interval_that_ends_on_zero_does_not_exclude_it(low, high, excludes):
    assert decomposition_findings._excludes_zero({"part_low": low, "part_high": high}, "part") == excludes


def test_stale_data_are_a_note_with_their_counts():
    basis = SimpleNamespace(
        stale_data="Of 9 figures 2 are old.",
        n=9,
        n_stale=2,
        n_old_closes=1,
        n_stale_facts=1,
        first_close=None,
        last_close=None,
    )
    (found,) = findings.stale_data(basis)
    assert (found.kind, found.figures["n_stale"], found.figures["n"]) == (NOTE, 2, 9)
    assert findings.stale_data(SimpleNamespace(stale_data="")) == []
