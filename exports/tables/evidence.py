"""What a screen rests on: how old the data of each company are, and every source with its link."""

from __future__ import annotations

import pandas as pd

from exports.commentary.labels import plain
from exports.tables.formats import day
from exports.tables.spec import Block, Column, Page, TableSpec, note
from valuation.screen import Screen

# What a company's figures stand for: the items of `Screen.periods` whose dates a reader asks for first.
DATES = {
    "price_usd": "Price", "shares_outstanding": "Share count", "cash": "Cash", "debt_total": "Debt",
    "btc_held": "Bitcoin held", "mw_secured": "Secured MW", "mw_ai_contracted_it": "Contracted AI MW",
}  # fmt: skip
NO_LINK = "no link"


def data_as_of_page(screen: Screen) -> Page:
    """The date that each main figure of each company stands for, and the data checks."""
    frame = screen.periods[[name for name in DATES if name in screen.periods]].rename_axis("ticker")
    columns = (
        Column("ticker", ""),
        *(Column(str(name), DATES[str(name)], "date", unknown="n/a") for name in frame.columns),
    )
    dates = TableSpec(
        "data_as_of", frame, columns,
        notes=("The day or the end of the period for which each figure stands; n/a: no figure is known.",),
    )  # fmt: skip
    issues = screen.issues.assign(
        what=[plain(str(text)) for text in screen.issues["what"]],
        detail=[plain(str(text)) for text in screen.issues["detail"]],
    )
    shown = (
        Column("severity", "Severity"),
        Column("ticker", "Company"),
        Column("what", "Data check"),
        Column("detail", "Detail"),
    )
    checks = TableSpec("checks", issues, shown, title="Data checks")
    blocks: list[Block] = [dates, checks] if len(issues) else [dates, note("Data checks: nothing to report.")]
    return Page(f"Data as of {day(screen.as_of)}", blocks, {"dates": frame, "issues": screen.issues}, {"dates": frame})


def sources_page(facts: pd.DataFrame, contracts: pd.DataFrame, as_of: pd.Timestamp) -> Page:
    """Every source of a company's facts and contracts: publication day, link, and what was taken from it.

    Parameters
    ----------
    facts : DataFrame
        `Screen.facts`.
    contracts : DataFrame
        `Screen.contracts`, or none of them where they carry no link.
    """
    parts = [facts[["ticker", "published_on", "source_url", "source", "item"]]]
    if "source_url" in contracts:
        parts.append(
            contracts.assign(
                published_on=contracts["announced_on"], source=contracts.get("file", ""),
                item=["contract " + str(name) for name in contracts["contract_id"]],
            )[["ticker", "published_on", "source_url", "source", "item"]]
        )  # fmt: skip
    rows = pd.concat(parts, ignore_index=True)
    linked = rows["source_url"].fillna("").astype(str)
    rows["address"] = linked.where(linked != "", rows["source"].fillna("").astype(str).str.partition(":")[0])
    rows["item"] = [plain(str(item)) for item in rows["item"]]
    grouped = rows.groupby(["ticker", "address", "published_on"], sort=True, dropna=False)
    frame = grouped["item"].agg(lambda items: ", ".join(dict.fromkeys(items))).rename("items").reset_index()
    frame = frame.sort_values(["ticker", "published_on", "address"], ascending=[True, False, True], kind="stable")
    columns = (
        Column("ticker", "Company"), Column("published_on", "Published", "date"), Column("address", "Source", "url"),
        Column("items", "Taken from it"),
    )  # fmt: skip
    table = TableSpec(
        "sources", frame.reset_index(drop=True), columns,
        notes=("A source without a link is a row of the universe's own files or a price source.",),
    )  # fmt: skip
    title = f"Sources: {len(facts):,} facts known on {day(as_of)}"
    return Page(title, [table], {"sources": frame}, {"sources": frame})
