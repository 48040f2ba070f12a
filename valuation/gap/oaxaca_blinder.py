"""Oaxaca-Blinder decomposition of the mean log gap into explained and unexplained parts (Oaxaca 1973; Blinder 1973)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.special import stdtrit

from valuation._summary import ResultMixin
from valuation.errors import NotEstimable
from valuation.groups import BITCOIN, GROUP_NAMES, PIVOT

PARTS = ("difference", "explained", "unexplained", "endowments", "coefficients", "interaction")


@dataclass(frozen=True, repr=False)
class Decomposition(ResultMixin):
    """Oaxaca-Blinder decomposition of the mean difference of a log multiple between two groups.

    Attributes
    ----------
    difference : float
        Mean ln of the AI group less that of the mining group; exp of it is the ratio of geometric means.
    explained, unexplained : float
        Two-fold, at the coefficients of the pooled regression with a group indicator (Jann 2008); they sum to
        `difference`.
    endowments, coefficients, interaction : float
        Three-fold, seen from the bitcoin group; they sum to `difference`.
    by_trait : Series
        The explained part, trait by trait.
    n_pivot, n_bitcoin : int
    intervals : DataFrame
        Indexed by part: std_error, low, high, by the jackknife; NaN where `note` says why there are none.
    level : float
    df : int
        Companies less one.
    note : str
    """

    difference: float
    explained: float
    unexplained: float
    endowments: float
    coefficients: float
    interaction: float
    by_trait: pd.Series
    n_pivot: int
    n_bitcoin: int
    intervals: pd.DataFrame
    level: float
    df: int
    note: str

    @property
    def n(self) -> int:
        """Companies."""
        return self.n_pivot + self.n_bitcoin

    @property
    def explained_share(self) -> float:
        """Explained part over the whole difference."""
        return self.explained / self.difference

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {value:+.2f}" for name, value in self.by_trait.items())
        low, high = (self.intervals.at["explained", end] for end in ("low", "high"))
        held = self.note or f"{self.level:.0%} jackknife interval {low:+.2f} to {high:+.2f}, t({self.df})"
        return (
            f"Mean ln difference {self.difference:+.2f} = explained {self.explained:+.2f} ({parts}; {held}) "
            f"+ unexplained {self.unexplained:+.2f}; n = {self.n_pivot} AI-group and {self.n_bitcoin} mining companies"
        )


def oaxaca_blinder(
    sample: pd.DataFrame, response: str, traits: Sequence[str], is_pivot: str, *, level: float = 0.95
) -> Decomposition:
    """Decompose the difference of mean `response` between the AI group and the mining group over `traits`.

    Parameters
    ----------
    sample : DataFrame
        A row a company: `response` (already in logs), the traits, and `is_pivot` (bool).
    level : float
        Of the jackknife intervals.

    Raises
    ------
    NotEstimable
        A group has no more companies than coefficients, or the traits are collinear within it.

    Notes
    -----
    Delete-one-company jackknife (Tukey 1958; Efron & Tibshirani 1993, chapter 11): variance (n - 1) / n times the sum of
    squared deviations of the estimates without each company, t with n - 1 degrees of freedom. Simulated at 10 against 3, 9
    against 4 and 7 against 7 companies, 2,000 samples each, the 95% intervals hold the truth in 93% to 96%; weighted by
    group they would in 91% to 95%.
    """
    pivot = sample[is_pivot].to_numpy(dtype=bool)
    y = sample[response].to_numpy(dtype=float)
    x = np.column_stack([np.ones(len(sample)), sample[list(traits)].to_numpy(dtype=float)])
    for name, mask in ((PIVOT, pivot), (BITCOIN, ~pivot)):
        if mask.sum() <= x.shape[1]:
            raise NotEstimable(
                f"estimate not available: {int(mask.sum())} companies in the {GROUP_NAMES[name]}, more than "
                f"{x.shape[1]} needed"
            )
        if np.linalg.matrix_rank(x[mask]) < x.shape[1]:
            raise NotEstimable(f"the characteristics {', '.join(traits)} are collinear within the {GROUP_NAMES[name]}")
    n = len(y)
    (parts,), (by_trait,) = _parts(y, x, pivot, np.ones((1, n), dtype=bool))
    without = ~np.eye(n, dtype=bool)
    alone = _decisive(x, pivot, without)
    intervals = pd.DataFrame(np.nan, index=list(PARTS), columns=["std_error", "low", "high"])
    note = ""
    if alone.any():
        named = ", ".join(str(name) for name in sample.index[alone])
        note = f"interval not available: without {named} the characteristic does not vary within its group"
    else:
        again = _parts(y, x, pivot, without)[0]
        error = np.sqrt((n - 1) / n * ((again - again.mean(axis=0)) ** 2).sum(axis=0))
        half = float(stdtrit(n - 1, (1 + level) / 2)) * error
        intervals = pd.DataFrame({"std_error": error, "low": parts - half, "high": parts + half}, index=list(PARTS))
    return Decomposition(
        **{name: float(value) for name, value in zip(PARTS, parts, strict=True)},
        by_trait=pd.Series(by_trait, index=list(traits)),
        n_pivot=int(pivot.sum()),
        n_bitcoin=int((~pivot).sum()),
        intervals=intervals,
        level=level,
        df=n - 1,
        note=note,
    )


def _parts(y: np.ndarray, x: np.ndarray, pivot: np.ndarray, kept: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Parts (samples, 6) in the order of `PARTS` and explained part by trait (samples, traits), over the companies kept.

    Parameters
    ----------
    kept : (samples, companies) bool array
    """
    first, other = kept & pivot, kept & ~pivot
    b_pivot, b_other = _slopes(y, x, first), _slopes(y, x, other)
    pooled = _slopes(y, np.column_stack([x, pivot]), kept)[:, :-1]
    mean_pivot, mean_other = _means(x, first), _means(x, other)
    apart = mean_pivot - mean_other
    difference = (_means(y[:, None], first) - _means(y[:, None], other))[:, 0]
    by_trait = (apart * pooled)[:, 1:]
    explained = by_trait.sum(axis=1)
    threefold = (apart * b_other, mean_other * (b_pivot - b_other), apart * (b_pivot - b_other))
    columns = [difference, explained, difference - explained, *(part.sum(axis=1) for part in threefold)]
    return np.column_stack(columns), by_trait


def _slopes(y: np.ndarray, x: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Least squares coefficients over the companies kept, (samples, columns): a row of zeros leaves a company out."""
    return np.linalg.pinv(kept[:, :, None] * x) @ y


def _means(x: np.ndarray, kept: np.ndarray) -> np.ndarray:
    """Means over the companies kept, (samples, columns)."""
    return (kept @ x) / kept.sum(axis=1, keepdims=True)


def _decisive(x: np.ndarray, pivot: np.ndarray, without: np.ndarray) -> np.ndarray:
    """Whether each company's group without it leaves the characteristics collinear, (companies,)."""
    groups = (without & pivot, without & ~pivot)
    ranks = [np.linalg.matrix_rank(kept[:, :, None] * x) for kept in groups]
    return np.minimum(*ranks) < x.shape[1]
