"""The narrow door to yfinance: opened once, quietly, politely; what goes wrong has a kind.

yfinance is used as it comes. What it needs to be safe for figures (measured on 1.7):

- its default hides errors, and an outage then looks like a company without debt: `hide_exceptions` is off;
- it keeps answers by address, bad ones too: a repeat starts with that memory cleared;
- its default cache folder may not be writable: ours is the user's cache folder, by platformdirs;
- it counts no request and knows no pace: both are the session's, which it takes from us as it takes any;
- it warns through the logging module and, under pandas 3, through pandas' deprecations: neither reaches our users.
"""

from __future__ import annotations

import json
import logging
import os
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from screener.errors import UniverseError
from screener.sources import clocks
from screener.sources.fetched import Asked, Failure
from screener.sources.http import Pace, Refused, pause_of
from screener.sources.waiting import GRACE_SECONDS, each, in_time

__all__ = ["Refused", "ask_each", "opened", "reachable"]

T = TypeVar("T")
SOURCE = "yahoo"
PROBE = "https://query2.finance.yahoo.com/v8/finance/chart/SPY?range=1d&interval=1d"
TIMEOUT_SECONDS = 10.0
WORKERS = 4
ATTEMPTS = 2
WAIT_SECONDS = (0.5, 2.0)
GIVE_UP_AFTER = 3
# A session, charts and statements together, ends after so long, and before that where nothing has come for a while.
BUDGET_SECONDS = 120.0
STALLED_SECONDS = 30.0
MOST_BYTES = 32 * 2**20
# Least time between the starts of two requests, over all workers. Yahoo publishes no limit; a burst is what it punishes.
PACE_SECONDS = 0.1
PACE_PLACE = "SCREENER_YAHOO_PACE"
SOURCE_IS_DOWN = ("unreachable", "rate_limited")
# Whose warnings are not ours to mend; a warning raised by our own lines still counts as an error in the tests.
FOREIGN = r"(yfinance|curl_cffi|peewee|multitasking|websockets|google|bs4|dateutil)(\.|$)"
FOREIGN_FILE = re.compile(r"[\\/](yfinance|curl_cffi|peewee|multitasking|websockets|google|bs4|dateutil)([\\/]|\.py$)")
_LOCK = threading.Lock()
_configured = False
# Requests of the question that this thread is asking; a question is asked by one thread from first to last.
_counted = threading.local()


def reachable(seconds: float) -> bool:
    """Whether Yahoo answers at all, known within `seconds` whatever the network does.

    One request by the HTTP client that yfinance uses, so that HTTPS_PROXY, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE
    count as they will count in the run. A refusal for too many requests (429) is an answer; a page that is not
    Yahoo's (a captive portal) and an error of the server or of a proxy are not.
    """
    deadline = time.monotonic() + seconds
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        kind = _capped()

    def ask() -> bool:
        with kind(impersonate="chrome") as session:
            answer = session.get(PROBE, timeout=max(deadline - time.monotonic(), 0.001))
        clocks.hear(SOURCE, answer.headers.get("Date"), answer.headers.get("Age"))
        return answer.status_code == 429 or '"chart"' in answer.text

    try:
        return in_time(ask, max(deadline - time.monotonic(), 0.0))
    except Exception:
        # Every reason why nothing came back means the same here: it cannot be reached.
        return False


@contextmanager
def opened() -> Iterator[ModuleType]:
    """yfinance, configured, its memory of earlier answers cleared, its warnings and log lines kept from users."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yf = _configure()
    # After the import, which puts a filter of its own in front.
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=FOREIGN)
        # Its SQLite cache leaves one connection a thread to the garbage collector.
        warnings.filterwarnings("ignore", message="unclosed database", category=ResourceWarning)
        # Filters are the process's: a library that sets its own in one thread can leave them in force in another.
        warnings.showwarning = _shown_unless_foreign(warnings.showwarning)
        forget(yf)
        yield yf


def _shown_unless_foreign(show: Callable[..., None]) -> Callable[..., None]:
    """`warnings.showwarning` for every warning but those that the libraries of Yahoo's client raise."""

    def shown(message: Warning | str, category: type[Warning], filename: str, *place: Any, **more: Any) -> None:
        if not FOREIGN_FILE.search(filename):
            show(message, category, filename, *place, **more)

    return shown


