"""Texts of a sheet in lines: notes of a page's width, the points of a block, findings and limitations."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence

from valuation.findings import CAN, CANNOT, NOTE, Finding

LINE_WIDTH = 200  # characters of small print across the narrowest page


def wrapped(texts: list[str], width: int = LINE_WIDTH) -> list[str]:
    """Texts in lines of a page's width, the second line of a text indented."""
    return [line for text in texts for line in textwrap.wrap(text, width, subsequent_indent="    ")]


def paragraphs(text: str) -> list[str]:
    """The points of a text block, each of which starts with a dash, on one line each."""
    return [" ".join(part.split()) for part in re.split(r"^\s*- ", text, flags=re.MULTILINE)[1:]]


def commentary(findings: Sequence[Finding]) -> list[str]:
    """Findings, then limitations and notes, a line each."""
    titles = {CAN: "Finding", CANNOT: "Limitation", NOTE: "Note"}
    return [f"{titles[kind]}: {one.text}" for kind in titles for one in findings if one.kind == kind]
