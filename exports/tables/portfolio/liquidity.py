"""Days to liquidate, as a table."""

from __future__ import annotations

from exports.tables.spec import Block, Column, TableSpec, Text
from valuation.portfolio.liquidity import HORIZONS
from valuation.portfolio.report import PortfolioReport


def liquidity(report: PortfolioReport) -> list[Block]:
    """Days to sell or cover each name, or why they are not known."""
    found = report.liquidity
    if found is None:
        return [Text(f"Days to liquidate {report.liquidity_note}.")]
    shares = ", ".join(f"{found.within(days):.0%} within {days}" for days in HORIZONS)
    columns = (
        Column("name", "Name"), Column("shares", "Shares", "count"), Column("value_usd", "Value", "usd_whole"),
        Column("volume", "Average shares a day", "count"), Column("days", "Days", "number"),
    )  # fmt: skip
    notes = (
        f"At {found.participation:.0%} of the average daily volume of {found.sessions} sessions ({found.source}); trading "
        f"days. Of the value of shares and funds with a known volume: {shares}.",
    )
    return [TableSpec("liquidity", found.names, columns, notes=notes)]
