"""What one source told at one time, and how each of its questions ended."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from screener.sources.edgar.filed import FILING_COLUMNS, ITEM_COLUMNS
from screener.sources.fetched import CLOSE_COLUMNS, PROVIDER_COLUMNS, SPLIT_COLUMNS, stack

NETWORK_COLUMNS = ["date", "btc_usd", "hashrate_eh_per_s", "difficulty", "reward_and_fees_btc_per_day"]
# How a question ended: `ok` (an answer, new or not), `none` (the source has nothing), `failed` (no usable answer).
OK, NONE, FAILED = "ok", "none", "failed"


@dataclass(frozen=True)
class Outcome:
    """How one question to a source ended.

    Attributes
    ----------
    what : str
        closes, statements, submissions, companyfacts, document, hashrate, ...
    subject : str
        Ticker, symbol or accession; empty for a question about no company.
    ended : str
        `ok`, `none` or `failed`.
    kind : str
        Of a failure, as `sources.fetched.Failure.kind`; else empty.
    message : str
    url : str
        What was asked for; empty where the client does not tell.
    body : bytes or None
        The raw answer, kept by its hash; None where the client does not tell.
    requests : int
        How many requests the answer took.
    """

    what: str
    subject: str
    ended: str = OK
    kind: str = ""
    message: str = ""
    url: str = ""
    body: bytes | None = None
    requests: int = 1


@dataclass(frozen=True)
class Told:
    """What a source told: frames in the shapes of `sources.fetched`, `sources.edgar.filed` and the network file."""

    source: str
    closes: pd.DataFrame = field(default_factory=lambda: stack([], CLOSE_COLUMNS))
    splits: pd.DataFrame = field(default_factory=lambda: stack([], SPLIT_COLUMNS))
    items: pd.DataFrame = field(default_factory=lambda: stack([], ITEM_COLUMNS))
    filings: pd.DataFrame = field(default_factory=lambda: stack([], FILING_COLUMNS))
    network: pd.DataFrame = field(default_factory=lambda: stack([], NETWORK_COLUMNS))
    provider: pd.DataFrame = field(default_factory=lambda: stack([], PROVIDER_COLUMNS))
    outcomes: Sequence[Outcome] = ()
