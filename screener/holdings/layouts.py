"""The registry of layouts: which broker's export a table is, by the names in its header, and what its columns mean.

A layout is an entry of a file in `brokers/`, one file a broker; `generic.toml` holds the names of columns that any table may
use. To add a broker is to add a file.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from screener.holdings.days import DMY, MDY
from screener.holdings.kinds import plain
from screener.holdings.numbers import SHOWN

BROKERS = Path(__file__).parent / "brokers"
GENERIC = "generic"
POSITIONS, TRADES, OTHER = "positions", "trades", "other"
FIELDS = (
    "ticker", "isin", "description", "account", "kind", "side", "quantity", "price", "value", "cost", "unit_cost", "profit",
    "multiplier", "currency", "day", "strike", "expiry", "right", "level", "lot", "action",
)  # fmt: skip
# With one of these beside a ticker, an ISIN or a name a row of names is the header of a table of holdings.
AMOUNTS = ("quantity", "value")


@dataclass(frozen=True)
class Layout:
    """How one export writes holdings, or how a list of trades or another table is recognised.

    Attributes
    ----------
    name, title, broker : str
    holds : positions, trades (a history, refused) or other (a table that is neither)
    needs : names that the header must have, each a tuple of alternatives without case and signs
    columns : names by field, in order of preference; `>` after a name is the unnamed column right of it
    decimal, dates, currency : the habit where the file itself leaves it open; empty is open
    london : the currency of tickers ending in .L where no column says one
    takes : which export to take, for a history of trades
    cash, skip : texts of the first columns that mark a line as cash, or as a heading
    note : one sentence for the documentation
    """

    name: str
    title: str
    broker: str
    holds: str
    needs: tuple[tuple[str, ...], ...]
    columns: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    decimal: str = ""
    dates: str = ""
    currency: str = ""
    london: str = ""
    takes: str = ""
    cash: tuple[str, ...] = ()
    skip: tuple[str, ...] = ()
    blank_is_cash: bool = False
    blank_is_watched: bool = False
    note: str = ""

    def matches(self, header: Mapping[str, int]) -> bool:
        return all(any(name in header for name in names) for names in self.needs)


@dataclass(frozen=True)
class Header:
    """A row of names as a header: its layout, where each field stands, and the currency in the name of a value column.

    `rivals` are further columns that may hold a field, as (field, place): those of the same name, and in a table without a
    layout those whose names are of a quantity. `alternatives` are those whose names are of a price where there is no value,
    and of a value where there is no price: nothing else in such a table tells which one is meant.
    """

    layout: Layout
    columns: Mapping[str, int]
    value_currency: str = ""
    rivals: tuple[tuple[str, int], ...] = ()
    alternatives: tuple[tuple[str, int], ...] = ()


def header_of(row: list[str]) -> Header | None:
    """The header that a row of cells is; None where it is none."""
    if not _may_be_header(row):
        return None
    names = {
        plain(_without_currency(text)): at for at, text in reversed(list(enumerate(row))) if text and len(text) < 60
    }
    names |= {plain(text): at for at, text in reversed(list(enumerate(row))) if text and len(text) < 60}
    best: Layout | None = None
    for layout in layouts():
        if layout.matches(names) and (best is None or len(layout.needs) > len(best.needs)):
            best = layout
    if best is not None and best.name != GENERIC:
        columns = _places(best, names, row)
        if best.holds == POSITIONS and not any(name in columns for name in AMOUNTS):
            return None
        return Header(best, columns, _value_currency(row, columns), _namesakes(row, columns))
    generic = layout_named(GENERIC)
    columns = _places(generic, names, row)
    named = any(name in columns for name in ("ticker", "isin", "description"))
    if not named or not any(name in columns for name in AMOUNTS):
        return None
    if "ticker" not in columns and "isin" not in columns and "quantity" not in columns:
        return None
    others = {names[name] for name in _quantities() if name in names} - set(columns.values())
    rivals = {("quantity", at) for at in others} | set(_namesakes(row, columns))
    alternatives = {
        (name, names[other])
        for name, decides in (("price", "value"), ("value", "price"))
        if name in columns and decides not in columns
        for other in generic.columns[name]
        if other in names and names[other] not in columns.values()
    }
    return Header(generic, columns, _value_currency(row, columns), tuple(sorted(rivals)), tuple(sorted(alternatives)))


def _namesakes(row: list[str], columns: Mapping[str, int]) -> tuple[tuple[str, int], ...]:
    """Columns of the same name as one that holds a figure."""
    out = []
    for name in ("quantity", "price", "value", "cost", "unit_cost", "multiplier"):
        at = columns.get(name, -1)
        text = row[at].casefold() if at >= 0 else ""
        out += [(name, other) for other, one in enumerate(row) if text and other != at and one.casefold() == text]
    return tuple(out)


def _may_be_header(row: list[str]) -> bool:
    """Whether a row has two names or more and no number: rows of holdings have one."""
    filled = 0
    for cell in row:
        if not cell:
            continue
        filled += 1
        if cell[0] in "0123456789+-$(€£." and not any(c.isalpha() for c in cell):
            return False
    return filled > 1


def _places(layout: Layout, names: Mapping[str, int], row: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for field_name, wanted in layout.columns.items():
        for name in wanted:
            right = name.endswith(">")
            at = names.get(name.rstrip(">"))
            if at is None:
                continue
            if right:
                if at + 1 >= len(row) or row[at + 1]:
                    continue
                at += 1
            if at in found.values():
                continue
            found[field_name] = at
            break
    return found


_CURRENCY_NAME = re.compile(r"[\s(\[]+(?:in )?(USD|EUR|GBP|CAD|CHF|AUD|JPY|SEK|NOK|DKK|HKD|SGD|GBX|GBp)[)\]]?$")


def _without_currency(text: str) -> str:
    return _CURRENCY_NAME.sub("", text)


def _value_currency(row: list[str], columns: Mapping[str, int]) -> str:
    """The code at the end of the name of the value's column, as in `Value in EUR`."""
    at = columns.get("value")
    found = _CURRENCY_NAME.search(row[at]) if at is not None else None
    return found[1] if found else ""


