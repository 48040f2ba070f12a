"""What accepting a proposal does to a screen: EV, EV per MW, group and gap before and after, computed by the screen."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from exports.tables.formats import money, multiple, per_mw
from screener.gathering import InputData
from screener.proposals.columns import UNMAPPED, WITHOUT_ASKING
from screener.run_config import RunConfig
from screener.screen import value
from screener.sources.fetched import FACT_COLUMNS
from screener.universes.evidence_class import OVERLAY
from screener.universes.items import ITEMS
from valuation.denominators import in_gap
from valuation.gap import estimate
from valuation.groups import GROUP_NAMES
from valuation.status import STATUSES

EV, EV_PER_MW, GROUP = "enterprise_value_usd", "ev_per_mw_secured", "group"
LEAST_USD = 0.5e6  # a smaller change of EV would print as zero
NONE = "no change of EV, EV/MW, group or gap"


@dataclass(frozen=True)
class Effects:
    """What proposals do to a screen.

    Attributes
    ----------
    each : list of str
        By proposal, each accepted alone; empty for one that cannot be.
    together : dict of str
        By ticker, and under "" the gap: all proposals that need no person accepted at once.
    count : int
        How many these are.
    """

    each: list[str]
    together: dict[str, str]
    count: int


@dataclass(frozen=True)
class _World:
    """A date's metrics by company."""

    table: pd.DataFrame
    status: pd.DataFrame
    causes: pd.DataFrame

    def is_same(self, other: _World, tickers: Sequence[str]) -> bool:
        """Whether nothing that an effect tells differs for some companies; every other company is untouched."""
        metrics = [EV, GROUP, *(one.metric for one in in_gap().values() if one.metric in self.table)]
        mine, theirs = (world.table.loc[list(tickers), metrics] for world in (self, other))
        return mine.equals(theirs) and self.status.loc[list(tickers)].equals(other.status.loc[list(tickers)])

    def with_companies(self, other: _World, tickers: Sequence[str]) -> _World:
        """The same with some companies as in another world."""
        out = []
        for mine, theirs in zip(_frames(self), _frames(other), strict=True):
            rows = pd.concat([mine.drop(index=list(tickers)), theirs.loc[list(tickers)]])
            out.append(rows.loc[mine.index])
        return _World(*out)


def _frames(world: _World) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    return world.table, world.status, world.causes


def effects(config: RunConfig, data: InputData, as_of: pd.Timestamp, table: pd.DataFrame) -> Effects:
    """The effect of each proposal alone, and of all that need no person together, on the screen of a day.

    Parameters
    ----------
    table : DataFrame
        Of `verdicts.compare`.

    Notes
    -----
    A figure of one company moves only that company, its parent and its subsidiaries, and through them the gap. So
    proposals on unrelated companies share one valuation: the first of every family, then the second, ... The gap of a
    proposal is estimated on the base screen with the family's rows exchanged.
    """
    usable = [at for at, verdict in enumerate(table["verdict"]) if verdict != UNMAPPED]
    family = _families(data.companies)
    rounds: dict[int, list[int]] = defaultdict(list)
    seen: dict[str, int] = defaultdict(int)
    for at in usable:
        name = family[table["ticker"].iloc[at]]
        rounds[seen[name]].append(at)
        seen[name] += 1
    base = _world(config, data, as_of)
    base_gap = _gap(config, base)
    each = [""] * len(table)
    for chosen in rounds.values():
        world = _world(config, _with_rows(data, table.iloc[chosen]), as_of)
        for at in chosen:
            ticker = str(table["ticker"].iloc[at])
            relatives = [name for name in base.table.index if family[name] == family[ticker]]
            if base.is_same(world, relatives):
                each[at] = NONE
                continue
            gap = _gap(config, base.with_companies(world, relatives))
            each[at] = "; ".join(_changes(base, world, ticker, relatives, base_gap, gap)) or NONE
    taken = table["verdict"].isin(WITHOUT_ASKING).to_numpy(dtype=bool)
    together: dict[str, str] = {}
    if taken.any():
        world = _world(config, _with_rows(data, table[taken]), as_of)
        for name in base.table.index:
            parts = _company(base, world, str(name))
            if parts:
                together[str(name)] = "; ".join(parts)
        together[""] = _gap_change(base_gap, _gap(config, world)) or f"gap {_ratio(base_gap)}, unchanged"
    return Effects(each, together, int(taken.sum()))


