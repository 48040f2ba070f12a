"""The map from filed tags to a universe's items: groups of tags, each one way to state the item."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache

import pandas as pd

from screener.errors import InputError, Problem, did_you_mean
from screener.sources.edgar import tables
from screener.universes.items import FINANCIAL_ITEMS

STANDARD = ("us-gaap", "ifrs-full", "dei", "srt")
IFRS = "ifrs-full"
# How a tag enters its group. sum: it is added; less: it is taken off; beside: it must be stated and is not counted;
# part: added, and the group may be less than the item, so it contradicts another group only where it is larger;
# bound: as part, and a person decides where nothing better states the item; confirm: added, and the group can only
# confirm, never be the value; times X: added after a factor, always for a person.
COMBINE = re.compile(r"sum|less|beside|part|bound|confirm|times [0-9.]+")
UNITS = ("USD", "shares")
# Items whose facts span time: quarters are made of them.
FLOWS = (
    "revenue_total", "revenue_mining", "revenue_ai_hpc", "revenue_hosting", "revenue_other", "net_income", "capex",
    "depreciation_amortization", "interest_expense", "sga_cash",
)  # fmt: skip


@dataclass(frozen=True)
class Line:
    """A tag in a group: what it is called, its unit, how it enters, and which tags it contains."""

    name: str  # "us-gaap:Cash"
    unit: str
    combine: str
    required: bool
    contains: tuple[str, ...]
    side: str = ""  # current or noncurrent, where the group's sum needs lines of both

    @property
    def factor(self) -> float:
        """-1 where the tag is taken off, 0 where it only must be there, a factor where one is given, else 1."""
        if self.combine.startswith("times"):
            return float(self.combine.split()[1])
        return {"less": -1.0, "beside": 0.0}.get(self.combine, 1.0)


@dataclass(frozen=True)
class Group:
    """One way to state an item; `kind` is sum, part, bound, confirm or times."""

    item: str
    rank: int
    name: str
    ifrs: bool
    lines: tuple[Line, ...]

    @property
    def kind(self) -> str:
        ways = [line.combine.split()[0] for line in self.lines if line.combine not in {"less", "beside"}]
        return ways[0]


def item_map(ticker: str) -> dict[str, tuple[Group, ...]]:
    """The groups of each item that hold for a company, first tried first: the general ones and its own."""
    return _of_all().get(ticker) or _of_all()[""]


@cache
def _of_all() -> dict[str, dict[str, tuple[Group, ...]]]:
    frame = tables.items()
    own = sorted(frame["ticker"].dropna().unique())
    return {ticker: groups(frame[frame["ticker"].isna() | (frame["ticker"] == ticker)]) for ticker in ["", *own]}


def groups(frame: pd.DataFrame) -> dict[str, tuple[Group, ...]]:
    """The groups of each item out of rows of items.csv, by rank.

    Raises
    ------
    InputError
        An item, a unit or a word of `combine` that does not exist, a tag that contains what its group does not have, or
        groups of an item that share a rank and a taxonomy (of those that may be the value).
    """
    problems = list(_problems(frame))
    if problems:
        raise InputError.of("items.csv", problems)
    found: dict[str, list[Group]] = {}
    for (item, rank, name), rows in frame.groupby(["item", "rank", "group"]):
        told = {
            f"{row.taxonomy}:{row.concept}": tuple(f"{row.taxonomy}:{one}" for one in row.excludes.split())
            for row in rows[rows["excludes"].notna()].itertuples()
        }
        lines = tuple(
            Line(f"{row.taxonomy}:{row.concept}", row.unit, row.combine, row.requires == "yes",
                 _contained(f"{row.taxonomy}:{row.concept}", told), row.side if pd.notna(row.side) else "")
            for row in rows.itertuples()
        )  # fmt: skip
        found.setdefault(str(item), []).append(Group(str(item), int(rank), str(name), _ifrs(rows), lines))
    return {item: tuple(rows) for item, rows in found.items()}


def _contained(name: str, told: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """Every tag that a tag contains: those of its row, and those that they contain in their turn."""
    found: dict[str, None] = {}
    waiting = list(told.get(name, ()))
    for one in waiting:  # which grows while it is gone through
        if one not in found:
            found[one] = None
            waiting += told.get(one, ())
    return tuple(found)


def _ifrs(rows: pd.DataFrame) -> bool:
    return bool((rows["taxonomy"] == IFRS).all())


def _problems(frame: pd.DataFrame) -> Iterable[Problem]:
    """What is wrong in the rows beyond their columns."""
    for row in frame.itertuples():
        line = int(row.line)
        if row.item not in FINANCIAL_ITEMS:
            expected = f"an item of financials.csv{did_you_mean(str(row.item), FINANCIAL_ITEMS)}"
            yield Problem("items.csv", line, "item", str(row.item), expected)
        if row.unit not in UNITS:
            yield Problem("items.csv", line, "unit", str(row.unit), f"one of {', '.join(UNITS)}")
        if not COMBINE.fullmatch(str(row.combine)):
            expected = "sum, less, beside, part, bound, confirm or times and a factor"
            yield Problem("items.csv", line, "combine", str(row.combine), expected)
        if row.taxonomy not in STANDARD and pd.isna(row.ticker):
            yield Problem("items.csv", line, "ticker", "", "the company whose own tag this is")
    for (item, name), rows in frame.groupby(["item", "group"], sort=False):
        tags = set(rows["concept"])
        for row in rows[rows["excludes"].notna()].itertuples():
            for one in str(row.excludes).split():
                if one not in tags:
                    yield Problem("items.csv", int(row.line), "excludes", one, f"a tag of the group {name!r} of {item}")
        if len(set(rows["rank"])) > 1:
            yield Problem(
                "items.csv", int(rows["line"].iloc[0]), "rank", "", f"one rank in the group {name!r} of {item}"
            )
        if not rows["combine"].astype(str).str.fullmatch(r"sum|part|bound|confirm|times .*").any():
            yield Problem("items.csv", int(rows["line"].iloc[0]), "combine", "", f"a tag to add in the group {name!r}")
