"""Oaxaca-Blinder against statsmodels' own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valuation.errors import NotEstimable
from valuation.gap.decomposition_findings import explained_by
from valuation.gap.oaxaca_blinder import oaxaca_blinder


@pytest.fixture
def sample() -> pd.DataFrame:
    rng = np.random.default_rng(5)
    pivot = np.arange(24) % 2 == 0
    ln_mw = rng.normal(7, 0.6, 24) + 0.4 * pivot
    operating = rng.uniform(0, 1, 24)
    y = 0.5 + 0.9 * pivot - 0.3 * ln_mw + 0.4 * operating + rng.normal(0, 0.3, 24)
    return pd.DataFrame({"y": y, "ln_mw": ln_mw, "operating": operating, "pivot": pivot})


def test_agrees_with_statsmodels(sample):
    from statsmodels.stats.oaxaca import OaxacaBlinder

    mine = oaxaca_blinder(sample, "y", ["ln_mw", "operating"], "pivot")
    design = sample[["ln_mw", "operating"]].assign(const=1.0, pivot=sample["pivot"].astype(float))
    theirs = OaxacaBlinder(sample["y"].to_numpy(), design, "pivot", hasconst=True, swap=False)
    # statsmodels names its groups by position; a negative difference only means that it counted the other way.
    pooled = theirs.two_fold(two_fold_type="pooled").params
    sign = np.sign(pooled[-1] * mine.difference)
    unexplained, explained, gap = (sign * value for value in pooled)
    assert mine.difference == pytest.approx(gap, abs=1e-10)
    assert mine.explained == pytest.approx(explained, abs=1e-10)
    assert mine.unexplained == pytest.approx(unexplained, abs=1e-10)


def test_the_threefold_parts_are_seen_from_the_mining_group(sample):
    out = oaxaca_blinder(sample, "y", ["ln_mw"], "pivot")
    x, y, pivot = (sample[name].to_numpy() for name in ("ln_mw", "y", "pivot"))
    (b_pivot, a_pivot), (b_other, a_other) = (np.polyfit(x[mask], y[mask], 1) for mask in (pivot, ~pivot))
    apart, other = x[pivot].mean() - x[~pivot].mean(), x[~pivot].mean()
    assert out.endowments == pytest.approx(apart * b_other)
    assert out.coefficients == pytest.approx(a_pivot - a_other + other * (b_pivot - b_other))
    assert out.interaction == pytest.approx(apart * (b_pivot - b_other))
    assert out.explained_share == pytest.approx(out.explained / out.difference)


def test_each_trait_explains_its_own_part(sample):
    from statsmodels.regression.linear_model import OLS

    traits = ["ln_mw", "operating"]
    out = oaxaca_blinder(sample, "y", traits, "pivot")
    pooled = OLS(sample["y"], sample[traits].assign(one=1.0, pivot=sample["pivot"].astype(float))).fit().params
    means = sample.groupby("pivot")[traits].mean()
    expected = {name: pooled[name] * (means.at[True, name] - means.at[False, name]) for name in traits}
    assert out.by_trait.to_dict() == pytest.approx(expected)


def test_a_printed_decomposition_says_its_interval_or_why_there_is_none(sample):
    out = oaxaca_blinder(sample, "y", ["ln_mw"], "pivot")
    assert (out.level, out.n) == (0.95, 24)
    low, high = out.intervals.loc["explained", ["low", "high"]]
    assert f"95% jackknife interval {low:+.2f} to {high:+.2f}, t(23)" in str(out)
    assert "(ln_mw" in str(replace(out, note="no interval"))
    assert "no interval)" in str(replace(out, note="no interval"))


def test_parts_sum_to_the_difference(sample):
    out = oaxaca_blinder(sample, "y", ["ln_mw", "operating"], "pivot")
    assert out.endowments + out.coefficients + out.interaction == pytest.approx(out.difference)
    assert out.explained + out.unexplained == pytest.approx(out.difference)
    assert out.by_trait.sum() == pytest.approx(out.explained)


def test_too_small_or_collinear_groups_are_told(sample):
    with pytest.raises(NotEstimable, match="2 companies in the AI group, more than 3 needed"):
        oaxaca_blinder(sample.iloc[[0, 2, *range(1, 24, 2)]], "y", ["ln_mw", "operating"], "pivot")
    with pytest.raises(NotEstimable, match="collinear"):
        oaxaca_blinder(sample.assign(double=2 * sample["ln_mw"]), "y", ["ln_mw", "double"], "pivot")


def two_fold(rows: pd.DataFrame) -> tuple[float, float, float]:
    """Difference, explained and unexplained over ln_mw by statsmodels' OLS; nothing of the code under test."""
    from statsmodels.regression.linear_model import OLS

    design = np.column_stack([np.ones(len(rows)), rows["ln_mw"], rows["pivot"].astype(float)])
    slope = OLS(rows["y"].to_numpy(), design).fit().params[1]
    first, other = rows[rows["pivot"]], rows[~rows["pivot"]]
    difference = first["y"].mean() - other["y"].mean()
    explained = slope * (first["ln_mw"].mean() - other["ln_mw"].mean())
    return difference, explained, difference - explained


