"""A scenario as a page: what it changes, and each company's values before and after."""

from __future__ import annotations

import pandas as pd

from exports.tables.formats import day, money
from exports.tables.nav import TITLES
from exports.tables.spec import Block, Column, Page, TableSpec, Text, note, warning
from valuation.nav.analysis import ScenarioResult
from valuation.nav.names import HEADLINE, VALUES

HALF_A_CENT = 0.005
LEAST_SHOWN_USD = 5e7


def scenario_page(result: ScenarioResult, as_of: pd.Timestamp) -> Page:
    """Net asset value per share before and after, the floor, and the price at constant price to net asset value."""
    scenario = result.scenario
    blocks: list[Block] = [note(scenario.why)] if scenario.why else []
    blocks += [Text(f"- {line}") for line in scenario.words()]
    if abs(result.hashprice_after - result.hashprice_before) > 1e-9:
        blocks.append(
            Text(f"Hashprice ${result.hashprice_before:.1f} to ${result.hashprice_after:.1f} per PH/s a day.")
        )
    blocks += [warning(f"{text}.") for text in result.notes]
    rows = result.table[result.table["nav_before"].notna()].sort_values("price_change").rename_axis("ticker")
    still = (rows["change_usd"].abs() < HALF_A_CENT) & ~(rows["price_change"].abs() >= HALF_A_CENT)
    moved = rows[~still]
    share = "usd_per_share"
    columns = (
        Column("ticker", ""), Column("nav_before", "NAV before", share, "NAV\nbefore"),
        Column("nav_after", "NAV after", share, "NAV\nafter"), Column("change", "Change", "change"),
        Column("floor_before", "Floor before", share, "Floor\nbefore"),
        Column("floor_after", "Floor after", share, "Floor\nafter"),
        Column("p_nav_before", "P/NAV", "multiple_fine"),
        Column("price_usd", "Price", share),
        Column("price_after_usd", "Price after", share, "Price\nafter"), Column("price_change", "Change", "change"),
    )  # fmt: skip
    about = (
        "Prices of AI-group companies follow EV per secured MW to the given gap; other prices do not change."
        if scenario.gap is not None
        else "Price after: at today's P/NAV, which stays. It is not a forecast."
    )
    still_named = f" Unchanged: {', '.join(rows.index[still])}." if still.any() else ""
    blocks.append(
        TableSpec(
            "companies", moved, columns, marks=moved["excluded"].astype(bool).map({True: "*", False: ""}),
            notes=(f"Per share; NAV by DCF; * outside the statistics. {about}{still_named}",),
        )
    )  # fmt: skip
    frame = result.table.reset_index()
    content = {
        "as_of": as_of, "scenario": scenario.name, "title": scenario.title, "changes": scenario.words(),
        "notes": result.notes, "hashprice_before_usd": result.hashprice_before,
        "hashprice_after_usd": result.hashprice_after, "companies": frame,
    }  # fmt: skip
    return Page(f"{scenario.title}, {day(as_of)}", [*blocks, *_parts(result)], content, {"companies": frame})


def _parts(result: ScenarioResult) -> list[Block]:
    """What moved in the sum of companies, each of them once."""
    once = result.table.index[result.table["excluded"] == ""]
    parts = list(VALUES[HEADLINE])
    after, before = (frame.loc[once, parts].fillna(0.0).sum() for frame in (result.parts_after, result.parts_before))
    moved = (after - before).sort_values(key=abs, ascending=False)
    shown = [
        f"{TITLES[str(name)]} {'+' if usd > 0 else ''}{money(usd)}"
        for name, usd in moved.items()
        if abs(usd) > LEAST_SHOWN_USD
    ]
    return [Text(f"Change by part, sum of companies: {', '.join(shown)}.")] if shown else []
