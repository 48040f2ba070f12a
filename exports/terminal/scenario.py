"""A scenario in a terminal of 80 columns: what it changes, and what it does to each company."""

from __future__ import annotations

import pandas as pd
from rich.console import Console
from rich.text import Text

from exports.commentary.numbers import number
from exports.terminal.layout import dense, small, warn
from exports.terminal.nav import TITLES
from valuation.nav.analysis import ScenarioResult
from valuation.nav.sum_of_parts import VALUES

BILLION = 1e9
HALF_A_CENT = 0.005
LEAST_TOLD_USD = 5e7


def print_outcome(console: Console, outcome: ScenarioResult, as_of: pd.Timestamp) -> None:
    """Net asset value per share before and after, the floor, and where a price would go."""
    scenario = outcome.scenario
    console.print(f"[bold]{scenario.title}[/], on {as_of:%Y-%m-%d}")
    if scenario.why:
        small(console, scenario.why)
    for line in scenario.words():
        console.print(Text(f"- {line}"))
    if abs(outcome.hashprice_after - outcome.hashprice_before) > 1e-9:
        console.print(
            f"Hashprice {outcome.hashprice_before:.1f} to {outcome.hashprice_after:.1f} USD per PH/s per day."
        )
    for note in outcome.notes:
        warn(console, note)
    rows = outcome.table[outcome.table["nav_before"].notna()].sort_values("price_change")
    still = (rows["change_usd"].abs() < HALF_A_CENT) & (rows["price_change"].abs() < HALF_A_CENT)
    shown = dense("", "NAV\nbefore", "NAV\nafter", "Change", "Floor\nbefore", "Floor\nafter", "P/NAV\nbefore",
                  "P/NAV\nafter", "Price", "Price\nthen", "Change")  # fmt: skip
    for ticker, row in rows[~still].iterrows():
        shown.add_row(
            f"{ticker}{'*' if row['excluded'] else ''}",
            number(row["nav_before"]), number(row["nav_after"]), number(row["change"], "{:+.0%}"),
            number(row["floor_before"]), number(row["floor_after"]), number(row["p_nav_before"]),
            number(row["p_nav_after"]), number(row["price_usd"]), number(row["price_after_usd"]),
            number(row["price_change"], "{:+.0%}"),
        )  # fmt: skip
    console.print(shown)
    if still.any():
        small(console, f"Unmoved: {', '.join(rows.index[still])}.")
    _parts(console, outcome)
    small(
        console,
        "USD per share, net asset value by cap rates; * outside the statistics. Price then: "
        + (
            "EV per secured MW of pivots falls to the gap given, other prices stay."
            if scenario.gap is not None
            else "the price keeps its distance in USD to the net asset value; it is no forecast."
        ),
    )


def _parts(console: Console, outcome: ScenarioResult) -> None:
    """What moved in the sum of companies, each of them once."""
    once = outcome.table.index[outcome.table["excluded"] == ""]
    parts = list(VALUES["nav_cap_rate"])
    after, before = (frame.loc[once, parts].fillna(0.0).sum() for frame in (outcome.parts_after, outcome.parts_before))
    moved = (after - before).sort_values(key=abs, ascending=False)
    told = [
        f"{TITLES[str(name)]} {value / BILLION:+.1f}" for name, value in moved.items() if abs(value) > LEAST_TOLD_USD
    ]
    if told:
        console.print(Text("Sum of companies, bn USD: " + ", ".join(told) + "."))
