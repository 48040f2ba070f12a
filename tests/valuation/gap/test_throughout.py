"""The companies present throughout: who they are, and their gap week by week, by a plain loop."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.gap.specification_curve import CrossSections
from valuation.gap.throughout import throughout

WEEKS = pd.date_range("2025-01-03", periods=8, freq="7D")
NAMES = list("ABCDEFGH")


def sampled(value: pd.DataFrame, is_pivot: pd.DataFrame) -> CrossSections:
    known = value.notna().to_numpy()
    return CrossSections(
        pd.DataFrame({"as_of": value.index}), 10 * value.to_numpy(), np.where(known, 10.0, np.nan),
        is_pivot.to_numpy() & known, value.columns,
    )  # fmt: skip


@pytest.fixture
def weeks() -> tuple[pd.DataFrame, pd.DataFrame]:
    rng = np.random.default_rng(3)
    value = pd.DataFrame(np.exp(rng.normal(1, 0.5, (8, 8))), index=WEEKS, columns=NAMES)
    is_pivot = pd.DataFrame(np.tile([True] * 4 + [False] * 4, (8, 1)), index=WEEKS, columns=NAMES)
    return value, is_pivot


def test_gap_among_those_who_stay_and_nobody_else(weeks):
    value, is_pivot = weeks
    value.loc[WEEKS[:2], ["A", "B"]] = np.nan  # not measured before the third week
    value.loc[WEEKS[5], "D"] = np.nan  # away for one week
    out = throughout(sampled(value, is_pivot))
    assert out.start == WEEKS[2]
    assert out.companies == tuple("ABCEFGH")
    assert out.frame.loc[WEEKS[:2], "ratio"].isna().all()
    assert out.frame.loc[WEEKS[:2], "n_pivot"].eq(0).all()
    for week in WEEKS[2:]:
        pairs = [np.log(value.at[week, a] / value.at[week, b]) for a in "ABC" for b in "EFGH"]
        assert out.frame.at[week, "ratio"] == pytest.approx(np.exp(np.median(pairs)))
        assert out.frame.at[week, "pivot_value"] == pytest.approx(np.median(value.loc[week, list("ABC")]))
        assert out.frame.loc[week, ["n_pivot", "n_bitcoin"]].tolist() == [3, 4]
    assert out.note == ""
    (said,) = out.findings
    assert "Among the 7 companies present in every week since 17 January 2025 (A, B, C, E, F, G and H)" in said.text
    assert f"{out.frame['ratio'].iloc[2]:.1f}x on 17 January 2025 (3 AI, 4 mining)" in said.text
    assert f"{out.frame['ratio'].iloc[-1]:.1f}x on 21 February 2025" in said.text


def test_a_week_with_two_of_them_in_a_group_has_neither_ratio_nor_medians(weeks):
    value, is_pivot = weeks
    is_pivot.loc[WEEKS[4] :, ["E", "F"]] = True
    out = throughout(sampled(value, is_pivot)).frame
    assert out.loc[WEEKS[4] :, ["ratio", "pivot_value", "bitcoin_value"]].isna().all(axis=None)
    assert out.loc[WEEKS[4] :, ["n_pivot", "n_bitcoin"]].to_numpy().tolist() == [[6, 2]] * 4
    assert out.loc[: WEEKS[3], "ratio"].notna().all()


def test_whoever_comes_later_changes_no_figure(weeks):
    value, is_pivot = weeks
    value.loc[WEEKS[:3], "H"] = np.nan
    first = throughout(sampled(value, is_pivot)).frame
    value.loc[WEEKS[3] :, "H"] *= 100
    pd.testing.assert_frame_equal(first, throughout(sampled(value, is_pivot)).frame)


def test_six_that_stay_may_never_be_three_and_three(weeks):
    value, is_pivot = (frame[NAMES[:6]] for frame in weeks)
    is_pivot = pd.DataFrame(np.tile([True] * 4 + [False] * 2, (8, 1)), index=WEEKS, columns=NAMES[:6])
    is_pivot.loc[WEEKS[2], "D"], is_pivot.loc[WEEKS[3], "E"] = True, True
    out = throughout(sampled(value, is_pivot))
    assert out.note == "no week has 3 of them in each group (at most 5 in the AI group and 2 in the mining group)"
    first = throughout(sampled(value[NAMES[:5]], is_pivot[NAMES[:5]]))
    assert first.note == "an estimate needs 3 companies in each group"


def test_why_there_is_no_estimate(weeks):
    value, is_pivot = weeks
    for week, name in zip(WEEKS[1:], NAMES, strict=False):
        value.loc[week, name] = np.nan  # everyone but H is away once
    out = throughout(sampled(value, is_pivot))
    assert out.companies == ("H",)
    assert out.note == "an estimate needs 3 companies in each group"
    assert out.findings[0].text == (
        "No gap can be estimated among the 1 company present in every week since 3 January 2025 (H): an estimate needs 3 "
        "companies in each group."
    )
    alone = throughout(sampled(weeks[0].ffill().bfill(), is_pivot | True))
    assert alone.start == WEEKS[0]
    assert alone.note == "no week has 3 of them in each group (at most 8 in the AI group and 0 in the mining group)"
