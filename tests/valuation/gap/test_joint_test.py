"""The joint test of the curve against a plain loop over reassignments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from numpy.typing import ArrayLike

from valuation.gap.joint_test import _levels, _typical, joint_test
from valuation.gap.specification_curve import CrossSections


def cross_sections(seed: int, effect: float) -> CrossSections:
    """Two rules x two denominators of ten companies, one unknown here and there."""
    rng = np.random.default_rng(seed)
    labels = {"one": np.arange(10) < 5, "two": np.arange(10) < 4}
    ev = np.exp(rng.normal(0, 0.4, 10) + effect * labels["one"])
    rows, value, mw, pivot = [], [], [], []
    for rule, members in labels.items():
        for denominator in (np.exp(rng.normal(0, 0.1, 10)), np.exp(rng.normal(0, 0.2, 10))):
            known = rng.random(10) < 0.9
            rows.append({"as_of": pd.Timestamp("2026-01-16"), "rule": rule})
            value.append(np.where(known, ev, np.nan))
            mw.append(np.where(known, denominator, np.nan))
            pivot.append(members & known)
    return CrossSections(
        pd.DataFrame(rows), np.array(value), np.array(mw), np.array(pivot), pd.Index(list("ABCDEFGHIJ"))
    )


def level(ev, mw, statistic):
    if len(ev) == 0:
        return np.nan
    if statistic == "median":
        return np.log(np.median(ev / mw))
    if statistic == "geometric_mean":
        return np.log(ev / mw).mean()
    return np.log(ev.sum() / mw.sum())


def typical(first, second):
    """ln of the Hodges-Lehmann ratio, pair by pair."""
    return np.median([np.log(a / b) for a in first for b in second]) if len(first) and len(second) else np.nan


def test_equals_a_plain_loop_over_the_same_reassignments():
    sampled = cross_sections(3, 0.6)
    mine = joint_test(sampled, draws=49, seed=5)
    known = ~np.isnan(sampled.value)
    label = {
        rule: {
            i: bool(sampled.is_pivot[(sampled.labels["rule"] == rule).to_numpy(), i].any())
            for i in range(10)
            if known[(sampled.labels["rule"] == rule).to_numpy(), i].any()
        }
        for rule in ("one", "two")
    }
    orders = np.random.default_rng(5).permuted(np.tile(np.arange(10), (49, 1)), axis=1)

    def middle(order) -> float:
        gaps = []
        for row, rule in enumerate(sampled.labels["rule"]):
            first = [i for i in range(10) if known[row, i] and label[rule].get(order[i]) is True]
            second = [i for i in range(10) if known[row, i] and label[rule].get(order[i]) is False]
            ev, mw = sampled.value[row], sampled.mw[row]
            gaps += [level(ev[first], mw[first], s) - level(ev[second], mw[second], s)
                     for s in ("median", "geometric_mean", "aggregate")]  # fmt: skip
            gaps.append(typical(ev[first] / mw[first], ev[second] / mw[second]))
        return np.nanmedian(gaps)

    actual = middle(np.arange(10))
    drawn = np.array([middle(order) for order in orders])
    assert np.log(mine.median_ratio) == pytest.approx(actual)
    assert mine.p_value == pytest.approx((1 + (np.abs(drawn) >= abs(actual) - 1e-9).sum()) / 50)
    assert (mine.specifications, mine.companies) == (16, 10)


def test_a_large_effect_is_found_and_none_is_not():
    assert joint_test(cross_sections(1, 3.0), draws=199, seed=1).p_value <= 0.02
    p = [joint_test(cross_sections(seed, 0.0), draws=99, seed=1).p_value for seed in range(60)]
    assert np.mean(np.array(p) <= 0.05) <= 0.15


def test_nothing_to_measure_is_none():
    sampled = cross_sections(1, 0.0)
    alone = CrossSections(sampled.labels, sampled.value, sampled.mw, np.zeros_like(sampled.is_pivot), sampled.tickers)
    assert joint_test(alone, draws=9, seed=1) is None


def section(value: ArrayLike, mw: ArrayLike, pivot: np.ndarray, rules: tuple[str, ...] = ("one",)) -> CrossSections:
    value = np.atleast_2d(np.array(value, dtype=float))
    return CrossSections(
        pd.DataFrame({"as_of": pd.Timestamp("2026-01-16"), "rule": list(rules)}), value,
        np.broadcast_to(np.array(mw, dtype=float), value.shape), np.atleast_2d(pivot), pd.Index(range(value.shape[1])),
    )  # fmt: skip


def test_three_against_three_count_equal_labellings_as_large():
    value, mw, pivot = [8.0, 5.0, 4.0, 3.0, 2.5, 2.0], [1.0, 1.2, 0.9, 1.1, 1.0, 1.3], np.arange(6) < 3
    found = joint_test(section(value, mw, pivot), seed=4)
    assert (found.draws, found.seed, found.companies, found.specifications) == (999, 4, 6, 4)
    assert joint_test(section(value, mw, pivot)).seed == 0
    ev, mw = np.array(value), np.array(mw)

    def middle(first: np.ndarray) -> float:
        gaps = [level(ev[first], mw[first], s) - level(ev[~first], mw[~first], s)
                for s in ("median", "geometric_mean", "aggregate")]  # fmt: skip
        return np.median([*gaps, typical(ev[first] / mw[first], ev[~first] / mw[~first])])

    orders = np.random.default_rng(4).permuted(np.tile(np.arange(6), (999, 1)), axis=1)
    drawn = np.array([abs(middle(pivot[order])) for order in orders])
    # Of 20 labellings the true one and its mirror image are among the drawn: as large, but for rounding.
    assert 50 < np.isclose(drawn, middle(pivot)).sum() < 150
    assert found.p_value == pytest.approx((1 + (drawn >= middle(pivot) - 1e-9).sum()) / 1000)
    turned = joint_test(section(value, mw, ~pivot), seed=4)
    assert turned.median_ratio == pytest.approx(1 / found.median_ratio)
    assert turned.p_value == found.p_value


def test_specifications_with_two_in_a_group_and_companies_of_none_take_no_part():
    rng = np.random.default_rng(9)
    value, pivot = np.exp(rng.normal(size=7)), np.arange(7) < 4
    two = np.where(np.isin(np.arange(7), [2, 3]), np.nan, value)
    both = joint_test(section([value, two], np.ones(7), [pivot, pivot & ~np.isnan(two)], ("one", "one")), draws=99)
    alone = joint_test(section(value, np.ones(7), pivot), draws=99)
    assert both == alone
    more = joint_test(section([*value, np.nan], np.ones(8), [*pivot, False]), draws=99)
    assert more == alone
    # One known under one rule alone counts among the companies.
    other = np.where(np.arange(7) == 0, np.nan, value)
    under_two = section([value, other], np.ones(7), [pivot, pivot & (np.arange(7) > 0)], ("one", "two"))
    assert joint_test(under_two, draws=9).companies == 7


@pytest.mark.parametrize("sizes", [(0, 3), (1, 1), (1, 2), (2, 2), (1, 4), (3, 2), (5, 1), (3, 3)])
def test_levels_and_typical_ratios_of_groups_of_any_size(sizes):
    rng = np.random.default_rng(sum(sizes))
    value, mw = np.exp(rng.normal(size=(2, 8))), np.exp(rng.normal(size=(2, 8)))
    value[0, 2] = mw[0, 2] = np.nan
    pick = rng.permutation([0, 1, 3, 4, 5, 6, 7])
    first, second = np.isin(np.arange(8), pick[: sizes[0]]), np.isin(np.arange(8), pick[sizes[0] : sum(sizes)])
    for row in range(2):
        ratio = value[row] / mw[row]
        expected = typical(ratio[first], ratio[second])
        assert _typical(value, mw, first[:, None], second[:, None])[row, 0] == pytest.approx(expected, nan_ok=True)
        for statistic in ("median", "geometric_mean", "aggregate"):
            for group in (first, second):
                found = _levels(value, mw, group[:, None], statistic)[row, 0]
                assert found == pytest.approx(level(value[row, group], mw[row, group], statistic), nan_ok=True)
    # A member whose value a specification does not know counts for nothing in it.
    with_unknown = first.copy()
    with_unknown[2] = True
    known = with_unknown & (np.arange(8) != 2)
    for statistic in ("median", "geometric_mean", "aggregate"):
        found = _levels(value, mw, with_unknown[:, None], statistic)
        expected = level(value[0, known], mw[0, known], statistic)
        assert found[0, 0] == pytest.approx(expected, nan_ok=True)
        expected = level(value[1, with_unknown], mw[1, with_unknown], statistic)
        assert found[1, 0] == pytest.approx(expected)
