"""Checks of the gap's history: planted walks, a planted trend, paths against the single estimate, the agreement rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from valuation.errors import InvalidInput, NotEstimable
from valuation.gap import history_checks as history_checks_module
from valuation.gap.history_checks import (
    HistoryChecks,
    _independent,
    _mean,
    _objections,
    history_checks,
    walks_without_drift,
)
from valuation.gap.hodges_lehmann import hodges_lehmann
from valuation.gap.trend import sup_f

WEEKS = 80
DATES = pd.date_range("2024-01-05", periods=WEEKS, freq="7D")


def world(rng: np.random.Generator, n: int = 5, m: int = 5, *, drift: float = 0.0, own: float = 0.06):
    """Log values of companies that walk together and apart; the first n drift by `drift` a year."""
    steps = rng.normal(0, 0.05, (WEEKS, 1)) + rng.normal(0, own, (WEEKS, n + m))
    steps[:, :n] += drift / 52.1786
    names = [f"P{i}" for i in range(n)] + [f"B{i}" for i in range(m)]
    logs = pd.DataFrame(rng.normal(0, 0.5, n + m) + np.cumsum(steps, axis=0), index=DATES, columns=names)
    pivots = pd.DataFrame(np.tile(np.arange(n + m) < n, (WEEKS, 1)), index=DATES, columns=names)
    return logs, pivots


@pytest.fixture(scope="module")
def ragged() -> tuple[pd.DataFrame, pd.DataFrame]:
    """A world in which companies enter, leave and change group, and one group has two members for ten weeks."""
    logs, pivots = world(np.random.default_rng(1), 5, 4)
    logs.loc[DATES[:20], "P0"] = np.nan
    logs.loc[DATES[60:], "B0"] = np.nan
    logs.loc[DATES[10:20], ["P1", "P2"]] = np.nan
    pivots.loc[DATES[:30], "P4"] = False
    return logs, pivots


@pytest.fixture(scope="module")
def checked(ragged) -> HistoryChecks:
    return history_checks(*ragged, paths=199, seed=3)


def groups_on(ragged, day: pd.Timestamp, without: str = "") -> tuple[np.ndarray, np.ndarray]:
    row, mask = ragged[0].loc[day].drop(without or []).dropna(), ragged[1].loc[day]
    return np.exp(row[mask[row.index]].to_numpy()), np.exp(row[~mask[row.index]].to_numpy())


def test_each_week_is_the_single_estimate(ragged, checked):
    measured = [day for day in DATES if min(len(group) for group in groups_on(ragged, day)) >= 3]
    assert checked.path.index.tolist() == measured
    assert 50 < len(measured) < WEEKS
    for day in measured:
        first, second = groups_on(ragged, day)
        row = checked.path.loc[day]
        assert np.exp(row["hodges_lehmann"]) == pytest.approx(hodges_lehmann(first, second).ratio, rel=1e-12)
        assert np.exp(row["median"]) == pytest.approx(np.median(first) / np.median(second), rel=1e-12)
        assert np.exp(row["geometric_mean"]) == pytest.approx(stats.gmean(first) / stats.gmean(second), rel=1e-12)
        assert (row["n_pivot"], row["n_bitcoin"]) == (len(first), len(second))


def test_paths_without_a_company_are_those_of_the_others(ragged, checked):
    for day in checked.path.index[::7]:
        for name in ragged[0].columns:
            first, second = groups_on(ragged, day, name)
            by_hand = np.median(np.log(first[:, None] / second[None, :]))
            assert checked.without.loc[day, name] == pytest.approx(by_hand, abs=1e-12)


def test_slopes_are_least_squares(checked):
    years = (checked.path.index - checked.path.index[0]).days / 365.25
    assert checked.slope == pytest.approx(stats.linregress(years, checked.path["hodges_lehmann"]).slope, rel=1e-10)
    for name, slope in checked.slopes_without.items():
        assert slope == pytest.approx(stats.linregress(years, checked.without[name]).slope, rel=1e-8)
    for name, slope in checked.slopes_by_statistic.items():
        assert slope == pytest.approx(stats.linregress(years, checked.path[name]).slope, rel=1e-10)


def test_the_band_is_the_jackknife_by_hand(ragged, checked):
    errors, deviations = [], {name: [] for name in ragged[0].columns}
    for day in checked.path.index:
        names = ragged[0].loc[day].dropna().index
        left = checked.without.loc[day, names]
        error = np.sqrt((len(names) - 1) / len(names) * ((left - left.mean()) ** 2).sum())
        errors.append(error)
        for name in names:
            deviations[name].append(abs(left[name] - left.mean()) * np.sqrt(len(names) - 1) / error)
    np.testing.assert_allclose(checked.band["std_error"], errors, rtol=1e-9)
    critical = np.quantile([max(one) for one in deviations.values()], 0.95)
    assert checked.critical == pytest.approx(max(critical, stats.norm.ppf(0.975)), rel=1e-9)
    middle = checked.path["hodges_lehmann"]
    for name, half in (("", checked.critical), ("_bootstrap", checked.critical_bootstrap)):
        np.testing.assert_allclose(checked.band[f"high{name}"], middle + half * np.array(errors), rtol=1e-9)
        np.testing.assert_allclose(checked.band[f"low{name}"], middle - half * np.array(errors), rtol=1e-9)


def test_the_wider_band_is_that_of_companies_drawn_one_by_one(ragged, checked):
    """Lists of companies with repeats, a median of all their pairs, over draws of this test's own."""
    logs, pivots = ragged
    rng = np.random.default_rng(31)
    measured = checked.path.index
    known = logs.loc[measured].notna()
    balance = (known & pivots.loc[measured]).sum() - (known & ~pivots.loc[measured]).sum()
    strata = [list(balance.index[balance > 0]), list(balance.index[balance <= 0])]
    values, mask, inside = (frame.loc[measured].to_dict("index") for frame in (logs, pivots, logs.notna()))
    largest = []
    for _ in range(300):
        drawn = [name for stratum in strata for name in rng.choice(stratum, len(stratum))]
        worst = 0.0
        for day, ratio, error in zip(measured, checked.path["hodges_lehmann"], checked.band["std_error"], strict=True):
            here = [name for name in drawn if inside[day][name]]
            first = [values[day][name] for name in here if mask[day][name]]
            second = [values[day][name] for name in here if not mask[day][name]]
            if first and second:
                worst = max(worst, abs(np.median(np.subtract.outer(first, second)) - ratio) / error)
        largest.append(worst)
    # Two sets of 199 and 300 draws: the quantile itself is uncertain by some 10%.
    assert checked.critical_bootstrap == pytest.approx(np.quantile(largest, 0.95), rel=0.2)
    half = (checked.band["high_bootstrap"] - checked.band["low_bootstrap"]) / 2
    np.testing.assert_allclose(half, checked.critical_bootstrap * checked.band["std_error"], rtol=1e-9)


