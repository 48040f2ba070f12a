"""The narrow door to yfinance: opened once, quietly, politely; what goes wrong has a kind.

yfinance is used as it comes. What it needs to be safe for figures (measured on 1.7):

- its default hides errors, and an outage then looks like a company without debt: `hide_exceptions` is off;
- it keeps answers by address, bad ones too: a repeat starts with that memory cleared;
- its default cache folder may not be writable: ours is the user's cache folder, by platformdirs;
- it warns through the logging module and, under pandas 3, through pandas' deprecations: neither reaches our users.
"""

from __future__ import annotations

import json
import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any, TypeVar

from screener.sources.fetched import Failure

T = TypeVar("T")
SOURCE = "yahoo"
PROBE = "https://query2.finance.yahoo.com/v8/finance/chart/SPY?range=1d&interval=1d"
TIMEOUT_SECONDS = 10.0
WORKERS = 4
ATTEMPTS = 2
WAIT_SECONDS = (0.5, 2.0)
GIVE_UP_AFTER = 3
BUDGET_SECONDS = 120.0
SOURCE_IS_DOWN = ("unreachable", "rate_limited")
# Whose warnings are not ours to mend; a warning raised by our own lines still counts as an error in the tests.
FOREIGN = r"(yfinance|curl_cffi|peewee|multitasking|websockets|google|bs4|dateutil)(\.|$)"
FOREIGN_FILE = re.compile(r"[\\/](yfinance|curl_cffi|peewee|multitasking|websockets|google|bs4|dateutil)([\\/]|\.py$)")
_LOCK = threading.Lock()
_configured = False


class Refused(Exception):
    """One question that got no usable answer; `kind` as in `screener.sources.Failure`, `again`: worth a repeat."""

    def __init__(self, kind: str, message: str, *, again: bool = False) -> None:
        self.kind, self.message, self.again = kind, message, again
        super().__init__(f"{kind}: {message}")


def reachable(seconds: float) -> bool:
    """Whether Yahoo answers at all, known within `seconds` whatever the network does.

    One request by the HTTP client that yfinance uses, so that HTTPS_PROXY, REQUESTS_CA_BUNDLE and CURL_CA_BUNDLE
    count as they will count in the run. An answer that asks to be left alone (429) is an answer; a page that is not
    Yahoo's (a captive portal) and an error of the server or of a proxy are not.
    """
    deadline = time.monotonic() + seconds
    found: list[bool] = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from curl_cffi import requests

    def ask() -> None:
        try:
            with requests.Session(impersonate="chrome") as session:
                answer = session.get(PROBE, timeout=max(deadline - time.monotonic(), 0.001))
            found.append(answer.status_code == 429 or '"chart"' in answer.text)
        except Exception:
            # Every reason why nothing came back means the same here: it cannot be reached.
            found.append(False)

    # A daemon: name resolution can hang beyond every timeout, and must keep neither the caller nor the exit waiting.
    thread = threading.Thread(target=ask, daemon=True, name="yahoo-probe")
    thread.start()
    thread.join(max(deadline - time.monotonic(), 0.0))
    return bool(found and found[0])


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
            _configured = True
        yf.config.debug.hide_exceptions = False
    return yf


def cache_folder() -> Path:
    """Where yfinance keeps time zones and cookies: in the user's cache folder."""
    import platformdirs

    return platformdirs.user_cache_path("miner-screener", appauthor=False) / "yfinance"


def forget(yf: ModuleType) -> None:
    """Clear yfinance's memory of answers: it is kept by address, and holds truncated and empty ones as well."""
    yf.data.YfData.cache_get.cache_clear()


def ask_each(
    yf: ModuleType, symbols: Sequence[str], ask: Callable[[str], T], what: str, progress: Callable[[str], None]
) -> tuple[dict[str, T], list[Failure]]:
    """Ask for every symbol; one that fails leaves the others standing.

    The first is asked alone: it sets up session, cookie and cache for the rest. After three in a row that could not
    reach Yahoo or were refused, or when the time is used up, the rest is not asked any more, and says so.

    Returns
    -------
    answers : dict by symbol
    failures : list of Failure
    """
    answers: dict[str, T] = {}
    failures: list[Failure] = []
    fuse = _Fuse()

    def one(symbol: str) -> T:
        fuse.check()
        try:
            answer = _attempt(yf, lambda: ask(symbol))
        except Refused as refused:
            fuse.count(refused)
            raise
        fuse.count(None)
        return answer

    def note(symbol: str, result: Callable[[], T]) -> None:
        try:
            answers[symbol] = result()
        except Refused as refused:
            failures.append(Failure(symbol, what, refused.kind, refused.message))
        progress(f"Yahoo: {what}, {len(answers) + len(failures)} of {len(symbols)}")

    progress(f"Yahoo: {what}, 0 of {len(symbols)}")
    if symbols:
        note(symbols[0], lambda: one(symbols[0]))
    pool = ThreadPoolExecutor(WORKERS, thread_name_prefix="yahoo")
    try:
        running = {pool.submit(one, symbol): symbol for symbol in symbols[1:]}
        for future in as_completed(running):
            note(running[future], future.result)
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
    return answers, sorted(failures)


class _Fuse:
    """Stops asking a source that is down or wants to be left alone, and a run that takes too long."""

    def __init__(self) -> None:
        self.in_a_row = 0
        self.blown: Refused | None = None
        self.lock = threading.Lock()
        self.deadline = time.monotonic() + BUDGET_SECONDS

    def check(self) -> None:
        if self.blown is None and time.monotonic() > self.deadline:
            self.blown = Refused("unreachable", f"not asked: {BUDGET_SECONDS:.0f} seconds were used up")
        if self.blown is not None:
            raise self.blown

    def count(self, refused: Refused | None) -> None:
        with self.lock:
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
    message = _words(error)
    if isinstance(error, known.YFRateLimitError) or status == 429:
        return Refused("rate_limited", "too many requests")
    if isinstance(error, known.YFTickerMissingError) or status == 404 or "Empty fundamentals" in message:
        return Refused("empty", "Yahoo knows nothing under this symbol" if status == 404 else message)
    if status >= 400:
        return Refused("bad_answer", f"HTTP {status}", again=status >= 500)
    if isinstance(error, OSError):
        return Refused("unreachable", message, again=True)
    if isinstance(error, json.JSONDecodeError):
        return Refused("bad_answer", "an answer that is not JSON, or not all of it", again=True)
    return Refused("bad_answer", f"an answer that cannot be read: {type(error).__name__}: {message}", again=True)


def _words(error: Exception) -> str:
    """The message in one line, without what curl wraps around every one of its own."""
    text = " ".join(str(error).split()).removeprefix("Failed to perform, ")
    return text.split(". See https://curl.se", 1)[0][:200] or type(error).__name__
