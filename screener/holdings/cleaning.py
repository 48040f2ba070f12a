"""One table of a file as holdings: what is no holding left out, cash, options and shorts told apart, faults by cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.holdings.grid import EMPTY_FORMULA
from screener.holdings.headers import plain
from screener.holdings.layouts import Table
from screener.holdings.numbers import to_numbers

COLUMNS = ["account", "ticker", "kind", "description", "quantity", "cost", "price", "value", "currency", "file", "line"]
NUMBERS = ("quantity", "price", "value", "cost", "unit_cost", "multiplier")
TEXTS = ("ticker", "currency", "account", "description", "kind", "level", "side", "lot")
CURRENCIES = frozenset({
    "AED", "AUD", "BRL", "CAD", "CHF", "CLP", "CNH", "CNY", "CZK", "DKK", "EUR", "GBP", "GBX", "HKD", "HUF",
    "IDR", "ILS", "INR", "ISK", "JPY", "KRW", "KWD", "MXN", "MYR", "NOK", "NZD", "PHP", "PLN", "QAR", "RON",
    "SAR", "SEK", "SGD", "THB", "TRY", "TWD", "USD", "ZAR",
})  # fmt: skip
PENCE = "GBX"
CASH, EQUITY, OPTION = "cash", "equity", "option"
CASH_TICKER = "CASH"
LARGEST = 1e12
OPTION_SIZE = 100.0
_TICKER = re.compile(r"[A-Z0-9][A-Z0-9.\-/^=]{0,19}")
_OPTION = re.compile(
    r"-?[A-Z.]{1,6} ?\d{6}[CP]\d+(\.\d+)?|[A-Z.]{1,6}\s+\d{2}/\d{2}/\d{4}\s.*|[A-Z.]{1,6}\s+\d{1,2}[A-Z]{3}\d{2}\s.*"
)
_CASH_TICKER = re.compile(r"CASH.*|.*\*\*|SPAXX|FDRXX|SWVXX|VMFXX")
_CASH_KIND = re.compile(r"\bcash\b|money ?market|sweep", re.IGNORECASE)
_TOTAL = re.compile(r"(sub|grand |account |positions? |portfolio )?total\b.*|net worth.*", re.IGNORECASE)


@dataclass
class Cleaned:
    """Holdings of one table (`COLUMNS`), its faults, and what a reader should know."""

    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


def clean(table: Table, *, allow_duplicates: bool = False) -> Cleaned:
    """Turn the rows of a table into holdings; with a fault the frame is of no use."""
    file = table.grid.file + (f" [{table.grid.sheet}]" if table.grid.sheet else "")
    whole = _raw(table)
    out = Cleaned(pd.DataFrame(columns=COLUMNS))
    raw = whole[~_furniture(whole, out, file)].reset_index(drop=True)
    if raw.empty:
        return out
    numbers, wrong, signs = _numbers(raw)
    symbol = raw["ticker"].str.upper().str.strip().str.replace(r"(?<=[A-Z])[ /](?=[A-Z]{1,2}$)", ".", regex=True)
    kind = _kinds(raw, symbol, numbers["price"])
    cash, option = kind == CASH, kind == OPTION
    amount = numbers["quantity"].where(numbers["quantity"].notna() | ~cash, numbers["value"])
    currency = _currencies(raw["currency"], symbol.where(cash, ""), signs)

    told = _Faults(table, raw, file, out.problems)
    told.where(symbol == "", "ticker", "a ticker")
    strange = (kind == EQUITY) & (symbol != "") & ~symbol.str.fullmatch(_TICKER)
    told.where(strange, "ticker", "a ticker: letters, digits, point, hyphen")
    for name in NUMBERS:
        told.where(wrong[name], name, "a number")
    blank = amount.isna() & ~wrong["quantity"] & ~(cash & wrong["value"])
    told.where(blank, "quantity", "a number" if "quantity" in table.columns else "a column of quantities")
    told.where(amount.abs() > LARGEST, "quantity", f"at most {LARGEST:,.0f}")
    told.where(~currency.isin(CURRENCIES), "currency", "a currency code such as USD or CAD")
    if not allow_duplicates:
        out.problems += _duplicates(raw, file)
    if out.problems:
        return out

    short = raw["side"].str.contains("short", case=False) & (amount > 0)
    amount = amount.where(~short, -amount)
    unit = numbers["multiplier"].fillna(1.0).where(~option | numbers["multiplier"].notna(), OPTION_SIZE)
    unit = unit.where(currency != PENCE, unit / 100)
    spent = numbers["cost"].where(currency != PENCE, numbers["cost"] / 100)
    cost = spent.where(spent.notna(), numbers["unit_cost"] * amount * unit).abs() * np.sign(amount)
    account = raw["account"].where(raw["account"] != "", table.title or table.grid.sheet or Path(table.grid.file).stem)
    frame = pd.DataFrame(
        {
            "account": account,
            "ticker": symbol.where(~cash, CASH_TICKER),
            "kind": kind,
            "description": raw["description"],
            "quantity": amount,
            "cost": cost.where(~cash),
            "price": (numbers["price"] * unit).where(~cash),
            "value": numbers["value"].where(currency != PENCE, numbers["value"] / 100),
            "currency": currency.replace(PENCE, "GBP"),
            "file": file,
            "line": raw["line"],
        }
    )
    if symbol.str.startswith("PENDING ACTIVITY").any():
        out.notes.append(f"{file}: pending activity counts as cash")
    formulas = table.formulas()
    if formulas:
        out.notes.append(f"{file}: {formulas} cells hold formulas; the values stored with them were taken")
    out.frame = frame[frame["quantity"] != 0]
    return out


class _Faults:
    """Collects what is wrong, each with its place in the file."""

    def __init__(self, table: Table, raw: pd.DataFrame, file: str, problems: list[Problem]) -> None:
        self.table, self.raw, self.file, self.problems = table, raw, file, problems

    def where(self, mask: pd.Series, column: str, expected: str) -> None:
        """A fault a row of `mask`, in the column of the file that gave `column`."""
        name = self.table.header_text(column) if column in self.table.columns else column
        rows = self.raw.loc[mask.to_numpy(dtype=bool), ["line", column]]
        for line, value in rows.itertuples(index=False):
            shown = "a formula without a stored value" if value == EMPTY_FORMULA else value[:60]
            self.problems.append(Problem(self.file, int(line), name, shown, expected))


def _raw(table: Table) -> pd.DataFrame:
    """Texts by field, empty where a file has no such column; `line`, and `cells` for telling equal lines."""
    rows = [table.grid.rows[at] for at in table.rows]
    found = {name: [row[at] if at < len(row) else "" for row in rows] for name, at in table.columns.items()}
    frame = pd.DataFrame({name: found.get(name, [""] * len(rows)) for name in (*TEXTS, *NUMBERS)}, dtype=object)
    frame["line"] = [table.grid.line[at] for at in table.rows]
    frame["cells"] = pd.Series(["\x1f".join(row).rstrip("\x1f") for row in rows], dtype=object)
    frame["filled"] = [sum(map(bool, row)) for row in rows]
    return frame


def _furniture(raw: pd.DataFrame, out: Cleaned, file: str) -> pd.Series:
    """Rows that are no holding: blanks, totals, titles, footers, and lots where the same file sums them."""
    amounts = (raw["quantity"] != "") | (raw["value"] != "") | (raw["cost"] != "") | (raw["price"] != "")
    total = raw["ticker"].str.fullmatch(_TOTAL) | raw["description"].str.fullmatch(_TOTAL)
    short = raw["ticker"].str.fullmatch(r"[A-Za-z0-9.\-]{1,8}")
    words = ~amounts & ((raw["ticker"] == "") | (raw["ticker"].str.len() > 20) | ((raw["filled"] == 1) & ~short))
    level = raw["level"].map(plain)
    lots = level.isin(("lot", "closedlot")) & bool(level.isin(("summary", "position")).any())
    if lots.any():
        out.notes.append(f"{file}: {int(lots.sum())} lines of lots left out, the file sums them")
    return (raw["filled"] == 0) | total | words | lots


def _kinds(raw: pd.DataFrame, symbol: pd.Series, price: pd.Series) -> pd.Series:
    """Cash, option or equity. CASH and USD are tickers of companies too: with a price other than one they are."""
    option = symbol.str.fullmatch(_OPTION) | raw["kind"].str.contains("option", case=False)
    named = symbol.str.fullmatch(_CASH_TICKER) | symbol.isin(CURRENCIES)
    cash = named & (price.isna() | (price == 1))
    cash |= raw["kind"].str.contains(_CASH_KIND) | symbol.str.startswith("PENDING ACTIVITY")
    cash |= raw["description"].str.contains("HELD IN MONEY MARKET", case=False)
    return pd.Series(np.select([cash & ~option, option], [CASH, OPTION], EQUITY), index=raw.index, dtype=object)


def _currencies(given: pd.Series, cash_symbol: pd.Series, signs: pd.Series) -> pd.Series:
    """The column's code, else the one a cash line is named by, else the one that signs say, else USD."""
    out = given.str.upper().str.strip()
    out = out.where(out != "", cash_symbol.where(cash_symbol.isin(CURRENCIES), ""))
    out = out.where(out != "", signs)
    return out.where(out != "", "USD")


