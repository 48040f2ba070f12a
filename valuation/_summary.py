"""Result objects in print and in a notebook: one summary, as text and as HTML."""

from __future__ import annotations

import html
import math
import re
import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd

REPR_LIMIT = 3900
ROWS, COLUMNS = 12, 9
WIDTH = 100


@dataclass(frozen=True)
class Table:
    """A small table of a summary.

    Attributes
    ----------
    caption : str
    frame : DataFrame
        Shown with its index; the texts of its cells are final.
    left_out : int
        Rows that are not shown.
    """

    caption: str
    frame: pd.DataFrame
    left_out: int = 0


@dataclass(frozen=True)
class Summary:
    """What a reader sees of a result: a title, lines, small tables and notes, as text or HTML.

    Attributes
    ----------
    title : str
    lines : tuple of str
        Under the title.
    tables : tuple of Table
    notes : tuple of str
        Findings and other sentences under the tables.
    """

    title: str
    lines: tuple[str, ...] = ()
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """Plain text."""
        parts = [self.title, *(line for text in self.lines for line in textwrap.wrap(text, WIDTH))]
        for table in self.tables:
            parts += ["", *([table.caption] if table.caption else []), _text_of(table.frame)]
            if table.left_out:
                parts.append(f"... and {table.left_out:,} more")
        if self.notes:
            parts.append("")
            for note in self.notes:
                parts += textwrap.wrap(f"- {note}", WIDTH, subsequent_indent="  ")
        return "\n".join(parts)

    @property
    def html(self) -> str:
        """Plain HTML, escaped, without any style sheet."""
        parts = [f"<p><strong>{html.escape(self.title)}</strong>"]
        parts += [f"<br>{html.escape(line)}" for line in self.lines]
        parts.append("</p>")
        for table in self.tables:
            parts.append(_html_of(table))
        if self.notes:
            parts.append("<ul>" + "".join(f"<li>{html.escape(note)}</li>" for note in self.notes) + "</ul>")
        return "<div>" + "".join(parts) + "</div>"

    def __str__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        return self.html


def _text_of(frame: pd.DataFrame) -> str:
    # Texts to the left, everything else to the right, each column as wide as its longest cell.
    names = ["" if frame.index.name is None else str(frame.index.name), *map(str, frame.columns)]
    rows = [[str(index), *map(str, row)] for index, row in zip(frame.index, frame.to_numpy(dtype=object), strict=True)]
    left = [True, *(_is_text(frame.iloc[:, k]) for k in range(frame.shape[1]))]
    widths = [max(map(len, column)) for column in zip(names, *rows, strict=True)]
    lines = [
        "  ".join(cell.ljust(width) if to_left else cell.rjust(width) for cell, width, to_left in cells).rstrip()
        for cells in (list(zip(row, widths, left, strict=True)) for row in [names, *rows])
    ]
    return "\n".join(lines)


def _html_of(table: Table) -> str:
    frame = table.frame
    left = [_is_text(frame.iloc[:, k]) for k in range(frame.shape[1])]
    head = "".join(f'<th scope="col">{html.escape(str(name))}</th>' for name in ["", *frame.columns])
    body = []
    for index, row in zip(frame.index, frame.to_numpy(dtype=object), strict=True):
        cells = "".join(
            f'<td align="{"left" if to_left else "right"}">{html.escape(str(value))}</td>'
            for value, to_left in zip(row, left, strict=True)
        )
        body.append(f'<tr><th scope="row">{html.escape(str(index))}</th>{cells}</tr>')
    if table.left_out:
        body.append(f'<tr><td colspan="{frame.shape[1] + 1}">... and {table.left_out:,} more</td></tr>')
    caption = f"<caption>{html.escape(table.caption)}</caption>" if table.caption else ""
    return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{''.join(body)}</tbody></table>"


_FIGURE = re.compile(r"^(< )?[-+$]?[\d.,]+(%|x|bn|m)?[sp]?$|^(n/a|n\.m\.|)$")


def _is_text(column: pd.Series) -> bool:
    return not all(_FIGURE.match(str(value)) for value in column)


_P_VALUE = re.compile(r"^p$|_p$|^p_value$|^p_hc3$|^p_permutation$")


