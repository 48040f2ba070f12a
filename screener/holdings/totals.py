"""Lines of totals held against the rows that they sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd

from screener.errors import Problem
from screener.holdings.choices import Choices
from screener.holdings.habits import Habit
from screener.holdings.reconciliation import WITHIN, cause
from screener.holdings.rows import TOTAL, Rows
from screener.holdings.tables import Table
from screener.holdings.units import Figures


@dataclass(frozen=True)
class Total:
    """A line of a total: its value, and the kind and currency that it is of, empty for all."""

    file: str
    line: int
    column: str
    value: float
    kind: str
    currency: str
    account: str
    at: int  # place of the row within the table
    step: float = 0.01


@dataclass
class Totals:
    """Totals of a table, the value of every row as the file has it (`amounts`), and totals that are no numbers."""

    lines: list[Total] = field(default_factory=list)
    amounts: pd.DataFrame = field(default_factory=pd.DataFrame)
    notes: list[str] = field(default_factory=list)


def totals_of(
    rows: Rows, raw: pd.DataFrame, figures: Figures, currency: pd.Series, habit: Habit, table: Table, file: str
) -> Totals:
    """The lines of totals of a table and what they are held against."""
    out = Totals()
    frame = rows.of(TOTAL)
    out.amounts = pd.DataFrame(
        {
            "at": raw["index"], "amount": figures.shown, "sign": np.sign(figures.quantity),
            "kind_text": raw["kind"], "currency_text": raw["currency"],
            "currency": table.header.value_currency or currency,
            "account": raw["account"].where(raw["account"] != "", raw["title"]),
        }
    )  # fmt: skip
    if frame.empty or "value" not in table.header.columns:
        return out
    places = frame.index.to_numpy()
    out.amounts["since"] = np.searchsorted(places, out.amounts["at"].to_numpy())
    read = habit.read(frame.reset_index(drop=True))["value"]
    statement = table.header.layout.name == "ibkr-statement"
    for at, (place, row) in enumerate(frame.iterrows()):
        value = read.value.iloc[at]
        if np.isnan(value):
            if row["value"]:
                out.notes.append(f"{file}:{row['line']}: a total that is no number ({row['value'][:30]}), not checked")
            continue
        out.lines.append(
            Total(file, int(row["line"]), table.header_text("value"), float(value), row["kind"] if statement else "",
                  row["currency"] if statement else "", row["account"] or "", int(place), float(read.step.iloc[at]))
        )  # fmt: skip
    return out


def check_totals(tables: Sequence[Totals], choices: Choices) -> list[tuple[list[Problem], list[str]]]:
    """Hold the totals of a file's tables against their rows: problems, and notes of what was accepted, by table."""
    out: list[tuple[list[Problem], list[str]]] = []
    before = 0.0
    for one in tables:
        problems: list[Problem] = []
        notes: list[str] = []
        for total in one.lines:
            problem = _problem(total, one.amounts, before)
            if problem is None:
                continue
            if choices.accepts(total.file, total.line, ""):
                notes.append(f"Accepted: {problem}")
            else:
                problems.append(problem)
        out.append((problems, notes))
        before += float(one.amounts["amount"].sum()) if len(one.amounts) else 0.0
    return out


def _problem(total: Total, rows: pd.DataFrame, before: float) -> Problem | None:
    """A total that is the sum of no group of rows above it; None where it is one, or cannot be checked.

    Parameters
    ----------
    rows : DataFrame
        at, amount (the file's value of each row in its own currency, NaN unknown), sign of the quantity, kind_text,
        currency_text, currency, account, of the total's table; `since` is the number of the total above each row.
    before : sum over the tables above this one
    """
    if total.kind:
        rows = rows[rows["kind_text"] == total.kind]
    if total.currency:
        rows = rows[rows["currency_text"] == total.currency]
    if rows.empty or rows["amount"].isna().any():
        return None
    above = rows[rows["at"] < total.at]
    last = above[above["since"] == above["since"].max()] if len(above) else above
    mine = rows[rows["account"] == total.account] if total.account else rows
    groups = [rows, above, last, mine]
    # Shorts are summed with their sign where the file shows them without.
    signed = [float((group["amount"].abs() * group["sign"]).sum()) for group in groups if len(group)]
    sums = [*(float(group["amount"].sum()) for group in groups if len(group)), *signed]
    sums += [total_sum + before for total_sum in sums]
    slack = len(rows) * 0.5 * max(total.step, 0.01)
    size = float(rows["amount"].abs().sum())
    for found in sums:
        if abs(found - total.value) <= max(WITHIN * max(abs(total.value), 0.2 * size), slack):
            return None
    if len(set(rows["currency"])) > 1 and not total.currency:
        return None
    own = sums[0]
    why = cause(abs(total.value / own)) if own else ""
    return Problem(
        total.file, total.line, total.column, f"{total.value:,.2f}", "",
        message=f"the total of {total.value:,.2f} is not the sum of the lines, {own:,.2f}"
        + (f" ({why})" if why else "") + f"; --accept {total.line} takes the lines",
    )  # fmt: skip
