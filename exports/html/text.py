"""Text as HTML holds it: escaped, without characters that HTML forbids, foreign directions kept to themselves."""

from __future__ import annotations

import html
import re
from urllib.parse import urlsplit

# Forbidden in HTML, or shown by no browser: they are shown as the sign for a character that cannot be shown.
_FORBIDDEN = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
# Right-to-left letters, and marks that turn the direction of what follows.
_TURNING = re.compile("[\u0590-\u08ff\u200e\u200f\u202a-\u202e\u2066-\u2069\ufb1d-\ufdff\ufe70-\ufefc]")


def escape(text: str) -> str:
    """For the content of an element or an attribute's value in double quotes."""
    return html.escape(_FORBIDDEN.sub("\ufffd", text.replace("\r\n", "\n").replace("\r", "\n")))


def inline(text: str) -> str:
    """For the content of an element: text that runs from right to left cannot turn what stands beside it."""
    return f"<bdi>{escape(text)}</bdi>" if _TURNING.search(text) else escape(text)


def host(address: str) -> str:
    """The host of an address of the web, without `www.`; empty of anything else, which no page links to."""
    if not re.match(r"https?://", address, re.IGNORECASE):
        return ""
    try:
        return (urlsplit(address).hostname or "").removeprefix("www.")
    except ValueError:  # such as a bracket that is not closed
        return ""


def relative(address: str) -> bool:
    """Whether an address leads within the page or its site: no scheme, no host."""
    return re.match(r"[A-Za-z0-9_.#-][A-Za-z0-9_.#/-]*$", address) is not None
