"""Statuses of values: each value carries its status and the inputs that caused it.

Statuses, from best to worst (METHODS: "unknown is never zero"):

``ok``              every input is known and fresh
``stale``           an input is older than its item's maximum age; the value is used and marked
``proxy``           a declared stand-in took the place of an unknown input
``missing``         an input is unknown, so the value is unknown
``not_meaningful``  the inputs are known and the ratio means nothing (no contract to divide by, negative EV)
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

STATUSES = ("ok", "stale", "proxy", "missing", "not_meaningful")
# An unknown input outranks a meaningless ratio: with an input unknown nobody can say that the ratio means nothing.
_BY_RANK = ("ok", "stale", "proxy", "not_meaningful", "missing")
_RANK = {name: rank for rank, name in enumerate(_BY_RANK)}
USABLE = frozenset({"ok", "stale", "proxy"})


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

    def put(
        self,
        name: str,
        value: pd.Series | np.ndarray,
        *,
        after: Iterable[str] = (),
        stale: Mapping[str, np.ndarray] | None = None,
        proxy: Mapping[str, np.ndarray] | None = None,
        missing: Mapping[str, np.ndarray] | None = None,
        not_meaningful: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Add a column; its status is the worst of its own marks and of the columns it comes `after`.

        Each mark maps a cause ("debt_total unknown") to a boolean mask over the rows. Where the status ends as
        `missing` the value becomes NaN, and a NaN without any mark is `missing` with the column's own name.
        """
        values = np.asarray(value)
        values = values.copy() if values.dtype == object else values.astype(float)
        size = len(self.index)
        rank = np.zeros(size, dtype=np.int8)
        causes = np.full(size, "", dtype=object)
        for upstream in after:
            rank = np.maximum(rank, self._ranks[upstream])
            causes = _join(causes, self._causes[upstream], self._ranks[upstream] > 0)
        marks = {"stale": stale, "proxy": proxy, "missing": missing, "not_meaningful": not_meaningful}
        for status, mark in marks.items():
            for cause, mask in (mark or {}).items():
                hit = np.asarray(mask, dtype=bool)
                if hit.any():
                    rank = np.where(hit, np.maximum(rank, _RANK[status]), rank)
                    causes = _join(causes, cause, hit)
        unknown = pd.isna(values) & (rank < _RANK["not_meaningful"])
        if unknown.any():
            rank = np.where(unknown, _RANK["missing"], rank)
            causes = _join(causes, f"{name} unknown", unknown)
        lost = rank == _RANK["missing"]
        if values.dtype == object:
            values[lost] = None
        else:
            values = np.where(lost, np.nan, values)
        self._values[name], self._ranks[name], self._causes[name] = values, rank.astype(np.int8), causes

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
    def causes(self) -> pd.DataFrame:
        """The inputs that caused each status, same shape as `table`; empty where `ok`."""
        return pd.DataFrame(self._causes, index=self.index)


def _join(causes: np.ndarray, more: str | np.ndarray, where: np.ndarray) -> np.ndarray:
    """Append causes where `where`, separated by semicolons, each cause once."""
    out = causes.copy()
    extra = more if isinstance(more, np.ndarray) else np.full(len(causes), more, dtype=object)
    for i in np.flatnonzero(where):
        have = [part for part in out[i].split("; ") if part]
        have += [part for part in extra[i].split("; ") if part and part not in have]
        out[i] = "; ".join(have)
    return out
