"""A run from the JSON object that its file holds; the inverse of `exports.tables.record.record_content`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from exports.tables.machine import WORDS
from exports.tables.record import KEYS
from screener.errors import RecordError
from valuation.comparison.changes import CONTRACT_COLUMNS, ISSUE_COLUMNS, Snapshot
from valuation.groups import Sector
from valuation.metrics import METRICS
from valuation.wording import Wording

AGAIN = "made by this version of `screener run --format json` (or xlsx); run it again"
FACT_COLUMNS = ["ticker", "item", "value", "unit", "period_end", "published_on", "source", "source_url",
                "confidence", "evidence"]  # fmt: skip
# What each field is: a list of rows, an object, or a text; `btc_usd` is a number or null.
ROWS, OBJECT, TEXT = "rows", "object", "text"
SHAPES = dict.fromkeys(("table", "status", "causes", "bridge", "contracts", "facts", "issues"), ROWS)
SHAPES |= dict.fromkeys(("manifest", "excluded", "headline"), OBJECT) | dict.fromkeys(
    ("universe", "title", "as_of"), TEXT
)
FACT_DATES = ["period_end", "published_on"]


def snapshot(content: Any, place: str) -> Snapshot:
    """The run that a JSON object holds.

    Parameters
    ----------
    place : str
        File (and sheet) for the message of an error.

    Raises
    ------
    RecordError
        It is no record of a run, or an incomplete one.
    """
    if not isinstance(content, Mapping) or "manifest" not in content:
        raise RecordError.at(place, "", "the JSON file or workbook of a run of `screener run`")
    content = _in_codes(content)
    missing = [key for key in KEYS if key not in content]
    if missing:
        raise RecordError.at(place, missing[0], f"a field {missing[0]}, as in a record {AGAIN}")
    for key, shape in SHAPES.items():
        if not _is(content[key], shape):
            raise RecordError.at(place, key, f"{'an ' if shape == OBJECT else ''}{shape}, as in a record {AGAIN}")
    try:
        return _snapshot(content)
    except (KeyError, ValueError, TypeError, AttributeError) as fault:
        raise RecordError.at(place, "", f"a record {AGAIN} ({type(fault).__name__}: {fault})") from None


def _in_codes(content: Mapping[str, Any]) -> Mapping[str, Any]:
    """The object with the program's own names of the groups, and what its sector has not as zero or unknown."""
    words = content.get(WORDS)
    if not isinstance(words, Mapping):
        return content
    wording = Wording(Sector(first=str(words.get("first")), second=str(words.get("second"))))
    out = {"btc_usd": None, **_codes(content, wording)}
    if _is(out.get("bridge"), ROWS):
        out["bridge"] = [{"bitcoin_usd": 0.0, "other_coins_usd": None, **row} for row in out["bridge"]]
    return out


def _codes(value: Any, wording: Wording, key: str = "") -> Any:
    if isinstance(value, Mapping):
        return {wording.code_of_key(str(name)): _codes(item, wording, str(name)) for name, item in value.items()}
    if isinstance(value, list):
        return [_codes(item, wording, key) for item in value]
    return wording.code_of_group(value) if key == "group" and isinstance(value, str) else value


def _is(value: Any, shape: str) -> bool:
    if shape == ROWS:
        return isinstance(value, list) and all(isinstance(row, Mapping) for row in value)
    return isinstance(value, Mapping if shape == OBJECT else str)


def _snapshot(content: Mapping[str, Any]) -> Snapshot:
    table = _by_ticker(content["table"])
    names = table.pop("name").astype(object).rename("name")
    excluded = pd.Series("", index=table.index, dtype=object)
    excluded.update(pd.Series(content["excluded"], dtype=object))
    texts = [name for name in table if name in METRICS and METRICS[name].unit == "text"]
    numbers = table.drop(columns=texts).astype(float)
    table = pd.concat([numbers, table[texts].astype(object)], axis=1)[list(table.columns)].assign(excluded=excluded)
    btc = content["btc_usd"]
    return Snapshot(
        run_id=str(content["manifest"]["run_id"]),
        universe=str(content["universe"]),
        title=str(content["title"]),
        as_of=pd.Timestamp(content["as_of"]),
        btc_usd=float("nan") if btc is None else float(btc),
        names=names,
        table=table,
        status=_by_ticker(content["status"]).astype(object),
        causes=_by_ticker(content["causes"]).astype(object),
        bridge=_by_ticker(content["bridge"]).astype(float),
        contracts=_contracts(content["contracts"]),
        facts=_dated(_frame(content["facts"], FACT_COLUMNS).astype({"value": float}), FACT_DATES),
        issues=_frame(content["issues"], ISSUE_COLUMNS),
        headline=dict(content["headline"]),
        manifest=dict(content["manifest"]),
        findings=tuple(map(str, content["findings"])),
    )


def _frame(rows: Any, columns: list[str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=columns, dtype=object)


def _by_ticker(rows: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows, dtype=object).set_index("ticker")
    return frame.where(frame.notna(), None)


def _contracts(rows: Any) -> pd.DataFrame:
    frame = _frame(rows, CONTRACT_COLUMNS)
    sizes = {name: float for name in CONTRACT_COLUMNS if name.startswith("owned_")}
    return _dated(frame.astype(sizes | {"is_ai": bool}), ["announced_on"])


def _dated(frame: pd.DataFrame, names: list[str]) -> pd.DataFrame:
    return frame.assign(**{name: pd.to_datetime(frame[name]).astype("datetime64[ns]") for name in names})
