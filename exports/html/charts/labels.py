"""Places of labels: none lies over another, over a point, or outside its area."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

# Widths in ems, no narrower than in the widest of the fonts that a browser may take (DejaVu Sans).
WIDE, CAPITAL, SMALL, NARROW = 1.0, 0.76, 0.64, 0.4
DIRECTIONS = ((1, 0), (-1, 0), (0, -1), (0, 1), (1, -1), (-1, -1), (1, 1), (-1, 1))
RING = 6.0  # how much further out the next ring of places lies
RINGS = 24
NEAR = 2  # rings in which a label stands at its point without a leader line


@dataclass(frozen=True)
class Box:
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    def meets(self, other: Box) -> bool:
        """Whether the two overlap."""
        return (
            self.left < other.right and other.left < self.right and self.top < other.bottom and other.top < self.bottom
        )

    def inside(self, other: Box) -> bool:
        """Whether it lies in the other."""
        return (
            self.left >= other.left
            and self.right <= other.right
            and self.top >= other.top
            and self.bottom <= other.bottom
        )


@dataclass(frozen=True)
class Label:
    """A placed text: its box, and whether a leader line joins it to its point."""

    text: str
    box: Box
    leader: bool


def width(text: str, size: float) -> float:
    """An upper bound of a text's width, in the unit of the font size."""
    return size * sum(map(_ems, text))


def _ems(c: str) -> float:
    if c in "mwMW@%+=<>" or ord(c) > 0x2000:
        return WIDE
    if c.isupper() or c == "$":
        return CAPITAL
    return NARROW if c in " .,:;'|!il-()" else SMALL


def beside(
    points: Sequence[tuple[float, float]],
    texts: Sequence[str],
    area: Box,
    *,
    size: float,
    radius: float,
    taken: Iterable[Box] = (),
) -> list[Label | None]:
    """A place for the label of each point, None where no free one is near.

    Parameters
    ----------
    points : sequence of (x, y)
    area : Box
        What labels stay in.
    radius : float
        Of the markers, which labels leave free.
    taken : Boxes that labels leave free too

    Notes
    -----
    Points with the most neighbours choose first; each takes the nearest free place on growing rings about its marker.
    """
    markers = [Box(x - radius, y - radius, x + radius, y + radius) for x, y in points]
    full = [*markers, *taken]
    reach = 5 * size
    crowd = [sum(math.hypot(x - u, y - v) < reach for u, v in points) for x, y in points]
    placed: list[Label | None] = [None] * len(points)
    for k in sorted(range(len(points)), key=lambda k: (-crowd[k], points[k])):
        label = _nearest(points[k], texts[k], area, full, size, radius)
        if label is not None:
            full.append(label.box)
            placed[k] = label
    return placed


def _nearest(
    point: tuple[float, float], text: str, area: Box, full: Sequence[Box], size: float, radius: float
) -> Label | None:
    wide, high = width(text, size), 1.2 * size
    for ring in range(RINGS):
        away = radius + 1.5 + ring * RING
        for right, down in DIRECTIONS:
            x = point[0] + right * (away + wide / 2)
            y = point[1] + down * (away + high / 2)
            box = Box(x - wide / 2, y - high / 2, x + wide / 2, y + high / 2)
            if box.inside(area) and not any(box.meets(other) for other in full):
                return Label(text, box, ring >= NEAR)
    return None


def spread(wanted: Sequence[float], apart: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones as can be, in their order, at least `apart` from each other, from low to high.

    Where there is no room for all they share the room evenly.
    """
    if not wanted:
        return []
    if (len(wanted) - 1) * apart > high - low:
        apart = (high - low) / max(len(wanted) - 1, 1)
    order = sorted(range(len(wanted)), key=lambda k: wanted[k])
    # Blocks of neighbours that touch: each stands at the mean of what its members want (isotonic regression).
    blocks: list[list[float]] = []
    for rank, k in enumerate(order):
        blocks.append([wanted[k] - rank * apart, 1.0])
        while len(blocks) > 1 and blocks[-2][0] >= blocks[-1][0]:
            mean, count = blocks.pop()
            before, n = blocks[-1]
            blocks[-1] = [(before * n + mean * count) / (n + count), n + count]
    flat = [mean for mean, count in blocks for _ in range(int(count))]
    out = [0.0] * len(wanted)
    last = high - (len(wanted) - 1) * apart
    for rank, k in enumerate(order):
        out[k] = min(max(flat[rank], low), max(last, low)) + rank * apart
    return out
