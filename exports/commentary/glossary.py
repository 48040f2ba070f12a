"""The terms of the screens with their meanings, read from the glossary that the program carries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from pathlib import Path

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
HEADER = ("term", "meaning")


@dataclass(frozen=True)
class Term:
    """A term of the field, its meaning, and the part of the glossary that it stands in."""

    part: str
    term: str
    meaning: str


@cache
def glossary() -> dict[str, tuple[tuple[str, str], ...]]:
    """Terms with their meanings by subject, in the order of docs/glossary.md, of which glossary.md beside this is a copy."""
    found: dict[str, list[tuple[str, str]]] = {}
    subject = ""
    inside = False
    for line in (Path(__file__).parent / "glossary.md").read_text(encoding="utf-8").splitlines():
        if line.startswith("## "):
            subject = line.removeprefix("## ").strip()
        cells = [_plain(cell) for cell in line.strip("|").split("|")] if line.startswith("|") else []
        if len(cells) != 2:
            inside = False
        elif tuple(cells) == HEADER:
            inside = True  # tables with other headings, of usage, are no terms
        elif inside and not set(cells[0]) <= set("- "):
            found.setdefault(subject, []).append((cells[0], cells[1]))
    return {name: tuple(rows) for name, rows in found.items()}


def terms() -> list[Term]:
    """Every term in order."""
    return [Term(part, term, meaning) for part, rows in glossary().items() for term, meaning in rows]


def _plain(cell: str) -> str:
    """A cell without the marks of Markdown."""
    return _LINK.sub(r"\1", cell).replace("`", "").strip()