def _configure() -> ModuleType:
    global _configured  # noqa: PLW0603 - yfinance's settings are global to the process as well
    with _LOCK:
        import yfinance as yf

        if not _configured:
            for name in ("yfinance", "stamina"):
                # Without a handler Python prints warnings on stderr; the same facts reach users as failures.
                logging.getLogger(name).addHandler(logging.NullHandler())
            yf.set_tz_cache_location(str(cache_folder()))
            yf.data.YfData(session=_session())
            _configured = True
        yf.config.debug.hide_exceptions = False
    return yf


def pace_seconds() -> float:
    """The pace of requests: SCREENER_YAHOO_PACE in seconds, else `PACE_SECONDS`."""
    named = os.environ.get(PACE_PLACE, "")
    try:
        seconds = float(named) if named else PACE_SECONDS
    except ValueError:
        seconds = -1.0
    if not 0.0 <= seconds <= 60.0:
        raise UniverseError(f"{PACE_PLACE}: {named!r}: expected seconds between two requests to Yahoo, 0 to 60")
    return seconds


def _capped() -> Any:
    """The class of sessions of yfinance's HTTP client, with answers of at most `MOST_BYTES`, packed or not."""
    from curl_cffi import requests
    from curl_cffi.curl import CURL_WRITEFUNC_ERROR

    class Capped(requests.Session):
        def request(self, *arguments: Any, **options: Any) -> Any:
            body = bytearray()
            too_large = threading.Event()

            def take(part: bytes) -> int:
                if len(body) + len(part) > MOST_BYTES:
                    too_large.set()
                    return int(CURL_WRITEFUNC_ERROR)
                body.extend(part)
                return len(part)

            try:
                answer = super().request(*arguments, **{**options, "content_callback": take})
            except requests.exceptions.RequestException:
                if too_large.is_set():
                    raise Refused("bad_answer", f"an answer of more than {MOST_BYTES:,} bytes") from None
                raise
            answer.content = bytes(body)
            return answer

    return Capped


def _session() -> Any:
    """The session that yfinance would make for itself, with a pace, a count, and an eye for how long to stay away."""
    capped = _capped()

    class Session(capped):  # type: ignore[misc, valid-type]
        pace = Pace(pace_seconds())

        def request(self, *arguments: Any, **options: Any) -> Any:
            self.pace.wait()
            clock: Clock | None = getattr(_counted, "clock", None)
            if clock is not None:
                # No request outlives its session, whatever yfinance allows it.
                given = options.get("timeout")
                options["timeout"] = min(given if isinstance(given, (int, float)) else TIMEOUT_SECONDS, clock.left())
            _counted.requests = getattr(_counted, "requests", 0) + 1
            answer = super().request(*arguments, **options)
            _counted.status = answer.status_code
            clocks.hear(SOURCE, answer.headers.get("Date"), answer.headers.get("Age"))
            if answer.status_code == 429:
                _counted.pause_seconds = pause_of(answer.headers.get("Retry-After"))
            return answer

    return Session(impersonate="chrome")


def cache_folder() -> Path:
    """Where yfinance keeps time zones and cookies: in the user's cache folder."""
    import platformdirs

    return platformdirs.user_cache_path("miner-screener", appauthor=False) / "yfinance"


def forget(yf: ModuleType) -> None:
    """Clear yfinance's memory of answers: it is kept by address, and holds truncated and empty ones as well."""
    yf.data.YfData.cache_get.cache_clear()


class Clock:
    """The time of one session: how long it may take in all, and how long without any answer."""

    def __init__(self) -> None:
        self.end = time.monotonic() + BUDGET_SECONDS
        self.stalled_after = STALLED_SECONDS + WORKERS * pace_seconds()
        self.answered()

    def answered(self) -> None:
        """Note that Yahoo gave something."""
        self.last = time.monotonic()

    def left(self) -> float:
        """Seconds until the session ends as things stand, at least a millisecond."""
        return max(min(self.end, self.last + self.stalled_after) - time.monotonic(), 0.001)

    def over(self) -> str:
        """Why the session is over; empty where it is not."""
        now = time.monotonic()
        if now > self.end:
            return f"{BUDGET_SECONDS:.0f} seconds were used up"
        return f"no answer in {self.stalled_after:.0f} seconds" if now > self.last + self.stalled_after else ""


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
    fuse = _Fuse(clock)

    def one(symbol: str) -> T:
        fuse.check()
        _counted.requests, _counted.status, _counted.pause_seconds, _counted.clock = 0, 0, pause_of(None), clock
        try:
            answer = _attempt(yf, lambda: ask(symbol))
        except Refused as refused:
            fuse.count(refused)
            raise
        finally:
            if _counted.requests:
                asked.append(Asked(symbol, what, _counted.requests))
        fuse.count(None)
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
            fuse.blow(Refused("unreachable", f"not asked: {clock.over()}"))
            failures.extend(Failure(symbol, what, "unreachable", f"given up: {clock.over()}") for symbol in left)

    progress(f"Yahoo: {what}, 0 of {len(symbols)}")
    ask_all(symbols[:1])
    ask_all(symbols[1:])
    limited = not answers and {failure.kind for failure in failures} == {"rate_limited"}
    if pause is not None and (limited or fuse.rate_limited):
        pause(fuse.pause_seconds, "Yahoo rate-limited the requests (HTTP 429)")
    return answers, sorted(failures), sorted(asked)


