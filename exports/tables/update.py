"""An update of the ledger as a page: every source and company, how its last question ended, and how old its answer is."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from exports.tables.formats import several
from exports.tables.spec import Block, Column, Page, TableSpec, bad, note

# A remark of this many companies of one source is told once below the table.
REPEATED = 3
COLUMNS = (
    Column("source", "Source"),
    Column("company", "Company"),
    Column("outcome", "Outcome"),
    Column("age", "Answered"),
)


def update_page(
    rows: pd.DataFrame, requests: Mapping[str, int], faults: Mapping[str, str], place: str, *, every: bool = True
) -> Page:
    """The rows of an update.

    Parameters
    ----------
    rows : DataFrame
        source, company, outcome, age (Timedelta), failed.
    requests : mapping
        Requests made now, by source.
    faults : mapping
        What a whole part failed with.
    place : str
        Where the ledger is.
    every : bool
        False leaves out companies whose last question was answered.
    """
    shown = rows if every else rows[rows["failed"]]
    outcomes, repeated = _told_once(shown)
    table = shown.assign(
        age=[_age(age) for age in shown["age"]], company=shown["company"].replace("", "-"), outcome=outcomes
    )
    blocks: list[Block] = [
        TableSpec("update", table, COLUMNS, styles=table["failed"].map({True: "bad", False: ""}), data=_machine(rows))
    ]
    blocks += [note(text) for text in repeated]
    failed = int(rows["failed"].sum())
    answered = f"{len(rows) - failed} of {len(rows)} answered"
    made = ", ".join(f"{source} {count}" for source, count in sorted(requests.items()) if count)
    blocks.append(note(f"{answered}. Requests made now: {made or 'none, nothing was due'}. Ledger: {place}"))
    blocks += [bad(f"{part}: {why}") for part, why in faults.items()]
    kept = _machine(rows)
    content = {"rows": kept, "requests": dict(requests), "faults": dict(faults), "ledger": place}
    return Page("Update of prices, Bitcoin network and filings", blocks, content, {"update": kept})


def _told_once(rows: pd.DataFrame) -> tuple[pd.Series, list[str]]:
    """Outcomes without a remark that several companies of a source share, and each such remark once."""
    if rows.empty:
        return rows["outcome"], []
    parts = rows["outcome"].astype(str).str.partition("; ")
    remark = parts[2]
    alike = remark.groupby([rows["source"], remark]).transform("size")
    shared = (remark != "") & (alike >= REPEATED)
    texts = [
        f"{source}, {size} companies: {told}"
        for (source, told), size in rows[shared].groupby(["source", remark[shared]], sort=False).size().items()
    ]
    return rows["outcome"].where(~shared, parts[0]), texts


def _machine(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows as files hold them, ages in hours."""
    return rows.assign(hours_since_answer=[_hours(age) for age in rows["age"]]).drop(columns="age")


def _hours(age: pd.Timedelta) -> float | None:
    return None if pd.isna(age) else round(age.total_seconds() / 3600, 2)


def _age(age: pd.Timedelta) -> str:
    """How long ago, in the largest unit that is not below one."""
    if pd.isna(age):
        return "never"
    minutes = int(age.total_seconds() // 60)
    if minutes < 1:
        return "now"
    for unit, length in (("day", 1440), ("hour", 60), ("minute", 1)):
        if minutes >= length:
            return f"{several(minutes // length, unit)} ago"
    raise AssertionError("unreachable: a minute or more")
