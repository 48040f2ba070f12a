"""What an event study gives."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd


@dataclass(frozen=True)
class EventStudy:
    """Returns around events, each event and their mean.

    Attributes
    ----------
    title, method : str
    frequency : {"weekly", "daily"}
    events : DataFrame
        A row an event used: ticker, date, kind, headline, close_date, confounded (what else happened, empty where
        nothing), overlaps (bool: another event of the company within the longest window), and the returns by window.
    tests : DataFrame
        A row a window and sample: all events, and clean ones (neither confounded nor overlapping).
    left_out : DataFrame
        ticker, date, kind, headline, reason.
    caveats : tuple of str
    """

    title: str
    frequency: str
    method: str
    events: pd.DataFrame
    tests: pd.DataFrame
    left_out: pd.DataFrame
    caveats: tuple[str, ...]

    @property
    def frame(self) -> pd.DataFrame:
        """The tests, a row a window and sample; fractions, not percent."""
        return self.tests

    def __str__(self) -> str:
        shown = self.tests.to_string(index=False, float_format=lambda v: f"{v:.3f}", na_rep="")
        head = f"{self.title}, {self.frequency}: {len(self.events)} events, {len(self.left_out)} left out"
        return "\n".join([head, self.method, shown, *self.caveats])
