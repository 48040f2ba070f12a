"""Findings: what the figures of a study show and what they do not, a sentence each with the figures that it rests on."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Kind = Literal["can", "cannot", "note"]
CAN: Kind = "can"
CANNOT: Kind = "cannot"
NOTE: Kind = "note"
TITLES = {CAN: "Findings", CANNOT: "Limitations", NOTE: "Notes"}


@dataclass(frozen=True)
class Finding:
    """One sentence about a study.

    Attributes
    ----------
    text : str
        A whole sentence, ready to print.
    kind : {"can", "cannot", "note"}
        Whether the figures support it, whether it states a limit of them, or neither.
    figures : Mapping
        The figures in the sentence by name.
    p : float or None
        The p-value behind it, where a test decides.
    threshold : float or None
        The level or value against which it was decided.
    """

    text: str
    kind: Kind
    figures: Mapping[str, Any] = field(default_factory=dict)
    p: float | None = None
    threshold: float | None = None

    def __str__(self) -> str:
        return self.text


def texts(findings: Iterable[Finding], *kinds: Kind) -> list[str]:
    """The sentences of these kinds in order; of all kinds where none is named."""
    return [finding.text for finding in findings if not kinds or finding.kind in kinds]


def can_and_cannot(findings: Iterable[Finding]) -> tuple[list[str], list[str]]:
    """The sentences that the figures support, and those that state their limits."""
    every = list(findings)
    return texts(every, CAN), texts(every, CANNOT)
