"""The weekly gap among the companies present throughout: no change of it comes from a company that enters or leaves."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation._words import count, day, listed, multiple
from valuation.findings import CAN, CANNOT, Finding
from valuation.gap.hodges_lehmann import LEAST_MEMBERS, typical_ratio
from valuation.gap.specification_curve import CrossSections

COLUMNS = ["ratio", "pivot_value", "bitcoin_value", "n_pivot", "n_bitcoin"]


@dataclass(frozen=True)
class Throughout:
    """The gap by week among the companies with a figure in every week of a span.

    Attributes
    ----------
    frame : DataFrame
        Indexed by as_of, every week of the history: ratio (typical), pivot_value and bitcoin_value (medians, m USD per MW),
        n_pivot, n_bitcoin among these companies, each in its group of the week. Ratio and medians are NaN where a group has
        fewer than three of them; before `start` every figure is, and the sizes are 0.
    companies : tuple of str
        Present in every week from `start` to the last.
    start : Timestamp
        The first week in which the whole sample has three companies in each group; the first of all where none has.
    note : str
        Why there is no week with an estimate; empty where there is one.
    """

    frame: pd.DataFrame
    companies: tuple[str, ...]
    start: pd.Timestamp
    note: str

    @property
    def measured(self) -> pd.DataFrame:
        """The weeks with three of these companies in each group."""
        return self.frame[self.frame["ratio"].notna()]

    @property
    def findings(self) -> tuple[Finding, ...]:
        """The first and last measured ratio among these companies, or why there is none."""
        who = f"the {count(len(self.companies), 'company', 'companies')} present in every week since {day(self.start)}"
        who += f" ({listed(self.companies)})" if self.companies else ""
        known = self.measured
        if known.empty:
            return (Finding(f"No gap can be estimated among {who}: {self.note}.", CANNOT, {"n": len(self.companies)}),)
        first, last = known.iloc[0], known.iloc[-1]
        text = (
            f"Among {who}, the typical ratio was {multiple(first['ratio'])} on {day(known.index[0])} "
            f"({_sizes(first)}) and {multiple(last['ratio'])} on {day(known.index[-1])} ({_sizes(last)}), the first and the "
            f"last of {count(len(known), 'week')} with {LEAST_MEMBERS} of them in each group. They still change group when "
            "they sign."
        )
        figures = {"first": first["ratio"], "last": last["ratio"], "weeks": len(known), "n": len(self.companies)}
        return (Finding(text, CAN, figures),)


def _sizes(row: pd.Series) -> str:
    return f"{row['n_pivot']:.0f} AI, {row['n_bitcoin']:.0f} mining"


def throughout(sampled: CrossSections) -> Throughout:
    """The gap by week among the companies with a figure in every week.

    Parameters
    ----------
    sampled : CrossSections
        One definition, a row a date, ascending.

    Notes
    -----
    METHODS section 7. The span starts where the history is first measured: before it most companies have no figure yet, and
    nobody would be present throughout. It ends with the last week, measured or not.
    """
    dates = pd.DatetimeIndex(sampled.labels["as_of"], name="as_of")
    enough = np.flatnonzero(np.minimum(sampled.n_pivot, sampled.n_bitcoin) >= LEAST_MEMBERS)
    start = int(enough[0]) if len(enough) else 0
    known = ~np.isnan(sampled.value)
    present = known[start:].all(axis=0)
    frame = pd.DataFrame(np.nan, index=dates, columns=COLUMNS)
    frame[["n_pivot", "n_bitcoin"]] = 0
    multiples = sampled.value / sampled.mw
    for week in range(start, len(dates)):
        groups = [multiples[week, present & side] for side in (sampled.is_pivot[week], ~sampled.is_pivot[week])]
        row: list[float] = [np.nan] * 3
        if min(map(len, groups)) >= LEAST_MEMBERS:
            row = [typical_ratio(*groups), *(float(np.median(group)) for group in groups)]
        frame.iloc[week] = [*row, *map(len, groups)]
    frame = frame.astype({"n_pivot": int, "n_bitcoin": int})
    companies = tuple(str(ticker) for ticker in sampled.tickers[present])
    return Throughout(frame, companies, dates[start], _note(frame, len(companies)))


def _note(frame: pd.DataFrame, n: int) -> str:
    """Why no week has an estimate."""
    if frame["ratio"].notna().any():
        return ""
    if n < 2 * LEAST_MEMBERS:
        return f"an estimate needs {LEAST_MEMBERS} companies in each group"
    pivot, mining = int(frame["n_pivot"].max()), int(frame["n_bitcoin"].max())
    most = f"at most {pivot} in the AI group and {mining} in the mining group"
    return f"no week has {LEAST_MEMBERS} of them in each group ({most})"
