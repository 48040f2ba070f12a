"""The body of an answer: taken as it arrives, unpacked no further than the most that is read, and read as JSON."""

from __future__ import annotations

import json
import math
import re
import zlib
from html import unescape
from typing import Any

from screener.sources.refused import Refused

PACKED = ("gzip", "x-gzip", "deflate")
NOT_JSON = "an answer that is not JSON, or not all of it"
_TITLE = re.compile(rb"<title[^>]{0,200}>(.{0,200}?)</title>", re.IGNORECASE | re.DOTALL)


class Body:
    """An answer's bytes as they arrive, unpacked no further than the most that is read."""

    def __init__(self, packing: str, most_bytes: int) -> None:
        packing = packing.strip().lower()
        if packing not in ("", "identity", *PACKED):
            raise Refused("bad_answer", f"an answer packed in a way that was not asked for ({packing[:40]!r})")
        self.most_bytes = most_bytes
        self._bytes = bytearray()
        self._unpack = _unpacker() if packing in PACKED else None

    def add(self, part: bytes) -> None:
        """Add bytes that arrived.

        Raises
        ------
        Refused
            The body is too large, or cannot be unpacked.
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
            raise too_large(self.most_bytes)

    def whole(self) -> bytes:
        """The whole body.

        Raises
        ------
        Refused
            A packed body ends before its end.
        """
        if self._unpack is not None and self._bytes and not self._unpack.eof:
            raise Refused("bad_answer", "an answer that cannot be unpacked: its end is missing", again=True)
        return bytes(self._bytes)


def too_large(most_bytes: int) -> Refused:
    """The refusal of an answer of more than the most bytes that are read."""
    return Refused("bad_answer", f"an answer of more than {most_bytes:,} bytes")


def _unpacker() -> zlib._Decompress:
    return zlib.decompressobj(zlib.MAX_WBITS + 32)  # gzip or zlib, as the first bytes say


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
        raise Refused("bad_answer", NOT_JSON, again=True) from error


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError(f"{text[:20]} is no number of JSON")
    return value
