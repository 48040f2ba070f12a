"""The tables of tags, share classes, revenue members and filers: a row says all that it must, and once."""

from __future__ import annotations

import pytest

from screener.errors import InputError
from screener.sources.edgar.tables import parse

ROWS = {
    "items.csv": {"item": "cash", "rank": "1", "group": "g", "taxonomy": "us-gaap", "concept": "Cash", "unit": "USD",
                  "combine": "sum", "requires": "", "excludes": "", "ticker": "", "side": ""},
    "classes.csv": {"ticker": "CRWV", "member": "CommonClassAMember", "economic": "yes", "why": ""},
    "members.csv": {"ticker": "APLD", "member": "HostingMember", "item": "revenue_hosting"},
    "filers.csv": {"ticker": "ABTC", "from": "2025-09-03", "why": ""},
}  # fmt: skip
NEEDED = [
    *(("items.csv", name) for name in ("item", "rank", "group", "taxonomy", "concept", "unit", "combine")),
    *(("classes.csv", name) for name in ("ticker", "member", "economic")),
    *(("members.csv", name) for name in ("ticker", "member", "item")),
    *(("filers.csv", name) for name in ("ticker", "from")),
]


def content(name: str, *rows: dict[str, str]) -> bytes:
    lines = [ROWS[name], *(ROWS[name] | row for row in rows)]
    return "\n".join([",".join(ROWS[name]), *(",".join(line.values()) for line in lines)]).encode() + b"\n"


@pytest.mark.parametrize("name", ROWS)
def test_a_row_that_says_all_is_read_and_one_that_is_there_twice_is_not(name):
    assert len(parse(name, content(name))) == 1
    with pytest.raises(InputError, match=rf"{name}:3: .*once"):
        parse(name, content(name, {}))


@pytest.mark.parametrize(("name", "column"), NEEDED)
def test_a_row_without_what_it_must_say_is_told_with_its_line(name, column):
    with pytest.raises(InputError, match=rf"{name}:3: {column}"):
        parse(name, content(name, {column: ""}))
