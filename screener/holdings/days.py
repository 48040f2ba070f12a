"""Days as titles and cells spell them: 2026-07-01, 7/1/2026, 1 July 2026, 01-Jul-26, 01.07.2026, 20260701, serials."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta

DMY, MDY = "dmy", "mdy"
# First three letters of a month's name in English and in the languages of the brokers' exports.
_NAMES = {
    "jan": 1, "ene": 1, "gen": 1, "feb": 2, "fev": 2, "fév": 2, "mar": 3, "mär": 3, "mrt": 3, "maa": 3, "mae": 3, "apr": 4,
    "avr": 4, "abr": 4, "may": 5, "mai": 5, "mei": 5, "mag": 5, "jun": 6, "giu": 6, "juin": 6, "jul": 7, "lug": 7, "juil": 7,
    "aug": 8, "ago": 8, "aoû": 8, "aou": 8, "sep": 9, "set": 9, "oct": 10, "okt": 10, "ott": 10, "out": 10, "nov": 11,
    "dec": 12, "dez": 12, "dic": 12, "déc": 12,
}  # fmt: skip
_MONTH = "|".join(sorted(_NAMES, key=len, reverse=True))
_YEAR = r"(?:19|20)\d{2}|'?\d{2}"
_PATTERNS = (
    ("ymd", re.compile(r"(?<![\d.])((?:19|20)\d{2})([-/.])(\d{1,2})\2(\d{1,2})(?!\d)")),
    ("ymd8", re.compile(r"(?<![\d.,])((?:19|20)\d{2})(0[1-9]|1[0-2])([0-2]\d|3[01])(?![\d.,])")),
    ("name first", re.compile(rf"\b({_MONTH})[^\W\d]*\.?[ -]+(\d{{1,2}})(?:st|nd|rd|th)?,?[ -]+({_YEAR})(?!\d)", re.I)),
    ("name", re.compile(
        rf"(?<!\d)(\d{{1,2}})(?:st|nd|rd|th|er|º)?\.?(?: de)?[ -]*({_MONTH})[^\W\d]*\.?(?: de)?,?[ -]*"
        rf"({_YEAR})(?!\d)", re.I)),
    ("dots", re.compile(r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.((?:19|20)?\d{2})(?![\d.])")),
    ("open", re.compile(r"(?<![\d/-])(\d{1,2})([/-])(\d{1,2})\2((?:19|20)?\d{2})(?![\d/-])")),
)  # fmt: skip
_SERIAL = re.compile(r"(?<![\d.,$])([34567]\d{4})(?:\.\d+)?(?![\d.,])")
_EPOCH, _EPOCH_1904 = date(1899, 12, 30), date(1904, 1, 1)


@dataclass(frozen=True)
class Day:
    """A day that a text names; `other` is what it is with day and month the other way round, where both are days."""

    day: date
    other: date | None = None


def days_of(text: str, order: str = "") -> list[Day]:
    """The days that a text names, in the order of the text.

    `order` decides 7/1/2026: mdy is 1 July, dmy is 7 January; without it the other reading is kept in `other`. Dots are
    day first, a year first is year, month, day.
    """
    found: list[tuple[int, Day]] = []
    taken: list[tuple[int, int]] = []
    for kind, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            if any(a < match.end() and match.start() < b for a, b in taken):
                continue
            day = _read(kind, match.groups(), order)
            if day is not None:
                found.append((match.start(), day))
                taken.append(match.span())
    return [day for _, day in sorted(found, key=lambda pair: pair[0])]


def serial_day(text: str, *, epoch_1904: bool = False) -> Day | None:
    """The day of a spreadsheet's serial number in a text such as `Positions as of 46204`; None where there is none."""
    match = _SERIAL.search(text)
    if match is None:
        return None
    return Day((_EPOCH_1904 if epoch_1904 else _EPOCH) + timedelta(days=int(match[1])))


def _read(kind: str, parts: tuple[str, ...], order: str) -> Day | None:
    places = {"ymd": (0, 2, 3), "ymd8": (0, 1, 2), "name first": (2, 0, 1), "name": (2, 1, 0), "dots": (2, 1, 0)}
    if kind in places:
        year, month, day = (parts[at] for at in places[kind])
        return _day(year, _NAMES.get(month.lower(), month), day)
    first, _, second, year = parts
    by_day, by_month = _day(year, second, first), _day(year, first, second)
    if by_day is None or by_month is None or by_day == by_month:
        return by_day or by_month
    if order:
        return by_day if order == DMY else by_month
    return Day(by_month.day, by_day.day)


def _day(year: str, month: str | int, day: str) -> Day | None:
    number = int(year.strip("'"))
    try:
        return Day(date(number + 2000 if number < 100 else number, int(month), int(day)))
    except ValueError:
        return None
