"""Checks inside and between the files of a universe: bounds, allowed words, keys, order of dates, tickers, units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import Problem, did_you_mean
from screener.universes.schema import FILES, ITEMS, TEXT, File, Item

# Finding the nearest of a thousand names takes a millisecond: beyond this many unknown names of a column no hint is given.
MOST_HINTS = 100


def check_frames(frames: dict[str, pd.DataFrame], settings: dict[str, Any]) -> list[Problem]:
    """Every problem of content, file by file."""
    problems: list[Problem] = []
    companies = frames["companies.csv"]["ticker"].dropna().unique()
    benchmarks = [str(v) for v in settings.get("benchmarks", {}).values()]
    for name, file in FILES.items():
        frame = frames[name]
        if frame.empty:
            continue
        problems += _bounds(file, frame)
        problems += _unique(file, frame)
        problems += _order(file, frame)
        allowed = [*companies, *benchmarks] if name == "prices.csv" else list(companies)
        problems += _tickers(file, frame, allowed)
        if name in ITEMS:
            problems += _items(file, frame, ITEMS[name])
    problems += _parents(frames["companies.csv"], list(companies))
    problems += _instruments(frames["instruments.csv"])
    problems += _owners(frames["contracts.csv"])
    return problems


def _problems(
    file: str, frame: pd.DataFrame, wrong: np.ndarray, column: str, expected: str | Sequence[str]
) -> list[Problem]:
    """A Problem for each wrong row; `expected` is one text, or a text for each of them."""
    rows = np.flatnonzero(wrong)
    if not rows.size:
        return []
    texts = [expected] * len(rows) if isinstance(expected, str) else expected
    lines, cells = frame["line"].to_numpy()[rows], frame[column].iloc[rows]
    values = [_shown(cell) for cell in cells]
    return [
        Problem(file, int(line), column, value, text) for line, value, text in zip(lines, values, texts, strict=True)
    ]


def _shown(cell: Any) -> str:
    if pd.isna(cell):
        return ""
    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d}"
    return f"{cell:g}" if isinstance(cell, float) else str(cell)


def _by_name(names: pd.Series, text: Any) -> list[str]:
    """`text(name)` of each name, computed once for each different one."""
    made = {name: text(name) for name in names.unique()}
    return [made[name] for name in names]


def _hinted(names: pd.Series, expected: str, known: Collection[str]) -> list[str]:
    """`expected` for each name, with the nearest known one."""
    near = {name: did_you_mean(str(name), known) for name in names.unique()[:MOST_HINTS]}
    return [expected + near.get(name, "") for name in names]


def _bounds(file: File, frame: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = []
    for name, column in file.columns.items():
        cells = frame[name]
        if column.one_of:
            wrong = (cells.notna() & ~cells.isin(column.one_of)).to_numpy()
            problems += _problems(file.name, frame, wrong, name, f"one of {', '.join(column.one_of)}")
        if column.kind == TEXT:
            continue
        if column.at_least is not None:
            least = "a positive number" if column.at_least > 0 else "no negative number"
            problems += _problems(file.name, frame, (cells < column.at_least).to_numpy(), name, least)
        if column.at_most is not None:
            wrong = (cells > column.at_most).to_numpy()
            problems += _problems(file.name, frame, wrong, name, f"at most {column.at_most:g}")
    return problems


def _unique(file: File, frame: pd.DataFrame) -> list[Problem]:
    key = list(file.key)
    known = frame[key].notna().all(axis=1).to_numpy()
    again = frame.duplicated(key, keep="first").to_numpy() & known
    if not again.any():
        return []
    first = frame[known].groupby(key, sort=False)["line"].transform("first")[again[known]]
    texts = [f"a row of its own: line {line} has the same {', '.join(key)}" for line in first]
    return _problems(file.name, frame, again, key[0], texts)


def _order(file: File, frame: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = []
    for earlier, later in file.later:
        wrong = (frame[later] < frame[earlier]).to_numpy()
        texts = [f"on or after {earlier} {day:%Y-%m-%d}" for day in frame.loc[wrong, earlier]]
        problems += _problems(file.name, frame, wrong, later, texts)
    return problems


def _tickers(file: File, frame: pd.DataFrame, allowed: list[str]) -> list[Problem]:
    if file.name == "companies.csv" or "ticker" not in frame:
        return []
    wrong = (frame["ticker"].notna() & ~frame["ticker"].isin(allowed)).to_numpy()
    texts = _hinted(frame.loc[wrong, "ticker"], "a ticker of companies.csv", allowed)
    return _problems(file.name, frame, wrong, "ticker", texts)


def _items(file: File, frame: pd.DataFrame, items: dict[str, Item]) -> list[Problem]:
    names, units = frame["item"], frame["unit"]
    known = names.isin(items)
    unknown = (names.notna() & ~known).to_numpy()
    problems = _problems(file.name, frame, unknown, "item", _hinted(names[unknown], "a known item", items))
    pairs = pd.MultiIndex.from_arrays([names.astype(object), units.astype(object)])
    right = pairs.isin([(name, unit) for name, item in items.items() for unit in item.units])
    wrong = known.to_numpy() & units.notna().to_numpy() & ~right
    texts = _by_name(names[wrong], lambda name: f"{' or '.join(items[name].units)} for {name}")
    problems += _problems(file.name, frame, wrong, "unit", texts)
    negative = (names.isin([name for name, item in items.items() if not item.signed]) & (frame["value"] < 0)).to_numpy()
    texts = _by_name(names[negative], lambda name: f"no negative number for {name}")
    return problems + _problems(file.name, frame, negative, "value", texts)


def _parents(companies: pd.DataFrame, tickers: list[str]) -> list[Problem]:
    parent = companies["consolidated_by"]
    wrong = (parent.notna() & ~parent.isin(tickers)).to_numpy()
    return _problems("companies.csv", companies, wrong, "consolidated_by", "a ticker of companies.csv")


def _instruments(rows: pd.DataFrame) -> list[Problem]:
    """Terms that each kind cannot do without."""
    problems: list[Problem] = []
    needs = {"convertible": ("principal_usd", "price_usd"), "warrant": ("quantity", "price_usd"),
             "option": ("quantity", "price_usd"), "rsu": ("quantity",)}  # fmt: skip
    for kind, columns in needs.items():
        for column in columns:
            wrong = (rows["kind"].eq(kind) & rows[column].isna()).to_numpy(dtype=bool)
            problems += _problems("instruments.csv", rows, wrong, column, f"a number: a {kind} needs it")
    zero = (rows["price_usd"] == 0).to_numpy(dtype=bool)
    return problems + _problems("instruments.csv", rows, zero, "price_usd", "a positive number")


def _owners(rows: pd.DataFrame) -> list[Problem]:
    wrong = (rows["owner_share_pct"].isna() & rows["kind"].ne("hosting")).to_numpy(dtype=bool)
    return _problems("contracts.csv", rows, wrong, "owner_share_pct", "a percent: the company's share of the contract")
