"""A universe that is a view of another: some of its companies, with every row of theirs, under groups of its own."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import pandas as pd

from screener.errors import Problem, did_you_mean
from screener.universes.schema import COMPARABLE

FROM, TICKERS, COMPARABLES = "from", "tickers", "comparables"
# Sections that a view takes from its parent where it does not lay its own over them, key by key.
INHERITED = ("benchmarks", "defaults", "alerts")
# What was said in public of the parent's sector is no statement on the view's.
NOT_SHOWN = ("claims.csv",)


def laid_over(own: Mapping[str, Any], parent: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of a view: its own, over the benchmarks, defaults and alerts of the universe that it is a view of."""
    out = dict(own)
    for name in INHERITED:
        both = {**parent.get(name, {}), **own.get(name, {})}
        if both:
            out[name] = both
    return out


def problems(
    settings: Mapping[str, Any], lines: Mapping[str, int | None], companies: pd.DataFrame, parent: str
) -> list[Problem]:
    """Tickers of a view that the universe behind it does not have, none at all, and one listed twice."""
    known = list(companies["ticker"].dropna())
    lists = {name: [str(one) for one in settings.get(name, ())] for name in (TICKERS, COMPARABLES)}
    found = [
        Problem("universe.toml", lines.get(name), name, ticker, f"a ticker of {parent}{did_you_mean(ticker, known)}")
        for name, tickers in lists.items()
        for ticker in tickers
        if ticker not in known
    ]
    if not lists[TICKERS]:
        found.append(Problem("universe.toml", lines.get(FROM), TICKERS, "", f"the companies of {parent} to show"))
    found += [
        Problem("universe.toml", lines.get(COMPARABLES), COMPARABLES, one, "each ticker once; it is in tickers too")
        for one in lists[COMPARABLES]
        if one in lists[TICKERS]
    ]
    return found


def restricted(
    frames: Mapping[str, pd.DataFrame], tickers: Sequence[str], comparables: Sequence[str], benchmarks: Collection[str]
) -> dict[str, pd.DataFrame]:
    """The rows of a view: of its companies, of their listed subsidiaries, of benchmarks, and what is of no company.

    A listed subsidiary comes along since its parent's enterprise value counts the minority at the subsidiary's market
    value; it stays outside the statistics, as everywhere. Companies that the view lists are in its statistics unless it
    calls them comparables.
    """
    companies = frames["companies.csv"]
    listed = {*tickers, *comparables}
    children = companies.loc[companies["consolidated_by"].isin(tickers), "ticker"]
    shown = listed | set(children)
    mine = companies[companies["ticker"].isin(shown)].copy()
    role = mine["role"].astype(object)
    role = role.mask(mine["ticker"].isin(tickers) & role.eq(COMPARABLE), "company")
    mine["role"] = role.mask(mine["ticker"].isin(comparables), COMPARABLE)
    contracts = frames["contracts.csv"]
    ids = set(contracts.loc[contracts["ticker"].isin(shown), "contract_id"])
    out = {}
    for name, frame in frames.items():
        if name == "companies.csv":
            out[name] = mine
        elif name in NOT_SHOWN:
            out[name] = frame[:0]
        elif name == "prices.csv":
            out[name] = frame[frame["ticker"].isin(shown | set(benchmarks))]
        elif "ticker" in frame.columns:
            out[name] = frame[frame["ticker"].isin(shown)]
        elif name == "contract_terms.csv":
            out[name] = frame[frame["contract_id"].isin(ids)]
        elif name == "phases.csv":
            owner = frame["contract_id"].astype(str)
            books = {one for one in owner.unique() if one.endswith("-BOOK")}
            kept = {one for one in books if any(i.startswith(one.removesuffix("BOOK")) for i in ids)} | ids
            out[name] = frame[owner.isin(kept)]
        else:
            out[name] = frame
        out[name] = out[name].reset_index(drop=True)
    return out