def cell(value: Any) -> str:
    """A value as a summary shows it: four digits, dates in ISO form, n/a where unknown."""
    if value is None or value is pd.NaT or value is pd.NA:
        return "n/a"
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)):
        return _figure(float(value))
    if isinstance(value, (int, np.integer)):
        return f"{int(value):,}"
    if isinstance(value, pd.Timestamp):
        return f"{value:%Y-%m-%d}"
    text = str(value)
    return text if len(text) <= 40 else text[:39] + "…"


def _figure(value: float) -> str:
    if math.isnan(value):
        return "n/a"
    if math.isinf(value):
        return "unbounded"
    size = abs(value)
    if size >= 1e9:
        return f"{value / 1e9:,.2f}bn"
    if size >= 1e6:
        return f"{value / 1e6:,.1f}m"
    if size >= 1000:
        return f"{value:,.0f}"
    return f"{value:.2f}" if size >= 1 or size == 0 else f"{value:.3f}" if size >= 0.0005 else f"{value:.1g}"


def _p(value: Any) -> str:
    return "< 0.001" if isinstance(value, float) and value < 0.001 else cell(value)


def small(frame: pd.DataFrame, caption: str = "", *, rows: int = ROWS, columns: int = COLUMNS) -> Table:
    """The first rows and columns of a frame as a table of a summary."""
    shown = frame.iloc[:rows, :columns]
    texts = shown.apply(lambda column: column.map(_p if _P_VALUE.search(str(column.name)) else cell))
    index = [" ".join(map(cell, key)) if isinstance(key, tuple) else cell(key) for key in shown.index]
    texts = texts.set_axis(pd.Index(index, name=shown.index.name), axis=0)
    return Table(caption, texts, left_out=len(frame) - len(shown))


def as_json(value: Any) -> Any:
    """A value as JSON takes it: unknown and infinite are null, dates are text, frames are lists of rows."""
    if isinstance(value, np.generic):
        value = value.item()
    if value is None or value is pd.NaT or (isinstance(value, float) and not math.isfinite(value)):
        return None
    if isinstance(value, (bool, str, int, float)):
        return value
    return f"{value:%Y-%m-%d}" if isinstance(value, pd.Timestamp) else _nested(value)


def _nested(value: Any) -> Any:
    if isinstance(value, pd.DataFrame):
        rows = value if isinstance(value.index, pd.RangeIndex) else value.reset_index()
        value = rows.to_dict("records")
    elif isinstance(value, (pd.Index, np.ndarray)):
        value = value.tolist()
    elif isinstance(value, ResultMixin):
        return value.to_dict()
    elif is_dataclass(value) and not isinstance(value, type):
        value = {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, (Mapping, pd.Series)):
        return {str(as_json(key)): as_json(one) for key, one in value.items()}
    if isinstance(value, (list, tuple, set, frozenset)):
        return [as_json(one) for one in value]
    return str(value)


class ResultMixin:
    """What every result object offers: `summary`, text, HTML, `to_frame()` and `to_dict()`.

    A class gives `_summary()` where the default (its `frame` in short) is not what a reader needs first, and `frame`,
    its main table.
    """

    @property
    def summary(self) -> Summary:
        """Title, small tables and findings; `summary.text` and `summary.html`."""
        return self._summary()

    def _summary(self) -> Summary:
        if type(self).__str__ is not ResultMixin.__str__:
            return Summary(_title(self), (str(self),))
        return Summary(_title(self), tables=(small(self.to_frame()),))

    def to_frame(self) -> pd.DataFrame:
        """The main table; where there is none, a row a scalar field."""
        frame = getattr(self, "frame", None)
        if isinstance(frame, pd.DataFrame):
            return frame
        scalars = {
            f.name: getattr(self, f.name)
            for f in fields(self)  # type: ignore[arg-type]
            if isinstance(getattr(self, f.name), (str, bool, int, float, np.generic, pd.Timestamp))
        }
        return pd.DataFrame({"value": pd.Series(scalars, dtype=object)}).rename_axis("field")

    def to_dict(self) -> dict[str, Any]:
        """Every field, JSON-ready: unknown and infinite are None, frames are lists of rows."""
        return {f.name: as_json(getattr(self, f.name)) for f in fields(self)}  # type: ignore[arg-type]

    def __str__(self) -> str:
        return self.summary.text

    def __repr__(self) -> str:
        text = self.summary.text
        return text if len(text) <= REPR_LIMIT else text[:REPR_LIMIT].rsplit("\n", 1)[0] + "\n..."

    def _repr_html_(self) -> str:
        return self.summary.html


def _title(result: object) -> str:
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", type(result).__name__)
