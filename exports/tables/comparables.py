"""Comparables as a page: our medians, data-centre companies, market figures, private deals."""

from __future__ import annotations

import pandas as pd

from exports.tables.formats import day, multiple, per_mw
from exports.tables.spec import Block, Column, Page, Points, TableSpec, Text, note
from valuation.comparables import Comparables
from valuation.groups import BITCOIN, PIVOT

MEASURES = {
    "op_units_limited_partners": "Operating partnership units of limited partners",
    "redeemable_nci": "Redeemable minorities",
    "it_capacity_operating": "Operating IT capacity",
    "net_debt_to_adjusted_ebitda": "Net debt over adjusted EBITDA",
    "backlog_signed_not_commenced_100pct": "Rent signed, not yet started, at 100%",
    "data_centre_leased_ytd": "Data centre MW leased this year",
    "market_value_common": "Equity value",
}
UNITS = {
    "million": "million", "musd": "$m", "usd": "$", "bn usd": "$bn", "musd annual": "$m a year", "musd/mw": "$m per MW",
    "pct": "%", "mw": "MW", "x": "x",
}  # fmt: skip


def comparables_page(found: Comparables) -> Page:
    """Our medians first, then what stands beside them; no figure of others enters a statistic."""
    own = found.own.copy()
    for group in (PIVOT, BITCOIN):
        own[group] = [
            "n/a" if pd.isna(value) else per_mw(value) if unit == "m_usd_per_mw" else multiple(value)
            for value, unit in zip(own[group], own["unit"], strict=True)
        ]
    blocks: list[Block] = [
        TableSpec(
            "own", own,
            (Column("title", "Median of the miners"), Column(PIVOT, "AI group", "figures"), Column("n_pivot", "n", "count"),
             Column(BITCOIN, "Mining group", "figures"), Column("n_bitcoin", "n", "count")),
            data=found.own,
        )
    ]  # fmt: skip
    blocks += [
        Text(
            f"{row.company}: EV ${row.enterprise_value_usd / 1e9:,.1f}bn at the price of {row.of_day}"
            + ("." if pd.isna(row.m_usd_per_mw) else f", ${row.m_usd_per_mw:,.1f}m per MW of operating IT capacity.")
        )
        for row in found.enterprise.itertuples()
    ]
    blocks.append(Points("Published yardsticks", found.yardsticks))
    market = (
        Column("company", "Data centres"), Column("metric", "Measure"), Column("value", "Value", "figures"),
        Column("unit", "Unit"), Column("as_of", "As of"), Column("source", "Source", priority=1),
    )  # fmt: skip
    deals = (
        Column("deal", "Deals"), Column("date", "Date"), Column("mw", "MW", "mw"), Column("mw_basis", "Basis"),
        Column("musd_per_mw", "$m per MW", "figures"), Column("confidence", "Confidence"),
        Column("source", "Source", priority=1),
    )  # fmt: skip
    metric = found.market.assign(
        metric=found.market["metric"].map(_measure),
        value=[_figure(value, unit) for value, unit in zip(found.market["value"], found.market["unit"], strict=True)],
        unit=found.market["unit"].map(lambda unit: UNITS.get(unit, unit)),
    )
    blocks += [TableSpec("market", metric, market, data=found.market), TableSpec("deals", found.deals, deals)]
    blocks.append(note("Figures to stand beside the miners' own; none of them enters a statistic."))
    files = {"own": found.own, "enterprise": found.enterprise, "market": found.market, "deals": found.deals}
    content = {"as_of": found.as_of, **files}
    return Page(f"Comparables, {day(found.as_of)}", blocks, content, dict(files))


def _measure(name: str) -> str:
    """A measure of comparables.csv in words."""
    text = MEASURES.get(name) or name.replace("_", " ").replace("ebitda", "EBITDA")
    return f"{text[0].upper()}{text[1:]}"


def _figure(told: object, unit: str) -> str:
    """A figure with thousands separated, cents for a price, else at most one decimal above 10; a range as it is told."""
    value = pd.to_numeric(pd.Series([told]), errors="coerce").iloc[0]
    if pd.isna(value):
        return str(told)
    if value == round(value):
        return f"{value:,.0f}"
    return f"{value:,.{1 if abs(value) >= 10 and unit != 'usd' else 2}f}"
