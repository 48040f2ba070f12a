"""Numbers as people and brokers write them: thousands separators, currency signs, brackets for negatives."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import pandas as pd

POINT, COMMA = ".", ","
SHOWN = {POINT: "1,234.50", COMMA: "1.234,50"}
# What stands for "nothing here".
NOTHING = frozenset({"", "-", "--", "---", "n/a", "na", "nan", "none", "not available", "unavailable", "null", "-- --"})
SIGNS = {
    "US$": "USD", "CA$": "CAD", "AU$": "AUD", "NZ$": "NZD", "C$": "CAD", "A$": "AUD", "HK$": "HKD", "S$": "SGD", "R$": "BRL",
    "$": "", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR",
}  # fmt: skip
# As a price is written, not as a currency code: 72.5p is seventy-two pence and a half.
PENCE = "GBX"
_SPACE = r"[ '’\u00a0\u202f]"
_GROUPED = rf"[0-9]{{1,3}}(?:(?:,|{_SPACE})[0-9]{{3}})+|[0-9]{{1,2}}(?:,[0-9]{{2}})+,[0-9]{{3}}"
_EXPONENT = r"(?:[eE][+-]?[0-9]{1,2})?"
_POINT = re.compile(rf"[+-]?(?:(?:{_GROUPED}|[0-9]+)(?:\.[0-9]*)?|\.[0-9]+){_EXPONENT}")
_COMMA = re.compile(rf"[+-]?(?:[0-9]{{1,3}}(?:(?:\.|{_SPACE})[0-9]{{3}})+|[0-9]+)(?:,[0-9]+)?{_EXPONENT}")
# 1,234 is a thousand or one; 0,234 is no thousand.
_OPEN = re.compile(r"[+-]?[1-9][0-9]{0,2}[.,][0-9]{3}")
_WHOLE = re.compile(r"[+-]?[0-9]+")
_SIMPLE = re.compile(r"-?[0-9]+(?:[.,][0-9]+)?")
_SPACES = re.compile(_SPACE)
_CODE = r"[A-Z]{3}|GBp|ZAc"
_CODED = re.compile(rf"(?:({_CODE}) ?)?([-+(]?[0-9.,][0-9., '’\u00a0\u202f()%-]*?(?:[eE][+-]?[0-9]+)?)(?: ?({_CODE}))?")
_PENCE = re.compile(r"[+-]?[0-9.,]+ ?p")
_PER_CENT = re.compile(r".*[0-9][,.]? ?%\)?-?")


class NumberCell(str):
    """The text of a workbook's cell that holds a number: its point is a decimal point, whatever the file's habit."""

    __slots__ = ()


@dataclass(frozen=True)
class Evidence:
    """How many cells can be read with one decimal mark alone, and whether any can be read with both, differently."""

    point: int
    comma: int
    open_comma: int
    open_point: int

    @property
    def mark(self) -> str:
        """The decimal mark that the cells decide; empty where they decide nothing or contradict each other."""
        if bool(self.point) == bool(self.comma):
            return ""
        return POINT if self.point else COMMA

    @property
    def contradicts(self) -> bool:
        return bool(self.point and self.comma)

    @property
    def open(self) -> bool:
        """Whether a cell such as 1,234 or 1.234 has two readings."""
        return bool(self.open_comma or self.open_point)


@dataclass(frozen=True)
class Numbers:
    """Cells read as numbers, aligned with the texts.

    value : float, NaN where there is nothing or no number; wrong : not empty and not a number; currency : the code that a
    sign or word says, else empty; step : the value of one unit of the last decimal shown; percent : a per cent sign.
    """

    value: pd.Series
    wrong: pd.Series
    currency: pd.Series
    step: pd.Series
    percent: pd.Series


class Bare(NamedTuple):
    """A cell's text without signs, brackets and currency words; `exact` where a workbook holds a number."""

    text: str
    currency: str = ""
    percent: bool = False
    exact: bool = False


def bare(text: str) -> Bare:
    """Take signs, brackets, currency codes and per cent off the text of a cell."""
    if isinstance(text, NumberCell):
        return Bare(str(text), exact=True)
    if _SIMPLE.fullmatch(text):
        return Bare(text)
    clean = text.strip()
    if clean.lower() in NOTHING:
        return Bare("")
    clean = clean.replace("\u2212", "-").replace("\u2012", "-").replace("\u2013", "-")
    clean, currency = _without_signs(clean)
    percent = bool(_PER_CENT.fullmatch(clean))
    if percent:
        clean = clean.replace("%", "").strip()
    if clean.startswith("(") and clean.endswith(")"):
        clean = "-" + clean[1:-1].strip()
    if clean.endswith("-") and len(clean) > 1:
        clean = "-" + clean[:-1].strip()
    clean = re.sub(r"^([+-]) +(?=[0-9.,])", r"\1", clean)
    return Bare(clean, currency, percent)


def evidence(cells: Iterable[Bare]) -> Evidence:
    """What cells say of their decimal mark."""
    counts = {"point": 0, "comma": 0, "open_comma": 0, "open_point": 0}
    for cell in cells:
        text = cell.text
        if cell.exact or not text or _WHOLE.fullmatch(text):
            continue
        if _OPEN.fullmatch(text):
            counts["open_comma" if "," in text else "open_point"] += 1
            continue
        point, comma = bool(_POINT.fullmatch(text)), bool(_COMMA.fullmatch(text))
        if point != comma:
            counts["point" if point else "comma"] += 1
    return Evidence(**counts)


def to_numbers(texts: pd.Series, decimal: str = POINT) -> Numbers:
    """Read a column with one decimal mark; a cell that a workbook holds as a number is read as it stands."""
    cells = [bare(text) for text in texts]
    read = [_number(cell, decimal) for cell in cells]
    index = texts.index
    value = pd.Series([one[0] for one in read], index=index, dtype=float)
    given = pd.Series([cell.text != "" for cell in cells], index=index, dtype=bool)
    return Numbers(
        value,
        given & value.isna(),
        pd.Series([cell.currency for cell in cells], index=index, dtype=object),
        pd.Series([one[1] for one in read], index=index, dtype=float),
        pd.Series([cell.percent for cell in cells], index=index, dtype=bool) & value.notna(),
    )


def _number(cell: Bare, decimal: str) -> tuple[float, float]:
    """A cell's value and the step of its last decimal; NaN where it is no number in this habit."""
    text = cell.text
    mark = POINT if cell.exact else decimal
    if not text or not (_POINT if mark == POINT else _COMMA).fullmatch(text):
        return np.nan, np.nan
    text = _SPACES.sub("", text)
    digits = text.replace(",", "") if mark == POINT else text.replace(".", "").replace(",", ".")
    value = float(digits)
    if not math.isfinite(value):
        return np.nan, np.nan
    # A workbook's number carries all its decimals.
    if cell.exact:
        return value, 1e-9
    mantissa, _, exponent = digits.lower().partition("e")
    places = len(mantissa.partition(".")[2])
    return value, 10.0 ** (int(exponent or 0) - places)


def _without_signs(clean: str) -> tuple[str, str]:
    currency = ""
    for sign, code in SIGNS.items():
        if sign in clean:
            clean = clean.replace(sign, "", 1).strip()
            currency = currency or code
            break
    if _PENCE.fullmatch(clean):
        return clean[:-1].strip(), PENCE
    found = _CODED.fullmatch(clean)
    if found and (found[1] or found[3]):
        return found[2].strip(), found[1] or found[3]
    return clean, currency
