"""The one shape in which every source gives closes and facts, with where and when they were got."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pandas as pd

from screener.secrets import mask

CLOSE_COLUMNS = ["date", "ticker", "close_usd"]
FACT_COLUMNS = [
    "ticker",
    "item",
    "period_end",
    "published_on",
    "value",
    "unit",
    "source_url",
    "evidence",
    "confidence",
]
PLACE_COLUMNS = ["file", "line"]
_DTYPES = {
    **dict.fromkeys(["date", "period_end", "published_on", "first_day_on_new_basis"], "datetime64[ns]"),
    **dict.fromkeys(["close_usd", "value", "shares_multiplier", "enterprise_value_usd"], "float64"),
}
COINS = ("BTC-USD", "ETH-USD")
SPLIT_COLUMNS = ["ticker", "first_day_on_new_basis", "shares_multiplier"]
PROVIDER_COLUMNS = ["ticker", "enterprise_value_usd"]


def stack(frames: Iterable[pd.DataFrame], columns: Sequence[str]) -> pd.DataFrame:
    """`columns` of the frames, one under the other; empty ones, whose dtypes say nothing, do not count."""
    filled = [frame[list(columns)] for frame in frames if len(frame)]
    if filled:
        return pd.concat(filled, ignore_index=True)
    return pd.DataFrame({name: pd.Series(dtype=_DTYPES.get(name, "object")) for name in columns})


@dataclass(frozen=True, order=True)
class Failure:
    """One thing that a source could not give: for which symbol, what, why, and of which kind.

    `kind` is one of `unreachable`, `rate_limited`, `empty`, `partial`, `bad_answer`.
    """

    symbol: str
    what: str
    kind: str
    message: str

    def __post_init__(self) -> None:
        """A library's words may hold a proxy's password."""
        object.__setattr__(self, "message", mask(self.message))

    @property
    def reason(self) -> str:
        """Kind and message."""
        return f"{self.kind.replace('_', ' ')}: {self.message}"

    def __str__(self) -> str:
        return f"{self.symbol}: {self.what}: {self.reason}"


@dataclass(frozen=True, order=True)
class Asked:
    """One question that was put: for which symbol, what, and how many requests it took, repeats included."""

    symbol: str
    what: str
    requests: int


@dataclass(frozen=True)
class Fetched:
    """What one source gave for one run.

    Attributes
    ----------
    source : str
        Its name in the registry, or `bundled`.
    closes : DataFrame
        `CLOSE_COLUMNS`: datetime64 date, ticker, USD close as traded on that day (not adjusted for later splits).
    facts : DataFrame
        `FACT_COLUMNS`, in the universe's units (usd, shares, btc, ...); `published_on` is the day of retrieval
        where the source gives no filing date. Rows of a universe's files carry `PLACE_COLUMNS` as well, here and in
        `closes`.
    splits : DataFrame
        `SPLIT_COLUMNS`: one old share becomes `shares_multiplier` new ones from that day on.
    failures : tuple of Failure
        What was asked for and not got, symbol by symbol; never empty when anything is missing.
    retrieved_at : Timestamp or None
        UTC time of retrieval; None for bundled data, whose rows carry their own dates.
    provider : DataFrame
        `PROVIDER_COLUMNS`: the source's own enterprise value, to hold ours against; never used in a result.
    asked : tuple of Asked
        Every question that was put, answered or not; empty where the source does not tell.
    """

    source: str
    closes: pd.DataFrame
    facts: pd.DataFrame
    splits: pd.DataFrame
    failures: tuple[Failure, ...] = field(default=())
    retrieved_at: pd.Timestamp | None = None
    provider: pd.DataFrame = field(default_factory=lambda: stack([], PROVIDER_COLUMNS))
    asked: tuple[Asked, ...] = field(default=())
