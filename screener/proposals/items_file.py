"""Items out of filings as a CSV file: the columns of `sources.edgar.filed.ITEM_COLUMNS`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd

from screener.errors import Problem, ProposalError
from screener.readers import content
from screener.sources.told import ITEM_COLUMNS
from screener.universes.reading import read as read_table
from screener.universes.schema import DATE, FILES, Column, File

_FACTS = FILES["financials.csv"]
ITEMS_FILE = File(
    "items.csv",
    {
        **_FACTS.columns,
        "kind": Column(one_of=("filing", "companyfacts", "EX-99.1"), required=True, about="where in EDGAR it was read"),
        "form": Column(about="form of the filing"),
        "accession": Column(about="accession number of the filing"),
        "filed": Column(DATE, about="EDGAR's filing date"),
        "accepted_at": Column(about="time of acceptance, UTC"),
        "checks": Column(about="cross-checks that held or failed"),
        "needs": Column(about="why a person must decide; blank where none must"),
    },
    key=_FACTS.key,
)


def read(path: Path) -> pd.DataFrame:
    """Items out of filings, as a file has them: `ITEM_COLUMNS`, `accepted_at` aware (NaT where blank), texts without NaN.

    Raises
    ------
    ProposalError
        Every bad cell with its line and column.
    """
    table = read_table(replace(ITEMS_FILE, name=path.name, required=True), content.read(path, ProposalError))
    kinds, cells = ITEMS_FILE.columns["kind"].one_of, table.frame[["kind", "line"]]
    wrong = cells[cells["kind"].notna() & ~cells["kind"].isin(kinds)]
    problems = [
        *table.problems,
        *(
            Problem(path.name, int(row.line), "kind", str(row.kind), f"one of {', '.join(kinds)}")
            for row in wrong.itertuples()
        ),
    ]
    if problems:
        raise ProposalError.of(path, problems)
    rows = table.frame[ITEM_COLUMNS].copy()
    rows["accepted_at"] = pd.to_datetime(
        rows["accepted_at"].astype(object), utc=True, errors="coerce", format="ISO8601"
    )
    for name in ("evidence", "form", "accession", "checks", "needs"):
        rows[name] = rows[name].astype(object).where(rows[name].notna(), "")
    return rows
