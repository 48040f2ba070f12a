"""The tables behind the map of filed facts, with every fault by line: items, share classes, revenue members, filers."""

from __future__ import annotations

from functools import cache
from importlib.resources import files

import pandas as pd

from screener.errors import InputError, Problem
from screener.universes.reading import read
from screener.universes.schema import DATE, NUMBER, Column, File

# `yes` counts, `optional` counts where it is stated, `no` does not count, `units` does not count and a person decides:
# a share without economics whose holder owns a partnership unit that exchanges for a counted share.
ECONOMIC = ("yes", "optional", "no", "units")
TABLES = {
    file.name: file
    for file in (
        File(
            "items.csv",
            {
                "item": Column(required=True, about="item of financials.csv"),
                "rank": Column(NUMBER, required=True, about="1 is the first group that is tried"),
                "group": Column(required=True, about="one way to state the item"),
                "taxonomy": Column(required=True, about="us-gaap, ifrs-full or the filer's own prefix"),
                "concept": Column(required=True, about="tag"),
                "unit": Column(required=True, about="unit as filed"),
                "combine": Column(required=True, about="how the tag enters its group"),
                "requires": Column(one_of=("yes",), about="yes where the group is incomplete without the tag"),
                "excludes": Column(about="tags that this one contains, separated by blanks"),
                "ticker": Column(about="the one company whose own tag this is"),
                "side": Column(
                    one_of=("current", "noncurrent"), about="of a group whose sum needs lines of both sides"
                ),
            },
            key=("item", "group", "taxonomy", "concept", "ticker"),
        ),
        File(
            "classes.csv",
            {
                "ticker": Column(required=True, about="ticker"),
                "member": Column(required=True, about="member of the axis of share classes"),
                "economic": Column(required=True, one_of=ECONOMIC, about="whether its shares count"),
                "why": Column(about="what the class is"),
            },
            key=("ticker", "member"),
        ),
        File(
            "members.csv",
            {
                "ticker": Column(required=True, about="ticker"),
                "member": Column(required=True, about="member of the axis of products or of segments"),
                "item": Column(required=True, about="item of financials.csv that it is part of"),
            },
            key=("ticker", "member"),
        ),
        File(
            "filers.csv",
            {
                "ticker": Column(required=True, about="ticker"),
                "from": Column(DATE, required=True, about="first filing day of today's business"),
                "why": Column(about="what was filed under the CIK before"),
            },
            key=("ticker",),
        ),
    )
}


def parse(name: str, content: bytes) -> pd.DataFrame:
    """One of `TABLES`: its columns, and `line`.

    Raises
    ------
    InputError
        Every problem, with file, line, column and what was expected.
    """
    file = TABLES[name]
    table = read(file, content)
    frame, problems = table.frame, list(table.problems) + list(table.notes)
    for column, schema in file.columns.items():
        if schema.one_of:
            wrong = frame[frame[column].notna() & ~frame[column].isin(schema.one_of)]
            expected = f"one of {', '.join(schema.one_of)}"
            problems += [
                Problem(name, int(line), column, str(value), expected)
                for line, value in zip(wrong["line"], wrong[column], strict=True)
            ]
    doubled = frame[frame.duplicated(list(file.key))]
    keys = ", ".join(file.key)
    problems += [Problem(name, int(line), "", "", f"each {keys} once") for line in doubled["line"]]
    if problems:
        raise InputError.of(name, problems)
    return frame


@cache
def _packaged(name: str) -> pd.DataFrame:
    return parse(name, files("screener.sources.edgar").joinpath(name).read_bytes())


def items() -> pd.DataFrame:
    """The item map, one row a tag of a group; `item_map.item_map` has it with its checks."""
    return _packaged("items.csv")


def classes() -> pd.DataFrame:
    """Share classes by ticker and member, and whether their shares count."""
    return _packaged("classes.csv")


def members() -> pd.DataFrame:
    """Revenue members by ticker, and the item that each is part of."""
    return _packaged("members.csv")


def filers() -> pd.DataFrame:
    """Since which filing day the facts under a company's CIK are of today's business."""
    return _packaged("filers.csv")