@pytest.mark.long
def test_walks_without_a_trend_are_rejected_near_5_percent():
    # 150 worlds: at a true 5% more than 16 rejections have a probability of 0.2%; 6 to 7% were found in 400 others.
    rng = np.random.default_rng(21)
    found = [history_checks(*world(rng), paths=99, seed=seed) for seed in range(150)]
    assert 1 <= sum(one.p <= 0.05 for one in found) <= 16
    assert 1 <= sum(one.break_p <= 0.05 for one in found) <= 16
    assert sum(one.claimed for one in found) <= sum(one.p <= 0.05 for one in found)


def test_a_planted_trend_is_found_with_its_size():
    found = history_checks(*world(np.random.default_rng(22), drift=1.0, own=0.02), paths=199, seed=1)
    # The slope's own error: a walk of the difference of two means, 0.02 x sqrt(2 / 5) a week, strays 0.1 in 80 weeks.
    assert found.slope == pytest.approx(1.0, abs=0.25)
    assert (found.p, found.claimed, found.objections) == (1 / 200, True, ())
    assert found.growth == pytest.approx(np.expm1(found.slope))
    # A median of pairs may leave the range of the leave-one-out values, so the range is held against the slopes alone.
    assert found.growth_range == pytest.approx(
        (np.expm1(min(found.slopes_without)), np.expm1(max(found.slopes_without)))
    )


def test_a_planted_break_is_found_on_its_week():
    logs, pivots = world(np.random.default_rng(26), own=0.01)
    logs.loc[DATES[45:], [name for name in logs if name.startswith("P")]] += 1.5
    found = history_checks(logs, pivots, paths=199, seed=1)
    assert found.break_on == DATES[45]
    path = found.path["hodges_lehmann"]
    assert (found.break_before, found.break_after) == pytest.approx((path[:45].mean(), path[45:].mean()))
    assert found.break_after - found.break_before == pytest.approx(1.5, abs=0.15)


