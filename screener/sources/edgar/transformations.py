"""The number that an inline XBRL figure states: its text on the page, by the rules of its format, scale and sign.

Formats are those of the Inline XBRL Transformation Registries 1 to 5 for Western numerals, and the SEC's numwordsen.
"""

from __future__ import annotations

import re
from math import inf, isfinite

_GAPS = " \u00a0\u2009\u202f"  # spaces that group digits
_APOSTROPHES = "'`´’′"
_WORDS = {
    **{"zero": 0, "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9},
    **{"ten": 10, "eleven": 11, "twelve": 12, "thirteen": 13, "fourteen": 14, "fifteen": 15, "sixteen": 16},
    **{"seventeen": 17, "eighteen": 18, "nineteen": 19, "twenty": 20, "thirty": 30, "forty": 40, "fifty": 50},
    **{"sixty": 60, "seventy": 70, "eighty": 80, "ninety": 90},
}
_GROUPS = {"thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12}
_ZERO = {"fixedzero"}
_DASHES = {"zerodash", "numdash"}
# By format: what may group the digits, and the decimal sign.
_SEPARATORS = {
    "": ("", "."),
    **dict.fromkeys(
        ["numdotdecimal", "numcommadot", "numspacedot", "numdotdecimalapos", "numdotdecimalin"],
        (f",{_APOSTROPHES}{_GAPS}", "."),
    ),
    **dict.fromkeys(
        ["numcommadecimal", "numcomma", "numdotcomma", "numspacecomma", "numcommadecimalapos"],
        (f".{_APOSTROPHES}{_GAPS}", ","),
    ),
}
_UNIT = {"numunitdecimal", "numunitdecimalapos"}
_NAMES = {"numwordsen"}


class NotANumber(ValueError):
    """The text is not a number by its format; the message says why."""


def number(text: str, shape: str = "", scale: str = "", sign: str = "") -> float:
    """The value of a figure: what `text` says by the format `shape`, times 10 to the `scale`, negative for sign "-".

    The decimal text is converted once, together with its scale, so that 26.3 in millions is 26300000.0 exactly.

    Parameters
    ----------
    text : str
        As it stands on the page.
    shape : str
        The format's name without its prefix; "" for a plain number (digits and a point).
    scale, sign : str
        The attributes of ix:nonFraction.

    Raises
    ------
    NotANumber
    """
    digits = _digits(text.strip(), shape)
    if not re.fullmatch(r"[+-]?[0-9]{1,3}|", scale.strip()):
        raise NotANumber(f"scale {scale[:20]!r} is not a whole number")
    if sign not in {"", "-"}:
        raise NotANumber(f"sign {sign[:20]!r} is not '-'")
    value = float(f"{digits}e{scale.strip() or 0}")
    if not isfinite(value):
        raise NotANumber(f"{text[:40]!r} is too large")
    return -value if sign and value else value


def _digits(text: str, shape: str) -> str:
    """Digits with a decimal point."""
    kind = shape.replace("-", "").lower()
    if kind in _ZERO or (kind in _DASHES and re.fullmatch(r"[-‐‑‒–—―−\s]+", text)):
        return "0"
    if kind in _DASHES:
        raise NotANumber(f"{text[:40]!r} is not a dash")
    if kind in _UNIT:
        return _hundredths(text)
    if kind in _NAMES:
        return str(_spelt(text))
    separators = _SEPARATORS.get(kind)
    if separators is None:
        raise NotANumber(f"format {shape[:40]!r} is not known")
    return _plain(text, *separators)


def _hundredths(text: str) -> str:
    """Units and hundredths, each with its word: "1,234 dollars 5 cents" is 1234.05."""
    found = re.fullmatch(rf"([0-9][0-9.,{_APOSTROPHES}{_GAPS}]*?)[^0-9]+?([0-9]{{1,2}})[^0-9]*", text)
    if not found:
        raise NotANumber(f"{text[:40]!r} is not a number of units and hundredths")
    return f"{re.sub('[^0-9]', '', found[1])}.{found[2].zfill(2)}"


def _plain(text: str, gaps: str, point: str) -> str:
    """Digits grouped by any of `gaps`, with a decimal `point`; gaps behind the point may be spaces alone."""
    whole, _, part = text.partition(point)
    whole = whole.translate(dict.fromkeys(map(ord, gaps)))
    part = part.translate(dict.fromkeys(map(ord, _GAPS))) if gaps else part
    if not re.fullmatch(r"[0-9]+", whole + part):
        raise NotANumber(f"{text[:40]!r} is not a number written with {point!r} as the decimal sign")
    return f"{whole or 0}.{part or 0}"


def _spelt(text: str) -> int:
    """A whole number in English words ("twenty-five million"; "no" and "none" are zero)."""
    words = [word for word in re.split(r"[\s,\-–]+", text.lower()) if word not in {"", "and"}]
    if words in (["no"], ["none"]):
        return 0
    total, current, before = 0, 0, inf
    for word in words:
        value = _WORDS.get(word, 1 if word == "a" else -1)
        if value >= 0 and (current % 100 == 0 or (current % 100 >= 20 and current % 10 == 0 and 0 < value < 10)):
            current += value
        elif word == "hundred" and 0 < current < 100:
            current *= 100
        elif word in _GROUPS and current and _GROUPS[word] < before:
            size = _GROUPS[word]
            total, current, before = total + current * size, 0, size
        else:
            raise NotANumber(f"{text[:40]!r} is not a number in English words")
    if not words:
        raise NotANumber("there is no number")
    return total + current
