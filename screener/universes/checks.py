"""What must hold inside and between the files of a universe; vectorised, every fault told."""

from __future__ import annotations

import difflib
from collections.abc import Callable
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.universes.schema import FILES, ITEMS, TEXT, File, Item


def check_frames(frames: dict[str, pd.DataFrame], settings: dict[str, Any]) -> list[Problem]:
    """Every problem of content: bounds, known words, keys, order of dates, tickers, items and units."""
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


def _tell(file: str, frame: pd.DataFrame, wrong: np.ndarray, column: str, expected: Any) -> list[Problem]:
    """A Problem a wrong row; `expected` is a text or a text a row."""
    lines, cells = frame["line"].to_numpy(), frame[column].to_numpy()
    told = []
    for i in np.flatnonzero(wrong):
        cell = cells[i]
        if pd.isna(cell):
            value = ""
        elif isinstance(cell, (pd.Timestamp, np.datetime64)):
            value = f"{pd.Timestamp(cell):%Y-%m-%d}"
        else:
            value = f"{cell:g}" if isinstance(cell, float) else str(cell)
        told.append(Problem(file, int(lines[i]), column, value, expected if isinstance(expected, str) else expected[i]))
    return told


def _bounds(file: File, frame: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = []
    for name, column in file.columns.items():
        cells = frame[name]
        if column.one_of:
            wrong = (cells.notna() & ~cells.isin(column.one_of)).to_numpy()
            problems += _tell(file.name, frame, wrong, name, f"one of {', '.join(column.one_of)}")
        if column.kind == TEXT:
            continue
        if column.at_least is not None:
            least = "a positive number" if column.at_least > 0 else "no negative number"
            problems += _tell(file.name, frame, (cells < column.at_least).to_numpy(), name, least)
        if column.at_most is not None:
            wrong = (cells > column.at_most).to_numpy()
            problems += _tell(file.name, frame, wrong, name, f"at most {column.at_most:g}")
    return problems


def _unique(file: File, frame: pd.DataFrame) -> list[Problem]:
    key = list(file.key)
    known = frame[key].notna().all(axis=1).to_numpy()
    again = frame.duplicated(key, keep="first").to_numpy() & known
    if not again.any():
        return []
    first = frame[~again & known].set_index(key)["line"]
    keys = pd.MultiIndex.from_frame(frame[key]) if len(key) > 1 else frame[key[0]]
    texts = np.full(len(frame), "", dtype=object)
    for i in np.flatnonzero(again):
        texts[i] = f"a row of its own: line {int(first[keys[i]])} has the same {', '.join(key)}"
    return _tell(file.name, frame, again, key[0], texts)


def _order(file: File, frame: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = []
    for earlier, later in file.later:
        wrong = (frame[later] < frame[earlier]).to_numpy()
        told = ("on or after " + earlier + " " + frame[earlier].dt.strftime("%Y-%m-%d").astype(object)).to_numpy()
        problems += _tell(file.name, frame, wrong, later, told)
    return problems


def _tickers(file: File, frame: pd.DataFrame, allowed: list[str]) -> list[Problem]:
    if file.name == "companies.csv" or "ticker" not in frame:
        return []
    wrong = (frame["ticker"].notna() & ~frame["ticker"].isin(allowed)).to_numpy()
    texts = np.full(len(frame), "", dtype=object)
    for i in np.flatnonzero(wrong):
        texts[i] = "a ticker of companies.csv" + _near(str(frame["ticker"].iloc[i]), allowed)
    return _tell(file.name, frame, wrong, "ticker", texts)


def _items(file: File, frame: pd.DataFrame, items: dict[str, Item]) -> list[Problem]:
    names = frame["item"].fillna("").astype(object).to_numpy()
    units = frame["unit"].fillna("").astype(object).to_numpy()
    known = np.array([name in items for name in names], dtype=bool)

    def texts(wrong: np.ndarray, text: Callable[[str], str]) -> np.ndarray:
        return np.array([text(name) if bad else "" for name, bad in zip(names, wrong, strict=True)], dtype=object)

    unknown = ~known & (names != "")
    told = texts(unknown, lambda name: f"a known item{_near(name, list(items))}")
    problems = _tell(file.name, frame, unknown, "item", told)
    strange = [k and u != "" and u not in items[n].units for n, u, k in zip(names, units, known, strict=True)]
    wrong = np.array(strange, dtype=bool)
    told = texts(wrong, lambda name: f"{' or '.join(items[name].units)} for {name}")
    problems += _tell(file.name, frame, wrong, "unit", told)
    unsigned = np.array([k and not items[n].signed for n, k in zip(names, known, strict=True)], dtype=bool)
    negative = unsigned & (frame["value"] < 0).to_numpy()
    told = texts(negative, lambda name: f"no negative number for {name}")
    return problems + _tell(file.name, frame, negative, "value", told)


def _parents(companies: pd.DataFrame, tickers: list[str]) -> list[Problem]:
    parent = companies["consolidated_by"]
    wrong = (parent.notna() & ~parent.isin(tickers)).to_numpy()
    return _tell("companies.csv", companies, wrong, "consolidated_by", "a ticker of companies.csv")


def _instruments(rows: pd.DataFrame) -> list[Problem]:
    """Terms that each kind cannot do without."""
    problems: list[Problem] = []
    needs = {"convertible": ("principal_usd", "price_usd"), "warrant": ("quantity", "price_usd"),
             "option": ("quantity", "price_usd"), "rsu": ("quantity",)}  # fmt: skip
    for kind, columns in needs.items():
        for column in columns:
            wrong = (rows["kind"].eq(kind) & rows[column].isna()).to_numpy(dtype=bool)
            problems += _tell("instruments.csv", rows, wrong, column, f"a number: a {kind} needs it")
    zero = (rows["price_usd"] == 0).to_numpy(dtype=bool)
    return problems + _tell("instruments.csv", rows, zero, "price_usd", "a positive number")


def _owners(rows: pd.DataFrame) -> list[Problem]:
    wrong = (rows["owner_share_pct"].isna() & rows["kind"].ne("hosting")).to_numpy(dtype=bool)
    return _tell(
        "contracts.csv", rows, wrong, "owner_share_pct", "a percent: the part of the contract that is the company's"
    )


def _near(name: str, known: list[str]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f"; is {near[0]} meant?" if near else ""