class _Fuse:
    """Stops asking a source that is down or limits requests, and a run that takes too long."""

    def __init__(self, clock: Clock) -> None:
        self.in_a_row = 0
        self.blown: Refused | None = None
        self.lock = threading.Lock()
        self.clock = clock
        self.pause_seconds = 0.0

    @property
    def rate_limited(self) -> bool:
        """Whether it is Yahoo's rate limit that stopped the run."""
        return self.blown is not None and self.blown.kind == "rate_limited"

    def check(self) -> None:
        over = self.clock.over()
        if self.blown is None and over:
            self.blown = Refused("unreachable", f"not asked: {over}")
        if self.blown is not None:
            raise self.blown

    def blow(self, refused: Refused) -> None:
        """Ask nothing more, for this reason."""
        with self.lock:
            self.blown = self.blown or refused

    def count(self, refused: Refused | None) -> None:
        """Note how a question ended."""
        with self.lock:
            if refused is None or refused.kind != "unreachable":
                self.clock.answered()
            if refused is not None:
                self.pause_seconds = max(self.pause_seconds, refused.pause_seconds)
            self.in_a_row = self.in_a_row + 1 if refused is not None and refused.kind in SOURCE_IS_DOWN else 0
            if refused is not None and self.in_a_row >= GIVE_UP_AFTER and self.blown is None:
                self.blown = Refused(refused.kind, f"not asked after {self.in_a_row} in a row: {refused.message}")


def _attempt(yf: ModuleType, call: Callable[[], T]) -> T:
    """The call's answer; once more after a short wait where the failure may pass."""
    import stamina

    first, longest = WAIT_SECONDS
    for attempt in stamina.retry_context(
        on=lambda error: isinstance(error, Refused) and error.again,
        attempts=ATTEMPTS, wait_initial=first, wait_max=longest, wait_jitter=first, timeout=None,
    ):  # fmt: skip
        with attempt:
            if attempt.num > 1:
                forget(yf)
            try:
                return call()
            except Refused:
                raise
            except Exception as error:
                raise _refusal(yf, error) from error
    raise AssertionError("unreachable: the last attempt returns or raises")


def _refusal(yf: ModuleType, error: Exception) -> Refused:
    """What an exception out of yfinance means."""
    known: Any = yf.exceptions
    status = getattr(getattr(error, "response", None), "status_code", 0) or 0
    if isinstance(error, known.YFException) and _counted.status >= 500:
        # yfinance reads the JSON of an error of the server as a symbol without prices.
        status = _counted.status
    message = _words(error)
    if isinstance(error, known.YFRateLimitError) or status == 429:
        return Refused("rate_limited", "too many requests", pause_seconds=_counted.pause_seconds)
    if status >= 500:
        return Refused("bad_answer", f"HTTP {status}", again=True)
    if isinstance(error, known.YFTickerMissingError) or status == 404 or "Empty fundamentals" in message:
        return Refused("empty", "Yahoo knows nothing under this symbol" if status == 404 else message)
    if status >= 400:
        return Refused("bad_answer", f"HTTP {status}")
    if isinstance(error, OSError):
        return Refused("unreachable", message, again=True)
    cannot = f"an answer that cannot be read: {type(error).__name__}: {message}"
    half = "an answer that is not JSON, or not all of it"
    return Refused("bad_answer", half if isinstance(error, json.JSONDecodeError) else cannot, again=True)


def _words(error: Exception) -> str:
    """The message in one line, without what curl wraps around every one of its own."""
    text = " ".join(str(error).split()).removeprefix("Failed to perform, ")
    return text.split(". See https://curl.se", 1)[0][:200] or type(error).__name__
