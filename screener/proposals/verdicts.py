"""Items out of filings held against the universe: what is new, what it confirms, what it contradicts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from screener.proposals.columns import (
    COLUMNS,
    CONFIRMS,
    CONFLICTS,
    KEY,
    NEW,
    NEWER,
    PERSON,
    RESTATES,
    UNMAPPED,
    number,
    proposal_id,
)
from screener.proposals.matching import EXACT, confirmed, first_of_each, matches
from screener.sources.fetched import FACT_COLUMNS
from screener.sources.gate.limits import FEWEST_SHARES, MOST_PROPOSED_SHARES
from screener.splits import days, split_factor
from screener.universes import Universe
from screener.universes.evidence_class import in_order
from screener.universes.items import ITEMS, Item

THOUSAND = (200.0, 5_000.0)  # a change by a factor in this range is more likely one of the unit
# A balance that falls to zero, or changes by more than this factor either way, is more likely misread than true.
BALANCES = ("cash", "debt_total", "btc_held", "shares_outstanding", "total_assets", "preferred_equity")
LARGEST_CHANGE = 5.0
EVERY_ITEM: dict[str, Item] = {name: item for items in ITEMS.values() for name, item in items.items()}


@dataclass(frozen=True)
class Compared:
    """Items of filings beside the universe.

    Attributes
    ----------
    table : DataFrame
        `columns.COLUMNS`, effect still blank, sorted by ticker, item, period and publication.
    confirmations : DataFrame
        `matching.CONFIRMATION_COLUMNS`: the universe's row that a filing confirms within 0.1%, with the filing's link.
    """

    table: pd.DataFrame
    confirmations: pd.DataFrame


def compare(
    universe: Universe,
    items: pd.DataFrame,
    as_of: pd.Timestamp,
    since: pd.Timestamp,
    splits: pd.DataFrame | None = None,
) -> Compared:
    """Verdict on each figure that filings published by a day give for periods that end on or after `since`.

    Of the same figure in several filings the first counts, and of one filing the best class of evidence.

    Parameters
    ----------
    items : DataFrame
        `sources.edgar.filed.ITEM_COLUMNS`.
    splits : DataFrame, optional
        Those that the run knows (`InputData.splits`), which a feed may know before the universe; the universe's by default.
    """
    rows = first_of_each(items, as_of, since)
    facts = in_order(universe.facts[universe.facts["published_on"] <= as_of])
    found = matches(facts, rows)
    in_force = {
        (one["ticker"], one["item"], one["period_end"]): one
        for one in facts.drop_duplicates(KEY, keep="last").to_dict("records")
    }
    newest = _Newest(facts, universe.splits if splits is None else splits)
    tickers = set(universe.companies["ticker"])
    proposed: list[dict[str, Any]] = []
    before: dict[Any, dict[str, Any]] = {}
    for row in rows[found < 0].to_dict("records"):
        key = (row["ticker"], row["item"], row["period_end"])
        if key in before and _is_same(before[key]["value"], row["value"]):
            continue
        old = before.get(key) or in_force.get(key)
        last = newest.last(row)
        verdict = _verdict(row, old, last is not None and last["period_end"] > row["period_end"], last is None)
        reference = old or newest.up_to(row)
        flags = [row["needs"]] if row["needs"] else []
        flags += doubts(row["item"], float(row["value"]), newest.basis(reference, row))
        if row["ticker"] not in tickers:
            verdict, flags = UNMAPPED, [f"{row['ticker']} is no company of the universe"]
        elif row["item"] not in EVERY_ITEM or row["unit"] not in EVERY_ITEM[row["item"]].units:
            verdict, flags = UNMAPPED, [f"the universe has no item {row['item']} in {row['unit']}"]
        elif flags:
            verdict = PERSON
        proposed.append(_proposal(row, verdict, reference, flags))
        before[key] = row
    table = pd.DataFrame(proposed, columns=COLUMNS)
    return Compared(table, confirmed(facts, rows, found))


class _Newest:
    """The universe's figures of an item by period, with shares brought to a day's split basis."""

    def __init__(self, facts: pd.DataFrame, splits: pd.DataFrame) -> None:
        one = in_order(facts).drop_duplicates(KEY, keep="last")
        self.rows = {key: group.to_dict("records") for key, group in one.groupby(["ticker", "item"], sort=False)}
        self.splits = splits

    def last(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """The figure of the newest period; None where there is none at all."""
        every = self.rows.get((row["ticker"], row["item"]), [])
        return every[-1] if every else None

    def up_to(self, row: dict[str, Any]) -> dict[str, Any] | None:
        """The figure of the newest period that ends by the row's; None where there is none."""
        every = [
            one for one in self.rows.get((row["ticker"], row["item"]), []) if one["period_end"] <= row["period_end"]
        ]
        return every[-1] if every else None

    def basis(self, old: dict[str, Any] | None, row: dict[str, Any]) -> float:
        """The earlier figure to hold the row against, a share count as splits since then would make it; NaN for none."""
        if old is None:
            return np.nan
        if row["item"] != "shares_outstanding":
            return float(old["value"])
        return on_basis(self.splits, row["ticker"], old["value"], old["period_end"], row["period_end"])


