"""Results for machines: JSON and CSV, whole or not at all."""

from __future__ import annotations

import json
import math
import os
import tempfile
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from exports.commentary.wording import in_force
from exports.tables import worded
from exports.tables.spec import TableSpec, with_index

# A spreadsheet runs a cell that starts with one of these; a leading apostrophe keeps it text.
# Names of the groups in the object of a run, where its keys name groups in a sector's words.
WORDS = "group_words"
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r")


def plain(value: Any) -> Any:
    """A value as JSON takes it: unknown and infinite are null, dates and quarters are text."""
    if value is None or (isinstance(value, float) and not math.isfinite(value)) or value is pd.NaT:
        return None
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, pd.Period):
        return str(value)
    return value.item() if hasattr(value, "item") else value


def records(frame: pd.DataFrame, *, index: bool = True) -> list[dict[str, Any]]:
    """The rows of a frame as JSON takes them."""
    rows = frame.reset_index() if index else frame
    return [{k: plain(v) for k, v in row.items()} for row in rows.to_dict("records")]


def jsonable(value: Any) -> Any:
    """Anything in a page's content as JSON takes it: tables and frames are lists of rows, series are objects."""
    if isinstance(value, TableSpec):
        return records(value.machine(), index=False)
    if isinstance(value, pd.DataFrame):
        return records(with_index(value), index=False)
    if isinstance(value, (Mapping, pd.Series)):
        return {str(name): jsonable(item) for name, item in value.items()}
    if is_dataclass(value) and not isinstance(value, type):
        return {item.name: jsonable(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, (list, tuple)):
        return [jsonable(item) for item in value]
    return plain(value)


def write_object(content: Mapping[str, Any], path: Path) -> None:
    """Write a page's content as a JSON object to `path`, whole or not at all."""
    text = json.dumps(in_words(content), indent=1, ensure_ascii=False, allow_nan=False)
    write_whole(path, (text + "\n").encode())


def in_words(content: Mapping[str, Any]) -> dict[str, Any]:
    """A page's content as JSON takes it, in the words in force; of a run with the names of its groups, to be read back."""
    wording = in_force()
    told: dict[str, Any] = worded.machine(jsonable(content), wording)
    if not wording.plain and "manifest" in content:
        told |= {WORDS: {"first": wording.sector.first, "second": wording.sector.second}}
    return told


def write_frame(table: pd.DataFrame | TableSpec, path: Path) -> None:
    """Write a table as CSV to `path`, whole or not at all."""
    write_whole(path, csv_text(table.machine() if isinstance(table, TableSpec) else table).encode())


def csv_text(frame: pd.DataFrame) -> str:
    """A frame without its index as CSV, texts kept from running as formulas in a spreadsheet."""
    out = worded.frame(frame, in_force()).copy()
    texts = out.select_dtypes(include=["object", "string"]).columns
    out[texts] = out[texts].map(escape_formula)
    return out.to_csv(index=False, lineterminator="\n")


def escape_formula(value: Any) -> Any:
    """Keep a text from running as a formula in a spreadsheet."""
    return "'" + value if isinstance(value, str) and value.startswith(FORMULA_STARTS) else value


def write_whole(path: Path, content: bytes, *, durable: bool = False) -> None:
    """Write to a temporary name in the same folder, then rename: a reader never meets half a file.

    Parameters
    ----------
    durable : bool
        Wait until content and name are on the disk: after a power cut the old file is there or the new one.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            if durable:
                file.flush()
                os.fsync(file.fileno())
        os.chmod(name, 0o644)
        os.replace(name, path)
    except BaseException:
        os.unlink(name)
        raise
    if durable and os.name != "nt":  # Windows opens no folders, and journals the rename itself
        folder = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)


def one_date(table: pd.DataFrame, status: pd.DataFrame, name: str = "companies") -> TableSpec:
    """The table of a panel's single date, a row a ticker, a status beside each figure."""
    return TableSpec(name, table.droplevel("as_of"), (), status=status.droplevel("as_of"))
