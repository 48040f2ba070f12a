"""Checks inside and between the files of a universe: bounds, allowed words, keys, order of dates, tickers, units."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

import numpy as np
import pandas as pd

from screener.errors import Problem, did_you_mean
from screener.universes.items import ITEMS, Item
from screener.universes.reading import DATE_FORM, DATE_FORMAT
from screener.universes.schema import BOOK, DATE, FILES, NUMBER, POSITIVE, TEXT, File

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
        # Without companies, or without the settings that name the benchmarks, each row would repeat the one fault.
        if len(companies) and (settings or name != "prices.csv"):
            allowed = [*companies, *benchmarks] if name == "prices.csv" else list(companies)
            problems += _tickers(file, frame, allowed)
        if name in ITEMS:
            problems += _items(file, frame, ITEMS[name])
    if not len(companies) and any("ticker" in frame and frame["ticker"].notna().any() for frame in frames.values()):
        problems.append(
            Problem("companies.csv", None, "ticker", "", "a row for each company that the other files name")
        )
    problems += _parents(frames["companies.csv"], list(companies))
    problems += _instruments(frames["instruments.csv"])
    problems += _owners(frames["contracts.csv"])
    problems += _terms(frames["contract_terms.csv"], frames["contracts.csv"])
    problems += _phases(frames["phases.csv"], frames["contracts.csv"])
    return problems


def _problems(frame: pd.DataFrame, wrong: np.ndarray, column: str, expected: str | Sequence[str]) -> list[Problem]:
    """A Problem for each wrong row, in the row's own file; `expected` is one text, or a text for each of them."""
    rows = np.flatnonzero(wrong)
    if not rows.size:
        return []
    texts = [expected] * len(rows) if isinstance(expected, str) else expected
    files, lines, cells = frame["file"].to_numpy()[rows], frame["line"].to_numpy()[rows], frame[column].iloc[rows]
    values = [_shown(cell) for cell in cells]
    return [
        Problem(str(file), int(line), column, value, text)
        for file, line, value, text in zip(files, lines, values, texts, strict=True)
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
            problems += _problems(frame, wrong, name, f"one of {', '.join(column.one_of)}")
        if column.kind == TEXT:
            continue
        if column.at_least is not None:
            least = "a positive number" if column.at_least > 0 else "no negative number"
            problems += _problems(frame, (cells < column.at_least).to_numpy(), name, least)
        if column.at_most is not None:
            wrong = (cells > column.at_most).to_numpy()
            problems += _problems(frame, wrong, name, f"at most {column.at_most:g}")
    return problems


def _unique(file: File, frame: pd.DataFrame) -> list[Problem]:
    key = list(file.key)
    # Facts of an overlay stand beside those of the universe; of every other file it takes the place of the row.
    own = [*key, "file"]
    known = frame[key].notna().all(axis=1).to_numpy()
    again = frame.duplicated(own, keep="first").to_numpy() & known
    if not again.any():
        return []
    first = frame[known].groupby(own, sort=False)["line"].transform("first")[again[known]]
    texts = [f"a row of its own: line {line} has the same {', '.join(key)}" for line in first]
    return _problems(frame, again, key[0], texts)


def _order(file: File, frame: pd.DataFrame) -> list[Problem]:
    problems: list[Problem] = []
    for earlier, later in file.later:
        wrong = (frame[later] < frame[earlier]).to_numpy()
        texts = [f"on or after {earlier} {day:%Y-%m-%d}" for day in frame.loc[wrong, earlier]]
        problems += _problems(frame, wrong, later, texts)
    return problems


def _tickers(file: File, frame: pd.DataFrame, allowed: list[str]) -> list[Problem]:
    if file.name == "companies.csv" or "ticker" not in frame:
        return []
    wrong = (frame["ticker"].notna() & ~frame["ticker"].isin(allowed)).to_numpy()
    texts = _hinted(frame.loc[wrong, "ticker"], "a ticker of companies.csv", allowed)
    return _problems(frame, wrong, "ticker", texts)


def _items(file: File, frame: pd.DataFrame, items: dict[str, Item]) -> list[Problem]:
    names, units = frame["item"], frame["unit"]
    known = names.isin(items)
    unknown = (names.notna() & ~known).to_numpy()
    problems = _problems(frame, unknown, "item", _hinted(names[unknown], "a known item", items))
    pairs = pd.MultiIndex.from_arrays([names.astype(object), units.astype(object)])
    right = pairs.isin([(name, unit) for name, item in items.items() for unit in item.units])
    wrong = known.to_numpy() & units.notna().to_numpy() & ~right
    texts = _by_name(names[wrong], lambda name: f"{' or '.join(items[name].units)} for {name}")
    problems += _problems(frame, wrong, "unit", texts)
    negative = (names.isin([name for name, item in items.items() if not item.signed]) & (frame["value"] < 0)).to_numpy()
    texts = _by_name(names[negative], lambda name: f"no negative number for {name}")
    return problems + _problems(frame, negative, "value", texts)


def _parents(companies: pd.DataFrame, tickers: list[str]) -> list[Problem]:
    parent = companies["consolidated_by"]
    wrong = (parent.notna() & ~parent.isin(tickers)).to_numpy()
    return _problems(companies, wrong, "consolidated_by", "a ticker of companies.csv")


def _instruments(rows: pd.DataFrame) -> list[Problem]:
    """Terms that each kind cannot do without."""
    problems: list[Problem] = []
    needs = {"convertible": ("principal_usd", "price_usd"), "warrant": ("quantity", "price_usd"),
             "option": ("quantity", "price_usd"), "rsu": ("quantity",)}  # fmt: skip
    for kind, columns in needs.items():
        for column in columns:
            wrong = (rows["kind"].eq(kind) & rows[column].isna()).to_numpy(dtype=bool)
            problems += _problems(rows, wrong, column, f"a number: a {kind} needs it")
    zero = (rows["price_usd"] == 0).to_numpy(dtype=bool)
    return problems + _problems(rows, zero, "price_usd", "a positive number")


def _owners(rows: pd.DataFrame) -> list[Problem]:
    wrong = (rows["owner_share_pct"].isna() & rows["kind"].ne("hosting")).to_numpy(dtype=bool)
    return _problems(rows, wrong, "owner_share_pct", "a percent: the company's share of the contract")


def _terms(rows: pd.DataFrame, contracts: pd.DataFrame) -> list[Problem]:
    """Contract and column that exist, and a value of the column's kind and within its bounds."""
    columns = FILES["contracts.csv"].columns
    wrong = (rows["contract_id"].notna() & ~rows["contract_id"].isin(contracts["contract_id"])).to_numpy(dtype=bool)
    texts = _hinted(rows.loc[wrong, "contract_id"], "a contract of contracts.csv", list(contracts["contract_id"]))
    problems = _problems(rows, wrong, "contract_id", texts)
    changeable = [name for name in columns if name not in ("contract_id", "ticker", "announced_on")]
    wrong = (rows["column"].notna() & ~rows["column"].isin(changeable)).to_numpy(dtype=bool)
    texts = _hinted(rows.loc[wrong, "column"], "a column of contracts.csv that may change", changeable)
    problems += _problems(rows, wrong, "column", texts)
    for name in changeable:
        column, mine = columns[name], rows["column"].eq(name).to_numpy(dtype=bool) & rows["value"].notna().to_numpy()
        if not mine.any() or (column.kind == TEXT and not column.one_of):
            continue
        cells = rows["value"].where(mine)
        if column.kind == DATE:
            good, expected = as_days(cells).notna(), f"a day as YYYY-MM-DD for {name}"
        elif column.kind == NUMBER:
            value = pd.to_numeric(cells, errors="coerce")
            least = -np.inf if column.at_least is None else column.at_least
            most = np.inf if column.at_most is None else column.at_most
            span = f"above 0, at most {most:g}" if least == POSITIVE else f"from {least:g} to {most:g}"
            good, expected = (
                value.between(least, most) & np.isfinite(value),
                f"a number for {name} {span}",
            )
        else:
            good, expected = cells.isin(column.one_of), f"one of {', '.join(column.one_of)}"
        problems += _problems(rows, mine & ~good.to_numpy(dtype=bool), "value", expected)
    return problems


def as_days(cells: pd.Series) -> pd.Series:
    """Texts YYYY-MM-DD as days; NaT for every other text."""
    formed = cells.where(cells.astype(object).map(lambda text: bool(DATE_FORM.fullmatch(str(text)))))
    return pd.to_datetime(formed, format=DATE_FORMAT, errors="coerce")


def _phases(rows: pd.DataFrame, contracts: pd.DataFrame) -> list[Problem]:
    """A contract, or contracts together, that exist and were announced by the day on which a phase was published."""
    names = rows["contract_id"].astype(object).fillna("")
    announced = contracts.dropna(subset=["contract_id"]).set_index("contract_id")["announced_on"]
    announced = announced[~announced.index.duplicated()]
    first = {name: announced.get(name, pd.NaT) for name in names.unique()}
    for name in first:
        if name.endswith(BOOK):
            inside = announced[announced.index.str.startswith(name.removesuffix(BOOK) + "-")]
            first[name] = inside.min() if len(inside) else pd.NaT
    known = names.isin(announced.index) | pd.Series(
        [name.endswith(BOOK) and pd.notna(first[name]) for name in names], index=names.index, dtype=bool
    )
    wrong = ((names != "") & ~known).to_numpy(dtype=bool)
    expected = f"a contract of contracts.csv, or NAME{BOOK} for all called NAME-..."
    problems = _problems(rows, wrong, "contract_id", _hinted(names[wrong], expected, list(announced.index)))
    since = pd.to_datetime(names.map(first))
    early = (known & (rows["published_on"] < since)).to_numpy(dtype=bool)
    texts = [f"on or after the announcement of the contract, {day:%Y-%m-%d}" for day in since[early]]
    problems += _problems(rows, early, "published_on", texts)
    none = (rows["critical_it_mw"] <= 0).to_numpy(dtype=bool)
    problems += _problems(rows, none, "critical_it_mw", "a positive number")
    later = (rows["status"].eq("delivered") & (rows["date"] > rows["published_on"])).to_numpy(dtype=bool)
    return problems + _problems(rows, later, "date", "a day on or before published_on: a delivery is past")
