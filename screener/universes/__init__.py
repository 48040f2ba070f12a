"""Universes: folders of CSV files that a person edits in a spreadsheet, loaded with every problem listed at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pandas as pd

from screener.config import toml
from screener.errors import InputError, NotKnown, Problem, UniverseError, did_you_mean
from screener.readers import content as contents
from screener.universes import overlay, sector, views
from screener.universes.reading import empty, read
from screener.universes.schema import FILES
from valuation.groups import MINERS, Sector

HOME = Path(__file__).parent
DEFAULT = "miners"  # the universe of every command where none is named
SETTINGS = "universe.toml"
# Keys of it that are no section.
PLAIN = (views.FROM, views.TICKERS, views.COMPARABLES)
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
    sector : Sector
        Names of the groups and companies, group rules of the universe's own, and whether companies hold coins and mine.
    none_of : tuple of str
        Items that are zero where a company has no row of them: its sector has neither coins nor mining.
    view_of : str
        The universe whose rows it shows; empty where it has rows of its own.
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
    sector: Sector = MINERS
    none_of: tuple[str, ...] = ()
    view_of: str = ""


def names() -> list[str]:
    """The bundled universes."""
    return sorted(path.parent.name for path in HOME.glob(f"*/{SETTINGS}"))


def is_bundled(name_or_path: str | Path) -> bool:
    """Whether this is the name of a bundled universe, which an overlay may be laid over."""
    return str(name_or_path) in names()


def overlay_owner(name: str) -> str:
    """The bundled universe whose overlay is laid over this bundled one: itself, or the universe that it is a view of."""
    parent = _behind(HOME / name, _settings(HOME / name).sections)
    return name if parent is None else parent.name


def shadowed(name_or_path: str | Path) -> str:
    """That a folder of the working directory bears the name of a bundled universe, which is the one used; empty where none
    does."""
    place = Path(str(name_or_path))
    if not is_bundled(name_or_path) or not (place / SETTINGS).is_file() or place.resolve() == HOME / str(name_or_path):
        return ""
    return (
        f"the bundled universe {name_or_path} is used, not the folder {place.resolve()} of the same name; "
        f"for the folder write ./{name_or_path}"
    )


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
    read_settings = _settings(path)
    settings, problems = read_settings.sections, list(read_settings.problems)
    behind, base = _behind(path, settings), read_settings
    if behind is not None:
        base = _settings(behind)
        problems += [replace(one, file=f"{behind.name}/{one.file}") for one in base.problems]
        settings = views.laid_over(settings, base.sections)
    rows = behind or path
    content, unread = _contents(rows)
    hashes = {name: hashlib.sha256(data).hexdigest() for name, data in content.items()}
    tables = {name: read(file, content.get(name)) for name, file in FILES.items() if name not in unread}
    frames = {name: tables[name].frame if name in tables else empty(file) for name, file in FILES.items()}
    problems += [one for found in unread.values() for one in found]
    problems += [one for table in tables.values() for one in table.problems]
    notes = [one for table in tables.values() for one in table.notes]
    notes += _unknown_files(rows)
    if behind is not None:
        notes += [
            Problem(name, None, "", "", "", f"not used: the rows are those of {behind.name} (`from`)")
            for name in FILES
            if (path / name).exists()
        ]
    # A path to a bundled folder is the folder alone; a view has the overlay of the bundled universe that it names.
    named = str(name_or_path) if behind is None else str(settings[views.FROM])
    over = overlay.folder(rows.name) if is_bundled(named) else None
    if own is None:
        own = {} if over is None else overlay.contents(over)
    laid = overlay.lay(frames, own)
    frames = laid.frames
    problems += laid.problems
    notes += laid.notes
    hashes |= laid.hashes
    for place, found in ((rows, base), (path, read_settings)):
        if found.sha256:
            hashes[SETTINGS if place == path else f"{rows.name}/{SETTINGS}"] = found.sha256
    problems += check_frames(frames, settings)
    more, told = disagreements(frames)
    problems += more
    notes += told
    if behind is not None:
        problems += views.problems(settings, read_settings.lines, frames["companies.csv"], behind.name)
        frames = views.restricted(
            frames, settings.get(views.TICKERS, ()), settings.get(views.COMPARABLES, ()),
            [str(one) for one in settings.get("benchmarks", {}).values()],
        )  # fmt: skip
    pack = sector.sector_of(settings, frames)
    problems += sector.problems(settings, read_settings.lines, frames)
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
        conflicts=_of(laid.conflicts, companies) if behind is not None else laid.conflicts,
        sector=pack,
        none_of=sector.none_of(settings, frames, pack),
        view_of="" if behind is None else behind.name,
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


def _of(conflicts: pd.DataFrame, companies: pd.DataFrame) -> pd.DataFrame:
    return conflicts[conflicts["ticker"].isin(companies["ticker"])].reset_index(drop=True)


def _contents(path: Path) -> tuple[dict[str, bytes], dict[str, list[Problem]]]:
    """The bytes of a folder's files by name, in the order of the schema, and what is wrong with those not readable."""
    found: dict[str, bytes] = {}
    unread: dict[str, list[Problem]] = {}
    for name in FILES:
        try:
            content = _content(path / name)
        except InputError as error:
            unread[name] = list(error.problems)
            continue
        if content is not None:
            found[name] = content
    return found, unread


