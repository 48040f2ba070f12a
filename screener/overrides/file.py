"""The file of overrides: TOML, written by `screener overrides read`, edited by hand, replayed by `--overrides`."""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

import pandas as pd
from pydantic import Field

from screener.config import toml
from screener.config.model import Model, checked
from screener.errors import OverridesError, Problem
from screener.overrides.override import UNKNOWN, Override, Value, can_be_taken, fault, shown
from screener.overrides.workbook import ReadBack, read_back
from screener.workbooks import SUFFIXES
from valuation.replaceable import KINDS

HEAD = """\
# Inputs that somebody changed in a workbook of `screener run`. Replay them: screener run --overrides FILE.toml
# Delete an entry that is not to be replayed. Old and new are in the unit of the sheet; "n/a" is unknown.
"""


@dataclass(frozen=True)
class Overrides:
    """The overrides that a run is given.

    Attributes
    ----------
    file, universe : str
    entries : tuple of Override
    notes : tuple of str
        What the workbook holds and no run takes.
    """

    file: str
    universe: str
    entries: tuple[Override, ...]
    notes: tuple[str, ...] = ()


class Entry(Model):
    """`[[override]]`: one input."""

    cell: str = Field(description="a sheet and cell, such as EV bridge!S7")
    meaning: str = Field(description="what the cell is, in words")
    what: Literal[KINDS] = Field(description=f"one of {', '.join(KINDS)}")  # type: ignore[valid-type]
    subject: str = Field("", description="a ticker, a contract, or a ticker and an instrument")
    item: str = Field(description="an item or a column of the run")
    scale: float = Field(1.0, gt=0, description="a number above 0")
    old: float | date | str | None = Field(None, description='a number, a date, or "n/a"')
    new: float | date | str = Field(description='a number, a date, or "n/a"')
    why: str = Field("", description="a text")


class OverridesFile(Model):
    """A file of overrides."""

    universe: str = Field(description="the name of the universe of the workbook")
    as_of: date = Field(description="the date of the run that wrote the workbook")
    run: str = Field("", description="the id of the run that wrote the workbook")
    version: str = Field("", description="the version that wrote the workbook")
    by: str = Field("", description="who changed the inputs")
    when: date | str = Field("", description="the day on which they were read")
    why: str = Field("", description="a text")
    override: list[Entry] = Field([], description="sections [[override]]")


def text(found: ReadBack) -> str:
    """A file of the overrides of a workbook."""
    first = found.overrides[0] if found.overrides else None
    lines = [
        HEAD,
        f"universe = {json.dumps(found.universe)}",
        f"as_of = {found.as_of:%Y-%m-%d}",
        f"run = {json.dumps(found.run_id)}",
        f"version = {json.dumps(found.version)}",
    ]
    for key in ("by", "when", "why"):
        told = getattr(first, key) if first else ""
        lines.append(f"{key} = {told if key == 'when' and told else _quoted(told)}")
    for one in found.overrides:
        lines += ["", "[[override]]"]
        lines += [f"{key} = {_quoted(getattr(one, key))}" for key in ("cell", "meaning", "what", "subject", "item")]
        lines += [f"{key} = {_value(getattr(one, key))}" for key in ("scale", "old", "new")]
    return "\n".join(lines) + "\n"


def _quoted(told: str) -> str:
    return json.dumps(told, ensure_ascii=False).replace("\x7f", "\\u007f")


def _value(value: Value) -> str:
    if value is None or isinstance(value, pd.Timestamp):
        return f'"{UNKNOWN}"' if value is None else shown(value)
    return repr(float(value))


def read(path: Path) -> Overrides:
    """Overrides from a TOML file, or from a workbook that somebody changed.

    Raises
    ------
    NotKnown
        No such file.
    OverridesError
        With every problem: the line of a TOML file, the cell of a workbook.
    """
    if path.suffix.lower() in SUFFIXES:
        found = read_back(path, by=f"the workbook {path.name}")
        if found.refused:
            raise OverridesError.of(path.name, found.refused)
        notes = tuple(f"Not taken: {problem}." for problem in found.not_taken)
        return Overrides(path.name, found.universe, found.overrides, notes)
    if path.suffix.lower() != ".toml":
        raise OverridesError(f"{path.name}: overrides are read from {', '.join(('.toml', *SUFFIXES))}")
    document = toml.read(path, OverridesError)
    made = checked(OverridesFile, document, OverridesError)
    entries: list[Override] = []
    problems: list[Problem] = []
    seen: set[tuple[str, str, str]] = set()
    for k, entry in enumerate(made.override):
        one, wrong = _override(made, entry)
        key = (entry.what, entry.subject, entry.item)
        wrong = wrong or ("each input once" if key in seen else "")
        seen.add(key)
        if wrong or one is None:
            line = document.line(("override", k, "new"))
            problems.append(Problem(path.name, line, entry.meaning, str(entry.new), wrong))
        else:
            entries.append(one)
    if problems:
        raise OverridesError.of(path.name, problems)
    return Overrides(path.name, made.universe, tuple(entries))


def _override(made: OverridesFile, entry: Entry) -> tuple[Override | None, str]:
    if not can_be_taken(entry.what, entry.item):
        return None, f"an input that this version knows; {entry.what} {entry.item!r} is none"
    values: dict[str, Value] = {}
    for key in ("old", "new"):
        told: Any = getattr(entry, key)
        if isinstance(told, str) and told != UNKNOWN:
            return None, f'a number, a date, or "{UNKNOWN}" for {key}'
        unknown = told is None or isinstance(told, str) or (isinstance(told, float) and math.isnan(told))
        values[key] = None if unknown else pd.Timestamp(told) if isinstance(told, date) else float(told)
    when = f"{made.when:%Y-%m-%d}" if isinstance(made.when, date) else made.when
    one = Override(
        entry.cell, entry.meaning, entry.what, entry.subject, entry.item, entry.scale, values["old"], values["new"],
        pd.Timestamp(made.as_of), made.by, when, entry.why or made.why,
    )  # fmt: skip
    return one, fault(one.what, one.item, one.value, one.subject)


def of_universe(found: Overrides, name: str) -> Sequence[Override]:
    """The overrides, of a workbook of this universe.

    Raises
    ------
    OverridesError
        They are of another universe.
    """
    if found.universe != name:
        raise OverridesError(f"{found.file}: overrides of the universe {found.universe}, and this run is of {name}")
    return found.entries
