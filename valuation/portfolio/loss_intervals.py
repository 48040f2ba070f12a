"""Stationary-bootstrap intervals of value at risk and expected shortfall (Politis & Romano 1994)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from valuation.portfolio.historical import expected_shortfall, tail_count, value_at_risk

DRAWS = 4_999
LEVEL = 0.95
LEAST_TAIL = (
    5  # returns in the tail that an interval needs: over fewer, in simulations, half of the intervals or more miss
)
# Share of simulated series of 104 returns (independent Student t(4), and a persistent GARCH variance; 400 series each, 499
# draws) whose 95% interval holds the true loss, from the worse to the better of the two.
COVERAGE = {"var": (0.76, 0.87), "es": (0.62, 0.71)}
CHUNK_BYTES = 32_000_000


def block_length(n: int) -> int:
    """Mean length of a block, n^(1/3) rounded: the rate at which blocks should grow with the series (Hall, Horowitz & Jing
    1995)."""
    return max(round(n ** (1 / 3)), 1)


def stationary_indices(n: int, mean_block: float, draws: int, rng: np.random.Generator) -> np.ndarray:
    """Positions that stationary-bootstrap series take from a series of n, (draws, n).

    A block begins at a random position and ends after each step with probability 1 / `mean_block`; past the end of the
    series it goes on at the start, so every position is as likely as any other.
    """
    starts = rng.integers(n, size=(draws, n))
    begins = rng.random((draws, n)) < 1 / mean_block
    steps = np.arange(n)
    since = np.maximum.accumulate(np.where(begins, steps, 0), axis=1)
    return (np.take_along_axis(starts, since, axis=1) + steps - since) % n


def loss_intervals(
    returns: np.ndarray,
    levels: Sequence[float],
    *,
    draws: int = DRAWS,
    seed: int = 0,
    level: float = LEVEL,
    mean_block: float | None = None,
) -> pd.DataFrame:
    """Percentile intervals of value at risk and expected shortfall over stationary-bootstrap series.

    Parameters
    ----------
    returns : (n,) array
        In order of time.
    levels : of the losses, such as 0.95
    level : float
        Of the intervals.
    mean_block : float, optional
        `block_length(n)` by default.

    Returns
    -------
    DataFrame
        Indexed by level of the loss: var_low, var_high, es_low, es_high; NaN where fewer than five returns stand in the
        tail.

    Notes
    -----
    No drawn loss is larger than the largest in the sample, so the upper end is too low: see `COVERAGE`.
    """
    mean_block = block_length(len(returns)) if mean_block is None else mean_block
    drawn: dict[str, list[np.ndarray]] = {f"{name}{one}": [] for name in ("var", "es") for one in levels}
    for indices in _blocks(len(returns), mean_block, draws, np.random.default_rng(seed)):
        ordered = np.sort(returns[indices], axis=1)
        for one in levels:
            drawn[f"var{one}"].append(value_at_risk(ordered, one))
            drawn[f"es{one}"].append(expected_shortfall(ordered, one))
    tails = [(1 - level) / 2, (1 + level) / 2]
    ends = {name: np.quantile(np.concatenate(parts), tails) for name, parts in drawn.items()}
    for one in levels:
        if tail_count(len(returns), one) < LEAST_TAIL:
            ends |= dict.fromkeys((f"var{one}", f"es{one}"), np.array([np.nan, np.nan]))
    rows = [[*ends[f"var{one}"], *ends[f"es{one}"]] for one in levels]
    return pd.DataFrame(
        rows, index=pd.Index(levels, name="level"), columns=["var_low", "var_high", "es_low", "es_high"]
    )


def _blocks(n: int, mean_block: float, draws: int, rng: np.random.Generator) -> Iterator[np.ndarray]:
    """The draws, a bounded block at a time."""
    size = max(1, CHUNK_BYTES // (8 * n))
    for start in range(0, draws, size):
        yield stationary_indices(n, mean_block, min(size, draws - start), rng)


def method(n: int, periods: str, block: int, draws: int, seed: int) -> str:
    """How the intervals were made, what they need and how often they hold, in sentences."""
    var, es = (f"{COVERAGE[name][0]:.0%} to {COVERAGE[name][1]:.0%}" for name in ("var", "es"))
    return (
        f"{LEVEL:.0%} intervals: stationary bootstrap of the {n} {periods} returns, mean block {block}, B = {draws:,}, seed "
        f"{seed}, percentiles; n.m. below {LEAST_TAIL} returns in the tail. They are too narrow: in simulations of 104 "
        f"returns they hold the true VaR 95% in {var} and the true expected shortfall in {es} of cases, since no drawn loss "
        "exceeds the worst of the sample."
    )
