"""What a user says about a file where the file itself leaves it open."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from screener.errors import HoldingsError, nearest
from screener.holdings import currencies
from screener.holdings.kinds import KINDS


@dataclass(frozen=True)
class Choices:
    """How files are read where they leave it open; empty is undecided.

    Attributes
    ----------
    decimal : `.` or `,`
    date_order : dmy or mdy
    currency : code (GBX is pence), where no column, sign or exchange says one
    sheet : the sheet of a workbook to be read; else every visible one
    kinds : kind by ticker
    accept : lines (`5`, `positions.csv:5`) or tickers whose figures may disagree
    day : whether the day of the quantities is given, so that the file's own does not matter
    allow_duplicates : equal lines are lots
    """

    decimal: str = ""
    date_order: str = ""
    currency: str = ""
    sheet: str = ""
    kinds: Mapping[str, str] = field(default_factory=dict)
    accept: Sequence[str] = ()
    day: bool = False
    allow_duplicates: bool = False

    def accepts(self, file: str, line: int | None, ticker: str) -> bool:
        """Whether a disagreement in a line, or of a ticker, is accepted."""
        bare = re.sub(r" \[.*\]$", "", file)
        own = {str(line), f"{bare}:{line}", f"{file}:{line}"} if line is not None else set()
        return any(item in own or item.upper() == ticker.upper() for item in self.accept)


def parse_kinds(texts: Sequence[str]) -> dict[str, str]:
    """`BTC=coin` as kind by ticker.

    Raises
    ------
    HoldingsError
    """
    out = {}
    for text in texts:
        ticker, _, kind = text.rpartition("=")
        if not ticker or kind not in KINDS:
            near = nearest(kind, KINDS)
            hint = f"; did you mean {near}?" if near else ""
            raise HoldingsError(f"--kind {text!r}: expected TICKER=KIND with one of {', '.join(KINDS)}{hint}")
        out[ticker.strip().upper()] = kind
    return out


def parse_currency(text: str) -> str:
    """A code of --currency as the registry spells it.

    Raises
    ------
    HoldingsError
    """
    code = currencies.spelled(text) if text else ""
    if code and not currencies.known(code):
        raise HoldingsError(f"--currency {text!r}: expected a code such as USD, EUR, GBP, or GBX for pence")
    return code


def parse_accept(texts: Sequence[str]) -> tuple[str, ...]:
    """Lines and tickers of --accept, each given alone or several with commas."""
    return tuple(item.strip() for text in texts for item in text.split(",") if item.strip())
