"""Statuses of values: each value carries its status and the inputs that caused it.

Statuses, from best to worst (METHODS section 2: unknown is never zero):

``ok``              every input is known and fresh
``stale``           an input is older than its item's maximum age; the value is used and marked
``proxy``           a declared stand-in took the place of an unknown input
``missing``         an input is unknown, so the value is unknown
``not_meaningful``  the inputs are known and the ratio means nothing (no contract to divide by, negative EV)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from itertools import repeat
from typing import Protocol

import numpy as np
import pandas as pd

from valuation._words import BOTH

STATUSES = ("ok", "stale", "proxy", "missing", "not_meaningful")
# An unknown input outranks a meaningless ratio: with an input unknown nobody can say that the ratio means nothing.
_BY_RANK = ("ok", "stale", "proxy", "not_meaningful", "missing")
_RANK = {name: rank for rank, name in enumerate(_BY_RANK)}
USABLE = frozenset({"ok", "stale", "proxy"})
# Marks that may apply at once, as bits of a number, and how each combination is printed.
_BITS = {"stale": 1, "proxy": 2}
_LETTERS = np.array(["", "s", "p", "sp"], dtype=object)


@dataclass(frozen=True)
class Details:
    """What a cause names in each row, such as the contracts concerned; empty where the mark does not apply.

    The row's cause is the mark's cause, a colon and this text. One mark for all rows costs one pass over them; a mask
    for each distinct text would cost as many passes as there are texts.
    """

    texts: np.ndarray

    @classmethod
    def named(cls, names: pd.Series, at: np.ndarray, rows: int) -> Details:
        """Names listed at the position that each has among the rows, in order; one at a negative position is in none."""
        texts = np.full(rows, "", dtype=object)
        for row, name in zip(at.tolist(), names.tolist(), strict=True):
            if row >= 0:
                texts[row] = f"{texts[row]}, {name}" if texts[row] else name
        return cls(texts)

    def where(self, rows: np.ndarray) -> Details:
        """The same in these rows alone."""
        return Details(np.where(rows, self.texts, ""))

    def rows(self) -> np.ndarray:
        """The rows to which the mark applies."""
        return self.texts != ""


# Cause -> the rows that it concerns, as a boolean mask or with a text of their own.
Marks = Mapping[str, "np.ndarray | Details"]


class Ledger:
    """Columns of metrics over one index, each with its status and causes.

    Parameters
    ----------
    index : Index
        One row an (as_of, ticker) or a ticker; every column shares it.
    """

    def __init__(self, index: pd.Index) -> None:
        self.index = index
        self._values: dict[str, np.ndarray] = {}
        self._ranks: dict[str, np.ndarray] = {}
        self._causes: dict[str, np.ndarray] = {}
        self._bits: dict[str, np.ndarray] = {}
        self._joined = _Joined()

    def put(
        self,
        name: str,
        value: pd.Series | np.ndarray,
        *,
        after: Iterable[str] | Mapping[str, np.ndarray] = (),
        stale: Marks | None = None,
        proxy: Marks | None = None,
        missing: Marks | None = None,
        not_meaningful: Marks | None = None,
    ) -> None:
        """Add a column; its status is the worst of its own marks and of the columns it comes `after`.

        Where `after` maps a column to a boolean mask, the column's status is taken over in those rows alone.
        Each mark maps a cause ("debt_total unknown") to a boolean mask over the rows, or to `Details`. Where the status
        ends as `missing` the value becomes NaN, and a NaN without any mark is `missing` with the column's own name.
        """
        values = np.asarray(value)
        values = values.copy() if values.dtype == object else values.astype(float)
        size = len(self.index)
        rank = np.zeros(size, dtype=np.int8)
        bits = np.zeros(size, dtype=np.int8)
        causes = np.full(size, "", dtype=object)
        for upstream in after:
            within = np.asarray(after[upstream], dtype=bool) if isinstance(after, Mapping) else True
            above = np.where(within, self._ranks[upstream], 0).astype(np.int8)
            np.maximum(rank, above, out=rank)
            bits |= np.where(within, self._bits[upstream], 0).astype(np.int8)
            self._append(causes, np.flatnonzero(above), self._causes[upstream])
        marks = {"stale": stale, "proxy": proxy, "missing": missing, "not_meaningful": not_meaningful}
        for status, mark in marks.items():
            for cause, rows in (mark or {}).items():
                if isinstance(rows, Details):
                    at = np.flatnonzero(rows.rows())
                    self._append(causes, at, [f"{cause}: {text}" for text in rows.texts[at]])
                else:
                    at = np.flatnonzero(np.asarray(rows, dtype=bool))
                    self._append(causes, at, cause)
                if len(at):
                    rank[at] = np.maximum(rank[at], _RANK[status])
                    bits[at] |= _BITS.get(status, 0)
        unknown = pd.isna(values) & (rank < _RANK["not_meaningful"])
        if unknown.any():
            rank[unknown] = _RANK["missing"]
            self._append(causes, np.flatnonzero(unknown), f"{name} unknown")
        lost = rank == _RANK["missing"]
        if values.dtype == object:
            values[lost] = None
        else:
            values = np.where(lost, np.nan, values)
        self._values[name], self._ranks[name], self._causes[name], self._bits[name] = values, rank, causes, bits

    def _append(self, causes: np.ndarray, at: np.ndarray, more: str | np.ndarray | list[str]) -> None:
        """Add causes to the rows at these positions: one text for all, one for each, or an array over every row."""
        if len(at) == 0:
            return
        each = repeat(more) if isinstance(more, str) else more if isinstance(more, list) else more[at].tolist()
        joined = self._joined
        causes[at] = [joined[pair] for pair in zip(causes[at].tolist(), each)]  # noqa: B905 - a repeat has no end

    def __getitem__(self, name: str) -> np.ndarray:
        return self._values[name]

    def __contains__(self, name: object) -> bool:
        return name in self._values

    def usable(self, name: str) -> np.ndarray:
        """Rows whose value may enter a statistic: status ok, stale or proxy."""
        return self._ranks[name] <= _RANK["proxy"]

    @property
    def table(self) -> pd.DataFrame:
        """The values, a column a metric."""
        return pd.DataFrame(self._values, index=self.index)

    @property
    def status(self) -> pd.DataFrame:
        """The statuses, same shape as `table`."""
        names = np.array(_BY_RANK, dtype=object)
        return pd.DataFrame({k: names[v] for k, v in self._ranks.items()}, index=self.index)

    @property
    def marks(self) -> pd.DataFrame:
        """Every mark of a usable value, same shape as `table`: `s` stale, `p` proxy, `sp` both; empty where ok or unusable.

        The status keeps the worse of two marks; a reader has to see both (METHODS section 2).
        """
        shown = {k: _LETTERS[np.where(self.usable(k), bits, 0)] for k, bits in self._bits.items()}
        return pd.DataFrame(shown, index=self.index)

    @property
    def causes(self) -> pd.DataFrame:
        """The inputs that caused each status, same shape as `table`; empty where `ok`."""
        return pd.DataFrame(self._causes, index=self.index)


def shown(status: pd.DataFrame, marks: pd.DataFrame) -> pd.DataFrame:
    """Statuses as tables print them: those of a figure that is both stale and a proxy name both."""
    return status.mask(marks.reindex(index=status.index, columns=status.columns) == "sp", BOTH)


class _Joined(dict[tuple[str, str], str]):
    """Two texts of causes as one: separated by semicolons, each cause once.

    Thousands of rows share a few pairs of texts, so each pair is joined when it is first met.
    """

    def __missing__(self, pair: tuple[str, str]) -> str:
        have = [part for part in pair[0].split("; ") if part]
        have += [part for part in pair[1].split("; ") if part and part not in have]
        self[pair] = joined = "; ".join(have)
        return joined


class Statused(Protocol):
    """A result with the status and the causes of each value."""

    @property
    def status(self) -> pd.DataFrame:
        """Statuses, a column a figure."""

    @property
    def causes(self) -> pd.DataFrame:
        """Causes of the statuses, same shape."""


def carried(source: Statused, name: str) -> dict[str, dict[str, np.ndarray]]:
    """Marks of a column, ready for another ledger over the same rows: status -> cause -> rows."""
    status, cause = source.status[name].to_numpy(), source.causes[name].to_numpy(dtype=object)
    out: dict[str, dict[str, np.ndarray]] = {kind: {} for kind in ("stale", "proxy", "missing", "not_meaningful")}
    for row, (kind, text) in enumerate(zip(status.tolist(), cause.tolist(), strict=True)):
        marked = out.get(kind)
        if marked is None:
            continue
        if (text := text or name) not in marked:
            marked[text] = np.zeros(len(status), dtype=bool)
        marked[text][row] = True
    return out
