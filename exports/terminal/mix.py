"""The revenue mix in a terminal of 80 columns: the universe, each company, and when AI passes mining."""

from __future__ import annotations

from typing import Any

import pandas as pd
from rich.console import Console

from exports.commentary.numbers import number
from exports.terminal.layout import said, small, table
from valuation.findings import can_and_cannot
from valuation.revenue_mix.crossover import Projection
from valuation.revenue_mix.findings import claim
from valuation.revenue_mix.mix import LEAST_COMPANIES

QUARTERS_SHOWN = 8
COMPANY_QUARTERS = 7
PERCENT = "{:.0%}"
MILLION = 1e6


def print_mix(
    console: Console,
    mixed: pd.DataFrame,
    sector: pd.DataFrame,
    crossover: pd.DataFrame,
    ahead: pd.Series,
    projection: Projection,
    hashprice: tuple[float, pd.Timestamp],
) -> None:
    """The sector's shares by quarter, each company's AI share, crossovers, and the claim.

    Parameters
    ----------
    mixed, sector : DataFrame
        From `valuation.revenue_mix.mix`, one date.
    crossover, ahead : DataFrame, Series
        From `valuation.revenue_mix.crossover`.
    hashprice : (USD per PH/s per day, Timestamp)
        At which mining is held, and the week it is of.
    """
    _sector(console, sector)
    _companies(console, mixed)
    _crossover(console, crossover, projection, hashprice)
    said(console, *can_and_cannot(claim(sector, crossover, ahead)))


def _sector(console: Console, sector: pd.DataFrame) -> None:
    shown = table("Quarter", "Bitcoin", "Bounds", "n", "of", "Revenue", "AI", "n", "Year before", "Now", "n")
    for quarter, row in sector.tail(QUARTERS_SHOWN).iterrows():
        same = [number(row[c], PERCENT) for c in ("same_before", "same_now")]
        shown.add_row(
            str(quarter), number(row["bitcoin_share"], PERCENT),
            "n/a" if pd.isna(row["lowest"]) else f"{row['lowest']:.0%}-{row['highest']:.0%}",
            str(int(row["n_bitcoin"])), str(int(row["n_total"])), number(row["coverage"], PERCENT),
            number(row["ai_share"], PERCENT), str(int(row["n_ai"])), *same, str(int(row["n_same"])),
        )  # fmt: skip
    console.print(shown)
    small(
        console,
        "Bitcoin: self-mining over revenue of the n companies that report both, which hold so much of the revenue of all "
        "with a total. Bounds: of all, whatever the others mined. AI: recurring. Year before and now: the bitcoin share "
        f"of the n companies known in both quarters. Under {LEAST_COMPANIES} companies n/a.",
    )


def _companies(console: Console, mixed: pd.DataFrame) -> None:
    wide = mixed.pivot_table(index="ticker", columns="quarter", values="ai_share", aggfunc="last")
    wide = wide[sorted(wide.columns)[-COMPANY_QUARTERS:]].dropna(how="all")
    if wide.empty:
        return
    shown = table("AI share of revenue", *map(str, wide.columns))
    for ticker, row in wide.iterrows():
        shown.add_row(str(ticker), *(number(v, PERCENT) if pd.notna(v) else "" for v in row))
    console.print(shown)


def _crossover(
    console: Console, crossover: pd.DataFrame, projection: Projection, hashprice: tuple[float, pd.Timestamp]
) -> None:
    shown = table("", "Quarter", "AI", "Mining", "AI passed", "Projected", "Early", "Late", "Undated")
    unknown = []
    for ticker, row in crossover.iterrows():
        if row["note"]:
            unknown.append(f"{ticker} ({row['note']})")
            continue
        ahead = [_quarter(row[c]) for c in ("projected", "projected_early", "projected_late")]
        undated = f"{int(row['undated'])} of {int(row['signed'])}" if row["signed"] else ""
        mark = "p" if row["mining_is_proxy"] else ""
        shown.add_row(
            str(ticker), _quarter(row["latest_quarter"]), number(row["ai_usd"] / MILLION, "{:,.0f}"),
            number(row["mining_usd"] / MILLION, "{:,.0f}") + mark, _quarter(row["actual"], ""),
            *(["ahead", "", ""] if row["ahead"] else ahead), undated,
        )  # fmt: skip
    console.print(shown)
    price, week = hashprice
    held = (
        "its latest quarter" if pd.isna(price) else f"the hashprice of {week:%Y-%m-%d}, {price:.1f} USD per PH/s a day"
    )
    small(
        console,
        f"m USD a quarter; p: mining not reported, total less the other parts. Mining held at {held}. Projected: signed "
        "contracts in full from the quarter after their start date. Early: mining "
        f"x {projection.early_mining}; late: mining x {projection.late_mining} and starts "
        f"{projection.late_delay_quarters} quarters later. -: not within {projection.horizon_quarters // 4} years. "
        "Undated: contracts without a start date or a value, which count for nothing here.",
    )
    if unknown:
        small(console, f"Not told: {'; '.join(unknown)}.")


def _quarter(value: Any, none: str = "-") -> str:
    return none if pd.isna(value) else str(value)
