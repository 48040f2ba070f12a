"""Age of the data behind a screen as tables: by company and part, and of one company item by item."""

from __future__ import annotations

import math

import pandas as pd

from exports.tables.spec import Block, Column, TableSpec, note
from valuation.freshness import BALANCE, CONTRACTS, PARTS, POWER, PRICE, REVENUE, by_part

TITLES = {
    PRICE: "Price",
    BALANCE: "Balance\nsheet",
    REVENUE: "Revenue",
    POWER: "Power",
    CONTRACTS: "Contracts\nreviewed",
}


def data_as_of(ages: pd.DataFrame, *, every: bool = False) -> list[Block]:
    """Age of each company's oldest item of each part; of the companies with a stale item alone unless `every`.

    Parameters
    ----------
    ages : DataFrame
        `Screen.freshness`.
    """
    wide = by_part(ages)
    any_stale = wide["stale"].any(axis=1)
    if not every and not any_stale.any():
        return [note("Data as of: no item of any company is older than its maximum age.")]
    shown = wide if every else wide[any_stale]
    frame = pd.DataFrame(
        {
            part: [_age(days, old) for days, old in zip(shown["age_days"][part], shown["stale"][part], strict=True)]
            for part in PARTS
        },
        index=shown.index,
    )
    fresh = len(wide) - len(shown)
    about = (
        "Age in days of the oldest item of each part, s: older than its maximum age. Sheet Quality lists every item."
    )
    if fresh:
        about += f" {fresh} of {len(wide)} companies have no stale item (--verbose lists them)."
    columns = (Column("ticker", "Data as of"), *(Column(part, title.replace("\n", " "), "figures", title, unknown="n/a")
                                                for part, title in TITLES.items()))  # fmt: skip
    return [TableSpec("data_as_of", frame, columns, notes=(about,), data=ages)]


def of_company(ages: pd.DataFrame) -> TableSpec:
    """Age of one company's items, the furthest beyond its limit first."""
    rows = ages.assign(
        age=[_age(days, old) for days, old in zip(ages["age_days"], ages["stale"], strict=True)],
        limit=[f"{days:.0f}" for days in ages["limit_days"]],
        checked=[
            "" if pd.isna(on) else f"{on:%Y-%m-%d}{f', {against}' if against else ''}"
            for on, against in zip(ages["checked_on"], ages["checked_against"], strict=True)
        ],
    )
    columns = [
        Column("title", "Data as of"), Column("period_end", "Stands for", "date"),
        Column("published_on", "Published", "date", unknown=""), Column("age", "Days", "figures"),
        Column("limit", "Limit", "figures"), Column("source", "Source", priority=1),
    ]  # fmt: skip
    if rows["checked"].any():
        columns.append(Column("checked", "Last checked", priority=2))
    return TableSpec(
        "freshness", rows, columns, notes=("Days: age at the date of the screen, s: above its limit.",), data=ages
    )


def _age(days: float, old: bool) -> str:
    return "n/a" if math.isnan(days) else f"{days:.0f}{'s' if old else ''}"
