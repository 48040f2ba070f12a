"""What the figures of an XBRL instance refer to: names, contexts (who, when, which part) and units."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import pandas as pd

IX = "{http://www.xbrl.org/2013/inlineXBRL}"
INSTANCE = "{http://www.xbrl.org/2003/instance}"
_DIMENSIONS = "{http://xbrl.org/2006/xbrldi}"
# Prefixes are the filer's choice, namespaces are not: a standard taxonomy is known by its namespace.
_STANDARD = {
    "us-gaap": r"https?://(xbrl\.)?fasb\.org/us-gaap/.*",
    "srt": r"https?://(xbrl\.)?fasb\.org/srt/.*",
    "dei": r"https?://xbrl\.sec\.gov/dei/.*",
    "ifrs-full": r"https?://xbrl\.ifrs\.org/taxonomy/.*/ifrs-full",
}


class Unreadable(ValueError):
    """A name, context or unit that cannot be read; the message says why."""


@dataclass(frozen=True)
class Context:
    """Of whom, for when and for which part a figure is: `start` is NaT for an instant, `dimensions` () for the whole."""

    identifier: str
    start: pd.Timestamp
    end: pd.Timestamp
    dimensions: tuple[tuple[str, str], ...]


def text_of(element: Any) -> str:
    """The text inside an element without what ix:exclude takes out."""
    if not len(element):
        return element.text or ""
    parts = [element.text or ""]
    for child in element:
        if child.tag != f"{IX}exclude":
            parts.append(text_of(child))
        parts.append(child.tail or "")
    return "".join(parts)


class Names:
    """Qualified names of one file with the standard prefix of their namespace, or the filer's own prefix."""

    def __init__(self, root: Any) -> None:
        self._prefixes = {prefix: _standard(prefix, space) for prefix, space in root.nsmap.items()}

    def split(self, name: str, element: Any) -> tuple[str, str]:
        """Prefix and local name of `name`, which stands in `element`.

        Raises
        ------
        Unreadable
            No prefix, or one that is not declared.
        """
        prefix, colon, local = name.strip().partition(":")
        known = self._prefixes.get(prefix)
        if known is None and prefix in element.nsmap:
            known = _standard(prefix, element.nsmap[prefix])
        if not colon or not local or known is None:
            raise Unreadable(f"name {name.strip()[:80]!r} has no declared prefix")
        return known, local

    def joined(self, name: str, element: Any) -> str:
        """The name as "prefix:local".

        Raises
        ------
        Unreadable
        """
        return ":".join(self.split(name, element))


def _standard(prefix: str, space: str) -> str:
    """The prefix by which a namespace is known; a filer's own namespace never takes the prefix of a standard one."""
    for known, pattern in _STANDARD.items():
        if re.fullmatch(pattern, space):
            return known
    return f"own-{prefix}" if prefix in _STANDARD else prefix


def contexts_of(root: Any, names: Names) -> tuple[dict[str, Context], list[str]]:
    """The contexts of a file by id, and a fault for each that cannot be read."""
    found, faults = {}, []
    for element in root.iter(f"{INSTANCE}context"):
        key = element.get("id", "")
        try:
            found[key] = _context(element, names)
        except Unreadable as error:
            faults.append(f"context {key[:60]!r} (line {element.sourceline}): {error}")
    return found, faults


def _context(element: Any, names: Names) -> Context:
    """One context.

    Raises
    ------
    Unreadable
    """
    identifier = element.find(f"{INSTANCE}entity/{INSTANCE}identifier")
    period = element.find(f"{INSTANCE}period")
    if identifier is None or period is None:
        raise Unreadable("no identifier or no period")
    days = {child.tag: text_of(child).strip() for child in period}
    if f"{INSTANCE}instant" in days:
        start, end = pd.NaT, _last_day(days[f"{INSTANCE}instant"])
    elif f"{INSTANCE}startDate" in days and f"{INSTANCE}endDate" in days:
        start, end = _day(days[f"{INSTANCE}startDate"]), _last_day(days[f"{INSTANCE}endDate"])
        if start > end:
            raise Unreadable(f"the period starts on {start:%Y-%m-%d}, after its end on {end:%Y-%m-%d}")
    else:
        raise Unreadable("the period has no instant and no start and end")
    members = [
        _dimension(member, names)
        for holder in (f"{INSTANCE}entity/{INSTANCE}segment", f"{INSTANCE}scenario")
        for member in element.iterfind(f"{holder}/*")
    ]
    axes = [axis for axis, _ in members]
    if len(set(axes)) < len(axes):
        raise Unreadable("an axis stands in it twice")
    return Context((identifier.text or "").strip(), start, end, tuple(sorted(members)))


def _dimension(member: Any, names: Names) -> tuple[str, str]:
    """Axis and member; of a typed member its text.

    Raises
    ------
    Unreadable
        Anything else in a segment or scenario: the figure is not the whole company's, and nothing says of what it is.
    """
    axis = member.get("dimension", "")
    if member.tag == f"{_DIMENSIONS}explicitMember":
        return names.joined(axis, member), names.joined(text_of(member), member)
    if member.tag == f"{_DIMENSIONS}typedMember":
        return names.joined(axis, member), " ".join(text_of(member).split())
    raise Unreadable(f"a segment with {str(member.tag)[:80]}, which is no dimension")


def _day(text: str) -> pd.Timestamp:
    """The day of a date or a date with time.

    Raises
    ------
    Unreadable
    """
    found = re.fullmatch(r"((?:19|20|21)[0-9]{2}-[0-9]{2}-[0-9]{2})(T[0-9:.]+)?(Z|[+-][0-9]{2}:[0-9]{2})?", text)
    try:
        if found:
            return pd.Timestamp(found[1])
    except ValueError:
        pass
    raise Unreadable(f"{text[:40]!r} is not a date")


def _last_day(text: str) -> pd.Timestamp:
    """The last day of a period: midnight at the start of a day, where a time is given, ends the day before it."""
    day = _day(text)
    return day - pd.Timedelta(days=1) if "T00:00:00" in text else day


def units_of(root: Any) -> tuple[dict[str, str], list[str]]:
    """The units of a file by id, as EDGAR names them ("USD", "shares", "USD/shares"), and the faults."""
    found, faults = {}, []
    for element in root.iter(f"{INSTANCE}unit"):
        key = element.get("id", "")
        divide = element.find(f"{INSTANCE}divide")
        sides = (
            [element]
            if divide is None
            else [divide.find(f"{INSTANCE}unitNumerator"), divide.find(f"{INSTANCE}unitDenominator")]
        )
        products = [
            "*".join(
                sorted(text_of(measure).strip().rpartition(":")[2] for measure in side.iterfind(f"{INSTANCE}measure"))
            )
            for side in sides
            if side is not None
        ]
        if len(products) == len(sides) and all(products):
            found[key] = "/".join(products)
        else:
            faults.append(f"unit {key[:60]!r} (line {element.sourceline}): no measure")
    return found, faults
