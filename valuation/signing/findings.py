"""Findings of the signing study, in sentences: each window with its interval and p, and the limits of the comparison."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from valuation._words import SIGNIFICANT, count, day, interval, is_unknown, listed, multiple, p_value, percent
from valuation.findings import CAN, CANNOT, Finding

TOLD = {"week": "In the week of", "quarter": "Within 13 weeks of"}
RUN_UP = "run-up"
FIGURES = ("ratio", "low", "high", "p", "events", "controls", "lowest", "highest")


def of_windows(windows: pd.DataFrame, measures: Mapping[str, str], level: float) -> list[Finding]:
    """A sentence a measure and window: significant or not at 5%, with interval, p and events.

    Parameters
    ----------
    windows : DataFrame
        `SigningStudy.windows`.
    measures : mapping
        Name -> title.
    level : float
    """
    asked = [(name, window, when) for name in measures for window, when in TOLD.items()]
    asked.append(("price", RUN_UP, "In the 12 weeks before"))
    found, unknown, rows = [], [], {}
    for name, window, when in asked:
        row, what = windows.loc[(name, window)], _inside(measures[name])
        if is_unknown(row["p"]):
            unknown.append(f"{what} {when[0].lower()}{when[1:].removesuffix(' of')} ({count(row['events'], 'event')})")
            rows[f"{name}_{window}_events"] = row["events"]
        else:
            found.append(_excess(row, what, f"{when} a first AI contract", level))
    if unknown:
        text = (
            f"Estimate not available: {listed(unknown)}. A test needs at least 3 first AI contracts, each with 2 companies "
            "that had not signed."
        )
        found.append(Finding(text, CANNOT, rows))
    return found


def _inside(title: str) -> str:
    """A measure's title within a sentence."""
    return title if title.startswith("EV") else title[0].lower() + title[1:]


def _excess(row: pd.Series, what: str, when: str, level: float) -> Finding:
    figures = {name: row[name] for name in FIGURES}
    events = count(row["events"], "event")
    moved = percent(row["ratio"] - 1, signed=True)
    held = f"{level:.0%} confidence interval {_percents(row['low'], row['high'])}, {p_value(row['p'])}, {events}"
    if row["p"] <= SIGNIFICANT:
        text = (
            f"{when}, {what} changed by {moved} relative to companies that had not signed ({held}; without any one event "
            f"{_percents(row['lowest'], row['highest'])})."
        )
        return Finding(text, CAN, figures, row["p"], SIGNIFICANT)
    text = f"{when}, {what} did not change significantly relative to companies that had not signed ({moved}, {held})."
    return Finding(text, CANNOT, figures, row["p"], SIGNIFICANT)


def _percents(low: float, high: float) -> str:
    """Two ratios as `+8.1% to +14%`."""
    return interval(low - 1, high - 1, percents=True)


def of_change(medians: pd.DataFrame, since: pd.Timestamp, until: pd.Timestamp) -> list[Finding]:
    """The median change of EV per MW by move between two dates."""
    known = medians[medians["ev_per_mw"].notna()]
    if known.empty:
        return [Finding(f"No company has a known EV per secured MW on both {day(since)} and {day(until)}.", CANNOT)]
    parts = [
        f"{multiple(row['ev_per_mw'])} for {count(row['ev_per_mw_n'], 'company', 'companies')} that {move}"
        for move, row in known.iterrows()
    ]
    text = f"From {day(since)} to {day(until)} the median EV per secured MW changed by a factor of {listed(parts)}."
    return [Finding(text, CAN, {str(move): row["ev_per_mw"] for move, row in known.iterrows()})]


def limits(used: pd.DataFrame, windows: pd.DataFrame) -> list[Finding]:
    """Selection, few events, days that are not known, and that the measures share a sample."""
    found = [
        Finding(
            "The comparison does not show that signing causes the change: companies choose when to sign, and other news "
            "of the same weeks counts with it.",
            CANNOT,
        ),
        Finding(
            "EV per secured MW also moves where a contract comes with new power: MW reported later than the price moved "
            "raise the ratio first and lower it after.",
            CANNOT,
        ),
    ]
    unsure = used.index[used["day_unsure"].astype(bool)]
    if len(unsure):
        text = f"The day of the first contract is not exactly known for {listed(unsure)}; its weeks may be shifted."
        found.append(Finding(text, CANNOT, {"unsure": len(unsure)}))
    tests = int(windows["p"].notna().sum())
    if tests > 1:
        text = (
            f"{tests} windows are tested at 5% each without a correction: one in twenty would be significant by chance."
        )
        found.append(Finding(text, CANNOT, {"tests": tests}))
    return found
