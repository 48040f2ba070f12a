"""One item out of the tags of one statement: the first complete group, held against the other groups.

A group is complete where its required tags are stated and at least one that is added. Tags overlap: "long-term debt" may
be the sum of convertible and other notes, repeat one of them, or stand beside them. `excludes` of the item map says what a
tag contains by its definition, and the figures say which of the three holds.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from screener.sources.edgar.item_map import Group, Line
from screener.sources.edgar.statements import Statement, plain

SAME = 0.001  # figures that differ by no more state the same thing, roundings apart
CLASH = 0.02  # two groups that differ by more contradict each other


@dataclass(frozen=True)
class Reading:
    """A group: its value, how it is made, what is doubtful in it, and the value under the other meaning."""

    group: Group
    value: float
    derivation: str
    counted: tuple[str, ...]
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    otherwise: tuple[float, str] | None = None
    one_sided: str = ""  # the side of the balance sheet that is missing, in words


@dataclass(frozen=True)
class Choice:
    """The value of an item in one statement, what was checked, and why a person must decide ("" where none)."""

    value: float
    derivation: str
    counted: tuple[str, ...]
    group: Group
    checks: tuple[str, ...]
    needs: tuple[str, ...]


def near(one: float, other: float, within: float) -> bool:
    """Whether two figures differ by no more than this fraction of the larger."""
    return abs(one - other) <= within * max(abs(one), abs(other))


def choose(groups: Sequence[Group], statement: Statement) -> Choice | None:
    """The first complete group, US GAAP and own tags before IFRS; None where no group is complete.

    Groups of the other taxonomy are no check: the two measure differently. Where another group states the same within
    0.1%, the value is confirmed, and a third one that differs is only told.
    """
    for ifrs in (False, True):
        readings = [read(group, statement) for group in groups if group.ifrs == ifrs]
        complete = [reading for reading in readings if reading is not None]
        values = [reading for reading in complete if reading.group.kind != "confirm"]
        if values:
            return _held(values[0], [reading for reading in complete if reading is not values[0]], statement)
    return None


def _held(first: Reading, others: Sequence[Reading], statement: Statement) -> Choice:
    value, derivation = first.value, first.derivation
    agreeing = [other for other in others if near(other.value, value, SAME)]
    doubts = list(first.doubts)
    if first.otherwise is not None and not agreeing:
        alternative, words = first.otherwise
        agreeing = [other for other in others if near(other.value, alternative, SAME)]
        if agreeing:
            value, derivation = alternative, words
    confirmed = bool(agreeing)
    checks = [f"{other.group.name} agrees ({other.derivation})" for other in agreeing] + list(first.notes)
    needs = [] if confirmed else doubts
    if first.one_sided and all(other.one_sided for other in agreeing):
        needs.append(first.one_sided)
    for other in others:
        if other in agreeing or other.group.kind == "confirm" or near(other.value, value, CLASH):
            continue
        said = f"{other.group.name} gives {plain(other.value)} ({other.derivation})"
        is_part = other.group.kind in {"part", "bound"} and abs(other.value) < abs(value)
        if confirmed or is_part:
            checks.append(f"{said}: a part" if is_part else said)
        else:
            needs.append(f"clash: {said}")
    if first.group.kind == "bound" and not confirmed:
        needs.append("no line of the balance sheet states it; the figures of the notes may be a part")
    if first.group.kind == "times":
        needs.append("an own tag in another unit")
    needs += [
        f"{tag} is stated twice: {statement.doubts[key]}"
        for tag in first.counted
        for key in statement.doubts
        if key[0] == tag and not confirmed
    ]
    return Choice(value, derivation, first.counted, first.group, tuple(checks), tuple(needs))


def missing(groups: Sequence[Group], statement: Statement) -> str:
    """Why an item has no value although tags of it are stated; empty where none is stated."""
    for group in groups:
        stated = [line for line in group.lines if (line.name, line.unit) in statement.values]
        derived = any(line.factor < 0 for line in group.lines)
        if stated and group.kind != "confirm" and not derived and any(line.factor > 0 for line in stated):
            absent = [_bare(line.name) for line in group.lines if line.required and line not in stated]
            if absent:
                return f"{group.name} is incomplete: no {' and no '.join(absent)}"
    return ""


def read(group: Group, statement: Statement) -> Reading | None:
    """A group's value in a statement; None where it is incomplete."""
    stated = {line.name: line for line in group.lines if (line.name, line.unit) in statement.values}
    if any(line.required and line.name not in stated for line in group.lines):
        return None
    added = {name: line for name, line in stated.items() if line.factor > 0}
    if not added:
        return None
    figures = {name: statement.values[name, line.unit] for name, line in stated.items()}
    kept, beside, doubts, notes = _without_overlap(added, figures)
    terms = [(stated[name].factor, name) for name in kept]
    terms += [(line.factor, name) for name, line in stated.items() if line.factor < 0]
    value = sum(factor * figures[name] for factor, name in terms)
    words = _words(terms, figures)
    otherwise = None
    if beside:
        more = sum(stated[name].factor * figures[name] for name in beside)
        otherwise = value + more, _words([*terms, *((stated[name].factor, name) for name in beside)], figures)
    return Reading(
        group,
        value,
        words,
        tuple(name for _, name in terms),
        tuple(doubts),
        tuple(notes),
        otherwise,
        _one_sided(group, added),
    )


