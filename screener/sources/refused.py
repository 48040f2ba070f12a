"""What a failed request means: its kind, its words, whether a repeat may help, and how long the source is not asked."""

from __future__ import annotations

from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import TYPE_CHECKING, Self

from screener import clock
from screener.secrets import mask

if TYPE_CHECKING:
    import requests

# How long a source that limits requests is not asked again, where it does not say; and the limits of what it may say.
PAUSE_SECONDS = 600.0
LEAST_PAUSE_SECONDS, MOST_PAUSE_SECONDS = 60.0, 86_400.0
RATE_LIMITED = (403, 429)
WORDS = {
    204: "an answer without content",
    400: "the source does not understand the question",
    401: "a login is asked for",
    407: "the proxy asks for a login",
    408: "the source waited too long for the question",
    451: "not available in this country",
    511: "this network asks for a login first",
}


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

    def without_trace(self) -> Self:
        """The refusal without its traceback and the errors behind it: their variables hold what had arrived."""
        self.__cause__ = self.__context__ = None
        return self.with_traceback(None)


def require_good(answer: requests.Response) -> None:
    """Refuse an answer whose HTTP status is not 200.

    Raises
    ------
    Refused
        With the kind and the words of its status.
    """
    status = answer.status_code
    if status == 200:
        return
    if status in RATE_LIMITED or (status == 503 and "Retry-After" in answer.headers):
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
    """Seconds for which a source is not to be asked again: its Retry-After, a number or a date, within limits."""
    seconds = PAUSE_SECONDS
    if retry_after is not None and is_whole_number(retry_after.strip()):
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


def words_of(error: BaseException) -> str:
    """The reason of a failed connection in words, without the library's wrapping."""
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


def is_whole_number(text: str) -> bool:
    """Whether a header holds a plain whole number, of a size that a header may name."""
    return text.isascii() and text.isdecimal() and len(text) < 20
