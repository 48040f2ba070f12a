"""A person's own rows over a bundled universe: the same CSV files in a folder of the user's, which upgrades leave alone.

Facts are appended: of the rows on a period the overlay's is used, being reviewed by a person (`evidence_class`). In
every other file a row of the overlay with the key of a bundled row takes its place.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import Problem, UniverseError, did_you_mean
from screener.readers import content as contents_of
from screener.readers import csv_rows
from screener.universes.evidence_class import OVERLAY, in_order
from screener.universes.items import ITEMS
from screener.universes.reading import read
from screener.universes.schema import FILES

VARIABLE = "SCREENER_OVERLAYS"
DECISIONS = "decisions.csv"
# One row a decision about a proposal; `value` and `previous_value` are the figure decided on and the one then in force.
DECISION_COLUMNS = ["proposal_id", "ticker", "item", "period_end", "value", "decision", "by", "at", "reason", "file",
                    "previous_value"]  # fmt: skip
ACCEPTED, REJECTED = "accept", "reject"
FACT_KEY = ["ticker", "item", "period_end"]
# A fact of the overlay and the bundled one of the same period, where they differ.
CONFLICT_COLUMNS = [*FACT_KEY, "overlay_value", "universe_value", "published_on", "overlay", "universe"]
SAME = 1e-9  # figures closer than this part of each other are one


@dataclass(frozen=True)
class Laid:
    """A universe's frames with an overlay's rows in them.

    Attributes
    ----------
    frames : dict of DataFrame
        By file name; rows of the overlay carry `overlay/NAME` as their file.
    problems, notes : list of Problem
    hashes : dict
        SHA-256 of each file of the overlay, by `overlay/NAME`.
    conflicts : DataFrame
        `CONFLICT_COLUMNS`; `published_on` of the bundled row, `overlay` and `universe` as file:line.
    """

    frames: dict[str, pd.DataFrame]
    problems: list[Problem] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)
    hashes: dict[str, str] = field(default_factory=dict)
    conflicts: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=CONFLICT_COLUMNS))


def folder(name: str) -> Path:
    """Where the overlay of a bundled universe is, or would be: in `SCREENER_OVERLAYS`, else in the user's data folder."""
    home = os.environ.get(VARIABLE)
    if home:
        return Path(home) / name
    import platformdirs

    return platformdirs.user_data_path("miner-screener") / "overlays" / name


def contents(place: Path) -> dict[str, bytes]:
    """The CSV files of an overlay by name; empty where there is no overlay.

    Raises
    ------
    UniverseError
        One of them cannot be read.
    """
    if not contents_of.is_folder(place):
        return {}
    return {
        path.name: contents_of.read(path, UniverseError, name=f"{OVERLAY}/{path.name}")
        for path in sorted(place.glob("*.csv"))
    }


def create(name: str, files: tuple[str, ...] = ()) -> list[Path]:
    """Write commented, empty files of an overlay, those of the facts by default; what was written.

    Files that are there already stay as they are.

    Raises
    ------
    UniverseError
        A file that no universe has.
    """
    for wrong in (file for file in files if file not in FILES):
        raise UniverseError(f"{wrong}: no file of a universe; files: {', '.join(FILES)}{did_you_mean(wrong, FILES)}")
    from screener.universes.new import template

    place = folder(name)
    place.mkdir(parents=True, exist_ok=True)
    written = []
    for file in files or tuple(ITEMS):
        path = place / file
        if not path.exists():
            path.write_text(template(FILES[file]), encoding="utf-8")
            written.append(path)
    return written


def lay(frames: dict[str, pd.DataFrame], own: Mapping[str, bytes]) -> Laid:
    """Lay the files of an overlay over the frames of a universe.

    Parameters
    ----------
    frames : dict of DataFrame
        By file name, as `reading.read` gives them.
    own : mapping of bytes
        The overlay's files by name, from `contents`.
    """
    if not own:
        return Laid(frames)
    out = Laid(dict(frames))
    parts = []
    for name, file in FILES.items():
        if name not in own:
            continue
        table = read(replace(file, name=f"{OVERLAY}/{name}", required=False), own[name])
        out.problems.extend(table.problems)
        out.notes.extend(table.notes)
        out.hashes[f"{OVERLAY}/{name}"] = hashlib.sha256(own[name]).hexdigest()
        if table.frame.empty:
            continue
        below = frames[name]
        if name in ITEMS:
            parts.append(_conflicts(table.frame, below, decisions(own)))
        else:
            below, replaced = _without_replaced(table.frame, below, list(file.key))
            out.notes.extend(replaced)
        both = pd.concat([below, table.frame], ignore_index=True) if len(below) else table.frame
        out.frames[name] = both
    conflicts = pd.concat(parts, ignore_index=True) if parts else out.conflicts
    out.notes.extend(map(_note, conflicts.itertuples(index=False)))
    seen = _seen(own)
    if seen:
        out.hashes[f"{OVERLAY}/{DECISIONS}"] = seen
    for name in sorted(set(own) - set(FILES) - {DECISIONS}):
        hint = did_you_mean(name, FILES)
        out.notes.append(Problem(f"{OVERLAY}/{name}", None, "", "", "", f"unknown file, not used{hint}"))
    return replace(out, conflicts=conflicts)


