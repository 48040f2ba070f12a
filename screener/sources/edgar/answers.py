"""What kind of answer EDGAR gave: the JSON or XML that was asked for, or something else, which is named in plain words."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from html import unescape
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import EdgarFault
from screener.sources.told import EDGAR

SOURCE = EDGAR
LARGEST = 64_000_000  # bytes; the largest answers of the companies followed are below 30 MB
MOST_FAULTS = 50
_LIMIT = re.compile(rb"request rate threshold exceeded|undeclared automated tool", re.IGNORECASE)
_HTML = re.compile(
    rb"\s*(\xef\xbb\xbf)?\s*(<\?xml[^>]*>\s*)?(<!--.*?-->\s*)*<(!doctype\s+html|html)", re.IGNORECASE | re.DOTALL
)
_TITLE = re.compile(rb"<title[^>]*>(.{0,200}?)</title>", re.IGNORECASE | re.DOTALL)


def refuse(what: str, why: str) -> EdgarFault:
    """The error that says what could not be read, why, and what to do."""
    return EdgarFault(f"{what}: {why}; the answer was not used, ask for it again later", source=SOURCE)


def is_limit(content: bytes) -> bool:
    """Whether an answer is the SEC's page about too many requests or a missing User-Agent."""
    return bool(_LIMIT.search(content[:100_000])) and _HTML.match(content) is not None


def other_kind(content: bytes) -> str:
    """What an answer is that is not of the kind asked for, in words; "" where nothing tells."""
    if not content.strip():
        return "the answer is empty"
    head = content[:100_000]
    if _LIMIT.search(head):
        return "the SEC answered with its page about too many requests or a missing User-Agent"
    if b"NoSuchKey" in head[:2000]:
        return "EDGAR has no such file (NoSuchKey)"
    if _HTML.match(head):
        title = _TITLE.search(head)
        named = " ".join(unescape(title[1].decode("utf-8", "replace")).split()) if title else ""
        return "the answer is an HTML page" + (f' titled "{named[:80]}"' if named else "")
    return ""


def check_size(content: bytes, what: str) -> None:
    """Refuse an answer that is larger than any real one.

    Raises
    ------
    EdgarFault
    """
    if len(content) > LARGEST:
        raise refuse(what, f"{len(content) / 1e6:,.0f} MB is more than the {LARGEST / 1e6:,.0f} MB that are read")


def json_object(content: bytes, what: str, hook: Callable[[dict], Any] | None = None) -> dict:
    """The JSON object in an answer; `hook` is applied to every object inside (`json.loads`, object_hook).

    Raises
    ------
    EdgarFault
        An error page, half an answer, another type than an object, or a number that JSON does not have (NaN).
    """
    check_size(content, what)
    other = other_kind(content)
    if other:
        raise refuse(what, other)

    def no_number(name: str) -> float:
        raise ValueError(f"{name} is not a number of JSON")

    try:
        found = json.loads(content, object_hook=hook, parse_constant=no_number)
    except json.JSONDecodeError as error:
        raise refuse(what, f"not whole JSON (line {error.lineno}, column {error.colno}: {error.msg})") from None
    except (ValueError, RecursionError) as error:
        raise refuse(what, f"not JSON that can be read ({str(error)[:100]})") from None
    if not isinstance(found, dict):
        raise refuse(what, f"expected a JSON object, found {type(found).__name__}")
    return found


def listed(faults: list[str]) -> tuple[str, ...]:
    """The first faults, and how many more there are."""
    more = len(faults) - MOST_FAULTS
    return tuple(faults) if more <= 0 else (*faults[:MOST_FAULTS], f"and {more:,} more")


def days(values: Sequence[object]) -> pd.Series:
    """Days (datetime64[ns]) of texts as "2025-08-07"; NaT for anything else, and for days before 1900 or after 2199."""
    texts, codes = np.unique(
        np.array([v if isinstance(v, str) else "" for v in values], dtype=str), return_inverse=True
    )
    found = pd.to_datetime(pd.Series(texts, dtype=object), format="%Y-%m-%d", errors="coerce")
    found = found.where((found >= "1900-01-01") & (found < "2200-01-01")).astype("datetime64[ns]")
    return pd.Series(found.to_numpy()[codes] if len(texts) else np.array([], dtype="datetime64[ns]"))