def on_basis(splits: pd.DataFrame, ticker: str, value: float, counted_on: Any, quoted_on: Any) -> float:
    """A share count of a day, as splits until another day would make it."""
    counted, quoted = (days(pd.Series([pd.Timestamp(one)])) for one in (counted_on, quoted_on))
    return float(value * split_factor(splits, np.array([ticker]), counted, quoted)[0])


def _is_same(one: float, other: float) -> bool:
    return abs(one - other) <= EXACT * abs(one)


def _verdict(row: dict[str, Any], old: dict[str, Any] | None, is_older: bool, is_first: bool) -> str:
    if old is not None:
        if _is_rounding(float(old["value"]), float(row["value"])):
            return CONFIRMS
        return RESTATES if row["published_on"] > old["published_on"] else CONFLICTS
    return NEW if is_first or is_older else NEWER


def _is_rounding(short: float, full: float) -> bool:
    """Whether a figure of at least two digits is another one rounded to as many."""
    text = number(abs(short))
    digits = len(text.replace(".", "").strip("0")) if "." in text else len(text.rstrip("0"))
    return digits >= 2 and float(f"{full:.{digits - 1}e}") == short


def doubts(name: str, value: float, previous: float) -> list[str]:
    """Why a person must look at a figure: its sign, a leap, a fall to zero, a unit off by 1,000, a share count off.

    Parameters
    ----------
    name : str
        Item of the universe.
    value : float
    previous : float
        The figure that it follows, a share count on the same basis of splits; NaN where there is none.
    """
    if not np.isfinite(value):
        return ["the figure is not a number"]
    item, found = EVERY_ITEM.get(name), []
    if value < 0 and item is not None and not item.signed:
        found.append(f"{name} cannot be negative")
    if not np.isfinite(previous) or not previous:
        return found
    if not value:
        return [*found, f"{name} falls to zero from {number(previous)}"] if name in BALANCES else found
    ratio = value / previous
    change = max(abs(ratio), 1 / abs(ratio))
    if name == "shares_outstanding" and not FEWEST_SHARES <= ratio <= MOST_PROPOSED_SHARES:
        found.append(f"the share count is {ratio:.2f} times the previous one after splits")
    elif THOUSAND[0] <= change <= THOUSAND[1]:
        found.append(f"the figure is {ratio:.4g} times the previous one: the unit may be off by 1,000")
    elif name in BALANCES and change > LARGEST_CHANGE:
        found.append(
            f"{name} is {ratio:.4g} times the previous one, a change by a factor of more than {LARGEST_CHANGE:g}"
        )
    if ratio < 0 and item is not None and not item.signed:
        found.append("the sign differs from that of the previous figure")
    return found


def _proposal(row: dict[str, Any], verdict: str, old: dict[str, Any] | None, flags: list[str]) -> dict[str, Any]:
    previous = np.nan if old is None else float(old["value"])
    change = (row["value"] - previous) / abs(previous) if previous and np.isfinite(previous) else np.nan
    return {
        **{name: row[name] for name in FACT_COLUMNS},
        "evidence": f"{row['form']} {row['accession']}: {row['evidence']}".strip(" :"),
        "proposal_id": proposal_id(row["ticker"], row["item"], row["period_end"], row["value"], row["accession"]),
        "verdict": verdict,
        "form": row["form"],
        "accession": row["accession"],
        "accepted_at": row["accepted_at"],
        "derivation": row["evidence"],
        "previous_value": previous,
        "previous_period": pd.NaT if old is None else old["period_end"],
        "change": round(change, 4),
        "checks": "; ".join(dict.fromkeys(text for text in [row["checks"], *flags] if text)),
        "effect": "",
        "decision": "",
        "note": "",
        "proposed_value": row["value"],
    }


def with_confirmations(facts: pd.DataFrame, confirmations: pd.DataFrame) -> pd.DataFrame:
    """Facts with the link of the filing that confirms them, and when and against what they were checked.

    The class of evidence of a row stays that of its own link, kept as `cited_url`: a confirmation may have been
    published after the day of a screen. Cut `confirmations` at a day (`checked_on`) to show what was checked by then.

    Returns
    -------
    DataFrame
        The same rows and order; source_url, and the columns cited_url, checked_on and checked_against.
    """
    on = [*KEY, "published_on", "value"]
    first = confirmations.sort_values("checked_on", kind="stable").drop_duplicates(on)
    both = facts[on].merge(first, on=on, how="left")
    out = facts.copy()
    confirmed = both["source_url"].notna().to_numpy()
    out["cited_url"] = out["source_url"]
    out["source_url"] = np.where(
        confirmed, both["source_url"].to_numpy(dtype=object), out["source_url"].to_numpy(dtype=object)
    )
    out["checked_on"] = pd.to_datetime(both["checked_on"]).to_numpy(dtype="datetime64[ns]")
    out["checked_against"] = both["checked_against"].fillna("").to_numpy(dtype=object)
    return out
