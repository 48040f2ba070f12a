"""Permutation tests of the ratio between two groups, and the interval that inverts one.

Labels are exchanged within a cross-section. The test is exact where group and value are independent;
where one group is more dispersed and the groups differ in size it is not (`benchmarks/size.py`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations
from math import comb

import numpy as np

from valuation.gap.ratios import TIE, Resamples, blocks, drawn_levels, log_level

ALL_LABELS_UP_TO = 20_000
CHUNK_BYTES = 64_000_000
FURTHEST = np.log(1e4)
CLOSE_ENOUGH = 1e-9


@dataclass(frozen=True)
class PermutationTests:
    """Permutation p-values of ln(ratio), an entry a cross-section; `exact` where every labelling was taken."""

    # pytest would take a class of this name for a test case.
    __test__ = False

    p_value: np.ndarray
    exact: np.ndarray
    draws: int
    seed: int


@lru_cache(maxsize=64)
def _labellings(n_first: int, n_second: int, draws: int, seed: int) -> tuple[np.ndarray, np.ndarray, bool]:
    """Members of the first group and of the second, ascending, a row a labelling; and whether these are all."""
    n = n_first + n_second
    complete = comb(n, n_first) <= ALL_LABELS_UP_TO
    if complete:
        chosen = np.array(list(combinations(range(n), n_first)), dtype=np.int64)
    else:
        rng = np.random.default_rng([seed, n_first, n_second])
        chosen = rng.permuted(np.tile(np.arange(n), (draws, 1)), axis=1)[:, :n_first]
    member = np.zeros((len(chosen), n), dtype=bool)
    member[np.arange(len(chosen))[:, None], chosen] = True
    first, second = (np.nonzero(which)[1].reshape(len(chosen), -1) for which in (member, ~member))
    return first, second, complete


def smallest_p(n_first: int, n_second: int) -> float:
    """The smallest p that a two-sided test over all labellings can give: one in their number."""
    return 1 / comb(n_first + n_second, n_first)


def permutation_ratios(
    value: np.ndarray,
    mw: np.ndarray,
    first: np.ndarray,
    statistic: str,
    *,
    draws: int,
    seed: int,
    null: float = 1.0,
) -> PermutationTests:
    """Two-sided permutation p-values of ln(ratio), group labels exchanged within each cross-section.

    Parameters
    ----------
    value, mw, first, statistic
        As `ratios.bootstrap_ratios`.
    draws, seed
        Used beyond 20,000 labellings, with p = (b + 1) / (B + 1) (Phipson & Smyth 2010); all of them up to there.
    null : float
        The ratio that is tested: the first group's values are divided by it before labels are exchanged.
    """
    tested = permutation_statistics(value, mw, first, (statistic,), draws=draws, seed=seed, null=null)
    return tested[statistic]


def permutation_statistics(
    value: np.ndarray,
    mw: np.ndarray,
    first: np.ndarray,
    statistics: Sequence[str],
    *,
    draws: int,
    seed: int,
    null: float = 1.0,
) -> dict[str, PermutationTests]:
    """`permutation_ratios` of several statistics, which share their labellings."""
    exact = np.zeros(len(value), dtype=bool)
    out = {name: np.full(len(value), np.nan) for name in statistics}
    for block in blocks(np.where(first, value / null, value), mw, first):
        n_first, n_second = (v.shape[1] for v in block.value)
        chosen, rest, complete = _labellings(n_first, n_second, draws, seed)
        labelled = [Resamples(members, n_first + n_second) for members in (chosen, rest)]
        pooled_value, pooled_mw = np.hstack(block.value), np.hstack(block.mw)
        order = np.argsort(pooled_value / pooled_mw, axis=1, kind="stable")
        pooled_value = np.take_along_axis(pooled_value, order, axis=1)
        pooled_mw = np.take_along_axis(pooled_mw, order, axis=1)
        step = max(1, CHUNK_BYTES // (8 * len(chosen)))
        for statistic, p_value in out.items():
            levels = [log_level(*group, statistic) for group in zip(block.value, block.mw, strict=True)]
            centre = levels[0] - levels[1]
            for start in range(0, len(block.rows), step):
                rows = slice(start, start + step)
                drawn = drawn_levels(pooled_value[rows], pooled_mw[rows], statistic, labelled[0])
                drawn -= drawn_levels(pooled_value[rows], pooled_mw[rows], statistic, labelled[1])
                observed = np.abs(centre[rows])[:, None]
                count = (np.abs(drawn) >= observed - TIE * np.maximum(observed, 1.0)).sum(axis=1)
                p_value[block.rows[rows]] = count / len(chosen) if complete else (count + 1) / (len(chosen) + 1)
        exact[block.rows] = complete
    return {name: PermutationTests(p_value, exact, draws, seed) for name, p_value in out.items()}


def permutation_interval(
    value: np.ndarray, mw: np.ndarray, first: np.ndarray, statistic: str, *, level: float, draws: int, seed: int
) -> tuple[float, float]:
    """The ratios that the permutation test of one cross-section does not reject at 1 - level.

    Parameters
    ----------
    value, mw, first : (companies,) arrays
        Of one cross-section.

    Returns
    -------
    low, high : float
        From the ratio outwards, each side ends at the first ratio found rejected; 0 and inf where no ratio within a
        factor of 10,000 is. NaN where a group is empty.

    Notes
    -----
    Takes the groups to differ by a factor alone. It agrees with `permutation_ratios` by construction, and needs no
    resampling within a group, so it stands where a group has two members.
    """
    known = ~np.isnan(value)
    if not (known & first).any() or not (known & ~first).any():
        return np.nan, np.nan
    section = (mw[known][None], first[known][None], statistic)
    levels = [log_level(value[known & part], mw[known & part], statistic) for part in (first, ~first)]
    centre = float(levels[0] - levels[1])

    def rejected(away: float) -> bool:
        null = float(np.exp(centre + away))
        tested = permutation_ratios(value[known][None], *section, draws=draws, seed=seed, null=null)
        return bool(tested.p_value.item() <= 1 - level + CLOSE_ENOUGH)  # 1 - level is not exact in binary

    ends = []
    for side in (-1.0, 1.0):
        inside, outside = 0.0, 0.125
        while not (found := rejected(side * outside)) and outside < FURTHEST:
            inside, outside = outside, min(2 * outside, FURTHEST)
        if not found:
            ends.append(0.0 if side < 0 else np.inf)
            continue
        while outside - inside > CLOSE_ENOUGH:
            middle = (inside + outside) / 2
            inside, outside = (inside, middle) if rejected(side * middle) else (middle, outside)
        ends.append(float(np.exp(centre + side * outside)))
    return ends[0], ends[1]
