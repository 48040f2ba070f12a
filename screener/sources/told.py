"""What one source told at one time, and how each of its questions ended."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

import pandas as pd

from screener.sources.fetched import CLOSE_COLUMNS, FACT_COLUMNS, PROVIDER_COLUMNS, SPLIT_COLUMNS, Fetched, stack

# One row a filing. `filed` is EDGAR's filing date, `accepted_at` its acceptance time (UTC, aware; NaT where unknown),
# `items` the 8-K items as "2.02,9.01", `document` the primary document's file name, `url` its address.
FILING_COLUMNS = [
    "ticker",
    "cik",
    "accession",
    "form",
    "filed",
    "accepted_at",
    "report_date",
    "items",
    "is_xbrl",
    "document",
    "description",
    "url",
]

# A fact of a universe's item out of a filing: the universe's nine columns, then where it comes from. `published_on` is
# the first day whose close could know it (`known.known_from`). `evidence` is the derivation in words:
# "LoansPayableCurrent 176424000 + LongTermLoansPayable 643913000". `kind` is `filing` (inline XBRL of the document) or
# `companyfacts`. `checks` says which cross-checks held or failed; `needs` why a person must decide ("" where none).
ITEM_COLUMNS = [*FACT_COLUMNS, "kind", "form", "accession", "filed", "accepted_at", "checks", "needs"]

# The name of the SEC's EDGAR as a source.
EDGAR = "edgar"
# The confidence of a figure out of a filing that nobody accepted yet.
PROPOSED = "proposed"

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


def outcomes(fetched: Fetched) -> list[Outcome]:
    """How each question of an answer ended, successes included; and what else is missing, without a request.

    A question ended `none` where the source has nothing, `ok` with a kind and a message where the answer is partial.
    """
    reasons = {(failure.symbol, failure.what): failure for failure in fetched.failures}
    put = {(asked.symbol, asked.what): asked.requests for asked in sorted(fetched.asked)}
    found = []
    for symbol, what in [*put, *(question for question in reasons if question not in put)]:
        failure, requests = reasons.get((symbol, what)), put.get((symbol, what), 0)
        if failure is None:
            found.append(Outcome(what, symbol, requests=requests))
            continue
        ended = {"empty": NONE, "partial": OK}.get(failure.kind, FAILED)
        found.append(Outcome(what, symbol, ended, failure.kind, failure.message, requests=requests))
    return found


class Kept(Protocol):
    """An answer that the ledger kept."""

    @property
    def body(self) -> bytes:
        """As it came."""

    @property
    def seen_at(self) -> pd.Timestamp:
        """When."""


class Keeper(Protocol):
    """What an update needs of the ledger (`screener.ledger.Ledger`, which imports the sources' shapes from here)."""

    def updating(self) -> AbstractContextManager[None]:
        """Hold the ledger for one update."""

    def add(self, told: Told, now: datetime) -> object:
        """Keep what a source told, whole or not at all."""

    def answer(self, url: str) -> Kept | None:
        """The last answer of an address."""

    def asked(self, source: str | None = None, *, by: datetime | None = None) -> pd.DataFrame:
        """How the last question of each kind and subject ended, and when one was last answered."""

    def filings(self, tickers: Sequence[str] | None = None) -> pd.DataFrame:
        """What was filed."""

    def network(self) -> pd.DataFrame:
        """Weeks of the Bitcoin network that are kept: source, `NETWORK_COLUMNS`, seen_at."""

    def pause(self, source: str, until: datetime, reason: str, now: datetime) -> None:
        """Remember that a source is not to be asked before a time."""

    def paused(self, source: str, now: datetime) -> tuple[pd.Timestamp, str] | None:
        """Until when a source is not to be asked, and why."""
