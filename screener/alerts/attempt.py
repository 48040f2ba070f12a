"""One attempt to send: its error in one line, its longest time, and whether a server is this machine."""

from __future__ import annotations

import http.client
import ssl
import threading
import urllib.error
from collections.abc import Callable
from ipaddress import ip_address
from typing import TypeVar

from exports.terminal.stream import clean
from screener import secrets

SHOWN = 300  # characters of what a server said

T = TypeVar("T")


class ChannelError(Exception):
    """A channel did not accept a message; `final` where a retry cannot help. One line, without secrets."""

    def __init__(self, message: str, *, final: bool) -> None:
        self.final = final
        super().__init__(clean(" ".join(secrets.mask(message).split())))


def within(seconds: float, work: Callable[[], T], stop: Callable[[], None]) -> T:
    """What `work` gives or raises; in a thread of its own, since a socket's time-out begins anew with each byte.

    Parameters
    ----------
    stop : callable
        Ends what the work waits for, where it takes too long; the program does not wait for the thread.

    Raises
    ------
    TooLong
    """
    done: list[T] = []
    failed: list[Exception] = []

    def run() -> None:
        try:
            done.append(work())
        except Exception as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    thread.join(seconds)
    if thread.is_alive():
        stop()
        raise TooLong
    if failed:
        raise failed[0]
    return done[0]


class TooLong(Exception):
    """An attempt took longer than it may in all."""


def short(text: object) -> str:
    """What a server said, at a length that can be read."""
    said = str(text)
    return said if len(said) <= SHOWN else f"{said[:SHOWN]} ..."


def in_words(error: BaseException, seconds: float) -> str:
    """What went wrong with a connection, in plain words; `seconds` is how long a server may be silent."""
    cause = error.reason if isinstance(error, urllib.error.URLError) else error
    plain = isinstance(cause, OSError) and not isinstance(cause, ssl.SSLError) and cause.strerror
    said = short(plain or cause)
    words = {
        TimeoutError: f"no answer within {seconds:g} seconds",
        http.client.RemoteDisconnected: "the connection ended before an answer came",
        http.client.BadStatusLine: f"an answer that is not HTTP ({said.strip()})",
        http.client.HTTPException: f"an answer whose head is too long or cannot be read ({said})",
        ValueError: f"an answer that cannot be read ({said})",
    }
    if isinstance(cause, UnicodeError) and "idna" in said:
        return "no host can have this name"
    if isinstance(cause, ssl.SSLError):
        lacks = "the server speaks no TLS on this port" if "WRONG_VERSION_NUMBER" in said else "no TLS connection"
        return f"{lacks} ({said})"
    told = next((text for kind, text in words.items() if isinstance(cause, kind)), said)
    return told or type(cause).__name__


def is_loopback(host: str) -> bool:
    """Whether a host is this machine, so that nothing goes over a network."""
    if host.lower() == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False
