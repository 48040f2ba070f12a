"""Pages, tables, charts and JSON objects in a sector's words (`commentary.wording`), without what the sector has not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from exports.tables.charts import ChartSpec
from exports.tables.spec import Block, Brief, Column, Page, Points, TableSpec, Terms, Text
from valuation.wording import Wording

GROUP = "group"  # the column that names each company's group


def worded(page: Page, wording: Wording) -> Page:
    """A page in the words of a sector; the same page for miners. Its files are worded when they are written."""
    if wording.plain:
        return page
    blocks = [said for block in page.blocks if (said := _block(block, wording)) is not None]
    return replace(page, title=wording.text(page.title), blocks=blocks)


def _block(block: Block, wording: Wording) -> Block | None:
    """A block in the sector's words; None where nothing of it applies."""
    if isinstance(block, (TableSpec, ChartSpec)):
        return table(block, wording) if isinstance(block, TableSpec) else _chart(block, wording)
    if isinstance(block, Text):
        text = wording.prose(block.text)
        return replace(block, text=text, lead=wording.text(block.lead)) if text or not block.text else None
    if isinstance(block, Points):
        return replace(block, title=wording.text(block.title), lines=wording.texts(block.lines))
    if isinstance(block, Brief):
        return replace(block, lines=wording.texts(block.lines))
    if isinstance(block, Terms):
        rows = [(wording.text(term), wording.text(meaning)) for term, meaning in block.rows if not wording.lacks(term)]
        return replace(block, rows=rows)
    return block


def table(spec: TableSpec, wording: Wording) -> TableSpec | None:
    """A table without the columns and rows of what the sector has not; None where only its first column is left."""
    if wording.plain:
        return spec
    columns = [one for one in spec.columns if not (wording.drops(one.key) or wording.lacks(one.title))]
    if len(columns) < min(len(spec.columns), 2):
        return None
    kept = np.ones(len(spec.frame), dtype=bool)
    if spec.columns:
        first = spec.values(spec.columns[0].key)
        kept = np.array([not (isinstance(value, str) and wording.lacks(value)) for value in first], dtype=bool)
    if len(spec.frame) and not kept.any():
        return None
    frame = _texts(spec.frame[kept], [one.key for one in columns], wording)
    footer = (
        None
        if spec.footer is None
        else {k: wording.text(v) if isinstance(v, str) else v for k, v in spec.footer.items()}
    )
    return replace(
        spec,
        frame=frame,
        columns=[_column(one, wording) for one in columns],
        title=wording.text(spec.title),
        status=None if spec.status is None else spec.status[kept].set_axis(frame.index),
        marks=None if spec.marks is None else spec.marks[kept],
        styles=None if spec.styles is None else spec.styles[kept],
        footer=footer,
        notes=wording.texts(spec.notes),
    )


def _column(one: Column, wording: Wording) -> Column:
    return replace(one, title=wording.text(one.title), short=wording.text(one.short), unknown=wording.text(one.unknown))


def _texts(frame: pd.DataFrame, shown: Sequence[str], wording: Wording) -> pd.DataFrame:
    """The frame with the texts of the columns and levels of the index that readers see in the sector's words."""
    out = frame.copy()
    for name in shown:
        if name in out.columns and _is_text(out[name]):
            say = wording.group if name == GROUP else wording.text
            out[name] = [say(value) if isinstance(value, str) else value for value in out[name]]
    if out.index.nlevels == 1 and not pd.api.types.is_numeric_dtype(out.index) and out.index.dtype.kind not in "mM":
        out.index = pd.Index(
            [wording.text(value) if isinstance(value, str) else value for value in out.index],
            name=out.index.name,
            dtype=out.index.dtype,
        )
    return out


def _is_text(column: pd.Series) -> bool:
    """Whether a column may hold texts, under every version of pandas."""
    return not (pd.api.types.is_numeric_dtype(column) or pd.api.types.is_datetime64_any_dtype(column))


def _chart(spec: ChartSpec, wording: Wording) -> ChartSpec | None:
    if wording.lacks(spec.title):
        return None
    return replace(
        spec,
        title=wording.text(spec.title),
        text=wording.prose(spec.text),
        source=wording.text(spec.source),
        x=replace(spec.x, title=wording.text(spec.x.title)),
        y=replace(spec.y, title=wording.text(spec.y.title)),
        series=[replace(one, name=wording.text(one.name)) for one in spec.series if not wording.lacks(one.name)],
    )


def machine(value: Any, wording: Wording, key: str = "") -> Any:
    """What a JSON object holds, in the sector's keys and words, without what the sector has not."""
    if wording.plain:
        return value
    if isinstance(value, str):
        return wording.group(value) if key == GROUP else wording.prose(value) or wording.text(value)
    if isinstance(value, Mapping):
        return {
            wording.key(str(name)): machine(item, wording, str(name))
            for name, item in value.items()
            if wording.key(str(name)) != name or not (wording.drops(str(name)) or wording.lacks(str(name)))
        }
    if isinstance(value, (list, tuple)):
        told = [machine(item, wording, key) for item in value if not _of_lacking(item, wording)]
        return [item for item in told if item != ""] if told and all(isinstance(i, str) for i in told) else told
    return value


# Columns that say which figure a row of a long table is of.
NAMING = ("item", "metric", "line", "name", "what", "part", "key", "term", "column", "driver", "factor", "stream")


def _of_lacking(row: Any, wording: Wording) -> bool:
    """Whether a row of a table, or a sentence, is of what the sector has not."""
    if isinstance(row, str):
        return wording.prose(row) == ""
    if not isinstance(row, Mapping):
        return False
    names = [row[name] for name in NAMING if isinstance(row.get(name), str)]
    return any(wording.drops(name) or wording.lacks(name) for name in names)


def frame(rows: pd.DataFrame, wording: Wording) -> pd.DataFrame:
    """A CSV table in the sector's columns and words, without what the sector has not."""
    if wording.plain:
        return rows
    said = rows[[name for name in rows.columns if not wording.drops(str(name))]].copy()
    naming = [name for name in NAMING if name in said.columns]
    if naming:
        lacking = said[naming].map(lambda v: isinstance(v, str) and (wording.drops(v) or wording.lacks(v))).any(axis=1)
        said = said[~lacking]
    for name in said.columns:
        if _is_text(said[name]):
            say = wording.group if name == GROUP else wording.text
            said[name] = [say(value) if isinstance(value, str) else value for value in said[name]]
    return said.rename(columns=lambda name: wording.key(str(name)))


def data_texts(*sources: Any) -> list[str]:
    """Every text in the frames of result objects: names, quotations and addresses that stay as the data have them."""
    found: set[str] = set()
    for source in sources:
        frames = (getattr(source, f.name) for f in fields(source)) if is_dataclass(source) else (source,)
        for one in frames:
            if isinstance(one, pd.DataFrame):
                for name in one.columns:
                    if _is_text(one[name]):
                        found |= {text for text in one[name].unique() if isinstance(text, str)}
    return sorted(found)
