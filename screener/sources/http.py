"""Polite requests to keyless sources over HTTPS: paced, timed, capped in size and time; what goes wrong has a kind.

with Http("mempool.space", agent="miner-screener") as http:
    got = http.json("https://mempool.space/api/v1/mining/hashrate/3y")
    got.content, got.body, got.requests

A source that limits requests (429, 403, or 503 with a time) is not asked again through the same `Http`, and the
refusal says for how long: `Refused.pause_seconds`, for the ledger to remember.
"""

from __future__ import annotations

import json
import math
import re
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC
from email.utils import parsedate_to_datetime
from html import unescape
from types import TracebackType
from typing import TYPE_CHECKING, Any

from screener import clock
from screener.secrets import mask
from screener.sources import clocks
from screener.sources.waiting import GRACE_SECONDS, in_time

if TYPE_CHECKING:
    import requests

TIMEOUT_SECONDS = 20.0
BUDGET_SECONDS = 180.0
MOST_BYTES = 64 * 2**20
ATTEMPTS = 3
WAIT_SECONDS = (0.5, 4.0)
PACE_SECONDS = 0.2
# How long a source that limits requests is not asked again, where it does not say; and the limits of what it may say.
PAUSE_SECONDS = 600.0
LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 60.0, 86_400.0
LEFT_ALONE = (403, 429)
PACKED = ("gzip", "x-gzip", "deflate")
WORDS = {
    204: "an answer without content",
    400: "the source does not understand the question",
    401: "a login is asked for",
    407: "the proxy asks for a login",
    408: "the source waited too long for the question",
    451: "not available in this country",
    511: "this network asks for a login first",
}
_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,200}?)</title>", re.IGNORECASE | re.DOTALL)


class Refused(Exception):
    """One question that got no usable answer.

    Attributes
    ----------
    kind : str
        As in `sources.fetched.Failure`.
    message : str
        In plain words, one line.
    again : bool
        Whether a repeat may help.
    pause_seconds : float
        How long the source is not to be asked again; 0 where it may be.
    requests : int
        How many requests were made.
    """

    def __init__(
        self, kind: str, message: str, *, again: bool = False, pause_seconds: float = 0.0, requests: int = 1
    ) -> None:
        self.kind, self.message, self.again = kind, mask(message), again
        self.pause_seconds, self.requests = pause_seconds, requests
        super().__init__(f"{kind}: {self.message}")


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
        self.left_alone: Refused | None = None
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
        import stamina

        first, longest = self.wait
        tries = 0
        try:
            for attempt in stamina.retry_context(
                on=lambda error: isinstance(error, Refused) and error.again,
                attempts=self.attempts, wait_initial=first, wait_max=longest, wait_jitter=first, timeout=None,
            ):  # fmt: skip
                with attempt:
                    self._check()
                    tries += 1
                    return replace(ask(), requests=tries)
        except Refused as refused:
            refused.requests = tries
            if refused.pause_seconds and self.left_alone is None:
                self.left_alone = refused
            raise
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _check(self) -> None:
        if self.left_alone is not None:
            raise Refused(self.left_alone.kind, f"not asked: {self.left_alone.message}", requests=0)
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

        def ask() -> Got:
            try:
                with session.get(url, params=params, stream=True, allow_redirects=False, timeout=seconds) as answer:
                    clocks.hear(self.title, answer.headers.get("Date"), answer.headers.get("Age"))
                    _require_good(answer)
                    return Got(answer.url, self._body(answer, now + seconds))
            except requests.Timeout as error:
                raise Refused("unreachable", f"no answer in {self.timeout:g} seconds", again=True) from error
            except (requests.RequestException, OSError, ValueError) as error:
                raise Refused("unreachable", _words(error), again=True) from error

        try:
            return in_time(ask, seconds + GRACE_SECONDS)
        except TimeoutError:
            # The thread that hangs keeps its connection; the next question gets another.
            self._session = None
            raise Refused("unreachable", f"no answer in {self.timeout:g} seconds", again=True) from None

    def _body(self, answer: requests.Response, end: float) -> bytes:
        """The whole body, read as it arrives: a time-out of the socket alone starts anew with every byte."""
        import urllib3

        said = answer.headers.get("Content-Length", "")
        length = int(said) if _is_number(said) else None
        body = _Body(answer.headers.get("Content-Encoding", ""), self.most_bytes)
        if length is not None and length > self.most_bytes:
            raise body.too_large()
        try:
            while part := answer.raw.read1(65_536, decode_content=False):
                body.add(part)
                if self._clock() > end:
                    raise Refused("unreachable", f"an answer not finished after {self.timeout:g} seconds", again=True)
        except urllib3.exceptions.ReadTimeoutError as error:
            raise Refused(
                "unreachable", f"an answer not finished after {self.timeout:g} seconds", again=True
            ) from error
        except urllib3.exceptions.HTTPError as error:
            raise Refused("unreachable", "the connection ended before the answer did", again=True) from error
        if length is not None and answer.raw.tell() < length:
            raise Refused("unreachable", "the connection ended before the answer did", again=True)
        return body.whole()