def _numbers(raw: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """Every number of the table read in one habit, what cannot be read, and the currency that signs say."""
    stacked = np.concatenate([raw[name].to_numpy() for name in NUMBERS])
    codes, texts = pd.factorize(stacked)  # most cells repeat: the columns that a file does not have are all empty
    value, wrong, sign = (
        pd.DataFrame(found.to_numpy()[codes].reshape(len(NUMBERS), -1).T, columns=list(NUMBERS))
        for found in to_numbers(pd.Series(texts, dtype=object))
    )
    signs = pd.Series("", index=raw.index, dtype=object)
    for name in ("price", "value", "cost", "unit_cost"):
        signs = signs.where(signs != "", sign[name])
    return value.astype(float), wrong.astype(bool), signs


def _duplicates(raw: pd.DataFrame, file: str) -> list[Problem]:
    again = raw.duplicated("cells", keep="first")
    if not again.any():
        return []
    first = raw.drop_duplicates("cells").set_index("cells")["line"]
    remedy = "--allow-duplicates adds equal lines as lots"
    return [
        Problem(file, int(line), "", ticker, f"a line other than line {first[cells]}; {remedy}")
        for line, ticker, cells in raw.loc[again, ["line", "ticker", "cells"]].itertuples(index=False)
    ]
