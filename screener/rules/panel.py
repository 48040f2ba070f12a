"""What rules are computed on: metrics of many names on many dates, each with its status."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from valuation.metrics import METRICS


class Panel:
    """Metrics as arrays (dates, names); NaN is unknown.

    Parameters
    ----------
    dates, names : Index
    numbers : arrays by metric name, float
    texts : arrays by metric name, object; None is unknown
    status : arrays by metric name, object, of `valuation.status.STATUSES`; a metric without one is `ok`, or `missing`
        where it is NaN
    eligible : bool array
        Who is screened; the others enter no rank, no z-score and no list.

    Notes
    -----
    A metric of the registry that the panel does not hold is unknown for everybody.
    """

    def __init__(
        self,
        dates: pd.Index,
        names: pd.Index,
        numbers: Mapping[str, np.ndarray],
        texts: Mapping[str, np.ndarray] | None = None,
        status: Mapping[str, np.ndarray] | None = None,
        eligible: np.ndarray | None = None,
    ) -> None:
        self.dates, self.names = dates, names
        self.shape = (len(dates), len(names))
        self._numbers, self._texts, self._status = numbers, texts or {}, status or {}
        self.eligible = np.ones(self.shape, dtype=bool) if eligible is None else eligible

    @classmethod
    def of(cls, table: pd.DataFrame, status: pd.DataFrame, *, everybody: bool = False) -> Panel:
        """From a table of metrics indexed (as_of, ticker), every pair present, or by ticker for one date.

        Companies outside the statistics (column `excluded`) are screened with `everybody` only.
        """
        one_date = table.index.nlevels == 1
        dates = pd.Index([pd.NaT]) if one_date else table.index.unique(0)
        names = table.index if one_date else table.index.unique(1)
        shape = (len(dates), len(names))
        kinds = {name: METRICS[name].unit == "text" for name in table.columns if name in METRICS}
        arrays = {name: table[name].to_numpy().reshape(shape) for name in kinds}
        inside = (table["excluded"] == "").to_numpy().reshape(shape)
        return cls(
            dates,
            names,
            {name: arrays[name].astype(float) for name, text in kinds.items() if not text},
            {name: _or_none(arrays[name]) for name, text in kinds.items() if text},
            {name: status[name].to_numpy().reshape(shape) for name in kinds if name in status},
            None if everybody else inside,
        )

    def number(self, name: str) -> np.ndarray:
        """Values of a metric; NaN where unknown or not meaningful."""
        found = self._numbers.get(name)
        return np.full(self.shape, np.nan) if found is None else found

    def text(self, name: str) -> np.ndarray:
        """Texts of a metric, or the tickers."""
        if name == "ticker":
            return np.broadcast_to(self.names.to_numpy(dtype=object), self.shape)
        found = self._texts.get(name)
        return np.full(self.shape, None, dtype=object) if found is None else found

    def has(self, name: str, status: str) -> np.ndarray | None:
        """Where a metric has a status; None, for nowhere, where the panel carries no statuses of it."""
        found = self._status.get(name)
        return None if found is None else found == status

    def sections(self, name: str) -> np.ndarray:
        """The texts of a metric as codes, -1 where unknown or not screened."""
        codes = pd.factorize(self.text(name).ravel())[0].reshape(self.shape)
        return np.where(self.eligible, codes, -1)


def _or_none(texts: np.ndarray) -> np.ndarray:
    """Texts with None, and nothing else, for the unknown."""
    out = texts.astype(object)
    out[pd.isna(texts)] = None
    return out
