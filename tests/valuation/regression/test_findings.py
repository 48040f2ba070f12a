"""What is said of the line at its bounds: a p of exactly 5%, a ratio of one, nothing known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.hand_made import slope
from valuation.findings import CAN, CANNOT
from valuation.regression import findings

NAN = np.nan


@pytest.mark.parametrize(("p", "said"), [(0.05, True), (0.0501, False)])
def test_an_association_is_significant_up_to_five_percent(p, said):
    assert bool(findings.association(slope(p), 0.95)) == said
    assert bool(findings.no_association(slope(p))) != said
    assert bool(findings.stability(slope(p), SimpleNamespace(slope_range=(0.2, 0.9)))) == said
    assert findings.second_regressor(slope(p), 0.95)[0].kind == (CAN if said else CANNOT)
    panel = SimpleNamespace(p_value=p, low=-0.1, high=0.4, premium=0.2, dates=7, firms=9)
    assert bool(findings.within_companies(panel)) != said
    assert findings.within_companies(None) == []


@pytest.mark.parametrize(("estimate", "lower"), [(np.log(1.5), False), (0.0, True), (-0.2, True)])
def test_a_lower_value_is_said_to_be_lower(estimate, lower):
    (found,) = findings.association(slope(0.01, estimate), 0.95)
    assert ("as high, that is lower (" in found.text) == lower


def test_the_premium_that_would_have_been_found():
    (bare,), (told,) = (findings.no_association(slope(0.3), p) for p in (None, SimpleNamespace(detectable_premium=0.9)))
    assert told.text.startswith(bare.text)
    assert told.text.endswith("reliably detects only a premium of +90% or more.")
    assert told.figures == bare.figures | {"detectable_premium": 0.9}


@pytest.mark.parametrize(("low", "high", "stable"), [(0.2, 0.9, True), (-0.9, -0.2, True), (0.0, 0.9, False),
                                                     (-0.9, 0.0, False), (-0.2, 0.9, False), (2.0, 3.0, True)])  # fmt: skip
def test_a_slope_is_stable_where_it_keeps_its_sign(low, high, stable):
    assert bool(findings.stability(slope(0.01), SimpleNamespace(slope_range=(low, high)))) == stable


@pytest.mark.parametrize(("r2", "said"), [(0.4, True), (0.0, False), (-0.3, False), (NAN, False)])
def test_a_line_that_predicts_better_than_the_mean(r2, said):
    found = findings.out_of_sample(r2)
    assert [(one.figures, one.threshold) for one in found] == ([({"leave_one_out_r2": 0.4}, 0.0)] if said else [])


def test_controls_that_were_tried_are_counted():
    rows = pd.DataFrame({"p_permutation": [0.05, 0.051, 0.01, NAN], "note": ["", "", "", "too few"]})
    (found,) = findings.controlled(rows)
    assert found.figures == {"significant": 2, "regressions": 3}
    assert findings.controlled(rows[3:]) == []


@pytest.mark.parametrize(("p", "given", "kind"), [(0.05, 0.05, CAN), (0.05, 0.051, CANNOT), (0.051, 0.01, None)])
def test_the_placebo_at_five_percent(p, given, kind):
    assert [one.kind for one in findings.placebo(p, given)] == ([kind] if kind else [])


@pytest.mark.parametrize(("low", "high", "apart"), [(0.05, 0.06, True), (0.01, 0.05, False), (0.06, 0.2, False)])
def test_methods_disagree_on_either_side_of_five_percent(low, high, apart):
    found = findings.methods_disagree({"a": high, "b": low, "c": NAN})
    assert bool(found) == apart
    assert [one.p for one in found] == ([high] if apart else [])
