"""Cells of the ledger: days as whole numbers, times as UTC text, unknown as NULL; and back."""

from __future__ import annotations

from datetime import UTC, datetime

import numpy as np
import pandas as pd

from screener.ledger import schema

# A figure told anew may be off by the rounding of single precision; beyond it, it was changed.
SAME = 2e-6


def equal(one: pd.Series, other: pd.Series, kind: str) -> np.ndarray:
    unknown = one.isna().to_numpy() & other.isna().to_numpy()
    if kind == "REAL":
        a, b = one.to_numpy(dtype=float), other.to_numpy(dtype=float)
        return unknown | (np.abs(a - b) <= SAME * np.maximum(np.abs(a), np.abs(b)))
    return unknown | (one.to_numpy() == other.to_numpy())


def encoded(cells: pd.Series, kind: str) -> pd.Series:
    """Cells as sqlite3 takes them, unknown ones as None."""
    unknown = cells.isna().to_numpy()
    if kind == "DAY":
        days = pd.to_datetime(cells).to_numpy().astype("datetime64[D]").astype(np.int64)
        values = days.astype(object)
    elif kind == "TIME":
        values = np.array(
            [None if u else time(pd.Timestamp(c)) for c, u in zip(cells, unknown, strict=True)], dtype=object
        )
    elif kind == "REAL":
        values = cells.to_numpy(dtype=float).astype(object)
    elif kind == "FLAG":
        values = np.array([None if u else int(c) for c, u in zip(cells, unknown, strict=True)], dtype=object)
    else:
        values = np.array([None if u else str(c) for c, u in zip(cells, unknown, strict=True)], dtype=object)
    values[unknown] = None
    return pd.Series(values, index=cells.index, dtype=object)


def decoded(frame: pd.DataFrame, table: str) -> pd.DataFrame:
    out = frame.copy()
    for name, kind in schema.columns(table).items():
        if kind == "DAY":
            out[name] = days(frame[name])
        elif kind == "REAL":
            out[name] = frame[name].astype(float)
        elif kind == "TIME":
            out[name] = pd.to_datetime(frame[name], utc=True, format="ISO8601")
        elif kind == "FLAG":
            out[name] = frame[name].map(lambda cell: None if cell is None else bool(cell))
        else:
            out[name] = frame[name].where(frame[name].notna(), None)
    out["seen_at"] = pd.to_datetime(frame["seen_at"], utc=True, format="ISO8601")
    return out


def days(cells: pd.Series) -> pd.DatetimeIndex:
    known = cells.notna().to_numpy()
    out = np.full(len(cells), np.datetime64("NaT"), dtype="datetime64[ns]")
    out[known] = cells.to_numpy()[known].astype(np.int64).astype("datetime64[D]").astype("datetime64[ns]")
    return pd.DatetimeIndex(out)


def time(moment: datetime) -> str:
    """UTC text that sorts as time does."""
    if moment.tzinfo is None:
        raise ValueError(f"a time in the ledger needs a zone, {moment} has none")
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
