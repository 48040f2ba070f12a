"""Dependence of companies that share a tenant: how often the tests of the gap reject a true null then, as simulated.

A tenant's trouble moves all of its landlords at once. The designs here are simulated by `benchmarks/size.py`; the rates of a
full run stand beside them, and the pages print those.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from valuation.findings import CANNOT, Finding

RANK_SUM, WILD = "exact Wilcoxon rank-sum test", "restricted wild bootstrap"
SIMULATIONS, SEED = 20_000, 20260116
NOMINAL = 0.05
CORRELATIONS = (0.25, 0.5)  # of ln(EV per MW) between two companies of one cluster


@dataclass(frozen=True)
class ClusterDesign:
    """One design of a simulation with two tenant clusters, and the rates of rejection that a full run measured.

    Attributes
    ----------
    test : str
        `RANK_SUM` or `WILD`.
    name : str
        The groups, or the noise of the regression at n = 15.
    n_pivot, n_bitcoin : int
        Companies in the AI group and in the mining group.
    clusters : tuple of int
        AI companies in each tenant cluster; every other company is independent.
    independent : float
        Share of `SIMULATIONS` in which a true null is rejected at a nominal 5% where all companies are independent.
    clustered : tuple of float
        The same with the clusters, an entry a correlation of `CORRELATIONS`.
    """

    test: str
    name: str
    n_pivot: int
    n_bitcoin: int
    clusters: tuple[int, ...]
    independent: float
    clustered: tuple[float, ...]


# From `python benchmarks/size.py`; tests/valuation/inference/test_size.py repeats it in small.
DESIGNS = (
    ClusterDesign(RANK_SUM, "6 v 6", 6, 6, (3, 3), 0.04120, (0.07140, 0.10570)),
    ClusterDesign(RANK_SUM, "7 v 6", 7, 6, (4, 3), 0.03505, (0.06445, 0.10145)),
    ClusterDesign(RANK_SUM, "10 v 5", 10, 5, (5, 5), 0.03935, (0.07495, 0.12000)),
    ClusterDesign(WILD, "constant", 7, 8, (4, 3), 0.05475, (0.10130, 0.15605)),
    ClusterDesign(WILD, "growing", 7, 8, (4, 3), 0.06525, (0.14565, 0.24020)),
)


def shocks(rng: np.random.Generator, design: ClusterDesign, correlation: float) -> np.ndarray:
    """Standard normal shocks of one simulation, (n_pivot + n_bitcoin,), the AI companies first.

    Companies of one cluster share a part of the shock, so that any two of them correlate by `correlation`.
    """
    out = rng.normal(size=design.n_pivot + design.n_bitcoin)
    cluster = np.repeat(np.arange(len(design.clusters)), design.clusters)
    common = rng.normal(size=len(design.clusters))[cluster]
    out[: len(cluster)] = np.sqrt(correlation) * common + np.sqrt(1 - correlation) * out[: len(cluster)]
    return out


def rates(test: str) -> list[tuple[float, float]]:
    """The smallest and largest rate of rejection over the designs of a test, an entry a correlation of `CORRELATIONS`."""
    found = np.array([one.clustered for one in DESIGNS if one.test == test])
    return [(float(low), float(high)) for low, high in zip(found.min(axis=0), found.max(axis=0), strict=True)]


def dependence(test: str) -> Finding:
    """That companies which share a tenant are not independent, with the size of the test as simulated.

    Parameters
    ----------
    test : str
        `RANK_SUM` where the groups lead, `WILD` where the line does.
    """
    figures: dict[str, float] = {"simulations": SIMULATIONS, "seed": SEED}
    each = []
    for correlation, (low, high) in zip(CORRELATIONS, rates(test), strict=True):
        span = " to ".join(dict.fromkeys(f"{rate:.0%}" for rate in (low, high)))
        each.append(f"{span} at a correlation of {correlation}")
        figures |= {f"lowest_size_{correlation}": low, f"highest_size_{correlation}": high}
    text = (
        f"Companies that share a tenant are not independent: with two tenant clusters in the AI group the {test} rejects a "
        f"true null hypothesis more often than in the nominal {NOMINAL:.0%} of simulations: in {' and in '.join(each)} "
        f"within a cluster ({SIMULATIONS:,} simulations, seed {SEED})."
    )
    return Finding(text, CANNOT, figures, threshold=NOMINAL)
