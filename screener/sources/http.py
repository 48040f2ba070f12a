"""Requests to keyless sources over HTTPS, paced and limited in time and size; a failure is a `Refused` with its kind.

with Http("mempool.space", agent="miner-screener") as http:
    got = http.json("https://mempool.space/api/v1/mining/hashrate/3y")
    got.content, got.body, got.requests

A source that limits requests (429, 403, or 503 with a time) is not asked again through the same `Http`, and the
refusal says for how long: `Refused.pause_seconds`, for the ledger to remember.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from types import TracebackType
from typing import TYPE_CHECKING, Any

from screener.sources import clocks, repeats
from screener.sources.body import Body, parsed, too_large
from screener.sources.pace import Pace
from screener.sources.refused import Refused, is_whole_number, require_good, words_of
from screener.sources.waiting import GRACE_SECONDS, in_time

if TYPE_CHECKING:
    import requests

TIMEOUT_SECONDS = 20.0
BUDGET_SECONDS = 180.0
MOST_BYTES = 64 * 2**20
ATTEMPTS = 3
WAIT_SECONDS = (0.5, 4.0)
PACE_SECONDS = 0.2


@dataclass(frozen=True)
class Got:
    """An answer: its address, its raw body, what JSON it holds (`json` only), and how many requests it took."""

    url: str
    body: bytes
    content: Any = None
    requests: int = 1


class Http:
    """One source's connection; safe in several threads, which share its pace and its time.

    Parameters
    ----------
    title : str
        The source's name in sentences.
    agent : str
        The User-Agent.
    pace_seconds : float
        Least time between the starts of two requests.
    timeout, budget, most_bytes, attempts, wait
        Seconds a request may take in all; seconds that all together may take; bytes an answer may have; tries where
        a failure may pass; first and longest wait before a repeat, in seconds. The module's constants by default.
    clock, sleep : callable
        `time.monotonic` and `time.sleep`; tests put their own in.
    """

    def __init__(
        self,
        title: str,
        *,
        agent: str,
        pace_seconds: float | None = None,
        timeout: float | None = None,
        budget: float | None = None,
        most_bytes: int | None = None,
        attempts: int | None = None,
        wait: tuple[float, float] | None = None,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.title = title
        self.agent = agent
        self.pace = Pace(PACE_SECONDS if pace_seconds is None else pace_seconds, clock, sleep)
        self.timeout = TIMEOUT_SECONDS if timeout is None else timeout
        self.budget = BUDGET_SECONDS if budget is None else budget
        self.most_bytes = MOST_BYTES if most_bytes is None else most_bytes
        self.attempts = ATTEMPTS if attempts is None else attempts
        self.wait = WAIT_SECONDS if wait is None else wait
        self.rate_limited: Refused | None = None
        self._clock = clock
        self._deadline = clock() + self.budget
        self._session: requests.Session | None = None

    def __enter__(self) -> Http:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._session is not None:
            self._session.close()
            self._session = None

    def get(self, url: str, params: Mapping[str, str] | None = None) -> Got:
        """The raw answer of an address.

        Raises
        ------
        Refused
        """
        return self._repeated(lambda: self._once(url, params))

    def json(self, url: str, params: Mapping[str, str] | None = None) -> Got:
        """The answer of an address, read as JSON.

        Raises
        ------
        Refused
            Also where a page or half an answer came.
        """

        def ask() -> Got:
            got = self._once(url, params)
            return replace(got, content=parsed(got.body))

        return self._repeated(ask)

    def _repeated(self, ask: Callable[[], Got]) -> Got:
        """The answer; again after a short wait where the failure may pass, while the time lasts."""
        tries = 0
        try:
            for attempt in repeats.attempts(self.attempts, self.wait):
                with attempt:
                    self._check()
                    tries += 1
                    return replace(ask(), requests=tries)
        except Refused as refused:
            refused.requests = tries
            if refused.pause_seconds and self.rate_limited is None:
                self.rate_limited = refused
            raise refused.without_trace() from None
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _check(self) -> None:
        if self.rate_limited is not None:
            raise Refused(self.rate_limited.kind, f"not asked: {self.rate_limited.message}", requests=0)
        if self._clock() > self._deadline:
            raise Refused(
                "unreachable", f"not asked: the {self.budget:.0f} seconds of the run were used up", requests=0
            )

    def _once(self, url: str, params: Mapping[str, str] | None) -> Got:
        import requests

        if self._session is None:
            self._session = requests.Session()
            self._session.headers["User-Agent"] = self.agent
            # What is unpacked here, piece by piece; another packing is not asked for.
            self._session.headers["Accept-Encoding"] = "gzip, deflate"
        self.pace.wait()
        now, session = self._clock(), self._session
        seconds = min(self.timeout, max(self._deadline - now, 0.001))
        late = f"no answer in {self.timeout:g} seconds"

        def ask() -> Got:
            try:
                with session.get(url, params=params, stream=True, allow_redirects=False, timeout=seconds) as answer:
                    clocks.hear(self.title, answer.headers.get("Date"), answer.headers.get("Age"))
                    require_good(answer)
                    return Got(answer.url, self._body(answer, now + seconds))
            except requests.Timeout as error:
                raise _unreachable(late) from error
            except (requests.RequestException, OSError, ValueError) as error:
                raise _unreachable(words_of(error)) from error

        try:
            return in_time(ask, seconds + GRACE_SECONDS)
        except TimeoutError:
            # The thread that hangs keeps its connection; the next question gets another.
            self._session = None
            raise _unreachable(late) from None

    def _body(self, answer: requests.Response, end: float) -> bytes:
        """The whole body, read as it arrives: a time-out of the socket alone starts anew with every byte."""
        import urllib3

        said = answer.headers.get("Content-Length", "")
        length = int(said) if is_whole_number(said) else None
        body = Body(answer.headers.get("Content-Encoding", ""), self.most_bytes)
        if length is not None and length > self.most_bytes:
            raise too_large(self.most_bytes)
        late = f"an answer not finished after {self.timeout:g} seconds"
        cut = "the connection ended before the answer did"
        try:
            while part := answer.raw.read1(65_536, decode_content=False):
                body.add(part)
                if self._clock() > end:
                    raise _unreachable(late)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise _unreachable(late) from error
        except urllib3.exceptions.HTTPError as error:
            raise _unreachable(cut) from error
        if length is not None and answer.raw.tell() < length:
            raise _unreachable(cut)
        return body.whole()


def _unreachable(message: str) -> Refused:
    """The refusal of a question that did not get through; a repeat may."""
    return Refused("unreachable", message, again=True)
