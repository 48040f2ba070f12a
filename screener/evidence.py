"""What the evidence of a row says about its figure: whether cash holds restricted cash, and operating MW hosted MW."""

from __future__ import annotations

import re

_INCLUDES = r"\b(?:incl|includes?|including)\b\.?"
# "261.2 million incl. restricted": an amount right before the word says which figure includes it.
_RESTRICTED = re.compile(
    rf"(?:(?P<amount>\d[\d,]*(?:\.\d+)?)\s*(?P<unit>m|million|bn|billion)?\s+)?(?:cash\s+)?{_INCLUDES}"
    r"[^;,()+]{0,40}?\b(?:restricted|escrow)|cash,? (?:cash )?equivalents,? and restricted cash",
    re.IGNORECASE,
)
_ROW_INCLUDES = re.compile(r"\bcash (?:row|figure|line)\b[^;]*\binclud", re.IGNORECASE)
_HOSTED = re.compile(rf"{_INCLUDES}[^;,()]*\bhosted\b|\bacross the fleet\b", re.IGNORECASE)
_SCALE = {"": 1.0, "m": 1e6, "million": 1e6, "bn": 1e9, "billion": 1e9}
SAME = 0.02  # an amount within 2% of the row's value is the row's own


def cash_includes_restricted(evidence: str, value_usd: float) -> bool:
    """True where the evidence of a row of cash says that the figure includes, or may include, restricted cash.

    "261m (297.7m incl. restricted)" speaks of another amount than the row's: the row itself is without.
    """
    for said in _RESTRICTED.finditer(evidence):
        amount = said.group("amount")
        if amount is None:
            return True
        named = float(amount.replace(",", "")) * _SCALE[(said.group("unit") or "").lower()]
        if abs(named - value_usd) <= SAME * abs(value_usd):
            return True
    return False


def says_cash_includes(evidence: str) -> bool:
    """True where the evidence of a row of restricted cash says that the row of cash includes it, or may."""
    return bool(_ROW_INCLUDES.search(evidence))


def includes_hosted(evidence: str) -> bool:
    """True where the evidence of a row of operating MW says that power in others' sites is inside.

    A figure "across the fleet" counts machines wherever they stand.
    """
    return bool(_HOSTED.search(evidence))
