"""One table of a file as holdings: a kind and a unit for every row, figures held against each other."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.holdings import currencies, exchanged, hundredths, same_security
from screener.holdings.choices import Choices
from screener.holdings.faults import Faults, cut_short, duplicates, other_columns, rivals, row_faults, undecided
from screener.holdings.habits import Habit, habit_of
from screener.holdings.kinds import OPTION, Kind
from screener.holdings.quotation import currencies_of
from screener.holdings.row_kinds import kinds_of
from screener.holdings.rows import LOT, POSITION, TOTAL, WATCHED, WORDS, Rows, rows_of
from screener.holdings.securities import identified
from screener.holdings.tables import Table
from screener.holdings.totals import Totals, totals_of
from screener.holdings.units import Figures, figures_of

COLUMNS = [
    "account", "ticker", "kind", "description", "isin", "quantity", "cost", "price", "unit", "value", "currency",
    "underlying", "right", "strike", "expiry", "notional", "file", "line",
]  # fmt: skip


@dataclass
class Cleaned:
    """Holdings of one table (`COLUMNS`), faults that refuse the file, rows left out, and what a reader should know."""

    frame: pd.DataFrame
    problems: list[Problem] = field(default_factory=list)
    left_out: list[Problem] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    habit: Habit = field(default_factory=Habit)
    lines: int = 0
    checked: int = 0
    counts: dict[str, int] = field(default_factory=dict)
    assumed: str = ""
    totals: Totals = field(default_factory=Totals)


def clean(table: Table, choices: Choices) -> Cleaned:
    """Turn the rows of a table into holdings; with `problems` the frame is of no use."""
    rows = rows_of(table)
    out = Cleaned(pd.DataFrame(columns=COLUMNS))
    file = table.grid.place
    _count(rows, out)
    raw = rows.of(POSITION).reset_index()
    if raw.empty:
        return out
    faults = Faults(table, raw, file)
    faults.refuse(
        raw["surplus"] != "", "", raw["surplus"],
        "as many cells as the header has names; a thousands comma without quotes shifts the columns",
    )  # fmt: skip
    rivals(faults, raw, table)
    out.habit = habit_of(table, rows, choices)
    out.problems += out.habit.problems(file)
    if out.problems or faults.problems:
        out.problems += faults.problems
        return out
    numbers = out.habit.read(raw)
    raw, notes = identified(raw, file)
    out.notes += notes
    kinds = kinds_of(raw, numbers, table, choices)
    kind = pd.Series([found.kind for found in kinds], index=raw.index, dtype=object)
    quoted = currencies_of(raw, numbers, kind, table, choices)
    currency, out.assumed = quoted.code, quoted.assumed
    row_faults(faults, raw, numbers, kinds, kind, currency, table)
    out.notes += cut_short(faults, raw, table)
    out.notes += exchanged.notes(numbers, kind, raw["ticker"], file)
    other_columns(faults, raw, numbers, out.habit, table)
    for at, reason in quoted.why.items():
        faults.refuse_row(int(at), "currency", raw.at[at, "ticker"], reason)
    for name, doubted in hundredths.lone_marks(raw, numbers, kind, table, choices).items():
        faults.where(doubted, name, "a currency that other figures of the row or of the column confirm")
    for at, reason in hundredths.impossible(raw, numbers["multiplier"].value, kind, currency).items():
        faults.leave_out(at, "currency", raw.at[at, "currency"], reason)
    undecided(faults, raw, kinds)
    if not choices.allow_duplicates:
        faults.problems += duplicates(raw, file)
    figures = figures_of(raw, numbers, kind, currency, table, faults, choices)
    out.notes += same_security.check(raw, kinds, kind, figures, currency, table, faults, choices)
    out.problems += faults.problems
    out.left_out = faults.left_out
    out.notes += [*figures.notes, *_notes(table, raw, kinds, file)]
    out.checked = figures.checked
    out.totals = totals_of(rows, raw, figures, currency, out.habit, table, file)
    out.notes += out.totals.notes
    if out.problems:
        return out
    whole = _frame(raw, figures, kinds, kind, currency, table, file)
    good = ~whole["line"].isin(faults.lines)
    zero = good & (whole["quantity"] == 0)
    if zero.any():
        out.counts["of a quantity of zero"] = int(zero.sum())
    out.frame = whole[good & ~zero]
    return out


def _count(rows: Rows, out: Cleaned) -> None:
    names = {
        TOTAL: "totals", LOT: "lots, which the file sums", WATCHED: "without a quantity, watched and not held",
        WORDS: "of text",
    }  # fmt: skip
    out.counts = {words: rows.count(state) for state, words in names.items() if rows.count(state)}
    out.lines = int((rows.frame["filled"] > 0).sum())


def _frame(
    raw: pd.DataFrame,
    figures: Figures,
    kinds: list[Kind],
    kind: pd.Series,
    currency: pd.Series,
    table: Table,
    file: str,
) -> pd.DataFrame:
    account = raw["account"].where(raw["account"] != "", raw["title"])
    account = account.where(account != "", table.grid.sheet or Path(table.grid.file).stem)
    contracts = [found.contract for found in kinds]
    return pd.DataFrame(
        {
            "account": account,
            "ticker": [found.ticker for found in kinds],
            "kind": kind,
            "description": raw["description"],
            "isin": raw["isin"],
            "quantity": figures.quantity,
            "cost": figures.cost,
            "price": figures.price,
            "unit": figures.unit,
            "value": figures.value,
            "currency": currency.map(currencies.main),
            "underlying": [one.underlying if one else "" for one in contracts],
            "right": [one.right if one else "" for one in contracts],
            "strike": [one.strike if one else np.nan for one in contracts],
            "expiry": pd.to_datetime([one.expiry if one else None for one in contracts]),
            "notional": figures.notional,
            "file": file,
            "line": raw["line"],
        }
    )


def _notes(table: Table, raw: pd.DataFrame, kinds: list[Kind], file: str) -> list[str]:
    notes = []
    if (raw["ticker"].str.upper().str.startswith("PENDING ACTIVITY")).any():
        notes.append(f"{file}: pending activity counts as cash")
    formulas = table.formulas()
    if formulas:
        notes.append(f"{file}: {formulas} cells hold formulas; the values stored with them were taken")
    adjusted = sorted({found.ticker for found in kinds if found.contract is not None and found.contract.adjusted})
    if adjusted:
        notes.append(f"{file}: {', '.join(adjusted)}: adjusted contracts, which may deliver other than 100 shares")
    unread = sorted({found.ticker for found in kinds if found.kind == OPTION and found.contract is None})
    if unread:
        notes.append(f"{file}: {', '.join(unread)}: options whose strike, expiry and right the file does not say")
    return notes
