"""Decisions of a person about proposals: accepted rows go into the overlay, every decision is remembered by its id."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from exports.tables.machine import write_whole
from screener import universes
from screener.errors import NotKnown, Problem, ProposalError, UniverseError, did_you_mean
from screener.lock import Lock
from screener.proposals.choosing import check_changed, decided_otherwise, file_of, to_accept, to_reject
from screener.proposals.columns import number
from screener.proposals.file import read
from screener.sources.fetched import FACT_COLUMNS
from screener.universes import overlay
from screener.universes.items import ITEMS
from screener.universes.overlay import ACCEPTED, DECISION_COLUMNS, DECISIONS, OVERLAY, REJECTED
from screener.universes.reading import read as read_table
from screener.universes.schema import FILES

HALF_WRITTEN = ".*.csv.????????"  # what `write_whole` leaves where it is killed


@dataclass(frozen=True)
class Decided:
    """What came of a decision.

    Attributes
    ----------
    decided : tuple of str
        Ids that were accepted or rejected now.
    already : tuple of str
        Ids that had the decision before; nothing was written for them.
    rejected : tuple of str
        Ids that were rejected now by the column decision of a file that was accepted.
    left : dict of str
        Ids that were not touched, and why.
    written : tuple of Path
        Files that changed.
    """

    decided: tuple[str, ...] = ()
    already: tuple[str, ...] = ()
    rejected: tuple[str, ...] = ()
    left: dict[str, str] = field(default_factory=dict)
    written: tuple[Path, ...] = ()


def accept(path: Path, by: str, now: datetime, *, universe: str = "miners", only: Sequence[str] = ()) -> Decided:
    """Write accepted proposals into the overlay of a bundled universe, and remember who accepted them and when.

    Without `only`, rows whose decision is blank and whose verdict needs no person are accepted, and those whose decision
    is `accept`; those whose decision is `reject` are remembered as rejected, with the note as the reason. A value that
    the person changed in the file is taken and noted in the evidence, where it passes the checks of a proposed one. All
    rows are written or none: the universe with them must pass every check. Facts come first and decisions last, each
    file whole: where the program is killed in between, the same call completes the work.

    Parameters
    ----------
    path : Path
        A file that `screener facts propose` wrote.
    by : str
        Who decides.
    now : aware datetime
    only : sequence of str
        Ids of the proposals to accept, whatever their verdict and the checks of a changed value.

    Raises
    ------
    ProposalError
        The file, a row in it, or what the universe says of it; nothing was written.
    NotKnown
        An id that the file does not have, or a universe without an overlay.
    Busy
        Another process is writing into the overlay.
    """
    by = " ".join(by.split())
    rows, place = _prepared(path, by, now, universe, only)
    with Lock(place / ".lock"):
        _tidy(place)
        own = overlay.contents(place)
        last = _last_decisions(own)
        chosen, left = to_accept(rows, only, last)
        refused = to_reject(path, place, rows.iloc[:0] if only else rows, last)
        check_changed(path, universe, chosen, only, last)
        files, new = _with_facts(path, own, chosen, by)
        _check(path, universe, files, new)
        fresh = chosen[decided_otherwise(chosen, last, ACCEPTED)]
        files[DECISIONS] = _with_decisions(own, fresh.assign(reason=""), path, ACCEPTED, by, now)
        files[DECISIONS] = _with_decisions(files, refused, path, REJECTED, by, now)
        written = _write(place, own, files)
    done = {*fresh["proposal_id"], *(row["proposal_id"] for row in new.values())}
    every = list(chosen["proposal_id"])
    return Decided(
        tuple(name for name in every if name in done), tuple(name for name in every if name not in done),
        tuple(refused["proposal_id"]), left, written,
    )  # fmt: skip


def reject(
    path: Path, by: str, now: datetime, reason: str, only: Sequence[str], *, universe: str = "miners"
) -> Decided:
    """Remember proposals as rejected: they are not proposed again.

    Raises
    ------
    ProposalError
        No reason, no id, or one that was accepted before; nothing was written.
    NotKnown, Busy
        As for `accept`.
    """
    if not reason.strip():
        raise ProposalError("a rejection needs a reason")
    if not only:
        raise ProposalError("name the proposals to reject by their ids")
    by = " ".join(by.split())
    rows, place = _prepared(path, by, now, universe, only)
    chosen = rows[rows["proposal_id"].isin(list(only))]
    with Lock(place / ".lock"):
        _tidy(place)
        own = overlay.contents(place)
        last = _last_decisions(own)
        fresh = to_reject(path, place, chosen.assign(decision=REJECTED, note=reason), last)
        written = _write(place, own, {DECISIONS: _with_decisions(own, fresh, path, REJECTED, by, now)})
    done = set(fresh["proposal_id"])
    already = tuple(name for name in chosen["proposal_id"] if name not in done)
    return Decided(tuple(fresh["proposal_id"]), already, written=written)


def _prepared(path: Path, by: str, now: datetime, universe: str, only: Collection[str]) -> tuple[pd.DataFrame, Path]:
    """The rows of the file and the folder of the overlay, which is made."""
    if not by:
        raise ProposalError("say who decides")
    assert now.tzinfo is not None
    if not universes.is_bundled(universe):
        raise NotKnown(
            f"{universe!r} is no bundled universe, and only these have an overlay: {', '.join(universes.names())}; "
            "edit the files of a folder of your own in place"
        )
    rows = read(path)
    unknown = [name for name in only if name not in set(rows["proposal_id"])]
    if unknown:
        hint = did_you_mean(unknown[0], rows["proposal_id"])
        raise NotKnown(f"{path}: no proposal {', '.join(unknown)}{hint}")
    place = overlay.folder(universes.overlay_owner(universe))
    place.mkdir(parents=True, exist_ok=True)
    return rows, place


def _with_facts(
    path: Path, own: dict[str, bytes], chosen: pd.DataFrame, by: str
) -> tuple[dict[str, bytes], dict[tuple[str, int], dict[str, Any]]]:
    """The overlay's files of facts with the accepted rows, and these by file and line.

    Raises
    ------
    ProposalError
        The overlay has another figure in a row of the same key, or an item is no one's.
    UniverseError
        A file of the overlay cannot be read.
    """
    files, new, problems = dict(own), {}, []
    for file in ITEMS:
        mine = chosen[np.array([file_of(item) == file for item in chosen["item"]], dtype=bool)]
        if mine.empty:
            continue
        content = own.get(file, (",".join(FACT_COLUMNS) + "\n").encode())
        table = read_table(replace(FILES[file], name=f"{OVERLAY}/{file}"), content)
        if table.problems:
            raise UniverseError.of(f"{OVERLAY}/{file}", table.problems)
        there = table.frame
        keys = {
            (row.ticker, row.item, row.period_end, row.published_on): (row.value, int(row.line))
            for row in there.itertuples(index=False)
        }
        header = _header(content)
        if content and not content.endswith(b"\n"):
            content += b"\n"
        for row in mine.to_dict("records"):
            key = (row["ticker"], row["item"], pd.Timestamp(row["period_end"]), pd.Timestamp(row["published_on"]))
            if key in keys:
                value, line = keys[key]
                if value != row["value"]:
                    expected = (
                        f"{value:.10g}, the figure that {OVERLAY}/{file}:{line} has for this row; change it there"
                    )
                    problems.append(Problem(path.name, int(row["line"]), "value", number(row["value"]), expected))
                continue
            line = content.count(b"\n") + 1
            keys[key] = (row["value"], line)
            content += _line(header, row, by, content)
            new[f"{OVERLAY}/{file}", line] = row
        files[file] = content
    if problems:
        raise ProposalError.of(path, problems)
    return files, new


def _header(content: bytes) -> list[str]:
    """The columns of a file of the overlay, in its own order."""
    lines = content.decode("utf-8-sig").splitlines()
    first = next((line for line in lines if not line.lstrip('"').startswith("#")), ",".join(FACT_COLUMNS))
    return [name.strip() for name in next(csv.reader([first]), [])]


def _line(header: list[str], row: dict[str, Any], by: str, content: bytes) -> bytes:
    """One accepted fact as a line of CSV."""
    cells = {name: str(row[name]) for name in FACT_COLUMNS} | {"value": number(row["value"])}
    if row["value"] != row["proposed_value"]:
        changed = f"value changed by {by} from {number(row['proposed_value'])}"
        cells["evidence"] = "; ".join(filter(None, [cells["evidence"], changed]))
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator="\r\n" if b"\r\n" in content else "\n").writerow(
        [" ".join(cells.get(name, "").split()) for name in header]
    )
    return out.getvalue().encode()


def _check(path: Path, universe: str, files: dict[str, bytes], new: dict[tuple[str, int], dict[str, Any]]) -> None:
    """Raise every problem that the universe has with the new rows, each at its line of the file of proposals."""
    _, problems = universes.examine(universe, files)
    told = []
    for one in problems:
        row = new.get((one.file, one.line or 0))
        told.append(one if row is None else replace(one, file=path.name, line=int(row["line"])))
    if told:
        raise ProposalError.of(path, told)


def _last_decisions(own: dict[str, bytes]) -> dict[str, str]:
    """The latest decision on each id."""
    decided = overlay.decisions(own)
    return dict(zip(decided["proposal_id"], decided["decision"], strict=True))


def _with_decisions(
    own: dict[str, bytes], rows: pd.DataFrame, path: Path, decision: str, by: str, now: datetime
) -> bytes:
    """decisions.csv with one more row a proposal, each with its `reason`."""
    content = own.get(DECISIONS, (",".join(DECISION_COLUMNS) + "\n").encode())
    if content and not content.endswith(b"\n"):
        content += b"\n"
    header = _header(content)
    out = io.StringIO(newline="")
    writer = csv.writer(out, lineterminator="\n")
    for row in rows.to_dict("records"):
        cells = {name: str(row[name]) for name in ("proposal_id", "ticker", "item", "period_end")} | {
            "value": number(row["value"]),
            "decision": decision,
            "by": by,
            "at": now.isoformat(timespec="seconds"),
            "reason": " ".join(row["reason"].split()),
            "file": path.name,
            "previous_value": number(row["previous_value"]),
        }
        writer.writerow([cells.get(name, "") for name in header])
    return content + out.getvalue().encode()


def _tidy(place: Path) -> None:
    """Remove what a killed call left half-written."""
    for path in place.glob(HALF_WRITTEN):
        path.unlink()


def _write(place: Path, own: dict[str, bytes], files: dict[str, bytes]) -> tuple[Path, ...]:
    """Write the files that changed, facts first and decisions last."""
    changed = [
        name for name in sorted(files, key=lambda name: (name == DECISIONS, name)) if files[name] != own.get(name)
    ]
    if changed == [DECISIONS] and files[DECISIONS].count(b"\n") <= 1:
        return ()
    for name in changed:
        write_whole(place / name, files[name], durable=True)
    return tuple(place / name for name in changed)
