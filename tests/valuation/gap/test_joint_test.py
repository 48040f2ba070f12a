"""The joint test of the curve against a plain loop over reassignments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from valuation.gap.joint_test import joint_test
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
