"""Both sources asked for the weeks of a span, mempool.space first; what they told and how each question ended."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import pandas as pd

from screener.sources.fetched import stack
from screener.sources.network import blockchain_info, mempool, weeks
from screener.sources.network.days import Ask, Days
from screener.sources.told import FAILED, NETWORK_COLUMNS, Outcome, Told

ASKED: dict[str, Callable[[Ask, Sequence[pd.Timestamp], pd.Timestamp], Days]] = {
    mempool.SOURCE: mempool.ask,
    blockchain_info.SOURCE: blockchain_info.ask,
}


@dataclass(frozen=True)
class Weeks:
    """What the sources told of some weeks.

    Attributes
    ----------
    told : tuple of Told
        A source each: its weeks in `NETWORK_COLUMNS`, and its outcomes.
    pauses : dict
        Source to (seconds, reason), of those that limit requests.
    """

    told: tuple[Told, ...]
    pauses: dict[str, tuple[float, str]]

    @property
    def rows(self) -> pd.DataFrame:
        """Every source's weeks: source, `NETWORK_COLUMNS`."""
        frames = [told.network.assign(source=told.source) for told in self.told]
        return stack(frames, ["source", *NETWORK_COLUMNS])

    @property
    def network(self) -> pd.DataFrame:
        """One row a week: `NETWORK_COLUMNS` and source."""
        return weeks.combined(self.rows)


def fetch(
    since: pd.Timestamp,
    until: pd.Timestamp,
    now: pd.Timestamp,
    ask: Ask,
    sources: Sequence[str] = weeks.ORDER,
) -> Weeks:
    """The network's weeks that end on a Friday of [since, until] and are over.

    Parameters
    ----------
    since, until : Timestamp
    now : Timestamp
        Time of retrieval, with a zone.
    ask : callable
        `ask(source, url, params)`: a `Got` with JSON content; raises `Refused`.
    sources : sequence of str
        Those to ask.

    Returns
    -------
    Weeks
        mempool.space tells no fees of past days, so its reward holds the fees that blockchain.info told, and is unknown
        where that told none.
    """
    clock = now.tz_convert("UTC").tz_localize(None)
    fridays = weeks.over(since, until, clock)
    if not fridays:
        return Weeks((), {})
    answered = {source: ASKED[source](ask, fridays, clock) for source in weeks.ORDER if source in sources}
    fees = next((days.fees for days in answered.values() if len(days.fees)), pd.Series(dtype=float))
    told = []
    for source, days in answered.items():
        table, wrong = weeks.weekly(days, fridays, fees)
        days.outcomes += [_wrong_unit(friday) for friday in wrong]
        told.append(Told(source, network=stack([table], NETWORK_COLUMNS), outcomes=days.outcomes))
    found = Weeks(tuple(told), {source: days.pause for source, days in answered.items() if days.pause is not None})
    last = answered[told[-1].source]
    last.outcomes += [
        Outcome("agreement", f"{week:%Y-%m-%d}", message=f"{words}: {weeks.ORDER[0]}'s are used", requests=0)
        for week, words in weeks.disagreements(found.rows)
    ]
    return found


def _wrong_unit(friday: pd.Timestamp) -> Outcome:
    message = "hashrate and difficulty mean a number of blocks that cannot be: another unit; hashrate not used"
    return Outcome("blocks", f"{friday:%Y-%m-%d}", FAILED, "bad_answer", message, requests=0)
