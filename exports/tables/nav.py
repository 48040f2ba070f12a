"""Contracts, mining, net asset value and scenarios for machines: one JSON object, and frames for CSV files."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import pandas as pd

from exports.tables.screen import plain, records
from exports.tables.studies import Tables
from valuation.nav.analysis import NavAnalysis, ScenarioResult
from valuation.nav.caveats import caveats
from valuation.nav.monte_carlo import Simulation


def of_contracts(worth: NavAnalysis, ticker: str | None = None) -> Tables:
    """The contract book, of one company where a ticker is given: years, contracts, sums, concentration, signed value."""
    book = worth.book
    companies = _one_date(book.table, book.status)
    frames = {
        "years": book.years.drop(columns="as_of"),
        "contracts": book.contracts.drop(columns="as_of"),
        "companies": companies,
        "concentration": book.concentration.drop(columns="as_of"),
        "signed": book.signed.drop(columns="as_of"),
    }
    if ticker is not None:
        frames = {name: frame[frame["ticker"] == ticker] for name, frame in frames.items() if "ticker" in frame.columns}
    return Tables(_content(worth, frames), frames)


def of_mining(worth: NavAnalysis) -> Tables:
    """Every fleet with its statuses, hashprice by week, and what AI earns over mining."""
    mining = worth.mining
    frames = {
        "fleets": _one_date(mining.table, mining.status),
        "hashprice": mining.weekly.reset_index(),
        "compute_ratio": worth.compute_ratio.rename_axis("business").reset_index(),
    }
    return Tables(_content(worth, frames), frames)


def of_nav(worth: NavAnalysis, simulation: Simulation) -> Tables:
    """Every part and value with its status, the draws, and each company's doubts."""
    nav = worth.nav
    frames = {"nav": _one_date(nav.table, nav.status), "draws": simulation.table.reset_index()}
    content = _content(worth, frames)
    content["simulation"] = {
        "method": simulation.method, "draws": simulation.draws, "seed": simulation.seed, "value": simulation.value,
    }  # fmt: skip
    content["value_per_let_mw_usd"] = plain(nav.value_per_let_mw_usd)
    content["doubts"] = {str(t): caveats(worth, str(t)) for t in nav.table.index.get_level_values("ticker")}
    return Tables(content, frames)


def of_outcome(outcome: ScenarioResult, as_of: pd.Timestamp) -> Tables:
    """A scenario beside the base."""
    frame = outcome.table.reset_index()
    content = {
        "as_of": plain(as_of),
        "scenario": outcome.scenario.name,
        "title": outcome.scenario.title,
        "changes": outcome.scenario.words(),
        "notes": list(outcome.notes),
        "hashprice_before_usd": plain(outcome.hashprice_before),
        "hashprice_after_usd": plain(outcome.hashprice_after),
        "companies": records(frame, index=False),
    }
    return Tables(content, {"companies": frame})


def _one_date(table: pd.DataFrame, status: pd.DataFrame) -> pd.DataFrame:
    """A column a figure with its status beside it, a row a ticker."""
    values, states = table.droplevel("as_of"), status.droplevel("as_of")
    columns: dict[str, pd.Series] = {}
    for name in values.columns:
        columns[str(name)] = values[name]
        columns[f"{name}_status"] = states[name]
    return pd.DataFrame(columns, index=values.index).reset_index()


def _content(worth: NavAnalysis, frames: dict[str, pd.DataFrame]) -> dict[str, Any]:
    tables = {name: records(frame, index=False) for name, frame in frames.items()}
    return {"as_of": plain(worth.as_of), "assumptions": asdict(worth.assumptions), **tables}
