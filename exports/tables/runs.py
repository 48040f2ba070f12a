"""The stored runs as a table: a module of its own, since a list of runs loads nothing of what a screen is made of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd

from exports.tables.spec import Column, Page, TableSpec


def runs_page(runs: Sequence[Any]) -> Page:
    """The history, a row a run; a void run is struck out."""
    rows = [
        {
            "run": run.run_id, "as_of": str(run.as_of), "recorded": f"{run.recorded_at:%Y-%m-%d %H:%M}", "kind": run.kind,
            "prices": f"{run.price_source}{' !' if run.fell_back else ''}", "gap": run.gap_ratio,
            "n": f"{run.n_pivot}+{run.n_bitcoin}", "premium": run.premium,
        }
        for run in runs
    ]  # fmt: skip
    void = [run.void is not None for run in runs]
    columns = (
        Column("run", "Run"), Column("as_of", "As of"), Column("recorded", "Recorded (UTC)"), Column("kind", "Kind"),
        Column("prices", "Prices"), Column("gap", "Gap", "multiple"), Column("n", "n"),
        Column("premium", "Premium", "change"),
    )  # fmt: skip
    table = TableSpec(
        "runs", pd.DataFrame(rows, columns=[shown.key for shown in columns]), columns,
        marks=pd.Series([" void" if one else "" for one in void], dtype=object),
        styles=pd.Series(["strike" if one else "" for one in void], dtype=object),
    )  # fmt: skip
    return Page("", (table,), {"runs": table}, {"runs": table})
