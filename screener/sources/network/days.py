"""What one source knows of the network, day by day; and how its answers are read: checked, in one unit, unknown as NaN."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
import pandas as pd

from screener.sources.http import Got
from screener.sources.refused import Refused
from screener.sources.told import FAILED, Outcome

T = TypeVar("T")
# `ask(source, url, params)`: the answer as JSON, or `Refused`.
Ask = Callable[[str, str, Mapping[str, str]], Got]
DAY = pd.Timedelta(days=1)
GENESIS_SECONDS = 1_231_006_505


def _nothing() -> pd.Series:
    return pd.Series(dtype=float, index=pd.DatetimeIndex([]))


@dataclass
class Days:
    """One source's days; every index is UTC without a zone.

    Attributes
    ----------
    source : str
    difficulty_holds : Timedelta
        How long a difficulty stands without another word of the source.
    hashrate : Series
        Mean EH/s of a day, by the midnight that begins it.
    difficulty : Series
        By the instant from which it is in force.
    price : Series
        USD per bitcoin, by instant.
    fees : Series
        BTC paid in fees on a day, by the midnight that begins it.
    heights : Series
        Block height by instant; empty where the source does not tell.
    outcomes : list of Outcome
        How each question ended.
    pause : tuple of (seconds, reason) or None
        How long the source is not to be asked again.
    """

    source: str
    difficulty_holds: pd.Timedelta = DAY
    hashrate: pd.Series = field(default_factory=_nothing)
    difficulty: pd.Series = field(default_factory=_nothing)
    price: pd.Series = field(default_factory=_nothing)
    fees: pd.Series = field(default_factory=_nothing)
    heights: pd.Series = field(default_factory=_nothing)
    outcomes: list[Outcome] = field(default_factory=list)
    pause: tuple[float, str] | None = None

    def question(
        self,
        ask: Ask,
        what: str,
        url: str,
        params: Mapping[str, str],
        read: Callable[[Any], T],
        subject: str = "",
    ) -> T | None:
        """What a question brought, read by `read`; None, and an outcome that says why, where it brought nothing."""
        try:
            got = ask(self.source, url, params)
        except Refused as refused:
            if refused.pause_seconds:
                self.pause = refused.pause_seconds, refused.message
            self._failed(what, subject, url, refused, refused.requests)
            return None
        try:
            value = read(got.content)
        except Refused as refused:
            self._failed(what, subject, got.url, refused, got.requests)
            return None
        self.outcomes.append(Outcome(what, subject, url=got.url, body=got.body, requests=got.requests))
        return value

    def _failed(self, what: str, subject: str, url: str, refused: Refused, requests: int) -> None:
        self.outcomes.append(Outcome(what, subject, FAILED, refused.kind, refused.message, url, requests=requests))


def member(content: Any, name: str) -> Any:
    """A member of an object.

    Raises
    ------
    Refused
        No object, or without it.
    """
    if not isinstance(content, dict) or name not in content:
        raise Refused("bad_answer", f"an answer in another shape: no {name}")
    return content[name]


def figures(rows: Any, what: str, stamp: str, names: Sequence[str], now: pd.Timestamp) -> pd.DataFrame:
    """Figures by instant, out of a list of objects with a Unix time.

    Parameters
    ----------
    rows : list of dict
    what : str
        What they are, for messages.
    stamp : str
        The member with the time, in seconds.
    names : sequence of str
    now : Timestamp
        UTC without a zone.

    Returns
    -------
    DataFrame
        By instant, in order; a column a name. What is no number, not above zero, or told twice differently is NaN.

    Raises
    ------
    Refused
        Another shape, no row, or times that cannot be.
    """
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise Refused("bad_answer", f"an answer in another shape: {what} is no list of objects")
    if not rows:
        raise Refused("empty", f"no {what}")
    table = pd.DataFrame(rows)
    absent = [name for name in (stamp, *names) if name not in table]
    if absent:
        raise Refused("bad_answer", f"an answer in another shape: {what} without {' and '.join(absent)}")
    seconds = pd.to_numeric(table[stamp], errors="coerce").to_numpy(dtype=float)
    latest = (now + DAY - pd.Timestamp(0)).total_seconds()
    if not np.all((seconds >= GENESIS_SECONDS) & (seconds <= latest)):
        raise Refused("bad_answer", f"{what} with a time that cannot be: before 2009, in the future, or no number")
    table = table[list(names)].apply(pd.to_numeric, errors="coerce").astype(float)
    table = table.where(np.isfinite(table) & (table > 0))
    table.index = pd.DatetimeIndex(seconds.astype("int64").astype("datetime64[s]").astype("datetime64[ns]"))
    grouped = table.groupby(level=0)
    least = grouped.min()
    return least.where(least == grouped.max())
