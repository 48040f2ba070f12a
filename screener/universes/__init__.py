"""Universes: folders of CSV files that a person edits in a spreadsheet, loaded with every problem listed at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from screener.config import toml, universe_file
from screener.errors import InputError, NotKnown, Problem, UniverseError, did_you_mean
from screener.readers import content as contents
from screener.universes import overlay
from screener.universes.reading import empty, read
from screener.universes.schema import FILES

HOME = Path(__file__).parent
SETTINGS = "universe.toml"
# Files that do not become a frame of the same name.
OWN_PLACE = ("companies.csv", "financials.csv", "capacity.csv")


@dataclass(frozen=True)
class Universe:
    """A universe as loaded.

    Attributes
    ----------
    name, title : str
    path : Path
    settings : dict
        `universe.toml`.
    hashes : dict
        SHA-256 of every file, by name; those of an overlay as `overlay/NAME`.
    companies, facts, contracts, contract_terms, phases, instruments, transactions, debt, raises, estimates, deals,
    comparables, claims, renames, sites, events, prices, network, splits : DataFrame
        The columns of `schema.FILES`, dates datetime64, numbers float64, blanks NaN, NaT or NaN; and `file` and
        `line`, the line as an editor counts it. `facts` is financials.csv and capacity.csv in one.
    notes : list of Problem
        What does not hinder the screen, such as a column that the schema does not have.
    overlay : Path or None
        The folder whose rows are laid over a bundled universe; None where there is none.
    conflicts : DataFrame
        `overlay.CONFLICT_COLUMNS`: facts of the overlay that differ from the bundled one of the same period.
    """

    name: str
    title: str
    path: Path
    settings: dict[str, Any]
    hashes: dict[str, str]
    companies: pd.DataFrame
    facts: pd.DataFrame
    contracts: pd.DataFrame
    contract_terms: pd.DataFrame
    phases: pd.DataFrame
    instruments: pd.DataFrame
    transactions: pd.DataFrame
    debt: pd.DataFrame
    raises: pd.DataFrame
    estimates: pd.DataFrame
    deals: pd.DataFrame
    comparables: pd.DataFrame
    claims: pd.DataFrame
    renames: pd.DataFrame
    sites: pd.DataFrame
    events: pd.DataFrame
    prices: pd.DataFrame
    network: pd.DataFrame
    splits: pd.DataFrame
    notes: list[Problem] = field(default_factory=list)
    overlay: Path | None = None
    conflicts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=overlay.CONFLICT_COLUMNS))


def names() -> list[str]:
    """The bundled universes."""
    return sorted(path.parent.name for path in HOME.glob(f"*/{SETTINGS}"))


def is_bundled(name_or_path: str | Path) -> bool:
    """Whether this is the name of a bundled universe, which an overlay may be laid over."""
    return str(name_or_path) in names()


def find(name_or_path: str | Path) -> Path:
    """The folder of a bundled name or a path.

    Raises
    ------
    NotKnown
        Neither a bundled universe nor a folder; lists the bundled ones.
    """
    if is_bundled(name_or_path):
        return HOME / str(name_or_path)
    path = Path(name_or_path)
    if contents.is_folder(path):
        return path
    hint = did_you_mean(str(name_or_path), names())
    raise NotKnown(f"no universe {str(name_or_path)!r}: neither a folder nor one of {', '.join(names())}{hint}")


def load(name_or_path: str | Path) -> Universe:
    """Load a universe, with the overlay of a bundled one where there is one, and check all of it.

    Raises
    ------
    NotKnown
        No such universe.
    UniverseError
        With every problem of every file: file, line, column, value, what was expected.
    """
    universe, problems = examine(name_or_path)
    if problems:
        raise UniverseError.of(universe.path, problems)
    return universe


def check(name_or_path: str | Path) -> list[Problem]:
    """Every problem of a universe; empty where it is clean."""
    return examine(name_or_path)[1]


def examine(name_or_path: str | Path, own: Mapping[str, bytes] | None = None) -> tuple[Universe, list[Problem]]:
    """A universe, with its notes, and every problem of it; without problems it can be screened.

    Parameters
    ----------
    own : mapping of bytes, optional
        The files of an overlay by name, in place of those in the overlay's folder.
    """
    from screener.universes.agreement import disagreements
    from screener.universes.checks import check_frames

    path = find(name_or_path)
    settings, problems, hashes = _settings(path)
    frames: dict[str, pd.DataFrame] = {}
    notes: list[Problem] = []
    for name, file in FILES.items():
        try:
            content = _content(path / name)
        except InputError as error:
            frames[name] = empty(file)
            problems += error.problems
            continue
        if content is not None:
            hashes[name] = hashlib.sha256(content).hexdigest()
        table = read(file, content)
        frames[name] = table.frame
        problems += table.problems
        notes += table.notes
    for other in sorted(place.name for place in path.glob("*.csv") if place.name not in FILES):
        absent = [name for name in FILES if not (path / name).exists()]
        notes.append(Problem(other, None, "", "", "", f"unknown file, not used{did_you_mean(other, absent)}"))
    over = overlay.folder(str(name_or_path)) if is_bundled(name_or_path) else None
    if own is None:
        own = {} if over is None else overlay.contents(over)
    laid = overlay.lay(frames, own)
    frames = laid.frames
    problems += laid.problems
    notes += laid.notes
    hashes |= laid.hashes
    problems += check_frames(frames, settings)
    more, told = disagreements(frames)
    problems += more
    notes += told
    companies = frames["companies.csv"]
    companies["ev_meaningful"] = companies["ev_meaningful"].eq("yes").to_numpy(dtype=bool)
    facts = [frames["financials.csv"], frames["capacity.csv"]]
    universe = Universe(
        name=path.resolve().name,
        title=str(settings.get("title", path.name)),
        path=path,
        settings=settings,
        hashes=hashes,
        companies=companies,
        facts=pd.concat([f for f in facts if len(f)] or facts, ignore_index=True),
        **{name.removesuffix(".csv"): frames[name] for name in FILES if name not in OWN_PLACE},
        notes=notes,
        overlay=over if own else None,
        conflicts=laid.conflicts,
    )
    return universe, sorted(problems, key=lambda p: (p.file, p.line or 0, p.column))


def _content(place: Path) -> bytes | None:
    """The bytes of a file of a universe; None where it has no such file.

    Raises
    ------
    InputError
        It cannot be read.
    """
    try:
        return contents.read(place)
    except NotKnown:
        return None


def _settings(path: Path) -> tuple[dict[str, Any], list[Problem], dict[str, str]]:
    """The sections of `universe.toml`, its problems, and its hash by name."""
    try:
        content = _content(path / SETTINGS)
        if content is None:
            return {}, [Problem(SETTINGS, None, "", "", "the file, with a title (see `screener universe new`)")], {}
        document = toml.parse(SETTINGS, content)
    except InputError as error:
        return {}, list(error.problems), {}
    # What is no section has been noted as a problem, and the checks that follow need the others.
    sections = {name: value for name, value in document.table.items() if name == "title" or isinstance(value, dict)}
    return sections, universe_file.problems(document), {SETTINGS: hashlib.sha256(content).hexdigest()}
