"""Identifiers of securities: check digits of ISINs, CUSIPs of debt, and the tickers of ISINs that are known."""

from __future__ import annotations

import csv
import re
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
_ISIN = re.compile(r"[A-Z]{2}[A-Z0-9]{9}[0-9]")
_DEBT = re.compile(r"[0-9A-Z][0-9]{2}[0-9A-Z]{3}(?:[A-HJ-NP-Z][A-HJ-NP-Z0-9]|[0-9][A-HJ-NP-Z])[0-9]")


def looks_like_isin(text: str) -> bool:
    """Two letters, nine letters or digits, a digit: the shape of an ISIN, right or wrong."""
    return len(text) == 12 and bool(_ISIN.fullmatch(text)) and any(c.isdigit() for c in text[2:11])


def is_isin(text: str) -> bool:
    """Whether a text is an ISIN whose check digit is right (ISO 6166: Luhn over letters as two digits)."""
    if not looks_like_isin(text):
        return False
    digits = "".join(str(int(c, 36)) for c in text)
    total = 0
    for at, c in enumerate(reversed(digits)):
        number = int(c) * (2 if at % 2 else 1)
        total += number // 10 + number % 10
    return total % 10 == 0


def is_debt_cusip(text: str) -> bool:
    """Whether a text is shaped as the CUSIP of a debt issue: a letter stands in the two signs that number the issue."""
    return bool(_DEBT.fullmatch(text))


@cache
def _known() -> tuple[dict[str, str], ...]:
    with open(HERE / "isins.csv", encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def tickers_by_isin() -> dict[str, str]:
    """Tickers of the US lines of known ISINs."""
    return {row["isin"]: row["ticker"] for row in _known()}


@cache
def names_by_isin() -> dict[str, str]:
    """Names of the securities of known ISINs."""
    return {row["isin"]: row["name"] for row in _known()}


@cache
def isins_by_ticker() -> dict[str, str]:
    """The known ISIN of a ticker of a US line."""
    return {ticker: isin for isin, ticker in tickers_by_isin().items()}
