"""The brief of a screen as the first lines of a page: a point each, in the order of its questions."""

from __future__ import annotations

from typing import Any

from exports.tables.spec import Block, Text
from valuation.brief import FRESHNESS, LIMITS, Brief


def brief_blocks(told: Brief, *, warn: bool = False) -> list[Block]:
    """Each point with its answer in bold; the last on the age of the facts stands out where `warn`."""
    return [
        Text(point.text, "warn" if warn and point.name == FRESHNESS else "", f"{point.title}{_stop(point.name)}")
        for point in told.points
    ]


def _stop(name: str) -> str:
    return ":" if name == LIMITS else "."


def brief_content(told: Brief) -> dict[str, Any]:
    """The points with question, answer and sentences, and who stands out."""
    points = [
        {"question": point.question, "answer": point.title, "sentences": [one.text for one in point.findings]}
        for point in told.points
    ]
    return {"points": points, "standing": told.standing}