def _unknown_files(path: Path) -> list[Problem]:
    absent = [name for name in FILES if not (path / name).exists()]
    return [
        Problem(other, None, "", "", "", f"unknown file, not used{did_you_mean(other, absent)}")
        for other in sorted(place.name for place in path.glob("*.csv") if place.name not in FILES)
    ]


def _behind(path: Path, settings: Mapping[str, Any]) -> Path | None:
    """The folder of the universe that one is a view of; None where it has rows of its own.

    Raises
    ------
    UniverseError
        There is no such universe, or it is a view itself.
    """
    parent = settings.get(views.FROM)
    if not isinstance(parent, str) or not parent.strip():
        return None
    place = HOME / parent if is_bundled(parent) else path / parent
    if not place.is_dir():
        raise UniverseError(
            f"{path.name}/{SETTINGS}: from {parent!r}: expected one of {', '.join(names())}, or a folder "
            "relative to this one"
        )
    if place.resolve() == path.resolve() or _settings(place).sections.get(views.FROM):
        raise UniverseError(
            f"{path.name}/{SETTINGS}: from {parent!r}: expected a universe with rows of its own, not a view"
        )
    return place if is_bundled(parent) else place.resolve()


@dataclass(frozen=True)
class _Settings:
    """`universe.toml`: its sections, the line of each key, its problems, and its hash, empty where it cannot be read."""

    sections: dict[str, Any]
    lines: Mapping[str, int | None]
    problems: list[Problem]
    sha256: str = ""


def _settings(path: Path) -> _Settings:
    from screener.config import universe_file  # with pydantic, which a command that only finds a universe does not need

    try:
        content = _content(path / SETTINGS)
        if content is None:
            absent = Problem(SETTINGS, None, "", "", "the file, with a title (see `screener universe new`)")
            return _Settings({}, {}, [absent])
        document = toml.parse(SETTINGS, content)
    except InputError as error:
        return _Settings({}, {}, list(error.problems))
    found = universe_file.problems(document)
    wrong = {one.column.partition(".")[0].partition("[")[0] for one in found}
    # What is no section has been noted as a problem, and the checks that follow need the others.
    sections = {
        name: value
        for name, value in document.table.items()
        if name == "title" or isinstance(value, dict) or (name in PLAIN and name not in wrong)
    }
    for name in ("sector", "groups"):
        if name in wrong and name in sections:
            kept = {"rule"} if name == "groups" else set()
            sections[name] = {key: value for key, value in sections[name].items() if key in kept}
    lines: dict[str, int | None] = {".".join(map(str, key)): line for key, line in document.lines.items()}
    return _Settings(sections, lines, found, hashlib.sha256(content).hexdigest())