def decisions(own: Mapping[str, bytes]) -> pd.DataFrame:
    """The decisions that an overlay remembers: `DECISION_COLUMNS`, days as datetime64, figures as numbers.

    Raises
    ------
    UniverseError
        The file is not one that the program wrote: a column is missing, a row is cut, or it is no CSV.
    """
    if DECISIONS not in own:
        texts = pd.DataFrame(columns=DECISION_COLUMNS, dtype=object)
    else:
        place = f"{OVERLAY}/{DECISIONS}"
        text = csv_rows.decoded(place, own[DECISIONS], UniverseError)
        rows = [row for row in csv_rows.rows(place, text, UniverseError) if row.cells]
        problems = _cut(place, text, rows)
        if problems:
            raise UniverseError.of(place, problems)
        header = rows[0].cells if rows else []
        missing = [name for name in DECISION_COLUMNS if header.count(name) != 1]
        if missing:
            raise UniverseError(f"{place}:1: expected the columns {', '.join(missing)} too, each once")
        texts = pd.DataFrame([row.cells for row in rows[1:]], columns=header, dtype=object)
    out = texts[DECISION_COLUMNS].copy()
    out["period_end"] = pd.to_datetime(out["period_end"], format="%Y-%m-%d", errors="coerce").astype("datetime64[ns]")
    for name in ("value", "previous_value"):
        out[name] = pd.to_numeric(out[name], errors="coerce").astype(float)
    return out


def _cut(place: str, text: str, rows: list[csv_rows.Row]) -> list[Problem]:
    """Rows with fewer cells than the header, or without the figures and words that every decision has.

    A file that was cut within its last cells still has every comma; the program ends each row with a line break, so a
    last row without one is not whole either.
    """
    width = len(rows[0].cells) if rows else 0
    problems = [
        Problem(place, row.line, "", "", f"{width} cells as in the header, found {len(row.cells)}")
        for row in rows[1:]
        if len(row.cells) != width
    ]
    if not problems and text and not text.endswith(("\n", "\r")):
        expected = "a whole row: the last row ends without a line break"
        problems.append(Problem(place, rows[-1].line if rows else 1, "", "", expected))
    return problems


def _seen(own: Mapping[str, bytes]) -> str:
    """Hash of what the decisions say about conflicts: the bundled figures that a person saw when accepting another.

    When and by whom is no input of a run, nor is what was rejected.
    """
    accepted = decisions(own)
    accepted = accepted[accepted["decision"].eq(ACCEPTED) & accepted["previous_value"].notna()]
    rows = accepted[[*FACT_KEY, "previous_value"]].drop_duplicates().sort_values([*FACT_KEY, "previous_value"])
    return hashlib.sha256(rows.to_csv(index=False).encode()).hexdigest() if len(rows) else ""


def _conflicts(own: pd.DataFrame, below: pd.DataFrame, decided: pd.DataFrame) -> pd.DataFrame:
    """Facts of the overlay beside the bundled one of the same period, where they differ and nobody has seen it."""
    ours, theirs = (
        in_order(rows.dropna(subset=[*FACT_KEY, "published_on", "value"])).drop_duplicates(FACT_KEY, keep="last")
        for rows in (own, below)
    )
    both = ours.merge(theirs, on=FACT_KEY, suffixes=("_own", ""))
    both = both[_apart(both["value_own"], both["value"])].reset_index(names="pair")
    seen = decided.loc[decided["decision"] == ACCEPTED, [*FACT_KEY, "previous_value"]]
    known = both.merge(seen, on=FACT_KEY)
    known = known[~_apart(known["previous_value"], known["value"])]
    both = both[~both["pair"].isin(known["pair"])]
    return pd.DataFrame(
        {
            **{name: both[name] for name in FACT_KEY},
            "overlay_value": both["value_own"],
            "universe_value": both["value"],
            "published_on": both["published_on"],
            "overlay": [f"{file}:{line}" for file, line in zip(both["file_own"], both["line_own"], strict=True)],
            "universe": [f"{file}:{line}" for file, line in zip(both["file"], both["line"], strict=True)],
        },
        columns=CONFLICT_COLUMNS,
    ).reset_index(drop=True)


def _apart(one: pd.Series, other: pd.Series) -> np.ndarray:
    return ~np.isclose(one.to_numpy(dtype=float), other.to_numpy(dtype=float), rtol=SAME, atol=0.0)


def _note(row: Any) -> Problem:
    file, _, line = row.overlay.rpartition(":")
    message = (
        f"conflict: {row.universe} has {row.universe_value:,.10g} for {row.ticker} {row.item} of "
        f"{row.period_end:%Y-%m-%d}; the overlay's row is used"
    )
    return Problem(file, int(line), "value", f"{row.overlay_value:.10g}", "", message)


def _without_replaced(own: pd.DataFrame, below: pd.DataFrame, key: list[str]) -> tuple[pd.DataFrame, list[Problem]]:
    """The bundled rows without those whose key the overlay has, and a note on each of these."""
    if below.empty:
        return below, []
    ours = pd.MultiIndex.from_frame(own[key].astype(object))
    again = pd.MultiIndex.from_frame(below[key].astype(object)).isin(ours)
    notes = []
    for _, old in below[again].iterrows():
        new = own[(own[key] == old[key]).all(axis=1)].iloc[0]
        apart = [
            str(name) for name in own.columns.intersection(below.columns)
            if name not in ("file", "line") and not (new[name] == old[name] or (pd.isna(new[name]) and pd.isna(old[name])))
        ]  # fmt: skip
        what = f"conflict in {', '.join(apart)}" if apart else "the same row"
        message = f"{what}: {old['file']}:{old['line']} has this key too; the overlay's row is used"
        notes.append(Problem(str(new["file"]), int(new["line"]), key[0], str(new[key[0]]), "", message))
    return below[~again], notes
