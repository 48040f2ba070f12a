"""Which rows of a file of proposals are accepted, rejected or left, and whether a person's own values pass the checks."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import numpy as np
import pandas as pd

from screener import universes
from screener.errors import Problem, ProposalError
from screener.proposals.columns import VERDICTS, WITHOUT_ASKING, number
from screener.proposals.verdicts import doubts, on_basis
from screener.universes.items import ITEMS
from screener.universes.overlay import ACCEPTED, REJECTED


def to_accept(rows: pd.DataFrame, only: Collection[str], last: dict[str, str]) -> tuple[pd.DataFrame, dict[str, str]]:
    """The rows to accept, and the ids of the others with the reason."""
    left: dict[str, str] = {}
    if only:
        return rows[rows["proposal_id"].isin(list(only))], left
    for row in rows.to_dict("records"):
        name = row["proposal_id"]
        if row["decision"] in ("", REJECTED) and last.get(name) == REJECTED:
            left[name] = "rejected"
        elif not row["decision"] and row["verdict"] not in WITHOUT_ASKING:
            left[name] = f"{row['verdict']}: {row.get('checks') or VERDICTS.get(row['verdict'], '')}".rstrip(": ")
    return rows[~rows["proposal_id"].isin(list(left)) & rows["decision"].ne(REJECTED)], left


def to_reject(path: Path, place: Path, rows: pd.DataFrame, last: dict[str, str]) -> pd.DataFrame:
    """The rows whose decision is `reject` and not remembered yet, with the note as `reason`.

    Raises
    ------
    ProposalError
        One has no note, or was accepted before.
    """
    rows = rows[rows["decision"].eq(REJECTED).to_numpy(dtype=bool)]
    problems = []
    for row in rows.to_dict("records"):
        before = last.get(row["proposal_id"])
        if before == ACCEPTED:
            said = f"accepted before; take its row out of {place / file_of(row['item'])} instead"
            problems.append(Problem(path.name, int(row["line"]), "proposal_id", row["proposal_id"], "", said))
        elif before != REJECTED and not row["note"].strip():
            expected = "the reason for the rejection, which is kept with the decision"
            problems.append(Problem(path.name, int(row["line"]), "note", "", expected))
    if problems:
        raise ProposalError.of(path, problems)
    fresh = rows[decided_otherwise(rows, last, REJECTED)]
    return fresh.assign(reason=fresh["note"])


def decided_otherwise(rows: pd.DataFrame, last: dict[str, str], decision: str) -> np.ndarray:
    """A mask: whether the latest decision on each row is another one, or none."""
    return np.array([last.get(name) != decision for name in rows["proposal_id"]], dtype=bool)


def check_changed(path: Path, universe: str, chosen: pd.DataFrame, only: Collection[str], last: dict[str, str]) -> None:
    """Hold the values that a person changed against the checks of a proposed one, where their ids are not named.

    Raises
    ------
    ProposalError
        Each value that fails one, at its line.
    """
    problems = []
    rows = chosen[
        decided_otherwise(chosen, last, ACCEPTED) & ~chosen["proposal_id"].isin(list(only)).to_numpy(dtype=bool)
    ]
    for row in rows[(rows["value"] != rows["proposed_value"]).to_numpy(dtype=bool)].to_dict("records"):
        # Where nothing came before, the filing's own figure is what the change is held against.
        previous = row["proposed_value"] if pd.isna(row["previous_value"]) else row["previous_value"]
        if row["item"] == "shares_outstanding" and row["previous_period"]:
            splits = universes.load(universe).splits
            previous = on_basis(splits, row["ticker"], previous, row["previous_period"], row["period_end"])
        found = doubts(row["item"], row["value"], previous)
        if found:
            expected = f"a value that passes the checks ({'; '.join(found)}), or its id named with --only"
            problems.append(Problem(path.name, int(row["line"]), "value", number(row["value"]), expected))
    if problems:
        raise ProposalError.of(path, problems)


def file_of(item: str) -> str:
    """The file of a universe that holds an item; the first where none does."""
    return next((file for file, items in ITEMS.items() if item in items), next(iter(ITEMS)))
