"""Faults that any source on the internet can have, made of its good answer."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

from tests.loopback.proxy import Answer

MEGABYTES = 2**20
# Blanks, packed a thousand to one.
BOMB = zlib.compressobj(wbits=zlib.MAX_WBITS + 16)
BOMB_BYTES = b"".join([*(BOMB.compress(b" " * MEGABYTES) for _ in range(64)), BOMB.flush()])
LOGIN = b"<html><head><title>Hotel &amp; Spa: log in</title></head></html>"
PAGE = b"<!DOCTYPE html>\n<html><body>Please accept our cookies</body></html>"


def _status(status: int, **headers: str) -> Callable[[Answer], Answer]:
    return lambda good: Answer(status, PAGE, headers, kind="text/html")


def _in_an_hour(good: Answer) -> Answer:
    later = format_datetime(datetime.now(UTC) + timedelta(hours=1), usegmt=True)
    return Answer(429, b"slow down", {"Retry-After": later}, kind="text/plain")


FAULTS: dict[str, Callable[[Answer], Answer]] = {
    "403": _status(403),
    "404": _status(404),
    "418": _status(418),
    "429": _status(429),
    "429 with seconds": _status(429, **{"Retry-After": "120"}),
    "429 with a date": _in_an_hour,
    "429 for a year": _status(429, **{"Retry-After": "31536000"}),
    "429 with nonsense": _status(429, **{"Retry-After": "soon"}),
    "500": _status(500),
    "503": _status(503),
    "503 with seconds": _status(503, **{"Retry-After": "90"}),
    "redirect": _status(302, Location="https://elsewhere.example/"),
    "page": lambda good: Answer(200, PAGE, kind="text/html"),
    "nothing": lambda good: replace(good, body=b""),
    "half": lambda good: replace(good, body=good.body[: len(good.body) // 2]),
    "bytes": lambda good: replace(good, body=b"\xff\xfe\x00binary"),
    "cut": lambda good: replace(good, cut=len(good.body) // 2),
    "dropped": lambda good: Answer(drop=True),
    "hanging": lambda good: replace(good, wait_seconds=60.0),
    "dribbling": lambda good: replace(good, dribble_seconds=0.05),
    "not packed": lambda good: replace(good, headers={"Content-Encoding": "gzip"}),
}
# Faults that a connection tells whoever is asked: tried with one host, not with each.
FURTHER: dict[str, Callable[[Answer], Answer]] = {
    "204": lambda good: Answer(204, b""),
    "400": _status(400),
    "401": _status(401),
    "407": _status(407),
    "408": _status(408),
    "451": _status(451),
    "511": _status(511),
    "502": _status(502),
    "504": _status(504),
    "429 with digits": _status(429, **{"Retry-After": "\u00b2"}),
    "429 with a long number": _status(429, **{"Retry-After": "9" * 400}),
    "429 with a wrong date": _status(429, **{"Retry-After": "Fri, 32 Foo 99999 99:99:99 +9999"}),
    "portal": lambda good: Answer(200, LOGIN, kind="text/html"),
    "nan": lambda good: replace(good, body=b'{"figure": NaN}'),
    "beyond": lambda good: replace(good, body=b'{"figure": 1e999}'),
    "digits": lambda good: replace(good, body=b'{"figure": ' + b"9" * 5_000 + b"}"),
    "deep": lambda good: replace(good, body=b"[" * 100_000),
    "latin": lambda good: replace(good, body=b'{"text": "caf\xe9"}'),
    "endless": lambda good: replace(good, body=b" " * MEGABYTES, endless=True),
    "endless headers": lambda good: replace(good, header_seconds=0.05),
    "long": lambda good: replace(good, headers={"Content-Length": str(10**12)}),
    "length": lambda good: replace(good, headers={"Content-Length": "\u00b2"}),
    "bomb": lambda good: replace(good, body=BOMB_BYTES, headers={"Content-Encoding": "gzip"}),
    "bomb twice": lambda good: replace(
        good, body=gzip.compress(BOMB_BYTES), headers={"Content-Encoding": "gzip, gzip"}
    ),
    "other packing": lambda good: replace(good, headers={"Content-Encoding": "br"}),
    "half packed": lambda good: replace(
        good, body=gzip.compress(good.body)[:-20], headers={"Content-Encoding": "gzip"}
    ),
}
EVERY = {**FAULTS, **FURTHER}


def held(error: BaseException) -> int:
    """Bytes and characters of the largest text or body that an error keeps alive: in the variables of its way, in what it
    was raised from, and in itself."""
    largest, waiting, seen = 0, [error], set()
    while waiting:
        one = waiting.pop()
        if one is None or id(one) in seen:
            continue
        seen.add(id(one))
        variables = [*vars(one).values(), getattr(one, "doc", None)]
        trace = one.__traceback__
        while trace is not None:
            variables += trace.tb_frame.f_locals.values()
            trace = trace.tb_next
        largest = max([largest, *(len(value) for value in variables if isinstance(value, (bytes, bytearray, str)))])
        waiting += [one.__cause__, one.__context__]
    return largest


class Failing:
    """A host's function with faults: `faults` by path, each one of `EVERY`; `first` lets only so many answers fail."""

    def __init__(self) -> None:
        self.faults: dict[str, str] = {}
        self.first: dict[str, int] = {}

    def fail(self, path: str, fault: str, *, first: int | None = None) -> None:
        """Let answers of a path fail: all, or the first few."""
        self.faults[path] = fault
        if first is not None:
            self.first[path] = first

    def faulty(self, path: str, good: Answer) -> Answer:
        """The good answer, or what the fault makes of it."""
        fault = next((self.faults[place] for place in (path, "*") if place in self.faults), "")
        if fault not in EVERY:
            return good
        if path in self.first:
            self.first[path] -= 1
            if self.first[path] < 0:
                return good
        return EVERY[fault](good)