@pytest.mark.parametrize("level", [0.9, 0.95])
def test_the_jackknife_interval_is_a_plain_loop_over_companies(sample, level):
    from scipy.stats import t

    found = oaxaca_blinder(sample, "y", ["ln_mw"], "pivot", level=level)
    n = len(sample)
    again = np.array([two_fold(sample.drop(index=i)) for i in sample.index])
    error = np.sqrt((n - 1) / n * ((again - again.mean(axis=0)) ** 2).sum(axis=0))
    for part, value, se in zip(["difference", "explained", "unexplained"], two_fold(sample), error, strict=True):
        half = t.ppf((1 + level) / 2, n - 1) * se
        expected = (se, value - half, value + half)
        assert found.intervals.loc[part, ["std_error", "low", "high"]].tolist() == pytest.approx(expected), part
    assert (found.n, found.df, found.note) == (24, 23, "")


def test_the_jackknife_error_of_a_mean_difference_by_hand():
    """Means 2 and 5 of 1, 2, 3 and 3, 5, 7 with x balanced: without a company the mean moves by its deviation over m - 1."""
    sample = pd.DataFrame(
        {"y": [3.0, 5, 7, 1, 2, 3], "x": [0.0, 1, 2, 0, 1, 2], "pivot": [True, True, True, False, False, False]}
    )
    found = oaxaca_blinder(sample, "y", ["x"], "pivot")
    # Moves of the difference without each company: +1, 0, -1 and -1/2, 0, 1/2; their sum of squares is 2.5.
    assert found.intervals.at["difference", "std_error"] == pytest.approx(np.sqrt(5 / 6 * 2.5))
    # The groups have equal x: nothing is explained.
    assert found.explained == pytest.approx(0)


@pytest.mark.parametrize("first", [True, False])
def test_no_interval_where_one_company_alone_varies_in_either_group(first):
    sample = pd.DataFrame(
        {"y": np.arange(8.0) ** 2, "x": [0.0, 1, 2, 3, 0, 0, 0, 1], "pivot": [first] * 4 + [not first] * 4},
        index=list("ABCDEFGH"),
    )  # fmt: skip
    found = oaxaca_blinder(sample, "y", ["x"], "pivot")
    assert found.intervals.isna().all().all()
    assert found.note == "interval not available: without H the characteristic does not vary within its group"
    assert np.isfinite(found.explained)


def decomposed(**intervals) -> pd.DataFrame:
    row = {"title": "ln of secured MW", "difference": 0.6, "explained": 0.4, "unexplained": 0.2, "n_pivot": 9,
           "n_bitcoin": 4, "explained_low": -0.1, "explained_high": 0.9, "unexplained_low": -0.3,
           "unexplained_high": 0.7}  # fmt: skip
    return pd.DataFrame([row | intervals])


def test_a_part_has_a_sentence_only_where_its_interval_excludes_zero():
    significant, not_significant = pd.Series({"p_value": 0.01}), pd.Series({"p_value": 0.2})
    assert explained_by(decomposed(), significant, 0.95) == []
    (one,) = explained_by(decomposed(explained_low=0.1), not_significant, 0.95)
    assert "ln of secured MW explain a factor of 1.5x" in one.text
    assert "95% jackknife interval 1.1x to 2.5x, n = 13; one of 1 characteristics" in one.text
    rest = decomposed(unexplained_low=0.05)
    assert explained_by(rest, not_significant, 0.95) == []
    (one,) = explained_by(rest, significant, 0.95)
    assert "excludes 1.0x (1 of 1 looked at separately): ln of secured MW 1.2x (1.1x to 2.0x)." in one.text
    assert explained_by(decomposed(explained_low=np.nan, explained_high=np.nan), significant, 0.95) == []