class _Body:
    """An answer's bytes as they arrive, unpacked no further than the most that is read."""

    def __init__(self, packing: str, most_bytes: int) -> None:
        packing = packing.strip().lower()
        if packing not in ("", "identity", *PACKED):
            raise Refused("bad_answer", f"an answer packed in a way that was not asked for ({packing[:40]!r})")
        self.most_bytes = most_bytes
        self._bytes = bytearray()
        self._unpack = _unpacker() if packing in PACKED else None

    def add(self, part: bytes) -> None:
        """Take what came.

        Raises
        ------
        Refused
            It is too much, or cannot be unpacked.
        """
        if self._unpack is None:
            self._bytes += part
        while part and self._unpack is not None:
            if self._unpack.eof:  # packed in several pieces
                self._unpack = _unpacker()
            try:
                self._bytes += self._unpack.decompress(part, self.most_bytes + 1 - len(self._bytes))
            except zlib.error as error:
                raise Refused("bad_answer", "an answer that cannot be unpacked", again=True) from error
            if len(self._bytes) > self.most_bytes:
                break
            part = self._unpack.unused_data
        if len(self._bytes) > self.most_bytes:
            raise self.too_large()

    def too_large(self) -> Refused:
        """The refusal of an answer that is larger than any that is wanted."""
        return Refused("bad_answer", f"an answer of more than {self.most_bytes:,} bytes")

    def whole(self) -> bytes:
        """All of it.

        Raises
        ------
        Refused
            What is packed ends before its end.
        """
        if self._unpack is not None and self._bytes and not self._unpack.eof:
            raise Refused("bad_answer", "an answer that cannot be unpacked: its end is missing", again=True)
        return bytes(self._bytes)


def _unpacker() -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS + 32)  # gzip or zlib, as the first bytes say


class Pace:
    """A least time between the starts of requests, over all threads."""

    def __init__(
        self,
        seconds: float,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.seconds = seconds
        self._clock, self._sleep = clock, sleep
        self._next = float("-inf")
        self._lock = threading.Lock()

    def wait(self) -> None:
        """Return when the next request may start."""
        with self._lock:
            now = self._clock()
            start = max(now, self._next)
            self._next = start + self.seconds
        if start > now:
            self._sleep(start - now)


def parsed(body: bytes) -> Any:
    """The content of a JSON answer.

    Raises
    ------
    Refused
        A page, nothing, or half an answer.
    """
    start = body.lstrip()[:1]
    if start == b"<":
        title = _TITLE.search(body[:100_000])
        words = " ".join(unescape(title[1].decode("utf-8", "replace")).split()) if title else ""
        shown = "".join(c for c in words[:80] if c.isprintable())
        named = f", titled {shown!r}: a login, a consent or an error" if shown else ""
        raise Refused("bad_answer", f"a page (HTML) in place of JSON{named}", again=True)
    if not start:
        raise Refused("bad_answer", "an answer without content", again=True)
    try:
        return json.loads(body, parse_constant=_finite, parse_float=_finite)
    except (ValueError, RecursionError) as error:  # also of bytes that are no UTF-8
        raise Refused("bad_answer", "an answer that is not JSON, or not all of it", again=True) from error


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no number of JSON")
    return value


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 20


def _require_good(answer: requests.Response) -> None:
    status = answer.status_code
    if status == 200:
        return
    if status in LEFT_ALONE or (status == 503 and "Retry-After" in answer.headers):
        words = {429: "too many requests (HTTP 429)", 403: "requests of this client are refused (HTTP 403)"}
        message = words.get(status, f"limits requests for now (HTTP {status})")
        raise Refused("rate_limited", message, pause_seconds=pause_of(answer.headers.get("Retry-After")))
    if status in (404, 410):
        raise Refused("empty", f"nothing at this address (HTTP {status})")
    if 300 <= status < 400:
        raise Refused("bad_answer", f"sent on to another address (HTTP {status}); not followed")
    if status in WORDS:
        raise Refused("bad_answer", f"{WORDS[status]} (HTTP {status})", again=status == 408)
    if status >= 500:
        raise Refused("bad_answer", f"an error of the server (HTTP {status})", again=True)
    raise Refused("bad_answer", f"HTTP {status}")


def pause_of(retry_after: str | None) -> float:
    """Seconds out of Retry-After, which is a number or a date, within limits."""
    seconds = PAUSE_SECONDS
    if retry_after is not None and _is_number(retry_after.strip()):
        seconds = float(retry_after)
    elif retry_after:
        try:
            until = parsedate_to_datetime(retry_after)
        except (ValueError, TypeError, LookupError, OverflowError):
            until = None
        if until is not None:
            until = until if until.tzinfo is not None else until.replace(tzinfo=UTC)
            seconds = (until - clock.now()).total_seconds()
    return min(max(seconds, LEAST_PAUSE_SECONDS), MOST_PAUSE_SECONDS)


def _words(error: BaseException) -> str:
    """What a failed connection means, without the library's wrapping."""
    text = " ".join(str(error).split())
    known = {
        "CERTIFICATE_VERIFY_FAILED": "the certificate is not trusted",
        "Tunnel connection failed": "the proxy refused the connection",
        "NameResolutionError": "its name is not found",
        "Failed to resolve": "its name is not found",
        "Connection refused": "the connection was refused",
        "Connection aborted": "the connection ended before an answer came",
        "RemoteDisconnected": "the connection ended before an answer came",
        "Connection reset": "the connection was reset",
    }
    return next((words for part, words in known.items() if part in text), text[:200] or type(error).__name__)