def test_a_trend_of_one_company_is_not_claimed():
    # All of the trend is in P0, which is always the median pivot of three that stand far apart.
    logs, pivots = world(np.random.default_rng(23), 3, 3, own=0.002)
    logs[:] = np.array([0.0, 3.0, -3.0, 0.0, 0.01, -0.01]) + 0.002 * np.random.default_rng(4).normal(size=logs.shape)
    logs["P0"] += np.linspace(0, 1, WEEKS)
    logs["P1"] -= np.linspace(0, 0.5, WEEKS)
    found = history_checks(logs, pivots, paths=99, seed=1)
    assert found.slope > 0
    assert found.slopes_without["P0"] < 0
    assert not found.claimed
    assert "the slope changes its sign without P0" in found.objections[0]


def test_whole_weeks_are_drawn_from_the_first_known_value():
    values = np.array([[0.0, np.nan], [0.1, 5.0], [0.4, 5.2], [0.3, 5.1], [0.7, 5.6]])
    walks = walks_without_drift(values, 500, 7)
    np.testing.assert_allclose(walks[:, 0, 0], 0.0)
    np.testing.assert_allclose(walks[:, 1, 1], 5.0)
    steps = np.diff(walks, axis=1)
    own = np.diff(values[:, 0]) - np.diff(values[:, 0]).mean()
    other = np.diff(values[1:, 1]) - np.diff(values[1:, 1]).mean()
    both = {tuple(np.round(row, 9)) for row in steps.reshape(-1, 2)}
    # Weeks in which both are known come as pairs; the first, in which one is not, keeps the other's change.
    pairs = {tuple(np.round(row, 9)) for row in np.column_stack([own[1:], other])}
    assert len(both) == 4
    assert pairs < both
    assert {row[0] for row in both} == set(np.round(own, 9))
    assert steps.mean() == pytest.approx(0.0, abs=0.02)


def test_too_few_weeks_and_crooked_frames_are_refused():
    logs, pivots = world(np.random.default_rng(24))
    with pytest.raises(NotEstimable, match="29 weeks"):
        history_checks(logs[:29], pivots[:29])
    few = pivots & False
    with pytest.raises(NotEstimable, match="0 weeks"):
        history_checks(logs, few)
    with pytest.raises(InvalidInput, match="different"):
        history_checks(logs, pivots.drop(columns="P0"))
    with pytest.raises(InvalidInput, match="ascend"):
        history_checks(logs[::-1], pivots[::-1])


def test_one_seed_one_answer():
    logs, pivots = world(np.random.default_rng(25))
    assert history_checks(logs, pivots, paths=99, seed=5).p == history_checks(logs, pivots, paths=99, seed=5).p


def test_p_values_count_the_walks_drawn(ragged):
    found = history_checks(*ragged, paths=39, seed=3)
    walks = np.exp(walks_without_drift(ragged[0].to_numpy(), 39, 3))
    years = (found.path.index - found.path.index[0]).days / 365.25
    known, mask = ragged[0].notna().to_numpy(), ragged[1].to_numpy()
    weeks = [(DATES.get_loc(day), known[DATES.get_loc(day)]) for day in found.path.index]
    paths = [
        [np.median(np.log(np.divide.outer(walk[t][seen & mask[t]], walk[t][seen & ~mask[t]]))) for t, seen in weeks]
        for walk in walks
    ]
    slopes = [abs(stats.linregress(years, path).slope) for path in paths]
    breaks = [sup_f(np.array([path]))[0][0] for path in paths]
    larger = sum(slope >= abs(found.slope) for slope in slopes)
    assert 0 < larger < 39
    assert found.p == pytest.approx((1 + larger) / 40)
    observed = sup_f(found.path["hodges_lehmann"].to_numpy()[None])[0][0]
    larger = sum(f >= observed for f in breaks)
    assert 0 < larger < 39
    assert found.break_p == pytest.approx((1 + larger) / 40)
    # A gap that falls is tested by the size of its slope: the groups exchanged.
    assert history_checks(ragged[0], ~ragged[1], paths=39, seed=3).p == pytest.approx(found.p)


def test_thirty_weeks_are_enough_and_the_draws_are_999():
    logs, pivots = world(np.random.default_rng(27), 3, 3)
    logs["NEVER"], pivots["NEVER"] = np.nan, False
    found = history_checks(logs[:30], pivots[:30])
    assert (len(found.path), found.paths, found.level, found.seed) == (30, 999, 0.95, 0)
    assert found.slopes_without.index.tolist() == ["P0", "P1", "P2", "B0", "B1", "B2"]


