"""The sector pack of a universe: names of its groups and companies, its group rule, and what its companies do not do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from screener.errors import Problem, did_you_mean
from valuation.groups import BITCOIN, DEFAULT_RULE, MINERS, PIVOT, Rule, Sector

# Name of a rule that universe.toml states itself.
OWN_RULE = "own"
# What a company that holds no coins, or does not mine, has none of.
COIN_ITEMS = ("btc_held", "btc_pledged", "eth_held")
MINING_ITEMS = ("hashrate_eh", "hashrate_operating_eh")
_OF_COINS = (*COIN_ITEMS, "btc_mined", "btc_fair_value", "eth_fair_value", "cash_plus_digital_assets")
_OF_MINING = (
    *MINING_ITEMS, "fleet_efficiency_j_per_th", "revenue_mining", "btc_mined", "mw_operating_mining",
    "miner_purchase_liability",
)  # fmt: skip


def sector_of(settings: Mapping[str, Any], frames: Mapping[str, pd.DataFrame]) -> Sector:
    """The sector of a universe: as `[sector]` and `[groups]` say, the miners' words where they do not.

    Parameters
    ----------
    settings : mapping
        `universe.toml`.
    frames : mapping of DataFrame
        By file name. Whether companies hold coins, and whether they mine, follows from them where `[sector]` is silent.
    """
    said = settings.get("sector", {})
    coins = bool(said.get("coins", states(frames, "coins")))
    mining = bool(said.get("mining", states(frames, "mining")))
    usual = (MINERS.company, MINERS.companies) if mining or coins else ("company", "companies")
    # Without mining there is no mining group: the second group is whatever the rule leaves.
    second = MINERS.second if mining or coins else "other"
    return Sector(
        first=str(said.get("first", MINERS.first)),
        second=str(said.get("second", second)),
        company=str(said.get("company", usual[0])),
        companies=str(said.get("companies", usual[1])),
        coins=coins,
        mining=mining,
        rules=_own_rules(settings.get("groups", {})),
    )


def states(frames: Mapping[str, pd.DataFrame], what: str, *, zeros: bool = False) -> bool:
    """Whether any row of a universe states `coins` or `mining`; with `zeros` a stated zero counts too."""
    items = _OF_COINS if what == "coins" else _OF_MINING
    for name in ("financials.csv", "capacity.csv"):
        rows = frames[name]
        stated = rows.loc[rows["item"].isin(items), "value"].dropna()
        if len(stated) and (zeros or (stated != 0).any()):
            return True
    if what == "coins":
        moved = frames["transactions.csv"]["btc"].dropna()
        return bool(len(moved) and (zeros or (moved != 0).any()))
    return False


def none_of(settings: Mapping[str, Any], frames: Mapping[str, pd.DataFrame], sector: Sector) -> tuple[str, ...]:
    """Items that are zero where a company does not state them: those of coins and mining that the sector has not.

    Where `[sector]` does not say so and rows state some zeros, a company without a row stays unknown.
    """
    said = settings.get("sector", {})
    out: tuple[str, ...] = ()
    for what, has, items in (("coins", sector.coins, COIN_ITEMS), ("mining", sector.mining, MINING_ITEMS)):
        if not has and (what in said or not states(frames, what, zeros=True)):
            out += items
    return out


def default_rule(settings: Mapping[str, Any], sector: Sector) -> str:
    """The name of the group rule in force where none is asked for."""
    return next(iter(rule.name for rule in sector.rules), settings.get("groups", {}).get("rule", DEFAULT_RULE))


def _own_rules(groups: Mapping[str, Any]) -> tuple[Rule, ...]:
    """The rule that `[groups]` states itself, by lists or by a metric; empty where it names one of the registry."""
    title = str(groups.get("title", ""))
    if "first" in groups or "second" in groups:
        members = [(str(ticker), PIVOT) for ticker in groups.get("first", ())]
        members += [(str(ticker), BITCOIN) for ticker in groups.get("second", ())]
        return (Rule(OWN_RULE, title or "as listed in universe.toml", "signed_contracts", 0.0, tuple(members)),)
    if "metric" in groups:
        metric, threshold = str(groups["metric"]), float(groups.get("threshold", 0.0))
        return (Rule(OWN_RULE, title or f"{metric.replace('_', ' ')} of at least {threshold:g}", metric, threshold),)
    return ()


def problems(
    settings: Mapping[str, Any], lines: Mapping[str, int | None], frames: Mapping[str, pd.DataFrame]
) -> list[Problem]:
    """What the sector pack says against the universe's rows: groups of companies that are not there, coins and mining."""
    known = list(frames["companies.csv"]["ticker"].dropna())
    groups, found = settings.get("groups", {}), []
    lists = {name: [str(one) for one in groups.get(name, ())] for name in ("first", "second")}
    for name, tickers in lists.items():
        for ticker in tickers:
            if ticker not in known:
                expected = f"a ticker of companies.csv{did_you_mean(ticker, known)}"
                found.append(_problem(lines, f"groups.{name}", ticker, expected))
    for ticker in dict.fromkeys(one for one in lists["first"] if one in lists["second"]):
        found.append(_problem(lines, "groups.second", ticker, "each ticker in one group; it is in both"))
    for what in ("coins", "mining"):
        if settings.get("sector", {}).get(what) is False and states(frames, what):
            expected = f"true, or no row that states {what}: {_first_row(frames, what)}"
            found.append(_problem(lines, f"sector.{what}", "false", expected))
    return found


def _problem(lines: Mapping[str, int | None], key: str, value: str, expected: str) -> Problem:
    return Problem("universe.toml", lines.get(key), key, value, expected)


def _first_row(frames: Mapping[str, pd.DataFrame], what: str) -> str:
    items = _OF_COINS if what == "coins" else _OF_MINING
    for name in ("financials.csv", "capacity.csv"):
        rows = frames[name]
        rows = rows[rows["item"].isin(items) & rows["value"].fillna(0.0).ne(0.0)]
        if len(rows):
            row = rows.iloc[0]
            return f"{row['file']}:{row['line']} has {row['item']} {row['value']:,.10g} of {row['ticker']}"
    row = frames["transactions.csv"].dropna(subset="btc").iloc[0]
    return f"{row['file']}:{row['line']} has {row['btc']:,.10g} BTC of {row['ticker']}"
