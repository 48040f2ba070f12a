"""The verdict on a claim, by one rule for every claim."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from valuation.claims.claimed import ABOVE, QUARTER, Claimed

HOLDS, IN_PART, FAILS = "holds", "holds in part", "does not hold"
UNDETERMINED, NOT_DUE = "not determinable", "not yet due"
VERDICTS = (HOLDS, IN_PART, FAILS, UNDETERMINED, NOT_DUE)
NEAR, FAR = 0.10, 0.25  # a figure without an interval holds within the first and in part within the second
FURTHEST = 10.0  # beyond this multiple of the claim a percentage says nothing more
WIDEST = 2.0  # an interval wider than this factor decides nothing
RATIO = "ratio"
RULE = (
    "A ratio with a confidence interval holds only if the interval contains the claim, excludes 1 and is no wider than a "
    f"factor of {WIDEST:g}; it is not determinable where the interval contains the claim and is wider, or contains 1 too. "
    f"Where the interval does not contain the claim, it holds in part within {FAR:.0%} of the estimate, else it does not "
    f"hold. A figure without an interval holds within {NEAR:.0%} of the claim or on the claimed side of a bound, in part "
    f"within {FAR:.0%}; a quarter holds within the claimed ones, in part one quarter off. A bound on a figure with an "
    "interval holds or fails where the whole interval is on one side. A claim without a figure holds if all that it says is "
    "true, in part if some of it is true and the rest is not or is not known. A claim about a day after the as-of date is "
    "not yet due."
)


@dataclass(frozen=True)
class Measured:
    """What a measure gives on one day, in its unit.

    Attributes
    ----------
    value : float
        NaN where it cannot be measured; `why` says why not. A quarter is an ordinal.
    low, high : float
        Confidence interval; NaN where there is none.
    first, last : float
        The lowest and highest figure where the measure is a range, such as the weekly closes of a month.
    n : int
        Companies, contracts, weeks or facts behind the value.
    status, causes : str
        As of every value.
    note : str
        What a reader should know beside the figure.
    points : tuple of (str, bool or None)
        For a claim without a figure: what it says, point by point, and whether it is true; None where unknown.
    sources : DataFrame
        item, published_on, source (file and line, or the live source), source_url: a row a fact behind the value.
    """

    value: float = np.nan
    low: float = np.nan
    high: float = np.nan
    first: float = np.nan
    last: float = np.nan
    n: int = 0
    status: str = "ok"
    causes: str = ""
    why: str = ""
    note: str = ""
    points: Sequence[tuple[str, bool | None]] = ()
    sources: pd.DataFrame = field(default_factory=pd.DataFrame)

    @property
    def is_known(self) -> bool:
        """Whether there is a figure, or points to decide on."""
        return not np.isnan(self.value) or bool(self.points)

    @property
    def has_interval(self) -> bool:
        """Whether there is a confidence interval."""
        return not (np.isnan(self.low) or np.isnan(self.high))


@dataclass(frozen=True)
class Verdict:
    """One of `VERDICTS`, with the reason in words."""

    verdict: str
    reason: str


def judge(claimed: Claimed, measured: Measured, unit: str, *, due: bool = True) -> Verdict:
    """The verdict on a claim.

    Parameters
    ----------
    claimed : Claimed
    measured : Measured
        On the day of which the claim speaks, or on the last known day where that is still to come.
    unit : str
        Of both: `ratio` and `quarter` have rules of their own.
    due : bool
        False where the day of which the claim speaks is after the as-of date.
    """
    if not measured.is_known:
        early = Verdict(UNDETERMINED, measured.why or "the figure is unknown")
    elif not claimed.is_known:
        early = _by_points(measured.points)
    elif unit == QUARTER:
        early = _quarter(claimed, measured)
    elif claimed.bound and measured.has_interval:
        early = _bound_interval(claimed, measured)
    elif claimed.bound:
        early = _bound(claimed, measured)
    elif measured.has_interval:
        early = _interval(claimed, measured, unit)
    else:
        early = _near(claimed, measured)
    if due:
        return early
    so_far = {HOLDS: "already so", IN_PART: "in part so", FAILS: "not so", UNDETERMINED: "not determinable"}
    return Verdict(NOT_DUE, f"{so_far[early.verdict]} by the figures known so far")


def _by_points(points: Sequence[tuple[str, bool | None]]) -> Verdict:
    """A claim that names no figure."""
    if not points:
        return Verdict(UNDETERMINED, "the claim names no figure")
    said = {true: [text for text, answer in points if answer is true] for true in (True, False, None)}
    words = {True: "true", False: "not true", None: "not known"}
    reason = "; ".join(f"{words[true]}: {', '.join(texts)}" for true, texts in said.items() if texts)
    if len(said[True]) == len(points):
        return Verdict(HOLDS, reason)
    if said[True]:
        return Verdict(IN_PART, reason)
    return Verdict(UNDETERMINED if said[None] else FAILS, reason)


def _quarter(claimed: Claimed, measured: Measured) -> Verdict:
    early, late = claimed.low - measured.value, measured.value - claimed.high
    off = int(max(early, late, 0))
    if off == 0:
        return Verdict(HOLDS, "within the claimed quarters")
    text = f"{off} quarter{'s' if off > 1 else ''} {'earlier' if early > 0 else 'later'} than claimed"
    return Verdict(IN_PART if off == 1 else FAILS, text)


def _bound_interval(claimed: Claimed, measured: Measured) -> Verdict:
    above = claimed.bound == ABOVE
    if (measured.low > claimed.high) if above else (measured.high < claimed.low):
        return Verdict(HOLDS, "the whole confidence interval is on the claimed side")
    if (measured.high <= claimed.high) if above else (measured.low >= claimed.low):
        return Verdict(FAILS, "the whole confidence interval is on the other side")
    return Verdict(UNDETERMINED, "the confidence interval has values on both sides")


def _bound(claimed: Claimed, measured: Measured) -> Verdict:
    edge = claimed.low
    above = claimed.bound == ABOVE
    if (measured.value >= edge) if above else (measured.value <= edge):
        far = above and edge > 0 and measured.value > (1 + FAR) * edge
        text = f", far off: {measured.value / edge:.1f} times the claim" if far else ""
        return Verdict(HOLDS, f"on the claimed side{text}")
    return _near(claimed, measured)


def _interval(claimed: Claimed, measured: Measured, unit: str) -> Verdict:
    low, high = measured.low, measured.high
    if low <= claimed.high and high >= claimed.low:
        if low <= 0 or high / low > WIDEST:
            return Verdict(UNDETERMINED, f"the interval contains the claim and is wider than a factor of {WIDEST:g}")
        if unit == RATIO and low <= 1 <= high:
            return Verdict(UNDETERMINED, "the interval contains the claim and 1 as well")
        return Verdict(HOLDS, "the interval contains the claim" + (" and excludes 1" if unit == RATIO else ""))
    off = _distance(claimed, measured.value)
    where = "the interval does not contain the claim"
    if off <= FAR:
        return Verdict(IN_PART, f"{where}; the estimate is within {FAR:.0%}")
    return Verdict(FAILS, where)


def _near(claimed: Claimed, measured: Measured) -> Verdict:
    ends = [measured.value] if np.isnan(measured.first) else [measured.first, measured.last]
    worst = max(ends, key=lambda end: _distance(claimed, end))
    off = _distance(claimed, worst)
    if off == 0:
        return Verdict(HOLDS, "within the claimed range" if claimed.is_range else "as claimed")
    side = "above" if worst > claimed.high else "below"
    text = f"{off:.0%} {side} the claim" if np.isfinite(off) and off < FURTHEST else f"far {side} the claim"
    found = HOLDS if off <= NEAR else IN_PART if off <= FAR else FAILS
    return Verdict(found, f"up to {text}" if len(ends) > 1 else text)


def _distance(claimed: Claimed, value: float) -> float:
    """How far a value is outside the claimed range, as a fraction of the nearer end."""
    outside = max(claimed.low - value, value - claimed.high, 0.0)
    edge = abs(claimed.low if value < claimed.low else claimed.high)
    return 0.0 if outside == 0 else outside / edge if edge else np.inf
