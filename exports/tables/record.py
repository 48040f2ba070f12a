"""The record of a run: what its JSON file and the hidden sheet of its workbook hold, so that two runs can be compared."""

from __future__ import annotations

from typing import Any

from valuation.comparison.changes import Snapshot

# The sheet of a workbook that holds the record, and the characters of it in one cell (Excel takes 32,767).
RECORD_SHEET, CELL_LENGTH = "Record", 30_000
# Keys of the record that are read back.
KEYS = (
    "universe", "title", "as_of", "btc_usd", "manifest", "table", "status", "causes", "excluded", "bridge", "contracts",
    "facts", "issues", "headline", "findings",
)  # fmt: skip


def record_content(run: Snapshot) -> dict[str, Any]:
    """A run as a JSON object: `table` is a row a company with its name; unknown values are null, never zero."""
    table = run.table.drop(columns="excluded").rename_axis("ticker")
    table.insert(0, "name", run.names)
    return {
        "universe": run.universe,
        "title": run.title,
        "as_of": run.as_of,
        "btc_usd": run.btc_usd,
        "manifest": run.manifest,
        "table": table,
        "status": run.status.drop(columns="excluded", errors="ignore").rename_axis("ticker"),
        "causes": run.causes.drop(columns="excluded", errors="ignore").rename_axis("ticker"),
        "excluded": {ticker: reason for ticker, reason in run.table["excluded"].items() if reason},
        "bridge": run.bridge.rename_axis("ticker"),
        "contracts": run.contracts,
        "facts": run.facts,
        "issues": run.issues,
        "headline": run.headline,
        "findings": list(run.findings or ()),
    }
