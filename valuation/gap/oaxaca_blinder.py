"""Oaxaca-Blinder decomposition of the mean log gap into explained and unexplained parts (Oaxaca 1973; Blinder 1973)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._summary import ResultMixin
from valuation.errors import NotEstimable
from valuation.groups import BITCOIN, GROUP_NAMES, PIVOT


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

    @property
    def explained_share(self) -> float:
        """Explained part over the whole difference."""
        return self.explained / self.difference

    def __str__(self) -> str:
        parts = ", ".join(f"{name} {value:+.2f}" for name, value in self.by_trait.items())
        return (
            f"Mean ln difference {self.difference:+.2f} = explained {self.explained:+.2f} ({parts}) "
            f"+ unexplained {self.unexplained:+.2f}; n = {self.n_pivot} AI-group and {self.n_bitcoin} mining companies"
        )


def oaxaca_blinder(sample: pd.DataFrame, response: str, traits: Sequence[str], is_pivot: str) -> Decomposition:
    """Decompose the difference of mean `response` between the AI group and the mining group over `traits`.

    Parameters
    ----------
    sample : DataFrame
        A row a company: `response` (already in logs), the traits, and `is_pivot` (bool).

    Raises
    ------
    NotEstimable
        A group has no more companies than coefficients, or the traits are collinear within it.
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
    b_pivot = np.linalg.lstsq(x[pivot], y[pivot], rcond=None)[0]
    b_other = np.linalg.lstsq(x[~pivot], y[~pivot], rcond=None)[0]
    pooled = np.linalg.lstsq(np.column_stack([x, pivot]), y, rcond=None)[0][:-1]
    mean_pivot, mean_other = x[pivot].mean(axis=0), x[~pivot].mean(axis=0)
    apart = mean_pivot - mean_other
    difference = float(y[pivot].mean() - y[~pivot].mean())
    by_trait = pd.Series((apart * pooled)[1:], index=list(traits))
    explained = float(by_trait.sum())
    return Decomposition(
        difference=difference,
        explained=explained,
        unexplained=difference - explained,
        endowments=float(apart @ b_other),
        coefficients=float(mean_other @ (b_pivot - b_other)),
        interaction=float(apart @ (b_pivot - b_other)),
        by_trait=by_trait,
        n_pivot=int(pivot.sum()),
        n_bitcoin=int((~pivot).sum()),
    )
