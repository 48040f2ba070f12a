"""The primary line and all that stands beside it, on hand-made companies."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from tests.valuation.hand_made import SHARES, VALUES, table
from tests.valuation.regression.made import FEW, sample, studied
from valuation import inference
from valuation.errors import NotEstimable
from valuation.regression.ols import primary
from valuation.regression.study import controls, run


def test_the_line_is_statsmodels_with_hc3_and_t_and_its_headline_is_the_wild_bootstrap():
    from statsmodels.regression.linear_model import OLS

    line = primary(sample())
    y, x = np.log(list(VALUES.values())), np.array(list(SHARES.values()))
    design = np.column_stack([np.ones(12), x])
    fit = OLS(y, design).fit(cov_type="HC3", use_t=True)
    assert (line.slope, line.slope_se, line.p_value) == pytest.approx((fit.params[1], fit.bse[1], fit.pvalues[1]))
    assert line.wild == inference.wild_bootstrap_interval(y, design, 1)
    assert line.premium == pytest.approx(np.exp(line.slope) - 1)
    pivots = x >= 0.2
    assert line.implied_gap == pytest.approx(np.exp(line.slope * x[pivots].mean()))
    assert "p = " in str(line)


def test_the_methods_stand_side_by_side():
    frame = studied().primary.frame
    assert list(frame["df"].isna()) == [True, False, False]
    assert frame["slope"].nunique() == 1  # noqa: PD101
    assert frame.index[0] == "restricted wild bootstrap, HC3-t (all sign vectors, B = 4096)"


def test_the_leased_share_is_a_second_line_with_its_own_test():
    from statsmodels.regression.linear_model import OLS

    companies, status, causes = table(VALUES, SHARES)
    status.loc["A", "leased_share"], causes.loc["A", "leased_share"] = "missing", "contracted MW unknown"
    out = run(companies, status, causes, FEW)
    rest = companies.drop("A")
    design = np.column_stack([np.ones(11), rest["leased_share"]])
    fit = OLS(np.log(rest["ev_per_mw_secured"]), design).fit()
    assert out.leased.line.slope == pytest.approx(fit.params.iloc[1])
    y = np.log(rest["ev_per_mw_secured"].to_numpy())
    assert out.leased.wild.p_value == inference.wild_bootstrap(y, design, 1).p_value
    assert out.primary.line.n == 12
    (said,) = [one for one in out.findings if "leased share" in one.text]
    assert said.kind == ("can" if out.leased.wild.p_value <= 0.05 else "cannot")
    assert f"a ratio of {np.exp(fit.params.iloc[1]):.1f}x in value per secured MW" in said.text


def test_a_leased_share_that_nobody_knows_is_a_note():
    companies, status, causes = table(VALUES, SHARES)
    status["leased_share"], causes["leased_share"] = "missing", "contracted MW unknown"
    out = run(companies, status, causes, FEW)
    assert out.leased is None
    assert out.notes["leased"] == "a regression needs at least 5 companies, the sample has 0"
    assert not any("leased share" in one.text for one in out.findings)


def test_controls_one_at_a_time_equal_statsmodels_with_both():
    from statsmodels.regression.linear_model import OLS

    companies, status, causes = table(VALUES, SHARES)
    companies["secured_mw"] *= np.linspace(1, 3, 12) ** 2
    companies["ev_per_mw_secured"] = companies["enterprise_value_usd"] / 1e6 / companies["secured_mw"]
    out = run(companies, status, causes, FEW, names=["ln_secured_mw"])
    design = np.column_stack([np.ones(12), np.log(companies["secured_mw"]), companies["ai_share_contracted"]])
    fit = OLS(np.log(companies["ev_per_mw_secured"]), design).fit(cov_type="HC3", use_t=True)
    row = out.controls.loc["ln_secured_mw"]
    assert (row["slope"], row["p_hc3"]) == pytest.approx((fit.params.iloc[2], fit.pvalues.iloc[2]))
    assert 0 < row["p_permutation"] <= 1
    assert (row["draws"], row["n"]) == (199, 12)


def test_collinear_and_unknown_controls_are_notes_and_no_numbers():
    companies, status, causes = table(VALUES, SHARES)
    companies["operating_mw"] = np.nan
    out = run(companies, status, causes, FEW).controls
    assert "collinear" in out.at["ln_secured_mw", "note"]  # every company has 1,000 MW
    assert "collinear" in out.at["trailing_share", "note"]  # half the contracted share
    assert out.at["operating_share", "note"] == "too few companies with the control known"
    told = out.index[out["note"] != ""]
    assert out.loc[told, ["slope", "p_hc3", "p_permutation"]].isna().all(axis=None)
    assert (out.loc[told, "draws"] == 0).all()
    assert out.at["bitcoin_to_ev", "note"] == ""


def test_the_study_names_what_it_leaves_out():
    companies, status, causes = table(VALUES, SHARES)
    status["ai_share_trailing"], causes["ai_share_trailing"] = "missing", "revenue_total unknown"
    companies["ai_share_trailing"] = np.nan
    quarters = pd.DataFrame(
        {"ln_value": [], "share": []}, index=pd.MultiIndex.from_arrays([[], []], names=["as_of", "ticker"]), dtype=float
    )
    out = run(companies, status, causes, FEW, quarters=quarters)
    assert out.placebo is None
    assert out.notes["placebo"] == "a regression needs at least 5 companies, the sample has 0"
    assert out.panel is None
    assert "at least 5 companies seen twice, there are 0" in out.notes["panel"]


@pytest.mark.parametrize(
    ("value", "share", "told"),
    [
        ({k: VALUES[k] for k in "ABC"}, SHARES, "at least 5 companies, the sample has 3"),
        (VALUES, dict.fromkeys(VALUES, 0.4), "all 12 companies have the same ai_share_contracted"),
        (VALUES, dict.fromkeys(VALUES, 0.0) | {"E": 1.0}, "E alone differs in ai_share_contracted"),
        (dict.fromkeys(VALUES, 2.0), SHARES, "no noise to judge it by"),
    ],
)
def test_samples_that_cannot_answer_say_so(value, share, told):
    with pytest.raises(NotEstimable, match=told):
        studied(value, share)


def test_values_without_a_logarithm_are_named_and_in_the_study_left_out():
    with pytest.raises(NotEstimable, match="B, G: ev_per_mw_secured is not positive"):
        primary(sample(VALUES | {"B": -1.0, "G": 0.0}))
    assert studied(VALUES | {"B": -1.0, "G": 0.0, "H": np.nan}).primary.line.n == 9


def test_scale_of_money_changes_nothing_but_the_intercept():
    base, dollars = primary(sample()), primary(sample({k: 1e6 * v for k, v in VALUES.items()}))
    assert dollars.slope == pytest.approx(base.slope)
    assert dollars.wild.p_value == base.wild.p_value
    assert dollars.intercept == pytest.approx(base.intercept + np.log(1e6))


def test_control_variables_by_hand():
    companies = table(VALUES, SHARES)[0]
    out = controls(companies).loc["A"]
    assert out["ln_secured_mw"] == pytest.approx(np.log(1000))
    assert out["bitcoin_to_ev"] == pytest.approx(0.1)
    assert out["leverage"] == pytest.approx(0.09)
    assert out["operating_share"] == pytest.approx(0.16)
    assert out["trailing_share"] == pytest.approx(0.15)


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
    assert found[["A", "B"]].tolist() == pytest.approx([np.log(0.5), np.nan], nan_ok=True)


@pytest.mark.parametrize(("known", "tried"), [(5, False), (6, True)])
def test_a_control_needs_six_companies(known, tried):
    companies, status, causes = table(VALUES, SHARES)
    companies.loc[list(VALUES)[known:], "operating_mw"] = np.nan
    row = run(companies, status, causes, FEW, names=["operating_share"]).controls.iloc[0]
    assert (row["note"] == "") == tried
    assert (row["n"], row["draws"] > 0, np.isfinite(row["slope"])) == (known, tried, tried)
