"""What a scenario does to each position, as a table."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from exports.tables.formats import number, several
from exports.tables.portfolio.words import dollars, short
from exports.tables.spec import Block, Column, TableSpec, Text, note, warning
from valuation.portfolio.kinds import CASH, DERIVATIVES
from valuation.portfolio.stress import BY_BETA, BY_NAV, StressResult

DERIVED = "Options are revalued at the volatility that their price implies; futures and CFDs move by their notional."


def summary(scenarios: Sequence[StressResult], held: pd.DataFrame) -> TableSpec:
    """A row a scenario: profit and loss, of net value, and the positions that it covers."""
    every = int((held["kind"] != CASH).sum())
    frame = pd.DataFrame(
        {
            "title": [one.title for one in scenarios],
            "method": [one.method for one in scenarios],
            "pnl_usd": [one.pnl_usd for one in scenarios],
            "pnl": [one.pnl for one in scenarios],
            "known": [f"{every - len(one.untold)} of {every}" for one in scenarios],
        }
    )
    columns = (
        Column("title", "Scenario"), Column("method", "By"), Column("pnl_usd", "P&L", "usd_change"),
        Column("pnl", "Of net value", "change_fine"), Column("known", "Positions", "figures"),
    )  # fmt: skip
    return TableSpec("scenarios", frame, columns)


def scenario(scenario: StressResult, held: pd.DataFrame) -> list[Block]:
    """Each position's change and profit in a scenario, what is unknown, and the method."""
    moved = scenario.positions[(held["kind"] != CASH) & scenario.positions["pnl_usd"].notna()]
    own = held.loc[moved.index]
    frame = moved.assign(
        name=[short(str(ticker), 20) for ticker in own["ticker"]], value_usd=own["value_usd"], price_usd=own["price_usd"],
        change=moved["change"] + 0.0, pnl_usd=moved["pnl_usd"] + 0.0,
    )  # fmt: skip
    columns = (
        Column("name", "Name"), Column("value_usd", "Value", "usd_whole"), Column("price_usd", "Price", "usd_per_share"),
        Column("price_after", "after", "usd_per_share"), Column("change", "Change", "change_fine"),
        Column("pnl_usd", "P&L", "usd_change"),
    )  # fmt: skip
    blocks: list[Block] = [
        Text(
            f", by {scenario.method}: {dollars(scenario.pnl_usd, '+')}, {number(scenario.pnl, '{:+.1%}')} of net value"
            f"{_known(scenario, held)}.",
            lead=scenario.title,
        ),
        TableSpec(scenario.name, frame, columns),
    ]
    if len(scenario.untold):
        unknown = "; ".join(f"{held.at[at, 'ticker']}: {row['why']}" for at, row in scenario.untold.iterrows())
        blocks.append(warning(f"Unknown, excluded from the total: {unknown}."))
    beyond = f" {DERIVED}" if held["kind"].isin(DERIVATIVES).any() else ""
    return [*blocks, note(f"{_method(scenario)}{beyond}")]


def _known(scenario: StressResult, held: pd.DataFrame) -> str:
    """How many positions the total covers, where it is not all of them."""
    if scenario.untold.empty:
        return ""
    every = int((held["kind"] != CASH).sum())
    return f", of {every - len(scenario.untold)} of {several(every, 'position')}"


def _method(scenario: StressResult) -> str:
    if scenario.method == BY_BETA:
        return "Each position's beta to bitcoin, from the returns of `screener portfolio risk`: a past average, not a bound."
    if scenario.method == BY_NAV:
        return (
            "Prices follow net asset value by DCF at constant price to net asset value, as in `screener scenario run`; a "
            "guarantor pays the part that it covers. Not a forecast."
        )
    return (
        "Every company of the group is revalued by the ratio of medians of EV per secured MW; differences within the group "
        "do not change."
    )