@cache
def layouts() -> tuple[Layout, ...]:
    """Every layout of the registry, brokers in alphabetical order, the generic table last."""
    found = [layout for path in sorted(BROKERS.glob("*.toml")) for layout in _of_file(path)]
    return tuple(sorted(found, key=lambda layout: layout.name == GENERIC))


def layout_named(name: str) -> Layout:
    """A layout by its name."""
    return next(layout for layout in layouts() if layout.name == name)


@cache
def _quantities() -> frozenset[str]:
    """Every name of a quantity in the registry, but those that are names of other things elsewhere."""
    named = {name.rstrip(">") for layout in layouts() for name in layout.columns.get("quantity", ())}
    return frozenset(named - {"amount", "position", "nominal", "facevalue", "contracts"})


@cache
def vocabulary() -> frozenset[str]:
    """Every name of a column that the registry knows."""
    return frozenset(
        name.rstrip(">")
        for layout in layouts()
        for names in (*layout.needs, *layout.columns.values())
        for name in names
    )


def _of_file(path: Path) -> Iterator[Layout]:
    with open(path, "rb") as file:
        content = tomllib.load(file)
    for entry in content["layout"]:
        columns = {key: tuple(_name(text) for text in names) for key, names in entry.get("columns", {}).items()}
        unknown = set(columns) - set(FIELDS)
        if unknown:
            raise ValueError(f"{path.name}: {entry['name']}: no such field: {', '.join(sorted(unknown))}")
        yield Layout(
            name=entry["name"],
            title=entry["title"],
            broker=content["broker"],
            holds=entry.get("holds", POSITIONS),
            needs=tuple(tuple(_name(text) for text in names.split("|")) for names in entry["needs"]),
            columns=columns,
            decimal=entry.get("decimal", ""),
            dates=entry.get("dates", ""),
            currency=entry.get("currency", ""),
            london=entry.get("london", ""),
            takes=content.get("takes", ""),
            cash=tuple(text.upper() for text in entry.get("cash", ())),
            skip=tuple(text.upper() for text in entry.get("skip", ())),
            blank_is_cash=entry.get("blank_is_cash", False),
            blank_is_watched=entry.get("blank_is_watched", False),
            note=entry.get("note", ""),
        )


def _name(text: str) -> str:
    text = text.strip()
    return plain(_without_currency(text.removesuffix(">"))) + (">" if text.endswith(">") else "")


@dataclass(frozen=True)
class Description:
    """A layout in words, for the documentation."""

    broker: str
    title: str
    holds: str
    header: str
    habits: str
    note: str
    columns: Mapping[str, tuple[str, ...]]


def describe() -> list[Description]:
    """The registry in words: what each layout is recognised by and how it is read."""
    out = []
    for path in sorted(BROKERS.glob("*.toml")):
        with open(path, "rb") as file:
            content = tomllib.load(file)
        for entry in content["layout"]:
            habits = {
                "decimal": SHOWN.get(entry.get("decimal", ""), ""),
                "dates": {MDY: "month first", DMY: "day first"}.get(entry.get("dates", ""), ""),
                "currency": entry.get("currency", ""),
            }
            out.append(
                Description(
                    content["broker"],
                    entry["title"],
                    entry.get("holds", POSITIONS),
                    ", ".join(text.replace("|", " or ") for text in entry["needs"]),
                    "; ".join(filter(None, habits.values())),
                    entry.get("note", "") or (content.get("takes", "") if entry.get("holds") == TRADES else ""),
                    {field_name: tuple(names) for field_name, names in entry.get("columns", {}).items()},
                )
            )
    return out
