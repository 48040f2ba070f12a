"""A universe as somebody would have had it on an earlier day, without what was published or dated later."""

from __future__ import annotations

import csv
import io
from pathlib import Path

from screener.universes import SETTINGS, find
from screener.universes.schema import FILES

# The columns that say when a row was public and which day it is of. Files without a day (companies, comparables) are
# kept whole.
KNOWN_ON = {
    "financials.csv": ("published_on", "period_end"),
    "capacity.csv": ("published_on", "period_end"),
    "contracts.csv": ("announced_on",),
    "contract_terms.csv": ("published_on",),
    "phases.csv": ("published_on",),
    "instruments.csv": ("published_on", "issued_on"),
    "transactions.csv": ("published_on", "date"),
    "debt.csv": ("known_on",),
    "raises.csv": ("announced_on",),
    "estimates.csv": ("published_on",),
    "deals.csv": ("date",),
    "claims.csv": ("said_on",),
    "renames.csv": ("first_day_under_new",),
    "sites.csv": ("as_of",),
    "events.csv": ("date",),
    "prices.csv": ("date",),
    "network.csv": ("date",),
    "splits.csv": ("first_day_on_new_basis",),
}
# What had not happened yet: the cell is blank on the day.
NOT_YET = {
    "contracts.csv": ("exited_on",),
    "instruments.csv": ("retired_on",),
    "companies.csv": ("contracts_reviewed_on",),
}


def cut(universe: str | Path, day: str, target: Path) -> Path:
    """Write a universe as of a day (YYYY-MM-DD) into the folder `target`, which is made; the folder.

    Rows published or dated after the day are dropped from every file, and what happened later is blank. The reviews of
    contracts (`contracts_reviewed_on`) describe the compilation: they are set to the day, since a blank would say that
    nobody looked.
    """
    source = find(universe)
    target.mkdir(parents=True)
    for name in FILES:
        if (source / name).exists():
            (target / name).write_text(_cut(name, (source / name).read_text(encoding="utf-8"), day), encoding="utf-8")
    (target / SETTINGS).write_bytes((source / SETTINGS).read_bytes())
    return target


def _cut(name: str, text: str, day: str) -> str:
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    out = io.StringIO(newline="")
    writer = csv.DictWriter(out, fieldnames=list(rows[0]) if rows else next(csv.reader([text])), lineterminator="\n")
    writer.writeheader()
    for row in rows:
        # ISO days compare as texts; a year or a month alone counts from its beginning.
        if any(row[column] > day for column in KNOWN_ON.get(name, ())):
            continue
        for column in NOT_YET.get(name, ()):
            if row[column] > day:
                row[column] = day if column == "contracts_reviewed_on" else ""
        writer.writerow(row)
    return out.getvalue()
