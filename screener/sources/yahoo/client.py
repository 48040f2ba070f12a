"""The yfinance client: configured once, with a pace, a count of requests and a limit on the size of answers.

yfinance is used as it comes. What it needs to be safe for figures (measured on 1.7):

- its default hides errors, and an outage then looks like a company without debt: `hide_exceptions` is off;
- it keeps answers by address, bad ones too: a repeat starts with that memory cleared;
- its default cache folder may not be writable: ours is the user's cache folder, by platformdirs;
- it counts no request and knows no pace: both are the session's, which it takes from us as it takes any;
- it warns through the logging module and, under pandas 3, through pandas' deprecations: neither reaches our users.
"""

from __future__ import annotations

import logging
import re
import threading
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from screener.sources import clocks
from screener.sources.body import too_large
from screener.sources.pace import Pace
from screener.sources.refused import pause_of
from screener.sources.waiting import in_time
from screener.sources.yahoo.timing import TIMEOUT_SECONDS, Clock, pace_seconds

SOURCE = "yahoo"
PROBE = "https://query2.finance.yahoo.com/v8/finance/chart/SPY?range=1d&interval=1d"
# The closes of every day since 1970 are some 2 MB. yfinance keeps up to 64 answers, the bad ones too.
MOST_BYTES = 8 * 2**20
# Whose warnings are not ours to mend; a warning raised by our own lines still counts as an error in the tests.
FOREIGN = r"(yfinance|curl_cffi|peewee|multitasking|websockets|google|bs4|dateutil)(\.|$)"
FOREIGN_FILE = re.compile(r"[\\/](yfinance|curl_cffi|peewee|multitasking|websockets|google|bs4|dateutil)([\\/]|\.py$)")
_LOCK = threading.Lock()
_configured = False
# Requests of the question that this thread is asking; a question is asked by one thread from first to last.
counted = threading.local()


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
        # curl_cffi's errors have no common root, and its answer may not be text: whatever the reason, nothing came back
        # that Yahoo says, and a probe that raised would end a run that has stored prices to go on with.
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


def _capped() -> Any:
    """The class of sessions of yfinance's HTTP client, with answers of at most `MOST_BYTES`, packed or not."""
    from curl_cffi import requests
    from curl_cffi.curl import CURL_WRITEFUNC_ERROR

    class Capped(requests.Session):
        def request(self, *arguments: Any, **options: Any) -> Any:
            body = bytearray()
            beyond = threading.Event()

            def take(part: bytes) -> int:
                if len(body) + len(part) > MOST_BYTES:
                    beyond.set()
                    return int(CURL_WRITEFUNC_ERROR)
                body.extend(part)
                return len(part)

            try:
                answer = super().request(*arguments, **{**options, "content_callback": take})
            except requests.exceptions.RequestException:
                if beyond.is_set():
                    raise too_large(MOST_BYTES) from None
                raise
            answer.content = bytes(body)
            return answer

    return Capped


def _session() -> Any:
    """The session that yfinance would make for itself, with a pace, a count of requests and the pause of a rate limit."""
    capped = _capped()

    class Session(capped):  # type: ignore[misc, valid-type]
        pace = Pace(pace_seconds())

        def request(self, *arguments: Any, **options: Any) -> Any:
            self.pace.wait()
            clock: Clock | None = getattr(counted, "clock", None)
            if clock is not None:
                # No request outlives its session, whatever yfinance allows it.
                given = options.get("timeout")
                options["timeout"] = min(given if isinstance(given, (int, float)) else TIMEOUT_SECONDS, clock.left())
            counted.requests = getattr(counted, "requests", 0) + 1
            answer = super().request(*arguments, **options)
            counted.status = answer.status_code
            clocks.hear(SOURCE, answer.headers.get("Date"), answer.headers.get("Age"))
            if answer.status_code == 429:
                counted.pause_seconds = pause_of(answer.headers.get("Retry-After"))
            return answer

    return Session(impersonate="chrome")


def cache_folder() -> Path:
    """Where yfinance keeps time zones and cookies: in the user's cache folder."""
    import platformdirs

    return platformdirs.user_cache_path("miner-screener", appauthor=False) / "yfinance"


def forget(yf: ModuleType) -> None:
    """Clear yfinance's memory of answers: it is kept by address, and holds truncated and empty ones as well."""
    yf.data.YfData.cache_get.cache_clear()