def _families(companies: pd.DataFrame) -> dict[str, str]:
    """By ticker the top of its family: the parent that consolidates it, or the parent's."""
    parent = dict(zip(companies["ticker"], companies["consolidated_by"], strict=True))
    top = {}
    for ticker in parent:
        name, steps = ticker, 0
        while isinstance(parent.get(name), str) and steps < len(parent):
            name, steps = parent[name], steps + 1
        top[ticker] = name
    return top


def _with_rows(data: InputData, rows: pd.DataFrame) -> InputData:
    """The data as they would be after acceptance of some proposals: rows of an overlay."""
    added = rows[FACT_COLUMNS].copy()
    files = {item: f"{OVERLAY}/{file}" for file, items in ITEMS.items() for item in items}
    added["file"] = added["item"].map(files)
    added["line"] = np.arange(2, 2 + len(added), dtype=data.facts["line"].dtype)
    added = added.astype({name: data.facts[name].dtype for name in ("period_end", "published_on", "value")})
    columns = data.facts.columns
    return replace(data, facts=pd.concat([data.facts, added.reindex(columns=columns)], ignore_index=True))


def _world(config: RunConfig, data: InputData, as_of: pd.Timestamp) -> _World:
    valued = value(config, data, [as_of]).valuation
    return _World(*(frame.droplevel("as_of") for frame in (valued.table, valued.status, valued.causes)))


def _gap(config: RunConfig, world: _World) -> float:
    found = estimate.measure(world.table, world.status, world.causes, config.rule, config.assumptions)
    return float(found.headline["ratio"])


def _changes(
    before: _World, after: _World, ticker: str, relatives: Sequence[str], gap_before: float, gap_after: float
) -> list[str]:
    parts = _company(before, after, ticker)
    for name in relatives:
        if name != ticker:
            parts += [f"{name}: {text}" for text in _company(before, after, name)]
    gap = _gap_change(gap_before, gap_after)
    return [*parts, gap] if gap else parts


def _company(before: _World, after: _World, ticker: str) -> list[str]:
    """What changes for a company, in words."""
    old, new = before.table.loc[ticker], after.table.loc[ticker]
    parts = []
    if pd.isna(old[EV]) != pd.isna(new[EV]):
        parts.append(f"EV {money(old[EV])} -> {money(new[EV])}")
    elif abs(new[EV] - old[EV]) >= LEAST_USD:
        moved = money(new[EV] - old[EV])
        parts.append(f"EV {moved if moved.startswith('-') else f'+{moved}'}")
    parts += _pair("EV/MW", per_mw(old[EV_PER_MW]), per_mw(new[EV_PER_MW]))
    states = [str(world.status.loc[ticker, EV]) for world in (before, after)]
    if set(states) <= set(STATUSES):
        parts += _pair("EV status", *(state.replace("_", " ") for state in states))
    groups = [world.table.loc[ticker, GROUP] for world in (before, after)]
    names = [GROUP_NAMES.get(group) if isinstance(group, str) else None for group in groups]
    if names[0] != names[1]:
        parts.append(f"moves {ticker} to the {names[1]}" if names[1] else f"{ticker} is no longer classified")
    return parts


def _pair(what: str, old: str, new: str) -> list[str]:
    return [] if old == new else [f"{what} {old} -> {new}"]


def _gap_change(old: float, new: float) -> str:
    return "" if _ratio(old) == _ratio(new) else f"gap {_ratio(old)} -> {_ratio(new)}"


def _ratio(value: Any) -> str:
    return "n/a" if pd.isna(value) else multiple(value)
