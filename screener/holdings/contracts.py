"""Option contracts in the spellings of brokers: OCC symbols, padded and not, and descriptions with day, strike and right."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from screener.holdings.days import MDY, days_of

CALL, PUT = "call", "put"
SIZE = 100.0  # shares of a standard contract
_MONTH = r"JAN|FEB|MAR|APR|MAY|JUN|JUL|AUG|SEP|OCT|NOV|DEC"
_DAY = rf"""(?P<day>\d{{1,2}}/\d{{1,2}}/\d{{2,4}}|\d{{4}}-\d{{2}}-\d{{2}}|\d{{1,2}}[ -]?(?:{_MONTH})[A-Z]*[ -]?'?\d{{2,4}}
    |(?:{_MONTH})[A-Z]*\.?[ ]\d{{1,2}},?[ ]'?\d{{2,4}})"""
_STRIKE = r"\$?(?P<strike>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d*\.?\d+)"
_ROOT = r"(?P<root>[A-Z][A-Z.]{0,5}\d?)"
_RIGHT = r"(?P<right>CALL|PUT|C|P)S?"


def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(text, re.VERBOSE)


# 21 characters with the strike in thousandths, or without padding, or with the strike as it is (Fidelity, thinkorswim).
_OCC = re.compile(r"[-.]?(?P<root>[A-Z][A-Z.]{0,5}\d?)\s*(?P<day>\d{6})(?P<right>[CP])(?P<strike>\d{8}|\d+(?:\.\d+)?)")
# thinkorswim writes the day as month, day, year: IREN_011527C60.
_UNDERSCORED = re.compile(r"\.?(?P<root>[A-Z]{1,6}\d?)_(?P<day>\d{6})(?P<right>[CP])(?P<strike>\d+(?:\.\d+)?)")
# Merrill: month as a letter (A to L calls, M to X puts), day, year, a letter for the decimals of the strike.
_MERRILL = re.compile(
    r"(?P<root>[A-Z.]{1,6})#(?P<month>[A-X])(?P<dd>\d{2})(?P<yy>\d{2})(?P<places>[A-H])(?P<strike>\d+)"
)
_SPELLED = (
    _pattern(rf"-?{_ROOT}[ ]+{_DAY}[ ]+{_STRIKE}[ ]*{_RIGHT}"),  # IREN 18DEC26 50 C, IREN 12/18/2026 50.00 C
    _pattern(rf"-?{_ROOT}[ ]+{_DAY}[ ]*{_RIGHT}[ ]*{_STRIKE}"),  # IREN 1/15/2027 Call $60.00
    _pattern(rf"-?(?P<root>[A-Z][A-Z.]{{0,5}}){_DAY}{_RIGHT}{_STRIKE}"),  # IREN18Dec26C50.00
    _pattern(rf"-?{_ROOT}[ ]+{_STRIKE}[ ]*{_RIGHT}[ ]+{_DAY}"),  # IREN $60 Call 1/15/2027
    _pattern(rf"-?{_ROOT}[ ]+{_RIGHT}[ ]*{_STRIKE}[ ]+{_DAY}"),  # IREN C60.00 15JAN27
)
# In a description the underlying is a name: CALL RIOT PLATFORMS INC $25 EXP 01/15/27, CORZ JAN 16 2026 $20 CALL.
_DESCRIBED = (
    _pattern(rf"\b(?P<right>CALL|PUT)\b.*?\$(?P<strike>[\d,]*\.?\d+)\b.*?\b{_DAY}"),
    _pattern(rf"\b(?P<right>CALL|PUT)\b.*?{_DAY}.*?\$?(?P<strike>\d[\d,]*\.?\d*)\b"),
    _pattern(rf"{_DAY}[ ]+\$?(?P<strike>\d[\d,]*\.?\d*)[ ]+(?P<right>CALL|PUT)\b"),
    _pattern(rf"{_DAY}[ ]+(?P<right>CALL|PUT)[ ]+\$?(?P<strike>\d[\d,]*\.?\d*)"),
    _pattern(rf"\$(?P<strike>\d[\d,]*\.?\d*)[ ]+(?P<right>CALL|PUT)\b.*?{_DAY}"),
)


@dataclass(frozen=True)
class Contract:
    """An option: root as written, underlying without a digit for adjusted contracts, expiry, right, strike."""

    root: str
    expiry: date
    right: str
    strike: float

    @property
    def adjusted(self) -> bool:
        """Whether the root ends with a digit: a split or a merger changed what a contract delivers."""
        return self.root[-1:].isdigit()

    @property
    def underlying(self) -> str:
        return self.root.rstrip("0123456789")

    @property
    def symbol(self) -> str:
        """The symbol of the Options Clearing Corporation without padding, one for all spellings."""
        return f"{self.root}{self.expiry:%y%m%d}{self.right[0].upper()}{round(self.strike * 1000):08d}"


def contract_of(symbol: str, description: str = "") -> Contract | None:
    """The option that a symbol, or a symbol of the underlying with a description, names; None where neither does."""
    symbol, description = symbol.strip().upper(), description.strip().upper()
    for text in (symbol, description):
        found = _spelled(text)
        if found is not None:
            return found
    if not re.fullmatch(r"-?[A-Z][A-Z.]{0,5}\d?", symbol):
        return None
    for pattern in _DESCRIBED:
        match = pattern.search(description)
        if match is not None:
            return _contract(symbol.lstrip("-"), match)
    return None


def _spelled(text: str) -> Contract | None:
    if len(text) < 8 or not any(c.isdigit() for c in text):
        return None
    match = _OCC.fullmatch(text)
    if match is not None:
        day, strike = match["day"], match["strike"]
        size = float(strike) / 1000 if len(strike) == 8 else float(strike)
        return _made(match["root"], f"20{day[:2]}-{day[2:4]}-{day[4:]}", match["right"], size)
    match = _UNDERSCORED.fullmatch(text)
    if match is not None:
        day = match["day"]
        return _made(match["root"], f"20{day[4:]}-{day[:2]}-{day[2:4]}", match["right"], float(match["strike"]))
    match = _MERRILL.fullmatch(text)
    if match is not None:
        month = ord(match["month"]) - ord("A")
        size = float(match["strike"]) / 10 ** (ord(match["places"]) - ord("A") + 1)
        day = f"20{match['yy']}-{month % 12 + 1:02d}-{match['dd']}"
        return _made(match["root"], day, "C" if month < 12 else "P", size)
    for pattern in _SPELLED:
        match = pattern.fullmatch(text)
        if match is not None:
            return _contract(match["root"], match)
    return None


def _contract(root: str, match: re.Match[str]) -> Contract | None:
    return _made(root, match["day"], match["right"], float(match["strike"].replace(",", "")))


def _made(root: str, day: str, right: str, strike: float) -> Contract | None:
    days = days_of(day, MDY)
    if not days or strike <= 0:
        return None
    return Contract(root, days[0].day, CALL if right.startswith("C") else PUT, strike)
