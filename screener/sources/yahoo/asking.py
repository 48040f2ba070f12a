"""Questions to Yahoo, symbol by symbol: in a few threads, repeated where that may help, ended where Yahoo is down."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, TypeVar

from screener.sources.body import NOT_JSON
from screener.sources.fetched import Asked, Failure
from screener.sources.refused import Refused, pause_of
from screener.sources.repeats import attempts
from screener.sources.waiting import GRACE_SECONDS, each
from screener.sources.yahoo.client import counted, forget
from screener.sources.yahoo.timing import WORKERS, Clock

T = TypeVar("T")
ATTEMPTS = 2
WAIT_SECONDS = (0.5, 2.0)
GIVE_UP_AFTER = 3
SOURCE_IS_DOWN = ("unreachable", "rate_limited")


def ask_each(
    yf: ModuleType,
    symbols: Sequence[str],
    ask: Callable[[str], T],
    what: str,
    progress: Callable[[str], None],
    pause: Callable[[float, str], None] | None = None,
    clock: Clock | None = None,
) -> tuple[dict[str, T], list[Failure], list[Asked]]:
    """Ask for every symbol; one that fails leaves the others standing.

    The first is asked alone: it sets up session, cookie and cache for the rest. After three in a row that could not
    reach Yahoo or were refused, or when the session's time is used up, the rest is not asked any more, and says so.

    The questions are asked in threads that keep neither the caller nor the process waiting: what curl does cannot be
    broken off from outside, and may hang.

    Parameters
    ----------
    clock : Clock, optional
        Of the session that this is a part of; by default one of its own.
    pause : callable, optional
        Called once with (seconds, reason) where Yahoo rate-limited all that were asked, or three in a row: for so long
        it is better not asked again.

    Returns
    -------
    answers : dict by symbol
    failures : list of Failure
    asked : list of Asked
        The symbols of which at least one request was made, counted at the session that yfinance uses: its cookie and
        crumb and its own repeats included, but not those that curl makes by itself when a kept connection was closed.
    """
    answers: dict[str, T] = {}
    failures: list[Failure] = []
    asked: list[Asked] = []
    clock = clock or Clock()
    breaker = _Breaker(clock)

    def one(symbol: str) -> T:
        breaker.check()
        counted.requests, counted.status, counted.pause_seconds, counted.clock = 0, 0, pause_of(None), clock
        try:
            answer = _attempt(yf, lambda: ask(symbol))
        except Refused as refused:
            breaker.count(refused)
            raise
        finally:
            if counted.requests:
                asked.append(Asked(symbol, what, counted.requests))
        breaker.count(None)
        return answer

    def ask_all(some: Sequence[str]) -> None:
        """Note how the question on each ended; what has not by the end of the session has failed."""
        left = dict.fromkeys(some)
        for symbol, answer, error in each(
            some, one, workers=WORKERS, left=lambda: clock.left() + GRACE_SECONDS, over=clock.over
        ):
            del left[symbol]
            if isinstance(error, Refused):
                failures.append(Failure(symbol, what, error.kind, error.message))
            elif error is not None:
                raise error
            else:
                answers[symbol] = answer  # type: ignore[assignment]
            progress(f"Yahoo: {what}, {len(answers) + len(failures)} of {len(symbols)}")
        if left:
            breaker.open(Refused("unreachable", f"not asked: {clock.over()}"))
            failures.extend(Failure(symbol, what, "unreachable", f"given up: {clock.over()}") for symbol in left)

    progress(f"Yahoo: {what}, 0 of {len(symbols)}")
    ask_all(symbols[:1])
    ask_all(symbols[1:])
    limited = not answers and {failure.kind for failure in failures} == {"rate_limited"}
    if pause is not None and (limited or breaker.rate_limited):
        pause(breaker.pause_seconds, "Yahoo rate-limited the requests (HTTP 429)")
    return answers, sorted(failures), sorted(asked)


class _Breaker:
    """Circuit breaker of a session: nothing more is asked of a source that is down or limits requests, or after its time."""

    def __init__(self, clock: Clock) -> None:
        self.in_a_row = 0
        self.why: Refused | None = None
        self.lock = threading.Lock()
        self.clock = clock
        self.pause_seconds = 0.0

    @property
    def rate_limited(self) -> bool:
        """Whether it is Yahoo's rate limit that stopped the run."""
        return self.why is not None and self.why.kind == "rate_limited"

    def check(self) -> None:
        over = self.clock.over()
        if self.why is None and over:
            self.why = Refused("unreachable", f"not asked: {over}")
        if self.why is not None:
            raise self.why

    def open(self, refused: Refused) -> None:
        """Ask nothing more, for this reason."""
        with self.lock:
            self.why = self.why or refused

    def count(self, refused: Refused | None) -> None:
        """Note how a question ended."""
        with self.lock:
            if refused is None or refused.kind != "unreachable":
                self.clock.answered()
            if refused is not None:
                self.pause_seconds = max(self.pause_seconds, refused.pause_seconds)
            self.in_a_row = self.in_a_row + 1 if refused is not None and refused.kind in SOURCE_IS_DOWN else 0
            if refused is not None and self.in_a_row >= GIVE_UP_AFTER and self.why is None:
                self.why = Refused(refused.kind, f"not asked after {self.in_a_row} in a row: {refused.message}")


def _attempt(yf: ModuleType, call: Callable[[], T]) -> T:
    """The call's answer; once more after a short wait where the failure may pass."""
    for attempt in attempts(ATTEMPTS, WAIT_SECONDS):
        with attempt:
            if attempt.num > 1:
                forget(yf)
            try:
                return call()
            except Refused as refused:
                raise refused.without_trace() from None
            except (
                Exception
            ) as error:  # yfinance raises what it meets, KeyError and TypeError of an odd answer included
                found = _refusal(yf, error)
            raise found  # not out of the error, which may hold the whole answer
    raise AssertionError("unreachable: the last attempt returns or raises")


def _refusal(yf: ModuleType, error: Exception) -> Refused:
    """What an exception out of yfinance means."""
    known: Any = yf.exceptions
    status = getattr(getattr(error, "response", None), "status_code", 0) or 0
    if isinstance(error, known.YFException) and counted.status >= 500:
        # yfinance reads the JSON of an error of the server as a symbol without prices.
        status = counted.status
    message = _words(error)
    if isinstance(error, known.YFRateLimitError) or status == 429:
        return Refused("rate_limited", "too many requests", pause_seconds=counted.pause_seconds)
    if status >= 500:
        return Refused("bad_answer", f"HTTP {status}", again=True)
    if isinstance(error, known.YFTickerMissingError) or status == 404 or "Empty fundamentals" in message:
        return Refused("empty", "Yahoo knows nothing under this symbol" if status == 404 else message)
    if status >= 400:
        return Refused("bad_answer", f"HTTP {status}")
    if isinstance(error, OSError):
        return Refused("unreachable", message, again=True)
    cannot = f"an answer that cannot be read: {type(error).__name__}: {message}"
    return Refused("bad_answer", NOT_JSON if isinstance(error, json.JSONDecodeError) else cannot, again=True)


def _words(error: Exception) -> str:
    """The message in one line, without what curl wraps around every one of its own."""
    text = " ".join(str(error).split()).removeprefix("Failed to perform, ")
    return text.partition(". See https://curl.se")[0][:200] or type(error).__name__
