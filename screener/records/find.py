"""A run by what a user calls it: a workbook, a JSON file, or a name in the history."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

from screener.errors import RecordError
from screener.readers import content as contents
from screener.records import content, workbook
from screener.workbooks import SUFFIXES
from valuation.comparison.changes import Snapshot

JSON = ".json"


def find_run(named: str, stored: Callable[[str], Snapshot]) -> Snapshot:
    """The run of a file, or of the history.

    Parameters
    ----------
    named : str
        A path that ends with .xlsx, .xlsm or .json, else a name of a stored run.
    stored : callable
        The stored run of a name.

    Raises
    ------
    NotKnown
        No such file, or no such run.
    RecordError
        The file is damaged, or no record of a run.
    """
    path = Path(named)
    ending = path.suffix.lower()
    if ending in SUFFIXES:
        return workbook.read_run(path)
    if ending == JSON:
        return _of_json(path)
    if path.is_file():
        raise RecordError.at(path.name, "", f"a file that ends with {', '.join(SUFFIXES)} or {JSON}")
    return stored(named)


def _of_json(path: Path) -> Snapshot:
    held = contents.read(path, RecordError)
    try:
        found = json.loads(held)
    except (ValueError, RecursionError) as fault:
        raise RecordError.at(path.name, "", f"a JSON file ({fault})") from None
    return content.snapshot(found, path.name)
