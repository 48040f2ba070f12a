"""Cross-sections and the curve on hand-made companies: who is in, which specifications differ, what is declared."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from valuation.assumptions import Assumptions, Bridge
from valuation.gap.hodges_lehmann import hodges_lehmann
from valuation.gap.specification_curve import (
    VARIED,
    CrossSections,
    SpecificationCurve,
    curve,
    declared_rule,
    distinct_rows,
    switch_settings,
    typical_ratios,
)

NAN = np.nan
DAY = pd.Timestamp("2026-01-16")
FEW = replace(Assumptions(), bootstrap_draws=99)
VALUE = np.array([[8.0, 5.0, 4.0, 3.0, 2.5, 2.0], [8.0, 5.0, NAN, 3.0, 2.5, 2.0], [8.0, 5.0, 4.0, 3.0, NAN, 2.0]])
MW = np.array([2.0, 1.0, 1.0, 1.0, 1.0, 1.0])


def sections(value: np.ndarray = VALUE, **labels: object) -> CrossSections:
    known = ~np.isnan(value)
    frame = pd.DataFrame({"as_of": DAY, "denominator": "secured", "rule": "share20"}, index=range(len(value)))
    frame = frame.assign(**{name: getattr(Bridge(), name) for name in VARIED}).assign(**labels)
    mw = np.where(known, MW[: value.shape[1]], NAN)
    # A company without a value is in no group, whatever its mark.
    return CrossSections(
        frame, value, mw, np.tile(np.arange(value.shape[1]) < 3, (len(value), 1)), pd.Index(list("ABCDEF"))
    )


def test_companies_of_a_group_are_those_with_a_value():
    assert sections().n_pivot.tolist() == [3, 2, 3]
    assert sections().n_bitcoin.tolist() == [3, 3, 2]
    some = sections().where(np.array([False, True, True]))
    assert some.labels.index.tolist() == [0, 1]
    assert some.labels.columns.tolist() == sections().labels.columns.tolist()
    assert some.n_pivot.tolist() == [2, 3]


def test_rows_are_equal_where_what_is_known_is_equal():
    value = np.array([[1.0, NAN], [1.0, NAN], [1.0, 1.0], [1.0, 2.0]])
    once, every_row = distinct_rows(value, np.ones_like(value))
    assert len(once) == 3
    assert every_row[0] == every_row[1]
    assert len(set(every_row.tolist())) == 3
    np.testing.assert_array_equal(value[once][every_row], value)
    twice = sections(np.vstack([VALUE, VALUE]))
    assert twice.n_distinct == 3


def test_switches_are_set_each_way_the_default_first():
    settings = list(switch_settings())
    assert settings[0] == Bridge()
    assert len({tuple(getattr(one, name) for name in VARIED) for one in settings}) == 16


def test_figures_where_each_group_has_three_and_the_ratio_alone_where_one_has_two():
    labels = {"rule": ["share20", "signed", "share20"], "denominator": ["secured", "secured", "operating"]}
    found = curve(sections(**labels), FEW)
    frame = found.frame
    assert len(frame) == 12
    assert frame.index.is_unique
    assert frame.loc[frame["is_headline"], ["denominator", "rule", "statistic"]].to_numpy().tolist() == [
        ["secured", "share20", "hodges_lehmann"]
    ]
    by = frame.set_index(["rule", "denominator", "statistic"]).sort_index()
    enough, few, other = by.loc[("share20", "secured")], by.loc[("signed", "secured")], by.loc[("share20", "operating")]
    assert enough["p_value"].notna().all()
    assert few[["low", "high", "p_value"]].isna().all(axis=None)
    assert other[["low", "high", "p_value"]].isna().all(axis=None)
    known = hodges_lehmann(np.array([4.0, 5.0, 4.0]), np.array([3.0, 2.5, 2.0]))
    head = enough.loc["hodges_lehmann"]
    assert head[["ratio", "low", "high", "p_value", "level_reached"]].tolist() == [
        known.ratio, known.low, known.high, known.p, known.level_reached
    ]  # fmt: skip
    assert enough.loc["aggregate", "ratio"] == pytest.approx(17 / 4 / 2.5)
    assert enough.loc["median", "ratio"] == pytest.approx(4 / 2.5)
    assert enough.loc["geometric_mean", "ratio"] == pytest.approx((80 / 15) ** (1 / 3))
    assert few.loc["median", "ratio"] == pytest.approx(4.5 / 2.5)
    assert np.isnan(few.loc["hodges_lehmann", "ratio"])
    # Of 20 labellings the true one and its mirror image have the sums furthest apart.
    assert enough.loc["aggregate", "p_value"] == pytest.approx(2 / 20)
    assert (found.level, found.draws, found.seed) == (FEW.confidence_level, 99, FEW.seed)


@pytest.mark.parametrize(
    ("name", "other"), [("rule", "signed"), ("denominator", "operating"), *((n, None) for n in VARIED)]
)
def test_only_the_declared_specification_is_the_headline(name, other):
    value = getattr(Bridge(), name, None)
    both = sections(
        VALUE[[0, 0]], **{name: ["share20" if name == "rule" else "secured", other] if other else [value, not value]}
    )
    frame = curve(both, FEW).frame
    assert frame["is_headline"].sum() == 1
    assert frame.loc[frame["is_headline"], name].item() == (value if other is None else both.labels[name].iloc[0])


def test_shares_of_a_curve_by_hand():
    frame = pd.DataFrame(
        {
            "as_of": DAY,
            "ratio": [1.0, 1.5, 3.0, 0.5, 1.2],
            "p_value": [0.01, 0.05, 0.051, 0.01, NAN],
            "is_headline": False,
        }
    )
    found = SpecificationCurve(frame, 99, 0.95, 0, "exact").shares().loc[DAY]
    # Three of four lie above one, two are significant, one of them above one.
    assert found.to_dict() == {
        "measured": 4, "share_ratio_above_one": 0.5, "share_significant": 0.25, "median_ratio": 1.25, "smallest_ratio": 0.5,
        "largest_ratio": 3.0,
    }  # fmt: skip


def test_the_declared_rule_is_the_default_or_a_sector_s_own():
    assert declared_rule(["signed", "share20"]) == "share20"
    assert declared_rule(["own", "another"]) == "own"
    assert declared_rule([]) == "share20"


def test_typical_ratios_are_unknown_where_a_group_has_two():
    found = typical_ratios(VALUE, np.tile(MW, (3, 1)), np.tile(np.arange(6) < 3, (3, 1)), 0.95)
    assert found.isna().all(axis=1).tolist() == [False, True, True]
    assert found.at[0, "ratio"] == pytest.approx(np.exp(np.median(np.log(np.divide.outer([4.0, 5, 4], [3.0, 2.5, 2])))))