def test_a_company_of_some_weeks_has_a_slope_without_it(checked):
    assert set(checked.slopes_without.index) == {f"P{k}" for k in range(5)} | {f"B{k}" for k in range(4)}


def test_a_gap_that_never_moves_has_no_trend():
    logs, pivots = world(np.random.default_rng(28))
    logs[:] = logs.iloc[0].to_numpy()
    with pytest.raises(NotEstimable, match="the gap is the same in all 80 weeks"):
        history_checks(logs, pivots)


def test_walks_of_companies_that_are_hardly_seen():
    # A walks; B is seen once, C never; between the third and the fourth week nobody is.
    values = np.array(
        [[1.0, 2.0, np.nan], [1.4, np.nan, np.nan], [1.5, np.nan, np.nan], [np.nan] * 3, [2.0, np.nan, np.nan]]
    )
    walks = walks_without_drift(values, 60, 1)
    assert np.isfinite(walks).all()
    assert (walks[:, 0, :2] == [1.0, 2.0]).all()
    steps = np.diff(walks, axis=1)
    # Changes 0.4 and 0.1 less their mean, none in weeks without one; the others have no change of their own.
    assert set(np.unique(steps.round(9))) == {-0.15, 0.0, 0.15}
    for column in (1, 2):
        np.testing.assert_allclose(steps[..., column], steps[..., 0], atol=1e-12)


def test_means_of_what_is_known():
    array = np.array([[np.nan, np.nan], [1.0, np.nan], [2.0, 4.0]])
    assert _mean(array, axis=1).tolist() == pytest.approx([np.nan, 1.0, 3.0], nan_ok=True)
    assert _mean(array, axis=0).tolist() == [1.5, 4.0]


def test_independent_weeks_by_hand():
    years = np.arange(16.0)
    # 16 quarters of either sign, of sum of squares 1 and no slope; of 15 neighbours 7 have one sign: r = -1/16.
    path = 0.25 * np.array([1, 1, -1, -1, 1, -1, -1, 1, 1, -1, -1, 1, -1, -1, 1, 1])
    # rho = (16 r + 2) / 12 = 1/12.
    assert _independent(path, years, 0.0) == pytest.approx(16 * 11 / 13)
    assert _independent(3 + 2 * path + 0.7 * years, years, 0.7) == pytest.approx(16 * 11 / 13)
    # r = -7/16 would make more weeks than there are; a ramp is taken for a walk.
    assert _independent(np.array([1.0, -1, 1, -1, 1, -1, 1, 1, -1, 1, -1, -1, 1, 1, -1, -1]), years, 0.0) == 16.0
    assert _independent(np.array([1.0, -1] * 8), years, 0.0) == 16.0
    assert _independent(0.2 * years, years, 0.0) == 1.0
    assert _independent(np.zeros(5), np.arange(5.0), 0.0) == 5.0


@pytest.mark.parametrize(
    ("p", "told"), [(0.05, ""), (0.0501, "p = 0.050"), (0.0994, "p = 0.099"), (0.0995, "p = 0.10"), (0.2, "p = 0.20")]
)
def test_the_objection_of_p(p, told):
    same = pd.Series({"A": 0.3, "B": 0.1})
    assert _objections(0.2, p, same, {"median": 0.4}) == ((told,) if told else ())


def test_objections_name_who_and_what_turns_the_slope():
    found = _objections(-0.2, 0.01, pd.Series({"A": -0.3, "B": 0.1, "C": 0.2}), {"median": 0.4, "geometric_mean": -0.1})
    assert found == ("the slope changes its sign without B, C", "the slope of median has the other sign")


@pytest.mark.parametrize("at_once", [1, 20, 1_000_000])
def test_medians_of_many_paths_are_the_same_however_many_pairs_are_held_at_once(monkeypatch, at_once):
    monkeypatch.setattr(history_checks_module, "PAIRS_AT_ONCE", at_once)
    values = np.random.default_rng(8).normal(size=(5, 2, 7))
    groups = [(np.array([0, 2, 3]), np.array([1, 4, 5, 6])), (np.array([1, 2]), np.array([0, 6, 3]))]
    found = history_checks_module._path(values, np.array([0, 1]), groups, "hodges_lehmann")
    expected = [
        [np.median([one[week, i] - one[week, j] for i in first for j in second])
         for week, (first, second) in enumerate(groups)]
        for one in values
    ]  # fmt: skip
    assert np.array_equal(found, expected)
