"""How wide a column must be for its figures, in whatever font a machine shows them.

Where Arial is missing a spreadsheet takes another font, and a figure too wide for its column is shown as "###". A column
is measured in plain digits of the workbook's font, so what counts is how wide the other characters, and bold ones, are
beside a plain digit: the widest of Arial, Carlito (Calibri's measures) and DejaVu Sans stand below.
"""

from __future__ import annotations

import math
import re
from functools import cache

from xlsxwriter.format import Format

BESIDE_A_DIGIT = {
    ",": 0.5, ".": 0.5, "-": 0.6, "(": 0.62, ")": 0.62, "%": 1.6, "x": 0.94, "<": 1.32, ">": 1.32, " ": 0.5,
}  # fmt: skip
BOLD = 1.12  # DejaVu Sans: a bold digit beside a plain one is 1.09, a bold bracket 1.17
MARGINS = 0.6  # what a cell keeps free at its sides
PLAIN_SIZE = 9.0  # points

_SECTION = re.compile(r'((?:"[^"]*"|[^;"])*)(?:;|$)')
_CONDITION = re.compile(r"\[(<|>=)([0-9.]+)\]")
_LITERAL = re.compile(r'"([^"]*)"')
_PLACES = re.compile(r"(#,##)?0(\.[0#]+)?")


class Figures:
    """The largest and smallest figure in each column of a sheet, by their style."""

    def __init__(self) -> None:
        self._ends: dict[tuple[int, Format], tuple[float, float]] = {}

    def add(self, col: int, style: Format, value: float) -> None:
        """Take note of a figure."""
        ends = self._ends.get((col, style))
        if ends is None:
            self._ends[col, style] = (value, value)
        elif not ends[0] <= value <= ends[1]:
            self._ends[col, style] = (min(ends[0], value), max(ends[1], value))

    def needs(self) -> dict[int, float]:
        """Width by column, in plain digits."""
        out: dict[int, float] = {}
        for (col, style), ends in self._ends.items():
            scale = style.font_size / PLAIN_SIZE * (BOLD if style.bold else 1.0)
            width = scale * max(digits(style.num_format, value) for value in ends) + MARGINS
            out[col] = max(out.get(col, 0.0), width)
        return out


def digits(number_format: str, value: float) -> float:
    """Width of a figure in a number format, in plain digits."""
    return sum(BESIDE_A_DIGIT.get(character, 1.0) for character in _shown(number_format, value))


def _shown(number_format: str, value: float) -> str:
    """What the format shows for the figure: by the conditions of its sections, or by sign (positive; negative; zero)."""
    sections = _sections(number_format)
    if "[" in number_format:
        fitting = (section for section in sections if _holds(section, value))
        return _fill(next(fitting, ""), abs(value))
    which = 0 if value > 0 or len(sections) == 1 else 1 if value < 0 or len(sections) < 3 else 2
    return _fill(sections[which], abs(value))


def _holds(section: str, value: float) -> bool:
    condition = _CONDITION.match(section)
    if condition is None:
        return True
    sign, limit = condition.group(1), float(condition.group(2))
    return {"<": value < limit, ">=": value >= limit}[sign]


@cache
def _sections(number_format: str) -> tuple[str, ...]:
    return tuple(
        section for section in (m.group(1) for m in _SECTION.finditer(number_format)) if section and "@" not in section
    )


def _fill(section: str, value: float) -> str:
    """A section with the figure in it; `_)` is a space as wide as the bracket."""
    text = _CONDITION.sub("", section).replace("_)", ")")
    if "yyyy" in text:
        return text.replace("yyyy", "0000").replace("mm", "00").replace("dd", "00")
    plain = _LITERAL.sub(r"\1", text)
    found = _PLACES.search(_LITERAL.sub("", text))
    if not found or not math.isfinite(value):
        return plain
    places = len(found.group(2) or ".") - 1
    shown = f"{value * (100 if '%' in text else 1):{',' if found.group(1) else ''}.{places}f}"
    return plain.replace(found.group(0), shown, 1)


DIGIT, BOLD_TEXT = 556, 1.08
LINE_HEIGHT = 1.28  # of a line of text, in font sizes


class _Advances(dict[str, int]):
    """Width by character; any other character counts as a digit."""

    def __missing__(self, character: str) -> int:
        return DIGIT


# Advance widths of Arial in thousandths of the font size.
ADVANCES = _Advances(
    (character, width)
    for width, characters in {
        191: "'", 222: "ijl", 260: "|", 278: " !,./:;I[\\]ft", 333: "()-`r", 334: "{}", 355: '"', 389: "*", 469: "^",
        500: "Jcksvxyz", 556: "#$0123456789?L_abdeghnopqu", 584: "+<=>~", 611: "FTZ", 667: "&ABEKPSVXY", 722: "CDHNRUw",
        778: "GOQ", 833: "Mm", 889: "%", 944: "W", 1015: "@",
    }.items()
    for character in characters
)  # fmt: skip


def text_digits(text: str, size: float = PLAIN_SIZE, *, bold: bool = False) -> float:
    """Width of a text on one line, in plain digits."""
    width = sum(map(ADVANCES.__getitem__, text)) / DIGIT
    return width * size / PLAIN_SIZE * (BOLD_TEXT if bold else 1.0)


def lines(text: str, width: float, size: float = PLAIN_SIZE, *, bold: bool = False) -> int:
    """Lines that a text takes in a cell as wide as so many plain digits, broken between words, after hyphens and within
    words that are too long for it."""
    count, used = 0, math.inf
    for word in re.findall(r"[^\s-]*-|\S+\s*|\s+", text):
        needed = text_digits(word.rstrip(), size, bold=bold)
        if used + needed > width:
            count += max(1, math.ceil(needed / width))
            used = 0.0 if needed <= width else needed % width
        used += text_digits(word, size, bold=bold)
    return max(count, 1)


def broken(text: str, width: float, size: float = PLAIN_SIZE) -> list[str]:
    """A text in lines no wider than so many plain digits, broken between words."""
    out: list[str] = []
    for word in text.split():
        longer = f"{out[-1]} {word}" if out else word
        if out and text_digits(longer, size) <= width:
            out[-1] = longer
        else:
            out.append(word)
    return out
