"""The cover of a report in inline XBRL: who filed it, which form, for which period."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from screener.sources.edgar import addresses
from screener.sources.edgar.contexts import IX, Context, Names, Unreadable, text_of

_MONTHS = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
_READ = {
    "DocumentType",
    "EntityRegistrantName",
    "EntityCentralIndexKey",
    "DocumentPeriodEndDate",
    "CurrentFiscalYearEndDate",
    "AmendmentFlag",
}


@dataclass(frozen=True)
class Cover:
    """What the cover states; a text is empty and a date NaT where it does not."""

    cik: str
    name: str
    form: str
    period_end: pd.Timestamp
    fiscal_year_end: str


def read(files: Sequence[tuple[Any, Names]], contexts: dict[str, Context]) -> tuple[Cover, list[str]]:
    """The cover out of the files of one report, and the faults in it.

    Of a fact that is stated for several parts (a registrant and its subsidiaries) the one without dimensions counts.
    """
    stated: dict[str, tuple[bool, str, str]] = {}
    for root, names in files:
        for element in root.iter(f"{IX}nonNumeric"):
            name = element.get("name", "")
            if name.rpartition(":")[2] not in _READ or element.get("target"):
                continue
            try:
                taxonomy, concept = names.split(name, element)
            except Unreadable:
                continue
            context = contexts.get(element.get("contextRef", ""))
            part = context is None or bool(context.dimensions)
            text = " ".join(_continued(element, [root for root, _ in files]).split())
            if taxonomy == "dei" and text and (concept not in stated or (stated[concept][0] and not part)):
                shape = element.get("format", "").rpartition(":")[2].replace("-", "").lower()
                stated[concept] = (part, text, shape)
    return _cover({concept: (text, shape) for concept, (_, text, shape) in stated.items()})


def _cover(stated: dict[str, tuple[str, str]]) -> tuple[Cover, list[str]]:
    """The cover from text and format of each fact."""
    faults = []
    text, shape = stated.get("DocumentPeriodEndDate", ("", ""))
    period_end = _date(text, shape)
    if period_end is pd.NaT:
        faults.append(
            f"dei:DocumentPeriodEndDate {text[:40]!r} is not a date" if text else "dei:DocumentPeriodEndDate is missing"
        )
    text, shape = stated.get("CurrentFiscalYearEndDate", ("", ""))
    fiscal_year_end = _month_and_day(text, shape)
    if text and not fiscal_year_end:
        faults.append(f"dei:CurrentFiscalYearEndDate {text[:40]!r} is not a month and day")
    form = stated.get("DocumentType", ("", ""))[0].upper()
    if _true(*stated.get("AmendmentFlag", ("", ""))) and form and not form.endswith("/A"):
        form += "/A"
    if not form:
        faults.append("dei:DocumentType is missing")
    name = stated.get("EntityRegistrantName", ("", ""))[0]
    if not name:
        faults.append("dei:EntityRegistrantName is missing")
    cik = addresses.padded(stated.get("EntityCentralIndexKey", ("", ""))[0])
    return Cover(cik, name, form, period_end, fiscal_year_end), faults


def _continued(element: Any, roots: Sequence[Any]) -> str:
    """The text of a fact with its continuations, which may stand in another file of the report."""
    parts, seen = [text_of(element)], set()
    following = element.get("continuedAt")
    while following and following not in seen:
        seen.add(following)
        pieces = (part for root in roots for part in root.iter(f"{IX}continuation") if part.get("id") == following)
        found = next(pieces, None)
        if found is None:
            break
        parts.append(text_of(found))
        following = found.get("continuedAt")
    return "".join(parts)


def _true(text: str, shape: str) -> bool:
    """Whether a yes-or-no fact says yes."""
    if shape in {"fixedtrue", "booleantrue", "fixedfalse", "booleanfalse"}:
        return shape.endswith("true")
    return text.lower() in {"true", "1", "yes", "☒", "☑", "x"}


def _month(word: str) -> int:
    """The number of an English month, in full or cut to three letters or more; 0 for another word."""
    return next((i for i, month in enumerate(_MONTHS, start=1) if word.lower().startswith(month)), 0)


def _numbers(text: str, shape: str, year: str) -> tuple[str, int, int] | None:
    """Year, month and day of a date; `year` is the pattern of a year ("" where there is none)."""
    end = rf"(?: ?,? ?)({year})" if year else "()"
    named = re.fullmatch(rf"([A-Za-z]{{3,9}})\.? ([0-9]{{1,2}})(?:st|nd|rd|th)?{end}", text)
    if named:
        return named[3], _month(named[1]), int(named[2])
    named = re.fullmatch(rf"([0-9]{{1,2}})(?:st|nd|rd|th)? ([A-Za-z]{{3,9}})\.?{end}", text)
    if named:
        return named[3], _month(named[2]), int(named[1])
    end = rf"[/.-]({year})" if year else "()"
    plain = re.fullmatch(rf"([0-9]{{1,2}})[/.-]([0-9]{{1,2}}){end}", text)
    if plain:
        first, second = int(plain[1]), int(plain[2])
        return (plain[3], second, first) if shape.startswith("dateday") else (plain[3], first, second)
    return None


def _date(text: str, shape: str) -> pd.Timestamp:
    """A date in ISO form or in English, month before day unless the format says otherwise; NaT where it is none."""
    iso = re.fullmatch(r"([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})", text)
    found = (iso[1], int(iso[2]), int(iso[3])) if iso else _numbers(text, shape, "(?:19|20|21)[0-9]{2}")
    try:
        return pd.Timestamp(int(found[0]), found[1], found[2]) if found else pd.NaT
    except ValueError:
        return pd.NaT


def _month_and_day(text: str, shape: str) -> str:
    """ "12-31" from "--12-31", "12/31", "December 31" or "31 December"; empty where it is none."""
    found = _numbers(text.removeprefix("--"), shape, "")
    if found is None or not 1 <= found[1] <= 12 or not 1 <= found[2] <= 31:
        return ""
    return f"{found[1]:02d}-{found[2]:02d}"
