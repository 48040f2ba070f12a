"""The bundled universe read once by each process of the tests: nearly every command reads it, and nothing changes it."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import fields, replace
from pathlib import Path

import pandas as pd

from screener import universes
from screener.errors import Problem
from screener.universes import Universe, overlay

Read = tuple[Universe, list[Problem]]
HOME = universes.HOME


def own(read: Read) -> Read:
    """A reading that its caller may change: pandas copies a frame when it is written to."""
    universe, problems = read
    mine = {}
    for one in fields(universe):
        value = getattr(universe, one.name)
        mine[one.name] = value.copy(deep=False) if isinstance(value, pd.DataFrame) else copy.copy(value)
    return replace(universe, **mine), list(problems)


def begin() -> None:
    """From now on the bundled miners without an overlay are read once; every other reading is as it was."""
    examine, kept = universes.examine, []

    def once(name_or_path: str | Path, laid: Mapping[str, bytes] | None = None) -> Read:
        if laid is not None or name_or_path != "miners" or universes.HOME != HOME or _overlaid():
            return examine(name_or_path, laid)
        if not kept:
            kept.append(examine(name_or_path))
        return own(kept[0])

    universes.examine = once


def _overlaid() -> bool:
    folder = overlay.folder("miners")
    return folder is not None and folder.exists()
