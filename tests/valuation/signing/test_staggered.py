"""Staggered difference-in-differences: by hand, against plain loops, planted effects, no effect, the bias of TWFE."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats
from statsmodels.regression.linear_model import OLS

from tests.valuation.signing import plain
from valuation.errors import InvalidInput
from valuation.signing import imputed, staggered
from valuation.signing.imputation import _largest_block
from valuation.signing.staggered import _inference

WEEKS = 110
FIRST = np.array([20, 31, 31, 44, 58, 66, 75, WEEKS, WEEKS, WEEKS, WEEKS])


def walks(rng: np.random.Generator, own: float = 0.05) -> np.ndarray:
    """Log values that share a market and walk apart."""
    steps = rng.normal(0, 0.06, (WEEKS, 1)) + rng.normal(0, own, (WEEKS, len(FIRST)))
    return np.cumsum(steps, axis=0) + rng.normal(size=len(FIRST))


def signed(logs: np.ndarray, first: np.ndarray = FIRST) -> np.ndarray:
    return np.arange(len(logs))[:, None] >= first


def test_three_companies_by_hand():
    # Company 0 signs in week 2 (close before: week 1). B and C never sign.
    logs = np.array([[0.0, 1.0, 2.0], [0.1, 1.1, 2.0], [0.5, 1.1, 2.2], [0.4, 1.3, 2.2]])
    found = staggered(logs, np.array([2, 4, 4]), horizons=np.array([-2, -1, 0, 1]), permutations=5)
    # -2: own 0.0 - 0.1 = -0.1; controls -0.1 and 0, mean -0.05. 0: 0.4 - (0 + 0.2) / 2. 1: 0.3 - (0.2 + 0.2) / 2.
    np.testing.assert_allclose(found.estimate, [-0.05, 0.0, 0.3, 0.1], atol=1e-15)
    assert found.events.tolist() == [1, 1, 1, 1]
    assert found.controls.tolist() == [2, 2, 2, 2]
    assert np.isnan(found.p).all()  # one event has no test


def test_a_later_signer_is_a_control_until_it_signs():
    # Two never sign; company 1 signs in week 4 and is a control of company 0 (week 2) in weeks 2 and 3.
    logs = np.zeros((6, 4))
    logs[2:, 0] = 1.0
    logs[2:, 1] = 0.6
    found = staggered(logs, np.array([2, 4, 6, 6]), horizons=np.array([0, 1, 2]), permutations=0)
    np.testing.assert_allclose(found.each[0], [1 - 0.6 / 3, 1 - 0.6 / 3, 1.0])
    # Company 1 moved before its own last close, and company 0 has signed by then.
    np.testing.assert_allclose(found.each[1], [0, 0, np.nan])
    assert found.events.tolist() == [2, 2, 1]


@pytest.fixture(scope="module")
def ragged() -> np.ndarray:
    logs = walks(np.random.default_rng(1))
    logs[:30, 3] = np.nan
    logs[90:, 8] = np.nan
    logs[40:47, 5] = np.nan
    return logs


def test_every_week_is_that_of_plain_loops(ragged):
    found = staggered(ragged, FIRST, permutations=0)
    for h, one in zip(found.horizons, found.estimate, strict=True):
        assert one == pytest.approx(plain.estimate(ragged, FIRST, h), abs=1e-10)


def test_p_and_interval_are_those_of_plain_loops_over_the_same_orders(ragged):
    found = staggered(ragged, FIRST, permutations=199, seed=7)
    orders = np.random.default_rng(7).permuted(np.tile(np.arange(len(FIRST)), (199, 1)), axis=1)
    for h in (-13, -4, 0, 13, 26):
        at = h + 13
        p, low, high = plain.permutation(ragged, FIRST, h, orders)
        assert found.p[at] == pytest.approx(p, abs=1e-12)
        assert (found.low[at], found.high[at]) == pytest.approx((low, high), abs=1e-10)


def test_without_each_event_is_the_mean_of_the_others(ragged):
    found = staggered(ragged, FIRST, permutations=0)
    for event in range(len(found.owners)):
        others = np.delete(found.each, event, axis=0)
        by_hand = [np.nanmean(others[:, h]) for h in range(others.shape[1])]
        np.testing.assert_allclose(found.without_each()[event], by_hand, atol=1e-12)


def test_a_planted_effect_of_30_percent_is_found_with_its_size():
    sizes, held, found_it = [], 0, 0
    for seed in range(40):
        logs = walks(np.random.default_rng([2, seed]), own=0.02) + np.log(1.3) * signed(np.empty((WEEKS, 0)))
        found = staggered(logs, FIRST, permutations=199, seed=seed)
        week = 13
        sizes.append(found.estimate[week])
        held += found.low[week] <= np.log(1.3) <= found.high[week]
        found_it += found.p[week] <= 0.05
        assert abs(found.estimate[13 - 5]) < 0.1  # nothing before
    assert np.exp(np.mean(sizes)) == pytest.approx(1.3, abs=0.01)
    assert found_it == 40
    assert held >= 34  # 95% nominal: 33 or fewer of 40 has a probability of 0.3%


def test_without_an_effect_p_is_uniform():
    p = [
        staggered(
            walks(np.random.default_rng([3, seed])), FIRST, horizons=np.array([0, 13]), permutations=199, seed=seed
        ).p
        for seed in range(300)
    ]
    for column in np.array(p).T:
        # p is discrete in steps of 1 / 100, so the test of uniformity is a little conservative.
        assert stats.kstest(column, "uniform").pvalue > 0.01
        assert 0.02 <= np.mean(column <= 0.05) <= 0.09


def test_the_future_does_not_move_a_week(ragged):
    found = staggered(ragged, FIRST, permutations=0)
    other = ragged.copy()
    other[80:] = np.random.default_rng(4).normal(size=other[80:].shape)
    moved = staggered(other, FIRST, permutations=0)
    owners = FIRST[found.owners]
    past = owners[:, None] + found.horizons < 80
    np.testing.assert_array_equal(found.each[past], moved.each[past])
    assert (found.each[~past & ~np.isnan(found.each)] != moved.each[~past & ~np.isnan(found.each)]).all()


def test_two_way_fixed_effects_are_biased_where_effects_grow_and_these_are_not():
    # The effect grows by 1% a week since signing; its mean over treated cells is the estimand of TWFE.
    first = FIRST.copy()
    age = np.arange(WEEKS)[:, None] - first
    effect = np.where(age >= 0, 0.01 * (age + 1), 0.0)
    logs = effect + np.random.default_rng(5).normal(size=len(first)) + np.linspace(0, 1, WEEKS)[:, None]
    truth = effect[age >= 0].mean()
    biased = plain.two_way_fixed_effects(logs, first)
    assert biased < 0.85 * truth
    found = staggered(logs, first, permutations=0)
    np.testing.assert_allclose(found.estimate[13:], 0.01 * (np.arange(27) + 1), atol=1e-12)
    np.testing.assert_allclose(imputed(logs, first)[13:], 0.01 * (np.arange(27) + 1), atol=1e-9)


def test_imputation_is_least_squares_on_untreated_cells_of_another_package(ragged):
    cells = [(t, j) for t in range(WEEKS) for j in range(len(FIRST)) if t < FIRST[j] and not np.isnan(ragged[t, j])]
    design = np.zeros((len(cells), WEEKS + len(FIRST)))
    for row, (t, j) in enumerate(cells):
        design[row, t] = design[row, WEEKS + j] = 1.0
    # The first week's effect is set to zero: one of all the effects is free.
    fitted = np.r_[0.0, OLS(np.array([ragged[cell] for cell in cells]), design[:, 1:]).fit().params]
    for h, one in zip(range(27), imputed(ragged, FIRST)[13:], strict=True):
        residuals = [
            ragged[FIRST[j] + h, j] - fitted[FIRST[j] + h] - fitted[WEEKS + j]
            for j in range(len(FIRST)) if FIRST[j] + h < WEEKS
        ]  # fmt: skip
        assert one == pytest.approx(np.nanmean(residuals), abs=1e-8)
    assert np.isnan(imputed(ragged, FIRST)[:13]).all()


def test_cells_that_nothing_ties_together_are_not_compared():
    # Company 0 is seen before its contract only in weeks in which nobody else is.
    logs = np.zeros((10, 3))
    logs[:4, 1:] = np.nan
    logs[4:, 0] = 5.0
    assert np.isnan(imputed(logs, np.array([4, 10, 10]))).all()


def test_a_company_without_a_close_before_its_contract_is_refused():
    with pytest.raises(InvalidInput, match="before the first week"):
        staggered(np.zeros((5, 3)), np.array([0, 5, 5]))


@given(st.integers(0, 10_000))
@settings(max_examples=25, deadline=None)
def test_interval_and_p_say_one_thing(seed):
    found = staggered(walks(np.random.default_rng(seed)), FIRST, permutations=119, seed=seed)
    for low, high, p in zip(found.low, found.high, found.p, strict=True):
        assert (p <= 0.05) == (low > 0 or high < 0)


@given(st.integers(0, 10_000), st.floats(-3, 3))
@settings(max_examples=15, deadline=None)
def test_what_all_companies_share_and_what_stays_with_one_cancel(seed, size):
    rng = np.random.default_rng(seed)
    logs = walks(rng)
    shared = logs + size * rng.normal(size=(WEEKS, 1)) + size * rng.normal(size=len(FIRST))
    a, b = staggered(logs, FIRST, permutations=0), staggered(shared, FIRST, permutations=0)
    np.testing.assert_allclose(a.estimate, b.estimate, atol=1e-11)
    np.testing.assert_allclose(imputed(logs, FIRST), imputed(shared, FIRST), atol=1e-7)


def test_events_at_either_end_of_the_weeks_and_neighbours_are_those_of_plain_loops():
    # Week -13 of the first event is the first week there is; week 26 of two others is one after the last, and the last.
    first = np.array([13, 14, 40, 40, 41, WEEKS - 26, WEEKS - 27, WEEKS, WEEKS])
    logs = walks(np.random.default_rng(6))[:, :9]
    found = staggered(logs, first, permutations=0)
    for at, h in enumerate(found.horizons):
        for event, company in enumerate(found.owners):
            expected = plain.excess(logs, first, h, company)
            assert found.each[event, at] == pytest.approx(expected, abs=1e-12, nan_ok=True)
    assert np.isfinite(found.each[0, 0])
    assert np.isnan(found.each[5, -1])
    assert found.permutations.tolist() == [0] * 40


def test_the_estimate_without_one_of_two_is_the_other_and_of_one_unknown():
    logs = walks(np.random.default_rng(7))[:, :6]
    two = staggered(logs, np.array([30, 50, *[WEEKS] * 4]), permutations=0)
    np.testing.assert_allclose(two.without_each(), two.each[::-1], atol=1e-12)
    assert np.isnan(staggered(logs, np.array([30, *[WEEKS] * 5]), permutations=0).without_each()).all()


@pytest.mark.parametrize(("permutations", "tested"), [(38, False), (39, True)])
def test_a_tail_holds_one_permutation_at_least(permutations, tested):
    # Two-sided at 95% the smallest p is 2 / (B + 1), at most 5% from 39 permutations on.
    found = staggered(walks(np.random.default_rng(8)), FIRST, horizons=np.array([0, 13]), permutations=permutations)
    assert np.isfinite(found.p).tolist() == [tested] * 2
    assert np.isfinite(found.low).tolist() == [tested] * 2
    assert found.permutations.tolist() == [permutations] * 2


def test_by_default_999_permutations_at_95_percent_and_a_week_unknown_to_all_events_has_no_test():
    logs = walks(np.random.default_rng(9))
    logs[FIRST[:7] + 3, np.arange(7)] = np.nan
    found = staggered(logs, FIRST, horizons=np.array([2, 3]))
    assert (found.level, found.seed, found.permutations[0]) == (0.95, 0, 999)
    assert np.isfinite([found.p[0], found.low[0], found.high[0]]).all()
    assert np.isnan([found.estimate[1], found.p[1], found.low[1], found.high[1]]).all()


def test_an_estimate_in_the_middle_of_its_permutations_has_a_p_of_one():
    _, _, p, held = _inference(np.array([0.0]), np.r_[np.arange(-19.0, 20.0), np.nan][:, None], 0.95)
    assert (p[0], held[0]) == (1.0, 39)  # 20 are as large, and 20 as small: 2 x 21 / 40


def test_the_largest_connected_set_of_cells_wherever_it_is_found():
    cells = np.zeros((8, 6), dtype=bool)
    cells[0, 0] = True  # one cell alone
    cells[1:3, 1] = cells[2:5, 2] = cells[4, 4] = True  # six, tied in turns
    cells[6:, 3] = cells[7, 5] = True  # three
    weeks, companies = _largest_block(cells)
    assert np.flatnonzero(weeks).tolist() == [1, 2, 3, 4]
    assert np.flatnonzero(companies).tolist() == [1, 2, 4]


def test_weeks_in_which_others_are_seen_that_nothing_ties_to_the_signer_have_no_expectation():
    # Until week 5 three companies are seen, in weeks 5 and 6 the signer and two that were never seen with them.
    logs = np.full((7, 5), np.nan)
    logs[:5, :3], logs[5:, 3:], logs[5:, 0] = 1.0, 4.0, 9.0
    assert np.isnan(imputed(logs, np.array([5, 7, 7, 7, 7]))).all()
    assert np.isnan(imputed(np.full((7, 5), np.nan), np.array([5, 7, 7, 7, 7]))).all()


def test_a_company_that_nothing_ties_to_the_others_moves_no_effect_of_theirs():
    # Until week 4 companies 0 to 2 are seen, of which the first signs in week 3 and rises by 2; then it and company 3.
    logs = np.arange(4.0) + 0.1 * np.arange(7.0)[:, None]
    logs[3:, 0] += 2
    logs[:5, 3], logs[5:, 1:3], logs[5:, 3] = np.nan, np.nan, 50.0
    found = imputed(logs, np.array([3, 7, 7, 7]), horizons=np.array([0, 1, 2, 3]))
    np.testing.assert_allclose(found, [2.0, 2.0, np.nan, np.nan], atol=1e-12)


def test_weeks_with_two_untreated_companies_are_imputed_and_with_one_are_not():
    # Companies at 0, 1 and 2 and weeks at 0, .1, .2 ...; the first signs in week 2 and rises by 3, the second in week 4.
    logs = np.arange(3.0) + 0.1 * np.arange(6.0)[:, None]
    logs[2:, 0] += 3
    found = imputed(logs, np.array([2, 4, 6]), horizons=np.array([-1, 0, 1, 2, 3]))
    np.testing.assert_allclose(found, [np.nan, 3.0, 3.0, np.nan, np.nan], atol=1e-12)