def _one_sided(group: Group, added: Mapping[str, Line]) -> str:
    """Why the sum may be a part: a group of current and noncurrent lines of which one side is not stated, or ""."""
    absent = sorted({line.side for line in group.lines if line.side} - {line.side for line in added.values()})
    if not absent:
        return ""
    # A side that is not stated is unknown, not zero: it may stand under a tag that the map does not have.
    return f"incomplete: no {absent[0]} line of {group.item} is stated, and no other figure confirms the sum"


def _without_overlap(
    added: Mapping[str, Line], figures: Mapping[str, float]
) -> tuple[list[str], list[str], list[str], list[str]]:
    """The tags that count, those left out that may stand beside them after all, doubts, and notes."""
    kept = dict.fromkeys(added)
    beside: list[str] = []
    doubts, notes = [], []
    for name in sorted(added, key=lambda tag: (len(added[tag].contains), tag)):
        parts = [part for part in added[name].contains if part in kept]
        if not parts:
            continue
        whole, total = figures[name], sum(figures[part] for part in parts)
        said = f"{_bare(name)} {plain(whole)}"
        if near(whole, total, SAME):
            drop, note = parts, f"{said} is the sum of its parts"
        elif _repeats(whole, [figures[part] for part in parts]):
            drop, note = [name], f"{said} repeats its parts"
        elif whole > total:
            drop, note = parts, ""
            if any(figures[part] for part in parts):
                beside += parts
                doubts.append(f"{said} may contain {_list(parts, figures)} or stand beside it")
        else:
            drop, note = [], ""
            if whole:
                doubts.append(f"{said} is less than {_list(parts, figures)}, which it should contain")
        for one in drop:
            kept.pop(one, None)
        if note:
            notes.append(note)
    for one, other in combinations(list(kept), 2):
        # Neither contains the other by its definition, and yet the same figure: one line under two tags.
        if one in kept and other in kept and figures[one] and near(figures[one], figures[other], SAME):
            del kept[other]
            beside.append(other)
            doubts.append(f"{_bare(one)} and {_bare(other)} state the same figure {plain(figures[one])}, counted once")
    return list(kept), [name for name in beside if name not in kept], doubts, notes


def _repeats(whole: float, parts: Sequence[float]) -> bool:
    """Whether a figure is one of the parts, or the sum of some of them but not of all."""
    sizes = range(1, len(parts))
    return bool(whole) and any(near(whole, sum(some), SAME) for size in sizes for some in combinations(parts, size))


def _words(terms: Sequence[tuple[float, str]], figures: Mapping[str, float]) -> str:
    said = ""
    for factor, name in terms:
        sign = " - " if factor < 0 else " + " if said else ""
        scale = "" if factor in (1.0, -1.0) else f" x {plain(factor)}"
        said += f"{sign}{_bare(name)} {plain(figures[name])}{scale}"
    return said


def _list(names: Sequence[str], figures: Mapping[str, float]) -> str:
    return " and ".join(f"{_bare(name)} {plain(figures[name])}" for name in names)


def _bare(name: str) -> str:
    """A tag without its standard prefix; an own tag keeps its prefix."""
    prefix, _, concept = name.partition(":")
    return concept if prefix in {"us-gaap", "ifrs-full", "dei", "srt"} else name
