"""Bands around a weekly gap against the same sums written as loops."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pytest

from valuation.gap.band import bootstrap_critical, jackknife_error, leave_one_out_critical

NAN = np.nan
WITHOUT = np.array([[1.0, 1.2, 0.7, 9.0], [0.5, 0.5, 0.5, 0.5], [2.0, 1.0, 3.0, 6.0]])
MEMBER = np.array([[True, True, True, False], [True, True, True, True], [True, True, True, True]])


def deviations(week: int) -> np.ndarray:
    inside = WITHOUT[week][MEMBER[week]]
    return inside - inside.mean()


def test_the_jackknife_error_of_each_week():
    expected = [np.sqrt((len(d) - 1) / len(d) * (d**2).sum()) for d in map(deviations, range(3))]
    assert jackknife_error(WITHOUT, MEMBER).tolist() == pytest.approx(expected)
    assert expected[1] == 0.0


@pytest.mark.parametrize("level", [0.5, 0.95])
def test_the_critical_value_of_the_leave_one_out_paths(level):
    error = jackknife_error(WITHOUT, MEMBER)
    largest = []
    for company in range(4):
        steps = []
        for week in (0, 2):  # the second week does not move
            if MEMBER[week, company]:
                inside = WITHOUT[week][MEMBER[week]]
                steps.append(abs(WITHOUT[week, company] - inside.mean()) * np.sqrt(len(inside) - 1) / error[week])
        largest.append(max(steps))
    expected = max(np.quantile(largest, level), NormalDist().inv_cdf(0.5 + level / 2))
    assert leave_one_out_critical(WITHOUT, MEMBER, error, level) == pytest.approx(expected)
    nobody = np.column_stack([WITHOUT, [5.0] * 3]), np.column_stack([MEMBER, [False] * 3])
    assert leave_one_out_critical(*nobody, error, level) == pytest.approx(expected)


def test_groups_of_a_single_week_are_drawn_each_by_itself():
    values, groups = np.array([[1.0, 2.0, 4.0, 0.0]]), [(np.array([0, 1, 2]), np.array([3]))]
    found = bootstrap_critical(values, groups, np.array([2.0]), np.array([0.25]), draws=300, level=0.95, seed=1)
    # The median of three drawn from 1, 2, 4 is 1 or 4 in 14 of 27 draws: 2 away from 2 in 7 of 27.
    assert found == pytest.approx(8.0)


@pytest.mark.parametrize(
    ("sides", "expected"),
    [
        ("fs", NormalDist().inv_cdf(0.8)),
        ("sf", NormalDist().inv_cdf(0.8)),
        ("fss", NormalDist().inv_cdf(0.8)),
        ("ffs", 20.0),
    ],
)
def test_a_company_is_drawn_with_the_group_in_which_it_spent_more_than_half_of_its_weeks(sides, expected):
    # Of A at 0, X at 10 and B at 0 the middle ratio is 5 where X is in the first group. Drawn with B, X is away in one of
    # four draws and B in another: five away in a quarter of the draws. Drawn with A it is five away in half of them.
    n = len(sides)
    values, error = np.tile([0.0, 10.0, 0.0], (n, 1)), np.zeros(n)
    groups = [(np.array([0, 1]), np.array([2])) if side == "f" else (np.array([0]), np.array([1, 2])) for side in sides]
    error[sides.index("f")] = 0.25
    found = bootstrap_critical(values, groups, np.full(n, 5.0), error, draws=400, level=0.6, seed=1)
    assert found == pytest.approx(expected)


def test_companies_that_change_sides_are_drawn_as_one_group():
    values, sides = np.array([[1.0, 0.0], [3.0, 0.0]]), (np.array([0]), np.array([1]))
    found = bootstrap_critical(
        values, [sides, sides[::-1]], np.array([1.0, -3.0]), np.full(2, 0.5), draws=50, level=0.95, seed=1
    )
    assert found == pytest.approx(NormalDist().inv_cdf(0.975))  # a draw without one of them has no ratio


@pytest.mark.parametrize("level", [0.8, 0.95])
def test_the_bootstrap_s_critical_value_draws_whole_histories_within_the_groups(level):
    rng = np.random.default_rng(4)
    values = rng.normal(size=(3, 8))
    # Company 3 spends two of three weeks in the second group, company 6 one week in each; company 7 is in no group.
    groups = [(np.array([0, 1, 2, 3, 6]), np.array([4, 5])), (np.array([0, 1, 2]), np.array([3, 4, 5, 6])),
              (np.array([0, 1, 2]), np.array([3, 4, 5]))]  # fmt: skip
    path = np.array([np.median(np.subtract.outer(values[w][a], values[w][b])) for w, (a, b) in enumerate(groups)])
    error = np.array([0.2, 0.0, 0.9])
    found = bootstrap_critical(values, groups, path, error, draws=200, level=level, seed=3)

    again = np.random.default_rng(3)
    drawn = np.zeros((200, 8))
    for stratum in ([0, 1, 2], [3, 4, 5, 6]):
        drawn[:, stratum] = again.multinomial(len(stratum), [1 / len(stratum)] * len(stratum), size=200)
    largest = []
    for one in drawn.astype(int):
        steps = [0.0]
        for week in (0, 2):  # the second has no error
            first, second = groups[week]
            pairs = [values[week, i] - values[week, j] for i in first for j in second for _ in range(one[i] * one[j])]
            if pairs:
                steps.append(abs(np.median(pairs) - path[week]) / error[week])
        largest.append(max(steps))
    assert found == pytest.approx(max(np.quantile(largest, level), NormalDist().inv_cdf(0.5 + level / 2)))
    assert found > 2
