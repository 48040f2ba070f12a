"""The companies of a screen or of a stored run as a table, with statuses, and the count of its data checks."""

from __future__ import annotations

import pandas as pd

from exports.commentary.labels import GROUPS
from exports.tables.formats import LEGEND, several
from exports.tables.spec import Column, TableSpec, Text, column, note
from valuation.metrics import METRICS
from valuation.screen import SEVERITIES

OUTSIDE = "* outside the statistics"


def companies(figures: pd.DataFrame, status: pd.DataFrame) -> TableSpec:
    """A row a company; a wide page shows every EV multiple of the registry too."""
    fixed = (
        column("price_usd"), column("equity_value_usd", unit="usd_fine", short="Equity\nvalue"),
        column("enterprise_value_usd", unit="usd_fine", short="EV"), column("ev_per_mw_secured", short="EV /\nsecured\nMW"),
        column("ev_per_mw_operating", short="EV /\noper.\nMW"), column("ai_share_contracted", short="AI share\ncontr."),
        column("backlog_usd"), column("ev_to_backlog", short="Compl.\nEV /\nbacklog"),
        column("secured_mw", priority=2), column("premium_to_line", unit="change", priority=3),
    )  # fmt: skip
    named = {shown.key for shown in fixed}
    more = [
        column(name, priority=4)
        for name, metric in METRICS.items()
        if name.startswith("ev_") and metric.unit in ("m_usd_per_mw", "multiple") and name not in named
    ]
    frame = figures.rename_axis("ticker").assign(group=[GROUPS.get(group, "unknown") for group in figures["group"]])
    outside = figures["excluded"].astype(bool)
    return TableSpec(
        "companies", frame, (Column("ticker", ""), Column("group", "Group"), *fixed, *more),
        status=status.drop(columns="group", errors="ignore").rename_axis("ticker"),
        marks=outside.map({True: "*", False: ""}), styles=outside.map({True: "dim", False: ""}),
        notes=(f"{LEGEND}, {OUTSIDE}.",),
    )  # fmt: skip


def data_checks(issues: pd.DataFrame, where: str = "") -> Text:
    counts = issues["severity"].value_counts()
    found = ", ".join(several(counts[name], name) for name in SEVERITIES if name in counts)
    return note(f"Data checks: {found or 'nothing to report'}{f' ({where})' if where and found else ''}.")


def figures_with_status(table: pd.DataFrame, status: pd.DataFrame, names: pd.Series) -> pd.DataFrame:
    """Ticker, name, each metric with its status, and why a company is outside the statistics."""
    figures = table.rename_axis("ticker")
    figures.insert(0, "name", names)
    spec = TableSpec("", figures, (), status=status.drop(columns=["excluded", "name"], errors="ignore"))
    return spec.machine()
