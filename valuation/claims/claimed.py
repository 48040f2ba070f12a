"""The figure that a claim names: a number, a range, a bound or a span of quarters, in the unit of the measure."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd

from valuation.errors import InvalidInput

QUARTER = "quarter"
PERCENT = ("percent", "pct")
ABOVE, BELOW = "above", "below"
SIGNS = {">": ABOVE, ">=": ABOVE, "<": BELOW, "<=": BELOW}
# Words that make the number after them a bound. "over five years" is a duration, so "over" is none of them.
WORDS = {
    ABOVE: ("more than", "at least", "above", "no less than"),
    BELOW: ("less than", "at most", "below", "under", "no more than"),
}
NUMBER = r"-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE]\d+)?"
ONE_QUARTER = r"\d{4}Q[1-4]"


@dataclass(frozen=True)
class Claimed:
    """What a claim names.

    Attributes
    ----------
    low, high : float
        The range; equal for a single number; NaN where the claim names no figure. Quarters are ordinals.
    bound : str
        `above`: at least `low`; `below`: at most `high`; empty where the figure itself is claimed.
    """

    low: float
    high: float
    bound: str = ""

    @property
    def is_known(self) -> bool:
        """Whether the claim names a figure."""
        return not np.isnan(self.low)

    @property
    def is_range(self) -> bool:
        """Whether it names a range."""
        return self.low != self.high

    @property
    def middle(self) -> float:
        """The number, or the middle of the range."""
        return (self.low + self.high) / 2


def parse(text: str, unit: str, statement: str = "") -> Claimed:
    """The figure of a claim from its text (`2`, `43-50`, `> 0`, `2026Q3-2026Q4`, blank) and its unit.

    A single number is a bound where the text has a sign, or where the statement has a word of `WORDS` right before a
    number ("more than 20,000 BTC", "below 20%"). Percent become fractions.

    Raises
    ------
    InvalidInput
        The text is none of these; the message says what was expected.
    """
    text = text.strip().replace("–", "-")
    if not text:
        return Claimed(np.nan, np.nan)
    if unit == QUARTER:
        return _quarters(text)
    scale = 0.01 if unit in PERCENT else 1.0
    sign = re.fullmatch(rf"(>=|<=|>|<)\s*({NUMBER})", text)
    if sign:
        value = float(sign[2]) * scale
        return Claimed(value, value, SIGNS[sign[1]])
    span = re.fullmatch(rf"({NUMBER})\s*-\s*({NUMBER})", text)
    if span:
        low, high = float(span[1]) * scale, float(span[2]) * scale
        if low > high:
            raise InvalidInput("a range from the lower to the higher number")
        return Claimed(low, high)
    if re.fullmatch(NUMBER, text):
        value = float(text) * scale
        return Claimed(value, value, bound_in(statement))
    raise InvalidInput("a number, a range (43-50) or a bound (> 0)")


def bound_in(statement: str) -> str:
    """Whether a statement makes its number a bound: `above`, `below` or empty."""
    low = statement.lower()
    for bound, words in WORDS.items():
        every = "|".join(map(re.escape, words))
        found = re.search(rf"\b({every})\s+[$€]?\d", low)
        # "no more than 5" is a bound from above, though it has "more than" in it.
        if found and not low[: found.start()].endswith("no "):
            return bound
    return ""


def _quarters(text: str) -> Claimed:
    span = re.fullmatch(rf"({ONE_QUARTER})(?:\s*-\s*({ONE_QUARTER}))?", text)
    if not span:
        raise InvalidInput("a quarter (2026Q3) or two (2026Q3-2026Q4)")
    low, high = (pd.Period(part or span[1], "Q").ordinal for part in span.groups())
    if low > high:
        raise InvalidInput("quarters in order")
    return Claimed(float(low), float(high))


def quarter_of(ordinal: float) -> str:
    """`2026Q3` from the ordinal of a quarter; empty where it is unknown."""
    return "" if np.isnan(ordinal) else str(pd.Period(ordinal=int(ordinal), freq="Q"))
