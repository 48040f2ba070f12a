"""Facts of a company as a page: value, period, day of filing, source, and whether each is in force."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

import pandas as pd

from exports.tables.formats import day
from exports.tables.spec import Column, Page, TableSpec, note

MILLION = 1e6
SHOWN = ["ticker", "item", "period_end", "published_on", "value", "unit", "standing", "evidence_class", "source",
         "source_url", "confidence", "evidence"]  # fmt: skip


def facts_page(rows: pd.DataFrame, ticker: str, as_of: pd.Timestamp) -> Page:
    """The rows of `screener.known.standing`, with `source` as file:line.

    Files hold the links, the evidence and the figures at full precision.
    """
    frame = rows[SHOWN].reset_index(drop=True)
    shown = frame.assign(
        figure=[_figure(row.value, row.unit) for row in frame.itertuples(index=False)],
        cited=[_cited(row.source, row.source_url) for row in frame.itertuples(index=False)],
    )
    again = shown["item"].eq(shown["item"].shift())
    shown["item"] = shown["item"].str.replace("_", " ").where(~again, "")
    columns = (
        Column("item", "Item"), Column("figure", "Value", "figures"), Column("period_end", "Period", "date"),
        Column("published_on", "Filed", "date"), Column("cited", "Source"), Column("standing", "Standing"),
    )  # fmt: skip
    styles = frame["standing"].map(lambda text: "" if text == "in force" else "dim")
    about = "$m unless a unit is given. Filed: the first day on which the figure was public."
    table = TableSpec("facts", shown, columns, styles=styles, notes=(about,), data=frame)
    blocks = [table] if len(frame) else [note("No figure is known.")]
    return Page(
        f"Facts of {ticker} as known on {day(as_of)}", blocks, {"as_of": as_of, "facts": frame}, {"facts": frame}
    )


def _figure(value: float, unit: str) -> str:
    if unit == "usd":
        return f"{value / MILLION:,.1f}"
    if unit == "shares":
        return f"{value / MILLION:,.1f}m sh"
    words = {"mw": "MW", "mw_gross": "MW", "mw_critical_it": "IT MW", "btc": "BTC", "eth": "ETH", "pct": "%"}.get(
        unit, ""
    )
    text = f"{value:,.0f}" if abs(value) >= 100 else f"{value:,.4g}"
    return f"{text} {words}".strip()


def _cited(source: Any, url: Any) -> str:
    """The host of the link; of an overlay's row its place."""
    if str(source).startswith("overlay/"):
        return str(source).replace("financials.csv", "fin.").replace("capacity.csv", "cap.")
    host = urlsplit(str(url)).hostname or str(source)
    return host.removeprefix("www.")
