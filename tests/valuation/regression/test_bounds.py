"""The line and its sentences at their bounds: five companies, a p of exactly 5%, a ratio of one, nothing known."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.hand_made import SHARES, VALUES, table
from tests.valuation.regression.test_study import FEW, sample, studied
from valuation.errors import NotEstimable
from valuation.findings import CAN, CANNOT
from valuation.inference import CoefficientTest
from valuation.regression import findings
from valuation.regression.ols import primary
from valuation.regression.study import controls, run, with_hc2

NAN = np.nan


def slope(p: float, estimate: float = 0.8, low: float = 0.2, high: float = 1.4) -> CoefficientTest:
    return CoefficientTest(estimate, 0.3, 5.0, p, low, high, NAN, 13, "restricted wild bootstrap, HC3-t")


def test_the_table_of_the_line_is_that_of_statsmodels():
    from statsmodels.regression.linear_model import OLS

    line = primary(sample(), level=0.9)
    fit = OLS(np.log(list(VALUES.values())), np.column_stack([np.ones(12), list(SHARES.values())])).fit(
        cov_type="HC3", use_t=True
    )
    known = np.column_stack([fit.params, fit.bse, fit.tvalues, fit.pvalues, fit.conf_int(0.1)])
    np.testing.assert_allclose(line.frame.to_numpy(), known)
    assert [line.low, line.high] == pytest.approx(fit.conf_int(0.1)[1].tolist())
    assert [line.intercept, line.intercept_se, line.t_value] == pytest.approx(
        [fit.params[0], fit.bse[0], fit.tvalues[1]]
    )
    assert line.summary.title == "Regression of ln(EV / secured MW) on AI share, contracted"
    assert replace(line, regressor="x").summary.title.endswith(" on x")


def test_a_p_is_two_sided_whatever_the_sign():
    line = primary(sample())
    falling = replace(line, slope=-line.slope, intercept=-line.intercept)
    assert falling.frame["p"].tolist() == line.frame["p"].tolist()
    assert falling.frame["t"].tolist() == [-t for t in line.frame["t"]]


def test_five_companies_make_a_line_whatever_their_group_and_however_small_their_value():
    five = sample({k: 0.1 * VALUES[k] for k in "GHIJK"})  # values below one
    line = primary(five)
    assert (line.n, line.df, line.implied_gap, line.level) == (5, 3, None, 0.95)
    with pytest.raises(NotEstimable, match="the sample has 4"):
        primary(five[:4])
    with pytest.raises(NotEstimable, match="G: ev_per_mw_secured is not positive"):
        primary(sample(VALUES | {"G": 0.0}))


def test_beyond_eighteen_companies_9999_signs_are_drawn():
    both = pd.concat([sample(), sample().iloc[:7].rename(index=str.lower)])
    both["ev_per_mw_secured"] *= np.linspace(1, 1.5, 19)
    line = primary(both)
    assert (line.wild.draws, line.wild.seed, line.wild.exact) == (9999, 0, False)
    frame = with_hc2(line).frame
    assert frame.index[0] == "restricted wild bootstrap, HC3-t (Webb weights, seed 0, B = 9999)"
    assert frame.columns.tolist() == ["slope", "t", "df", "p", "low", "high"]


def test_lines_beside_the_line_by_scipy():
    from scipy import stats

    out = studied()
    x, y = np.array(list(SHARES.values())), np.log(list(VALUES.values()))
    theil = stats.theilslopes(y, x, method="joint")
    assert out.lines.loc["least squares"].tolist() == pytest.approx(np.polyfit(x, y, 1).tolist())
    assert out.lines.loc["Theil-Sen"].tolist() == pytest.approx([theil[0], theil[1]])
    huber = out.lines.loc["Huber"]
    assert huber.tolist() == pytest.approx(out.lines.loc["least squares"].tolist(), abs=0.3)
    assert out.power.size == pytest.approx(0.05)
    assert studied(value={k: v * 1.01 for k, v in VALUES.items()}).primary.line.n == 12
    wide = run(*table(VALUES, SHARES), replace(FEW, confidence_level=0.9))
    assert wide.power.size == pytest.approx(0.1)


def test_power_of_half_a_megawatt_is_a_control_and_of_none_unknown():
    companies = table(VALUES, SHARES)[0]
    companies.loc[["A", "B"], "secured_mw"] = 0.5, 0.0
    found = controls(companies)["ln_secured_mw"]
    assert found[["A", "B"]].tolist() == pytest.approx([np.log(0.5), NAN], nan_ok=True)


@pytest.mark.parametrize(("known", "tried"), [(5, False), (6, True)])
def test_a_control_needs_six_companies(known, tried):
    companies, status, causes = table(VALUES, SHARES)
    companies.loc[list(VALUES)[known:], "operating_mw"] = NAN
    row = run(companies, status, causes, FEW, names=["operating_share"]).controls.iloc[0]
    assert (row["note"] == "") == tried
    assert (row["n"], row["draws"] > 0, np.isfinite(row["slope"])) == (known, tried, tried)


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
