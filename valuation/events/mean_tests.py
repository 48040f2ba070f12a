"""Tests of the mean abnormal return of events: cross-sectional t, BMP, Kolari-Pynnonen, Corrado rank."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from scipy.special import ndtr, stdtr

from valuation._summary import ResultMixin
from valuation.degrees import LEAST_DEGREES
from valuation.errors import NotEstimable

LEAST_EVENTS = LEAST_DEGREES + 1
LEAST_RANKED = 3  # the rank test has no degrees of freedom: its noise is that of the days, not of the events
NOTHING = 1e-9  # a standard deviation below this is a price that does not move


@dataclass(frozen=True, repr=False)
class MeanReturnTest(ResultMixin):
    """A two-sided test that the mean abnormal return of `n` events is zero; df is None for the normal distribution."""

    method: str
    statistic: float
    p_value: float
    df: int | None
    n: int

    def __str__(self) -> str:
        law = "normal" if self.df is None else f"t({self.df})"
        return f"{self.method}: {self.statistic:.2f}, p = {self.p_value:.3f} ({law}, n = {self.n})"


def cross_sectional_t(values: np.ndarray) -> MeanReturnTest:
    """Mean over sd/sqrt(n), t(n - 1).

    Raises
    ------
    NotEstimable
        Fewer than four events, or all of them alike.
    """
    n = len(values)
    if n < LEAST_EVENTS:
        raise NotEstimable(
            f"not meaningful: a test needs at least {LEAST_EVENTS} events, there {'is' if n == 1 else 'are'} {n}"
        )
    spread = values.std(ddof=1)
    if spread < NOTHING:
        raise NotEstimable(f"all {n} events have the same return: no t statistic is available")
    t = float(values.mean() / (spread / np.sqrt(n)))
    return MeanReturnTest("cross-sectional t", t, float(2 * stdtr(n - 1, -abs(t))), n - 1, n)


def bmp(standardised: np.ndarray) -> MeanReturnTest:
    """Standardised cross-sectional t of Boehmer, Musumeci & Poulsen (1991): mean over sd/sqrt(n), t(n - 1).

    Parameters
    ----------
    standardised : float array (events,)
        Cumulative abnormal returns over their forecast standard errors, no NaN.

    Raises
    ------
    NotEstimable
        Fewer than four events, or all of them alike.
    """
    return replace(cross_sectional_t(standardised), method="BMP")


def kolari_pynnonen(standardised: np.ndarray, mean_correlation: float) -> MeanReturnTest:
    """BMP's t times sqrt((1 - r) / (1 + (n - 1) r)), r the mean correlation between events (Kolari & Pynnonen 2010).

    Raises
    ------
    NotEstimable
        As `bmp`.
    """
    return replace(allow_for_correlation(bmp(standardised), mean_correlation), method="Kolari-Pynnonen")


def allow_for_correlation(plain: MeanReturnTest, mean_correlation: float) -> MeanReturnTest:
    """A t(n - 1) of independent events, shrunk for their mean correlation.

    A negative mean correlation would make the test more eager; it is taken as zero.
    """
    n, r = plain.n, min(max(mean_correlation, 0.0), 1.0)
    t = plain.statistic * float(np.sqrt((1 - r) / (1 + (n - 1) * r)))
    return MeanReturnTest(f"{plain.method}, correlated events", t, float(2 * stdtr(n - 1, -abs(t))), n - 1, n)


def mean_pair_correlation(correlation: np.ndarray, position: np.ndarray, width: int) -> float:
    """Mean over all pairs of events of their correlation times the part of the event window that they share.

    Parameters
    ----------
    correlation : float array (events, events)
        Of one step's returns; NaN where it is not available, which leaves the pair out where its windows overlap.
    position : int array (events,)
        Step 0 of each event.
    width : int
        Steps in the window.

    Notes
    -----
    Events months apart do not move together in their windows, whatever their residuals do (Kolari, Pape & Pynnonen
    2018). With one event date for all it is the mean correlation of Kolari & Pynnonen (2010).
    """
    shared = np.maximum(1 - np.abs(position[:, None] - position) / width, 0.0)
    each = np.where(shared > 0, correlation * shared, 0.0)
    pairs = each[np.triu_indices(len(position), 1)]
    return float(np.nanmean(pairs)) if np.isfinite(pairs).any() else 0.0


def corrado(abnormal: np.ndarray, window: np.ndarray) -> MeanReturnTest:
    """Rank test of Corrado (1989), normal in large samples.

    Parameters
    ----------
    abnormal : float array (events, steps)
        Abnormal returns of estimation and event window, NaN where missing.
    window : bool array (steps,)
        Which steps are the event window; several are summed as in Cowan (1992).

    Notes
    -----
    Ties take their mean rank and ranks are divided by one plus the number of returns known, which is how Corrado &
    Zivney (1992) let returns be missing; with none missing it is the test of 1989.

    Raises
    ------
    NotEstimable
        Fewer than three events.
    """
    n = len(abnormal)
    if n < LEAST_RANKED:
        raise NotEstimable(
            f"not meaningful: a test needs at least {LEAST_RANKED} events, there {'is' if n == 1 else 'are'} {n}"
        )
    ranks = pd.DataFrame(abnormal).rank(axis=1).to_numpy()
    known = ~np.isnan(ranks)
    scores = np.where(known, ranks / (known.sum(axis=1, keepdims=True) + 1) - 0.5, 0.0)
    count = known.sum(axis=0)
    some = count > 0
    mean = scores[:, some].sum(axis=0) / np.sqrt(count[some])
    spread = np.sqrt((mean**2).mean())
    if spread < NOTHING:
        raise NotEstimable("all ranks are alike: no rank test is available")
    inside = window[some]
    z = float(mean[inside].sum() / np.sqrt(inside.sum()) / spread)
    return MeanReturnTest("Corrado rank", z, float(2 * ndtr(-abs(z))), None, n)


def holm(p_values: np.ndarray) -> np.ndarray:
    """p-values allowed for their number, in the same order (Holm 1979); NaN stays NaN and counts for nothing."""
    known = np.flatnonzero(np.isfinite(p_values))
    order = known[np.argsort(p_values[known], kind="stable")]
    out = np.full(len(p_values), np.nan)
    out[order] = np.minimum(np.maximum.accumulate(p_values[order] * np.arange(len(order), 0, -1)), 1.0)
    return out


def described(values: np.ndarray) -> dict[str, object]:
    """n, mean, median and share positive; NaN without values."""
    if len(values) == 0:
        return {"n": 0, "mean": np.nan, "median": np.nan, "positive": np.nan}
    return {"n": len(values), "mean": values.mean(), "median": np.median(values), "positive": (values > 0).mean()}


def outcomes(**tests: Callable[[], MeanReturnTest]) -> dict[str, object]:
    """Statistic and p of each test under its name, NaN where it is not available, and one note that says why."""
    out: dict[str, object] = {}
    notes = []
    for name, test in tests.items():
        try:
            result = test()
        except NotEstimable as error:
            out |= {name: np.nan, f"{name}_p": np.nan}
            notes.append(str(error))
        else:
            out |= {name: result.statistic, f"{name}_p": result.p_value}
    return out | {"note": "; ".join(dict.fromkeys(notes))}
