"""Filings as a page: what was filed, its links, and the reports expected next."""

from __future__ import annotations

import pandas as pd

from exports.tables.formats import day
from exports.tables.spec import Block, Column, Page, Points, TableSpec, note


def filings_page(
    filings: pd.DataFrame, expected: pd.DataFrame, since: pd.Timestamp, seen: pd.Timestamp | None, hidden: int
) -> Page:
    """Filings since a day, newest first, and the next report expected of each company.

    Parameters
    ----------
    filings : DataFrame
        ticker, filed, form, items, kind, what, after_close, accession, url.
    expected : DataFrame
        ticker, form, period_end, expected_on, basis, n, status.
    since : Timestamp
    seen : Timestamp or None
        When the SEC was last asked; None where it never was.
    hidden : int
        Filings of insiders and holders that are not listed.
    """
    asked = f"EDGAR was last asked on {seen:%Y-%m-%d %H:%M} UTC." if seen is not None else "EDGAR was not asked yet."
    left = f" {hidden:,} filings of insiders and holders are not listed." if hidden else ""
    shown = filings.assign(late=filings["after_close"].map(lambda late: "after close" if late is True else ""))
    columns = (
        Column("ticker", ""), Column("filed", "Filed", "date"), Column("form", "Form"), Column("items", "8-K items"),
        Column("kind", "Kind"), Column("late", "", priority=1),
    )  # fmt: skip
    kinds = "Kind: what the form or the 8-K items announce; a person decides where two are named."
    blocks: list[Block] = [note(asked + left)]
    if len(shown):
        blocks.append(TableSpec("filings", shown, columns, notes=(kinds,), data=filings))
        lines = [
            f"{row.ticker} {row.filed:%Y-%m-%d} {row.form}: {row.url.rpartition('/')[0]}"
            for row in filings.itertuples(index=False)
        ]
        blocks.append(Points("Links to the filings' folders (files written with --format name each document)", lines))
    else:
        blocks.append(note("No filing is known since that day."))
    if len(expected):
        ahead = (
            Column("ticker", ""), Column("form", "Form"), Column("period_end", "Period end", "date"),
            Column("expected_on", "Expected on", "date"), Column("n", "n", "count"), Column("status", "Status"),
        )  # fmt: skip
        about = (
            "Expected on: the period's end and the median lag of n earlier reports; an estimate, not an announcement. "
            "Unknown where fewer than two earlier reports are known."
        )
        blocks.append(TableSpec("expected", expected, ahead, title="Next report expected", notes=(about,)))
    content = {"since": since, "asked": seen, "filings": filings, "expected": expected}
    return Page(f"Filings since {day(since)}", blocks, content, {"filings": filings, "expected": expected})
