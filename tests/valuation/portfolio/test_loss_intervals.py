"""Bootstrap intervals of losses: the indices against a plain loop and their law, the ends against a plain loop, coverage."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from valuation.portfolio import loss_intervals as intervals


def plain_loss(returns: list[float], level: float) -> tuple[float, float]:
    """Value at risk and expected shortfall of one list, by counting."""
    worst = sorted(returns)
    mass = len(returns) * (1 - level)
    whole = max(math.ceil(mass - 1e-9), 1)
    rest = mass - (whole - 1)
    return -worst[whole - 1], -(sum(worst[: whole - 1]) + rest * worst[whole - 1]) / mass


@given(st.integers(2, 30), st.floats(1, 12), st.integers(0, 10**6))
@settings(max_examples=40, deadline=None)
def test_indices_are_a_plain_walk_over_blocks(n, mean_block, seed):
    found = intervals.stationary_indices(n, mean_block, 5, np.random.default_rng(seed))
    rng = np.random.default_rng(seed)  # the same draws, walked through one by one
    starts, coin = rng.integers(n, size=(5, n)), rng.random((5, n))
    for draw in range(5):
        position = int(starts[draw, 0])
        walked = [position]
        for step in range(1, n):
            position = int(starts[draw, step]) if coin[draw, step] < 1 / mean_block else (position + 1) % n
            walked.append(position)
        assert found[draw].tolist() == walked


def test_blocks_are_geometric_and_every_position_is_as_likely():
    found = intervals.stationary_indices(50, 4.0, 4000, np.random.default_rng(3))
    goes_on = (found[:, 1:] - found[:, :-1]) % 50 == 1
    # A block goes on with probability 3/4; a new one happens to begin at the next position with 1/4 x 1/50.
    assert goes_on.mean() == pytest.approx(0.75 + 0.25 / 50, abs=0.003)
    shares = np.bincount(found.ravel(), minlength=50) / found.size
    assert shares == pytest.approx(np.full(50, 0.02), rel=0.06)


def test_the_ends_are_percentiles_of_plain_losses():
    returns = np.random.default_rng(1).standard_t(4, 120) * 0.06
    found = intervals.loss_intervals(returns, (0.9, 0.95), draws=300, seed=11, level=0.9)
    indices = intervals.stationary_indices(120, 5, 300, np.random.default_rng(11))
    for level in (0.9, 0.95):
        losses = np.array([plain_loss(returns[one].tolist(), level) for one in indices])
        expected = np.quantile(losses, [0.05, 0.95], axis=0).T.ravel()
        assert found.loc[level].to_numpy() == pytest.approx(expected)


def test_the_same_as_arch():
    """The mean and spread of the losses over the stationary bootstrap of another package; blocks of five."""
    from arch import bootstrap

    returns = np.random.default_rng(2).normal(0, 0.06, 104)
    theirs = bootstrap.StationaryBootstrap(5, returns, seed=np.random.default_rng(7))
    losses = theirs.apply(lambda x: np.array(plain_loss(x.tolist(), 0.95)), 4000)
    ends = np.quantile(losses, [0.025, 0.975], axis=0).T.ravel()
    found = intervals.loss_intervals(returns, (0.95,), draws=4000, seed=1)
    assert found.loc[0.95].to_numpy() == pytest.approx(ends, abs=0.004)


def test_few_returns_in_the_tail_have_no_interval():
    returns = np.random.default_rng(4).normal(0, 0.06, 104)
    found = intervals.loss_intervals(returns, (0.95, 0.99), draws=99)
    assert found.loc[0.95].notna().all()  # six returns
    assert found.loc[0.99].isna().all()  # two
    assert [intervals.block_length(n) for n in (1, 2, 8, 104)] == [1, 1, 2, 5]


def test_draws_and_level_where_none_are_asked_for():
    returns = np.random.default_rng(4).normal(0, 0.06, 104)
    found = intervals.loss_intervals(returns, (0.95,))
    assert found.equals(intervals.loss_intervals(returns, (0.95,), draws=4_999, seed=0, level=0.95, mean_block=5))


def test_the_method_says_what_was_done_and_how_often_it_holds():
    said = intervals.method(104, "weekly", 5, 4_999, 7)
    assert said.startswith(
        "95% intervals: stationary bootstrap of the 104 weekly returns, mean block 5, B = 4,999, seed 7, "
    )
    assert "n.m. below 5 returns in the tail" in said
    assert "the true VaR 95% in 76% to 87% and the true expected shortfall in 62% to 71% of cases" in said


def test_draws_in_pieces_do_not_depend_on_memory_and_the_seed_decides(monkeypatch):
    returns = np.random.default_rng(4).normal(0, 0.06, 104)
    one = intervals.loss_intervals(returns, (0.95,), draws=500, seed=3)
    assert one.equals(intervals.loss_intervals(returns, (0.95,), draws=500, seed=3))
    assert not one.equals(intervals.loss_intervals(returns, (0.95,), draws=500, seed=4))
    monkeypatch.setattr(intervals, "CHUNK_BYTES", 8 * 104 * 37)
    pieces = intervals.loss_intervals(returns, (0.95,), draws=5000, seed=3)
    assert pieces.to_numpy() == pytest.approx(one.to_numpy(), abs=0.01)


def test_coverage_in_small_is_what_the_page_says():
    """200 series of 104 independent t(4) returns; the true losses by the law's own integral."""
    from scipy.stats import t

    quantile = t.ppf(0.05, 4)
    shortfall = t.pdf(quantile, 4) / 0.05 * (4 + quantile**2) / 3
    rng = np.random.default_rng(9)
    hits = np.zeros(2)
    for seed in range(200):
        var_low, var_high, es_low, es_high = intervals.loss_intervals(
            rng.standard_t(4, 104), (0.95,), draws=299, seed=seed
        ).to_numpy()[0]
        hits += [var_low <= -quantile <= var_high, es_low <= shortfall <= es_high]
    for share, (low, high) in zip(hits / 200, intervals.COVERAGE.values(), strict=True):
        assert low - 0.08 <= share <= high + 0.08
