"""The only place that talks to the SEC: declared, paced, capped, and silent for as long as the SEC asks for it.

The SEC wants to know who asks: without a contact address nothing is sent. At most 10 requests a second are allowed; a breach
is answered with 403 and an HTML page, and prolonged by going on. So a 403 or 429 stops every request, in this process and,
through the ledger, in the ones after it. Its answers carry no ETag: what is asked how often is for `update` to say.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from types import TracebackType
from typing import TypeVar

import pandas as pd

from screener._version import __version__
from screener.config import user_file
from screener.errors import EdgarFault, NoContact
from screener.sources.edgar import answers
from screener.sources.http import Http
from screener.sources.refused import Refused
from screener.sources.told import FAILED, NONE, Keeper, Outcome

T = TypeVar("T")
SOURCE = answers.SOURCE
PACE_SECONDS = 0.2  # 5 requests a second, half of what is allowed
TIMEOUT_SECONDS = 20.0
BUDGET_SECONDS = 180.0
MOST_BYTES = 100_000_000
WAIT_SECONDS = (1.0, 8.0)
LONGEST_PAUSE = timedelta(hours=1)
GIVE_UP_AFTER = 3
BLOCKED_SECONDS = 600.0  # the SEC lifts a block after 10 minutes below its limit
NOTHING = {
    "submissions": "EDGAR has no company under this CIK; check the cik of companies.csv",
    "companyfacts": "no XBRL facts",
    "document": "EDGAR does not have this document",
}


class Client:
    """One update's connection to the SEC; every question ends in an `Outcome`, never in an exception.

    Parameters
    ----------
    ledger : Keeper
        Remembers a pause over processes, and the last answer of each address.
    contact : str
        E-mail address of who asks (`user_file.contact`).
    now : datetime
        Aware: the time at which the client is made.
    clock, sleep : callable
        `time.monotonic` and `time.sleep`; tests put their own in.

    Raises
    ------
    NoContact
        There is no contact address.
    """

    def __init__(
        self,
        ledger: Keeper,
        contact: str,
        now: datetime,
        *,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        if not contact:
            raise NoContact(user_file.user_file(), user_file.CONTACT)
        self._ledger, self._clock = ledger, clock
        self._begun, self._began_at = now, clock()
        self._http = Http(
            "the SEC", agent=f"miner-screener/{__version__} {contact}", pace_seconds=PACE_SECONDS,
            timeout=TIMEOUT_SECONDS, budget=BUDGET_SECONDS, most_bytes=MOST_BYTES, wait=WAIT_SECONDS,
            clock=clock, sleep=sleep,
        )  # fmt: skip
        self._unreachable = 0
        self._given_up = ""

    def __enter__(self) -> Client:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._http.__exit__(kind, error, trace)

    @property
    def now(self) -> datetime:
        """The time."""
        return self._begun + timedelta(seconds=self._clock() - self._began_at)

    def ask(self, what: str, subject: str, url: str, read: Callable[[bytes], T]) -> tuple[T | None, Outcome]:
        """The answer of an address as `read` makes it, and how the question ended.

        Parameters
        ----------
        what : str
            submissions, companyfacts or document.
        subject : str
            Ticker or accession.
        read : callable
            Makes the value of the body; raises EdgarFault where the body is not what was asked for.

        Returns
        -------
        value or None, Outcome
            None where the outcome is `none` or `failed`; the message of a failure says which stored answer stands.
        """
        stopped = self._stopped()
        if stopped is not None:
            kind, message = stopped
            return None, self._failed(what, subject, url, kind, f"not asked: {message}", 0)
        try:
            got = self._http.get(url)
        except Refused as refused:
            return None, self._refused(what, subject, url, refused)
        self._unreachable = 0
        if answers.is_limit(got.body):
            message = self._pause(BLOCKED_SECONDS, "the SEC's page about too many requests")
            return None, self._failed(what, subject, url, "rate_limited", message, got.requests)
        try:
            value = read(got.body)
        except EdgarFault as fault:
            return None, self._failed(what, subject, url, "bad_answer", str(fault), got.requests)
        return value, Outcome(what, subject, url=url, body=got.body, requests=got.requests)

    def _stopped(self) -> tuple[str, str] | None:
        """Kind and reason why nothing may be asked now."""
        if self._given_up:
            return "unreachable", self._given_up
        pause = self._ledger.paused(SOURCE, self.now)
        return None if pause is None else ("rate_limited", f"{pause[1]}; next request from {_minute(pause[0])}")

    def _refused(self, what: str, subject: str, url: str, refused: Refused) -> Outcome:
        if refused.kind == "empty":
            self._unreachable = 0
            return Outcome(what, subject, NONE, message=NOTHING[what], url=url, requests=refused.requests)
        message = refused.message
        if refused.pause_seconds:
            message = self._pause(refused.pause_seconds, message)
        self._unreachable = self._unreachable + 1 if refused.kind == "unreachable" and refused.requests else 0
        if self._unreachable >= GIVE_UP_AFTER:
            self._given_up = f"{self._unreachable} in a row without an answer, the last: {message}"
        return self._failed(what, subject, url, refused.kind, message, refused.requests)

    def _pause(self, seconds: float, reason: str) -> str:
        """Let no request go out for so long, in this process and in others; the message that says so."""
        now = self.now
        until = now + min(timedelta(seconds=seconds), LONGEST_PAUSE)
        self._ledger.pause(SOURCE, until, reason, now)
        return f"{reason}; next request from {_minute(pd.Timestamp(until))}"

    def _failed(self, what: str, subject: str, url: str, kind: str, message: str, requests: int) -> Outcome:
        stored = self._ledger.answer(url)
        if stored is not None:
            days = (pd.Timestamp(self.now) - stored.seen_at).days
            age = "today's" if days < 1 else f"{days} day{'s' if days > 1 else ''} old"
            message += f"; the answer of {stored.seen_at:%Y-%m-%d} stands ({age})"
        return Outcome(what, subject, FAILED, kind, message, url, requests=requests)


def _minute(moment: pd.Timestamp) -> str:
    return f"{moment.tz_convert('UTC'):%Y-%m-%d %H:%M} UTC"
