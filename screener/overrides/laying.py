"""Overrides laid over what was known on a date, and over the settings of a run.

An override is a person's figure of the date of the workbook, and stands above every other class of evidence. It replaces
the figure that the rules gave (rolled forward, on the share basis of the price), since that is the figure that the person
saw and changed. Earlier dates do not know it, so a history and a backtest up to that day stay as they were.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from screener.overrides.override import Outcome, Override, later
from valuation.assumptions import Assumptions, Bridge, checked
from valuation.groups import Rule
from valuation.inputs import Inputs
from valuation.replaceable import CONTRACT, FACT, INSTRUMENT, MARKET, RULE, SWITCH, UNIT, instrument_name

OTHER_DEBT, ETHER_VALUE, ETHER = "other_debt_carrying", "eth_fair_value", "eth_held"
# Counted only where it is recent: a person's figure is of the day of the workbook.
RECENT = "mw_operating_ai"
KEPT = "the figures of this date hold no such row"


def over_settings(
    assumptions: Assumptions, switches: Bridge, rule: Rule, overrides: Iterable[Override]
) -> tuple[Assumptions, Bridge, Rule, tuple[Outcome, ...]]:
    """Assumptions, switches and group rule with the overrides of them laid over."""
    outcomes = []
    for one in overrides:
        refused, replaced = "", None
        if one.what == RULE:
            replaced = rule.threshold
            if rule.name == one.subject:
                rule = replace(rule, threshold=float(one.value))
            else:
                refused = f"the group rule is {rule.name} and not {one.subject}"
        elif one.what == SWITCH:
            replaced = float(getattr(switches, one.item))
            switches = replace(switches, **{one.item: checked(Bridge, one.item, one.value)})
        else:
            replaced = float(getattr(assumptions, one.item))
            assumptions = replace(assumptions, **{one.item: checked(Assumptions, one.item, one.value)})
        outcomes.append(Outcome(one, replaced, refused))
    return assumptions, switches, rule, tuple(outcomes)


def over_inputs(inputs: Inputs, overrides: Sequence[Override]) -> tuple[Inputs, tuple[Outcome, ...]]:
    """Inputs with the overrides laid over every date from that of the workbook on, and what was made of each.

    Returns
    -------
    Inputs
        The same object where there are no overrides.
    tuple of Outcome
        On the last of the dates.
    """
    if not overrides:
        return inputs, ()
    names = ("items", "periods", "stale", "critical_it", "contracts", "instruments", "market")
    frames: dict[str, pd.DataFrame] = {name: getattr(inputs, name).copy() for name in names}
    outcomes = [_lay(frames, one) for one in overrides]
    return replace(inputs, **frames), tuple(outcomes)


def _lay(frames: dict[str, pd.DataFrame], one: Override) -> Outcome:
    dates = frames["market"].index
    if not (dates >= one.as_of).any():
        return Outcome(one, refused=later(one))
    lay = {FACT: _fact, UNIT: _unit, MARKET: _market, CONTRACT: _contract, INSTRUMENT: _instrument}
    return lay[one.what](frames, one)


def _rows(frame: pd.DataFrame, one: Override) -> np.ndarray:
    """The rows of a company from the day of the workbook on."""
    index = frame.index
    is_later = index.get_level_values("as_of") >= one.as_of
    return np.asarray(is_later & (index.get_level_values("ticker") == one.subject))


def _fact(frames: dict[str, pd.DataFrame], one: Override) -> Outcome:
    items, periods, stale = frames["items"], frames["periods"], frames["stale"]
    rows = _rows(items, one)
    if not rows.any():
        return Outcome(one, refused=KEPT)
    was = items.loc[rows, one.item].iloc[-1]
    if one.item == ETHER_VALUE:
        # The sheet holds the value of the coins, which their number at the price would overrule.
        at_spot = items.loc[rows, ETHER].iloc[-1] * frames["market"]["eth_usd"].iloc[-1]
        was = at_spot if at_spot == at_spot else was  # noqa: PLR0124 NaN alone differs from itself
        items.loc[rows, ETHER] = np.nan
    items.loc[rows, one.item] = one.value
    if one.item in stale:
        stale.loc[rows, one.item] = False
    if one.item in periods:
        of_day = pd.Series(one.as_of, index=periods.index[rows])
        known = periods.loc[rows, one.item]
        # Other rules compare the days of figures: a replaced figure keeps its own, a filled one is of the workbook's.
        periods.loc[rows, one.item] = of_day if one.item == RECENT else known.fillna(one.as_of)
        if one.item == OTHER_DEBT:
            periods.loc[rows, one.item] = periods.loc[rows, "debt_total"]
    return Outcome(one, was)


def _unit(frames: dict[str, pd.DataFrame], one: Override) -> Outcome:
    units = frames["critical_it"]
    rows = _rows(units, one)
    if not rows.any():
        return Outcome(one, refused=KEPT)
    was = float(units.loc[rows, one.item].iloc[-1])
    units.loc[rows, one.item] = bool(one.value)
    return Outcome(one, was)


def _market(frames: dict[str, pd.DataFrame], one: Override) -> Outcome:
    market = frames["market"]
    rows = np.asarray(market.index >= one.as_of)
    was = market.loc[rows, one.item].iloc[-1]
    market.loc[rows, one.item] = one.value
    return Outcome(one, was)


def _contract(frames: dict[str, pd.DataFrame], one: Override) -> Outcome:
    return _listed(frames["contracts"], frames["contracts"]["contract_id"] == one.subject, one)


def _instrument(frames: dict[str, pd.DataFrame], one: Override) -> Outcome:
    rows = frames["instruments"]
    named = [instrument_name(t, name) for t, name in zip(rows["ticker"], rows["instrument"], strict=True)]
    return _listed(rows, pd.Series(named, index=rows.index, dtype=object) == one.subject, one)


def _listed(frame: pd.DataFrame, is_it: pd.Series, one: Override) -> Outcome:
    rows = (is_it & (frame["as_of"] >= one.as_of)).to_numpy(dtype=bool)
    if not rows.any():
        return Outcome(one, refused=KEPT)
    was: Any = frame.loc[rows, one.item].iloc[-1]
    frame.loc[rows, one.item] = (
        pd.NaT if pd.api.types.is_datetime64_any_dtype(frame[one.item]) and one.new is None else one.value
    )
    return Outcome(one, was)
