"""What the positions own inside their companies, as tables."""

from __future__ import annotations

from exports.tables.portfolio.words import power_unit
from exports.tables.spec import Block, Column, TableSpec, note, warning
from valuation.portfolio.look_through import MEANS
from valuation.portfolio.report import PortfolioReport

SHOWN_PARTIES = 8


def look_through(report: PortfolioReport, shown: int = SHOWN_PARTIES, *, companies: bool = False) -> list[Block]:
    """Backlog by counterparty with its guarantees; the companies too where a page is wide."""
    through = report.look_through
    if through.companies.empty:
        return [warning("No share of a company of the universe is held: look-through is not available.")]
    blocks: list[Block] = [_companies(report)] if companies else []
    parties = through.counterparties.dropna(subset="backlog_usd").head(shown).rename_axis("counterparty")
    if len(parties):
        columns = (
            Column("counterparty", "Backlog by counterparty"), Column("backlog_usd", "Backlog", "usd_whole"),
            Column("share", "Share", "fraction"), Column("guaranteed_usd", "Guaranteed", "usd_whole", "Guaran-\nteed"),
            Column("guarantors", "By", priority=2), Column("companies", "Through"),
        )  # fmt: skip
        blocks.append(TableSpec("counterparties", parties, columns))
    behind = through.guarantors.rename_axis("guarantor")
    if len(behind) and companies:
        behind_columns = (
            Column("guarantor", "Guaranteed backlog by guarantor"), Column("backlog_usd", "Backlog", "usd_whole"),
            Column("share", "Share of backlog", "fraction"), Column("tenants", "Tenants"), Column("companies", "Through"),
        )  # fmt: skip
        blocks.append(TableSpec("guarantors", behind, behind_columns))
    blocks.append(note(f"{MEANS} Shorts count negative in what is owned, and in no mean."))
    if through.outside:
        blocks.append(note(f"Outside the universe, excluded from look-through: {', '.join(through.outside)}."))
    return blocks


def _companies(report: PortfolioReport) -> TableSpec:
    """What is owned of each company."""
    rows = report.look_through.companies.rename_axis("company")
    unit, times = power_unit(float(report.look_through.totals["secured_mw"]))
    frame = rows.assign(secured=rows["secured_mw"] * times, it=rows["ai_contracted_it_mw"] * times)
    columns = (
        Column("company", "Company"), Column("value_usd", "Value", "usd_whole"),
        Column("secured", f"Secured {unit}", "number"), Column("it", f"Contracted critical IT {unit}", "number"),
        Column("contracted_revenue_usd", "Revenue a year", "usd_whole"), Column("backlog_usd", "Backlog", "usd_whole"),
        Column("bitcoin", "Bitcoin", "number"), Column("p_nav", "P/NAV", "multiple"),
        Column("option_shares", "Shares in options (delta)", "count"),
    )  # fmt: skip
    return TableSpec(
        "companies", frame, columns, title="Owned by company", data=report.look_through.companies.reset_index()
    )
